//! Calls to Discord's REST API, version 10. Addresses are serenity's typed routes, so that an id can never be anything but a number and
//! limits are counted per route as Discord counts them.
//!
//! The calls themselves are our own rather than serenity's: its client keeps neither `Retry-After` nor the difference between “not sent”
//! and “perhaps sent”, and with its own limiter on it waits inside a call, for as long as Discord says.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use serenity::http::{RatelimitingBucket, Route};
use tokio::time::Instant;

use crate::chat::discord::errors::{Answer, meaning, seconds};
use crate::chat::discord::settings::{DISCORD, Known, SettingsError};
use crate::ports::surface::SurfaceError;

/// The longest answer read, in bytes: fifty messages with their cards.
const LONGEST_ANSWER: usize = 4 << 20;
/// The most routes whose limits are remembered.
const MOST_HELD: usize = 4_000;

/// A message's body. There is no other way to send one, and in every one all mentions are off.
#[derive(Debug, Clone, PartialEq)]
pub struct Message(Value);

impl Message {
    /// A message with this content; whatever it says of mentions is overwritten.
    #[must_use]
    pub fn new(mut content: Value) -> Self {
        content["allowed_mentions"] = json!({ "parse": [] });
        Self(content)
    }

    /// The same with a name of its own for some minutes: a second one with the same name is not posted.
    #[must_use]
    pub fn named(mut self, nonce: &str) -> Self {
        self.0["nonce"] = nonce.into();
        self.0["enforce_nonce"] = true.into();
        self
    }

    /// The same as an answer to a message in the same channel, where that still stands.
    #[must_use]
    pub fn answering(mut self, message: &str) -> Self {
        self.0["message_reference"] = json!({ "message_id": message, "fail_if_not_exists": false });
        self
    }

    /// The payload.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// The API.
pub struct Api {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    all: Option<Instant>,
    routes: HashMap<RatelimitingBucket, Instant>,
}

impl Api {
    /// A client. Nothing is called yet.
    ///
    /// # Errors
    /// Where no HTTP client can be made.
    pub fn new(known: &Known) -> Result<Self, SettingsError> {
        // A second installation is refused by the library and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(known.patience.call)
            .timeout(known.patience.call)
            .user_agent(concat!("DiscordBot (claviger, ", env!("CARGO_PKG_VERSION"), ")"))
            .build()
            .map_err(|e| SettingsError::Client(e.without_url().to_string()))?;
        Ok(Self { http, base: known.api.clone(), token: known.token.clone(), held: Mutex::default() })
    }

    /// Reads something.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn get(&self, route: Route<'_>) -> Result<Value, SurfaceError> {
        self.call(Method::GET, route, &[], None).await.map(|(value, _)| value)
    }

    /// Reads something, with a question.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn ask(&self, route: Route<'_>, query: &[(&str, &str)]) -> Result<Value, SurfaceError> {
        self.call(Method::GET, route, query, None).await.map(|(value, _)| value)
    }

    /// Reads something, and what the clock says there (RFC 9110, `Date`).
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn get_dated(&self, path: &str) -> Result<(Value, Option<String>), SurfaceError> {
        let url = self.base.join(path).map_err(|e| SurfaceError::Refused(e.to_string()))?;
        self.exchange(Method::GET, url, &[], None, true, None).await
    }

    /// Posts a message.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn post(&self, route: Route<'_>, message: &Message) -> Result<Value, SurfaceError> {
        self.call(Method::POST, route, &[], Some(&message.0)).await.map(|(value, _)| value)
    }

    /// Changes a message.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn patch(&self, route: Route<'_>, message: &Message) -> Result<Value, SurfaceError> {
        self.call(Method::PATCH, route, &[], Some(&message.0)).await.map(|(value, _)| value)
    }

    /// Takes a message away.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn delete(&self, route: Route<'_>) -> Result<(), SurfaceError> {
        self.call(Method::DELETE, route, &[], None).await.map(|_| ())
    }

    /// Answers a click or command: `answer` is the whole of it, as the interactions endpoint would give it back.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn answer(&self, route: Route<'_>, answer: &Value) -> Result<(), SurfaceError> {
        self.call(Method::POST, route, &[], Some(answer)).await.map(|_| ())
    }

    /// Sends something that is no message: a list of commands, whom to open a conversation with.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn send(&self, method: Method, route: Route<'_>, body: &Value) -> Result<Value, SurfaceError> {
        self.call(method, route, &[], Some(body)).await.map(|(value, _)| value)
    }

    async fn call(
        &self,
        method: Method,
        route: Route<'_>,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<(Value, Option<String>), SurfaceError> {
        // A ticket in the address is authority enough, and the bot's own is not shown where it is not needed.
        let ticket = match route {
            Route::InteractionResponse { token, .. }
            | Route::WebhookOriginalInteractionResponse { token, .. }
            | Route::WebhookFollowupMessages { token, .. }
            | Route::WebhookFollowupMessage { token, .. } => Some(token),
            _ => None,
        };
        let readable = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'=' | b'+');
        if ticket.is_some_and(|t| t.is_empty() || t.contains("..") || !t.bytes().all(readable)) {
            return Err(SurfaceError::Gone("the way back cannot be read".into()));
        }
        let bucket = route.ratelimiting_bucket();
        self.may(bucket)?;
        let path = route.path();
        let path = path.strip_prefix(DISCORD).unwrap_or(&path);
        let url = self.base.join(path).map_err(|e| SurfaceError::Refused(e.to_string()))?;
        self.exchange(method, url, query, body, ticket.is_none(), Some(bucket)).await
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        query: &[(&str, &str)],
        body: Option<&Value>,
        as_bot: bool,
        bucket: Option<RatelimitingBucket>,
    ) -> Result<(Value, Option<String>), SurfaceError> {
        let reads = method == Method::GET;
        let mut request = self.http.request(method, url);
        if !query.is_empty() {
            request = request.query(query);
        }
        if as_bot {
            let value = HeaderValue::from_str(&format!("Bot {}", self.token.expose_secret()));
            let mut value = value.map_err(|_| SurfaceError::ShutOut("the token cannot be sent".into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let broken = |error: reqwest::Error| later(error, reads);
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status();
        let headers = response.headers().clone();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > LONGEST_ANSWER {
                return Err(SurfaceError::Later {
                    after: None,
                    unsure: !reads,
                    why: format!("Discord's answer is longer than {LONGEST_ANSWER} bytes"),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        if !status.is_success() {
            let after = text("retry-after").or(text("x-ratelimit-reset-after"));
            let error = meaning(&Answer { status: status.as_u16(), after, body: &bytes, as_bot });
            if let (429, SurfaceError::Later { after: Some(after), .. }) = (status.as_u16(), &error) {
                let all = text("x-ratelimit-global").is_some() || text("x-ratelimit-scope") == Some("global");
                self.hold(if all { None } else { bucket }, *after, all);
            }
            return Err(error);
        }
        self.foresee(&headers, bucket);
        let date = headers.get(DATE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if bytes.is_empty() {
            return Ok((Value::Null, date));
        }
        let value = serde_json::from_slice(&bytes).map_err(|_| SurfaceError::Later {
            after: None,
            unsure: !reads,
            why: "Discord's answer cannot be read".into(),
        })?;
        Ok((value, date))
    }

    /// Nothing is called that Discord has said it will refuse: refused calls count against the address.
    fn may(&self, bucket: RatelimitingBucket) -> Result<(), SurfaceError> {
        let now = Instant::now();
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let until = held.all.max(held.routes.get(&bucket).copied());
        match until.map(|u| u.saturating_duration_since(now)).filter(|d| *d > Duration::ZERO) {
            Some(left) => Err(SurfaceError::Later {
                after: Some(left),
                unsure: false,
                why: "Discord asked to be called less often".into(),
            }),
            None => Ok(()),
        }
    }

    fn hold(&self, bucket: Option<RatelimitingBucket>, wait: Duration, all: bool) {
        let now = Instant::now();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if all {
            held.all = held.all.max(Some(now + wait));
        }
        let Some(bucket) = bucket.filter(|b| !b.is_none()) else { return };
        if held.routes.len() >= MOST_HELD {
            held.routes.retain(|_, until| *until > now);
        }
        if held.routes.len() < MOST_HELD {
            held.routes.insert(bucket, now + wait);
        }
    }

    /// Where an answer says that it was the last one for now, the next call waits.
    fn foresee(&self, headers: &HeaderMap, bucket: Option<RatelimitingBucket>) {
        let number = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).and_then(|t| t.trim().parse().ok());
        if number("x-ratelimit-remaining") == Some(0.0)
            && let Some(wait) = number("x-ratelimit-reset-after").and_then(seconds)
        {
            self.hold(bucket, wait, false);
        }
    }
}

/// A call that broke off below HTTP. What was asked for is never said: addresses may hold tickets.
fn later(error: reqwest::Error, reads: bool) -> SurfaceError {
    let unsure = !reads && !error.is_connect() && !error.is_builder();
    let why = if error.is_timeout() {
        "Discord did not answer in time".to_owned()
    } else if error.is_connect() {
        "Discord cannot be reached".to_owned()
    } else {
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        format!("the call to Discord broke off ({cause})")
    };
    SurfaceError::Later { after: None, unsure, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_mentions_anybody() {
        let sly = json!({ "content": "@everyone", "allowed_mentions": { "parse": ["everyone"] } });
        let message = Message::new(sly).named("n").answering("5");
        assert_eq!(message.value()["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(message.value()["enforce_nonce"], true);
    }
}
