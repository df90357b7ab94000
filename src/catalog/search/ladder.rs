//! Ladders: roles that differ only in how far one may go. The words of a wish are placed on the ladder, and the lowest step that reaches there is
//! the right one.

use crate::catalog::search::language::Language;
use crate::catalog::search::text::{Stems, Word};

/// Where on a ladder a wish stands, in thousandths of the way up; `None` where its words say nothing about it.
#[must_use]
pub fn wanted_step(list: &[Word], language: &Language, stems: &mut Stems) -> Option<u16> {
    let main: Vec<&Word> = list.iter().filter(|w| !w.whole && !w.aside).collect();
    let own = main.iter().any(|w| language.ladder_own.contains(&w.raw));
    let stemmed: Vec<String> = main.iter().map(|w| stems.stem(&w.raw)).collect();
    // The first verb and those listed beside it: "create, edit, and delete".
    let mut verb: Option<u16> = None;
    for word in main.iter().take(12) {
        match language.ladder_verb(&word.raw) {
            Some(step) => verb = Some(verb.map_or(step, |v| v.max(step))),
            None if verb.is_some() && !matches!(word.raw.as_str(), "and" | "or") => break,
            None => {}
        }
    }
    // Where something is, or whose it is, is not what is changed: "in a repository", "the repository's wiki".
    let aside: Vec<bool> = (0..main.len()).map(|i| is_place(&main, i)).collect();
    let highest = |table: &[(Vec<String>, u16)]| highest(&stemmed, &aside, table);
    if verb == Some(0) {
        // Looking at what is sensitive takes a step of its own.
        return Some(if own { 0 } else { highest(&language.ladder_sensitive).unwrap_or(0) });
    }
    let object = highest(&language.ladder_objects);
    match (verb, object) {
        (Some(v), _) if own && v <= 500 => Some(0),
        (Some(v), Some(o)) => Some(v.max(o)),
        (Some(v), None) => Some(v),
        (None, o) => o,
    }
}

/// True where the word at this place says where or whose: after a preposition, or with an apostrophe behind it.
fn is_place(words: &[&Word], at: usize) -> bool {
    const PLACES: [&str; 9] = ["in", "of", "for", "from", "on", "within", "inside", "across", "under"];
    const ARTICLES: [&str; 8] = ["a", "an", "the", "any", "our", "your", "this", "that"];
    let raw = |i: usize| words.get(i).map_or("", |w| w.raw.as_str());
    let before = (0..at).rev().map(raw).find(|w| !ARTICLES.contains(w)).unwrap_or("");
    PLACES.contains(&before) || raw(at + 1) == "s"
}

/// The highest step among the phrases that stand in the words. Of phrases inside each other the longer one counts: a "secret alert" is no
/// secret.
fn highest(words: &[String], aside: &[bool], table: &[(Vec<String>, u16)]) -> Option<u16> {
    let mut found: Vec<(usize, usize, u16)> = Vec::new();
    for (phrase, step) in table.iter().filter(|(phrase, _)| !phrase.is_empty()) {
        for (at, window) in words.windows(phrase.len()).enumerate() {
            let end = at + phrase.len();
            if window == phrase && aside.get(at..end).is_some_and(|a| a.iter().any(|aside| !aside)) {
                found.push((at, end, *step));
            }
        }
    }
    let inside = |a: &(usize, usize, u16)| found.iter().any(|b| b.0 <= a.0 && a.1 <= b.1 && b.1 - b.0 > a.1 - a.0);
    found.iter().filter(|one| !inside(one)).map(|(_, _, step)| *step).max()
}

/// What is kept of a score at this distance from the wanted step, in thousandths: too low cannot satisfy, too high is more than asked for.
#[must_use]
pub fn kept(step: u16, wanted: u16, above: i64, below: i64) -> i64 {
    let distance = i64::from(step) - i64::from(wanted);
    let loss = if distance >= 0 { distance * above } else { -distance * below } / 1000;
    (1000 - loss).max(50)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::search::language::language;
    use crate::catalog::search::text::words;

    fn step(text: &str) -> Option<u16> {
        wanted_step(&words(text), language(), &mut Stems::default())
    }

    #[test]
    fn looking_is_low_and_what_cannot_be_undone_is_high() {
        assert!(step("browse the code") < step("sort the inbox into categories"));
        assert!(step("label things") < step("push commits"));
        assert!(step("push commits") < step("configure the wiki"));
        assert!(step("configure the wiki") < step("transfer the repository"));
        assert_eq!(step("sunshine"), None);
        assert_eq!(step("edit the repository's milestones"), step("edit milestones in the repository"));
        assert!(step("edit milestones") < step("delete the repository"));
        assert!(step("close secret scanning alerts") < step("change secrets"));
    }

    #[test]
    fn the_nearest_sufficient_step_keeps_most() {
        assert_eq!(kept(500, 500, 600, 900), 1000);
        assert!(kept(750, 500, 600, 900) > kept(250, 500, 600, 900));
    }
}
