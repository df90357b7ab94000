//! Whole conversations on two platforms at once.

use claviger::domain::account::{Place, PlatformId};
use claviger::domain::conversation::Surface::{Slack, Teams};
use claviger::domain::ids::GroupId;
use claviger::ports::store::RequestQuery;
use claviger::ports::surface::{ChatDoor as _, Now, What};
use claviger::workflow::surfaces::known::GroupChannel;
use jiff::SignedDuration;

use crate::bot::{badge, fact, person};
use crate::platform::fake::account;
use crate::platform::town::{Ground, Town, headlines, labels, token};
use crate::store::under::Under;

pub const WORDS: &str = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";

/// Mira's manager decides.
pub fn manager(town: &Town) -> String {
    town.house.catalog.directory.managers_of(&person("mira.okafor"))[0].id.to_string()
}

/// Mira asks on Slack; her manager is on both.
pub async fn asked(under: &Under) -> (Ground, Town, String) {
    let ground = Ground::new().await.with(&[(Slack, "mira.okafor")]);
    let town = Town::over(&ground, under.store.clone());
    let manager = manager(&town);
    let ground = ground.with(&[(Slack, &manager), (Teams, &manager)]);
    town.say(Slack, "mira.okafor", WORDS).await;
    town.press(Slack, "mira.okafor", "Submit", &[]).await;
    (ground, town, manager)
}

pub async fn asked_approved_used_and_over(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    // The draft says that it was filed; the request's own card stands below it.
    let hers = ground.slack.direct_of("mira.okafor");
    assert_eq!(badge(&hers[0].card), "Filed");
    assert_eq!(labels(&hers[0].card), Vec::<&str>::new());
    assert_eq!(badge(&hers[1].card), "Waiting");
    // Her manager has it on both platforms, and presses on Teams.
    for fake in [&ground.slack, &ground.teams] {
        let theirs = fake.direct_of(&manager);
        assert_eq!(theirs.len(), 1, "{:?}", headlines(&theirs));
        assert!(labels(&theirs[0].card).contains(&"Approve"));
    }
    let Now::Replace(card) = town.press(Teams, &manager, "Approve", &[]).await else { panic!("no card") };
    assert_eq!(labels(&card), Vec::<&str>::new());
    town.all_is_right().await;
    for fake in [&ground.slack, &ground.teams] {
        let theirs = fake.direct_of(&manager);
        assert_eq!((badge(&theirs[0].card), labels(&theirs[0].card)), ("Active", Vec::new()));
    }
    // She hears it in the thread of her request's card, which is up to date, too.
    let hers = ground.slack.direct_of("mira.okafor");
    assert_eq!(hers.len(), 3, "{:?}", headlines(&hers));
    assert_eq!(badge(&hers[1].card), "Active");
    assert_eq!(hers[2].place.thread.as_ref(), Some(&hers[1].id));
    assert!(hers[2].card.headline.starts_with("You have"), "{}", hers[2].card.headline);
    // Her start page lists it once, where it says what she has; what she may still do stands there, too.
    let home = async || {
        let back = Town::incoming(Slack, "mira.okafor", What::Said { words: String::new() }).back;
        town.door.home(&back).await.unwrap().1
    };
    let mine = home().await;
    assert_eq!((mine.access.len(), mine.requests.len()), (1, 0), "{:#?}", mine.requests);
    assert_eq!(
        (badge(&mine.access[0]), labels(&mine.access[0])),
        ("Active", vec!["I'm done with it", "Keep it longer"])
    );
    // Friday comes: over, everywhere.
    town.pass(SignedDuration::from_hours(24 * 4)).await;
    town.calm().await;
    town.all_is_right().await;
    assert_eq!(badge(&ground.slack.direct_of("mira.okafor")[1].card), "Ended");
    assert_eq!(badge(&ground.teams.direct_of(&manager)[0].card), "Ended");
    assert!(headlines(&ground.slack.direct_of("mira.okafor")).iter().any(|h| h.contains("has ended")));
    let mine = home().await;
    assert_eq!((mine.access.len(), badge(&mine.requests[0])), (0, "Ended"), "what is over is something she asked for");
}

pub async fn what_changed_since_the_read_back_is_said(under: Under) {
    use claviger::domain::entitlement::Tier;
    use claviger::workflow::house::House;
    let ground = Ground::new().await.with(&[(Slack, "ana.kovac")]);
    let town = Town::over(&ground, under.store.clone());
    town.say(Slack, "ana.kovac", WORDS).await;
    let draft = ground.slack.direct_of("ana.kovac").pop().unwrap();
    assert!(fact(&draft.card, "Who decides").starts_with("Nobody has to approve"), "{:#?}", draft.card);
    // Somebody makes the access one that people decide on; then she presses what she was shown before.
    let mut catalog = (*town.house.catalog).clone();
    let q3 = catalog.entitlements.values_mut().find(|e| e.title == "Q3 sales reports EMEA (read)").unwrap();
    std::sync::Arc::make_mut(q3).tier = Tier::Manual;
    let house = House { catalog: std::sync::Arc::new(catalog), ..House::clone(&town.house) };
    let later = Town::of(&ground, std::sync::Arc::new(house));
    later.press(Slack, "ana.kovac", "Submit", &[]).await;
    let hers = ground.slack.direct_of("ana.kovac");
    let told: Vec<_> = hers.iter().filter(|s| s.card.headline.starts_with("Things have changed")).collect();
    assert_eq!(told.len(), 1, "{:?}", headlines(&hers));
    assert_eq!(fact(&told[0].card, "Before"), "Nobody had to approve it.");
    assert!(!fact(&told[0].card, "Who decides").starts_with("Nobody"), "{:#?}", told[0].card);
    assert_eq!(badge(&hers.last().unwrap().card), "Waiting", "its own card is the last");
    // Pressing it again says nothing again.
    let again = Town::pressed(Slack, "ana.kovac", &draft, &token(&draft.card, "Submit").unwrap(), &[]);
    later.deliver(&again).await;
    later.settle().await;
    assert_eq!(ground.slack.direct_of("ana.kovac").len(), hers.len());
    later.all_is_right().await;
}

pub async fn a_late_click_is_told_who_decided(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    let (on, old) = town.button(Slack, &manager, "Approve").unwrap();
    town.press(Teams, &manager, "Deny", &[("reason", "Use the public summary")]).await;
    let events = town.house.store.log_size().await.unwrap();
    let late = Town::pressed(Slack, &manager, &on, &old, &[]);
    let Now::Whisper { note, fresh } = town.deliver(&late).await else { panic!("not whispered") };
    assert!(note.headline.contains("said no already"), "{}", note.headline);
    let fresh = fresh.unwrap();
    assert_eq!((badge(&fresh), labels(&fresh)), ("Denied", Vec::new()));
    assert_eq!(town.house.store.log_size().await.unwrap(), events, "nothing was done");
    town.settle().await;
    town.all_is_right().await;
    assert!(headlines(&ground.slack.direct_of("mira.okafor")).iter().any(|h| h.contains("was not granted")));
}

pub async fn one_human_with_three_accounts_has_one_vote(under: Under) {
    let ground = Ground::new().await.with(&[(Slack, "elena.popescu")]);
    let town = Town::over(&ground, under.store.clone());
    let security = town.house.catalog.roles.security.clone();
    let one = town.house.catalog.directory.members(&security).next().unwrap().id.to_string();
    ground.table.link(Slack, "first", &one);
    ground.table.link(Slack, "second", &one);
    ground.table.link(Teams, "third", &one);
    town.say(Slack, "elena.popescu", "I need admin access to the customer database until Friday, for the churn model")
        .await;
    town.press(Slack, "elena.popescu", "Submit", &[]).await;
    let request = town.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    let mut rounds = 0;
    while let Some((_, step)) = town.house.store.request(request.id).await.unwrap().unwrap().open_step() {
        if step.candidates.iter().any(|c| c.person.to_string() == one) {
            break;
        }
        // Whoever is asked before security says yes on the web.
        let who = step.candidates[0].person.clone();
        let desk = claviger::workflow::desk::FrontDesk(town.house.clone());
        let inbox = claviger::ports::desk::Desk::inbox(&desk, &who).await.unwrap();
        let yes = token(&inbox.decisions[0], "Approve").unwrap();
        let web = claviger::domain::conversation::Surface::Web;
        claviger::ports::desk::Desk::click(&desk, &who, web, &yes, &Default::default()).await.unwrap();
        town.settle().await;
        rounds += 1;
        assert!(rounds < 5);
    }
    let (on, yes) = town.button(Slack, "first", "Approve").or_else(|| town.button(Slack, "second", "Approve")).unwrap();
    let clicks = [(Slack, "first"), (Slack, "second"), (Teams, "third")]
        .map(|(surface, id)| Town::pressed(surface, id, &on, &yes, &[]));
    for click in &clicks {
        town.deliver(click).await;
    }
    town.settle().await;
    let request = town.house.store.request(request.id).await.unwrap().unwrap();
    let events = town.house.store.events_of(&claviger::domain::event::Stream::Request(request.id)).await.unwrap();
    let votes = events
        .iter()
        .filter(|e| format!("{:?}", e.event.body).contains("Voted") && format!("{:?}", e.event.actor).contains(&one))
        .count();
    assert_eq!(votes, 1, "{events:#?}");
    town.all_is_right().await;
}

pub async fn strangers_and_requesters_are_refused_alone(under: Under) {
    let (ground, town, manager) = asked(&under).await;
    let (on, yes) = town.button(Slack, &manager, "Approve").unwrap();
    // Nobody we know.
    let Now::Whisper { note, fresh: None } = town.deliver(&Town::pressed(Slack, "stranger", &on, &yes, &[])).await
    else {
        panic!("not whispered")
    };
    assert!(note.headline.contains("do not know who you are"), "{}", note.headline);
    // The requester herself: recorded.
    let before = town.house.store.log_size().await.unwrap();
    let click = Town::pressed(Slack, "mira.okafor", &on, &yes, &[]);
    let Now::Whisper { note, .. } = town.deliver(&click).await else { panic!("not whispered") };
    assert!(note.headline.contains("for themselves"), "{}", note.headline);
    assert_eq!(town.house.store.log_size().await.unwrap(), before + 1, "the refusal is on record");
    // The same delivery again records nothing again.
    town.door.deal(&click).await;
    assert_eq!(town.house.store.log_size().await.unwrap(), before + 1);
    // A form is not even shown to whoever may not decide.
    let (_, no) = town.button(Slack, &manager, "Deny").unwrap();
    let hers = Town::incoming(Slack, "mira.okafor", What::Said { words: String::new() }).back;
    assert!(town.door.form(&hers, &no).await.is_err());
    let theirs = Town::incoming(Slack, &manager, What::Said { words: String::new() }).back;
    let button = town.door.form(&theirs, &no).await.unwrap();
    assert_eq!(button.form.unwrap().inputs[0].id, "reason");
    // In a place that others read, the answer goes to the person.
    let mut loud = Town::incoming(Slack, "mira.okafor", What::Said { words: "what do I have?".into() });
    loud.private = false;
    let Now::Whisper { note, .. } = town.deliver(&loud).await else { panic!("not whispered") };
    assert!(note.headline.contains("in private"));
    // Nothing said at all: a greeting, and the start page and the picker answer.
    let Now::Whisper { note, .. } = town.say(Slack, &manager, " ").await else { panic!("not whispered") };
    assert!(note.headline.starts_with("Hello"), "{}", note.headline);
    let (waiting, mine) = town.door.home(&theirs).await.unwrap();
    assert_eq!((waiting.len(), mine.requests.len()), (1, 0));
    let found = town.door.search(&hers, "q3 sales reports emea", 5).await.unwrap();
    assert!(found[0].title.contains("Q3"), "{found:?}");
    town.settle().await;
    town.all_is_right().await;
    drop(ground);
}

pub async fn a_groups_channel_has_the_card_too(under: Under) {
    let mut ground = Ground::new().await.with(&[(Slack, "elena.popescu")]);
    let channel = PlatformId::parse("C-SEC").unwrap();
    let space = PlatformId::parse("T1").unwrap();
    let place = Place { space, channel, thread: None, via: None };
    let town = Town::over(&ground, under.store.clone());
    let security: GroupId = town.house.catalog.roles.security.clone();
    ground.channels = vec![GroupChannel { group: security.clone(), surface: Teams, place: place.clone() }];
    let town = Town::over(&ground, under.store.clone());
    let members: Vec<String> = town.house.catalog.directory.members(&security).map(|p| p.id.to_string()).collect();
    ground.table.link(Teams, &members[0], &members[0]);
    ground.table.link(Teams, &members[1], &members[1]);
    town.say(Slack, "elena.popescu", "I need read access to the customer database until Friday, for the churn model")
        .await;
    town.press(Slack, "elena.popescu", "Submit", &[]).await;
    let desk = claviger::workflow::desk::FrontDesk(town.house.clone());
    for _ in 0..4 {
        if !ground.teams.in_channel("C-SEC").is_empty() {
            break;
        }
        let request = town.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
        let who = request.open_step().unwrap().1.candidates[0].person.clone();
        let inbox = claviger::ports::desk::Desk::inbox(&desk, &who).await.unwrap();
        let yes = token(&inbox.decisions[0], "Approve").unwrap();
        let web = claviger::domain::conversation::Surface::Web;
        claviger::ports::desk::Desk::click(&desk, &who, web, &yes, &Default::default()).await.unwrap();
        town.settle().await;
    }
    let there = ground.teams.in_channel("C-SEC");
    assert_eq!(there.len(), 1, "{:?}", headlines(&there));
    let card = &there[0].card;
    assert!(card.facts.iter().all(|f| f.label != "Why you"), "it is for all who read there");
    assert!(!fact(card, "How it stands").contains("you:"), "{}", fact(card, "How it stands"));
    let (yes, no) = (token(card, "Approve").unwrap(), token(card, "Deny").unwrap());
    // Somebody opens the form of the no: the others see that they are at it, for a while.
    let back = Town::incoming(Teams, &members[0], What::Said { words: String::new() }).back;
    town.door.form(&back, &no).await.unwrap();
    town.settle().await;
    let theirs = &ground.teams.direct_of(&members[1])[0].card;
    assert!(fact(theirs, "Being looked at by").contains(&town.house.name(&person(&members[0]))));
    let own = &ground.teams.direct_of(&members[0])[0].card;
    assert!(own.facts.iter().all(|f| f.label != "Being looked at by"));
    town.all_is_right().await;
    town.pass(SignedDuration::from_mins(16)).await;
    let theirs = &ground.teams.direct_of(&members[1])[0].card;
    assert!(theirs.facts.iter().all(|f| f.label != "Being looked at by"), "they have left it");
    town.all_is_right().await;
    // Half the time is over: a line in the card's thread, in the channel and in private.
    for _ in 0..60 {
        town.pass(SignedDuration::from_mins(30)).await;
        if ground.teams.in_channel("C-SEC").len() > 1 {
            break;
        }
    }
    let there = ground.teams.in_channel("C-SEC");
    assert!(there[1].card.headline.starts_with("Still waiting"), "{:?}", headlines(&there));
    assert_eq!(there[1].place.thread.as_ref(), Some(&there[0].id));
    let in_private = ground.teams.direct_of(&members[1]);
    assert!(headlines(&in_private).iter().any(|h| h.starts_with("Still waiting")));
    // A click in the channel counts for whoever clicks, and the channel's card has no buttons left once it is decided.
    let click = Town::pressed(Teams, &members[1], &there[0], &yes, &[]);
    let said = town.deliver(&click).await;
    assert!(matches!(said, Now::Replace(_)), "{said:?}");
    town.settle().await;
    town.calm().await;
    town.all_is_right().await;
    let last = &ground.teams.in_channel("C-SEC")[0].card;
    let open = town.house.store.requests(&RequestQuery::default()).await.unwrap().pop().unwrap();
    if open.open_step().is_none() {
        assert_eq!(labels(last), Vec::<&str>::new());
    }
    assert_eq!(account(Teams, &members[0]).surface, Teams);
}

crate::on_both!(
    asked_approved_used_and_over,
    what_changed_since_the_read_back_is_said,
    a_late_click_is_told_who_decided,
    one_human_with_three_accounts_has_one_vote,
    strangers_and_requesters_are_refused_alone,
    a_groups_channel_has_the_card_too,
);
