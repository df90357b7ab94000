//! How Slack's Web API is called: slack-morphism's client over the HTTP client that the rest of this program uses. Its own hyper connector
//! knows no time limit, reads bodies of any length and takes no plain address, not even this machine's; this one does, and keeps the
//! `Date` and the scopes of the last answer for `claviger doctor`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use slack_morphism::errors::{
    SlackClientApiError, SlackClientError, SlackClientHttpError, SlackClientHttpProtocolError, SlackClientSystemError,
    SlackRateLimitError, map_serde_error,
};
use slack_morphism::multipart_form::FileMultipartData;
use slack_morphism::prelude::ValueStruct as _;
use slack_morphism::{
    ClientResult, SlackClientApiCallContext, SlackClientHttpApiUri, SlackClientHttpConnector, SlackClientId,
    SlackClientSecret,
};
use url::{Host, Url};

/// To reach Slack.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer read, in bytes. A page of a conversation's history is the largest we ask for.
const ANSWER: usize = 2 * 1024 * 1024;

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// The address of the Web API cannot be used.
    #[error("`{0}` cannot be Slack's address: it has to begin with https:// (http:// to this machine only)")]
    Address(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// What the headers of the last answer told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Slack's clock, as it writes it.
    pub date: Option<String>,
    /// What the token may do.
    pub scopes: Option<Vec<String>>,
}

/// Calls Slack's Web API.
#[derive(Debug)]
pub struct Connector {
    http: reqwest::Client,
    base: String,
    heard: Mutex<Heard>,
}

impl Connector {
    /// A connector to this base address (`https://slack.com/api`), each call taking this long at most.
    ///
    /// # Errors
    /// [`ConnectorError`] where the address cannot be used.
    pub fn new(base: &Url, total: Duration) -> Result<Self, ConnectorError> {
        if !may_be_called(base) {
            return Err(ConnectorError::Address(base.to_string()));
        }
        // A second installation is refused by the library and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(total)
            .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ConnectorError::Client(error.to_string()))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, base, heard: Mutex::new(Heard::default()) })
    }

    /// What the headers of the last answer told.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> ClientResult<T> {
        let mut response = request.send().await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > ANSWER {
                let message = format!("the answer is longer than {ANSWER} bytes");
                return Err(SlackClientError::SystemError(SlackClientSystemError::new().with_message(message)));
            }
            bytes.extend_from_slice(&chunk);
        }
        self.listen(&headers);
        answer(status, &headers, &bytes)
    }

    fn listen(&self, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.date = text("date").map(str::to_owned);
        if let Some(scopes) = text("x-oauth-scopes") {
            heard.scopes = Some(scopes.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect());
        }
    }
}

/// True for https, and for plain HTTP to this machine.
#[must_use]
pub fn may_be_called(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_here(url),
        _ => false,
    }
}

/// True where the address is this machine's.
#[must_use]
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// What an answer means. A 200 without a body is a yes: that is how `response_url` answers.
fn answer<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, bytes: &[u8]) -> ClientResult<T> {
    let body: Option<Value> = serde_json::from_slice(bytes).ok();
    let code = body.as_ref().and_then(|b| b.get("error")).and_then(Value::as_str).map(str::to_owned);
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            let after = headers.get(reqwest::header::RETRY_AFTER).and_then(|v| v.to_str().ok());
            let after = after.and_then(|v| v.trim().parse().ok()).map(Duration::from_secs);
            Err(SlackClientError::RateLimitError(SlackRateLimitError::new().opt_retry_after(after).opt_code(code)))
        }
        StatusCode::OK | StatusCode::NO_CONTENT => match (body, code) {
            (_, Some(code)) => Err(SlackClientError::ApiError(SlackClientApiError::new(code))),
            (Some(body), None) if body.is_object() => {
                serde_json::from_value(body).map_err(|e| map_serde_error(e, None))
            }
            _ if bytes.trim_ascii().is_empty() || bytes.trim_ascii() == b"ok" => {
                serde_json::from_str("{}").map_err(|e| map_serde_error(e, None))
            }
            _ => serde_json::from_slice(bytes).map_err(|e| map_serde_error(e, None)),
        },
        // `response_url` says why with a status of its own; everything else with 200.
        status if status.is_client_error() && code.is_some() => {
            Err(SlackClientError::ApiError(SlackClientApiError::new(code.unwrap_or_default())))
        }
        status => Err(SlackClientError::HttpError(SlackClientHttpError::new(status))),
    }
}

fn broken(error: reqwest::Error) -> SlackClientError {
    // Addresses of `response_url` are tickets and stay out of every message.
    let error = error.without_url();
    SlackClientError::HttpProtocolError(SlackClientHttpProtocolError::new().with_cause(Box::new(error)))
}

fn unused<'a, T: Send + 'a>() -> BoxFuture<'a, ClientResult<T>> {
    let message = "this way of calling is not used here".to_owned();
    async { Err(SlackClientError::SystemError(SlackClientSystemError::new().with_message(message))) }.boxed()
}

fn with_token(request: RequestBuilder, context: &SlackClientApiCallContext<'_>) -> RequestBuilder {
    match context.token {
        Some(token) => request.bearer_auth(token.token_value.value()),
        None => request,
    }
}

impl SlackClientHttpConnector for Connector {
    fn http_get_uri<'a, RS>(
        &'a self,
        full_uri: Url,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a + Send,
    {
        let request = with_token(self.http.get(full_uri), &context);
        self.send(request).boxed()
    }

    fn http_get_with_client_secret<'a, RS>(
        &'a self,
        _full_uri: Url,
        _client_id: &'a SlackClientId,
        _client_secret: &'a SlackClientSecret,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a + Send,
    {
        unused()
    }

    fn http_post_uri<'a, RQ, RS>(
        &'a self,
        full_uri: Url,
        request_body: &'a RQ,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RQ: serde::ser::Serialize + Send + Sync,
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a + Send + 'a,
    {
        let body = match serde_json::to_vec(request_body) {
            Ok(body) => body,
            Err(error) => return std::future::ready(Err(map_serde_error(error, None))).boxed(),
        };
        let request = self.http.post(full_uri).header("content-type", "application/json; charset=utf-8").body(body);
        self.send(with_token(request, &context)).boxed()
    }

    fn http_post_uri_multipart_form<'a, 'p, RS, PT, TS>(
        &'a self,
        _full_uri: Url,
        _file: Option<FileMultipartData<'p>>,
        _params: &'p PT,
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a + Send + 'a,
        PT: std::iter::IntoIterator<Item = (&'p str, Option<TS>)> + Clone,
        TS: AsRef<str> + 'p + Send,
    {
        unused()
    }

    fn http_post_uri_binary<'a, 'p, RS>(
        &'a self,
        _full_uri: Url,
        _content_type: String,
        _data: &'a [u8],
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> serde::de::Deserialize<'de> + Send + 'a + Send + 'a,
    {
        unused()
    }

    fn create_method_uri_path(&self, method_relative_uri: &str) -> ClientResult<Url> {
        debug_assert!(SlackClientHttpApiUri::SLACK_API_URI_STR.ends_with("/api"));
        Ok(format!("{}/{method_relative_uri}", self.base).parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, headers: &[(&'static str, &str)], body: &str) -> ClientResult<Value> {
        let headers = headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        answer(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn sharp_edge_8_an_empty_yes_is_a_yes() {
        assert!(said(200, &[], "").is_ok());
        assert!(said(200, &[("content-type", "text/plain")], "ok").is_ok());
        assert!(said(204, &[], "").is_ok());
        assert!(said(200, &[], "<html>").is_err());
    }

    #[test]
    fn a_no_carries_its_code() {
        let error = said(200, &[], r#"{"ok":false,"error":"channel_not_found"}"#).unwrap_err();
        assert!(matches!(error, SlackClientError::ApiError(e) if e.code == "channel_not_found"));
        let error = said(404, &[], r#"{"ok":false,"error":"used_url"}"#).unwrap_err();
        assert!(matches!(error, SlackClientError::ApiError(e) if e.code == "used_url"));
        let error = said(429, &[("retry-after", "7")], r#"{"ok":false,"error":"ratelimited"}"#).unwrap_err();
        assert!(matches!(error, SlackClientError::RateLimitError(e) if e.retry_after == Some(Duration::from_secs(7))));
        assert!(matches!(said(503, &[], "").unwrap_err(), SlackClientError::HttpError(_)));
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for (address, may) in [
            ("https://slack.com/api", true),
            ("http://127.0.0.1:3000/api", true),
            ("http://localhost:3000/api", true),
            ("http://slack.com/api", false),
            ("http://127.0.0.1.example/api", false),
            ("ftp://slack.com", false),
        ] {
            assert_eq!(Connector::new(&Url::parse(address).unwrap(), CONNECT).is_ok(), may, "{address}");
        }
    }
}
