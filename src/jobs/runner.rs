//! Claims due jobs and has them done, a few at a time.
//!
//! A claimed job is leased for a minute. Whoever is killed in the middle leaves nothing but the lease, and the job comes back once
//! that has run out. So a job may be done twice; handlers see to it that the second time changes nothing. A handler gets less time
//! than the lease lasts, so that two replicas never work on one job at once.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::clock::{Clock, Entropy};
use crate::jobs::backoff;
use crate::ports::jobs::{Handled, JobFault, JobHandler};
use crate::ports::store::{ClaimedJob, JobOutcome, SharedStore, StoreError};

/// How long a claimed job is ours.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How long a handler may take.
const HANDLING: Duration = Duration::from_secs(45);
/// How many jobs are done at once.
const AT_ONCE: usize = 8;
/// The longest pause between two looks at the queue.
const POLL: Duration = Duration::from_secs(1);
/// The shortest, where something is due that somebody else may be claiming.
const BREATH: Duration = Duration::from_millis(20);
/// How often things are put right.
const SWEEP: Duration = Duration::from_secs(60);
/// How long jobs that were done, and keys of things done at most once, are remembered: 60 days. What relies on them is shorter: platforms
/// repeat a message within hours, a request waits seven days, a no can be looked at again for thirty; and a job that came again after that would find its work done and change nothing.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(60 * 24);
/// How long jobs under way get to end when the runner is stopped. Those that do not are done again later.
const GRACE: Duration = Duration::from_secs(20);
/// How many jobs [`Runner::run_due_once`] does before it says that they breed.
const MOST_AT_A_TIME: u64 = 100_000;

/// The runner.
pub struct Runner {
    store: SharedStore,
    handler: Arc<dyn JobHandler>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    wake: Arc<Notify>,
}

/// How one job went, in a word for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    Done,
    Retry,
    Dead,
    Lost,
}

impl Went {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry => "retry",
            Self::Dead => "dead",
            Self::Lost => "lost",
        }
    }
}

impl Runner {
    /// A runner for this database's queue.
    #[must_use]
    pub fn new(
        store: SharedStore,
        handler: Arc<dyn JobHandler>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { store, handler, clock, entropy, wake: Arc::new(Notify::new()) }
    }

    /// The same runner, woken by a bell that others hold already.
    #[must_use]
    pub fn woken_by(mut self, wake: Arc<Notify>) -> Self {
        self.wake = wake;
        self
    }

    /// What to notify after a batch with jobs was committed, so that they are done at once and not at the next look.
    #[must_use]
    pub fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Does jobs until it is stopped, then lets those under way end.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut next_sweep = Instant::now();
        while !stop.is_cancelled() {
            if Instant::now() >= next_sweep {
                next_sweep = Instant::now() + SWEEP;
                // Beside the jobs, so that a slow sweep holds none of them up.
                let runner = Arc::clone(&self);
                tracker.spawn(async move { runner.sweep().await });
            }
            let pause = match self.claim_and_start(&tracker, &places).await {
                Ok(None) => POLL,
                Ok(Some(0)) => self.pause().await,
                Ok(Some(_)) => continue,
                Err(error) => {
                    tracing::warn!(%error, "the queue cannot be read");
                    POLL
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
            }
        }
        tracker.close();
        if timeout(GRACE, tracker.wait()).await.is_err() {
            tracing::warn!(jobs = tracker.len(), "jobs under way did not end in time; they are done again later");
        }
    }

    /// Claims as many jobs as there are free places and starts them; answers how many, or nothing where no place is free (the next
    /// job that ends wakes the loop).
    async fn claim_and_start(
        &self,
        tracker: &TaskTracker,
        places: &Arc<Semaphore>,
    ) -> Result<Option<usize>, StoreError> {
        let mut free: Vec<OwnedSemaphorePermit> = Vec::new();
        while let Ok(place) = Arc::clone(places).try_acquire_owned() {
            free.push(place);
        }
        if free.is_empty() {
            return Ok(None);
        }
        let jobs = self.claim(free.len()).await?;
        let started = jobs.len();
        for (job, place) in jobs.into_iter().zip(free) {
            let (runner, wake) = (self.shallow(), Arc::clone(&self.wake));
            tracker.spawn(async move {
                runner.work(&job).await;
                drop(place);
                wake.notify_one();
            });
        }
        Ok(Some(started))
    }

    fn shallow(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            handler: Arc::clone(&self.handler),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            wake: Arc::clone(&self.wake),
        }
    }

    async fn claim(&self, limit: usize) -> Result<Vec<ClaimedJob>, StoreError> {
        let now = self.clock.now();
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        self.store.claim(now, until, u32::try_from(limit).unwrap_or(u32::MAX)).await
    }

    /// How long to wait before the next look: until something is due, but never long.
    async fn pause(&self) -> Duration {
        match self.store.next_due().await {
            Ok(Some(due)) => {
                Duration::try_from(due.duration_since(self.clock.now())).map_or(BREATH, |d| d.clamp(BREATH, POLL))
            }
            _ => POLL,
        }
    }

    /// Does all jobs that are due by the clock, one after the other, and those they make due at once; answers how many. For tests
    /// and single-shot commands, which set or take the time themselves.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn run_due_once(&self) -> Result<u64, StoreError> {
        let mut done = 0;
        while done < MOST_AT_A_TIME {
            let Some(job) = self.claim(1).await?.pop() else { break };
            self.work(&job).await;
            done += 1;
        }
        Ok(done)
    }

    /// Puts right what has drifted, once; answers how many things were mended.
    pub async fn sweep(&self) -> u64 {
        if let Err(error) = self.store.sweep_sessions(self.clock.now()).await {
            tracing::warn!(%error, "sessions that are over could not be dropped");
        }
        let long_ago = self.clock.now().checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        match self.store.prune(long_ago).await {
            Ok(0) => {}
            Ok(dropped) => tracing::info!(dropped, "jobs and keys of long ago were dropped"),
            Err(error) => tracing::warn!(%error, "jobs and keys of long ago could not be dropped"),
        }
        match self.store.backlog().await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; nobody has 2^53 jobs waiting")]
            Ok(waiting) => metrics::gauge!("claviger_jobs_waiting").set(waiting as f64),
            Err(error) => tracing::warn!(%error, "waiting jobs could not be counted"),
        }
        match self.handler.sweep().await {
            Ok(0) => 0,
            Ok(mended) => {
                tracing::info!(mended, "a sweep put things right");
                metrics::counter!("claviger_sweep_mended_total").increment(mended);
                self.wake.notify_one();
                mended
            }
            Err(fault) => {
                tracing::warn!(error = %fault, "a sweep failed");
                0
            }
        }
    }

    /// Has one job done and tells the queue how it went.
    async fn work(&self, job: &ClaimedJob) {
        let name = job.job.name();
        let started = Instant::now();
        let said = self.handle(job).await;
        let (went, error) = match said {
            Ok(Handled::Committed) => (Went::Done, String::new()),
            Ok(Handled::Nothing) => (self.finish(job, &JobOutcome::Done, Went::Done).await, String::new()),
            Err(JobFault::Never(error)) => {
                (self.finish(job, &JobOutcome::Dead { error: error.clone() }, Went::Dead).await, error)
            }
            Err(JobFault::Later(error)) if backoff::gives_up(&job.job, job.attempts) => {
                (self.finish(job, &JobOutcome::Dead { error: error.clone() }, Went::Dead).await, error)
            }
            Err(JobFault::Later(error)) => {
                let at = backoff::retry_at(self.clock.now(), job.attempts, self.entropy.as_ref());
                (self.finish(job, &JobOutcome::Retry { at, error: error.clone() }, Went::Retry).await, error)
            }
        };
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (id, attempt, outcome) = (job.lease.job, job.attempts, went.name());
        match went {
            Went::Done => tracing::info!(job = name, %id, attempt, outcome, ms, "job"),
            Went::Retry | Went::Lost => tracing::warn!(job = name, %id, attempt, outcome, ms, error, "job"),
            Went::Dead => {
                tracing::error!(job = name, %id, attempt, outcome, ms, error, "job given up: an operator has to look")
            }
        }
        metrics::counter!("claviger_jobs_total", "job" => name, "outcome" => outcome).increment(1);
    }

    /// Calls the handler in a task of its own, so that a panic or a hang ends there and not here.
    async fn handle(&self, job: &ClaimedJob) -> Result<Handled, JobFault> {
        let (handler, given) = (Arc::clone(&self.handler), job.clone());
        let mut task = tokio::spawn(async move { handler.handle(&given).await });
        match timeout(HANDLING, &mut task).await {
            Ok(Ok(said)) => said,
            Ok(Err(_)) => Err(JobFault::Later("the handler broke off".to_owned())),
            Err(_) => {
                task.abort();
                Err(JobFault::Later(format!("not done within {} seconds", HANDLING.as_secs())))
            }
        }
    }

    /// Tells the queue. Where that fails the lease runs out and the job comes back.
    async fn finish(&self, job: &ClaimedJob, outcome: &JobOutcome, went: Went) -> Went {
        match self.store.finish(&job.lease, outcome).await {
            Ok(()) => went,
            Err(error) => {
                tracing::warn!(id = %job.lease.job, %error, "how a job went could not be written");
                Went::Lost
            }
        }
    }
}
