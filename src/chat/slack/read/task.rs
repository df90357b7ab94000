//! What there is to do with a delivery.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::chat::slack::identity::Own;
use crate::chat::slack::read::{commands, events, interactions};
use crate::chat::slack::receive::Incoming as Raw;
use crate::domain::action::ActionToken;
use crate::ports::surface::{Back, Incoming};

/// What there is to do with a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Nothing, and why: our own message, a message's edit, something we did not ask to hear of.
    Nothing(&'static str),
    /// Slack checks our address: say this back.
    Challenge(String),
    /// Keep it, acknowledge it, deal with it.
    Deliver(Box<Delivery>),
    /// Open the form behind a button.
    Form(Box<FormAsked>),
    /// Open the window in which one searches the catalog.
    Picker {
        /// Who.
        back: Back,
        /// The ticket for opening a window; dies in three seconds.
        trigger: String,
    },
    /// Answer with what matches what was typed so far.
    Suggest {
        /// Who.
        back: Back,
        /// What was typed.
        words: String,
    },
    /// Draw the start page.
    Home {
        /// Whose.
        back: Back,
    },
    /// Offer words to begin with in the conversation with us.
    Prompts {
        /// Where.
        channel: String,
        /// The thread, in the older side pane.
        thread: Option<String>,
    },
}

/// Something to keep and to deal with.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// For the door.
    pub incoming: Incoming,
    /// Whose names have to be put where their ids stand in the words.
    pub people: Vec<String>,
    /// The field that says what is wrong, where it came from a window that can stay open.
    pub window: Option<String>,
    /// True where it has still to be seen whether the place is our conversation with the person: a direct one may be theirs with somebody
    /// else, and a window or the start page is no place at all (their own id stands for it).
    pub unplaced: bool,
}

/// A button with a form was clicked.
#[derive(Debug, Clone, PartialEq)]
pub struct FormAsked {
    /// Who and where.
    pub back: Back,
    /// What the button carries.
    pub token: ActionToken,
    /// The ticket for opening a window.
    pub trigger: String,
    /// What the window has to remember.
    pub origin: interactions::Origin,
    /// What the click would be without a form.
    pub click: Box<Delivery>,
}

/// Reads what came in.
#[must_use]
pub fn read(raw: Raw, own: &Own) -> Task {
    match raw {
        Raw::Challenge(text) => Task::Challenge(text),
        Raw::Event { once, body } => events::read(&once, &body, own),
        Raw::Interaction(payload) => interactions::read(&payload, own),
        Raw::Command(fields) => commands::read(&fields, own),
    }
}

/// A name for a delivery that Slack gave none: the digest of what makes it this one.
#[must_use]
pub fn once(kind: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{kind}.{}", hex::encode(&hash.finalize()[..16]))
}

/// A text in a payload.
#[must_use]
pub fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty())
}
