//! The few Adaptive Card elements that cards are made of.

use serde_json::{Value, json};

use crate::chat::marks::{points, short_bar};
use crate::chat::plain::{clean, one_line};
use crate::chat::scene::Scene;
use crate::chat::teams::inert::{headline, line};
use crate::chat::teams::limits::{HEADLINE, RUN};
use crate::domain::card::{Bar, Inline, Rich};

/// The most lines of a quotation that stay lines.
const LINES: usize = 30;

/// A heading.
#[must_use]
pub fn heading(words: &str) -> Value {
    json!({
        "type": "TextBlock",
        "style": "heading",
        "size": "medium",
        "weight": "bolder",
        "wrap": true,
        "text": headline(words, HEADLINE).text,
    })
}

/// A block of runs.
#[must_use]
pub fn block(runs: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

/// A run of plain words.
#[must_use]
pub fn run(words: &str) -> Value {
    json!({ "type": "TextRun", "text": line(words, RUN).text })
}

/// A run of plain words, small and grey.
#[must_use]
pub fn subtle(words: &str) -> Value {
    json!({ "type": "TextRun", "text": line(words, RUN).text, "isSubtle": true, "size": "small" })
}

/// A run with weight.
#[must_use]
pub fn strong(words: &str) -> Value {
    json!({ "type": "TextRun", "text": line(words, RUN).text, "weight": "bolder" })
}

/// Room for `+12.0 █████` in small, equally wide letters.
const GAUGE: &str = "100px";

/// What a factor adds, as a number and a short bar, and beside it what it means: the words wrap under themselves and never under the bar,
/// also on a phone.
#[must_use]
pub fn gauge(bar: &Bar, longest: u32) -> Value {
    // Spaces that stay are kept, so that the bars begin below one another.
    let lead = format!("{:\u{A0}>5}\u{A0}{}", points(bar.tenths), short_bar(bar.tenths, longest));
    let lead = json!({ "type": "TextRun", "text": lead, "fontType": "monospace", "size": "small" });
    let column = |width: &str, item: Value| json!({ "type": "Column", "width": width, "items": [item] });
    json!({
        "type": "ColumnSet",
        "spacing": "small",
        "columns": [column(GAUGE, block(vec![lead])), column("stretch", block(vec![run(&bar.label)]))],
    })
}

/// A run of ours, kept as it is: bullets and gaps.
#[must_use]
pub fn ours(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text })
}

/// Rich text as runs; without any words, a dash.
#[must_use]
pub fn runs(rich: &Rich, scene: &Scene<'_>) -> Vec<Value> {
    let mut runs: Vec<Value> = Vec::new();
    for part in rich {
        if clean(part.plain()).is_empty() {
            continue;
        }
        // Spaces between parts are kept: a run is one line, but its ends count.
        let text = spaced(part.plain());
        let mut run = json!({ "type": "TextRun", "text": text });
        match part {
            Inline::Strong { .. } => run["weight"] = "bolder".into(),
            Inline::Code { .. } => run["fontType"] = "monospace".into(),
            Inline::Link { path, .. } => {
                if let Some(address) = scene.address(path) {
                    run["selectAction"] = json!({ "type": "Action.OpenUrl", "url": address });
                    run["color"] = "accent".into();
                }
            }
            Inline::Text { .. } | Inline::Person { .. } | Inline::Time { .. } => {}
        }
        runs.push(run);
    }
    if runs.iter().all(|r| r["text"].as_str().is_none_or(|t| t.trim().is_empty())) {
        return vec![run("–")];
    }
    runs
}

/// One line that keeps a space at its beginning and end.
fn spaced(words: &str) -> String {
    let words = clean(words);
    let lead = if words.starts_with(char::is_whitespace) { " " } else { "" };
    let tail = if words.trim_start().ends_with(char::is_whitespace) { " " } else { "" };
    let inner = one_line(&words);
    if inner.is_empty() {
        return lead.to_owned();
    }
    format!("{lead}{}{tail}", line(&inner, RUN).text)
}

/// Somebody's words, line by line, in a box of their own.
#[must_use]
pub fn quote(by: &str, words: &str) -> Value {
    let clean = clean(words);
    let mut items: Vec<Value> = Vec::new();
    let lines: Vec<&str> = clean.split('\n').filter(|l| !l.trim().is_empty()).collect();
    for (n, text) in lines.iter().enumerate() {
        if n == LINES {
            items.push(block(vec![run(&lines[n..].join(" "))]));
            break;
        }
        items.push(block(vec![run(text)]));
    }
    items.push(block(vec![subtle(&format!("— {}", one_line(by)))]));
    json!({ "type": "Container", "style": "emphasis", "spacing": "small", "items": items })
}

/// A label and its value beside each other.
#[must_use]
pub fn fact(label: &str, value: Vec<Value>) -> Value {
    let column = |width: u8, item: Value| json!({ "type": "Column", "width": width, "items": [item] });
    json!({
        "type": "ColumnSet",
        "spacing": "small",
        "columns": [column(2, block(vec![subtle(label)])), column(5, block(value))],
    })
}
