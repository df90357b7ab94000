//! Keeping sign-in events and taking them in.
//!
//! Sign-in events are evidence read from elsewhere, not decisions of ours: they stand beside the record, not in it, and grow old.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_actor::Aliases;
use crate::domain::signin_privacy::PseudonymKey;
use crate::ports::store::StoreError;

/// What became of events that were to be stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// New ones.
    pub stored: u64,
    /// Ones that were there already.
    pub known: u64,
}

/// Which events of one person.
#[derive(Debug, Clone)]
pub struct SigninQuery {
    /// Whose.
    pub whose: Aliases,
    /// From this moment on.
    pub from: Timestamp,
    /// Until this moment, exclusive.
    pub until: Timestamp,
    /// At most so many, the newest; 0 means 1000.
    pub limit: u32,
}

/// What a clean-up did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Events whose raw values were taken out.
    pub minimised: u64,
    /// Events deleted.
    pub deleted: u64,
}

/// The store of sign-in events.
#[async_trait]
pub trait SigninLog: Send + Sync {
    /// Keeps events; one whose raw record is known already is left alone. `now` is when they came in. Order does not matter, nor how
    /// late they come.
    async fn append_signins(&self, events: &[SigninEvent], now: Timestamp) -> Result<Appended, StoreError>;
    /// One person's events with a moment in this window, newest first. Events without a moment are not found this way.
    async fn signins(&self, query: &SigninQuery) -> Result<Vec<SigninEvent>, StoreError>;
    /// How many events there are, by provider.
    async fn signin_counts(&self) -> Result<BTreeMap<Provider, u64>, StoreError>;
    /// Minimises events older than `raw_until` (address, device, session, text) and deletes those older than `kept_until`. An event is
    /// as old as its moment, or as its coming in where that is earlier or the only one.
    async fn prune_signins(
        &self,
        raw_until: Timestamp,
        kept_until: Timestamp,
        key: &PseudonymKey,
    ) -> Result<Pruned, StoreError>;
    /// How far a source was read, in the source's own words.
    async fn signin_cursor(&self, source: &str) -> Result<Option<String>, StoreError>;
    /// Notes how far a source was read.
    async fn put_signin_cursor(&self, source: &str, cursor: &str, now: Timestamp) -> Result<(), StoreError>;
    /// Takes or keeps the right to fetch a source until a moment: one holder has it at a time. False where another one has it still.
    /// A log that no two processes share may leave this as it is.
    async fn hold_source(
        &self,
        _source: &str,
        _holder: &str,
        _now: Timestamp,
        _until: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }
    /// Gives that right back before its time, where this holder has it.
    async fn leave_source(&self, _source: &str, _holder: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// What became of records that were taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records seen.
    pub records: u64,
    /// Events stored.
    pub stored: u64,
    /// Events that were known already.
    pub known: u64,
    /// Records kept aside, by reason (`not_json`, `unknown_shape` …).
    pub aside: BTreeMap<String, u64>,
}

/// Takes in sign-in records as they come over the wire.
#[async_trait]
pub trait SigninIntake: Send + Sync {
    /// Reads and stores a body of records, JSON lines for instance. A record that cannot be read is counted, never fatal.
    ///
    /// # Errors
    /// Where the store cannot be written.
    async fn take(&self, provider: Option<Provider>, body: Vec<u8>) -> Result<Taken, StoreError>;
}
