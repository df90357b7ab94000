//! Sign-in logs fetched from Okta and Entra: fakes that check the documented shape of every call and misbehave on demand. Whatever
//! happens in between, in the end every record is kept, and kept once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use claviger::connectors::poll::entra::{Entra, EntraSettings};
use claviger::connectors::poll::okta::{Okta, OktaSettings};
use claviger::domain::clock::Entropy;
use claviger::domain::signin::{Provider, SigninEvent};
use claviger::domain::signin_actor::{Account, Aliases};
use claviger::domain::signin_privacy::PseudonymKey;
use claviger::jobs::polling::{Broken, Polling, Round};
use claviger::ports::signin::{Appended, Pruned, SigninLog, SigninQuery};
use claviger::ports::signin_source::{SigninSource, SourceFault};
use claviger::ports::store::StoreError;
use claviger::store::database::Database;
use claviger::store::open::{Prepare, open_sqlite};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::connectors::Still;

const NOW: i64 = 1_795_000_000;
const TOKEN: &str = "00aBcD-token";

struct NoLot;
impl Entropy for NoLot {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// What a fake does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    Slow429,
    Reset429,
    Broken500,
    Busy503,
    NoJson,
    Cut,
    TooLong,
    Redirect,
    Forbidden,
    LostPlace,
}

impl Trouble {
    fn answer(self, now: i64) -> Response {
        let plain = |status: StatusCode| (status, "{}").into_response();
        match self {
            Self::Slow429 => {
                (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "37")], r#"{"errorSummary":"slow down"}"#)
                    .into_response()
            }
            Self::Reset429 => {
                let reset = (now + 41).to_string();
                (StatusCode::TOO_MANY_REQUESTS, [("x-rate-limit-reset", reset)], "{}").into_response()
            }
            Self::Broken500 => plain(StatusCode::INTERNAL_SERVER_ERROR),
            Self::Busy503 => plain(StatusCode::SERVICE_UNAVAILABLE),
            Self::NoJson => "<html>maintenance</html>".into_response(),
            Self::Cut => {
                let parts: [Result<&str, std::io::Error>; 2] = [Ok("[{\"uuid\":"), Err(std::io::Error::other("cut"))];
                Response::new(Body::from_stream(futures_util::stream::iter(parts)))
            }
            Self::TooLong => " ".repeat((24 << 20) + 1).into_response(),
            Self::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/api/v1/logs")]).into_response(),
            Self::Forbidden => (StatusCode::FORBIDDEN, r#"{"error":{"message":"no right to it"}}"#).into_response(),
            Self::LostPlace => (StatusCode::BAD_REQUEST, r#"{"errorSummary":"invalid cursor"}"#).into_response(),
        }
    }
}

/// A provider.
#[derive(Default)]
struct Fake {
    base: Mutex<String>,
    /// What it holds, in the order in which it was kept there.
    records: Mutex<Vec<Value>>,
    troubles: Mutex<VecDeque<Option<Trouble>>>,
    /// What was asked: query parameters, in order.
    asked: Mutex<Vec<BTreeMap<String, String>>>,
    tokens: Mutex<u32>,
    /// Where the next page is said to be, instead of the right place.
    elsewhere: Mutex<Option<String>>,
}

const PAGE: usize = 3;

impl Fake {
    async fn start() -> Arc<Self> {
        let fake = Arc::new(Self::default());
        let routes = Router::new()
            .route("/api/v1/logs", get(okta))
            .route("/acme.test/oauth2/v2.0/token", post(token))
            .route("/v1.0/auditLogs/signIns", get(entra))
            .with_state(Arc::clone(&fake));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        *fake.base.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    fn base(&self) -> String {
        self.base.lock().unwrap().clone()
    }

    fn keep(&self, records: impl IntoIterator<Item = Value>) {
        self.records.lock().unwrap().extend(records);
    }

    fn trouble(&self, troubles: impl IntoIterator<Item = Option<Trouble>>) {
        self.troubles.lock().unwrap().extend(troubles);
    }

    fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.asked.lock().unwrap().clone()
    }

    fn next_trouble(&self) -> Option<Response> {
        let trouble = self.troubles.lock().unwrap().pop_front().flatten()?;
        Some(trouble.answer(NOW))
    }
}

type Asked = Query<BTreeMap<String, String>>;

/// <https://developer.okta.com/docs/reference/system-log-query/#polling-requests>
async fn okta(State(fake): State<Arc<Fake>>, headers: HeaderMap, Query(query): Asked) -> Response {
    fake.asked.lock().unwrap().push(query.clone());
    assert_eq!(headers["authorization"], format!("SSWS {TOKEN}"));
    assert_eq!(headers["accept"], "application/json");
    assert_eq!(query.get("sortOrder").map(String::as_str), Some("ASCENDING"));
    assert!(query["limit"].parse::<u32>().unwrap() <= 1_000);
    assert!(!query.contains_key("until"), "a polling request has no end");
    if let Some(trouble) = fake.next_trouble() {
        return trouble;
    }
    let records = fake.records.lock().unwrap();
    let from = match (query.get("after"), query.get("since")) {
        (Some(after), None) => after.parse::<usize>().unwrap(),
        (None, Some(since)) => {
            let since: Timestamp = since.parse().unwrap();
            let newer = |r: &Value| r["published"].as_str().unwrap().parse::<Timestamp>().unwrap() >= since;
            records.iter().position(newer).unwrap_or(records.len())
        }
        other => panic!("{other:?}"),
    };
    let page: Vec<Value> = records.iter().skip(from).take(PAGE).cloned().collect();
    let base = fake.base();
    let after = from + page.len();
    let next = format!("{base}/api/v1/logs?after={after}&sortOrder=ASCENDING&limit=1000");
    let next = fake.elsewhere.lock().unwrap().clone().unwrap_or(next);
    let mut answer = axum::Json(page).into_response();
    let links = answer.headers_mut();
    links.append("link", format!("<{base}/api/v1/logs?limit=1000>; rel=\"self\"").parse().unwrap());
    links.append("link", format!("<{next}>; rel=\"next\"").parse().unwrap());
    answer
}

/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#first-case-access-token-request-with-a-shared-secret>
async fn token(State(fake): State<Arc<Fake>>, headers: HeaderMap, body: String) -> Response {
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], format!("{}/.default", fake.base()));
    assert_eq!(form["client_id"], "app");
    if form["client_secret"] != "hush" {
        let words =
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
        return (StatusCode::UNAUTHORIZED, words).into_response();
    }
    let mut tokens = fake.tokens.lock().unwrap();
    *tokens += 1;
    axum::Json(json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": format!("t{tokens}") }))
        .into_response()
}

/// <https://learn.microsoft.com/graph/api/signin-list>
async fn entra(State(fake): State<Arc<Fake>>, headers: HeaderMap, Query(query): Asked) -> Response {
    fake.asked.lock().unwrap().push(query.clone());
    let newest = format!("Bearer t{}", fake.tokens.lock().unwrap());
    if headers["authorization"] != newest {
        return (StatusCode::UNAUTHORIZED, r#"{"error":{"code":"InvalidAuthenticationToken","message":"expired"}}"#)
            .into_response();
    }
    let from: Timestamp = query["$filter"]
        .strip_prefix("createdDateTime ge ")
        .unwrap()
        .parse()
        .expect("a moment without quotation marks");
    assert_eq!(query["$orderby"], "createdDateTime");
    let top = query["$top"].parse::<usize>().unwrap();
    assert!(top <= 1_000);
    if let Some(trouble) = fake.next_trouble() {
        return trouble;
    }
    let created = |r: &Value| r["createdDateTime"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let mut records: Vec<Value> = fake.records.lock().unwrap().iter().filter(|r| created(r) >= from).cloned().collect();
    records.sort_by_key(created);
    let skip = query.get("$skiptoken").map_or(0, |t| t.parse::<usize>().unwrap());
    let page: Vec<Value> = records.iter().skip(skip).take(PAGE).cloned().collect();
    let mut body = json!({ "@odata.context": "signIns", "value": page });
    let after = skip + page.len();
    if after < records.len() {
        let filter = query["$filter"].replace(' ', "%20");
        let base = fake.base();
        let next = format!(
            "{base}/v1.0/auditLogs/signIns?$filter={filter}&$orderby=createdDateTime&$top={top}&$skiptoken={after}"
        );
        body["@odata.nextLink"] = json!(fake.elsewhere.lock().unwrap().clone().unwrap_or(next));
    }
    axum::Json(body).into_response()
}

fn moment(seconds: i64) -> String {
    Timestamp::from_second(NOW + seconds).unwrap().to_string()
}

/// An event of Okta's, so many seconds before now.
fn okta_event(n: u32, ago: i64) -> Value {
    json!({ "uuid": format!("okta-{n}"), "published": moment(-ago), "eventType": "user.session.start",
        "actor": { "alternateId": "ana@acme.test", "type": "User" },
        "outcome": { "result": "FAILURE", "reason": "INVALID_CREDENTIALS" }, "client": { "ipAddress": "203.0.113.7" } })
}

/// A sign-in of Entra's, so many seconds before now.
fn entra_event(n: u32, ago: i64) -> Value {
    json!({ "id": format!("entra-{n}"), "createdDateTime": moment(-ago), "userPrincipalName": "ana@acme.test",
        "appDisplayName": "Mail", "ipAddress": "203.0.113.7", "status": { "errorCode": 50126, "failureReason": "Invalid" } })
}

fn okta_settings(fake: &Fake) -> OktaSettings {
    OktaSettings {
        name: "acme".into(),
        url: fake.base(),
        token: TOKEN.into(),
        bearer: false,
        every: Duration::from_secs(60),
        first: SignedDuration::from_hours(24),
        overlap: SignedDuration::from_hours(1),
        allow_private: true,
    }
}

fn entra_settings(fake: &Fake) -> EntraSettings {
    EntraSettings {
        name: "acme".into(),
        tenant: "acme.test".into(),
        client_id: "app".into(),
        client_secret: "hush".into(),
        graph: fake.base(),
        login: fake.base(),
        every: Duration::from_secs(60),
        first: SignedDuration::from_hours(24),
        overlap: SignedDuration::from_mins(30),
        allow_private: true,
    }
}

/// A provider, a database, and everything between them made anew for each round, as after a restart.
struct Scene {
    fake: Arc<Fake>,
    database: Arc<Database>,
    _folder: tempfile::TempDir,
    is_okta: bool,
    now: i64,
}

impl Scene {
    async fn new(is_okta: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = open_sqlite(&folder.path().join("claviger.db"), Prepare::Migrate).await.unwrap();
        Self { fake: Fake::start().await, database, _folder: folder, is_okta, now: NOW }
    }

    fn source(&self) -> Arc<dyn SigninSource> {
        if self.is_okta {
            Arc::new(Okta::new(&okta_settings(&self.fake)).unwrap())
        } else {
            Arc::new(Entra::new(&entra_settings(&self.fake)).unwrap())
        }
    }

    fn polling(&self, log: Arc<dyn SigninLog>) -> Polling {
        Polling::new(self.source(), log, Arc::new(Still(self.now)), Arc::new(NoLot))
    }

    async fn round(&self) -> Result<Round, Broken> {
        self.polling(self.database.clone()).round().await
    }

    fn record(&self, n: u32, ago: i64) -> Value {
        if self.is_okta { okta_event(n, ago) } else { entra_event(n, ago) }
    }

    /// The ids kept, in order.
    async fn kept(&self) -> Vec<String> {
        let whose = Aliases::default().with([Account { provider: None, name: "ana@acme.test".into() }]);
        let query = SigninQuery { whose, from: Timestamp::UNIX_EPOCH, until: Timestamp::MAX, limit: 1_000 };
        let mut ids: Vec<String> = self.database.signins(&query).await.unwrap().into_iter().map(|e| e.id).collect();
        ids.sort();
        ids
    }

    fn ids(&self, n: std::ops::RangeInclusive<u32>) -> Vec<String> {
        let word = if self.is_okta { "okta" } else { "entra" };
        let mut ids: Vec<String> = n.map(|n| format!("{word}-{n}")).collect();
        ids.sort();
        ids
    }
}

fn later(went: &Result<Round, Broken>) -> Option<Duration> {
    match went {
        Err(Broken::Source(SourceFault::Later { after, .. })) => Some(after.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn okta_is_read_on_from_its_own_link() {
    let scene = Scene::new(true).await;
    scene.fake.keep((1..=7).map(|n| okta_event(n, 7_000 - i64::from(n))));
    let round = scene.round().await.unwrap();
    assert_eq!((round.stored, round.known, round.pages, round.more), (7, 0, 4, false));
    let asked = scene.fake.asked();
    assert_eq!(asked[0]["since"], "2026-11-17T11:06:40.000Z");
    assert_eq!(asked.iter().filter(|q| q.contains_key("after")).count(), 3);
    // Nothing new: one call. A record that came late, dated before others, is not missed.
    assert_eq!(scene.round().await.unwrap(), Round { pages: 1, ..Round::default() });
    scene.fake.keep([okta_event(8, 6_999), okta_event(9, 5)]);
    assert_eq!(scene.round().await.unwrap().stored, 2);
    assert_eq!(scene.kept().await, scene.ids(1..=9));
    assert_eq!(scene.fake.asked().iter().filter(|q| q.contains_key("since")).count(), 1);
}

#[tokio::test]
async fn entra_is_read_in_rounds_that_overlap() {
    let mut scene = Scene::new(false).await;
    scene.fake.keep((1..=7).map(|n| entra_event(n, 7_000 - i64::from(n) * 60)));
    let round = scene.round().await.unwrap();
    assert_eq!((round.stored, round.known, round.pages), (7, 0, 3));
    assert_eq!(*scene.fake.tokens.lock().unwrap(), 1, "one token for a whole round");
    assert_eq!(scene.fake.asked()[0]["$filter"], "createdDateTime ge 2026-11-17T11:06:40Z");
    // Later, sign-ins come in that happened before the newest one seen: found where they are at most half an hour older.
    scene.now += 600;
    scene.fake.keep([entra_event(8, 7_000 - 3 * 60 + 1), entra_event(9, 30)]);
    let round = scene.round().await.unwrap();
    assert_eq!((round.stored, round.known), (2, 7));
    assert_eq!(scene.kept().await, scene.ids(1..=9));
}

#[tokio::test]
async fn a_token_that_was_withdrawn_is_replaced() {
    let scene = Scene::new(false).await;
    scene.fake.keep((1..=2).map(|n| entra_event(n, 100)));
    let (source, now) = (scene.source(), Timestamp::from_second(NOW).unwrap());
    source.page(None, now).await.unwrap();
    *scene.fake.tokens.lock().unwrap() = 7;
    assert_eq!(source.page(None, now).await.unwrap().events.len(), 2);
    assert_eq!(*scene.fake.tokens.lock().unwrap(), 8);
    // It is not used beyond its time either.
    source.page(None, Timestamp::from_second(NOW + 3_598).unwrap()).await.unwrap();
    assert_eq!(*scene.fake.tokens.lock().unwrap(), 9);
    let wrong = EntraSettings { client_secret: "guess".into(), ..entra_settings(&scene.fake) };
    let refused = Entra::new(&wrong).unwrap().page(None, now).await.unwrap_err();
    assert!(matches!(&refused, SourceFault::Refused(what) if what.contains("AADSTS7000215")), "{refused}");
    assert!(!format!("{wrong:?} {refused:?}").contains("guess"));
}

#[tokio::test]
async fn whatever_breaks_off_nothing_is_lost_and_nothing_doubled() {
    use Trouble as T;
    for is_okta in [true, false] {
        for trouble in [T::Slow429, T::Reset429, T::Broken500, T::Busy503, T::NoJson, T::Cut] {
            for place in 0..3 {
                let scene = Scene::new(is_okta).await;
                scene.fake.keep((1..=7).map(|n| scene.record(n, 7_000 - i64::from(n))));
                scene.fake.trouble((0..place).map(|_| None).chain([Some(trouble), Some(trouble)]));
                later(&scene.round().await);
                later(&scene.round().await);
                let round = scene.round().await.unwrap();
                assert!(!round.more, "{trouble:?} {place}");
                assert_eq!(scene.kept().await, scene.ids(1..=7), "{is_okta} {trouble:?} {place}");
                // What was stored before the trouble was not fetched again.
                assert_eq!(round.stored, 7 - 3 * place, "{is_okta} {trouble:?} {place}");
            }
        }
    }
}

/// A log whose process dies at a chosen write: after the events were kept, before the cursor moved, or before either.
struct Dying {
    log: Arc<Database>,
    writes: Mutex<u32>,
}

impl Dying {
    fn step(&self) -> Result<(), StoreError> {
        let mut left = self.writes.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| StoreError::Unavailable("killed".into()))?;
        Ok(())
    }
}

#[async_trait]
impl SigninLog for Dying {
    async fn append_signins(&self, events: &[SigninEvent], now: Timestamp) -> Result<Appended, StoreError> {
        self.step()?;
        self.log.append_signins(events, now).await
    }
    async fn signins(&self, query: &SigninQuery) -> Result<Vec<SigninEvent>, StoreError> {
        self.log.signins(query).await
    }
    async fn signin_counts(&self) -> Result<BTreeMap<Provider, u64>, StoreError> {
        self.log.signin_counts().await
    }
    async fn prune_signins(&self, raw: Timestamp, kept: Timestamp, key: &PseudonymKey) -> Result<Pruned, StoreError> {
        self.log.prune_signins(raw, kept, key).await
    }
    async fn signin_cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        self.log.signin_cursor(source).await
    }
    async fn put_signin_cursor(&self, source: &str, cursor: &str, now: Timestamp) -> Result<(), StoreError> {
        self.step()?;
        self.log.put_signin_cursor(source, cursor, now).await
    }
}

#[tokio::test]
async fn killed_at_any_write_it_goes_on_where_it_was() {
    for is_okta in [true, false] {
        for writes in 0..7 {
            let scene = Scene::new(is_okta).await;
            scene.fake.keep((1..=7).map(|n| scene.record(n, 7_000 - i64::from(n))));
            let dying = Arc::new(Dying { log: scene.database.clone(), writes: Mutex::new(writes) });
            let died = scene.polling(dying).round().await;
            if is_okta || writes < 6 {
                assert!(matches!(died, Err(Broken::Store(_))), "{is_okta} {writes} {died:?}");
            }
            scene.round().await.unwrap();
            assert_eq!(scene.kept().await, scene.ids(1..=7), "{is_okta} {writes}");
        }
    }
}

#[tokio::test]
async fn waits_are_the_providers() {
    let scene = Scene::new(true).await;
    let polling = scene.polling(scene.database.clone());
    for (trouble, seconds) in [(Trouble::Slow429, 37), (Trouble::Reset429, 41), (Trouble::Broken500, 0)] {
        scene.fake.trouble([Some(trouble)]);
        let went = polling.round().await;
        assert_eq!(later(&went), Some(Duration::from_secs(seconds)), "{trouble:?}");
        assert!(polling.pause(&went, 1) >= Duration::from_secs(seconds.max(1)));
        // Each failure after a failure doubles the wait, but never past a quarter of an hour.
        assert!(
            polling.pause(&went, 30) >= Duration::from_secs(400)
                && polling.pause(&went, 30) <= Duration::from_secs(900)
        );
    }
    for trouble in [Trouble::Forbidden, Trouble::Redirect] {
        scene.fake.trouble([Some(trouble)]);
        let went = polling.round().await;
        assert!(matches!(went, Err(Broken::Source(SourceFault::Refused(_)))), "{trouble:?} {went:?}");
        assert_eq!(polling.pause(&went, 1), Duration::from_secs(900));
    }
    assert_eq!(polling.pause(&polling.round().await, 0), Duration::from_secs(60));
    scene.fake.trouble([Some(Trouble::TooLong)]);
    later(&polling.round().await);
}

#[tokio::test]
async fn a_lost_place_costs_a_second_look_and_nothing_else() {
    for is_okta in [true, false] {
        let scene = Scene::new(is_okta).await;
        scene.fake.keep((1..=4).map(|n| scene.record(n, 7_000 - i64::from(n))));
        scene.fake.trouble([None, Some(Trouble::LostPlace)]);
        let round = scene.round().await.unwrap();
        assert_eq!(scene.kept().await, scene.ids(1..=4), "{is_okta}");
        assert_eq!((round.stored, round.known), (4, 3), "{is_okta}");
    }
}

#[tokio::test]
async fn tokens_follow_no_link_to_somebody_else() {
    for is_okta in [true, false] {
        let scene = Scene::new(is_okta).await;
        let thief = Fake::start().await;
        scene.fake.keep((1..=4).map(|n| scene.record(n, 100)));
        let path = if is_okta { "/api/v1/logs" } else { "/v1.0/auditLogs/signIns" };
        *scene.fake.elsewhere.lock().unwrap() = Some(format!("{}{path}?after=1", thief.base()));
        let went = scene.round().await;
        assert!(matches!(&went, Err(Broken::Source(SourceFault::Refused(_)))), "{went:?}");
        assert!(thief.asked().is_empty());
        assert_eq!(
            scene.database.signin_cursor(&format!("{}:acme", if is_okta { "okta" } else { "entra" })).await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn records_that_cannot_be_read_are_counted_and_a_wrong_clock_moves_nothing() {
    let scene = Scene::new(true).await;
    // One from next year: it is kept, but the next look does not begin there.
    scene.fake.keep([okta_event(1, -40_000_000), json!("no event"), okta_event(2, 50)]);
    let round = scene.round().await.unwrap();
    assert_eq!((round.stored, round.aside.values().sum::<u64>()), (2, 1));
    scene.fake.keep([okta_event(3, 10)]);
    scene.fake.trouble([Some(Trouble::LostPlace)]);
    scene.round().await.unwrap();
    assert_eq!(scene.kept().await, scene.ids(1..=3));
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let fake = Fake::start().await;
    let okta = |url: &str| Okta::new(&OktaSettings { allow_private: false, url: url.into(), ..okta_settings(&fake) });
    for bad in
        ["http://acme.okta.test", "https://127.0.0.1", "https://169.254.169.254", "https://a:b@acme.okta.test", "acme"]
    {
        assert!(okta(bad).is_err(), "{bad}");
    }
    assert!(okta("https://acme.okta.test/").is_ok());
    // A name that leads to this machine is refused when it is called, and nothing arrives.
    let named = fake.base().replace("http://127.0.0.1", "https://localhost");
    let went = okta(&named).unwrap().page(None, Timestamp::from_second(NOW).unwrap()).await;
    assert!(matches!(&went, Err(SourceFault::Refused(what)) if what.contains("public")), "{went:?}");
    assert!(fake.asked().is_empty());
    for tenant in ["", "../common", "a/b", "a?b"] {
        assert!(Entra::new(&EntraSettings { tenant: tenant.into(), ..entra_settings(&fake) }).is_err(), "{tenant}");
    }
    assert!(Okta::new(&OktaSettings { token: "two\nlines".into(), ..okta_settings(&fake) }).is_err());
}
