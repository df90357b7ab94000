//! What the reader can do now. Links lead to the providers' own pages; nothing is unlocked, reset or enrolled by words here.

use crate::domain::signin::{Provider, ReasonClass};
use crate::helpdesk::lockout::causes::What;
use crate::helpdesk::lockout::claim::{Explanation, NextStep};

fn say(words: &str) -> NextStep {
    NextStep { words: words.to_owned(), link: None }
}

/// The provider's own way to a new password or an open account; `None` where only people can help.
#[must_use]
pub fn own_way(provider: Provider) -> Option<NextStep> {
    use Provider as P;
    let has_one = matches!(
        provider,
        P::EntraSignin | P::EntraAudit | P::GoogleWorkspace | P::Okta | P::OneLogin | P::Auth0 | P::Keycloak
    );
    has_one.then(|| self_service(provider))
}

/// The provider's own page for a forgotten password or a locked account, where it is the same for everybody.
fn self_service(provider: Provider) -> NextStep {
    let (words, link) = match provider {
        Provider::EntraSignin | Provider::EntraAudit => (
            "Reset your password or unlock the account on Microsoft's own page.",
            Some("https://passwordreset.microsoftonline.com/"),
        ),
        Provider::GoogleWorkspace => {
            ("Recover the account on Google's own page.", Some("https://accounts.google.com/signin/recovery"))
        }
        Provider::Okta => ("Use “Unlock account?” on your Okta sign-in page, where your company allows it.", None),
        Provider::OneLogin | Provider::Auth0 | Provider::Keycloak => {
            ("Use “Forgot password?” on the sign-in page.", None)
        }
        _ => ("Ask the helpdesk to unlock the account.", None),
    };
    NextStep { words: words.to_owned(), link: link.map(str::to_owned) }
}

/// How a lock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Nothing is known of its end.
    Stands,
    /// It opens by itself at a moment that is known.
    Waits,
    /// That moment has passed, and nobody has tried since.
    Passed,
    /// The record shows that it is over.
    Open,
}

/// What is said where an attack is suspected.
const TELL: &str = "If these tries were not yours, tell the security team now.";
/// What is said where something was stopped for safety.
const WRITE: &str = "Write to the security team; they can look and open it.";

/// The same steps once the security team has a case: it need not be told again.
#[must_use]
pub fn in_hand(mut explanation: Explanation) -> Explanation {
    explanation.next_steps.retain(|step| step.words != TELL && step.words != WRITE);
    let said = "The security team has a case about this already and looks at it; you need not report it again.";
    explanation.next_steps.insert(0, say(said));
    explanation
}

/// What to do about a reason.
#[must_use]
pub fn for_reason(
    class: Option<ReasonClass>,
    provider: Option<Provider>,
    cause: Option<What>,
    lock: Lock,
) -> Vec<NextStep> {
    let mut steps = Vec::new();
    match cause {
        Some(What::SavedPassword) => {
            steps.push(say(
                "Update or remove the saved password on that device: mail, calendar, Wi-Fi and stored sign-ins.",
            ));
        }
        Some(What::SomebodyElse) => steps.push(say(TELL)),
        None => {}
    }
    if lock == Lock::Open {
        return steps;
    }
    use ReasonClass as C;
    match class {
        Some(C::LockedOut) => {
            match lock {
                Lock::Waits => steps.push(say("Wait until it opens by itself; do not try again meanwhile.")),
                Lock::Passed => {
                    steps.push(say(
                        "It should be open by now: sign in once, and if it is still shut, ask the helpdesk.",
                    ));
                }
                Lock::Stands | Lock::Open => {}
            }
            // An account that somebody else tries is opened by people who have looked, not by whoever asks for it.
            if cause != Some(What::SomebodyElse) {
                steps.extend(provider.map(self_service));
            }
        }
        Some(C::LockedOrDisabled) => steps.push(say("Ask the helpdesk which of these it is; only they can see it.")),
        Some(C::BadCredentials) => {
            steps.push(say("Check the name, the keyboard and the capital lock, then type the password by hand."));
            if matches!(provider, Some(Provider::EntraSignin | Provider::GoogleWorkspace)) {
                steps.extend(provider.map(self_service));
            }
        }
        Some(C::PasswordExpired | C::PasswordChangeRequired) => {
            steps.push(say("Set a new password; then update it wherever it is saved."));
            if matches!(provider, Some(Provider::EntraSignin | Provider::GoogleWorkspace)) {
                steps.extend(provider.map(self_service));
            }
        }
        Some(C::PasswordChangeFailed) => steps.push(say("Choose another new password that meets the rules.")),
        Some(C::AccountDisabled | C::AccountExpired) => {
            steps.push(say("Ask your manager or the helpdesk; only they can have the account opened."));
        }
        Some(C::AccountNotFound) => steps.push(say("Check that the name is typed as the system knows it.")),
        Some(C::AccountNotInTenant) => {
            steps.push(say("Sign in with the account of that organisation, or ask to be invited."))
        }
        Some(C::NotAssignedToApp | C::NotAuthorized) => steps.push(say("Ask here for access to it.")),
        Some(C::LogonHours) => steps.push(say("Try again within your hours, or ask your manager.")),
        Some(C::MfaRequired) => steps.push(say("Have your second factor at hand and sign in again.")),
        Some(C::MfaEnrollment) => steps.push(say("Set up the second factor when the sign-in page asks you to.")),
        Some(C::MfaFailed) => {
            steps.push(say("Open the sign-in app before you try again, and answer the prompt you caused yourself."));
            steps.push(say("If a prompt comes that you did not cause, decline it and tell the security team."));
            steps.push(say("If the phone is lost or new, ask the helpdesk."));
        }
        Some(C::Device) => {
            steps.push(say("Use your company device, let it update, and try again; else ask the helpdesk."))
        }
        Some(C::ConditionalAccess | C::PolicyBlock) => {
            steps.push(say("Try from your company device and network; else ask the helpdesk which rule applies."));
        }
        Some(C::Risk) => steps.push(say(WRITE)),
        Some(C::SessionExpired | C::Interrupt) => steps.push(say("Sign in once more.")),
        Some(C::Consent) => steps.push(say("Ask the owner of the application to have it approved.")),
        Some(C::Federation | C::OnPrem | C::Service) => {
            steps.push(say("Try again in a few minutes; if it stays, tell the helpdesk."))
        }
        Some(C::AppConfig) => steps.push(say("Tell the owner of the application; you cannot mend it yourself.")),
        Some(C::Throttled) => steps.push(say("Wait a few minutes without trying, then sign in once.")),
        None => steps.push(say("Ask the helpdesk; give them the ids shown here.")),
    }
    steps
}

/// What to do where the record holds nothing.
#[must_use]
pub fn for_nothing() -> Vec<NextStep> {
    vec![say("Tell the helpdesk what the screen said, and when.")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cause: Option<What>, lock: Lock) -> String {
        let steps = for_reason(Some(ReasonClass::LockedOut), Some(Provider::Okta), cause, lock);
        steps.into_iter().map(|s| s.words).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_lock_that_should_be_open_is_not_waited_for() {
        assert!(told(None, Lock::Waits).contains("Wait until it opens"));
        let passed = told(None, Lock::Passed);
        assert!(passed.contains("sign in once") && !passed.contains("Wait"), "{passed}");
        assert_eq!(told(None, Lock::Open), "");
    }

    #[test]
    fn what_somebody_else_tries_is_not_unlocked_by_whoever_asks() {
        assert!(told(None, Lock::Stands).contains("Unlock account?"));
        let attacked = told(Some(What::SomebodyElse), Lock::Stands);
        assert!(attacked.contains("tell the security team") && !attacked.contains("Unlock account?"), "{attacked}");
    }
}
