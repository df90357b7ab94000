//! A card as a Block Kit message.

use serde_json::{Value, json};

use crate::chat::budget::{Drawing, Dropped, Piece, fit, lay, units};
use crate::chat::marks::{bar, longest, points, sign};
use crate::chat::plain::one_line;
use crate::chat::scene::{Scene, carried, verb_name};
use crate::chat::slack::inert::{line, mrkdwn, mrkdwn_object, plain_object, raw, rich, unlinked};
use crate::chat::slack::limits::{
    ACTIONS, CONFIRM_BUTTON, CONFIRM_TEXT, CONFIRM_TITLE, CONTEXT, FIELD, FIELDS, HEADER, LABEL, MESSAGE_BLOCKS,
    MESSAGE_TEXT, NOTIFICATION, OPTIONS, SECTION,
};
use crate::domain::card::{Button, Card, Choice, Fact, Inline, Rich, Section, Style};

/// Facts that are drawn as fields; a card with more loses the rest.
const MOST_FACTS: usize = 60;
/// Buttons under a card.
const MOST_BUTTONS: usize = 50;
/// Up to so many choices each stand with their explanation; more become a select.
const SPELLED_OUT: usize = 6;

/// The card as `text` and `blocks`, ready for `chat.postMessage` and `chat.update`, and what did not fit. Send it with `unfurl_links`
/// and `unfurl_media` off.
#[must_use]
pub fn message(card: &Card, scene: &Scene<'_>) -> (Value, Dropped) {
    let (drawn, dropped) = fit(card, |card| {
        let mut page = Page { scene, blocks: Vec::new(), dropped: Dropped::default() };
        page.card(card);
        (Message { text: notification(card), blocks: page.blocks }, page.dropped)
    });
    (json!({ "text": drawn.text, "blocks": drawn.blocks }), dropped)
}

struct Message {
    text: String,
    blocks: Vec<Value>,
}

impl Drawing for Message {
    fn fits(&self) -> bool {
        self.blocks.len() <= MESSAGE_BLOCKS && self.blocks.iter().map(said).sum::<usize>() <= MESSAGE_TEXT
    }
}

/// Units of everything a payload says.
fn said(value: &Value) -> usize {
    match value {
        Value::Object(map) => {
            map.iter().map(|(k, v)| if k == "text" && v.is_string() { said_text(v) } else { said(v) }).sum()
        }
        Value::Array(list) => list.iter().map(said).sum(),
        _ => 0,
    }
}

fn said_text(value: &Value) -> usize {
    value.as_str().map_or(0, units)
}

/// What a notification and a screen reader say: the state and the headline.
fn notification(card: &Card) -> String {
    let state = card.badge.as_ref().map(|b| format!("{} ", one_line(&b.word))).unwrap_or_default();
    let separator = if state.is_empty() { "" } else { "· " };
    line(&format!("{state}{separator}{}", one_line(&card.headline)), NOTIFICATION, unlinked).text
}

/// Blocks in the making; modals and App Home use it too.
pub(super) struct Page<'a> {
    /// Where it is shown.
    pub(super) scene: &'a Scene<'a>,
    /// The blocks so far.
    pub(super) blocks: Vec<Value>,
    /// What did not fit.
    pub(super) dropped: Dropped,
}

impl Page<'_> {
    fn card(&mut self, card: &Card) {
        self.dropped.cut += usize::from(line(&card.headline, HEADER, crate::chat::slack::inert::plain).cut);
        self.blocks.push(json!({ "type": "header", "text": plain_object(&card.headline, HEADER) }));
        if let Some(badge) = &card.badge {
            let word = Piece::marked("*", &one_line(&badge.word), "*", mrkdwn);
            self.context(&[Piece::words(&format!("{} ", sign(badge.tone)), crate::chat::budget::as_is), word]);
        }
        self.facts(&card.facts);
        for section in &card.body {
            self.section(section);
        }
        self.buttons(&card.actions, card.revision);
        if let Some(footer) = &card.footer {
            let pieces = rich(footer, self.scene);
            self.context(&pieces);
        }
    }

    fn laid(&mut self, pieces: &[Piece], most: usize) -> String {
        let laid = lay(pieces, most);
        self.dropped.cut += usize::from(laid.cut);
        if laid.text.trim().is_empty() { "–".into() } else { laid.text }
    }

    fn context(&mut self, pieces: &[Piece]) {
        let text = self.laid(pieces, CONTEXT);
        self.blocks.push(json!({ "type": "context", "elements": [mrkdwn_object(&text)] }));
    }

    /// A section of text.
    pub(super) fn words(&mut self, pieces: &[Piece]) {
        let text = self.laid(pieces, SECTION);
        self.blocks.push(json!({ "type": "section", "text": mrkdwn_object(&text) }));
    }

    fn facts(&mut self, facts: &[Fact]) {
        self.dropped.facts += facts.len().saturating_sub(MOST_FACTS);
        let shown = &facts[..facts.len().min(MOST_FACTS)];
        for part in shown.chunks(FIELDS) {
            let fields: Vec<Value> = part
                .iter()
                .map(|fact| {
                    let mut pieces = label(&fact.label);
                    pieces.extend(or_dash(&fact.value, self.scene));
                    mrkdwn_object(&self.laid(&pieces, FIELD))
                })
                .collect();
            self.blocks.push(json!({ "type": "section", "fields": fields }));
        }
    }

    fn section(&mut self, section: &Section) {
        match section {
            Section::Para { text } => {
                let pieces = rich(text, self.scene);
                self.words(&pieces);
            }
            Section::List { items } => {
                let mut pieces = Vec::new();
                for item in items {
                    pieces.push(ours("• "));
                    pieces.extend(rich(item, self.scene));
                    pieces.push(ours("\n"));
                }
                self.words(&pieces);
            }
            Section::Quote { by, text } => {
                let mut pieces: Vec<Piece> = Vec::new();
                for said in crate::chat::plain::clean(text).split('\n') {
                    pieces.extend([ours(">"), Piece::words(said, mrkdwn), ours("\n")]);
                }
                pieces.extend([ours("— "), Piece::words(&one_line(by), mrkdwn)]);
                self.words(&pieces);
            }
            Section::Factors { score, bars, confidence } => {
                let mut pieces = vec![Piece::marked("*", &format!("Risk {} of 100", score.min(&100)), "*", mrkdwn)];
                let most = longest(bars);
                for b in bars {
                    pieces.push(ours(&format!("\n`{}` {} ", bar(b.tenths, most), points(b.tenths))));
                    pieces.push(Piece::words(&one_line(&b.label), mrkdwn));
                }
                if !one_line(confidence).is_empty() {
                    pieces.push(ours("\n"));
                    pieces.push(Piece::marked("_", &one_line(confidence), "_", mrkdwn));
                }
                self.words(&pieces);
            }
            Section::Choices { lead, options } => self.choices(lead, options),
            Section::Timeline { entries } => {
                let mut pieces = Vec::new();
                for entry in entries {
                    let when = Inline::Time { at: entry.at, shown: entry.shown.clone() };
                    pieces.extend(rich(&vec![when], self.scene));
                    pieces.push(ours("  "));
                    pieces.extend(rich(&entry.text, self.scene));
                    pieces.push(ours("\n"));
                }
                self.words(&pieces);
            }
        }
    }

    fn choices(&mut self, lead: &str, options: &[Choice]) {
        let good: Vec<(&Choice, &str)> = options.iter().filter_map(|o| carried(&o.token).map(|t| (o, t))).collect();
        self.dropped.buttons += options.len() - good.len().min(OPTIONS);
        self.words(&[Piece::words(&one_line(lead), mrkdwn)]);
        let block = self.blocks.len();
        if good.len() <= SPELLED_OUT {
            for (n, (choice, token)) in good.iter().enumerate() {
                let mut pieces = label(&choice.title);
                pieces.push(Piece::words(&one_line(&choice.detail), mrkdwn));
                let text = self.laid(&pieces, SECTION);
                let title = one_line(&choice.title);
                self.blocks.push(json!({
                    "type": "section",
                    "text": mrkdwn_object(&text),
                    "accessory": {
                        "type": "button",
                        "action_id": format!("choose.{block}.{n}"),
                        "text": plain_object("This one", LABEL),
                        "accessibility_label": line(&format!("This one: {title}"), LABEL, crate::chat::slack::inert::plain).text,
                        "value": token,
                    },
                }));
            }
            return;
        }
        let options: Vec<Value> = good
            .iter()
            .take(OPTIONS)
            .map(|(choice, token)| {
                json!({
                    "text": plain_object(&choice.title, LABEL),
                    "description": plain_object(&choice.detail, LABEL),
                    "value": token,
                })
            })
            .collect();
        self.blocks.push(json!({
            "type": "actions",
            "elements": [{
                "type": "static_select",
                "action_id": format!("choose.{block}"),
                "placeholder": plain_object("Choose one", LABEL),
                "options": options,
            }],
        }));
    }

    /// Rows of buttons. `action_id` is the verb, its place, and `form` where a form has to be opened; `value` is the token.
    pub(super) fn buttons(&mut self, buttons: &[Button], revision: u64) {
        let good: Vec<(&Button, &str)> = buttons.iter().filter_map(|b| carried(&b.token).map(|t| (b, t))).collect();
        self.dropped.buttons += buttons.len() - good.len().min(MOST_BUTTONS);
        let shown = &good[..good.len().min(MOST_BUTTONS)];
        for (row, part) in shown.chunks(ACTIONS).enumerate() {
            let place = self.blocks.len();
            let elements: Vec<Value> =
                part.iter().enumerate().map(|(n, (b, token))| button(b, token, &format!("{place}.{n}"))).collect();
            self.blocks.push(
                json!({ "type": "actions", "block_id": format!("act.{revision}.{place}.{row}"), "elements": elements }),
            );
        }
    }
}

fn button(button: &Button, token: &str, place: &str) -> Value {
    let form = if button.form.is_some() { ".form" } else { "" };
    let mut drawn = json!({
        "type": "button",
        "action_id": format!("{}.{place}{form}", verb_name(button.verb)),
        "text": plain_object(&button.label, LABEL),
        "value": token,
    });
    match button.style {
        Style::Primary => drawn["style"] = "primary".into(),
        Style::Danger => drawn["style"] = "danger".into(),
        Style::Plain => {}
    }
    // A button with a form is confirmed by sending the form.
    if let Some(question) = button.confirm.as_ref().filter(|_| button.form.is_none()) {
        drawn["confirm"] = json!({
            "title": plain_object(&button.label, CONFIRM_TITLE),
            "text": plain_object(question, CONFIRM_TEXT),
            "confirm": plain_object("Yes", CONFIRM_BUTTON),
            "deny": plain_object("No", CONFIRM_BUTTON),
        });
    }
    drawn
}

/// A line in bold, then a line feed.
pub(super) fn label(words: &str) -> Vec<Piece> {
    let words = raw(&one_line(words), 200);
    let words = if words.is_empty() { "–".to_owned() } else { words };
    vec![Piece::marked("*", &words, "*", mrkdwn), ours("\n")]
}

/// Text of ours.
pub(super) fn ours(text: &str) -> Piece {
    Piece::words(text, crate::chat::budget::as_is)
}

fn or_dash(value: &Rich, scene: &Scene<'_>) -> Vec<Piece> {
    if value.iter().all(|part| one_line(part.plain()).is_empty()) { vec![ours("–")] } else { rich(value, scene) }
}
