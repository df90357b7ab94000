//! Sign-in logs that are fetched page by page from a provider.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::signin::SigninEvent;

/// One page of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcePage {
    /// The events on it.
    pub events: Vec<SigninEvent>,
    /// Records that could not be read, by reason.
    pub aside: BTreeMap<String, u64>,
    /// Where to go on from, in the source's own words. To be kept only after the events are.
    pub cursor: String,
    /// True where more is to be had at once.
    pub more: bool,
}

/// Why a page could not be fetched. Sentences without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    /// Trying again later may help.
    #[error("{what}")]
    Later {
        /// What happened.
        what: String,
        /// Not before this long, where the provider said so.
        after: Option<Duration>,
    },
    /// Trying again will not help; an operator has to look.
    #[error("{0}")]
    Refused(String),
}

/// A log that can be read on from where one stopped.
#[async_trait]
pub trait SigninSource: Send + Sync {
    /// The name its cursor is kept under; unique among the sources.
    fn name(&self) -> &str;
    /// How long to wait between two rounds.
    fn every(&self) -> Duration;
    /// The page after this cursor; the first of all without one. The same cursor may be asked twice.
    ///
    /// # Errors
    /// [`SourceFault`]
    async fn page(&self, cursor: Option<&str>, now: Timestamp) -> Result<SourcePage, SourceFault>;
}
