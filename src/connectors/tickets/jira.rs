//! Jira Cloud by its REST API, version 3
//! (<https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post>).
//!
//! Before an issue is created, one with our label (`claviger-` and the ticket's id) is searched for with `POST /rest/api/3/search/jql`,
//! asking for the issue with its newest state; if there is one, that is the answer. The description is an Atlassian document
//! (<https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>): a tree of text nodes, so nobody's words become markup.
//! Closed is what stands in a status of the category `done`
//! (<https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get>).
//! The same id stands in the issue's property `claviger.ticket`. Signed in with an account's mail address and API token (basic).

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::connectors::outgoing::{Limits, Outgoing, OutgoingError, fault_of_status};
use crate::connectors::tickets::webhook::{error_of, reference};
use crate::domain::ids::TicketId;
use crate::domain::ticket::Priority;
use crate::ports::tickets::{Filing, TicketDesk, TicketError, TicketPaper};

/// The longest summary Jira takes, in characters.
const LONGEST_SUMMARY: usize = 255;
/// The longest text of a description we send; Jira refuses fields of more than 32,767 characters.
const LONGEST_TEXT: usize = 20_000;

/// Where to, and as whom.
pub struct Settings {
    /// The site, `https://example.atlassian.net` for instance.
    pub url: String,
    /// The account's mail address.
    pub user: String,
    /// The account's API token.
    pub token: SecretString,
    /// The project's key.
    pub project: String,
    /// The name of the issue type, `Task` for instance.
    pub issue_type: String,
    /// True where priorities are sent (`Highest`, `High`, `Medium`, `Low`); projects without that field refuse them.
    pub priorities: bool,
    /// True where the address may be on this machine or a private network, and may be plain HTTP.
    pub allow_private: bool,
    /// How long and how much.
    pub limits: Limits,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JiraError {
    /// The address cannot be called.
    #[error(transparent)]
    Address(#[from] OutgoingError),
    /// Not a project's key.
    #[error("`{0}` is not a project's key: capital letters, digits and `_`, a letter first")]
    Project(String),
    /// Not a user.
    #[error("the account's mail address is missing")]
    User,
}

/// Jira.
pub struct Jira {
    out: Outgoing,
    user: String,
    token: SecretString,
    project: String,
    issue_type: String,
    priorities: bool,
}

#[derive(Deserialize)]
struct Found {
    issues: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    key: String,
}

#[derive(Deserialize)]
struct Standing {
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "statusCategory")]
    category: StatusCategory,
}

#[derive(Deserialize)]
struct StatusCategory {
    key: String,
}

impl Jira {
    /// A desk from its settings.
    ///
    /// # Errors
    /// [`JiraError`] names the setting that cannot be used.
    pub fn new(settings: Settings) -> Result<Self, JiraError> {
        let out = Outgoing::new(&settings.url, settings.allow_private, settings.limits)?;
        let mut letters = settings.project.chars();
        let good = letters.next().is_some_and(|c| c.is_ascii_uppercase())
            && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if !good {
            return Err(JiraError::Project(settings.project));
        }
        if settings.user.is_empty() {
            return Err(JiraError::User);
        }
        let Settings { user, token, project, issue_type, priorities, .. } = settings;
        Ok(Self { out, user, token, project, issue_type, priorities })
    }

    async fn call(&self, path: &str, body: &Value) -> Result<(StatusCode, Vec<u8>), TicketError> {
        self.send(self.out.post(self.out.below(path)).json(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, Vec<u8>), TicketError> {
        let pair = format!("{}:{}", self.user, self.token.expose_secret());
        let mut sign_in = reqwest::header::HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
            .map_err(|_| TicketError::Refused { what: "the account cannot be sent".to_owned() })?;
        sign_in.set_sensitive(true);
        let request = request.header("authorization", sign_in).header("accept", "application/json");
        self.out.send(request).await.map_err(error_of)
    }

    async fn find(&self, label: &str) -> Result<Option<String>, TicketError> {
        // Project and label are made of letters, digits, `_` and `-`: nothing in them can end the quoted words.
        let jql = format!("project = \"{}\" AND labels = \"{label}\"", self.project);
        let body = json!({ "jql": jql, "fields": ["key"], "maxResults": 1 });
        let (status, bytes) = self.call("/rest/api/3/search/jql", &body).await?;
        if status != StatusCode::OK {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let found: Found = serde_json::from_slice(&bytes).map_err(|_| unreadable("search"))?;
        found.issues.first().map(|issue| reference(&issue.key)).transpose()
    }
}

#[async_trait]
impl TicketDesk for Jira {
    fn name(&self) -> &'static str {
        "jira"
    }

    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError> {
        let label = format!("claviger-{}", paper.id);
        if let Some(reference) = self.find(&label).await? {
            return Ok(Filing { reference, known: true });
        }
        let mut fields = json!({
            "project": { "key": self.project },
            "issuetype": { "name": self.issue_type },
            "summary": summary(paper),
            "description": document(paper),
            "labels": [label, "claviger", paper.category.name()],
        });
        if self.priorities {
            let name = match paper.priority {
                Priority::Urgent => "Highest",
                Priority::High => "High",
                Priority::Normal => "Medium",
                Priority::Low => "Low",
            };
            fields["priority"] = json!({ "name": name });
        }
        let property = json!({ "id": paper.id, "category": paper.category, "cause": paper.cause });
        let body = json!({ "fields": fields, "properties": [{ "key": "claviger.ticket", "value": property }] });
        let (status, bytes) = self.call("/rest/api/3/issue", &body).await?;
        if status != StatusCode::CREATED {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let issue: Issue = serde_json::from_slice(&bytes).map_err(|_| unreadable("new issue"))?;
        Ok(Filing { reference: reference(&issue.key)?, known: false })
    }

    fn tells_when_closed(&self) -> bool {
        true
    }

    async fn is_closed(&self, _id: &TicketId, reference: &str) -> Result<bool, TicketError> {
        // The key came from there; only what looks like one goes into an address.
        if !reference.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(TicketError::Refused { what: "its number is no issue's key".to_owned() });
        }
        let mut url = self.out.below(&format!("/rest/api/3/issue/{reference}"));
        url.query_pairs_mut().append_pair("fields", "status");
        let (status, bytes) = self.send(self.out.get(url)).await?;
        if status != StatusCode::OK {
            return Err(error_of(fault_of_status(status, &bytes)));
        }
        let standing: Standing = serde_json::from_slice(&bytes).map_err(|_| unreadable("issue"))?;
        Ok(standing.fields.status.category.key == "done")
    }
}

fn unreadable(what: &str) -> TicketError {
    TicketError::Unavailable { what: format!("its answer to the {what} cannot be read") }
}

fn summary(paper: &TicketPaper) -> String {
    let line = format!("[{}] {}: {}", paper.number, paper.person.name, paper.summary);
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SUMMARY).collect()
}

/// The ticket as an Atlassian document. Text nodes must not be empty; what does not fit is said to be left out.
fn document(paper: &TicketPaper) -> Value {
    let paragraph = |text: &str| json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] });
    let about = format!(
        "About {} ({}), suggested: {}, {}.",
        paper.person.name,
        paper.person.email,
        paper.category.words(),
        paper.priority.name()
    );
    let mut content = vec![paragraph(&about)];
    let mut room = LONGEST_TEXT;
    for part in &paper.parts {
        content.push(json!({
            "type": "heading", "attrs": { "level": 3 }, "content": [{ "type": "text", "text": part.heading }],
        }));
        for line in part.lines.iter().map(|l| l.trim()).filter(|l| !l.is_empty()) {
            let length = line.chars().count();
            if length > room {
                content.push(paragraph("… the rest is left out here."));
                return json!({ "type": "doc", "version": 1, "content": content });
            }
            room -= length;
            content.push(paragraph(line));
        }
    }
    if let Some(link) = &paper.link {
        content.push(json!({
            "type": "paragraph",
            "content": [{ "type": "text", "text": link, "marks": [{ "type": "link", "attrs": { "href": link } }] }],
        }));
    }
    json!({ "type": "doc", "version": 1, "content": content })
}
