//! Cuts the text of an entitlement into passages, one sentence or bullet each, and drops those that say what it does *not* allow.

/// The passages of a text that say what can be done.
#[must_use]
pub fn passages(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut denying = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("| ---") {
            continue;
        }
        let bullet = trimmed.starts_with(['-', '*', '|', '•']) || line.starts_with(' ');
        let body = trimmed.trim_start_matches(['-', '*', '•', '|', ' ']);
        // Of a table row the first cell says what, the rest is remarks.
        let body = if trimmed.starts_with('|') { body.split('|').next().unwrap_or("").trim() } else { body };
        if !bullet {
            // A heading such as "Users with this role cannot do the following:" holds for the bullets under it.
            denying = body.ends_with(':') && denies(body);
        }
        if denying {
            continue;
        }
        for sentence in sentences(body) {
            let sentence = sentence.trim();
            if sentence.len() > 2 && !denies(sentence) && !sentence.ends_with(':') {
                out.push(sentence.to_owned());
            }
        }
    }
    out
}

/// True where a sentence says what is not allowed, or speaks of other roles' powers.
fn denies(sentence: &str) -> bool {
    const MARKS: [&str; 16] = [
        "cannot",
        "can't",
        "can not",
        "do not ",
        "does not ",
        "doesn't",
        "don't ",
        "not granted",
        "isn't",
        "is not ",
        "are not ",
        "aren't",
        "no access",
        "never ",
        "in contrast",
        "unlike",
    ];
    let lower = sentence.to_lowercase();
    MARKS.iter().any(|mark| lower.contains(mark))
}

/// Splits at full stops, exclamation and question marks that end a sentence.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        let ends = matches!(b, b'.' | b'!' | b'?' | b';') && bytes.get(i + 1).is_none_or(|n| n.is_ascii_whitespace());
        if ends {
            if let Some(part) = text.get(start..i) {
                out.push(part);
            }
            start = i + 1;
        }
    }
    if let Some(rest) = text.get(start..) {
        out.push(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_not_offered() {
        let text = "People with this role can:\n- Read logs\n- Write notes\nPeople with this role cannot do the following:\n- Delete the house\n\
                    It reads mail. It does not send mail.";
        assert_eq!(passages(text), ["Read logs", "Write notes", "It reads mail"]);
    }

    #[test]
    fn of_a_table_row_the_first_cell_counts() {
        assert_eq!(
            passages("| Can do | See |\n| --- | --- |\n| Create users | the page |"),
            ["Can do", "Create users"]
        );
    }
}
