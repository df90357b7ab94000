//! The small words of the catalog's files: days (`2026-03-01`, `rolling -14d`), lengths of time (`30d`, `permanent`), and any value
//! together with the line it stands on.

use std::borrow::Cow;

use jiff::ToSpan as _;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::window::Seconds;

/// A value and the line it is written on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// The line, from 1; 0 where it was not read from a file.
    pub line: u64,
}

impl<T> At<T> {
    /// A value that stands in no file.
    pub fn nowhere(value: T) -> Self {
        Self { value, line: 0 }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self { line: spanned.referenced.line(), value: spanned.value })
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A day, or one that moves with today. Moving days are for examples, which should look alive whenever they are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Day {
    /// This day.
    Fixed(Date),
    /// So many days after today (before it, where negative).
    Rolling(i32),
}

/// A text is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day; write `2026-03-01`, `rolling` or `rolling -14d`")]
pub struct NotADay(String);

/// The farthest a moving day may be from today, in days.
const FARTHEST: i32 = 36_500;

impl Day {
    /// The day this means, today being `today`.
    #[must_use]
    pub fn on(self, today: Date) -> Date {
        match self {
            Self::Fixed(date) => date,
            Self::Rolling(days) => today.saturating_add(days.days()),
        }
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;
    fn try_from(text: String) -> Result<Self, NotADay> {
        let bad = || NotADay(text.chars().take(40).collect());
        if let Some(rest) = text.trim().strip_prefix("rolling") {
            let rest = rest.trim();
            if rest.is_empty() {
                return Ok(Self::Rolling(0));
            }
            let days: i32 = rest.strip_suffix('d').and_then(|n| n.parse().ok()).ok_or_else(bad)?;
            return if days.abs() <= FARTHEST { Ok(Self::Rolling(days)) } else { Err(bad()) };
        }
        text.trim().parse().map(Self::Fixed).map_err(|_| bad())
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        match day {
            Day::Fixed(date) => date.to_string(),
            Day::Rolling(0) => "rolling".to_owned(),
            Day::Rolling(days) => format!("rolling {days:+}d"),
        }
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A day: `2026-03-01`; or, in examples only, one that moves with today: `rolling`, `rolling -14d`.",
            "pattern": r"^(\d{4}-\d{2}-\d{2}|rolling( [+-]\d+d)?)$",
        })
    }
}

/// A length of time, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Length {
    /// So long.
    Lasting(Seconds),
    /// Without an end.
    Permanent,
}

/// A text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time; write `30d`, `8h`, `90m`, `2w` or `permanent`")]
pub struct NotALength(String);

/// The longest length that can be written, in seconds: a hundred years.
const LONGEST: u64 = 36_500 * 86_400;

impl Length {
    /// How long; `None` where it has no end.
    #[must_use]
    pub fn seconds(self) -> Option<Seconds> {
        match self {
            Self::Lasting(seconds) => Some(seconds),
            Self::Permanent => None,
        }
    }
}

impl TryFrom<String> for Length {
    type Error = NotALength;
    fn try_from(text: String) -> Result<Self, NotALength> {
        let bad = || NotALength(text.chars().take(40).collect());
        let word = text.trim();
        if word == "permanent" {
            return Ok(Self::Permanent);
        }
        let unit = match word.chars().last() {
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some('w') => 7 * 86_400,
            _ => return Err(bad()),
        };
        let number = word.get(..word.len() - 1).unwrap_or_default();
        let count: u64 = number.parse().map_err(|_| bad())?;
        match count.checked_mul(unit) {
            Some(seconds) if seconds > 0 && seconds <= LONGEST => Ok(Self::Lasting(Seconds(seconds))),
            _ => Err(bad()),
        }
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        match length {
            Length::Permanent => "permanent".to_owned(),
            Length::Lasting(Seconds(s)) if s % 86_400 == 0 => format!("{}d", s / 86_400),
            Length::Lasting(Seconds(s)) if s % 3600 == 0 => format!("{}h", s / 3600),
            Length::Lasting(Seconds(s)) => format!("{}m", s / 60),
        }
    }
}

impl JsonSchema for Length {
    fn schema_name() -> Cow<'static, str> {
        "Length".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A length of time: `90m`, `8h`, `30d`, `2w`; or `permanent`.",
            "pattern": r"^([1-9]\d*[mhdw]|permanent)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn day(text: &str) -> Result<Day, NotADay> {
        Day::try_from(text.to_owned())
    }

    fn length(text: &str) -> Result<Length, NotALength> {
        Length::try_from(text.to_owned())
    }

    #[test]
    fn days_stand_or_move() {
        let today = date(2026, 11, 21);
        assert_eq!(day("2024-02-29").unwrap().on(today), date(2024, 2, 29));
        assert_eq!(day("rolling").unwrap().on(today), today);
        assert_eq!(day("rolling -14d").unwrap().on(today), date(2026, 11, 7));
        for bad in ["", "2025-02-29", "rolling 3", "rolling -99999999d", "tomorrow"] {
            assert!(day(bad).is_err(), "{bad}");
        }
        assert_eq!(String::from(day("rolling +3d").unwrap()), "rolling +3d");
    }

    #[test]
    fn lengths_are_whole_and_never_nothing() {
        assert_eq!(length("8h").unwrap().seconds(), Some(Seconds::hours(8)));
        assert_eq!(length("2w").unwrap().seconds(), Some(Seconds::days(14)));
        assert_eq!(length("permanent").unwrap().seconds(), None);
        for bad in ["", "h", "0d", "-1d", "8 hours", "1.5h", "99999999999999999999d", "forever", "8é"] {
            assert!(length(bad).is_err(), "{bad}");
        }
        for said in ["30d", "8h", "90m", "permanent"] {
            assert_eq!(String::from(length(said).unwrap()), said);
        }
    }
}
