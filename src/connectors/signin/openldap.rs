//! OpenLDAP: what the password policy overlay keeps on a person's entry (slapo-ppolicy(5), draft-behera-ldap-password-policy-11 §5.3)
//! and what the access log overlay writes (slapo-accesslog(5)). Read from LDIF or from JSON with the same attribute names.
//!
//! An entry holds several events: each failed bind, the lock, the last change of the password. Codes are the draft's names
//! (`accountLocked`, `passwordExpired`, `changeAfterReset`); a bind in the access log has its LDAP result number (RFC 4511 §4.1.9).

use jiff::{SignedDuration, Timestamp};

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::moment;
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// The most failed binds of one entry that are read.
const MOST: usize = 200;
/// `pwdAccountLockedTime` of an account somebody locked by hand (draft §5.3.3).
const LOCKED_BY_HAND: &str = "000001010000Z";

/// Reads an entry or a log record. `now` is when it was read: attributes that hold no time are true then.
#[must_use]
pub fn read(raw: At<'_>, now: Timestamp) -> Vec<Draft> {
    if raw.get("reqType").is_there() || raw.get("reqStart").is_there() { vec![logged(raw)] } else { entry(raw, now) }
}

fn one(raw: At<'_>, name: &str) -> Option<String> {
    raw.get(name).first().text()
}

fn logged(raw: At<'_>) -> Draft {
    let kind = one(raw, "reqType").unwrap_or_else(|| "access".to_owned());
    let result = one(raw, "reqResult");
    let is_bind = kind == "bind";
    Draft {
        id: one(raw, "reqStart").map(|start| format!("reqStart={start}")),
        outcome: result.as_deref().filter(|_| is_bind).map(|r| match r {
            "0" => SigninOutcome::Success,
            _ => SigninOutcome::Failure,
        }),
        class: result.as_deref().filter(|_| is_bind).and_then(|r| match r {
            "49" => Some(ReasonClass::BadCredentials),
            "50" | "53" => Some(ReasonClass::NotAuthorized),
            "51" | "52" | "80" => Some(ReasonClass::Service),
            _ => None,
        }),
        event: Some(kind),
        time: one(raw, "reqStart"),
        actor: one(raw, "reqDN"),
        subject: one(raw, "reqAuthzID"),
        code: result.filter(|r| r != "0"),
        text: one(raw, "reqMessage"),
        session: one(raw, "reqSession"),
        ..Draft::default()
    }
}

fn entry(raw: At<'_>, now: Timestamp) -> Vec<Draft> {
    let name = ["uid", "cn", "dn"].iter().find_map(|n| one(raw, n));
    let mail = one(raw, "mail").or_else(|| one(raw, "dn"));
    let fact = |attribute: &str, value: &str| Draft {
        id: name.as_ref().map(|n| format!("{n}:{attribute}:{value}")),
        event: Some(attribute.to_owned()),
        time: Some(value.to_owned()),
        actor: name.clone(),
        subject: mail.clone(),
        ..Draft::default()
    };
    let mut all: Vec<Draft> = raw
        .get("pwdFailureTime")
        .items()
        .filter_map(At::text)
        .take(MOST)
        .map(|at| Draft {
            outcome: Some(SigninOutcome::Failure),
            code: Some("invalidCredentials".to_owned()),
            class: Some(ReasonClass::BadCredentials),
            ..fact("pwdFailureTime", &at)
        })
        .collect();
    if let Some(at) = one(raw, "pwdAccountLockedTime") {
        let by_hand = at == LOCKED_BY_HAND;
        let after = after_its_failures(raw, &at);
        all.push(Draft {
            outcome: Some(SigninOutcome::Blocked),
            // What somebody locked by hand may be a lock or a switching off; the code would say that it is a lock.
            code: (!by_hand).then(|| "accountLocked".to_owned()),
            class: Some(if by_hand { ReasonClass::LockedOrDisabled } else { ReasonClass::LockedOut }),
            at: by_hand.then_some(now).or(after),
            ..fact("pwdAccountLockedTime", &at)
        });
    }
    if raw.get("pwdReset").first().is_true() {
        all.push(Draft {
            outcome: Some(SigninOutcome::Challenge),
            code: Some("changeAfterReset".to_owned()),
            class: Some(ReasonClass::PasswordChangeRequired),
            at: Some(now),
            ..fact("pwdReset", "TRUE")
        });
    }
    for at in raw.get("pwdGraceUseTime").items().filter_map(At::text).take(MOST) {
        all.push(Draft {
            outcome: Some(SigninOutcome::Success),
            code: Some("passwordExpired".to_owned()),
            class: Some(ReasonClass::PasswordExpired),
            ..fact("pwdGraceUseTime", &at)
        });
    }
    for (attribute, outcome) in [("pwdChangedTime", None), ("pwdLastSuccess", Some(SigninOutcome::Success))] {
        if let Some(at) = one(raw, attribute) {
            all.push(Draft { outcome, ..fact(attribute, &at) });
        }
    }
    all
}

/// The lock is written in whole seconds, the failures that caused it in microseconds: within its second it comes after them.
fn after_its_failures(raw: At<'_>, locked: &str) -> Option<Timestamp> {
    let locked = moment::parse(locked)?;
    let within = |at: &Timestamp| at.as_second() == locked.as_second() && *at >= locked;
    let failed = raw.get("pwdFailureTime").items().filter_map(|f| moment::parse(f.str()?));
    failed.filter(within).max()?.checked_add(SignedDuration::from_micros(1)).ok()
}
