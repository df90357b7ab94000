//! Many people talk and press on all platforms at once; in the middle a process is killed, and started again. Everything that was
//! acknowledged was dealt with once, and every copy shows how things stand.
//!
//! A short run is made always. The long one, a hundred deliveries a second for two minutes:
//! `cargo test --release --test it fleet::load -- --ignored --nocapture`. `CLAVIGER_FLEET_RATE` and `CLAVIGER_FLEET_SECONDS` change the
//! short one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use claviger::domain::action::Verb;
use claviger::domain::conversation::Surface;
use claviger::domain::digest::Digest;
use claviger::ports::posting::{Delivered, Deliveries as _};
use claviger::ports::store::{GrantQuery, Grants as _};
use futures_util::future::join_all;
use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::fleet::company::Someone;
use crate::fleet::ground::{Fleet, Ways};
use crate::fleet::hands::Delivery;

/// What is said, in turn. The number makes each one's own.
const SAID: [&str; 4] = ["what do I have?", "who approves the production database?", "why was I locked out?", "hello"];
const ASKED: &str = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";

/// How many people are looked at for a button to press.
const SCANNED: usize = 12;

struct Load {
    seconds: u64,
    a_second: u64,
}

/// One thing somebody did.
struct Done {
    key: Digest,
    took: Duration,
}

/// Delivers until it is acknowledged, as platforms and people do; answers how long the acknowledged one took.
async fn surely(fleet: &Fleet, delivery: &Delivery, to: usize, times: usize) -> Done {
    for other in 0..2_000 {
        let tries = (0..times).map(|time| async move {
            let began = Instant::now();
            fleet.deliver(delivery, (to + other + time) % 2).await.then(|| began.elapsed())
        });
        if let Some(took) = join_all(tries).await.into_iter().flatten().min() {
            return Done { key: delivery.key(), took };
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("it was never taken: {delivery:#?}");
}

/// Who takes part: some who ask, and those who decide for them; about as many as there are deliveries a second, so that nobody says more
/// than a person can.
fn cast(fleet: &Fleet, load: &Load) -> Vec<Someone> {
    let directory = &fleet.house.catalog.directory;
    let mut cast: Vec<Someone> = Vec::new();
    for asker in directory.iter().filter(|p| p.is_employed()) {
        let asker = std::sync::Arc::clone(asker);
        let deciders = directory.managers_of(&asker.id).into_iter().take(1);
        for who in std::iter::once(asker).chain(deciders) {
            let someone = fleet.someone(who.id.as_str()).clone();
            if u64::try_from(cast.len()).unwrap() < load.a_second && !cast.contains(&someone) {
                cast.push(someone);
            }
        }
    }
    cast
}

/// What the nth thing is that somebody does: mostly they press what there is to press.
fn nth(fleet: &Fleet, cast: &[Someone], n: usize) -> Delivery {
    let surface = Surface::PLATFORMS[roll(n, 0) % 3];
    let first = roll(n, 1) % cast.len();
    let anybody = cast.iter().cycle().skip(first).take(SCANNED.min(cast.len()));
    let press = |verb| anybody.clone().find_map(|who| Some((who, fleet.sees(surface, who, verb)?)));
    let press = match roll(n, 2) % 10 {
        0..3 => press(Verb::Submit),
        3..5 => press(Verb::Approve),
        5 => press(Verb::GiveBack),
        _ => None,
    };
    let who = &cast[first];
    match press {
        Some((who, press)) => fleet.click(who, &press),
        None if roll(n, 3).is_multiple_of(3) => fleet.words(surface, who, ASKED),
        None => fleet.words(surface, who, SAID[roll(n, 4) % SAID.len()]),
    }
}

/// SplitMix64 of what is to be chosen: the same in every run.
fn roll(n: usize, what: u64) -> usize {
    let mut z = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(what << 56);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) >> 33).unwrap()
}

async fn run(fleet: &Arc<Fleet>, load: &Load) -> Vec<Done> {
    let every = Duration::from_secs(1) / u32::try_from(load.a_second).unwrap();
    let total = usize::try_from(load.seconds * load.a_second).unwrap();
    let cast = cast(fleet, load);
    let (start, middle) = (Instant::now(), Notify::new());
    let feed = async {
        let mut tasks = Vec::new();
        for n in 0..total {
            sleep_until(start + every * u32::try_from(n).unwrap()).await;
            if n == total / 2 {
                middle.notify_one();
            }
            let (fleet, delivery) = (Arc::clone(fleet), nth(fleet, &cast, n));
            // Every fifth comes twice, every tenth three times.
            let times = if n % 10 == 0 { 3 } else { 1 + usize::from(n % 5 == 0) };
            tasks.push(tokio::spawn(async move { surely(&fleet, &delivery, n % 2, times).await }));
        }
        let mut done = Vec::new();
        for task in tasks {
            done.push(task.await.unwrap());
        }
        done
    };
    let happens = async {
        middle.notified().await;
        fleet.kill(1).await;
        sleep(Duration::from_secs(2)).await;
        fleet.start_again(1).await;
    };
    tokio::join!(feed, happens).0
}

async fn killed_under_load(name: &str, ways: Ways, load: Load) {
    let Some(fleet) = Fleet::start(name, ways).await else { return };
    let fleet = Arc::new(fleet);
    let done = run(&fleet, &load).await;
    fleet.calm().await;
    for one in &done {
        assert_eq!(fleet.store.delivery(&one.key).await.unwrap(), Delivered::Dealt);
    }
    let kept = fleet.number("SELECT COUNT(*) FROM deliveries").await;
    assert_eq!(kept, i64::try_from(done.len()).unwrap(), "each was kept once");
    // A bot cannot find its messages in Teams, and eight lanes are worked in at once.
    fleet.all_is_right(8).await;
    nothing_is_doubled(&fleet).await;
    let mut took = Histogram::<u64>::new(3).unwrap();
    done.iter().for_each(|d| took.record(u64::try_from(d.took.as_micros()).unwrap()).unwrap());
    let ms = |q| took.value_at_quantile(q) / 1_000;
    println!(
        "{name}: {} deliveries in {} s, acknowledged after p50 {} ms, p99 {} ms",
        done.len(),
        load.seconds,
        ms(0.5),
        ms(0.99)
    );
    Arc::into_inner(fleet).unwrap().end().await;
}

/// One request for each draft, one grant for each request, one vote of each human in each step; each grant opened once.
async fn nothing_is_doubled(fleet: &Fleet) {
    let requests = fleet.requests().await;
    let grants = fleet.store.grants(&GrantQuery::default()).await.unwrap();
    let mut by_request: BTreeMap<String, usize> = BTreeMap::new();
    for grant in &grants {
        *by_request.entry(format!("{:?}", grant.order.request)).or_default() += 1;
    }
    assert!(by_request.values().all(|n| *n == 1), "{by_request:?}");
    for request in &requests {
        let votes = fleet.votes(request).await;
        let humans: std::collections::BTreeSet<_> = votes.iter().map(|v| (v.step, &v.by)).collect();
        assert_eq!(humans.len(), votes.len(), "{votes:#?}");
    }
    println!("{} requests, {} grants", requests.len(), grants.len());
    assert!(!requests.is_empty() && !grants.is_empty(), "there was no load to speak of");
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_under_load_loses_and_doubles_nothing() {
    let load = Load { seconds: setting("CLAVIGER_FLEET_SECONDS", 15), a_second: setting("CLAVIGER_FLEET_RATE", 20) };
    killed_under_load("killed under load", Ways::Called, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connected_process_killed_under_load_loses_and_doubles_nothing() {
    let load = Load { seconds: setting("CLAVIGER_FLEET_SECONDS", 15), a_second: setting("CLAVIGER_FLEET_RATE", 20) };
    killed_under_load("killed under load, by connections", Ways::Connected, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two minutes at a hundred a second, for a release build"]
async fn killed_under_a_hundred_a_second() {
    killed_under_load("120 s at 100 a second", Ways::Called, Load { seconds: 120, a_second: 100 }).await;
}
