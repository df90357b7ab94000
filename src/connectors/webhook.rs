//! A target system behind a signed HTTP call.
//!
//! # The call
//! `POST` to the configured address with the JSON of [`Call`], signed as [`crate::connectors::signature`] says. `webhook-id` is
//! `<grant>.open` or `<grant>.close` and stays the same however often the call is tried: it is the idempotency key. Questions have
//! `<grant>.check.<seconds>`, because each of them wants a fresh answer.
//!
//! # The answer
//! | status | means |
//! |---|---|
//! | 200 with `{"state":"open"}` or `{"state":"closed"}`, perhaps with `"evidence":"…"` | how it stands after the call |
//! | 202 | accepted, not done: asked again later |
//! | 408, 425, 429, 5xx, no answer in time, anything unreadable | asked again later |
//! | 3xx | refused: redirects are never followed |
//! | any other 4xx | refused: people have to look |
//!
//! Only a state that was said is believed: `open` is confirmed by `"state":"open"` and nothing else.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::StatusCode;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::connectors::address::{Blocked, Guard, Reach};
use crate::connectors::signature::{BadSecret, WebhookSecret};
use crate::domain::clock::Clock;
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::{ConnectorId, EntitlementId, GrantId, PersonId, RequestId, SystemId};
use crate::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt};

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To reach the receiver.
    pub connect: Duration,
    /// For the whole call.
    pub total: Duration,
    /// The longest answer read, in bytes.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20), answer: 64 * 1024 }
    }
}

/// What is called and how.
pub struct WebhookSettings {
    /// Where to.
    pub url: String,
    /// The shared secret, `whsec_…`.
    pub secret: SecretString,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
    /// How long and how much.
    pub limits: Limits,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Not an address.
    #[error("`{0}` is not a web address")]
    Address(String),
    /// Not encrypted.
    #[error("`{0}` has to begin with `https://` (plain HTTP only with `allow_private`)")]
    Plain(String),
    /// User name or password in the address.
    #[error("the address must not hold a user name or password")]
    Credentials,
    /// Leads where a call may not go.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// Not a secret.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallVerb {
    /// Open access.
    Open,
    /// Close access.
    Close,
    /// Say how it stands; change nothing.
    Check,
}

/// The body of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// The form's version: 1.
    pub version: u32,
    /// What is asked for.
    pub verb: CallVerb,
    /// Which grant.
    pub grant: GrantId,
    /// The request that was approved.
    pub request: RequestId,
    /// Who.
    pub person: CallPerson,
    /// What.
    pub entitlement: CallEntitlement,
    /// When access begins.
    #[schemars(with = "String")]
    pub start: Timestamp,
    /// The first moment without access; `null` where it is open-ended. A receiver that can should end it by itself as well.
    #[schemars(with = "Option<String>")]
    pub end: Option<Timestamp>,
}

/// Who is to hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallPerson {
    /// The immutable id.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// What is to be held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallEntitlement {
    /// The catalog's id.
    pub id: EntitlementId,
    /// The system.
    pub system: SystemId,
    /// The technical name in the system.
    pub name: String,
    /// The name people read.
    pub title: String,
    /// What one can do with it.
    pub access: AccessLevel,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// How it stands.
    pub state: AnswerState,
    /// What the target system says about it, short, without secrets.
    #[serde(default)]
    pub evidence: String,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// The person has access.
    Open,
    /// The person has none by this grant.
    Closed,
}

/// A target system behind a signed HTTP call.
pub struct Webhook {
    id: ConnectorId,
    url: Url,
    secret: WebhookSecret,
    reach: Reach,
    limits: Limits,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// A connector from its settings.
    ///
    /// # Errors
    /// [`WebhookError`] names the setting that cannot be used.
    pub fn new(id: ConnectorId, settings: &WebhookSettings, clock: Arc<dyn Clock>) -> Result<Self, WebhookError> {
        let url = Url::parse(&settings.url).map_err(|_| WebhookError::Address(settings.url.clone()))?;
        let reach = if settings.allow_private { Reach::Private } else { Reach::Public };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if settings.allow_private => {}
            "http" => return Err(WebhookError::Plain(settings.url.clone())),
            _ => return Err(WebhookError::Address(settings.url.clone())),
        }
        // Written-out addresses never pass the resolver, so they are checked here; names are checked at every call.
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(v4.into()),
            Some(Host::Ipv6(v6)) => Some(v6.into()),
            Some(Host::Domain(_)) => None,
            None => return Err(WebhookError::Address(settings.url.clone())),
        };
        if let Some(address) = literal.filter(|a| !reach.allows(*a)) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(Blocked { host, address }.into());
        }
        // A second installation is refused by the library and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Guard(reach)))
            .connect_timeout(settings.limits.connect)
            .timeout(settings.limits.total)
            .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| WebhookError::Client(root_cause(&error)))?;
        let secret = WebhookSecret::parse(&settings.secret)?;
        Ok(Self { id, url, secret, reach, limits: settings.limits, client, clock })
    }

    async fn call(&self, verb: CallVerb, errand: &Errand<'_>) -> Result<Answer, Failure> {
        let now = self.clock.now().as_second();
        let id = match verb {
            CallVerb::Open => format!("{}.open", errand.grant),
            CallVerb::Close => format!("{}.close", errand.grant),
            CallVerb::Check => format!("{}.check.{now}", errand.grant),
        };
        let body = serde_json::to_vec(&call(verb, errand)).map_err(|error| Failure::refused(error.to_string()))?;
        let response = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", self.secret.sign(&id, now, &body))
            .body(body)
            .send()
            .await
            .map_err(|error| failure_of(&error))?;
        let status = response.status();
        let bytes = self.read(response).await?;
        match status {
            StatusCode::OK => serde_json::from_slice(&bytes)
                .map_err(|_| Failure::later("it answered with something other than the state of the grant".to_owned())),
            StatusCode::ACCEPTED => Err(Failure::later("it accepted the call and is still at work".to_owned())),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
                Err(Failure::later(said(status, &bytes)))
            }
            s if s.is_redirection() => {
                Err(Failure::refused(format!("it answered {status}; redirects are not followed")))
            }
            s if s.is_client_error() => Err(Failure { error: refused(said(status, &bytes)), status: Some(status) }),
            _ => Err(Failure::later(said(status, &bytes))),
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure_of(&error))? {
            if bytes.len() + chunk.len() > self.limits.answer {
                return Err(Failure::later(format!("its answer is longer than {} bytes", self.limits.answer)));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn until(&self, verb: CallVerb, wanted: AnswerState, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        let answer = self.call(verb, errand).await.map_err(|failure| failure.error)?;
        if answer.state == wanted {
            let evidence = short(&answer.evidence);
            let evidence = if evidence.is_empty() { "the receiver confirmed it".to_owned() } else { evidence };
            Ok(Receipt::Confirmed { evidence })
        } else {
            Err(Failure::later("it says that nothing has changed yet".to_owned()).error)
        }
    }
}

#[async_trait]
impl Connector for Webhook {
    fn id(&self) -> &ConnectorId {
        &self.id
    }

    async fn open(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        self.until(CallVerb::Open, AnswerState::Open, errand).await
    }

    async fn close(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        self.until(CallVerb::Close, AnswerState::Closed, errand).await
    }

    async fn holds(&self, errand: &Errand<'_>) -> Result<Holding, ConnectorError> {
        match self.call(CallVerb::Check, errand).await {
            Ok(Answer { state: AnswerState::Open, .. }) => Ok(Holding::Held),
            Ok(Answer { state: AnswerState::Closed, .. }) => Ok(Holding::NotHeld),
            // A receiver that does not know the question is no worse than a system that cannot be asked.
            Err(Failure { status: Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), .. }) => {
                Ok(Holding::Unknown)
            }
            Err(failure) => Err(failure.error),
        }
    }

    async fn check(&self) -> Result<(), String> {
        let Some(Host::Domain(host)) = self.url.host() else { return Ok(()) };
        let port = self.url.port_or_known_default().unwrap_or(443);
        match Guard(self.reach).resolve_host(host, port).await {
            Ok(found) if found.is_empty() => Err(format!("`{host}` has no address; check the connector's `url`")),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the connector `{}` cannot be used: {error}", self.id)),
        }
    }
}

/// A failure with the status that told it, where one did.
struct Failure {
    error: ConnectorError,
    status: Option<StatusCode>,
}

impl Failure {
    fn later(what: String) -> Self {
        Self { error: ConnectorError::Unavailable { what }, status: None }
    }

    fn refused(what: String) -> Self {
        Self { error: refused(what), status: None }
    }
}

fn refused(what: String) -> ConnectorError {
    ConnectorError::Refused { what }
}

fn call(verb: CallVerb, errand: &Errand<'_>) -> Call {
    Call {
        version: 1,
        verb,
        grant: errand.grant,
        request: errand.order.request,
        person: CallPerson {
            id: errand.person.id.clone(),
            name: errand.person.name.clone(),
            email: errand.person.email.clone(),
        },
        entitlement: CallEntitlement {
            id: errand.entitlement.id.clone(),
            system: errand.entitlement.system.clone(),
            name: errand.entitlement.name.clone(),
            title: errand.entitlement.title.clone(),
            access: errand.entitlement.access,
        },
        start: errand.order.window.start(),
        end: errand.order.window.end(),
    }
}

/// What went wrong below HTTP. An address that may not be called will not become one by waiting.
fn failure_of(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Failure::refused(blocked.to_string());
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Failure::later("no answer in time".to_owned())
    } else if error.is_connect() {
        Failure::later(format!("it cannot be reached ({})", root_cause(error)))
    } else {
        Failure::later(format!("the call broke off ({})", root_cause(error)))
    }
}

/// The innermost cause: short, and without the address that outer ones repeat.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    short(&cause.to_string())
}

/// A status with the beginning of what was said.
fn said(status: StatusCode, bytes: &[u8]) -> String {
    let text = short(&String::from_utf8_lossy(bytes));
    if text.is_empty() { format!("it answered {status}") } else { format!("it answered {status}: {text}") }
}

/// A receiver's words: one line, without control characters, at most 300 characters.
fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    line.trim().to_owned()
}
