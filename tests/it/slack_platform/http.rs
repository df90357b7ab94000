//! HTTP mode: what Slack sends to our address.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use claviger::chat::slack::http::{PATH, router};
use claviger::chat::slack::reception::{Deadlines, Reception};
use claviger::domain::card::Card;
use claviger::domain::clock::Clock as _;
use claviger::ports::surface::{Found, Now, Standing, What};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt as _;

use crate::slack_platform::Bench;
use crate::slack_platform::fake::Fault;

const SECRET: &str = "hush";

fn app(b: &Bench) -> Router {
    router(b.reception.clone(), SECRET.into(), b.clock.clone())
}

fn signed(b: &Bench, secret: &str, body: &str) -> axum::http::request::Builder {
    let time = b.clock.now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{time}:{body}").as_bytes());
    let signature = format!("v0={}", hex::encode(mac.finalize().into_bytes()));
    Request::post(PATH).header("x-slack-request-timestamp", time).header("x-slack-signature", signature)
}

async fn send(b: &Bench, request: Request<Body>) -> (StatusCode, String) {
    let answer = app(b).oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn json_of(b: &Bench, body: &Value) -> (StatusCode, String) {
    let body = body.to_string();
    send(b, signed(b, SECRET, &body).body(body.into()).unwrap()).await
}

async fn form_of(b: &Bench, payload: &Value) -> (StatusCode, String) {
    let body =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    send(b, signed(b, SECRET, &body).body(body.into()).unwrap()).await
}

fn event(id: &str, words: &str) -> Value {
    json!({
        "type": "event_callback", "team_id": "T1", "event_id": id, "event_time": 1,
        "event": {"type": "message", "channel": "DU1", "channel_type": "im", "user": "U1", "text": words, "ts": "1.1"},
    })
}

pub fn click(team: Value) -> Value {
    json!({
        "type": "block_actions", "team": team, "enterprise": {"id": "E1"}, "is_enterprise_install": true,
        "user": {"id": "U1", "team_id": "T7"}, "trigger_id": "t",
        "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1"}, "channel": {"id": "C1"},
        "actions": [{"action_id": "approve.3.0", "value": "TOKEN", "action_ts": "77.1"}],
    })
}

#[tokio::test]
async fn sharp_edge_12_what_is_not_slacks_gets_401_and_learns_nothing() {
    let b = Bench::new().await;
    let body = event("Ev1", "hello").to_string();
    let unsigned = Request::post(PATH).body(body.clone().into()).unwrap();
    let theirs = signed(&b, "guess", &body).body(body.clone().into()).unwrap();
    let altered = signed(&b, SECRET, &body).body(format!("{body} ").into()).unwrap();
    for request in [unsigned, theirs, altered] {
        assert_eq!(send(&b, request).await, (StatusCode::UNAUTHORIZED, String::new()));
    }
    let old = signed(&b, SECRET, &body).body(body.into()).unwrap();
    b.clock.forward(jiff::SignedDuration::from_secs(301));
    assert_eq!(send(&b, old).await.0, StatusCode::UNAUTHORIZED);
    b.reception.finish().await;
    assert!(b.door.dealt().is_empty());
}

#[tokio::test]
async fn slacks_check_of_the_address_is_answered() {
    let b = Bench::new().await;
    // Before it is known who we are: the app is only being set up.
    b.fake.always("auth.test", Some(Fault::Code("invalid_auth")));
    let challenge = json!({"type": "url_verification", "challenge": "abc"});
    assert_eq!(json_of(&b, &challenge).await, (StatusCode::OK, "abc".into()));
}

#[tokio::test]
async fn words_are_kept_then_acknowledged_then_dealt_with() {
    let b = Bench::new().await;
    assert_eq!(json_of(&b, &event("Ev1", "hello")).await.0, StatusCode::OK);
    b.reception.finish().await;
    let dealt = b.door.dealt();
    assert_eq!(dealt.len(), 1);
    assert!(dealt[0].private);
    assert_eq!(dealt[0].what, What::Said { words: "hello".into() });
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_acknowledged_and_comes_again() {
    let b = Bench::new().await;
    b.door.down.store(true, Ordering::SeqCst);
    assert_eq!(json_of(&b, &event("Ev1", "hello")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    b.door.down.store(false, Ordering::SeqCst);
    assert_eq!(json_of(&b, &event("Ev1", "hello")).await.0, StatusCode::OK);
    b.reception.finish().await;
    assert_eq!(b.door.dealt().len(), 1);
    // Nor is anything read before Slack said who we are.
    let b = Bench::new().await;
    b.fake.fault("auth.test", Fault::Status(503));
    assert_eq!(json_of(&b, &event("Ev1", "hello")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(&b, &event("Ev1", "hello")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn sharp_edge_2_three_deliveries_of_one_event_are_one_and_a_lone_retry_counts() {
    let b = Bench::new().await;
    for number in ["", "1", "2"] {
        let body = event("Ev1", "hello").to_string();
        let mut request = signed(&b, SECRET, &body);
        if !number.is_empty() {
            request = request.header("x-slack-retry-num", number).header("x-slack-retry-reason", "http_timeout");
        }
        assert_eq!(send(&b, request.body(body.into()).unwrap()).await.0, StatusCode::OK);
    }
    // The first try of this one was lost on its way.
    let body = event("Ev2", "again").to_string();
    let retry = signed(&b, SECRET, &body).header("x-slack-retry-num", "1").body(body.into()).unwrap();
    assert_eq!(send(&b, retry).await.0, StatusCode::OK);
    b.reception.finish().await;
    assert_eq!(b.door.dealt().len(), 2);
}

#[tokio::test]
async fn sharp_edge_1_a_grids_null_team_reaches_the_door_by_http() {
    let b = Bench::new().await;
    b.fake.is(json!({"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": true, "user_id": "UBOT"}));
    for (n, team) in [Value::Null, json!({"id": "T7"})].into_iter().enumerate() {
        let mut click = click(team);
        click["actions"][0]["action_ts"] = n.to_string().into();
        assert_eq!(form_of(&b, &click).await.0, StatusCode::OK);
    }
    b.reception.finish().await;
    let dealt = b.door.dealt();
    assert_eq!(dealt.len(), 2);
    for incoming in dealt {
        assert_eq!((incoming.back.account.space.as_str(), incoming.back.account.id.as_str()), ("E1", "U1"));
        assert_eq!(incoming.standing, None);
    }
}

#[tokio::test]
async fn people_of_other_companies_are_handed_over_as_such() {
    let b = Bench::new().await;
    assert_eq!(form_of(&b, &click(json!({"id": "T7"}))).await.0, StatusCode::OK);
    b.reception.finish().await;
    assert_eq!(b.door.dealt()[0].standing, Some(Standing::Foreign));
}

#[tokio::test]
async fn a_refusal_is_whispered_and_the_message_drawn_anew() {
    let b = Bench::new().await;
    use claviger::ports::surface::ChatSurface as _;
    let place = claviger::domain::account::Place {
        space: claviger::domain::account::PlatformId::parse("T1").unwrap(),
        channel: claviger::domain::account::PlatformId::parse("C1").unwrap(),
        thread: None,
        via: None,
    };
    let posted = b.slack.post(&place, &Card::note("waits"), "once").await.unwrap();
    let fresh = Some(Box::new(Card::note("already decided by Mara")));
    b.door.says(Now::Whisper { note: Box::new(Card::note("too late")), fresh });
    let mut click = click(json!({"id": "T1"}));
    click["user"]["team_id"] = "T1".into();
    click["container"]["message_ts"] = posted.message.as_str().into();
    assert_eq!(form_of(&b, &click).await.0, StatusCode::OK);
    b.reception.finish().await;
    assert_eq!(b.fake.messages()[0].body["blocks"][0]["text"]["text"], "already decided by Mara");
    assert_eq!(b.fake.whispers("U1")[0].body["blocks"][0]["text"]["text"], "too late");
}

#[tokio::test]
async fn names_stand_where_ids_were_and_without_them_the_words_go_on() {
    let b = Bench::new().await;
    b.fake.user("U2", json!({"id": "U2", "real_name": "Ana Kovač"}));
    json_of(&b, &event("Ev1", "access for <@U2>")).await;
    json_of(&b, &event("Ev2", "access for <@U3>")).await;
    b.reception.finish().await;
    let words: Vec<What> = b.door.dealt().into_iter().map(|i| i.what).collect();
    assert!(words.contains(&What::Said { words: "access for Ana Kovač".into() }), "{words:?}");
    assert!(words.contains(&What::Said { words: "access for @U3".into() }), "{words:?}");
}

#[tokio::test]
async fn a_name_that_is_never_told_leaves_time_to_keep_the_delivery() {
    let mut b = Bench::new().await;
    b.slack.own().await.unwrap();
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let deadlines = Deadlines { keep: second, window: second, names: minute };
    b.reception = Reception::new(b.slack.clone(), b.door.clone(), deadlines);
    b.fake.fault("users.info", Fault::Silence);
    // Its client alone would wait for twenty seconds, and Slack waits for three.
    let answer = tokio::time::timeout(Duration::from_secs(10), json_of(&b, &event("Ev1", "access for <@U2>"))).await;
    assert_eq!(answer.expect("at once").0, StatusCode::OK);
    b.reception.finish().await;
    assert_eq!(b.door.dealt()[0].what, What::Said { words: "access for @U2".into() });
}

#[tokio::test]
async fn a_command_in_somebody_elses_conversation_is_not_private() {
    let b = Bench::new().await;
    for (channel, private) in [("DU1", true), ("DTHEIRS", false), ("C1", false)] {
        let command = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("command", "/access"), ("text", "the wiki"), ("user_id", "U1"), ("team_id", "T1")])
            .extend_pairs([("channel_id", channel), ("trigger_id", channel)])
            .finish();
        assert_eq!(send(&b, signed(&b, SECRET, &command).body(command.into()).unwrap()).await.0, StatusCode::OK);
        b.reception.finish().await;
        assert_eq!(b.door.dealt().last().unwrap().private, private, "{channel}");
    }
}

#[tokio::test]
async fn what_is_typed_into_the_search_is_answered_with_what_may_be_asked_for() {
    let b = Bench::new().await;
    *b.door.found.lock().unwrap() = (0..60)
        .map(|n| Found { id: format!("crm.{n}"), title: format!("Customers {n}"), about: "CRM".into() })
        .collect();
    let typed = json!({"type": "block_suggestion", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "value": "Customers"});
    let (status, body) = form_of(&b, &typed).await;
    assert_eq!(status, StatusCode::OK);
    let options = serde_json::from_str::<Value>(&body).unwrap()["options"].as_array().unwrap().len();
    assert_eq!(options, 20);
}

#[tokio::test]
async fn nonsense_is_refused_and_too_much_of_it_too() {
    let b = Bench::new().await;
    for (body, status) in [
        ("{}".to_owned(), StatusCode::BAD_REQUEST),
        ("x".repeat(600 * 1024), StatusCode::PAYLOAD_TOO_LARGE),
        ("ssl_check=1&token=x".to_owned(), StatusCode::OK),
    ] {
        let request = signed(&b, SECRET, &body).body(Body::from(body)).unwrap();
        assert_eq!(send(&b, request).await.0, status);
    }
    assert!(b.door.dealt().is_empty());
}

#[tokio::test]
async fn sharp_edge_3_two_apps_in_one_process_each_have_their_own_door() {
    let (a, b) = (Bench::new().await, Bench::new().await);
    json_of(&a, &event("Ev1", "for a")).await;
    json_of(&b, &event("Ev1", "for b")).await;
    a.reception.finish().await;
    b.reception.finish().await;
    assert_eq!(a.door.dealt()[0].what, What::Said { words: "for a".into() });
    assert_eq!(b.door.dealt()[0].what, What::Said { words: "for b".into() });
}
