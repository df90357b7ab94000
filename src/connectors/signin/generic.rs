//! The generic form, for systems that have no adapter of their own: one JSON object a sign-in, with these fields.
//!
//! ```json
//! {"id": "4711", "time": "2026-11-21T09:02:11Z", "actor": "ana.kovac@example.com", "event": "login", "outcome": "failure",
//!  "reason_code": "E12", "reason_class": "bad_credentials", "reason_text": "wrong password", "ip": "203.0.113.7",
//!  "device": "iPhone", "application": "payroll", "session": "s-99", "place": "HR", "risk": ["high", "anonymous_ip"]}
//! ```
//!
//! `time` (RFC 3339) and `actor` say when and whose; everything else may be left out. `outcome` is `success`, `failure`, `deny`,
//! `blocked` or `challenge`; `reason_class` is one of [`ReasonClass`]. Unknown fields are passed over. [`schema`] is the JSON Schema.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::connectors::signin::draft::{self, Draft};
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// One sign-in in the generic form.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct GenericSignin {
    /// The system's own id of the event.
    pub id: Option<String>,
    /// When, RFC 3339.
    pub time: String,
    /// Whose account: a mail address, a name, an id.
    pub actor: String,
    /// The account it is about, where that is another one.
    pub subject: Option<String>,
    /// What happened, in the system's word.
    pub event: Option<String>,
    /// How it went.
    pub outcome: Option<SigninOutcome>,
    /// Why, in the system's code.
    pub reason_code: Option<String>,
    /// What that code means.
    pub reason_class: Option<ReasonClass>,
    /// Why, in a sentence.
    pub reason_text: Option<String>,
    /// Where from: an address or a machine's name.
    pub ip: Option<String>,
    /// With what device or program.
    pub device: Option<String>,
    /// To what.
    pub application: Option<String>,
    /// The session's id.
    pub session: Option<String>,
    /// Country or place.
    pub place: Option<String>,
    /// What the system says of danger: `low`, `medium`, `high`, or words for what it noticed (`anonymous_ip`, `malicious_ip`,
    /// `impossible_travel`, `reported`, `confirmed_safe`).
    pub risk: Option<Vec<String>>,
}

/// The form as JSON Schema.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(GenericSignin)
}

/// Reads an object in the generic form. More is understood than the schema asks for: everyday words for outcomes and times.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    Draft {
        id: raw.get("id").text(),
        event: first_text(raw, &["event", "event_type", "action"]).or_else(|| Some("sign_in".to_owned())),
        time: first_text(raw, &["time", "timestamp", "@timestamp"]),
        actor: first_text(raw, &["actor", "user", "username", "email"]),
        subject: raw.get("subject").text(),
        outcome: first_text(raw, &["outcome", "result"]).and_then(|word| draft::outcome(&word)),
        code: first_text(raw, &["reason_code", "code"]),
        class: raw.get("reason_class").value().and_then(|v| ReasonClass::deserialize(v).ok()),
        text: first_text(raw, &["reason_text", "reason", "message"]),
        ip: first_text(raw, &["ip", "source_ip", "ip_address"]),
        device: first_text(raw, &["device", "user_agent"]),
        application: first_text(raw, &["application", "app"]),
        session: raw.get("session").text(),
        place: first_text(raw, &["place", "country"]),
        risk: risk::generic(raw),
        ..Draft::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::Provider;

    #[test]
    fn the_documented_form_reads_back() {
        let raw = serde_json::json!({ "id": "4711", "time": "2026-11-21T09:02:11Z", "actor": "ana", "outcome": "failure",
            "reason_code": "E12", "reason_class": "bad_credentials", "ip": "203.0.113.7" });
        let _: GenericSignin = serde_json::from_value(raw.clone()).unwrap();
        let event = read(At::of(&raw)).finish(Provider::Generic, Digest::of(b""), 0);
        assert_eq!(event.outcome, Some(SigninOutcome::Failure));
        assert_eq!(event.reason_class, Some(ReasonClass::BadCredentials));
        assert!(serde_json::to_string(&schema()).unwrap().contains("reason_class"));
    }
}
