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

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::StatusCode;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Host;

use crate::connectors::address::Guard;
use crate::connectors::outgoing::{Fault, Limits, Outgoing, OutgoingError, fault_of_status, short};
use crate::connectors::signature::{BadSecret, WebhookSecret};
use crate::domain::clock::Clock;
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::{ConnectorId, EntitlementId, GrantId, PersonId, RequestId, SystemId};
use crate::domain::person::Person;
use crate::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt, SessionsReceipt};

/// What is called and how.
pub struct WebhookSettings {
    /// Where to.
    pub url: String,
    /// The shared secret, `whsec_…`.
    pub secret: SecretString,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
    /// True where it takes the call that ends somebody's sessions.
    pub ends_sessions: bool,
    /// How long and how much.
    pub limits: Limits,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address cannot be called.
    #[error(transparent)]
    Address(#[from] OutgoingError),
    /// Not a secret.
    #[error(transparent)]
    Secret(#[from] BadSecret),
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

/// The body of a call that ends somebody's sessions. `webhook-id` is `<case>.sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsCall {
    /// The form's version: 1.
    pub version: u32,
    /// What is asked for.
    pub verb: SessionsVerb,
    /// The security case it belongs to.
    pub case: String,
    /// Whose sessions.
    pub person: CallPerson,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionsVerb {
    /// End every session and refresh token of the person.
    EndSessions,
}

/// The body of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsAnswer {
    /// How it stands.
    pub state: SessionsState,
    /// What the system says about it, short, without secrets.
    #[serde(default)]
    pub evidence: String,
}

/// How it stands with somebody's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionsState {
    /// There is none left.
    Ended,
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
    out: Outgoing,
    secret: WebhookSecret,
    clock: Arc<dyn Clock>,
    ends_sessions: bool,
}

impl Webhook {
    /// A connector from its settings.
    ///
    /// # Errors
    /// [`WebhookError`] names the setting that cannot be used.
    pub fn new(id: ConnectorId, settings: &WebhookSettings, clock: Arc<dyn Clock>) -> Result<Self, WebhookError> {
        let out = Outgoing::new(&settings.url, settings.allow_private, settings.limits)?;
        let secret = WebhookSecret::parse(&settings.secret)?;
        Ok(Self { id, out, secret, clock, ends_sessions: settings.ends_sessions })
    }

    async fn signed(&self, id: &str, now: i64, body: Vec<u8>) -> Result<(StatusCode, Vec<u8>), Failure> {
        self.out.send(self.secret.post(&self.out, id, now, body)).await.map_err(Failure::of)
    }

    async fn call(&self, verb: CallVerb, errand: &Errand<'_>) -> Result<Answer, Failure> {
        let now = self.clock.now().as_second();
        let id = match verb {
            CallVerb::Open => format!("{}.open", errand.grant),
            CallVerb::Close => format!("{}.close", errand.grant),
            CallVerb::Check => format!("{}.check.{now}", errand.grant),
        };
        let body = serde_json::to_vec(&call(verb, errand)).map_err(|error| Failure::refused(error.to_string()))?;
        let (status, bytes) = self.signed(&id, now, body).await?;
        match status {
            StatusCode::OK => serde_json::from_slice(&bytes)
                .map_err(|_| Failure::later("it answered with something other than the state of the grant".to_owned())),
            StatusCode::ACCEPTED => Err(Failure::later("it accepted the call and is still at work".to_owned())),
            _ => Err(Failure { status: Some(status), ..Failure::of(fault_of_status(status, &bytes)) }),
        }
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

    async fn end_sessions(&self, case: &str, person: &Person) -> Result<SessionsReceipt, ConnectorError> {
        if !self.ends_sessions {
            return Ok(SessionsReceipt::NotSupported);
        }
        let now = self.clock.now().as_second();
        let call = SessionsCall {
            version: 1,
            verb: SessionsVerb::EndSessions,
            case: case.to_owned(),
            person: CallPerson { id: person.id.clone(), name: person.name.clone(), email: person.email.clone() },
        };
        let body = serde_json::to_vec(&call).map_err(|e| Failure::refused(e.to_string()).error)?;
        let id = format!("{case}.sessions");
        let (status, bytes) = self.signed(&id, now, body).await.map_err(|failure| failure.error)?;
        match status {
            StatusCode::OK => {
                let answer: SessionsAnswer = serde_json::from_slice(&bytes).map_err(|_| {
                    Failure::later("it answered with something other than that the sessions are ended".to_owned()).error
                })?;
                let SessionsState::Ended = answer.state;
                let evidence = short(&answer.evidence);
                let evidence = if evidence.is_empty() { "the receiver confirmed it".to_owned() } else { evidence };
                Ok(SessionsReceipt::Ended { evidence })
            }
            StatusCode::ACCEPTED => Err(Failure::later("it accepted the call and is still at work".to_owned()).error),
            _ => Err(Failure::of(fault_of_status(status, &bytes)).error),
        }
    }

    async fn check(&self) -> Result<(), String> {
        let Some(Host::Domain(host)) = self.out.url().host() else { return Ok(()) };
        let port = self.out.url().port_or_known_default().unwrap_or(443);
        match Guard(self.out.reach()).resolve_host(host, port).await {
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
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Later(what) => Self::later(what),
            Fault::Refused(what) => Self::refused(what),
        }
    }

    fn later(what: String) -> Self {
        Self { error: ConnectorError::Unavailable { what }, status: None }
    }

    fn refused(what: String) -> Self {
        Self { error: ConnectorError::Refused { what }, status: None }
    }
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
