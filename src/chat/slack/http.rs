//! HTTP mode: one address for events, interactions and commands, as Slack's own libraries have it. The signature is checked over the body
//! byte for byte before a byte of it is read; what is not Slack's gets 401 and learns nothing else (the library's own layer answers 400).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::post;
use secrecy::SecretString;

use crate::chat::slack::receive::{MOST, ReceiveError, read};
use crate::chat::slack::reception::{Answer, Reception};
use crate::chat::slack::signature::verify;
use crate::domain::clock::Clock;

/// Where Slack sends everything to, below the public address.
pub const PATH: &str = "/slack/events";

#[derive(Clone)]
struct Door {
    reception: Arc<Reception>,
    secret: SecretString,
    clock: Arc<dyn Clock>,
}

/// The route Slack calls.
pub fn router(reception: Arc<Reception>, secret: SecretString, clock: Arc<dyn Clock>) -> Router {
    let door = Door { reception, secret, clock };
    Router::new().route(PATH, post(deliver)).layer(DefaultBodyLimit::max(MOST)).with_state(door)
}

async fn deliver(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let (time, signature) = (header("x-slack-request-timestamp"), header("x-slack-signature"));
    if let Err(error) = verify(&door.secret, time, signature, &body, door.clock.now()) {
        tracing::warn!(%error, "Slack: a request was not believed");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some(number) = header("x-slack-retry-num") {
        let reason: String = header("x-slack-retry-reason").unwrap_or_default().chars().take(40).collect();
        tracing::info!(number, reason, "Slack: a delivery comes again");
    }
    let raw = match read(&body) {
        Ok(raw) => raw,
        Err(ReceiveError::TooLarge) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        // Slack's occasional check of the certificate.
        Err(ReceiveError::Unknown) if body.starts_with(b"ssl_check=1") => return StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(%error, "Slack: a signed request makes no sense");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    match door.reception.receive(raw).await {
        Answer::Empty => StatusCode::OK.into_response(),
        Answer::Json(value) => Json(value).into_response(),
        Answer::Text(text) => text.into_response(),
        // Events come again; whoever clicked is told by Slack that it did not work.
        Answer::NotKept => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
