//! Structure, by JSON Schemas made from the vendors' own type packages (`tests/chat/schemas`).

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

macro_rules! schema {
    ($name:literal) => {
        LazyLock::new(|| {
            let schema = serde_json::from_str(include_str!(concat!("../../chat/schemas/", $name))).unwrap();
            jsonschema::validator_for(&schema).unwrap()
        })
    };
}

static SLACK_BLOCKS: LazyLock<Validator> = schema!("slack-blocks.json");
static SLACK_VIEW: LazyLock<Validator> = schema!("slack-view.json");
static DISCORD_MESSAGE: LazyLock<Validator> = schema!("discord-message.json");
static DISCORD_RESPONSE: LazyLock<Validator> = schema!("discord-response.json");
static ADAPTIVE_CARD: LazyLock<Validator> = schema!("adaptive-card-1.5.json");

fn errors(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|e| format!("at {}: {e:.300}", e.instance_path())).collect()
}

/// Blocks one by one, so that a fault names its block.
pub fn slack_blocks(blocks: &Value) -> Vec<String> {
    let one_by_one = blocks.as_array().into_iter().flatten();
    one_by_one.flat_map(|b| errors(&SLACK_BLOCKS, &Value::Array(vec![b.clone()]))).collect()
}

pub fn slack_view(view: &Value) -> Vec<String> {
    errors(&SLACK_VIEW, view)
}

pub fn discord_message(message: &Value) -> Vec<String> {
    errors(&DISCORD_MESSAGE, message)
}

pub fn discord_response(response: &Value) -> Vec<String> {
    errors(&DISCORD_RESPONSE, response)
}

/// The schema knows nothing of Teams' own `msteams`.
pub fn adaptive_card(card: &Value) -> Vec<String> {
    let mut card = card.clone();
    card.as_object_mut().unwrap().remove("msteams");
    errors(&ADAPTIVE_CARD, &card)
}

#[test]
fn the_schemas_refuse_what_the_platforms_would() {
    use serde_json::json;
    let header = |text: Value| json!([{ "type": "header", "text": text }]);
    assert!(slack_blocks(&header(json!({ "type": "plain_text", "text": "x" }))).is_empty());
    assert!(!slack_blocks(&header(json!({ "type": "mrkdwn", "text": "x" }))).is_empty());
    assert!(!slack_blocks(&json!([{ "type": "nonsense" }])).is_empty());
    assert!(!slack_blocks(&json!([{ "type": "divider", "colour": "red" }])).is_empty());
    assert!(!slack_view(&json!({ "type": "modal", "blocks": [] })).is_empty());
    let card = |body: Value| json!({ "type": "AdaptiveCard", "version": "1.5", "body": [body] });
    assert!(adaptive_card(&card(json!({ "type": "TextBlock", "text": "x" }))).is_empty());
    assert!(!adaptive_card(&card(json!({ "type": "TextBlok", "text": "x" }))).is_empty());
    assert!(!adaptive_card(&card(json!({ "type": "TextBlock", "text": "x", "style": "huge" }))).is_empty());
    assert!(!discord_message(&json!({ "embeds": [{ "title": 3 }] })).is_empty());
    assert!(
        !discord_message(&json!({ "components": [{ "type": 1, "components": [{ "type": 2, "style": 9 }] }] }))
            .is_empty()
    );
    assert!(!discord_response(&json!({ "type": 9, "data": { "title": "x" } })).is_empty());
}
