//! Reads one YAML file and names every mistake of shape in it, not only the first: a part that cannot be read is set aside, line by
//! line in its place, and the rest is read again.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_saphyr::Error;

use crate::catalog::mistake::Mistake;
use crate::catalog::near::{did_you_mean, nearest};

/// How many mistakes of shape one file is read for; past that it is no longer worth anybody's time.
const MOST_MISTAKES: usize = 100;

/// The largest file read, in bytes.
pub const LARGEST_FILE: usize = 32 * 1024 * 1024;

/// What went wrong so far, and which names were in parts that had to be set aside (a reference to one of them is not a second mistake).
#[derive(Debug, Default)]
pub struct Findings {
    /// The mistakes.
    pub mistakes: Vec<Mistake>,
    set_aside: BTreeSet<String>,
}

impl Findings {
    /// Adds a mistake.
    pub fn add(&mut self, file: &str, line: u64, what: impl Into<String>, hint: impl Into<String>) {
        self.mistakes.push(Mistake::new(file, line, what, hint));
    }

    /// True where this name was defined in a part that could not be read.
    #[must_use]
    pub fn was_set_aside(&self, name: &str) -> bool {
        self.set_aside.contains(name) || name.split_once(':').is_some_and(|(_, rest)| self.set_aside.contains(rest))
    }

    fn set_aside_names(&mut self, lines: &[String]) {
        for line in lines {
            for key in ["id:", "name:"] {
                let Some(at) = line.find(key) else { continue };
                let before = line[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let value = line[at + key.len()..].trim_start().trim_start_matches(['"', '\'']);
                let end = value.find([',', '}', ' ', '"', '\'', '#']).unwrap_or(value.len());
                self.set_aside.insert(value[..end].to_owned());
            }
        }
    }
}

/// Reads one file. `None` where nothing of it can be used; whatever is wrong is in `findings`.
pub fn yaml<T: DeserializeOwned>(file: &str, text: &str, findings: &mut Findings) -> Option<T> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut removed: Vec<(usize, String)> = Vec::new();
    for _ in 0..MOST_MISTAKES {
        let options = serde_saphyr::options! {
            with_snippet: false,
            strict_booleans: true,
            budget: serde_saphyr::budget! {
                max_events: 8_000_000,
                max_nodes: 4_000_000,
                max_total_scalar_bytes: LARGEST_FILE,
            },
        };
        let error = match serde_saphyr::from_str_with_options::<T>(&lines.join("\n"), options) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let error = error.without_snippet();
        let line = error.location().map_or(0, |place| place.line());
        let (what, hint, scope) = in_words(error);
        let part = match scope {
            Scope::Key => key_block(&lines, line),
            Scope::Item => item_block(&lines, line),
            Scope::File => None,
        };
        let follows = match (error, part) {
            (Error::SerdeMissingField { field, .. }, Some((start, end))) => {
                removed.iter().any(|(at, key)| (start..end).contains(at) && key == field)
            }
            _ => false,
        };
        if !follows {
            findings.add(file, line, what, hint);
        }
        let Some((start, end)) = part.filter(|(start, end)| lines[*start..*end].iter().any(|l| !l.trim().is_empty()))
        else {
            findings.set_aside_names(&lines);
            return None;
        };
        if let Some((key, _)) = lines[start].trim_start().split_once(':') {
            removed.push((start, key.to_owned()));
        }
        let gone: Vec<String> = lines[start..end].iter_mut().map(std::mem::take).collect();
        findings.set_aside_names(&gone);
    }
    findings.set_aside_names(&lines);
    None
}

/// How much has to be set aside to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Key,
    Item,
    File,
}

fn in_words(error: &Error) -> (String, String, Scope) {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            let near = nearest(field, expected.iter().copied());
            let hint = did_you_mean(near.as_slice()).unwrap_or_else(|| format!("known here: {}", expected.join(", ")));
            (format!("unknown key `{field}`"), hint, Scope::Key)
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            format!("`{variant}` is not a word known here"),
            format!("write one of: {}", expected.join(", ")),
            Scope::Item,
        ),
        Error::SerdeMissingField { field, .. } => (format!("`{field}` is missing"), "add it".to_owned(), Scope::Item),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("a key");
            (format!("`{key}` is said twice"), "keep one of the two".to_owned(), Scope::Key)
        }
        Error::ExternalMessage { .. } | Error::Eof { .. } | Error::MultipleDocuments { .. } => (
            format!("not YAML: {}", plain(error)),
            "see to the indentation, quotes and brackets here".to_owned(),
            Scope::File,
        ),
        other => (plain(other), "write it as the schema says".to_owned(), Scope::Key),
    }
}

/// The parser's words without its own line and column: the line is ours to say.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let end = [" at line ", " (defined at line ", " (used at line "].iter().filter_map(|m| first.find(m)).min();
    first[..end.unwrap_or(first.len())].to_owned()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines that belong to what starts at `start`: all that follow and stand deeper, or are empty.
fn block_from(lines: &[String], start: usize) -> (usize, usize) {
    let depth = indent(&lines[start]);
    let mut end = start + 1;
    while end < lines.len() && (lines[end].trim().is_empty() || indent(&lines[end]) > depth) {
        end += 1;
    }
    (start, end)
}

/// The lines of the key on this line. A key that shares its line with the dash of a list item, or with other keys in braces, cannot be
/// taken out alone; then the whole item goes.
fn key_block(lines: &[String], line: u64) -> Option<(usize, usize)> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let text = lines.get(at)?.trim_start();
    if text.starts_with('-') || text.starts_with('{') || text.contains('{') {
        return item_block(lines, line);
    }
    Some(block_from(lines, at))
}

/// The lines of the list item this line belongs to.
fn item_block(lines: &[String], line: u64) -> Option<(usize, usize)> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let mut depth = indent(lines.get(at)?) + 1;
    for start in (0..=at).rev() {
        let text = &lines[start];
        if text.trim().is_empty() || indent(text) >= depth {
            continue;
        }
        if text.trim_start().starts_with("- ") {
            return Some(block_from(lines, start));
        }
        depth = indent(text) + usize::from(start == at);
    }
    None
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::catalog::words::At;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        things: Vec<Thing>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        id: At<String>,
        size: u8,
    }

    #[test]
    fn every_mistake_of_shape_is_named_with_its_line_and_the_rest_is_kept() {
        let text = "things:\n  - id: one\n    sise: 3\n    size: 1\n  - id: two\n    size: big\n  - size: 4\n  - {id: four, size: 4, colour: red}\n  - id: five\n    size: 5\n";
        let mut findings = Findings::default();
        let file: File = yaml("x.yaml", text, &mut findings).unwrap();
        let found: Vec<(u64, &str)> = findings.mistakes.iter().map(|m| (m.line, m.what.as_str())).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [3, 6, 7, 8], "{found:?}");
        assert_eq!(findings.mistakes[0].hint, "did you mean `size`?");
        let kept: Vec<(&str, u64, u8)> = file.things.iter().map(|t| (t.id.value.as_str(), t.id.line, t.size)).collect();
        assert_eq!(kept, [("one", 2, 1), ("five", 9, 5)]);
        assert!(findings.was_set_aside("two") && findings.was_set_aside("four") && !findings.was_set_aside("five"));
    }

    #[test]
    fn a_file_that_is_no_yaml_is_one_mistake() {
        let mut findings = Findings::default();
        assert!(yaml::<File>("x.yaml", "things: [\n  - id: a\n", &mut findings).is_none());
        assert_eq!(findings.mistakes.len(), 1);
        assert!(findings.was_set_aside("a"));
    }
}
