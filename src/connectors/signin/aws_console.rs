//! AWS console sign-ins as CloudTrail records them:
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>.
//! There is no code: a failure has a sentence (`errorMessage`).

use crate::connectors::signin::draft::{Draft, outcome};
use crate::connectors::signin::field::{At, first_text};

/// Reads a record.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let name = raw.get("eventName").text();
    let said = name.as_deref().map_or(At::get(raw, "responseElements"), |n| raw.get("responseElements").get(n));
    Draft {
        id: raw.get("eventID").text(),
        outcome: said.str().and_then(outcome),
        event: name,
        time: raw.get("eventTime").text(),
        actor: first_text(raw, &["userIdentity.userName", "userIdentity.arn", "userIdentity.principalId"]),
        subject: raw.path("userIdentity.arn").text(),
        code: raw.get("errorCode").text(),
        text: raw.get("errorMessage").text(),
        ip: raw.get("sourceIPAddress").text(),
        device: raw.get("userAgent").text(),
        application: raw.get("recipientAccountId").text(),
        session: first_text(raw, &["userIdentity.accessKeyId", "sharedEventID"]),
        place: raw.get("awsRegion").text(),
        ..Draft::default()
    }
}
