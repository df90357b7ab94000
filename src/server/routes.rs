//! Every address there is.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::server::problem::Problem;
use crate::server::state::{House, State};
use crate::server::{
    act, apps, assets, chat, confirm, events, guard, health, helpdesk, identity, lists, oidc_pages, passkeys, people,
};

/// Addresses and what answers at them, for whoever puts several sets of them together.
pub type Routes = Router;

/// The whole server.
pub fn router(state: State) -> Router {
    let house = Arc::new(House::new(state));
    Router::new()
        .route("/", get(people::first))
        .route("/people", get(people::people))
        .route("/sign-in", get(oidc_pages::begin).post(people::become_somebody))
        .route("/sign-in/return", get(oidc_pages::come_back))
        .route("/sign-out", post(people::leave))
        .route("/chat", get(chat::page).post(chat::say))
        .route("/act", post(act::click))
        .route("/inbox", get(lists::inbox))
        .route("/mine", get(lists::mine))
        .route("/requests/{id}", get(lists::request))
        .route("/tickets/{id}", get(helpdesk::ticket))
        .route("/helpdesk", get(helpdesk::page))
        .route("/helpdesk/report.json", get(helpdesk::json))
        .route("/apps", get(apps::list))
        .route("/apps/{*entitlement}", get(apps::door))
        .route("/link/{secret}", get(identity::linking).post(identity::link))
        .route("/unlink/{secret}", get(identity::unlinking).post(identity::unlink_by))
        .route("/accounts", get(identity::accounts))
        .route("/accounts/unlink", post(identity::unlink))
        .route("/confirm/{secret}", get(confirm::page).post(confirm::decide))
        .route("/confirm/{secret}/sign-in", get(confirm::sign_in))
        .route("/confirm/{secret}/passkey", post(confirm::passkey))
        .route("/confirm/{secret}/passkey/options", post(confirm::passkey_options))
        .route("/passkeys", post(passkeys::add))
        .route("/passkeys/options", post(passkeys::options))
        .route("/passkeys/remove", post(passkeys::remove))
        .route("/passkeys/sign-in", get(confirm::sign_in_for_passkeys))
        .route("/events", get(events::events))
        .route("/static/{name}", get(assets::file))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem {
            status: axum::http::StatusCode::METHOD_NOT_ALLOWED,
            ..Problem::not_found()
        })
        .layer(from_fn_with_state(Arc::clone(&house), guard::guard))
        .with_state(house)
}
