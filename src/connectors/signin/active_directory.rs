//! Active Directory: what the account's own attributes say (MS-ADA1, MS-ADA3), read from LDIF or from JSON with the same names.
//!
//! Codes are those a domain controller puts into a refused bind (`… data 775, …`), which administrators know by heart: 52e wrong
//! password, 532 password expired, 533 disabled, 701 account expired, 773 must change the password, 775 locked
//! (<https://learn.microsoft.com/windows/win32/debug/system-error-codes>: they are Windows' error numbers in hexadecimal).

use jiff::Timestamp;

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::filetime;
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// `ACCOUNTDISABLE` in `userAccountControl` (MS-ADTS §2.2.16).
const DISABLED: i64 = 0x2;
/// `DONT_EXPIRE_PASSWD`.
const NEVER_EXPIRES: i64 = 0x1_0000;
/// `PASSWORD_EXPIRED`, in the computed attribute only.
const PASSWORD_EXPIRED: i64 = 0x80_0000;

/// Reads an account. `now` is when it was read: attributes that hold no time are true then.
#[must_use]
pub fn read(raw: At<'_>, now: Timestamp) -> Vec<Draft> {
    let text = |name: &str| raw.get(name).first().text();
    let number = |name: &str| raw.get(name).first().int();
    let time = |name: &str| number(name).and_then(filetime::moment);
    let account = ["sAMAccountName", "userPrincipalName", "cn", "dn"].iter().find_map(|n| text(n));
    let second = ["mail", "userPrincipalName", "dn"].iter().find_map(|n| text(n));
    let fact = |attribute: &str, at: Timestamp| {
        let value = text(attribute);
        Draft {
            id: account.as_ref().map(|a| format!("{a}:{attribute}:{}", value.as_deref().unwrap_or_default())),
            event: Some(attribute.to_owned()),
            time: value,
            at: Some(at),
            actor: account.clone(),
            subject: second.clone(),
            ..Draft::default()
        }
    };
    let says = |attribute: &str, at, outcome, code: &str, class| Draft {
        outcome: Some(outcome),
        code: Some(code.to_owned()),
        class: Some(class),
        ..fact(attribute, at)
    };
    let mut all = Vec::new();
    if let Some(at) = time("badPasswordTime") {
        let bad = says("badPasswordTime", at, SigninOutcome::Failure, "52e", ReasonClass::BadCredentials);
        all.push(Draft { text: number("badPwdCount").map(|n| format!("badPwdCount: {n}")), ..bad });
    }
    if let Some(at) = time("lockoutTime") {
        let computed = number("msDS-User-Account-Control-Computed");
        let locked = says("lockoutTime", at, SigninOutcome::Blocked, "775", ReasonClass::LockedOut);
        all.push(Draft { text: computed.map(|n| format!("msDS-User-Account-Control-Computed: {n}")), ..locked });
    }
    let control = number("userAccountControl").unwrap_or(0);
    let computed = number("msDS-User-Account-Control-Computed").unwrap_or(0);
    if control & DISABLED != 0 {
        let off = says("userAccountControl", now, SigninOutcome::Deny, "533", ReasonClass::AccountDisabled);
        all.push(Draft { time: None, text: Some(format!("userAccountControl: {control}")), ..off });
    }
    if let Some(at) = time("accountExpires").filter(|at| *at <= now) {
        all.push(says("accountExpires", at, SigninOutcome::Deny, "701", ReasonClass::AccountExpired));
    }
    if number("pwdLastSet") == Some(0) && control & NEVER_EXPIRES == 0 {
        let must = says("pwdLastSet", now, SigninOutcome::Challenge, "773", ReasonClass::PasswordChangeRequired);
        all.push(Draft { time: None, ..must });
    } else if let Some(at) = time("pwdLastSet") {
        all.push(fact("pwdLastSet", at));
    }
    let expiry = "msDS-UserPasswordExpiryTimeComputed";
    let ended = time(expiry).filter(|at| *at <= now);
    if let Some(at) = ended.or_else(|| (computed & PASSWORD_EXPIRED != 0).then_some(now)) {
        all.push(says(expiry, at, SigninOutcome::Deny, "532", ReasonClass::PasswordExpired));
    }
    if let Some(at) = time("lastLogon").or_else(|| time("lastLogonTimestamp")) {
        let attribute = if time("lastLogon").is_some() { "lastLogon" } else { "lastLogonTimestamp" };
        all.push(Draft { outcome: Some(SigninOutcome::Success), ..fact(attribute, at) });
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_locked_account_and_what_led_there() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let raw = json!({ "sAMAccountName": ["ada"], "mail": ["ada@example.test"], "badPwdCount": ["3"],
            "badPasswordTime": ["134083944000000000"], "lockoutTime": ["134083944000000000"], "pwdLastSet": ["134083000000000000"],
            "userAccountControl": ["512"], "accountExpires": ["9223372036854775807"], "msDS-User-Account-Control-Computed": ["16"] });
        let found = read(At::of(&raw), now);
        let codes: Vec<_> = found.iter().map(|d| d.code.as_deref()).collect();
        assert_eq!(codes, [Some("52e"), Some("775"), None]);
        assert_eq!(found[0].text.as_deref(), Some("badPwdCount: 3"));
        assert!(found[1].at.unwrap() < now);
    }

    #[test]
    fn disabled_expired_and_to_be_changed() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let raw = json!({ "sAMAccountName": "ada", "userAccountControl": "514", "accountExpires": "132539328000000000", "pwdLastSet": "0" });
        let found = read(At::of(&raw), now);
        let codes: Vec<_> = found.iter().filter_map(|d| d.code.as_deref()).collect();
        assert_eq!(codes, ["533", "701", "773"]);
    }
}
