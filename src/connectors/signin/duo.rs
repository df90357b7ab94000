//! Duo authentication log: <https://duo.com/docs/adminapi#authentication-logs> (version 2), and the older version's flat names.

use crate::connectors::signin::draft::{Draft, joined, outcome};
use crate::connectors::signin::field::{At, first_text};
use crate::connectors::signin::risk;

/// Reads an authentication.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let device = raw.get("access_device");
    Draft {
        id: raw.get("txid").text(),
        event: match (raw.get("event_type").text(), raw.get("factor").text()) {
            (Some(kind), Some(factor)) => Some(format!("{kind}:{factor}")),
            (one, other) => one.or(other),
        },
        time: first_text(raw, &["isotimestamp", "timestamp"]),
        actor: first_text(raw, &["user.name", "username", "email", "user.key"]),
        subject: raw.get("email").text(),
        outcome: raw.get("result").str().and_then(outcome),
        code: raw.get("reason").text(),
        ip: first_text(device, &["ip"]).or_else(|| raw.get("ip").text()),
        device: device
            .get("hostname")
            .text()
            .or_else(|| joined([device.get("os").text(), device.get("browser").text()])),
        application: first_text(raw, &["application.name", "integration"]),
        place: first_text(device, &["location.country", "location.city"]),
        risk: risk::duo(raw),
        ..Draft::default()
    }
}
