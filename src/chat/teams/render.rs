//! A card as an Adaptive Card 1.5 and as the activity that carries it. Every button is an `Action.Execute` with an `Action.Submit` to
//! fall back on; forms and confirmations fold out inside the card, where Teams has no dialogs without another round trip.

use serde_json::{Value, json};

use crate::chat::budget::{Drawing, Dropped, fit};
use crate::chat::marks::{longest, sign};
use crate::chat::plain::one_line;
use crate::chat::scene::{Scene, carried, field_name, verb_name};
use crate::chat::teams::answer::{self, Citation};
use crate::chat::teams::elements::{block, fact, gauge, heading, ours, quote, run, runs, strong, subtle};
use crate::chat::teams::inert::{headline, line};
use crate::chat::teams::limits::{CARD_BYTES, CITATIONS, HEADLINE, INPUT, LABEL, OPTIONS, PRIMARY_ACTIONS, SUMMARY};
use crate::domain::action::Verb;
use crate::domain::card::{Button, Card, Form, Inline, Input, InputKind, Section, Style, Tone};

/// What an attachment of ours is.
pub const CONTENT_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// The card as the content of an attachment, and what did not fit.
#[must_use]
pub fn card(card: &Card, scene: &Scene<'_>) -> (Value, Dropped) {
    let (drawn, dropped) = adaptive(card, scene);
    (drawn.content, dropped)
}

fn adaptive(card: &Card, scene: &Scene<'_>) -> (Adaptive, Dropped) {
    fit(card, |card| {
        let mut page = Page { scene, dropped: Dropped::default(), citations: answer::is_one(card).then(Vec::new) };
        let content = page.card(card);
        (Adaptive { content, citations: page.citations.unwrap_or_default() }, page.dropped)
    })
}

/// The card as a message activity. There is no `text` beside the card: Teams would split the message in two and give no id back, so that
/// it could never be brought up to date. What notifications say is the `summary`. An answer names what it rests on, as far as the card
/// shows it; one that a model worded is labelled as such.
#[must_use]
pub fn activity(message: &Card, scene: &Scene<'_>) -> (Value, Dropped) {
    let (Adaptive { content, citations }, dropped) = adaptive(message, scene);
    let mut activity = json!({
        "type": "message",
        "summary": summary(message),
        "attachments": [{ "contentType": CONTENT_TYPE, "content": content }],
    });
    if let Some(entity) = answer::entity(&citations, message.is_by_model(), scene) {
        activity["entities"] = json!([entity]);
    }
    (activity, dropped)
}

/// The state and the headline in one line.
fn summary(card: &Card) -> String {
    let headline = one_line(&card.headline);
    match &card.badge {
        Some(badge) => line(&format!("{} · {headline}", one_line(&badge.word)), SUMMARY).text,
        None => line(&headline, SUMMARY).text,
    }
}

struct Adaptive {
    content: Value,
    citations: Vec<Citation>,
}

impl Drawing for Adaptive {
    fn fits(&self) -> bool {
        self.content.to_string().len() <= CARD_BYTES
    }
}

struct Page<'a> {
    scene: &'a Scene<'a>,
    dropped: Dropped,
    /// What the text refers to by number so far; `None` on cards that cite nothing.
    citations: Option<Vec<Citation>>,
}

impl Page<'_> {
    fn card(&mut self, card: &Card) -> Value {
        self.dropped.cut += usize::from(headline(&card.headline, HEADLINE).cut);
        let mut body = vec![heading(&card.headline)];
        if let Some(badge) = &card.badge {
            let style = match badge.tone {
                Tone::Neutral => "emphasis",
                Tone::Info => "accent",
                Tone::Good => "good",
                Tone::Warning => "warning",
                Tone::Danger => "attention",
            };
            body.push(json!({
                "type": "Container",
                "style": style,
                "bleed": true,
                "items": [block(vec![strong(&format!("{} {}", sign(badge.tone), one_line(&badge.word)))])],
            }));
        }
        body.extend(card.facts.iter().map(|f| fact(&f.label, runs(&f.value, self.scene))));
        for section in &card.body {
            self.section(section, &mut body);
        }
        if let Some(footer) = &card.footer {
            let mut small = runs(footer, self.scene);
            // What an answer links to in its small print is what it rests on.
            for part in footer {
                if let Inline::Link { text, path } = part {
                    small.extend(self.cite(|| Citation {
                        name: text.clone(),
                        says: card.headline.clone(),
                        path: Some(path.clone()),
                    }));
                }
            }
            for run in &mut small {
                run["size"] = "small".into();
                run["isSubtle"] = true.into();
            }
            body.push(block(small));
        }
        let actions = self.actions(&card.actions);
        json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.5",
            "fallbackText": summary(card),
            "body": body,
            "actions": actions,
            "msteams": { "width": "Full" },
        })
    }

    fn section(&mut self, section: &Section, body: &mut Vec<Value>) {
        match section {
            Section::Para { text } => body.push(block(runs(text, self.scene))),
            Section::List { items } => {
                for item in items {
                    let mut line = vec![ours("• ")];
                    line.extend(runs(item, self.scene));
                    body.push(block(line));
                }
            }
            Section::Quote { by, text } => body.push(quote(by, text)),
            Section::Factors { score, bars, confidence } => {
                let mut items = vec![block(vec![strong(&format!("Risk {} of 100", score.min(&100)))])];
                let most = longest(bars);
                items.extend(bars.iter().map(|b| gauge(b, most)));
                if !one_line(confidence).is_empty() {
                    items.push(block(vec![subtle(confidence)]));
                }
                body.push(json!({ "type": "Container", "items": items }));
            }
            Section::Choices { lead, options } => {
                body.push(block(vec![run(lead)]));
                for option in options {
                    let Some(token) = carried(&option.token) else {
                        self.dropped.buttons += 1;
                        continue;
                    };
                    let mut items = vec![block(vec![strong(&option.title)])];
                    if !one_line(&option.detail).is_empty() {
                        items.push(block(vec![run(&option.detail)]));
                    }
                    let mut press = execute(Verb::Choose, "This one", token, None, Style::Plain);
                    // Several buttons say the same; this tells them apart where only the button is read out.
                    press["tooltip"] = line(&format!("This one: {}", option.title), LABEL).text.into();
                    items.push(json!({ "type": "ActionSet", "actions": [press] }));
                    body.push(json!({ "type": "Container", "separator": true, "items": items }));
                }
            }
            Section::Timeline { entries } => {
                for entry in entries {
                    let mut line = vec![subtle(&entry.shown), ours("  ")];
                    line.extend(runs(&entry.text, self.scene));
                    line.extend(self.cite(|| Citation {
                        name: entry.shown.clone(),
                        says: entry.text.iter().map(Inline::plain).collect(),
                        path: None,
                    }));
                    body.push(block(line));
                }
            }
        }
    }

    /// The mark in the text for something that is cited, ` [1]`; nothing where this card cites nothing, or Teams shows no more.
    fn cite(&mut self, citation: impl FnOnce() -> Citation) -> Option<Value> {
        let citations = self.citations.as_mut().filter(|c| c.len() < CITATIONS)?;
        citations.push(citation());
        Some(ours(&format!(" [{}]", citations.len())))
    }

    fn actions(&mut self, buttons: &[Button]) -> Vec<Value> {
        let mut actions = Vec::new();
        for (n, button) in buttons.iter().enumerate() {
            let Some(token) = carried(&button.token) else {
                self.dropped.buttons += 1;
                continue;
            };
            let mut action = match (&button.form, &button.confirm) {
                (Some(form), question) => self.fold_out(n, button, token, form, question.as_deref()),
                (None, Some(question)) => {
                    let label = format!("Yes: {}", one_line(&button.label));
                    let yes = execute(button.verb, &label, token, None, confirming(button.style));
                    show_card(button, vec![block(vec![run(question)])], yes)
                }
                (None, None) => execute(button.verb, &button.label, token, None, button.style),
            };
            if actions.len() >= PRIMARY_ACTIONS {
                action["mode"] = "secondary".into();
            }
            actions.push(action);
        }
        actions
    }

    /// A form inside the card. Fields are called by the button's place and their own name, because names count on the whole card.
    fn fold_out(&mut self, place: usize, button: &Button, token: &str, form: &Form, question: Option<&str>) -> Value {
        let mut body = vec![block(vec![strong(&form.title)])];
        let mut names = Vec::new();
        for input in &form.inputs {
            let Some(name) = field_name(&input.id).filter(|n| !names.contains(n)) else {
                self.dropped.inputs += 1;
                continue;
            };
            names.push(name);
            match field(input, &format!("{place}.{name}"), &mut self.dropped) {
                Some(drawn) => body.push(drawn),
                None => self.dropped.inputs += 1,
            }
        }
        if let Some(question) = question {
            body.push(block(vec![run(question)]));
        }
        let send = execute(button.verb, &form.send, token, Some(place), confirming(button.style));
        show_card(button, body, send)
    }
}

fn show_card(button: &Button, body: Vec<Value>, action: Value) -> Value {
    styled(
        json!({
            "type": "Action.ShowCard",
            "title": line(&button.label, LABEL).text,
            "card": { "type": "AdaptiveCard", "body": body, "actions": [action] },
        }),
        button.style,
    )
}

/// The button that sends is the likely one unless it hurts.
fn confirming(style: Style) -> Style {
    if style == Style::Danger { Style::Danger } else { Style::Primary }
}

fn execute(verb: Verb, label: &str, token: &str, form: Option<usize>, style: Style) -> Value {
    let mut data = json!({ "token": token });
    if let Some(place) = form {
        data["form"] = place.into();
    }
    let title = line(label, LABEL).text;
    let inputs = if form.is_some() { "auto" } else { "none" };
    let submit =
        styled(json!({ "type": "Action.Submit", "title": title, "data": data, "associatedInputs": inputs }), style);
    styled(
        json!({
            "type": "Action.Execute",
            "title": title,
            "verb": verb_name(verb),
            "data": data,
            "associatedInputs": inputs,
            "fallback": submit,
        }),
        style,
    )
}

fn styled(mut action: Value, style: Style) -> Value {
    match style {
        Style::Primary => action["style"] = "positive".into(),
        Style::Danger => action["style"] = "destructive".into(),
        Style::Plain => {}
    }
    action
}

fn field(input: &Input, id: &str, dropped: &mut Dropped) -> Option<Value> {
    let label = line(&input.label, LABEL * 2).text;
    let mut field = match &input.kind {
        InputKind::Line | InputKind::Lines | InputKind::Time => {
            let most = usize::try_from(input.max).unwrap_or(INPUT).clamp(1, INPUT);
            let mut field = json!({
                "type": "Input.Text",
                "id": id,
                "label": label,
                "isMultiline": matches!(input.kind, InputKind::Lines),
                "maxLength": most,
            });
            let value = crate::chat::budget::clip(&crate::chat::plain::clean(&input.value), most);
            if !value.is_empty() {
                field["value"] = value.into();
            }
            if matches!(input.kind, InputKind::Time) {
                field["placeholder"] = "until Friday, two weeks, end of the month".into();
            }
            field
        }
        InputKind::Select { options } => {
            let mut values: Vec<&str> = Vec::new();
            let mut choices = Vec::new();
            for (value, words) in options {
                // Several values come back joined by commas, so that a comma is no part of one.
                let fine = !value.trim().is_empty()
                    && value.len() <= 200
                    && !value.contains(',')
                    && !values.contains(&value.as_str());
                if !fine || choices.len() == OPTIONS {
                    dropped.inputs += 1;
                    continue;
                }
                values.push(value);
                choices.push(json!({ "title": line(words, LABEL).text, "value": value }));
            }
            if choices.is_empty() {
                return None;
            }
            let mut field = json!({
                "type": "Input.ChoiceSet",
                "id": id,
                "label": label,
                "style": "compact",
                "choices": choices,
            });
            if values.contains(&input.value.as_str()) {
                field["value"] = input.value.as_str().into();
            }
            field
        }
    };
    if input.required {
        field["isRequired"] = true.into();
        field["errorMessage"] = "Please fill this in.".into();
    }
    Some(field)
}
