//! Text made harmless for people's eyes: nothing invisible, nothing that turns the reading direction, nothing a terminal obeys.
//! Every surface passes every word through here before its own escaping.

use std::borrow::Cow;

/// The text without control characters (line feed and tab stay), without characters that turn or isolate the reading direction
/// (Unicode UAX #9; CVE-2021-42574 shows why) and without the invisible ones that can hide words from a reader.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| is_shown(c) && !is_joiner(c) && !is_stacked(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut last = None;
    let mut stack = 0;
    while let Some(c) = chars.next() {
        stack = if is_stacked(c) { stack + 1 } else { 0 };
        match c {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            c if !is_shown(c) || stack > STACKED => continue,
            // Joiners shape emoji and several scripts; between plain letters they only hide that two words are one.
            c if is_joiner(c) && !last.is_some_and(joins) => continue,
            c => out.push(c),
        }
        last = Some(c);
    }
    Cow::Owned(out)
}

/// The most marks that stay stacked on one letter; no script needs more.
const STACKED: usize = 6;

/// The marks that pile up over the lines above and below when there are hundreds of them.
fn is_stacked(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Zero-width joiner and non-joiner.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// True for what a joiner may follow: anything that is not ASCII, Latin, Greek or Cyrillic and is not a joiner itself.
fn joins(c: char) -> bool {
    c > '\u{052F}' && !is_joiner(c)
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
        // Letters without a shape (Hangul fillers, Khmer inherent vowels, blank braille), the grapheme joiner, Mongolian selectors.
        '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180D}' | '\u{180F}' => false,
        '\u{2800}' | '\u{3164}' | '\u{FFA0}' => false,
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
        for text in ["Käthe braucht Zugriff", "売上レポート", "לוח מכירות", "👩‍👩‍👧 ok", "می‌خواهم", "Việt", "a\tb\nc"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn what_hides_or_turns_is_gone() {
        assert_eq!(clean("read\u{202E}etirw\u{2066}\0\x1b[31m\u{E0041}\u{200B}!"), "readetirw[31m!");
        assert_eq!(clean("a\r\nb\rc\u{2028}d"), "a\nb\nc\nd");
        assert_eq!(clean("@every\u{200D}one \u{3164}\u{200C}\u{2800}"), "@everyone ");
        assert_eq!(clean(&format!("e{}!", "\u{301}".repeat(99))), format!("e{}!", "\u{301}".repeat(6)));
        assert_eq!(one_line(" a\n\t b\u{0007} "), "a b");
    }
}
