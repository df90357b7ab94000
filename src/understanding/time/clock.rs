//! Clock times, hours of a day, and parts of a day: "5pm", "tomorrow 9 to 5", "Tuesday late-morning", "rest of the day".

use jiff::civil::{Date, DateTime, Time};

use crate::understanding::time::anchor::{Anchor, Floating, Grain, Grammar, Hit, Manner};
use crate::understanding::time::calendar;
use crate::understanding::time::span::Unit;

/// A clock time as said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// 0 to 24.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// 0 to 59.
    pub second: i8,
    /// True for pm, false for am, where said.
    pub pm: Option<bool>,
    /// True where nothing but an hour was said.
    pub bare: bool,
}

impl Clock {
    /// Seconds after midnight.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        let hour = match self.pm {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        i64::from(hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }
}

/// So many seconds after a day's midnight on the wall clock.
#[must_use]
pub fn on(date: Date, seconds: i64) -> Option<DateTime> {
    let day = calendar::add_days(date, seconds.div_euclid(86_400))?;
    let left = seconds.rem_euclid(86_400);
    let part = |n: i64| i8::try_from(n).ok();
    Some(day.to_datetime(Time::new(part(left / 3600)?, part(left / 60 % 60)?, part(left % 60)?, 0).ok()?))
}

/// The last second of a day, with which the specs end a night.
const LAST_SECOND: i64 = 86_399;

impl Grammar<'_> {
    /// "am", "p.m.": true for pm.
    fn meridian(&self, i: usize) -> Hit<bool> {
        match self.text(i) {
            "am" => Some((false, i + 1)),
            "pm" => Some((true, i + 1)),
            letter @ ("a" | "p") if self.is(i + 1, ".") && self.is(i + 2, "m") => {
                let end = if self.is(i + 3, ".") && self.glued(i + 3) { i + 4 } else { i + 3 };
                Some((letter == "p", end))
            }
            _ => None,
        }
    }

    /// A clock time. A bare hour ("5", "five") only where `loose`.
    #[must_use]
    pub fn clock(&self, i: usize, loose: bool) -> Hit<Clock> {
        let whole = |hour| Clock { hour, minute: 0, second: 0, pm: None, bare: false };
        match self.text(i) {
            "noon" | "midday" => return Some((whole(12), i + 1)),
            "midnight" => return Some((whole(24), i + 1)),
            "cob" | "eob" => return Some((whole(18), i + 1)),
            _ => {}
        }
        if self.are(i, &["close", "of", "business"]) || self.are(i, &["end", "of", "business"]) {
            return Some((whole(18), i + 3));
        }
        let (hour, mut at) = match self.digits(i) {
            Some(n) if self.text(i).len() <= 2 => (n, i + 1),
            Some(_) => return None,
            None => self.cardinal_words(i)?,
        };
        let hour = i8::try_from(hour).ok().filter(|h| *h <= 24)?;
        let mut clock = Clock { bare: true, ..whole(hour) };
        let two = |k: usize| {
            let n = self.digits(k).filter(|n| *n < 60 && self.text(k).len() == 2 && self.glued(k))?;
            i8::try_from(n).ok()
        };
        if self.is(at, ":") && self.glued(at) {
            clock.minute = two(at + 1)?;
            clock.bare = false;
            at += 2;
            if self.is(at, ":") && self.glued(at) {
                clock.second = two(at + 1)?;
                at += 2;
            }
        } else if self.is(at, ".") && self.glued(at) && self.meridian(at + 2).is_some() {
            clock.minute = two(at + 1)?;
            clock.bare = false;
            at += 2;
        }
        if let Some((pm, end)) = self.meridian(at).filter(|_| hour <= 12) {
            clock.pm = Some(pm);
            clock.bare = false;
            at = end;
        } else if self.is(at, "o") && self.is(at + 1, "'") && self.is(at + 2, "clock") {
            at += 3;
            clock.bare = false;
        } else if self.is(at, "oclock") || (self.is(at, "h") && clock.minute > 0) {
            at += 1;
            clock.bare = false;
        }
        if clock.bare && !loose || (clock.hour == 24 && clock.minute > 0) { None } else { Some((clock, at)) }
    }

    /// The place after "to", "until", "through", "-" …; "and" only behind "between".
    #[must_use]
    pub fn connector(&self, i: usize, between: bool) -> Option<usize> {
        if self.is_any(i, &["to", "until", "till", "til", "through", "thru", "upto", "-", "~"]) {
            return Some(i + 1);
        }
        if self.are(i, &["up", "to"]) {
            return Some(i + 2);
        }
        (between && self.is(i, "and")).then_some(i + 1)
    }

    /// Two clock times as seconds of a day, the second after the first, and whether they cannot be anything else ("9 to 5" can).
    fn clock_range(&self, i: usize) -> Hit<(i64, i64, bool)> {
        let between = self.is(i, "between");
        let at = if between { i + 1 } else { self.skip(i, &["from"]) };
        let (a, at) = self.clock(at, true)?;
        let at = self.connector(at, between)?;
        let (b, end) = self.clock(at, true)?;
        // Digits go on: "2016-11-07", "4-22-16".
        if a.bare && b.bare && self.is_any(end, &["-", "/", "."]) && self.glued(end) && self.digits(end + 1).is_some() {
            return None;
        }
        let sure = !a.bare || !b.bare;
        let (mut from, mut to) = (a.seconds(), b.seconds());
        const HALF_DAY: i64 = 12 * 3600;
        if a.pm.is_none() && b.pm == Some(true) && a.hour <= 12 && from + HALF_DAY < to {
            from += HALF_DAY;
        }
        if b.pm.is_none() && to <= from && b.hour <= 12 && to + HALF_DAY > from {
            to += HALF_DAY;
        }
        if to <= from {
            to += 86_400;
        }
        Some(((from, to, sure), end))
    }

    /// The seconds a part of the day begins and ends with, as Recognizers-Text has them.
    fn day_part(&self, i: usize) -> Hit<(i64, i64)> {
        let early = self.is_any(i, &["early"]);
        let late = self.is_any(i, &["late"]);
        let at = if early || late { self.skip(i + 1, &["-"]) } else { i };
        let (from, to) = match self.text(at) {
            "morning" | "mornings" => (8, 12),
            "afternoon" => (12, 16),
            "evening" => (16, 20),
            "night" => (20, 24),
            _ => return None,
        };
        let (from, to) = match (early, late) {
            (true, _) => (from, from + 2),
            (_, true) => (from + 2, to),
            _ => (from, to),
        };
        Some(((from * 3600, (to * 3600).min(LAST_SECOND)), at + 1))
    }

    fn hours_on(&self, date: Date, from: i64, to: i64) -> Option<Anchor> {
        let until = if to == LAST_SECOND { 86_400 } else { to };
        Some(Anchor { until: on(date, until)?, ..Anchor::hours(on(date, from)?, on(date, to)?) })
    }

    /// A stretch of hours in any dress.
    #[must_use]
    pub fn hours(&self, i: usize) -> Hit<Anchor> {
        self.longest([
            self.dated_hours(i),
            self.hours_dated(i),
            self.dated_part(i),
            self.part_dated(i),
            self.rest_of_day(i),
        ])
    }

    fn glue(&self, i: usize) -> usize {
        let at = self.skip(i, &[","]);
        self.skip(at, &["on", "at", "of", "for", "@", ":"])
    }

    /// "Friday between 1PM and 4PM", "tomorrow 9 to 5".
    fn dated_hours(&self, i: usize) -> Hit<Anchor> {
        let (day, at) = self.day(self.skip(i, &["on"])).filter(|(d, _)| d.grain == Grain::Day)?;
        let ((from, to, _), end) = self.clock_range(self.glue(at))?;
        Some((self.hours_on(day.date(), from, to)?.floating(day.floating), end))
    }

    /// "between 9am and 5pm tomorrow", "five to seven today", "4pm to 6pm".
    fn hours_dated(&self, i: usize) -> Hit<Anchor> {
        let ((from, to, sure), at) = self.clock_range(i)?;
        if let Some((day, end)) = self.day(self.glue(at)).filter(|(d, _)| d.grain == Grain::Day) {
            return Some((self.hours_on(day.date(), from, to)?.floating(day.floating), end));
        }
        if !sure {
            return None;
        }
        let today = self.now.date();
        let anchor = self.hours_on(today, from, to)?;
        let anchor = if anchor.until <= self.now { self.hours_on(today.tomorrow().ok()?, from, to)? } else { anchor };
        Some((anchor.floating(Floating::Clock), at))
    }

    /// "Tuesday late-morning", "tomorrow in the afternoon", "tuesday PM", "this evening", "tonight", "last night".
    fn dated_part(&self, i: usize) -> Hit<Anchor> {
        if self.is_any(i, &["tonight", "tonite"]) {
            let part = self.hours_on(self.now.date(), 20 * 3600, LAST_SECOND)?;
            return Some((part, i + 1));
        }
        if let Some((shift, at)) = self.shift(i)
            && let Some(((from, to), end)) = self.day_part(at)
        {
            let date = calendar::add_days(self.now.date(), shift)?;
            return Some((self.hours_on(date, from, to)?, end));
        }
        let (day, at) = self.day(self.skip(i, &["on"])).filter(|(d, _)| d.grain == Grain::Day)?;
        if let Some((pm, end)) = self.meridian(at) {
            let (from, to) = if pm { (12, 16) } else { (8, 12) };
            return Some((self.hours_on(day.date(), from * 3600, to * 3600)?.floating(day.floating), end));
        }
        let part_at = self.skip(self.skip(self.skip(at, &[","]), &["in", "during"]), &["the"]);
        let ((from, to), end) = self.day_part(part_at)?;
        self.narrowed(day, from, to, end)
    }

    /// "in the morning of this Tuesday", "in the afternoon on Friday between 1PM and 4 PM".
    fn part_dated(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(self.skip(i, &["in", "during"]), &["the"]);
        let ((from, to), at) = self.day_part(at)?;
        let (day, end) = self.day(self.glue(at)).filter(|(d, _)| d.grain == Grain::Day)?;
        self.narrowed(day, from, to, end)
    }

    /// A part of a day, and hours within it where they follow.
    fn narrowed(&self, day: Anchor, from: i64, to: i64, end: usize) -> Hit<Anchor> {
        if let Some(((a, b, true), end)) = self.clock_range(self.glue(end)) {
            return Some((self.hours_on(day.date(), a, b)?.floating(day.floating), end));
        }
        Some((self.hours_on(day.date(), from, to)?.floating(day.floating), end))
    }

    /// "rest of the day", "the rest of my day".
    fn rest_of_day(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        if !self.is_any(at, &["rest", "remainder"]) {
            return None;
        }
        let at = self.skip(self.skip(at + 1, &["of"]), &["the", "this", "my", "our"]);
        if !self.is_any(at, &["day", "today"]) {
            return None;
        }
        let today = self.now.date();
        let anchor = Anchor { until: on(today, 86_400)?, ..Anchor::hours(self.now, on(today, LAST_SECOND)?) };
        Some((anchor.said(Manner::EndOf), at + 1))
    }

    /// A moment: "tomorrow at 5", "5pm on Friday", "17:00", "now", "end of day", "end of Friday".
    #[must_use]
    pub fn moment(&self, i: usize) -> Hit<Anchor> {
        if self.is(i, "now") {
            return Some((Anchor::moment(self.now).said(Manner::Present), i + 1));
        }
        self.longest([self.end_of_day(i), self.dated_clock(i), self.clock_dated(i)])
    }

    /// "end of day", "eod", "end of Friday", "end of the day tomorrow", "Friday eod".
    fn end_of_day(&self, i: usize) -> Hit<Anchor> {
        let over = |day: Anchor, end: usize| Some((Anchor::moment(day.until).said(Manner::EndOf), end));
        let at = if self.is(i, "eod") {
            i + 1
        } else {
            let at = self.skip(i, &["the"]);
            if !(self.is_any(at, &["end", "close"]) && self.is(at + 1, "of")) {
                if let Some((day, end)) = self.plain_day(i).filter(|(_, end)| self.is(*end, "eod")) {
                    return over(day, end + 1);
                }
                return None;
            }
            let inner = self.skip(at + 2, &["the", "this", "my"]);
            if let Some((day, end)) = self.plain_day(at + 2) {
                return over(day, end);
            }
            if !(self.is(inner, "day") && matches!(self.unit(inner), Some((Unit::Day, _)))) {
                return None;
            }
            inner + 1
        };
        match self.plain_day(self.glue(at)) {
            Some((day, end)) => over(day, end),
            None => over(Anchor::day(self.now.date()), at),
        }
    }

    fn moment_on(&self, day: &Anchor, clock: Clock) -> Option<Anchor> {
        // "Friday at 5" is in the afternoon: nobody's access ends before dawn unless they say so.
        let early = clock.bare && (1..=6).contains(&clock.hour);
        let seconds = clock.seconds() + if early { 12 * 3600 } else { 0 };
        Some(Anchor::moment(on(day.date(), seconds)?).floating(day.floating))
    }

    fn dated_clock(&self, i: usize) -> Hit<Anchor> {
        let (day, at) = self.plain_day(self.skip(i, &["on"]))?;
        let marked = self.skip(at, &[","]);
        let marked =
            if self.is_any(marked, &["at", "@", "around", "by", "until", "till"]) { marked + 1 } else { marked };
        let (clock, end) = self.clock(marked, self.is(marked.saturating_sub(1), "at")).or_else(|| {
            // ISO 8601: "2026-12-05T14:00".
            let at = (self.is(at, "t") && self.glued(at)).then_some(at + 1)?;
            self.clock(at, false)
        })?;
        Some((self.moment_on(&day, clock)?, end))
    }

    fn clock_dated(&self, i: usize) -> Hit<Anchor> {
        let (clock, at) =
            self.clock(i, i > 0 && self.is_any(i - 1, &["at", "until", "till", "til", "by", "from", "to"]))?;
        if let Some((day, end)) = self.plain_day(self.glue(at)) {
            return Some((self.moment_on(&day, clock)?, end));
        }
        if clock.bare {
            return None;
        }
        let today = Anchor::day(self.now.date());
        let moment = self.moment_on(&today, clock)?;
        let moment = if moment.start <= self.now {
            self.moment_on(&Anchor::day(self.now.date().tomorrow().ok()?), clock)?
        } else {
            moment
        };
        Some((moment.floating(Floating::Clock), at))
    }
}
