//! The durable jobs, each given to its use case.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::job::Job;
use crate::ports::jobs::{Handled, JobFault, JobHandler};
use crate::ports::store::ClaimedJob;
use crate::workflow::house::House;
use crate::workflow::surfaces::{claims, deal, redraw, tend};
use crate::workflow::{cases, follow, news, notices, provision, sweep, tasks, timers, unlocks};

/// Does the house's jobs.
pub struct HouseJobs(pub Arc<House>);

#[async_trait]
impl JobHandler for HouseJobs {
    async fn handle(&self, job: &ClaimedJob) -> Result<Handled, JobFault> {
        let house = &self.0;
        match &job.job {
            Job::Open { grant } => provision::open(house, job, *grant).await,
            Job::Expire { grant } => provision::expire(house, job, *grant).await,
            Job::Close { grant } => provision::close(house, job, *grant).await,
            Job::Announce { request, version } => news::announce(house, job, *request, *version).await,
            Job::Remind { request, revision, step } => timers::remind(house, job, *request, *revision, *step).await,
            Job::Escalate { request, revision, step } => timers::escalate(house, job, *request, *revision, *step).await,
            Job::Lapse { request, revision } => timers::lapse(house, job, *request, *revision).await,
            Job::Review { grant } => tasks::review(house, job, *grant).await,
            Job::TaskDue { task } => tasks::due(house, job, *task).await,
            Job::FileTicket { ticket } => cases::file(house, job, *ticket).await,
            Job::FollowTicket { ticket, asked } => follow::look(house, job, *ticket, *asked).await,
            Job::TellSoc { ticket } => cases::tell_soc(house, job, *ticket).await,
            Job::WatchSignins { conversation } => notices::watch(house, job, *conversation).await,
            Job::EndSessions { ticket } => cases::end_sessions(house, job, *ticket).await,
            Job::Deal { delivery } => deal::job(house, job, delivery).await,
            Job::Tend { lane } => tend::job(house, job, lane).await,
            Job::Redraw { subject } => redraw::job(house, job, *subject).await,
            Job::Unclaim { subject } => claims::over(house, job, *subject).await,
            Job::Unlock { order } => unlocks::unlock(house, job, order).await,
            Job::TellTask { task } => news::tell_task(house, job, *task).await,
        }
    }

    async fn sweep(&self) -> Result<u64, JobFault> {
        sweep::sweep(&self.0).await
    }
}
