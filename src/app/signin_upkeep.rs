//! Keeps sign-in events no longer than may be: once an hour, raw values that are too old are taken out and old events deleted
//! (RISK.md §10). Running it on several replicas does the same once.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;
use crate::domain::signin_privacy::{PseudonymKey, RAW_DAYS};
use crate::ports::signin::{Pruned, SigninLog};
use crate::ports::store::StoreError;

const HOURLY: Duration = Duration::from_secs(3_600);

/// How long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// With raw values, in days; never more than [`RAW_DAYS`].
    pub raw_days: u16,
    /// At all, in days.
    pub kept_days: u16,
}

/// One clean-up.
///
/// # Errors
/// What the store says.
pub async fn prune(
    log: &dyn SigninLog,
    now: Timestamp,
    retention: Retention,
    key: &PseudonymKey,
) -> Result<Pruned, StoreError> {
    let before = |days: i64| now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN);
    let raw = i64::from(retention.raw_days).min(RAW_DAYS);
    log.prune_signins(before(raw), before(i64::from(retention.kept_days)), key).await
}

/// Cleans up every hour until it is asked to stop.
pub fn start(
    log: Arc<dyn SigninLog>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    key: PseudonymKey,
    stop: CancellationToken,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut hours = tokio::time::interval(HOURLY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hours.tick() => {}
            }
            match prune(log.as_ref(), clock.now(), retention, &key).await {
                Ok(done) if done == Pruned::default() => {}
                Ok(done) => {
                    tracing::info!(
                        minimised = done.minimised,
                        deleted = done.deleted,
                        "old sign-in events were cleaned up"
                    );
                }
                Err(error) => tracing::warn!(%error, "old sign-in events could not be cleaned up"),
            }
        }
    })
}
