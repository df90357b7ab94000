//! Which events are about the second factor. A provider's reason is often the same word for a wrong password and a wrong code
//! (`INVALID_CREDENTIALS`); what kind of event it stands on tells which of the two it was.

use crate::domain::signin::{Provider, ReasonClass, SigninOutcome};

/// True where the event's own name says that it is about a second factor.
#[must_use]
pub fn is_second(provider: Provider, event: &str) -> bool {
    let name = event.to_ascii_lowercase();
    let starts = |list: &[&str]| list.iter().any(|w| name.starts_with(w));
    let has = |list: &[&str]| list.iter().any(|w| name.contains(w));
    match provider {
        // <https://developer.okta.com/docs/reference/api/event-types/>, tag `mfa`.
        Provider::Okta => starts(&["user.authentication.auth_via_mfa", "user.mfa.okta_verify"]),
        // Duo asks for nothing else.
        Provider::DuoAuth => true,
        Provider::Auth0 => starts(&["gd_auth", "gd_otp", "gd_recovery", "feotpft", "feoobft"]),
        Provider::GoogleWorkspace => has(&["login_verification", "2sv"]),
        Provider::OnePassword => has(&["mfa"]),
        // CloudTrail records the second step by this name.
        Provider::AwsConsoleLogin => name == "checkmfa",
        Provider::Keycloak => has(&["otp", "webauthn"]),
        Provider::Generic => speaks_of(&name),
        _ => false,
    }
}

/// The class of a refusal that was the second factor's: what only says "wrong" or nothing becomes that; a lock, a rule or a fault stays
/// what it is. `said` is whether the record itself said that it was the factor.
#[must_use]
pub fn of_second(
    outcome: Option<SigninOutcome>,
    class: Option<ReasonClass>,
    said: Option<bool>,
) -> Option<ReasonClass> {
    let refused = matches!(outcome, Some(SigninOutcome::Failure | SigninOutcome::Deny));
    match class {
        None | Some(ReasonClass::BadCredentials) if refused => Some(ReasonClass::MfaFailed),
        Some(ReasonClass::MfaRequired) if refused && said == Some(true) => Some(ReasonClass::MfaFailed),
        other => other,
    }
}

/// True where words speak of a second factor that was given, not of one that is wanted.
#[must_use]
pub fn speaks_of(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let wanted = ["required", "needed", "enroll", "enrollment", "missing"];
    let named = words.iter().any(|w| ["mfa", "otp", "totp", "2fa", "passcode", "webauthn"].contains(w))
        || ["second factor", "one-time", "one time", "multi-factor", "second_factor"].iter().any(|w| text.contains(w));
    named && !words.iter().any(|w| wanted.contains(w))
}

/// True where the code stands for a wrong password and for a wrong second factor alike, and the record does not settle which.
#[must_use]
pub fn could_be(provider: Provider, code: &str) -> bool {
    let code = code.trim().to_ascii_lowercase();
    match provider {
        Provider::Okta => code == "verification_error",
        Provider::Keycloak => code == "invalid_user_credentials",
        Provider::AwsConsoleLogin => code == "failed authentication",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_something_at_the_second_factor_is_a_wrong_second_factor() {
        for (provider, event) in [
            (Provider::Okta, "user.authentication.auth_via_mfa"),
            (Provider::DuoAuth, "authentication:duo_push"),
            (Provider::Auth0, "gd_auth_failed"),
            (Provider::GoogleWorkspace, "login:login_verification"),
            (Provider::OnePassword, "sign_in:mfa_failed"),
            (Provider::AwsConsoleLogin, "CheckMfa"),
            (Provider::Generic, "otp_check"),
        ] {
            assert!(is_second(provider, event), "{event}");
        }
        for (provider, event) in [
            (Provider::Okta, "user.session.start"),
            (Provider::AwsConsoleLogin, "ConsoleLogin"),
            (Provider::GoogleWorkspace, "login:login_failure"),
            (Provider::Generic, "login"),
        ] {
            assert!(!is_second(provider, event), "{event}");
        }
        let (no, wrong) = (Some(SigninOutcome::Failure), Some(ReasonClass::BadCredentials));
        assert_eq!(of_second(no, wrong, None), Some(ReasonClass::MfaFailed));
        assert_eq!(of_second(no, None, None), Some(ReasonClass::MfaFailed));
        for class in [ReasonClass::LockedOut, ReasonClass::Risk, ReasonClass::MfaEnrollment, ReasonClass::MfaRequired] {
            assert_eq!(of_second(no, Some(class), None), Some(class));
        }
        assert_eq!(of_second(Some(SigninOutcome::Success), None, None), None);
        assert!(speaks_of("Wrong OTP") && !speaks_of("MFA required") && !speaks_of("Wrong password"));
    }
}
