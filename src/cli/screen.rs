//! What goes to the screen. Logs and tickets are written by strangers: whatever a command prints of them passes here, so that no terminal
//! obeys it and nothing in it turns the reading direction.

use std::borrow::Cow;

use serde::Serialize;

use crate::chat::plain::clean;

/// The text as a terminal may show it: line feeds and tabs stay, other control characters and invisible ones go.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    clean(text)
}

/// Prints a line.
pub fn say(text: &str) {
    println!("{}", shown(text));
}

/// JSON in one line, the same for every reader of JSON, with everything that a terminal would obey written as `\uXXXX`.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    if text.chars().all(|c| c.is_ascii() && c != '\u{7f}' || clean(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8()) {
        return Ok(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Control characters below U+0020 are escaped already; what is left of them here is none that JSON allows in a text.
        if c.is_ascii() && c != '\u{7f}' || clean(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_and_json_says_the_same() {
        let nasty = "a\u{1b}[31mb\u{202e}c\u{9b}d\u{7f} Kovač 🦀";
        assert_eq!(shown(nasty), "a[31mbcd Kovač 🦀");
        let line = json(&nasty).unwrap();
        assert!(line.contains("\\u202e") && line.contains("\\u001b") && line.contains("Kovač 🦀"), "{line}");
        assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{9b}']));
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), nasty);
        assert_eq!(json(&"plain").unwrap(), "\"plain\"");
    }
}
