//! A process that dies at any moment: before or after any write, or any call to a platform. Another one goes on over the same database,
//! the platform delivers again what was not acknowledged, and in the end nothing is lost and nothing was done twice.
//!
//! Dying is played by standing still for ever: from a chosen point on, nothing of that process moves any more, and it is left behind with
//! its leases. (`crash/` does the same to whole processes with `abort`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use claviger::domain::conversation::Surface::{Slack, Teams};
use claviger::ports::store::{RequestQuery, SharedStore};
use claviger::ports::surface::{Incoming, What};
use jiff::SignedDuration;

use crate::crash::store::{CrashingStore, Points};
use crate::platform::town::{Ground, Town, headlines};
use crate::store::under::Under;

const WORDS: &str = "I need read access to the Q3 sales reports for EMEA for two days, for the board deck";

/// Counts points, and stands still at one of them for ever.
#[derive(Default)]
struct Gate {
    passed: AtomicUsize,
    still_at: usize,
}

#[async_trait]
impl Points for Gate {
    async fn pass(&self) {
        let n = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if self.still_at > 0 && n >= self.still_at {
            std::future::pending::<()>().await;
        }
    }
}

/// What people do, from wherever things stand to the end. Every delivery has the same name in every life, as a platform's has.
async fn travel(town: &Town, manager: &str) {
    town.runner.sweep().await;
    town.settle().await;
    let named = |name: &str, incoming: Incoming| Incoming { once: name.to_owned(), ..incoming };
    let said = named("words", Town::incoming(Slack, "mira.okafor", What::Said { words: WORDS.into() }));
    deliver(town, &said).await;
    for (name, surface, who, label) in
        [("submit", Slack, "mira.okafor", "Submit"), ("approve", Teams, manager, "Approve")]
    {
        if let Some((on, token)) = town.button(surface, who, label) {
            deliver(town, &named(name, Town::pressed(surface, who, &on, &token, &[]))).await;
        }
    }
    town.settle().await;
}

/// The platform delivers again until it is acknowledged; whatever came before is acknowledged at once.
async fn deliver(town: &Town, incoming: &Incoming) {
    town.deliver(incoming).await;
    town.settle().await;
}

pub async fn dying_at_any_point_loses_nothing_and_doubles_nothing(under: Under) {
    let first = Ground::new().await.with(&[(Slack, "mira.okafor")]);
    let manager = {
        let town = Town::over(&first, under.store.clone());
        crate::platform::talks::manager(&town)
    };
    let first = first.with(&[(Slack, &manager), (Teams, &manager)]);
    // How many points there are, without a death.
    let points = {
        let store = claviger::store::open::open_memory().await.unwrap();
        let gate = Arc::new(Gate::default());
        let ground = first.again();
        let town = Town::over(&ground, Arc::new(CrashingStore(store.clone(), gate.clone())));
        travel(&town, &manager).await;
        check(&ground, &town, &manager).await;
        gate.passed.load(Ordering::SeqCst)
    };
    println!("{points} points");
    assert!(points > 40, "{points}");
    // A step that shares no factor with many counts, from another start each time, would be nicer still; every third is affordable.
    for still_at in (1..=points).step_by(3) {
        let store: SharedStore = claviger::store::open::open_memory().await.unwrap();
        let ground = first.again();
        for (life, still_at) in [still_at, still_at / 2 + 1, 0].into_iter().enumerate() {
            let gate = Arc::new(Gate { still_at, ..Gate::default() });
            let town = Town::over(&ground, Arc::new(CrashingStore(store.clone(), gate.clone())));
            let journey = tokio::spawn({
                let manager = manager.clone();
                async move { travel(&town, &manager).await }
            });
            // It either comes to its end or stands still.
            while !journey.is_finished() && (still_at == 0 || gate.passed.load(Ordering::SeqCst) < still_at) {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            if still_at > 0 {
                journey.abort();
            } else {
                journey.await.unwrap();
            }
            assert!(life < 3);
            // Longer than any lease, so that what the dead one held is free.
            ground.clock.advance(SignedDuration::from_secs(90));
        }
        let town = Town::over(&ground, store);
        // One more life in peace: whatever was lost is found by jobs, sweeps and deliveries that come again.
        travel(&town, &manager).await;
        town.calm().await;
        travel(&town, &manager).await;
        town.calm().await;
        check(&ground, &town, &manager).await;
    }
    drop(under);
}

async fn check(ground: &Ground, town: &Town, manager: &str) {
    town.calm().await;
    town.all_is_right().await;
    let requests = town.house.store.requests(&RequestQuery::default()).await.unwrap();
    assert_eq!(requests.len(), 1, "one request");
    assert_eq!(requests[0].state.name(), "active");
    let hers = ground.slack.direct_of("mira.okafor");
    assert_eq!(hers.len(), 3, "the draft, the request, the news: {:?}", headlines(&hers));
    for fake in [&ground.slack, &ground.teams] {
        assert_eq!(fake.direct_of(manager).len(), 1, "{:?}", headlines(&fake.direct_of(manager)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_death_on_sqlite() {
    crate::store::under::on_sqlite(dying_at_any_point_loses_nothing_and_doubles_nothing).await;
}
