//! The window in which one searches the catalog: what one types is searched as one types, so that no list of a hundred has to be read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chat::budget::units;
use crate::chat::plain::one_line;
use crate::chat::slack::inert::plain_object;
use crate::chat::slack::limits::{INPUT_LABEL, LABEL, OPTION_VALUE, TITLE};
use crate::ports::surface::Found;

/// What the window is called when its answer comes.
pub const CALLBACK: &str = "request";
/// The button that opens it.
pub const BUTTON: &str = "open_picker";
/// How many entitlements one search shows.
pub const SHOWN: usize = 20;

/// The window.
#[must_use]
pub fn view() -> Value {
    let words = |name: &str, label: &str, hint: &str, lines: bool| {
        json!({
            "type": "input",
            "block_id": name,
            "optional": true,
            "label": plain_object(label, INPUT_LABEL),
            "hint": plain_object(hint, INPUT_LABEL),
            "element": { "type": "plain_text_input", "action_id": name, "multiline": lines, "max_length": 500 },
        })
    };
    json!({
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_object("Ask for access", TITLE),
        "submit": plain_object("Continue", TITLE),
        "close": plain_object("Back", TITLE),
        "blocks": [
            {
                "type": "input",
                "block_id": "what",
                "label": plain_object("What do you need?", INPUT_LABEL),
                "element": {
                    "type": "external_select",
                    "action_id": "what",
                    "min_query_length": 2,
                    "placeholder": plain_object("Type to search the catalog", LABEL),
                },
            },
            words("until", "Until when?", "In your words: “until Friday”, “two weeks”, “end of the month”.", false),
            words("why", "What for?", "Whoever decides reads this.", true),
        ],
    })
}

/// The button that opens the window, as a row.
#[must_use]
pub fn button() -> Value {
    json!({
        "type": "actions",
        "block_id": BUTTON,
        "elements": [{
            "type": "button",
            "action_id": BUTTON,
            "value": BUTTON,
            "style": "primary",
            "text": plain_object("Ask for access", LABEL),
        }],
    })
}

/// What was found, as options.
#[must_use]
pub fn options(found: &[Found]) -> Value {
    let fine = found.iter().filter(|f| !f.id.trim().is_empty() && units(&f.id) <= OPTION_VALUE);
    let options: Vec<Value> = fine
        .take(SHOWN)
        .map(|f| {
            let mut option = json!({ "text": plain_object(&f.title, LABEL), "value": f.id });
            if !one_line(&f.about).is_empty() {
                option["description"] = plain_object(&f.about, LABEL);
            }
            option
        })
        .collect();
    json!({ "options": options })
}

/// What was filled in, as words said to us. `None` where nothing was picked. It is read back before anything is filed.
#[must_use]
pub fn words(fields: &BTreeMap<String, String>) -> Option<String> {
    let field = |name: &str| fields.get(name).map(|t| one_line(t)).filter(|t| !t.is_empty());
    let mut words = format!("I need {}", field("what")?);
    if let Some(until) = field("until") {
        let lower = until.to_lowercase();
        let led = ["until ", "for ", "by ", "through ", "till ", "to ", "from ", "next ", "this "];
        let lasts = ["minute", "hour", "day", "week", "month", "quarter", "year"];
        let counts = lower.starts_with(|c: char| c.is_ascii_digit())
            || ["a ", "an ", "one ", "two ", "three ", "four ", "five ", "six "].iter().any(|n| lower.starts_with(n));
        let lead = if led.iter().any(|l| lower.starts_with(l)) {
            ""
        } else if counts && lasts.iter().any(|l| lower.contains(l)) {
            "for "
        } else {
            "until "
        };
        words = format!("{words} {lead}{until}");
    }
    if let Some(why) = field("why") {
        words = format!("{words}, because {why}");
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(until: &str, why: &str) -> String {
        let fields = [("what", "crm.reader"), ("until", until), ("why", why)];
        words(&fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into()).unwrap()
    }

    #[test]
    fn what_was_filled_in_becomes_a_sentence() {
        assert_eq!(said("", ""), "I need crm.reader");
        assert_eq!(said("Friday", "the audit"), "I need crm.reader until Friday, because the audit");
        assert_eq!(said("two weeks", ""), "I need crm.reader for two weeks");
        assert_eq!(said("for 3 days", ""), "I need crm.reader for 3 days");
        assert_eq!(said("end of the month", ""), "I need crm.reader until end of the month");
        assert_eq!(words(&BTreeMap::new()), None);
    }

    #[test]
    fn options_stay_within_their_limits() {
        let found = |id: &str| Found { id: id.into(), title: "t".repeat(300), about: String::new() };
        let many: Vec<Found> =
            (0..150).map(|n| found(&n.to_string())).chain([found(""), found(&"x".repeat(200))]).collect();
        let options = options(&many);
        assert_eq!(options["options"].as_array().unwrap().len(), SHOWN);
        assert!(options["options"][0]["text"]["text"].as_str().unwrap().chars().count() <= LABEL);
    }
}
