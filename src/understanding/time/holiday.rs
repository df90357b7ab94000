//! Days and stretches with names of their own: "Christmas", "over Easter", "New Year's Eve", "the Christmas holidays".
//!
//! Only feasts whose days can be computed are resolved (fixed days, Easter and what hangs on it, Thanksgiving as in the United States).
//! Others, and "the summer" or "the holidays", differ from place to place: they are found, so that somebody can be asked for the dates.

use jiff::civil::{Date, Weekday};

use crate::understanding::time::anchor::{Anchor, Grammar, Hit, Manner};
use crate::understanding::time::calendar;

/// A feast.
#[derive(Debug, Clone, Copy)]
struct Feast {
    /// What it is called, as tokens.
    name: &'static [&'static str],
    /// Its day.
    day: Day,
    /// How many days it begins before that day, and how many it goes on after it.
    around: (i64, i64),
    /// The same for its "holidays", "break" or "season".
    holidays: (i64, i64),
}

/// When a feast is.
#[derive(Debug, Clone, Copy)]
enum Day {
    /// Month and day.
    Fixed(i8, i8),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// So many days after the fourth Thursday of November.
    Thanksgiving(i64),
}

const fn feast(name: &'static [&'static str], day: Day, around: (i64, i64), holidays: (i64, i64)) -> Feast {
    Feast { name, day, around, holidays }
}

/// The feasts; a longer name stands before a shorter one that begins it.
const FEASTS: &[Feast] = &[
    feast(&["christmas", "eve"], Day::Fixed(12, 24), (0, 0), (0, 0)),
    feast(&["christmas", "day"], Day::Fixed(12, 25), (0, 0), (0, 0)),
    feast(&["christmas"], Day::Fixed(12, 25), (1, 1), (1, 7)),
    feast(&["xmas"], Day::Fixed(12, 25), (1, 1), (1, 7)),
    feast(&["boxing", "day"], Day::Fixed(12, 26), (0, 0), (0, 0)),
    feast(&["new", "year", "'", "s", "eve"], Day::Fixed(12, 31), (0, 1), (0, 1)),
    feast(&["new", "years", "eve"], Day::Fixed(12, 31), (0, 1), (0, 1)),
    feast(&["new", "year", "'", "s", "day"], Day::Fixed(1, 1), (0, 0), (0, 0)),
    feast(&["new", "years", "day"], Day::Fixed(1, 1), (0, 0), (0, 0)),
    feast(&["new", "year", "'", "s"], Day::Fixed(1, 1), (1, 0), (1, 0)),
    feast(&["new", "years"], Day::Fixed(1, 1), (1, 0), (1, 0)),
    feast(&["new", "year"], Day::Fixed(1, 1), (1, 0), (1, 0)),
    feast(&["good", "friday"], Day::Easter(-2), (0, 0), (0, 0)),
    feast(&["easter", "monday"], Day::Easter(1), (0, 0), (0, 0)),
    feast(&["easter", "sunday"], Day::Easter(0), (0, 0), (0, 0)),
    feast(&["easter"], Day::Easter(0), (2, 1), (2, 1)),
    feast(&["ascension", "day"], Day::Easter(39), (0, 0), (0, 0)),
    feast(&["pentecost"], Day::Easter(49), (0, 1), (0, 1)),
    feast(&["whitsun"], Day::Easter(49), (0, 1), (0, 1)),
    feast(&["thanksgiving", "day"], Day::Thanksgiving(0), (0, 0), (0, 0)),
    feast(&["thanksgiving"], Day::Thanksgiving(0), (0, 3), (0, 3)),
    feast(&["black", "friday"], Day::Thanksgiving(1), (0, 0), (0, 0)),
    feast(&["halloween"], Day::Fixed(10, 31), (0, 0), (0, 0)),
];

/// What names a stretch of days that is another one in another place.
const UNFIXED: &[&[&str]] = &[
    &["holidays"],
    &["holiday", "season"],
    &["festive", "season"],
    &["summer"],
    &["winter"],
    &["spring"],
    &["autumn"],
    &["fall"],
    &["ramadan"],
    &["eid"],
    &["diwali"],
    &["hanukkah"],
    &["passover"],
    &["chinese", "new", "year"],
    &["lunar", "new", "year"],
    &["spring", "festival"],
    &["golden", "week"],
    &["carnival"],
    &["ski", "season"],
];

/// Words that make a stretch of a feast's name.
const HOLIDAYS: &[&str] = &["holidays", "holiday", "break", "period", "season", "vacation", "weekend", "week", "time"];

/// Words before a stretch.
const OVER: &[&str] = &["over", "during", "throughout", "across"];

/// Easter Sunday of a year, Gregorian: Meeus, Jones and Butcher's algorithm (J. Meeus, Astronomical Algorithms, 1991, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    calendar::date(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?)
}

impl Day {
    fn of(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => calendar::date(year, month, day),
            Self::Easter(after) => calendar::add_days(easter(year)?, after),
            Self::Thanksgiving(after) => {
                let first = calendar::date(year, 11, 1)?;
                calendar::add_days(calendar::nth_weekday(first, 4, Weekday::Thursday)?, after)
            }
        }
    }
}

impl Grammar<'_> {
    /// The feast named here, and the place after its name.
    fn feast(&self, i: usize) -> Hit<Feast> {
        let found = FEASTS.iter().filter(|f| self.are(i, f.name)).max_by_key(|f| f.name.len())?;
        Some((*found, i + found.name.len()))
    }

    /// The next such feast whose stretch is not over: its day, first and last.
    fn next_feast(&self, feast: &Feast, around: (i64, i64), year: Option<i16>) -> Option<(Date, Date, Date)> {
        let today = self.now.date();
        let years = year.map_or(today.year().checked_sub(1)?..=today.year().checked_add(1)?, |y| y..=y);
        years.into_iter().find_map(|y| {
            let day = feast.day.of(y)?;
            let (first, last) = (calendar::add_days(day, -around.0)?, calendar::add_days(day, around.1)?);
            (year.is_some() || last >= today).then_some((day, first, last))
        })
    }

    /// A feast's day: "Christmas", "Easter Monday 2027".
    #[must_use]
    pub fn feast_day(&self, i: usize) -> Hit<Anchor> {
        // "The new year" is a year, not its first day.
        if self.is(i, "new") && i > 0 && self.is(i - 1, "the") {
            return None;
        }
        let (feast, at) = self.feast(i)?;
        let (year, end) = self.year(at).map_or((None, at), |(y, end)| (Some(y), end));
        let (day, ..) = self.next_feast(&feast, (0, 0), year)?;
        Some((Anchor::day(day), end))
    }

    /// A feast as a stretch of days: "over Christmas", "the Christmas holidays", "during the Easter break".
    #[must_use]
    pub fn feast_period(&self, i: usize) -> Hit<Anchor> {
        let over = self.skip(i, OVER);
        let (feast, at) = self.feast(self.skip(over, &["the", "our", "my", "this"]))?;
        let long = self.is_any(at, HOLIDAYS);
        if !long && over == i {
            return None;
        }
        let at = if long { at + 1 } else { at };
        let (year, end) = self.year(at).map_or((None, at), |(y, end)| (Some(y), end));
        let (_, first, last) = self.next_feast(&feast, if long { feast.holidays } else { feast.around }, year)?;
        Some((Anchor::days(first, last.tomorrow().ok()?).said(Manner::Relative), end))
    }

    /// A stretch whose days nobody can know from its name alone: "over the holidays", "until the summer". The place after it.
    #[must_use]
    pub fn unfixed(&self, i: usize) -> Option<usize> {
        let for_the = self.is(i, "for") && self.is_any(i + 1, &["the", "this", "our", "my"]);
        if !(self.is_any(i, OVER) || self.is_any(i, &["until", "till", "til", "through", "thru"]) || for_the) {
            return None;
        }
        let at = self.skip(i + 1, &["the", "this", "next", "our", "my", "all"]);
        let name = UNFIXED.iter().filter(|name| self.are(at, name)).map(|name| name.len()).max()?;
        let end = self.skip(at + name, HOLIDAYS);
        self.phrase_ends(end).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, month, day) in
            [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2100, 3, 28)]
        {
            assert_eq!(easter(year), calendar::date(year, month, day), "{year}");
        }
    }
}
