//! What comes in is kept, dealt with once, and forgotten.

use claviger::domain::action::Verb;
use claviger::domain::conversation::Surface::{Slack, Teams};
use claviger::ports::posting::Delivered;
use claviger::ports::surface::{ChatDoor as _, Now, Taken, What};
use claviger::workflow::surfaces::dealing;
use jiff::SignedDuration;

use crate::platform::talks::{WORDS, asked};
use crate::platform::town::{Ground, Town, headlines};
use crate::store::under::Under;

pub async fn a_killed_process_loses_nothing(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "mira.okafor")]);
    let town = Town::over(&ground, under.store.clone());
    let said = Town::incoming(Slack, "mira.okafor", What::Said { words: WORDS.into() });
    let nobody = Town::incoming(Slack, "stranger", What::Said { words: WORDS.into() });
    for incoming in [&said, &nobody] {
        assert_eq!(town.door.take(incoming).await.unwrap(), Taken::New);
    }
    // Killed here: nobody deals with it. The platform delivers it again, to another process.
    let town = Town::over(&ground, under.store.clone());
    assert_eq!(town.door.take(&said).await.unwrap(), Taken::Before);
    town.settle().await;
    assert!(ground.slack.direct_of("mira.okafor").is_empty(), "whoever took it may still be at it");
    assert_eq!(under.door_count("deliveries", "payload LIKE '%board deck%'").await, 2);
    town.pass(SignedDuration::from_secs(20)).await;
    assert_eq!(ground.slack.direct_of("mira.okafor").len(), 1);
    // Whoever was to be refused is refused, if the platform still takes it.
    let whispers = ground.slack.world.lock().unwrap().whispers.clone();
    assert_eq!(whispers.len(), 1);
    assert_eq!(whispers[0].0, nobody.back.account);
    // What was said, and the platform's tickets, are erased; only that it was dealt with is remembered, and for sixty days.
    assert_eq!(under.door_count("deliveries", "payload <> ''").await, 0);
    assert_eq!(under.door_count("deliveries", "dealt_us IS NOT NULL").await, 2);
    town.all_is_right().await;
    town.pass(SignedDuration::from_hours(24 * 61)).await;
    assert_eq!(under.door_count("deliveries", "1 = 1").await, 0);
    let key = dealing::key(Slack, &said.once);
    assert_eq!(town.house.store.delivery(&key).await.unwrap(), Delivered::Unknown);
}

pub async fn dealing_twice_changes_nothing(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    for (surface, who, label, fields) in [
        (Slack, manager.as_str(), "Ask", vec![("question", "Which deck?")]),
        (Slack, "mira.okafor", "Answer", vec![("answer", "Thursday's")]),
        (Teams, manager.as_str(), "Approve for less time", vec![("until", "until Thursday")]),
        (Slack, "mira.okafor", "Keep it longer", vec![("until", "until Friday")]),
        (Slack, "mira.okafor", "I'm done with it", vec![]),
    ] {
        let (on, token) = town.button(surface, who, label).unwrap_or_else(|| panic!("{who} sees no {label}"));
        let click = Town::pressed(surface, who, &on, &token, &fields);
        assert_eq!(town.door.take(&click).await.unwrap(), Taken::New);
        town.door.deal(&click).await;
        let events = town.house.store.log_size().await.unwrap();
        // At once, by another process, and by the job that was kept with it.
        let other = Town::over(&ground, under.store.clone());
        assert_eq!(town.door.deal(&click).await, Now::Nothing, "{label}");
        assert_eq!(other.door.deal(&click).await, Now::Nothing, "{label}");
        assert_eq!(town.door.take(&click).await.unwrap(), Taken::Before);
        assert_eq!(town.house.store.log_size().await.unwrap(), events, "{label} was done twice");
        town.settle().await;
        let before = town.house.store.log_size().await.unwrap();
        town.pass(SignedDuration::from_secs(30)).await;
        assert_eq!(town.house.store.log_size().await.unwrap(), before, "{label}: the job did it again");
    }
    town.calm().await;
    town.all_is_right().await;
}

pub async fn two_processes_at_one_delivery_do_it_once(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "mira.okafor")]);
    let (one, two) = (Town::over(&ground, under.store.clone()), Town::over(&ground, under.store.clone()));
    let said = Town::incoming(Slack, "mira.okafor", What::Said { words: WORDS.into() });
    assert_eq!(one.door.take(&said).await.unwrap(), Taken::New);
    tokio::join!(one.door.deal(&said), two.door.deal(&said), one.door.deal(&said), two.door.deal(&said));
    one.settle().await;
    let hers = ground.slack.direct_of("mira.okafor");
    assert_eq!(hers.len(), 1, "{:?}", headlines(&hers));
    one.all_is_right().await;
}

pub async fn too_much_is_told_and_done_with(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "mira.okafor")]);
    let town = Town::over(&ground, under.store.clone());
    let mut refused = 0;
    for _ in 0..40 {
        let said = Town::incoming(Slack, "mira.okafor", What::Said { words: "hello".into() });
        if matches!(town.deliver(&said).await, Now::Whisper { note, .. } if note.headline.contains("a lot at once")) {
            refused += 1;
        }
    }
    assert_eq!(refused, 10);
    assert_eq!(under.door_count("deliveries", "dealt_us IS NULL").await, 0);
    let huge = Town::incoming(Slack, "mira.okafor", What::Said { words: "x".repeat(100_000) });
    assert!(town.door.take(&huge).await.is_err());
    let mut nameless = Town::incoming(Slack, "mira.okafor", What::Said { words: "x".into() });
    nameless.once.clear();
    assert!(town.door.take(&nameless).await.is_err());
    // A forged button is refused, and that is recorded once.
    town.pass(SignedDuration::from_mins(5)).await;
    let before = town.house.store.log_size().await.unwrap();
    let token = claviger::domain::action::ActionToken("A".repeat(64));
    let forged = Town::incoming(Slack, "mira.okafor", What::Clicked { token, fields: Default::default(), on: None });
    assert!(matches!(town.deliver(&forged).await, Now::Whisper { .. }));
    town.door.deal(&forged).await;
    assert_eq!(town.house.store.log_size().await.unwrap(), before + 1);
    assert_ne!(Verb::Approve as u8, 0);
}

crate::on_both!(
    a_killed_process_loses_nothing,
    dealing_twice_changes_nothing,
    two_processes_at_one_delivery_do_it_once,
    too_much_is_told_and_done_with,
);
