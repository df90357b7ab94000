//! Periods of whole days: months, quarters, weeks, years, their parts and rests.

use jiff::civil::Date;

use crate::understanding::time::anchor::{Anchor, Floating, Grain, Grammar, Hit, Manner};
use crate::understanding::time::calendar;
use crate::understanding::time::span::Unit;

impl Grammar<'_> {
    /// A period in any dress.
    #[must_use]
    pub fn period(&self, i: usize) -> Hit<Anchor> {
        self.longest([
            self.plain_period(i),
            self.part_of_period(i),
            self.rest(i),
            self.stretch(i),
            self.feast_period(i),
        ])
    }

    /// A whole calendar period.
    #[must_use]
    pub fn plain_period(&self, i: usize) -> Hit<Anchor> {
        self.longest([
            self.calendar_unit(i),
            self.month_period(i),
            self.year_period(i),
            self.quarter(i),
            self.week_number(i),
            self.nth_week(i),
            self.week_of_day(i),
            self.decade(i),
        ])
    }

    fn around(&self, unit: Unit, shift: i64) -> Option<Anchor> {
        let (from, to) = calendar::unit_around(self.now.date(), unit, shift)?;
        Some(Anchor::days(from, to).said(Manner::Relative))
    }

    fn long_unit(&self, i: usize) -> Hit<Unit> {
        self.unit(i).filter(|(unit, _)| !unit.is_short() && !matches!(unit, Unit::Day | Unit::Workday))
    }

    /// "this week", "next quarter", "the weekend", "the week after next".
    fn calendar_unit(&self, i: usize) -> Hit<Anchor> {
        if let Some((shift, at)) = self.shift(i) {
            let (unit, end) = self.long_unit(at).filter(|(_, end)| !self.text(end - 1).ends_with('s'))?;
            return Some((self.around(unit, shift)?, end));
        }
        let at = self.skip(i, &["the", "my"]);
        let (unit, end) = self.long_unit(at)?;
        if self.is(end, "after") {
            let next = self.skip(end + 1, &["the"]);
            if self.is(next, "next") {
                return Some((self.around(unit, 2)?, next + 1));
            }
        }
        let alone = (at > i || unit == Unit::Weekend) && self.phrase_ends(end) && !self.is(end, "'");
        if alone && !self.text(end - 1).ends_with('s') { Some((self.around(unit, 0)?, end)) } else { None }
    }

    /// A month: "February", "next June", "2015/3", "June of nineteen ninety nine", "November, 2016", "this month".
    #[must_use]
    pub fn month_period(&self, i: usize) -> Hit<Anchor> {
        self.longest([self.relative_month(i), self.named_month(i), self.numeric_month(i)])
    }

    fn relative_month(&self, i: usize) -> Hit<Anchor> {
        let today = self.now.date();
        if self.are(i, &["the", "month"]) {
            return Some((self.around(Unit::Month, 0)?, i + 2));
        }
        let (shift, at) = self.shift(i)?;
        if self.is(at, "month") {
            return Some((self.around(Unit::Month, shift)?, at + 1));
        }
        let (month, end) = self.month(at)?;
        let ahead = i64::from((month - today.month()).rem_euclid(12));
        let months = match shift {
            0 => ahead,
            1 if ahead == 0 => 12,
            1 => ahead,
            _ => ahead - 12,
        };
        let first = calendar::add_months(today.first_of_month(), months)?;
        Some((self.month_from(first)?.said(Manner::Relative), end))
    }

    fn month_from(&self, first: Date) -> Option<Anchor> {
        Some(Anchor::days(first, calendar::add_months(first, 1)?))
    }

    fn named_month(&self, i: usize) -> Hit<Anchor> {
        if let Some((year, at)) = self.year(i) {
            let at = self.skip(at, &["-", "/"]);
            let (month, end) = self.month(at)?;
            return Some((self.month_from(calendar::date(year, month, 1)?)?, end));
        }
        let (month, at) = self.month(i)?;
        let year_at = self.skip(self.skip(at, &[","]), &["of", "in"]);
        let year_at = if year_at == at { self.skip(at, &["-", "/"]) } else { year_at };
        if let Some((year, end)) = self.year(year_at) {
            return Some((self.month_from(calendar::date(year, month, 1)?)?, end));
        }
        if let Some((shift, end)) = self.shift(year_at).filter(|(_, end)| self.is(*end, "year")) {
            let year = self.now.date().year().checked_add(i16::try_from(shift).ok()?)?;
            return Some((self.month_from(calendar::date(year, month, 1)?)?, end + 1));
        }
        // "may" and "march" are also verbs, and "mar", "dec", "sep" and the like other words' short forms.
        let full = self.text(i).len() > 5 || self.is_any(i, &["april", "june", "july"]);
        if !(full || self.announced(i) || (self.is(i, "march") && self.tokens.get(i).is_some_and(|t| t.capital))) {
            return None;
        }
        let year = self.now.date().year() + i16::from(month < self.now.date().month());
        Some((self.month_from(calendar::date(year, month, 1)?)?.floating(Floating::Month(month)), at))
    }

    /// "2016-11", "11 / 2016".
    fn numeric_month(&self, i: usize) -> Hit<Anchor> {
        if !self.is_any(i + 1, &["-", "/"]) || (i >= 1 && self.glued(i) && self.is_any(i - 1, &["-", "/", "."])) {
            return None;
        }
        let month = |at: usize| {
            let n = self.digits(at).filter(|_| self.text(at).len() <= 2)?;
            i8::try_from(n).ok().filter(|m| (1..=12).contains(m))
        };
        let (year, month) = match self.year(i).filter(|_| self.digits(i).is_some()) {
            Some((year, _)) => (year, month(i + 2)?),
            None => (self.year(i + 2).filter(|_| self.digits(i + 2).is_some())?.0, month(i)?),
        };
        if self.is_any(i + 3, &["-", "/"]) && self.glued(i + 3) && self.glued(i + 4) && self.digits(i + 4).is_some() {
            return None;
        }
        Some((self.month_from(calendar::date(year, month, 1)?)?, i + 3))
    }

    fn year_from(&self, year: i16) -> Option<Anchor> {
        Some(Anchor::days(calendar::date(year, 1, 1)?, calendar::date(year.checked_add(1)?, 1, 1)?))
    }

    /// "2027", "year 2027", "the year two hundred and sixty seven".
    fn year_period(&self, i: usize) -> Hit<Anchor> {
        let named = self.skip(i, &["the"]);
        if self.is(named, "year") {
            let (n, end) = self.longest([
                self.cardinal(named + 1),
                self.year(named + 1).map(|(y, e)| (u32::from(y.unsigned_abs()), e)),
            ])?;
            let year = i16::try_from(n).ok().filter(|y| (1..=2999).contains(y))?;
            return Some((self.year_from(year)?, end));
        }
        // Not the tail of a date that does not exist ("2/29/2019").
        if i > 0 && self.glued(i) && self.is_any(i - 1, &["/", "-", "."]) {
            return None;
        }
        let (year, end) = self.year(i)?;
        let digits = self.digits(i).is_some();
        let likely = if digits { (1900..=2100).contains(&year) } else { self.announced(i) };
        let counted = self.is_word(end) && !self.phrase_ends(end);
        if !likely || counted || self.is_any(end, &["%", ":"]) { None } else { Some((self.year_from(year)?, end)) }
    }

    /// The year a quarter or half belongs to, where it is said: "2016", "of next year", "this year", "of the year".
    fn owning_year(&self, i: usize) -> Hit<i16> {
        let at = self.skip(self.skip(i, &[",", "/", "-"]), &["of", "in"]);
        if let Some(hit) = self.year(at) {
            return Some(hit);
        }
        let (shift, end) = self.shift(at).or_else(|| self.is(at, "the").then_some((0, at + 1)))?;
        let year = self.now.date().year().checked_add(i16::try_from(shift).ok()?)?;
        self.is(end, "year").then_some((year, end + 1))
    }

    /// "Q3", "2016 Q3", "third quarter of next year", "H2 2016", "first half of the year", "second half of next month".
    fn quarter(&self, i: usize) -> Hit<Anchor> {
        if let Some((year, at)) = self.year(i).filter(|_| self.digits(i).is_some()) {
            let (months, nth, end) = self.quarter_name(self.skip(at, &["-", "/"]))?;
            return Some((self.slice(year, months, nth)?, end));
        }
        let (months, nth, end) = self.quarter_name(i)?;
        if let Some((year, end)) = self.owning_year(end) {
            return Some((self.slice(year, months, nth)?, end));
        }
        if months == 6 && self.is_any(end, &["of", "in"]) {
            let (period, end) = self.longest([self.calendar_unit(end + 1), self.month_period(end + 1)])?;
            let half = (period.end.date() - period.date()).get_days() / 2;
            let middle = calendar::add_days(period.date(), i64::from(half))?;
            let anchor =
                if nth == 1 { Anchor::days(period.date(), middle) } else { Anchor::days(middle, period.end.date()) };
            return Some((anchor, end));
        }
        let year = self.now.date().year();
        let this = self.slice(year, months, nth)?;
        let anchor = if this.until <= self.now { self.slice(year + 1, months, nth)? } else { this };
        Some((anchor, end))
    }

    /// Its length in months, which one, and the place after.
    fn quarter_name(&self, i: usize) -> Option<(i8, i8, usize)> {
        let (months, top) = match self.text(i) {
            "q" => (3, 4),
            "h" => (6, 2),
            _ => {
                let at = self.skip(i, &["the"]);
                let (n, end) = if self.is(at, "last") { (0, at + 1) } else { self.ordinal(at)? };
                let (months, top) = match self.text(end) {
                    "quarter" => (3, 4),
                    "half" => (6, 2),
                    _ => return None,
                };
                // "the last quarter" alone is the one before; only "of" a year it is the fourth.
                if n == 0 && !self.is_any(end + 1, &["of", "in"]) {
                    return None;
                }
                let n = if n == 0 { top } else { i8::try_from(n).ok()? };
                return (n <= top).then_some((months, n, end + 1));
            }
        };
        let n = self.digits(i + 1).filter(|_| self.glued(i + 1)).and_then(|n| i8::try_from(n).ok())?;
        (1..=top).contains(&n).then_some((months, n, i + 2))
    }

    fn slice(&self, year: i16, months: i8, nth: i8) -> Option<Anchor> {
        let from = calendar::date(year, (nth - 1) * months + 1, 1)?;
        Some(Anchor::days(from, calendar::add_months(from, i64::from(months))?))
    }

    fn week_from(&self, monday: Date) -> Option<Anchor> {
        Some(Anchor::days(monday, calendar::add_days(monday, 7)?))
    }

    /// "week 10", "week 10 of 2027", "calendar week 3".
    fn week_number(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["calendar"]);
        if !self.is_any(at, &["week", "wk", "cw", "kw"]) {
            return None;
        }
        let week = self.digits(at + 1).filter(|n| (1..=53).contains(n))?;
        let (year, end) = self.owning_year(at + 2).unwrap_or((self.now.date().year(), at + 2));
        Some((self.week_from(calendar::iso_week(year, i64::from(week))?)?, end))
    }

    /// "the first week of this year", "last week of 2015", "third week of October".
    fn nth_week(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        let last = self.is(at, "last");
        let (n, week_at) = if last { (0, at + 1) } else { self.ordinal(at)? };
        if !self.is_any(week_at, &["week", "weekend"]) {
            return None;
        }
        let (period, end) = match self.owning_year(week_at + 1) {
            Some((year, end)) => (self.year_from(year)?, end),
            None if self.is_any(week_at + 1, &["of", "in"]) => self.month_period(week_at + 2)?,
            None => return None,
        };
        // As ISO 8601 counts a year's weeks: the week belongs where its Thursday is.
        let thursday_week = |day: Date| {
            let monday = calendar::monday(day)?;
            let thursday = calendar::add_days(monday, 3)?;
            Some((monday, thursday))
        };
        let monday = if last {
            let (monday, thursday) = thursday_week(period.end.date().yesterday().ok()?)?;
            if thursday < period.end.date() { monday } else { calendar::add_days(monday, -7)? }
        } else {
            let (monday, thursday) = thursday_week(period.date())?;
            let first = if thursday >= period.date() { monday } else { calendar::add_days(monday, 7)? };
            calendar::add_days(first, (i64::from(n) - 1) * 7)?
        };
        if self.is(week_at, "weekend") {
            let saturday = calendar::add_days(monday, 5)?;
            return Some((Anchor::days(saturday, calendar::add_days(saturday, 2)?), end));
        }
        Some((self.week_from(monday)?, end))
    }

    /// "the week of the 18th", "the week commencing February 4".
    fn week_of_day(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        if !(self.is(at, "week") && self.is_any(at + 1, &["of", "commencing", "starting", "beginning", "from"])) {
            return None;
        }
        let (day, end) = self.plain_day(self.skip(at + 2, &["on"]))?;
        Some((self.week_from(calendar::monday(day.date())?)?, end))
    }

    /// "the 1970s", "the '40s", "the nineteen seventies", "the two thousands", "21st century".
    fn decade(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        if let Some((n, end)) = self.ordinal(at).filter(|(n, end)| self.is(*end, "century") && (1..=30).contains(n)) {
            let first = i16::try_from((n - 1) * 100).ok()?;
            let from = calendar::date(first, 1, 1)?;
            return Some((Anchor::days(from, calendar::add_months(from, 1200)?), end + 1));
        }
        let digits_at = if self.is(at, "'") { at + 1 } else { at };
        if let Some(n) = self.digits(digits_at) {
            let after = if self.is(digits_at + 1, "'") { digits_at + 2 } else { digits_at + 1 };
            if !(self.is(after, "s") && self.glued(after) && n % 10 == 0) {
                return None;
            }
            let first = match self.text(digits_at).len() {
                4 => i16::try_from(n).ok()?,
                // "60s" is also sixty seconds; with an article it is years.
                2 if at > i || digits_at > at => self.future_decade(i16::try_from(n).ok()?),
                _ => return None,
            };
            return Some((self.decade_from(first)?, after + 1));
        }
        let named = |k: usize| match self.text(k) {
            "tens" => Some(10),
            "twenties" => Some(20),
            "thirties" => Some(30),
            "forties" => Some(40),
            "fifties" => Some(50),
            "sixties" => Some(60),
            "seventies" => Some(70),
            "eighties" => Some(80),
            "nineties" => Some(90),
            _ => None,
        };
        if self.is(at, "two") && self.is(at + 1, "thousands") {
            return Some((self.decade_from(2000)?, at + 2));
        }
        if let Some(tens) = named(at) {
            return Some((self.decade_from(self.future_decade(tens))?, at + 1));
        }
        let century = match self.text(at) {
            "eighteen" => 1800,
            "nineteen" => 1900,
            "twenty" => 2000,
            _ => return None,
        };
        let after = self.skip(at + 1, &["-"]);
        if self.is(after, "hundreds") {
            return Some((self.decade_from(century)?, after + 1));
        }
        Some((self.decade_from(century + named(after)?)?, after + 1))
    }

    fn future_decade(&self, tens: i16) -> i16 {
        let year = self.now.date().year();
        let first = year.div_euclid(100) * 100 + tens;
        if first + 10 <= year { first + 100 } else { first }
    }

    fn decade_from(&self, first: i16) -> Option<Anchor> {
        Some(Anchor::days(calendar::date(first, 1, 1)?, calendar::date(first.checked_add(10)?, 1, 1)?))
    }

    /// "rest of the week", "rest this year", "remainder of the month".
    fn rest(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        if !self.is_any(at, &["rest", "remainder", "remaining"]) {
            return None;
        }
        let at = self.skip(self.skip(at + 1, &["of"]), &["the", "this", "my", "our", "current"]);
        let (unit, end) = self.long_unit(at)?;
        let whole = self.around(unit, 0)?;
        // As the specs write it, the end is the last day itself; `until` says when it is over.
        let last = whole.end.date().yesterday().ok()?;
        let anchor = Anchor { until: whole.until, manner: Manner::EndOf, ..Anchor::days(self.now.date(), last) };
        Some((anchor, end))
    }

    /// "early next week", "end of 2027", "mid March", "later this year", "earlier this month".
    fn part_of_period(&self, i: usize) -> Hit<Anchor> {
        let at = self.skip(i, &["the"]);
        if self.is_any(at, &["later", "earlier"]) {
            let inner = self.skip(at + 1, &["in"]);
            let (whole, end) = self.calendar_unit(inner)?;
            let today = self.now.date();
            if today < whole.date() || today >= whole.end.date() {
                return None;
            }
            let anchor = if self.is(at, "later") {
                Anchor::days(today, whole.end.date())
            } else {
                Anchor::days(whole.date(), today)
            };
            return Some((anchor.said(Manner::Relative), end));
        }
        let (part, of) = match self.text(at) {
            "early" => (Part::Early, false),
            "late" => (Part::Late, false),
            "mid" => (Part::Middle, false),
            "beginning" | "start" => (Part::Early, true),
            "middle" => (Part::Middle, true),
            "end" | "close" => (Part::Late, true),
            _ => return None,
        };
        let (eager, mut inner) = (of, at + 1);
        inner = self.skip(inner, &["-"]);
        if of && !self.is(inner, "of") {
            return None;
        }
        inner = self.skip(inner, &["of", "in"]);
        let bare_unit = || self.long_unit(inner).and_then(|(unit, end)| Some((self.around(unit, 0)?, end)));
        let (whole, end) =
            self.longest([self.plain_period(inner), bare_unit()]).filter(|(a, _)| a.grain == Grain::Days)?;
        let (from, to) = (whole.date(), whole.end.date());
        let days = i64::from((to - from).get_days());
        let plus = |n: i64| calendar::add_days(from, n);
        let months = |n: i64| calendar::add_months(from, n);
        // The parts of a week, month and year as Recognizers-Text cuts them; a year's "end of" is its last third.
        let (from, to) = match (part, days) {
            (Part::Early, ..=10) => (from, plus(days / 2)?),
            (Part::Middle, ..=10) => (plus(1)?, plus(days - 3)?),
            (Part::Late, ..=10) => (plus(days / 2)?, to),
            (Part::Early, ..=31) => (from, plus(15)?),
            (Part::Middle, ..=31) => (plus(9)?, plus(20)?),
            (Part::Late, ..=31) => (plus(15)?, to),
            (Part::Early, 360..=370) if eager => (from, months(4)?),
            (Part::Middle, 360..=370) if eager => (months(4)?, months(8)?),
            (Part::Late, 360..=370) if eager => (months(8)?, to),
            (Part::Early, 360..=370) => (from, months(6)?),
            (Part::Middle, 360..=370) => (months(3)?, months(9)?),
            (Part::Late, 360..=370) => (months(6)?, to),
            (Part::Early, _) => (from, plus(days / 3)?),
            (Part::Middle, _) => (plus(days / 3)?, plus(days * 2 / 3)?),
            (Part::Late, _) => (plus(days * 2 / 3)?, to),
        };
        let manner = if part == Part::Late { Manner::EndOf } else { whole.manner };
        Some((Anchor::days(from, to).said(manner), end))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Early,
    Middle,
    Late,
}
