//! The webhook connector against the receiver of `examples/webhook_receiver.rs`, and against receivers that misbehave.

#[path = "../../examples/webhook_receiver.rs"]
pub mod webhook_receiver;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::post;
use claviger::connectors::outgoing::Limits;
use claviger::connectors::signature::WebhookSecret;
use claviger::connectors::webhook::{Call, CallVerb, Webhook, WebhookSettings};
use claviger::domain::ids::ConnectorId;
use claviger::ports::connector::{Connector as _, ConnectorError, Holding, Receipt};

use self::webhook_receiver::Receiver;
use crate::connectors::{Case, NOW, Still, contract};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Serves these routes on a free port of loopback and answers with the address.
async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/")
}

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::parse(&text.into()).unwrap()
}

fn connector(url: &str, secret: &str, at: i64, limits: Limits) -> Webhook {
    let settings =
        WebhookSettings { url: url.into(), secret: secret.into(), allow_private: true, ends_sessions: false, limits };
    Webhook::new(ConnectorId::parse("hook").unwrap(), &settings, Arc::new(Still(at))).unwrap()
}

async fn with_receiver() -> (Arc<Receiver>, Webhook) {
    let receiver = Receiver::new(secret(SECRET), || NOW);
    let url = serve(Arc::clone(&receiver).routes()).await;
    (receiver, connector(&url, SECRET, NOW, Limits::default()))
}

async fn opened(routes: Router, limits: Limits) -> Result<Receipt, ConnectorError> {
    let url = serve(routes).await;
    connector(&url, SECRET, NOW, limits).open(&Case::new(1).errand()).await
}

fn later(result: &Result<Receipt, ConnectorError>, words: &str) -> bool {
    matches!(result, Err(ConnectorError::Unavailable { what }) if what.contains(words))
}

fn refused(result: &Result<Receipt, ConnectorError>, words: &str) -> bool {
    matches!(result, Err(ConnectorError::Refused { what }) if what.contains(words))
}

#[tokio::test]
async fn the_webhook_keeps_the_contract() {
    let (receiver, hook) = with_receiver().await;
    contract(&hook, &Case::new(1)).await;
    // Three opens (one late) and two closes came; one of each did something.
    assert_eq!(receiver.counts(), (2, 5));
}

#[tokio::test]
async fn signatures_are_those_of_the_standard() {
    let calls: Arc<std::sync::Mutex<Vec<(HeaderMap, Vec<u8>)>>> = Arc::default();
    let kept = Arc::clone(&calls);
    let routes = Router::new().route(
        "/",
        post(move |headers: HeaderMap, body: axum::body::Bytes| async move {
            kept.lock().unwrap().push((headers, body.to_vec()));
            r#"{"state":"open"}"#
        }),
    );
    let url = serve(routes).await;
    // The standard's own library looks at the real time, so this call is made at the real time.
    #[expect(clippy::disallowed_methods, reason = "the verifying library reads the system clock")]
    let now = jiff::Timestamp::now().as_second();
    let case = Case::new(1);
    connector(&url, SECRET, now, Limits::default()).open(&case.errand()).await.unwrap();
    connector(&url, SECRET, now + 1, Limits::default()).open(&case.errand()).await.unwrap();
    let calls = calls.lock().unwrap();
    let standard = standardwebhooks::Webhook::new(SECRET).unwrap();
    for (headers, body) in calls.iter() {
        standard.verify(body, headers).unwrap();
        assert!(standardwebhooks::Webhook::new(OTHER).unwrap().verify(body, headers).is_err());
        let call: Call = serde_json::from_slice(body).unwrap();
        assert_eq!((call.verb, call.grant, call.person.id), (CallVerb::Open, case.grant, case.person.id.clone()));
    }
    // The idempotency key stays the same over tries, the body too; the time does not.
    assert_eq!(calls[0].0["webhook-id"], calls[1].0["webhook-id"]);
    assert_eq!(calls[0].1, calls[1].1);
    assert_ne!(calls[0].0["webhook-timestamp"], calls[1].0["webhook-timestamp"]);
}

#[tokio::test]
async fn the_receiver_refuses_forged_stale_and_replayed_calls() {
    let (receiver, _) = with_receiver().await;
    let url = serve(Arc::clone(&receiver).routes()).await;
    let case = Case::new(1);
    let wrong = connector(&url, OTHER, NOW, Limits::default());
    assert!(refused(&wrong.open(&case.errand()).await, "signature"));
    assert!(matches!(wrong.holds(&case.errand()).await, Err(ConnectorError::Refused { .. })));
    for off in [-301, 301] {
        let stale = connector(&url, SECRET, NOW + off, Limits::default());
        assert!(refused(&stale.open(&case.errand()).await, "too old"), "{off}");
    }
    assert_eq!(receiver.counts(), (0, 0), "nothing was done");
    let hook = connector(&url, SECRET, NOW + 299, Limits::default());
    hook.open(&case.errand()).await.unwrap();
    hook.close(&case.errand()).await.unwrap();
    // A recorded call, sent again within its five minutes, does nothing: the door stays shut.
    assert!(later(&hook.open(&case.errand()).await, "nothing has changed"));
    assert_eq!(hook.holds(&case.errand()).await.unwrap(), Holding::NotHeld);
}

#[tokio::test]
async fn a_failing_receiver_is_asked_again_and_a_refusing_one_is_not() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let routes = Router::new().route(
        "/",
        post(move || async move {
            match counter.fetch_add(1, Ordering::SeqCst) {
                0 => (StatusCode::INTERNAL_SERVER_ERROR, "the basement\nis under water").into_response(),
                1 => StatusCode::ACCEPTED.into_response(),
                2 => StatusCode::TOO_MANY_REQUESTS.into_response(),
                3 => "<html>welcome</html>".into_response(),
                4 => r#"{"state":"closed"}"#.into_response(),
                5 => (StatusCode::FORBIDDEN, "not for you").into_response(),
                _ => r#"{"state":"open","evidence":"line one\nline two"}"#.into_response(),
            }
        }),
    );
    let url = serve(routes).await;
    let hook = connector(&url, SECRET, NOW, Limits::default());
    let case = Case::new(1);
    assert!(later(&hook.open(&case.errand()).await, "the basement is under water"));
    assert!(later(&hook.open(&case.errand()).await, "still at work"));
    assert!(later(&hook.open(&case.errand()).await, "429"));
    assert!(later(&hook.open(&case.errand()).await, "other than the state"));
    assert!(later(&hook.open(&case.errand()).await, "nothing has changed"));
    assert!(refused(&hook.open(&case.errand()).await, "not for you"));
    let done = hook.open(&case.errand()).await.unwrap();
    assert_eq!(done, Receipt::Confirmed { evidence: "line one line two".into() });
}

#[tokio::test]
async fn slow_endless_and_absent_receivers_are_unavailable() {
    let tiny = Limits { connect: Duration::from_millis(50), total: Duration::from_millis(50), answer: 100 };
    let silent = Router::new().route("/", post(std::future::pending::<&'static str>));
    assert!(later(&opened(silent, tiny).await, "no answer in time"));
    let long = Router::new()
        .route("/", post(|| async { format!("{{\"state\":\"open\",\"evidence\":\"{}\"}}", "x".repeat(500)) }));
    let patient = Limits { answer: 100, ..Limits::default() };
    assert!(later(&opened(long, patient).await, "longer than 100 bytes"));
    // A port that was free a moment ago: nobody listens.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let absent = connector(&url, SECRET, NOW, Limits::default()).open(&Case::new(1).errand()).await;
    assert!(later(&absent, "cannot be reached"), "{absent:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let target = Router::new().route(
        "/",
        post(move || async move {
            counter.fetch_add(1, Ordering::SeqCst);
            r#"{"state":"open"}"#
        }),
    );
    let to = serve(target).await;
    let routes = Router::new().route("/", post(move || async move { axum::response::Redirect::temporary(&to) }));
    assert!(refused(&opened(routes, Limits::default()).await, "redirects are not followed"));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_before_anything_is_sent() {
    let settings = WebhookSettings {
        url: "https://localhost:9/".into(),
        secret: SECRET.into(),
        allow_private: false,
        ends_sessions: false,
        limits: Limits::default(),
    };
    let hook = Webhook::new(ConnectorId::parse("hook").unwrap(), &settings, Arc::new(Still(NOW))).unwrap();
    let result = hook.open(&Case::new(1).errand()).await;
    assert!(refused(&result, "not a public address"), "{result:?}");
    assert!(hook.check().await.unwrap_err().contains("allow_private"));
}

#[tokio::test]
async fn a_receiver_without_questions_leaves_it_unknown() {
    let routes = Router::new().route("/other", post(|| async { "" }));
    let url = serve(routes).await;
    let hook = connector(&url, SECRET, NOW, Limits::default());
    assert_eq!(hook.holds(&Case::new(1).errand()).await.unwrap(), Holding::Unknown);
}
