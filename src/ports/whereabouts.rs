//! Where people are to be found on platforms that tell it only when they come by: Teams' conversation references. They are no record and
//! no decision; a lost one is learned again the next time somebody says something.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::account::{Account, PlatformId};
use crate::domain::action::ActionToken;
use crate::domain::conversation::Surface;
use crate::ports::store::StoreError;

/// Where one account is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// Whose.
    pub account: Account,
    /// What programs call them there, where that is another id.
    pub native: Option<PlatformId>,
    /// The conversation with them alone, where there is one.
    pub direct: Option<PlatformId>,
    /// What leads there: Teams' `serviceUrl`.
    pub via: String,
    /// When this was learned.
    pub at: Timestamp,
}

/// The buttons behind an answer's thumbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbs {
    /// “That helped”.
    pub helped: ActionToken,
    /// “It didn't”.
    pub not_helped: ActionToken,
}

/// Keeps whereabouts.
#[async_trait]
pub trait WhereaboutsBook: Send + Sync {
    /// Keeps what was learned. What the new word does not tell stays as it was.
    async fn learn(&self, learned: &Whereabouts) -> Result<(), StoreError>;
    /// Where this account is to be found.
    async fn whereabouts(&self, account: &Account) -> Result<Option<Whereabouts>, StoreError>;
    /// What led to this organisation last.
    async fn way_to(&self, surface: Surface, space: &PlatformId) -> Result<Option<String>, StoreError>;
    /// Keeps the buttons behind the thumbs of a message for some time.
    async fn keep_thumbs(&self, message: &str, thumbs: &Thumbs, until: Timestamp) -> Result<(), StoreError>;
    /// The buttons behind the thumbs of a message, while they are kept.
    async fn thumbs(&self, message: &str, now: Timestamp) -> Result<Option<Thumbs>, StoreError>;
    /// Drops the buttons that are kept no longer; answers how many.
    async fn sweep_thumbs(&self, now: Timestamp) -> Result<u64, StoreError>;
}
