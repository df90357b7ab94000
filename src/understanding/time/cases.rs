//! Time cases as JSON lines: `{id, text, reference}` in, `{id, kind, expression, start, end, seconds}` out. Times are local, without a
//! zone; the end of a period is exclusive.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::understanding::time::find::{FoundTime, TimeKind, find_times_at};
use crate::understanding::time::window::said_window;
use crate::understanding::types::SaidEnd;

/// A case.
#[derive(Debug, Clone, Deserialize)]
pub struct TimeCase {
    /// The id.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// When it is said. Without it only lengths can be resolved.
    #[serde(default)]
    pub reference: Option<DateTime>,
}

/// The answer to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeAnswer {
    /// The case's id.
    pub id: String,
    /// The kind of the sentence's main time expression, where one was found.
    pub kind: Option<TimeKind>,
    /// Its words.
    pub expression: Option<String>,
    /// Its beginning: a date, or a date and a time.
    pub start: Option<String>,
    /// Its exclusive end.
    pub end: Option<String>,
    /// A duration's length in seconds.
    pub seconds: Option<u64>,
}

/// Resolves a case.
#[must_use]
pub fn answer(case: &TimeCase) -> TimeAnswer {
    let empty = TimeAnswer { id: case.id.clone(), kind: None, expression: None, start: None, end: None, seconds: None };
    let mut found = find_times_at(&case.text, case.reference.unwrap_or_default());
    if case.reference.is_none() {
        found.retain(|f| f.seconds.is_some() || f.kind == TimeKind::Open);
    }
    let Some(main) = main_expression(found) else { return empty };
    if let Some(reference) = case.reference
        && let Some(answer) = ending(case, reference, &main)
    {
        return answer;
    }
    let dated = matches!(main.kind, TimeKind::Date | TimeKind::DatePeriod);
    let written = |at: DateTime| {
        if dated { at.date().to_string() } else { at.strftime("%Y-%m-%d %H:%M:%S").to_string() }
    };
    TimeAnswer {
        kind: Some(main.kind),
        expression: Some(main.phrase),
        start: main.start.map(written),
        end: main.end.map(written),
        seconds: main.seconds,
        ..empty
    }
}

/// "until Friday": a period from the reference on, the day named as its end included and so its exclusive end the day after.
fn ending(case: &TimeCase, reference: DateTime, main: &FoundTime) -> Option<TimeAnswer> {
    let before = case.text.get(..main.range.start)?.trim_end().to_lowercase();
    let lead = before.rsplit(|c: char| !c.is_alphabetic()).next()?;
    if !matches!(lead, "until" | "till" | "til") {
        return None;
    }
    let now = reference.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let SaidEnd::At { at } = said_window(&case.text, now, &TimeZone::UTC)?.end else { return None };
    let end = at.to_zoned(TimeZone::UTC).datetime();
    let dated = end.time() == Time::midnight() && matches!(main.kind, TimeKind::Date | TimeKind::DatePeriod);
    let written = |at: DateTime| {
        if dated { at.date().to_string() } else { at.strftime("%Y-%m-%d %H:%M:%S").to_string() }
    };
    Some(TimeAnswer {
        id: case.id.clone(),
        kind: Some(if dated { TimeKind::DatePeriod } else { TimeKind::DatetimePeriod }),
        expression: Some(format!("{lead} {}", main.phrase)),
        start: Some(written(reference)),
        end: Some(written(end)),
        seconds: None,
    })
}

/// What a sentence is mainly about: something with a place in the calendar before a mere length, the first of several.
fn main_expression(found: Vec<FoundTime>) -> Option<FoundTime> {
    let absolute = found.iter().position(|f| !matches!(f.kind, TimeKind::Duration | TimeKind::Open));
    found.into_iter().nth(absolute.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_a_day_is_a_period_with_an_exclusive_end() {
        let reference = Some(jiff::civil::date(2026, 11, 2).at(9, 0, 0, 0));
        let say = |text: &str| answer(&TimeCase { id: "1".into(), text: text.into(), reference });
        let until = say("access until next Friday");
        assert_eq!(until.kind, Some(TimeKind::DatePeriod));
        assert_eq!((until.start.as_deref(), until.end.as_deref()), (Some("2026-11-02"), Some("2026-11-14")));
        assert_eq!(until.expression.as_deref(), Some("until next Friday"));
        let clock = say("until 5pm");
        assert_eq!((clock.kind, clock.end.as_deref()), (Some(TimeKind::DatetimePeriod), Some("2026-11-02 17:00:00")));
    }
}
