//! Words and phrases looked for in a text: folded, whole unless a star at the end leaves them open.

use crate::understanding::normalise::fold;

/// The most of a text that is looked at, in characters.
const LOOKED_AT: usize = 8_000;

/// The first of these that the text says, as it stands in the text.
#[must_use]
pub fn first(text: &str, words: &[&str]) -> Option<String> {
    words.iter().find_map(|word| {
        let (stem, open) = match word.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (*word, false),
        };
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(&format!(" {stem}"))) {
            let start = from + at + 1;
            let rest = text.get(start..).unwrap_or("");
            let end = stem.len() + rest.get(stem.len()..).and_then(|r| r.find(' ')).unwrap_or(0);
            if open || end == stem.len() {
                return rest.get(..end).map(str::to_owned);
            }
            from = start;
        }
        None
    })
}

/// Folded words apart by one space, with a space at both ends. The last sentence of a signature is text like any other.
#[must_use]
pub fn plain(words: &str) -> String {
    let cut: String = words.chars().take(LOOKED_AT).collect();
    let folded = fold(&cut).replace(['\'', '’', '`'], "");
    let mut out = String::from(" ");
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        out.push_str(word);
        out.push(' ');
    }
    out
}
