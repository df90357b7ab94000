//! Text made harmless for people's eyes: nothing invisible, nothing that turns the reading direction, nothing a terminal obeys.
//! Every surface passes every word through here before its own escaping.

use std::borrow::Cow;

/// The text without control characters (line feed and tab stay), without characters that turn or isolate the reading direction
/// (Unicode UAX #9; CVE-2021-42574 shows why) and without the invisible ones that can hide words from a reader.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            c if is_shown(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// The text in one line: every run of white space is one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// True for what may reach a screen as it is.
fn is_shown(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        c if c.is_control() => false,
        // Direction marks, embeddings, overrides and isolates.
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        // Line and paragraph separators become line feeds.
        '\u{2028}' | '\u{2029}' => false,
        // Zero-width space, invisible operators, byte-order mark, soft hyphen, deprecated format characters, interlinear marks.
        '\u{00AD}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' => false,
        '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => false,
        // Tag characters: whole sentences can be written in them without a trace on the screen.
        '\u{E0000}'..='\u{E0FFF}' => false,
        // Non-characters.
        '\u{FDD0}'..='\u{FDEF}' => false,
        c => (c as u32) & 0xFFFE != 0xFFFE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_of_every_script_pass_untouched() {
        for text in ["Käthe braucht Zugriff", "売上レポート", "לוח מכירות", "👩‍👩‍👧 ok", "a\tb\nc"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn what_hides_or_turns_is_gone() {
        assert_eq!(clean("read\u{202E}etirw\u{2066}\0\x1b[31m\u{E0041}\u{200B}!"), "readetirw[31m!");
        assert_eq!(clean("a\r\nb\rc\u{2028}d"), "a\nb\nc\nd");
        assert_eq!(one_line(" a\n\t b\u{0007} "), "a b");
    }
}
