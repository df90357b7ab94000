//! The record's unit: something that happened, by whom, to what. State is what the events say; everything else is a projection.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::grant::GrantEvent;
use crate::domain::ids::{EventId, GrantId, InquiryId, PersonId, RequestId, TaskId, TextId, TicketId};
use crate::domain::inquiry::InquiryEvent;
use crate::domain::link::Link;
use crate::domain::request::{Confirmed, RequestEvent};
use crate::domain::task::TaskEvent;
use crate::domain::ticket::TicketEvent;
use crate::domain::unlock::{Hand, UnlockStep};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Actor {
    /// A person, by their own action.
    Person {
        /// Who.
        id: PersonId,
    },
    /// The rules, deciding.
    Rules,
    /// A timer, job or sweep.
    System,
    /// The operator, from the command line.
    Operator,
}

/// What events are about, each with its own numbering of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", content = "id", rename_all = "snake_case")]
pub enum Stream {
    /// An access request.
    Request(RequestId),
    /// A grant.
    Grant(GrantId),
    /// A task.
    Task(TaskId),
    /// A ticket.
    Ticket(TicketId),
    /// A question to the helpdesk.
    Inquiry(InquiryId),
    /// The house itself: policy and catalog adopted, refusals, erasures. Not versioned.
    House,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(id) => id.fmt(f),
            Self::Grant(id) => id.fmt(f),
            Self::Task(id) => id.fmt(f),
            Self::Ticket(id) => id.fmt(f),
            Self::Inquiry(id) => id.fmt(f),
            Self::House => f.write_str("house"),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "what", rename_all = "snake_case")]
pub enum EventBody {
    /// To a request.
    Request(RequestEvent),
    /// To a grant.
    Grant(GrantEvent),
    /// To a task.
    Task(TaskEvent),
    /// To a ticket.
    Ticket(TicketEvent),
    /// To a question to the helpdesk.
    Inquiry(InquiryEvent),
    /// To the house.
    House(HouseEvent),
}

/// What happened to the house itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HouseEvent {
    /// A policy set came into force.
    PolicyAdopted {
        /// Its digest; the text is kept under it.
        policy: Digest,
    },
    /// A catalog came into force.
    CatalogAdopted {
        /// Its digest.
        catalog: Digest,
        /// How many entitlements it holds.
        entitlements: u64,
    },
    /// Somebody tried what they may not.
    Refused {
        /// What they tried, in one word.
        verb: String,
        /// What they tried it on.
        on: Option<Stream>,
        /// Why it was refused, in one word.
        cause: String,
    },
    /// Personal texts were erased.
    Erased {
        /// Whose.
        person: PersonId,
        /// How many.
        texts: u64,
    },
    /// What was understood of a message (the message itself is not kept in the record).
    Understood {
        /// The message's text, while it is kept.
        text: TextId,
        /// The intent's name.
        intent: String,
        /// Who understood it: `embedded`, `model`, or both.
        by: String,
        /// Digest of the whole understanding.
        understanding: Digest,
    },
    /// Somebody was told about another person's sign-ins. Who was told is the event's actor.
    SigninsTold {
        /// Whose sign-ins.
        of: PersonId,
        /// How much was told, in one word.
        level: String,
        /// What they are to that person that allows it, in one word.
        because: String,
    },
    /// Somebody asked about another person's sign-ins and was told nothing.
    SigninsWithheld {
        /// Whose sign-ins, where the directory knows the name.
        of: Option<PersonId>,
    },
    /// An account on a chat platform became somebody's, or nobody's again.
    Linked {
        /// What is known of it now.
        link: Link,
        /// Whose it was before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<PersonId>,
    },
    /// An account on a chat platform was turned away; written once an hour at most for each account and cause.
    TurnedAway {
        /// Which.
        account: Account,
        /// Why, in one word.
        cause: String,
    },
    /// Somebody added a passkey to confirm with, or took one away.
    Passkey {
        /// Whose.
        person: PersonId,
        /// Which, as the digest of its id.
        passkey: Digest,
        /// True where it was added.
        added: bool,
    },
    /// Somebody proved once more that it is them, for what is written beside this.
    Confirmed {
        /// For what.
        on: Stream,
        /// For which verb.
        verb: String,
        /// How.
        how: Confirmed,
    },
    /// An account's lock in a directory was to be taken off.
    Unlock {
        /// Whose account.
        person: PersonId,
        /// Who wanted it.
        by: PersonId,
        /// As what.
        hand: Hand,
        /// In which directory.
        directory: String,
        /// Which lock, as its event's id says.
        lock: String,
        /// What became of it.
        step: UnlockStep,
    },
    /// Somebody wants to be told when they are locked out, or no longer.
    NoticesSet {
        /// Who.
        person: PersonId,
        /// Where.
        surface: Surface,
        /// Whether.
        on: bool,
    },
}

/// One event. Its canonical JSON is a leaf of the record's Merkle tree (RISK.md §12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// About what.
    pub stream: Stream,
    /// Its number in its stream, from 1; 0 in the house's.
    pub version: u64,
    /// What happened.
    pub body: EventBody,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place, counted from 0 without gaps: the leaf's index.
    pub seq: u64,
    /// The exact bytes that were hashed.
    pub leaf: Vec<u8>,
    /// The event those bytes say.
    pub event: Event,
}
