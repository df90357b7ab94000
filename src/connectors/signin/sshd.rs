//! What sshd and PAM write (OpenSSH's `auth.c`, `auth2.c`, `packet.c`; pam_unix, pam_faillock, pam_tally2), from syslog files and from
//! journald's JSON. There are no codes: the words below stand for the sentences, and their classes with them.

use jiff::Timestamp;

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::syslog;
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// Reads a journald record, or a text standing alone. `None` where it says nothing about signing in.
#[must_use]
pub fn read(raw: At<'_>, now: Timestamp) -> Option<Draft> {
    if let Some(text) = raw.str() {
        return line(text, now);
    }
    let message = raw.get("MESSAGE").str().or_else(|| raw.get("message").str())?;
    let mut draft = said(message).or_else(|| line(message, now))?;
    let written = raw.get("__REALTIME_TIMESTAMP").text().or_else(|| raw.get("timestamp").text());
    draft.time = written.or(draft.time);
    draft.application = raw.get("_HOSTNAME").text().or_else(|| raw.get("host").text()).or(draft.application);
    draft.id = raw.get("__CURSOR").text();
    draft.session = raw.get("_PID").text().or(draft.session);
    Some(draft)
}

/// Reads a line of a log file.
#[must_use]
pub fn line(text: &str, now: Timestamp) -> Option<Draft> {
    let head = syslog::line(text, now)?;
    let draft = said(head.message)?;
    Some(Draft {
        time: Some(head.time.to_owned()),
        at: head.at,
        application: Some(head.host.to_owned()),
        session: head.process.map(|p| format!("{}:{p}", head.host)),
        ..draft
    })
}

/// What a message says.
fn said(message: &str) -> Option<Draft> {
    use ReasonClass as C;
    use SigninOutcome as O;
    let message = message.trim().trim_start_matches("error: ").trim_start_matches("fatal: ");
    let from = |rest: &str| {
        let (_, after) = rest.rsplit_once(" from ").or_else(|| rest.rsplit_once(" rhost="))?;
        after.split_whitespace().next().map(str::to_owned)
    };
    let draft = |outcome, code: &str, class: Option<C>, user: &str, ip: Option<String>| {
        Some(Draft {
            event: Some(code.to_owned()),
            outcome: Some(outcome),
            code: (outcome != O::Success).then(|| code.to_owned()),
            class,
            text: Some(message.to_owned()),
            actor: Some(user.trim_end_matches(',').to_owned()),
            ip,
            ..Draft::default()
        })
    };
    if let Some(rest) = message.strip_prefix("Accepted ") {
        let (method, rest) = rest.split_once(" for ")?;
        let user = rest.split(" from ").next()?;
        let accepted = draft(O::Success, "accepted", None, user, from(rest))?;
        return Some(Draft { device: Some(method.to_owned()), ..accepted });
    }
    if let Some(rest) = message.strip_prefix("Failed ") {
        let (method, rest) = rest.split_once(" for ")?;
        // `Failed none` is how every conversation begins.
        let method = method.split(['/', ' ']).next().filter(|m| *m != "none")?;
        let (code, class, rest) = match rest.strip_prefix("invalid user ") {
            Some(rest) => ("invalid_user", C::AccountNotFound, rest),
            None => match method {
                "publickey" => ("failed_publickey", C::BadCredentials, rest),
                _ => ("failed_password", C::BadCredentials, rest),
            },
        };
        return draft(O::Failure, code, Some(class), rest.split(" from ").next()?, from(rest));
    }
    if let Some(rest) = message.strip_prefix("Invalid user ") {
        return draft(O::Failure, "invalid_user", Some(C::AccountNotFound), rest.split(" from ").next()?, from(rest));
    }
    if let Some(rest) = message.strip_prefix("maximum authentication attempts exceeded for ") {
        let rest = rest.strip_prefix("invalid user ").unwrap_or(rest);
        return draft(O::Failure, "max_attempts", Some(C::Throttled), rest.split(" from ").next()?, from(rest));
    }
    if message.ends_with("Too many authentication failures")
        || message.contains("Too many authentication failures [preauth]")
    {
        let rest = message.split(" user ").nth(1)?;
        let mut words = rest.split_whitespace();
        return draft(O::Failure, "max_attempts", Some(C::Throttled), words.next()?, words.next().map(str::to_owned));
    }
    if let Some(rest) = message.strip_prefix("User ")
        && let Some((who, why)) = rest.split_once(" not allowed because ")
    {
        let user = who.split(" from ").next()?;
        let (code, class) = match why {
            w if w.contains("locked") => ("account_locked", C::LockedOrDisabled),
            w if w.contains("shell") => ("no_shell", C::NotAuthorized),
            _ => ("not_allowed", C::NotAuthorized),
        };
        return draft(O::Deny, code, Some(class), user, from(who));
    }
    if let Some(rest) = message.strip_prefix("Access denied for user ") {
        let user = rest.split(" by ").next()?;
        return draft(O::Deny, "pam_denied", Some(C::NotAuthorized), user, None);
    }
    pam(message).and_then(|(outcome, code, class, user)| {
        let ip = message.split("rhost=").nth(1).and_then(|r| r.split_whitespace().next()).map(str::to_owned);
        draft(outcome, code, Some(class), user, ip)
    })
}

/// PAM modules' sentences: `pam_unix(sshd:auth): authentication failure; … user=ana`.
fn pam(message: &str) -> Option<(SigninOutcome, &'static str, ReasonClass, &str)> {
    use ReasonClass as C;
    use SigninOutcome as O;
    let (module, said) = message.strip_prefix("pam_").and_then(|m| m.split_once("): "))?;
    let word_after = |mark: &str| said.split(mark).nth(1)?.split_whitespace().next();
    if said.starts_with("authentication failure") {
        return word_after(" user=").map(|user| (O::Failure, "failed_password", C::BadCredentials, user));
    }
    if module.starts_with("faillock") && said.contains("temporarily locked") {
        return word_after("for user ").map(|user| (O::Blocked, "faillock", C::LockedOut, user));
    }
    if module.starts_with("tally2") && said.contains(" deny ") {
        return word_after("user ").map(|user| (O::Blocked, "tally2", C::LockedOut, user));
    }
    if said.contains("has expired (account expired)") {
        return word_after("account ").map(|user| (O::Deny, "account_expired", C::AccountExpired, user));
    }
    if said.starts_with("expired password for user ") {
        return word_after("for user ").map(|user| (O::Challenge, "password_expired", C::PasswordExpired, user));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_what_they_mean() {
        use ReasonClass as C;
        use SigninOutcome as O;
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for (said, user, ip, outcome, class) in [
            (
                "Failed password for ana from 10.0.0.7 port 22 ssh2",
                "ana",
                Some("10.0.0.7"),
                O::Failure,
                Some(C::BadCredentials),
            ),
            (
                "Failed password for invalid user bob from fd00::7 port 22 ssh2",
                "bob",
                Some("fd00::7"),
                O::Failure,
                Some(C::AccountNotFound),
            ),
            (
                "Accepted publickey for ana from 10.0.0.7 port 22 ssh2: ED25519 SHA256:x",
                "ana",
                Some("10.0.0.7"),
                O::Success,
                None,
            ),
            (
                "error: maximum authentication attempts exceeded for ana from 10.0.0.7 port 1 ssh2 [preauth]",
                "ana",
                Some("10.0.0.7"),
                O::Failure,
                Some(C::Throttled),
            ),
            (
                "Disconnecting authenticating user ana 10.0.0.7 port 1: Too many authentication failures [preauth]",
                "ana",
                Some("10.0.0.7"),
                O::Failure,
                Some(C::Throttled),
            ),
            (
                "User ana from 10.0.0.7 not allowed because account is locked",
                "ana",
                Some("10.0.0.7"),
                O::Deny,
                Some(C::LockedOrDisabled),
            ),
            (
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.7  user=ana",
                "ana",
                Some("10.0.0.7"),
                O::Failure,
                Some(C::BadCredentials),
            ),
            (
                "pam_faillock(sshd:auth): Consecutive login failures for user ana account temporarily locked",
                "ana",
                None,
                O::Blocked,
                Some(C::LockedOut),
            ),
            (
                "pam_unix(sshd:account): account ana has expired (account expired)",
                "ana",
                None,
                O::Deny,
                Some(C::AccountExpired),
            ),
            (
                "pam_unix(sshd:account): expired password for user ana (password aged)",
                "ana",
                None,
                O::Challenge,
                Some(C::PasswordExpired),
            ),
        ] {
            let found =
                line(&format!("Nov 21 06:31:39 gate sshd[4711]: {said}"), now).unwrap_or_else(|| panic!("{said}"));
            assert_eq!((found.actor.as_deref(), found.ip.as_deref()), (Some(user), ip), "{said}");
            assert_eq!((found.outcome, found.class), (Some(outcome), class), "{said}");
            assert_eq!(found.session.as_deref(), Some("gate:4711"));
        }
        for nothing in [
            "Server listening on :: port 22.",
            "Failed none for ana from 10.0.0.7 port 22 ssh2",
            "Failed",
            "User ",
            "pam_x",
        ] {
            assert!(line(&format!("Nov 21 06:31:39 gate sshd[1]: {nothing}"), now).is_none(), "{nothing}");
        }
    }

    #[test]
    fn journald_says_the_same() {
        let raw = serde_json::json!({ "MESSAGE": "Failed password for ana from 10.0.0.7 port 22 ssh2",
            "__REALTIME_TIMESTAMP": "1655921909015000", "_HOSTNAME": "gate", "_PID": "7" });
        let found = read(At::of(&raw), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((found.actor.as_deref(), found.application.as_deref()), (Some("ana"), Some("gate")));
        assert_eq!(found.time.as_deref(), Some("1655921909015000"));
    }
}
