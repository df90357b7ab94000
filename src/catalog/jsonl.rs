//! Catalogs of vendors as JSON Lines: one entitlement a line, with the fields `id`, `system`, `kind`, `name`, `title`, `description`,
//! `details`, `privileged`, `sensitivity`, `assignable` and `aliases`. Fields beyond these are ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::catalog::mistake::Mistake;
use crate::domain::entitlement::LadderStep;
use crate::domain::ids::{EntitlementId, SystemId};

/// The longest line read, in bytes. The longest real row known is under 40 kB.
pub const LONGEST_LINE: usize = 256 * 1024;

/// How many rows one file may have.
pub const MOST_ROWS: usize = 1_000_000;

/// One entitlement as its vendor describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct VendorEntitlement {
    /// The stable id: the system and the vendor's own identifier.
    pub id: EntitlementId,
    /// Where it lives.
    pub system: SystemId,
    /// What sort of entitlement it is, `directory_role` for instance.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub kind: String,
    /// The technical name.
    pub name: String,
    /// The name people read; where the source has none, the technical name.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub title: String,
    /// What it lets one do.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub description: String,
    /// Longer text.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub details: String,
    /// Whether the source calls it privileged; `None` where it says nothing.
    #[serde(default)]
    pub privileged: Option<bool>,
    /// Other hints the source states, by name.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub sensitivity: BTreeMap<String, serde_json::Value>,
    /// False for what a person cannot ask for.
    #[serde(default = "yes")]
    pub assignable: bool,
    /// Other names the source uses.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub aliases: Vec<String>,
}

impl VendorEntitlement {
    /// A hint that is true or false.
    #[must_use]
    pub fn flag(&self, hint: &str) -> Option<bool> {
        self.sensitivity.get(hint).and_then(serde_json::Value::as_bool)
    }

    /// A hint that is a text.
    #[must_use]
    pub fn text(&self, hint: &str) -> Option<&str> {
        self.sensitivity.get(hint).and_then(serde_json::Value::as_str)
    }

    /// A hint that is a whole number.
    #[must_use]
    pub fn number(&self, hint: &str) -> Option<i64> {
        self.sensitivity.get(hint).and_then(serde_json::Value::as_i64)
    }

    /// Its step on a ladder of roles: the hints `rank` and `rank_of`.
    #[must_use]
    pub fn ladder(&self) -> Option<LadderStep> {
        let (rank, of) = (self.number("rank")?, self.number("rank_of")?);
        LadderStep::new(u8::try_from(rank).ok()?, u8::try_from(of).ok()?)
    }

    /// A hint that is a list of texts; empty where there is none.
    #[must_use]
    pub fn list(&self, hint: &str) -> Vec<&str> {
        let items = self.sensitivity.get(hint).and_then(serde_json::Value::as_array);
        items.map(|a| a.iter().filter_map(serde_json::Value::as_str).collect()).unwrap_or_default()
    }
}

/// Reads the rows of one file. `file` is only for the mistakes' places.
///
/// # Errors
/// Every line that is not such an object, and every id that comes twice.
pub fn parse_lines(file: &str, text: &str) -> Result<Vec<VendorEntitlement>, Vec<Mistake>> {
    let mut rows: Vec<VendorEntitlement> = Vec::new();
    let mut seen: BTreeMap<EntitlementId, u64> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (number, line) in (1u64..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        if rows.len() >= MOST_ROWS {
            mistakes.push(Mistake::new(file, number, format!("more than {MOST_ROWS} rows"), "split the file"));
            break;
        }
        if line.len() > LONGEST_LINE {
            let what = format!("the line is longer than {LONGEST_LINE} bytes");
            mistakes.push(Mistake::new(file, number, what, "shorten its description or details"));
            continue;
        }
        match serde_json::from_str::<VendorEntitlement>(line) {
            Ok(mut row) => {
                if row.title.trim().is_empty() {
                    row.title.clone_from(&row.name);
                }
                if let Some(first) = seen.insert(row.id.clone(), number) {
                    let what = format!("the id `{}` is taken by line {first} already", row.id);
                    mistakes.push(Mistake::new(file, number, what, "keep one of the two rows"));
                } else {
                    rows.push(row);
                }
            }
            Err(error) => mistakes.push(Mistake::new(
                file,
                number,
                format!("not an entitlement: {}", without_place(&error)),
                "one JSON object a line, with at least `id`, `system` and `name`",
            )),
        }
    }
    if mistakes.is_empty() { Ok(rows) } else { Err(mistakes) }
}

/// The parser's words without its own line and column: the line is ours to say.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn yes() -> bool {
    true
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"x:reader","system":"x","name":"Reader","privileged":null,"sensitivity":{"rank":1,"stage":"GA"},"more":1}"#;

    #[test]
    fn a_row_needs_three_fields_and_keeps_the_hints() {
        let rows = parse_lines("x.jsonl", GOOD).unwrap();
        assert_eq!(rows[0].title, "Reader");
        assert!(rows[0].assignable);
        assert_eq!((rows[0].number("rank"), rows[0].text("stage")), (Some(1), Some("GA")));
    }

    #[test]
    fn every_bad_line_is_named() {
        let text = format!("{GOOD}\n\n{{\"id\": \"a b\"}}\nnonsense\n{GOOD}\n");
        let mistakes = parse_lines("x.jsonl", &text).unwrap_err();
        assert_eq!(mistakes.iter().map(|m| m.line).collect::<Vec<_>>(), [3, 4, 5]);
        assert!(mistakes[2].to_string().starts_with("x.jsonl:5: the id `x:reader` is taken by line 1 already — "));
    }
}
