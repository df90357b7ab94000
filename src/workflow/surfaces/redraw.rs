//! Something changed: every lane where a message shows it is tended, several at once.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use crate::domain::action::Subject;
use crate::domain::posting::Lane;
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::ClaimedJob;
use crate::workflow::change::Change;
use crate::workflow::house::House;
use crate::workflow::surfaces::tend::{self, Tended};

/// How many lanes are tended at once.
const AT_ONCE: usize = 8;

/// Tends every lane where a message that shows this lags. Where one has to wait, a job of its own comes back to it.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn job(house: &Arc<House>, job: &ClaimedJob, subject: Subject) -> Result<Handled, JobFault> {
    let lanes = house.store.lanes_lagging(&subject).await.map_err(|e| JobFault::Later(e.to_string()))?;
    let tended: Vec<(Lane, Result<Tended, _>)> = stream::iter(lanes)
        .map(|(_, lane)| async move {
            let left = tend::tend(house, &lane).await;
            (lane, left)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut change = Change::by_job(house, &job.lease);
    let (mut waits, mut failed) = (false, None);
    for (lane, left) in tended {
        match left {
            Ok(Tended::Done | Tended::ShutOut) => {}
            Ok(Tended::Until(at)) => {
                tend::again(&mut change, &lane, at);
                waits = true;
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        // Those that have to wait are found again by the next try of this job.
        Some(error) => Err(error.for_job()),
        None if waits => {
            change.commit().await.map_err(|e| e.for_job())?;
            Ok(Handled::Committed)
        }
        None => Ok(Handled::Nothing),
    }
}
