//! Samba's audit as JSON (`log level = auth_json_audit:3`): <https://wiki.samba.org/index.php/Setting_up_Audit_Logging>. An Active
//! Directory domain's own sign-ins, one object a line, with the numbers of Windows' events.

use crate::connectors::signin::draft::{Draft, joined};
use crate::connectors::signin::field::{At, first_text};
use crate::domain::signin::{ReasonClass, SigninOutcome};

/// Reads a record of type `Authentication`, `Authorization` or `passwordChange`.
#[must_use]
pub fn read(raw: At<'_>) -> Draft {
    let kind = raw.get("type").text().unwrap_or_default();
    let inner = raw.get(&kind);
    let status = first_text(inner, &["status", "statusCode"]).filter(|_| kind != "Authorization");
    let outcome = match (status.as_deref(), kind.as_str()) {
        (Some("NT_STATUS_OK" | "Success"), _) | (None, "Authorization") => Some(SigninOutcome::Success),
        (Some("NT_STATUS_ACCOUNT_LOCKED_OUT"), _) => Some(SigninOutcome::Blocked),
        (Some(_), _) => Some(SigninOutcome::Failure),
        (None, _) => None,
    };
    let number = inner.get("eventId").text();
    Draft {
        event: joined([number, Some(kind)]),
        time: raw.get("timestamp").text(),
        actor: first_text(inner, &["clientAccount", "mappedAccount", "account", "user"]),
        subject: first_text(inner, &["mappedAccount", "becameAccount"]),
        outcome,
        class: status.as_deref().and_then(class),
        code: status,
        ip: inner.get("remoteAddress").str().map(address),
        device: first_text(inner, &["workstation", "netlogonComputer"]),
        application: first_text(inner, &["serviceDescription"]),
        session: first_text(inner, &["logonId", "sessionId"]).filter(|id| id != "0"),
        ..Draft::default()
    }
}

/// `ipv4:10.0.0.7:49152` → `10.0.0.7`; `ipv6:fd00::1:389` → `fd00::1`.
fn address(written: &str) -> String {
    let plain = written.strip_prefix("ipv4:").or_else(|| written.strip_prefix("ipv6:"));
    let plain = plain.and_then(|p| p.rsplit_once(':')).map_or(written, |(address, _)| address);
    plain.trim_matches(['[', ']']).to_owned()
}

/// What NT status names say (MS-ERREF §2.3.1).
#[must_use]
pub fn class(status: &str) -> Option<ReasonClass> {
    Some(match status {
        "NT_STATUS_WRONG_PASSWORD" | "NT_STATUS_LOGON_FAILURE" => ReasonClass::BadCredentials,
        "NT_STATUS_NO_SUCH_USER" => ReasonClass::AccountNotFound,
        "NT_STATUS_ACCOUNT_LOCKED_OUT" => ReasonClass::LockedOut,
        "NT_STATUS_ACCOUNT_DISABLED" => ReasonClass::AccountDisabled,
        "NT_STATUS_ACCOUNT_EXPIRED" => ReasonClass::AccountExpired,
        "NT_STATUS_PASSWORD_EXPIRED" => ReasonClass::PasswordExpired,
        "NT_STATUS_PASSWORD_MUST_CHANGE" => ReasonClass::PasswordChangeRequired,
        "NT_STATUS_INVALID_LOGON_HOURS" => ReasonClass::LogonHours,
        "NT_STATUS_INVALID_WORKSTATION" => ReasonClass::Device,
        "NT_STATUS_ACCOUNT_RESTRICTION" | "NT_STATUS_LOGON_TYPE_NOT_GRANTED" => ReasonClass::NotAuthorized,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::Provider;

    #[test]
    fn a_wrong_password_over_ldap() {
        let raw = serde_json::json!({ "timestamp": "2026-11-21T02:01:12.123456+0000", "type": "Authentication", "Authentication": {
            "eventId": 4625, "logonId": "0", "status": "NT_STATUS_WRONG_PASSWORD", "remoteAddress": "ipv4:127.0.0.1:49152",
            "serviceDescription": "LDAP", "clientAccount": "ada", "mappedAccount": "ada", "workstation": null } });
        let event = read(At::of(&raw)).finish(Provider::ActiveDirectory, Digest::of(b""), 0);
        assert_eq!(
            (event.outcome, event.reason_class),
            (Some(SigninOutcome::Failure), Some(ReasonClass::BadCredentials))
        );
        assert_eq!((event.ip.as_deref(), event.actor.as_deref()), (Some("127.0.0.1"), Some("ada")));
        assert_eq!((event.subject, event.session), (None, None));
        assert_eq!(address("ipv6:fd00::1:389"), "fd00::1");
    }
}
