//! What comes back from a button of ours: the token, and the fields under their own names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::action::ActionToken;

/// The most fields that are read.
const FIELDS: usize = 25;
/// The most bytes of one field.
const FIELD: usize = 16_000;

/// Reads `value.action.data` (from `Action.Execute`) or `value` (from `Action.Submit`). Nothing in it is believed: the token is checked
/// where it is opened, and the fields are words. `None` where there is no token.
#[must_use]
pub fn read(data: &Value) -> Option<(ActionToken, BTreeMap<String, String>)> {
    let token = data.get("token")?.as_str().filter(|t| t.len() <= 200)?;
    let mut fields = BTreeMap::new();
    if let Some(place) = data.get("form").and_then(Value::as_u64) {
        let lead = format!("{place}.");
        for (name, value) in data.as_object()? {
            let Some(name) = name.strip_prefix(&lead) else { continue };
            if fields.len() == FIELDS {
                break;
            }
            if let Some(value) = value.as_str().filter(|v| v.len() <= FIELD) {
                fields.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    Some((ActionToken(token.to_owned()), fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_pressed_buttons_own_fields_are_read() {
        let data = json!({ "token": "T", "form": 1, "1.reason": "no", "0.reason": "other form", "x": "y", "1.n": 4 });
        let (token, fields) = read(&data).unwrap();
        assert_eq!(token.0, "T");
        assert_eq!(fields, BTreeMap::from([("reason".to_owned(), "no".to_owned())]));
        assert_eq!(read(&json!({ "token": "T", "0.reason": "x" })).unwrap().1.len(), 0);
        assert_eq!(read(&json!({ "form": 1 })), None);
        assert_eq!(read(&json!([])), None);
    }
}
