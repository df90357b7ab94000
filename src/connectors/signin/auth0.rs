//! Auth0 tenant logs: <https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes>, as the API and as log streams give them
//! (there `data` wraps the record). The type code is both event and reason.

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin::SigninOutcome;
use crate::domain::signin_factor;

/// Reads a log event.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let inner = raw.get("data");
    let inner = if inner.is_object() { inner } else { raw };
    let kind = inner.get("type").text();
    Draft {
        id: first_text(inner, &["log_id", "_id"]).or_else(|| first_text(raw, &["log_id", "id"])),
        event: kind.clone(),
        time: inner.get("date").text().or_else(|| raw.get("time").text()),
        actor: first_text(inner, &["user_name", "user_id"]),
        subject: first_text(inner, &["details.request.auth.user.email", "user_id"]),
        outcome: kind.as_deref().and_then(outcome_of),
        code: kind,
        text: first_text(inner, &["description", "details.error.message"]),
        ip: first_text(inner, &["ip", "details.request.ip"]),
        device: inner.get("user_agent").text(),
        application: first_text(inner, &["client_name", "client_id"]),
        session: first_text(inner, &["session_id", "details.session_id"]),
        place: first_text(inner, &["location_info.country_code", "location_info.country_name"]),
        factor: inner.get("description").str().filter(|d| signin_factor::speaks_of(d)).map(|_| true),
        risk: risk::auth0(inner),
        ..Draft::default()
    }
}

/// Codes that begin with `s` are successes and with `f` failures, but for whole words; blocks have names of their own.
fn outcome_of(kind: &str) -> Option<SigninOutcome> {
    use SigninOutcome as O;
    match kind {
        "limit_wc"
        | "limit_mu"
        | "limit_ui"
        | "limit_sul"
        | "pwd_leak"
        | "signup_pwd_leak"
        | "reset_pwd_leak"
        | "gd_otp_rate_limit_exceed"
        | "gd_recovery_rate_limit_exceed" => Some(O::Blocked),
        "gd_auth_succeed" | "gd_recovery_succeed" => Some(O::Success),
        "gd_auth_failed" | "gd_recovery_failed" => Some(O::Failure),
        "gd_auth_rejected" => Some(O::Deny),
        "mfar" | "gd_start_auth" => Some(O::Challenge),
        _ if kind.len() > 8 => None,
        _ if kind.starts_with('s') => Some(O::Success),
        _ if kind.starts_with('f') => Some(O::Failure),
        _ => None,
    }
}
