//! The web pages over a make-believe desk, to look at them: `cargo run --example web_preview -- 7080`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a workbench, not part of the product")]

#[path = "../tests/support/fake_desk.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod fake_desk;

use std::sync::Arc;

use claviger::server::routes::router;
use claviger::server::run::serve;
use claviger::server::state::{Limits, Loopback, SignIn, State};
use fake_desk::{Counter, FakeDesk, HandClock, Sessions, id, people};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let port: u16 = std::env::args().nth(1).map_or(0, |text| text.parse().unwrap());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = HandClock::at("2026-11-23T10:00:00Z");
    let directory = people();
    let desk = FakeDesk::new(clock.clone(), directory.clone());
    let state = State {
        desk: desk.clone(),
        directory: Arc::new(move || directory.clone()),
        sessions: Arc::new(Sessions::default()),
        clock,
        entropy: Arc::new(Counter::default()),
        sign_in: SignIn::Demo(Loopback::new(address).unwrap()),
        doors: Some(desk),
        metrics: None,
        metrics_token: None,
        shutdown: CancellationToken::new(),
        limits: Limits::default(),
        suggestions: vec![
            "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck".into(),
            "What do I have?".into(),
            "Who approves the production database?".into(),
        ],
        featured: vec![
            (id("ana.kovac"), "Ask for the sales reports of your own department".into()),
            (id("mara.lindt"), "Ask for the same from another department".into()),
            (id("otto.hahn"), "Say yes or no to what others ask".into()),
        ],
    };
    println!("http://{address}/");
    serve(listener, router(state), CancellationToken::new()).await.unwrap();
}
