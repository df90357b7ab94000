//! What a person wrote, as they meant it: Slack hands over `mrkdwn` with people, channels, links and dates in angle brackets (“Formatting
//! text for app surfaces”, retrieving messages). Nothing here is shown again without being made inert.

use std::collections::BTreeMap;

/// The most characters of one message that are read on.
const LONGEST: usize = 4_000;
/// The most different people of one message whose names are looked up.
const PEOPLE: usize = 5;

/// Somebody's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The words, with `@U123` where somebody is named of whom the message tells only the id.
    pub text: String,
    /// Whose names are to be looked up.
    pub people: Vec<String>,
}

/// Reads a message's text. Mentions of ourselves are taken out.
#[must_use]
pub fn spoken(text: &str, ourselves: &str) -> Spoken {
    let mut out = Spoken::default();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        plain(&rest[..open], &mut out.text);
        let after = &rest[open + 1..];
        let Some(close) = after.find('>') else {
            plain(&rest[open..], &mut out.text);
            rest = "";
            break;
        };
        mark(&after[..close], ourselves, &mut out);
        rest = &after[close + 1..];
    }
    plain(rest, &mut out.text);
    let words: Vec<&str> = out.text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    out.text = words.join("\n").chars().take(LONGEST).collect();
    out
}

impl Spoken {
    /// The words with these names where ids stand.
    #[must_use]
    pub fn named(&self, names: &BTreeMap<String, String>) -> String {
        let mut text = self.text.clone();
        for id in &self.people {
            if let Some(name) = names.get(id) {
                text = text.replace(&format!("@{id}"), name);
            }
        }
        text
    }
}

fn plain(text: &str, out: &mut String) {
    out.push_str(&text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
}

/// What stands between two angle brackets.
fn mark(inside: &str, ourselves: &str, out: &mut Spoken) {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|l| !l.is_empty())),
        None => (inside, None),
    };
    match target.as_bytes().first() {
        Some(b'@') => {
            let id = &target[1..];
            if id == ourselves {
                return;
            }
            match label {
                Some(label) => plain(label, &mut out.text),
                None => {
                    out.text.push('@');
                    plain(id, &mut out.text);
                    let new = !out.people.iter().any(|p| p == id);
                    if new && out.people.len() < PEOPLE && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                        out.people.push(id.to_owned());
                    }
                }
            }
        }
        Some(b'#') => {
            out.text.push('#');
            plain(label.unwrap_or(&target[1..]), &mut out.text);
        }
        Some(b'!') => plain(label.unwrap_or(target), &mut out.text),
        _ => match label {
            Some(label) => plain(label, &mut out.text),
            None => plain(target.strip_prefix("mailto:").unwrap_or(target), &mut out.text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_words() {
        for (written, meant) in [
            ("<@UBOT> I need <https://x.test/a?b=1&amp;c=2|the reports>", "I need the reports"),
            ("hello <@UBOT|claviger>", "hello"),
            ("ask in <#C1|help> or <#C2>", "ask in #help or #C2"),
            ("<!here> R&amp;D &lt;3", "!here R&D <3"),
            ("<!date^1^{date}|Friday> <mailto:a@b.test|a@b.test>", "Friday a@b.test"),
            ("3 < 4", "3 < 4"),
            ("  two\n\n lines ", "two\nlines"),
            ("&amp;lt;b", "&lt;b"),
        ] {
            assert_eq!(spoken(written, "UBOT").text, meant, "{written}");
        }
    }

    #[test]
    fn names_are_put_where_ids_stand() {
        let said = spoken("access for <@U2> and <@U3|Bo>, <@U2> mostly", "UBOT");
        assert_eq!(said.people, ["U2"]);
        assert_eq!(
            said.named(&BTreeMap::from([("U2".into(), "Ana Kovač".into())])),
            "access for Ana Kovač and Bo, Ana Kovač mostly"
        );
        assert_eq!(said.named(&BTreeMap::new()), "access for @U2 and Bo, @U2 mostly");
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(spoken(&"ä".repeat(10_000), "U").text.chars().count(), LONGEST);
    }
}
