//! The queue's runner, driven by a clock that is set by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::domain::clock::{Clock, Entropy};
use claviger::domain::ids::JobId;
use claviger::domain::job::Job;
use claviger::jobs::runner::{REMEMBERED, Runner};
use claviger::ports::jobs::{Handled, JobFault, JobHandler};
use claviger::ports::store::{Batch, ClaimedJob, NewJob, SharedStore};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::store::sample::{self, at, bytes};
use crate::store::under::Under;

struct HandSet(Mutex<Timestamp>);
impl HandSet {
    fn forward(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}
impl Clock for HandSet {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct NoLot;
impl Entropy for NoLot {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

type Script = Box<dyn Fn(&ClaimedJob, u32) -> Result<Handled, JobFault> + Send + Sync>;

/// Does what its script says; counts how often each job came.
struct Scripted {
    store: SharedStore,
    script: Script,
    seen: Mutex<BTreeMap<JobId, u32>>,
    each: Arc<Notify>,
}

#[async_trait]
impl JobHandler for Scripted {
    async fn handle(&self, job: &ClaimedJob) -> Result<Handled, JobFault> {
        let times = {
            let mut seen = self.seen.lock().unwrap();
            let times = seen.entry(job.lease.job).or_default();
            *times += 1;
            *times
        };
        self.each.notify_one();
        let said = (self.script)(job, times)?;
        if said == Handled::Committed {
            let n = u64::from_be_bytes(job.lease.job.as_bytes()[8..].try_into().unwrap());
            let next = (n < 5).then(|| sample::job(n + 1, 0));
            let batch = Batch { completes: Some(job.lease.clone()), ..sample::jobs(next) };
            self.store.commit(batch).await.map_err(|error| JobFault::Later(error.to_string()))?;
        }
        Ok(said)
    }

    async fn sweep(&self) -> Result<u64, JobFault> {
        Ok(0)
    }
}

fn set_up(under: &Under, script: Script) -> (Arc<Runner>, Arc<Scripted>, Arc<HandSet>) {
    let store = under.store.clone();
    let seen = Mutex::default();
    let handler = Arc::new(Scripted { store: store.clone(), script, seen, each: Arc::new(Notify::new()) });
    let clock = Arc::new(HandSet(Mutex::new(at(1))));
    (Arc::new(Runner::new(store, handler.clone(), clock.clone(), Arc::new(NoLot))), handler, clock)
}

pub async fn due_jobs_are_done_and_make_more(under: Under) {
    let (runner, handler, _) = set_up(&under, Box::new(|_, _| Ok(Handled::Committed)));
    under.store.commit(sample::jobs([sample::job(1, 0), sample::job(9, 0), sample::job(50, 60)])).await.unwrap();
    assert_eq!(runner.run_due_once().await.unwrap(), 6);
    assert_eq!(runner.run_due_once().await.unwrap(), 0);
    assert!(handler.seen.lock().unwrap().values().all(|times| *times == 1));
    assert_eq!(under.store.backlog().await.unwrap(), 1);
}

pub async fn failures_wait_longer_and_longer(under: Under) {
    let (runner, handler, clock) = set_up(&under, Box::new(|_, _| Err(JobFault::Later("not yet".into()))));
    under.store.commit(sample::jobs([sample::job(1, 0)])).await.unwrap();
    let mut waits = Vec::new();
    while runner.run_due_once().await.unwrap() == 1 {
        let Some(due) = under.store.next_due().await.unwrap() else { break };
        let wait = due.duration_since(clock.now());
        assert_eq!(runner.run_due_once().await.unwrap(), 0, "not before its time");
        waits.push(wait.as_secs());
        clock.forward(wait);
    }
    assert_eq!(waits[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 450]);
    assert_eq!((waits.len(), handler.seen.lock().unwrap().values().sum::<u32>()), (19, 20));
    assert_eq!(under.store.dead().await.unwrap()[0].2, "not yet");
    assert_eq!(under.store.backlog().await.unwrap(), 0);
}

pub async fn a_handler_that_breaks_off_is_tried_again(under: Under) {
    let script: Script = Box::new(|_, times| match times {
        1 => panic!("a bug that this test made"),
        2 => Err(JobFault::Later("busy".into())),
        _ => Ok(Handled::Nothing),
    });
    let (runner, handler, clock) = set_up(&under, script);
    under.store.commit(sample::jobs([sample::job(7, 0)])).await.unwrap();
    for _ in 0..3 {
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
        clock.forward(SignedDuration::from_mins(1));
    }
    assert_eq!(handler.seen.lock().unwrap().values().sum::<u32>(), 3);
    assert_eq!((under.store.backlog().await.unwrap(), under.store.dead().await.unwrap().len()), (0, 0));
}

pub async fn taking_access_away_is_tried_until_it_works(under: Under) {
    let script: Script = Box::new(|_, times| match times {
        1..=60 => Err(JobFault::Later("the target is down".into())),
        _ => Ok(Handled::Nothing),
    });
    let (runner, handler, clock) = set_up(&under, script);
    let job = Job::Close { grant: claviger::domain::ids::GrantId::from_bytes(bytes(1)) };
    let close = NewJob { id: JobId::from_bytes(bytes(1)), job, run_at: at(0), dedupe: "close".into() };
    under.store.commit(sample::jobs([close])).await.unwrap();
    for _ in 0..61 {
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
        clock.forward(SignedDuration::from_mins(15));
    }
    assert_eq!(handler.seen.lock().unwrap().values().sum::<u32>(), 61);
    assert_eq!((under.store.backlog().await.unwrap(), under.store.dead().await.unwrap().len()), (0, 0));
}

pub async fn the_loop_does_what_is_due_and_stops(under: Under) {
    let (runner, handler, _) = set_up(&under, Box::new(|_, _| Ok(Handled::Nothing)));
    let stop = CancellationToken::new();
    let running = tokio::spawn(runner.clone().run(stop.clone()));
    for n in 1..=20 {
        under.store.commit(sample::jobs([sample::job(n, 0)])).await.unwrap();
        runner.waker().notify_one();
        handler.each.notified().await;
    }
    stop.cancel();
    running.await.unwrap();
    assert!(handler.seen.lock().unwrap().values().all(|times| *times == 1));
    assert_eq!((handler.seen.lock().unwrap().len(), under.store.backlog().await.unwrap()), (20, 0));
}

pub async fn a_sweep_forgets_what_was_done_sixty_days_ago(under: Under) {
    let (runner, _, clock) = set_up(&under, Box::new(|_, _| Ok(Handled::Nothing)));
    under.store.commit(sample::jobs([sample::job(1, 0)])).await.unwrap();
    assert_eq!(runner.run_due_once().await.unwrap(), 1);
    clock.forward(REMEMBERED - SignedDuration::from_secs(2));
    runner.sweep().await;
    assert_eq!(under.door_count("jobs", "state = 'done'").await, 1);
    clock.forward(SignedDuration::from_secs(2));
    runner.sweep().await;
    assert_eq!(under.door_count("jobs", "1 = 1").await, 0);
}
