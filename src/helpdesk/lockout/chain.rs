//! What led there: the failures before a lock, taken together by where they came from, and told in order.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::helpdesk::lockout::claim::{Evidence, Sentence};
use crate::helpdesk::lockout::timeline::{Moment, Timeline};
use crate::helpdesk::lockout::words;

/// Failures further apart than this are two stories.
const SAME_STORY: SignedDuration = SignedDuration::from_hours(1);
/// The most sources told one by one.
const MOST_TOLD: usize = 3;
/// The most addresses listed by name.
const MOST_LISTED: usize = 12;

/// Failures from one place: address, device, application.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// The failures, oldest first; never empty.
    pub moments: Vec<Moment<'a>>,
}

impl Group<'_> {
    /// When the first was.
    #[must_use]
    pub fn from(&self) -> Option<Timestamp> {
        self.moments.first().map(|m| m.at)
    }

    /// When the last was.
    #[must_use]
    pub fn to(&self) -> Option<Timestamp> {
        self.moments.last().map(|m| m.at)
    }

    /// The time between each and the next, in seconds.
    #[must_use]
    pub fn steps(&self) -> Vec<i64> {
        self.moments.windows(2).map(|w| w[1].at.as_second() - w[0].at.as_second()).collect()
    }
}

/// The failures that end at `until`, walking back while none is more than an hour from the next.
#[must_use]
pub fn burst<'a>(before: &[Moment<'a>], until: Timestamp, fits: impl Fn(&Moment<'a>) -> bool) -> Vec<Moment<'a>> {
    let mut found: Vec<Moment<'a>> = Vec::new();
    let mut edge = until;
    for moment in before.iter().rev().filter(|m| fits(m)) {
        if edge.duration_since(moment.at) > SAME_STORY {
            break;
        }
        edge = moment.at;
        found.push(*moment);
    }
    found.reverse();
    found
}

/// The failures before a lock (or before `place` itself, which is then one of them).
#[must_use]
pub fn leading_to<'a>(timeline: &Timeline<'a>, place: usize, fits: impl Fn(&Moment<'a>) -> bool) -> Vec<Moment<'a>> {
    timeline.moments.get(place).map_or_else(Vec::new, |m| burst(timeline.before(place), m.at, fits))
}

/// Failures taken together by address and device; the largest group first, then the earliest.
#[must_use]
pub fn groups<'a>(moments: &[Moment<'a>]) -> Vec<Group<'a>> {
    let mut by_source: BTreeMap<(Option<&str>, Option<&str>), Vec<Moment<'a>>> = BTreeMap::new();
    for moment in moments {
        by_source.entry((moment.event.origin(), moment.event.device.as_deref())).or_default().push(*moment);
    }
    let mut groups: Vec<Group<'a>> = by_source.into_values().map(|moments| Group { moments }).collect();
    groups.sort_by_key(|g| (std::cmp::Reverse(g.moments.len()), g.from()));
    groups
}

/// How many different addresses.
#[must_use]
pub fn addresses(moments: &[Moment<'_>]) -> usize {
    let mut seen: Vec<&str> = moments.iter().filter_map(|m| m.event.origin()).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The addresses by name, for whoever looks into it, where they are so many that the story only counts them.
#[must_use]
pub fn listed(moments: &[Moment<'_>]) -> Option<Sentence> {
    if groups(moments).len() <= MOST_TOLD {
        return None;
    }
    let mut named: BTreeMap<String, Vec<&Moment<'_>>> = BTreeMap::new();
    for moment in moments {
        if let Some(origin) = words::origin(moment.event) {
            named.entry(origin.trim_start_matches("the address ").to_owned()).or_default().push(moment);
        }
    }
    let more = named.len().saturating_sub(MOST_LISTED);
    let shown: Vec<&String> = named.keys().take(MOST_LISTED).collect();
    let list = shown.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let evidence = Evidence::all(named.values().take(MOST_LISTED).flatten().map(|m| m.event))?;
    Some(Sentence::claim(format!("They came from {list}{rest}."), evidence))
}

/// The sentences that tell the failures: one a source, or one for all where there are many sources.
#[must_use]
pub fn tell(moments: &[Moment<'_>], what: (&str, &str), zone: &TimeZone) -> Vec<Sentence> {
    let groups = groups(moments);
    if groups.len() > MOST_TOLD {
        let (Some(first), Some(last)) = (moments.first(), moments.last()) else { return Vec::new() };
        let from = match addresses(moments) {
            0 => String::new(),
            1 => ", all from one address".to_owned(),
            n => format!(", from {n} different addresses"),
        };
        let text = format!(
            "{} recorded {}{from}.",
            are(&words::count(moments.len(), what.0, what.1), moments.len()),
            words::between(first.at, last.at, zone)
        );
        return Evidence::all(moments.iter().map(|m| m.event)).map(|e| Sentence::claim(text, e)).into_iter().collect();
    }
    let mut told = groups;
    told.sort_by_key(Group::from);
    told.iter().filter_map(|group| one(group, what, zone)).collect()
}

fn one(group: &Group<'_>, what: (&str, &str), zone: &TimeZone) -> Option<Sentence> {
    let first = group.moments.first()?;
    let n = group.moments.len();
    let origin = words::origin(first.event);
    let device = words::device(first.event);
    let all = if n > 2 {
        "all "
    } else if n == 2 {
        "both "
    } else {
        ""
    };
    let from = match (origin, device) {
        (Some(origin), Some(device)) => format!(", {all}from {origin} and the device {device}"),
        (Some(origin), None) => format!(", {all}from {origin}"),
        (None, Some(device)) => format!(", {all}from the device {device}"),
        (None, None) => String::new(),
    };
    let mut targets: Vec<String> = group.moments.iter().filter_map(|m| words::application(m.event)).collect();
    targets.sort();
    targets.dedup();
    let target = match targets.as_slice() {
        [one] => format!(" to {one}"),
        _ => String::new(),
    };
    let counted = words::count(n, what.0, what.1);
    let counted = match counted.split_once(" with ") {
        Some((head, tail)) => format!("{head}{target} with {tail}"),
        None => format!("{counted}{target}"),
    };
    let text = format!("{} recorded {}{from}.", are(&counted, n), words::between(group.from()?, group.to()?, zone));
    Evidence::all(group.moments.iter().map(|m| m.event)).map(|e| Sentence::claim(text, e))
}

fn are(counted: &str, n: usize) -> String {
    format!("{} {}", words::capital(counted), if n == 1 { "is" } else { "are" })
}
