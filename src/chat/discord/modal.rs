//! A button's form as a modal: it has to be the first answer to a click, never one after a deferral.

use serde_json::{Value, json};

use crate::chat::budget::{Dropped, clip, units};
use crate::chat::discord::inert::plain;
use crate::chat::discord::limits::{
    MODAL_FIELDS, MODAL_HINT, MODAL_LABEL, MODAL_TEXT, MODAL_TITLE, OPTION, OPTIONS, PLACEHOLDER,
};
use crate::chat::discord::render::Does;
use crate::chat::plain::{clean, one_line};
use crate::chat::scene::{carried, field_name};
use crate::domain::card::{Button, Input, InputKind};

/// The form behind a button as a modal; `None` where there is no form, no field or no token a platform can carry.
#[must_use]
pub fn modal(button: &Button) -> Option<(Value, Dropped)> {
    let form = button.form.as_ref()?;
    let token = carried(&button.token)?;
    let mut dropped = Dropped::default();
    let mut names = Vec::new();
    let mut fields = Vec::new();
    for input in &form.inputs {
        let name = field_name(&input.id).filter(|n| !names.contains(n));
        let (Some(name), true) = (name, fields.len() < MODAL_FIELDS) else {
            dropped.inputs += 1;
            continue;
        };
        names.push(name);
        match field(input, name, &mut dropped) {
            Some(drawn) => fields.push(drawn),
            None => dropped.inputs += 1,
        }
    }
    if fields.is_empty() {
        return None;
    }
    let modal = json!({
        "custom_id": Does::Sent.custom_id(0, token),
        "title": plain(&form.title, MODAL_TITLE),
        "components": fields,
    });
    Some((modal, dropped))
}

fn field(input: &Input, name: &str, dropped: &mut Dropped) -> Option<Value> {
    let label = plain(&input.label, MODAL_LABEL);
    if let InputKind::Select { options } = &input.kind {
        return select(input, name, &label, options, dropped);
    }
    let most = usize::try_from(input.max).unwrap_or(MODAL_TEXT).clamp(1, MODAL_TEXT);
    let mut text = json!({
        "type": 4,
        "custom_id": name,
        "label": label,
        "style": if matches!(input.kind, InputKind::Lines) { 2 } else { 1 },
        "required": input.required,
        "max_length": most,
    });
    let value = clip(&clean(&input.value), most);
    if !value.is_empty() {
        text["value"] = value.into();
    }
    // A label that had to be cut is said in full where there is room.
    if units(&one_line(&input.label)) > MODAL_LABEL {
        text["placeholder"] = plain(&input.label, MODAL_HINT).into();
    } else if matches!(input.kind, InputKind::Time) {
        text["placeholder"] = "until Friday, two weeks, end of the month".into();
    }
    Some(json!({ "type": 1, "components": [text] }))
}

fn select(
    input: &Input,
    name: &str,
    label: &str,
    options: &[(String, String)],
    dropped: &mut Dropped,
) -> Option<Value> {
    let mut values: Vec<&str> = Vec::new();
    let mut drawn = Vec::new();
    for (value, words) in options {
        let fine = !value.trim().is_empty() && units(value) <= OPTION && !values.contains(&value.as_str());
        if !fine || drawn.len() == OPTIONS {
            dropped.inputs += 1;
            continue;
        }
        values.push(value);
        let mut option = json!({ "label": plain(words, OPTION), "value": value });
        if *value == input.value {
            option["default"] = true.into();
        }
        drawn.push(option);
    }
    if drawn.is_empty() {
        return None;
    }
    let select = json!({
        "type": 3,
        "custom_id": name,
        "placeholder": plain("Choose one", PLACEHOLDER),
        "required": input.required,
        "options": drawn,
    });
    Some(json!({ "type": 18, "label": label, "component": select }))
}
