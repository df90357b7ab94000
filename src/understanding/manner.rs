//! How something is said, whatever it is about: a courtesy, a question in full dress, words taken back.

use crate::understanding::embedded::Reader;
use crate::understanding::intent;
use crate::understanding::slots;
use crate::understanding::types::Intent;
use crate::understanding::vocabulary;

impl Reader<'_> {
    /// True for "thanks", "ok great": nobody's reason.
    pub(super) fn is_brief_courtesy(&self, points: u16) -> bool {
        points >= 8_800 && self.message.tokens.len() <= 4
    }

    /// True for a question in full dress: it begins with a question word and ends with a question mark.
    pub(super) fn asks_something(&self) -> bool {
        let opens = self.message.tokens.iter().find(|t| !vocabulary::says(vocabulary::OPENERS, &t.cue));
        let asks =
            |cue: &str| matches!(cue, "what" | "who" | "whom" | "whose" | "when" | "where" | "why" | "how" | "which");
        self.message.clean.trim_end().ends_with('?') && opens.is_some_and(|t| !t.data && asks(&t.cue))
    }

    /// True for words that may say what is needed, or what for, where that was asked: neither a question nor of anything else that was heard.
    pub(super) fn may_say_what(&self, intent: Intent, points: u16) -> bool {
        let wish = matches!(intent, Intent::RequestAccess | Intent::BreakGlass);
        let open = wish || matches!(intent, Intent::Correct | Intent::Unclear) || points < 7_000;
        let courtesy = matches!(
            intent,
            Intent::SmallTalk | Intent::Confirm | Intent::Discard | Intent::Help | Intent::Human | Intent::OutOfScope
        );
        let asks = self.asks_something() || self.opens_a_question() && !wish;
        open && !courtesy && !asks && !intent::is_elsewhere(&self.message)
    }

    /// True for words that only take back what was understood: "no, the edit one", "not production".
    pub(super) fn takes_back(&self) -> bool {
        let cue = |t: Option<&crate::understanding::normalise::Token>, list: &[&str]| {
            t.is_some_and(|t| !t.data && list.contains(&t.cue.as_str()))
        };
        let tokens = &self.message.tokens;
        let turns = cue(tokens.first(), &["no", "nope", "not", "wait", "oops"])
            || cue(tokens.first(), &["the"]) && cue(tokens.last(), &["one"]);
        turns && self.lead_reason(&[]).is_none() && slots::reasons(&self.message, &self.used, 0).is_empty()
    }
}
