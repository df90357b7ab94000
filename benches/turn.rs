//! How long a full turn takes: understanding, reading the store, the read-back with its preview decision, and the commit to a SQLite file that
//! survives power loss. `cargo bench --bench turn`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot start stops at once")]

use std::sync::Arc;
use std::time::Instant;

use claviger::app::data_dir::DataDir;
use claviger::app::house::{Parts, build_house};
use claviger::app::system::SystemClock;
use claviger::catalog::source::Source;
use claviger::domain::conversation::Surface;
use claviger::ports::desk::Desk as _;
use claviger::store::open::{Prepare, open_sqlite};
use claviger::workflow::desk::FrontDesk;
use claviger::workflow::house::{Outside, StepUp};
use hdrhistogram::Histogram;

const SAID: [&str; 6] = [
    "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck",
    "make it two weeks",
    "who approves the production database?",
    "what do I have?",
    "VPN until the end of the month please",
    "I need Figma and the wiki for two weeks because of the relaunch",
];
const TURNS: usize = 1_200;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let store = open_sqlite(&data.database(), Prepare::Migrate).await.unwrap();
        let parts = Parts {
            source: Source::Example,
            vendors: Vec::new(),
            model: None,
            prompts: None,
            step_up: StepUp::Demo,
            outside: Outside::default(),
            clock: Arc::new(SystemClock),
        };
        let built = build_house(parts, store, &data).unwrap();
        let people: Vec<_> =
            built.house.catalog.directory.iter().filter(|p| p.is_employed()).map(|p| p.id.clone()).collect();
        let desk = FrontDesk(built.house);
        let mut times: Histogram<u64> = Histogram::new_with_max(60_000_000, 3).unwrap();
        for n in 0..TURNS + 60 {
            let who = &people[n / SAID.len() % people.len()];
            let begun = Instant::now();
            desk.say(who, Surface::Web, SAID[n % SAID.len()], None).await.unwrap();
            if n >= 60 {
                times.record(u64::try_from(begun.elapsed().as_micros()).unwrap()).unwrap();
            }
        }
        let at = |q: f64| times.value_at_quantile(q) as f64 / 1000.0;
        println!(
            "a full turn on SQLite, {TURNS} turns: p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0)
        );
    });
}
