//! Keeping what comes in from chat platforms and what stands there of ours. Part of [`crate::ports::store::Store`]; what has to be
//! written together with a decision goes through its [`crate::ports::store::Batch`].

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::account::{Account, Place, PlatformId};
use crate::domain::action::Subject;
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::posting::{Due, Lane, Posting};
use crate::ports::store::StoreError;

/// Something that came in, to be kept until it was dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its key: a digest of the platform and its own id of the delivery.
    pub key: Digest,
    /// The platform.
    pub surface: Surface,
    /// What came in, as JSON. Erased once it was dealt with.
    pub payload: String,
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It never came, or so long ago that it was forgotten.
    Unknown,
    /// It waits to be dealt with.
    Waits {
        /// What came in.
        payload: String,
    },
    /// It was dealt with.
    Dealt,
}

/// Somebody is looking at something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// At what.
    pub subject: Subject,
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub at: Timestamp,
}

/// Whether one may work in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneTaken {
    /// It is yours until the time you named.
    Yours,
    /// Somebody else is at work there, and looks again before they go.
    Busy,
    /// The platform wants to be left in peace there until this moment.
    Wait(Timestamp),
}

/// How far a platform lags behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The platform.
    pub surface: Surface,
    /// How many messages are not as they should be.
    pub messages: u64,
    /// Since when the one that waits longest.
    pub since: Timestamp,
}

/// Deliveries and accounts.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// How a delivery stands.
    async fn delivery(&self, key: &Digest) -> Result<Delivered, StoreError>;
    /// How many deliveries taken before this moment wait to be dealt with.
    async fn undealt(&self, before: Timestamp) -> Result<u64, StoreError>;
    /// Where an account was last met in private.
    async fn place_of(&self, account: &Account) -> Result<Option<Place>, StoreError>;
    /// Notes where an account was met in private.
    async fn put_place(&self, account: &Account, place: &Place, now: Timestamp) -> Result<(), StoreError>;
    /// Forgets it, where the platform no longer takes messages there.
    async fn drop_place(&self, account: &Account) -> Result<(), StoreError>;
    /// Who looks at this.
    async fn claim_on(&self, subject: &Subject) -> Result<Option<Claim>, StoreError>;
}

/// Our messages on platforms.
#[async_trait]
pub trait Postings: Send + Sync {
    /// Takes a lane for one worker until a moment, where nobody has it and the platform is not to be left in peace.
    async fn take_lane(
        &self,
        lane: &Lane,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LaneTaken, StoreError>;
    /// Gives a lane back, and says from when on it may be worked in again.
    async fn leave_lane(&self, lane: &Lane, holder: &str, not_before: Option<Timestamp>) -> Result<(), StoreError>;
    /// What is to be done next in a lane, in its order.
    async fn due_in(&self, lane: &Lane) -> Result<Option<Due>, StoreError>;
    /// Writes how a message stands. It still lags where `lags`, or where it was marked again since it was read.
    /// [`StoreError::Conflict`] where the lane is no longer this holder's.
    async fn put_posting(
        &self,
        posting: &Posting,
        marks: u64,
        lags: bool,
        holder: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// The message of ours with this id on a platform, where it stands in this channel.
    async fn posting_on(
        &self,
        surface: Surface,
        place: &Place,
        message: &PlatformId,
    ) -> Result<Option<Posting>, StoreError>;
    /// Every message that shows a subject, oldest first.
    async fn postings_of(&self, subject: &Subject) -> Result<Vec<Posting>, StoreError>;
    /// The messages of a lane, oldest first, at most 500.
    async fn postings_in(&self, lane: &Lane) -> Result<Vec<Posting>, StoreError>;
    /// Lanes where a message that shows this subject is not as it should be.
    async fn lanes_lagging(&self, subject: &Subject) -> Result<Vec<(Surface, Lane)>, StoreError>;
    /// Lanes where something has been due since before this moment, longest first, at most so many.
    async fn lanes_due(&self, before: Timestamp, limit: u32) -> Result<Vec<(Surface, Lane)>, StoreError>;
    /// Marks messages whose buttons fade before this moment as lagging; answers how many.
    async fn mark_fading(&self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError>;
    /// Marks every message that has buttons as lagging (the key that signs them has changed); answers how many.
    async fn mark_buttons(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// How far platforms lag behind; none that does not.
    async fn lag(&self) -> Result<Vec<Lag>, StoreError>;
}
