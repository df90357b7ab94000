//! What the provider called dangerous around the event a question is about: found within the chain's reach, never further.

use jiff::SignedDuration;

use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::helpdesk::lockout::chain;
use crate::helpdesk::lockout::claim::{Evidence, Sentence};
use crate::helpdesk::lockout::kind::Kind;
use crate::helpdesk::lockout::timeline::{Moment, Timeline};
use crate::helpdesk::lockout::words;

/// How long after an event a danger may be noticed and still belong to it.
const SAME_DANGER: SignedDuration = SignedDuration::from_mins(15);
/// How long before the first failure of the chain a danger may lie and still belong to it: as long as two failures of one story may.
const BEFORE_THE_FIRST: SignedDuration = SignedDuration::from_hours(1);
/// The most dangers told one by one.
const MOST_TOLD: usize = 5;

/// The dangers that belong to the event at this place, itself among them where it is one; oldest first. What has been called safe since is
/// none.
#[must_use]
pub fn around<'a>(line: &Timeline<'a>, place: usize) -> Vec<Moment<'a>> {
    let Some(moment) = line.moments.get(place) else { return Vec::new() };
    let refused = |m: &Moment<'_>| {
        let story = m.is_wrong_password()
            || matches!(m.why.class, Some(ReasonClass::MfaFailed | ReasonClass::Throttled | ReasonClass::LockedOut));
        m.kind == Kind::Refused && story
    };
    let first = chain::leading_to(line, place, refused).first().map_or(moment.at, |m| m.at);
    let near = |m: &&Moment<'_>| {
        first.duration_since(m.at) <= BEFORE_THE_FIRST && m.at.duration_since(moment.at) <= SAME_DANGER
    };
    line.moments.iter().filter(|m| m.is_danger() && !settled(line, m)).filter(near).copied().collect()
}

/// True where a later record says that somebody looked at the account and dealt with the danger. That another sign-in was called safe says
/// nothing of this one.
fn settled(line: &Timeline<'_>, danger: &Moment<'_>) -> bool {
    line.moments.iter().any(|m| {
        let says = m.event.risk.as_ref().is_some_and(|r| r.settled);
        says && m.at >= danger.at && m.kind == Kind::Other
    })
}

/// What whoever looks into it reads: of each danger its time, what the log says, from where, and how dangerous.
#[must_use]
pub fn told(dangers: &[Moment<'_>], zone: &jiff::tz::TimeZone) -> Vec<Sentence> {
    let more = dangers.len().saturating_sub(MOST_TOLD);
    let mut said: Vec<Sentence> = dangers.iter().skip(more).map(|m| one(m, zone)).collect();
    if let Some(left) = dangers.get(..more).and_then(|left| Evidence::all(left.iter().map(|m| m.event))) {
        let counted = words::count(more, "earlier danger is", "earlier dangers are");
        said.insert(0, Sentence::claim(format!("{} recorded too.", words::capital(&counted)), left));
    }
    said
}

fn one(moment: &Moment<'_>, zone: &jiff::tz::TimeZone) -> Sentence {
    let event = moment.event;
    let meaning = moment
        .why
        .meaning
        .map_or_else(|| moment.why.class.map_or("it was recorded", words::plainly).to_owned(), str::to_owned);
    let text = format!(
        "{}, {}: the log says {meaning}{}{}.",
        words::system(event.provider),
        words::on(moment.at, zone),
        from(event),
        event.risk.as_ref().map(|r| format!("; {}", r.words())).filter(|t| t.len() > 2).unwrap_or_default(),
    );
    Sentence::claim(text, Evidence::of(event))
}

/// `, from the address 192.0.2.77, “NG”, with “Linux, Tor”`.
#[must_use]
pub fn from(event: &SigninEvent) -> String {
    let place = event.place.as_deref().and_then(words::name).map(|p| format!("“{p}”"));
    let mut said = String::new();
    if let Some(origin) = words::origin(event) {
        said.push_str(", from ");
        said.push_str(&origin);
    }
    if let Some(place) = place {
        said.push_str(if said.is_empty() { ", from " } else { ", " });
        said.push_str(&place);
    }
    if let Some(device) = words::device(event) {
        said.push_str(", with ");
        said.push_str(&device);
    }
    said
}
