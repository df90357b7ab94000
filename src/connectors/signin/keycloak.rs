//! Keycloak login events: the admin API's JSON (`EventRepresentation`,
//! <https://www.keycloak.org/docs-api/latest/rest-api/index.html#EventRepresentation>) and the line its `jboss-logging` listener writes.

use serde_json::{Map, Value};

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::{At, first_text};
use crate::domain::signin::SigninOutcome;

/// Reads an event.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let kind = raw.get("type").text();
    let word = |name: &str| raw.get(name).text().filter(|t| t != "null");
    let name = first_text(raw, &["details.username", "username"]);
    Draft {
        id: word("id"),
        outcome: kind
            .as_deref()
            .map(|kind| if kind.ends_with("_ERROR") { SigninOutcome::Failure } else { SigninOutcome::Success }),
        event: kind,
        time: word("time"),
        subject: name.is_some().then(|| word("userId")).flatten(),
        actor: name.or_else(|| word("userId")),
        code: word("error"),
        text: first_text(raw, &["details.reason", "reason"]),
        ip: word("ipAddress"),
        device: first_text(raw, &["details.user_agent"]),
        application: word("clientId"),
        factor: first_text(raw, &["details.credential_type", "credential_type"]).map(|kind| kind != "password"),
        session: word("sessionId").or_else(|| first_text(raw, &["details.code_id", "code_id"])),
        ..Draft::default()
    }
}

/// Takes a log line apart: `2024-05-06 10:11:12,345 WARN  [org.keycloak.events] (…) type="LOGIN_ERROR", realmId="…", …`; older versions
/// write the values without quotes.
#[must_use]
pub fn line(text: &str) -> Option<Value> {
    let from = text.find("type=")?;
    let (head, mut rest) = text.split_at(from);
    let mut fields = Map::new();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(", ").unwrap_or((after, "")),
        };
        let name = name.trim_start_matches([',', ' ']).trim();
        if name.is_empty() || name.contains(' ') || fields.len() > 40 {
            break;
        }
        fields.entry(name).or_insert_with(|| Value::from(value.trim()));
        rest = left;
    }
    let time: Vec<&str> = head.split_whitespace().take(2).collect();
    if time.len() == 2 && time[0].len() == 10 {
        fields.insert("time".to_owned(), Value::from(time.join(" ")));
    }
    fields.contains_key("realmId").then_some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signin::{Provider, ReasonClass};

    const LINE: &str = "2024-05-06 10:11:12,345 WARN  [org.keycloak.events] (executor-thread-3) type=\"LOGIN_ERROR\", \
        realmId=\"acme\", clientId=\"account-console\", userId=\"null\", ipAddress=\"10.0.0.7\", error=\"user_not_found\", \
        auth_method=\"openid-connect\", code_id=\"c-1\", username=\"ana\"";

    #[test]
    fn a_log_line_and_a_json_event() {
        let raw = line(LINE).unwrap();
        let event = read(At::of(&raw)).finish(Provider::Keycloak, crate::domain::digest::Digest::of(b""), 0);
        assert_eq!(event.actor.as_deref(), Some("ana"));
        assert_eq!(event.outcome, Some(SigninOutcome::Failure));
        assert_eq!(event.reason_code.as_deref(), Some("user_not_found"));
        assert_eq!(event.at.unwrap().to_string(), "2024-05-06T10:11:12.345Z");
        assert_eq!((event.session.as_deref(), event.subject), (Some("c-1"), None));

        let raw = serde_json::json!({ "id": "e1", "time": 1_655_921_909_015_i64, "type": "LOGIN", "realmId": "acme", "userId": "u-7",
            "details": { "username": "ana@example.com" } });
        let event = read(At::of(&raw)).finish(Provider::Keycloak, crate::domain::digest::Digest::of(b""), 0);
        assert_eq!((event.outcome, event.subject.as_deref()), (Some(SigninOutcome::Success), Some("u-7")));
        assert_eq!(event.time.as_deref(), Some("1655921909015"));
        assert_ne!(event.reason_class, Some(ReasonClass::LockedOut));
    }

    #[test]
    fn other_lines_are_none() {
        assert_eq!(line("type=notify something else"), None);
        assert_eq!(line(""), None);
        assert_eq!(line("type=\"LOGIN"), None);
    }
}
