//! Cuts text into words: sentences, identifiers in camel case, dotted and dashed names.

use tantivy::tokenizer::{Language as StemLanguage, RawTokenizer, Stemmer, TextAnalyzer, TokenStream};

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word in lower case, as written.
    pub raw: String,
    /// Its place; neighbours differ by one, a new sentence or clause leaves a gap.
    pub place: u32,
    /// True where it stands inside parentheses.
    pub aside: bool,
    /// True for the whole of an identifier whose parts were given before it (`accesspackage` after `access` and `package`).
    pub whole: bool,
    /// True where it was written as a part of an identifier (`accessPackage`, `mail.read`).
    pub identifier: bool,
}

/// Longest word kept, in characters: longer runs are noise, not words.
const LONGEST_WORD: usize = 64;

/// Cuts a text into words.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::with_capacity(text.len() / 6);
    let mut place = 0u32;
    let mut depth = 0u32;
    let mut chunk = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = matches!(c, '.' | '_' | '-' | '/')
            && !chunk.is_empty()
            && chars.peek().is_some_and(|n| n.is_alphanumeric());
        if c.is_alphanumeric() || joins {
            chunk.push(c);
            continue;
        }
        flush(&mut chunk, &mut place, depth > 0, &mut out);
        match c {
            '(' | '[' => {
                depth = depth.saturating_add(1);
                place = place.saturating_add(2);
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                place = place.saturating_add(2);
            }
            '.' | '!' | '?' | ';' | ':' | '\n' | '|' | ',' => place = place.saturating_add(1),
            // An apostrophe joins: "user's" is read as "user" with a lone "s" that is dropped later.
            _ => {}
        }
    }
    flush(&mut chunk, &mut place, depth > 0, &mut out);
    out
}

/// Ends the run of letters read so far.
fn flush(chunk: &mut String, place: &mut u32, aside: bool, out: &mut Vec<Word>) {
    if chunk.is_empty() {
        return;
    }
    let parts = split_identifier(chunk);
    // "sign-in" and "and/or" are words with a joint, not names; both get their whole form when it is made of a few short parts.
    let identifier = parts.len() > 1 && (chunk.contains(['.', '_']) || chunk.chars().skip(1).any(char::is_uppercase));
    for part in &parts {
        out.push(Word { raw: part.clone(), place: *place, aside, whole: false, identifier });
        *place = place.saturating_add(1);
    }
    if parts.len() > 1 && !chunk.contains('/') {
        let whole: String = parts.concat();
        if whole.chars().count() <= LONGEST_WORD {
            out.push(Word { raw: whole, place: place.saturating_sub(1), aside, whole: true, identifier });
        }
    }
    chunk.clear();
}

/// The parts of an identifier in lower case: `EC2ReadOnlyAccess` gives `ec2`, `read`, `only`, `access`; digits stay with the letters before them.
#[must_use]
pub fn split_identifier(chunk: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let chars: Vec<char> = chunk.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            push_part(&mut parts, &mut current);
            continue;
        }
        if c.is_uppercase() && i > 0 {
            let before = chars.get(i - 1).copied().unwrap_or(' ');
            let after_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            // A plural of an abbreviation, "VMs" or "APIs", is one word.
            let plural = chars.get(i + 1) == Some(&'s') && chars.get(i + 2).is_none_or(|n| !n.is_lowercase());
            if before.is_lowercase() || (after_lower && !plural && (before.is_uppercase() || before.is_numeric())) {
                push_part(&mut parts, &mut current);
            }
        }
        current.extend(c.to_lowercase());
    }
    push_part(&mut parts, &mut current);
    parts
}

fn push_part(parts: &mut Vec<String>, current: &mut String) {
    if !current.is_empty() {
        if current.chars().count() <= LONGEST_WORD {
            parts.push(std::mem::take(current));
        } else {
            current.clear();
        }
    }
}

/// The letters and digits of a name in lower case and nothing else: what two spellings of one name share.
#[must_use]
pub fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reduces words to their stems (Snowball English).
#[derive(Clone)]
pub struct Stems {
    analyzer: TextAnalyzer,
}

impl std::fmt::Debug for Stems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stems")
    }
}

impl Default for Stems {
    fn default() -> Self {
        let analyzer =
            TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(StemLanguage::English)).build();
        Self { analyzer }
    }
}

impl Stems {
    /// The stem of a lower-case word. Words with digits or outside ASCII keep their form.
    pub fn stem(&mut self, word: &str) -> String {
        if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
            return word.to_owned();
        }
        let mut stream = self.analyzer.token_stream(word);
        if stream.advance() { stream.token().text.clone() } else { word.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Vec<String> {
        words(text).into_iter().filter(|w| !w.whole).map(|w| w.raw).collect()
    }

    #[test]
    fn identifiers_fall_into_their_parts() {
        assert_eq!(raw("accessPackage"), ["access", "package"]);
        assert_eq!(raw("AmazonEC2ReadOnlyAccess"), ["amazon", "ec2", "read", "only", "access"]);
        assert_eq!(raw("roles/cloudsql.instanceUser"), ["roles", "cloudsql", "instance", "user"]);
        assert_eq!(raw("Mail.ReadBasic.All"), ["mail", "read", "basic", "all"]);
        assert_eq!(raw("B2C APIs and VMs"), ["b2c", "apis", "and", "vms"]);
        assert_eq!(raw("XMLHttpRequest"), ["xml", "http", "request"]);
    }

    #[test]
    fn the_whole_is_kept_beside_the_parts() {
        assert!(words("accessPackage").iter().any(|w| w.whole && w.raw == "accesspackage"));
        assert!(words("sign-in").iter().any(|w| w.whole && w.raw == "signin"));
    }

    #[test]
    fn parentheses_are_asides_and_never_unbalance() {
        assert!(words("create user (Users)").iter().any(|w| w.raw == "users" && w.aside));
        assert!(words("))) a ((( b").iter().any(|w| w.raw == "b" && w.aside));
    }

    #[test]
    fn stems_join_singular_and_plural() {
        let mut stems = Stems::default();
        assert_eq!(stems.stem("policies"), stems.stem("policy"));
        assert_eq!(stems.stem("administrators"), stems.stem("administrator"));
        assert_eq!(stems.stem("ec2"), "ec2");
    }
}
