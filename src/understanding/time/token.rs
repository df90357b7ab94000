//! Words cut into tokens: runs of letters, runs of digits, single other characters.

use std::ops::Range;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The text in lower case.
    pub text: String,
    /// Where it stands, in bytes of the words.
    pub range: Range<usize>,
    /// The number, for a run of at most nine digits.
    pub number: Option<u32>,
    /// True for a run of letters.
    pub is_word: bool,
    /// True where no white space stands before it.
    pub glued: bool,
    /// True where it begins with a capital letter.
    pub capital: bool,
}

/// The most tokens read; what follows is left unread. A message of the permitted size stays below.
const MAX_TOKENS: usize = 4_096;

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Letter,
    Digit,
    Space,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii_digit() {
        Class::Digit
    } else if c.is_alphabetic() {
        Class::Letter
    } else if c.is_whitespace() {
        Class::Space
    } else {
        Class::Other
    }
}

/// Cuts words into tokens.
#[must_use]
pub fn tokens(words: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut chars = words.char_indices().peekable();
    let mut glued = false;
    while let Some((start, first)) = chars.next() {
        let kind = class(first);
        let mut end = start + first.len_utf8();
        if kind == Class::Space {
            glued = false;
            continue;
        }
        if kind != Class::Other {
            while let Some((at, c)) = chars.peek().copied() {
                if class(c) != kind {
                    break;
                }
                end = at + c.len_utf8();
                chars.next();
            }
        }
        if out.len() == MAX_TOKENS {
            break;
        }
        let raw = words.get(start..end).unwrap_or_default();
        let text = match raw {
            "–" | "—" | "−" => "-".to_owned(),
            "’" | "‘" => "'".to_owned(),
            _ => raw.to_lowercase(),
        };
        let number = if kind == Class::Digit && raw.len() <= 9 { raw.parse().ok() } else { None };
        out.push(Token {
            text,
            range: start..end,
            number,
            is_word: kind == Class::Letter,
            glued,
            capital: first.is_uppercase(),
        });
        glued = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_letters_part() {
        let texts: Vec<_> = tokens("until Oct-2, 3hrs").into_iter().map(|t| t.text).collect();
        assert_eq!(texts, ["until", "oct", "-", "2", ",", "3", "hrs"]);
    }

    #[test]
    fn ranges_are_where_the_text_is() {
        let words = "für 3 Tage – bis İstanbul";
        for token in tokens(words) {
            assert!(words.get(token.range).is_some());
        }
    }
}
