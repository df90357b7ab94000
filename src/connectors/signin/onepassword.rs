//! 1Password sign-in attempts (Events API): <https://developer.1password.com/docs/events-api/reference>.

use crate::connectors::signin::draft::{Draft, joined};
use crate::connectors::signin::field::{At, first_text};
use crate::domain::signin::SigninOutcome;

/// Reads a sign-in attempt.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let category = raw.get("category").text();
    let client = raw.get("client");
    Draft {
        id: raw.get("uuid").text(),
        event: category.as_ref().map(|c| format!("sign_in:{c}")),
        time: raw.get("timestamp").text(),
        actor: first_text(raw, &["target_user.email", "target_user.name", "target_user.uuid"]),
        outcome: category.as_deref().and_then(|category| match category {
            // A firewall rule that only reports lets the person in.
            "success" | "firewall_reported_success" => Some(SigninOutcome::Success),
            failed if failed.ends_with("_failed") => Some(SigninOutcome::Failure),
            _ => None,
        }),
        code: raw.get("type").text(),
        ip: client.get("ip_address").text(),
        device: joined([client.get("os_name").text(), client.get("platform_name").text()]),
        application: client.get("app_name").text(),
        session: raw.get("session_uuid").text(),
        place: first_text(raw, &["country", "location.country"]),
        ..Draft::default()
    }
}
