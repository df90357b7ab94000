//! Calls to addresses that people wrote into settings: which may be called, for how long, how much of an answer is read, and what a
//! failure means. Redirects are never followed, proxies never used, and the address that was checked is the one that is called.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use url::{Host, Url};

use crate::connectors::address::{Blocked, Guard, Reach};

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

/// Why an address cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
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
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Trying again later may help.
    Later(String),
    /// Trying again will not help.
    Refused(String),
}

/// An address with a client that may call it and nothing else.
pub struct Outgoing {
    url: Url,
    reach: Reach,
    limits: Limits,
    client: reqwest::Client,
}

impl Outgoing {
    /// A client for this address.
    ///
    /// # Errors
    /// [`OutgoingError`] names what is wrong with it.
    pub fn new(address: &str, allow_private: bool, limits: Limits) -> Result<Self, OutgoingError> {
        let url = Url::parse(address).map_err(|_| OutgoingError::Address(address.to_owned()))?;
        let reach = if allow_private { Reach::Private } else { Reach::Public };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutgoingError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            "http" => return Err(OutgoingError::Plain(address.to_owned())),
            _ => return Err(OutgoingError::Address(address.to_owned())),
        }
        // Written-out addresses never pass the resolver, so they are checked here; names are checked at every call.
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(v4.into()),
            Some(Host::Ipv6(v6)) => Some(v6.into()),
            Some(Host::Domain(_)) => None,
            None => return Err(OutgoingError::Address(address.to_owned())),
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
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| OutgoingError::Client(root_cause(&error)))?;
        Ok(Self { url, reach, limits, client })
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How far calls may reach.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// A path below the address.
    #[must_use]
    pub fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url
    }

    /// A `POST` to be filled and sent. The address has to be this one or one [`Outgoing::below`] it.
    pub fn post(&self, url: Url) -> reqwest::RequestBuilder {
        self.client.post(url)
    }

    /// A `GET`, likewise.
    pub fn get(&self, url: Url) -> reqwest::RequestBuilder {
        self.client.get(url)
    }

    /// Sends a request; answers with the status and the body, which is never longer than the limit.
    ///
    /// # Errors
    /// [`Fault`] where no answer came, or too much of one.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, Vec<u8>), Fault> {
        self.exchange(request).await.map(|(status, _, bytes)| (status, bytes))
    }

    /// The same with the answer's headers.
    ///
    /// # Errors
    /// [`Fault`] where no answer came, or too much of one.
    pub async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, HeaderMap, Vec<u8>), Fault> {
        let mut response = request.send().await.map_err(|error| fault_of(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault_of(&error))? {
            if bytes.len() + chunk.len() > self.limits.answer {
                return Err(Fault::Later(format!("its answer is longer than {} bytes", self.limits.answer)));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((status, headers, bytes))
    }
}

/// What a status that is no success means, with the beginning of what was said.
#[must_use]
pub fn fault_of_status(status: StatusCode, bytes: &[u8]) -> Fault {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Fault::Later(said(status, bytes))
        }
        s if s.is_redirection() => Fault::Refused(format!("it answered {status}; redirects are not followed")),
        s if s.is_client_error() => Fault::Refused(said(status, bytes)),
        _ => Fault::Later(said(status, bytes)),
    }
}

/// What went wrong below HTTP. An address that may not be called will not become one by waiting.
fn fault_of(error: &reqwest::Error) -> Fault {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Fault::Refused(blocked.to_string());
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Fault::Later("no answer in time".to_owned())
    } else if error.is_connect() {
        Fault::Later(format!("it cannot be reached ({})", root_cause(error)))
    } else {
        Fault::Later(format!("the call broke off ({})", root_cause(error)))
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
#[must_use]
pub fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    line.trim().to_owned()
}
