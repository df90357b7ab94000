//! Whether a lockout that was just seen in the log is told to its owner before they ask, or to security instead.
//!
//! The owner is told on a channel that hangs on their own session, so nothing is said there while that session may be somebody else's.
//! Told apart by evidence only:
//!
//! | what the events say | who hears |
//! |---|---|
//! | the lock itself, or an attempt before it, was stopped as dangerous | security |
//! | attempts before the lock from an address the person never signed in from | security |
//! | a successful sign-in since the first of these attempts, from an address not known before | security |
//! | a successful sign-in in the same session as a failed attempt | security |
//! | the attempts came from addresses the person signs in from | the owner |
//! | nothing is known of the person's addresses, or of those of the attempts, and nobody signed in since | the owner, without a guess at the cause |
//! | the same, and somebody signed in since | nobody: they can ask |
//! | somebody signed in well after the lock, from a known address | nobody: it is over |
//!
//! Where a lock stands in the log without the attempts before it, they may have begun at any moment of [`LEADING`] before it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::signin::{ReasonClass, SigninEvent, SigninOutcome};

/// How long after it happened a lock is news. Providers hand their logs over late, by hours where files are read in.
pub const FRESH: SignedDuration = SignedDuration::from_hours(4);
/// How long it is news at most where nobody could look in between.
pub const OLDEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long before the lock attempts belong to it.
pub const LEADING: SignedDuration = SignedDuration::from_mins(60);

/// How notices are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long after it happened a lock is news.
    pub fresh: SignedDuration,
    /// How long before the lock attempts belong to it.
    pub leading: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { fresh: FRESH, leading: LEADING }
    }
}

/// What is to be told, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The lock's event id.
    pub lock: String,
    /// When it was.
    pub at: Timestamp,
    /// Ids of the attempts that led there, oldest first, the lock last.
    pub evidence: Vec<String>,
    /// When the first of these attempts was, where there was one.
    pub first: Option<Timestamp>,
    /// Where they came from.
    pub addresses: Vec<String>,
    /// True where the attempts came from addresses the person signs in from.
    pub usual: bool,
    /// To whom.
    pub to: Reader,
}

/// Who hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Whose account it is.
    Owner,
    /// Security, with the reason.
    Security(&'static str),
}

/// What is to be told of the newest lock among one person's own events; `None` where there is nothing new, or nothing to go by.
#[must_use]
pub fn notice(events: &[SigninEvent], now: Timestamp, settings: Settings) -> Option<Notice> {
    let mut own: Vec<(Timestamp, &SigninEvent)> =
        events.iter().filter_map(|e| Some((e.at?, e))).filter(|(at, _)| *at <= now).collect();
    own.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
    let place = own.iter().rposition(|(_, e)| is_lock(e))?;
    let (at, lock) = *own.get(place)?;
    if now.duration_since(at) > settings.fresh {
        return None;
    }
    let begins = at.checked_sub(settings.leading).unwrap_or(Timestamp::MIN);
    // Locks of one burst repeat themselves; the first attempt of it is where it began.
    let attempts: Vec<&(Timestamp, &SigninEvent)> =
        own.iter().take(place).filter(|(when, e)| *when >= begins && is_attempt(e)).collect();
    // Where no attempt was recorded they may have begun at any moment of that hour: whoever got in then may be who made them.
    let first = attempts.first().map_or(begins, |(when, _)| *when);
    let well = |e: &SigninEvent| e.outcome == Some(SigninOutcome::Success) && !is_lock(e);
    let known: BTreeSet<&str> =
        own.iter().filter(|(when, e)| *when < first && well(e)).filter_map(|(_, e)| e.ip.as_deref()).collect();
    let since: Vec<&SigninEvent> = own.iter().filter(|(when, e)| *when >= first && well(e)).map(|(_, e)| *e).collect();
    let mut evidence: Vec<String> = attempts.iter().map(|(_, e)| e.id.clone()).collect();
    evidence.push(lock.id.clone());
    let tried: BTreeSet<&str> =
        attempts.iter().map(|(_, e)| *e).chain([lock]).filter_map(|e| e.ip.as_deref()).collect();
    let addresses: Vec<String> = tried.iter().map(|address| (*address).to_owned()).collect();
    let began = attempts.first().map(|(when, _)| *when);
    let usual = !known.is_empty() && !tried.is_empty() && tried.iter().all(|address| known.contains(address));
    let tell = |to| {
        let (evidence, addresses) = (evidence.clone(), addresses.clone());
        Some(Notice { lock: lock.id.clone(), at, evidence, first: began, addresses, usual, to })
    };
    // A danger the provider noticed in that hour counts whatever became of the sign-in it saw it in.
    let noticed = own.iter().take(place + 1).any(|(when, e)| *when >= begins && is_danger(e));
    if noticed {
        return tell(Reader::Security("an attempt was stopped as dangerous"));
    }
    if !known.is_empty() {
        if tried.iter().any(|address| !known.contains(address)) {
            return tell(Reader::Security("attempts came from an address this person never signed in from"));
        }
        if since.iter().any(|e| e.ip.as_deref().is_some_and(|address| !known.contains(address))) {
            return tell(Reader::Security("somebody signed in from a new address since the attempts began"));
        }
    }
    let sessions: BTreeSet<&str> = attempts.iter().filter_map(|(_, e)| e.session.as_deref()).collect();
    // The session that failed is the one that works: whoever holds it may be either of the two.
    if since.iter().any(|e| e.session.as_deref().is_some_and(|s| sessions.contains(s))) && known.is_empty() {
        return tell(Reader::Security("the session of the attempts is in use"));
    }
    if own.iter().skip(place + 1).any(|(_, e)| well(e)) {
        return None;
    }
    // Nothing tells the person from somebody else; but whoever it was got in nowhere, so nobody new reads what is said here.
    if !usual && !since.is_empty() {
        return None;
    }
    tell(Reader::Owner)
}

/// True where the event says that the account is locked.
fn is_lock(event: &SigninEvent) -> bool {
    event.reason_class == Some(ReasonClass::LockedOut)
}

/// True where somebody tried and failed.
fn is_attempt(event: &SigninEvent) -> bool {
    use SigninOutcome::{Blocked, Deny, Failure};
    matches!(event.outcome, Some(Failure | Deny | Blocked)) || is_lock(event)
}

fn is_danger(event: &SigninEvent) -> bool {
    event.reason_class == Some(ReasonClass::Risk) || event.is_risky()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::Provider;

    const HOME: &str = "198.51.100.7";
    const ELSEWHERE: &str = "203.0.113.9";

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minute * 60).unwrap()
    }

    fn event(minute: i64, outcome: SigninOutcome, class: Option<ReasonClass>, ip: Option<&str>) -> SigninEvent {
        SigninEvent {
            id: format!("e{minute}"),
            provider: Provider::Okta,
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
            session: Some(format!("s{minute}")),
            place: None,
            risk: None,
            subject: None,
            raw_digest: Digest::of(&minute.to_be_bytes()),
        }
    }

    fn good(minute: i64, ip: &str) -> SigninEvent {
        event(minute, SigninOutcome::Success, None, Some(ip))
    }

    fn wrong(minute: i64, ip: &str) -> SigninEvent {
        event(minute, SigninOutcome::Failure, Some(ReasonClass::BadCredentials), Some(ip))
    }

    fn lock(minute: i64, ip: Option<&str>) -> SigninEvent {
        event(minute, SigninOutcome::Failure, Some(ReasonClass::LockedOut), ip)
    }

    fn to(events: &[SigninEvent], now: i64) -> Option<Reader> {
        notice(events, at(now), Settings::default()).map(|n| n.to)
    }

    #[test]
    fn the_owner_is_told_of_their_own_mistakes_once_and_while_it_is_news() {
        let mut events = vec![good(-5_000, HOME), wrong(0, HOME), wrong(1, HOME), lock(2, Some(HOME))];
        let told = notice(&events, at(3), Settings::default()).unwrap();
        assert_eq!((told.lock.as_str(), told.to), ("e2", Reader::Owner));
        assert_eq!(told.evidence, ["e0", "e1", "e2"]);
        events.reverse();
        assert_eq!(notice(&events, at(3), Settings::default()), Some(told), "the order does not matter");
        assert_eq!(to(&events, 2 + 4 * 60), Some(Reader::Owner), "logs come late");
        assert_eq!(to(&events, 3 + 4 * 60), None, "an old lock is no news");
        let away = Settings { fresh: SignedDuration::from_hours(48), ..Settings::default() };
        assert!(notice(&events, at(40 * 60), away).is_some(), "nobody could look in between");
        events.push(good(4, HOME));
        assert_eq!(to(&events, 5), None, "it is over");
        assert_eq!(to(&[good(0, HOME), wrong(1, HOME)], 2), None, "no lock, no notice");
        assert_eq!(to(&[], 0), None);
    }

    #[test]
    fn what_may_be_an_attack_goes_to_security_and_never_to_the_channel() {
        let spray = [good(-5_000, HOME), wrong(0, ELSEWHERE), wrong(1, HOME), lock(2, None)];
        assert!(matches!(to(&spray, 3), Some(Reader::Security(_))));
        let taken = [good(-5_000, HOME), wrong(0, HOME), good(1, ELSEWHERE), lock(2, Some(HOME))];
        assert!(matches!(to(&taken, 3), Some(Reader::Security(_))));
        let danger = event(1, SigninOutcome::Blocked, Some(ReasonClass::Risk), Some(HOME));
        assert!(matches!(to(&[good(-5_000, HOME), danger, lock(2, Some(HOME))], 3), Some(Reader::Security(_))));
        let mut same = good(3, HOME);
        same.session = Some("s0".into());
        assert!(matches!(to(&[wrong(0, HOME), lock(2, Some(HOME)), same], 4), Some(Reader::Security(_))));
    }

    #[test]
    fn where_nothing_is_known_the_owner_is_told_no_cause_and_only_while_nobody_got_in() {
        for events in
            [vec![wrong(0, HOME), lock(2, Some(HOME))], vec![good(-5_000, HOME), lock(2, None)], vec![lock(2, None)]]
        {
            let told = notice(&events, at(3), Settings::default()).unwrap();
            assert_eq!((told.to, told.usual), (Reader::Owner, false));
        }
        let mut bare = good(1, HOME);
        bare.ip = None;
        assert_eq!(to(&[wrong(0, HOME), bare.clone(), lock(2, Some(HOME))], 3), None);
        assert_eq!(to(&[good(-5_000, HOME), bare, lock(2, None)], 3), None);
    }
}
