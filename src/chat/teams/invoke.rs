//! What an invoke is answered with (Microsoft Learn, “Universal Actions for Adaptive Cards”, response format), and what is left to do
//! besides. Pure.

use serde_json::{Value, json};

use crate::chat::plain::one_line;
use crate::chat::scene::Scene;
use crate::chat::teams::inert::headline;
use crate::chat::teams::render::{self, CONTENT_TYPE};
use crate::domain::card::{Card, Inline, Section};
use crate::ports::surface::Now;

/// The longest note that is shown beside the card, in characters.
const NOTE: usize = 300;

/// An answer and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The body; the HTTP status is 200 always.
    pub body: Value,
    /// The clicked message as everybody is to see it: the answer reaches only the client that clicked.
    pub put: Option<Box<Card>>,
    /// What has to be told in the chat with them alone, because it does not fit beside the card.
    pub aside: Option<Box<Card>>,
}

/// A line that only the clicker sees, beside the card.
#[must_use]
pub fn line(words: &str) -> Value {
    json!({ "statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": headline(words, NOTE).text })
}

/// Something is down on our side.
#[must_use]
pub fn down(words: &str) -> Value {
    let value = json!({ "code": "Unavailable", "message": headline(words, NOTE).text });
    json!({ "statusCode": 500, "type": "application/vnd.microsoft.error", "value": value })
}

fn fresh(card: &Card, scene: &Scene<'_>) -> Value {
    json!({ "statusCode": 200, "type": CONTENT_TYPE, "value": render::card(card, scene).0 })
}

/// What the clicker gets at once.
#[must_use]
pub fn reply(now: Now, scene: &Scene<'_>) -> Reply {
    match now {
        Now::Nothing => Reply { body: line("Got it."), put: None, aside: None },
        Now::Replace(card) => Reply { body: fresh(&card, scene), put: Some(card), aside: None },
        Now::Whisper { note, fresh: standing } => match (short(&note), standing) {
            (Some(words), put) => Reply { body: line(&words), put, aside: None },
            (None, Some(put)) => Reply { body: fresh(&put, scene), put: Some(put), aside: Some(note) },
            (None, None) => {
                let words =
                    format!("{}. I wrote to you in our own chat.", one_line(&note.headline).trim_end_matches('.'));
                Reply { body: line(&words), put: None, aside: Some(note) }
            }
        },
    }
}

/// A note in one line, where it has no buttons, no links, nothing but some words.
fn short(note: &Card) -> Option<String> {
    if !note.actions.is_empty() || !note.facts.is_empty() {
        return None;
    }
    let mut words = one_line(&note.headline);
    let paragraphs = note.body.iter().map(|section| match section {
        Section::Para { text } if !text.iter().any(|i| matches!(i, Inline::Link { .. })) => {
            Some(one_line(&text.iter().map(Inline::plain).collect::<String>()))
        }
        _ => None,
    });
    for paragraph in paragraphs {
        let paragraph = paragraph?;
        let stop = if words.ends_with(['.', '!', '?', ':', '…']) { " " } else { ". " };
        words.push_str(stop);
        words.push_str(&paragraph);
    }
    (words.chars().count() <= NOTE).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::text;

    fn whisper(note: Card, fresh: Option<Card>) -> Reply {
        reply(Now::Whisper { note: Box::new(note), fresh: fresh.map(Box::new) }, &Scene::bare())
    }

    #[test]
    fn a_short_note_stands_beside_the_card_and_the_card_is_put_for_everybody() {
        let said =
            whisper(Card::note("Already decided by Ana").para("Nothing was changed."), Some(Card::note("Approved")));
        assert_eq!(said.body["value"], "Already decided by Ana. Nothing was changed.");
        assert_eq!(said.put.unwrap().headline, "Approved");
        assert_eq!(said.aside, None);
    }

    #[test]
    fn what_needs_room_or_a_link_goes_to_their_own_chat() {
        let mut note = Card::note("Confirm it is you");
        note.body.push(Section::Para { text: vec![Inline::Link { text: "Confirm".into(), path: "/c/1".into() }] });
        let said = whisper(note.clone(), None);
        assert_eq!(said.body["value"], "Confirm it is you. I wrote to you in our own chat.");
        assert_eq!(said.aside.unwrap().headline, "Confirm it is you");
        let said = whisper(Card::note("x").fact("Who", text("Ana")), Some(Card::note("Approved")));
        assert_eq!(said.body["type"], CONTENT_TYPE);
        assert!(said.aside.is_some() && said.put.is_some());
        assert!(whisper(Card::note("w".repeat(301)), None).aside.is_some());
    }

    #[test]
    fn a_card_is_the_answer_and_is_put_as_well() {
        let said = reply(Now::Replace(Box::new(Card::note("Active"))), &Scene::bare());
        assert_eq!(said.body["value"]["version"], "1.5");
        assert!(said.put.is_some());
        assert_eq!(line("**x** <at>Ana</at>")["value"], "∗∗x∗∗ ‹at›Ana‹/at›");
        assert_eq!(down("no")["statusCode"], 500);
    }
}
