//! Okta System Log: <https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/> (`LogEvent`).

use crate::connectors::signin::draft::{Draft, outcome};
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin::SigninOutcome;

/// Reads a `LogEvent`.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let (actor, client, ended) = (raw.get("actor"), raw.get("client"), raw.get("outcome"));
    let name = first_text(actor, &["alternateId", "displayName", "id"]);
    let place = client.get("geographicalContext");
    let agent = client.get("userAgent");
    Draft {
        id: raw.get("uuid").text(),
        event: first_text(raw, &["eventType", "legacyEventType"]),
        time: raw.get("published").text(),
        subject: target(raw, &["User", "AppUser"]).filter(|t| Some(t) != name.as_ref()),
        actor: name,
        outcome: ended.get("result").str().and_then(result),
        code: ended.get("reason").text(),
        text: raw.get("displayMessage").text(),
        ip: client.get("ipAddress").text().or_else(|| raw.path("request.ipChain").first().get("ip").text()),
        device: first_text(raw, &["device.name", "client.userAgent.rawUserAgent"])
            .or_else(|| first_text(agent, &["browser", "os"])),
        application: target(raw, &["AppInstance"]),
        session: first_text(raw, &["authenticationContext.externalSessionId", "transaction.id"]),
        place: first_text(place, &["country", "city"]),
        // The identity engine logs a password under the name of a second factor and says which it was beside it.
        factor: raw.path("debugContext.debugData.factor").str().filter(|f| f.contains("PASSWORD")).map(|_| false),
        risk: risk::okta(raw),
        ..Draft::default()
    }
}

/// `SUCCESS`, `FAILURE`, `DENY`, `ALLOW`, `CHALLENGE`; `SKIPPED` and `UNKNOWN` say nothing, a rate limit refuses.
fn result(word: &str) -> Option<SigninOutcome> {
    if word.eq_ignore_ascii_case("RATE_LIMIT") { Some(SigninOutcome::Deny) } else { outcome(word) }
}

/// The name of the first target of one of these types.
fn target(raw: At<'_>, types: &[&str]) -> Option<String> {
    raw.get("target")
        .items()
        .find(|t| t.get("type").str().is_some_and(|is| types.contains(&is)))
        .and_then(|t| first_text(t, &["alternateId", "displayName"]))
        .filter(|name| !name.eq_ignore_ascii_case("unknown"))
}
