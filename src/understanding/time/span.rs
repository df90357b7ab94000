//! Lengths: units, and runs of amounts with units ("1 year 1 month 21 days").

use jiff::Span;
use jiff::civil::DateTime;

use crate::understanding::time::anchor::{Grammar, Hit};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1 s.
    Second,
    /// 60 s.
    Minute,
    /// 3,600 s.
    Hour,
    /// A calendar day.
    Day,
    /// Monday to Friday.
    Workday,
    /// Seven days from a Monday.
    Week,
    /// Fourteen days.
    Fortnight,
    /// Saturday and Sunday.
    Weekend,
    /// A calendar month.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    Half,
    /// A calendar year.
    Year,
    /// Ten years.
    Decade,
    /// A hundred years.
    Century,
}

impl Unit {
    /// Its nominal length in seconds: a month is 30 days, a year 365, as the Recognizers-Text specs count.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day | Self::Workday => 86_400,
            Self::Weekend => 2 * 86_400,
            Self::Week => 7 * 86_400,
            Self::Fortnight => 14 * 86_400,
            Self::Month => 30 * 86_400,
            Self::Quarter => 90 * 86_400,
            Self::Half => 182 * 86_400,
            Self::Year => 365 * 86_400,
            Self::Decade => 3_650 * 86_400,
            Self::Century => 36_500 * 86_400,
        }
    }

    /// True for hours and what is shorter.
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self, Self::Second | Self::Minute | Self::Hour)
    }
}

/// A length as said: calendar parts kept apart, and its nominal seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// Months, years counted as twelve.
    pub months: i64,
    /// Days, weeks counted as seven.
    pub days: i64,
    /// Seconds of hours, minutes and seconds.
    pub seconds: i64,
    /// Working days, to be counted over weekends.
    pub workdays: i64,
    /// The nominal length of all of it.
    pub nominal: u64,
    /// True where a part was an hour or shorter.
    pub short: bool,
    /// True where it is said as an adjective: "2 week", "30-minute".
    pub attributive: bool,
}

/// Longer lengths are not meant: a thousand years.
const MAX_NOMINAL: u64 = 1_000 * 365 * 86_400;

impl Length {
    /// An amount (in thousandths) of a unit; `None` where nobody can mean it.
    #[must_use]
    pub fn of(milli: u64, unit: Unit) -> Option<Self> {
        let exact = u128::from(milli) * u128::from(unit.seconds());
        let nominal = u64::try_from(exact / 1000).ok().filter(|n| *n <= MAX_NOMINAL)?;
        let whole = i64::try_from(milli / 1000).ok()?;
        let is_whole = milli.is_multiple_of(1000);
        let rest = i64::try_from(nominal).ok()?;
        let mut length = Self { nominal, short: unit.is_short(), ..Self::default() };
        match unit {
            Unit::Second | Unit::Minute | Unit::Hour => length.seconds = rest,
            Unit::Workday if is_whole => length.workdays = whole,
            Unit::Week | Unit::Fortnight | Unit::Day | Unit::Weekend if is_whole => length.days = rest / 86_400,
            Unit::Month if is_whole => length.months = whole,
            Unit::Quarter if is_whole => length.months = whole * 3,
            Unit::Half if is_whole => length.months = whole * 6,
            Unit::Year if milli.is_multiple_of(250) => length.months = i64::try_from(milli).ok()? * 12 / 1000,
            Unit::Decade if is_whole => length.months = whole * 120,
            Unit::Century if is_whole => length.months = whole * 1200,
            _ => {
                length.days = rest / 86_400;
                length.seconds = rest % 86_400;
            }
        }
        Some(length)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months + other.months,
            days: self.days + other.days,
            seconds: self.seconds + other.seconds,
            workdays: self.workdays + other.workdays,
            nominal: self.nominal.checked_add(other.nominal).filter(|n| *n <= MAX_NOMINAL)?,
            short: self.short || other.short,
            attributive: other.attributive,
        })
    }

    /// This long after a wall-clock moment; before it where `sign` is negative. Months first, then days (31 January and a month is the
    /// last of February).
    #[must_use]
    pub fn from(&self, moment: DateTime, sign: i64) -> Option<DateTime> {
        let calendar = Span::new().try_months(sign * self.months).ok()?.try_days(sign * self.days).ok()?;
        let mut at = moment.checked_add(calendar).ok()?;
        let mut left = self.workdays;
        // A length is at most a thousand years, so this loop ends.
        while left > 0 {
            at = at.checked_add(Span::new().try_days(sign).ok()?).ok()?;
            if at.date().weekday().to_monday_one_offset() <= 5 {
                left -= 1;
            }
        }
        at.checked_add(Span::new().try_seconds(sign * self.seconds).ok()?).ok()
    }
}

impl Grammar<'_> {
    /// A unit. Single letters count only right behind a number.
    #[must_use]
    pub fn unit(&self, i: usize) -> Hit<Unit> {
        if self.is_any(i, &["business", "working", "work"]) {
            let at = self.skip(i + 1, &["-"]);
            return self.is_any(at, &["day", "days"]).then_some((Unit::Workday, at + 1));
        }
        let unit = match self.text(i) {
            "second" | "seconds" | "sec" | "secs" => Unit::Second,
            "minute" | "minutes" | "min" | "mins" => Unit::Minute,
            "hour" | "hours" | "hr" | "hrs" => Unit::Hour,
            "day" | "days" => Unit::Day,
            "workday" | "workdays" | "weekday" | "weekdays" => Unit::Workday,
            "week" | "weeks" | "wk" | "wks" => Unit::Week,
            "fortnight" | "fortnights" => Unit::Fortnight,
            "weekend" | "weekends" => Unit::Weekend,
            "month" | "months" | "mth" | "mths" => Unit::Month,
            "quarter" | "quarters" => Unit::Quarter,
            "year" | "years" | "yr" | "yrs" => Unit::Year,
            "decade" | "decades" => Unit::Decade,
            "century" | "centuries" => Unit::Century,
            letter if i > 0 && self.digits(i - 1).is_some() && (self.glued(i) || letter == "h") => match letter {
                "s" => Unit::Second,
                "m" => Unit::Minute,
                "h" => Unit::Hour,
                "d" => Unit::Day,
                "w" => Unit::Week,
                "mo" | "mos" => Unit::Month,
                "y" => Unit::Year,
                _ => return None,
            },
            _ => return None,
        };
        Some((unit, i + 1))
    }

    /// One amount with its unit: "3h", "30-minutes", "an hour and a half", "half a year".
    fn part(&self, i: usize) -> Hit<Length> {
        let (milli, at) = self.amount(i)?;
        let at = if self.is(at, "-") { at + 1 } else { at };
        let at = self.skip(at, &["more", "full", "whole", "extra", "additional", "further", "calendar"]);
        let (unit, end) = self.unit(at)?;
        let plural = self.text(at).ends_with('s') || self.text(at).len() <= 3;
        let attributive = milli > 1000 && !plural;
        let with_half = if self.are(end, &["and", "a", "half"]) {
            Some(end + 3)
        } else if self.are(end, &["and", "half"]) && self.unit(end + 2).is_none() && !self.is_any(end + 2, &["a", "an"])
        {
            Some(end + 2)
        } else {
            None
        };
        let (milli, end) = match with_half {
            Some(end) if self.unit(end).is_none() => (milli + 500, end),
            _ => (milli, end),
        };
        let length = Length { attributive, ..Length::of(milli, unit)? };
        Some((length, end))
    }

    /// A length of one or more parts, without modifiers: "1 year 1 month and 21 days".
    #[must_use]
    pub fn length(&self, i: usize) -> Hit<Length> {
        let (mut total, mut end) = self.part(i)?;
        loop {
            let at = self.skip(self.skip(end, &[","]), &["and"]);
            // "an hour and the day after" is not two parts; a further part needs a number, "a" or "half".
            let Some((next, after)) = self.part(at) else { break };
            let Some(sum) = total.plus(next) else { break };
            (total, end) = (sum, after);
        }
        Some((total, end))
    }

    /// A length as a duration: also "all day", "a full week", "the whole month", "less than a couple of days".
    #[must_use]
    pub fn duration(&self, i: usize) -> Hit<Length> {
        let at = self.bound(i);
        if let Some(hit) = self.length(at) {
            return Some(hit);
        }
        let whole = self.skip(at, &["the", "a"]);
        if self.is_any(whole, &["all", "full", "whole", "entire", "half"]) {
            let milli = if self.is(whole, "half") { 500 } else { 1000 };
            let unit_at = self.skip(self.skip(whole + 1, &["-"]), &["the"]);
            let (unit, end) = self.unit(unit_at)?;
            return Some((Length::of(milli, unit)?, end));
        }
        None
    }

    /// The place after "more than", "less than", "at least", "up to", "about" …
    #[must_use]
    pub fn bound(&self, i: usize) -> usize {
        if self.is_any(i, &["more", "less", "fewer", "longer", "shorter"]) && self.is(i + 1, "than") {
            return i + 2;
        }
        if self.are(i, &["at", "least"]) || self.are(i, &["at", "most"]) || self.are(i, &["up", "to"]) {
            return i + 2;
        }
        self.skip(i, &["about", "around", "approximately", "roughly", "nearly", "almost", "over", "under"])
    }
}
