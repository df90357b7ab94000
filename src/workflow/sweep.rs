//! Compares what is with what should be, and orders what is missing. Whatever a lost job, a restored backup or somebody's own hands
//! in a target system have put out of step is in step again after one sweep.

use crate::domain::event::Actor;
use crate::domain::grant::GrantState;
use crate::domain::job::Job;
use crate::ports::connector::{Errand, Holding};
use crate::ports::jobs::JobFault;
use crate::ports::store::{GrantQuery, RequestQuery};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::timers;

/// One sweep. Answers how many things were put back on their way.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn sweep(house: &House) -> Result<u64, JobFault> {
    run(house).await.map_err(|e| e.for_job())
}

async fn run(house: &House) -> Result<u64, WorkflowError> {
    let now = house.now();
    // Jobs from one minute's sweep are written once, however many replicas sweep.
    let minute = now.as_second() / 60;
    let mut change = Change::by(house, Actor::System);
    let mut mended = 0;
    let open = GrantQuery { open: true, limit: 10_000, ..GrantQuery::default() };
    for grant in house.store.grants(&open).await? {
        let id = grant.id;
        let over = grant.order.window.end().is_some_and(|end| end <= now);
        let job = match &grant.state {
            GrantState::Ordered { .. } | GrantState::Active { .. } if over => Some(Job::Expire { grant: id }),
            GrantState::Ordered { task: None } if grant.order.window.start() <= now => Some(Job::Open { grant: id }),
            GrantState::Ending { task: None, .. } => Some(Job::Close { grant: id }),
            _ => None,
        };
        // A fresh grant's own jobs are on their way; only what has been lying about is looked at.
        let stale = now.as_second() - grant.changed_at.as_second() >= 60 || over;
        if let Some(job) = job.filter(|_| stale) {
            let key = format!("sweep:{}:{id}:{minute}", job.name());
            change.job(job, now, key);
            mended += 1;
        }
        if matches!(grant.state, GrantState::Active { .. }) && !over {
            report_drift(house, &grant).await;
        }
    }
    let waiting = RequestQuery { open: true, limit: 10_000, ..RequestQuery::default() };
    for request in house.store.requests(&waiting).await? {
        if request.open_step().is_some() && timers::lapses_at(&request) <= now {
            let (id, revision) = (request.id, request.revision);
            change.job(Job::Lapse { request: id, revision }, now, format!("sweep:lapse:{id}:{minute}"));
            mended += 1;
        }
    }
    if mended > 0 {
        change.commit().await?;
    }
    mended += crate::workflow::surfaces::sweep::sweep(house).await?;
    house.store.sweep_sessions(now).await?;
    Ok(mended)
}

/// Says so where the target system no longer shows what was granted. Mending drift is for the connectors that follow.
async fn report_drift(house: &House, grant: &crate::domain::grant::Grant) {
    let (Ok(connector), Ok(person), Ok(entitlement)) = (
        house.connector(&grant.order.connector),
        house.person(&grant.order.beneficiary),
        house.entitlement(&grant.order.entitlement),
    ) else {
        tracing::warn!(grant.id = %grant.id, "an open grant names a person, access or connector that is gone");
        return;
    };
    let errand = Errand { grant: grant.id, order: &grant.order, person: &person, entitlement: &entitlement };
    if let Ok(Holding::NotHeld) = connector.holds(&errand).await {
        metrics::counter!("claviger_drift_total").increment(1);
        tracing::warn!(grant.id = %grant.id, connector = %connector.id(), "the target system does not show what was granted");
    }
}
