//! What comes in by HTTP: only Discord's own, answered in the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use claviger::chat::discord::endpoint::PATH;
use claviger::chat::discord::start::Receiver;
use claviger::domain::card::Card;
use claviger::domain::clock::Clock;
use claviger::ports::surface::Now;
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::discord::door::FakeDoor;
use crate::discord::fake::{Fake, answered};
use crate::discord::{NoChance, adapter, adapter_with, click, slash};

const NOW: i64 = 1_800_000_000;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

struct Set {
    fake: Fake,
    door: Arc<FakeDoor>,
    app: axum::Router,
    key: SigningKey,
}

impl Set {
    async fn up() -> Self {
        let (fake, door) = (Fake::start().await, FakeDoor::new());
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = hex::encode(key.verifying_key().as_bytes());
        let discord = adapter_with(&fake.url, Some(public), crate::discord::LONG);
        let receiver = Receiver::new(discord, door.clone(), Arc::new(Still), Arc::new(NoChance), false);
        Self { fake, door, app: receiver.router().unwrap(), key }
    }

    async fn send(&self, body: &Value, at: i64, spoil: bool) -> (StatusCode, Value) {
        let body = body.to_string();
        let signature = self.key.sign(format!("{at}{body}").as_bytes());
        let body = if spoil { format!("{body} ") } else { body };
        let request = Request::post(PATH)
            .header("x-signature-timestamp", at.to_string())
            .header("x-signature-ed25519", hex::encode(signature.to_bytes()))
            .body(Body::from(body))
            .unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn only_discords_own_words_are_heard() {
    let set = Set::up().await;
    let ping = json!({ "type": 1, "id": "1", "token": "t" });
    assert_eq!(set.send(&ping, NOW, false).await, (StatusCode::OK, json!({ "type": 1 })));
    assert_eq!(set.send(&ping, NOW, true).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(set.send(&ping, NOW - 301, false).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(set.send(&click(5, "a0:T"), NOW, true).await.0, StatusCode::UNAUTHORIZED);
    let bare = Request::post(PATH).body(Body::from(ping.to_string())).unwrap();
    assert_eq!(set.app.clone().oneshot(bare).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(set.send(&json!([1]), NOW, false).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(set.send(&json!({ "type": 99 }), NOW, false).await.0, StatusCode::BAD_REQUEST);
    assert!(set.door.dealt().is_empty());
    assert!(set.fake.calls().is_empty());
    let huge = json!({ "type": 1, "id": "x".repeat(600_000) });
    assert_eq!(set.send(&huge, NOW, false).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_answer_to_the_call_is_the_answer_to_the_click() {
    let set = Set::up().await;
    set.door.answers(Now::Replace(Box::new(Card::note("Approved"))));
    let (status, answer) = set.send(&click(100, "a0:TOK"), NOW, false).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "type": 6 })));
    // The way back may open a moment after our answer; it is tried until it has.
    set.fake.wait("PATCH /webhooks/1/ticket.100", 1).await;
    answered(&set.fake, "ticket.100");
    set.fake.wait("PATCH /webhooks/1/ticket.100", 2).await;
    assert!(set.fake.called("POST /interactions").is_empty(), "no call is made to answer");
    let (status, answer) = set.send(&slash(101, "VPN"), NOW, false).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "type": 5, "data": { "flags": 64 } })));
    // The same once more: taken by whoever took the first.
    assert_eq!(set.send(&slash(101, "VPN"), NOW, false).await.0, StatusCode::ACCEPTED);
    assert_eq!(set.door.wait(2).await.len(), 2);
}

#[tokio::test]
async fn without_a_key_there_is_no_endpoint() {
    let discord = adapter("http://127.0.0.1:1");
    let receiver = Receiver::new(discord, FakeDoor::new(), Arc::new(Still), Arc::new(NoChance), true);
    assert!(receiver.router().is_none());
}
