//! App Home: what waits for a person, what they hold, what they asked for.

use serde_json::{Value, json};

use crate::chat::budget::{Dropped, Piece, as_is, lay};
use crate::chat::marks::sign;
use crate::chat::plain::one_line;
use crate::chat::scene::Scene;
use crate::chat::slack::inert::{mrkdwn, mrkdwn_object, plain_object, rich};
use crate::chat::slack::limits::{HEADER, VIEW_BLOCKS};
use crate::chat::slack::render::{Page, label, ours};
use crate::domain::card::Card;
use crate::ports::desk::{Inbox, Mine};

/// Units of one card's lines.
const CARD_TEXT: usize = 700;
/// Facts shown of each card.
const CARD_FACTS: usize = 4;
/// Cards of each group.
const WAITING: usize = 20;
/// Cards of each of the other groups.
const OTHERS: usize = 10;

/// The home tab of a person.
#[must_use]
pub fn home(inbox: &Inbox, mine: &Mine, scene: &Scene<'_>) -> (Value, Dropped) {
    let mut page = Page { scene, blocks: Vec::new(), dropped: Dropped::default() };
    let waiting: Vec<&Card> = inbox.decisions.iter().chain(&inbox.tasks).collect();
    group(&mut page, "Waiting for you", "Nothing waits for you.", "/inbox", &waiting, WAITING);
    let access: Vec<&Card> = mine.access.iter().collect();
    group(&mut page, "What you have", "You hold no access that ends.", "/mine", &access, OTHERS);
    let requests: Vec<&Card> = mine.requests.iter().collect();
    // What is held stands above, so that an empty list does not mean that nothing was ever asked for.
    let none = if access.is_empty() {
        "You have not asked for anything yet. Write me a message."
    } else {
        "Nothing besides what you have. Write me a message to ask for more."
    };
    group(&mut page, "What you asked for", none, "/mine", &requests, OTHERS);
    (json!({ "type": "home", "callback_id": "home", "blocks": page.blocks }), page.dropped)
}

fn group(page: &mut Page<'_>, title: &str, none: &str, path: &str, cards: &[&Card], most: usize) {
    page.blocks.push(json!({ "type": "header", "text": plain_object(title, HEADER) }));
    if cards.is_empty() {
        page.blocks.push(json!({ "type": "context", "elements": [mrkdwn_object(none)] }));
        return;
    }
    let shown = cards.len().min(most);
    for card in &cards[..shown] {
        brief(page, card);
    }
    let left = cards.len() - shown;
    if left > 0 {
        page.dropped.body += left;
        let words = match page.scene.address(path) {
            Some(address) => format!("<{address}|and {left} more>"),
            None => format!("and {left} more"),
        };
        page.blocks.push(json!({ "type": "context", "elements": [mrkdwn_object(&words)] }));
    }
}

/// A card in two blocks: what it is and how it stands, then its buttons.
fn brief(page: &mut Page<'_>, card: &Card) {
    let mut pieces = label(&card.headline);
    if let Some(badge) = &card.badge {
        pieces.push(Piece::words(&format!("{} ", sign(badge.tone)), as_is));
        pieces.push(Piece::words(&one_line(&badge.word), mrkdwn));
    }
    for fact in card.facts.iter().take(CARD_FACTS) {
        pieces.push(ours("\n"));
        pieces.push(Piece::words(&one_line(&fact.label), mrkdwn));
        pieces.push(ours(": "));
        pieces.extend(rich(&fact.value, page.scene));
    }
    page.dropped.facts += card.facts.len().saturating_sub(CARD_FACTS);
    page.dropped.body += card.body.len();
    let laid = lay(&pieces, CARD_TEXT);
    page.dropped.cut += usize::from(laid.cut);
    page.blocks.push(json!({ "type": "section", "text": mrkdwn_object(&laid.text) }));
    let before = page.blocks.len();
    page.buttons(&card.actions, card.revision);
    // One row a card, so that a hundred blocks are never passed.
    let rows = page.blocks.len() - before;
    if rows > 1 {
        page.blocks.truncate(before + 1);
        page.dropped.buttons += card.actions.len().saturating_sub(crate::chat::slack::limits::ACTIONS);
    }
    debug_assert!(page.blocks.len() <= VIEW_BLOCKS);
}
