//! Tends a lane: whatever is due there is posted or drawn anew, in its order, by one worker at a time.
//!
//! Before a message is posted it is noted that it is being posted; a process that dies in between leaves the note, and whoever tends the
//! lane next asks the platform whether the message stands before posting it again. A worker looks once more after it has given the lane
//! back, so that whoever found it busy and went away has left nothing behind.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::ids::EventId;
use crate::domain::job::Job;
use crate::domain::posting::{Audience, Due, Lane, Posting, Shows, Standing};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::posting::LaneTaken;
use crate::ports::store::{ClaimedJob, StoreError};
use crate::ports::surface::{ChatSurface, SurfaceError};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::copies;

/// How long a lane is a worker's.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// After this long a worker gives the lane back and comes again.
const SHIFT: SignedDuration = SignedDuration::from_secs(8);
/// How long one call to a platform may take.
pub const CALL: Duration = Duration::from_secs(12);
/// The shortest wait after a failure, milliseconds.
const FIRST_WAIT_MS: i64 = 1_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1_000;

/// How a lane was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tended {
    /// Nothing is due, or somebody else sees to it.
    Done,
    /// Something is due that has to wait until this moment.
    Until(Timestamp),
    /// The platform shut us out, or is not set up here: a sweep comes back to it.
    ShutOut,
}

/// What one message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next one.
    Next,
    /// The lane has to wait until this moment.
    Wait(Timestamp),
    /// The platform shut us out.
    ShutOut,
}

/// Does the job that tends a lane. Where that has to wait, another job comes back.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn job(house: &Arc<House>, job: &ClaimedJob, lane: &Lane) -> Result<Handled, JobFault> {
    match tend(house, lane).await.map_err(|e| e.for_job())? {
        Tended::Done | Tended::ShutOut => Ok(Handled::Nothing),
        Tended::Until(at) => {
            let mut change = Change::by_job(house, &job.lease);
            again(&mut change, lane, at);
            change.commit().await.map_err(|e| e.for_job())?;
            Ok(Handled::Committed)
        }
    }
}

/// Has a lane tended again at a moment.
pub fn again(change: &mut Change<'_>, lane: &Lane, at: Timestamp) {
    change.job(Job::Tend { lane: lane.clone() }, at, format!("tend:{}:{}", lane.0, at.as_microsecond()));
}

/// Tends a lane until nothing is due there.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn tend(house: &Arc<House>, lane: &Lane) -> Result<Tended, WorkflowError> {
    loop {
        let since = house.now();
        let holder = EventId::mint(since, house.entropy.as_ref()).to_string();
        let until = since.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        match house.store.take_lane(lane, &holder, since, until).await? {
            LaneTaken::Busy => return Ok(Tended::Done),
            LaneTaken::Wait(at) => {
                // Whoever made it wait has seen to it that somebody comes back.
                return Ok(if house.store.due_in(lane).await?.is_some() { Tended::Until(at) } else { Tended::Done });
            }
            LaneTaken::Yours => {}
        }
        let worker = Worker { house, lane, holder: &holder, since };
        let left = worker.work().await;
        let not_before = match &left {
            Ok(Step::Wait(at)) => Some(*at),
            _ => None,
        };
        house.store.leave_lane(lane, &holder, not_before).await?;
        match left? {
            Step::Wait(at) => return Ok(Tended::Until(at)),
            Step::ShutOut => return Ok(Tended::ShutOut),
            Step::Next if house.store.due_in(lane).await?.is_none() => return Ok(Tended::Done),
            Step::Next => {}
        }
    }
}

/// Whoever holds a lane.
pub struct Worker<'h> {
    /// The house.
    pub house: &'h Arc<House>,
    /// The lane.
    pub lane: &'h Lane,
    /// Who holds it.
    pub holder: &'h str,
    since: Timestamp,
}

impl Worker<'_> {
    async fn work(&self) -> Result<Step, WorkflowError> {
        while let Some(due) = self.house.store.due_in(self.lane).await? {
            if self.house.now().duration_since(self.since) > SHIFT {
                return Ok(Step::Wait(self.house.now()));
            }
            match self.see_to(due).await? {
                Step::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Step::Next)
    }

    async fn see_to(&self, due: Due) -> Result<Step, WorkflowError> {
        let surface = due.posting.surface;
        let Some(platform) = self.house.surfaces.get(surface).cloned() else { return Ok(Step::ShutOut) };
        if self.house.surfaces.is_paused(surface, self.house.now()) {
            return Ok(Step::ShutOut);
        }
        match due.posting.standing {
            Standing::Wanted | Standing::Posting => copies::post(self, platform.as_ref(), due).await,
            Standing::Posted => copies::redraw(self, platform.as_ref(), due).await,
            Standing::Gone => self.put(&due.posting, due.marks, false).await.map(|()| Step::Next),
        }
    }

    /// Writes how a message stands; it is still due where `lags`.
    ///
    /// # Errors
    /// Where the lane is no longer ours, or the store cannot be reached.
    pub async fn put(&self, posting: &Posting, marks: u64, lags: bool) -> Result<(), WorkflowError> {
        Ok(self.house.store.put_posting(posting, marks, lags, self.holder, self.house.now()).await?)
    }

    /// The message is not there and never will be.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn gone(&self, mut posting: Posting, marks: u64, why: String) -> Result<Step, WorkflowError> {
        tracing::info!(posting.id = %posting.id, surface = posting.surface.name(), why, "a message is gone");
        metrics::counter!("claviger_postings_gone_total", "surface" => posting.surface.name()).increment(1);
        posting.standing = Standing::Gone;
        posting.shows = match posting.shows {
            Shows::Said { .. } => Shows::Past,
            other => other,
        };
        posting.trouble = why;
        self.put(&posting, marks, false).await?;
        Ok(Step::Next)
    }

    /// Something went wrong with a platform: what that means for this message and the lane.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn failed(&self, mut posting: Posting, marks: u64, error: SurfaceError) -> Result<Step, WorkflowError> {
        let (house, surface) = (self.house, posting.surface);
        posting.trouble = error.to_string();
        match error {
            SurfaceError::Gone(why) | SurfaceError::Refused(why) => self.gone(posting, marks, why).await,
            SurfaceError::ShutOut(why) => {
                tracing::error!(
                    surface = surface.name(),
                    why,
                    "the platform shut us out; messages wait until it takes them again"
                );
                house.surfaces.pause(surface, house.now());
                self.put(&posting, marks, true).await?;
                Ok(Step::ShutOut)
            }
            SurfaceError::Later { after, why, .. } => {
                posting.failures = posting.failures.saturating_add(1);
                let at = wait(house, posting.failures, after);
                tracing::warn!(posting.id = %posting.id, surface = surface.name(), failures = posting.failures, why, until = %at, "a message has to wait");
                self.put(&posting, marks, true).await?;
                Ok(Step::Wait(at))
            }
        }
    }
}

/// When to try again after so many failures in a row: twice as long each time, half of it by lot, and never before the platform's word.
fn wait(house: &House, failures: u32, after: Option<Duration>) -> Timestamp {
    let now = house.now();
    let whole = FIRST_WAIT_MS.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(LONGEST_WAIT_MS);
    let mut lot = [0; 8];
    house.entropy.fill(&mut lot);
    let drawn = i64::try_from(u64::from_le_bytes(lot) % (whole / 2).unsigned_abs().max(1)).unwrap_or(0);
    let ours = SignedDuration::from_millis(whole / 2 + drawn);
    let theirs = after.and_then(|after| SignedDuration::try_from(after).ok()).unwrap_or(SignedDuration::ZERO);
    now.checked_add(ours.max(theirs)).unwrap_or(Timestamp::MAX)
}

/// A call to a platform that takes too long may have been done all the same.
///
/// # Errors
/// What the platform said, or that it did not answer in time.
pub async fn in_time<T>(call: impl Future<Output = Result<T, SurfaceError>>) -> Result<T, SurfaceError> {
    match tokio::time::timeout(CALL, call).await {
        Ok(said) => said,
        Err(_) => {
            Err(SurfaceError::Later { after: None, unsure: true, why: "the platform did not answer in time".into() })
        }
    }
}

/// Where a message goes: a channel's is known, a person's is looked up. The thread of what it is about, where its card stands in the lane.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn place(
    worker: &Worker<'_>,
    platform: &dyn ChatSurface,
    posting: &Posting,
) -> Result<crate::workflow::surfaces::reach::Found, WorkflowError> {
    use crate::workflow::surfaces::reach::{self, Found};
    let found = match (&posting.place, &posting.audience) {
        (Some(_), _) => None,
        (None, Audience::Person { id }) => Some(reach::find(worker.house, platform, id).await?),
        (None, Audience::Group { .. }) => Some(Found::Nowhere),
    };
    let mut place = match (found, &posting.place) {
        (Some(Found::There(place, account)), _) => (place, Some(account)),
        (Some(other), _) => return Ok(other),
        (None, Some(place)) => (place.clone(), None),
        (None, None) => return Ok(Found::Nowhere),
    };
    if let Some(about) = posting.about {
        let there = worker.house.store.postings_of(&about).await?;
        let card = there.into_iter().rev().find(|p| p.lane == *worker.lane && p.standing == Standing::Posted);
        if let Some(card) = card {
            place.0.thread = card.place.as_ref().and_then(|p| p.thread.clone()).or(card.message);
        }
    }
    let account = place.1.unwrap_or_else(|| crate::domain::account::Account {
        surface: posting.surface,
        space: place.0.space.clone(),
        id: place.0.channel.clone(),
    });
    Ok(Found::There(place.0, account))
}

/// True where somebody else has the lane by now.
#[must_use]
pub fn is_lost(error: &WorkflowError) -> bool {
    matches!(error, WorkflowError::Store(StoreError::Conflict(_)))
}
