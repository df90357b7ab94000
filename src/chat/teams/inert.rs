//! Words that Teams shows as they are. Nearly everything is a `TextRun`, which knows no markdown (Adaptive Cards 1.5 schema); only the
//! headline is a `TextBlock`, for the heading that screen readers need, and there marks become letters that look like them. Brackets
//! that could be a mention, and the double braces of date functions, are broken everywhere.

use crate::chat::budget::{Laid, Piece, lay};
use crate::chat::plain::one_line;

/// Escapes one grapheme of a text run.
pub fn run(before: Option<char>, this: &str, after: &str, out: &mut String) {
    match this {
        "<" if after.starts_with(|c: char| c.is_alphabetic() || c == '/') => out.push('‹'),
        ">" if before.is_some_and(|c| !c.is_whitespace() && c != '-' && c != '=') => out.push('›'),
        "{" if before == Some('{') => out.push_str(" {"),
        "$" if after.starts_with('{') => out.push_str("$ "),
        other => out.push_str(other),
    }
}

/// Escapes one grapheme of a text block, which reads a little markdown and makes links by itself.
pub fn block(before: Option<char>, this: &str, after: &str, out: &mut String) {
    let mut chars = this.chars();
    let Some(first) = chars.next() else { return };
    let start = before.is_none();
    let inside = before.is_some_and(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric);
    match first {
        '*' => out.push('∗'),
        '_' if !inside => out.push('ˍ'),
        '~' => out.push('∼'),
        '`' => out.push('ˋ'),
        '\\' => out.push('⧵'),
        '[' => out.push('［'),
        ']' => out.push('］'),
        '<' => out.push('‹'),
        '>' => out.push('›'),
        '@' => out.push('＠'),
        '#' if start => out.push('＃'),
        '-' | '+' if start => out.push('‐'),
        '.' | ')' if before.is_some_and(|c| c.is_ascii_digit()) && after.starts_with(' ') => {
            out.push(if first == '.' { '․' } else { '）' });
        }
        ':' if after.starts_with("//") => out.push('∶'),
        '.' if inside && before == Some('w') => out.push('․'),
        '&' => out.push('＆'),
        _ => {
            run(before, this, after, out);
            return;
        }
    }
    out.push_str(chars.as_str());
}

/// One line for a run, at most so many units, never empty.
#[must_use]
pub fn line(words: &str, most: usize) -> Laid {
    let words = one_line(words);
    let words = if words.is_empty() { "–" } else { &words };
    lay(&[Piece::words(words, run)], most)
}

/// One line for a text block.
#[must_use]
pub fn headline(words: &str, most: usize) -> Laid {
    let words = one_line(words);
    let words = if words.is_empty() { "–" } else { &words };
    lay(&[Piece::words(words, block)], most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_read_is_broken() {
        assert_eq!(line("<at>Ana</at> a < b {{DATE(2026)}} ${x}", 99).text, "‹at›Ana‹/at› a < b { {DATE(2026)}} $ {x}");
        assert_eq!(
            headline("1. [x](https://evil) **b** www.evil.example a@b", 99).text,
            "1․ ［x］(https∶//evil) ∗∗b∗∗ www․evil.example a＠b"
        );
        assert_eq!(headline(" - sales_emea_q3", 99).text, "‐ sales_emea_q3");
        assert_eq!(line(" \u{200B} ", 9).text, "–");
    }
}
