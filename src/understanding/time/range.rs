//! From one time to another: "from 2nd to 7th of October", "between now and November 15th", "from 4pm today to 5pm tomorrow",
//! and a length from a day on: "for 1 week, from 20th Dec".

use jiff::civil::{Date, Time, Weekday};

use crate::understanding::time::anchor::{Anchor, Floating, Grain, Grammar, Hit, Manner};
use crate::understanding::time::calendar;

impl Grammar<'_> {
    /// A range in any dress.
    #[must_use]
    pub fn range(&self, i: usize) -> Hit<Anchor> {
        self.longest([
            self.days_of_month(i),
            self.month_with_days(i),
            self.anchored(i),
            self.week_with_days(i),
            self.length_from(i),
        ])
    }

    /// The place after "from" or "between", and whether it was "between".
    fn opening(&self, i: usize) -> (usize, bool, bool) {
        if self.is(i, "between") {
            return (i + 1, true, true);
        }
        let at = self.skip(i, &["from", "in", "during"]);
        (at, false, at > i)
    }

    /// A span of days named by its first and last.
    fn from_to(from: Date, to: Date) -> Option<Anchor> {
        if to < from {
            return None;
        }
        let until = to.tomorrow().ok()?.to_datetime(Time::midnight());
        Some(Anchor { until, manner: Manner::Range, ..Anchor::days(from, to) })
    }

    fn days_in(month: &Anchor, a: i8, b: i8) -> Option<Anchor> {
        let first = month.date();
        let from = calendar::date(first.year(), first.month(), a)?;
        Self::from_to(from, calendar::date(first.year(), first.month(), b)?)
    }

    /// "from 4 to 22 this month", "3 until 12 of Sept", "2 to 7 Feb, two thousand and eighteen".
    fn days_of_month(&self, i: usize) -> Hit<Anchor> {
        let (at, between, _) = self.opening(i);
        let (a, at) = self.month_day(self.skip(at, &["the"]))?;
        let at = self.connector(at, between)?;
        let (b, at) = self.month_day(self.skip(at, &["the"]))?;
        let at = self.skip(self.skip(at, &[","]), &["of", "in"]);
        let (month, end) = self.longest([self.month_period(at), self.loose_month(at)])?;
        let range = match month.floating {
            // "from 3 to 12 November" on the 20th is next year's.
            Floating::Month(m) => {
                let to = calendar::next_month_day(self.now.date(), m, b)?;
                Self::from_to(calendar::last_month_day(to, m, a)?, to)?
            }
            _ => Self::days_in(&month, a, b)?,
        };
        Some((range, end))
    }

    /// A month's name where a day before it says that it is one.
    fn loose_month(&self, i: usize) -> Hit<Anchor> {
        let (month, end) = self.month(i)?;
        let today = self.now.date();
        let year = today.year() + i16::from(month < today.month());
        let first = calendar::date(year, month, 1)?;
        Some((Anchor::days(first, calendar::add_months(first, 1)?).floating(Floating::Month(month)), end))
    }

    /// "November 19-20", "November between 19 and 20", "Nov 19 to 22, 2027".
    fn month_with_days(&self, i: usize) -> Hit<Anchor> {
        let (at, opened_between, _) = self.opening(i);
        let (month, at) = self.month(at)?;
        let (at, between, _) = if self.is(at, "between") {
            (at + 1, true, true)
        } else {
            (self.skip(at, &["from"]), opened_between, false)
        };
        let (a, at) = self.month_day(self.skip(at, &["the"]))?;
        let at = self.connector(at, between)?;
        let (b, end) = self.month_day(self.skip(at, &["the"]))?;
        // "May 5 to 7pm" and "October 2 to 3 November" are something else.
        if self.clock(at, false).is_some() || self.month(self.skip(end, &["of"])).is_some() {
            return None;
        }
        if let Some((year, after)) = self.year(self.skip(end, &[","])) {
            let first = calendar::date(year, month, 1)?;
            return Some((Self::days_in(&Anchor::day(first), a, b)?, after));
        }
        let to = calendar::next_month_day(self.now.date(), month, b)?;
        Some((Self::from_to(calendar::last_month_day(to, month, a)?, to)?, end))
    }

    /// An end of a range: a day, a period, a moment.
    fn point(&self, i: usize) -> Hit<Anchor> {
        self.longest([self.moment(i), self.day(i), self.plain_period(i), self.loose_month(i), self.part_of_range(i)])
    }

    fn part_of_range(&self, i: usize) -> Hit<Anchor> {
        self.period(i).filter(|(a, _)| matches!(a.manner, Manner::EndOf | Manner::Relative | Manner::Named))
    }

    /// "Oct. 2 to October 22", "from 2015 to May 5th, 2017", "between Week 31 and Week 35", "from 4pm today to 5pm tomorrow".
    fn anchored(&self, i: usize) -> Hit<Anchor> {
        let (at, between, opened) = self.opening(i);
        let bare_day = |k: usize| {
            let (day, end) = self.month_day(self.skip(k, &["the"]))?;
            let date = calendar::next_day_of_month(self.now.date(), day)?;
            Some((Anchor::day(date).floating(Floating::DayOfMonth(day)), end))
        };
        let bare_clock = |k: usize| {
            let (clock, end) = self.clock(k, true)?;
            let at = crate::understanding::time::clock::on(self.now.date(), clock.seconds())?;
            Some((Anchor::moment(at).floating(Floating::Clock), end))
        };
        let mut best: Hit<Anchor> = None;
        for (a, after) in [self.point(at), bare_day(at).filter(|_| opened && !self.is_any(i, &["in", "during"]))]
            .into_iter()
            .flatten()
        {
            let Some(next) = self.connector(after, between) else { continue };
            for (b, end) in
                [self.point(next), self.short_iso(next, &a), bare_clock(next), bare_day(next)].into_iter().flatten()
            {
                if let Some(range) = self.joined(a, b)
                    && best.as_ref().is_none_or(|(_, e)| end > *e)
                {
                    best = Some((range, end));
                }
            }
        }
        best
    }

    /// "12-15" behind "2026-12-01 to".
    fn short_iso(&self, i: usize, a: &Anchor) -> Hit<Anchor> {
        let part = |k: usize| self.digits(k).filter(|_| self.text(k).len() <= 2).and_then(|n| i8::try_from(n).ok());
        let (month, day) = (part(i)?, part(i + 2)?);
        if a.grain != Grain::Day || a.floating != Floating::Fixed || !self.is_any(i + 1, &["-", "/", "."]) {
            return None;
        }
        if self.is_any(i + 3, &["-", "/"]) && self.glued(i + 3) {
            return None;
        }
        let day = calendar::date(a.date().year(), month, day)?;
        Some((Anchor::day(day), i + 3))
    }

    /// One range of two points, each filling in what the other left unsaid.
    fn joined(&self, a: Anchor, b: Anchor) -> Option<Anchor> {
        let today = self.now.date();
        let date = |at: Date| at.to_datetime(Time::midnight());
        let with_clock = |day: Date, of: &Anchor| match of.grain {
            Grain::Moment => day.to_datetime(of.start.time()),
            _ => date(day),
        };
        let moved = |to: Date, of: &Anchor| {
            let start = with_clock(to, of);
            let shift = i64::from((to - of.date()).get_days());
            let until = calendar::add_days(of.until.date(), shift).map(|d| d.to_datetime(of.until.time()));
            Some(Anchor { start, until: until?, ..*of })
        };
        // A bare number is a day of a month only beside a day.
        if matches!(a.floating, Floating::DayOfMonth(_)) && b.grain != Grain::Day {
            return None;
        }
        let (mut a, mut b) = (a, b);
        // The first end: before the second where only that is known for sure.
        match (a.floating, b.floating) {
            (Floating::MonthDay(m, d), Floating::Fixed) => a = moved(calendar::last_month_day(b.date(), m, d)?, &a)?,
            (Floating::Month(m), Floating::Fixed) => a = moved(calendar::last_month_day(b.date(), m, 1)?, &a)?,
            (Floating::DayOfMonth(d), Floating::Fixed | Floating::MonthDay(..)) => {
                let first = b.date().first_of_month();
                let same = calendar::date(first.year(), first.month(), d).filter(|day| *day <= b.date());
                a = moved(
                    same.or_else(|| {
                        calendar::date(
                            calendar::add_months(first, -1)?.year(),
                            calendar::add_months(first, -1)?.month(),
                            d,
                        )
                    })?,
                    &a,
                )?;
            }
            _ => {}
        }
        // The second end: the first time it comes after the first.
        let from = a.date();
        let rolled = matches!(b.floating, Floating::MonthDay(..))
            && !matches!(a.floating, Floating::DayOfMonth(_))
            && (b.date().month(), b.date().day()) < (from.month(), from.day());
        match b.floating {
            Floating::MonthDay(m, d) if b.date() < from || a.floating == Floating::Fixed => {
                b = moved(calendar::next_month_day(from, m, d)?, &b)?;
            }
            Floating::Month(m) => {
                let first = calendar::next_month_day(from.first_of_month(), m, 1)?;
                b = Anchor::days(first, calendar::add_months(first, 1)?);
            }
            Floating::Weekday(w) if a.floating != Floating::Fixed || from >= today => {
                let weekday = Weekday::from_monday_one_offset(w).ok()?;
                let to = if b.grain == Grain::Moment && from.weekday() == weekday {
                    from
                } else {
                    calendar::next_weekday(from, weekday)?
                };
                b = moved(to, &b)?;
            }
            Floating::DayOfMonth(d) => b = moved(calendar::next_day_of_month(from, d)?, &b)?,
            Floating::Clock => {
                let same = from.to_datetime(b.start.time());
                let half = same.checked_add(jiff::Span::new().hours(12)).ok()?;
                let at = if same > a.start {
                    same
                } else if half > a.start && b.start.hour() < 12 && b.start.minute() == 0 {
                    half
                } else {
                    same.checked_add(jiff::Span::new().days(1)).ok()?
                };
                if a.grain != Grain::Moment {
                    return None;
                }
                b = Anchor::moment(at);
            }
            _ => {}
        }
        if a.grain == Grain::Hours || b.grain == Grain::Hours {
            return None;
        }
        let by_clock = |x: &Anchor| x.grain == Grain::Moment && x.manner != Manner::Present;
        if by_clock(&a) || by_clock(&b) {
            let end = if by_clock(&b) { b.start } else { b.until };
            return (end > a.start).then(|| Anchor { manner: Manner::Range, ..Anchor::hours(a.start, end) });
        }
        if b.start < date(a.date()) {
            return None;
        }
        // The specs end a range where its second point begins; `until` includes that point.
        let range = Anchor::days(a.date(), b.date());
        let until = if b.grain == Grain::Moment { b.start } else { b.until };
        Some(Anchor { until, manner: Manner::Range, rolled, ..range })
    }

    /// "next week between Wednesday and Friday", "this week from Tue to Thur".
    fn week_with_days(&self, i: usize) -> Hit<Anchor> {
        let (shift, at) = self.shift(i).filter(|(_, at)| self.is(*at, "week"))?;
        let (at, between, opened) = self.opening(self.skip(at + 1, &[","]));
        if !opened {
            return None;
        }
        let weekday = |k: usize| calendar::weekday_of(self.text(k)).map(|w| i64::from(w.to_monday_one_offset()));
        let a = weekday(at)?;
        let next = self.connector(at + 1, between)?;
        let b = weekday(next)?;
        let monday = calendar::add_days(calendar::monday(self.now.date())?, shift * 7)?;
        Some((Self::from_to(calendar::add_days(monday, a - 1)?, calendar::add_days(monday, b - 1)?)?, next + 1))
    }

    /// "for 1 week, from 20th Dec", "for 3 days from today", "two weeks starting Monday".
    fn length_from(&self, i: usize) -> Hit<Anchor> {
        let opened = self.is(i, "for");
        let (length, at) = self.length(self.skip(i, &["for"]))?;
        let at = self.skip(at, &[","]);
        let words: &[&str] = if opened { &["from", "starting", "beginning"] } else { &["starting", "beginning"] };
        if !self.is_any(at, words) {
            return None;
        }
        let start_at = self.skip(at + 1, &["from", "on"]);
        let (start, end) = self.longest([self.day(start_at), self.moment(start_at)])?;
        let to = length.from(start.start, 1)?;
        let anchor = if length.short || start.grain == Grain::Moment {
            Anchor::hours(start.start, to)
        } else {
            Anchor::days(start.date(), to.date())
        };
        Some((anchor.said(Manner::Range), end))
    }
}
