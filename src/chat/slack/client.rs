//! What we do on Slack: [`ChatSurface`] over slack-morphism's client. Payloads are our own JSON (its models know nothing of `verbatim`
//! text objects and refuse answers that lack a field), rate control is ours (its own holds a whole workspace to one message a second), every
//! call has a time limit, and nothing is retried here: the outbox does that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use slack_morphism::errors::SlackClientError;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector as _,
};
use tokio::sync::RwLock;
use url::Url;

use crate::chat::scene::Scene;
use crate::chat::slack::codes::{is_fatal, surface_error};
use crate::chat::slack::connector::{Connector, ConnectorError, Heard, is_here};
use crate::chat::slack::identity::Own;
use crate::chat::slack::pace::{POST, Pace, Rate, UPDATE};
use crate::chat::slack::render::message;
use crate::chat::slack::start_page;
use crate::domain::account::{Account, Place, PlatformId, Posted};
use crate::domain::card::Card;
use crate::domain::clock::Clock;
use crate::domain::conversation::Surface;
use crate::ports::desk::Mine;
use crate::ports::surface::{Back, Called, ChatSurface, Connection, Profile, SurfaceError};

/// What our messages' metadata is called.
const EVENT: &str = "claviger_message";
/// How many messages back [`ChatSurface::find`] looks.
const LOOK_BACK: &str = "100";
/// Direct conversations and names remembered.
const REMEMBERED: usize = 10_000;

/// What the client is made from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Web API's base address.
    pub base: Url,
    /// The bot's token, `xoxb-…`.
    pub bot_token: SecretString,
    /// Where our own pages are, for links.
    pub pages: Option<Url>,
    /// How long one call may take.
    pub limit: Duration,
}

/// Slack's own address of the Web API.
pub const BASE: &str = "https://slack.com/api";
/// How long one call may take, where nothing else is set.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Slack, as we act there.
pub struct Slack {
    client: SlackClient<Connector>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    own: RwLock<Option<Own>>,
    pace: Mutex<Pace>,
    state: Mutex<State>,
    directs: Mutex<BTreeMap<PlatformId, PlatformId>>,
    names: Mutex<BTreeMap<PlatformId, String>>,
    homes: Mutex<BTreeSet<PlatformId>>,
}

/// How it stands: the token, and the socket where there is one.
struct State {
    token: Connection,
    socket: Option<Connection>,
}

/// A call that did not work, with Slack's code where there is one.
struct Fault {
    code: Option<String>,
    error: SurfaceError,
}

impl From<Fault> for SurfaceError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl Slack {
    /// A client. Nothing is called yet.
    ///
    /// # Errors
    /// Where the address cannot be used.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, ConnectorError> {
        let connector = Connector::new(&settings.base, settings.limit)?;
        let trying = Connection::Trying("Slack has not been asked yet".into());
        Ok(Self {
            client: SlackClient::new(connector),
            settings,
            clock,
            own: RwLock::new(None),
            pace: Mutex::new(Pace::default()),
            state: Mutex::new(State { token: trying, socket: None }),
            directs: Mutex::new(BTreeMap::new()),
            names: Mutex::new(BTreeMap::new()),
            homes: Mutex::new(BTreeSet::new()),
        })
    }

    /// Who we are there; asked once.
    ///
    /// # Errors
    /// Where Slack does not tell.
    pub async fn own(&self) -> Result<Own, SurfaceError> {
        if let Some(own) = self.own.read().await.clone() {
            return Ok(own);
        }
        self.look().await
    }

    /// Asks whether the token works, and who we are.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn look(&self) -> Result<Own, SurfaceError> {
        let answer = self.fetch("auth.test", &[]).await?;
        let own = Own::read(&answer).ok_or_else(|| SurfaceError::Refused("auth.test names no workspace".into()))?;
        *self.own.write().await = Some(own.clone());
        Ok(own)
    }

    /// What the headers of the last answer told.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.client.http_api.connector.heard()
    }

    /// Where the socket is to be opened, as `apps.connections.open` says with the app's own token.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn socket_address(&self, app_token: &SecretString) -> Result<Url, SurfaceError> {
        self.open_socket(app_token).await.map(|(url, _)| url)
    }

    /// The same, with what Slack warns of where it does: it opens a socket even for an app whose Socket Mode is off.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn open_socket(&self, app_token: &SecretString) -> Result<(Url, Option<String>), SurfaceError> {
        let doing = "apps.connections.open";
        let answer = self.with(app_token, doing, &json!({})).await.map_err(SurfaceError::from)?;
        let messages = answer.pointer("/response_metadata/messages").and_then(Value::as_array);
        let warning = messages.into_iter().flatten().filter_map(Value::as_str).find(|m| m.contains("Socket Mode"));
        let warning = warning.map(|m| crate::chat::plain::one_line(m).chars().take(200).collect());
        let url = answer.get("url").and_then(Value::as_str).and_then(|u| Url::parse(u).ok());
        // The answer came from Slack over TLS; a plain socket leads to this machine only, and only where the address of settings does.
        let fine = |u: &Url| u.scheme() == "wss" || (u.scheme() == "ws" && is_here(u) && is_here(&self.settings.base));
        url.filter(fine)
            .map(|url| (url, warning))
            .ok_or_else(|| SurfaceError::Refused(format!("{doing}: no usable address")))
    }

    /// Tells how the socket stands.
    pub fn socket_is(&self, connection: Connection) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).socket = Some(connection);
    }

    /// The scene cards are drawn in.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene { base: self.settings.pages.as_ref(), mention: &|_| None }
    }

    /// A writing method of the Web API.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn call(&self, method: &str, body: &Value) -> Result<Value, SurfaceError> {
        Ok(self.write(method, body).await?)
    }

    async fn write(&self, method: &str, body: &Value) -> Result<Value, Fault> {
        let done = self.with(&self.settings.bot_token, method, body).await;
        self.noted(done)
    }

    async fn with(&self, token: &SecretString, method: &str, body: &Value) -> Result<Value, Fault> {
        let token = SlackApiToken::new(token.expose_secret().to_owned().into());
        let session = self.client.open_session(&token);
        self.within(method, session.http_session_api.http_post::<Value, Value>(method, body, None)).await
    }

    /// A reading method, which takes no JSON.
    async fn fetch(&self, method: &str, fields: &[(&str, &str)]) -> Result<Value, Fault> {
        let token = SlackApiToken::new(self.settings.bot_token.expose_secret().to_owned().into());
        let session = self.client.open_session(&token);
        let fields: Vec<(&str, Option<&str>)> = fields.iter().map(|(name, value)| (*name, Some(*value))).collect();
        let done = self.within(method, session.http_session_api.http_get::<Value, _, _>(method, &fields, None)).await;
        self.noted(done)
    }

    /// slack-morphism knows no time limit, so that every call of it gets one here.
    async fn within(&self, method: &str, call: impl Future<Output = ClientResult<Value>>) -> Result<Value, Fault> {
        match tokio::time::timeout(self.settings.limit, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let code = match &error {
                    SlackClientError::ApiError(api) => Some(api.code.clone()),
                    _ => None,
                };
                Err(Fault { code, error: surface_error(method, &error) })
            }
            Err(_) => {
                let why = format!("{method}: no answer in time");
                Err(Fault { code: None, error: SurfaceError::Later { after: None, unsure: true, why } })
            }
        }
    }

    /// Remembers what a call shows of the token: an answer that it works, a fatal code that it does not.
    fn noted(&self, done: Result<Value, Fault>) -> Result<Value, Fault> {
        let token = match &done {
            Ok(_) => Connection::Up,
            Err(fault) => match (&fault.code, &fault.error) {
                // One missing scope closes one door, not the house.
                (Some(code), _) if code == "missing_scope" || !is_fatal(code) => Connection::Up,
                (Some(_), error) => Connection::Dead(error.to_string()),
                (None, SurfaceError::Later { after: Some(_), .. }) => Connection::Up,
                (None, error) => Connection::Trying(error.to_string()),
            },
        };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).token = token;
        done
    }

    fn turn(&self, key: &str, rate: Rate) -> Result<(), SurfaceError> {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.take(key, rate, self.clock.now()).map_err(|after| SurfaceError::Later {
            after: Some(after),
            unsure: false,
            why: "one message a second is Slack's measure".into(),
        })
    }

    /// Keeps to what Slack said where it said to wait.
    fn slower<T>(&self, key: &str, done: Result<T, SurfaceError>) -> Result<T, SurfaceError> {
        if let Err(SurfaceError::Later { after: Some(after), unsure: false, .. }) = &done {
            self.pace.lock().unwrap_or_else(PoisonError::into_inner).hold(key, *after, self.clock.now());
        }
        done
    }

    /// Opens a window; the ticket dies in three seconds. Answers with the view's id and hash.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn open_view(&self, trigger: &str, view: &Value) -> Result<(String, Option<String>), SurfaceError> {
        let answer = self.call("views.open", &json!({ "trigger_id": trigger, "view": view })).await?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let id = text("/view/id").ok_or_else(|| SurfaceError::Refused("views.open: no window came back".into()))?;
        Ok((id, text("/view/hash")))
    }

    /// Draws an open window anew, unless somebody else did in between.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn update_view(&self, id: &str, hash: Option<&str>, view: &Value) -> Result<(), SurfaceError> {
        let mut body = json!({ "view_id": id, "view": view });
        if let Some(hash) = hash {
            body["hash"] = hash.into();
        }
        self.call("views.update", &body).await.map(|_| ())
    }

    /// Shows this start page to an account, and remembers that it has been opened.
    ///
    /// # Errors
    /// As Slack answers.
    pub async fn publish(&self, account: &Account, view: &Value) -> Result<(), SurfaceError> {
        self.call("views.publish", &json!({ "user_id": account.id.as_str(), "view": view })).await?;
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        if homes.len() < REMEMBERED {
            homes.insert(account.id.clone());
        }
        Ok(())
    }

    /// The name behind an id, for words that name people. `None` where Slack does not tell.
    pub async fn name_of(&self, id: &PlatformId) -> Option<String> {
        if let Some(name) = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Some(name.clone());
        }
        let answer = self.fetch("users.info", &[("user", id.as_str())]).await.ok()?;
        let name = name(answer.get("user")?);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < REMEMBERED {
            names.insert(id.clone(), name.clone());
        }
        Some(name)
    }

    /// Answers by the address that came with a delivery: five times within half an hour.
    async fn respond(&self, address: &str, body: &Value) -> Result<(), SurfaceError> {
        let url = Url::parse(address).ok().filter(|u| self.is_slacks(u));
        let url = url.ok_or_else(|| SurfaceError::Refused("the address for answering is not Slack's".into()))?;
        let span = tracing::Span::none();
        // Without our token: the address is the ticket.
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let connector = &self.client.http_api.connector;
        let done = self.within("response_url", connector.http_post_uri::<Value, Value>(url, body, context)).await;
        Ok(done.map(|_| ())?)
    }

    fn is_slacks(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let theirs = url.scheme() == "https"
            && (host == "hooks.slack.com" || host.ends_with(".slack.com") || host.ends_with(".slack-gov.com"));
        theirs || (is_here(&self.settings.base) && is_here(url))
    }

    async fn ephemeral(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        let (mut body, _) = message(card, &self.scene());
        body["channel"] = back.place.channel.as_str().into();
        body["user"] = back.account.id.as_str().into();
        if let Some(thread) = &back.place.thread {
            body["thread_ts"] = thread.as_str().into();
        }
        self.call("chat.postEphemeral", &body).await.map(|_| ())
    }
}

/// What somebody is called.
fn name(user: &Value) -> String {
    let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let found = ["/real_name", "/profile/real_name", "/profile/display_name", "/name"].iter().find_map(|p| text(p));
    crate::chat::plain::one_line(found.unwrap_or("somebody")).chars().take(120).collect()
}

#[async_trait]
impl ChatSurface for Slack {
    fn surface(&self) -> Surface {
        Surface::Slack
    }

    async fn direct(&self, account: &Account) -> Result<Place, SurfaceError> {
        let own = self.own().await?;
        let place = |channel: PlatformId| Place { space: own.space().clone(), channel, thread: None, via: None };
        let known = self.directs.lock().unwrap_or_else(PoisonError::into_inner).get(&account.id).cloned();
        if let Some(channel) = known {
            return Ok(place(channel));
        }
        let answer = self.call("conversations.open", &json!({ "users": account.id.as_str() })).await?;
        let channel = answer.pointer("/channel/id").and_then(Value::as_str).and_then(|t| PlatformId::parse(t).ok());
        let channel = channel.ok_or_else(|| SurfaceError::Refused("conversations.open: no conversation".into()))?;
        let mut directs = self.directs.lock().unwrap_or_else(PoisonError::into_inner);
        if directs.len() < REMEMBERED {
            directs.insert(account.id.clone(), channel.clone());
        }
        drop(directs);
        Ok(place(channel))
    }

    async fn post(&self, place: &Place, card: &Card, once: &str) -> Result<Posted, SurfaceError> {
        let key = format!("post {}", place.channel);
        self.turn(&key, POST)?;
        let (mut body, _) = message(card, &self.scene());
        body["channel"] = place.channel.as_str().into();
        body["unfurl_links"] = false.into();
        body["unfurl_media"] = false.into();
        body["metadata"] = json!({ "event_type": EVENT, "event_payload": { "once": once } });
        if let Some(thread) = &place.thread {
            body["thread_ts"] = thread.as_str().into();
        }
        let answer = self.slower(&key, self.call("chat.postMessage", &body).await)?;
        let id = |name: &str| answer.get(name).and_then(Value::as_str).and_then(|t| PlatformId::parse(t).ok());
        let why = || "chat.postMessage: the answer names no message".to_owned();
        let message = id("ts").ok_or_else(|| SurfaceError::Later { after: None, unsure: true, why: why() })?;
        let channel = id("channel").unwrap_or_else(|| place.channel.clone());
        Ok(Posted { place: Place { channel, ..place.clone() }, message })
    }

    async fn find(&self, place: &Place, once: &str) -> Result<Option<Posted>, SurfaceError> {
        let mut fields =
            vec![("channel", place.channel.as_str()), ("limit", LOOK_BACK), ("include_all_metadata", "true")];
        let method = match &place.thread {
            Some(thread) => {
                fields.push(("ts", thread.as_str()));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        let answer = match self.fetch(method, &fields).await {
            Ok(answer) => answer,
            // Channels whose history we may not read: it cannot be known.
            Err(fault) if fault.code.as_deref() == Some("missing_scope") => return Ok(None),
            Err(fault) => return Err(fault.error),
        };
        let ours = |m: &&Value| {
            m.pointer("/metadata/event_type").and_then(Value::as_str) == Some(EVENT)
                && m.pointer("/metadata/event_payload/once").and_then(Value::as_str) == Some(once)
        };
        let found = answer.get("messages").and_then(Value::as_array).and_then(|all| all.iter().find(ours));
        let ts = found.and_then(|m| m.get("ts")).and_then(Value::as_str).and_then(|t| PlatformId::parse(t).ok());
        Ok(ts.map(|message| Posted { place: place.clone(), message }))
    }

    async fn update(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError> {
        self.turn("update", UPDATE)?;
        let (mut body, _) = message(card, &self.scene());
        body["channel"] = posted.place.channel.as_str().into();
        body["ts"] = posted.message.as_str().into();
        self.slower("update", self.call("chat.update", &body).await).map(|_| ())
    }

    async fn whisper(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        if let Some(ticket) = &back.ticket {
            let (mut body, _) = message(card, &self.scene());
            body["response_type"] = "ephemeral".into();
            body["replace_original"] = false.into();
            match self.respond(ticket, &body).await {
                // Used up, too old, or refused: there are other ways.
                Err(SurfaceError::Gone(_) | SurfaceError::Refused(_) | SurfaceError::ShutOut(_)) => {}
                done => return done,
            }
        }
        // A person's own id stands for where nobody else reads; and in their direct messages with us (D…) nobody else reads either, so
        // what is said there stays to be read, where a note for one pair of eyes would be gone with the next look.
        let private = back.place.channel == back.account.id || back.place.channel.as_str().starts_with('D');
        if !private {
            match self.ephemeral(back, card).await {
                Err(SurfaceError::Gone(_) | SurfaceError::Refused(_)) => {}
                done => return done,
            }
        }
        let place = self.direct(&back.account).await?;
        let (mut body, _) = message(card, &self.scene());
        body["channel"] = place.channel.as_str().into();
        self.call("chat.postMessage", &body).await.map(|_| ())
    }

    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError> {
        let own = self.own().await?;
        let answer = self.fetch("users.info", &[("user", account.id.as_str())]).await?;
        let user = answer.get("user").ok_or_else(|| SurfaceError::Gone("users.info: nobody there".into()))?;
        let confirmed = user.get("is_email_confirmed").and_then(Value::as_bool).unwrap_or(true);
        let email = user.pointer("/profile/email").and_then(Value::as_str).filter(|e| !e.is_empty() && confirmed);
        Ok(Profile { name: name(user), email: email.map(str::to_owned), standing: own.standing(user) })
    }

    async fn called(&self, account: &Account) -> Result<Called, SurfaceError> {
        let own = self.own().await?;
        let profile = self.profile(account).await?;
        // Of other workspaces' names nothing is known.
        let space = own.name.clone().filter(|_| account.space == *own.space());
        Ok(Called { name: profile.name, space })
    }

    fn drawn(&self, card: &Card) -> Vec<u8> {
        let (body, _) = message(card, &self.scene());
        body.to_string().into_bytes()
    }

    fn has_start_page(&self, account: &Account) -> bool {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).contains(&account.id)
    }

    async fn start_page(&self, account: &Account, waiting: &[Card], mine: &Mine) -> Result<(), SurfaceError> {
        if !self.has_start_page(account) {
            return Ok(());
        }
        let view = start_page::view(waiting, mine, &self.scene());
        self.publish(account, &view).await
    }

    fn connection(&self) -> Connection {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (&state.token, &state.socket) {
            (dead @ Connection::Dead(_), _) => dead.clone(),
            (_, Some(dead @ Connection::Dead(_))) => dead.clone(),
            (Connection::Up, Some(socket)) => socket.clone(),
            (token, _) => token.clone(),
        }
    }
}
