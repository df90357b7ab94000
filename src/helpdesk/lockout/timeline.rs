//! The events of one person in order, with what cannot be right kept aside.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::helpdesk::lockout::claim::{Oddity, SetAside};
use crate::helpdesk::lockout::kind::{self, Kind, Why};

/// How far the clocks of two logs may differ: Kerberos' own measure (RFC 4120 §1.6).
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// How far a log's clock may run ahead of the moment asked about. What is dated later has not happened yet; what is dated within this is
/// used, and said to be so. Clocks kept by NTP differ by far less.
pub const AHEAD: SignedDuration = SignedDuration::from_secs(30);
/// No sign-in log is older than this: 2000-01-01.
const OLDEST: i64 = 946_684_800;

/// One event with what it is.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// When.
    pub at: Timestamp,
    /// The event.
    pub event: &'a SigninEvent,
    /// What kind of thing.
    pub kind: Kind,
    /// Why.
    pub why: Why,
}

impl Moment<'_> {
    /// True where something kept the person out.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        matches!(self.kind, Kind::Refused | Kind::Lock | Kind::SwitchedOff | Kind::State)
    }

    /// True where the provider called it dangerous, by its reason or beside it.
    #[must_use]
    pub fn is_danger(&self) -> bool {
        self.kind == Kind::Danger || self.why.class == Some(ReasonClass::Risk) || self.event.is_risky()
    }

    /// True for a refused sign-in with a wrong name or password.
    #[must_use]
    pub fn is_wrong_password(&self) -> bool {
        self.kind == Kind::Refused && self.why.class == Some(ReasonClass::BadCredentials)
    }
}

/// Events in order.
#[derive(Debug, Clone, Default)]
pub struct Timeline<'a> {
    /// The moments, oldest first; of equal times by id.
    pub moments: Vec<Moment<'a>>,
    /// What was left out, and why.
    pub set_aside: Vec<SetAside>,
    /// How many records are dated later than the moment asked about: not yet, so nothing is made of them.
    pub later: usize,
}

impl<'a> Timeline<'a> {
    /// Puts the events in order. Repeated records count once; records that contradict each other count not at all, nor do
    /// those dated after `now`.
    #[must_use]
    pub fn of(events: &'a [SigninEvent], now: Timestamp) -> Self {
        let mut by_id: BTreeMap<&str, Vec<&SigninEvent>> = BTreeMap::new();
        for event in events {
            by_id.entry(event.id.as_str()).or_default().push(event);
        }
        let mut timeline = Self::default();
        for (id, same) in by_id {
            let not_yet = |event: &&&SigninEvent| event.at.is_some_and(|at| at.duration_since(now) > AHEAD);
            timeline.later += usize::from(same.iter().any(|e| not_yet(&e)));
            let same: Vec<&SigninEvent> = same.iter().filter(|e| !not_yet(e)).copied().collect();
            let [event, others @ ..] = same.as_slice() else { continue };
            let differs = |other: &&&SigninEvent| {
                other.raw_digest != event.raw_digest
                    && (other.at, &other.event, other.outcome, &other.reason_code)
                        != (event.at, &event.event, event.outcome, &event.reason_code)
            };
            let odd = if others.iter().any(|other| differs(&other)) {
                Some(Oddity::SameIdOtherContent)
            } else if kind::is_foreign(event) {
                Some(Oddity::NotThisProvider)
            } else {
                match event.at {
                    None => Some(Oddity::NoTime),
                    Some(at) if at.as_second() < OLDEST => Some(Oddity::ImpossibleTime),
                    Some(_) => None,
                }
            };
            match (odd, event.at) {
                (None, Some(at)) => {
                    let why = kind::why(event);
                    timeline.moments.push(Moment { at, event, kind: kind::kind(event, why), why });
                }
                (odd, _) => {
                    let why = odd.unwrap_or(Oddity::NoTime);
                    timeline.set_aside.push(SetAside { id: id.to_owned(), why });
                }
            }
        }
        timeline
            .moments
            .retain(|m| m.kind != Kind::Other || m.event.risk.as_ref().is_some_and(|r| r.counts() || r.settled));
        timeline.moments.sort_by(|a, b| (a.at, &a.event.id).cmp(&(b.at, &b.event.id)));
        timeline
    }

    /// The moments after this one.
    #[must_use]
    pub fn after(&self, place: usize) -> &[Moment<'a>] {
        self.moments.get(place + 1..).unwrap_or(&[])
    }

    /// The moments before this one.
    #[must_use]
    pub fn before(&self, place: usize) -> &[Moment<'a>] {
        self.moments.get(..place).unwrap_or(&[])
    }

    /// The last moment that fits.
    pub fn last(&self, fits: impl Fn(&Moment<'a>) -> bool) -> Option<usize> {
        self.moments.iter().rposition(fits)
    }

    /// True where nothing after this place says that the account is open again: no unlock and no sign-in at the same provider.
    #[must_use]
    pub fn still_stands(&self, place: usize) -> bool {
        self.opened(place).is_none()
    }

    /// What shows that the account is open again: an unlock, or a sign-in that worked at the same provider.
    #[must_use]
    pub fn opened(&self, place: usize) -> Option<&Moment<'a>> {
        let shut = self.moments.get(place)?;
        self.after(place).iter().find(|m| {
            let same = m.event.provider == shut.event.provider;
            same && matches!(m.kind, Kind::Unlock | Kind::SignedIn | Kind::SwitchedOn)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::{Provider, SigninOutcome};

    fn event(id: &str, second: i64) -> SigninEvent {
        SigninEvent {
            id: id.to_owned(),
            provider: Provider::Okta,
            event: "user.session.start".into(),
            at: Some(Timestamp::from_second(1_790_000_000 + second).unwrap()),
            time: None,
            actor: Some("lena@northwind.test".into()),
            subject: None,
            outcome: Some(SigninOutcome::Failure),
            reason_code: Some("INVALID_CREDENTIALS".into()),
            reason_class: Some(ReasonClass::BadCredentials),
            reason_text: None,
            ip: None,
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
            raw_digest: Digest::of(id.as_bytes()),
        }
    }

    #[test]
    fn what_is_dated_later_has_not_happened_yet_and_is_no_oddity() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let events =
            [event("before", -60), event("now", 0), event("ahead", 30), event("later", 31), event("far", 90_000_000)];
        let line = Timeline::of(&events, now);
        let seen: Vec<&str> = line.moments.iter().map(|m| m.event.id.as_str()).collect();
        assert_eq!(seen, ["before", "now", "ahead"]);
        assert_eq!((line.later, line.set_aside.len()), (2, 0));
    }
}
