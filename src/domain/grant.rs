//! A grant: access given by a connector, with its end. Its end is recorded before the connector is ever called.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{ConnectorId, EntitlementId, GrantId, PersonId, RequestId, TaskId};
use crate::domain::request::{Approved, IllegalStep};
use crate::domain::window::{AccessWindow, Seconds};

/// Why access ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum EndReason {
    /// The window is over.
    Expired,
    /// The holder gave it back.
    GivenBack {
        /// Who.
        by: PersonId,
    },
    /// Somebody took it away.
    Revoked {
        /// Who.
        by: PersonId,
    },
    /// A longer grant of the same thing took its place; the door stays open.
    Superseded {
        /// By which.
        by: GrantId,
    },
}

/// What a grant is for. Made from the proof of approval and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantOrder {
    /// The request it fulfils.
    pub request: RequestId,
    /// The revision that was approved.
    pub revision: u32,
    /// Who is to hold it.
    pub beneficiary: PersonId,
    /// What.
    pub entitlement: EntitlementId,
    /// Who opens and closes it.
    pub connector: ConnectorId,
    /// From when until when.
    pub window: AccessWindow,
    /// How often it is looked at again.
    pub review_after: Option<Seconds>,
}

impl GrantOrder {
    /// The order that fulfils an approved request.
    #[must_use]
    pub fn for_approved(approved: &Approved, connector: ConnectorId, review_after: Option<Seconds>) -> Self {
        Self {
            request: approved.request(),
            revision: approved.revision(),
            beneficiary: approved.beneficiary().clone(),
            entitlement: approved.entitlement().clone(),
            connector,
            window: approved.window(),
            review_after,
        }
    }
}

/// Where a grant stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum GrantState {
    /// The connector is to open it (at once, or when the window starts).
    Ordered {
        /// The task of the person who does it by hand, where no interface exists.
        #[serde(default)]
        task: Option<TaskId>,
    },
    /// The connector confirmed that it is open.
    Active {
        /// Since when.
        since: Timestamp,
        /// What the connector saw, in its words.
        evidence: String,
    },
    /// The connector is to close it.
    Ending {
        /// Why.
        why: EndReason,
        /// The task of the person who does it by hand.
        #[serde(default)]
        task: Option<TaskId>,
    },
    /// The connector confirmed that it is closed.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: EndReason,
        /// What the connector saw.
        evidence: String,
    },
    /// The target system could not do it; nothing is open.
    Failed {
        /// A word for the cause.
        cause: String,
    },
}

/// What can happen to a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum GrantEvent {
    /// Ordered by an approved request.
    Ordered {
        /// The order.
        order: GrantOrder,
    },
    /// A person has to do it by hand.
    TaskRaised {
        /// Their task.
        task: TaskId,
    },
    /// The connector confirmed that it is open.
    Confirmed {
        /// What it saw.
        evidence: String,
    },
    /// It is to be closed.
    EndRequested {
        /// Why.
        why: EndReason,
    },
    /// The connector confirmed that it is closed.
    Closed {
        /// What it saw.
        evidence: String,
    },
    /// The target system could not do it.
    Failed {
        /// A word for the cause.
        cause: String,
    },
    /// Somebody looked at standing access and kept it.
    Kept {
        /// Who.
        by: PersonId,
    },
}

/// A grant. Made and moved by events only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// The id; also the connector's idempotency key.
    pub id: GrantId,
    /// How many events made it what it is.
    pub version: u64,
    /// What it is for.
    pub order: GrantOrder,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// When somebody last looked at it (its start, at first).
    pub reviewed_at: Timestamp,
    /// Where it stands.
    pub state: GrantState,
}

impl Grant {
    /// The grant that a first event makes.
    ///
    /// # Errors
    /// [`IllegalStep`] for anything but [`GrantEvent::Ordered`].
    pub fn open(id: GrantId, event: &GrantEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        let GrantEvent::Ordered { order } = event else {
            return Err(IllegalStep { state: "not ordered", event: event.name() });
        };
        Ok(Self {
            id,
            version: 1,
            order: order.clone(),
            changed_at: at,
            reviewed_at: at,
            state: GrantState::Ordered { task: None },
        })
    }

    /// The grant after one more event.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event cannot happen in this state.
    pub fn apply(mut self, event: &GrantEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        use GrantEvent as E;
        use GrantState as S;
        let name = self.state.name();
        self.state = match (self.state, event) {
            (S::Ordered { task: None }, E::TaskRaised { task }) => S::Ordered { task: Some(*task) },
            (S::Ordered { .. }, E::Confirmed { evidence }) => S::Active { since: at, evidence: evidence.clone() },
            (S::Ordered { .. }, E::Failed { cause }) => S::Failed { cause: cause.clone() },
            (S::Ordered { .. } | S::Active { .. }, E::EndRequested { why }) => {
                S::Ending { why: why.clone(), task: None }
            }
            (S::Active { since, evidence }, E::Kept { .. }) => {
                self.reviewed_at = at;
                S::Active { since, evidence }
            }
            (S::Ending { why, task: None }, E::TaskRaised { task }) => S::Ending { why, task: Some(*task) },
            (S::Ending { why, .. }, E::Closed { evidence }) => S::Ended { at, why, evidence: evidence.clone() },
            (_, event) => return Err(IllegalStep { state: name, event: event.name() }),
        };
        self.version += 1;
        self.changed_at = at;
        Ok(self)
    }

    /// True while the person may use it at this moment, whatever the sweeps have done meanwhile.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        matches!(self.state, GrantState::Active { .. })
            && self.order.window.start() <= now
            && self.order.window.end().is_none_or(|end| now < end)
    }

    /// True while something is, or may be, open in the target system.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, GrantState::Ordered { .. } | GrantState::Active { .. } | GrantState::Ending { .. })
    }
}

impl GrantState {
    /// The state in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ordered { .. } => "ordered",
            Self::Active { .. } => "active",
            Self::Ending { .. } => "ending",
            Self::Ended { .. } => "ended",
            Self::Failed { .. } => "failed",
        }
    }
}

impl GrantEvent {
    /// The event in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ordered { .. } => "ordered",
            Self::TaskRaised { .. } => "task raised",
            Self::Confirmed { .. } => "confirmed",
            Self::EndRequested { .. } => "end requested",
            Self::Closed { .. } => "closed",
            Self::Failed { .. } => "failed",
            Self::Kept { .. } => "kept",
        }
    }
}
