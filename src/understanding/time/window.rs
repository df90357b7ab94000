//! What of the times in a message is meant as the window of an access request.
//!
//! "the Q3 reports until Friday for the board deck on Monday" has three times and one window: until the end of Friday. So each time found
//! is given a role by the words around it; names of quarters, months and years are taken for the thing asked for, and times in a purpose
//! for the purpose, unless a word such as "until" or "through" says otherwise.

use std::ops::Range;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::domain::window::Seconds;
use crate::understanding::time::anchor::Grammar;
use crate::understanding::time::find::{Found, Reading, bytes_of};
use crate::understanding::time::role::{Oddity, Role};
use crate::understanding::time::token::tokens;
use crate::understanding::types::{SaidEnd, SaidWindow};

/// A time with its role; the heavier one wins.
#[derive(Debug, Clone)]
struct Weighed {
    found: Found,
    role: Role,
    weight: u8,
}

/// The window the words ask for; `None` where they say nothing about it.
///
/// Days are days in the speaker's zone, and the end is exclusive: "until Friday" ends when Saturday begins. A clock time that a
/// daylight-saving night skips is read as the moment the clocks jump to; one that it repeats, as the first of the two.
#[must_use]
pub fn said_window(words: &str, now: Timestamp, zone: &TimeZone) -> Option<SaidWindow> {
    let all = tokens(words);
    let here = now.to_zoned(zone.clone());
    let grammar = Grammar { tokens: &all, now: here.datetime() };
    let weighed: Vec<Weighed> = grammar.readings().into_iter().filter_map(|found| grammar.weigh(found)).collect();
    // Of equals the last counts: people correct themselves forwards.
    let heaviest = |wanted: fn(&Role) -> bool| {
        weighed.iter().filter(|w| wanted(&w.role)).fold(None, |best: Option<&Weighed>, w| match best {
            Some(b) if b.weight > w.weight => Some(b),
            _ => Some(w),
        })
    };
    let ending = heaviest(|role| !matches!(role, Role::Start(_)));
    let starting = heaviest(|role| matches!(role, Role::Start(_) | Role::Whole(..)));
    grammar.made(words, ending.or(starting)?, starting, &here).map(|(_, said)| said)
}

/// Every end that was said, each with its place in the words, in order: for messages that ask for several things, each with a time of its
/// own.
#[must_use]
pub fn said_windows(words: &str, now: Timestamp, zone: &TimeZone) -> Vec<(Range<usize>, SaidWindow)> {
    let all = tokens(words);
    let here = now.to_zoned(zone.clone());
    let grammar = Grammar { tokens: &all, now: here.datetime() };
    let weighed = grammar.readings().into_iter().filter_map(|found| grammar.weigh(found));
    weighed
        .filter(|w| !matches!(w.role, Role::Start(_)))
        .filter_map(|w| grammar.made(words, &w, Some(&w), &here))
        .collect()
}

/// A wall clock's moment. Skipped times are read as the jump, repeated ones as the first.
fn absolute(wall: DateTime, here: &Zoned) -> Option<Timestamp> {
    wall.to_zoned(here.time_zone().clone()).ok().map(|z| z.timestamp())
}

/// How much longer is asked for: "one more week", "another month", "two weeks longer", "extend it by a week".
#[must_use]
pub fn said_more(words: &str) -> Option<Seconds> {
    const MORE: &[&str] = &["more", "another", "extra", "additional", "further", "longer"];
    let all = tokens(words);
    let grammar = Grammar { tokens: &all, now: DateTime::default() };
    grammar.readings().into_iter().find_map(|found| {
        let Reading::Lasting(length) = found.reading else { return None };
        let inside =
            found.tokens.clone().any(|i| grammar.is_any(i, MORE)) && !grammar.is(found.tokens.start + 1, "than");
        let before =
            found.tokens.start.checked_sub(1).is_some_and(|i| grammar.is_any(i, &["by", "extra", "additional"]));
        let behind = grammar.is_any(found.tokens.end, MORE) && !grammar.is(found.tokens.end + 1, "than");
        (inside || before || behind).then_some(Seconds(length.nominal))
    })
}

impl Grammar<'_> {
    /// The window of an end, a length or a whole, with the beginning that was said beside it; and where its words stand.
    fn made(
        &self,
        words: &str,
        main: &Weighed,
        starting: Option<&Weighed>,
        here: &Zoned,
    ) -> Option<(Range<usize>, SaidWindow)> {
        let now = here.timestamp();
        let range = bytes_of(self.tokens, &self.with_opening(&main.found));
        let phrase = words.get(range.clone()).unwrap_or_default().to_owned();
        let at = |wall: DateTime| absolute(wall, here);
        let start = starting.and_then(|w| match w.role {
            Role::Start(from) | Role::Whole(from, _) => at(from).filter(|t| *t > now),
            _ => None,
        });
        let end = match main.role {
            Role::End(to) | Role::Whole(_, to) => match at(to)? {
                at if at > now => SaidEnd::At { at },
                at => SaidEnd::Past { at },
            },
            Role::Length(seconds) => SaidEnd::Lasting { length: Seconds(seconds) },
            Role::Open => SaidEnd::Open,
            Role::Start(_) => SaidEnd::Unsaid,
            Role::Odd(oddity) => SaidEnd::Odd { why: oddity.why(&phrase) },
        };
        // "from 20 December", plainly said, and an end before it: that cannot be meant. Said less plainly it was about something else.
        let plain = starting.is_some_and(|w| matches!(w.role, Role::Start(_)) && w.weight >= 6);
        let (start, end) = match end {
            SaidEnd::At { at } if plain && start.is_some_and(|start| start >= at) => {
                (None, SaidEnd::Odd { why: Oddity::Backwards.why(&phrase) })
            }
            SaidEnd::At { at } => (start.filter(|start| *start < at), end),
            SaidEnd::Past { .. } | SaidEnd::Odd { .. } => (None, end),
            end => (start, end),
        };
        if start.is_none() && end == SaidEnd::Unsaid {
            return None;
        }
        Some((range, SaidWindow { phrase, start, end }))
    }

    /// The time with the small words that lead to it: "until Friday", "only for two weeks".
    fn with_opening(&self, found: &Found) -> Range<usize> {
        const OPENINGS: &[&str] = &[
            "until", "till", "til", "through", "thru", "for", "by", "to", "on", "from", "starting", "ending", "during",
            "upto", "lasting",
        ];
        let before = self.before(found.tokens.start);
        let before = if self.is_negative(found.tokens.start) { before - 1 } else { before };
        match before.checked_sub(1) {
            Some(at) if self.is_any(at, OPENINGS) => at..found.tokens.end,
            _ if self.is_negative(found.tokens.start) => before..found.tokens.end,
            _ => found.tokens.clone(),
        }
    }

    fn weigh(&self, found: Found) -> Option<Weighed> {
        let i = found.tokens.start;
        let before = self.before(i);
        let negated = |k: usize| {
            let word = |n: usize| k.checked_sub(n).map_or("", |k| self.text(k));
            word(1) == "not" || (word(1) == "of" && word(2) == "instead") || (word(1) == "than" && word(2) == "rather")
        };
        if negated(i)
            || negated(before)
            || (before > 0 && negated(before.saturating_sub(1)) && !self.is_any(before - 1, &["for"]))
        {
            return None;
        }
        let (role, weight) = match found.reading {
            Reading::Open if self.after_waiting(i) => return None,
            Reading::Open => (Role::Open, 5),
            Reading::Lasting(length) => {
                let role = self.length_role(&found, &length)?;
                (role, if matches!(role, Role::Odd(_)) { 9 } else { 6 })
            }
            Reading::NoSuchDay => {
                const LEADS: &[&str] = &[
                    "until",
                    "till",
                    "til",
                    "through",
                    "thru",
                    "to",
                    "by",
                    "from",
                    "on",
                    "starting",
                    "beginning",
                    "before",
                    "ending",
                    "upto",
                    "between",
                    "than",
                    "for",
                    "it",
                    "and",
                    "start",
                    "end",
                    "ends",
                    "-",
                ];
                let led = before.checked_sub(1).is_none_or(|k| self.is_any(k, LEADS) || !self.is_word(k));
                (led.then_some(Role::Odd(Oddity::NoSuchDay))?, 9)
            }
            Reading::Unfixed => (Role::Odd(Oddity::Unfixed), 8),
            Reading::Anchored(anchor) => self.anchored_role(&found, &anchor)?,
        };
        Some(Weighed { found, role, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 16 November 2026, 10:00 in the zone.
    fn at(words: &str, moment: &str, zone: &str) -> Option<(Option<String>, String)> {
        let zone = TimeZone::get(zone).unwrap();
        let now = moment.parse::<DateTime>().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
        let wall = |t: Timestamp| t.to_zoned(zone.clone()).datetime().strftime("%Y-%m-%d %H:%M").to_string();
        let said = said_window(words, now, &zone)?;
        let end = match said.end {
            SaidEnd::Unsaid => "unsaid".to_owned(),
            SaidEnd::At { at } => wall(at),
            SaidEnd::Lasting { length } => length.to_string(),
            SaidEnd::Open => "open".to_owned(),
            SaidEnd::Past { at } => format!("past {}", wall(at)),
            SaidEnd::Odd { why } => format!("odd: {why}"),
        };
        Some((said.start.map(wall), end))
    }

    fn monday(words: &str) -> Option<(Option<String>, String)> {
        at(words, "2026-11-16T10:00", "Europe/Berlin")
    }

    #[test]
    fn ends() {
        for (words, end) in [
            (
                "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck",
                "2026-11-21 00:00",
            ),
            ("until Friday", "2026-11-21 00:00"),
            ("only until Tuesday", "2026-11-18 00:00"),
            ("no, until Tuesday", "2026-11-18 00:00"),
            ("access to the warehouse by end of month", "2026-12-01 00:00"),
            ("please until the end of March", "2027-04-01 00:00"),
            ("till end of the year", "2027-01-01 00:00"),
            ("until end of week", "2026-11-23 00:00"),
            ("for two weeks", "14 days"),
            ("make it two weeks", "14 days"),
            ("make that 3 days", "3 days"),
            ("24h access to prod please", "1 day"),
            ("I need prod for 24h", "1 day"),
            ("vpn, 2 weeks", "14 days"),
            ("for half a year", "182 days"),
            ("through Q4", "2027-01-01 00:00"),
            ("keep it through Q3", "2027-10-01 00:00"),
            ("until December", "2026-12-01 00:00"),
            ("till 5pm", "2026-11-16 17:00"),
            ("until 9am", "2026-11-17 09:00"),
            ("until the 27th", "2026-11-28 00:00"),
            ("until 3/5", "2027-03-06 00:00"),
            ("until 2026-12-15", "2026-12-16 00:00"),
            ("until Friday at noon", "2026-11-20 12:00"),
            ("for today only", "2026-11-17 00:00"),
            ("rest of the week", "2026-11-23 00:00"),
            ("for the next 3 days", "3 days"),
            ("permanently", "open"),
            ("I want it for good", "open"),
            ("with no end date", "open"),
            ("not permanently, until Friday", "2026-11-21 00:00"),
            ("until yesterday", "past 2026-11-16 00:00"),
            ("until two weeks from now", "2026-12-01 00:00"),
            ("make it Friday", "2026-11-21 00:00"),
            ("extend to 1 December", "2026-12-02 00:00"),
            ("no later than Wednesday", "2026-11-19 00:00"),
            ("until after Christmas", "2026-12-26 00:00"),
            ("until Christmas Eve", "2026-12-25 00:00"),
            ("until Easter Monday", "2027-03-30 00:00"),
        ] {
            assert_eq!(monday(words).map(|(_, end)| end).as_deref(), Some(end), "{words}");
        }
    }

    #[test]
    fn whole_windows() {
        for (words, from, to) in [
            ("tomorrow 9 to 5", "2026-11-17 09:00", "2026-11-17 17:00"),
            ("2026-12-01 to 12-15", "2026-12-01 00:00", "2026-12-16 00:00"),
            ("from 2nd to 7th of December", "2026-12-02 00:00", "2026-12-08 00:00"),
            ("I need the CRM next week", "2026-11-23 00:00", "2026-11-30 00:00"),
            ("prod db for the migration tomorrow between 9am and 5pm", "2026-11-17 09:00", "2026-11-17 17:00"),
            ("from Monday until Wednesday", "2026-11-23 00:00", "2026-11-26 00:00"),
            ("starting tomorrow for two weeks", "2026-11-17 00:00", "14 days"),
            ("access on Thursday", "2026-11-19 00:00", "2026-11-20 00:00"),
            ("for this weekend", "2026-11-21 00:00", "2026-11-23 00:00"),
            ("from December 28 to January 4", "2026-12-28 00:00", "2027-01-05 00:00"),
            ("starting 1 December", "2026-12-01 00:00", "unsaid"),
            ("VPN over Christmas", "2026-12-24 00:00", "2026-12-27 00:00"),
            ("during the Christmas holidays", "2026-12-24 00:00", "2027-01-02 00:00"),
            ("the CRM over Easter please", "2027-03-26 00:00", "2027-03-30 00:00"),
            ("over New Year's Eve", "2026-12-31 00:00", "2027-01-02 00:00"),
            ("between Christmas and New Year", "2026-12-25 00:00", "2027-01-02 00:00"),
            ("over Thanksgiving", "2026-11-26 00:00", "2026-11-30 00:00"),
        ] {
            assert_eq!(monday(words), Some((Some(from.to_owned()), to.to_owned())), "{words}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_said_to_be_odd() {
        for (words, why) in [
            ("until 32 December", "there is no 32 December"),
            ("the wiki until 30 February", "there is no 30 February"),
            ("until February 30th", "there is no February 30th"),
            ("until 29 February 2027", "there is no 29 February 2027"),
            ("until the 31st of November", "there is no 31st of November"),
            ("until 2026-02-30", "there is no 2026-02-30"),
            ("until 30/2/2027", "there is no 30/2/2027"),
            ("from 30 February until Friday", "there is no 30 February"),
            ("from 20 December until 10 December", "it would end before it begins"),
            ("from 2026-12-20 until 2026-12-10", "it would end before it begins"),
            ("starting 20 December until 10 December", "it would end before it begins"),
            ("for -3 days", "it would end before it begins"),
            ("the CRM for minus two weeks", "it would end before it begins"),
            ("for 0 days", "that is no time at all"),
            ("over the holidays", "which days that is differs from place to place, so I need the dates"),
            ("during Ramadan", "which days that is differs from place to place, so I need the dates"),
        ] {
            let said = monday(words).map(|(_, end)| end);
            assert_eq!(said, Some(format!("odd: {why}")), "{words}");
        }
        for words in
            ["for 2-3 days", "until 29 February 2028", "the 31 December report", "from 28 December to 4 January"]
        {
            let odd = monday(words).is_some_and(|(_, end)| end.starts_with("odd"));
            assert!(!odd, "{words}");
        }
    }

    #[test]
    fn every_end_is_found_with_its_place() {
        let zone = TimeZone::UTC;
        let now: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
        let words = "the wiki for a week and the CRM until Friday";
        let found: Vec<&str> = said_windows(words, now, &zone).into_iter().map(|(at, _)| &words[at]).collect();
        assert_eq!(found, ["for a week", "until Friday"]);
    }

    #[test]
    fn times_that_are_no_window() {
        for words in [
            "I need the sales reports for the board deck on Thursday",
            "the Q3 sales reports",
            "read access to the October payroll run",
            "access to the 2025 budget",
            "this week's forecast",
            "I have been waiting for two weeks",
            "last month's invoices",
            "I need it now",
            "may I have access to the wiki",
            "a 2 week project",
            "because the audit is on Monday",
            "the 24/7 dashboard",
            "10.4.22.1",
        ] {
            assert_eq!(monday(words), None, "{words}");
        }
    }

    #[test]
    fn daylight_saving_nights() {
        // Berlin, 25 October 2026: 03:00 becomes 02:00; 02:30 is there twice, the first is meant.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now: Timestamp = "2026-10-24T10:00:00Z".parse().unwrap();
        let end = |words: &str, zone: &TimeZone, now: Timestamp| match said_window(words, now, zone).unwrap().end {
            SaidEnd::At { at } => at.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(end("until tomorrow 2:30am", &zone, now), "2026-10-25T00:30:00Z");
        assert_eq!(end("until tomorrow", &zone, now), "2026-10-25T23:00:00Z");
        // New York, 14 March 2027: 02:30 does not exist; the clocks show 03:30 then.
        let zone = TimeZone::get("America/New_York").unwrap();
        let now: Timestamp = "2027-03-13T17:00:00Z".parse().unwrap();
        assert_eq!(end("until tomorrow 2:30am", &zone, now), "2027-03-14T07:30:00Z");
        assert_eq!(end("until tomorrow", &zone, now), "2027-03-15T04:00:00Z");
        // Lord Howe moves by half an hour, on 4 October 2026 at 02:00.
        let zone = TimeZone::get("Australia/Lord_Howe").unwrap();
        let now: Timestamp = "2026-10-03T01:00:00Z".parse().unwrap();
        assert_eq!(end("until tomorrow", &zone, now), "2026-10-04T13:00:00Z");
        assert_eq!(end("until today 8pm", &zone, now), "2026-10-03T09:30:00Z");
    }

    #[test]
    fn year_ends_and_leap_days() {
        let berlin = "Europe/Berlin";
        assert_eq!(at("until Friday", "2026-12-30T10:00", berlin).unwrap().1, "2027-01-02 00:00");
        assert_eq!(at("until end of month", "2028-02-10T10:00", berlin).unwrap().1, "2028-03-01 00:00");
        assert_eq!(at("until Feb 29", "2026-12-30T10:00", berlin).unwrap().1, "2028-03-01 00:00");
        assert_eq!(at("until Friday", "2026-11-20T10:00", berlin).unwrap().1, "2026-11-28 00:00");
        assert_eq!(at("until end of day", "2026-12-31T10:00", berlin).unwrap().1, "2027-01-01 00:00");
    }

    #[test]
    fn more_is_told_from_a_length() {
        for (words, days) in [
            ("one more week", 7),
            ("another week please", 7),
            ("extend it by two weeks", 14),
            ("two weeks longer", 14),
            ("an extra 3 days", 3),
        ] {
            assert_eq!(said_more(words), Some(Seconds::days(days)), "{words}");
        }
        assert_eq!(said_more("for two weeks"), None);
        assert_eq!(said_more("not more than two weeks"), None);
    }
}
