//! Who or what sent the wrong passwords, where the events tell it apart: a password saved on a device, an old session, somebody else.
//! Each cause needs marks that the others do not have; without them nothing is claimed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::helpdesk::lockout::chain::{self, Group};
use crate::helpdesk::lockout::claim::{Certainty, Evidence, Sentence};
use crate::helpdesk::lockout::kind::{self, Kind};
use crate::helpdesk::lockout::timeline::{Moment, Timeline};
use crate::helpdesk::lockout::words;

/// How far back a new password still explains failures with the old one.
const PASSWORD_NEWS: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The fewest failures that show a rhythm.
const FEWEST_FOR_RHYTHM: usize = 4;
/// The fewest addresses that show a spray over one account.
const MANY_ADDRESSES: usize = 4;
/// The fewest other accounts refused from the same address that show a spray over many.
const MANY_ACCOUNTS: u32 = 5;

/// What is known of other people's failures: how many other accounts were refused from an address. Never who.
pub type Around = BTreeMap<String, u32>;

/// Counts, from other people's events, how many accounts were refused from each address. Names are not kept.
pub fn around<'a>(others: impl IntoIterator<Item = &'a SigninEvent>) -> Around {
    let mut accounts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for event in others {
        let why = kind::why(event);
        let wrong = matches!(why.class, Some(ReasonClass::BadCredentials | ReasonClass::AccountNotFound));
        if wrong
            && kind::kind(event, why) == Kind::Refused
            && let (Some(origin), Some(actor)) = (event.origin(), event.actor.as_deref())
        {
            accounts.entry(origin).or_default().insert(actor);
        }
    }
    let many = |set: BTreeSet<&str>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    accounts.into_iter().map(|(origin, set)| (origin.to_owned(), many(set))).collect()
}

/// A cause told apart.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What it is.
    pub what: What,
    /// How sure.
    pub certainty: Certainty,
    /// The sentence.
    pub sentence: Sentence,
}

/// Causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A password saved on a device.
    SavedPassword,
    /// Somebody else.
    SomebodyElse,
}

/// The cause that the failures show, where they show one.
#[must_use]
pub fn of(timeline: &Timeline<'_>, failures: &[Moment<'_>], around: &Around, zone: &TimeZone) -> Option<Cause> {
    somebody_else(timeline, failures, around).or_else(|| saved_password(timeline, failures, zone))
}

/// Programs that sign in by themselves with a stored password.
const BY_THEMSELVES: &[&str] = &[
    "activesync",
    "imap",
    "pop3",
    "smtp",
    "exchange",
    "mail",
    "outlook-ios",
    "outlook-android",
    "carddav",
    "caldav",
    "onedrive",
    "sync",
    "noninteractive",
    "service",
    "cron",
    "airsync",
    "eas",
    "wifi",
    "wi-fi",
    "radius",
];

/// True where the record itself says that no person typed it.
fn by_itself(moment: &Moment<'_>) -> bool {
    let said = [Some(moment.event.event.as_str()), moment.event.device.as_deref()];
    said.into_iter().flatten().any(|text| {
        let text = text.to_lowercase();
        text.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|w| BY_THEMSELVES.contains(&w))
            || text.contains("noninteractive")
            || text.contains("activesync")
    })
}

/// True where the steps are even: none is further than a fifth (or two seconds) from the middle one.
fn is_even(steps: &[i64]) -> bool {
    if steps.len() + 1 < FEWEST_FOR_RHYTHM {
        return false;
    }
    let mut sorted = steps.to_vec();
    sorted.sort_unstable();
    let middle = sorted[sorted.len() / 2];
    middle >= 5 && steps.iter().all(|s| (s - middle).abs() <= (middle / 5).max(2))
}

/// A device that signed in before and now repeats a wrong password: marks are a new password shortly before, an even rhythm, and a program
/// that signs in by itself. Two marks make it likely, one possible.
fn saved_password(timeline: &Timeline<'_>, failures: &[Moment<'_>], zone: &TimeZone) -> Option<Cause> {
    let groups = chain::groups(failures);
    let group: &Group<'_> = groups.first().filter(|g| g.moments.len() >= 3)?;
    if group.moments.len() * 2 <= failures.len() {
        return None;
    }
    let first = group.moments.first()?;
    let (origin, device) = (first.event.origin(), first.event.device.as_deref());
    let mine = |m: &&Moment<'_>| {
        let same_device = device.is_some() && m.event.device.as_deref() == device;
        m.kind == Kind::SignedIn && m.at < first.at && (same_device || (device.is_none() && m.event.origin() == origin))
    };
    let worked = timeline.moments.iter().rev().find(mine);
    let renewed = timeline
        .moments
        .iter()
        .rev()
        .find(|m| m.kind == Kind::NewPassword && m.at < first.at && first.at.duration_since(m.at) <= PASSWORD_NEWS);
    let even = is_even(&group.steps());
    let alone = group.moments.iter().filter(|m| by_itself(m)).count() * 2 > group.moments.len();
    let marks = u8::from(renewed.is_some()) + u8::from(even) + u8::from(alone);
    if marks == 0 || (worked.is_none() && renewed.is_none() && marks < 2) {
        return None;
    }
    let certainty =
        if marks >= 2 || (worked.is_some() && renewed.is_some()) { Certainty::Likely } else { Certainty::Possible };
    let mut evidence = Evidence::all(group.moments.iter().map(|m| m.event))?;
    let mut because = Vec::new();
    if let Some(renewed) = renewed {
        evidence = evidence.and(renewed.event);
        because.push(format!("your password was changed {}", words::on(renewed.at, zone)));
    }
    if let Some(worked) = worked {
        evidence = evidence.and(worked.event);
        because.push("the same device had signed in before".to_owned());
    }
    if even {
        because.push("the tries come at even intervals".to_owned());
    }
    if alone {
        because.push("the program signs in by itself".to_owned());
    }
    let hedge = if certainty == Certainty::Likely { "This is most likely" } else { "This is possibly" };
    let text = format!("{hedge} an old password saved on a device: {}.", list(&because));
    Some(Cause { what: What::SavedPassword, certainty, sentence: Sentence::claim(text, evidence) })
}

/// Somebody else: many addresses that never signed in before, or an address that was refused for many accounts.
fn somebody_else(timeline: &Timeline<'_>, failures: &[Moment<'_>], around: &Around) -> Option<Cause> {
    let known: Vec<&str> =
        timeline.moments.iter().filter(|m| m.kind == Kind::SignedIn).filter_map(|m| m.event.origin()).collect();
    let strange: Vec<&Moment<'_>> =
        failures.iter().filter(|m| m.event.origin().is_some_and(|o| !known.contains(&o))).collect();
    if strange.is_empty() || strange.len() * 2 <= failures.len() {
        return None;
    }
    let evidence = Evidence::all(strange.iter().map(|m| m.event))?;
    let others = strange.iter().filter_map(|m| around.get(m.event.origin()?)).max().copied().unwrap_or(0);
    let mut places: Vec<&str> = strange.iter().filter_map(|m| m.event.origin()).collect();
    places.sort_unstable();
    places.dedup();
    let (text, certainty) = if others >= MANY_ACCOUNTS {
        (
            "This is most likely somebody else: the record holds no sign-in of yours that worked from there, and other accounts were refused from there too.",
            Certainty::Likely,
        )
    } else if places.len() >= MANY_ADDRESSES {
        (
            "This is most likely somebody else: the record holds no sign-in of yours that worked from any of these addresses.",
            Certainty::Likely,
        )
    } else {
        return None;
    };
    Some(Cause { what: What::SomebodyElse, certainty, sentence: Sentence::claim(text, evidence) })
}

fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}
