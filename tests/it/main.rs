//! Everything that needs more than one module: one binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]
#![allow(clippy::await_holding_lock, clippy::cloned_ref_to_slice_refs, reason = "short and plain wins in tests")]

mod answered;
mod audit;
mod bot;
mod cards;
mod catalog_mistakes;
mod commands;
mod company;
mod connectors;
mod crash;
mod decision_properties;
mod decisions;
mod desks;
mod directories;
mod discord;
mod eval;
mod explain_command;
#[path = "../support/facts.rs"]
mod facts;
#[path = "../support/fake_desk.rs"]
mod fake_desk;
mod first_day;
mod fleet;
mod helpdesk;
mod identity;
mod injection;
mod journeys;
mod lockouts;
mod looks;
mod model;
mod names;
mod oidc;
mod plain_words;
mod platform;
mod polling;
mod record;
mod risk_vectors;
mod sample_cards;
mod search_quality;
mod server;
mod signin_door;
mod signin_logs;
mod slack_platform;
mod step_up_pages;
mod store;
mod stumbles;
mod surface_cards;
mod surfaces;
mod talks;
mod teams;
mod terminal;
mod time;
mod understanding;
mod unlocks;
mod unlocks_real;
mod weak_model;
mod webhook;
