//! OpenLDAP with the password policy overlay: an account's operational attributes, the policy that applies to it, and its binds in the
//! access log (slapo-ppolicy(5), slapo-accesslog(5), draft-behera-ldap-password-policy-11).
//!
//! The account that reads needs `read` on these attributes of people, on the policies, and on the access log where that is to be used:
//!
//! ```text
//! access to dn.subtree="ou=people,…" attrs=entry,objectClass,uid,cn,mail,pwdAccountLockedTime,pwdFailureTime,pwdChangedTime,pwdReset,
//!     pwdGraceUseTime,pwdEndTime,pwdPolicySubentry by dn.exact="cn=claviger,…" read
//! access to dn.subtree="ou=policies,…" by dn.exact="cn=claviger,…" read
//! ```

use jiff::{SignedDuration, Timestamp};
use ldap3::Scope;
use serde_json::Value;

use crate::connectors::directory::find;
use crate::connectors::directory::session::{Fault, Search, Session};
use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::moment;
use crate::connectors::signin::read::{Hints, value};
use crate::domain::digest::Digest;
use crate::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use crate::domain::signin_actor::Aliases;
use crate::domain::window::Seconds;
use crate::ports::account_state::AccountReport;

const PROVIDER: Provider = Provider::OpenldapPpolicy;
/// What is read of an account.
pub const ACCOUNT: &[&str] = &[
    "uid",
    "cn",
    "mail",
    "pwdAccountLockedTime",
    "pwdFailureTime",
    "pwdChangedTime",
    "pwdReset",
    "pwdGraceUseTime",
    "pwdLastSuccess",
    "pwdEndTime",
    "pwdPolicySubentry",
];
/// What is read of a policy.
const POLICY: &[&str] = &["pwdLockout", "pwdLockoutDuration", "pwdMaxFailure", "pwdMaxAge", "pwdGraceAuthnLimit"];
/// What is read of the access log.
const LOGGED: &[&str] = &["reqStart", "reqType", "reqDN", "reqResult", "reqMessage", "reqSession"];
/// The most binds that are read.
const MOST_BINDS: usize = 200;
/// How far back binds are looked for; where there are too many, the shorter stretch is taken.
const STRETCHES: [SignedDuration; 3] =
    [SignedDuration::from_hours(24), SignedDuration::from_hours(1), SignedDuration::from_mins(5)];
/// `pwdAccountLockedTime` of an account somebody locked by hand (draft §5.3.3).
const LOCKED_BY_HAND: &str = "000001010000Z";

/// Where people, their policy and the log are.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// People.
    pub people: &'a str,
    /// The policy of accounts that name none.
    pub policy: Option<&'a str>,
    /// The access log.
    pub log: Option<&'a str>,
}

/// Asks for a person's account.
///
/// # Errors
/// [`Fault`]
pub async fn ask(
    session: &mut Session,
    places: Places<'_>,
    whose: &Aliases,
    now: Timestamp,
) -> Result<AccountReport, Fault> {
    let Some(filter) = find::accounts(find::OPENLDAP, whose) else { return Ok(AccountReport::default()) };
    let subtree = Scope::Subtree;
    let found = session
        .search(Search { base: places.people, scope: subtree, filter: &filter, attributes: ACCOUNT, most: 2 })
        .await?;
    let [account] = found.entries.as_slice() else {
        return if found.entries.is_empty() { Ok(AccountReport::default()) } else { Err(Fault::Ambiguous) };
    };
    let at = At::of(account);
    let own = at.get("pwdPolicySubentry").first().str();
    let policy = match own.or(places.policy) {
        Some(base) => {
            let what =
                Search { base, scope: Scope::Base, filter: "(objectClass=pwdPolicy)", attributes: POLICY, most: 1 };
            session.search(what).await?.entries.pop()
        }
        None => None,
    };
    let binds = match (places.log, at.get("dn").first().str()) {
        (Some(log), Some(dn)) => binds(session, log, dn, now).await?,
        _ => Vec::new(),
    };
    Ok(report(account, policy.as_ref(), &binds, now))
}

async fn binds(session: &mut Session, log: &str, dn: &str, now: Timestamp) -> Result<Vec<Value>, Fault> {
    let mut last = Vec::new();
    for stretch in STRETCHES {
        let from = now.checked_sub(stretch).unwrap_or(now).strftime("%Y%m%d%H%M%S.000000Z");
        let filter = format!("(&(objectClass=auditBind){}(reqStart>={from}))", find::equals("reqDN", dn));
        let what = Search { base: log, scope: Scope::OneLevel, filter: &filter, attributes: LOGGED, most: MOST_BINDS };
        let found = session.search(what).await?;
        last = found.entries;
        if !found.cut {
            break;
        }
    }
    Ok(last)
}

/// What the entries say together.
#[must_use]
pub fn report(account: &Value, policy: Option<&Value>, binds: &[Value], now: Timestamp) -> AccountReport {
    let hints = Hints { provider: Some(PROVIDER), now };
    // An account that says nothing about signing in is no mistake here.
    let mut events = value(account.clone(), &hints).1.unwrap_or_default();
    let at = At::of(account);
    let rule = |name: &str| policy.map(At::of).and_then(|p| p.get(name).first().int());
    let grace = i64::try_from(at.get("pwdGraceUseTime").items().count()).unwrap_or(i64::MAX);
    let left = rule("pwdGraceAuthnLimit").unwrap_or(0).saturating_sub(grace);
    if left <= 0 {
        events.extend(too_old(at, rule("pwdMaxAge"), now));
    }
    events.extend(over(at, now));
    let mut known: Vec<Timestamp> = failures(&events).collect();
    for bind in binds {
        for event in value(bind.clone(), &hints).1.unwrap_or_default() {
            // The policy overlay keeps a failure on the account as well; it is told once.
            let same = known.iter().position(|k| event.at.is_some_and(|at| is_same(*k, at)));
            match same.filter(|_| event.outcome == Some(SigninOutcome::Failure)) {
                Some(place) => drop(known.swap_remove(place)),
                None => events.push(event),
            }
        }
    }
    AccountReport { events, lock_lasts: lock_lasts(at, rule("pwdLockoutDuration")) }
}

fn failures(events: &[SigninEvent]) -> impl Iterator<Item = Timestamp> {
    events.iter().filter(|e| e.outcome == Some(SigninOutcome::Failure)).filter_map(|e| e.at)
}

/// The two overlays take the time one after the other, and the log takes it in whole seconds.
fn is_same(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= SignedDuration::from_millis(1_500)
}

/// How long the lock lasts. One that was set by hand, or under a policy without a duration, lasts until somebody ends it.
fn lock_lasts(account: At<'_>, duration: Option<i64>) -> Option<(Provider, Seconds)> {
    let by_hand = account.get("pwdAccountLockedTime").first().str() == Some(LOCKED_BY_HAND);
    let seconds = u64::try_from(duration?).ok().filter(|s| *s > 0 && !by_hand)?;
    Some((PROVIDER, Seconds(seconds)))
}

fn fact(account: At<'_>, attribute: &str, at: Timestamp) -> Draft {
    let name = ["uid", "cn", "dn"].iter().find_map(|n| account.get(n).first().text());
    let mail = account.get("mail").first().text().or_else(|| account.get("dn").first().text());
    Draft {
        id: name.as_ref().map(|n| format!("{n}:{attribute}:{at}")),
        event: Some(attribute.to_owned()),
        time: Some(at.to_string()),
        at: Some(at),
        actor: name,
        subject: mail,
        outcome: Some(SigninOutcome::Deny),
        ..Draft::default()
    }
}

fn finished(account: At<'_>, draft: Draft) -> Option<SigninEvent> {
    let digest = Digest::of_value(account.value()?).ok()?;
    Some(draft.finish(PROVIDER, digest, 0))
}

/// The password's age is over: `pwdChangedTime` and the policy's `pwdMaxAge` together say when (draft §7.1).
fn too_old(account: At<'_>, max_age: Option<i64>, now: Timestamp) -> Option<SigninEvent> {
    let changed = moment::parse(account.get("pwdChangedTime").first().str()?)?;
    let age = max_age.filter(|age| *age > 0)?;
    let ended = changed.checked_add(SignedDuration::from_secs(age)).ok().filter(|ended| *ended <= now)?;
    let draft = Draft {
        code: Some("passwordExpired".to_owned()),
        class: Some(ReasonClass::PasswordExpired),
        text: Some(format!("pwdMaxAge: {age}")),
        ..fact(account, "pwdMaxAge", ended)
    };
    finished(account, draft)
}

/// The password's, and with it the account's, time is over (draft §5.3.8).
fn over(account: At<'_>, now: Timestamp) -> Option<SigninEvent> {
    let ended = moment::parse(account.get("pwdEndTime").first().str()?).filter(|ended| *ended <= now)?;
    let draft = Draft { class: Some(ReasonClass::AccountExpired), ..fact(account, "pwdEndTime", ended) };
    finished(account, draft)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account() -> Value {
        json!({ "dn": ["uid=ada,ou=people,dc=example,dc=test"], "uid": ["ada"], "mail": ["ada@example.test"],
            "pwdFailureTime": ["20261121070529.198084Z", "20261121070529.206455Z", "20261121070529.239953Z"],
            "pwdAccountLockedTime": ["20261121070529Z"], "pwdChangedTime": ["20260801000000Z"] })
    }

    fn bind(start: &str, result: &str) -> Value {
        json!({ "dn": [format!("reqStart={start},cn=log")], "reqStart": [start], "reqType": ["bind"],
            "reqDN": ["uid=ada,ou=people,dc=example,dc=test"], "reqResult": [result] })
    }

    fn codes(report: &AccountReport) -> Vec<&str> {
        report.events.iter().map(|e| e.event.as_str()).collect()
    }

    const NOW: &str = "2026-11-21T07:10:00Z";

    #[test]
    fn the_policy_says_how_long_and_how_old() {
        let now = NOW.parse().unwrap();
        let policy = json!({ "pwdLockoutDuration": ["900"], "pwdMaxAge": ["7776000"] });
        let told = report(&account(), Some(&policy), &[], now);
        assert_eq!(told.lock_lasts, Some((PROVIDER, Seconds(900))));
        let old = told.events.iter().find(|e| e.event == "pwdMaxAge").unwrap();
        assert_eq!(old.at.unwrap().to_string(), "2026-10-30T00:00:00Z");
        assert_eq!(old.reason_class, Some(ReasonClass::PasswordExpired));
        // Nobody's policy, a policy without an end, a lock by hand: nothing is claimed.
        for policy in [None, Some(json!({})), Some(json!({ "pwdLockoutDuration": ["0"], "pwdMaxAge": ["0"] }))] {
            let told = report(&account(), policy.as_ref(), &[], now);
            assert_eq!(told.lock_lasts, None);
            assert!(!codes(&told).contains(&"pwdMaxAge"));
        }
        let mut by_hand = account();
        by_hand["pwdAccountLockedTime"] = json!([LOCKED_BY_HAND]);
        assert_eq!(report(&by_hand, Some(&policy), &[], now).lock_lasts, None);
        // While there are sign-ins of grace left the password still works.
        let graceful = json!({ "pwdMaxAge": ["7776000"], "pwdGraceAuthnLimit": ["2"] });
        assert!(!codes(&report(&account(), Some(&graceful), &[], now)).contains(&"pwdMaxAge"));
    }

    #[test]
    fn the_lock_comes_after_the_failures_that_caused_it() {
        let told = report(&account(), None, &[], NOW.parse().unwrap());
        let lock = told.events.iter().find(|e| e.event == "pwdAccountLockedTime").unwrap();
        assert!(failures(&told.events).all(|at| at < lock.at.unwrap()));
        assert!(lock.at.unwrap().to_string().starts_with("2026-11-21T07:05:29."));
    }

    #[test]
    fn a_failure_in_both_places_counts_once() {
        let now = NOW.parse().unwrap();
        let binds = [
            bind("20261121070100.000000Z", "0"),
            bind("20261121070529.000000Z", "49"),
            bind("20261121070529.000003Z", "49"),
            bind("20261121070529.000006Z", "49"),
            bind("20261121070800.000000Z", "49"),
        ];
        let told = report(&account(), None, &binds, now);
        assert_eq!(failures(&told.events).count(), 4);
        let worked: Vec<_> = told.events.iter().filter(|e| e.outcome == Some(SigninOutcome::Success)).collect();
        assert_eq!(worked.len(), 1);
    }
}
