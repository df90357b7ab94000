//! How the chat platforms are, for machines and operators: `GET /health/surfaces`.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::domain::conversation::Surface;
use crate::ports::surface::Connection;
use crate::server::routes::Routes;

/// Tells how each platform's connection stands.
pub type Look = Arc<dyn Fn() -> Vec<(Surface, Connection)> + Send + Sync>;

/// The address. It answers 503 where a platform has ended until somebody mends it; the rest goes on without it, so `/health/ready` does not.
pub fn router(look: Look) -> Routes {
    Router::new().route("/health/surfaces", get(move || async move { answer(&look()) }))
}

fn answer(all: &[(Surface, Connection)]) -> Response {
    let mut status = StatusCode::OK;
    let mut lines = String::new();
    if all.is_empty() {
        lines.push_str("none configured\n");
    }
    for (surface, connection) in all {
        let said = match connection {
            Connection::Up => "up".to_owned(),
            Connection::Trying(why) => format!("trying: {why}"),
            Connection::Dead(why) => {
                status = StatusCode::SERVICE_UNAVAILABLE;
                format!("ended: {why}")
            }
        };
        lines.push_str(&format!("{} {said}\n", surface.name()));
    }
    (status, lines).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_has_ended_is_told() {
        let (up, dead) = (Connection::Up, Connection::Dead("the token was revoked".into()));
        assert_eq!(answer(&[]).status(), StatusCode::OK);
        assert_eq!(answer(&[(Surface::Slack, up.clone())]).status(), StatusCode::OK);
        assert_eq!(answer(&[(Surface::Slack, up), (Surface::Teams, dead)]).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
