//! The shortest journey that has everything: a grant is ordered, opened, expires and is closed, by jobs, on the store and the queue
//! alone. Its rules are a few lines here, so that what fails is the store, the queue or the runner.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use claviger::domain::clock::Clock as _;
use claviger::domain::event::{EventBody, Stream};
use claviger::domain::grant::{EndReason, Grant, GrantEvent, GrantState};
use claviger::domain::ids::{GrantId, JobId};
use claviger::domain::job::Job;
use claviger::jobs::runner::Runner;
use claviger::ports::jobs::{Handled, JobFault, JobHandler};
use claviger::ports::store::{Batch, ClaimedJob, Grants as _, Jobs as _, NewJob, Record as _, SharedStore, StoreError};
use claviger::store::open::{Prepare, open_sqlite};
use jiff::{SignedDuration, Timestamp};

use crate::crash::harness::{DOWN, LastingClock, ProcessEntropy};
use crate::crash::points;
use crate::crash::store::{Aborts, CrashingStore};
use crate::crash::target::{Target, effects};
use crate::store::sample;

const GRANTS: u64 = 2;

fn ids() -> impl Iterator<Item = GrantId> {
    (1..=GRANTS).map(|n| GrantId::from_bytes(sample::bytes(n)))
}

/// What opens, expires and closes.
struct Rules {
    store: SharedStore,
    target: Target,
    clock: Arc<LastingClock>,
}

impl Rules {
    /// A batch that moves the grant on by one event and makes the next job due.
    fn step(&self, grant: Grant, what: GrantEvent, next: Option<(Job, Timestamp)>) -> Batch {
        let now = self.clock.now();
        let n = u64::from_be_bytes(grant.id.as_bytes()[8..].try_into().unwrap());
        let grant = grant.apply(&what, now).unwrap();
        let number = 100 * n + grant.version;
        let event = sample::event(number, now, Stream::Grant(grant.id), grant.version, EventBody::Grant(what));
        let job = |(job, run_at): (Job, Timestamp)| NewJob {
            id: JobId::from_bytes(sample::bytes(number)),
            dedupe: format!("{}:{}", job.name(), grant.id),
            job,
            run_at,
        };
        Batch {
            events: vec![event],
            jobs: next.map(job).into_iter().collect(),
            grants: vec![grant],
            ..Batch::default()
        }
    }
}

#[async_trait]
impl JobHandler for Rules {
    async fn handle(&self, job: &ClaimedJob) -> Result<Handled, JobFault> {
        let (Job::Open { grant } | Job::Expire { grant } | Job::Close { grant }) = job.job else {
            return Err(JobFault::Never("not of this journey".to_owned()));
        };
        let later = |error: StoreError| JobFault::Later(error.to_string());
        let grant = self.store.grant(grant).await.map_err(later)?.unwrap();
        let mut batch = match (&job.job, &grant.state) {
            (Job::Open { .. }, GrantState::Ordered { .. }) => {
                self.target.open_for(grant.id);
                let end = grant.order.window.end().unwrap();
                let expire = Job::Expire { grant: grant.id };
                self.step(grant, GrantEvent::Confirmed { evidence: "open".to_owned() }, Some((expire, end)))
            }
            (Job::Expire { .. }, GrantState::Active { .. }) => {
                let close = Job::Close { grant: grant.id };
                self.step(grant, GrantEvent::EndRequested { why: EndReason::Expired }, Some((close, self.clock.now())))
            }
            (Job::Close { .. }, GrantState::Ending { .. }) => {
                self.target.close_for(grant.id);
                self.step(grant, GrantEvent::Closed { evidence: "closed".to_owned() }, None)
            }
            _ => return Ok(Handled::Nothing),
        };
        batch.completes = Some(job.lease.clone());
        self.store.commit(batch).await.map_err(later)?;
        Ok(Handled::Committed)
    }

    async fn sweep(&self) -> Result<u64, JobFault> {
        Ok(0)
    }
}

/// Goes on from wherever things stand to the end.
pub async fn travel(folder: &Path) {
    let database = open_sqlite(&folder.join("c.db"), Prepare::Migrate).await.unwrap();
    let store: SharedStore = Arc::new(CrashingStore(database, Arc::new(Aborts)));
    let clock = Arc::new(LastingClock::wake(folder, sample::at(0)));
    let target = Target::new("local", folder, clock.clone());
    let rules = Arc::new(Rules { store: store.clone(), target, clock: clock.clone() });
    for n in 1..=GRANTS {
        let grant = sample::grant(n, "ana", "crm:read", Some(n));
        let what = GrantEvent::Ordered { order: grant.order.clone() };
        let batch = Batch {
            once: vec![format!("filed:{n}")],
            events: vec![sample::event(100 * n, sample::at(0), Stream::Grant(grant.id), 1, EventBody::Grant(what))],
            grants: vec![grant],
            ..sample::jobs([sample::job(n, 0)])
        };
        match store.commit(batch).await {
            Ok(()) | Err(StoreError::AlreadyDone(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let entropy = Arc::new(ProcessEntropy(0.into()));
    let runner = Runner::new(store.clone(), rules, clock.clone(), entropy);
    clock.set(sample::at(1));
    // First what is due now, leases of the killed included: time only leaps once nothing is left to do.
    runner.run_due_once().await.unwrap();
    while store.backlog().await.unwrap() > 0 {
        clock.set(store.next_due().await.unwrap().unwrap_or(clock.now() + DOWN));
        runner.run_due_once().await.unwrap();
    }
    assert!(points::passed() > 0);
}

/// Everything has come to its end, once.
pub fn check(folder: &Path, kills: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open_sqlite(&folder.join("c.db"), Prepare::AsItIs).await.unwrap();
        let done = effects(folder);
        for id in ids() {
            let grant = store.grant(id).await.unwrap().unwrap();
            assert_eq!(grant.state.name(), "ended");
            let verbs: Vec<_> = done.iter().filter(|e| e.grant == id.to_string()).map(|e| e.verb.as_str()).collect();
            assert_eq!(verbs, ["open", "close"], "{id}");
            let versions: Vec<_> =
                store.events_of(&Stream::Grant(id)).await.unwrap().iter().map(|e| e.event.version).collect();
            assert_eq!(versions, [1, 2, 3, 4]);
            // As long as nobody kills the process, access ends at its end; every kill costs the time the house stood still.
            let closed = done.iter().find(|e| e.verb == "close" && e.grant == id.to_string()).unwrap().at;
            let most = DOWN * (2 * i32::try_from(kills).unwrap()) + SignedDuration::from_secs(1);
            let late = closed.duration_since(grant.order.window.end().unwrap());
            assert!(late >= SignedDuration::ZERO && late <= most, "{late:#} after {kills} kills");
        }
        assert_eq!(done.len() as u64, 2 * GRANTS);
        assert_eq!((store.backlog().await.unwrap(), store.dead().await.unwrap().len()), (0, 0));
        assert_eq!(store.log_size().await.unwrap(), 4 * GRANTS);
        assert_eq!(store.held().await.unwrap().broken, []);
        assert_eq!(store.soundness().await.unwrap(), Vec::<String>::new());
        store.close().await;
    });
}
