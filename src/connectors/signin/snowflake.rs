//! Snowflake `LOGIN_HISTORY`: <https://docs.snowflake.com/en/sql-reference/account-usage/login_history>.

use crate::connectors::signin::draft::{Draft, joined, outcome};
use crate::connectors::signin::field::{At, first_text};
use crate::domain::signin::SigninOutcome;

/// Reads a row.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let went = raw.get("IS_SUCCESS");
    let spoken = went.value().and_then(serde_json::Value::as_bool);
    let spoken = spoken.map(|yes| if yes { SigninOutcome::Success } else { SigninOutcome::Failure });
    Draft {
        id: raw.get("EVENT_ID").text(),
        event: raw.get("EVENT_TYPE").text(),
        time: raw.get("EVENT_TIMESTAMP").text(),
        actor: raw.get("USER_NAME").text(),
        outcome: spoken.or_else(|| went.str().and_then(outcome)),
        code: raw.get("ERROR_CODE").text(),
        text: raw.get("ERROR_MESSAGE").text(),
        ip: raw.get("CLIENT_IP").text(),
        device: joined([raw.get("REPORTED_CLIENT_TYPE").text(), raw.get("REPORTED_CLIENT_VERSION").text()]),
        application: first_text(raw, &["CONNECTION"]),
        session: raw.get("LOGIN_DETAILS").get("session_id").text(),
        ..Draft::default()
    }
}
