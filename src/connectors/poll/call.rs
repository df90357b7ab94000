//! One call to a provider: what it may cost, and what its answer means.
//!
//! | status | means |
//! |---|---|
//! | 200 | a page |
//! | 401, 403 | refused: the token or its rights; people have to look |
//! | 400, 404, 410, 416 | the provider does not know the place to go on from (any more), or the call is wrong |
//! | 408, 425, 429, 5xx, no answer in time, anything unreadable | later; `Retry-After` and `X-Rate-Limit-Reset` are kept |
//! | 3xx | refused: redirects are not followed |

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use crate::connectors::outgoing::{self, Limits, Outgoing, short};
use crate::ports::signin_source::SourceFault;

/// What a call may cost. A full page of either provider has some three million bytes.
pub const LIMITS: Limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(20), answer: 24 << 20 };
/// The longest a provider may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// An answer that was read whole.
#[derive(Debug)]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Value,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// What the port knows.
    Source(SourceFault),
    /// The token was not taken (401): a new one may be.
    Token(String),
    /// The place to go on from is not known there (any more).
    Place(String),
}

impl Fault {
    /// Something that may pass.
    #[must_use]
    pub fn later(what: impl Into<String>) -> Self {
        Self::Source(SourceFault::Later { what: what.into(), after: None })
    }
}

impl From<outgoing::Fault> for Fault {
    fn from(fault: outgoing::Fault) -> Self {
        match fault {
            outgoing::Fault::Later(what) => Self::later(what),
            outgoing::Fault::Refused(what) => Self::Source(SourceFault::Refused(what)),
        }
    }
}

impl From<Fault> for SourceFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Source(fault) => fault,
            Fault::Token(what) | Fault::Place(what) => Self::Refused(what),
        }
    }
}

/// Makes the call.
///
/// # Errors
/// [`Fault`]
pub async fn call(way: &Outgoing, request: RequestBuilder, now: Timestamp) -> Result<Answer, Fault> {
    let (status, headers, bytes) = way.exchange(request).await?;
    let refused = |what| Fault::Source(SourceFault::Refused(what));
    match status {
        StatusCode::OK => {
            let body = serde_json::from_slice(&bytes).map_err(|_| Fault::later("its answer is no JSON"))?;
            Ok(Answer { headers, body })
        }
        StatusCode::UNAUTHORIZED => Err(Fault::Token(said(status, &bytes))),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::RANGE_NOT_SATISFIABLE => {
            Err(Fault::Place(said(status, &bytes)))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(Fault::Source(SourceFault::Later { what: said(status, &bytes), after: wait(&headers, now) }))
        }
        s if s.is_redirection() => Err(refused(format!("it answered {status}; redirects are not followed"))),
        s if s.is_client_error() => Err(refused(said(status, &bytes))),
        _ => Err(Fault::Source(SourceFault::Later { what: said(status, &bytes), after: wait(&headers, now) })),
    }
}

/// How long the provider asks us to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), or Okta's `X-Rate-Limit-Reset` in
/// epoch seconds. At most an hour is believed.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    let until = |then: Timestamp| then.as_second().saturating_sub(now.as_second()).max(0).unsigned_abs();
    let asked = text("retry-after").and_then(|said| {
        let date = || jiff::fmt::rfc2822::parse(said).ok().map(|zoned| until(zoned.timestamp()));
        said.parse::<u64>().ok().or_else(date)
    });
    let reset = || {
        let second = text("x-rate-limit-reset")?.parse::<i64>().ok()?;
        Timestamp::from_second(second).ok().map(until)
    };
    asked.or_else(reset).map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// A status with what was said: an error's code and summary where it is JSON as Okta or Microsoft write it, else its beginning.
fn said(status: StatusCode, bytes: &[u8]) -> String {
    let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let ways = ["/errorSummary", "/error/message", "/error_description"];
    let words = ways.iter().find_map(|way| json.pointer(way).and_then(Value::as_str));
    let words = words.map_or_else(|| short(&String::from_utf8_lossy(bytes)), short);
    if words.is_empty() { format!("it answered {status}") } else { format!("it answered {status}: {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_believed_within_reason() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let asked = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            wait(&headers, now).map(|d| d.as_secs())
        };
        assert_eq!(asked("retry-after", "30"), Some(30));
        assert_eq!(asked("retry-after", "Sat, 21 Nov 2026 10:02:00 GMT"), Some(120));
        assert_eq!(asked("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(asked("retry-after", "999999999"), Some(3_600));
        assert_eq!(asked("retry-after", "soon"), None);
        assert_eq!(asked("x-rate-limit-reset", &(now.as_second() + 45).to_string()), Some(45));
        assert_eq!(wait(&HeaderMap::new(), now), None);
    }
}
