//! What `claviger doctor` finds, and the commands told at the start.

use std::sync::Arc;

use claviger::chat::discord::check::check;
use claviger::chat::discord::commands::{Registered, commands, register};
use claviger::chat::discord::start::Receiver;
use claviger::ports::surface::{ChatSurface as _, Connection};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::discord::door::FakeDoor;
use crate::discord::fake::{Fake, Fault};
use crate::discord::{LONG, NoChance, adapter};

struct At(i64);

impl claviger::domain::clock::Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap()
    }
}

#[tokio::test]
async fn everything_wrong_is_named_with_what_to_do() {
    let fake = Fake::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    fake.held.lock().unwrap().gateway = format!("ws://{}", listener.local_addr().unwrap());
    fake.held.lock().unwrap().commands = commands();
    let discord = adapter(&fake.url);
    let there: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    let wrong = async |now, endpoint| -> Vec<String> {
        let found = check(&discord, true, endpoint, now).await;
        found.into_iter().filter_map(|f| f.wrong.map(|w| format!("{}: {w}", f.what))).collect()
    };
    assert_eq!(wrong(there, false).await, Vec::<String>::new());
    {
        let mut held = fake.held.lock().unwrap();
        held.application = json!({ "id": "2", "interactions_endpoint_url": "https://old.example/" });
        held.commands = json!([]);
        held.gateway = "ws://127.0.0.1:1".into();
    }
    let later = there + jiff::SignedDuration::from_mins(10);
    let said = wrong(later, true).await;
    for part in
        ["600 seconds ahead", "discord.application_id", "public_key is missing", "discord/interactions", "127.0.0.1:1"]
    {
        assert!(said.iter().any(|s| s.contains(part)), "{part} in {said:#?}");
    }
    let found = check(&discord, true, false, there).await;
    let commands = found.iter().find(|f| f.what == "Discord commands").unwrap();
    assert!(commands.wrong.is_none(), "before the first start they are not there, and nothing is wrong: {commands:?}");
    assert!(commands.note.as_ref().is_some_and(|n| n.contains("`access`")), "{commands:?}");
    assert!(wrong(there, false).await.iter().any(|s| s.contains("clear “Interactions Endpoint URL”")));
    fake.fail("GET /guilds/7", Fault::Answer(403, &[], r#"{"code":50001}"#));
    let said = wrong(there, false).await;
    assert!(
        said.iter()
            .any(|s| s.contains("oauth2/authorize?client_id=1&scope=bot+applications.commands&permissions=84992"))
    );
    fake.fail("GET /users/@me", Fault::Answer(401, &[], r#"{"code":0}"#));
    let said = wrong(there, false).await;
    assert!(said.len() == 1 && said[0].contains("Reset Token"), "{said:#?}");
}

#[tokio::test]
async fn commands_are_told_once() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    assert_eq!(register(&discord).await, Ok(Registered::Now));
    assert_eq!(register(&discord).await, Ok(Registered::Before));
    assert_eq!(fake.called("PUT /applications/1/commands").len(), 1);
}

#[tokio::test]
async fn a_start_in_bad_weather_goes_on_until_discord_has_heard() {
    let fake = Fake::start().await;
    fake.fail("GET /applications/1/commands", Fault::Answer(502, &[], ""));
    fake.fail("PUT /applications/1/commands", Fault::DoneThenBroken);
    let discord = adapter(&fake.url);
    let stop = CancellationToken::new();
    let receiver = Receiver::new(Arc::clone(&discord), FakeDoor::new(), Arc::new(At(0)), Arc::new(NoChance), false);
    let runs = tokio::spawn(receiver.run(stop.clone()));
    fake.wait("GET /applications/1/commands", 3).await;
    stop.cancel();
    tokio::time::timeout(LONG, runs).await.expect("it stops").unwrap();
    assert_eq!(discord.connection(), Connection::Up, "without a gateway an answer is enough");
    assert_eq!(fake.called("PUT /applications/1/commands").len(), 1, "what was heard is not told again");
}
