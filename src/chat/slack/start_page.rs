//! The start page and windows that say something: App Home with a button to ask, a card in a window, a note when there is nothing to show.

use serde_json::{Value, json};

use crate::chat::scene::Scene;
use crate::chat::slack::home::home;
use crate::chat::slack::inert::plain_object;
use crate::chat::slack::limits::{TITLE, VIEW_BLOCKS};
use crate::chat::slack::picker;
use crate::chat::slack::render::message;
use crate::domain::card::Card;
use crate::ports::desk::{Inbox, Mine};

/// The start page: a way to ask, what waits, what they hold and asked for.
#[must_use]
pub fn view(waiting: &[Card], mine: &Mine, scene: &Scene<'_>) -> Value {
    let inbox = Inbox { decisions: waiting.to_vec(), tasks: Vec::new() };
    let (mut view, _) = home(&inbox, mine, scene);
    if let Some(blocks) = view.get_mut("blocks").and_then(Value::as_array_mut) {
        blocks.truncate(VIEW_BLOCKS - 1);
        blocks.insert(0, picker::button());
    }
    view
}

/// The start page of somebody who is told something instead.
#[must_use]
pub fn instead(card: &Card, scene: &Scene<'_>) -> Value {
    json!({ "type": "home", "callback_id": "home", "blocks": blocks(card, scene) })
}

/// A window that says something.
#[must_use]
pub fn window(card: &Card, scene: &Scene<'_>) -> Value {
    json!({
        "type": "modal",
        "callback_id": "note",
        "title": plain_object("Claviger", TITLE),
        "close": plain_object("Close", TITLE),
        "blocks": blocks(card, scene),
    })
}

fn blocks(card: &Card, scene: &Scene<'_>) -> Value {
    let (mut drawn, _) = message(card, scene);
    drawn.get_mut("blocks").map(Value::take).unwrap_or_else(|| json!([]))
}
