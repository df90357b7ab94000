//! A card as embeds and rows of components. Two embeds: the state with its facts, then the rest, so that facts come before the story.
//! Every payload switches all mentions off.

use serde_json::{Value, json};

use crate::chat::budget::{Drawing, Dropped, Piece, as_is, fit, lay, units};
use crate::chat::discord::inert::{line, markdown, plain, rich};
use crate::chat::discord::limits::{
    CUSTOM_ID, DESCRIPTION, EMBEDS_TEXT, EPHEMERAL, FIELD_NAME, FIELD_VALUE, FIELDS, FOOTER, LABEL, OPTION, OPTIONS,
    PLACEHOLDER, ROW, ROWS, TITLE,
};
use crate::chat::marks::{bar, colour, longest, points, sign};
use crate::chat::plain::{clean, one_line};
use crate::chat::scene::{Scene, carried};
use crate::domain::card::{Button, Card, Choice, Inline, Section, Style, Tone};

/// Who sees a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Everybody in the channel.
    ByAll,
    /// Only whoever clicked; possible in answers to clicks and commands.
    ByClicker,
}

/// What a component does when it is used, said by the first letter of its `custom_id`; the token follows the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Acts at once.
    Act,
    /// Opens the form.
    Form,
    /// Asks before.
    Confirm,
    /// Is a select: the token is the chosen value.
    Choose,
    /// Is a form that was sent.
    Sent,
}

impl Does {
    fn letter(self) -> char {
        match self {
            Self::Act => 'a',
            Self::Form => 'f',
            Self::Confirm => 'q',
            Self::Choose => 'c',
            Self::Sent => 's',
        }
    }

    /// A `custom_id`: what it does, its place (so that no two are the same), the token.
    #[must_use]
    pub fn custom_id(self, place: usize, token: &str) -> String {
        format!("{}{place}:{token}", self.letter())
    }

    /// Reads a `custom_id`, or the value of a chosen option, back.
    #[must_use]
    pub fn read(custom_id: &str) -> Option<(Self, &str)> {
        if custom_id.len() > CUSTOM_ID {
            return None;
        }
        let (lead, token) = custom_id.split_once(':')?;
        let does = match lead.get(..1)? {
            "a" => Self::Act,
            "f" => Self::Form,
            "q" => Self::Confirm,
            "c" => Self::Choose,
            "s" => Self::Sent,
            _ => return None,
        };
        Some((does, token))
    }
}

/// The card as a message, and what did not fit.
#[must_use]
pub fn message(card: &Card, scene: &Scene<'_>, seen: Seen) -> (Value, Dropped) {
    let (drawn, dropped) = fit(card, |card| {
        let mut page = Page { scene, dropped: Dropped::default() };
        (page.card(card), page.dropped)
    });
    let mut message = json!({
        "embeds": drawn.embeds,
        "components": drawn.rows,
        "allowed_mentions": { "parse": [] },
    });
    if seen == Seen::ByClicker {
        message["flags"] = EPHEMERAL.into();
    }
    (message, dropped)
}

/// The second step of a button that asks before: a private message with the question and the button that acts.
#[must_use]
pub fn question(button: &Button) -> Option<Value> {
    let token = carried(&button.token)?;
    let label = format!("Yes: {}", one_line(&button.label));
    let style = if button.style == Style::Danger { Style::Danger } else { Style::Primary };
    let yes = pressed(&label, style, Does::Act.custom_id(0, token));
    Some(json!({
        "embeds": [{ "description": line(button.confirm.as_deref().unwrap_or("Sure?"), FIELD_VALUE).text }],
        "components": [{ "type": 1, "components": [yes] }],
        "allowed_mentions": { "parse": [] },
        "flags": EPHEMERAL,
    }))
}

struct Message {
    embeds: Vec<Value>,
    rows: Vec<Value>,
}

impl Drawing for Message {
    fn fits(&self) -> bool {
        let text = |v: &Value| v.as_str().map_or(0, units);
        let mut sum = 0;
        for embed in &self.embeds {
            if text(&embed["description"]) > DESCRIPTION {
                return false;
            }
            sum += text(&embed["title"]) + text(&embed["description"]) + text(&embed["footer"]["text"]);
            for field in embed["fields"].as_array().into_iter().flatten() {
                sum += text(&field["name"]) + text(&field["value"]);
            }
        }
        sum <= EMBEDS_TEXT
    }
}

struct Page<'a> {
    scene: &'a Scene<'a>,
    dropped: Dropped,
}

impl Page<'_> {
    fn card(&mut self, card: &Card) -> Message {
        let edge = colour(card.badge.as_ref().map_or(Tone::Neutral, |b| b.tone));
        let title = line(&card.headline, TITLE);
        self.dropped.cut += usize::from(title.cut);
        let mut first = json!({ "title": title.text, "color": edge });
        let mut lead = Vec::new();
        if let Some(badge) = &card.badge {
            lead.push(Piece::words(&format!("{} ", sign(badge.tone)), as_is));
            lead.push(Piece::marked("**", &one_line(&badge.word), "**", markdown));
        }
        // Facts beyond the fields a platform has become lines.
        let (fields, more) = card.facts.split_at(card.facts.len().min(FIELDS));
        let drawn: Vec<Value> = fields
            .iter()
            .map(|fact| {
                let value = lay(&rich(&fact.value, self.scene), FIELD_VALUE);
                self.dropped.cut += usize::from(value.cut);
                let value = if one_line(&value.text).is_empty() { "–".to_owned() } else { value.text };
                let short = fact.value.iter().map(|p| units(p.plain())).sum::<usize>() <= 40;
                json!({ "name": line(&fact.label, FIELD_NAME).text, "value": value, "inline": short })
            })
            .collect();
        for fact in more {
            lead.push(Piece::words("\n", as_is));
            lead.push(Piece::marked("**", &one_line(&fact.label), "**", markdown));
            lead.push(Piece::words(" ", as_is));
            lead.extend(rich(&fact.value, self.scene));
        }
        let lead = lay(&lead, usize::MAX).text;
        if !lead.trim().is_empty() {
            first["description"] = lead.trim().into();
        }
        if !drawn.is_empty() {
            first["fields"] = drawn.into();
        }
        if let Some(address) = card.footer.iter().flatten().find_map(|part| match part {
            Inline::Link { path, .. } => self.scene.address(path),
            _ => None,
        }) {
            first["url"] = address.into();
        }
        let mut embeds = vec![first];
        let body = self.body(&card.body);
        if !body.trim().is_empty() {
            embeds.push(json!({ "description": body.trim(), "color": edge }));
        }
        if let Some(footer) = &card.footer {
            let words: String = footer.iter().map(|part| clean(part.plain()).into_owned()).collect();
            let last = embeds.len() - 1;
            embeds[last]["footer"] = json!({ "text": plain(&words, FOOTER) });
        }
        Message { embeds, rows: self.rows(card) }
    }

    fn body(&mut self, sections: &[Section]) -> String {
        let mut parts = Vec::new();
        for section in sections {
            let mut pieces: Vec<Piece> = Vec::new();
            match section {
                Section::Para { text } => pieces.extend(rich(text, self.scene)),
                Section::List { items } => {
                    for item in items {
                        pieces.push(ours("- "));
                        pieces.extend(flat(item, self.scene));
                        pieces.push(ours("\n"));
                    }
                }
                Section::Quote { by, text } => {
                    for said in clean(text).split('\n') {
                        pieces.extend([ours("> "), Piece::words(said, markdown), ours("\n")]);
                    }
                    pieces.extend([ours("— "), Piece::words(&one_line(by), markdown)]);
                }
                Section::Factors { score, bars, confidence } => {
                    pieces.push(Piece::marked("**", &format!("Risk {} of 100", score.min(&100)), "**", markdown));
                    let most = longest(bars);
                    for b in bars {
                        pieces.push(ours(&format!("\n`{}` {} ", bar(b.tenths, most), points(b.tenths))));
                        pieces.push(Piece::words(&one_line(&b.label), markdown));
                    }
                    if !one_line(confidence).is_empty() {
                        pieces.push(ours("\n"));
                        pieces.push(Piece::marked("*", &one_line(confidence), "*", markdown));
                    }
                }
                Section::Choices { lead, options } => {
                    pieces.push(Piece::words(&one_line(lead), markdown));
                    for option in options {
                        pieces.push(ours("\n- "));
                        pieces.push(Piece::marked("**", &one_line(&option.title), "**", markdown));
                        pieces.push(ours(" "));
                        pieces.push(Piece::words(&one_line(&option.detail), markdown));
                    }
                }
                Section::Timeline { entries } => {
                    for entry in entries {
                        let when = Inline::Time { at: entry.at, shown: entry.shown.clone() };
                        pieces.push(ours("- "));
                        pieces.extend(rich(&vec![when], self.scene));
                        pieces.push(ours("  "));
                        pieces.extend(flat(&entry.text, self.scene));
                        pieces.push(ours("\n"));
                    }
                }
            }
            parts.push(lay(&pieces, usize::MAX).text.trim_end().to_owned());
        }
        parts.retain(|p| !p.trim().is_empty());
        parts.join("\n\n")
    }

    /// Buttons five a row; choices as selects in the rows that are left.
    fn rows(&mut self, card: &Card) -> Vec<Value> {
        let lists: Vec<(&String, &Vec<Choice>)> = card
            .body
            .iter()
            .filter_map(|s| match s {
                Section::Choices { lead, options } => Some((lead, options)),
                _ => None,
            })
            .collect();
        let choices: Vec<(&Choice, &str)> = lists
            .iter()
            .flat_map(|(_, options)| options.iter())
            .filter_map(|o| carried(&o.token).map(|t| (o, t)))
            .collect();
        let offered = lists.iter().map(|(_, options)| options.len()).sum::<usize>();
        let buttons: Vec<(usize, &Button, &str)> =
            card.actions.iter().enumerate().filter_map(|(n, b)| carried(&b.token).map(|t| (n, b, t))).collect();
        let for_choices = if choices.is_empty() { 0 } else { choices.len().div_ceil(OPTIONS).min(ROWS - 1) };
        let for_buttons = ROWS - if choices.is_empty() { 0 } else { 1 };
        let button_rows = buttons.len().div_ceil(ROW).min(for_buttons);
        let select_rows = for_choices.min(ROWS - button_rows);
        self.dropped.buttons += card.actions.len() - buttons.len().min(button_rows * ROW);
        self.dropped.buttons += offered - choices.len().min(select_rows * OPTIONS);
        let mut rows = Vec::new();
        for (row, part) in choices.chunks(OPTIONS).take(select_rows).enumerate() {
            let options: Vec<Value> = part
                .iter()
                .enumerate()
                .map(|(n, (choice, token))| {
                    let mut option = json!({
                        "label": plain(&choice.title, OPTION),
                        "value": Does::Choose.custom_id(n, token),
                    });
                    if !one_line(&choice.detail).is_empty() {
                        option["description"] = plain(&choice.detail, OPTION).into();
                    }
                    option
                })
                .collect();
            let lead = lists.first().map_or("", |(lead, _)| lead.as_str());
            rows.push(json!({ "type": 1, "components": [{
                "type": 3,
                "custom_id": format!("select{row}"),
                "placeholder": plain(lead, PLACEHOLDER),
                "options": options,
            }] }));
        }
        for part in buttons.chunks(ROW).take(button_rows) {
            let row: Vec<Value> = part
                .iter()
                .map(|(n, button, token)| {
                    let does = match (&button.form, &button.confirm) {
                        (Some(_), _) => Does::Form,
                        (None, Some(_)) => Does::Confirm,
                        (None, None) => Does::Act,
                    };
                    pressed(&button.label, button.style, does.custom_id(*n, token))
                })
                .collect();
            rows.push(json!({ "type": 1, "components": row }));
        }
        rows
    }
}

fn pressed(label: &str, style: Style, custom_id: String) -> Value {
    let style = match style {
        Style::Primary => 1,
        Style::Plain => 2,
        Style::Danger => 4,
    };
    json!({ "type": 2, "style": style, "label": plain(label, LABEL), "custom_id": custom_id })
}

/// Rich text without line feeds, for lines that begin with a mark of ours.
fn flat(words: &[Inline], scene: &Scene<'_>) -> Vec<Piece> {
    let mut words = words.to_vec();
    for part in &mut words {
        if let Inline::Text { text } = part {
            *text = clean(text).replace('\n', " ");
        }
    }
    rich(&words, scene)
}

/// Text of ours.
fn ours(text: &str) -> Piece {
    Piece::words(text, as_is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_does_reads_back() {
        for does in [Does::Act, Does::Form, Does::Confirm, Does::Choose, Does::Sent] {
            let id = does.custom_id(12, &"T".repeat(64));
            assert!(id.len() <= CUSTOM_ID);
            assert_eq!(Does::read(&id), Some((does, "T".repeat(64).as_str())));
        }
        assert_eq!(Does::read("x1:T"), None);
        assert_eq!(Does::read("é:T"), None);
        assert_eq!(Does::read(""), None);
    }
}
