//! A task for a named person: what systems without an interface get, and what has to be looked at again.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{GrantId, PersonId, RequestId, TaskId, TicketId};
use crate::domain::request::{IllegalStep, TextRef};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Chore {
    /// Open access by hand.
    Fulfil {
        /// Which grant.
        grant: GrantId,
    },
    /// Close access by hand.
    Withdraw {
        /// Which grant.
        grant: GrantId,
    },
    /// Say whether standing access is still needed.
    Review {
        /// Which grant.
        grant: GrantId,
    },
    /// Look at a use of the emergency path.
    ReviewEmergency {
        /// Which request.
        request: RequestId,
    },
    /// See to a ticket.
    Ticket {
        /// Which.
        ticket: TicketId,
    },
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for its person.
    Open,
    /// Done, with proof.
    Done {
        /// By whom.
        by: PersonId,
        /// What they say they did (a ticket number, a sentence).
        proof: Option<TextRef>,
        /// When.
        at: Timestamp,
    },
    /// No longer needed.
    Dropped,
}

/// What can happen to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TaskEvent {
    /// Given to people.
    Raised {
        /// What is to be done.
        chore: Chore,
        /// Who may do it; the first is asked first.
        assignees: Vec<PersonId>,
        /// Until when.
        due: Timestamp,
    },
    /// Done, with proof.
    Done {
        /// By whom.
        by: PersonId,
        /// What they say they did.
        proof: Option<TextRef>,
    },
    /// Nobody did it in time: others are asked as well.
    Escalated {
        /// Who.
        to: Vec<PersonId>,
        /// The new due time.
        due: Timestamp,
    },
    /// No longer needed.
    Dropped,
}

/// A task. Made and moved by events only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// The id.
    pub id: TaskId,
    /// How many events made it what it is.
    pub version: u64,
    /// What is to be done.
    pub chore: Chore,
    /// Who may do it.
    pub assignees: Vec<PersonId>,
    /// Until when.
    pub due: Timestamp,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub state: TaskState,
}

impl Task {
    /// The task that a first event makes.
    ///
    /// # Errors
    /// [`IllegalStep`] for anything but [`TaskEvent::Raised`].
    pub fn open(id: TaskId, event: &TaskEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        let TaskEvent::Raised { chore, assignees, due } = event else {
            return Err(IllegalStep { state: "not raised", event: event.name() });
        };
        let (chore, assignees) = (chore.clone(), assignees.clone());
        Ok(Self { id, version: 1, chore, assignees, due: *due, changed_at: at, state: TaskState::Open })
    }

    /// The task after one more event.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event cannot happen in this state.
    pub fn apply(mut self, event: &TaskEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        self.state = match (self.state, event) {
            (TaskState::Open, TaskEvent::Done { by, proof }) => {
                TaskState::Done { by: by.clone(), proof: proof.clone(), at }
            }
            (TaskState::Open, TaskEvent::Escalated { to, due }) => {
                for person in to {
                    if !self.assignees.contains(person) {
                        self.assignees.push(person.clone());
                    }
                }
                self.due = *due;
                TaskState::Open
            }
            (TaskState::Open, TaskEvent::Dropped) => TaskState::Dropped,
            (state, event) => return Err(IllegalStep { state: state.name(), event: event.name() }),
        };
        self.version += 1;
        self.changed_at = at;
        Ok(self)
    }
}

impl TaskState {
    /// The state in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done { .. } => "done",
            Self::Dropped => "dropped",
        }
    }
}

impl TaskEvent {
    /// The event in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Raised { .. } => "raised",
            Self::Done { .. } => "done",
            Self::Escalated { .. } => "escalated",
            Self::Dropped => "dropped",
        }
    }
}
