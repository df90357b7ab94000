//! HTTP: web chat, inbox, request pages, sign-in, health, metrics. [`routes::router`] makes the whole of it from a [`state::State`],
//! [`run::serve`] listens. It asks `ports::desk` only and decides nothing: who is asking is settled here, whether they may is not.

pub mod act;
pub mod apps;
pub mod assets;
pub mod chat;
pub mod confirm;
pub mod doors;
pub mod events;
pub mod guard;
pub mod health;
pub mod helpdesk;
pub mod identity;
pub mod lists;
pub mod oidc;
pub mod oidc_pages;
pub mod pages;
pub mod passkeys;
pub mod people;
pub mod problem;
pub mod routes;
pub mod run;
pub mod session;
pub mod signin_events;
pub mod state;
pub mod surfaces;
pub mod visit;
pub mod webauthn;
