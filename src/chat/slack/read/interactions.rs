//! Interactions: clicks, choices, sent windows, shortcuts, and what is typed into a searching field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::slack::identity::Own;
use crate::chat::slack::modal::CALLBACK;
use crate::chat::slack::picker;
use crate::chat::slack::read::fields::filled_in;
use crate::chat::slack::read::task::{Delivery, FormAsked, Task, once, text};
use crate::chat::slack::words::spoken;
use crate::domain::account::{Place, PlatformId, Posted};
use crate::domain::action::ActionToken;
use crate::ports::surface::{Back, Incoming, Standing, What};

/// The longest token read.
const TOKEN: usize = 150;

/// What a window remembers of the click that opened it. Nothing here carries authority: the token is checked anew, and where the answer
/// goes is decided by who sent the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What the button carries.
    #[serde(rename = "t")]
    pub token: String,
    /// The channel of the clicked message.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The clicked message.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Its thread.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

/// Reads an interaction.
#[must_use]
pub fn read(payload: &Value, own: &Own) -> Task {
    let Some(who) = Who::read(payload, own) else { return Task::Nothing("nobody did it") };
    match text(payload, "/type").unwrap_or_default() {
        "block_actions" => clicked(payload, own, who),
        "view_submission" => sent(payload, own, who),
        "block_suggestion" => {
            let words: String = text(payload, "/value").unwrap_or_default().chars().take(200).collect();
            Task::Suggest { back: who.at_home(own), words }
        }
        "message_action" => shortcut(payload, own, who),
        "shortcut" => match text(payload, "/trigger_id") {
            Some(trigger) => Task::Picker { back: who.at_home(own), trigger: trigger.to_owned() },
            None => Task::Nothing("no ticket to open a window"),
        },
        _ => Task::Nothing("nothing to do"),
    }
}

/// Who did it.
struct Who {
    account: crate::domain::account::Account,
    standing: Option<Standing>,
}

impl Who {
    fn read(payload: &Value, own: &Own) -> Option<Self> {
        let user = id_at(payload, "/user/id")?;
        // `/team` is where it happened; whose workspace the person is of stands with the person.
        let team = text(payload, "/user/team_id").or_else(|| text(payload, "/team/id"));
        let enterprise = text(payload, "/user/enterprise_id").or_else(|| {
            text(payload, "/enterprise/id")
                .filter(|_| text(payload, "/user/team_id").is_none_or(|t| text(payload, "/team/id") == Some(t)))
        });
        let (account, standing) = own.account(user, team, enterprise);
        Some(Self { account, standing })
    }

    /// Where nobody else reads: a window or the start page. A person's own id opens the direct conversation with them.
    fn at_home(&self, own: &Own) -> Back {
        let place = Place { space: own.space().clone(), channel: self.account.id.clone(), thread: None, via: None };
        Back { account: self.account.clone(), place, ticket: None }
    }
}

fn clicked(payload: &Value, own: &Own, who: Who) -> Task {
    let Some(action) = payload.pointer("/actions/0") else { return Task::Nothing("nothing was clicked") };
    let name = text(action, "/action_id").unwrap_or_default();
    let trigger = text(payload, "/trigger_id");
    let on = container(payload, own);
    let ticket = text(payload, "/response_url").map(str::to_owned);
    let (place, private) = match place(payload, own) {
        Some(place) => {
            let private = place.channel.as_str().starts_with('D');
            (place, private)
        }
        None => (who.at_home(own).place, true),
    };
    let back = Back { account: who.account, place, ticket };
    if name == picker::BUTTON {
        return match trigger {
            Some(trigger) => Task::Picker { back, trigger: trigger.to_owned() },
            None => Task::Nothing("no ticket to open a window"),
        };
    }
    let carried = text(action, "/value").or_else(|| text(action, "/selected_option/value"));
    let Some(token) = carried.filter(|t| t.len() <= TOKEN) else { return Task::Nothing("carries nothing") };
    let when = text(action, "/action_ts").or(trigger).unwrap_or_default();
    let message = on.as_ref().map(|p| p.message.to_string()).unwrap_or_default();
    let user = back.account.id.to_string();
    let once = once("click", &[back.place.channel.as_str(), &message, &user, name, token, when]);
    let token = ActionToken(token.to_owned());
    let origin = Origin {
        token: token.0.clone(),
        channel: on.as_ref().map(|p| p.place.channel.to_string()),
        message: on.as_ref().map(|p| p.message.to_string()),
        thread: back.place.thread.as_ref().map(ToString::to_string),
    };
    let what = What::Clicked { token: token.clone(), fields: std::collections::BTreeMap::new(), on };
    let incoming = Incoming { once, back: back.clone(), private, standing: who.standing, what };
    let click = Delivery { incoming, people: Vec::new(), window: None, unplaced: private };
    match trigger {
        Some(trigger) if name.ends_with(".form") && who.standing.is_none() => {
            Task::Form(Box::new(FormAsked { back, token, trigger: trigger.to_owned(), origin, click: Box::new(click) }))
        }
        _ => Task::Deliver(Box::new(click)),
    }
}

fn sent(payload: &Value, own: &Own, who: Who) -> Task {
    let Some(view) = payload.get("view") else { return Task::Nothing("no window in it") };
    let fields = filled_in(view.get("state").unwrap_or(&Value::Null));
    let first = first_field(view);
    let user = who.account.id.to_string();
    let state = view.get("state").map(ToString::to_string).unwrap_or_default();
    let once = once(
        "window",
        &[
            text(view, "/id").unwrap_or_default(),
            text(view, "/hash").unwrap_or_default(),
            text(payload, "/trigger_id").unwrap_or_default(),
            &user,
            &state,
        ],
    );
    let callback = text(view, "/callback_id").unwrap_or_default();
    let memory = text(view, "/private_metadata").unwrap_or_default();
    let (back, private, what) = match callback {
        CALLBACK => {
            let Some(origin) = remembered(memory) else { return Task::Nothing("the window remembers nothing") };
            let mut back = who.at_home(own);
            let id = |t: &Option<String>| t.as_deref().and_then(|t| PlatformId::parse(t).ok());
            let mut on = None;
            if let Some(channel) = id(&origin.channel) {
                back.place = Place { space: own.space().clone(), channel, thread: id(&origin.thread), via: None };
                on = id(&origin.message).map(|message| Posted { place: back.place.clone(), message });
            }
            let private = is_private(&back);
            (back, private, What::Clicked { token: ActionToken(origin.token), fields, on })
        }
        picker::CALLBACK => match picker::words(&fields) {
            Some(words) => (who.at_home(own), true, What::Said { words }),
            None => return Task::Nothing("nothing was picked"),
        },
        _ => return Task::Nothing("not a window of ours"),
    };
    let incoming = Incoming { once, back, private, standing: who.standing, what };
    Task::Deliver(Box::new(Delivery { incoming, people: Vec::new(), window: first, unplaced: private }))
}

fn shortcut(payload: &Value, own: &Own, who: Who) -> Task {
    let Some(place) = place(payload, own) else { return Task::Nothing("a message from nowhere") };
    let spoken = spoken(text(payload, "/message/text").unwrap_or_default(), own.user.as_str());
    let user = who.account.id.to_string();
    let message = text(payload, "/message_ts").or_else(|| text(payload, "/message/ts")).unwrap_or_default();
    let when = text(payload, "/trigger_id").or_else(|| text(payload, "/action_ts")).unwrap_or_default();
    let once = once("shortcut", &[place.channel.as_str(), message, &user, when]);
    let back = Back { account: who.account, place, ticket: text(payload, "/response_url").map(str::to_owned) };
    let what = What::Said { words: spoken.text.clone() };
    let private = is_private(&back);
    let incoming = Incoming { once, back, private, standing: who.standing, what };
    Task::Deliver(Box::new(Delivery { incoming, people: spoken.people, window: None, unplaced: private }))
}

/// True where perhaps only the person and we read.
fn is_private(back: &Back) -> bool {
    back.place.channel == back.account.id || back.place.channel.as_str().starts_with('D')
}

/// Where a message stands that somebody clicked in.
fn place(payload: &Value, own: &Own) -> Option<Place> {
    let channel = id_at(payload, "/channel/id").or_else(|| id_at(payload, "/container/channel_id"))?;
    let thread = id_at(payload, "/message/thread_ts").or_else(|| id_at(payload, "/container/thread_ts"));
    Some(Place { space: own.space().clone(), channel, thread, via: None })
}

/// The clicked message, where it is one that can be drawn anew: not one that only the clicker sees.
fn container(payload: &Value, own: &Own) -> Option<Posted> {
    if payload.pointer("/container/is_ephemeral").and_then(Value::as_bool).unwrap_or(false) {
        return None;
    }
    let message = id_at(payload, "/container/message_ts").or_else(|| id_at(payload, "/message/ts"))?;
    Some(Posted { place: place(payload, own)?, message })
}

/// What a window remembers: our own JSON, or the token alone.
fn remembered(memory: &str) -> Option<Origin> {
    if memory.starts_with('{') {
        let origin: Origin = serde_json::from_str(memory).ok()?;
        return (origin.token.len() <= TOKEN).then_some(origin);
    }
    let fine = !memory.is_empty() && memory.len() <= TOKEN;
    fine.then(|| Origin { token: memory.to_owned(), ..Origin::default() })
}

/// The field under which a window says what is wrong.
fn first_field(view: &Value) -> Option<String> {
    let blocks = view.get("blocks").and_then(Value::as_array)?;
    let input = blocks.iter().find(|b| text(b, "/type") == Some("input"))?;
    text(input, "/block_id").map(str::to_owned)
}

fn id_at(value: &Value, pointer: &str) -> Option<PlatformId> {
    text(value, pointer).and_then(|t| PlatformId::parse(t).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own() -> Own {
        Own::read(&json!({"team_id": "T1", "user_id": "UBOT"})).unwrap()
    }

    fn click() -> Value {
        json!({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"},
            "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1"}, "channel": {"id": "C1"},
            "trigger_id": "9.9", "response_url": "https://hooks.slack.com/x",
            "actions": [{"action_id": "approve.3.0", "value": "TOKEN", "action_ts": "77.1"}],
        })
    }

    fn delivered(payload: &Value) -> Delivery {
        match read(payload, &own()) {
            Task::Deliver(delivery) => *delivery,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_click_names_its_message_and_its_token() {
        let delivery = delivered(&click());
        let What::Clicked { token, on, .. } = &delivery.incoming.what else { panic!() };
        assert_eq!((token.0.as_str(), on.as_ref().unwrap().message.as_str()), ("TOKEN", "1.5"));
        assert!(!delivery.incoming.private);
        assert_eq!(delivery.incoming.once, delivered(&click()).incoming.once);
        let mut again = click();
        again["actions"][0]["action_ts"] = "77.2".into();
        assert_ne!(delivery.incoming.once, delivered(&again).incoming.once, "a second click is another one");
    }

    #[test]
    fn a_choice_carries_its_token_in_the_option() {
        let mut payload = click();
        payload["actions"][0] =
            json!({"action_id": "choose.4", "selected_option": {"value": "PICKED"}, "action_ts": "1"});
        let What::Clicked { token, .. } = delivered(&payload).incoming.what else { panic!() };
        assert_eq!(token.0, "PICKED");
    }

    #[test]
    fn a_button_with_a_form_asks_for_its_window() {
        let mut payload = click();
        payload["actions"][0]["action_id"] = "deny.3.1.form".into();
        let Task::Form(asked) = read(&payload, &own()) else { panic!() };
        assert_eq!(asked.trigger, "9.9");
        assert_eq!(asked.origin.message.as_deref(), Some("1.5"));
    }

    #[test]
    fn a_sent_window_comes_back_to_where_it_was_opened() {
        let origin =
            Origin { token: "TOKEN".into(), channel: Some("C1".into()), message: Some("1.5".into()), thread: None };
        let payload = json!({
            "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "10",
            "view": {"id": "V1", "hash": "h", "callback_id": "form", "private_metadata": serde_json::to_string(&origin).unwrap(),
                "blocks": [{"type": "section"}, {"type": "input", "block_id": "why"}],
                "state": {"values": {"why": {"why": {"type": "plain_text_input", "value": "too wide"}}}}},
        });
        let delivery = delivered(&payload);
        assert_eq!(delivery.window.as_deref(), Some("why"));
        let What::Clicked { token, fields, on } = delivery.incoming.what else { panic!() };
        assert_eq!((token.0.as_str(), fields["why"].as_str()), ("TOKEN", "too wide"));
        assert_eq!(on.unwrap().place.channel.as_str(), "C1");
        assert!(!delivery.incoming.private, "a channel never becomes the place for what is private");
        let mut corrected = payload.clone();
        corrected["trigger_id"] = "11".into();
        assert_ne!(delivered(&corrected).incoming.once, delivery.incoming.once, "sent again after a correction");
        let mut foreign = payload;
        foreign["view"]["callback_id"] = "theirs".into();
        assert!(matches!(read(&foreign, &own()), Task::Nothing(_)));
    }

    #[test]
    fn what_only_the_clicker_sees_is_not_drawn_anew() {
        let mut payload = click();
        payload["container"]["is_ephemeral"] = true.into();
        let What::Clicked { on, .. } = delivered(&payload).incoming.what else { panic!() };
        assert_eq!(on, None);
    }

    #[test]
    fn clicks_on_the_start_page_are_private() {
        let mut payload = click();
        payload["container"] = json!({"type": "view", "view_id": "V1"});
        payload.as_object_mut().unwrap().remove("channel");
        let delivery = delivered(&payload);
        assert!(delivery.incoming.private);
        assert_eq!(delivery.incoming.back.place.channel.as_str(), "U1");
    }

    #[test]
    fn a_message_is_handed_over_and_a_global_shortcut_opens_the_window() {
        let payload = json!({
            "type": "message_action", "callback_id": "request_access", "team": {"id": "T1"}, "user": {"id": "U1"},
            "channel": {"id": "C1"}, "message": {"ts": "1.1", "user": "U2", "text": "you need <https://x|the wiki>"},
            "trigger_id": "5", "response_url": "https://hooks.slack.com/x",
        });
        let delivery = delivered(&payload);
        assert_eq!(delivery.incoming.what, What::Said { words: "you need the wiki".into() });
        assert_eq!(delivery.incoming.back.account.id.as_str(), "U1", "for whoever used the shortcut");
        let global = json!({"type": "shortcut", "user": {"id": "U1"}, "team": {"id": "T1"}, "trigger_id": "6"});
        assert!(matches!(read(&global, &own()), Task::Picker { trigger, .. } if trigger == "6"));
    }

    #[test]
    fn foreign_clickers_are_handed_over_to_be_refused() {
        let mut payload = click();
        payload["user"]["team_id"] = "T2".into();
        payload["actions"][0]["action_id"] = "deny.3.1.form".into();
        assert_eq!(delivered(&payload).incoming.standing, Some(Standing::Foreign), "no window for them");
    }
}
