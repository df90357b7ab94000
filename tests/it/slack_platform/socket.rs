//! Socket Mode: acknowledged once it is kept, read on meanwhile, opened anew before it closes, and dead where only an operator helps.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger::chat::slack::socket::{Patience, Socket};
use claviger::ports::surface::{ChatSurface as _, Connection, What};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::fake_desk::Counter;
use crate::slack_platform::Bench;
use crate::slack_platform::fake::{Fault, Peer};
use crate::slack_platform::http::click;

/// Short where a test waits for it to pass, long where it must not.
fn patience() -> Patience {
    let long = Duration::from_secs(60);
    let short = Duration::from_millis(5);
    Patience { connect: long, quiet: long, pong: long, first: short, longest: short, dead: short, farewell: long }
}

struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn run(b: &Bench, patience: Patience) -> Running {
    let stop = CancellationToken::new();
    let socket = Socket {
        slack: b.slack.clone(),
        reception: b.reception.clone(),
        app_token: "xapp-test".into(),
        patience,
        entropy: Arc::new(Counter::default()),
    };
    let task = tokio::spawn(Arc::new(socket).run(stop.clone()));
    Running { stop, task }
}

impl Running {
    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

impl Peer {
    async fn say(&mut self, value: Value) {
        self.0.send(Message::text(value.to_string())).await.unwrap();
    }

    async fn hello(&mut self) {
        self.say(json!({"type": "hello", "num_connections": 1})).await;
    }

    async fn envelope(&mut self, id: &str, kind: &str, payload: Value) {
        let envelope = json!({"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": false,
            "retry_attempt": 0, "retry_reason": ""});
        self.say(envelope).await;
    }

    /// The next acknowledgement; other frames are passed over.
    async fn acknowledged(&mut self) -> Value {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn event(id: &str, words: &str) -> Value {
    json!({"type": "event_callback", "team_id": "T1", "event_id": id,
        "event": {"type": "message", "channel": "DU1", "channel_type": "im", "user": "U1", "text": words, "ts": "1.1"}})
}

/// Waits until it stands so. Nothing is asserted of how long that takes.
async fn until(b: &Bench, stands: impl Fn(&Connection) -> bool) -> Connection {
    loop {
        let now = b.slack.connection();
        if stands(&now) {
            return now;
        }
        tokio::task::yield_now().await;
    }
}

async fn up(b: &Bench) -> Peer {
    b.slack.look().await.unwrap();
    let mut peer = b.fake.socket().await;
    peer.hello().await;
    until(b, |c| *c == Connection::Up).await;
    peer
}

#[tokio::test]
async fn an_envelope_is_acknowledged_once_it_is_kept() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    peer.envelope("e1", "events_api", event("Ev1", "hello")).await;
    assert_eq!(peer.acknowledged().await["envelope_id"], "e1");
    // What cannot be kept is not acknowledged; when it comes again it is.
    b.door.down.store(true, Ordering::SeqCst);
    let mut hears = b.door.watch();
    peer.envelope("e2", "events_api", event("Ev2", "lost?")).await;
    hears.recv().await.unwrap();
    b.door.down.store(false, Ordering::SeqCst);
    peer.envelope("e3", "events_api", event("Ev2", "lost?")).await;
    assert_eq!(peer.acknowledged().await["envelope_id"], "e3");
    running.stop().await;
    let words: Vec<What> = b.door.dealt().into_iter().map(|i| i.what).collect();
    assert_eq!(words, [What::Said { words: "hello".into() }, What::Said { words: "lost?".into() }]);
}

#[tokio::test]
async fn sharp_edge_1_a_grids_null_team_reaches_the_door_by_socket() {
    let b = Bench::new().await;
    b.fake.is(json!({"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": true, "user_id": "UBOT"}));
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    peer.envelope("e1", "interactive", click(Value::Null)).await;
    peer.acknowledged().await;
    running.stop().await;
    assert_eq!(b.door.dealt()[0].back.account.space.as_str(), "E1");
}

#[tokio::test]
async fn sharp_edge_2_a_delivery_that_says_it_comes_again_is_known() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    for attempt in 0..3 {
        let envelope = json!({"envelope_id": format!("e{attempt}"), "type": "events_api", "payload": event("Ev1", "once"),
            "retry_attempt": attempt, "retry_reason": "timeout"});
        peer.say(envelope).await;
        peer.acknowledged().await;
    }
    running.stop().await;
    assert_eq!(b.door.dealt().len(), 1);
}

#[tokio::test]
async fn sharp_edge_4_frames_are_read_and_pings_answered_while_something_is_being_kept() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    let permits = b.door.keeping.forget_permits(1_000);
    let mut hears = b.door.watch();
    peer.envelope("slow", "events_api", event("Ev1", "slow")).await;
    hears.recv().await.unwrap();
    peer.envelope("second", "events_api", event("Ev2", "second")).await;
    hears.recv().await.unwrap();
    peer.0.send(Message::Ping(b"there?".to_vec().into())).await.unwrap();
    loop {
        match peer.0.next().await.unwrap().unwrap() {
            Message::Pong(said) => {
                assert_eq!(&said[..], b"there?");
                break;
            }
            Message::Text(text) => panic!("acknowledged before it was kept: {text}"),
            _ => {}
        }
    }
    b.door.keeping.add_permits(permits);
    let mut both = [peer.acknowledged().await, peer.acknowledged().await].map(|a| a["envelope_id"].to_string());
    both.sort();
    assert_eq!(both, ["\"second\"", "\"slow\""]);
    running.stop().await;
}

#[tokio::test]
async fn a_sent_window_is_answered_in_its_acknowledgement() {
    let b = Bench::new().await;
    let note = claviger::domain::card::Card::note("Say more");
    b.door.says(claviger::ports::surface::Now::Whisper { note: Box::new(note), fresh: None });
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    let view = json!({"id": "V1", "callback_id": "form", "private_metadata": "TOKEN",
        "blocks": [{"type": "input", "block_id": "why"}],
        "state": {"values": {"why": {"why": {"type": "plain_text_input", "value": "no"}}}}});
    let payload = json!({"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "t", "view": view});
    peer.envelope("e1", "interactive", payload).await;
    let answer = peer.acknowledged().await;
    assert_eq!(answer["payload"]["errors"]["why"], "Say more");
    running.stop().await;
}

#[tokio::test]
async fn the_next_connection_is_open_before_slack_closes_the_old_one() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut old = up(&b).await;
    old.say(json!({"type": "disconnect", "reason": "warning"})).await;
    let mut new = b.fake.socket().await;
    new.hello().await;
    // Both are listened to.
    old.envelope("e1", "events_api", event("Ev1", "on the old one")).await;
    assert_eq!(old.acknowledged().await["envelope_id"], "e1");
    new.envelope("e2", "events_api", event("Ev2", "on the new one")).await;
    assert_eq!(new.acknowledged().await["envelope_id"], "e2");
    // What Slack sent twice on the way is one.
    new.envelope("e3", "events_api", event("Ev1", "on the old one")).await;
    new.acknowledged().await;
    drop(old);
    assert_eq!(b.slack.connection(), Connection::Up);
    running.stop().await;
    assert_eq!(b.door.dealt().len(), 2);
}

#[tokio::test]
async fn a_lost_connection_is_opened_again() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let peer = up(&b).await;
    drop(peer);
    let mut peer = b.fake.socket().await;
    peer.hello().await;
    peer.envelope("e1", "events_api", event("Ev1", "hello")).await;
    peer.acknowledged().await;
    assert_eq!(b.slack.connection(), Connection::Up);
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_asked_and_given_up() {
    let b = Bench::new().await;
    let hasty = Patience { quiet: Duration::from_millis(20), pong: Duration::from_millis(20), ..patience() };
    let running = run(&b, hasty);
    b.slack.look().await.unwrap();
    // The first is never read from, so nothing answers our ping.
    let _silent = b.fake.socket().await;
    let mut second = b.fake.socket().await;
    second.hello().await;
    // Whoever reads answers pings by itself.
    let reading = tokio::spawn(async move { while second.0.next().await.is_some_and(|f| f.is_ok()) {} });
    until(&b, |c| *c == Connection::Up).await;
    running.stop().await;
    reading.await.unwrap();
}

#[tokio::test]
async fn sharp_edge_10_what_only_an_operator_can_mend_is_told_and_heals_when_mended() {
    for code in ["invalid_auth", "not_allowed_token_type", "token_revoked", "missing_scope"] {
        let b = Bench::new().await;
        b.slack.look().await.unwrap();
        b.fake.always("apps.connections.open", Some(Fault::Code(code)));
        let running = run(&b, Patience { dead: Duration::from_secs(3_600), ..patience() });
        let Connection::Dead(why) = until(&b, |c| matches!(c, Connection::Dead(_))).await else { panic!() };
        assert!(why.contains(code), "{why}");
        assert_eq!(b.fake.calls("apps.connections.open").len(), 1, "it is not asked again every moment");
        running.stop().await;
    }
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    b.fake.always("apps.connections.open", Some(Fault::Code("invalid_auth")));
    peer.say(json!({"type": "disconnect", "reason": "link_disabled"})).await;
    until(&b, |c| matches!(c, Connection::Dead(why) if why.contains("invalid_auth"))).await;
    b.fake.always("apps.connections.open", None);
    let mut peer = b.fake.socket().await;
    peer.hello().await;
    until(&b, |c| *c == Connection::Up).await;
    running.stop().await;
}

#[tokio::test]
async fn trouble_at_slacks_is_waited_out() {
    let b = Bench::new().await;
    b.fake.fault("apps.connections.open", Fault::Status(503));
    b.fake.fault("apps.connections.open", Fault::Break);
    b.fake.fault("apps.connections.open", Fault::TooMany(0));
    let running = run(&b, patience());
    let _peer = up(&b).await;
    assert_eq!(b.fake.calls("apps.connections.open").len(), 4);
    running.stop().await;
}

#[tokio::test]
async fn sharp_edge_11_the_loop_ends_by_its_token_and_finishes_what_was_begun() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    let permits = b.door.keeping.forget_permits(1_000);
    let mut hears = b.door.watch();
    peer.envelope("e1", "events_api", event("Ev1", "at the last moment")).await;
    hears.recv().await.unwrap();
    running.stop.cancel();
    b.door.keeping.add_permits(permits);
    assert_eq!(peer.acknowledged().await["envelope_id"], "e1", "kept, so it is said");
    let closing = tokio::spawn(async move { while peer.0.next().await.is_some_and(|f| f.is_ok()) {} });
    running.task.await.unwrap();
    closing.await.unwrap();
    assert_eq!(b.door.dealt().len(), 1);
}

#[tokio::test]
async fn nonsense_on_the_line_does_no_harm() {
    let b = Bench::new().await;
    let running = run(&b, patience());
    let mut peer = up(&b).await;
    for nonsense in ["{", "[]", "null", "{\"type\":\"other\"}", "{\"envelope_id\":\"x\",\"type\":\"events_api\"}"] {
        peer.0.send(Message::text(nonsense)).await.unwrap();
    }
    assert_eq!(peer.acknowledged().await["envelope_id"], "x", "an envelope of nothing is not sent for ever");
    peer.envelope("e1", "events_api", event("Ev1", "hello")).await;
    assert_eq!(peer.acknowledged().await["envelope_id"], "e1");
    running.stop().await;
    assert_eq!(b.door.dealt().len(), 1);
}
