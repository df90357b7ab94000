//! Words that Slack shows as they are. `mrkdwn` has no escape for its own marks, only for `& < >` (Slack, “Formatting text for app
//! surfaces”), so that a mark that could open or close something is replaced by a letter that looks like it. Every text object of ours
//! says `verbatim`, so that Slack makes no links and mentions of its own.

use serde_json::{Value, json};

use crate::chat::budget::{Escape, Laid, Piece, clip, lay};
use crate::chat::plain::one_line;
use crate::chat::scene::Scene;
use crate::domain::card::{Inline, Rich};

/// Escapes one grapheme for `mrkdwn`.
pub fn mrkdwn(before: Option<char>, this: &str, after: &str, out: &mut String) {
    let mut chars = this.chars();
    let Some(first) = chars.next() else { return };
    let inside = || {
        before.is_some_and(char::is_alphanumeric)
            && chars.as_str().chars().chain(after.chars()).next().is_some_and(char::is_alphanumeric)
    };
    match first {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        // At the start of a line this is a quotation, escaped or not.
        '>' if before.is_none_or(char::is_whitespace) => out.push('›'),
        '>' => out.push_str("&gt;"),
        '*' if !inside() => out.push('∗'),
        '_' if !inside() => out.push('ˍ'),
        '~' if !inside() => out.push('∼'),
        '`' => out.push('ˋ'),
        ':' if names_emoji(after) => out.push('∶'),
        other => out.push(other),
    }
    out.push_str(chars.as_str());
}

/// The same for places where Slack makes links by itself (a message's plain `text`).
pub fn unlinked(before: Option<char>, this: &str, after: &str, out: &mut String) {
    match this {
        ":" if after.starts_with("//") => out.push('∶'),
        "@" | "#" => {
            out.push_str(this);
            out.push('\u{2060}');
        }
        _ => mrkdwn(before, this, after, out),
    }
}

/// Escapes one grapheme inside a code mark.
pub fn code(before: Option<char>, this: &str, after: &str, out: &mut String) {
    match this {
        "&" | "<" | "`" => mrkdwn(before, this, after, out),
        ">" => out.push_str("&gt;"),
        other => out.push_str(other),
    }
}

/// Escapes one grapheme for `plain_text`: nothing is read there, but no bracket that any part of Slack might read is left.
pub fn plain(_: Option<char>, this: &str, _: &str, out: &mut String) {
    for c in this.chars() {
        out.push(match c {
            '<' => '‹',
            '>' => '›',
            c => c,
        });
    }
}

/// True where `:` begins the name of a picture, as in `:fire:`.
fn names_emoji(after: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '\'');
    let rest = after.trim_start_matches(name);
    rest.len() < after.len() && rest.starts_with(':')
}

/// Rich text as pieces of `mrkdwn`.
#[must_use]
pub fn rich(rich: &Rich, scene: &Scene<'_>) -> Vec<Piece> {
    rich.iter().map(|part| inline(part, scene)).collect()
}

fn inline(part: &Inline, scene: &Scene<'_>) -> Piece {
    match part {
        Inline::Text { text } => Piece::words(text, mrkdwn),
        Inline::Strong { text } => Piece::marked("*", &one_line(text), "*", mrkdwn),
        Inline::Code { text } => Piece::marked("`", &one_line(text), "`", code),
        Inline::Person { id, name } => match (scene.mention)(id).filter(|m| is_member(m)) {
            Some(member) => Piece::whole(format!("<@{member}>"), &one_line(name), mrkdwn),
            None => Piece::words(&one_line(name), mrkdwn),
        },
        // Not Slack's own date mark: it would write the end of a Friday as midnight of Saturday, in whatever zone the reader's device has.
        Inline::Time { shown, .. } => Piece::words(&one_line(shown), mrkdwn),
        Inline::Link { text, path } => match scene.address(path) {
            Some(address) if !one_line(text).is_empty() => {
                let label = lay(&[Piece::words(&one_line(text), link_label)], 200).text;
                Piece::whole(format!("<{}|{label}>", address.replace('&', "&amp;")), &one_line(text), mrkdwn)
            }
            _ => Piece::words(&one_line(text), mrkdwn),
        },
    }
}

fn link_label(before: Option<char>, this: &str, after: &str, out: &mut String) {
    match this {
        "|" => out.push('¦'),
        ">" => out.push('›'),
        _ => mrkdwn(before, this, after, out),
    }
}

/// A member's id as Slack writes them. Anything else mentions nobody.
fn is_member(id: &str) -> bool {
    (2..=24).contains(&id.len())
        && id.starts_with(['U', 'W'])
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A `mrkdwn` object.
#[must_use]
pub fn mrkdwn_object(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// A `plain_text` object: one line, at most so many units, never empty.
#[must_use]
pub fn plain_object(words: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": line(words, most, plain).text, "emoji": false })
}

/// One line of at most so many units, never empty.
#[must_use]
pub fn line(words: &str, most: usize, escape: Escape) -> Laid {
    let words = one_line(words);
    let words = if words.is_empty() { "–" } else { &words };
    lay(&[Piece::words(words, escape)], most)
}

/// The same as it is, for values that nothing reads.
#[must_use]
pub fn raw(words: &str, most: usize) -> String {
    clip(&crate::chat::plain::clean(words), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &str) -> String {
        lay(&[Piece::words(words, mrkdwn)], 500).text
    }

    #[test]
    fn marks_become_letters_where_they_could_mark() {
        assert_eq!(shown("*bold* _it_ ~no~ `x`"), "∗bold∗ ˍitˍ ∼no∼ ˋxˋ");
        assert_eq!(shown("sales_emea_q3 2*3*4"), "sales_emea_q3 2*3*4");
        assert_eq!(shown("<!channel> <@U123> & co"), "&lt;!channel&gt; &lt;@U123&gt; &amp; co");
        assert_eq!(shown("> a\n> b\n>>> c 4>3"), "› a\n› b\n›&gt;&gt; c 4&gt;3");
        assert_eq!(shown(":fire: 12:30:00 a:b https://x"), "∶fire: 12∶30:00 a:b https://x");
    }

    #[test]
    fn only_ids_are_mentioned() {
        for bad in ["", "U", "u123", "U12 3", "U1>", "<!channel>", "C0123"] {
            assert!(!is_member(bad), "{bad}");
        }
        assert!(is_member("U01ALICE") && is_member("W12"));
    }
}
