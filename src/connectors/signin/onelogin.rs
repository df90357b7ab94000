//! OneLogin events: <https://developers.onelogin.com/api-docs/1/events/event-resource>, from the API and from the event broadcaster.
//! The record says what happened by number only, so that no outcome stands in it: see
//! [`crate::domain::signin::SigninEvent::result`] for those numbers that are about signing in.

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin_factor;

/// Reads an event.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let number = raw.get("event_type_id").text();
    let actor = first_text(raw, &["actor_user_name", "user_name", "actor_user_id", "user_id"]);
    Draft {
        id: first_text(raw, &["uuid", "id"]),
        event: number.as_ref().map(|n| format!("event_type_id:{n}")),
        time: first_text(raw, &["created_at", "event_timestamp"]),
        subject: raw.get("user_name").text(),
        actor,
        code: number,
        text: first_text(raw, &["error_description", "notes", "custom_message"]),
        ip: first_text(raw, &["ipaddr", "proxy_ip"]),
        device: first_text(raw, &["otp_device_name", "user_agent"]),
        application: raw.get("app_name").text(),
        factor: raw.get("error_description").str().filter(|d| signin_factor::speaks_of(d)).map(|_| true),
        risk: risk::onelogin(raw),
        session: raw.get("browser_fingerprint").text(),
        ..Draft::default()
    }
}
