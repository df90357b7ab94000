//! Whose log a record is from, told by its shape: fields that no other provider has together.

use serde_json::Value;

use crate::connectors::signin::field::At;
use crate::connectors::signin::windows_record::Record;
use crate::domain::signin::Provider;

/// The provider, where the shape tells.
#[must_use]
pub fn provider(raw: &Value) -> Option<Provider> {
    let at = At::of(raw);
    let has = |name: &str| at.get(name).is_there();
    let within = |way: &str| at.path(way).is_there();
    let category = at.get("category").str().unwrap_or_default();
    Some(match () {
        () if has("MESSAGE") && has("__REALTIME_TIMESTAMP") => Provider::Sshd,
        () if has("Authentication") || has("Authorization") || (has("passwordChange") && has("timestamp")) => {
            Provider::ActiveDirectory
        }
        () if has("reqStart") || has("reqType") || has("pwdFailureTime") || has("pwdAccountLockedTime") => {
            Provider::OpenldapPpolicy
        }
        () if has("sAMAccountName") || has("badPwdCount") || has("lockoutTime") || has("userAccountControl") => {
            Provider::ActiveDirectory
        }
        () if has("pwdChangedTime") || has("pwdReset") => Provider::OpenldapPpolicy,
        () if has("eventType") && (within("actor.alternateId") || has("published") || has("legacyEventType")) => {
            Provider::Okta
        }
        () if category == "AuditLogs" || within("properties.activityDateTime") || has("activityDateTime") => {
            Provider::EntraAudit
        }
        () if category.ends_with("SignInLogs") || within("properties.createdDateTime") => Provider::EntraSignin,
        () if has("createdDateTime") && (has("userPrincipalName") || within("status.errorCode")) => {
            Provider::EntraSignin
        }
        () if at.get("kind").str() == Some("admin#reports#activity") || within("id.applicationName") => {
            Provider::GoogleWorkspace
        }
        () if has("access_device") || (has("factor") && has("result") && (has("txid") || has("reason"))) => {
            Provider::DuoAuth
        }
        () if has("event_type_id") => Provider::OneLogin,
        () if has("target_user") && has("category") => Provider::OnePassword,
        () if has("IS_SUCCESS") && (has("USER_NAME") || has("EVENT_TIMESTAMP")) => Provider::SnowflakeLogin,
        () if has("eventName") && has("userIdentity") => Provider::AwsConsoleLogin,
        () if has("realmId") && has("type") => Provider::Keycloak,
        () if within("data.type") && (has("log_id") || within("data.log_id") || within("data.client_id")) => {
            Provider::Auth0
        }
        () if has("type") && has("date") && (has("log_id") || has("_id") || has("client_id")) => Provider::Auth0,
        () if Record(at).number().is_some() => Provider::WindowsSecurity,
        () if has("actor") && has("time") => Provider::Generic,
        () => return None,
    })
}
