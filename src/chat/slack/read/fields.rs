//! What was filled in: a window's state as names and values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::chat::scene::field_name;
use crate::chat::slack::limits::INPUT;

/// The most fields read.
const MOST: usize = 40;

/// The fields of a view's `state.values`, by the name of their `action_id`. What is empty is left out.
#[must_use]
pub fn filled_in(state: &Value) -> BTreeMap<String, String> {
    let blocks = state.get("values").and_then(Value::as_object);
    let elements = blocks.into_iter().flat_map(|b| b.values()).filter_map(Value::as_object).flatten();
    elements
        .filter_map(|(name, element)| Some((field_name(name)?.to_owned(), value(element)?)))
        .filter(|(_, value)| !value.trim().is_empty())
        .take(MOST)
        .collect()
}

fn value(element: &Value) -> Option<String> {
    let found = ["/value", "/selected_option/value", "/selected_date", "/selected_time", "/selected_user"]
        .iter()
        .find_map(|pointer| element.pointer(pointer).and_then(Value::as_str));
    found.map(|text| text.chars().take(INPUT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_and_choices_are_read_and_silence_is_none() {
        let state = json!({"values": {
            "why": {"why": {"type": "plain_text_input", "value": "too wide"}},
            "until": {"until": {"type": "static_select", "selected_option": {"value": "week"}}},
            "note": {"note": {"type": "plain_text_input", "value": null}},
            "blank": {"blank": {"type": "plain_text_input", "value": "  "}},
            "odd name": {"odd name": {"value": "x"}},
        }});
        assert_eq!(
            filled_in(&state),
            BTreeMap::from([("why".into(), "too wide".into()), ("until".into(), "week".into())])
        );
        assert_eq!(filled_in(&Value::Null), BTreeMap::new());
    }
}
