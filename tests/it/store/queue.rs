//! Durable jobs.

use claviger::ports::store::{Batch, JobOutcome, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::store::sample::{self, at};
use crate::store::under::Under;

fn numbers(jobs: &[claviger::ports::store::ClaimedJob]) -> Vec<u8> {
    jobs.iter().map(|job| job.lease.job.as_bytes()[15]).collect()
}

pub async fn jobs_are_due_in_order_and_never_early(under: Under) {
    let store = under.store;
    store
        .commit(sample::jobs([sample::job(1, 30), sample::job(2, 10), sample::job(3, 10), sample::job(4, 99)]))
        .await
        .unwrap();
    assert_eq!(store.backlog().await.unwrap(), 4);
    let due = store.next_due().await.unwrap().unwrap();
    assert!(due >= at(10) && due.duration_since(at(10)) < SignedDuration::from_micros(1), "rounded up, never down");
    let early = at(10).checked_sub(SignedDuration::from_nanos(1)).unwrap();
    assert!(store.claim(early, at(60), 10).await.unwrap().is_empty());
    assert_eq!(numbers(&store.claim(at(40), at(100), 2).await.unwrap()), [2, 3]);
    assert_eq!(numbers(&store.claim(at(40), at(100), 10).await.unwrap()), [1]);
    assert!(store.claim(at(40), at(100), 10).await.unwrap().is_empty());
    assert!(store.next_due().await.unwrap().unwrap() >= at(99));
    assert_eq!(store.backlog().await.unwrap(), 4);
}

pub async fn the_same_job_is_written_once(under: Under) {
    let store = under.store;
    let mut twin = sample::job(2, 0);
    twin.dedupe = sample::job(1, 0).dedupe;
    store.commit(sample::jobs([sample::job(1, 0)])).await.unwrap();
    store.commit(sample::jobs([twin.clone()])).await.unwrap();
    let jobs = store.claim(at(1), at(61), 10).await.unwrap();
    assert_eq!(numbers(&jobs), [1]);
    assert_eq!(jobs[0].job, sample::job(1, 0).job);
    store.finish(&jobs[0].lease, &JobOutcome::Done).await.unwrap();
    // Done is done: the same key writes no second one afterwards either.
    store.commit(sample::jobs([twin])).await.unwrap();
    assert_eq!(store.backlog().await.unwrap(), 0);
}

pub async fn a_lease_runs_out_and_fences_off(under: Under) {
    let store = under.store;
    store.commit(sample::jobs([sample::job(1, 0)])).await.unwrap();
    let first = store.claim(at(1), at(61), 1).await.unwrap().pop().unwrap();
    assert!(store.claim(at(60), at(120), 1).await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), None, "somebody holds it");
    let second = store.claim(at(62), at(122), 1).await.unwrap().pop().unwrap();
    assert_eq!((first.attempts, second.attempts), (1, 2));
    assert_ne!(first.lease, second.lease);
    for outcome in [JobOutcome::Done, JobOutcome::Dead { error: "x".into() }] {
        assert!(matches!(store.finish(&first.lease, &outcome).await, Err(StoreError::Conflict(_))));
    }
    store.finish(&second.lease, &JobOutcome::Done).await.unwrap();
    assert!(matches!(store.finish(&second.lease, &JobOutcome::Done).await, Err(StoreError::Conflict(_))));
    assert!(store.claim(at(999), at(1_000), 1).await.unwrap().is_empty());
}

pub async fn a_batch_completes_its_job_or_nothing(under: Under) {
    let store = under.store;
    store.commit(sample::jobs([sample::job(1, 0)])).await.unwrap();
    let first = store.claim(at(1), at(61), 1).await.unwrap().pop().unwrap();
    let second = store.claim(at(62), at(122), 1).await.unwrap().pop().unwrap();
    let done = |lease: &claviger::domain::job::Lease| Batch {
        completes: Some(lease.clone()),
        events: vec![sample::house(1)],
        jobs: vec![sample::job(2, 500)],
        ..Batch::default()
    };
    assert!(matches!(store.commit(done(&first.lease)).await, Err(StoreError::Conflict(_))));
    assert_eq!((store.log_size().await.unwrap(), store.backlog().await.unwrap()), (0, 1));
    store.commit(done(&second.lease)).await.unwrap();
    assert_eq!((store.log_size().await.unwrap(), store.backlog().await.unwrap()), (1, 1));
    assert!(store.claim(at(400), at(460), 9).await.unwrap().is_empty());
}

pub async fn failed_jobs_come_back_or_die(under: Under) {
    let store = under.store;
    store.commit(sample::jobs([sample::job(1, 0), sample::job(2, 1)])).await.unwrap();
    let jobs = store.claim(at(5), at(65), 2).await.unwrap();
    store.finish(&jobs[0].lease, &JobOutcome::Retry { at: at(20), error: "later \0".into() }).await.unwrap();
    let long = "é".repeat(5_000);
    store.finish(&jobs[1].lease, &JobOutcome::Dead { error: long }).await.unwrap();
    assert!(store.claim(at(19), at(80), 9).await.unwrap().is_empty());
    let again = store.claim(at(21), at(81), 9).await.unwrap().pop().unwrap();
    assert_eq!((again.lease.job, again.attempts), (jobs[0].lease.job, 2));
    assert!(again.run_at >= at(20));
    let dead = store.dead().await.unwrap();
    assert_eq!((dead.len(), dead[0].0, &dead[0].1), (1, jobs[1].lease.job, &jobs[1].job));
    assert_eq!(dead[0].2.chars().count(), 1_000);
    store.finish(&again.lease, &JobOutcome::Dead { error: "no".into() }).await.unwrap();
    assert_eq!(store.dead().await.unwrap()[0].2, "no", "newest first");
    assert_eq!(store.backlog().await.unwrap(), 0);
    assert_eq!(store.next_due().await.unwrap(), None::<Timestamp>);
}

pub async fn an_unreadable_job_holds_nobody_up(under: Under) {
    let store = &under.store;
    store.commit(sample::jobs([sample::job(1, 0), sample::job(2, 1)])).await.unwrap();
    let broken =
        under.behind_its_back("UPDATE jobs SET payload = '{\"do\":\"dance\"}' WHERE dedupe_key = 'open:1'").await;
    assert_eq!(broken, 1);
    assert_eq!(numbers(&store.claim(at(5), at(65), 9).await.unwrap()), [2]);
    assert_eq!(under.door_count("jobs", "state = 'dead' AND last_error LIKE '%dance%'").await, 1);
}

pub async fn what_was_done_long_ago_is_dropped_and_nothing_else(under: Under) {
    let store = &under.store;
    let batch = |key: &str, seconds| Batch { once: vec![key.into()], at: Some(at(seconds)), ..Batch::default() };
    store.commit(batch("early", 10)).await.unwrap();
    store.commit(batch("late", 20)).await.unwrap();
    store.commit(Batch { once: vec!["ageless".into()], ..Batch::default() }).await.unwrap();
    let mut jobs: Vec<_> = (1..=5_u32).map(|n| sample::job(u64::from(n), i64::from(n))).collect();
    jobs.push(sample::job(6, 50));
    store.commit(sample::jobs(jobs)).await.unwrap();
    let claimed = store.claim(at(30), at(90), 4).await.unwrap();
    assert_eq!(numbers(&claimed), [1, 2, 3, 4]);
    store.finish(&claimed[0].lease, &JobOutcome::Done).await.unwrap();
    store.finish(&claimed[1].lease, &JobOutcome::Dead { error: "no".into() }).await.unwrap();
    // The third is running, the fourth done but due at the very moment, the fifth and sixth wait.
    store.finish(&claimed[3].lease, &JobOutcome::Done).await.unwrap();
    assert_eq!(store.prune(at(4)).await.unwrap(), 1);
    assert_eq!(under.door_count("jobs", "1 = 1").await, 5);
    assert_eq!(store.prune(at(20)).await.unwrap(), 2, "the fourth job, and the early key");
    assert_eq!(under.door_count("jobs", "state = 'done'").await, 0);
    assert_eq!((store.backlog().await.unwrap(), store.dead().await.unwrap().len()), (3, 1));
    assert_eq!(under.door_count("once_keys", "name IN ('late', 'ageless')").await, 2);
    assert_eq!(store.prune(at(20)).await.unwrap(), 0);
    assert!(matches!(store.commit(batch("late", 99)).await, Err(StoreError::AlreadyDone(_))));
    store.commit(batch("early", 99)).await.unwrap();
}
