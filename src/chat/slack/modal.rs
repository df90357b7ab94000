//! A button's form as a modal.

use serde_json::{Value, json};

use crate::chat::budget::{Dropped, Piece, units};
use crate::chat::plain::one_line;
use crate::chat::scene::{Scene, carried, field_name};
use crate::chat::slack::inert::{line, mrkdwn, plain, plain_object, raw};
use crate::chat::slack::limits::{INPUT, INPUT_LABEL, LABEL, OPTION_VALUE, OPTIONS, TITLE, VIEW_BLOCKS};
use crate::chat::slack::render::{Page, label};
use crate::domain::card::{Button, Input, InputKind};

/// What every modal of ours is called when its answer comes.
pub const CALLBACK: &str = "form";

/// The form behind a button as a modal view; `None` where there is no form or no token a platform can carry. `private_metadata` is the
/// token; each field's `block_id` and `action_id` are its name.
#[must_use]
pub fn modal(button: &Button, scene: &Scene<'_>) -> Option<(Value, Dropped)> {
    let form = button.form.as_ref()?;
    let token = carried(&button.token)?;
    let mut page = Page { scene, blocks: Vec::new(), dropped: Dropped::default() };
    // A modal's own title is too short for most of ours.
    if line(&form.title, TITLE, plain).cut {
        page.words(&label(&form.title)[..1]);
    }
    if let Some(question) = &button.confirm {
        page.words(&[Piece::words(question, mrkdwn)]);
    }
    let mut names = Vec::new();
    for input in &form.inputs {
        let Some(name) = field_name(&input.id).filter(|n| !names.contains(n)) else {
            page.dropped.inputs += 1;
            continue;
        };
        names.push(name);
        match field(input, name, &mut page.dropped) {
            Some(block) if page.blocks.len() < VIEW_BLOCKS => page.blocks.push(block),
            _ => page.dropped.inputs += 1,
        }
    }
    if page.blocks.is_empty() {
        page.words(&label(&form.title)[..1]);
    }
    let view = json!({
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": token,
        "title": plain_object(&form.title, TITLE),
        "submit": plain_object(&form.send, TITLE),
        "close": plain_object("Back", TITLE),
        "blocks": page.blocks,
    });
    Some((view, page.dropped))
}

/// A modal to open at once, while the real one is being made: the ticket for opening lives three seconds.
#[must_use]
pub fn waiting() -> Value {
    json!({
        "type": "modal",
        "callback_id": "waiting",
        "title": plain_object("One moment", TITLE),
        "blocks": [{ "type": "section", "text": plain_object("Getting the latest state …", 100) }],
    })
}

fn field(input: &Input, name: &str, dropped: &mut Dropped) -> Option<Value> {
    let most = usize::try_from(input.max).unwrap_or(INPUT).clamp(1, INPUT);
    let element = match &input.kind {
        InputKind::Line | InputKind::Time | InputKind::Lines => {
            let value = raw(&input.value, most);
            let mut element = json!({
                "type": "plain_text_input",
                "action_id": name,
                "multiline": matches!(input.kind, InputKind::Lines),
                "max_length": most,
            });
            if !value.is_empty() {
                element["initial_value"] = value.into();
            }
            element
        }
        InputKind::Select { options } => {
            let mut values: Vec<&str> = Vec::new();
            let mut drawn = Vec::new();
            let mut chosen = None;
            for (value, words) in options {
                let fine =
                    !value.trim().is_empty() && units(value) <= OPTION_VALUE && !values.contains(&value.as_str());
                if !fine || drawn.len() == OPTIONS {
                    dropped.inputs += 1;
                    continue;
                }
                values.push(value);
                let option = json!({ "text": plain_object(words, LABEL), "value": value });
                if *value == input.value {
                    chosen = Some(option.clone());
                }
                drawn.push(option);
            }
            if drawn.is_empty() {
                return None;
            }
            let mut element = json!({
                "type": "static_select",
                "action_id": name,
                "placeholder": plain_object("Choose one", LABEL),
                "options": drawn,
            });
            if let Some(chosen) = chosen {
                element["initial_option"] = chosen;
            }
            element
        }
    };
    let mut block = json!({
        "type": "input",
        "block_id": name,
        "label": plain_object(&one_line(&input.label), INPUT_LABEL),
        "optional": !input.required,
        "element": element,
    });
    if matches!(input.kind, InputKind::Time) {
        block["hint"] = plain_object("In your words: “until Friday”, “two weeks”, “end of the month”.", INPUT_LABEL);
    }
    Some(block)
}
