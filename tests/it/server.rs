//! The HTTP server over a make-believe desk, in process: who gets in, what is refused, and what every answer carries.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use claviger::domain::conversation::Surface;
use claviger::ports::desk::Desk;
use claviger::server::routes::router;
use claviger::server::state::{Limits, Loopback, SignIn, State};
use futures_util::StreamExt as _;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::answered::Answer;
use crate::fake_desk::{Counter, FakeDesk, HandClock, Sessions, id, people};

const HOST: &str = "127.0.0.1:7080";
const ORIGIN: &str = "http://127.0.0.1:7080";

struct World {
    app: Router,
    desk: Arc<FakeDesk>,
    clock: Arc<HandClock>,
    sessions: Arc<Sessions>,
    stop: CancellationToken,
}

fn world() -> World {
    world_with(Limits::default())
}

fn world_with(limits: Limits) -> World {
    let clock = HandClock::at("2026-11-23T10:00:00Z");
    let directory = people();
    let desk = FakeDesk::new(clock.clone(), directory.clone());
    let sessions = Arc::new(Sessions::default());
    let stop = CancellationToken::new();
    let app = router(State {
        desk: desk.clone(),
        directory: Arc::new(move || directory.clone()),
        sessions: sessions.clone(),
        clock: clock.clone(),
        entropy: Arc::new(Counter::default()),
        sign_in: SignIn::Demo(Loopback::new(HOST.parse().unwrap()).unwrap()),
        doors: Some(desk.clone()),
        metrics: Some(Arc::new(|| "up 1\n".to_owned())),
        metrics_token: None,
        shutdown: stop.clone(),
        limits,
        suggestions: vec!["What do I have?".into()],
        featured: Vec::new(),
    });
    World { app, desk, clock, sessions, stop }
}

impl Answer {
    /// The value of the first hidden field of this name.
    fn hidden(&self, name: &str) -> String {
        let from = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name);
        from.split('"').next().unwrap().replace("&#x2f;", "/")
    }
}

fn get(path: &str) -> axum::http::request::Builder {
    Request::get(path).header(header::HOST, HOST)
}

fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn form(fields: &[(&str, &str)]) -> Body {
    Body::from(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
}

impl World {
    async fn send(&self, request: Request<Body>) -> Answer {
        Answer::to(&self.app, request).await
    }

    async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.send(get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// Signs in as somebody; returns the cookie and the session's token.
    async fn be(&self, who: &str) -> (String, String) {
        let first = self.send(get("/").body(Body::empty()).unwrap()).await;
        let (visitor, csrf) = (first.cookie(), first.hidden("csrf"));
        let request = post("/sign-in").header(header::COOKIE, &visitor);
        let entered = self.send(request.body(form(&[("csrf", &csrf), ("person", who)])).unwrap()).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
        let cookie = entered.cookie();
        assert_ne!(cookie, visitor, "a session gets a new name at sign-in");
        let chat = self.page("/chat", &cookie).await;
        assert_eq!(chat.status, StatusCode::OK);
        (cookie, chat.hidden("csrf"))
    }

    async fn act(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(post(path).header(header::COOKIE, cookie).body(form(fields)).unwrap()).await
    }

    async fn said(&self, who: &str) -> usize {
        self.desk.messages(&id(who), Surface::Web, None).await.unwrap().len()
    }
}

/// The token of the first button that says this.
fn token_of(page: &str, label: &str) -> String {
    let before = page.split(&format!(">{label}<")).next().unwrap();
    let mark = "name=\"token\" value=\"";
    let after = &page[before.rfind(mark).unwrap() + mark.len()..];
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_answer_carries_the_same_protection() {
    let world = world();
    let (cookie, _) = world.be("ana.kovac").await;
    let paths = [
        "/",
        "/people",
        "/chat",
        "/inbox",
        "/mine",
        "/requests/nonsense",
        "/apps",
        "/apps/insight:sales-emea.read",
        "/apps/none",
        "/static/none",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/nowhere",
        "/sign-in",
        "/%ff",
    ];
    for path in paths {
        let answer = world.page(path, &cookie).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin", "{path}");
        assert!(
            answer.headers.contains_key("referrer-policy") && answer.headers.contains_key("x-request-id"),
            "{path}"
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert!(!answer.body.contains("<script>") && !answer.body.contains(" style=\""), "{path}");
    }
}

#[tokio::test]
async fn files_are_kept_for_good_under_names_that_change_with_them() {
    let world = world();
    let page = world.send(get("/").body(Body::empty()).unwrap()).await;
    for (mark, kind) in [("rel=\"stylesheet\" href=\"", "text/css"), ("<script src=\"", "text/javascript")] {
        let path = page.body.split(mark).nth(1).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
        let file = world.send(get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind));
        assert!(file.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let world = world();
    let (cookie, csrf) = world.be("ana.kovac").await;
    let (_, others) = world.be("otto.hahn").await;
    for forged in ["", "x", &others, &csrf[1..]] {
        let answer = world.act("/chat", &cookie, &[("csrf", forged), ("words", "I need it")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("nothing was done") && answer.body.contains("Reference"), "{}", answer.body);
    }
    let answer = world.act("/chat", &cookie, &[("words", "I need it")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(world.said("ana.kovac").await, 0);
    let answer = world.act("/chat", &cookie, &[("csrf", &csrf), ("words", "I need it")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(world.said("ana.kovac").await, 2);
}

#[tokio::test]
async fn a_form_from_another_site_changes_nothing_even_with_the_token() {
    let world = world();
    let (cookie, csrf) = world.be("ana.kovac").await;
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:7081"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = Request::post("/chat")
            .header(header::HOST, HOST)
            .header(header::COOKIE, &cookie)
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = world.send(request.body(form(&[("csrf", &csrf), ("words", "hi")])).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(world.said("ana.kovac").await, 0);
}

#[tokio::test]
async fn a_name_that_is_not_ours_gets_nothing() {
    let world = world();
    let (cookie, _) = world.be("ana.kovac").await;
    for host in ["evil.example:7080", "127.0.0.1:7081", "127.0.0.1", "localhost.evil.example:7080", ""] {
        let request = Request::get("/chat").header(header::HOST, host).header(header::COOKIE, &cookie);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(!answer.body.contains("Ana"));
    }
    for host in ["localhost:7080", "LOCALHOST:7080", "[::1]:7080"] {
        let request = Request::get("/chat").header(header::HOST, host).header(header::COOKIE, &cookie);
        assert_eq!(world.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn what_is_too_long_or_no_form_is_refused_kindly() {
    let world = world();
    let (cookie, csrf) = world.be("ana.kovac").await;
    let long = "x".repeat(70 * 1024);
    let answer = world.act("/chat", &cookie, &[("csrf", &csrf), ("words", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("Say it shorter"));
    let answer = world.act("/chat", &cookie, &[("csrf", &csrf), ("words", &long[..4001])]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let streamed =
        Body::from_stream(futures_util::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>("y".repeat(4096)))));
    let answer = world.send(post("/chat").header(header::COOKIE, &cookie).body(streamed).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = Request::post("/chat").header(header::HOST, HOST).header(header::COOKIE, &cookie);
    let answer = world.send(json.header(header::CONTENT_TYPE, "application/json").body("{}".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(world.said("ana.kovac").await, 0);
}

#[tokio::test]
async fn nobody_gets_in_without_a_session_that_stands() {
    let world = world();
    for path in ["/chat", "/inbox", "/mine", "/requests/r_00000000000000000000000000000000", "/apps", "/events"] {
        let answer = world.send(get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location().starts_with("/"), "{path}");
    }
    let unknown = format!("claviger-demo-7080={}", "A".repeat(43));
    assert_eq!(world.page("/chat", &unknown).await.status, StatusCode::SEE_OTHER);
    let answer = world.act("/chat", &unknown, &[("csrf", "x"), ("words", "hi")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);

    let (cookie, csrf) = world.be("ana.kovac").await;
    assert!(world.sessions.names().iter().all(|name| !cookie.contains(name)), "the store holds digests only");
    world.clock.forward(SignedDuration::from_hours(13));
    assert_eq!(world.page("/chat", &cookie).await.status, StatusCode::SEE_OTHER, "sessions end");

    let (cookie, csrf2) = world.be("ana.kovac").await;
    assert_ne!(csrf, csrf2);
    let out = world.act("/sign-out", &cookie, &[("csrf", &csrf2)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(world.page("/chat", &cookie).await.status, StatusCode::SEE_OTHER, "signed out is signed out");
}

#[tokio::test]
async fn only_people_who_work_here_can_be_chosen() {
    let world = world();
    let first = world.send(get("/").body(Body::empty()).unwrap()).await;
    assert!(first.body.contains("This is a demo") && first.body.contains("this machine only"));
    assert!(first.body.contains("Ana Kovač") && !first.body.contains("Gina Gone"));
    for who in ["gone.girl", "nobody", "", "<b>"] {
        let answer = world.act("/sign-in", &first.cookie(), &[("csrf", &first.hidden("csrf")), ("person", who)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who}");
    }
    let found = world.send(get("/people?q=clerk").body(Body::empty()).unwrap()).await;
    assert!(found.body.contains("Paul Weiss") && !found.body.contains("Ana Kovač"));
    let set = first.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
}

#[tokio::test]
async fn after_signing_in_one_comes_back_to_a_page_of_ours_only() {
    let world = world();
    let turned = world.send(get("/requests/r_1?x=1").body(Body::empty()).unwrap()).await;
    assert_eq!(turned.location(), "/?then=%2Frequests%2Fr_1%3Fx%3D1");
    for (then, goes) in [("/inbox", "/inbox"), ("//evil.example", "/chat"), ("https://evil.example", "/chat")] {
        let first = world.send(get("/").body(Body::empty()).unwrap()).await;
        let fields = [("csrf", &*first.hidden("csrf")), ("person", "ana.kovac"), ("then", then)];
        assert_eq!(world.act("/sign-in", &first.cookie(), &fields).await.location(), goes);
    }
}

#[tokio::test]
async fn the_whole_way_works_without_any_script() {
    let world = world();
    let (ana, csrf) = world.be("ana.kovac").await;
    let once = world.page("/chat", &ana).await.hidden("once");
    let words = "I need the <b>sales</b> reports";
    for _ in 0..2 {
        let answer = world.act("/chat", &ana, &[("csrf", &csrf), ("once", &once), ("words", words)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/chat#end"));
    }
    let chat = world.page("/chat", &ana).await;
    assert_eq!(world.said("ana.kovac").await, 2, "sent twice, said once");
    assert!(chat.body.contains("&lt;b&gt;sales") && !chat.body.contains("<b>sales"));
    let submit = token_of(&chat.body, "Submit");
    let filed = world.act("/act", &ana, &[("csrf", &csrf), ("back", "/chat"), ("token", &submit)]).await;
    assert_eq!(filed.location(), "/chat#end");

    let (otto, otto_csrf) = world.be("otto.hahn").await;
    let inbox = world.page("/inbox", &otto).await;
    assert!(inbox.body.contains("Ana Kovač asks") && inbox.body.contains("waiting for you"));
    let deny = token_of(&inbox.body, "Deny, and say why");
    let fields = [
        ("csrf", &*otto_csrf),
        ("back", "/inbox"),
        ("token", &deny),
        ("in.reason", "no <i>budget</i>"),
        ("reason", "x"),
    ];
    let denied = world.act("/act", &otto, &fields).await;
    assert_eq!((denied.status, denied.location()), (StatusCode::SEE_OTHER, "/inbox"));
    let inbox = world.page("/inbox", &otto).await;
    assert!(inbox.body.contains("said no: no &lt;i&gt;budget"), "told once, on top");
    assert!(inbox.body.contains("Nothing waits for your decision"));
    assert!(!world.page("/inbox", &otto).await.body.contains("said no"), "and only once");
    assert!(world.page("/mine", &ana).await.body.contains("Denied"));

    let late = world.act("/act", &otto, &[("csrf", &otto_csrf), ("back", "/inbox"), ("token", &deny)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("decided meanwhile") && late.body.contains("How it stands now"));
    let forged = world.act("/act", &otto, &[("csrf", &otto_csrf), ("token", "AAAA")]).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    assert!(forged.body.contains("not made here"));
}

#[tokio::test]
async fn a_door_opens_when_access_was_given_and_not_before() {
    let world = world();
    let (ana, csrf) = world.be("ana.kovac").await;
    let door = "/apps/insight:sales-emea.read";
    let closed = world.page(door, &ana).await;
    assert!(closed.body.contains("closed to you") && !closed.body.contains("August"));
    world.act("/chat", &ana, &[("csrf", &csrf), ("words", "I need it")]).await;
    let submit = token_of(&world.page("/chat", &ana).await.body, "Submit");
    world.act("/act", &ana, &[("csrf", &csrf), ("token", &submit)]).await;
    assert!(!world.page(door, &ana).await.body.contains("August"));
    let (otto, otto_csrf) = world.be("otto.hahn").await;
    let yes = token_of(&world.page("/inbox", &otto).await.body, "Approve");
    world.act("/act", &otto, &[("csrf", &otto_csrf), ("token", &yes)]).await;
    assert!(world.page(door, &ana).await.body.contains("August"));
    assert!(!world.page(door, &otto).await.body.contains("August"), "for her, not for him");
    assert_eq!(world.page("/apps/insight:reports/all", &ana).await.status, StatusCode::OK, "ids may hold a slash");
}

#[tokio::test]
async fn what_is_not_ones_own_looks_like_what_is_not_there() {
    let world = world();
    let (ana, csrf) = world.be("ana.kovac").await;
    world.act("/chat", &ana, &[("csrf", &csrf), ("words", "I need it")]).await;
    let submit = token_of(&world.page("/chat", &ana).await.body, "Submit");
    world.act("/act", &ana, &[("csrf", &csrf), ("token", &submit)]).await;
    let chat = world.page("/chat", &ana).await.body.replace("&#x2f;", "/");
    let at = chat.find("/requests/r_").unwrap();
    let path = &chat[at..at + "/requests/r_".len() + 32];
    let own = world.page(path, &ana).await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(own.body.contains("The manager was asked"));
    let (paul, _) = world.be("paul.weiss").await;
    let others = world.page(path, &paul).await;
    let none = world.page("/requests/r_ffffffffffffffffffffffffffffffff", &paul).await;
    assert_eq!((others.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert!(!others.body.contains("Ana"));
    assert!(others.body.contains("not yours to see") && none.body.contains("not yours to see"));
}

#[tokio::test]
async fn the_desks_words_of_refusal_are_shown_as_words() {
    let world = world();
    let (ana, csrf) = world.be("ana.kovac").await;
    let answer = world.act("/chat", &ana, &[("csrf", &csrf), ("words", "too much")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("&lt;b&gt;closed") && answer.body.contains("Come back later"));
    world.sessions.down.store(true, Ordering::Relaxed);
    let answer = world.page("/chat", &ana).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("database cannot be reached"));
    assert_eq!(world.page("/health/ready", &ana).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.page("/health/live", &ana).await.status, StatusCode::OK);
}

#[tokio::test]
async fn too_much_at_once_is_refused_kindly_and_for_that_person_only() {
    let world = world_with(Limits { acts: NonZeroU32::new(3).unwrap(), ..Limits::default() });
    let (ana, csrf) = world.be("ana.kovac").await;
    let mut last = StatusCode::OK;
    let mut page = String::new();
    for _ in 0..12 {
        let answer = world.act("/chat", &ana, &[("csrf", &csrf), ("words", "hello")]).await;
        (last, page) = (answer.status, answer.body);
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("Wait a few seconds"));
    let (otto, otto_csrf) = world.be("otto.hahn").await;
    let answer = world.act("/chat", &otto, &[("csrf", &otto_csrf), ("words", "hello")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn news_say_only_that_something_of_ones_own_changed() {
    let world = world_with(Limits { streams: 1, ..Limits::default() });
    let (ana, csrf) = world.be("ana.kovac").await;
    let (paul, paul_csrf) = world.be("paul.weiss").await;
    let open = |cookie: &str| get("/events").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let response = world.app.clone().oneshot(open(&ana)).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut news = response.into_body().into_data_stream();
    let first = String::from_utf8(news.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: open"), "{first}");
    assert_eq!(world.send(open(&ana)).await.status, StatusCode::TOO_MANY_REQUESTS, "one seat, taken");

    world.act("/chat", &paul, &[("csrf", &paul_csrf), ("words", "paul's secret")]).await;
    world.act("/chat", &ana, &[("csrf", &csrf), ("words", "mine")]).await;
    let heard = String::from_utf8(news.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(heard.contains("event: change") && heard.contains("\"thread\""), "{heard}");
    assert!(!heard.contains("secret") && !heard.contains("mine"));
    // Paul's change was not hers: nothing else is waiting.
    assert!(futures_util::FutureExt::now_or_never(news.next()).is_none());

    world.act("/sign-out", &ana, &[("csrf", &csrf)]).await;
    world.desk.say(&id("ana.kovac"), Surface::Web, "elsewhere", None).await.unwrap();
    assert!(news.next().await.is_none(), "signed out hears nothing more");
    drop(news);
    let (ana, _) = world.be("ana.kovac").await;
    let mut news = world.app.clone().oneshot(open(&ana)).await.unwrap().into_body().into_data_stream();
    news.next().await.unwrap().unwrap();
    world.stop.cancel();
    assert!(news.next().await.is_none(), "the stream ends when the server stops");
}

#[tokio::test]
async fn the_server_answers_on_a_socket_and_stops_when_asked() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(claviger::server::run::serve(listener, world().app, stop.clone()));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("alive\n"), "{text}");
    stop.cancel();
    server.await.unwrap().unwrap();
}
