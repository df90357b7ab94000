//! A receiver for Claviger's webhook connector, to run or to copy from:
//!
//! ```text
//! WEBHOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw cargo run --example webhook_receiver
//! ```
//!
//! It does what every receiver has to: it checks the signature before it reads anything, refuses calls more than five minutes off, does a
//! call's work once however often the call comes, and answers with how things *stand*, not with what was asked. Here the "target system"
//! is a list in memory; put your own in `Receiver::work`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use claviger::connectors::signature::WebhookSecret;
use claviger::connectors::webhook::{Answer, AnswerState, Call, CallVerb};
use claviger::domain::ids::GrantId;

/// How far a call's timestamp may be off, in seconds (Standard Webhooks).
const TOLERANCE: i64 = 5 * 60;

/// What the receiver knows.
pub struct Receiver {
    secret: WebhookSecret,
    /// Seconds since 1970.
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    state: Mutex<Doors>,
}

/// The "target system".
#[derive(Default)]
struct Doors {
    open: BTreeSet<GrantId>,
    closed: BTreeSet<GrantId>,
    /// Ids of calls whose work is done, with how often they came.
    seen: BTreeMap<String, u32>,
}

impl Receiver {
    /// A receiver with this secret and clock.
    pub fn new(secret: WebhookSecret, now: impl Fn() -> i64 + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { secret, now: Box::new(now), state: Mutex::default() })
    }

    /// Its routes.
    pub fn routes(self: Arc<Self>) -> Router {
        Router::new().route("/", post(receive)).layer(DefaultBodyLimit::max(64 * 1024)).with_state(self)
    }

    /// How often work was done, and how often calls came, without questions.
    pub fn counts(&self) -> (usize, u32) {
        let doors = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (doors.seen.len(), doors.seen.values().sum())
    }

    fn work(&self, id: &str, call: &Call) -> Result<Answer, (StatusCode, &'static str)> {
        let mut doors = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let again = doors.seen.contains_key(id);
        match call.verb {
            CallVerb::Open if !again && doors.closed.contains(&call.grant) => {
                return Err((StatusCode::CONFLICT, "this grant was closed"));
            }
            CallVerb::Open if !again => {
                doors.open.insert(call.grant);
            }
            CallVerb::Close if !again => {
                doors.open.remove(&call.grant);
                doors.closed.insert(call.grant);
            }
            CallVerb::Open | CallVerb::Close | CallVerb::Check => {}
        }
        if call.verb != CallVerb::Check {
            *doors.seen.entry(id.to_owned()).or_default() += 1;
        }
        let open = doors.open.contains(&call.grant);
        let state = if open { AnswerState::Open } else { AnswerState::Closed };
        let evidence =
            format!("{} is {} for {}", call.entitlement.name, if open { "open" } else { "closed" }, call.person.id);
        Ok(Answer { state, evidence })
    }
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, signature) = (header("webhook-id"), header("webhook-signature"));
    let Ok(timestamp) = header("webhook-timestamp").parse::<i64>() else {
        return (StatusCode::BAD_REQUEST, "a call has a timestamp").into_response();
    };
    if !receiver.secret.verifies(signature, id, timestamp, &body) {
        return (StatusCode::UNAUTHORIZED, "the signature does not hold").into_response();
    }
    if timestamp.abs_diff((receiver.now)()) > TOLERANCE.unsigned_abs() {
        return (StatusCode::UNAUTHORIZED, "the call is too old or from the future").into_response();
    }
    let Ok(call) = serde_json::from_slice::<Call>(&body) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "the call is not of the form this receiver knows").into_response();
    };
    match receiver.work(id, &call) {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Listens on loopback.
#[tokio::main]
#[allow(dead_code, reason = "the tests use the receiver without its `main`")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret =
        std::env::var("WEBHOOK_SECRET").map_err(|_| "set WEBHOOK_SECRET to the connector's `whsec_…` secret")?;
    #[expect(clippy::disallowed_methods, reason = "a receiver has a clock of its own")]
    let now = || jiff::Timestamp::now().as_second();
    let receiver = Receiver::new(WebhookSecret::parse(&secret.into())?, now);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8787").await?;
    println!("listening on http://{}/", listener.local_addr()?);
    axum::serve(listener, receiver.routes()).await?;
    Ok(())
}
