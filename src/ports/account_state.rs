//! What a directory says of one account right now. Logs tell what happened; the directory's own attributes tell how it stands.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_actor::Aliases;
use crate::domain::window::Seconds;
use crate::ports::unlocker::Unlocker;

/// What a directory said of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountReport {
    /// What the account's attributes tell, as events. Their ids stay the same while the attributes do.
    pub events: Vec<SigninEvent>,
    /// How long a lock of this account lasts, and in whose events. `None` where it lasts until somebody opens it, or where the directory
    /// does not say.
    pub lock_lasts: Option<(Provider, Seconds)>,
}

/// Why a directory could not be asked. Sentences without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountStateError {
    /// Asking again later may help.
    #[error("the directory `{directory}` did not answer: {what}")]
    Unavailable {
        /// Which.
        directory: String,
        /// What happened.
        what: String,
    },
    /// Asking again will not help; an operator has to look.
    #[error("the directory `{directory}` refused: {what}")]
    Refused {
        /// Which.
        directory: String,
        /// What it said.
        what: String,
    },
    /// More than one account goes by the person's names, so that none is told about.
    #[error("the directory `{directory}` has several accounts by these names")]
    Ambiguous {
        /// Which.
        directory: String,
    },
}

/// A directory that can be asked about accounts. Reads only; what takes locks off there, if anything, is a thing of its own.
#[async_trait]
pub trait AccountState: Send + Sync {
    /// What operators call it.
    fn name(&self) -> &str;
    /// How the account of a person stands; an empty report where it has none. Only events that are `whose` own are answered.
    ///
    /// # Errors
    /// [`AccountStateError`]
    async fn account(&self, whose: &Aliases, now: Timestamp) -> Result<AccountReport, AccountStateError>;
    /// Whose events it tells, where it tells those of one provider only: then an empty report says that nothing stands any more.
    fn provider(&self) -> Option<Provider> {
        None
    }
    /// What takes locks off there, where that is switched on.
    fn unlocker(&self) -> Option<&dyn Unlocker> {
        None
    }
    /// A plain sentence when it cannot be asked, with what to do about it; `Ok` when it can.
    async fn check(&self) -> Result<(), String> {
        Ok(())
    }
}
