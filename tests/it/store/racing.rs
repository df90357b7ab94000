//! Writers at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger::domain::ids::EventId;
use claviger::domain::request::Ballot;
use claviger::ports::store::{Batch, JobOutcome, Lock, StoreError};
use futures_util::future::join_all;
use tokio::sync::Barrier;

use crate::store::sample::{self, Story, at, bytes, steps};
use crate::store::under::Under;

/// Commits all batches at once, each from a task of its own.
async fn at_once(under: &Under, batches: Vec<Batch>) -> Vec<Result<(), StoreError>> {
    let barrier = Arc::new(Barrier::new(batches.len()));
    let tasks = batches.into_iter().map(|batch| {
        let (store, barrier) = (under.store.clone(), barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            store.commit(batch).await
        })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

pub async fn one_of_two_writers_wins_a_lock(under: Under) {
    for round in 0..20 {
        let batch = |n| Batch {
            locks: vec![Lock { key: "person:ana".into(), version: round }],
            events: vec![sample::house(10 * round + n)],
            ..Batch::default()
        };
        let said = at_once(&under, vec![batch(1), batch(2)]).await;
        assert_eq!(said.iter().filter(|r| r.is_ok()).count(), 1, "round {round}: {said:?}");
        assert!(said.iter().any(|r| matches!(r, Err(StoreError::Conflict(_)))), "round {round}: {said:?}");
        assert_eq!(under.store.lock_version("person:ana").await.unwrap(), round + 1);
        assert_eq!(under.store.log_size().await.unwrap(), round + 1);
    }
}

pub async fn one_of_eight_writers_wins_a_version(under: Under) {
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob", "eve"]));
    under.store.commit(story.batch()).await.unwrap();
    let vote = |n: u64| {
        let mut vote = story.clone().voted(["bob", "eve"][usize::try_from(n % 2).unwrap()], Ballot::Deny);
        vote.new_events[0].id = EventId::from_bytes(bytes(500 + n));
        vote.batch()
    };
    let said = at_once(&under, (0..8).map(vote).collect()).await;
    assert_eq!(said.iter().filter(|r| r.is_ok()).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|r| matches!(r, Err(StoreError::Conflict(_)))).count(), 7, "{said:?}");
    assert_eq!(under.store.log_size().await.unwrap(), 2);
}

pub async fn eight_writers_leave_no_gap(under: Under) {
    let writer = |w: u64| {
        let store = under.store.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                let event = sample::house(1_000 * w + n);
                // Every fifth batch fails late: its conversation has no version before.
                let mut talk = sample::conversation(1_000 * w + n, "ana");
                talk.version = if n % 5 == 0 { 9 } else { 1 };
                let batch = Batch {
                    events: vec![event.clone(), sample::house(1_000 * w + 500 + n)],
                    conversation: Some(talk),
                    ..Batch::default()
                };
                assert_eq!(store.commit(batch).await.is_ok(), n % 5 != 0);
            }
        })
    };
    for done in join_all((1..=8).map(writer)).await {
        done.unwrap();
    }
    let expected = 8 * 20 * 2;
    let seqs: Vec<u64> = under.store.leaves(0, 10_000).await.unwrap().into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(seqs, (0..expected).collect::<Vec<_>>());
    assert_eq!(under.store.log_size().await.unwrap(), expected);
    // The two events of one batch stand side by side.
    for pair in under.store.events(0, 10_000).await.unwrap().chunks(2) {
        let n = |k: usize| u64::from_be_bytes(pair[k].event.id.as_bytes()[8..].try_into().unwrap());
        assert_eq!(n(0) + 500, n(1));
    }
}

pub async fn six_workers_do_each_job_once(under: Under) {
    for block in 0..4 {
        under.store.commit(sample::jobs((0..30).map(|n| sample::job(100 * block + n, 0)))).await.unwrap();
    }
    let worker = |_| {
        let store = under.store.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let jobs = store.claim(at(10), at(70), 4).await.unwrap();
                if jobs.is_empty() && store.backlog().await.unwrap() == 0 {
                    return mine;
                }
                for job in jobs {
                    assert_eq!(job.attempts, 1);
                    store.finish(&job.lease, &JobOutcome::Done).await.unwrap();
                    mine.push(job.lease.job);
                }
                tokio::task::yield_now().await;
            }
        })
    };
    let all: Vec<_> = join_all((0..6).map(worker)).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (120, 120));
}
