//! Slack sends everything to one address: events as JSON, interactions as a form with one field `payload`, commands as a form. Here they
//! are told apart. The body's signature has been checked before.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::form_urlencoded;

/// The most bytes of a body that are read. Slack's own are far smaller.
pub const MOST: usize = 512 * 1024;
/// The most fields of a command.
const FIELDS: usize = 60;

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// Slack checks the address: answer with this text.
    Challenge(String),
    /// Something happened. `once` is the event's id: the same one comes again where Slack was not sure that it arrived.
    Event {
        /// The event's id.
        once: String,
        /// The whole envelope.
        body: Value,
    },
    /// Somebody clicked, sent a form, or used a shortcut.
    Interaction(Value),
    /// Somebody used a slash command.
    Command(BTreeMap<String, String>),
}

/// Why a body makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// Too large.
    #[error("the request is too large")]
    TooLarge,
    /// Neither of the three.
    #[error("the request is neither an event nor an interaction nor a command")]
    Unknown,
}

/// Tells bodies apart by what they are, not by what a header says they are.
///
/// # Errors
/// [`ReceiveError`] where the body is none of Slack's.
pub fn read(body: &[u8]) -> Result<Incoming, ReceiveError> {
    if body.len() > MOST {
        return Err(ReceiveError::TooLarge);
    }
    if body.trim_ascii_start().starts_with(b"{") {
        let body: Value = serde_json::from_slice(body).map_err(|_| ReceiveError::Unknown)?;
        return event(body);
    }
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body).take(FIELDS) {
        // The first of several counts, so that nothing can be put behind it.
        fields.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    if let Some(payload) = fields.get("payload") {
        let payload = serde_json::from_str(payload).map_err(|_| ReceiveError::Unknown)?;
        return interaction(payload);
    }
    if fields.get("command").is_some_and(|c| c.starts_with('/')) {
        return Ok(Incoming::Command(fields));
    }
    Err(ReceiveError::Unknown)
}

/// The same for an envelope of Socket Mode: its kind says what its payload is.
///
/// # Errors
/// [`ReceiveError`] where it is none of the kinds we know.
pub fn unpack(kind: &str, payload: Value) -> Result<Incoming, ReceiveError> {
    match kind {
        "events_api" => event(payload),
        "interactive" => interaction(payload),
        "slash_commands" => {
            let Value::Object(map) = payload else { return Err(ReceiveError::Unknown) };
            let text = |value: Value| match value {
                Value::String(text) => Some(text),
                Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
                _ => None,
            };
            let fields: BTreeMap<String, String> =
                map.into_iter().take(FIELDS).filter_map(|(name, value)| Some((name, text(value)?))).collect();
            let known = fields.get("command").is_some_and(|c| c.starts_with('/'));
            known.then_some(Incoming::Command(fields)).ok_or(ReceiveError::Unknown)
        }
        _ => Err(ReceiveError::Unknown),
    }
}

fn event(body: Value) -> Result<Incoming, ReceiveError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    match text("type") {
        Some("url_verification") => {
            let challenge = text("challenge").filter(|c| c.len() <= 500).ok_or(ReceiveError::Unknown)?;
            Ok(Incoming::Challenge(challenge.to_owned()))
        }
        Some("event_callback" | "app_rate_limited") => {
            let once = text("event_id").unwrap_or_default().to_owned();
            Ok(Incoming::Event { once, body })
        }
        _ => Err(ReceiveError::Unknown),
    }
}

fn interaction(mut payload: Value) -> Result<Incoming, ReceiveError> {
    const KINDS: [&str; 6] =
        ["block_actions", "view_submission", "view_closed", "shortcut", "message_action", "block_suggestion"];
    if !payload.get("type").and_then(Value::as_str).is_some_and(|t| KINDS.contains(&t)) {
        return Err(ReceiveError::Unknown);
    }
    repair_team(&mut payload);
    Ok(Incoming::Interaction(payload))
}

/// An app installed for a whole Enterprise Grid gets `"team": null`. The person's own workspace stands in.
fn repair_team(payload: &mut Value) {
    if !payload.get("team").is_none_or(Value::is_null) {
        return;
    }
    let team = payload.pointer("/user/team_id").and_then(Value::as_str).map(str::to_owned);
    if let (Some(team), Some(map)) = (team, payload.as_object_mut()) {
        map.insert("team".into(), json!({ "id": team }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<u8> {
        let mut out = form_urlencoded::Serializer::new(String::new());
        fields.iter().for_each(|(k, v)| {
            out.append_pair(k, v);
        });
        out.finish().into_bytes()
    }

    #[test]
    fn the_four_kinds_are_told_apart() {
        let challenge = br#"{"type":"url_verification","challenge":"abc"}"#;
        assert_eq!(read(challenge), Ok(Incoming::Challenge("abc".into())));
        let event = br#" {"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}"#;
        assert!(matches!(read(event), Ok(Incoming::Event { once, .. }) if once == "Ev1"));
        let click = form(&[("payload", r#"{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"}}"#)]);
        assert!(matches!(read(&click), Ok(Incoming::Interaction(v)) if v["team"]["id"] == "T1"));
        let command = form(&[("command", "/access"), ("text", "sales & more"), ("text", "behind")]);
        assert!(matches!(read(&command), Ok(Incoming::Command(f)) if f["text"] == "sales & more"));
    }

    #[test]
    fn sharp_edge_1_the_null_team_of_a_grid_is_the_persons_own() {
        for team in [r#""team":null,"#, ""] {
            let payload = format!(r#"{{"type":"view_submission",{team}"user":{{"id":"U1","team_id":"T9"}}}}"#);
            let Ok(Incoming::Interaction(read)) = read(&form(&[("payload", &payload)])) else { panic!("{payload}") };
            assert_eq!(read["team"]["id"], "T9");
        }
    }

    #[test]
    fn sharp_edge_1_the_null_team_of_a_grid_is_repaired_in_socket_mode_too() {
        let payload = json!({"type": "block_actions", "team": null, "user": {"id": "U1", "team_id": "T9"}});
        let Ok(Incoming::Interaction(read)) = unpack("interactive", payload) else { panic!() };
        assert_eq!(read["team"]["id"], "T9");
        let command = json!({"command": "/access", "text": "x", "is_enterprise_install": false, "enterprise": null});
        assert!(matches!(unpack("slash_commands", command), Ok(Incoming::Command(f)) if f["text"] == "x"));
        let event = json!({"type": "event_callback", "event_id": "Ev1", "event": {}});
        assert!(matches!(unpack("events_api", event), Ok(Incoming::Event { once, .. }) if once == "Ev1"));
        assert_eq!(unpack("other", json!({})), Err(ReceiveError::Unknown));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", "{}", "{", "[]", "x=y", "payload=%7B%7D", "payload=x", "command=access", r#"{"type":"other"}"#]
        {
            assert_eq!(read(bad.as_bytes()), Err(ReceiveError::Unknown), "{bad}");
        }
        assert_eq!(read(&vec![b'x'; MOST + 1]), Err(ReceiveError::TooLarge));
    }
}
