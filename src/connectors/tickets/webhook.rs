//! A desk behind a signed HTTP call.
//!
//! `POST` to the configured address with the JSON of [`Call`], signed by Standard Webhooks ([`crate::connectors::signature`]).
//! `webhook-id` is `<ticket>.file` however often it is tried: the idempotency key. The receiver answers 200 or 201 with
//! `{"reference":"…"}`, the ticket's number there; 202 means that it is still at work and is asked again.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::StatusCode;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::connectors::outgoing::{Fault, Limits, Outgoing, fault_of_status, short};
use crate::connectors::signature::WebhookSecret;
use crate::connectors::webhook::WebhookError;
use crate::domain::clock::Clock;
use crate::ports::tickets::{Filing, TicketDesk, TicketError, TicketPaper};

/// The longest number a desk may answer with, in characters.
const LONGEST_REFERENCE: usize = 100;

/// Where to, and the secret.
pub struct Settings {
    /// Where to.
    pub url: String,
    /// The shared secret, `whsec_…`.
    pub secret: SecretString,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
    /// How long and how much.
    pub limits: Limits,
}

/// The body of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// The form's version: 1.
    pub version: u32,
    /// What is asked for: `file`.
    pub verb: String,
    /// The ticket.
    pub ticket: TicketPaper,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The ticket's number there.
    pub reference: String,
    /// True where it had been filed before.
    #[serde(default)]
    pub known: bool,
}

/// A signed caller.
pub struct Signed {
    out: Outgoing,
    secret: WebhookSecret,
    clock: Arc<dyn Clock>,
}

impl Signed {
    /// A caller from its settings.
    ///
    /// # Errors
    /// [`WebhookError`] names the setting that cannot be used.
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, WebhookError> {
        let out = Outgoing::new(&settings.url, settings.allow_private, settings.limits)?;
        let secret = WebhookSecret::parse(&settings.secret)?;
        Ok(Self { out, secret, clock })
    }

    /// Sends a body under an idempotency key.
    ///
    /// # Errors
    /// [`TicketError`] where no answer came.
    pub async fn send(&self, id: &str, body: Vec<u8>) -> Result<(StatusCode, Vec<u8>), TicketError> {
        let now = self.clock.now().as_second();
        self.out.send(self.secret.post(&self.out, id, now, body)).await.map_err(error_of)
    }
}

/// A fault in the words of the port.
#[must_use]
pub fn error_of(fault: Fault) -> TicketError {
    match fault {
        Fault::Later(what) => TicketError::Unavailable { what },
        Fault::Refused(what) => TicketError::Refused { what },
    }
}

/// A number as a desk gave it: one line, not empty, not too long.
///
/// # Errors
/// [`TicketError::Unavailable`] where it is none.
pub fn reference(text: &str) -> Result<String, TicketError> {
    let line: String = short(text).chars().take(LONGEST_REFERENCE).collect();
    if line.is_empty() {
        return Err(TicketError::Unavailable { what: "it answered without a number".to_owned() });
    }
    Ok(line)
}

/// A desk behind a signed HTTP call.
pub struct WebhookDesk(pub Signed);

#[async_trait]
impl TicketDesk for WebhookDesk {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError> {
        let call = Call { version: 1, verb: "file".to_owned(), ticket: paper.clone() };
        let body = serde_json::to_vec(&call).map_err(|e| TicketError::Refused { what: e.to_string() })?;
        let (status, bytes) = self.0.send(&format!("{}.file", paper.id), body).await?;
        match status {
            StatusCode::OK | StatusCode::CREATED => {
                let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| TicketError::Unavailable {
                    what: "it answered with something other than the ticket's number".to_owned(),
                })?;
                Ok(Filing { reference: reference(&answer.reference)?, known: answer.known })
            }
            StatusCode::ACCEPTED => {
                Err(TicketError::Unavailable { what: "it accepted the call and is still at work".to_owned() })
            }
            _ => Err(error_of(fault_of_status(status, &bytes))),
        }
    }
}
