//! Finds what lags on chat platforms, and has it tended: after an outage, a restart, a lost job, a new key.

use jiff::SignedDuration;

use crate::domain::action::{Action, Subject, Verb};
use crate::domain::digest::Digest;
use crate::domain::event::Actor;
use crate::domain::ids::RequestId;
use crate::domain::job::Job;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// What has been due for so long is looked after; younger things have jobs of their own.
const OVERDUE: SignedDuration = SignedDuration::from_secs(30);
/// How many lanes one sweep sets going.
const AT_ONCE: u32 = 500;

/// One sweep. Answers how many lanes were set going.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn sweep(house: &House) -> Result<u64, WorkflowError> {
    if house.surfaces.is_empty() {
        return Ok(0);
    }
    let now = house.now();
    house.store.mark_fading(now, now).await?;
    renew_after_key_change(house).await?;
    let overdue = now.checked_sub(OVERDUE).unwrap_or(now);
    let minute = now.as_second() / 60;
    let mut change = Change::by(house, Actor::System);
    let mut set_going = 0;
    for (surface, lane) in house.store.lanes_due(overdue, AT_ONCE).await? {
        if house.surfaces.get(surface).is_none() || house.surfaces.is_paused(surface, now) {
            continue;
        }
        let key = format!("sweep:tend:{}:{minute}", lane.0);
        change.job(Job::Tend { lane }, now, key);
        set_going += 1;
    }
    if set_going > 0 {
        change.commit().await?;
    }
    measure(house).await?;
    Ok(set_going)
}

/// Where buttons are signed by a key that this database has not seen yet, all buttons on platforms are made anew, once.
async fn renew_after_key_change(house: &House) -> Result<(), WorkflowError> {
    let subject = Subject::Request(RequestId::from_bytes([0; 16]));
    let sample = Action { verb: Verb::Approve, subject, seen: [0; 8], argument: 0, expires_minute: u32::MAX };
    let key = format!("buttons:{}", Digest::of(house.tokens.seal(&sample).0.as_bytes()).short());
    if house.store.lock_version(&key).await? > 0 {
        return Ok(());
    }
    let marked = house.store.mark_buttons(house.now()).await?;
    if marked > 0 {
        tracing::info!(marked, "buttons are signed by another key; they are made anew");
    }
    let mut change = Change::by(house, Actor::System);
    change.lock(key, 0);
    match change.commit().await {
        Err(error) if error.is_conflict() => Ok(()),
        done => done,
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats; nobody has 2^53 messages waiting")]
async fn measure(house: &House) -> Result<(), WorkflowError> {
    let now = house.now();
    let lags = house.store.lag().await?;
    for platform in house.surfaces.iter() {
        let name = platform.surface().name();
        let lag = lags.iter().find(|lag| lag.surface == platform.surface());
        let seconds = lag.map_or(0, |lag| now.as_second() - lag.since.as_second());
        metrics::gauge!("claviger_copies_lagging", "surface" => name).set(lag.map_or(0.0, |lag| lag.messages as f64));
        metrics::gauge!("claviger_copies_lag_seconds", "surface" => name).set(seconds as f64);
    }
    let waiting = house.store.undealt(now).await?;
    metrics::gauge!("claviger_deliveries_waiting").set(waiting as f64);
    Ok(())
}
