//! A Bot Connector: metadata, keys, login, conversations, messages and members, with Teams' limits, on a loopback port. It signs with keys
//! whose private halves lie beside this file; they were made for these tests and open nothing. Their names are new in every run.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, routing::any};
use claviger::domain::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::teams::world::{APP, TENANT};

const KEYS: [&[u8]; 2] = [include_bytes!("key-1.der"), include_bytes!("key-2.der")];
const MODULI: [&str; 2] = [
    "7Ne2BKEGkcEksDuhLSpx_WYWtNd03qkFcAdCiIfTHOnc9nHDjafIa04m98Wn90UC0QbNeinjapNcdrtguO5UAu0VoA3ioDEX9L_HI1Vw9m43KwgkV079ej-gtaJFfju_k39XggqkgKdUNnR9ZDvxVorFcZm13g_bqnniIQVouiX7CpMr2jkAUMcfY4wbApS33PBbAI0e8S5xtAQdHf6Vvr4m8nqgSj9LufgaDaUT9s5nuXabPerUC0JLu9vhLur1bQ4kIwC7cvretUsUsXonDFlty0mUz1hJG4Pc4suErgRfFGhugk1R3QCPOZfCLobZOavzO_4oCBfav_JJN2ajFQ",
    "hMy7NZYPzMMjVcXKtqqSIPUVDlS1mdWfTm4QwwxuOk8nZcHGs4eePZ0LOojBmKNja4ceW6JU5WAF04S_Ek9G7lmTeIK6eLkujol_4WKGfdzE8lUjE-NESMEoEYXgxB9bvFjV4IMNqn6iN18SBjE_S_yjzjxpfSIHvsefQpyHi5P7Tl7XKE9Kjbwx3iKCu2mf2UEAPSE-IzuGqcuWNmku92rznlr96EJD8ybpj4hBnGN3VofoQ1raZrAY4le3SUyNhsGfTWHy4rhI1AkRjQ5ylRznwmArc2OabkALpuUwesPYpBLzr9QneuDJnE6VRMxnlae6QgEyGYHOC7x7W9X6vw",
];

/// How the next call about a conversation breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// An answer with this status; `Retry-After` in seconds where there is one.
    Status(u16, Option<u64>),
    /// The connection ends before anything was done.
    Reset,
    /// No answer at all.
    Silence,
    /// It is done, but the answer holds no id.
    Nameless,
}

#[derive(Default)]
struct Inside {
    /// The name of the key in use, and which of the keys it is.
    kid: String,
    which: usize,
    endorsements: Vec<String>,
    down: bool,
    readings: usize,
    logins: usize,
    login_says: Option<(u16, Value)>,
    tokens: Vec<String>,
    breaks: VecDeque<Break>,
    calls: Vec<(String, Value)>,
    messages: BTreeMap<String, Value>,
    members: HashMap<String, Value>,
    shut: Vec<String>,
    sent: HashMap<String, Vec<Timestamp>>,
    made: usize,
    too_fast: usize,
}

pub struct Connector {
    pub base: String,
    clock: Arc<dyn Clock>,
    inside: Mutex<Inside>,
    heard: watch::Sender<usize>,
}

impl Connector {
    pub async fn start(clock: Arc<dyn Clock>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inside = Inside { kid: fresh_name(), endorsements: vec!["msteams".into()], ..Inside::default() };
        let connector = Arc::new(Self { base, clock, inside: Mutex::new(inside), heard: watch::Sender::new(0) });
        let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&connector));
        tokio::spawn(async move { axum::serve(listener, router).await });
        connector
    }

    pub fn service(&self) -> String {
        format!("{}/emea/", self.base)
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub fn heard(&self) -> watch::Receiver<usize> {
        self.heard.subscribe()
    }

    /// What a proper token says.
    pub fn claims(&self, activity: &Value) -> Value {
        let now = self.clock.now().as_second();
        json!({
            "iss": "https://api.botframework.com", "aud": APP, "nbf": now - 300, "exp": now + 3_600,
            "serviceurl": activity["serviceUrl"],
        })
    }

    /// A token signed with the key in use.
    pub fn token(&self, claims: Value) -> String {
        let kid = self.inside().kid.clone();
        self.token_by(&kid, self.inside().which, claims)
    }

    pub fn token_by(&self, kid: &str, which: usize, claims: Value) -> String {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
        encode(&header, &claims, &EncodingKey::from_rsa_der(KEYS[which])).unwrap()
    }

    pub fn kid(&self) -> String {
        self.inside().kid.clone()
    }

    /// The public keys, as told.
    pub fn key_set(&self) -> Value {
        let inside = self.inside();
        let key = json!({
            "kty": "RSA", "use": "sig", "kid": inside.kid, "n": MODULI[inside.which], "e": "AQAB",
            "endorsements": inside.endorsements,
        });
        json!({ "keys": [key, { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "other" }] })
    }

    /// Signs with the other key from now on, under a new name.
    pub fn rotate(&self) {
        let mut inside = self.inside();
        inside.kid = fresh_name();
        inside.which = 1 - inside.which;
    }

    pub fn endorse(&self, channels: &[&str]) {
        self.inside().endorsements = channels.iter().map(|c| (*c).to_owned()).collect();
    }

    pub fn down(&self, down: bool) {
        self.inside().down = down;
    }

    pub fn readings(&self) -> usize {
        self.inside().readings
    }

    pub fn logins(&self) -> usize {
        self.inside().logins
    }

    pub fn login_says(&self, what: Option<(u16, Value)>) {
        self.inside().login_says = what;
    }

    /// Withdraws every token given so far.
    pub fn withdraw(&self) {
        self.inside().tokens.clear();
    }

    pub fn breaks(&self, breaks: &[Break]) {
        self.inside().breaks.extend(breaks);
    }

    pub fn member(&self, id: &str, member: Value) {
        self.inside().members.insert(id.to_owned(), member);
    }

    /// Shuts the bot out of a conversation.
    pub fn shut(&self, conversation: &str) {
        self.inside().shut.push(conversation.to_owned());
    }

    /// What was called so far: method and decoded path, and the body.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.inside().calls.clone()
    }

    /// Messages that stand, by conversation and id.
    pub fn messages(&self) -> BTreeMap<String, Value> {
        self.inside().messages.clone()
    }

    /// The same of one conversation, oldest first, with their ids.
    pub fn in_conversation(&self, conversation: &str) -> Vec<(String, Value)> {
        let lead = format!("{conversation} ");
        let inside = self.inside();
        let there = inside.messages.range(lead.clone()..).take_while(|(key, _)| key.starts_with(&lead));
        let mut there: Vec<_> = there.map(|(key, body)| (key[lead.len()..].to_owned(), body.clone())).collect();
        there.sort_by_key(|(id, _)| id[1..].parse::<u64>().unwrap_or(0));
        there
    }

    pub fn too_fast(&self) -> usize {
        self.inside().too_fast
    }
}

fn fresh_name() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    let mut seed = std::hash::RandomState::new().build_hasher();
    seed.write_u8(0);
    format!("kid-{:016x}", seed.finish())
}

fn error(status: u16, code: &str, after: Option<u64>) -> Response {
    let body = Json(json!({ "error": { "code": code, "message": "words" } }));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    if let Some(after) = after {
        response.headers_mut().insert("retry-after", after.to_string().parse().unwrap());
    }
    response
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(b) = rest.next() {
        if b == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).unwrap()
}

async fn answer(
    State(c): State<Arc<Connector>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if path == "/openid" || path == "/keys" {
        let mut inside = c.inside();
        if inside.down {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        if path == "/openid" {
            inside.readings += 1;
            let keys = format!("{}/keys", c.base);
            return Json(json!({ "issuer": "https://api.botframework.com", "jwks_uri": keys })).into_response();
        }
        drop(inside);
        return Json(c.key_set()).into_response();
    }
    if path == format!("/login/{TENANT}/oauth2/v2.0/token") {
        return login(&c, &body);
    }
    let broken = c.inside().breaks.pop_front();
    match broken {
        Some(Break::Silence) => std::future::pending().await,
        // A body that breaks off before its beginning: the connection just ends.
        Some(Break::Reset) => panic!("a connection that ends"),
        Some(Break::Status(status, after)) => return error(status, "Broken", after),
        Some(Break::Nameless) | None => {}
    }
    let response = connector(&c, &method, path, &headers, &body);
    if broken == Some(Break::Nameless) && response.status().is_success() {
        return (StatusCode::CREATED, Json(json!({}))).into_response();
    }
    response
}

fn login(c: &Connector, body: &[u8]) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let mut inside = c.inside();
    inside.logins += 1;
    if let Some((status, said)) = &inside.login_says {
        return (StatusCode::from_u16(*status).unwrap(), Json(said.clone())).into_response();
    }
    let right = form["grant_type"] == "client_credentials"
        && form["client_id"] == APP
        && form["client_secret"] == "hush"
        && form["scope"] == "https://api.botframework.com/.default";
    if !right {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let token = format!("token-{}", inside.logins);
    inside.tokens.push(token.clone());
    Json(json!({ "token_type": "Bearer", "expires_in": 3_600, "access_token": token })).into_response()
}

fn connector(c: &Connector, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Response {
    let Some(rest) = path.strip_prefix("/emea/v3/conversations") else { return error(404, "NotFound", None) };
    // Teams does not find ids that are not written as bytes.
    if rest.contains([':', '@', ';', '=']) {
        return error(404, "ConversationNotFound", None);
    }
    let shown = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let mut inside = c.inside();
    if !inside.tokens.iter().any(|t| shown == format!("Bearer {t}")) {
        return error(401, "Unauthorized", None);
    }
    let parts: Vec<String> = rest.split('/').filter(|p| !p.is_empty()).map(decoded).collect();
    inside.calls.push((format!("{method} {}", parts.join(" ")), body.clone()));
    let count = inside.calls.len();
    let response = act(c, &mut inside, method, &parts, body);
    drop(inside);
    c.heard.send_replace(count);
    response
}

fn act(c: &Connector, inside: &mut Inside, method: &Method, parts: &[String], body: Value) -> Response {
    let activity = body.get("activity").unwrap_or(&body);
    if activity.to_string().encode_utf16().count() * 2 > 100 * 1024 {
        return error(413, "MessageSizeTooBig", None);
    }
    if activity.get("text").is_some() && activity.get("attachments").is_some() {
        return error(400, "Teams would split this in two", None);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let thread = parts.first().map_or("new", |p| p.split(';').next().unwrap_or(p)).to_owned();
    if inside.shut.contains(&thread) {
        return error(403, "BotNotInConversationRoster", None);
    }
    if *method == Method::POST && too_fast(inside, &thread, c.clock.now()) {
        inside.too_fast += 1;
        return error(429, "Too many requests", Some(1));
    }
    inside.made += 1;
    let made = format!("m{}", inside.made);
    match (method.as_str(), parts.as_slice()) {
        ("POST", []) if body["isGroup"] == true => {
            let channel = body["channelData"]["channel"]["id"].as_str().unwrap();
            let conversation = format!("{channel};messageid={made}");
            inside.messages.insert(format!("{conversation} {made}"), body["activity"].clone());
            (StatusCode::CREATED, Json(json!({ "id": conversation, "activityId": made }))).into_response()
        }
        ("POST", []) => {
            assert_eq!(body["tenantId"], TENANT);
            let whom = body["members"][0]["id"].as_str().unwrap();
            (StatusCode::CREATED, Json(json!({ "id": format!("a:opened-{whom}") }))).into_response()
        }
        ("POST", [conversation, "activities"]) => {
            inside.messages.insert(format!("{conversation} {made}"), body);
            (StatusCode::CREATED, Json(json!({ "id": made }))).into_response()
        }
        ("PUT", [conversation, "activities", message]) => {
            let key = format!("{conversation} {message}");
            if !inside.messages.contains_key(&key) {
                return error(404, "ActivityNotFoundInConversation", None);
            }
            inside.messages.insert(key, body);
            Json(json!({ "id": message })).into_response()
        }
        ("GET", [_, "members", whom]) => match inside.members.get(*whom) {
            Some(member) => Json(member.clone()).into_response(),
            None => error(404, "MemberNotFoundInConversation", None),
        },
        _ => error(405, "MethodNotAllowed", None),
    }
}

/// Teams' own counting.
fn too_fast(inside: &mut Inside, thread: &str, now: Timestamp) -> bool {
    let sent = inside.sent.entry(thread.to_owned()).or_default();
    let within =
        |seconds| sent.iter().filter(|at| now.duration_since(**at) < SignedDuration::from_secs(seconds)).count();
    let over = [(7, 1), (8, 2), (60, 30), (1_800, 3_600)].iter().any(|(most, window)| within(*window) >= *most);
    if !over {
        sent.push(now);
    }
    over
}
