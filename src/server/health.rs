//! For machines: is it alive, is it ready, how is it doing.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use crate::server::problem::Problem;
use crate::server::state::{House, SignIn};

/// Answers while the process runs.
pub async fn live() -> &'static str {
    "alive\n"
}

/// Answers 200 while work can be done: the database reads and writes, people can sign in, and nobody asked us to stop. A provider that goes
/// away later does not count: whoever is signed in goes on.
pub async fn ready(State(house): State<Arc<House>>) -> Response {
    if house.state.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if let SignIn::Oidc(oidc) = &house.state.sign_in
        && oidc.problem().is_some()
    {
        let said = "nobody can sign in: the sign-in provider does not answer as it should; the log says why\n";
        return (StatusCode::SERVICE_UNAVAILABLE, said).into_response();
    }
    match house.state.sessions.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached\n").into_response()
        }
    }
}

/// The metrics in the Prometheus text format (version 0.0.4).
///
/// # Errors
/// [`Problem`] where there are none, or the collector does not show its token.
pub async fn metrics(State(house): State<Arc<House>>, headers: HeaderMap) -> Result<Response, Problem> {
    let allowed = house.is_demo()
        || house.state.metrics_token.as_ref().is_some_and(|token| {
            let shown = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let wanted = format!("Bearer {}", token.expose_secret());
            shown.as_bytes().ct_eq(wanted.as_bytes()).into()
        });
    let source = house.state.metrics.as_ref().filter(|_| allowed).ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], source()).into_response())
}
