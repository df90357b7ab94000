//! Words that Discord shows as they are. A backslash takes the meaning off any mark there; places without markdown (labels, footers,
//! options, modals) get the plain words. Mentions are switched off in every payload besides.

use crate::chat::budget::{Laid, Piece, as_is, lay};
use crate::chat::plain::one_line;
use crate::chat::scene::Scene;
use crate::domain::card::{Inline, Rich};

/// The last second that Discord's clients can show as a date.
const LAST_SECOND: i64 = 253_402_300_799;

/// Escapes one grapheme for markdown.
pub fn markdown(before: Option<char>, this: &str, after: &str, out: &mut String) {
    let mut chars = this.chars();
    let Some(first) = chars.next() else { return };
    let start = before.is_none_or(|c| c == '\n' || c == ' ');
    let escaped = match first {
        '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '(' | ')' | '@' => true,
        '#' | '-' | '+' => start,
        '.' => before.is_some_and(|c| c.is_ascii_digit()) && after.starts_with(' '),
        ':' => !after.starts_with(' ') && !after.starts_with(|c: char| c.is_ascii_digit()) && !after.is_empty(),
        _ => false,
    };
    if escaped {
        out.push('\\');
    }
    out.push(first);
    out.push_str(chars.as_str());
}

/// Escapes one grapheme inside a code mark, where nothing but the mark itself has a meaning.
pub fn code(_: Option<char>, this: &str, _: &str, out: &mut String) {
    out.push_str(if this == "`" { "ˋ" } else { this });
}

/// Rich text as pieces of markdown.
#[must_use]
pub fn rich(rich: &Rich, scene: &Scene<'_>) -> Vec<Piece> {
    rich.iter().map(|part| inline(part, scene)).collect()
}

fn inline(part: &Inline, scene: &Scene<'_>) -> Piece {
    match part {
        Inline::Text { text } => Piece::words(text, markdown),
        Inline::Strong { text } => Piece::marked("**", &one_line(text), "**", markdown),
        Inline::Code { text } => Piece::marked("`", &one_line(text), "`", code),
        Inline::Person { id, name } => match (scene.mention)(id).filter(|m| is_snowflake(m)) {
            Some(user) => Piece::whole(format!("<@{user}>"), &one_line(name), markdown),
            None => Piece::words(&one_line(name), markdown),
        },
        Inline::Time { at, shown } => {
            let second = at.as_second();
            if (0..=LAST_SECOND).contains(&second) {
                Piece::whole(format!("<t:{second}:f>"), &one_line(shown), markdown)
            } else {
                Piece::words(&one_line(shown), markdown)
            }
        }
        Inline::Link { text, path } => match scene.address(path) {
            Some(address) if !one_line(text).is_empty() => {
                let label = lay(&[Piece::words(&one_line(text), markdown)], 200).text;
                Piece::whole(format!("[{label}]({address})"), &one_line(text), markdown)
            }
            _ => Piece::words(&one_line(text), markdown),
        },
    }
}

/// A user's id as Discord writes them.
fn is_snowflake(id: &str) -> bool {
    (5..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// One line of markdown, at most so many units, never empty.
#[must_use]
pub fn line(words: &str, most: usize) -> Laid {
    one(words, most, false)
}

/// One line where nothing is read, at most so many units, never empty.
#[must_use]
pub fn plain(words: &str, most: usize) -> String {
    one(words, most, true).text
}

fn one(words: &str, most: usize, plain: bool) -> Laid {
    let words = one_line(words);
    let words = if words.is_empty() { "–" } else { &words };
    lay(&[Piece::words(words, if plain { as_is } else { markdown })], most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_lose_their_meaning() {
        assert_eq!(
            line("**b** [x](https://evil) <@1> @everyone", 99).text,
            r"\*\*b\*\* \[x\]\(https\://evil\) \<\@1\> \@everyone"
        );
        assert_eq!(line("- a 1. b # c 23:59 well-known v1.2", 99).text, r"\- a 1\. b \# c 23:59 well-known v1.2");
        assert_eq!(plain("**b**", 99), "**b**");
        assert_eq!(lay(&[Piece::marked("`", "a`b", "`", code)], 9).text, "`aˋb`");
    }
}
