//! Events: words in a direct message, a mention in a channel or thread, the start page opened.

use serde_json::Value;

use crate::chat::slack::identity::Own;
use crate::chat::slack::read::task::{Delivery, Task, once, text};
use crate::chat::slack::words::spoken;
use crate::domain::account::{Account, Place, PlatformId};
use crate::ports::surface::{Back, Incoming, Standing, What};

/// Kinds of messages that are somebody's words. Every other kind (edited, deleted, joined, a program's) is none.
const WORDS: &[&str] = &["", "file_share", "thread_broadcast", "me_message"];

/// Reads the envelope of an event. `id` is the event's id, which is the same at every retry.
#[must_use]
pub fn read(id: &str, body: &Value, own: &Own) -> Task {
    let Some(event) = body.get("event") else { return Task::Nothing("no event in it") };
    match text(event, "/type").unwrap_or_default() {
        "message" if is_direct(event) => said(id, body, event, own, true),
        "message" => Task::Nothing("a message of others"),
        // In a direct message the same words come as `message` already.
        "app_mention" if is_direct(event) => Task::Nothing("comes as a message, too"),
        "app_mention" => said(id, body, event, own, false),
        "app_home_opened" => home(body, event, own),
        "assistant_thread_started" => match text(event, "/assistant_thread/channel_id") {
            Some(channel) => Task::Prompts {
                channel: channel.to_owned(),
                thread: text(event, "/assistant_thread/thread_ts").map(str::to_owned),
            },
            None => Task::Nothing("no conversation in it"),
        },
        _ => Task::Nothing("not one of ours"),
    }
}

fn is_direct(event: &Value) -> bool {
    match text(event, "/channel_type") {
        Some(kind) => kind == "im",
        None => text(event, "/channel").is_some_and(|c| c.starts_with('D')),
    }
}

fn said(id: &str, body: &Value, event: &Value, own: &Own, private: bool) -> Task {
    if !WORDS.contains(&text(event, "/subtype").unwrap_or_default()) {
        return Task::Nothing("an edit or a notice");
    }
    let bot = text(event, "/bot_id");
    let user = text(event, "/user");
    if bot.is_some() || user == Some(own.user.as_str()) || event.get("bot_profile").is_some() {
        return Task::Nothing("said by a program");
    }
    let Some((account, standing)) = who(body, event, own) else { return Task::Nothing("nobody said it") };
    let (Some(channel), Some(ts)) = (id_at(event, "/channel"), text(event, "/ts")) else {
        return Task::Nothing("said nowhere");
    };
    let spoken = spoken(text(event, "/text").unwrap_or_default(), own.user.as_str());
    let place = Place { space: own.space().clone(), channel, thread: id_at(event, "/thread_ts"), via: None };
    let once = match id {
        "" => once("message", &[place.channel.as_str(), ts]),
        id => once("event", &[id]),
    };
    Task::Deliver(Box::new(Delivery {
        incoming: Incoming {
            once,
            back: Back { account, place, ticket: None },
            private,
            standing,
            what: What::Said { words: spoken.text },
        },
        people: spoken.people,
        window: None,
        unplaced: false,
    }))
}

fn home(body: &Value, event: &Value, own: &Own) -> Task {
    let Some((account, _)) = who(body, event, own) else { return Task::Nothing("nobody opened it") };
    if text(event, "/tab") == Some("messages") {
        return match text(event, "/channel") {
            Some(channel) => Task::Prompts { channel: channel.to_owned(), thread: None },
            None => Task::Nothing("no conversation in it"),
        };
    }
    let place = Place { space: own.space().clone(), channel: account.id.clone(), thread: None, via: None };
    Task::Home { back: Back { account, place, ticket: None } }
}

/// Whose event it is. `user_team` and `source_team` tell the author's workspace in shared channels.
fn who(body: &Value, event: &Value, own: &Own) -> Option<(Account, Option<Standing>)> {
    let user = id_at(event, "/user")?;
    let team = ["/user_team", "/source_team", "/user_profile/team"].iter().find_map(|p| text(event, p));
    let enterprise = text(event, "/user_profile/enterprise_id")
        .or_else(|| team.is_none().then(|| text(body, "/enterprise_id")).flatten());
    Some(own.account(user, team, enterprise))
}

fn id_at(value: &Value, pointer: &str) -> Option<PlatformId> {
    text(value, pointer).and_then(|t| PlatformId::parse(t).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own() -> Own {
        Own::read(&json!({"team_id": "T1", "user_id": "UBOT", "bot_id": "B1"})).unwrap()
    }

    fn event(event: Value) -> Task {
        let body = json!({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event});
        read("Ev1", &body, &own())
    }

    fn delivered(task: Task) -> Incoming {
        match task {
            Task::Deliver(delivery) => delivery.incoming,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_in_a_direct_message_are_private() {
        let message = json!({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "hello &amp; bye", "ts": "1.2"});
        let incoming = delivered(event(message));
        assert!(incoming.private);
        assert_eq!(incoming.what, What::Said { words: "hello & bye".into() });
        assert_eq!((incoming.back.account.space.as_str(), incoming.back.account.id.as_str()), ("T1", "U1"));
        assert_eq!(incoming.back.place.thread, None);
    }

    #[test]
    fn a_mention_is_taken_out_and_its_thread_kept() {
        let mention = json!({"type": "app_mention", "channel": "C1", "user": "U1", "text": "<@UBOT> who approves X?", "ts": "1.3", "thread_ts": "1.1"});
        let incoming = delivered(event(mention));
        assert!(!incoming.private);
        assert_eq!(incoming.what, What::Said { words: "who approves X?".into() });
        assert_eq!(incoming.back.place.thread.unwrap().as_str(), "1.1");
    }

    #[test]
    fn sharp_edge_2_a_retry_is_known_by_the_events_id_whatever_its_headers_say() {
        let message = json!({"type": "message", "channel": "D1", "user": "U1", "text": "a", "ts": "1.2"});
        let first = delivered(event(message.clone())).once;
        assert_eq!(first, delivered(event(message.clone())).once);
        let body = json!({"event": message});
        let other = read("Ev2", &body, &own());
        assert_ne!(first, delivered(other).once);
        let nameless = (read("", &body, &own()), read("", &body, &own()));
        assert_eq!(delivered(nameless.0).once, delivered(nameless.1).once);
    }

    #[test]
    fn our_own_and_changed_messages_are_not_heard() {
        let message =
            json!({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "a", "ts": "1.2"});
        for (key, value) in [
            ("subtype", json!("message_changed")),
            ("subtype", json!("message_deleted")),
            ("subtype", json!("bot_message")),
            ("bot_id", json!("B1")),
            ("bot_profile", json!({})),
            ("user", json!("UBOT")),
            ("user", Value::Null),
            ("channel_type", json!("channel")),
            ("channel", Value::Null),
        ] {
            let mut changed = message.clone();
            changed[key] = value.clone();
            assert!(matches!(event(changed), Task::Nothing(_)), "{key} {value}");
        }
        let mention = json!({"type": "app_mention", "channel": "D1", "user": "U1", "text": "<@UBOT> a", "ts": "1.2"});
        assert!(matches!(event(mention), Task::Nothing(_)), "it came as a message");
        assert!(matches!(event(json!({"type": "team_join", "user": "U1"})), Task::Nothing(_)));
    }

    #[test]
    fn people_of_other_companies_are_told_apart() {
        let message = json!({"type": "app_mention", "channel": "C1", "user": "U1", "user_team": "T2", "text": "<@UBOT> a", "ts": "1.2"});
        let incoming = delivered(event(message));
        assert_eq!(incoming.standing, Some(Standing::Foreign));
        assert_eq!(incoming.back.account.space.as_str(), "T2");
        assert_eq!(incoming.back.place.space.as_str(), "T1", "the message stands with us");
    }

    #[test]
    fn the_start_page_and_the_conversation_are_opened() {
        let opened = |tab: &str| event(json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab}));
        assert!(matches!(opened("home"), Task::Home { back } if back.account.id.as_str() == "U1"));
        assert_eq!(opened("messages"), Task::Prompts { channel: "D1".into(), thread: None });
    }
}
