//! Microsoft Entra ID sign-ins, in both shapes: the Graph resource `signIn`
//! (<https://learn.microsoft.com/graph/api/resources/signin>) and the diagnostic-settings record, which wraps the same in `properties`
//! (<https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs>).

use crate::connectors::signin::draft::{Draft, joined, outcome};
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;
use crate::domain::signin::SigninOutcome;

/// Reads a sign-in.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let inner = raw.get("properties");
    let inner = if inner.is_object() { inner } else { raw };
    let status = inner.get("status");
    let code = status.get("errorCode").text().or_else(|| raw.get("resultType").text().filter(|t| is_number(t)));
    let said = || raw.get("resultType").str().or_else(|| raw.get("resultSignature").str()).and_then(outcome);
    let device = inner.get("deviceDetail");
    Draft {
        id: first_text(inner, &["id", "uniqueTokenIdentifier"]),
        event: raw.get("category").text().or_else(|| Some("signIn".to_owned())),
        time: inner.get("createdDateTime").text().or_else(|| first_text(raw, &["time", "TimeGenerated"])),
        actor: first_text(
            inner,
            &["userPrincipalName", "servicePrincipalName", "userDisplayName", "userId", "servicePrincipalId"],
        )
        .or_else(|| raw.get("identity").text()),
        subject: inner.get("signInIdentifier").text(),
        outcome: match code.as_deref() {
            Some("0") => Some(SigninOutcome::Success),
            Some(_) => Some(SigninOutcome::Failure),
            None => said(),
        },
        code,
        text: status.get("failureReason").text().or_else(|| raw.get("resultDescription").text()),
        ip: inner.get("ipAddress").text().or_else(|| raw.get("callerIpAddress").text()),
        device: device
            .get("displayName")
            .text()
            .or_else(|| joined([device.get("operatingSystem").text(), device.get("browser").text()]))
            .or_else(|| first_text(inner, &["userAgent", "clientAppUsed"])),
        application: first_text(inner, &["appDisplayName", "resourceDisplayName"]),
        session: first_text(inner, &["sessionId", "correlationId"]).or_else(|| raw.get("correlationId").text()),
        place: first_text(inner, &["location.countryOrRegion", "location.city"]).or_else(|| raw.get("location").text()),
        factor: factor(inner).then_some(true),
        risk: risk::entra(inner),
        ..Draft::default()
    }
}

/// True where the record's own words say that a second factor was refused: the code alone may only say that one was wanted
/// (`status.additionalDetails`, `authenticationDetails[].authenticationStepResultDetail`).
fn factor(inner: At<'_>) -> bool {
    let step = |at: At<'_>| at.get("authenticationStepResultDetail").text();
    let said = inner
        .get("authenticationDetails")
        .items()
        .filter_map(step)
        .chain(inner.path("status.additionalDetails").text());
    said.map(|text| text.to_lowercase())
        .any(|text| ["mfa denied", "mfa failed"].iter().any(|words| text.contains(words)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
