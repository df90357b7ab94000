//! Who may have whose lock taken off, and what speaks against it. Pure: the table and the person's own events in; a word out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::digest::{Digest, NotCanonical};
use crate::domain::ids::PersonId;
use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::domain::signin_actor::Aliases;
use crate::domain::unlock::{Hand, Lock};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::Oddity;
use crate::helpdesk::lockout::explain::Lasting;
use crate::helpdesk::lockout::kind::Kind;
use crate::helpdesk::lockout::timeline::{CLOCK_TOLERANCE, Moment, Timeline};
use crate::helpdesk::proactive::{Reader, Settings, notice};

/// How long before a lock attempts and dangers still count against taking it off.
const REACH: SignedDuration = SignedDuration::from_hours(24);
/// The most events that security is pointed at.
const MOST_EVIDENCE: usize = 50;
/// A lock of any age is looked at as if it were news.
const ANY_AGE: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Who may take locks off, at which directory. Made from `policy/unlock.yaml` only; without that file nobody may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// By the directory's name.
    pub at: BTreeMap<String, BTreeSet<Hand>>,
}

impl Policy {
    /// True where this hand may, at this directory.
    #[must_use]
    pub fn lets(&self, directory: &str, hand: Hand) -> bool {
        self.at.get(directory).is_some_and(|hands| hands.contains(&hand))
    }
}

/// True where the person's own events speak of danger around this lock: the explanation says so, something was stopped as dangerous, a try
/// came from an address or device they never signed in with, or somebody signed in from such an address since. What is not known of a try
/// with an address counts against it: where nobody knows where the person signs in from, nobody knows that it was them.
#[must_use]
pub fn danger(events: &[SigninEvent], whose: &Aliases, lock: &Lock, lasting: &Lasting, now: Timestamp) -> bool {
    let own: Vec<SigninEvent> = events.iter().filter(|e| whose.own(e)).cloned().collect();
    let zone = TimeZone::UTC;
    let words = "why was I locked out?";
    let asked = Asked { whose, words, now, zone: &zone, level: Level::Operator, lasting };
    if answer(own.iter().cloned(), asked).to_security {
        return true;
    }
    let noticed = notice(&own, now, Settings { fresh: ANY_AGE, leading: REACH });
    if noticed.is_some_and(|n| matches!(n.to, Reader::Security(_))) {
        return true;
    }
    let line = Timeline::of(&own, with_its_clock(now));
    // Records that contradict each other, or cannot be, are left out of an explanation. Here they count: one of them may be true.
    let left_out = |e: &&SigninEvent| line.set_aside.iter().any(|s| s.id == e.id && s.why != Oddity::NoTime);
    if own.iter().filter(left_out).any(|e| e.at.is_none_or(|at| at >= since(lock))) {
        return true;
    }
    let near: Vec<&Moment<'_>> = around(&line, lock).collect();
    if near.iter().any(|m| m.kind == Kind::Danger || m.why.class == Some(ReasonClass::Risk)) {
        return true;
    }
    let Some(first) = near.iter().filter(|m| m.kind == Kind::Refused).map(|m| m.at).min() else { return false };
    let before = || line.moments.iter().filter(|m| m.kind == Kind::SignedIn && m.at < first);
    let places: BTreeSet<&str> = before().filter_map(|m| m.event.origin()).collect();
    let devices: BTreeSet<&str> = before().filter_map(|m| m.event.device.as_deref()).collect();
    let strange = |m: &Moment<'_>| {
        let (place, device) = (m.event.origin(), m.event.device.as_deref());
        let new_place = place.is_some_and(|place| !places.contains(place));
        // Many logs name the device of a refused sign-in only; then the address has to do.
        let tells = !devices.is_empty() || place.is_none();
        let new_device = device.is_some_and(|device| tells && !devices.contains(device));
        new_place || new_device
    };
    let counts = |m: &&&Moment<'_>| m.at >= first && matches!(m.kind, Kind::Refused | Kind::SignedIn);
    near.iter().filter(counts).any(|m| strange(m))
}

/// Since when what happened counts against taking this lock off.
#[must_use]
pub fn since(lock: &Lock) -> Timestamp {
    lock.at.checked_sub(REACH).unwrap_or(Timestamp::MIN)
}

/// What a log's clock that runs ahead dates later than now has happened all the same.
fn with_its_clock(now: Timestamp) -> Timestamp {
    now.checked_add(CLOCK_TOLERANCE).unwrap_or(now)
}

fn around<'l, 'e>(line: &'l Timeline<'e>, lock: &Lock) -> impl Iterator<Item = &'l Moment<'e>> {
    let from = since(lock);
    line.moments.iter().filter(move |m| m.at >= from)
}

/// Ids of what happened around this lock, oldest first: what security is to look at. The newest, where there is much.
#[must_use]
pub fn evidence(events: &[SigninEvent], whose: &Aliases, lock: &Lock, now: Timestamp) -> Vec<String> {
    let own: Vec<SigninEvent> = events.iter().filter(|e| whose.own(e)).cloned().collect();
    let line = Timeline::of(&own, with_its_clock(now));
    let mut ids: Vec<String> = around(&line, lock).map(|m| m.event.id.clone()).collect();
    ids.drain(..ids.len().saturating_sub(MOST_EVIDENCE));
    ids
}

/// The digest of what was seen of a lock: whose, where, which, and which sorts of tries surround it. More tries of a sort that was there
/// (a phone that goes on with an old password) change nothing; one from elsewhere, with something else or for another reason does.
///
/// # Errors
/// [`NotCanonical`], never for such values.
pub fn seen(
    person: &PersonId,
    directory: &str,
    lock: &Lock,
    events: &[SigninEvent],
    now: Timestamp,
) -> Result<Digest, NotCanonical> {
    let line = Timeline::of(events, with_its_clock(now));
    let sorts: BTreeSet<(&str, Option<ReasonClass>, Option<&str>, Option<&str>)> = around(&line, lock)
        .filter(|m| m.is_trouble() || m.kind == Kind::Danger)
        .map(|m| (m.event.provider.name(), m.why.class, m.event.origin(), m.event.device.as_deref()))
        .collect();
    Digest::of_value(&(person, directory, lock, sorts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signin::{Provider, SigninOutcome};
    use crate::domain::signin_actor::Account;

    const HOME: Option<&str> = Some("198.51.100.7");
    const ELSEWHERE: Option<&str> = Some("203.0.113.9");

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minute * 60).unwrap()
    }

    fn event(minute: i64, outcome: SigninOutcome, class: Option<ReasonClass>, ip: Option<&str>) -> SigninEvent {
        SigninEvent {
            id: format!("e{minute}"),
            provider: Provider::Generic,
            event: "sign-in".into(),
            at: Some(at(minute)),
            time: None,
            actor: Some("ana".into()),
            outcome: Some(outcome),
            reason_code: None,
            reason_class: class,
            reason_text: None,
            ip: ip.map(str::to_owned),
            device: None,
            application: None,
            session: None,
            place: None,
            subject: None,
            risk: None,
            raw_digest: Digest::of(&minute.to_be_bytes()),
        }
    }

    fn good(minute: i64, ip: Option<&str>) -> SigninEvent {
        event(minute, SigninOutcome::Success, None, ip)
    }

    fn wrong(minute: i64, ip: Option<&str>) -> SigninEvent {
        event(minute, SigninOutcome::Failure, Some(ReasonClass::BadCredentials), ip)
    }

    fn lock_event() -> SigninEvent {
        let name = "pwdAccountLockedTime";
        SigninEvent {
            id: "ana:pwdAccountLockedTime:1".into(),
            provider: Provider::OpenldapPpolicy,
            event: name.into(),
            ..event(3, SigninOutcome::Blocked, Some(ReasonClass::LockedOut), None)
        }
    }

    fn lock() -> Lock {
        Lock { id: lock_event().id, at: at(3) }
    }

    fn whose() -> Aliases {
        Aliases::default().with([Account { provider: None, name: "ana".into() }])
    }

    fn is_danger(mut events: Vec<SigninEvent>) -> bool {
        events.push(lock_event());
        danger(&events, &whose(), &lock(), &Lasting::new(), at(10))
    }

    #[test]
    fn tries_from_where_the_person_signs_in_are_no_danger() {
        assert!(!is_danger(vec![]), "the directory alone tells of no danger");
        assert!(!is_danger(vec![wrong(1, None), wrong(2, None)]));
        assert!(!is_danger(vec![good(-900, HOME), wrong(1, HOME), wrong(2, HOME)]));
    }

    #[test]
    fn whatever_speaks_of_somebody_else_is_one() {
        assert!(is_danger(vec![good(-900, HOME), wrong(1, HOME), wrong(2, ELSEWHERE)]), "one try from elsewhere");
        assert!(is_danger(vec![wrong(1, HOME)]), "nobody knows where the person signs in from");
        assert!(
            is_danger(vec![good(-900, HOME), wrong(1, HOME), good(5, ELSEWHERE)]),
            "somebody got in from elsewhere"
        );
        let risk = event(-60, SigninOutcome::Blocked, Some(ReasonClass::Risk), HOME);
        assert!(is_danger(vec![good(-900, HOME), risk.clone(), wrong(1, HOME)]));
        assert!(is_danger(vec![risk]));
        let with = |event: SigninEvent, device: &str| SigninEvent { device: Some(device.into()), ..event };
        let known = with(good(-900, HOME), "Laptop");
        assert!(!is_danger(vec![known.clone(), with(wrong(1, HOME), "Laptop")]));
        assert!(is_danger(vec![known, with(wrong(1, HOME), "Kali")]), "another device");
        assert!(
            !is_danger(vec![good(-900, HOME), with(wrong(1, HOME), "Phone")]),
            "devices that worked are not logged"
        );
        // A log whose clock runs ahead, and two records of one id that contradict each other: either may be true.
        assert!(is_danger(vec![good(-900, HOME), wrong(1, HOME), wrong(12, ELSEWHERE)]), "two minutes from now");
        let other_story = SigninEvent { raw_digest: Digest::of(b"other"), ..good(2, HOME) };
        assert!(is_danger(vec![good(-900, HOME), wrong(1, HOME), wrong(2, HOME), other_story]));
        // Somebody else's events say nothing about this account.
        let other = SigninEvent { actor: Some("ben".into()), ..wrong(1, ELSEWHERE) };
        assert!(!is_danger(vec![other]));
    }

    #[test]
    fn more_of_the_same_is_the_same_and_anything_else_is_not() {
        let ana = PersonId::parse("ana").unwrap();
        let seen = |events: Vec<SigninEvent>| super::seen(&ana, "ldap", &lock(), &events, at(30)).unwrap();
        let base = || vec![good(-900, HOME), wrong(1, HOME), wrong(2, HOME), lock_event()];
        let with = |more: SigninEvent| {
            let mut events = base();
            events.push(more);
            events
        };
        assert_eq!(seen(base()), seen(with(wrong(9, HOME))), "a phone that goes on");
        assert_eq!(seen(base()), seen(with(good(9, HOME))), "signing in again to confirm");
        for other in [
            wrong(9, ELSEWHERE),
            event(9, SigninOutcome::Blocked, Some(ReasonClass::Risk), HOME),
            SigninEvent { device: Some("Kali".into()), ..wrong(9, HOME) },
        ] {
            assert_ne!(seen(base()), seen(with(other)));
        }
        let later = Lock { id: "ana:pwdAccountLockedTime:2".into(), at: at(3) };
        assert_ne!(seen(base()), super::seen(&ana, "ldap", &later, &base(), at(30)).unwrap());
        assert_ne!(seen(base()), super::seen(&ana, "ad", &lock(), &base(), at(30)).unwrap());
    }
}
