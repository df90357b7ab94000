//! What can take a lock off an account in one directory. Every call may come twice; the second changes nothing and says how it stands.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::signin_actor::Aliases;
use crate::domain::unlock::{Shut, Unlockable};

/// How it went. Both are read back from the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlocked {
    /// The lock was taken off now.
    Now,
    /// There was none any more.
    Before,
}

/// Why it was not done. Sentences without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// Trying again later may help.
    #[error("the directory did not answer: {what}")]
    Unavailable {
        /// What happened.
        what: String,
    },
    /// Trying again will not help; an operator has to look.
    #[error("the directory refused: {what}")]
    Refused {
        /// What it said.
        what: String,
    },
    /// The account is shut for a reason that is not undone from here.
    #[error("the account is not locked by wrong passwords: {}", .0.name())]
    Shut(Shut),
    /// Another lock stands there.
    #[error("another lock stands there than the one that was meant")]
    AnotherLock,
}

/// One directory in which locks can be taken off.
#[async_trait]
pub trait Unlocker: Send + Sync {
    /// Takes this lock off the account of `whose`, and reads back how it stands.
    ///
    /// # Errors
    /// [`UnlockError`]; nothing was changed then, or it cannot be said.
    async fn unlock(&self, what: &Unlockable, whose: &Aliases, now: Timestamp) -> Result<Unlocked, UnlockError>;
    /// A plain sentence when it cannot work, with what to do about it; `Ok` when it can.
    async fn check(&self) -> Result<(), String>;
}
