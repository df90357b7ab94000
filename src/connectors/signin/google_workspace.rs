//! Google Workspace activity reports (`admin#reports#activity`):
//! <https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities>, as the API gives them (`events` with lists of
//! parameters) and flattened to one event a record. Sign-ins are application `login`; the others are read as background.

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin::SigninOutcome;

/// Reads an activity.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let event = event(raw);
    let name = event.get("name").text();
    let application = raw.path("id.applicationName").text();
    let is_login = application.as_deref().is_none_or(|a| a == "login");
    let (outcome, code) = match name.as_deref().filter(|_| is_login) {
        Some("login_success" | "passkey_success") => (Some(SigninOutcome::Success), None),
        Some("login_failure") => (
            Some(SigninOutcome::Failure),
            parameter(event, "login_failure_type").or_else(|| parameter(event, "failure_type")),
        ),
        Some("login_challenge") => (Some(SigninOutcome::Challenge), parameter(event, "login_challenge_method")),
        Some("login_verification") => {
            let passed = parameter(event, "login_challenge_status").map(|s| s.eq_ignore_ascii_case("challenge passed"));
            let outcome = passed.map(|p| if p { SigninOutcome::Success } else { SigninOutcome::Failure });
            (outcome, parameter(event, "login_challenge_method"))
        }
        Some(name) if name.starts_with("account_disabled") || name == "suspicious_login_blocked" => {
            (Some(SigninOutcome::Blocked), Some(name.to_owned()))
        }
        _ => (None, None),
    };
    let actor = raw.get("actor");
    Draft {
        // The qualifier is unique together with the time only.
        id: match (raw.path("id.uniqueQualifier").text(), raw.path("id.time").text()) {
            (Some(qualifier), Some(time)) => Some(format!("{qualifier}@{time}")),
            _ => None,
        },
        event: match (&application, &name) {
            (Some(application), Some(name)) => Some(format!("{application}:{name}")),
            (one, other) => other.clone().or_else(|| one.clone()),
        },
        time: raw.path("id.time").text(),
        actor: first_text(actor, &["email", "key", "profileId"]),
        subject: ["affected_email_address", "USER_EMAIL", "target_user"].iter().find_map(|p| parameter(event, p)),
        outcome,
        code,
        text: event.get("type").text(),
        ip: raw.get("ipAddress").text(),
        device: first_text(event, &["userAgent"]).or_else(|| parameter(event, "DEVICE_MODEL")),
        application,
        factor: name.as_deref().filter(|n| n.starts_with("login_")).and_then(|_| {
            let method = parameter(event, "login_challenge_method")?;
            // "password" and "none" stand there too.
            Some(!["password", "none"].contains(&method.as_str()))
        }),
        risk: risk::google(name.as_deref(), flag(event, "is_suspicious")),
        session: None,
        place: parameter(event, "regionCode").or_else(|| raw.path("networkInfo.regionCode").text()),
        ..Draft::default()
    }
}

/// The event itself: in a record of the API the first of `events` that is about signing in, else the first; flattened, the record.
fn event(raw: At<'_>) -> At<'_> {
    let telling = |e: &At<'_>| e.get("name").str().is_some_and(|n| n.starts_with("login") || n.starts_with("account"));
    let events = raw.get("events");
    events.items().find(telling).or_else(|| events.items().next()).unwrap_or(raw)
}

/// A parameter, from a map or from a list of names and values.
fn parameter(event: At<'_>, name: &str) -> Option<String> {
    let parameters = event.get("parameters");
    if parameters.is_object() {
        let value = parameters.get(name);
        return value.text().or_else(|| value.items().next().and_then(At::text));
    }
    let found = parameters.items().find(|p| p.get("name").str() == Some(name))?;
    first_text(found, &["value", "intValue"]).or_else(|| found.get("multiValue").first().text())
}

/// A parameter that says yes.
fn flag(event: At<'_>, name: &str) -> bool {
    let parameters = event.get("parameters");
    if parameters.is_object() {
        return parameters.get(name).is_true();
    }
    let found = parameters.items().find(|p| p.get("name").str() == Some(name));
    found.is_some_and(|p| p.get("boolValue").is_true() || p.get("value").is_true())
}
