//! "this", "next", "last", and what is counted from now: "two weeks ago", "in three days", "the next few hours".

use jiff::civil::Time;

use crate::understanding::time::anchor::{Anchor, Grammar, Hit, Manner};
use crate::understanding::time::calendar;
use crate::understanding::time::span::{Length, Unit};

impl Grammar<'_> {
    /// "this" is 0, "next" 1, "last" -1; an article before it is read too.
    #[must_use]
    pub fn shift(&self, i: usize) -> Hit<i64> {
        let at = self.skip(i, &["the", "my", "our"]);
        let shift = match self.text(at) {
            "this" | "current" | "same" => 0,
            "next" | "coming" | "upcoming" | "following" => 1,
            "last" | "past" | "previous" => -1,
            _ => return None,
        };
        Some((shift, at + 1))
    }

    /// Counted from a day or from now: "two days ago", "2 years 21 days later", "four days from yesterday", "in two weeks".
    #[must_use]
    pub fn counted(&self, i: usize) -> Hit<Anchor> {
        if self.is(i, "in") {
            let (length, end) = self.length(self.skip(self.bound(i + 1), &["another"]))?;
            if self.is_any(end, &["of", "per", "a"]) || self.are(end, &["in", "the", "future"]) {
                return None;
            }
            let end = if self.is(end, "'") { self.skip(end + 1, &["s"]) } else { end };
            let end = if self.are(end, &["from", "now"]) { end + 2 } else { self.skip(end, &["time"]) };
            return Some((self.away(&length, 1)?, end));
        }
        let (length, at) = self.length(i)?;
        match self.text(at) {
            "ago" | "back" | "earlier" => Some((self.away(&length, -1)?, at + 1)),
            "later" | "hence" => Some((self.away(&length, 1)?, at + 1)),
            word @ ("from" | "after" | "before" | "prior") => {
                let sign = if matches!(word, "from" | "after") { 1 } else { -1 };
                let base_at = self.skip(at + 1, &["to"]);
                if self.is(base_at, "now") {
                    return Some((self.away(&length, sign)?, base_at + 1));
                }
                let (base, end) = self.plain_day(base_at)?;
                let moment = length.from(base.start, sign)?;
                let anchor = if length.short { Anchor::moment(moment) } else { Anchor::day(moment.date()) };
                Some((anchor.said(Manner::Relative), end))
            }
            _ => None,
        }
    }

    /// So far from now: a moment where an hour or less was counted, else a day.
    fn away(&self, length: &Length, sign: i64) -> Option<Anchor> {
        let moment = length.from(self.now, sign)?;
        let anchor = if length.short { Anchor::moment(moment) } else { Anchor::day(moment.date()) };
        Some(anchor.said(Manner::Relative))
    }

    /// A stretch beside now: "the next three days", "past 3 minutes", "within 5 days", "4 weeks in the future", "less than 3 days after
    /// tomorrow".
    #[must_use]
    pub fn stretch(&self, i: usize) -> Hit<Anchor> {
        if self.is(i, "within") {
            let at = self.shift(i + 1).map_or(self.skip(i + 1, &["the"]), |(_, at)| at);
            let (length, end) = self.length(at)?;
            let today = self.now.date().to_datetime(Time::midnight());
            let from = if length.short { self.now } else { today };
            let to = length.from(from, 1)?;
            let anchor = if length.short { Anchor::hours(from, to) } else { Anchor::days(from.date(), to.date()) };
            return Some((anchor.said(Manner::FromNowOn), end));
        }
        if self.is_any(i, &["less", "fewer"]) && self.is(i + 1, "than") {
            let (length, at) = self.length(i + 2)?;
            if !self.is_any(at, &["after", "from"]) {
                return None;
            }
            let (base, end) = self.plain_day(at + 1)?;
            let to = length.from(base.start, 1)?;
            return Some((Anchor::days(base.date(), to.date()).said(Manner::Relative), end));
        }
        if let Some((length, at)) = self.length(i) {
            return self
                .are(at, &["in", "the", "future"])
                .then_some(())
                .and_then(|()| Some((self.onward(&length)?, at + 3)));
        }
        let (shift, at) = self.shift(i)?;
        if shift == 0 {
            return None;
        }
        if let Some((unit, end)) = self.unit(at) {
            // "last minute", "next hour": one of a short unit. Longer single units are calendar periods.
            let length = Length::of(1000, unit).filter(|_| unit.is_short())?;
            return Some((self.beside(&length, shift)?, end));
        }
        let (milli, unit_at) = self.amount(at)?;
        let (unit, unit_end) = self.unit(unit_at)?;
        if matches!(unit, Unit::Decade | Unit::Century) && milli % 1000 == 0 {
            let count = i64::try_from(milli / 1000).ok()?;
            let (first, last) = if shift > 0 { (1, count) } else { (-count, -1) };
            let (from, _) = calendar::unit_around(self.now.date(), unit, first)?;
            let (_, to) = calendar::unit_around(self.now.date(), unit, last)?;
            return Some((Anchor::days(from, to), unit_end));
        }
        let (length, end) = self.length(at)?;
        Some((self.beside(&length, shift)?, end))
    }

    fn beside(&self, length: &Length, shift: i64) -> Option<Anchor> {
        if shift > 0 {
            return self.onward(length);
        }
        let to = if length.short { self.now } else { self.now.date().to_datetime(Time::midnight()) };
        let from = length.from(to, -1)?;
        let anchor = if length.short { Anchor::hours(from, to) } else { Anchor::days(from.date(), to.date()) };
        Some(anchor.said(Manner::Relative))
    }

    /// From now for hours, from tomorrow for days: "the next two days" are tomorrow and the day after.
    fn onward(&self, length: &Length) -> Option<Anchor> {
        let anchor = if length.short {
            Anchor::hours(self.now, length.from(self.now, 1)?)
        } else {
            let tomorrow = self.now.date().tomorrow().ok()?.to_datetime(Time::midnight());
            Anchor::days(tomorrow.date(), length.from(tomorrow, 1)?.date())
        };
        Some(anchor.said(Manner::FromNowOn))
    }
}
