//! The embedded reading and the model's, compared. The embedded one stands; agreement makes it surer, disagreement makes us ask.
//!
//! Invariant: what comes out names the same entitlements in the same order, the same person and the same window as the embedded reading.

use crate::ports::language_model::ModelError;
use crate::understanding::model_interpreter::ModelReading;
use crate::understanding::types::{Ask, Intent, Interpreter, Missing, SaidEnd, Understanding};

/// Just below one clear card: the person sees the next best beside it, or is asked.
const ASKED: u16 = 8_900;

/// What agreement adds, basis points.
const SURER: u16 = 400;

/// Agreement never makes certain.
const SUREST: u16 = 9_800;

/// Below this the embedded reading is a guess, and a model that repeats a guess adds nothing.
const GUESS: u16 = 7_000;

/// Compares the two readings.
#[must_use]
pub fn reconcile(embedded: Understanding, reading: Result<ModelReading, ModelError>) -> Understanding {
    let Ok(reading) = reading else { return embedded };
    let mut out = embedded;
    let mut disputes: Vec<String> = Vec::new();
    let same_intent = family(out.intent) == family(reading.intent);
    if !same_intent {
        let (ours, theirs) = (spoken(out.intent), spoken(reading.intent));
        disputes.push(format!("The rules read this as {ours}, the language model as {theirs}."));
    }
    let mut named = vec![false; reading.entitlements.len()];
    for ask in out.asks.iter_mut().filter(|ask| !ask.candidates.is_empty()) {
        let mine: Vec<usize> = positions(ask, &reading);
        mine.iter().for_each(|n| named[*n] = true);
        let first = ask.candidates.first().map(|c| &c.entitlement);
        let agreed = mine.iter().any(|n| reading.entitlements.get(*n).map(|(id, _)| id) == first);
        if agreed {
            ask.confidence_bp = surer(ask.confidence_bp);
            continue;
        }
        ask.confidence_bp = ask.confidence_bp.min(ASKED);
        let other = mine.first().and_then(|n| reading.entitlements.get(*n));
        disputes.push(match other {
            Some((_, title)) => format!("For “{}” the language model would choose “{title}”.", short(&ask.phrase)),
            None => format!("The language model found nothing that fits “{}”.", short(&ask.phrase)),
        });
    }
    if let (Some(ours), Some(theirs)) = (&out.window, &reading.window)
        && !same_end(&ours.end, &theirs.end)
    {
        disputes.push(format!("The language model takes “{}” for the end.", short(&theirs.phrase)));
    }
    out.confidence_bp = if disputes.is_empty() { surer(out.confidence_bp) } else { out.confidence_bp.min(ASKED) };
    out.by = if disputes.is_empty() { Interpreter::Agreed } else { Interpreter::Disputed };
    if same_intent && out.justification.is_none() {
        let ours = &out.asks;
        if let Some(reason) = reading.reason.filter(|reason| is_reason(reason, ours)) {
            out.justification = Some(reason);
            out.missing.retain(|m| *m != Missing::Reason);
        }
    }
    out.disagreements.extend(disputes);
    out
}

/// Which of the model's choices are candidates of this ask.
fn positions(ask: &Ask, reading: &ModelReading) -> Vec<usize> {
    let is_candidate = |n: &usize| {
        let id = reading.entitlements.get(*n).map(|(id, _)| id);
        ask.candidates.iter().any(|c| Some(&c.entitlement) == id)
    };
    (0..reading.entitlements.len()).filter(is_candidate).collect()
}

fn surer(confidence: u16) -> u16 {
    if confidence < GUESS { confidence } else { confidence.max((confidence + SURER).min(SUREST)) }
}

/// Words the person used as a reason: they begin with a word that gives one, and are not the thing asked for.
fn is_reason(quote: &str, asks: &[Ask]) -> bool {
    const CUES: &[&str] = &["for ", "because ", "so that ", "so i ", "since ", "due to ", "in order to "];
    let quote = quote.to_lowercase();
    let names_thing = asks.iter().any(|ask| !ask.phrase.is_empty() && quote.contains(&ask.phrase.to_lowercase()));
    CUES.iter().any(|cue| quote.starts_with(cue)) && quote.split_whitespace().count() >= 3 && !names_thing
}

fn same_end(a: &SaidEnd, b: &SaidEnd) -> bool {
    match (a, b) {
        (SaidEnd::Unsaid, _) | (_, SaidEnd::Unsaid) => true,
        (SaidEnd::At { at: a } | SaidEnd::Past { at: a }, SaidEnd::At { at: b } | SaidEnd::Past { at: b }) => a == b,
        (SaidEnd::Lasting { length: a }, SaidEnd::Lasting { length: b }) => a == b,
        (SaidEnd::Open, SaidEnd::Open) => true,
        _ => false,
    }
}

/// Intents that lead to the same kind of answer; a difference inside a family is none worth asking about.
fn family(intent: Intent) -> u8 {
    match intent {
        Intent::RequestAccess | Intent::BreakGlass => 0,
        Intent::Correct => 1,
        Intent::Confirm => 2,
        Intent::Discard => 3,
        Intent::Extend => 4,
        Intent::GiveBack => 5,
        Intent::CancelRequest => 6,
        Intent::DecideByWords => 7,
        Intent::RequestStatus | Intent::WhyDecision | Intent::Appeal => 8,
        Intent::WhatDoIHave => 9,
        Intent::WhoApproves => 10,
        Intent::WhyLockedOut => 11,
        Intent::HowTo | Intent::BrowseCatalog | Intent::Help | Intent::Human => 12,
        Intent::SmallTalk | Intent::OutOfScope | Intent::Unclear => 13,
    }
}

fn spoken(intent: Intent) -> &'static str {
    match intent {
        Intent::RequestAccess => "a request for access",
        Intent::Correct => "a change to what is on the table",
        Intent::Confirm => "a yes",
        Intent::Discard => "a no",
        Intent::Extend => "a wish to keep access longer",
        Intent::GiveBack => "giving access back",
        Intent::RequestStatus => "a question about a request",
        Intent::CancelRequest => "taking a request back",
        Intent::WhatDoIHave => "a question about access held",
        Intent::WhoApproves => "a question about who approves",
        Intent::WhyDecision => "a question about a decision",
        Intent::WhyLockedOut => "a problem with signing in",
        Intent::HowTo => "a question about how something is done",
        Intent::BreakGlass => "an emergency",
        Intent::Appeal => "an appeal",
        Intent::DecideByWords => "a decision on somebody's request",
        Intent::BrowseCatalog => "a question about what there is",
        Intent::Help => "a question about this desk",
        Intent::SmallTalk => "a greeting or thanks",
        Intent::Human => "a wish to talk to a person",
        Intent::OutOfScope => "something this desk does not do",
        Intent::Unclear => "unclear",
    }
}

/// A phrase short enough for a sentence.
fn short(phrase: &str) -> String {
    let mut out: String = phrase.chars().take(60).collect();
    if phrase.chars().count() > 60 {
        out.push('…');
    }
    out
}
