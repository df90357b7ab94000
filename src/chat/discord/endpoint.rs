//! The interactions endpoint: Discord sends clicks, forms and commands by HTTP, and the answer to the call is the answer to the click.
//! Only what carries the application's signature is read. (Discord, “Receiving and Responding”, “Setting up an endpoint”.)

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::chat::discord::answer::{Answers, First};
use crate::chat::discord::read::{interaction, is_ping};
use crate::chat::discord::signature::PublicKey;
use crate::domain::clock::Clock;

/// Where Discord sends to, below our public address.
pub const PATH: &str = "/discord/interactions";
/// The longest body read. Discord's own are far smaller.
const LONGEST: usize = 512 * 1024;

/// What the endpoint needs.
pub struct Endpoint {
    /// Answers.
    pub answers: Arc<Answers>,
    /// The application's key.
    pub key: PublicKey,
    /// The time, against old requests sent again.
    pub clock: Arc<dyn Clock>,
    /// Where what follows the first answer runs; waited for at the end.
    pub tasks: TaskTracker,
}

/// The address, to be merged into the server's.
pub fn router(endpoint: Endpoint) -> Router {
    Router::new().route(PATH, post(receive).layer(DefaultBodyLimit::max(LONGEST)).with_state(Arc::new(endpoint)))
}

async fn receive(State(endpoint): State<Arc<Endpoint>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let (timestamp, signature) = (header("x-signature-timestamp"), header("x-signature-ed25519"));
    if let Err(error) = endpoint.key.verify(timestamp, signature, &body, endpoint.clock.now()) {
        metrics::counter!("claviger_discord_unsigned_total").increment(1);
        tracing::debug!(%error, "a call to the interactions endpoint is not Discord's");
        return (StatusCode::UNAUTHORIZED, "the signature is not Discord's").into_response();
    }
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "that is no interaction").into_response();
    };
    if is_ping(&value) {
        return answer(&json!({ "type": 1 }));
    }
    let read = match interaction(&value, &endpoint.answers.discord.known().guilds) {
        Ok(read) => read,
        Err(error) => {
            tracing::warn!(%error, "an interaction of Discord's cannot be read");
            return (StatusCode::BAD_REQUEST, "that is no interaction of ours").into_response();
        }
    };
    let First { answer: first, then } = endpoint.answers.first(&read).await;
    if let Some(then) = then {
        let answers = Arc::clone(&endpoint.answers);
        endpoint.tasks.spawn(async move { answers.deal(then).await });
    }
    match first {
        Some(first) => answer(&first),
        // The same delivery again: whoever took the first one answers it.
        None => StatusCode::ACCEPTED.into_response(),
    }
}

fn answer(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
