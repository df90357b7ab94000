//! Outages, lost answers, gone places, full queues, new keys, reordering: once the dust has settled every copy shows how things stand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use claviger::domain::account::{PlatformId, Posted};
use claviger::domain::action::TokenKey;
use claviger::domain::card::Card;
use claviger::domain::conversation::Surface::{self, Slack, Teams};
use claviger::ports::posting::LaneTaken;
use claviger::ports::store::RequestQuery;
use claviger::ports::surface::{ChatDoor as _, SurfaceError};
use claviger::workflow::house::House;
use jiff::SignedDuration;

use crate::bot::badge;
use crate::platform::fake::Fault;
use crate::platform::talks::{WORDS, asked};
use crate::platform::town::{Ground, Town, headlines, labels};
use crate::store::under::Under;

pub async fn after_an_outage_everything_converges(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    ground.teams.world.lock().unwrap().shut = true;
    town.press(Slack, &manager, "Approve", &[]).await;
    assert_eq!(badge(&ground.slack.direct_of(&manager)[0].card), "Active", "the other platform goes on");
    assert_eq!(badge(&ground.teams.direct_of(&manager)[0].card), "Waiting");
    let calls = ground.teams.world.lock().unwrap().calls;
    for _ in 0..30 {
        town.pass(SignedDuration::from_secs(10)).await;
    }
    let tried = ground.teams.world.lock().unwrap().calls - calls;
    assert!((1..=12).contains(&tried), "it is asked now and then whether it takes us again: {tried}");
    assert_eq!(town.house.store.lag().await.unwrap().len(), 1);
    ground.teams.world.lock().unwrap().shut = false;
    town.calm().await;
    town.all_is_right().await;
    assert_eq!(labels(&ground.teams.direct_of(&manager)[0].card), Vec::<&str>::new());
}

pub async fn an_older_card_is_not_drawn_over_a_newer_one(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    let shown = || ground.slack.direct_of(&manager)[0].clone();
    let before = shown();
    let on = Posted { place: before.place.clone(), message: before.id.clone() };
    let draws = async |card: &Card| {
        let begun = AtomicBool::new(false);
        let draw = async {
            begun.store(true, Relaxed);
            Ok(())
        };
        town.door.in_turn(Slack, &on, card, Box::pin(draw)).await.unwrap();
        begun.load(Relaxed)
    };
    assert!(draws(&before.card).await, "it is the newest");
    town.press(Slack, &manager, "Approve", &[]).await;
    let now = shown();
    assert!(now.card.revision > before.card.revision && badge(&now.card) == "Active");
    assert!(!draws(&before.card).await, "whoever was slow to draw the click's answer comes too late");
    assert!(draws(&now.card).await);
    // Somebody else is at it.
    let lane = town.house.store.posting_on(Slack, &on.place, &on.message).await.unwrap().unwrap().lane;
    let (since, until) = (town.house.now(), town.house.now() + SignedDuration::from_secs(60));
    assert_eq!(town.house.store.take_lane(&lane, "somebody", since, until).await.unwrap(), LaneTaken::Yours);
    assert!(!draws(&now.card).await);
    town.house.store.leave_lane(&lane, "somebody", None).await.unwrap();
    assert!(draws(&now.card).await, "and whoever drew gave the lane back");
    // A message nobody keeps a record of.
    let elsewhere = Posted { message: PlatformId::parse("9.9").unwrap(), ..on.clone() };
    let begun = AtomicBool::new(false);
    let draw = async {
        begun.store(true, Relaxed);
        Err(SurfaceError::Gone("x".into()))
    };
    assert!(town.door.in_turn(Slack, &elsewhere, &before.card, Box::pin(draw)).await.is_err());
    assert!(begun.load(Relaxed));
    // What came due while the lane was an adapter's is seen to when it is given back.
    let draw = async {
        town.press(Slack, "mira.okafor", "I'm done with it", &[]).await;
        Ok(())
    };
    town.door.in_turn(Slack, &on, &now.card, Box::pin(draw)).await.unwrap();
    town.all_is_right().await;
}

pub async fn what_may_have_been_done_is_looked_for_before_it_is_done_again(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "ana.kovac")]);
    let town = Town::over(&ground, under.store.clone());
    for faults in [[Fault::None, Fault::DoneUnheard], [Fault::None, Fault::LostUnheard]] {
        // The place is looked up first where it is not known; a delivery in private made it known.
        ground.slack.fail(faults.into_iter().skip(1));
        town.say(Slack, "ana.kovac", "what do I have?").await;
        town.calm().await;
        town.all_is_right().await;
    }
    assert_eq!(ground.slack.direct_of("ana.kovac").len(), 2, "{:?}", headlines(&ground.slack.direct_of("ana.kovac")));
    // A platform that cannot find, but knows a name when it hears it again.
    {
        let mut world = ground.slack.world.lock().unwrap();
        (world.cannot_find, world.knows_names) = (true, true);
    }
    ground.slack.fail([Fault::DoneUnheard]);
    town.say(Slack, "ana.kovac", "what do I have?").await;
    town.calm().await;
    town.all_is_right().await;
    assert_eq!(ground.slack.direct_of("ana.kovac").len(), 3);
}

pub async fn the_order_of_what_was_said_is_kept(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "ana.kovac"), (Slack, "mira.okafor")]);
    let town = Town::over(&ground, under.store.clone());
    ground.slack.fail([Fault::Later(Some(120))]);
    town.say(Slack, "ana.kovac", "who approves the production database?").await;
    town.say(Slack, "ana.kovac", "what do I have?").await;
    // Her place has to wait as long as the platform said; others' need not.
    town.pass(SignedDuration::from_secs(100)).await;
    assert!(ground.slack.direct_of("ana.kovac").is_empty(), "not before its time");
    town.say(Slack, "mira.okafor", "what do I have?").await;
    assert_eq!(ground.slack.direct_of("mira.okafor").len(), 1);
    town.pass(SignedDuration::from_secs(30)).await;
    town.calm().await;
    let hers = ground.slack.direct_of("ana.kovac");
    let said = town.house.store.conversation_of(&crate::bot::person("ana.kovac"), Slack).await.unwrap().unwrap();
    let said = town.house.store.messages(said.id, None).await.unwrap();
    let said: Vec<String> = said
        .iter()
        .filter(|m| m.author == claviger::domain::conversation::Author::Claviger)
        .map(|m| m.id.to_string())
        .collect();
    assert_eq!(hers.iter().map(|s| s.once.clone()).collect::<Vec<_>>(), said);
    town.all_is_right().await;
}

pub async fn a_copy_that_is_gone_ends_alone(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    // Somebody deleted the manager's message on Teams.
    ground.teams.world.lock().unwrap().stands.clear();
    town.press(Slack, &manager, "Approve", &[]).await;
    town.calm().await;
    town.all_is_right().await;
    assert_eq!(badge(&ground.slack.direct_of(&manager)[0].card), "Active");
    let request = town.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let subject = claviger::domain::action::Subject::Request(request.id);
    let copies = town.house.store.postings_of(&subject).await.unwrap();
    let gone = copies.iter().filter(|c| c.standing == claviger::domain::posting::Standing::Gone).count();
    assert_eq!((copies.len(), gone), (3, 1));
    // A person who takes no messages there: theirs ends, and the next one is tried anew.
    ground.slack.fail([Fault::Gone]);
    town.say(Slack, &manager, "what do I have?").await;
    town.say(Slack, &manager, "what do I have?").await;
    town.calm().await;
    town.all_is_right().await;
    assert_eq!(ground.slack.direct_of(&manager).len(), 2);
    // A card that a platform refuses is shown in its plain form rather than not at all.
    ground.slack.fail([Fault::Refused]);
    town.say(Slack, &manager, "what do I have?").await;
    town.calm().await;
    let last = ground.slack.direct_of(&manager).pop().unwrap().card;
    assert!(format!("{:?}", last.body).contains("could not be shown here"), "{last:#?}");
}

pub async fn nothing_is_sent_that_changes_nothing(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    let before = ground.slack.world.lock().unwrap().calls;
    let request = town.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let mut change = claviger::workflow::change::Change::by(&town.house, claviger::domain::event::Actor::System);
    change.redraw(claviger::domain::action::Subject::Request(request.id), "for nothing");
    change.commit().await.unwrap();
    // Time makes no difference either: buttons made later look the same.
    town.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(ground.slack.world.lock().unwrap().calls, before);
    // But buttons are made anew before they stop working, and when another key signs them.
    let (on, _) = town.button(Slack, &manager, "Approve").unwrap();
    let house = House { tokens: Arc::new(TokenKey::new([7; 32])), ..House::clone(&town.house) };
    let other = Town::of(&ground, Arc::new(house));
    other.runner.sweep().await;
    other.pass(SignedDuration::from_secs(61)).await;
    other.calm().await;
    other.all_is_right().await;
    let (now, _) = other.button(Slack, &manager, "Approve").unwrap();
    assert_eq!((now.id.clone(), now.updates), (on.id, on.updates + 1));
    other.press(Slack, &manager, "Approve", &[]).await;
    assert_eq!(badge(&ground.slack.direct_of(&manager)[0].card), "Active");
}

pub async fn buttons_do_not_die_unseen(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "ana.kovac")]);
    let town = Town::over(&ground, under.store.clone());
    town.say(Slack, "ana.kovac", "I need read access to the Q3 sales reports for EMEA for 80 days, for the board deck")
        .await;
    let draft = ground.slack.direct_of("ana.kovac").pop().unwrap();
    assert!(labels(&draft.card).contains(&"Submit"));
    // A draft left lying says that it is too old; access held for long keeps its buttons.
    town.say(Slack, "ana.kovac", "I need access to the wiki for 40 days").await;
    if town.button(Slack, "ana.kovac", "Submit").is_some() {
        town.press(Slack, "ana.kovac", "Submit", &[]).await;
    }
    for _ in 0..36 {
        town.pass(SignedDuration::from_hours(24)).await;
        town.calm().await;
    }
    town.all_is_right().await;
    let old = ground.slack.direct_of("ana.kovac").into_iter().find(|s| s.id == draft.id).unwrap();
    assert_eq!(labels(&old.card), Vec::<&str>::new());
}

/// Random people press random things on random platforms while everything goes wrong; then the dust settles.
pub async fn whatever_happens_all_copies_agree_in_the_end(under: Under) {
    let first = Ground::new().await;
    for seed in 1..=crate::platform::converge::seeds() {
        let mut dice = Dice(seed);
        let ground = first.again().with(&[(Slack, "mira.okafor"), (Teams, "mira.okafor")]);
        let store = if seed == 1 { under.store.clone() } else { claviger::store::open::open_memory().await.unwrap() };
        let towns = [Town::over(&ground, store.clone()), Town::over(&ground, store)];
        let manager = crate::platform::talks::manager(&towns[0]);
        let ground = ground.with(&[(Slack, &manager), (Teams, &manager)]);
        for (n, fake) in [&ground.slack, &ground.teams].into_iter().enumerate() {
            let mut own = Dice(seed * 31 + n as u64);
            let mut world = fake.world.lock().unwrap();
            world.lottery = Some(Box::new(move || match own.roll(10) {
                0 => Fault::Later(None),
                1 => Fault::Later(Some(20)),
                2 => Fault::DoneUnheard,
                3 => Fault::LostUnheard,
                _ => Fault::None,
            }));
        }
        for _ in 0..30 {
            let town = &towns[dice.roll(2)];
            let surface: Surface = [Slack, Teams][dice.roll(2)];
            let who = [manager.as_str(), "mira.okafor"][dice.roll(2)];
            let said = [WORDS, "make it two weeks", "what do I have?", "never mind"][dice.roll(4)];
            let label =
                ["Submit", "Approve", "Ask", "Answer", "Deny", "I'm done with it", "Take it back"][dice.roll(7)];
            let fields = [("question", "Why?"), ("answer", "So."), ("reason", "No."), ("until", "until Friday")];
            match (dice.roll(3), town.button(surface, who, label)) {
                (0, _) => {
                    let what = claviger::ports::surface::What::Said { words: said.into() };
                    town.deliver(&Town::incoming(surface, who, what)).await;
                }
                (_, Some((on, token))) => {
                    let click = Town::pressed(surface, who, &on, &token, &fields);
                    tokio::join!(towns[0].deliver(&click), towns[1].deliver(&click));
                }
                _ => {}
            }
            if dice.roll(2) == 0 {
                let (a, b) = tokio::join!(towns[0].runner.run_due_once(), towns[1].runner.run_due_once());
                a.unwrap();
                b.unwrap();
            }
            ground.clock.advance(SignedDuration::from_secs(dice.roll(40) as i64));
        }
        for fake in [&ground.slack, &ground.teams] {
            fake.world.lock().unwrap().lottery = None;
        }
        ground.clock.advance(SignedDuration::from_mins(2));
        towns[0].settle().await;
        towns[0].pass(SignedDuration::from_mins(20)).await;
        towns[0].calm().await;
        towns[0].all_is_right().await;
        println!("seed {seed}: {} messages", ground.slack.world.lock().unwrap().stands.len());
    }
}

/// How many random runs: a few always, more where somebody wants them (`CLAVIGER_CHAT_SEEDS`).
pub fn seeds() -> u64 {
    std::env::var("CLAVIGER_CHAT_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides).unwrap()
    }
}

crate::on_both!(
    after_an_outage_everything_converges,
    an_older_card_is_not_drawn_over_a_newer_one,
    what_may_have_been_done_is_looked_for_before_it_is_done_again,
    the_order_of_what_was_said_is_kept,
    a_copy_that_is_gone_ends_alone,
    nothing_is_sent_that_changes_nothing,
    buttons_do_not_die_unseen,
    whatever_happens_all_copies_agree_in_the_end,
);
