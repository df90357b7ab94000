//! Slack as it behaves on its bad days: a stand-in with its real limits, and what the adapter makes of it. The twelve sharp edges that
//! were found when the client was chosen each have a test that says so in its name (nos. 1, 2, 7, 8 and 9 also beside the code).

mod calls;
mod door;
pub mod fake;
mod http;
mod socket;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use claviger::chat::slack::client::{Settings, Slack};
use claviger::chat::slack::reception::{Deadlines, Reception};

use crate::fake_desk::HandClock;
use door::FakeDoor;
use fake::FakeSlack;

/// The adapter before a stand-in, with a door that remembers.
pub struct Bench {
    pub fake: FakeSlack,
    pub slack: Arc<Slack>,
    pub door: Arc<FakeDoor>,
    pub reception: Arc<Reception>,
    pub clock: Arc<HandClock>,
}

/// A client of a stand-in, each call taking this long at most.
pub fn client(fake: &FakeSlack, clock: &Arc<HandClock>, limit: Duration) -> Arc<Slack> {
    let settings = Settings {
        base: fake.base.clone(),
        bot_token: "xoxb-test".into(),
        pages: Some("https://access.example/".parse().unwrap()),
        limit,
    };
    Arc::new(Slack::new(settings, clock.clone()).unwrap())
}

impl Bench {
    pub async fn new() -> Self {
        let clock = HandClock::at("2026-11-23T10:00:00Z");
        let fake = FakeSlack::start(clock.clone()).await;
        let slack = client(&fake, &clock, Duration::from_secs(20));
        let door = Arc::new(FakeDoor::default());
        // Nothing here may depend on how fast the machine is.
        let long = Duration::from_secs(20);
        let deadlines = Deadlines { keep: long, window: long, names: long };
        let reception = Reception::new(slack.clone(), door.clone(), deadlines);
        Self { fake, slack, door, reception, clock }
    }
}
