//! Active Directory (and Samba's): an account's attributes, and the lockout rules that apply to it: the domain's, or those of the
//! fine-grained password policy that the directory computes for the account (MS-ADTS §3.1.1.4.5.36, MS-ADA1, MS-ADA2).
//!
//! Every account of a domain may read these attributes by default; only fine-grained policies are kept from ordinary accounts. Where the
//! policy of an account cannot be read nothing is said about when a lock ends.
//!
//! `badPwdCount`, `badPasswordTime` and `lastLogon` are kept by each domain controller for itself; `lockoutTime` is replicated.

use jiff::Timestamp;
use ldap3::Scope;
use serde_json::Value;

use crate::connectors::directory::find;
use crate::connectors::directory::session::{Fault, Search, Session};
use crate::connectors::signin::field::At;
use crate::connectors::signin::read::{Hints, value};
use crate::domain::signin::Provider;
use crate::domain::signin_actor::Aliases;
use crate::domain::window::Seconds;
use crate::ports::account_state::AccountReport;

const PROVIDER: Provider = Provider::ActiveDirectory;
/// What is read of an account.
pub const ACCOUNT: &[&str] = &[
    "sAMAccountName",
    "userPrincipalName",
    "mail",
    "lockoutTime",
    "badPwdCount",
    "badPasswordTime",
    "pwdLastSet",
    "accountExpires",
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "msDS-UserPasswordExpiryTimeComputed",
    "msDS-ResultantPSO",
    "lastLogon",
    "lastLogonTimestamp",
];
/// What is read of the domain's root.
const DOMAIN: &[&str] = &["lockoutDuration", "lockoutThreshold", "lockOutObservationWindow"];
/// What is read of a fine-grained policy.
const FINE_GRAINED: &[&str] = &["msDS-LockoutDuration", "msDS-LockoutThreshold"];
/// `UF_LOCKOUT` in the computed attribute (MS-ADTS §3.1.1.4.5.17): the account is locked right now.
const LOCKED_NOW: i64 = 0x10;
/// 100-nanosecond steps in a second.
const STEPS: u64 = 10_000_000;

/// Asks for a person's account.
///
/// # Errors
/// [`Fault`]
pub async fn ask(session: &mut Session, domain: &str, whose: &Aliases, now: Timestamp) -> Result<AccountReport, Fault> {
    let Some(filter) = find::accounts(find::ACTIVE_DIRECTORY, whose) else { return Ok(AccountReport::default()) };
    let subtree = Scope::Subtree;
    let found =
        session.search(Search { base: domain, scope: subtree, filter: &filter, attributes: ACCOUNT, most: 2 }).await?;
    let [account] = found.entries.as_slice() else {
        return if found.entries.is_empty() { Ok(AccountReport::default()) } else { Err(Fault::Ambiguous) };
    };
    let any = "(objectClass=*)";
    let rules = match At::of(account).get("msDS-ResultantPSO").first().str() {
        Some(base) => {
            let what = Search { base, scope: Scope::Base, filter: any, attributes: FINE_GRAINED, most: 1 };
            session.search(what).await?.entries.pop()
        }
        None => {
            let what = Search { base: domain, scope: Scope::Base, filter: any, attributes: DOMAIN, most: 1 };
            session.search(what).await?.entries.pop()
        }
    };
    Ok(report(account, rules.as_ref(), now))
}

/// What the entries say together.
#[must_use]
pub fn report(account: &Value, rules: Option<&Value>, now: Timestamp) -> AccountReport {
    let hints = Hints { provider: Some(PROVIDER), now };
    // An account that says nothing about signing in is no mistake here.
    let mut events = value(account.clone(), &hints).1.unwrap_or_default();
    let lock_lasts = rules.and_then(lasting).map(|lasts| (PROVIDER, lasts));
    // `lockoutTime` stays after the lock has run out; where its end is not known, the directory's own computation decides.
    let computed = At::of(account).get("msDS-User-Account-Control-Computed").first().int();
    if lock_lasts.is_none() && computed.is_some_and(|flags| flags & LOCKED_NOW == 0) {
        events.retain(|event| event.event != "lockoutTime");
    }
    AccountReport { events, lock_lasts }
}

/// A duration as Active Directory keeps it: negative 100-nanosecond steps; 0 and the smallest number mean "until somebody opens it".
fn lasting(rules: &Value) -> Option<Seconds> {
    let at = At::of(rules);
    let steps = ["lockoutDuration", "msDS-LockoutDuration"].iter().find_map(|n| at.get(n).first().int())?;
    if steps >= 0 || steps == i64::MIN {
        return None;
    }
    Some(Seconds(steps.unsigned_abs().div_ceil(STEPS)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(computed: &str) -> Value {
        json!({ "dn": ["CN=ada,CN=Users,DC=ad,DC=example,DC=test"], "sAMAccountName": ["ada"], "mail": ["ada@example.test"],
            "badPwdCount": ["3"], "badPasswordTime": ["134397184778114440"], "lockoutTime": ["134397184778114440"],
            "userAccountControl": ["512"], "msDS-User-Account-Control-Computed": [computed] })
    }

    fn locks(report: &AccountReport) -> usize {
        report.events.iter().filter(|e| e.event == "lockoutTime").count()
    }

    #[test]
    fn durations_are_negative_steps() {
        for (written, meant) in [
            ("-9000000000", Some(900)),
            ("-1", Some(1)),
            ("0", None),
            ("-9223372036854775808", None),
            ("9000000000", None),
        ] {
            assert_eq!(lasting(&json!({ "lockoutDuration": [written] })), meant.map(Seconds), "{written}");
        }
        assert_eq!(lasting(&json!({ "msDS-LockoutDuration": ["-18000000000"] })), Some(Seconds(1800)));
        assert_eq!(lasting(&json!({})), None);
    }

    #[test]
    fn a_lock_whose_end_nobody_tells_counts_while_the_directory_says_so() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let rules = json!({ "lockoutDuration": ["-9000000000"] });
        assert_eq!(locks(&report(&account("16"), None, now)), 1);
        assert_eq!(locks(&report(&account("0"), None, now)), 0);
        let known = report(&account("0"), Some(&rules), now);
        assert_eq!((locks(&known), known.lock_lasts), (1, Some((PROVIDER, Seconds(900)))));
    }
}
