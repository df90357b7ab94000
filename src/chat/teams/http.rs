//! Calls to Microsoft: short, limited, without redirects or proxies, and with an outcome that says whether the other side may have done
//! what it was asked.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest answer read, in bytes. Signing keys are the longest: some ten of them, each with its certificate.
const ANSWER: usize = 512 * 1024;
/// The longest wait that is taken over from an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// A client for one kind of calls.
#[derive(Debug, Clone)]
pub struct Http(reqwest::Client);

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long to wait, where it says so.
    pub after: Option<Duration>,
    /// The other side's clock, as it wrote it.
    pub date: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoAnswer {
    /// True where the call may have arrived.
    pub unsure: bool,
    /// What happened.
    pub why: String,
}

impl Answer {
    /// The beginning of what was said, as one line.
    #[must_use]
    pub fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        let line = line.trim();
        if line.is_empty() {
            format!("it answered {}", self.status)
        } else {
            format!("it answered {}: {line}", self.status)
        }
    }
}

impl Http {
    /// A client. Calls go over TLS only, except beside a peer on this machine.
    ///
    /// # Errors
    /// What the library says.
    pub fn new(total: Duration, local_peer: bool) -> Result<Self, String> {
        // A second installation is refused by the library and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!local_peer)
            .connect_timeout(total.min(Duration::from_secs(5)))
            .timeout(total)
            .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|e| e.to_string())
    }

    /// The client, to begin a call with.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.0
    }

    /// Sends a call and reads the answer up to its limit.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn send(&self, call: reqwest::RequestBuilder) -> Result<Answer, NoAnswer> {
        let mut response = call.send().await.map_err(|e| no_answer(&e))?;
        let status = response.status();
        let after = wait(response.headers());
        let date = response.headers().get(DATE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        // Once there is a status the outcome is known; a body that breaks off only says less.
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > ANSWER {
                return Err(NoAnswer { unsure: true, why: format!("its answer is longer than {ANSWER} bytes") });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, after, date, body })
    }
}

/// `Retry-After` in whole seconds; the other form, a date, is not used by this service.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause: String = cause.to_string().chars().take(200).collect();
    if error.is_connect() || error.is_builder() {
        NoAnswer { unsure: false, why: format!("it cannot be reached ({cause})") }
    } else if error.is_timeout() {
        NoAnswer { unsure: true, why: "no answer in time".to_owned() }
    } else {
        NoAnswer { unsure: true, why: format!("the call broke off ({cause})") }
    }
}
