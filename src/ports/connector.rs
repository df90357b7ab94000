//! What talks to one target system. Every call may come twice; the second changes nothing and says the same.

use async_trait::async_trait;

use crate::domain::entitlement::Entitlement;
use crate::domain::grant::GrantOrder;
use crate::domain::ids::{ConnectorId, GrantId, PersonId};
use crate::domain::person::Person;

/// What a connector needs to know to open or close one grant.
#[derive(Debug, Clone)]
pub struct Errand<'a> {
    /// The grant: the idempotency key.
    pub grant: GrantId,
    /// What was approved. Only an approved request makes an order.
    pub order: &'a GrantOrder,
    /// Who.
    pub person: &'a Person,
    /// What, as the catalog says.
    pub entitlement: &'a Entitlement,
}

/// How a call went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// Done and read back.
    Confirmed {
        /// What the target system said, short, without secrets.
        evidence: String,
    },
    /// A person has to do it by hand.
    ByHand {
        /// Who may.
        assignees: Vec<PersonId>,
    },
}

/// Whether somebody holds something, as the target system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Yes.
    Held,
    /// No.
    NotHeld,
    /// The system cannot be asked.
    Unknown,
}

/// How asking to end somebody's sessions went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionsReceipt {
    /// They are ended.
    Ended {
        /// What the target system said, short, without secrets.
        evidence: String,
    },
    /// The system has no such thing, or cannot be asked.
    NotSupported,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// Trying again later may help.
    #[error("the target system did not answer: {what}")]
    Unavailable {
        /// What happened, short, without secrets.
        what: String,
    },
    /// Trying again will not help; people have to look.
    #[error("the target system refused: {what}")]
    Refused {
        /// What it said, short, without secrets.
        what: String,
    },
}

/// One target system.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Its id, as the catalog names it.
    fn id(&self) -> &ConnectorId;
    /// Opens access and reads it back.
    async fn open(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError>;
    /// Closes access and reads it back.
    async fn close(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError>;
    /// Asks the target system.
    async fn holds(&self, errand: &Errand<'_>) -> Result<Holding, ConnectorError>;
    /// Ends the person's sessions, where the system can. `case` is the idempotency key.
    async fn end_sessions(&self, _case: &str, _person: &Person) -> Result<SessionsReceipt, ConnectorError> {
        Ok(SessionsReceipt::NotSupported)
    }
    /// A plain sentence when it cannot work, with what to do about it; `Ok` when it can.
    async fn check(&self) -> Result<(), String> {
        Ok(())
    }
}
