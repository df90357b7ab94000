//! An explanation of a lockout as a card: the sentences, what to do, and the events it rests on.

use jiff::tz::TimeZone;

use crate::domain::card::{Badge, Card, Inline, Rich, Section, TimelineEntry, Tone, text};
use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::helpdesk::lockout::claim::{Certainty, Explanation, Sentence};
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
    let card = receipts(card, explanation, events, zone);
    match worded.by {
        By::Template => card,
        By::Model => card.by_model(),
    }
}

/// The answer to somebody else, as far as they may know it. `rests` are the events that may be named; none where only their number may.
#[must_use]
pub fn of_another(name: &str, explanation: &Explanation, rests: &[SigninEvent], zone: &TimeZone) -> Card {
    let mut card = Card::note(format!("What the record says of {name}"));
    card.badge = Some(badge(explanation));
    card = paragraphs(card, &explanation.sentences);
    card = with_steps(card, "What they are told to do:", explanation);
    receipts(card, explanation, rests, zone)
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

fn receipts(mut card: Card, explanation: &Explanation, events: &[SigninEvent], zone: &TimeZone) -> Card {
    let cited = explanation.cited();
    if cited.is_empty() {
        return card;
    }
    let entry = |id: &String| {
        let event = events.iter().find(|e| e.id == *id)?;
        let at = event.at?;
        let shown = words::instant(at, zone).plain().to_owned();
        let system = Inline::Text { text: format!("{} · ", written::system(event.provider)) };
        Some(TimelineEntry { at, shown, text: vec![system, Inline::Code { text: id.clone() }] })
    };
    let mut entries: Vec<TimelineEntry> = cited.iter().filter_map(entry).collect();
    entries.sort_by_key(|e| e.at);
    let more = entries.len().saturating_sub(MOST_RECEIPTS);
    // The newest, which the answer is about: the lock itself and what led to it last.
    entries.drain(..more);
    if !entries.is_empty() {
        card.body.push(Section::Timeline { entries });
    }
    let rest = if more > 0 { format!("; {more} older ones are not shown") } else { String::new() };
    card.footer = Some(text(format!("Rests on {} recorded events{rest}.", cited.len())));
    card
}
