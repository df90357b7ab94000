//! A stand-in for Discord's REST API in memory: keeps messages, keeps Discord's limits, notes every call, and fails as it is told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::discord::LONG;
use crate::surfaces::{limits, schemas};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub body: Value,
    pub authorization: Option<String>,
}

/// What goes wrong with a call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Answered with this, not done.
    Answer(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Done, and then answered with this status.
    DoneBut(u16),
    /// Done, and then the connection breaks in the middle of the answer.
    DoneThenBroken,
    /// Never answered.
    Silent,
}

#[derive(Default)]
pub struct Held {
    pub messages: BTreeMap<String, Vec<Value>>,
    pub members: BTreeMap<String, Value>,
    pub users: BTreeMap<String, Value>,
    pub commands: Value,
    pub application: Value,
    pub gateway: String,
    /// Which message was clicked, by the click's ticket: what answers the click stands there.
    pub clicked: BTreeMap<String, (String, String)>,
    answered: BTreeSet<String>,
    faults: VecDeque<(String, Fault)>,
    numbers: u64,
}

pub struct Fake {
    pub url: String,
    pub held: Arc<Mutex<Held>>,
    calls: Arc<watch::Sender<Vec<Call>>>,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Held>>, Arc<watch::Sender<Vec<Call>>>);

impl Fake {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Held {
            commands: json!([]),
            application: json!({ "id": "1", "verify_key": "", "interactions_endpoint_url": null }),
            numbers: 1_000,
            ..Held::default()
        }));
        let calls = Arc::new(watch::Sender::new(Vec::new()));
        let app = Router::new().fallback(call).with_state(Shared(Arc::clone(&held), Arc::clone(&calls)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, held, calls }
    }

    /// The next call whose “METHOD path” begins like this fails like that.
    pub fn fail(&self, begins: &str, fault: Fault) {
        self.held.lock().unwrap().faults.push_back((begins.to_owned(), fault));
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// Calls whose “METHOD path” begins like this.
    pub fn called(&self, begins: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|c| c.line().starts_with(begins)).collect()
    }

    /// Waits until so many calls like this were made.
    pub async fn wait(&self, begins: &str, many: usize) -> Vec<Call> {
        let mut calls = self.calls.subscribe();
        let enough = |c: &Vec<Call>| c.iter().filter(|c| c.line().starts_with(begins)).count() >= many;
        let waited = tokio::time::timeout(LONG, calls.wait_for(enough)).await.map(|r| r.map(|_| ()));
        assert!(matches!(waited, Ok(Ok(()))), "no {many} calls `{begins}` in {:#?}", self.calls());
        self.called(begins)
    }

    pub fn messages(&self, channel: &str) -> Vec<Value> {
        self.held.lock().unwrap().messages.get(channel).cloned().unwrap_or_default()
    }
}

impl Call {
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

async fn call(State(Shared(held, calls)): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().strip_prefix("/api/v10").unwrap_or("?").to_owned();
    let authorization = parts.headers.get("authorization").map(|v| v.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let call = Call { method: parts.method.to_string(), path, body, authorization };
    let fault = {
        let mut held = held.lock().unwrap();
        let at = held.faults.iter().position(|(begins, _)| call.line().starts_with(begins));
        at.and_then(|at| held.faults.remove(at)).map(|(_, fault)| fault)
    };
    let done = match &fault {
        Some(Fault::Answer(..) | Fault::Silent) => None,
        _ => Some(answer(&mut held.lock().unwrap(), &call)),
    };
    calls.send_modify(|calls| calls.push(call));
    match (fault, done) {
        (Some(Fault::Answer(status, headers, body)), _) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response.body(Body::from(body)).unwrap()
        }
        (Some(Fault::Silent), _) => std::future::pending().await,
        (Some(Fault::DoneBut(status)), _) => plain(status, &json!({ "message": "oh", "code": 0 })),
        (Some(Fault::DoneThenBroken), _) => {
            let parts = [Ok(Bytes::from_static(b"{\"id\":")), Err(std::io::Error::other("broken"))];
            Response::new(Body::from_stream(stream::iter(parts)))
        }
        (None, Some((status, body))) => plain(status, &body),
        (None, None) => unreachable!(),
    }
}

fn plain(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    Response::builder().status(status).header("date", "Sat, 21 Nov 2026 09:00:00 GMT").body(body).unwrap()
}

fn error(status: u16, code: u64, message: &str) -> (u16, Value) {
    (status, json!({ "code": code, "message": message }))
}

/// What is wrong with a message by Discord's own rules.
fn faults(message: &Value) -> Option<(u16, Value)> {
    let mut found = limits::discord_message(message);
    let mut rest = message.clone();
    // The schema was made from types in which an id is not simply a string.
    if let Some(reference) = rest.as_object_mut().and_then(|m| m.remove("message_reference"))
        && !reference["message_id"].is_string()
    {
        found.push("the message that is answered".into());
    }
    found.extend(schemas::discord_message(&rest));
    (!found.is_empty()).then(|| error(400, 50_035, &format!("Invalid Form Body: {}", found.join("; "))))
}

fn answer(held: &mut Held, call: &Call) -> (u16, Value) {
    let parts: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
    let bot = call.authorization.as_deref() == Some("Bot very.secret.token");
    let by_ticket = matches!(parts.first(), Some(&"interactions" | &"webhooks"));
    if !by_ticket && !bot {
        return error(401, 0, "401: Unauthorized");
    }
    if by_ticket && call.authorization.is_some() {
        return error(400, 0, "the token was shown where it is not needed");
    }
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "@me"]) => (200, json!({ "id": "1", "username": "claviger", "bot": true })),
        ("GET", ["users", user]) => match held.users.get(*user) {
            Some(user) => (200, user.clone()),
            None => error(404, 10_013, "Unknown User"),
        },
        ("GET", ["guilds", "7", "members", user]) => match held.members.get(*user) {
            Some(member) => (200, member.clone()),
            None => error(404, 10_007, "Unknown Member"),
        },
        ("GET", ["guilds", "7"]) => (200, json!({ "id": "7", "name": "Acme" })),
        ("GET", ["guilds", ..]) => error(404, 10_004, "Unknown Guild"),
        ("POST", ["users", "@me", "channels"]) => {
            (200, json!({ "id": format!("9000{}", call.body["recipient_id"].as_str().unwrap()), "type": 1 }))
        }
        ("GET", ["gateway", "bot"]) => (
            200,
            json!({ "url": held.gateway, "shards": 1, "session_start_limit": { "remaining": 9, "reset_after": 0 } }),
        ),
        ("GET", ["applications", "@me"]) => (200, held.application.clone()),
        ("GET", ["applications", "1", "commands"]) => (200, held.commands.clone()),
        ("PUT", ["applications", "1", "commands"]) => {
            held.commands = call.body.clone();
            (200, held.commands.clone())
        }
        ("POST", ["channels", channel, "messages"]) => {
            faults(&call.body).unwrap_or_else(|| (200, post(held, channel, &call.body)))
        }
        ("GET", ["channels", channel, "messages"]) => {
            (200, held.messages.get(*channel).cloned().unwrap_or_default().into_iter().rev().collect())
        }
        ("PATCH", ["channels", channel, "messages", message]) => {
            let known = held.messages.entry((*channel).to_owned()).or_default();
            match (known.iter_mut().find(|m| m["id"] == *message), faults(&call.body)) {
                (_, Some(fault)) => fault,
                (None, _) => error(404, 10_008, "Unknown Message"),
                (Some(known), None) => {
                    known["embeds"] = call.body["embeds"].clone();
                    known["components"] = call.body["components"].clone();
                    (200, known.clone())
                }
            }
        }
        ("POST", ["interactions", _, ticket, "callback"]) => callback(held, ticket, &call.body),
        ("PATCH" | "DELETE", ["webhooks", "1", ticket, "messages", "@original"]) => {
            if !held.answered.contains(*ticket) {
                return error(404, 10_015, "Unknown Webhook");
            }
            if call.method == "DELETE" {
                return (204, Value::Null);
            }
            faults(&call.body).unwrap_or_else(|| original(held, ticket, &call.body))
        }
        ("POST", ["webhooks", "1", ticket]) => {
            if !held.answered.contains(*ticket) {
                return error(404, 10_015, "Unknown Webhook");
            }
            faults(&call.body).unwrap_or((200, json!({ "id": "67" })))
        }
        _ => error(404, 0, "404: Not Found"),
    }
}

/// The message that was clicked is drawn anew, where the stand-in knows which that was.
fn original(held: &mut Held, ticket: &str, body: &Value) -> (u16, Value) {
    if let Some((channel, message)) = held.clicked.get(ticket)
        && let Some(known) =
            held.messages.get_mut(channel).and_then(|all| all.iter_mut().find(|m| m["id"] == **message))
    {
        known["embeds"] = body["embeds"].clone();
        known["components"] = body["components"].clone();
    }
    (200, json!({ "id": "66" }))
}

fn post(held: &mut Held, channel: &str, body: &Value) -> Value {
    held.numbers += 1;
    let known = held.messages.entry(channel.to_owned()).or_default();
    let again = |m: &&Value| body["enforce_nonce"] == true && m["nonce"] == body["nonce"] && !m["nonce"].is_null();
    if let Some(before) = known.iter().find(again) {
        return before.clone();
    }
    let mut message = body.clone();
    message["id"] = held.numbers.to_string().into();
    message["channel_id"] = channel.into();
    message["author"] = json!({ "id": "1", "bot": true });
    known.push(message.clone());
    message
}

fn callback(held: &mut Held, ticket: &str, body: &Value) -> (u16, Value) {
    let mut wrong = schemas::discord_response(body);
    match body["type"].as_u64() {
        Some(4 | 7) => wrong.extend(limits::discord_message(&body["data"])),
        Some(9) => wrong.extend(limits::discord_modal(&body["data"])),
        _ => {}
    }
    if !wrong.is_empty() {
        return error(400, 50_035, &wrong.join("; "));
    }
    if !held.answered.insert(ticket.to_owned()) {
        return error(400, 40_060, "Interaction has already been acknowledged.");
    }
    (204, Value::Null)
}

/// True where a click was answered.
pub fn was_answered(fake: &Fake, ticket: &str) -> bool {
    fake.held.lock().unwrap().answered.contains(ticket)
}

/// Tells the stand-in that an interaction was answered by HTTP.
pub fn answered(fake: &Fake, ticket: &str) {
    fake.held.lock().unwrap().answered.insert(ticket.to_owned());
}
