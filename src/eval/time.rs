//! Time expressions against their gold resolutions.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::eval::report::{Figure, Report, lines};
use crate::understanding::time::cases::{TimeCase, answer};

#[derive(Deserialize)]
struct Gold {
    kind: String,
    #[serde(flatten)]
    case: TimeCase,
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    end: Option<String>,
    #[serde(default)]
    seconds: Option<u64>,
}

/// Measures: a duration is right by its seconds, everything else by start and end.
pub fn run(text: &str, report: &mut Report) {
    let (cases, bad) = lines::<Gold>(text);
    let mut by_kind: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for gold in &cases {
        let got = answer(&gold.case);
        let right = match gold.kind.as_str() {
            "duration" => got.seconds == gold.seconds,
            _ => got.start == gold.start && got.end == gold.end,
        };
        let count = by_kind.entry(gold.kind.clone()).or_default();
        count.0 += u64::from(right);
        count.1 += 1;
        if !right {
            report.misses.push(format!("time {}: `{}`", gold.case.id, gold.case.text));
        }
    }
    let (right, all) = by_kind.values().fold((0, bad), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    for (kind, (right, all)) in by_kind {
        report.figures.push(Figure::right("time", kind, right, all));
    }
    report.figures.push(Figure::right("time", "all", right, all));
}
