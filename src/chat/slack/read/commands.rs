//! The slash command: `/access` with words is said to us; without words it opens the window in which one searches the catalog.

use std::collections::BTreeMap;

use crate::chat::slack::identity::Own;
use crate::chat::slack::read::task::{Delivery, Task, once};
use crate::chat::slack::words::spoken;
use crate::domain::account::{Place, PlatformId};
use crate::ports::surface::{Back, Incoming, What};

/// Reads a command's fields.
#[must_use]
pub fn read(fields: &BTreeMap<String, String>, own: &Own) -> Task {
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|t| !t.is_empty());
    let id = |name: &str| field(name).and_then(|t| PlatformId::parse(t).ok());
    let (Some(user), Some(channel)) = (id("user_id"), id("channel_id")) else {
        return Task::Nothing("a command of nobody");
    };
    let (account, standing) = own.account(user, field("team_id"), field("enterprise_id"));
    let place = Place { space: own.space().clone(), channel, thread: id("thread_ts"), via: None };
    let back = Back { account, place, ticket: field("response_url").map(str::to_owned) };
    let spoken = spoken(field("text").unwrap_or_default(), own.user.as_str());
    let trigger = field("trigger_id");
    if let Some(trigger) = trigger.filter(|_| spoken.text.is_empty() && standing.is_none()) {
        return Task::Picker { back, trigger: trigger.to_owned() };
    }
    let private = back.place.channel.as_str().starts_with('D');
    let user = back.account.id.to_string();
    let name = [
        trigger.unwrap_or_default(),
        field("response_url").unwrap_or_default(),
        &user,
        field("command").unwrap_or_default(),
        field("text").unwrap_or_default(),
    ];
    Task::Deliver(Box::new(Delivery {
        incoming: Incoming {
            once: once("command", &name),
            back,
            private,
            standing,
            what: What::Said { words: spoken.text.clone() },
        },
        people: spoken.people,
        window: None,
        unplaced: private,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn command(text: &str) -> Task {
        let own = Own::read(&json!({"team_id": "T1", "user_id": "UBOT"})).unwrap();
        let fields = [
            ("command", "/access"),
            ("user_id", "U1"),
            ("team_id", "T1"),
            ("channel_id", "C1"),
            ("trigger_id", "1.2.3"),
            ("response_url", "https://hooks.slack.com/commands/1"),
            ("text", text),
        ];
        read(&fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into(), &own)
    }

    #[test]
    fn words_are_said_and_silence_opens_the_window() {
        let Task::Deliver(delivery) = command("sales reports for <@U2>") else { panic!() };
        assert_eq!(delivery.incoming.what, What::Said { words: "sales reports for @U2".into() });
        assert_eq!(delivery.people, ["U2"]);
        assert!(!delivery.incoming.private, "others read the channel");
        assert!(delivery.incoming.back.ticket.is_some());
        assert!(matches!(command("  "), Task::Picker { trigger, .. } if trigger == "1.2.3"));
    }
}
