//! A desk outside where tickets are filed: Jira, ServiceNow, a mailbox, a webhook. Every call may come twice; the second files nothing
//! new and answers with the same number.

use async_trait::async_trait;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{PersonId, TicketId};
use crate::domain::ticket::{Category, Cause, Priority};

/// A ticket as it is filed: plain words, ready to be read. Everything in it may be somebody's own words and is inert text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketPaper {
    /// The id: the idempotency key.
    pub id: TicketId,
    /// What people quote.
    pub number: String,
    /// Why it goes to a person.
    pub cause: Cause,
    /// Suggested.
    pub category: Category,
    /// Suggested.
    pub priority: Priority,
    /// One line.
    pub summary: String,
    /// Whose matter it is.
    pub person: PaperPerson,
    /// When it was handed over.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Headings with paragraphs, in reading order.
    pub parts: Vec<PaperPart>,
    /// Ids of the evidence.
    pub evidence: Vec<String>,
    /// Where it can be looked at, where this house has an address.
    pub link: Option<String>,
}

/// Whose matter it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperPerson {
    /// The immutable id.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// A heading with paragraphs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperPart {
    /// The heading.
    pub heading: String,
    /// The paragraphs, one line each.
    pub lines: Vec<String>,
}

impl TicketPaper {
    /// All of it as plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out.push_str(&part.heading);
            out.push('\n');
            for line in &part.lines {
                out.push_str("  ");
                out.push_str(line);
                out.push('\n');
            }
            out.push('\n');
        }
        if let Some(link) = &self.link {
            out.push_str(link);
            out.push('\n');
        }
        out
    }
}

/// What the desk said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Its number there.
    pub reference: String,
    /// True where it had been filed before.
    pub known: bool,
}

/// Why it could not be filed, or told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Trying again later may help.
    #[error("the desk did not answer: {what}")]
    Unavailable {
        /// What happened, short, without secrets.
        what: String,
    },
    /// Trying again will not help; people have to look.
    #[error("the desk refused: {what}")]
    Refused {
        /// What it said, short, without secrets.
        what: String,
    },
}

/// A desk outside.
#[async_trait]
pub trait TicketDesk: Send + Sync {
    /// Which sort: `jira`, `servicenow`, `email`, `webhook`.
    fn name(&self) -> &'static str;
    /// Files a ticket, or finds it filed.
    async fn file(&self, paper: &TicketPaper) -> Result<Filing, TicketError>;
    /// True where [`Self::is_closed`] can be asked. A mailbox cannot.
    fn tells_when_closed(&self) -> bool {
        false
    }
    /// Whether a ticket of ours is closed there: solved, or ended otherwise.
    async fn is_closed(&self, _id: &TicketId, _reference: &str) -> Result<bool, TicketError> {
        Ok(false)
    }
}
