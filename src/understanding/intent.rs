//! From words to intent: every cue phrase that is found speaks for its intent, and what is on the table decides what a short word is about.

use std::sync::LazyLock;

use crate::domain::conversation::{DraftState, Question};
use crate::understanding::normalise::{Gap, Message};
use crate::understanding::pattern::{Edges, Pattern};
use crate::understanding::rules::{RULES, Rule};
use crate::understanding::trouble::TROUBLE;
use crate::understanding::types::{Intent, Turn};
use crate::understanding::vocabulary;

static COMPILED: LazyLock<Vec<(Rule, Pattern)>> =
    LazyLock::new(|| RULES.iter().chain(TROUBLE).map(|r| (*r, Pattern::new(r.pattern))).collect());

/// What the cue phrases say.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Intents with their loudest phrase, loudest first.
    pub heard: Vec<(Intent, u16)>,
    /// Tokens that the winning intent's phrases took: first, one past last.
    pub cues: Vec<(Intent, usize, usize)>,
}

impl Reading {
    /// How loudly this intent was spoken for; zero where it was not.
    #[must_use]
    pub fn points(&self, intent: Intent) -> u16 {
        self.heard.iter().find(|(i, _)| *i == intent).map_or(0, |(_, p)| *p)
    }

    /// The loudest of all.
    #[must_use]
    pub fn loudest(&self) -> Option<(Intent, u16)> {
        self.heard.first().copied()
    }
}

/// Hears every cue phrase of a message.
#[must_use]
pub fn hear(message: &Message) -> Reading {
    let edges = Edges::of(&message.tokens);
    let mut heard: Vec<(Intent, u16)> = Vec::new();
    let mut cues = Vec::new();
    for (rule, pattern) in COMPILED.iter() {
        let Some((from, to)) = pattern.find(&message.tokens, &edges) else { continue };
        cues.push((rule.intent, from, to));
        match heard.iter_mut().find(|(i, _)| *i == rule.intent) {
            Some((_, points)) => *points = (*points).max(rule.points),
            None => heard.push((rule.intent, rule.points)),
        }
    }
    // Stable: of equally loud ones the earlier in the table stays first.
    heard.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
    Reading { heard, cues }
}

/// What is on the table, as far as intents care.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// A draft is open.
    pub draft: bool,
    /// We asked which.
    pub asked_which: bool,
    /// We asked why.
    pub asked_reason: bool,
    /// We asked what.
    pub asked_what: bool,
    /// They hold something.
    pub holds: bool,
    /// The last answer was about something.
    pub topic: bool,
}

impl Table {
    /// What is on this turn's table.
    #[must_use]
    pub fn of(turn: &Turn<'_>) -> Self {
        let draft = turn.drafts.iter().any(|d| d.state == DraftState::Open);
        Self {
            draft,
            asked_which: draft && matches!(turn.question, Some(Question::Which { .. })),
            asked_reason: draft && matches!(turn.question, Some(Question::Reason { .. })),
            asked_what: matches!(turn.question, Some(Question::What)),
            holds: !turn.holds.is_empty(),
            topic: turn.topic.is_some(),
        }
    }
}

/// What the words want, given the table, and how loudly they said so.
#[must_use]
pub fn decide(message: &Message, reading: &Reading, table: Table) -> (Intent, u16) {
    let mut heard = reading.heard.clone();
    let points = |intent| reading.points(intent);
    if !table.draft {
        // Without a draft there is nothing to confirm, discard or correct.
        heard.retain(|(i, _)| *i != Intent::Correct);
        for (intent, p) in &mut heard {
            if matches!(intent, Intent::Confirm | Intent::Discard) {
                *p = (*p).min(6_000);
            }
        }
    } else {
        for (intent, p) in &mut heard {
            match intent {
                // "Great" and "perfect" answer a read-back card.
                Intent::SmallTalk if points(Intent::Confirm) > 0 => *p = 0,
                // "Cancel it" means the draft, unless the request is named.
                Intent::CancelRequest if points(Intent::Discard) > 0 => *p = 0,
                // "Drop it", likewise.
                Intent::GiveBack if points(Intent::Discard) > 0 && message.tokens.len() <= 4 => *p = 0,
                // A whole new sentence asking for access outweighs a correction, unless it says that it corrects.
                Intent::Correct if points(Intent::RequestAccess) >= 9_000 && !corrects(message) => *p = 8_000,
                Intent::RequestAccess if points(Intent::Correct) > 0 && corrects(message) => *p = (*p).min(8_000),
                Intent::RequestAccess if *p < 7_500 && points(Intent::Correct) > 0 => *p = 6_000,
                _ => {}
            }
        }
    }
    // "How do I get access" asks for the way, not for the access.
    if points(Intent::HowTo) >= 9_000 {
        for (intent, p) in &mut heard {
            if matches!(
                intent,
                Intent::RequestAccess
                    | Intent::Extend
                    | Intent::GiveBack
                    | Intent::DecideByWords
                    | Intent::CancelRequest
                    | Intent::WhyLockedOut
            ) {
                *p = (*p).min(8_000);
            }
        }
    }
    // "I need the login error dashboard" names a thing; "I need to sign in, but my password is wrong" reports trouble.
    if points(Intent::RequestAccess) > 0 && trouble_is_wished_for(message, reading) {
        heard.retain(|(i, _)| *i != Intent::WhyLockedOut);
    }
    // "I cannot log in there, I was never added: please add me as a developer" tells of trouble to say why; what is wanted is access.
    let own_door = ["account", "login", "password", "mfa", "code", "unlock", "back", "again", "why"];
    if points(Intent::RequestAccess) >= 9_200 && !message.tokens.iter().any(|t| own_door.contains(&t.cue.as_str())) {
        for (intent, p) in &mut heard {
            if *intent == Intent::WhyLockedOut {
                *p = (*p).min(8_000);
            }
        }
    }
    // A reason that mentions an incident is not yet an emergency: access must be asked for, and now.
    if points(Intent::BreakGlass) > 0
        && points(Intent::HowTo) + points(Intent::WhoApproves) + points(Intent::WhyDecision) > 0
    {
        heard.retain(|(i, _)| *i != Intent::BreakGlass);
    }
    // "Make me an owner of it" asks for access; only a question asks who the owners are.
    let says_any = |list: &[&str]| message.tokens.iter().any(|t| !t.data && list.contains(&t.cue.as_str()));
    if points(Intent::RequestAccess) >= 9_500 && !says_any(&["who", "whom", "whose", "which", "what"]) {
        heard.retain(|(i, _)| *i != Intent::WhoApproves);
    }
    // "I need to delete the channel" is something to be done; "to remove my access" gives it back.
    let to_be_done = message.tokens.windows(3).any(|w| {
        matches!(w[0].cue.as_str(), "need" | "have" | "want" | "able" | "needs" | "supposed")
            && w[1].cue == "to"
            && matches!(w[2].cue.as_str(), "delete" | "remove" | "revoke" | "terminate" | "release" | "end")
    });
    if to_be_done
        && !says_any(&["my", "mine", "our", "me", "access", "it", "this", "that", "permission", "permissions", "role"])
    {
        heard.retain(|(i, _)| *i != Intent::GiveBack);
    }
    let still: Vec<Intent> = heard.iter().map(|(i, _)| *i).collect();
    // Asking back what one holds, who decides or why is a question even where it speaks of access.
    let asks_back = [
        Intent::WhatDoIHave,
        Intent::WhoApproves,
        Intent::WhyDecision,
        Intent::RequestStatus,
        Intent::Extend,
        Intent::GiveBack,
    ]
    .into_iter()
    .any(|i| points(i) >= 8_900 && still.contains(&i));
    if asks_back {
        for (intent, p) in &mut heard {
            if *intent == Intent::RequestAccess {
                *p = (*p).min(8_000);
            }
        }
    }
    // Everything else outweighs thanks and greetings.
    if heard.iter().any(|(i, p)| *i != Intent::SmallTalk && *i != Intent::Confirm && *p >= 7_000) {
        for (intent, p) in &mut heard {
            if *intent == Intent::SmallTalk {
                *p = (*p).min(6_500);
            }
        }
    }
    heard.retain(|(_, p)| *p > 0);
    heard.sort_by_key(|(_, p)| std::cmp::Reverse(*p));
    heard.first().copied().unwrap_or((Intent::Unclear, 0))
}

/// True where every word of trouble stands within what somebody wishes for, in the same clause, and nothing is said of the speaker there.
fn trouble_is_wished_for(message: &Message, reading: &Reading) -> bool {
    const SAYS: &[&str] = &[
        "i", "me", "my", "we", "us", "our", "is", "are", "am", "was", "not", "it", "keeps", "does", "because", "but",
        "why",
    ];
    let within = |from: usize, to: usize| {
        reading.cues.iter().any(|(intent, wish, end)| {
            let between = message.tokens.get(wish + 1..from).unwrap_or_default();
            // "Please" by itself wishes for nothing.
            let leads = *intent == Intent::RequestAccess && *wish < from && *end > wish + 1;
            leads
                && between.iter().chain(message.tokens.get(from)).all(|t| t.gap < Gap::Comma)
                && message
                    .tokens
                    .get((*end).min(from)..to)
                    .is_some_and(|all| all.iter().all(|t| !SAYS.contains(&t.cue.as_str())))
        })
    };
    let mut troubles = reading.cues.iter().filter(|(intent, ..)| *intent == Intent::WhyLockedOut).peekable();
    troubles.peek().is_some() && troubles.all(|(_, from, to)| within(*from, *to))
}

/// True where the message says that it changes what was said before.
#[must_use]
pub fn corrects(message: &Message) -> bool {
    const WORDS: &[&str] = &[
        "no",
        "nope",
        "actually",
        "instead",
        "rather",
        "meant",
        "wait",
        "oops",
        "correction",
        "sorry",
        "make",
        "change",
    ];
    message.tokens.iter().take(3).chain(message.tokens.last()).any(|t| !t.data && WORDS.contains(&t.cue.as_str()))
}

/// True where the talk is of something this desk has nothing to do with.
#[must_use]
pub fn is_elsewhere(message: &Message) -> bool {
    let words: Vec<&str> = message.tokens.iter().filter(|t| !t.data).map(|t| t.word.as_str()).collect();
    vocabulary::ELSEWHERE.iter().any(|topic| {
        let parts: Vec<&str> = topic.split(' ').collect();
        // "Since lunch" and "after the holiday" say when, not what.
        let when = |n: usize| {
            let before = words.get(..n).unwrap_or_default().iter().rev().find(|w| !matches!(**w, "the" | "my" | "our"));
            before.is_some_and(|w| matches!(*w, "since" | "after" | "before" | "until" | "till" | "during"))
        };
        words.windows(parts.len()).enumerate().any(|(n, w)| w == parts.as_slice() && !when(n))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_in_the_table_exists() {
        for rule in RULES.iter().chain(TROUBLE) {
            for word in rule.pattern.split([' ', '(', ')', '|', '?']).filter_map(|w| w.strip_prefix('@')) {
                assert!(
                    vocabulary::CLASSES.iter().any(|(name, _)| *name == word),
                    "`{}` names `@{word}`",
                    rule.pattern
                );
            }
            assert_eq!(rule.pattern.matches('(').count(), rule.pattern.matches(')').count(), "{}", rule.pattern);
        }
    }
}
