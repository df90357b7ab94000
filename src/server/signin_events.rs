//! `POST /api/signin-events`: other systems send their sign-in logs. Machines only: a bearer token, no session, no cookie; JSON lines (or
//! whatever else `claviger helpdesk ingest` reads) in, counts out. There is no such address unless a token is configured.
//!
//! ```text
//! curl -H "Authorization: Bearer $TOKEN" --data-binary @events.jsonl "https://access.example.com/api/signin-events?provider=okta"
//! {"records":120,"stored":118,"known":1,"aside":{"not_json":1}}
//! ```
//!
//! | status | means |
//! |---|---|
//! | 200 | read; `aside` counts what could not be, by reason |
//! | 400 | the provider named is unknown |
//! | 401 | no token, or another one |
//! | 413 | the body is too long: send less at a time |
//! | 429 | too much at once; `Retry-After` says when to come again |
//! | 503 | the database cannot be written; send the same again later, what is known already is kept once |

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::domain::signin::Provider;
use crate::ports::signin::SigninIntake;

/// The shortest token, in characters.
pub const SHORTEST_TOKEN: usize = 32;

/// How much is too much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest body, in bytes.
    pub body: usize,
    /// Bodies in a burst; as many are given back a minute.
    pub bodies: NonZeroU32,
    /// Bodies being read at the same time.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 8 << 20, bodies: NonZeroU32::MIN.saturating_add(599), at_once: 2 }
    }
}

/// A token that is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signin_events.token has to have at least {SHORTEST_TOKEN} characters; `openssl rand -hex 32` makes one")]
pub struct ShortToken;

struct Door {
    intake: Arc<dyn SigninIntake>,
    token: [u8; 32],
    limiter: RateLimiter<NotKeyed, InMemoryState, DefaultClock>,
    seats: Semaphore,
}

/// The address, to be merged into the server's.
///
/// # Errors
/// [`ShortToken`] where the token could be guessed.
pub fn router(intake: Arc<dyn SigninIntake>, token: &SecretString, limits: Limits) -> Result<Router, ShortToken> {
    let token = token.expose_secret().trim();
    if token.chars().count() < SHORTEST_TOKEN {
        return Err(ShortToken);
    }
    let door = Arc::new(Door {
        intake,
        token: Sha256::digest(token.as_bytes()).into(),
        limiter: RateLimiter::direct(Quota::per_minute(limits.bodies)),
        seats: Semaphore::new(limits.at_once),
    });
    let address = post(take).layer(DefaultBodyLimit::max(limits.body)).with_state(door);
    Ok(Router::new().route("/api/signin-events", address))
}

#[derive(Deserialize)]
struct Asked {
    provider: Option<String>,
}

/// Digests of the same length are compared, so that neither length nor content shows in the time.
fn may(door: &Door, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (scheme, token) = shown.split_once(' ').unwrap_or_default();
    let shown: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
    scheme.eq_ignore_ascii_case("bearer") && bool::from(shown.ct_eq(&door.token))
}

fn refused(status: StatusCode, why: &str) -> Response {
    metrics::counter!("claviger_signin_bodies_total", "status" => status.as_u16().to_string()).increment(1);
    let mut response = (status, Json(json!({ "error": why }))).into_response();
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    response
}

/// The token is looked at before the body is read.
async fn take(State(door): State<Arc<Door>>, Query(asked): Query<Asked>, request: axum::extract::Request) -> Response {
    use axum::extract::FromRequest as _;
    if !may(&door, request.headers()) {
        return refused(StatusCode::UNAUTHORIZED, "show the token: Authorization: Bearer …");
    }
    if door.limiter.check().is_err() {
        return refused(StatusCode::TOO_MANY_REQUESTS, "too many bodies; come again a little later");
    }
    let Ok(_seat) = door.seats.try_acquire() else {
        return refused(StatusCode::TOO_MANY_REQUESTS, "others are being read; come again a little later");
    };
    let provider = match asked.provider.as_deref().map(str::parse::<Provider>).transpose() {
        Ok(provider) => provider,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(error) => return refused(error.status(), "the body is too long or broke off; send less at a time"),
    };
    match door.intake.take(provider, body.into()).await {
        Ok(taken) => {
            metrics::counter!("claviger_signin_bodies_total", "status" => "200").increment(1);
            metrics::counter!("claviger_signin_events_total").increment(taken.stored);
            metrics::counter!("claviger_signin_aside_total").increment(taken.aside.values().sum());
            Json(
                json!({ "records": taken.records, "stored": taken.stored, "known": taken.known, "aside": taken.aside }),
            )
            .into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "sign-in events could not be stored");
            refused(StatusCode::SERVICE_UNAVAILABLE, "nothing can be stored now; send the same again later")
        }
    }
}
