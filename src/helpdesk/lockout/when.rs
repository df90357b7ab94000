//! The time a question about the past names: "on Monday", "last month", "at 9am", "two days ago". What is asked for the future, since when or
//! until when is no such time.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _, Zoned};

use crate::helpdesk::lockout::whose_words::among;
use crate::understanding::normalise::fold;
use crate::understanding::time::calendar::{month_of, weekday_of};

/// From when until when, the end not included.
pub type Stretch = (Timestamp, Timestamp);

/// How far from an hour that was named something may lie and still be meant, in minutes.
const ABOUT: i64 = 60;

/// Words that ask about what has been.
const PAST: &str = " was were wasnt did didnt happened happen got been had went tried couldnt could ";

/// The stretch of time that is asked about; `None` where the words name none, or do not speak of the past.
#[must_use]
pub fn said(words: &str, now: Timestamp, zone: &TimeZone) -> Option<Stretch> {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    let all: Vec<&str> =
        folded.split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '-')).filter(|w| !w.is_empty()).collect();
    if !all.iter().any(|w| among(PAST, w)) {
        return None;
    }
    let here = now.to_zoned(zone.clone());
    let days = (0..all.len()).find_map(|n| day(&all, n, &here).filter(|_| is_when(&all, n)));
    if let Some(stretch) = ago(&all, now) {
        return Some(stretch);
    }
    let hour = (0..all.len()).find_map(|n| hour(&all, n));
    match (days, hour) {
        (None, None) => None,
        (Some(part), None) => part.stretch(zone),
        (Some(part), Some(time)) if part.is_a_day() => about(part.from, time, zone),
        (Some(part), Some(_)) => part.stretch(zone),
        (None, Some(time)) => {
            // The last time it was that late.
            let today = about(here.date(), time, zone)?;
            let begun = at(here.date(), time, zone)? <= now;
            if begun { Some(today) } else { about(here.date().yesterday().ok()?, time, zone) }
        }
    }
}

/// "Since Monday", "until Monday" and "by Monday" name no time that something happened at.
fn is_when(all: &[&str], n: usize) -> bool {
    let before = |k: usize| n.checked_sub(k).and_then(|k| all.get(k)).copied().unwrap_or("");
    let bounds = |word: &str| among(" since until till by before after from ", word);
    let bounded = bounds(before(1)) || among(" last the this ", before(1)) && bounds(before(2));
    !bounded
}

/// Days, and hours of the first and the last.
struct Days {
    from: Date,
    /// The last day, included.
    to: Date,
    begin: i8,
    /// The hour it ends at; 24 for the end of the day.
    end: i8,
}

impl Days {
    fn whole(from: Date, to: Date) -> Self {
        Self { from, to, begin: 0, end: 24 }
    }

    fn is_a_day(&self) -> bool {
        self.from == self.to
    }

    fn stretch(&self, zone: &TimeZone) -> Option<Stretch> {
        let from = at(self.from, Time::new(self.begin, 0, 0, 0).ok()?, zone)?;
        let to = match self.end {
            24 => at(self.to.tomorrow().ok()?, Time::midnight(), zone)?,
            hour => at(self.to, Time::new(hour, 0, 0, 0).ok()?, zone)?,
        };
        Some((from, to))
    }
}

fn at(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned(zone.clone()).ok().map(|z| z.timestamp())
}

fn about(date: Date, time: Time, zone: &TimeZone) -> Option<Stretch> {
    let middle = at(date, time, zone)?;
    Some((middle.checked_sub(ABOUT.minutes()).ok()?, middle.checked_add(ABOUT.minutes()).ok()?))
}

/// The day or days that are named here.
fn day(all: &[&str], n: usize, now: &Zoned) -> Option<Days> {
    let word = *all.get(n)?;
    let before = n.checked_sub(1).and_then(|k| all.get(k)).copied().unwrap_or("");
    let after = all.get(n + 1).copied().unwrap_or("");
    let today = now.date();
    let part = |mut days: Days, name: &str| {
        (days.begin, days.end) = match name {
            "morning" => (0, 12),
            "afternoon" => (12, 18),
            "evening" => (17, 24),
            "night" => (18, 24),
            _ => (0, 24),
        };
        days
    };
    let back = |span: Span| today.checked_sub(span).ok();
    match word {
        "yesterday" => {
            let day = today.yesterday().ok()?;
            Some(part(Days::whole(day, day), after))
        }
        "today" => Some(Days::whole(today, today)),
        "morning" | "afternoon" | "evening" if before == "this" => Some(part(Days::whole(today, today), word)),
        "night" if before == "last" => Some(Days { from: today.yesterday().ok()?, to: today, begin: 18, end: 6 }),
        "weekend" if matches!(before, "last" | "the") => {
            let sunday = last(Weekday::Sunday, today, true)?;
            Some(Days::whole(sunday.yesterday().ok()?, sunday))
        }
        "week" if matches!(before, "last" | "this") => {
            let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
            let from = if before == "last" { monday.checked_sub(7.days()).ok()? } else { monday };
            Some(Days::whole(from, from.checked_add(6.days()).ok()?))
        }
        "month" if matches!(before, "last" | "this") => {
            let from = if before == "last" { back(1.month())?.first_of_month() } else { today.first_of_month() };
            Some(Days::whole(from, from.last_of_month()))
        }
        _ => {
            if let Some(weekday) = weekday(word) {
                let day = last(weekday, today, before == "last")?;
                return Some(part(Days::whole(day, day), after));
            }
            if let Ok(date) = word.parse::<Date>() {
                return Some(Days::whole(date, date));
            }
            // "12 November", "November 12th".
            let month = month_of(word)?;
            let number = |w: &str| w.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<i8>().ok();
            let before =
                if before == "of" { n.checked_sub(2).and_then(|k| all.get(k)).copied().unwrap_or("") } else { before };
            let day = number(before).or_else(|| number(after))?;
            let this_year = Date::new(today.year(), month, day).ok()?;
            let date = if this_year > today { Date::new(today.year() - 1, month, day).ok()? } else { this_year };
            Some(Days::whole(date, date))
        }
    }
}

/// The last such day: today where it is one, unless it is said to be "last".
fn last(weekday: Weekday, today: Date, past: bool) -> Option<Date> {
    let behind = i64::from(today.weekday().since(weekday));
    let behind = if behind == 0 && past { 7 } else { behind };
    today.checked_sub(behind.days()).ok()
}

/// The weekday of a name. "Sat" and "sun" are words of other kinds more often here.
fn weekday(word: &str) -> Option<Weekday> {
    weekday_of(word).filter(|_| !matches!(word, "sat" | "sun"))
}

/// "9am", "9:30", "at 9", "noon".
fn hour(all: &[&str], n: usize) -> Option<Time> {
    let word = *all.get(n)?;
    let before = n.checked_sub(1).and_then(|k| all.get(k)).copied().unwrap_or("");
    let after = all.get(n + 1).copied().unwrap_or("");
    if among(" since until till by ", before) {
        return None;
    }
    match word {
        "noon" | "midday" => return Time::new(12, 0, 0, 0).ok(),
        "midnight" => return Time::new(0, 0, 0, 0).ok(),
        _ => {}
    }
    let (digits, joined) = match word.find(|c: char| c.is_ascii_alphabetic()) {
        Some(at) => word.split_at(at),
        None => (word, ""),
    };
    let half = if joined.is_empty() { after } else { joined };
    let of_day = matches!(half, "am" | "pm" | "oclock" | "h");
    if !of_day && !joined.is_empty() {
        return None;
    }
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !of_day && !digits.contains(':') && !among(" at around about ", before) {
        return None;
    }
    let hours = match (half, hours) {
        ("pm", 1..12) => hours + 12,
        ("am", 12) => 0,
        _ => hours,
    };
    Time::new(hours, minutes, 0, 0).ok()
}

/// "Two days ago", "an hour ago".
fn ago(all: &[&str], now: Timestamp) -> Option<Stretch> {
    let n = all.iter().position(|w| *w == "ago")?;
    let unit = n.checked_sub(1).and_then(|k| all.get(k)).copied()?;
    let said = n.checked_sub(2).and_then(|k| all.get(k)).copied().unwrap_or("");
    const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let count = match said {
        "a" | "an" => 1,
        word => word
            .parse::<i64>()
            .ok()
            .or_else(|| NUMBERS.iter().position(|n| *n == word).and_then(|n| i64::try_from(n + 1).ok()))?,
    };
    // Whoever says "two days ago" has not looked at a clock: half the unit more or less is meant as well.
    let unit = match unit.trim_end_matches('s') {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        "week" => 7 * 24 * 60,
        "month" => 30 * 24 * 60,
        _ => return None,
    };
    let middle = now.checked_sub(count.checked_mul(unit)?.minutes()).ok()?;
    let room = (unit / 2).max(10).minutes();
    Some((middle.checked_sub(room).ok()?, middle.checked_add(room).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these words mean on Wednesday 18 November 2026 at 10:00 in Berlin, in Berlin's time.
    fn meant(words: &str) -> Option<String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now: Timestamp = "2026-11-18T09:00:00Z".parse().unwrap();
        let (from, to) = said(words, now, &zone)?;
        let shown = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%d.%m. %H:%M").to_string();
        Some(format!("{} - {}", shown(from), shown(to)))
    }

    #[test]
    fn times_of_the_past_are_read() {
        for (words, stretch) in [
            ("why was I locked out on Monday?", "16.11. 00:00 - 17.11. 00:00"),
            ("what happened last tuesday morning", "17.11. 00:00 - 17.11. 12:00"),
            ("why did it lock on wednesday", "18.11. 00:00 - 19.11. 00:00"),
            ("why was I shut out yesterday", "17.11. 00:00 - 18.11. 00:00"),
            ("who locked it last night, and why did it happen", "17.11. 18:00 - 18.11. 06:00"),
            ("what happened last week", "09.11. 00:00 - 16.11. 00:00"),
            ("why was my account locked last month", "01.10. 00:00 - 01.11. 00:00"),
            ("why was I locked out at 9am", "18.11. 08:00 - 18.11. 10:00"),
            ("what happened at 15:30", "17.11. 14:30 - 17.11. 16:30"),
            ("what happened yesterday at 3 pm", "17.11. 14:00 - 17.11. 16:00"),
            ("why was I locked out on 12 November", "12.11. 00:00 - 13.11. 00:00"),
            ("why was I locked out on 2026-11-02", "02.11. 00:00 - 03.11. 00:00"),
            ("what happened two days ago", "15.11. 22:00 - 16.11. 22:00"),
        ] {
            assert_eq!(meant(words).as_deref(), Some(stretch), "{words}");
        }
    }

    #[test]
    fn what_names_no_time_of_the_past_is_none() {
        for words in [
            "why was I locked out?",
            "I can't sign in today",
            "I have been locked out since Monday",
            "when can I get in again, tomorrow?",
            "why was I asked twice",
            "it happened 3 times",
        ] {
            assert_eq!(meant(words), None, "{words}");
        }
    }
}
