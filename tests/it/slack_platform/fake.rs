//! A stand-in for Slack in this process: the methods we call, with the limits Slack has (the vendor's own types for blocks and views, its
//! numbers, one message a second in a channel, tickets that die), and faults on order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{any, post};
use claviger::domain::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use url::Url;

use crate::surfaces::{limits, schemas};

/// What goes wrong with a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Too much at once: come again after so many seconds.
    TooMany(u64),
    /// A status without sense.
    Status(u16),
    /// A code.
    Code(&'static str),
    /// The connection breaks before anything was done.
    Break,
    /// It is done, but the connection breaks before that is said.
    DoneButBreak,
    /// No answer, ever.
    Silence,
    /// It is done, and the answer is 200 with nothing in it.
    Empty,
}

/// A message that stands.
#[derive(Debug, Clone)]
pub struct Standing {
    pub channel: String,
    pub ts: String,
    pub body: Value,
    pub only_for: Option<String>,
    pub edited: bool,
}

#[derive(Default)]
struct Inner {
    calls: Vec<(String, Value)>,
    once: BTreeMap<String, VecDeque<Fault>>,
    always: BTreeMap<String, Fault>,
    messages: Vec<Standing>,
    paces: BTreeMap<String, Vec<Timestamp>>,
    triggers: BTreeMap<String, Timestamp>,
    hooks: BTreeMap<String, (Timestamp, u32)>,
    views: BTreeMap<String, Value>,
    homes: BTreeMap<String, Value>,
    users: BTreeMap<String, Value>,
    identity: Value,
    count: u64,
}

pub struct FakeSlack {
    pub base: Url,
    shared: Arc<Shared>,
    sockets: Sockets,
}

/// Sockets as they are opened.
pub type Sockets = Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Peer>>>;

struct Shared {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    socket: String,
}

/// Slack's end of a socket.
pub struct Peer(pub WebSocketStream<TcpStream>);

impl FakeSlack {
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let (tell, sockets) = mpsc::unbounded_channel();
        let line = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = format!("ws://{}/link", line.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = line.accept().await {
                if let Ok(stream) = tokio_tungstenite::accept_async(stream).await {
                    let _ = tell.send(Peer(stream));
                }
            }
        });
        let inner = Inner {
            identity: json!({"team_id": "T1", "team": "Acme", "user_id": "UBOT", "bot_id": "B1", "enterprise_id": null}),
            ..Inner::default()
        };
        let shared = Arc::new(Shared { clock, inner: Mutex::new(inner), socket });
        let app = Router::new()
            .route("/api/{method}", any(method))
            .route("/hooks/{id}", post(hook))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/api", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, shared, sockets: Arc::new(tokio::sync::Mutex::new(sockets)) }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.shared.inner.lock().unwrap()
    }

    /// The next calls of a method go wrong, in this order.
    pub fn fault(&self, method: &str, fault: Fault) {
        self.inner().once.entry(method.into()).or_default().push_back(fault);
    }

    /// Every call of a method goes wrong, until told otherwise.
    pub fn always(&self, method: &str, fault: Option<Fault>) {
        match fault {
            Some(fault) => self.inner().always.insert(method.into(), fault),
            None => self.inner().always.remove(method),
        };
    }

    pub fn calls(&self, method: &str) -> Vec<Value> {
        self.inner().calls.iter().filter(|(m, _)| m == method).map(|(_, b)| b.clone()).collect()
    }

    pub fn messages(&self) -> Vec<Standing> {
        self.inner().messages.clone()
    }

    /// What everybody sees who reads a channel.
    pub fn in_channel(&self, channel: &str) -> Vec<Standing> {
        let inner = self.inner();
        inner.messages.iter().filter(|m| m.channel == channel && m.only_for.is_none()).cloned().collect()
    }

    pub fn whispers(&self, user: &str) -> Vec<Standing> {
        self.messages().into_iter().filter(|m| m.only_for.as_deref() == Some(user)).collect()
    }

    pub fn homes(&self, user: &str) -> Option<Value> {
        self.inner().homes.get(user).cloned()
    }

    pub fn view(&self, id: &str) -> Option<Value> {
        self.inner().views.get(id).cloned()
    }

    pub fn is(&self, identity: Value) {
        self.inner().identity = identity;
    }

    pub fn user(&self, id: &str, user: Value) {
        self.inner().users.insert(id.into(), user);
    }

    /// A ticket for opening a window, good for three seconds, once.
    pub fn trigger(&self) -> String {
        let now = self.shared.clock.now();
        let mut inner = self.inner();
        inner.count += 1;
        let id = format!("{}.trigger", inner.count);
        inner.triggers.insert(id.clone(), now);
        id
    }

    /// An address for answering, good for half an hour, five times.
    pub fn response_url(&self) -> String {
        let now = self.shared.clock.now();
        let mut inner = self.inner();
        inner.count += 1;
        let id = format!("h{}", inner.count);
        inner.hooks.insert(id.clone(), (now, 0));
        self.base.join(&format!("/hooks/{id}")).unwrap().to_string()
    }

    /// Every socket that is opened, for whoever keeps them all.
    pub fn sockets(&self) -> Sockets {
        Arc::clone(&self.sockets)
    }

    /// The next socket that is opened.
    pub async fn socket(&self) -> Peer {
        self.sockets.lock().await.recv().await.unwrap()
    }
}

async fn method(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = if body.is_empty() { json!(query) } else { serde_json::from_slice(&body).unwrap_or(Value::Null) };
    let fault = {
        let mut inner = shared.inner.lock().unwrap();
        inner.calls.push((name.clone(), body.clone()));
        let next = inner.once.get_mut(&name).and_then(VecDeque::pop_front);
        next.or_else(|| inner.always.get(&name).cloned())
    };
    match fault {
        Some(Fault::TooMany(after)) => return too_many(after),
        Some(Fault::Status(status)) => return StatusCode::from_u16(status).unwrap().into_response(),
        Some(Fault::Code(code)) => return Json(json!({ "ok": false, "error": code })).into_response(),
        Some(Fault::Break) => return broken(),
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::DoneButBreak) => {
            let _ = act(&shared, &name, &body, &headers);
            return broken();
        }
        Some(Fault::Empty) => {
            let _ = act(&shared, &name, &body, &headers);
            return StatusCode::OK.into_response();
        }
        None => {}
    }
    let answer = match act(&shared, &name, &body, &headers) {
        Ok(mut answer) => {
            answer["ok"] = true.into();
            answer
        }
        Err(Refusal::Code(code)) => json!({ "ok": false, "error": code }),
        Err(Refusal::TooMany(after)) => return too_many(after),
    };
    let scopes = "app_mentions:read,chat:write,commands,im:history,im:write,users:read";
    let date = shared.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    ([("x-oauth-scopes", scopes.to_owned()), ("date", date)], Json(answer)).into_response()
}

fn too_many(after: u64) -> Response {
    let body = Json(json!({ "ok": false, "error": "ratelimited" }));
    (StatusCode::TOO_MANY_REQUESTS, [("retry-after", after.to_string())], body).into_response()
}

/// Half an answer, then nothing.
fn broken() -> Response {
    let parts = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))];
    Response::new(Body::from_stream(futures_util::stream::iter(parts)))
}

enum Refusal {
    Code(&'static str),
    TooMany(u64),
}

fn check(what: &str, found: Vec<String>, code: &'static str) -> Result<(), Refusal> {
    if found.is_empty() {
        return Ok(());
    }
    eprintln!("{what}: {found:?}");
    Err(Refusal::Code(code))
}

fn act(shared: &Shared, name: &str, body: &Value, headers: &HeaderMap) -> Result<Value, Refusal> {
    let now = shared.clock.now();
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let token = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let wanted = if name == "apps.connections.open" { "Bearer xapp-test" } else { "Bearer xoxb-test" };
    if token != wanted {
        return Err(Refusal::Code("invalid_auth"));
    }
    let mut inner = shared.inner.lock().unwrap();
    inner.count += 1;
    let count = inner.count;
    match name {
        "auth.test" => Ok(inner.identity.clone()),
        "apps.connections.open" => Ok(json!({ "url": format!("{}?ticket={count}", shared.socket) })),
        "conversations.open" => Ok(json!({ "channel": { "id": format!("D{}", text("users")) } })),
        "users.info" => match inner.users.get(&text("user")) {
            Some(user) => Ok(json!({ "user": user })),
            None => Err(Refusal::Code("user_not_found")),
        },
        "chat.postMessage" | "chat.postEphemeral" => {
            check(name, limits::slack_message(body), "invalid_blocks")?;
            check(name, schemas::slack_blocks(&body["blocks"]), "invalid_blocks")?;
            if text("channel").starts_with("CGONE") {
                return Err(Refusal::Code("channel_not_found"));
            }
            let only_for = (name == "chat.postEphemeral").then(|| text("user"));
            if only_for.is_none() {
                let pace = inner.paces.entry(text("channel")).or_default();
                pace.retain(|at| now.duration_since(*at) < SignedDuration::from_secs(10));
                let burst = pace.iter().filter(|at| now.duration_since(**at) < SignedDuration::from_secs(1)).count();
                if burst >= 2 || pace.len() >= 12 {
                    return Err(Refusal::TooMany(1));
                }
                pace.push(now);
            }
            let ts = format!("1700000000.{count:06}");
            let channel = text("channel");
            let body = body.clone();
            inner.messages.push(Standing { channel: channel.clone(), ts: ts.clone(), body, only_for, edited: false });
            Ok(json!({ "channel": channel, "ts": ts, "message_ts": ts }))
        }
        "chat.update" => {
            check(name, limits::slack_message(body), "invalid_blocks")?;
            let (channel, ts) = (text("channel"), text("ts"));
            let found = inner.messages.iter_mut().find(|m| m.channel == channel && m.ts == ts && m.only_for.is_none());
            let Some(message) = found else { return Err(Refusal::Code("message_not_found")) };
            for part in ["text", "blocks"] {
                message.body[part] = body[part].clone();
            }
            message.edited = true;
            Ok(json!({ "channel": channel, "ts": ts }))
        }
        "conversations.history" | "conversations.replies" => {
            let channel = text("channel");
            let of = inner.messages.iter().rev().filter(|m| m.channel == channel && m.only_for.is_none());
            let shown = of.map(|m| {
                let mut message = m.body.clone();
                message["ts"] = m.ts.clone().into();
                if text("include_all_metadata") != "true" {
                    message.as_object_mut().unwrap().remove("metadata");
                }
                message
            });
            let messages: Vec<Value> = shown.collect();
            Ok(json!({ "messages": messages }))
        }
        "views.open" => {
            check(name, limits::slack_view(&body["view"]), "invalid_arguments")?;
            check(name, schemas::slack_view(&body["view"]), "invalid_arguments")?;
            match inner.triggers.remove(&text("trigger_id")) {
                None => return Err(Refusal::Code("invalid_trigger_id")),
                Some(at) if now.duration_since(at) > SignedDuration::from_secs(3) => {
                    return Err(Refusal::Code("expired_trigger_id"));
                }
                Some(_) => {}
            }
            let id = format!("V{count}");
            inner.views.insert(id.clone(), body["view"].clone());
            Ok(json!({ "view": { "id": id, "hash": format!("hash{count}") } }))
        }
        "views.update" => {
            check(name, limits::slack_view(&body["view"]), "invalid_arguments")?;
            check(name, schemas::slack_view(&body["view"]), "invalid_arguments")?;
            let Some(view) = inner.views.get_mut(&text("view_id")) else { return Err(Refusal::Code("not_found")) };
            *view = body["view"].clone();
            Ok(json!({ "view": { "id": text("view_id") } }))
        }
        "views.publish" => {
            check(name, limits::slack_view(&body["view"]), "invalid_arguments")?;
            check(name, schemas::slack_view(&body["view"]), "invalid_arguments")?;
            inner.homes.insert(text("user_id"), body["view"].clone());
            Ok(json!({}))
        }
        "assistant.threads.setSuggestedPrompts" => Ok(json!({})),
        _ => Err(Refusal::Code("unknown_method")),
    }
}

async fn hook(State(shared): State<Arc<Shared>>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let now = shared.clock.now();
    let mut inner = shared.inner.lock().unwrap();
    inner.calls.push(("response_url".into(), body.clone()));
    inner.count += 1;
    let count = inner.count;
    assert!(headers.get("authorization").is_none(), "the bot's token has no business here");
    let no = |code: &str| (StatusCode::NOT_FOUND, Json(json!({ "ok": false, "error": code }))).into_response();
    let Some((at, used)) = inner.hooks.get_mut(&id) else { return no("expired_url") };
    if now.duration_since(*at) > SignedDuration::from_mins(30) {
        return no("expired_url");
    }
    if *used == 5 {
        return no("used_url");
    }
    *used += 1;
    if !limits::slack_message(&body).is_empty() {
        return no("invalid_blocks");
    }
    let ts = format!("1700000000.{count:06}");
    inner.messages.push(Standing { channel: id, ts, body, only_for: Some("by ticket".into()), edited: false });
    // As Slack does: a yes with nothing in it, and no content type.
    StatusCode::OK.into_response()
}
