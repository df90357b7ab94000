//! An explanation of a lockout as a card: the sentences, what to do, and the events it rests on.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::card::{Badge, Card, Inline, Rich, Section, TimelineEntry, Tone, text};
use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::helpdesk::lockout::claim::{Certainty, Explanation, Sentence};
use crate::helpdesk::lockout::kind::{self, Kind};
use crate::helpdesk::lockout::words as written;
use crate::helpdesk::phrasing::{By, Worded};
use crate::workflow::cards::words;

/// The most receipts shown on a card; the rest is counted.
const MOST_RECEIPTS: usize = 12;

/// The answer to the person it is about.
#[must_use]
pub fn own(explanation: &Explanation, worded: &Worded, events: &[SigninEvent], zone: &TimeZone) -> Card {
    let mut card = Card::note("Why you could not sign in");
    card.badge = Some(badge(explanation));
    card = match worded.by {
        By::Template => paragraphs(card, &explanation.sentences),
        By::Model => worded.text.lines().map(str::trim).filter(|l| !l.is_empty()).fold(card, Card::para),
    };
    card = with_steps(card, "What you can do:", explanation);
    let card = receipts(card, explanation, events, Zones::one(zone));
    match worded.by {
        By::Template => card,
        By::Model => card.by_model(),
    }
}

/// The answer to somebody else, as far as they may know it. `rests` are the events that may be named; none where only their number may.
#[must_use]
pub fn of_another(name: &str, explanation: &Explanation, rests: &[SigninEvent], zones: Zones<'_>) -> Card {
    let mut card = Card::note(format!("What the record says of {name}"));
    card.badge = Some(badge(explanation));
    card = paragraphs(card, &explanation.sentences);
    card = with_steps(card, "What they are told to do:", explanation);
    receipts(card, explanation, rests, zones)
}

fn badge(explanation: &Explanation) -> Badge {
    let (word, tone) = match (explanation.reason_class, explanation.certainty) {
        (Some(ReasonClass::Risk), _) => ("Stopped for safety", Tone::Danger),
        (_, Certainty::Certain) => ("From the record", Tone::Info),
        (_, Certainty::Likely) => ("Likely", Tone::Warning),
        (_, Certainty::Possible) => ("Possible", Tone::Warning),
        (_, Certainty::Unknown) => ("Not known", Tone::Neutral),
    };
    Badge { word: word.into(), tone }
}

fn paragraphs(card: Card, sentences: &[Sentence]) -> Card {
    sentences.iter().fold(card, |card, sentence| card.para(sentence.text()))
}

fn with_steps(mut card: Card, title: &str, explanation: &Explanation) -> Card {
    let steps: Vec<Rich> = explanation
        .next_steps
        .iter()
        .map(|step| {
            let mut line = text(step.words.clone());
            if let Some(link) = &step.link {
                line.extend(text(" "));
                line.push(Inline::Code { text: link.clone() });
            }
            line
        })
        .collect();
    if !steps.is_empty() {
        card = card.para(title);
        card.body.push(Section::List { items: steps });
    }
    card
}

/// How near an event stands to the cause: nought for what it rests on most. Where not all are shown, these are.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Lock | Kind::NewPassword | Kind::SwitchedOff | Kind::Danger | Kind::State => 0,
        Kind::SignedIn | Kind::Unlock | Kind::SwitchedOn => 1,
        Kind::Refused | Kind::Asked | Kind::Other => 2,
    }
}

fn receipts(mut card: Card, explanation: &Explanation, events: &[SigninEvent], zones: Zones<'_>) -> Card {
    let cited = explanation.cited();
    if cited.is_empty() {
        return card;
    }
    let found = |id: &String| events.iter().find(|e| e.id == *id).and_then(|e| Some((e.at?, e)));
    let mut shown: Vec<_> = cited.iter().filter_map(found).collect();
    // The first failure and the newest ones tell the story; those between are more of the same.
    shown.sort_by_key(|(at, event)| (rank(kind::kind(event, kind::why(event))), std::cmp::Reverse(*at)));
    let more = shown.len().saturating_sub(MOST_RECEIPTS);
    let left = shown.split_off(shown.len() - more);
    if let (Some(first), Some(last)) = (left.last(), shown.last_mut()) {
        *last = *first;
    }
    shown.sort_by_key(|(at, event)| (*at, &event.id));
    let entry = |(at, event): (Timestamp, &SigninEvent)| {
        let said = format!("{} · {} · ", written::system(event.provider), written::briefly(event));
        TimelineEntry {
            at,
            shown: zones.shown(at),
            text: vec![Inline::Text { text: said }, Inline::Code { text: event.id.clone() }],
        }
    };
    let entries: Vec<TimelineEntry> = shown.into_iter().map(entry).collect();
    if !entries.is_empty() {
        card.body.push(Section::Timeline { entries });
    }
    let rest = if more > 0 { format!("; {more} more of the same are not shown") } else { String::new() };
    card.footer =
        Some(text(format!("Rests on {}{rest}.", written::count(cited.len(), "recorded event", "recorded events"))));
    card
}

/// In whose zones times are shown: whom it is about, and where it differs, who reads.
#[derive(Debug, Clone, Copy)]
pub struct Zones<'a> {
    /// Of whom it is about.
    pub of: &'a TimeZone,
    /// Of who reads; the same where they read of themselves.
    pub reader: &'a TimeZone,
}

impl<'a> Zones<'a> {
    /// One zone for both.
    #[must_use]
    pub fn one(zone: &'a TimeZone) -> Self {
        Self { of: zone, reader: zone }
    }

    /// True where the clocks of the two show different times at this moment.
    #[must_use]
    pub fn differ(self, at: Timestamp) -> bool {
        self.of.to_offset(at) != self.reader.to_offset(at)
    }

    fn shown(self, at: Timestamp) -> String {
        let first = words::instant(at, self.of).plain().to_owned();
        if !self.differ(at) {
            return first;
        }
        let own = at.to_zoned(self.reader.clone());
        format!("{first}, {} ({}) for you", own.strftime("%a %H:%M"), own.strftime("%Z"))
    }
}
