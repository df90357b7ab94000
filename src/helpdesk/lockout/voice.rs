//! An explanation told to somebody else than the person it is about: "your" becomes their name, then "their". Only our own words are
//! changed; what stands in quotation marks came from a log and stays as it is.

use crate::helpdesk::lockout::claim::{Explanation, Sentence};

/// Our own turns of phrase and what they become, longer ones before the shorter ones they hold. A test retells every scripted case and
/// looks for a "you" that was left.
const TURNS: &[(&str, &str)] = &[
    ("You have been able to", "They have been able to"),
    ("If you did not", "If they did not"),
    ("Whether you, ", "Whether they, "),
    // Whoever asks has named it.
    ("what you named", "what was named"),
    ("time you named", "time that was named"),
    (" you were ", " they were "),
    ("kept you out", "kept them out"),
    (" of yours ", " of theirs "),
    (" your ", " their "),
    (" you ", " they "),
];

/// Tells it about somebody of this name.
#[must_use]
pub fn about(explanation: Explanation, name: &str) -> Explanation {
    let mut named = false;
    let sentences = explanation
        .sentences
        .into_iter()
        .map(|sentence| sentence.retold(|text| retell(text, name, &mut named)))
        .collect::<Vec<Sentence>>();
    Explanation { sentences, ..explanation }
}

/// One sentence. The first "your" of all names the person.
fn retell(text: &str, name: &str, named: &mut bool) -> String {
    let mut out = String::with_capacity(text.len() + name.len());
    // Quotation marks of ours come in pairs and never hold one another.
    for (nth, part) in text.split_inclusive(['“', '”']).enumerate() {
        if nth % 2 == 1 {
            out.push_str(part);
        } else {
            out.push_str(&ours(part, nth == 0, name, named));
        }
    }
    out
}

fn ours(part: &str, begins: bool, name: &str, named: &mut bool) -> String {
    let mut part = part.to_owned();
    if begins && let Some(rest) = part.strip_prefix("Your ") {
        part = format!("{} {rest}", if *named { "Their".to_owned() } else { possessive(name) });
        *named = true;
    } else if !*named && let Some((before, after)) = part.split_once(" your ") {
        part = format!("{before} {} {after}", possessive(name));
        *named = true;
    }
    for (from, to) in TURNS {
        part = part.replace(from, to);
    }
    part
}

/// `Ana Kovač’s`, `Jonas’`.
#[must_use]
pub fn possessive(name: &str) -> String {
    if name.ends_with(['s', 'S', 'x', 'z']) { format!("{name}’") } else { format!("{name}’s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> Vec<String> {
        let mut named = false;
        texts.iter().map(|text| retell(text, "Ana Kovač", &mut named)).collect()
    }

    #[test]
    fn the_name_comes_once_and_quoted_words_stay() {
        assert_eq!(
            told(&["Your Okta account was locked.", "Your password was changed.", "So your device did it."]),
            ["Ana Kovač’s Okta account was locked.", "Their password was changed.", "So their device did it."]
        );
        assert_eq!(
            told(&["A sign-in to “Are you your own boss” on your phone was refused."]),
            ["A sign-in to “Are you your own boss” on Ana Kovač’s phone was refused."]
        );
        assert_eq!(
            told(&["You have been able to sign in since: the record shows it."]),
            ["They have been able to sign in since: the record shows it."]
        );
        assert_eq!(possessive("Jonas"), "Jonas’");
    }
}
