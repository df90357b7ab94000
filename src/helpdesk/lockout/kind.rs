//! What kind of thing an event is: an attempt that worked or did not, a lock, an unlock, a new password, or nothing that matters here.
//! After the providers' own names of events; what a name does not tell is [`Kind::Other`].

use crate::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use crate::domain::signin_codes::{self, Known};
use crate::domain::signin_factor;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A sign-in that worked.
    SignedIn,
    /// A sign-in that did not.
    Refused,
    /// Something more was asked for on the way.
    Asked,
    /// The account was locked.
    Lock,
    /// The account was unlocked.
    Unlock,
    /// The password was changed or reset.
    NewPassword,
    /// The account was switched off.
    SwitchedOff,
    /// The account was switched on.
    SwitchedOn,
    /// The provider noticed a danger.
    Danger,
    /// The directory's own entry says that the account cannot be used; nobody tried.
    State,
    /// Nothing that matters here.
    Other,
}

/// What the record says about why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why {
    /// The class.
    pub class: Option<ReasonClass>,
    /// What the code means, where the table knows it.
    pub meaning: Option<&'static str>,
    /// True where the code stands for several things and the record does not settle which.
    pub vague: bool,
}

/// Why, after the event's own class, its code, its words and its name.
#[must_use]
pub fn why(event: &SigninEvent) -> Why {
    let said = [event.reason_code.as_deref(), event.reason_text.as_deref(), Some(event.event.as_str())];
    let known: Option<Known> = said.into_iter().flatten().find_map(|word| signin_codes::meaning(event.provider, word));
    let bare = event.event.rsplit_once(':').map(|(_, name)| name);
    let known = known.or_else(|| bare.and_then(|name| signin_codes::meaning(event.provider, name)));
    let class = event.reason_class.or_else(|| {
        let class = known.map(|k| k.class);
        let second = signin_factor::is_second(event.provider, &event.event);
        if second { signin_factor::of_second(event.outcome, class, None) } else { class }
    });
    let meaning = known.filter(|k| class.is_none_or(|c| c == k.class)).map(|k| k.meaning);
    let hedged = |m: &str| ["does not tell", "several causes", "mostly"].iter().any(|h| m.contains(h));
    let mut why = Why { class, meaning, vague: meaning.is_some_and(hedged) };
    if event.reason_code.as_deref().is_some_and(|c| c.trim_start_matches("AADSTS") == "50053") {
        why = two_meanings(event.reason_text.as_deref().unwrap_or("").to_lowercase().as_str());
    }
    why
}

/// Entra's 50053 stands for a lock and for an address known for attacks; its words settle it where they are kept.
fn two_meanings(words: &str) -> Why {
    // As a whole word: "blocked" is not "locked".
    let locked = words.split(|c: char| !c.is_alphanumeric()).any(|w| w == "locked");
    let (locks, attacks) = (locked || words.contains("too many"), words.contains("malicious"));
    match (locks, attacks) {
        (true, false) => Why {
            class: Some(ReasonClass::LockedOut),
            meaning: Some("the account is locked after too many wrong passwords"),
            vague: false,
        },
        (false, true) => Why {
            class: Some(ReasonClass::Risk),
            meaning: Some("the address it came from is known for attacks"),
            vague: false,
        },
        _ => Why {
            class: Some(ReasonClass::LockedOut),
            meaning: signin_codes::meaning(Provider::EntraSignin, "50053").map(|k| k.meaning),
            vague: true,
        },
    }
}

/// What kind of thing it is.
#[must_use]
pub fn kind(event: &SigninEvent, why: Why) -> Kind {
    let name = event.event.to_ascii_lowercase();
    let number = name.split([':', ',', ' ']).next().unwrap_or("");
    let code = event.reason_code.as_deref().unwrap_or("").to_ascii_lowercase();
    let failed = matches!(event.result(), Some(SigninOutcome::Failure | SigninOutcome::Deny | SigninOutcome::Blocked));
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if let Some(kind) = attribute(event, &name) {
        return kind;
    }
    // Declining a prompt "succeeds" in Okta's words, and so do a rule that lets pass and a second factor on the way.
    if event.provider == Provider::Okta && name.starts_with("user.mfa.okta_verify.deny") {
        return Kind::Refused;
    }
    let half_way = ["policy.", "user.authentication.auth_via_mfa", "user.mfa.", "user.authentication.verify"];
    let passed = event.result() == Some(SigninOutcome::Success);
    if event.provider == Provider::Okta && passed && half_way.iter().any(|p| name.starts_with(p)) {
        return Kind::Other;
    }
    if event.provider == Provider::Okta && passed && name.starts_with("user.session.expire") {
        return Kind::Refused;
    }
    match (event.provider, number) {
        (Provider::WindowsSecurity, "4740") => return Kind::Lock,
        (Provider::WindowsSecurity, "4767") => return Kind::Unlock,
        (Provider::WindowsSecurity, "4725") => return Kind::SwitchedOff,
        (Provider::WindowsSecurity, "4722") => return Kind::SwitchedOn,
        (Provider::WindowsSecurity, "4723" | "4724") if !failed => return Kind::NewPassword,
        (Provider::Auth0, "limit_wc" | "limit_mu" | "limit_sul") => return Kind::Lock,
        (Provider::Auth0, "scp") => return Kind::NewPassword,
        (Provider::Auth0, "ublkdu") => return Kind::Unlock,
        (Provider::OneLogin, _) if matches!(code.as_str(), "553" | "19") => return Kind::Lock,
        (Provider::OneLogin, _) if code == "551" => return Kind::SwitchedOff,
        (Provider::OneLogin, _) if code == "11" => return Kind::NewPassword,
        (Provider::Keycloak, _) if has(&["update_password", "reset_password"]) && !failed => return Kind::NewPassword,
        _ => {}
    }
    if has(&["unlock"]) {
        return if failed { Kind::Other } else { Kind::Unlock };
    }
    let lock_name =
        has(&["account.lock", "account_lock", "lockout", "locked", "pwdaccountlockedtime"]) || name == "lock";
    let holds_state = matches!(event.provider, Provider::ActiveDirectory | Provider::OpenldapPpolicy | Provider::Sshd);
    if lock_name || (why.class == Some(ReasonClass::LockedOut) && holds_state && !is_attempt(event, &name)) {
        return Kind::Lock;
    }
    if has(&["password", "pwd"]) && has(&["change", "reset", "update", "set", "edit"]) && !has(&["expire"]) {
        let refused = failed || why.class == Some(ReasonClass::PasswordChangeRequired);
        return if refused { Kind::Other } else { Kind::NewPassword };
    }
    if has(&["lifecycle.suspend", "lifecycle.deactivate", "disable account", "account_disabled", "suspend_user"])
        || name == "disabled"
    {
        return if why.class == Some(ReasonClass::Risk) { Kind::Danger } else { Kind::SwitchedOff };
    }
    if has(&["lifecycle.unsuspend", "lifecycle.activate", "lifecycle.reactivate", "enable account"])
        || name == "enabled"
    {
        return Kind::SwitchedOn;
    }
    let danger = why.class == Some(ReasonClass::Risk);
    if !is_attempt(event, &name) {
        return if danger { Kind::Danger } else { Kind::Other };
    }
    let step = matches!(why.class, Some(ReasonClass::Interrupt | ReasonClass::MfaRequired));
    match event.result() {
        Some(SigninOutcome::Success) => Kind::SignedIn,
        Some(SigninOutcome::Challenge) => Kind::Asked,
        Some(_) if step => Kind::Asked,
        Some(_) => Kind::Refused,
        None if danger => Kind::Danger,
        None => Kind::Other,
    }
}

/// What an attribute of a directory's entry is (Active Directory and the LDAP password policy keep these beside the account).
fn attribute(event: &SigninEvent, name: &str) -> Option<Kind> {
    if !matches!(event.provider, Provider::ActiveDirectory | Provider::OpenldapPpolicy) {
        return None;
    }
    Some(match name {
        "badpasswordtime" | "pwdfailuretime" => Kind::Refused,
        "lockouttime" | "pwdaccountlockedtime" => Kind::Lock,
        "lastlogon" | "lastlogontimestamp" | "pwdlastsuccess" | "pwdgraceusetime" => Kind::SignedIn,
        // The name alone stands for "has to be changed" in the table of codes; without an outcome it is just the day of the last change.
        "pwdlastset" | "pwdchangedtime" if event.outcome.is_none() => Kind::NewPassword,
        "useraccountcontrol"
        | "accountexpires"
        | "pwdlastset"
        | "pwdreset"
        | "msds-userpasswordexpirytimecomputed"
        | "pwdmaxage"
        | "pwdendtime" => Kind::State,
        _ => return None,
    })
}

/// True for events that are somebody trying to get in.
fn is_attempt(event: &SigninEvent, name: &str) -> bool {
    let starts = |list: &[&str]| list.iter().any(|w| name.starts_with(w));
    let has = |list: &[&str]| list.iter().any(|w| name.contains(w));
    match event.provider {
        Provider::Okta => {
            starts(&["user.session.start", "user.authentication", "user.mfa.okta_verify", "policy.evaluate_sign_on"])
                || has(&["unauth_app_access", "rate_limit.violation"])
                || starts(&["user.session.expire", "policy.auth_reevaluate", "security.request.blocked"])
        }
        Provider::EntraSignin | Provider::DuoAuth | Provider::OnePassword | Provider::AwsConsoleLogin => true,
        Provider::EntraAudit => false,
        Provider::GoogleWorkspace => has(&["login_failure", "login_success", "login_challenge", "login_verification"]),
        Provider::Auth0 => {
            let known =
                starts(&["f", "s", "gd_auth", "gd_otp", "gd_recovery", "gd_send", "mfar", "pwd_leak", "limit_"]);
            known && !starts(&["sapi", "fapi", "signup", "scp", "fdu"])
        }
        Provider::OneLogin => matches!(event.reason_code.as_deref(), Some("5" | "6" | "8" | "69")),
        Provider::SnowflakeLogin => !has(&["logout"]),
        Provider::WindowsSecurity => starts(&["4624", "4625", "4768", "4769", "4771", "4776"]),
        Provider::Keycloak => !has(&["logout", "register", "admin", "update", "lockout"]),
        Provider::ActiveDirectory => {
            has(&["4624", "4625", "authentication", "bind", "4771", "4768", "4776", "attempt"])
        }
        Provider::OpenldapPpolicy => has(&["bind", "login", "auth", "failure", "attempt"]),
        Provider::Sshd => event.result().is_some() && !has(&["faillock", "tally2", "session_closed"]),
        Provider::Generic => !has(&["logout", "sign_out", "signout"]) && event.result().is_some(),
    }
}

/// True where the name of the event cannot be of this provider: a record that claims to be what it is not.
#[must_use]
pub fn is_foreign(event: &SigninEvent) -> bool {
    let name = event.event.to_ascii_lowercase();
    let number = name.split([':', ',', ' ']).next().unwrap_or("");
    let is_windows = number.len() == 4 && number.starts_with('4') && number.bytes().all(|b| b.is_ascii_digit());
    let is_okta = ["user.", "policy.", "security.", "system.", "app."].iter().any(|p| name.starts_with(p));
    match event.provider {
        Provider::Okta => is_windows,
        Provider::WindowsSecurity => is_okta,
        Provider::Generic | Provider::ActiveDirectory => false,
        _ => is_windows || (is_okta && name.matches('.').count() >= 2),
    }
}
