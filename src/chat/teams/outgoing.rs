//! Our own token for sending: client credentials at Microsoft's login (Microsoft Learn, “Bot Connector authentication”), kept until five
//! minutes before its end.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::chat::teams::http::Http;
use crate::chat::teams::settings::Settings;
use crate::domain::clock::Clock;
use crate::ports::surface::SurfaceError;

/// How long before its end a token is no longer used.
const EARLY: SignedDuration = SignedDuration::from_mins(5);
/// How long a login that said no is not asked again.
const SULK: SignedDuration = SignedDuration::from_secs(60);

struct Held {
    token: SecretString,
    until: Timestamp,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<(Timestamp, String)>,
}

/// Our token, fetched when needed, by one caller at a time.
pub struct Outgoing {
    settings: Arc<Settings>,
    http: Http,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Deserialize)]
struct Given {
    access_token: SecretString,
    expires_in: i64,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Outgoing {
    /// No token yet.
    #[must_use]
    pub fn new(settings: Arc<Settings>, http: Http, clock: Arc<dyn Clock>) -> Self {
        Self { settings, http, clock, state: Mutex::default() }
    }

    /// A token that holds for some minutes at least.
    ///
    /// # Errors
    /// [`SurfaceError::ShutOut`] where the login says no, with what to do; [`SurfaceError::Later`] where it cannot be reached.
    pub async fn token(&self) -> Result<SecretString, SurfaceError> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if let Some(held) = state.held.as_ref().filter(|h| now < h.until) {
            return Ok(held.token.clone());
        }
        if let Some((_, why)) = state.refused.as_ref().filter(|(at, _)| now.duration_since(*at).abs() < SULK) {
            return Err(SurfaceError::ShutOut(why.clone()));
        }
        match self.fetch().await {
            Ok(given) => {
                let lasts = SignedDuration::from_secs(given.expires_in.clamp(0, 86_400)) - EARLY;
                let until = now.checked_add(lasts.max(SignedDuration::ZERO)).unwrap_or(now);
                let token = given.access_token.clone();
                *state = State { held: Some(Held { token: given.access_token, until }), refused: None };
                Ok(token)
            }
            Err(error) => {
                state.held = None;
                if let SurfaceError::ShutOut(why) = &error {
                    state.refused = Some((now, why.clone()));
                }
                Err(error)
            }
        }
    }

    /// Forgets a token that was not taken; a newer one stays.
    pub async fn forget(&self, token: &SecretString) {
        let mut state = self.state.lock().await;
        if state.held.as_ref().is_some_and(|h| h.token.expose_secret() == token.expose_secret()) {
            state.held = None;
        }
    }

    async fn fetch(&self) -> Result<Given, SurfaceError> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.settings.app_id.as_str()),
            ("client_secret", self.settings.secret.expose_secret()),
            ("scope", self.settings.scope.as_str()),
        ];
        let call = self.http.client().post(self.settings.token_url.clone()).form(&form);
        let later =
            |why: String, after| SurfaceError::Later { after, unsure: false, why: format!("Microsoft's login: {why}") };
        let answer = self.http.send(call).await.map_err(|e| later(e.why, None))?;
        if answer.status.is_success() {
            // What stands in a broken answer may be a token: it is not repeated.
            return serde_json::from_slice(&answer.body).map_err(|_| later("its answer cannot be read".into(), None));
        }
        let denied: Option<Denied> = serde_json::from_slice(&answer.body).ok();
        match (answer.status, denied) {
            (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(denied)) => {
                Err(SurfaceError::ShutOut(advice(&denied)))
            }
            (status, _) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                Err(SurfaceError::ShutOut(format!(
                    "Microsoft's login answered {status}; check teams.app_tenant, teams.cloud and teams.login_url"
                )))
            }
            (status, _) => Err(later(format!("it answered {status}"), answer.after)),
        }
    }
}

/// The number in “AADSTS7000215: …”.
fn number(text: &str) -> Option<u32> {
    let digits = text.split_once("AADSTS")?.1;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What to do, by the error's number (Microsoft Learn, “Microsoft Entra authentication and authorization error codes”), and where the
/// number tells nothing by the error itself (RFC 6749 §5.2).
fn advice(denied: &Denied) -> String {
    let what: String = denied.error_description.chars().take_while(|c| !c.is_control()).take(160).collect();
    let todo = match (number(&what), denied.error.as_str()) {
        (Some(7_000_222), _) => {
            "the secret has expired; make a new one (Entra, “Certificates & secrets”), put its value into CLAVIGER_TEAMS__APP_SECRET and restart"
        }
        (Some(7_000_215), _) => {
            "teams.app_secret is not the application's; copy the secret's value, not its id, into CLAVIGER_TEAMS__APP_SECRET"
        }
        (Some(700_016), _) => {
            "there is no application with teams.app_id in that tenant; check teams.app_id, and set teams.app_tenant to the tenant it is \
             registered in"
        }
        (Some(90_002 | 900_023), _) => {
            "there is no such tenant; check teams.app_tenant (or the one in teams.tenants) against the tenant id in Entra, “Overview”, and \
             teams.cloud"
        }
        (Some(53_003), _) => {
            "a Conditional Access policy of your organisation forbids it; let whoever runs Entra look at the sign-in log of the service \
             principal, and take this application or this machine's address out of the policy"
        }
        (_, "invalid_client") => "teams.app_secret is not the application's; copy the secret's value, not its id",
        (_, "unauthorized_client") => {
            "the application is not known in that tenant; check teams.app_id and teams.app_tenant"
        }
        _ => "check teams.app_id, teams.app_secret and teams.app_tenant",
    };
    let error: String = denied.error.chars().filter(|c| !c.is_control()).take(60).collect();
    format!("Microsoft's login says no ({error}): {todo}. {what}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let told = |error: &str, words: &str| advice(&Denied { error: error.into(), error_description: words.into() });
        for (error, words, cure) in [
            ("invalid_client", "AADSTS7000222: The provided client secret keys are expired.", "has expired"),
            ("invalid_client", "AADSTS7000215: Invalid client secret provided.", "value, not its id"),
            ("unauthorized_client", "AADSTS700016: Application was not found", "no application with teams.app_id"),
            ("unauthorized_client", "AADSTS90002: Tenant 'x' not found.", "no such tenant"),
            ("invalid_client", "AADSTS90002: Tenant 'x' not found.", "no such tenant"),
            (
                "access_denied",
                "AADSTS53003: Access has been blocked by Conditional Access policies.",
                "Conditional Access policy",
            ),
            ("invalid_client", "something new", "teams.app_secret"),
            ("invalid_scope", "AADSTS1: something new", "check teams.app_id, teams.app_secret and teams.app_tenant"),
        ] {
            assert!(told(error, words).contains(cure), "{words}: {}", told(error, words));
        }
        assert!(told("invalid_request", "AADSTS90002: Tenant not found\r\nTrace: 1").ends_with("Tenant not found"));
    }
}
