//! What a time expression comes to, and the state the grammar reads with.

use jiff::civil::{Date, DateTime, Time};

use crate::understanding::time::token::Token;

/// How fine a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// One day.
    Day,
    /// From a day to a day.
    Days,
    /// One moment.
    Moment,
    /// From a moment to a moment.
    Hours,
}

/// What was left unsaid and filled in by the nearest future reading; the other end of a range may fill it better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floating {
    /// Nothing: as said.
    Fixed,
    /// Month and day were said, the year was not.
    MonthDay(i8, i8),
    /// A month was said, the year was not.
    Month(i8),
    /// A weekday was said (Monday is 1).
    Weekday(i8),
    /// A day of a month was said, the month was not.
    DayOfMonth(i8),
    /// A clock time was said, the day was not.
    Clock,
}

/// How it was said; decides what it may be about in an access request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Counted from now: "tomorrow", "next week", "in three days".
    Relative,
    /// By a calendar name or number: "Q3", "March", "2026", "5 May".
    Named,
    /// "now", "today".
    Present,
    /// A stretch from now on, so long: "the next three days".
    FromNowOn,
    /// The end of something: "end of next month".
    EndOf,
    /// An order a range already gave: "from Monday to Friday".
    Range,
}

/// An absolute time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The first moment.
    pub start: DateTime,
    /// The end as calendars write it: exclusive for a period, the named end point for a range, the start for a single point.
    pub end: DateTime,
    /// The first moment after all of it, the day or hour named as the end included.
    pub until: DateTime,
    /// How fine.
    pub grain: Grain,
    /// What was filled in.
    pub floating: Floating,
    /// How it was said.
    pub manner: Manner,
    /// True for a range whose end lies before its beginning in one year, and was taken for the year after.
    pub rolled: bool,
}

impl Anchor {
    /// One day.
    #[must_use]
    pub fn day(date: Date) -> Self {
        let start = date.to_datetime(Time::midnight());
        let until = date.tomorrow().map_or(start, |d| d.to_datetime(Time::midnight()));
        Self {
            start,
            end: start,
            until,
            grain: Grain::Day,
            floating: Floating::Fixed,
            manner: Manner::Named,
            rolled: false,
        }
    }

    /// From a day to the day before another.
    #[must_use]
    pub fn days(from: Date, to: Date) -> Self {
        let end = to.to_datetime(Time::midnight());
        Self {
            start: from.to_datetime(Time::midnight()),
            end,
            until: end,
            grain: Grain::Days,
            floating: Floating::Fixed,
            manner: Manner::Named,
            rolled: false,
        }
    }

    /// One moment.
    #[must_use]
    pub fn moment(at: DateTime) -> Self {
        Self {
            start: at,
            end: at,
            until: at,
            grain: Grain::Moment,
            floating: Floating::Fixed,
            manner: Manner::Relative,
            rolled: false,
        }
    }

    /// From a moment to a moment.
    #[must_use]
    pub fn hours(from: DateTime, to: DateTime) -> Self {
        Self {
            start: from,
            end: to,
            until: to,
            grain: Grain::Hours,
            floating: Floating::Fixed,
            manner: Manner::Relative,
            rolled: false,
        }
    }

    /// The same, said so.
    #[must_use]
    pub fn said(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }

    /// The same, with this left unsaid.
    #[must_use]
    pub fn floating(self, floating: Floating) -> Self {
        Self { floating, ..self }
    }

    /// The first day.
    #[must_use]
    pub fn date(&self) -> Date {
        self.start.date()
    }
}

/// A reading: what it comes to and the token after it.
pub type Hit<T> = Option<(T, usize)>;

/// Tokens and the present moment: what every rule of the grammar reads with.
#[derive(Debug, Clone, Copy)]
pub struct Grammar<'a> {
    /// The tokens.
    pub tokens: &'a [Token],
    /// The present moment on the speaker's wall clock.
    pub now: DateTime,
}

impl<'a> Grammar<'a> {
    /// The token's text; empty past the end.
    #[must_use]
    pub fn text(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| t.text.as_str())
    }

    /// True where the token is this.
    #[must_use]
    pub fn is(&self, i: usize, text: &str) -> bool {
        self.text(i) == text
    }

    /// True where the token is one of these.
    #[must_use]
    pub fn is_any(&self, i: usize, texts: &[&str]) -> bool {
        i < self.tokens.len() && texts.contains(&self.text(i))
    }

    /// True where this and the following tokens are these.
    #[must_use]
    pub fn are(&self, i: usize, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(k, text)| self.is(i + k, text))
    }

    /// The place after the token where it is one of these, else the place itself.
    #[must_use]
    pub fn skip(&self, i: usize, texts: &[&str]) -> usize {
        if self.is_any(i, texts) { i + 1 } else { i }
    }

    /// True where no white space stands before the token.
    #[must_use]
    pub fn glued(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.glued)
    }

    /// The digits' number.
    #[must_use]
    pub fn digits(&self, i: usize) -> Option<u32> {
        self.tokens.get(i).and_then(|t| t.number)
    }

    /// True for a run of letters.
    #[must_use]
    pub fn is_word(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.is_word)
    }

    /// True where a phrase may end before this token: the text ends, or a mark or a small word follows rather than a noun.
    #[must_use]
    pub fn phrase_ends(&self, i: usize) -> bool {
        const SMALL: &[&str] = &[
            "to", "until", "till", "til", "through", "thru", "at", "from", "and", "or", "please", "for", "so",
            "because", "as", "in", "on", "of", "between", "if", "thanks", "since", "when", "with", "but", "only", "by",
            "is", "i", "hahaha",
        ];
        !self.is_word(i) && self.digits(i).is_none() || self.is_any(i, SMALL)
    }

    /// True where the token before is a small word that announces a time.
    #[must_use]
    pub fn announced(&self, i: usize) -> bool {
        const BEFORE: &[&str] = &[
            "on",
            "in",
            "until",
            "till",
            "til",
            "by",
            "to",
            "from",
            "before",
            "after",
            "through",
            "thru",
            "since",
            "during",
            "between",
            "next",
            "this",
            "last",
            "of",
            "and",
            "starting",
            "beginning",
            "commencing",
            "ending",
            "for",
        ];
        i > 0 && self.is_any(i - 1, BEFORE)
    }

    /// The longest of some readings; the earliest wins a tie.
    #[must_use]
    pub fn longest<T>(&self, readings: impl IntoIterator<Item = Hit<T>>) -> Hit<T> {
        let mut best: Hit<T> = None;
        for reading in readings.into_iter().flatten() {
            if best.as_ref().is_none_or(|(_, end)| reading.1 > *end) {
                best = Some(reading);
            }
        }
        best
    }
}
