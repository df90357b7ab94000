//! Time cases as JSON lines: `{id, text, reference}` in, `{id, kind, expression, start, end, seconds}` out. Times are local, without a
//! zone; the end of a period is exclusive.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::understanding::time::find::{FoundTime, TimeKind, find_times_at};

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

/// What a sentence is mainly about: something with a place in the calendar before a mere length, the first of several.
fn main_expression(found: Vec<FoundTime>) -> Option<FoundTime> {
    let absolute = found.iter().position(|f| !matches!(f.kind, TimeKind::Duration | TimeKind::Open));
    found.into_iter().nth(absolute.unwrap_or(0))
}
