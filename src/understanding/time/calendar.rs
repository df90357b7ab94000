//! The calendar: weeks from Monday (ISO 8601), months, quarters, years, and nearest future readings.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use crate::understanding::time::span::Unit;

/// So many days later (earlier where negative).
#[must_use]
pub fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// So many months later (earlier where negative); the last of a shorter month.
#[must_use]
pub fn add_months(date: Date, months: i64) -> Option<Date> {
    date.checked_add(Span::new().try_months(months).ok()?).ok()
}

/// The Monday of the week.
#[must_use]
pub fn monday(date: Date) -> Option<Date> {
    add_days(date, i64::from(1 - date.weekday().to_monday_one_offset()))
}

/// A date that exists.
#[must_use]
pub fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// The Monday of an ISO week of a year.
#[must_use]
pub fn iso_week(year: i16, week: i64) -> Option<Date> {
    // 4 January is always in week 1 (ISO 8601, 3.1.1.23).
    add_days(monday(date(year, 1, 4)?)?, (week - 1) * 7)
}

/// The calendar period that holds a day, shifted by so many periods: first day, and first day after.
#[must_use]
pub fn unit_around(today: Date, unit: Unit, shift: i64) -> Option<(Date, Date)> {
    let months = |start: Date, n: i64| {
        let from = add_months(start, shift * n)?;
        Some((from, add_months(from, n)?))
    };
    let first = today.first_of_month();
    match unit {
        Unit::Day | Unit::Workday => {
            let from = add_days(today, shift)?;
            Some((from, add_days(from, 1)?))
        }
        Unit::Week => {
            let from = add_days(monday(today)?, shift * 7)?;
            Some((from, add_days(from, 7)?))
        }
        Unit::Fortnight => {
            let from = add_days(monday(today)?, shift * 14)?;
            Some((from, add_days(from, 14)?))
        }
        Unit::Weekend => {
            let from = add_days(monday(today)?, shift * 7 + 5)?;
            Some((from, add_days(from, 2)?))
        }
        Unit::Month => months(first, 1),
        Unit::Quarter => months(date(first.year(), (first.month() - 1) / 3 * 3 + 1, 1)?, 3),
        Unit::Half => months(date(first.year(), (first.month() - 1) / 6 * 6 + 1, 1)?, 6),
        Unit::Year => months(first.first_of_year(), 12),
        Unit::Decade => months(date(first.year().div_euclid(10) * 10, 1, 1)?, 120),
        Unit::Century => months(date(first.year().div_euclid(100) * 100, 1, 1)?, 1200),
        Unit::Second | Unit::Minute | Unit::Hour => None,
    }
}

/// The first day with this month and day, today or later. 29 February waits for a leap year.
#[must_use]
pub fn next_month_day(today: Date, month: i8, day: i8) -> Option<Date> {
    (0..=8).find_map(|n| date(today.year().checked_add(n)?, month, day).filter(|d| *d >= today))
}

/// The last day with this month and day, at a limit or before.
#[must_use]
pub fn last_month_day(limit: Date, month: i8, day: i8) -> Option<Date> {
    (0..=8).find_map(|n| date(limit.year().checked_sub(n)?, month, day).filter(|d| *d <= limit))
}

/// The first day with this number in its month, today or later.
#[must_use]
pub fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    (0..=3).find_map(|n| {
        let first = add_months(today.first_of_month(), n)?;
        date(first.year(), first.month(), day).filter(|d| *d >= today)
    })
}

/// The first such weekday after a day.
#[must_use]
pub fn next_weekday(today: Date, weekday: Weekday) -> Option<Date> {
    let ahead = i64::from(weekday.to_monday_one_offset() - today.weekday().to_monday_one_offset());
    add_days(today, if ahead <= 0 { ahead + 7 } else { ahead })
}

/// The nth such weekday of the month of a day; the last where `n` is -1.
#[must_use]
pub fn nth_weekday(first: Date, n: i8, weekday: Weekday) -> Option<Date> {
    first.nth_weekday_of_month(n, weekday).ok()
}

/// A two-digit year within fifty years of now.
#[must_use]
pub fn full_year(two_digits: i16, now: Date) -> i16 {
    let year = now.year() - now.year().rem_euclid(100) + two_digits;
    if year - now.year() > 50 {
        year - 100
    } else if now.year() - year >= 50 {
        year + 100
    } else {
        year
    }
}

/// The month of a name or its short form.
#[must_use]
pub fn month_of(name: &str) -> Option<i8> {
    Some(match name {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sept" | "sep" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

/// The weekday of a name or its short form.
#[must_use]
pub fn weekday_of(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" | "weds" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as on;

    #[test]
    fn leap_days_wait_for_a_leap_year() {
        assert_eq!(next_month_day(on(2017, 3, 22), 2, 29), Some(on(2020, 2, 29)));
        assert_eq!(next_month_day(on(2096, 3, 1), 2, 29), Some(on(2104, 2, 29)));
        assert_eq!(next_month_day(on(2026, 3, 1), 2, 30), None);
    }

    #[test]
    fn two_digit_years_are_near() {
        assert_eq!(full_year(71, on(2016, 1, 1)), 1971);
        assert_eq!(full_year(27, on(2016, 1, 1)), 2027);
        assert_eq!(full_year(5, on(2099, 1, 1)), 2105);
    }

    #[test]
    fn iso_weeks() {
        assert_eq!(iso_week(2019, 10), Some(on(2019, 3, 4)));
        assert_eq!(iso_week(2027, 3), Some(on(2027, 1, 18)));
    }
}
