//! All time expressions of a text: at each place the longest reading, from left to right.

use std::ops::Range;

use jiff::Zoned;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::understanding::time::anchor::{Anchor, Grain, Grammar};
use crate::understanding::time::span::Length;
use crate::understanding::time::token::{Token, tokens};

/// What kind of time an expression is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeKind {
    /// A length.
    Duration,
    /// One day.
    Date,
    /// Several days.
    DatePeriod,
    /// One moment.
    Datetime,
    /// From a moment to a moment.
    DatetimePeriod,
    /// Without an end: "permanently".
    Open,
}

/// A time expression found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTime {
    /// The words.
    pub phrase: String,
    /// Where they stand, in bytes.
    pub range: Range<usize>,
    /// The kind.
    pub kind: TimeKind,
    /// The first moment on the speaker's wall clock; none for a duration.
    pub start: Option<DateTime>,
    /// The end as calendars write it, exclusive; for a range the end point as named. None for a single day or moment.
    pub end: Option<DateTime>,
    /// The first moment after all that was named, the last day included. None for a duration.
    pub until: Option<DateTime>,
    /// The nominal length of a duration, in seconds.
    pub seconds: Option<u64>,
}

/// What one expression comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Something absolute.
    Anchored(Anchor),
    /// A length.
    Lasting(Length),
    /// For good.
    Open,
    /// A day that no calendar has: "30 February".
    NoSuchDay,
    /// A stretch of days that is another one in another place: "over the holidays".
    Unfixed,
}

/// An expression as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The tokens it covers.
    pub tokens: Range<usize>,
    /// What it comes to.
    pub reading: Reading,
}

/// "permanently", "for good", "no end date" and their kin.
const OPEN: &[&[&str]] = &[
    &["permanently"],
    &["permanent"],
    &["forever"],
    &["for", "ever"],
    &["for", "good"],
    &["indefinitely"],
    &["indefinite"],
    &["no", "end", "date"],
    &["no", "end"],
    &["without", "end", "date"],
    &["without", "an", "end"],
    &["without", "an", "end", "date"],
    &["no", "expiry"],
    &["no", "expiration"],
    &["never", "expires"],
    &["never", "expire"],
    &["open", "end"],
    &["open", "ended"],
    &["open", "-", "ended"],
    &["until", "further", "notice"],
];

impl Grammar<'_> {
    /// The longest reading that begins at a token.
    #[must_use]
    pub fn reading(&self, i: usize) -> Option<(Reading, usize)> {
        let anchored = self.longest([self.range(i), self.hours(i), self.period(i), self.moment(i), self.day(i)]);
        let lasting = self.duration(i).map(|(length, end)| (Reading::Lasting(length), end));
        let open = OPEN.iter().filter(|words| self.are(i, words)).map(|words| i + words.len()).max();
        self.longest([
            anchored.map(|(a, end)| (Reading::Anchored(a), end)),
            lasting,
            open.map(|end| (Reading::Open, end)),
            self.no_such_day(i).map(|end| (Reading::NoSuchDay, end)),
            self.unfixed(i).map(|end| (Reading::Unfixed, end)),
        ])
    }

    /// All readings, from left to right, none overlapping.
    #[must_use]
    pub fn readings(&self) -> Vec<Found> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < self.tokens.len() {
            match self.reading(i) {
                Some((reading, end)) if end > i => {
                    out.push(Found { tokens: i..end, reading });
                    i = end;
                }
                _ => i += 1,
            }
        }
        out
    }
}

/// The bytes some tokens cover.
#[must_use]
pub fn bytes_of(all: &[Token], range: &Range<usize>) -> Range<usize> {
    let start = all.get(range.start).map_or(0, |t| t.range.start);
    let end = range.end.checked_sub(1).and_then(|last| all.get(last)).map_or(start, |t| t.range.end);
    start..end.max(start)
}

/// Every time expression of the words, read from this moment towards the future.
#[must_use]
pub fn find_times(words: &str, now: &Zoned) -> Vec<FoundTime> {
    find_times_at(words, now.datetime())
}

/// The same, with the present moment as a wall clock shows it.
#[must_use]
pub fn find_times_at(words: &str, now: DateTime) -> Vec<FoundTime> {
    let all = tokens(words);
    let grammar = Grammar { tokens: &all, now };
    grammar
        .readings()
        .into_iter()
        .filter(|found| !matches!(found.reading, Reading::NoSuchDay | Reading::Unfixed))
        .map(|found| {
            let range = bytes_of(&all, &found.tokens);
            let phrase = words.get(range.clone()).unwrap_or_default().to_owned();
            let empty =
                FoundTime { phrase, range, kind: TimeKind::Open, start: None, end: None, until: None, seconds: None };
            match found.reading {
                Reading::Open | Reading::NoSuchDay | Reading::Unfixed => empty,
                Reading::Lasting(length) => {
                    FoundTime { kind: TimeKind::Duration, seconds: Some(length.nominal), ..empty }
                }
                Reading::Anchored(anchor) => {
                    let kind = match anchor.grain {
                        Grain::Day => TimeKind::Date,
                        Grain::Days => TimeKind::DatePeriod,
                        Grain::Moment => TimeKind::Datetime,
                        Grain::Hours => TimeKind::DatetimePeriod,
                    };
                    let point = matches!(anchor.grain, Grain::Day | Grain::Moment);
                    let end = (!point).then_some(anchor.end);
                    FoundTime { kind, start: Some(anchor.start), end, until: Some(anchor.until), ..empty }
                }
            }
        })
        .collect()
}
