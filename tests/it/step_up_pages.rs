//! Proving once more by the provider, on our pages: a provider of the test's own signs whatever it is told to, so that every answer that
//! must not count can be given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::connectors::address::Reach;
use claviger::domain::card::{Inline, Section};
use claviger::domain::conversation::Surface;
use claviger::domain::event::{EventBody, HouseEvent};
use claviger::domain::request::{Confirmed, RequestEvent};
use claviger::ports::desk::{Desk as _, DeskErrorKind};
use claviger::ports::store::Shared;
use claviger::server::oidc::{Oidc, OidcSettings, PersonClaim};
use claviger::server::routes::router;
use claviger::server::state::{Limits, SignIn, State};
use claviger::workflow::desk::FrontDesk;
use claviger::workflow::house::{Outside, StepUp};
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::answered::Answer;
use crate::bot::{SeededEntropy, TestBot, person};

const HOST: &str = "localhost:7099";
const STRONG: &str = "urn:example:two-factors";
/// Whoever security is.
const JASPER: &str = "jasper.de-vries";

/// A provider that signs the claims it was told.
#[derive(Clone)]
struct Provider {
    issuer: Url,
    says: Arc<Mutex<Value>>,
}

async fn provider() -> Provider {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let says = Arc::new(Mutex::new(Value::Null));
    let described = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    let keys =
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": public }] });
    let told = Arc::clone(&says);
    let token = move || async move {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = told.lock().unwrap().clone();
        let body = format!("{}.{}", part(&json!({ "alg": "EdDSA", "kid": "1" })), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(body.as_bytes()).to_bytes());
        axum::Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": format!("{body}.{signature}") }))
    };
    let routes = Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(|| async move { axum::Json(described) }))
        .route("/keys", axum::routing::get(|| async move { axum::Json(keys) }))
        .route("/token", axum::routing::post(token));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Provider { issuer: issuer.parse().unwrap(), says }
}

struct Site {
    bot: TestBot,
    app: Router,
    provider: Provider,
    cookie: Mutex<String>,
}

impl Site {
    async fn open() -> Self {
        let bot = TestBot::with_outside(Outside::default(), |house| house.step_up = StepUp::Pages).await;
        let provider = provider().await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = OidcSettings {
            issuer: provider.issuer.clone(),
            client_id: "claviger".into(),
            client_secret: None,
            public_url: format!("http://{HOST}/").parse().unwrap(),
            person: PersonClaim::Subject,
            scopes: Vec::new(),
            name: "Example login".into(),
            acr_values: vec![STRONG.into()],
            may_reach: |address| Reach::Private.allows(address),
        };
        let directory = bot.house.catalog.directory.clone();
        let sessions: Arc<dyn Shared> = bot.house.store.clone();
        let app = router(State {
            desk: Arc::new(FrontDesk(Arc::clone(&bot.house))),
            directory: Arc::new(move || directory.clone()),
            sessions,
            clock: bot.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(3)),
            sign_in: SignIn::Oidc(Arc::new(Oidc::new(settings).unwrap())),
            doors: None,
            metrics: None,
            metrics_token: None,
            shutdown: CancellationToken::new(),
            limits: Limits::default(),
            suggestions: Vec::new(),
            featured: Vec::new(),
        });
        let site = Self { bot, app, provider, cookie: Mutex::default() };
        site.sign_in(JASPER).await;
        site
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookie = self.cookie.lock().unwrap().clone();
        let request = request.header(header::HOST, HOST).header(header::COOKIE, cookie).body(Body::from(body)).unwrap();
        let answer = Answer::to(&self.app, request).await;
        if let Some(set) = answer.set_cookie() {
            *self.cookie.lock().unwrap() = set;
        }
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    /// Sends a form of ours with the token of the accounts page.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/accounts").await.body;
        let csrf =
            page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default().split('"').next().unwrap().to_owned();
        let fields = fields.iter().copied().chain([("csrf", csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), body).await
    }

    /// What the provider answers a sign-in with that was begun by this redirect.
    fn answers(&self, begun: &Answer, sub: &str, more: Value) -> String {
        let asked: Url = begun.location().parse().unwrap_or_else(|e| panic!("{e}: {} {}", begun.status, begun.body));
        let query: BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
        let now = self.bot.clock_now();
        let mut claims = json!({
            "iss": self.provider.issuer.as_str().trim_end_matches('/'), "aud": "claviger", "sub": sub, "nonce": query["nonce"],
            "iat": now.as_second(), "exp": 4_000_000_000_i64,
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        *self.provider.says.lock().unwrap() = claims;
        format!("/sign-in/return?code=c&state={}", query["state"])
    }

    async fn sign_in(&self, who: &str) {
        self.cookie.lock().unwrap().clear();
        let begun = self.get("/sign-in").await;
        let back = self.answers(&begun, who, json!({}));
        let entered = self.get(&back).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    }

    /// Security is asked for production data and clicks Approve in Slack.
    async fn asked(&self) -> String {
        self.bot
            .say("elena.popescu", "I need permanent read access to the production database, to train the churn model")
            .await;
        self.bot.press("elena.popescu", "Submit").await;
        self.clicked().await
    }

    async fn clicked(&self) -> String {
        self.bot.inbox(JASPER).await;
        let token = self.bot.token(&person(JASPER), "Approve");
        let error = self.bot.desk.click(&person(JASPER), Surface::Slack, &token, &BTreeMap::new()).await.unwrap_err();
        assert_eq!(error.kind, DeskErrorKind::StepUp);
        let card = error.fresh.unwrap();
        let path = card.body.iter().find_map(|section| match section {
            Section::Para { text } => text.iter().find_map(|part| match part {
                Inline::Link { path, .. } => Some(path.clone()),
                _ => None,
            }),
            _ => None,
        });
        path.unwrap()
    }

    async fn votes(&self) -> Vec<Option<Confirmed>> {
        let events = self.bot.house.store.events(0, 10_000).await.unwrap().into_iter().map(|e| e.event.body);
        let votes = events.filter_map(|body| match body {
            EventBody::Request(RequestEvent::Voted { vote }) => Some(vote.confirmed),
            _ => None,
        });
        votes.collect()
    }

    async fn refusals(&self) -> Vec<String> {
        let events = self.bot.house.store.events(0, 10_000).await.unwrap().into_iter().map(|e| e.event.body);
        let refused = events.filter_map(|body| match body {
            EventBody::House(HouseEvent::Refused { verb, cause, .. }) if verb == "confirm" => Some(cause),
            _ => None,
        });
        refused.collect()
    }
}

trait Now {
    fn clock_now(&self) -> Timestamp;
}

impl Now for TestBot {
    fn clock_now(&self) -> Timestamp {
        self.house.now()
    }
}

#[tokio::test]
async fn a_second_sign_in_counts_only_if_it_is_theirs_just_now_and_strong_enough() {
    let site = Site::open().await;
    let link = site.asked().await;
    let page = site.get(&link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in ["Confirm it is you", "Elena", "Sign in again with Example login", "until"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let unproved = site.post(&link, &[]).await;
    assert_eq!(unproved.status, StatusCode::FORBIDDEN);
    assert!(unproved.body.contains("not proved yet"), "{}", unproved.body);

    let again = format!("{link}/sign-in");
    let now = site.bot.clock_now().as_second();
    let refused = [
        ("weak_sign_in", JASPER, json!({ "auth_time": now })),
        ("weak_sign_in", JASPER, json!({ "auth_time": now, "acr": "urn:example:password" })),
        ("old_sign_in", JASPER, json!({ "acr": STRONG })),
        ("old_sign_in", JASPER, json!({ "auth_time": now - 3600, "acr": STRONG })),
        ("old_sign_in", JASPER, json!({ "auth_time": now + 3600, "acr": STRONG })),
        ("other_person", "mira.okafor", json!({ "auth_time": now, "acr": STRONG })),
    ];
    for (cause, sub, claims) in &refused {
        let begun = site.get(&again).await;
        for asked in ["max_age=0", "prompt=login", "acr_values=urn"] {
            assert!(begun.location().contains(asked), "{asked}: {}", begun.location());
        }
        let back = site.answers(&begun, sub, claims.clone());
        let answer = site.get(&back).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cause}: {}", answer.body);
        assert_eq!(site.refusals().await.last().map(String::as_str), Some(*cause));
        assert_eq!(site.post(&link, &[]).await.status, StatusCode::FORBIDDEN, "nothing was proved");
    }
    assert_eq!(site.refusals().await.len(), refused.len());
    // An answer counts once, and only for the session that asked.
    let begun = site.get(&again).await;
    let back = site.answers(&begun, JASPER, json!({ "auth_time": now, "acr": STRONG }));
    let jasper = site.cookie.lock().unwrap().clone();
    site.cookie.lock().unwrap().clear();
    assert_eq!(site.get(&back).await.status, StatusCode::BAD_REQUEST, "another browser");
    *site.cookie.lock().unwrap() = jasper;
    let came = site.get(&back).await;
    assert_eq!((came.status, came.location()), (StatusCode::SEE_OTHER, link.as_str()), "{}", came.body);
    assert_eq!(site.get(&back).await.status, StatusCode::BAD_REQUEST, "the answer again");
    assert!(site.votes().await.is_empty(), "signing in decides nothing yet");
    let page = site.get(&link).await;
    assert!(page.body.contains("one click is left") && page.body.contains("Elena"), "{}", page.body);
    // A form without this page's token decides nothing.
    let forged = site
        .send(Request::post(&link).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), String::new());
    assert_eq!(forged.await.status, StatusCode::FORBIDDEN);
    let done = site.post(&link, &[]).await;
    assert!(done.location().starts_with("/requests/r_"), "{} {}", done.status, done.body);
    let at = Timestamp::from_second(now).unwrap();
    assert_eq!(site.votes().await, [Some(Confirmed::SignIn { at, class: Some(STRONG.into()) })]);
    let told = site.get(done.location()).await;
    assert!(told.body.contains("You confirmed it by signing in again"), "{}", told.body);
    let again = site.get(&link).await;
    assert!(again.body.contains("used already"), "{}", again.body);
}

#[tokio::test]
async fn a_proof_is_for_one_link_and_one_person() {
    let site = Site::open().await;
    let first = site.asked().await;
    let second = site.clicked().await;
    let now = site.bot.clock_now().as_second();
    let begun = site.get(&format!("{first}/sign-in")).await;
    let back = site.answers(&begun, JASPER, json!({ "auth_time": now, "acr": STRONG }));
    site.get(&back).await;
    assert_eq!(site.post(&second, &[]).await.status, StatusCode::FORBIDDEN, "it was for the other link");
    assert_eq!(site.post(&first, &[]).await.status, StatusCode::FORBIDDEN, "and it is spent by that");
    site.sign_in("mira.okafor").await;
    for path in [first.clone(), format!("{first}/sign-in")] {
        let page = site.get(&path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains("made for somebody else") && !page.body.contains("Elena"), "{}", page.body);
        // A refusal that the page asked for again with every change would be recorded again and again.
        assert!(!page.body.contains("data-events"), "{}", page.body);
    }
    let refused = site.get(&first).await.body;
    assert!(refused.contains("Sign out, and sign in as somebody else"), "{refused}");
    let csrf = refused.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = Request::post("/sign-out").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let left = site.send(form, format!("csrf={csrf}&then={first}")).await;
    let to = left.location().to_owned();
    assert!(to.starts_with("/?then=%2Fconfirm%2F"), "{to}");
    site.cookie.lock().unwrap().clear();
    assert!(site.get(&to).await.body.contains("Sign in to confirm what you clicked"));
    assert!(site.votes().await.is_empty());
}

#[tokio::test]
async fn passkeys_are_changed_only_shortly_after_a_second_sign_in() {
    let site = Site::open().await;
    let page = site.get("/accounts").await.body.replace("&#x2f;", "/");
    assert!(page.contains("Sign in again to add or remove passkeys") && !page.contains("Add a passkey"), "{page}");
    for path in ["/passkeys/options", "/passkeys", "/passkeys/remove"] {
        let digest = "0".repeat(64);
        let refused = site.post(path, &[("passkey", &digest), ("answer", "{}")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let now = site.bot.clock_now().as_second();
    let begun = site.get("/passkeys/sign-in").await;
    let back = site.answers(&begun, JASPER, json!({ "auth_time": now, "acr": STRONG }));
    assert_eq!(site.get(&back).await.location(), "/accounts");
    assert!(site.get("/accounts").await.body.contains("Add a passkey"));
    let options = site.post("/passkeys/options", &[]).await;
    assert_eq!(options.status, StatusCode::OK, "{}", options.body);
    let options: Value = serde_json::from_str(&options.body).unwrap();
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    // What no authenticator made is refused, and the challenge is spent by it.
    let refused = site.post("/passkeys", &[("answer", "{}"), ("name", "x")]).await;
    assert!(
        refused.status == StatusCode::FORBIDDEN && refused.body.contains("No passkey was added"),
        "{}",
        refused.body
    );
    assert_eq!(site.post("/passkeys", &[("answer", "{}"), ("name", "x")]).await.status, StatusCode::BAD_REQUEST);
    site.bot.clock.advance(SignedDuration::from_mins(10));
    assert!(!site.get("/accounts").await.body.contains("Add a passkey"));
}

#[tokio::test]
async fn whoever_goes_to_add_a_passkey_finds_back_while_the_link_works() {
    let site = Site::open().await;
    let way_back = async |link: &str| {
        let page = site.get("/accounts").await.body.replace("&#x2f;", "/");
        page.contains("Back to what you were confirming") && page.contains(&format!("href=\"{link}\""))
    };
    let link = site.asked().await;
    assert!(!way_back(&link).await, "nothing was opened yet");
    let page = site.get(&link).await.body;
    assert!(page.contains("that page leads you back here"), "{page}");
    assert!(way_back(&link).await);
    assert!(way_back(&link).await, "and still");
    site.bot.clock.advance(SignedDuration::from_mins(5));
    assert!(!way_back(&link).await, "it works no more");
    let link = site.clicked().await;
    site.get(&link).await;
    let now = site.bot.clock_now().as_second();
    let begun = site.get(&format!("{link}/sign-in")).await;
    let back = site.answers(&begun, JASPER, json!({ "auth_time": now, "acr": STRONG }));
    site.get(&back).await;
    assert!(way_back(&link).await);
    assert!(site.post(&link, &[]).await.location().starts_with("/requests/"));
    assert!(!way_back(&link).await, "it was used");
}

#[tokio::test]
async fn an_account_is_linked_on_its_page_and_unlinked_without_signing_in() {
    use claviger::domain::account::{Account, Place, PlatformId};
    use claviger::ports::surface::Back;
    let site = Site::open().await;
    let id = |text: &str| PlatformId::parse(text).unwrap();
    let account = Account { surface: Surface::Slack, space: id("T1"), id: id("U0<b>") };
    let place = Place { space: id("T1"), channel: id("D1"), thread: None, via: None };
    let back = Back { account: account.clone(), place, ticket: None };
    let find = || claviger::workflow::accounts::person_of(&site.bot.house, None, &back, None);
    let refused = find().await.unwrap_err();
    let link =
        format!("/link/{}", format!("{:?}", refused.card).split("/link/").nth(1).unwrap().split('"').next().unwrap());
    let jasper = site.cookie.lock().unwrap().clone();
    site.cookie.lock().unwrap().clear();
    let first = site.get(&link).await.location().to_owned();
    let why = site.get(&first).await.body;
    assert!(why.contains("Sign in to link your Slack account") && !why.contains("U0"), "{why}");
    *site.cookie.lock().unwrap() = jasper;
    let page = site.get("/accounts").await.body.replace("&#x2f;", "/");
    assert!(page.contains("No chat platform is set up here"), "{page}");
    let page = site.get(&link).await;
    assert!(page.body.contains("Is this Slack account yours?") && page.body.contains("Jasper"), "{}", page.body);
    assert!(page.body.contains("Only go on if you asked for this in Slack yourself") && !page.body.contains("U0<b>"));
    let forged = site
        .send(Request::post(&link).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), String::new());
    assert_eq!(forged.await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(&link, &[]).await.location(), "/accounts");
    assert_eq!(find().await.unwrap(), person(JASPER));
    let page = site.get("/accounts").await.body.replace("&#x2f;", "/");
    let key = page.split("name=\"account\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(site.post("/accounts/unlink", &[("account", &key)]).await.location(), "/accounts");
    // The page that is left asks by itself when it hears of the change; the word is for the one that comes.
    site.send(Request::get("/accounts").header("x-follows", "1"), String::new()).await;
    let page = site.get("/accounts").await.body.replace("&#x2f;", "/");
    assert!(page.contains("Unlinked") && !page.contains("name=\"account\""), "{page}");
    let refused = find().await.unwrap_err();
    let link =
        format!("/link/{}", format!("{:?}", refused.card).split("/link/").nth(1).unwrap().split('"').next().unwrap());
    assert_eq!(site.post(&link, &[]).await.location(), "/accounts");
    assert!(site.get("/accounts").await.body.contains("Unlink"));
    let told =
        site.bot.desk.messages(&person(JASPER), Surface::Slack, None).await.unwrap().pop().unwrap().card.unwrap();
    let undo = format!("/unlink/{}", format!("{told:?}").split("/unlink/").nth(1).unwrap().split('"').next().unwrap());
    site.cookie.lock().unwrap().clear();
    let page = site.get(&undo).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Jasper"), "{}", page.body);
    let csrf = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = Request::post(&undo).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let done = site.send(form, format!("csrf={csrf}")).await;
    assert!(done.body.contains("It is unlinked"), "{}", done.body);
    assert!(find().await.is_err());
}
