//! Microsoft Entra ID audit, in both shapes: the Graph resource `directoryAudit`
//! (<https://learn.microsoft.com/graph/api/resources/directoryaudit>) and the diagnostic-settings record around it. Intune's own
//! records, which land in the same place, name the doer in `Actor.UPN`.

use crate::connectors::signin::draft::{Draft, outcome};
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;

/// Reads an audit record.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let inner = raw.get("properties");
    let inner = if inner.is_object() { inner } else { raw };
    let by = inner.get("initiatedBy");
    let result = [inner.get("result"), raw.get("resultType"), inner.get("resultType")];
    Draft {
        id: first_text(inner, &["id", "AuditEventId"]),
        event: raw.get("operationName").text().or_else(|| inner.get("activityDisplayName").text()),
        time: inner.get("activityDateTime").text().or_else(|| first_text(raw, &["time", "TimeGenerated"])),
        actor: first_text(
            by,
            &["user.userPrincipalName", "app.displayName", "app.servicePrincipalName", "user.displayName", "user.id"],
        )
        .or_else(|| inner.path("Actor.UPN").text()),
        subject: inner
            .get("targetResources")
            .items()
            .find(|t| t.get("type").str() == Some("User"))
            .and_then(|t| first_text(t, &["userPrincipalName", "displayName"])),
        outcome: result.iter().find_map(|r| outcome(r.str()?)),
        risk: risk::entra_audit(raw.get("operationName").str().or_else(|| inner.get("activityDisplayName").str())),
        text: inner.get("resultReason").text().or_else(|| raw.get("resultDescription").text()),
        ip: by.path("user.ipAddress").text().or_else(|| raw.get("callerIpAddress").text()),
        device: first_text(inner, &["userAgent"]),
        application: inner.get("loggedByService").text(),
        session: first_text(inner, &["correlationId"]).or_else(|| raw.get("correlationId").text()),
        ..Draft::default()
    }
}
