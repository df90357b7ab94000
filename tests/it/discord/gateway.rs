//! What comes in by the gateway: kept, answered, dealt with once, whatever breaks.

use std::sync::Arc;

use claviger::chat::discord::answer::Answers;
use claviger::chat::discord::client::Discord;
use claviger::chat::discord::gateway::Gateway;
use claviger::domain::card::{Card, Form, Input, InputKind};
use claviger::ports::surface::{ANSWERED_APART, ChatSurface as _, Connection, Now, Standing, What};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::discord::door::{FakeDoor, button};
use crate::discord::fake::{Fake, Fault};
use crate::discord::fake_gateway::FakeGateway;
use crate::discord::{LONG, NoChance, adapter, click, direct, slash};

struct Set {
    fake: Fake,
    gateway: FakeGateway,
    door: Arc<FakeDoor>,
    discord: Arc<Discord>,
    stop: CancellationToken,
    runs: JoinHandle<()>,
}

impl Set {
    async fn up() -> Self {
        Self::with(|_, _, _| {}).await
    }

    async fn with(prepare: impl FnOnce(&Fake, &FakeGateway, &FakeDoor)) -> Self {
        let (fake, gateway, door) = (Fake::start().await, FakeGateway::start().await, FakeDoor::new());
        fake.held.lock().unwrap().gateway = gateway.url.clone();
        prepare(&fake, &gateway, &door);
        let discord = adapter(&fake.url);
        let answers = Answers { door: door.clone(), discord: Arc::clone(&discord) };
        let stop = CancellationToken::new();
        let runs = tokio::spawn(Gateway::new(Arc::new(answers), Arc::new(NoChance)).run(stop.clone()));
        Self { fake, gateway, door, discord, stop, runs }
    }

    async fn down(self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.runs).await.expect("it stops").unwrap();
    }
}

#[tokio::test]
async fn words_are_dealt_with_in_order_and_once() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    for n in 1..=20 {
        set.gateway.happens("MESSAGE_CREATE", direct(n, &format!("word {n}")));
        if n % 3 == 0 {
            set.gateway.again();
        }
    }
    // Our own words, other programs', and what nobody said to us are left alone.
    let mut others = direct(50, "not for us");
    others["guild_id"] = "7".into();
    set.gateway.happens("MESSAGE_CREATE", others);
    let mut ours = direct(51, "ours");
    ours["author"] = json!({ "id": "1", "bot": true });
    set.gateway.happens("MESSAGE_CREATE", ours);
    set.gateway.happens("SOMETHING_NEW", json!({ "unheard": ["of"] }));
    set.gateway.happens("MESSAGE_CREATE", direct(21, "word 21"));
    set.door.wait(21).await;
    let expected: Vec<String> = (1..=21).map(|n| format!("word {n}")).collect();
    assert_eq!(set.door.words(), expected);
    assert_eq!(set.discord.connection(), Connection::Up);
    let first = &set.door.dealt()[0];
    assert!(first.private && first.once == "m1" && first.back.ticket.is_none());
    set.down().await;
}

#[tokio::test]
async fn a_lost_connection_is_resumed_and_nothing_is_missed() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    set.gateway.happens("MESSAGE_CREATE", direct(1, "one"));
    set.door.wait(1).await;
    set.gateway.breaks();
    set.gateway.happens_unheard("MESSAGE_CREATE", direct(2, "two"));
    set.door.wait(2).await;
    for (code, n) in [(4_000, 3), (4_008, 4)] {
        let resumed = set.gateway.heard(6);
        set.gateway.closes(code);
        set.gateway.wait(6, resumed + 1).await;
        set.gateway.happens("MESSAGE_CREATE", direct(n, "more"));
        set.door.wait(n as usize).await;
    }
    set.gateway.says(json!({ "op": 7 }));
    set.gateway.wait(6, 4).await;
    set.gateway.happens("MESSAGE_CREATE", direct(5, "five"));
    assert_eq!(set.door.wait(5).await.len(), 5);
    assert_eq!(set.gateway.heard(2), 1, "one session all the time");
    set.down().await;
}

#[tokio::test]
async fn what_was_not_kept_is_asked_for_again() {
    let set = Set::with(|_, _, door| *door.down.lock().unwrap() = 4).await;
    set.gateway.wait(2, 1).await;
    set.gateway.happens("MESSAGE_CREATE", direct(1, "one"));
    set.gateway.happens("MESSAGE_CREATE", direct(2, "two"));
    set.door.wait(2).await;
    assert_eq!(set.door.words(), ["one", "two"]);
    set.down().await;
}

#[tokio::test]
async fn what_cannot_be_kept_at_all_is_told() {
    let set = Set::with(|_, _, door| *door.down.lock().unwrap() = 9).await;
    set.gateway.wait(2, 1).await;
    set.gateway.happens("MESSAGE_CREATE", direct(1, "one"));
    set.gateway.happens("MESSAGE_CREATE", direct(2, "two"));
    set.door.wait(1).await;
    assert_eq!(set.door.words(), ["two"]);
    let told = &set.fake.messages("90009")[0]["embeds"][0]["title"];
    assert_eq!(told, "I could not note down your last message");
    set.down().await;
}

#[tokio::test]
async fn a_session_that_is_forgotten_begins_anew() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    set.gateway.manners.lock().unwrap().forgets = true;
    set.gateway.breaks();
    set.gateway.wait(2, 2).await;
    set.gateway.happens("MESSAGE_CREATE", direct(1, "one"));
    set.door.wait(1).await;
    set.gateway.closes(4_009);
    set.gateway.wait(2, 3).await;
    assert_eq!(set.gateway.heard(6), 1, "a session that timed out is not resumed");
    set.down().await;
}

#[tokio::test]
async fn heartbeats_carry_what_was_heard_and_silence_is_a_lost_connection() {
    let set = Set::with(|_, gateway, _| {
        let mut manners = gateway.manners.lock().unwrap();
        manners.heartbeat = 100;
        manners.answers_heartbeats = false;
    })
    .await;
    set.gateway.wait(1, 1).await;
    set.gateway.wait(6, 1).await;
    set.gateway.manners.lock().unwrap().answers_heartbeats = true;
    set.gateway.wait(6, 1).await;
    set.gateway.says(json!({ "op": 1 }));
    set.gateway.happens("MESSAGE_CREATE", direct(1, "one"));
    set.door.wait(1).await;
    let beats = set.gateway.heard(1);
    let beat = set.gateway.wait(1, beats + 2).await;
    assert!(beat["d"].as_u64().is_some_and(|seq| seq >= 1), "{beat}");
    set.down().await;
}

#[tokio::test]
async fn where_connecting_is_of_no_use_it_ends_and_says_what_to_do() {
    for (code, says) in [(4_004, "discord.token"), (4_014, "4014"), (4_011, "Public Bot")] {
        let set = Set::with(|_, gateway, _| gateway.manners.lock().unwrap().refuses = Some(code)).await;
        tokio::time::timeout(LONG, set.runs).await.expect("it ends by itself").unwrap();
        let Connection::Dead(why) = set.discord.connection() else { panic!("{code}") };
        assert!(why.contains(says), "{why}");
        assert_eq!(set.gateway.heard(2), 1, "tried once");
    }
    let unauthorized = Fault::Answer(401, &[], r#"{"code":0,"message":"401: Unauthorized"}"#);
    let set = Set::with(|fake, _, _| fake.fail("GET /gateway/bot", unauthorized)).await;
    tokio::time::timeout(LONG, set.runs).await.expect("it ends by itself").unwrap();
    assert!(matches!(set.discord.connection(), Connection::Dead(_)));
    // Anything else is tried again.
    let set = Set::with(|fake, _, _| {
        fake.fail("GET /gateway/bot", Fault::Answer(503, &[], ""));
        fake.fail("GET /gateway/bot", Fault::DoneThenBroken);
    })
    .await;
    set.gateway.wait(2, 1).await;
    set.down().await;
}

#[tokio::test]
async fn a_strangers_gateway_gets_no_token() {
    let set = Set::with(|fake, _, _| fake.held.lock().unwrap().gateway = "wss://gateway.evil.example/".into()).await;
    // A stand-in for Discord on this machine may name any encrypted gateway, but none in the clear elsewhere.
    set.fake.held.lock().unwrap().gateway = "ws://192.0.2.1/".into();
    set.fake.wait("GET /gateway/bot", 3).await;
    assert_eq!(set.gateway.heard(2), 0);
    set.down().await;
}

#[tokio::test]
async fn a_click_is_kept_put_off_dealt_with_and_drawn() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    set.door.answers(Now::Replace(Box::new(Card::note("Approved"))));
    set.gateway.happens("INTERACTION_CREATE", click(100, "a0:TOK"));
    let drawn = set.fake.wait("PATCH /webhooks/1/ticket.100/messages/@original", 1).await;
    assert_eq!(drawn[0].body["embeds"][0]["title"], "Approved");
    assert_eq!(set.fake.called("POST /interactions/100")[0].body, json!({ "type": 6 }));
    let dealt = set.door.dealt();
    let What::Clicked { token, on, .. } = &dealt[0].what else { panic!() };
    assert_eq!((token.0.as_str(), on.as_ref().unwrap().message.as_str()), ("TOK", "66"));

    // Delivered again: nothing is answered, nothing is done.
    set.gateway.again();
    set.door.answers(Now::Whisper {
        note: Box::new(Card::note("You may not")),
        fresh: Some(Box::new(Card::note("Decided already"))),
    });
    set.gateway.happens("INTERACTION_CREATE", click(101, "c0:TOK"));
    let drawn = set.fake.wait("PATCH /webhooks/1/ticket.101/messages/@original", 1).await;
    assert_eq!(drawn[0].body["embeds"][0]["title"], "Decided already");
    let told = set.fake.called("POST /webhooks/1/ticket.101");
    assert_eq!(
        (told.len(), &told[0].body["flags"], &told[0].body["embeds"][0]["title"]),
        (1, &json!(64), &json!("You may not"))
    );
    assert_eq!(set.door.dealt().len(), 2);
    assert_eq!(set.fake.called("POST /interactions/100").len(), 1);
    set.down().await;
}

#[tokio::test]
async fn a_form_is_the_first_answer_and_changes_nothing() {
    let set = Set::up().await;
    let input = |id: &str, kind| Input {
        id: id.into(),
        label: "Why?".into(),
        required: true,
        max: 400,
        value: String::new(),
        kind,
    };
    let choice = InputKind::Select { options: vec![("a".into(), "A".into())] };
    let form = Form {
        title: "Deny".into(),
        inputs: vec![input("reason", InputKind::Lines), input("how", choice)],
        send: "Deny".into(),
    };
    let mut asks = button("SURE");
    asks.confirm = Some("Really?".into());
    let mut denies = button("DENY");
    denies.form = Some(form);
    {
        let mut forms = set.door.forms.lock().unwrap();
        forms.insert("DENY".into(), Ok(denies));
        forms.insert("SURE".into(), Ok(asks));
        forms.insert("BARE".into(), Ok(button("BARE")));
        forms.insert("LATE".into(), Err(Box::new(Card::note("Decided by Bo"))));
    }
    set.gateway.wait(2, 1).await;
    set.gateway.happens("INTERACTION_CREATE", click(100, "f0:DENY"));
    let modal = set.fake.wait("POST /interactions/100", 1).await[0].body.clone();
    assert_eq!((&modal["type"], &modal["data"]["custom_id"]), (&json!(9), &json!("s0:DENY")));
    set.gateway.happens("INTERACTION_CREATE", click(101, "q1:SURE"));
    let question = set.fake.wait("POST /interactions/101", 1).await[0].body.clone();
    assert_eq!((&question["type"], &question["data"]["flags"]), (&json!(4), &json!(64)));
    assert_eq!(question["data"]["components"][0]["components"][0]["custom_id"], "a0:SURE");
    set.gateway.happens("INTERACTION_CREATE", click(102, "f0:LATE"));
    let late = set.fake.wait("POST /interactions/102", 1).await[0].body.clone();
    assert_eq!((&late["data"]["flags"], &late["data"]["embeds"][0]["title"]), (&json!(64), &json!("Decided by Bo")));
    set.gateway.happens("INTERACTION_CREATE", click(103, "foreign"));
    assert_eq!(set.fake.wait("POST /interactions/103", 1).await[0].body["type"], 4);
    assert!(set.door.dealt().is_empty(), "nothing was kept so far");
    // A button that has lost its form is a click.
    set.gateway.happens("INTERACTION_CREATE", click(104, "f0:BARE"));
    assert_eq!(set.fake.wait("POST /interactions/104", 1).await[0].body, json!({ "type": 6 }));

    // The form comes back, with a field of a kind that serenity's types refuse.
    let mut sent = click(105, "");
    sent["type"] = 5.into();
    sent["data"] = json!({ "custom_id": "s0:DENY", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "reason", "value": "not now" }] },
        { "type": 18, "component": { "type": 3, "custom_id": "how", "values": ["a"] } },
    ] });
    set.gateway.happens("INTERACTION_CREATE", sent);
    let dealt = set.door.wait(2).await;
    let What::Clicked { fields, .. } = &dealt[1].what else { panic!() };
    assert_eq!((fields["reason"].as_str(), fields["how"].as_str()), ("not now", "a"));
    // The question's own button: what comes of it stands where the question stood.
    set.door.answers(Now::Whisper { note: Box::new(Card::note("Done")), fresh: None });
    let mut yes = click(106, "a0:SURE");
    yes["message"]["flags"] = 64.into();
    set.gateway.happens("INTERACTION_CREATE", yes);
    let drawn = set.fake.wait("PATCH /webhooks/1/ticket.106/messages/@original", 1).await;
    assert_eq!(drawn[0].body["embeds"][0]["title"], "Done");
    set.down().await;
}

#[tokio::test]
async fn a_command_is_answered_where_only_its_sender_sees_it() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    set.door.answers(Now::Whisper { note: Box::new(Card::note("I have answered you in private")), fresh: None });
    set.gateway.happens("INTERACTION_CREATE", slash(100, "VPN please"));
    let drawn = set.fake.wait("PATCH /webhooks/1/ticket.100/messages/@original", 1).await;
    assert_eq!(drawn[0].body["embeds"][0]["title"], "I have answered you in private");
    assert_eq!(set.fake.called("POST /interactions/100")[0].body, json!({ "type": 5, "data": { "flags": 64 } }));
    assert_eq!(set.door.words(), ["VPN please"]);
    assert!(!set.door.dealt()[0].private);
    // In private the answer is a message of its own, so nothing is left standing.
    let mut alone = slash(101, "what do I have?");
    alone.as_object_mut().unwrap().remove("guild_id");
    alone["context"] = 1.into();
    set.gateway.happens("INTERACTION_CREATE", alone);
    set.fake.wait("DELETE /webhooks/1/ticket.101/messages/@original", 1).await;
    // Another server's people are known as such.
    let mut foreign = slash(102, "let me in");
    foreign["guild_id"] = "70".into();
    set.gateway.happens("INTERACTION_CREATE", foreign);
    assert_eq!(set.door.wait(3).await[2].standing, Some(Standing::Foreign));
    // What cannot be kept is said at once, and nobody has to guess.
    *set.door.down.lock().unwrap() = 1;
    set.gateway.happens("INTERACTION_CREATE", slash(103, "again"));
    let said = set.fake.wait("POST /interactions/103", 1).await[0].body.clone();
    assert_eq!((&said["type"], &said["data"]["flags"]), (&json!(4), &json!(64)));
    assert_eq!(said["data"]["embeds"][0]["title"], "I cannot note anything down just now.");
    // Proposals while somebody types.
    let mut typing = slash(104, "sales");
    typing["type"] = 4.into();
    set.gateway.happens("INTERACTION_CREATE", typing);
    let proposed = set.fake.wait("POST /interactions/104", 1).await[0].body.clone();
    assert_eq!((&proposed["type"], proposed["data"]["choices"].as_array().unwrap().len()), (&json!(8), 25));
    assert_eq!(set.door.dealt().len(), 3);
    set.down().await;
}

#[tokio::test]
async fn called_by_name_on_a_server_the_answer_is_pointed_to_and_not_said_twice() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    let called = |number: u64| {
        let mut message = direct(number, "<@1> what do I have?");
        message["guild_id"] = "7".into();
        message["channel_id"] = "8".into();
        message["mentions"] = json!([{ "id": "1", "username": "claviger", "bot": true }]);
        message
    };
    set.door.answers(Now::Whisper { note: Box::new(Card::note(ANSWERED_APART)), fresh: None });
    set.gateway.happens("MESSAGE_CREATE", called(66));
    let told = set.fake.wait("POST /channels/8/messages", 1).await;
    assert_eq!(told[0].body["message_reference"]["message_id"], "66");
    assert_eq!(told[0].body["embeds"][0]["title"], "My answer comes as a direct message");
    // A refusal is for them alone.
    set.door.answers(Now::Whisper { note: Box::new(Card::note("I do not know who you are here")), fresh: None });
    set.gateway.happens("MESSAGE_CREATE", called(67));
    set.fake.wait("POST /channels/90009/messages", 1).await;
    let titles = |channel: &str| -> Vec<String> {
        set.fake.messages(channel).iter().map(|m| m["embeds"][0]["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("90009"), ["I do not know who you are here"], "the answer itself is all that stands there");
    assert_eq!(titles("8"), ["My answer comes as a direct message"]);
    // A job that comes late says it no second time either.
    let back = set.door.dealt()[0].back.clone();
    set.discord.whisper(&back, &Card::note(ANSWERED_APART)).await.unwrap();
    assert_eq!(titles("90009").len(), 1);
    set.down().await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_finds_another_way() {
    let set = Set::up().await;
    set.gateway.wait(2, 1).await;
    let expired = Fault::Answer(404, &[], r#"{"code":10062,"message":"Unknown interaction"}"#);
    set.fake.fail("POST /interactions/100", expired.clone());
    set.door.answers(Now::Whisper { note: Box::new(Card::note("You may not")), fresh: None });
    set.gateway.happens("INTERACTION_CREATE", click(100, "a0:TOK"));
    let told = set.fake.wait("POST /channels/90009/messages", 1).await;
    assert_eq!(told[0].body["embeds"][0]["title"], "You may not");
    // Trouble on the way is tried again; a limit is waited for.
    set.door.answers(Now::Replace(Box::new(Card::note("Approved"))));
    set.fake.fail("PATCH /webhooks/1/ticket.101", Fault::Answer(500, &[], ""));
    set.fake.fail("PATCH /webhooks/1/ticket.101", Fault::Answer(429, &[("retry-after", "0.01")], "{}"));
    set.gateway.happens("INTERACTION_CREATE", click(101, "a0:TOK"));
    set.fake.wait("PATCH /webhooks/1/ticket.101", 3).await;
    set.down().await;
}

#[tokio::test]
async fn two_processes_that_hear_the_same_do_it_once() {
    let set = Set::up().await;
    let other = adapter(&set.fake.url);
    let answers = Answers { door: set.door.clone(), discord: Arc::clone(&other) };
    let stop = CancellationToken::new();
    let runs = tokio::spawn(Gateway::new(Arc::new(answers), Arc::new(NoChance)).run(stop.clone()));
    set.gateway.wait(2, 2).await;
    let mut form = button("FORM");
    form.confirm = Some("Sure?".into());
    set.door.forms.lock().unwrap().insert("FORM".into(), Ok(form));
    for n in 0..20 {
        set.door.answers(Now::Replace(Box::new(Card::note("Approved"))));
        set.gateway.happens("INTERACTION_CREATE", click(200 + n, "a0:TOK"));
        set.gateway.again();
    }
    set.gateway.happens("INTERACTION_CREATE", click(300, "q0:FORM"));
    set.door.wait(20).await;
    set.fake.wait("PATCH /webhooks/1/", 20).await;
    set.fake.wait("POST /interactions/300", 2).await;
    for n in 1..=20 {
        set.gateway.happens("MESSAGE_CREATE", direct(n, "word"));
    }
    set.door.wait(40).await;
    stop.cancel();
    tokio::time::timeout(LONG, runs).await.expect("it stops").unwrap();
    let (fake, door) = (set.fake.called("PATCH /webhooks/1/").len(), set.door.dealt().len());
    assert_eq!((fake, door, set.fake.called("POST /interactions/2").len()), (20, 40, 20));
    set.down().await;
}
