//! Signing in by a real provider: `oidc-provider-mock` from PyPI, started by `tests/run`, which gives its address in
//! `CLAVIGER_TEST_OIDC`. Without it these tests say so and do nothing.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use claviger::connectors::address::Reach;
use claviger::server::oidc::{Oidc, OidcSettings, PersonClaim};
use claviger::server::routes::router;
use claviger::server::state::{Limits, SignIn, State};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use url::Url;

use crate::answered::Answer;
use crate::fake_desk::{Counter, FakeDesk, HandClock, Sessions, id, people};

const HOST: &str = "localhost:7099";

fn provider() -> Option<Url> {
    let found = std::env::var("CLAVIGER_TEST_OIDC").ok().map(|text| text.parse().unwrap());
    if found.is_none() {
        println!("skipped: CLAVIGER_TEST_OIDC names no provider");
    }
    found
}

fn app(issuer: &Url, person: PersonClaim, public: &str) -> Router {
    app_with(asking(issuer, person, public))
}

fn asking(issuer: &Url, person: PersonClaim, public: &str) -> Arc<Oidc> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = OidcSettings {
        issuer: issuer.clone(),
        client_id: "claviger".into(),
        client_secret: Some("only for tests".into()),
        public_url: public.parse().unwrap(),
        person,
        scopes: vec!["email".into()],
        name: "Example login".into(),
        acr_values: Vec::new(),
        may_reach: |address| Reach::Private.allows(address),
    };
    Arc::new(Oidc::new(settings).unwrap())
}

fn app_with(oidc: Arc<Oidc>) -> Router {
    let clock = HandClock::at("2026-11-23T10:00:00Z");
    let directory = people();
    let desk = FakeDesk::new(clock.clone(), directory.clone());
    router(State {
        desk,
        directory: Arc::new(move || directory.clone()),
        sessions: Arc::new(Sessions::default()),
        clock,
        entropy: Arc::new(Counter::default()),
        sign_in: SignIn::Oidc(oidc),
        doors: None,
        metrics: Some(Arc::new(|| "up 1\n".to_owned())),
        metrics_token: Some("collector".into()),
        shutdown: CancellationToken::new(),
        limits: Limits::default(),
        suggestions: Vec::new(),
        featured: Vec::new(),
    })
}

async fn get(app: &Router, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, cookie);
    Answer::to(app, request.body(Body::empty()).unwrap()).await
}

/// Begins to sign in, says at the provider who it is, and returns the path the provider sends the browser back to, with the cookie.
async fn at_the_provider(app: &Router, sub: &str, then: &str) -> (String, String) {
    let begun = get(app, &format!("/sign-in?then={then}"), "").await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let asked: Url = begun.location().parse().unwrap();
    let query: std::collections::BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
    assert_eq!((&*query["response_type"], &*query["code_challenge_method"]), ("code", "S256"));
    assert!(query["state"].len() >= 43 && query["nonce"].len() >= 43 && query["scope"].contains("openid"));
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.post(asked).form(&[("sub", sub)]).send().await.unwrap();
    let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!((back.host_str(), back.path()), (Some("localhost"), "/sign-in/return"));
    (format!("/sign-in/return?{}", back.query().unwrap()), begun.cookie())
}

#[tokio::test]
async fn somebody_the_directory_knows_gets_in_and_out() {
    let Some(issuer) = provider() else { return };
    let app = app(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    let first = get(&app, "/inbox", "").await;
    assert_eq!(first.location(), "/?then=%2Finbox");
    let first = get(&app, "/?then=%2Finbox", "").await;
    assert!(first.body.contains("Sign in with Example login") && !first.body.contains("Ana"));
    let (back, visitor) = at_the_provider(&app, "ana.kovac", "%2Finbox").await;
    let entered = get(&app, &back, &visitor).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/inbox"), "{}", entered.body);
    let cookie = entered.cookie();
    assert_ne!(cookie, visitor, "a session gets a new name at sign-in");
    let page = get(&app, "/chat", &cookie).await;
    assert!(page.body.contains("Hello Ana") && page.body.contains("Sign out") && !page.body.contains("somebody else"));
    assert_eq!(get(&app, "/chat", &visitor).await.status, StatusCode::SEE_OTHER, "the visitor's session is over");
    let again = get(&app, &back, &visitor).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "an answer counts once");
}

#[tokio::test]
async fn an_answer_somebody_else_asked_for_is_refused() {
    let Some(issuer) = provider() else { return };
    let app = app(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    let (back, _) = at_the_provider(&app, "ana.kovac", "").await;
    assert_eq!(get(&app, &back, "").await.status, StatusCode::BAD_REQUEST, "no session");
    let (_, others) = at_the_provider(&app, "otto.hahn", "").await;
    assert_eq!(get(&app, &back, &others).await.status, StatusCode::BAD_REQUEST, "another session's state");
    // The state is taken up by a wrong answer: the right one comes too late.
    let (right, session) = at_the_provider(&app, "otto.hahn", "").await;
    let state = right.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let bad = get(&app, &format!("/sign-in/return?code=made-up&state={state}"), &session).await;
    assert_eq!(bad.status, StatusCode::BAD_GATEWAY, "{}", bad.body);
    assert_eq!(get(&app, &right, &session).await.status, StatusCode::BAD_REQUEST);
    let (right, session) = at_the_provider(&app, "otto.hahn", "").await;
    let foreign = get(&app, &format!("{right}&iss=https%3A%2F%2Fevil.example"), &session).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "another issuer's answer");
    let (_, session) = at_the_provider(&app, "otto.hahn", "").await;
    let refused = get(&app, "/sign-in/return?error=access_denied&state=x", &session).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_of_another_sign_in_fails_for_want_of_its_verifier() {
    let Some(issuer) = provider() else { return };
    let app = app(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    let (ana, _) = at_the_provider(&app, "ana.kovac", "").await;
    let (otto, session) = at_the_provider(&app, "otto.hahn", "").await;
    let part =
        |path: &str, name: &str| path.split(&format!("{name}=")).nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mixed = format!("/sign-in/return?code={}&state={}", part(&ana, "code"), part(&otto, "state"));
    let answer = get(&app, &mixed, &session).await;
    assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{}", answer.status);
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "nobody was let in");
}

#[tokio::test]
async fn somebody_unknown_or_gone_meets_a_plain_page() {
    let Some(issuer) = provider() else { return };
    let app = app(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    for (sub, said) in
        [("stranger", "does not know you"), ("gone.girl", "not active here"), ("<b>x", "does not know you")]
    {
        let (back, session) = at_the_provider(&app, sub, "").await;
        let answer = get(&app, &back, &session).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{sub}");
        assert!(answer.body.contains(said), "{sub}: {}", answer.body);
        assert_eq!(get(&app, "/chat", &session).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn people_can_be_found_by_a_table_or_by_a_verified_address() {
    let Some(issuer) = provider() else { return };
    let table = PersonClaim::SubjectTable([("00u7".to_owned(), id("mara.lindt"))].into());
    let named = app(&issuer, table, "http://localhost:7099/");
    let (back, session) = at_the_provider(&named, "00u7", "").await;
    assert_eq!(get(&named, &back, &session).await.status, StatusCode::SEE_OTHER);
    let (back, session) = at_the_provider(&named, "ana.kovac", "").await;
    assert_eq!(get(&named, &back, &session).await.status, StatusCode::FORBIDDEN, "only who stands in the table");
    // The provider does not say that an address is verified unless told to, so it names nobody.
    let mailed = app(&issuer, PersonClaim::VerifiedEmail, "http://localhost:7099/");
    let (back, session) = at_the_provider(&mailed, "ana.kovac@example.test", "").await;
    assert_eq!(get(&mailed, &back, &session).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_and_the_rest_works() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let issuer: Url = format!("http://{closed}/").parse().unwrap();
    let app = app(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    let answer = get(&app, "/sign-in", "").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.body.contains("does not answer as it should"));
    assert_eq!(get(&app, "/health/live", "").await.status, StatusCode::OK);
    assert_eq!(get(&app, "/people", "").await.status, StatusCode::NOT_FOUND, "nobody is picked here");
    assert_eq!(get(&app, "/metrics", "").await.status, StatusCode::NOT_FOUND, "a collector shows its token");
    let shown = Request::get("/metrics").header(header::AUTHORIZATION, "Bearer collector").body(Body::empty()).unwrap();
    assert_eq!(app.clone().oneshot(shown).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn over_tls_the_cookie_is_for_this_host_and_tls_only() {
    let issuer: Url = "https://login.example.com/".parse().unwrap();
    let app = app(&issuer, PersonClaim::Subject, "https://access.example.com/");
    let request = |host: &str| Request::get("/").header(header::HOST, host.to_owned()).body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request("access.example.com")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    assert_eq!(app.oneshot(request("localhost:7099")).await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

/// A provider that publishes what it is told to: its description with these changes, and these keys; nothing but errors where there is none.
async fn publishing(changes: Arc<std::sync::Mutex<Option<serde_json::Value>>>, keys: serde_json::Value) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let own = issuer.clone();
    let description = move || async move {
        let mut described = serde_json::json!({
            "issuer": own, "authorization_endpoint": format!("{own}/authorize"), "token_endpoint": format!("{own}/token"),
            "jwks_uri": format!("{own}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let Some(changes) = changes.lock().unwrap().clone() else {
            return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(serde_json::json!("away")));
        };
        described.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        (StatusCode::OK, axum::Json(described))
    };
    let router = Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(description))
        .route("/keys", axum::routing::get(|| async move { axum::Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer.parse().unwrap()
}

fn a_key() -> serde_json::Value {
    serde_json::json!({ "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": "AQAB", "e": "AQAB" }] })
}

#[tokio::test]
async fn a_provider_that_does_not_answer_as_it_should_is_told_by_what_is_wrong() {
    use serde_json::json;
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    for (changes, keys, said) in [
        (None, a_key(), "503"),
        (Some(json!({ "issuer": "https://somebody.else.example" })), a_key(), "somebody.else"),
        (Some(json!({ "response_types_supported": ["id_token"] })), a_key(), "authorization code flow"),
        (Some(json!({ "token_endpoint": null })), a_key(), "no token endpoint"),
        (Some(json!({})), json!({ "keys": [] }), "no signing keys"),
        (Some(json!({ "jwks_uri": "http://169.254.169.254/latest/meta-data" })), a_key(), "may not be called"),
        (Some(json!({ "jwks_uri": "http://keys.example.com/keys" })), a_key(), "may not be called"),
    ] {
        let issuer = publishing(Arc::new(std::sync::Mutex::new(changes.clone())), keys).await;
        let oidc = asking(&issuer, PersonClaim::Subject, "http://localhost:7099/");
        let problem = oidc.look(now).await.unwrap_err();
        assert!(problem.contains(said), "{changes:?}: {problem}");
        assert!(problem.contains(issuer.as_str().trim_end_matches('/')), "{problem}");
        assert_eq!(oidc.problem(), Some(problem));
    }
}

#[tokio::test]
async fn health_says_that_nobody_can_sign_in_until_the_provider_answers() {
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    let switch = Arc::new(std::sync::Mutex::new(None));
    let issuer = publishing(Arc::clone(&switch), a_key()).await;
    let oidc = asking(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    let app = app_with(Arc::clone(&oidc));
    oidc.look(now).await.unwrap_err();
    let ready = get(&app, "/health/ready", "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("nobody can sign in"), "{}", ready.body);
    assert_eq!(get(&app, "/health/live", "").await.status, StatusCode::OK);
    *switch.lock().unwrap() = Some(serde_json::json!({}));
    // Whoever signs in finds out as well as whoever looks.
    assert_eq!(get(&app, "/sign-in", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(get(&app, "/health/ready", "").await.status, StatusCode::OK);
    oidc.look(now).await.unwrap();
    // Going away later turns nobody away who is in: only a start without an answer counts.
    *switch.lock().unwrap() = None;
    assert_eq!(get(&app, "/health/ready", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_test_provider_is_found_in_order() {
    let Some(issuer) = provider() else { return };
    let oidc = asking(&issuer, PersonClaim::Subject, "http://localhost:7099/");
    assert_eq!(oidc.look("2026-11-23T10:00:00Z".parse().unwrap()).await, Ok(()));
    assert_eq!(oidc.problem(), None);
}
