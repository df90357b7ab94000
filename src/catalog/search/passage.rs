//! Cuts the text of an entitlement into passages, one sentence, bullet or cell of a table each, and drops what it says it does *not* allow.

/// The passages of a text that say what can be done.
#[must_use]
pub fn passages(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut denying = false;
    // Which columns of the table that is being read say something; the first always does.
    let mut telling: Vec<bool> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || is_rule(trimmed) {
            continue;
        }
        if trimmed.starts_with('|') {
            if lines.peek().is_some_and(|next| is_rule(next.trim())) {
                telling = cells(trimmed).map(|head| !remarks(head)).collect();
            } else if !denying {
                row(trimmed, &telling, &mut out);
            }
            continue;
        }
        let bullet = trimmed.starts_with(['-', '*', '•']) || line.starts_with(' ');
        let body = trimmed.trim_start_matches(['-', '*', '•', ' ']);
        if !bullet {
            // A heading such as "Users with this role cannot do the following:" holds for the bullets under it.
            denying = body.ends_with(':') && denies(body);
        }
        if !denying {
            sentences(body).into_iter().for_each(|sentence| keep("", sentence, &mut out));
        }
    }
    out
}

/// True for the line under a table's head.
fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.contains("---") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

/// The cells of a table's row.
fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim_matches('|').split('|').map(str::trim)
}

/// True where a column's head says that what is under it is beside the point.
fn remarks(head: &str) -> bool {
    let lower = head.to_lowercase();
    ["information", "note", "remark", "comment", "learn more", "link", "example"].iter().any(|m| lower.contains(m))
}

/// Of a table's row the first cell says what or where; the others, line by line, what may be done there.
fn row(row: &str, telling: &[bool], out: &mut Vec<String>) {
    let mut parts = cells(row);
    let first = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts
        .enumerate()
        .filter(|(column, cell)| !cell.is_empty() && telling.get(column + 1) == Some(&true))
        .map(|(_, cell)| cell)
        .collect();
    if rest.is_empty() {
        keep("", first, out);
    }
    for line in rest.iter().flat_map(|cell| cell.split("<br")) {
        let line = line.trim_start_matches(['/', '>', ' ']);
        sentences(line).into_iter().for_each(|sentence| keep(first, sentence, out));
    }
}

/// Keeps what a sentence allows, after the words that say where.
fn keep(place: &str, sentence: &str, out: &mut Vec<String>) {
    let sentence = allowed(sentence.trim());
    if sentence.len() > 2 && !denies(sentence) && !sentence.ends_with(':') {
        out.push(if place.is_empty() { sentence.to_owned() } else { format!("{place}: {sentence}") });
    }
}

/// The sentence up to the words that take something away again: "… except …", "… but cannot …".
fn allowed(sentence: &str) -> &str {
    const TURNS: [&str; 12] = [
        " but will not",
        " but cannot",
        " but can't",
        " but not",
        " but do not",
        " but does not",
        " but doesn't",
        " excluding ",
        " except ",
        " with the exception of ",
        " other than ",
        " without ",
    ];
    let lower = sentence.to_ascii_lowercase();
    let end = TURNS.iter().filter_map(|turn| lower.find(turn)).min().unwrap_or(sentence.len());
    sentence.get(..end).unwrap_or(sentence).trim_end_matches([',', ' '])
}

/// True where a sentence says what is not allowed, or speaks of other roles' powers.
fn denies(sentence: &str) -> bool {
    const MARKS: [&str; 17] = [
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
        "will not ",
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
                    It reads mail. It does not send mail. It moves cars, except red ones.";
        assert_eq!(passages(text), ["Read logs", "Write notes", "It reads mail", "It moves cars"]);
    }

    #[test]
    fn of_a_table_the_telling_cells_count_with_their_place() {
        assert_eq!(
            passages("| Can do | More information |\n| --- | --- |\n| Create users | the page |\n| Drop users | |"),
            ["Create users", "Drop users"]
        );
        assert_eq!(
            passages("| In | Can do |\n| --- | --- |\n| Garden | Water flowers<br/>Cannot cut trees<br>Feed birds |"),
            ["Garden: Water flowers", "Garden: Feed birds"]
        );
    }
}
