//! Microsoft Entra ID's sign-ins, polled through Graph: `GET /v1.0/auditLogs/signIns?$filter=createdDateTime ge …&$orderby=createdDateTime
//! &$top=…`, then whatever `@odata.nextLink` says (<https://learn.microsoft.com/graph/api/signin-list>,
//! <https://learn.microsoft.com/graph/paging>), with a token of the client-credentials flow
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>). The application needs the permission
//! `AuditLog.Read.All` and nothing else.
//!
//! Sign-ins come into the log minutes after they happened, and not in order. So every round begins a while before the newest one seen;
//! what comes twice is kept once.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::connectors::outgoing::Outgoing;
use crate::connectors::poll::call::{Answer, Fault, LIMITS, call};
use crate::connectors::poll::link;
use crate::connectors::poll::okta::PollSettingsError;
use crate::connectors::signin::read::{Hints, value};
use crate::domain::signin::Provider;
use crate::ports::signin_source::{SigninSource, SourceFault, SourcePage};

/// How many sign-ins a page may hold. Graph allows 1,000; a sign-in has some five thousand bytes.
const PAGE: &str = "500";
/// A token is not used in its last minute.
const SPARE: SignedDuration = SignedDuration::from_secs(60);

/// What is polled and how.
#[derive(Debug, Clone)]
pub struct EntraSettings {
    /// What operators call it.
    pub name: String,
    /// The tenant's id or domain.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: SecretString,
    /// Graph's address; another one in national clouds.
    pub graph: String,
    /// The address tokens come from; another one in national clouds.
    pub login: String,
    /// How long to wait between two rounds.
    pub every: Duration,
    /// How far back the first round goes.
    pub first: SignedDuration,
    /// How far before the newest sign-in seen a round begins.
    pub overlap: SignedDuration,
    /// True where the addresses may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
}

/// Where reading stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// Where this round began.
    from: Timestamp,
    /// The next page of this round; `None` where the round is over.
    next: Option<String>,
    /// The newest sign-in seen, never ahead of the clock.
    seen: Timestamp,
}

/// What the token's answer says.
#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: i64,
}

/// A token while it lasts.
struct Token {
    header: HeaderValue,
    until: Timestamp,
}

/// Entra's sign-ins.
pub struct Entra {
    name: String,
    graph: Outgoing,
    page: Url,
    login: Outgoing,
    /// Where tokens are asked for.
    tokens: Url,
    scope: String,
    client_id: String,
    client_secret: SecretString,
    every: Duration,
    first: SignedDuration,
    overlap: SignedDuration,
    token: Mutex<Option<Token>>,
}

impl Entra {
    /// A source from its settings. Nothing is called yet.
    ///
    /// # Errors
    /// [`PollSettingsError`] names the setting that cannot be used.
    pub fn new(settings: &EntraSettings) -> Result<Self, PollSettingsError> {
        let graph = Outgoing::new(&settings.graph, settings.allow_private, LIMITS)?;
        let login = Outgoing::new(&settings.login, settings.allow_private, LIMITS)?;
        let scope = format!("{}/.default", graph.url().as_str().trim_end_matches('/'));
        let tenant = &settings.tenant;
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if tenant.is_empty() || !tenant.chars().all(fine) || tenant.contains("..") {
            return Err(PollSettingsError::Tenant(tenant.clone()));
        }
        if settings.client_id.trim().is_empty() || settings.client_secret.expose_secret().trim().is_empty() {
            return Err(PollSettingsError::Secret(settings.name.clone()));
        }
        let mut page = graph.below("/v1.0/auditLogs/signIns");
        page.set_query(None);
        let mut tokens = login.below(&format!("/{tenant}/oauth2/v2.0/token"));
        tokens.set_query(None);
        Ok(Self {
            name: format!("entra:{}", settings.name),
            graph,
            page,
            login,
            tokens,
            scope,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            every: settings.every,
            first: settings.first,
            overlap: settings.overlap,
            token: Mutex::new(None),
        })
    }

    fn since(&self, from: Timestamp) -> Url {
        let mut url = self.page.clone();
        let from = from.strftime("%Y-%m-%dT%H:%M:%SZ");
        // As the reference writes it: dollar signs bare, blanks as %20.
        let query = format!("$filter=createdDateTime ge {from}&$orderby=createdDateTime&$top={PAGE}");
        url.set_query(Some(&query));
        url
    }

    /// The token in hand, or a new one.
    async fn bearer(&self, now: Timestamp) -> Result<HeaderValue, Fault> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| now < token.until) {
            return Ok(token.header.clone());
        }
        let form = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
            ("scope", self.scope.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let answer = match call(&self.login, self.login.post(self.tokens.clone()).form(&form), now).await {
            // Here these are about the application itself.
            Err(Fault::Token(what) | Fault::Place(what)) => {
                return Err(Fault::Source(SourceFault::Refused(format!("no token was given: {what}"))));
            }
            other => other?,
        };
        let granted: Granted = serde_json::from_value(answer.body)
            .map_err(|_| Fault::later("the answer to the question for a token holds none"))?;
        let refused = |_| Fault::later("the token that was given fits no header");
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", granted.access_token.expose_secret())).map_err(refused)?;
        header.set_sensitive(true);
        let lasts = SignedDuration::from_secs(granted.expires_in.clamp(0, 86_400)).saturating_sub(SPARE);
        let until = now.checked_add(lasts).unwrap_or(now);
        *held = Some(Token { header: header.clone(), until });
        Ok(header)
    }

    async fn get(&self, url: &Url, now: Timestamp) -> Result<Answer, Fault> {
        let mut again = true;
        loop {
            let request = self.graph.get(url.clone()).header(ACCEPT, "application/json");
            let request = request.header(AUTHORIZATION, self.bearer(now).await?);
            match call(&self.graph, request, now).await {
                // A token may be withdrawn before its time.
                Err(Fault::Token(_)) if again => *self.token.lock().await = None,
                other => return other,
            }
            again = false;
        }
    }
}

#[async_trait]
impl SigninSource for Entra {
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
        let next = known.as_ref().and_then(|c| c.next.as_deref()).and_then(|next| link::within(&self.page, next));
        let from = match (&known, &next) {
            (Some(cursor), Some(_)) => cursor.from,
            // A round that lost its place begins again; one that was over is followed by the next.
            (Some(cursor), None) if cursor.next.is_some() => cursor.from,
            (Some(cursor), None) => back(cursor.seen, self.overlap),
            (None, _) => back(now, self.first),
        };
        let answer = match &next {
            Some(next) => match self.get(next, now).await {
                Err(Fault::Place(what)) => {
                    tracing::warn!(
                        source = self.name,
                        what,
                        "the place to go on from was lost; beginning the round again"
                    );
                    self.get(&self.since(from), now).await
                }
                other => other,
            },
            None => self.get(&self.since(from), now).await,
        }?;
        let mut body = answer.body;
        let Some(Value::Array(records)) = body.get_mut("value").map(Value::take) else {
            return Err(SourceFault::from(Fault::later("its answer holds no list of sign-ins")));
        };
        let mut page = SourcePage::default();
        let hints = Hints { provider: Some(Provider::EntraSignin), now };
        let mut seen = known.map_or(from, |cursor| cursor.seen);
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
        let next = match body.get("@odata.nextLink").and_then(Value::as_str) {
            Some(next) if link::within(&self.page, next).is_some() => Some(next.to_owned()),
            Some(_) => {
                return Err(SourceFault::Refused("its next page lies somewhere else; it is not followed".to_owned()));
            }
            None => None,
        };
        page.more = next.is_some();
        page.cursor = serde_json::to_string(&Cursor { from, next, seen })
            .map_err(|error| SourceFault::Refused(error.to_string()))?;
        Ok(page)
    }
}
