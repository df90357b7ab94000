//! What Slack's error codes mean for us, and what an operator can do about them. The codes are those of the methods' own reference pages
//! (docs.slack.dev, read November 2026); the fatal ones include those at which other approval bots stop trying.

use std::error::Error as _;
use std::time::Duration;

use slack_morphism::errors::SlackClientError;

use crate::ports::surface::SurfaceError;

/// The token, the app or the workspace is dead for us.
const SHUT_OUT: &[&str] = &[
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "no_permission",
    "missing_scope",
    "not_allowed_token_type",
    "org_login_required",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "team_access_not_granted",
    "team_disabled",
    "team_not_found",
    "forbidden_team",
    "two_factor_setup_required",
    "access_denied",
    "app_uninstalled",
    "invalid_app_id",
    "link_disabled",
    "socket_mode_not_enabled",
    "method_deprecated",
    "deprecated_endpoint",
];

/// This message, channel or person only.
const GONE: &[&str] = &[
    "channel_not_found",
    "message_not_found",
    "thread_not_found",
    "cant_update_message",
    "edit_window_closed",
    "is_archived",
    "is_inactive",
    "not_in_channel",
    "user_not_in_channel",
    "user_not_found",
    "users_not_found",
    "user_not_visible",
    "user_disabled",
    "cannot_dm_bot",
    "cant_dm_bot",
    "messages_tab_disabled",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
    "channel_type_not_supported",
    "method_not_supported_for_channel_type",
    "mpim_not_supported",
    "used_url",
    "expired_url",
    "no_user",
    "no_channel",
];

/// Slack's own trouble: whether it was done is not known.
const TROUBLE: &[&str] = &[
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "accesslimited",
    "external_channel_migrating",
    "team_added_to_org",
    "failed_for_some_users",
];

/// Too much at once: it was not done.
const TOO_MUCH: &[&str] = &["ratelimited", "rate_limited", "message_limit_exceeded"];

/// The error of a call as the port knows it. `doing` is the method's name.
#[must_use]
pub fn surface_error(doing: &str, error: &SlackClientError) -> SurfaceError {
    let later = |after, unsure, why: &str| SurfaceError::Later { after, unsure, why: format!("{doing}: {why}") };
    match error {
        SlackClientError::RateLimitError(limit) => {
            later(Some(limit.retry_after.unwrap_or(Duration::from_secs(30))), false, "Slack asks us to be slower (429)")
        }
        SlackClientError::ApiError(error) => of_code(doing, &error.code),
        SlackClientError::HttpError(error) if error.status_code.is_server_error() => {
            later(None, true, &format!("Slack answered {}", error.status_code))
        }
        SlackClientError::HttpError(error) => {
            SurfaceError::Refused(format!("{doing}: Slack answered {}", error.status_code))
        }
        SlackClientError::HttpProtocolError(error) => {
            let cause = error.cause.as_deref().and_then(|c| c.downcast_ref::<reqwest::Error>());
            let unsent = cause.is_some_and(|c| c.is_connect() || c.is_builder());
            let why = cause.map_or_else(|| "the call broke off".to_owned(), innermost);
            later(None, !unsent, &why)
        }
        _ => later(None, true, "Slack's answer cannot be read"),
    }
}

/// The same for a code alone.
#[must_use]
pub fn of_code(doing: &str, code: &str) -> SurfaceError {
    let code = &code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect::<String>();
    let said = || format!("{doing}: Slack says `{code}`");
    let is = |list: &[&str]| list.contains(&code.as_str());
    if is(SHUT_OUT) {
        SurfaceError::ShutOut(format!("{}. {}", said(), advice(doing, code)))
    } else if is(GONE) {
        SurfaceError::Gone(said())
    } else if is(TOO_MUCH) {
        SurfaceError::Later { after: Some(Duration::from_secs(30)), unsure: false, why: said() }
    } else if is(TROUBLE) {
        SurfaceError::Later { after: None, unsure: true, why: said() }
    } else {
        SurfaceError::Refused(said())
    }
}

/// True for codes after which trying again is of no use until somebody mends something.
#[must_use]
pub fn is_fatal(code: &str) -> bool {
    SHUT_OUT.contains(&code)
}

/// What an operator can do about a code of this method.
#[must_use]
pub fn advice(doing: &str, code: &str) -> &'static str {
    match code {
        // The one method that is called with the app's own token, whose scopes cannot be changed once it is made.
        "missing_scope" if doing == "apps.connections.open" => {
            "The app-level token lacks the scope connections:write, and a token's scopes cannot be changed: generate a new one with \
             connections:write (“Basic Information” › “App-Level Tokens”), put it into CLAVIGER_SLACK__APP_TOKEN and restart."
        }
        "invalid_auth" | "not_authed" | "token_expired" => {
            "The token is not (or no longer) valid: copy it anew from the app's page (“OAuth & Permissions” for xoxb-…, “Basic \
             Information” › “App-Level Tokens” for xapp-…) into the settings and restart."
        }
        "token_revoked" | "account_inactive" | "app_uninstalled" | "invalid_app_id" => {
            "The app was removed or its token revoked: install it again (“Install App”) and put the new token into the settings."
        }
        "missing_scope" | "no_permission" => {
            "The app lacks a permission: compare its scopes with deploy/slack/manifest.yaml, add what is missing and install it again."
        }
        "not_allowed_token_type" => {
            "This is the wrong kind of token: `bot_token` begins with xoxb-, `app_token` with xapp- and has the scope connections:write."
        }
        "link_disabled" | "socket_mode_not_enabled" => {
            "Socket Mode is switched off: switch it on in the app's page (“Socket Mode”), or set mode = \"http\"."
        }
        "team_disabled"
        | "team_not_found"
        | "forbidden_team"
        | "enterprise_is_restricted"
        | "team_access_not_granted" => {
            "The workspace is closed to the app: ask its administrators whether it still exists and allows the app."
        }
        "org_login_required" | "ekm_access_denied" | "two_factor_setup_required" | "access_denied" => {
            "The organisation's administrators have suspended access: ask them."
        }
        _ => "Slack's reference of the method says what it means.",
    }
}

fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let _ = error.source();
    crate::chat::plain::one_line(&cause.to_string()).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_of_one_sort() {
        let mut all: Vec<&str> = [SHUT_OUT, GONE, TROUBLE, TOO_MUCH].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(matches!(of_code("x", "token_revoked"), SurfaceError::ShutOut(_)));
        let told = |doing: &str, code: &str| of_code(doing, code).to_string();
        let app = told("apps.connections.open", "missing_scope");
        assert!(
            app.contains("generate a new one") && app.contains("connections:write") && !app.contains("manifest"),
            "{app}"
        );
        assert!(told("users.info", "missing_scope").contains("manifest.yaml"));
        for off in ["link_disabled", "socket_mode_not_enabled"] {
            assert!(told("apps.connections.open", off).contains("switch it on"), "{off}");
        }
        assert!(matches!(of_code("x", "message_not_found"), SurfaceError::Gone(_)));
        assert!(matches!(of_code("x", "internal_error"), SurfaceError::Later { unsure: true, .. }));
        assert!(matches!(of_code("x", "ratelimited"), SurfaceError::Later { unsure: false, .. }));
        assert_eq!(of_code("x", "invalid_\nblocks"), SurfaceError::Refused("x: Slack says `invalid_blocks`".into()));
    }
}
