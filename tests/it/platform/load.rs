//! A hundred events and clicks a second: how soon they are acknowledged, and that none is lost and none is done twice.
//!
//! `cargo test --release --test it chat_load -- --ignored --nocapture` runs two minutes of it; a short one without times runs always.

use std::sync::Arc;
use std::time::{Duration, Instant};

use claviger::domain::conversation::Surface::{Slack, Teams};
use claviger::ports::surface::{ChatDoor as _, Incoming, Taken, What};
use claviger::store::open::{Prepare, open_sqlite};
use hdrhistogram::Histogram;
use tokio_util::sync::CancellationToken;

use crate::platform::town::{Ground, Town};

/// What is said, in turn.
const SAID: [&str; 4] = [
    "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck",
    "what do I have?",
    "who approves the production database?",
    "never mind",
];

struct Load {
    seconds: u64,
    a_second: u64,
}

/// People talk and press for so long. Every tenth delivery comes twice.
async fn run(load: Load) -> Histogram<u64> {
    let folder = tempfile::tempdir().unwrap();
    let store = open_sqlite(&folder.path().join("c.db"), Prepare::Migrate).await.unwrap();
    let ground = Ground::new().await;
    let people: Vec<String> = {
        let town = Town::over(&ground, store.clone());
        town.house.catalog.directory.iter().filter(|p| p.is_employed()).map(|p| p.id.to_string()).collect()
    };
    for who in &people {
        ground.table.link(Slack, who, who);
        ground.table.link(Teams, who, who);
    }
    let town = Arc::new(Town::over(&ground, store.clone()));
    let (stop, bell) = (CancellationToken::new(), Arc::clone(&town.house.wake));
    let runner = claviger::jobs::runner::Runner::new(
        town.house.store.clone(),
        Arc::new(claviger::workflow::handler::HouseJobs(town.house.clone())),
        ground.clock.clone(),
        town.house.entropy.clone(),
    );
    let runner = tokio::spawn(Arc::new(runner.woken_by(bell)).run(stop.clone()));
    let total = load.seconds * load.a_second;
    let every = Duration::from_secs(1) / u32::try_from(load.a_second).unwrap();
    let (mut tasks, start) = (Vec::new(), Instant::now());
    for n in 0..total {
        let due = start + every * u32::try_from(n).unwrap();
        tokio::time::sleep_until(due.into()).await;
        // The house's clock is the test's: it goes along.
        if n > 0 && n % load.a_second == 0 {
            ground.clock.advance(jiff::SignedDuration::from_secs(1));
        }
        let surface = if n % 2 == 0 { Slack } else { Teams };
        let who = people[usize::try_from(n / 2).unwrap() % people.len()].clone();
        let incoming = match town.button(surface, &who, "Submit").filter(|_| n % 3 == 0) {
            Some((on, token)) => Town::pressed(surface, &who, &on, &token, &[]),
            None => {
                let words = SAID[usize::try_from(n / 7).unwrap() % SAID.len()].to_owned();
                Town::incoming(surface, &who, What::Said { words })
            }
        };
        for _ in 0..(if n % 10 == 0 { 2 } else { 1 }) {
            let (town, incoming) = (Arc::clone(&town), incoming.clone());
            tasks.push(tokio::spawn(async move { one(&town, &incoming).await }));
        }
    }
    let mut acknowledged = Histogram::new(3).unwrap();
    let mut new = 0;
    for task in tasks {
        let (taken, micros) = task.await.unwrap();
        new += u64::from(taken == Taken::New);
        acknowledged.record(micros).unwrap();
    }
    assert_eq!(new, total, "each was taken once");
    let mut patience = 0;
    while !store_is_calm(&town).await {
        ground.clock.advance(jiff::SignedDuration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
        patience += 1;
        assert!(patience < 6_000, "it does not come to rest");
    }
    stop.cancel();
    runner.await.unwrap();
    town.all_is_right().await;
    acknowledged
}

async fn store_is_calm(town: &Town) -> bool {
    let store = &town.house.store;
    store.lag().await.unwrap().is_empty()
        && store.undealt(claviger::domain::clock::Clock::now(town.ground.clock.as_ref())).await.unwrap() == 0
}

async fn one(town: &Town, incoming: &Incoming) -> (Taken, u64) {
    let began = Instant::now();
    let taken = town.door.take(incoming).await.unwrap();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap();
    if taken == Taken::New {
        town.door.deal(incoming).await;
    }
    (taken, micros.max(1))
}

fn told(name: &str, times: &Histogram<u64>) {
    let ms = |q: f64| f64::from(u32::try_from(times.value_at_quantile(q)).unwrap_or(u32::MAX)) / 1_000.0;
    println!(
        "{name}: {} deliveries, acknowledged after p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        times.len(),
        ms(0.5),
        ms(0.99),
        ms(1.0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_little_load_loses_and_doubles_nothing() {
    told("5 s at 20 a second", &run(Load { seconds: 5, a_second: 20 }).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two minutes, and its times mean something in a release build only"]
async fn chat_load() {
    let times = run(Load { seconds: 120, a_second: 100 }).await;
    told("120 s at 100 a second", &times);
    assert!(times.value_at_quantile(0.99) <= 100_000, "p99 is over 100 ms");
}
