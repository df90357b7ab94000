//! Windows: opened within three seconds, filled when it is known with what, and what happens when they are sent.

use claviger::chat::slack::receive::{Incoming as Raw, unpack};
use claviger::chat::slack::reception::Answer;
use claviger::domain::action::{ActionToken, Verb};
use claviger::domain::card::{Button, Card, Form, Input, InputKind, Style};
use claviger::ports::desk::Mine;
use claviger::ports::surface::{Now, What};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::slack_platform::Bench;

fn raw(payload: Value) -> Raw {
    unpack("interactive", payload).unwrap()
}

fn deny() -> Button {
    Button {
        verb: Verb::Deny,
        label: "Deny".into(),
        style: Style::Danger,
        token: ActionToken("TOKEN".into()),
        confirm: None,
        form: Some(Form {
            title: "Deny with a reason".into(),
            inputs: vec![Input {
                id: "reason".into(),
                label: "Reason".into(),
                required: true,
                max: 400,
                value: String::new(),
                kind: InputKind::Lines,
            }],
            send: "Deny".into(),
        }),
    }
}

fn click(trigger: &str, on: Value) -> Value {
    json!({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": trigger,
        "container": on, "channel": {"id": "C1"},
        "actions": [{"action_id": "deny.3.1.form", "value": "TOKEN", "action_ts": "77.1"}],
    })
}

fn message() -> Value {
    json!({"type": "message", "message_ts": "1.5", "channel_id": "C1"})
}

/// The window as its sender's platform would send it.
fn submitted(view: &Value, reason: &str, trigger: &str) -> Value {
    let mut view = view.clone();
    view["id"] = "V1".into();
    view["hash"] = "h".into();
    view["state"] = json!({"values": {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}});
    json!({"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": trigger, "view": view})
}

/// The form is open; answers with its view.
async fn opened(b: &Bench) -> Value {
    *b.door.form.lock().unwrap() = Ok(deny());
    let answer = b.reception.receive(raw(click(&b.fake.trigger(), message()))).await;
    assert_eq!(answer, Answer::Empty);
    b.reception.finish().await;
    let id = b.fake.calls("views.update")[0]["view_id"].as_str().unwrap().to_owned();
    b.fake.view(&id).unwrap()
}

#[tokio::test]
async fn a_waiting_window_is_opened_at_once_and_becomes_the_form() {
    let b = Bench::new().await;
    let view = opened(&b).await;
    assert_eq!(b.fake.calls("views.open")[0]["view"]["callback_id"], "waiting");
    assert_eq!(view["callback_id"], "form");
    assert!(b.fake.calls("views.update")[0]["hash"].is_string(), "not over what somebody else drew");
    assert!(b.door.dealt().is_empty(), "opening changes nothing");
}

#[tokio::test]
async fn a_sent_form_is_a_click_with_what_was_filled_in() {
    let b = Bench::new().await;
    let view = opened(&b).await;
    let answer = b.reception.receive(raw(submitted(&view, "too wide", "t1"))).await;
    assert_eq!(answer, Answer::Empty, "the window closes");
    b.reception.finish().await;
    let dealt = b.door.dealt();
    let What::Clicked { token, fields, on } = &dealt[0].what else { panic!() };
    assert_eq!((token.0.as_str(), fields["reason"].as_str()), ("TOKEN", "too wide"));
    assert_eq!(on.as_ref().unwrap().message.as_str(), "1.5");
    assert!(!dealt[0].private);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_the_field_and_a_correction_counts() {
    let b = Bench::new().await;
    let view = opened(&b).await;
    let note = Card::note("Please say a little more").para("Five words are enough.");
    b.door.says(Now::Whisper { note: Box::new(note), fresh: None });
    let answer = b.reception.receive(raw(submitted(&view, "no", "t1"))).await;
    let expected =
        json!({"response_action": "errors", "errors": {"reason": "Please say a little more. Five words are enough."}});
    assert_eq!(answer, Answer::Json(expected));
    b.reception.finish().await;
    assert!(b.fake.whispers("U1").is_empty(), "it is said once");
    b.door.says(Now::Nothing);
    assert_eq!(b.reception.receive(raw(submitted(&view, "no, too wide", "t2"))).await, Answer::Empty);
    // The same delivery again is the same.
    assert_eq!(b.reception.receive(raw(submitted(&view, "no, too wide", "t2"))).await, Answer::Empty);
    b.reception.finish().await;
    assert_eq!(b.door.dealt().len(), 2);
}

#[tokio::test]
async fn somebody_was_faster_and_the_window_says_so() {
    let b = Bench::new().await;
    let view = opened(&b).await;
    let fresh = Some(Box::new(Card::note("Approved by Mara")));
    b.door.says(Now::Whisper { note: Box::new(Card::note("Already decided")), fresh });
    let Answer::Json(answer) = b.reception.receive(raw(submitted(&view, "x", "t1"))).await else { panic!() };
    assert_eq!(answer["response_action"], "update");
    assert_eq!(answer["view"]["blocks"][0]["text"]["text"], "Already decided");
    b.reception.finish().await;
    assert_eq!(b.fake.calls("chat.update").len(), 1, "and the message is drawn anew");
}

#[tokio::test]
async fn whoever_may_not_is_told_in_the_window() {
    let b = Bench::new().await;
    *b.door.form.lock().unwrap() = Err(Box::new(Card::note("Only Mara decides this")));
    b.reception.receive(raw(click(&b.fake.trigger(), message()))).await;
    b.reception.finish().await;
    let update = &b.fake.calls("views.update")[0];
    assert_eq!(update["view"]["blocks"][0]["text"]["text"], "Only Mara decides this");
    assert!(update["view"].get("submit").is_none());
}

#[tokio::test]
async fn a_ticket_that_died_is_told_and_not_lost_silently() {
    let b = Bench::new().await;
    let trigger = b.fake.trigger();
    b.clock.forward(SignedDuration::from_secs(4));
    b.reception.receive(raw(click(&trigger, message()))).await;
    b.reception.finish().await;
    assert_eq!(b.fake.whispers("U1")[0].body["blocks"][0]["text"]["text"], "That took too long");
    assert!(b.fake.calls("views.update").is_empty());
}

#[tokio::test]
async fn the_search_opens_by_shortcut_button_and_silent_command_and_is_said_to_us() {
    let b = Bench::new().await;
    let user = json!({"id": "U1", "team_id": "T1"});
    let shortcut = json!({"type": "shortcut", "callback_id": "open_picker", "team": {"id": "T1"}, "user": user, "trigger_id": b.fake.trigger()});
    b.reception.receive(raw(shortcut)).await;
    let command = json!({"command": "/access", "text": "", "user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": b.fake.trigger()});
    b.reception.receive(unpack("slash_commands", command).unwrap()).await;
    b.reception.finish().await;
    let views = b.fake.calls("views.open");
    assert_eq!(views.len(), 2);
    assert!(views.iter().all(|v| v["view"]["callback_id"] == "request"));
    let mut view = views[0]["view"].clone();
    view["state"] = json!({"values": {
        "what": {"what": {"type": "external_select", "selected_option": {"value": "crm.reader"}}},
        "until": {"until": {"type": "plain_text_input", "value": "Friday"}},
        "why": {"why": {"type": "plain_text_input", "value": null}},
    }});
    let sent = json!({"type": "view_submission", "team": {"id": "T1"}, "user": user, "trigger_id": "t", "view": view});
    b.reception.receive(raw(sent)).await;
    b.reception.finish().await;
    let dealt = b.door.dealt();
    assert_eq!(dealt[0].what, What::Said { words: "I need crm.reader until Friday".into() });
    assert_eq!((dealt[0].private, dealt[0].back.place.channel.as_str()), (true, "DU1"), "answered in our conversation");
}

#[tokio::test]
async fn the_start_page_is_shown_when_opened_and_after_what_was_done() {
    let b = Bench::new().await;
    let event = json!({"type": "event_callback", "event_id": "Ev1", "team_id": "T1",
        "event": {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "home"}});
    *b.door.home.lock().unwrap() = Ok((vec![Card::note("Mara asks")], Mine::default()));
    b.reception.receive(unpack("events_api", event).unwrap()).await;
    b.reception.finish().await;
    assert!(b.fake.homes("U1").unwrap().to_string().contains("Mara asks"));
    *b.door.home.lock().unwrap() = Ok((Vec::new(), Mine::default()));
    let mut payload = click("t", json!({"type": "view", "view_id": "V1"}));
    payload["actions"][0]["action_id"] = "approve.3.1".into();
    payload.as_object_mut().unwrap().remove("channel");
    b.reception.receive(raw(payload)).await;
    b.reception.finish().await;
    assert!(b.fake.homes("U1").unwrap().to_string().contains("Nothing waits for you"));
    use claviger::ports::surface::ChatSurface as _;
    let account = b.door.dealt()[0].back.account.clone();
    b.slack.start_page(&account, &[Card::note("Something new")], &Mine::default()).await.unwrap();
    assert!(b.fake.homes("U1").unwrap().to_string().contains("Something new"));
    let other = claviger::domain::account::Account {
        id: claviger::domain::account::PlatformId::parse("U2").unwrap(),
        ..account
    };
    b.slack.start_page(&other, &[], &Mine::default()).await.unwrap();
    assert_eq!(b.fake.homes("U2"), None, "a page nobody opened is left alone");
}

#[tokio::test]
async fn sharp_edge_9_words_to_begin_with_are_offered_without_a_thread() {
    let b = Bench::new().await;
    let event = json!({"type": "event_callback", "event_id": "Ev1", "team_id": "T1",
        "event": {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "messages"}});
    b.reception.receive(unpack("events_api", event).unwrap()).await;
    b.reception.finish().await;
    let calls = b.fake.calls("assistant.threads.setSuggestedPrompts");
    assert_eq!(calls[0]["channel_id"], "DU1");
    assert!(calls[0].get("thread_ts").is_none());
}
