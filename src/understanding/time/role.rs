//! What each time in a message is there for, by the words around it: the end, the beginning, the length, or nothing that can be meant.

use jiff::civil::DateTime;

use crate::domain::window::Seconds;
use crate::understanding::time::anchor::{Anchor, Grain, Grammar, Manner};
use crate::understanding::time::find::Found;
use crate::understanding::time::span::Length;

/// What a time is in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The end, exclusive.
    End(DateTime),
    /// The beginning.
    Start(DateTime),
    /// The whole window.
    Whole(DateTime, DateTime),
    /// Its length.
    Length(u64),
    /// No end.
    Open,
    /// Nothing that can be meant.
    Odd(Oddity),
}

/// Why a time cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// No calendar has that day.
    NoSuchDay,
    /// It would end before it begins.
    Backwards,
    /// It is no time at all.
    Nothing,
    /// Another one in another place.
    Unfixed,
}

impl Oddity {
    /// The end of a sentence that says so.
    pub(crate) fn why(self, phrase: &str) -> String {
        const LEADS: &[&str] = &["until", "till", "through", "for", "by", "to", "on", "from", "starting"];
        let bare = phrase.split_once(' ').filter(|(lead, _)| LEADS.contains(&lead.to_lowercase().as_str()));
        let bare = bare.map_or(phrase, |(_, rest)| rest);
        let bare = bare.strip_prefix("the ").unwrap_or(bare);
        match self {
            Self::NoSuchDay => format!("there is no {bare}"),
            Self::Backwards => "it would end before it begins".to_owned(),
            Self::Nothing => "that is no time at all".to_owned(),
            Self::Unfixed => "which days that is differs from place to place, so I need the dates".to_owned(),
        }
    }
}

/// A range named by days without a year that has to run into the next year is believed up to this length.
const LONGEST_ROLLED: Seconds = Seconds::days(183);

/// Small words that may stand between a preposition and its time.
const FILLERS: &[&str] =
    &["on", "at", "about", "around", "the", "only", "just", "like", "maybe", "roughly", "say", "least"];

/// True for a range that ran into the next year only because its end lies before its beginning.
fn too_long(anchor: &Anchor) -> bool {
    let length = anchor.until.duration_since(anchor.start).as_secs();
    u64::try_from(length).is_ok_and(|length| length > LONGEST_ROLLED.0)
}

impl Grammar<'_> {
    /// The place of the first filler before a time: what stands before it is the time's preposition.
    pub(crate) fn before(&self, i: usize) -> usize {
        let mut at = i;
        while at > 0 && self.is_any(at - 1, FILLERS) {
            at -= 1;
        }
        at
    }

    /// True where a minus stands before a number: "for -3 days", but not "2-3 days".
    pub(crate) fn is_negative(&self, i: usize) -> bool {
        let Some(sign) = i.checked_sub(1) else { return false };
        let joins = self.glued(sign) && sign > 0 && (self.is_word(sign - 1) || self.digits(sign - 1).is_some());
        self.is(sign, "-") && self.glued(i) && !joins || self.is_any(sign, &["minus", "negative"])
    }

    /// True behind "I have been waiting", "it takes": a length of something else.
    pub(crate) fn after_waiting(&self, i: usize) -> bool {
        const OTHER: &[&str] = &[
            "been", "waiting", "waited", "wait", "takes", "took", "take", "had", "worked", "since", "past", "locked",
            "spent", "every", "each", "per",
        ];
        (i.saturating_sub(4)..i).any(|k| self.is_any(k, OTHER))
    }

    pub(crate) fn length_role(&self, found: &Found, length: &Length) -> Option<Role> {
        const BEFORE: &[&str] = &[
            "for", "lasting", "last", "it", "that", "this", "by", "to", "next", "max", "maximum", "another", "than",
            "need", "want", "give", "me", "access", "with", "say", "within", "limit", "be", "of",
        ];
        const BEHIND: &[&str] = &[
            "access",
            "please",
            "max",
            "maximum",
            "should",
            "would",
            "will",
            "is",
            "tops",
            "instead",
            "of",
            "only",
            "longer",
            "more",
            "extension",
            "window",
            "grant",
            "from",
            "starting",
            "then",
            "enough",
            "total",
            "in",
            "at",
            "extra",
        ];
        const NAMED: &[&str] = &["access", "window", "grant", "period", "extension"];
        let (i, end) = (found.tokens.start, found.tokens.end);
        let before = self.before(i);
        let word = before.checked_sub(1).map_or("", |k| self.text(k));
        if self.after_waiting(before) {
            return None;
        }
        if self.is_negative(i) || length.nominal == 0 {
            let lead = if self.is_negative(i) { i - 1 } else { before };
            let said =
                lead.checked_sub(1).is_none_or(|k| self.is_any(k, &["for", "lasting", "it", "that", "by", "next"]));
            let oddity = if length.nominal == 0 { Oddity::Nothing } else { Oddity::Backwards };
            return said.then_some(Role::Odd(oddity));
        }
        let role = Some(Role::Length(length.nominal));
        if length.attributive && self.is_word(end) {
            return role.filter(|_| self.is_any(end, NAMED));
        }
        let alone = before == 0 || !self.is_word(before - 1);
        let closes = !self.is_word(end);
        let fits = match word {
            "for" | "lasting" | "than" | "maximum" | "max" | "next" | "by" => true,
            "within" | "of" => false,
            _ => {
                BEFORE.contains(&word) && closes
                    || self.is_any(end, BEHIND)
                    || alone && closes
                    || self.tokens.len() <= 6 && closes
            }
        };
        role.filter(|_| fits)
    }

    pub(crate) fn anchored_role(&self, found: &Found, anchor: &Anchor) -> Option<(Role, u8)> {
        let (i, end) = (found.tokens.start, found.tokens.end);
        let before = self.before(i);
        let word = before.checked_sub(1).map_or("", |k| self.text(k));
        let word_before = before.checked_sub(2).map_or("", |k| self.text(k));
        let opener = self.text(i);
        let closing = |inclusive: bool| Role::End(self.end_of(anchor, inclusive));
        let past = anchor.until <= self.now;
        let whole = Role::Whole(anchor.start, anchor.until);
        if anchor.manner == Manner::Range || (anchor.grain == Grain::Hours && anchor.manner == Manner::Relative) {
            // "the reports from January to March" of a time gone by are a thing, not a window.
            let ends = matches!(word, "until" | "till" | "til" | "through" | "thru" | "to");
            return match (ends, past) {
                (true, _) => Some((closing(true), 8)),
                (false, true) => None,
                (false, false) if anchor.rolled && too_long(anchor) => Some((Role::Odd(Oddity::Backwards), 8)),
                (false, false) => Some((whole, 8)),
            };
        }
        match word {
            // "access to the October payroll run", "to this week's numbers": a thing.
            "to" if matches!(
                word_before,
                "access" | "rights" | "permission" | "permissions" | "belongs" | "related"
            ) || self.is(end, "'")
                || (anchor.manner == Manner::Named && !self.phrase_ends(end)) =>
            {
                return None;
            }
            "until" | "till" | "til" | "to" | "ending" | "upto" => return Some((closing(false), 8)),
            "through" | "thru" | "throughout" => return Some((closing(true), 8)),
            "after" if matches!(word_before, "until" | "till" | "til") => return Some((closing(true), 8)),
            "than" if word_before == "later" => return Some((closing(false), 8)),
            "end" | "ends" | "expire" | "expires" | "expiring" => return Some((closing(false), 4)),
            "it" | "that" if word_before == "make" && anchor.grain != Grain::Days => return Some((closing(false), 7)),
            "by" => {
                const DONE: &[&str] = &[
                    "done", "finished", "finish", "complete", "over", "back", "return", "expire", "end", "remove",
                    "removed",
                ];
                let over =
                    anchor.manner == Manner::EndOf || (before.saturating_sub(5)..before).any(|k| self.is_any(k, DONE));
                return over.then_some((closing(false), 7));
            }
            // "before Friday" and "within two days" say how soon, "since May" how long already.
            "before" | "since" | "ago" | "within" => return None,
            "from" | "starting" | "beginning" | "start" | "starts" | "effective" | "as" => {
                return (anchor.until > self.now).then_some((Role::Start(anchor.start), 6));
            }
            "of" if word_before == "as" => return Some((Role::Start(anchor.start), 6)),
            "after" => return (!past).then_some((Role::Start(anchor.until), 3)),
            _ => {}
        }
        if past || opener == "within" || self.is(end, "'") {
            return None;
        }
        // "in two weeks", "2 weeks from now": when something is, seldom when the access begins.
        if opener == "in" && matches!(anchor.grain, Grain::Day | Grain::Moment) {
            return None;
        }
        if anchor.manner == Manner::FromNowOn {
            let seconds = anchor.end.duration_since(anchor.start).as_secs();
            return u64::try_from(seconds).ok().filter(|s| *s > 0).map(|s| (Role::Length(s), 6));
        }
        let for_this = word == "for" || matches!(opener, "for");
        let narrowed = (before..i).any(|k| self.is_any(k, &["only", "just"])) || self.is(end, "only");
        if anchor.manner == Manner::Present {
            let meant = anchor.grain == Grain::Day && (for_this || narrowed);
            return meant.then_some((Role::End(anchor.until), 6));
        }
        if anchor.manner == Manner::EndOf {
            // "the rest of the week"; "end of month" bare is an end too.
            let end_only = Role::End(anchor.until);
            return (!self.in_purpose(i)).then_some((end_only, 5));
        }
        if anchor.grain != Grain::Hours && self.in_purpose(i) {
            return None;
        }
        match anchor.grain {
            Grain::Moment => Some((Role::Start(anchor.start), 3)),
            Grain::Hours => Some((whole, 7)),
            Grain::Day => {
                let attributive = anchor.manner == Manner::Named && !self.phrase_ends(end);
                (!attributive && word != "of").then_some((whole, 4))
            }
            Grain::Days => {
                let relative = anchor.manner == Manner::Relative && word != "of";
                let said = for_this && self.of_the_access(before) || matches!(word, "during" | "over");
                (relative || said && self.phrase_ends(end)).then_some((whole, 4))
            }
        }
    }

    /// When access ends that ends with this. "until March" stops where March begins, "through March" where it is over; a day, a week and
    /// what has begun already are always meant whole.
    pub(crate) fn end_of(&self, anchor: &Anchor, inclusive: bool) -> DateTime {
        let days = (anchor.until.date() - anchor.start.date()).get_days();
        let whole = inclusive
            || anchor.grain != Grain::Days
            || days <= 10
            || anchor.start <= self.now
            || matches!(anchor.manner, Manner::EndOf | Manner::FromNowOn | Manner::Range);
        if whole { anchor.until } else { anchor.start }
    }

    /// True where "for" at the place before belongs to the access and not to a thing: "access for March", "need it for Q4".
    pub(crate) fn of_the_access(&self, before: usize) -> bool {
        const ACCESS: &[&str] =
            &["access", "it", "that", "them", "this", "role", "rights", "permission", "permissions", "only", "just"];
        before < 2 || self.is_any(before - 2, ACCESS) || !self.is_word(before - 2)
    }

    /// True where the time stands in what the access is needed for: "for the board deck on Thursday", "because the audit is on Monday".
    pub(crate) fn in_purpose(&self, i: usize) -> bool {
        const ARTICLES: &[&str] = &["the", "a", "an", "my", "our", "their", "his", "her", "some", "your"];
        const PEOPLE: &[&str] = &["me", "him", "her", "us", "them", "myself", "it", "this", "that"];
        let mut k = i;
        let mut words_between = 0;
        while k > 0 {
            k -= 1;
            if self.is_any(k, &[".", "!", "?", ";", ","]) {
                return false;
            }
            if self.is_any(k, &["because", "so", "due", "whose", "which", "when"]) && words_between > 0 {
                return true;
            }
            if self.is(k, "for") {
                let next = k + 1;
                let thing = self.is_any(next, ARTICLES)
                    || (self.is_word(next)
                        && !self.is_any(next, PEOPLE)
                        && !self.tokens.get(next).is_some_and(|t| t.capital));
                // "for the next week" is no purpose: something has to stand between.
                return thing && words_between > usize::from(self.is_any(next, ARTICLES));
            }
            if self.is_any(k, ARTICLES) || (self.is_word(k) && !self.is_any(k, FILLERS)) {
                words_between += 1;
            }
        }
        false
    }
}
