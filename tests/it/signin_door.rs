//! The door for sign-in events: who may knock, with how much, and what is answered.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use claviger::connectors::signin::intake::Intake;
use claviger::ports::signin::SigninLog;
use claviger::server::signin_events::{Limits, ShortToken, router};
use claviger::store::open::open_memory;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::connectors::Still;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const LINE: &str = r#"{"id":"1","time":"2026-11-21T09:00:00Z","actor":"ana","outcome":"failure"}"#;

async fn door(limits: Limits) -> (Router, Arc<dyn SigninLog>) {
    let log: Arc<dyn SigninLog> = open_memory().await.unwrap();
    let intake = Arc::new(Intake::new(Arc::clone(&log), Arc::new(Still(1_790_000_000))));
    (router(intake, &TOKEN.into(), limits).unwrap(), log)
}

async fn knock(door: &Router, token: &str, query: &str, body: impl Into<Body>) -> (StatusCode, Value, bool) {
    let request = Request::post(format!("/api/signin-events{query}"))
        .header(header::AUTHORIZATION, token)
        .body(body.into())
        .unwrap();
    let response = door.clone().oneshot(request).await.unwrap();
    let (status, retry) = (response.status(), response.headers().contains_key(header::RETRY_AFTER));
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null), retry)
}

#[tokio::test]
async fn records_come_in_and_are_counted() {
    let (door, log) = door(Limits::default()).await;
    let body = format!("{LINE}\nbroken\n{LINE}\n");
    let (status, said, _) = knock(&door, &format!("Bearer {TOKEN}"), "", body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(said, json!({ "records": 3, "stored": 1, "known": 1, "aside": { "unknown_shape": 1 } }));
    assert_eq!(log.signin_counts().await.unwrap().values().sum::<u64>(), 1);
    let (status, said, _) = knock(&door, &format!("bearer {TOKEN}"), "?provider=nobody", LINE).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{said}");
}

#[tokio::test]
async fn without_the_token_nothing_is_read() {
    let (door, log) = door(Limits::default()).await;
    for shown in [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        "Basic 0123456789abcdef0123456789abcdef",
        "Bearer 0123456789abcdef0123456789abcdeF",
    ] {
        let (status, said, _) = knock(&door, shown, "", LINE).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{shown}");
        assert!(!said.to_string().contains(TOKEN));
    }
    assert!(log.signin_counts().await.unwrap().is_empty());
    let intake = Arc::new(Intake::new(log, Arc::new(Still(0))));
    assert_eq!(router(intake, &"short".into(), Limits::default()).err(), Some(ShortToken));
}

#[tokio::test]
async fn too_much_is_refused() {
    let limits = Limits { body: 100, bodies: NonZeroU32::new(2).unwrap(), at_once: 1 };
    let (door, _) = door(limits).await;
    let token = format!("Bearer {TOKEN}");
    assert_eq!(knock(&door, &token, "", "x".repeat(101)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(knock(&door, &token, "", LINE).await.0, StatusCode::OK);
    let (status, _, retry) = knock(&door, &token, "", LINE).await;
    assert_eq!((status, retry), (StatusCode::TOO_MANY_REQUESTS, true));
}
