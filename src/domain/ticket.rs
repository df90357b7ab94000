//! A ticket: something that has to go to a person, with all that is known about it, so that nobody has to tell it twice.
//!
//! The record holds no personal words: what was said is a text that can be erased, and the ticket names it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::ids::{ConnectorId, ConversationId, EntitlementId, InquiryId, PersonId, TicketId};
use crate::domain::request::{IllegalStep, TextRef};

/// What a ticket is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Something that looks like an attack, or was reported as one.
    Security,
    /// Locked out, or cannot sign in.
    SignIn,
    /// The second factor.
    Mfa,
    /// The password.
    Password,
    /// Access to something: getting it, keeping it, losing it, a decision about it.
    Access,
    /// Somebody joins, moves or leaves.
    Account,
    /// A laptop, a phone, a printer, a program on it, the network.
    Device,
    /// How something is done.
    HowTo,
    /// None of these.
    Other,
}

impl Category {
    /// Every category, the most pressing first.
    pub const ALL: [Self; 9] = [
        Self::Security,
        Self::SignIn,
        Self::Mfa,
        Self::Password,
        Self::Access,
        Self::Account,
        Self::Device,
        Self::HowTo,
        Self::Other,
    ];

    /// The category in the words people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::SignIn => "sign-in",
            Self::Mfa => "second factor",
            Self::Password => "password",
            Self::Access => "access",
            Self::Account => "joining, moving, leaving",
            Self::Device => "devices and programs",
            Self::HowTo => "how to",
            Self::Other => "other",
        }
    }

    /// The category in one word, as it is written in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::SignIn => "sign_in",
            Self::Mfa => "mfa",
            Self::Password => "password",
            Self::Access => "access",
            Self::Account => "account",
            Self::Device => "device",
            Self::HowTo => "how_to",
            Self::Other => "other",
        }
    }
}

/// How soon somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// Within the working day.
    Normal,
    /// Now: somebody cannot work, or something may be wrong.
    High,
    /// Everything else waits.
    Urgent,
}

impl Priority {
    /// The priority in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The next step up.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Normal,
            Self::Normal => Self::High,
            Self::High | Self::Urgent => Self::Urgent,
        }
    }
}

/// Why something goes to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// They asked for a person.
    Asked,
    /// No article answers it.
    NoArticle,
    /// The record does not say why they were locked out.
    Unexplained,
    /// There was an answer, and it did not help.
    HandedOver,
    /// They say that it was not them.
    NotMe,
    /// A lock that looks like an attack, seen before anybody asked.
    Noticed,
}

/// One reason for a suggestion: which rule, and what spoke for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Because {
    /// The rule's id, `category.sign_in` for instance.
    pub rule: String,
    /// What spoke for it, in plain words.
    pub text: String,
}

/// What was understood of the words that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grasp {
    /// The intent's name.
    pub intent: String,
    /// The entitlement it seems to be about.
    pub entitlement: Option<EntitlementId>,
    /// How sure that is, basis points.
    pub confidence_bp: u16,
    /// Digest of the whole understanding.
    pub digest: Digest,
}

/// All that is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketContent {
    /// Whose matter it is.
    pub person: PersonId,
    /// Why it goes to a person.
    pub cause: Cause,
    /// Suggested.
    pub category: Category,
    /// Suggested.
    pub priority: Priority,
    /// Why these.
    pub because: Vec<Because>,
    /// One line from our own templates, without anybody's words.
    pub summary: String,
    /// The end of the conversation, as it was said.
    pub conversation: Option<TextRef>,
    /// Where it was said.
    pub said_in: Option<ConversationId>,
    /// What was understood.
    pub understanding: Option<Grasp>,
    /// Ids of what speaks for it: sign-in events, requests, articles.
    pub evidence: Vec<String>,
    /// The question it came from.
    pub inquiry: Option<InquiryId>,
}

/// Where it was filed outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FiledAt {
    /// Which desk: `jira`, `servicenow`, `webhook`, `email`.
    pub desk: String,
    /// Its number there.
    pub reference: String,
    /// When.
    pub at: Timestamp,
}

/// How asking a system to end somebody's sessions went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "went", rename_all = "snake_case")]
pub enum SessionsEnded {
    /// It says they are ended.
    Ended {
        /// What it said, short.
        evidence: String,
    },
    /// It cannot.
    NotSupported,
    /// It would not.
    Refused {
        /// What it said, short.
        what: String,
    },
}

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TicketState {
    /// Somebody has to look.
    Open,
    /// Somebody says it is solved.
    Resolved {
        /// Who.
        by: PersonId,
        /// What they say they did.
        word: Option<TextRef>,
    },
    /// Whoever it was about no longer needs it.
    Withdrawn,
    /// The desk outside says that it is closed there.
    ClosedOutside {
        /// Which desk.
        desk: String,
    },
}

/// What can happen to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TicketEvent {
    /// Handed over.
    Raised {
        /// All that is handed over.
        content: Box<TicketContent>,
    },
    /// Filed with the desk outside.
    Filed {
        /// Which.
        desk: String,
        /// Its number there.
        reference: String,
    },
    /// The desk outside would not take it, so people here were asked instead.
    FilingFailed {
        /// Which.
        desk: String,
        /// Why, short.
        cause: String,
    },
    /// More was said about it.
    Added {
        /// By whom.
        by: PersonId,
        /// What.
        text: TextRef,
    },
    /// A system was asked to end the person's sessions.
    SessionsAsked {
        /// Which.
        connector: ConnectorId,
        /// How that went.
        outcome: SessionsEnded,
    },
    /// No system here can end sessions.
    NoSessionsToEnd,
    /// The security operations centre was told.
    SocTold {
        /// What it answered, short.
        evidence: String,
    },
    /// Solved.
    Resolved {
        /// By whom.
        by: PersonId,
        /// What they say they did.
        word: Option<TextRef>,
    },
    /// Not solved after all.
    Reopened {
        /// By whom.
        by: PersonId,
    },
    /// No longer needed.
    Withdrawn,
    /// The desk outside was asked, and says that it is closed there.
    ClosedOutside {
        /// Which.
        desk: String,
    },
}

/// A ticket. Made and moved by events only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ticket {
    /// The id; its short form is the number people quote.
    pub id: TicketId,
    /// How many events made it what it is.
    pub version: u64,
    /// All that was handed over.
    pub content: TicketContent,
    /// Where it was filed outside.
    pub filed: Option<FiledAt>,
    /// What was said about it later.
    pub added: Vec<TextRef>,
    /// Which systems were asked to end sessions, and how that went.
    pub sessions: Vec<(ConnectorId, SessionsEnded)>,
    /// True where no system here can end sessions.
    #[serde(default)]
    pub no_sessions: bool,
    /// When the security operations centre was told.
    pub soc_told: Option<Timestamp>,
    /// How often it was opened again.
    pub reopened: u32,
    /// When it was handed over.
    pub raised_at: Timestamp,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub state: TicketState,
}

impl Ticket {
    /// The ticket that a first event makes.
    ///
    /// # Errors
    /// [`IllegalStep`] for anything but [`TicketEvent::Raised`].
    pub fn open(id: TicketId, event: &TicketEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        let TicketEvent::Raised { content } = event else {
            return Err(IllegalStep { state: "not raised", event: event.name() });
        };
        Ok(Self {
            id,
            version: 1,
            content: (**content).clone(),
            filed: None,
            added: Vec::new(),
            sessions: Vec::new(),
            no_sessions: false,
            soc_told: None,
            reopened: 0,
            raised_at: at,
            changed_at: at,
            state: TicketState::Open,
        })
    }

    /// The ticket after one more event.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event cannot happen in this state.
    pub fn apply(mut self, event: &TicketEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        self.state = match (self.state, event) {
            // What the machinery outside says may come late; it never changes where the ticket stands.
            (state, TicketEvent::Filed { desk, reference }) if self.filed.is_none() => {
                self.filed = Some(FiledAt { desk: desk.clone(), reference: reference.clone(), at });
                state
            }
            (state, TicketEvent::FilingFailed { .. }) if self.filed.is_none() => state,
            (state, TicketEvent::SessionsAsked { connector, outcome }) => {
                self.sessions.push((connector.clone(), outcome.clone()));
                state
            }
            (state, TicketEvent::NoSessionsToEnd) if self.sessions.is_empty() => {
                self.no_sessions = true;
                state
            }
            (state, TicketEvent::SocTold { .. }) if self.soc_told.is_none() => {
                self.soc_told = Some(at);
                state
            }
            (TicketState::Open, TicketEvent::Added { text, .. }) => {
                self.added.push(text.clone());
                TicketState::Open
            }
            (TicketState::Open, TicketEvent::Resolved { by, word }) => {
                TicketState::Resolved { by: by.clone(), word: word.clone() }
            }
            (TicketState::Open, TicketEvent::Withdrawn) => TicketState::Withdrawn,
            // After it was opened again people here have it, whatever the desk outside says of its own.
            (TicketState::Open, TicketEvent::ClosedOutside { desk }) if self.filed.is_some() && self.reopened == 0 => {
                TicketState::ClosedOutside { desk: desk.clone() }
            }
            (
                TicketState::Resolved { .. } | TicketState::Withdrawn | TicketState::ClosedOutside { .. },
                TicketEvent::Reopened { .. },
            ) => {
                self.reopened += 1;
                TicketState::Open
            }
            (state, event) => return Err(IllegalStep { state: state.name(), event: event.name() }),
        };
        self.version += 1;
        self.changed_at = at;
        Ok(self)
    }

    /// True while somebody has to look.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == TicketState::Open
    }
}

impl TicketState {
    /// The state in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved { .. } => "resolved",
            Self::Withdrawn => "withdrawn",
            Self::ClosedOutside { .. } => "closed_outside",
        }
    }
}

impl TicketEvent {
    /// The event in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Raised { .. } => "raised",
            Self::Filed { .. } => "filed",
            Self::FilingFailed { .. } => "filing_failed",
            Self::Added { .. } => "added",
            Self::SessionsAsked { .. } => "sessions_asked",
            Self::NoSessionsToEnd => "no_sessions_to_end",
            Self::SocTold { .. } => "soc_told",
            Self::Resolved { .. } => "resolved",
            Self::Reopened { .. } => "reopened",
            Self::Withdrawn => "withdrawn",
            Self::ClosedOutside { .. } => "closed_outside",
        }
    }

    /// The texts it names.
    #[must_use]
    pub fn texts(&self) -> Vec<&TextRef> {
        match self {
            Self::Raised { content } => content.conversation.iter().collect(),
            Self::Added { text, .. } => vec![text],
            Self::Resolved { word, .. } => word.iter().collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised() -> TicketEvent {
        TicketEvent::Raised {
            content: Box::new(TicketContent {
                person: PersonId::parse("ana").unwrap(),
                cause: Cause::Asked,
                category: Category::Other,
                priority: Priority::Normal,
                because: vec![],
                summary: "a person was asked for".into(),
                conversation: None,
                said_in: None,
                understanding: None,
                evidence: vec![],
                inquiry: None,
            }),
        }
    }

    #[test]
    fn a_ticket_is_solved_once_and_can_come_back() {
        let at = Timestamp::UNIX_EPOCH;
        let by = PersonId::parse("it").unwrap();
        let id = TicketId::from_bytes([1; 16]);
        let ticket = Ticket::open(id, &raised(), at).unwrap();
        let solved = TicketEvent::Resolved { by: by.clone(), word: None };
        let filed = TicketEvent::Filed { desk: "jira".into(), reference: "IT-1".into() };
        let ticket = ticket.apply(&filed, at).unwrap().apply(&solved, at).unwrap();
        assert!(ticket.clone().apply(&solved, at).is_err());
        assert!(ticket.clone().apply(&filed, at).is_err(), "it is filed once");
        assert!(ticket.clone().apply(&raised(), at).is_err());
        // The centre may answer after somebody was quick.
        let ticket = ticket.apply(&TicketEvent::SocTold { evidence: "ok".into() }, at).unwrap();
        assert_eq!(ticket.state.name(), "resolved");
        let ticket = ticket.apply(&TicketEvent::Reopened { by }, at).unwrap();
        assert_eq!((ticket.is_open(), ticket.reopened, ticket.version), (true, 1, 5));
        assert!(Ticket::open(id, &TicketEvent::Withdrawn, at).is_err());
    }
}
