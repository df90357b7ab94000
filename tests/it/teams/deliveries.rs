//! What becomes of deliveries: kept, dealt with once, answered in Teams' way.

use axum::http::StatusCode;
use claviger::domain::account::PlatformId;
use claviger::domain::action::{ActionToken, Verb};
use claviger::domain::card::{Button, Card, Style};
use claviger::ports::desk::DeskErrorKind;
use claviger::ports::surface::{ANSWERED_APART, ChatSurface as _, Now, What};
use claviger::ports::whereabouts::WhereaboutsBook as _;
use serde_json::{Value, json};

use crate::teams::world::{ANA, APP, World, ana, id};

const CHANNEL: &str = "19:approvals@thread.tacv2";

fn click(more: Value) -> Value {
    let mut invoke = json!({
        "type": "invoke", "name": "adaptiveCard/action", "id": "f:click", "replyToId": "m1",
        "value": { "action": { "type": "Action.Execute", "verb": "approve", "data": { "token": "T".repeat(64) } }, "trigger": "manual" },
    });
    for (key, value) in more.as_object().unwrap() {
        invoke[key] = value.clone();
    }
    invoke
}

/// What stands on a message, as far as a test asks.
fn headline(message: &Value) -> &str {
    message["attachments"][0]["content"]["body"][0]["text"].as_str().unwrap()
}

async fn posted(w: &World) -> claviger::domain::account::Posted {
    let place = w.teams.direct(&ana()).await.unwrap();
    w.teams.post(&place, &Card::note("Waiting"), "once").await.unwrap()
}

#[tokio::test]
async fn words_are_kept_once_and_their_author_is_found_again() {
    let w = World::start().await;
    for _ in 0..3 {
        assert_eq!(w.deliver(json!({ "text": "I need <b> sales" })).await, (StatusCode::OK, Value::Null));
    }
    let taken = w.door.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].what, What::Said { words: "I need <b> sales".into() });
    assert!(taken[0].private);
    let place = w.teams.direct(&ana()).await.unwrap();
    assert_eq!((place.channel.as_str(), place.via.as_deref()), ("a:ana", Some(w.connector.service().as_str())));
    assert_eq!(w.connector.calls().len(), 0, "nothing had to be opened");
    // From a channel only the person's other id is learned; the personal chat stays known.
    let talk = json!({ "id": format!("{CHANNEL};messageid=1"), "conversationType": "channel" });
    w.deliver(
        json!({ "id": "f:2", "text": "x", "conversation": talk, "from": { "id": "29:new", "aadObjectId": ANA } }),
    )
    .await;
    let known = w.book.whereabouts(&ana()).await.unwrap().unwrap();
    assert_eq!((known.native.unwrap().as_str(), known.direct.unwrap().as_str()), ("29:new", "a:ana"));
}

#[tokio::test]
async fn what_could_not_be_kept_comes_again() {
    let mut w = World::start().await;
    *w.door.shut.lock().unwrap() = Some(DeskErrorKind::Unavailable);
    assert_eq!(w.deliver(json!({ "text": "hi" })).await.0, StatusCode::SERVICE_UNAVAILABLE);
    let (status, body) = w.deliver(click(json!({}))).await;
    assert_eq!((status, &body["statusCode"]), (StatusCode::OK, &json!(500)));
    *w.door.shut.lock().unwrap() = Some(DeskErrorKind::Invalid);
    assert_eq!(w.deliver(json!({ "text": "hi" })).await.0, StatusCode::OK, "coming again would not help");
    let calls = w.calls(1).await;
    assert_eq!(headline(&calls[0].1), "Not now.", "so they are told");
    *w.door.shut.lock().unwrap() = None;
    assert_eq!(w.deliver(json!({ "text": "hi" })).await.0, StatusCode::OK);
    assert_eq!(w.door.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn execute_is_answered_with_the_card_and_everybody_else_gets_it_too() {
    let mut w = World::start().await;
    w.deliver(json!({ "text": "hi" })).await;
    let on = posted(&w).await;
    w.door.answers.lock().unwrap().extend([Now::Nothing, Now::Replace(Box::new(Card::note("Approved")))]);
    // The first answer was for the words, if they were dealt with only now.
    while w.door.dealt.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    w.door.answers.lock().unwrap().retain(|now| *now != Now::Nothing);
    let (status, body) = w.deliver(click(json!({ "replyToId": on.message.as_str() }))).await;
    assert_eq!((status, &body["statusCode"]), (StatusCode::OK, &json!(200)));
    assert_eq!(body["type"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(body["value"]["body"][0]["text"], "Approved");
    let calls = w.calls(2).await;
    assert_eq!(calls[1].0, format!("PUT a:ana activities {}", on.message));
    assert_eq!(headline(&calls[1].1), "Approved");
    // The same click delivered again does nothing.
    let (_, body) = w.deliver(click(json!({ "replyToId": on.message.as_str() }))).await;
    assert_eq!(body["type"], "application/vnd.microsoft.activity.message");
    assert_eq!(w.door.taken.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_click_too_late_is_told_the_clicker_and_the_card_is_put_right() {
    let mut w = World::start().await;
    let on = {
        w.deliver(json!({ "type": "conversationUpdate" })).await;
        posted(&w).await
    };
    w.door.answers.lock().unwrap().push_back(Now::Whisper {
        note: Box::new(Card::note("Already decided by Ben").para("Nothing was done.")),
        fresh: Some(Box::new(Card::note("Approved by Ben"))),
    });
    let (_, body) = w.deliver(click(json!({ "replyToId": on.message.as_str() }))).await;
    assert_eq!(body["value"], "Already decided by Ben. Nothing was done.");
    let calls = w.calls(2).await;
    assert_eq!(headline(&calls[1].1), "Approved by Ben");
}

#[tokio::test]
async fn submit_is_taken_and_the_card_is_put() {
    let mut w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    let on = posted(&w).await;
    w.door.answers.lock().unwrap().push_back(Now::Replace(Box::new(Card::note("Denied"))));
    let value = json!({ "token": "T".repeat(64), "form": 1, "1.reason": "too wide" });
    let (status, body) = w.deliver(json!({ "text": null, "value": value, "replyToId": on.message.as_str() })).await;
    assert_eq!((status, body), (StatusCode::OK, Value::Null));
    assert_eq!(headline(&w.calls(2).await[1].1), "Denied");
    let What::Clicked { token, fields, .. } = w.door.taken.lock().unwrap()[0].what.clone() else { panic!() };
    assert_eq!((token.0.len(), fields["reason"].as_str()), (64, "too wide"));
}

#[tokio::test]
async fn in_a_channel_the_answer_goes_to_their_own_chat_and_only_that_is_said_aloud() {
    let mut w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    let apart = || Now::Whisper { note: Box::new(Card::note(ANSWERED_APART)), fresh: None };
    w.door.answers.lock().unwrap().push_back(apart());
    let talk = json!({ "id": format!("{CHANNEL};messageid=77"), "conversationType": "channel" });
    let mention =
        json!([{ "type": "mention", "mentioned": { "id": format!("28:{APP}") }, "text": "<at>Claviger</at>" }]);
    let words = json!({ "text": "<at>Claviger</at> what do I have?", "conversation": talk, "entities": mention });
    w.deliver(words.clone()).await;
    let calls = w.calls(1).await;
    assert_eq!(calls[0].0, format!("POST {CHANNEL};messageid=77 activities"));
    assert_eq!(calls[0].1["text"], "I answered you in our own chat.");
    // A refusal is told alone; aloud there is no word of it.
    w.door
        .answers
        .lock()
        .unwrap()
        .push_back(Now::Whisper { note: Box::new(Card::note("I do not know who you are here")), fresh: None });
    let mut again = words;
    again["id"] = "f:2".into();
    w.deliver(again).await;
    let calls = w.calls(3).await;
    assert_eq!(
        (calls[1].0.as_str(), headline(&calls[1].1)),
        ("POST a:ana activities", "I do not know who you are here")
    );
    assert!(!calls[2].1.to_string().contains("do not know"));
    // A job that comes late does not say beside the answer that there is one.
    let back = w.door.taken.lock().unwrap()[0].back.clone();
    w.teams.whisper(&back, &Card::note(ANSWERED_APART)).await.unwrap();
    assert!(w.connector.messages().values().all(|m| !m.to_string().contains(ANSWERED_APART)));
}

/// A message as the connector has it.
fn standing(w: &World, id: &PlatformId) -> Value {
    let found = w.connector.messages().into_iter().find(|(name, _)| name.ends_with(id.as_str()));
    found.expect("it stands there").1
}

/// An answer of the helpdesk's with two receipts and a link to a request.
fn answered(by_model: bool) -> Card {
    use claviger::domain::card::{Inline, Section, TimelineEntry, text};
    let mut card = Card::note("Why you could not sign in").para("Your password was refused twice.");
    let entry = |minute: u8| TimelineEntry {
        at: format!("2026-11-19T10:0{minute}:00Z").parse().unwrap(),
        shown: format!("Thu 19 Nov 2026, 10:0{minute} (UTC)"),
        text: text(format!("Entra · event-{minute}")),
    };
    card.body.push(Section::Timeline { entries: vec![entry(1), entry(2)] });
    card.footer = Some(vec![Inline::Link { text: "R-7F3A".into(), path: "/requests/r_7f3a".into() }]);
    let button = |verb, label: &str| Button {
        verb,
        label: label.into(),
        style: Style::Plain,
        token: ActionToken("T".repeat(64)),
        confirm: None,
        form: None,
    };
    card.actions = vec![button(Verb::Helped, "That helped"), button(Verb::NotHelped, "It didn't")];
    if by_model { card.by_model() } else { card }
}

#[tokio::test]
async fn what_an_answer_rests_on_is_cited_by_number_and_only_a_models_words_are_labelled() {
    let w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    let place = w.teams.direct(&ana()).await.unwrap();
    for by_model in [false, true] {
        let on = w.teams.post(&place, &answered(by_model), "").await.unwrap();
        let message = standing(&w, &on.message);
        assert_eq!(message["entities"].as_array().unwrap().len(), 1, "one of its kind");
        let entity = &message["entities"][0];
        assert_eq!(entity.get("additionalType").is_some(), by_model);
        let claims = entity["citation"].as_array().unwrap();
        let content = message["attachments"][0]["content"].to_string();
        for (n, claim) in claims.iter().enumerate() {
            assert_eq!(claim["position"], n + 1);
            assert_eq!(content.matches(&format!(" [{}]\"", n + 1)).count(), 1, "the text refers to it once: {content}");
        }
        let names: Vec<&str> = claims.iter().map(|c| c["appearance"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Thu 19 Nov 2026, 10:01 (UTC)", "Thu 19 Nov 2026, 10:02 (UTC)", "R-7F3A"]);
        assert!(claims[2]["appearance"]["url"].as_str().unwrap().ends_with("/requests/r_7f3a"));
    }
    // A request's own card has a story, and cites nothing.
    let mut card = answered(false);
    card.actions.clear();
    let on = w.teams.post(&place, &card, "").await.unwrap();
    let message = standing(&w, &on.message);
    assert!(message.get("entities").is_none() && !message.to_string().contains("[1]"), "{message:#}");
}

#[tokio::test]
async fn a_new_place_is_greeted_once() {
    let mut w = World::start().await;
    for _ in 0..3 {
        w.deliver(json!({ "type": "installationUpdate", "action": "add" })).await;
    }
    w.deliver(json!({ "type": "installationUpdate", "action": "remove", "id": "f:2" })).await;
    let talk = json!({ "id": CHANNEL, "conversationType": "channel" });
    w.deliver(json!({ "type": "installationUpdate", "action": "add", "id": "f:3", "conversation": talk })).await;
    let calls = w.calls(2).await;
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().any(|(call, _)| call == "POST a:ana activities"));
    assert!(
        calls
            .iter()
            .any(|(call, body)| call.starts_with("POST 19:") && body["text"].as_str().unwrap().contains("Mention me"))
    );
}

#[tokio::test]
async fn a_thumb_presses_the_button_that_says_the_same() {
    let w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    let button = |verb, label: &str, token: &str| Button {
        verb,
        label: label.into(),
        style: Style::Plain,
        token: ActionToken(token.repeat(64)),
        confirm: None,
        form: None,
    };
    let mut card = Card::note("Why you were locked out").by_model();
    card.actions = vec![button(Verb::Helped, "That helped", "Y"), button(Verb::NotHelped, "It didn't", "N")];
    let place = w.teams.direct(&ana()).await.unwrap();
    let on = w.teams.post(&place, &card, "").await.unwrap();
    let message = w.connector.messages().into_values().next().unwrap();
    assert_eq!(message["channelData"]["feedbackLoop"]["type"], "default");
    assert_eq!(message["entities"][0]["additionalType"][0], "AIGeneratedContent");
    let thumb = |reaction: &str, on: &PlatformId, n: u8| {
        let value = json!({ "actionName": "feedback", "actionValue": { "reaction": reaction, "feedback": "{\"feedbackText\":\"\"}" } });
        json!({ "type": "invoke", "name": "message/submitAction", "id": format!("f:t{n}"), "replyToId": on.as_str(), "value": value })
    };
    assert_eq!(w.deliver(thumb("dislike", &on.message, 1)).await, (StatusCode::OK, json!({})));
    let What::Clicked { token, .. } = w.door.taken.lock().unwrap()[0].what.clone() else { panic!() };
    assert_eq!(token.0, "N".repeat(64));
    // Under something else a thumb is thanked for and does nothing.
    assert_eq!(w.deliver(thumb("like", &id("m999"), 2)).await, (StatusCode::OK, json!({})));
    assert_eq!(w.door.taken.lock().unwrap().len(), 1);
    assert_eq!(w.deliver(json!({ "type": "invoke", "name": "task/fetch" })).await.0, StatusCode::NOT_IMPLEMENTED);
}
