//! One question about one person's sign-ins, out of events of many: theirs are explained, the others are only counted.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::causes;
use crate::helpdesk::lockout::claim::Explanation;
use crate::helpdesk::lockout::explain::{self, Inquiry, Lasting};
use crate::helpdesk::lockout::{question, voice};

/// The most characters of a question that are read.
pub const LONGEST_QUESTION: usize = 4_000;

/// What is asked, by whom and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The accounts of the person it is about.
    pub whose: &'a Aliases,
    /// The words. They choose what is explained, never whose events.
    pub words: &'a str,
    /// When.
    pub now: Timestamp,
    /// The reader's zone.
    pub zone: &'a TimeZone,
    /// How much may be told.
    pub level: Level,
    /// How long locks last, as declared.
    pub lasting: &'a Lasting,
}

/// Answers. `events` may be of anybody and in any order.
#[must_use]
pub fn answer(events: impl IntoIterator<Item = SigninEvent>, asked: Asked<'_>) -> Explanation {
    let (mut own, others): (Vec<SigninEvent>, Vec<SigninEvent>) = events.into_iter().partition(|e| asked.whose.own(e));
    once(&mut own);
    if asked.level <= Level::Staff {
        // What is not there cannot be told.
        own.iter_mut().for_each(without_places);
    }
    let words: String = asked.words.chars().take(LONGEST_QUESTION).collect();
    let question = question::read_at(&words, &own, asked.now, asked.zone);
    let around = causes::around(&others);
    explain::explain(Inquiry {
        events: &own,
        now: asked.now,
        zone: asked.zone,
        question: &question,
        level: asked.level,
        lasting: asked.lasting,
        around: &around,
    })
}

/// The answer for somebody else than the person it is about: the same sentences, about them.
#[must_use]
pub fn about_another(events: impl IntoIterator<Item = SigninEvent>, asked: Asked<'_>, name: &str) -> Explanation {
    voice::about(answer(events, asked), name)
}

/// The same record under two ids (two exports of one log, say) is one event, as it is in the store: the first id stands for it.
fn once(events: &mut Vec<SigninEvent>) {
    let mut seen = BTreeSet::new();
    events.retain(|e| seen.insert((e.provider, e.raw_digest, e.event.clone(), e.time.clone(), e.reason_code.clone())));
}

/// Takes out from where, with what, to what and in which session.
fn without_places(event: &mut SigninEvent) {
    event.ip = None;
    event.device = None;
    event.application = None;
    event.session = None;
    event.place = None;
}
