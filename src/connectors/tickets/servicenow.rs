//! ServiceNow by its Table API (`/api/now/table/incident`,
//! <https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html>).
//!
//! Our ticket's id is the incident's `correlation_id`. Before an incident is created, one with that id is asked for; if there is one,
//! that is the answer. Closed is what stands in the state 6 (resolved), 7 (closed) or 8 (cancelled). Impact and urgency are sent, from which ServiceNow works out the priority. Signed in with a user and password
//! (basic), or with an OAuth token where no user is given.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::connectors::outgoing::{Limits, Outgoing, OutgoingError, fault_of_status};
use crate::connectors::tickets::webhook::{error_of, reference};
use crate::domain::ids::TicketId;
use crate::domain::ticket::Priority;
use crate::ports::tickets::{Filing, TicketDesk, TicketError, TicketPaper};

/// The longest `short_description`, in characters.
const LONGEST_SHORT: usize = 160;
/// The longest `description`, in characters.
const LONGEST_TEXT: usize = 4_000;
/// What the Table API answers with.
const FIELDS: &str = "number,sys_id,correlation_id,state";

/// Where to, and as whom.
pub struct Settings {
    /// The instance, `https://example.service-now.com` for instance.
    pub url: String,
    /// The user; empty for an OAuth token.
    pub user: String,
    /// The user's password, or the token.
    pub secret: SecretString,
    /// The `sys_id` or name of the group it is given to, where one is wanted.
    pub assignment_group: Option<String>,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
    /// How long and how much.
    pub limits: Limits,
}

/// ServiceNow.
pub struct ServiceNow {
    out: Outgoing,
    user: String,
    secret: SecretString,
    assignment_group: Option<String>,
}

#[derive(Deserialize)]
struct Many {
    result: Vec<Incident>,
}

#[derive(Deserialize)]
struct One {
    result: Incident,
}

#[derive(Deserialize)]
struct Incident {
    number: String,
    #[serde(default)]
    state: String,
}

impl ServiceNow {
    /// A desk from its settings.
    ///
    /// # Errors
    /// [`OutgoingError`] where the address cannot be called.
    pub fn new(settings: Settings) -> Result<Self, OutgoingError> {
        let out = Outgoing::new(&settings.url, settings.allow_private, settings.limits)?;
        let Settings { user, secret, assignment_group, .. } = settings;
        Ok(Self { out, user, secret, assignment_group })
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, Vec<u8>), TicketError> {
        let sign_in = if self.user.is_empty() {
            format!("Bearer {}", self.secret.expose_secret())
        } else {
            format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.secret.expose_secret())))
        };
        let mut sign_in = reqwest::header::HeaderValue::from_str(&sign_in)
            .map_err(|_| TicketError::Refused { what: "the account cannot be sent".to_owned() })?;
        sign_in.set_sensitive(true);
        let request = request.header("authorization", sign_in).header("accept", "application/json");
        self.out.send(request).await.map_err(error_of)
    }

    async fn find(&self, id: &str) -> Result<Option<String>, TicketError> {
        self.incident(id).await?.map(|incident| reference(&incident.number)).transpose()
    }

    async fn incident(&self, id: &str) -> Result<Option<Incident>, TicketError> {
        let mut url = self.out.below("/api/now/table/incident");
        url.query_pairs_mut()
            .append_pair("sysparm_query", &format!("correlation_id={id}"))
            .append_pair("sysparm_fields", FIELDS)
            .append_pair("sysparm_limit", "1");
        let (status, bytes) = self.send(self.out.get(url)).await?;
        if status != StatusCode::OK {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let found: Many = serde_json::from_slice(&bytes).map_err(|_| unreadable("question"))?;
        Ok(found.result.into_iter().next())
    }
}

#[async_trait]
impl TicketDesk for ServiceNow {
    fn name(&self) -> &'static str {
        "servicenow"
    }

    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError> {
        let id = paper.id.to_string();
        if let Some(reference) = self.find(&id).await? {
            return Ok(Filing { reference, known: true });
        }
        // ServiceNow's own matrix makes priority 1 to 5 of these.
        let (impact, urgency) = match paper.priority {
            Priority::Urgent => ("1", "1"),
            Priority::High => ("2", "1"),
            Priority::Normal => ("2", "2"),
            Priority::Low => ("3", "3"),
        };
        let about = format!(
            "About {} ({}). Suggested: {}, {}.\n\n{}",
            paper.person.name,
            paper.person.email,
            paper.category.words(),
            paper.priority.name(),
            paper.plain()
        );
        let mut body = json!({
            "short_description": cut(&format!("[{}] {}: {}", paper.number, paper.person.name, paper.summary), LONGEST_SHORT, false),
            "description": cut(&about, LONGEST_TEXT, true),
            "category": "inquiry",
            "subcategory": paper.category.name(),
            "contact_type": "virtual_agent",
            "impact": impact,
            "urgency": urgency,
            "correlation_id": id,
            "correlation_display": "Claviger",
        });
        if let Some(group) = &self.assignment_group {
            body["assignment_group"] = json!(group);
        }
        let mut url = self.out.below("/api/now/table/incident");
        url.query_pairs_mut().append_pair("sysparm_fields", FIELDS).append_pair("sysparm_input_display_value", "true");
        let (status, bytes) = self.send(self.out.post(url).json(&body)).await?;
        if status != StatusCode::CREATED {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let made: One = serde_json::from_slice(&bytes).map_err(|_| unreadable("new incident"))?;
        Ok(Filing { reference: reference(&made.result.number)?, known: false })
    }

    fn tells_when_closed(&self) -> bool {
        true
    }

    async fn is_closed(&self, id: &TicketId, _reference: &str) -> Result<bool, TicketError> {
        match self.incident(&id.to_string()).await? {
            Some(incident) => Ok(matches!(incident.state.as_str(), "6" | "7" | "8")),
            None => Err(TicketError::Refused { what: "the incident is not there any more".to_owned() }),
        }
    }
}

fn unreadable(what: &str) -> TicketError {
    TicketError::Unavailable { what: format!("its answer to the {what} cannot be read") }
}

fn cut(text: &str, most: usize, lines: bool) -> String {
    text.chars().map(|c| if c.is_control() && !(lines && c == '\n') { ' ' } else { c }).take(most).collect()
}
