//! Single days: "next Friday", "May 29th", "5/6/2026", "the day after tomorrow", "the first Monday of next month".

use jiff::civil::{Date, Weekday};

use crate::understanding::time::anchor::{Anchor, Floating, Grammar, Hit, Manner};
use crate::understanding::time::calendar::{self, month_of, weekday_of};

impl Grammar<'_> {
    /// A single day in any dress.
    #[must_use]
    pub fn day(&self, i: usize) -> Hit<Anchor> {
        self.longest([self.plain_day(i), self.counted(i)])
    }

    /// A single day, not one counted from another.
    #[must_use]
    pub fn plain_day(&self, i: usize) -> Hit<Anchor> {
        self.longest([
            self.year_first(i),
            self.numeric(i),
            self.month_then_day(i),
            self.day_then_month(i),
            self.beside_today(i),
            self.with_weekday(i),
            self.nth_weekday(i),
            self.first_or_last_day(i),
            self.day_of_some_month(i),
            self.feast_day(i),
        ])
    }

    /// A month's name, with the full stop of a short form.
    #[must_use]
    pub fn month(&self, i: usize) -> Hit<i8> {
        let month = month_of(self.text(i))?;
        let stop = self.is(i + 1, ".") && self.glued(i + 1) && self.digits(i + 2).is_some();
        Some((month, if stop { i + 2 } else { i + 1 }))
    }

    fn month_number_or_name(&self, i: usize) -> Hit<i8> {
        if let Some(n) = self.digits(i).filter(|_| self.text(i).len() <= 2) {
            return i8::try_from(n).ok().filter(|m| (1..=12).contains(m)).map(|m| (m, i + 1));
        }
        self.month(i)
    }

    fn separator(&self, i: usize) -> bool {
        self.is_any(i, &["/", "-", "."])
    }

    /// "2026-12-05", "2019/sep/01".
    fn year_first(&self, i: usize) -> Hit<Anchor> {
        let (year, at) = self.year(i).filter(|_| self.digits(i).is_some())?;
        if !self.separator(at) {
            return None;
        }
        let (month, after) = self.month_number_or_name(at + 1)?;
        if !self.separator(after) {
            return None;
        }
        let day = self.digits(after + 1).filter(|_| self.text(after + 1).len() <= 2)?;
        let date = calendar::date(year, month, i8::try_from(day).ok()?)?;
        Some((Anchor::day(date), after + 2))
    }

    /// "5/6/2026", "21-04-16", "4/22", "on 4.22". The month first where both can be meant.
    fn numeric(&self, i: usize) -> Hit<Anchor> {
        let short = |at: usize| {
            let n = self.digits(at).filter(|_| self.text(at).len() <= 2)?;
            i8::try_from(n).ok().filter(|n| *n >= 1)
        };
        // Inside a longer run of numbers ("10.4.22.1") nothing is a date.
        let mark = self.text(i + 1);
        if i >= 2 && self.glued(i) && self.is(i - 1, mark) && self.glued(i - 1) {
            return None;
        }
        let first = short(i)?;
        if !self.separator(i + 1) || !self.glued(i + 1) || !self.glued(i + 2) {
            return None;
        }
        let second = short(i + 2)?;
        let in_month = |year: i16| calendar::date(year, first, second).or_else(|| calendar::date(year, second, first));
        if self.is(i + 3, mark) && self.glued(i + 3) && self.glued(i + 4) {
            let third = self.digits(i + 4)?;
            let year = match self.text(i + 4).len() {
                2 => calendar::full_year(i16::try_from(third).ok()?, self.now.date()),
                4 => i16::try_from(third).ok()?,
                _ => return None,
            };
            if self.separator(i + 5) && self.glued(i + 5) && self.glued(i + 6) && self.digits(i + 6).is_some() {
                return None;
            }
            return Some((Anchor::day(in_month(year)?), i + 5));
        }
        // "4.22" and "4-22" are dates only where a small word says so; "24/7" never is.
        if (mark != "/" && !self.announced(i))
            || (first, second) == (24, 7)
            || self.glued(i + 3) && self.is_word(i + 3)
            || self.unit(i + 3).is_some()
        {
            return None;
        }
        let (month, day) = if (1..=12).contains(&first) { (first, second) } else { (second, first) };
        self.this_or_next_year(month, day).map(|a| (a, i + 3))
    }

    fn this_or_next_year(&self, month: i8, day: i8) -> Option<Anchor> {
        let date = calendar::next_month_day(self.now.date(), month, day)?;
        Some(Anchor::day(date).floating(Floating::MonthDay(month, day)))
    }

    /// "'27".
    fn short_year(&self, i: usize) -> Hit<i16> {
        let n = self.digits(i + 1).filter(|_| self.is(i, "'") && self.glued(i + 1) && self.text(i + 1).len() == 2)?;
        Some((calendar::full_year(i16::try_from(n).ok()?, self.now.date()), i + 2))
    }

    /// The year behind a day and month, where one is said, and the day.
    fn closing_year(&self, month: i8, day: i8, i: usize) -> Hit<Anchor> {
        for at in [self.skip(self.skip(i, &[","]), &["of", "in"]), self.skip(i, &["-", "/", "."])] {
            if let Some((year, end)) = self.longest([self.year(at), self.short_year(at)])
                && let Some(date) = calendar::date(year, month, day)
            {
                return Some((Anchor::day(date), end));
            }
        }
        Some((self.this_or_next_year(month, day)?, i))
    }

    /// "Oct-2", "May 29th", "September the twenty-first nineteen seventy eight".
    fn month_then_day(&self, i: usize) -> Hit<Anchor> {
        let (month, at) = self.month(i)?;
        let at = self.skip(self.skip(at, &["-", "/", "."]), &["the"]);
        let (day, end) = self.month_day(at)?;
        // "May 10:30" is a clock, "may 5 people" a verb.
        if self.is(end, ":") && self.glued(end) || self.is_plural_noun(i, end) {
            return None;
        }
        self.closing_year(month, day, end)
    }

    fn is_plural_noun(&self, i: usize, end: usize) -> bool {
        self.is(i, "may") && !self.announced(i) && !self.phrase_ends(end) && self.year(end).is_none()
    }

    /// "15 June 2016", "the tenth of September, two thousand".
    fn day_then_month(&self, i: usize) -> Hit<Anchor> {
        let (day, at) = self.month_day(self.skip(i, &["the"]))?;
        let at = self.skip(self.skip(at, &["of", "-", "/", "."]), &["the"]);
        let (month, end) = self.month(at)?;
        if self.is(at, "may") && !self.phrase_ends(end) && self.year(end).is_none() {
            return None;
        }
        self.closing_year(month, day, end)
    }

    /// A day that no calendar has: "32 December", "February 30th", "29 February 2027", "2026-02-30", "30/2/2027". The place after it.
    #[must_use]
    pub fn no_such_day(&self, i: usize) -> Option<usize> {
        let number = |k: usize| {
            let (n, end) = self.longest([self.ordinal(k), self.cardinal(k)])?;
            let short = self.tokens.get(k).is_some_and(|t| t.number.is_none() || t.text.len() <= 2);
            (short && n <= 99).then_some((n, end))
        };
        let written = |k: usize| {
            if let Some((month, at)) = self.month(k)
                && let Some((day, end)) = number(self.skip(self.skip(at, &["-", "/", "."]), &["the"]))
            {
                return Some((month, day, end));
            }
            let (day, at) = number(self.skip(k, &["the"]))?;
            let (month, end) = self.month(self.skip(self.skip(at, &["of", "-", "/", "."]), &["the"]))?;
            Some((month, day, end))
        };
        let exists = |year: i16, month: i8, day: u32| {
            i8::try_from(day).ok().and_then(|day| calendar::date(year, month, day)).is_some()
        };
        if let Some((month, day, end)) = written(i) {
            let year_at = self.skip(self.skip(end, &[","]), &["of", "in"]);
            if let Some((_, end)) = self.year(year_at).filter(|(year, _)| !exists(*year, month, day)) {
                return Some(end);
            }
            // 2000 was a leap year: what it does not have, none has.
            return (!exists(2000, month, day) && self.phrase_ends(end)).then_some(end);
        }
        let mark = self.text(i + 1);
        let apart = |k: usize| self.is(k, mark) && self.glued(k) && self.glued(k + 1);
        if !self.separator(i + 1) || !apart(i + 1) || !apart(i + 3) || i > 0 && self.glued(i) {
            return None;
        }
        let of = |k: usize, len: usize| self.digits(k).filter(|_| self.text(k).len() <= len);
        let (a, b, c) = (of(i, 4)?, of(i + 2, 2)?, of(i + 4, 4)?);
        let month = |n: u32| i8::try_from(n).unwrap_or(0);
        let (year, one, other) = match (self.text(i).len(), self.text(i + 4).len()) {
            (4, 1 | 2) => (a, (b, c), (b, c)),
            (1 | 2, 4) => (c, (a, b), (b, a)),
            _ => return None,
        };
        let year = i16::try_from(year).ok().filter(|y| (1900..=2999).contains(y))?;
        let none = !exists(year, month(one.0), one.1) && !exists(year, month(other.0), other.1);
        (none && (mark != "." || self.announced(i))).then_some(i + 5)
    }

    /// "today", "tomorrow", "the day after tomorrow", "this day", "past day".
    fn beside_today(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        let tomorrow: &[&str] = &["tomorrow", "tmrw", "tmr", "tomorow", "tommorow", "tommorrow", "tomorrows"];
        let (days, end) = if self.is(at, "day") && self.is_any(at + 1, &["after", "before"]) {
            if self.is(at + 1, "after") && (self.is_any(at + 2, tomorrow) || self.is(at + 2, "next")) {
                (2, at + 3)
            } else if self.is(at + 1, "before") && self.is(at + 2, "yesterday") {
                (-2, at + 3)
            } else {
                return None;
            }
        } else if self.is_any(at, tomorrow) {
            (1, at + 1)
        } else if self.is(at, "today") {
            (0, at + 1)
        } else if self.is(at, "yesterday") {
            (-1, at + 1)
        } else {
            let (shift, end) = self.shift(i).filter(|(_, end)| self.is(*end, "day"))?;
            if self.is(end + 1, "of") {
                return None;
            }
            (shift, end + 1)
        };
        let manner = if days == 0 { Manner::Present } else { Manner::Relative };
        Some((Anchor::day(calendar::add_days(self.now.date(), days)?).said(manner), end))
    }

    fn weekday(&self, i: usize) -> Hit<Weekday> {
        let weekday = weekday_of(self.text(i))?;
        // "sat", "sun", "wed" and "mon" are also other words.
        let plain = self.text(i).len() > 3 || self.tokens.get(i).is_some_and(|t| t.capital) || self.announced(i);
        let stop = self.is(i + 1, ".") && self.glued(i + 1) && self.text(i).len() <= 5 && !self.phrase_ends(i + 2);
        plain.then_some((weekday, if stop { i + 2 } else { i + 1 }))
    }

    /// "Friday", "this Friday", "Friday next week", "last week Sunday", "Wed, 22 of Jan", "Thursday the 21st".
    fn with_weekday(&self, i: usize) -> Hit<Anchor> {
        let today = self.now.date();
        if let Some((shift, at)) = self.shift(i) {
            if let Some((weekday, end)) = self.weekday(at) {
                let date = match (shift, self.text(at - 1)) {
                    (1, "coming" | "upcoming" | "following") => calendar::next_weekday(today, weekday)?,
                    _ => self.weekday_of_week(shift, weekday)?,
                };
                return Some((Anchor::day(date).said(Manner::Relative), end));
            }
            if self.is(at, "week") {
                let on = self.skip(self.skip(at + 1, &[","]), &["on"]);
                let (weekday, end) = self.weekday(on)?;
                return Some((Anchor::day(self.weekday_of_week(shift, weekday)?).said(Manner::Relative), end));
            }
            return None;
        }
        let (weekday, at) = self.weekday(i)?;
        let next = calendar::next_weekday(today, weekday)?;
        let bare = Anchor::day(next).floating(Floating::Weekday(weekday.to_monday_one_offset())).said(Manner::Relative);
        let behind = self.skip(self.skip(at, &[","]), &["of", "in"]);
        let of_week = self.shift(behind).filter(|(_, end)| self.is(*end, "week")).and_then(|(shift, end)| {
            let date = self.weekday_of_week(shift, weekday)?;
            Some((Anchor::day(date).said(Manner::Relative), end + 1))
        });
        let a_week = self.is(at, "week").then(|| calendar::add_days(next, 7)).flatten();
        let dated_at = self.skip(self.skip(at, &[","]), &["the", "on"]);
        let dated = self.longest([
            self.year_first(dated_at),
            self.numeric(dated_at),
            self.month_then_day(dated_at),
            self.day_then_month(dated_at),
            self.longest([self.ordinal(dated_at), self.cardinal(dated_at).filter(|_| self.is(dated_at - 1, "the"))])
                .and_then(|(day, end)| Some((self.nearest(weekday, i8::try_from(day).ok()?)?, end))),
        ]);
        self.longest([
            Some((bare, at)),
            of_week,
            a_week.map(|d| (Anchor::day(d).said(Manner::Relative), at + 1)),
            dated,
        ])
    }

    fn weekday_of_week(&self, shift: i64, weekday: Weekday) -> Option<Date> {
        let monday = calendar::monday(self.now.date())?;
        calendar::add_days(monday, shift * 7 + i64::from(weekday.to_monday_one_offset()) - 1)
    }

    /// The day nearest to now that has both this weekday and this number in its month.
    fn nearest(&self, weekday: Weekday, day: i8) -> Option<Anchor> {
        let today = self.now.date();
        let first = today.first_of_month();
        (-12..=24)
            .filter_map(|n| {
                let month = calendar::add_months(first, n)?;
                calendar::date(month.year(), month.month(), day).filter(|d| d.weekday() == weekday)
            })
            .min_by_key(|d| (*d - today).get_days().abs())
            .map(Anchor::day)
    }

    /// "the first Friday in this month", "second Monday of next month", "last Friday of March", "third Tuesday".
    fn nth_weekday(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        let (n, at) = if self.is(at, "last") {
            (-1, at + 1)
        } else {
            self.ordinal(at).map(|(n, e)| (i8::try_from(n).unwrap_or(9), e))?
        };
        let (weekday, end) = self.weekday(at)?;
        let inside = if self.is_any(end, &["of", "in"]) { self.month_period(end + 1) } else { None };
        let (first, end) = match inside {
            Some((month, after)) => (month.date(), after),
            None if n > 0 => (self.now.date().first_of_month(), end),
            None => return None,
        };
        Some((Anchor::day(calendar::nth_weekday(first, n, weekday)?), end))
    }

    /// "the last day of the month", "first day of Q3".
    fn first_or_last_day(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        let last = self.is(at, "last");
        if !(last || self.is(at, "first")) {
            return None;
        }
        let unit_at = self.skip(at + 1, &["working", "business"]);
        if !(self.is(unit_at, "day") && self.is_any(unit_at + 1, &["of", "in"])) {
            return None;
        }
        let working = unit_at > at + 1;
        let (period, end) = self.plain_period(unit_at + 2)?;
        let mut date = if last { period.until.date().yesterday().ok()? } else { period.date() };
        while working && date.weekday().to_monday_one_offset() > 5 {
            date = if last { date.yesterday().ok()? } else { date.tomorrow().ok()? };
        }
        Some((Anchor::day(date), end))
    }

    /// "the 27", "the 21st", "on the second", "the 20th of next month".
    fn day_of_some_month(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        let (day, end) = self.month_day(at)?;
        let ordinal = self.ordinal(at).is_some_and(|(_, e)| e == end);
        if self.is_any(end, &["of", "in"]) {
            let relative = self.shift(end + 1).filter(|(_, e)| self.is(*e, "month")).map(|(s, e)| (s, e + 1));
            let plain = || self.are(end + 1, &["the", "month"]).then_some((0, end + 3));
            if let Some((shift, after)) = relative.or_else(plain) {
                let month = calendar::add_months(self.now.date().first_of_month(), shift)?;
                return Some((Anchor::day(calendar::date(month.year(), month.month(), day)?), after));
            }
        }
        if at == i && !(ordinal && self.digits(at).is_some()) || !self.phrase_ends(end) {
            return None;
        }
        // "the 2" needs a small word before it, and nothing numeric behind; "one of the second" does not exist.
        if !ordinal && !self.announced(i) || self.is_any(end, &["/", ":", "%"]) {
            return None;
        }
        let date = calendar::next_day_of_month(self.now.date(), day)?;
        Some((Anchor::day(date).floating(Floating::DayOfMonth(day)), end))
    }
}
