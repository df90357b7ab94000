//! Okta's System Log, polled: `GET /api/v1/logs?since=…&sortOrder=ASCENDING&limit=…`, then whatever `Link: <…>; rel="next"` says
//! (<https://developer.okta.com/docs/reference/system-log-query/#polling-requests>).
//!
//! A polling request answers in the order in which events were kept, and its next link stays good when there is nothing new; so the link
//! is the cursor, and late events are not missed. Where Okta does not take a link any more, reading begins again a while before the
//! newest event seen; what comes twice is kept once.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::connectors::outgoing::{Outgoing, OutgoingError};
use crate::connectors::poll::call::{Answer, Fault, LIMITS, call};
use crate::connectors::poll::link;
use crate::connectors::signin::read::{Hints, value};
use crate::domain::signin::Provider;
use crate::ports::signin_source::{SigninSource, SourceFault, SourcePage};

/// The most events a page may hold: what Okta allows.
const PAGE: &str = "1000";

/// What is polled and how.
#[derive(Debug, Clone)]
pub struct OktaSettings {
    /// What operators call it.
    pub name: String,
    /// The organisation's address, `https://acme.okta.com`.
    pub url: String,
    /// An API token of a read-only administrator, or an access token with the scope `okta.logs.read`.
    pub token: SecretString,
    /// True for an access token.
    pub bearer: bool,
    /// How long to wait between two rounds.
    pub every: Duration,
    /// How far back the first round goes.
    pub first: SignedDuration,
    /// How far back to go where a cursor is lost.
    pub overlap: SignedDuration,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PollSettingsError {
    /// The address cannot be called.
    #[error(transparent)]
    Address(#[from] OutgoingError),
    /// A secret is empty or holds what no header may.
    #[error("the secret of `{0}` cannot be used")]
    Secret(String),
    /// A tenant that is none.
    #[error("`{0}` is no tenant: write its id or its domain")]
    Tenant(String),
}

/// Where reading stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// The next page.
    next: Option<String>,
    /// The newest event seen, never ahead of the clock.
    seen: Timestamp,
}

/// Okta's System Log.
pub struct Okta {
    name: String,
    page: Url,
    authorization: HeaderValue,
    every: Duration,
    first: SignedDuration,
    overlap: SignedDuration,
    way: Outgoing,
}

impl Okta {
    /// A source from its settings. Nothing is called yet.
    ///
    /// # Errors
    /// [`PollSettingsError`] names the setting that cannot be used.
    pub fn new(settings: &OktaSettings) -> Result<Self, PollSettingsError> {
        let way = Outgoing::new(&settings.url, settings.allow_private, LIMITS)?;
        let mut page = way.below("/api/v1/logs");
        page.set_query(None);
        page.set_fragment(None);
        let scheme = if settings.bearer { "Bearer" } else { "SSWS" };
        let secret = || PollSettingsError::Secret(settings.name.clone());
        let token = Some(settings.token.expose_secret().trim()).filter(|t| !t.is_empty()).ok_or_else(secret)?;
        let mut authorization = HeaderValue::from_str(&format!("{scheme} {token}")).map_err(|_| secret())?;
        authorization.set_sensitive(true);
        Ok(Self {
            name: format!("okta:{}", settings.name),
            page,
            authorization,
            every: settings.every,
            first: settings.first,
            overlap: settings.overlap,
            way,
        })
    }

    fn since(&self, from: Timestamp) -> Url {
        let mut url = self.page.clone();
        url.query_pairs_mut()
            .append_pair("since", &from.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
            .append_pair("sortOrder", "ASCENDING")
            .append_pair("limit", PAGE);
        url
    }

    async fn get(&self, url: Url, now: Timestamp) -> Result<Answer, Fault> {
        let request =
            self.way.get(url).header(AUTHORIZATION, self.authorization.clone()).header(ACCEPT, "application/json");
        call(&self.way, request, now).await
    }
}

#[async_trait]
impl SigninSource for Okta {
    fn name(&self) -> &str {
        &self.name
    }

    fn every(&self) -> Duration {
        self.every
    }

    async fn page(&self, cursor: Option<&str>, now: Timestamp) -> Result<SourcePage, SourceFault> {
        // A cursor that cannot be read is one that was lost.
        let known: Option<Cursor> = cursor.and_then(|text| serde_json::from_str(text).ok());
        let back = |from: Timestamp, by: SignedDuration| from.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH);
        let start = match &known {
            Some(cursor) => back(cursor.seen, self.overlap),
            None => back(now, self.first),
        };
        let next = known.as_ref().and_then(|c| c.next.as_deref()).and_then(|next| link::within(&self.page, next));
        let answer = match next {
            Some(next) => match self.get(next, now).await {
                Err(Fault::Place(what)) => {
                    tracing::warn!(source = self.name, what, "the place to go on from was lost; reading a while again");
                    self.get(self.since(start), now).await
                }
                other => other,
            },
            None => self.get(self.since(start), now).await,
        }?;
        let Value::Array(records) = answer.body else {
            return Err(SourceFault::from(Fault::later("its answer is no list of events")));
        };
        let more = !records.is_empty();
        let mut page = SourcePage { more, ..SourcePage::default() };
        let hints = Hints { provider: Some(Provider::Okta), now };
        let mut seen = known.map_or(start, |cursor| cursor.seen);
        for record in records {
            match value(record, &hints).1 {
                Ok(events) => {
                    let newest = events.iter().filter_map(|e| e.at).max().unwrap_or(seen);
                    seen = seen.max(newest.min(now));
                    page.events.extend(events);
                }
                Err(why) => *page.aside.entry(why.word().to_owned()).or_default() += 1,
            }
        }
        let next = match link::next(&answer.headers) {
            Some(next) if link::within(&self.page, &next).is_some() => Some(next),
            Some(_) => {
                return Err(SourceFault::Refused("its next page lies somewhere else; it is not followed".to_owned()));
            }
            None => None,
        };
        page.more = more && next.is_some();
        page.cursor =
            serde_json::to_string(&Cursor { next, seen }).map_err(|error| SourceFault::Refused(error.to_string()))?;
        Ok(page)
    }
}
