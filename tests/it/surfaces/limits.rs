//! Every number the platforms name, checked on finished payloads. The numbers are written down here a second time, so that a slip in the
//! product's own table is found. Lengths count UTF-16 code units, which is never less than what a platform counts.

use std::collections::BTreeSet;

use serde_json::Value;

fn units(value: &Value) -> usize {
    value.as_str().map_or(0, |t| t.encode_utf16().count())
}

fn list<'a>(value: &'a Value) -> std::slice::Iter<'a, Value> {
    value.as_array().map(|a| a.iter()).unwrap_or_default()
}

struct Faults(Vec<String>);

impl Faults {
    fn must(&mut self, fine: bool, what: impl FnOnce() -> String) {
        if !fine {
            self.0.push(what());
        }
    }

    /// A text that has to be there, of at least one and at most so many units.
    fn text(&mut self, value: &Value, most: usize, what: &str) {
        let found = units(value);
        let blank = value.as_str().is_none_or(|t| t.trim().is_empty());
        self.must(!blank && found <= most, || format!("{what}: {found} of {most} units, blank: {blank}"));
    }

    /// A text that may be missing.
    fn maybe(&mut self, value: &Value, most: usize, what: &str) {
        if !value.is_null() {
            self.text(value, most, what);
        }
    }

    fn count(&mut self, found: usize, from: usize, to: usize, what: &str) {
        self.must((from..=to).contains(&found), || format!("{found} {what}, {from} to {to} allowed"));
    }
}

/// Every object of a payload.
pub fn objects(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(map) => {
            found.push(value);
            map.values().for_each(|v| found.extend(objects(v)));
        }
        Value::Array(list) => list.iter().for_each(|v| found.extend(objects(v))),
        _ => {}
    }
    found
}

pub fn slack_message(message: &Value) -> Vec<String> {
    let mut f = Faults(Vec::new());
    f.text(&message["text"], 4_000, "text");
    f.count(list(&message["blocks"]).len(), 1, 50, "blocks");
    slack_blocks(&message["blocks"], &mut f);
    f.0
}

pub fn slack_view(view: &Value) -> Vec<String> {
    let mut f = Faults(Vec::new());
    f.count(list(&view["blocks"]).len(), 1, 100, "blocks");
    f.must(units(&view["private_metadata"]) <= 3_000, || "private_metadata".into());
    f.maybe(&view["callback_id"], 255, "callback_id");
    if view["type"] == "modal" {
        f.text(&view["title"]["text"], 24, "modal title");
        f.maybe(&view["submit"]["text"], 24, "submit");
        f.maybe(&view["close"]["text"], 24, "close");
        let inputs = list(&view["blocks"]).any(|b| b["type"] == "input");
        f.must(!inputs || view["submit"].is_object(), || "inputs without submit".into());
    }
    slack_blocks(&view["blocks"], &mut f);
    f.0
}

fn slack_blocks(blocks: &Value, f: &mut Faults) {
    let mut block_ids = BTreeSet::new();
    let mut action_ids = BTreeSet::new();
    for block in list(blocks) {
        if let Some(id) = block["block_id"].as_str() {
            f.must(id.len() <= 255 && !id.is_empty() && block_ids.insert(id), || {
                format!("block_id `{id}` twice or too long")
            });
        }
        match block["type"].as_str().unwrap_or_default() {
            "header" => {
                f.text(&block["text"]["text"], 150, "header");
                f.must(block["text"]["type"] == "plain_text", || "header is no plain_text".into());
            }
            "section" => {
                f.must(block["text"].is_object() || block["fields"].is_array(), || "section without words".into());
                f.maybe(&block["text"]["text"], 3_000, "section");
                if block["fields"].is_array() {
                    f.count(list(&block["fields"]).len(), 1, 10, "fields");
                }
                list(&block["fields"]).for_each(|field| f.text(&field["text"], 2_000, "field"));
            }
            "context" => {
                f.count(list(&block["elements"]).len(), 1, 10, "context elements");
                list(&block["elements"]).for_each(|e| f.text(&e["text"], 3_000, "context"));
            }
            "actions" => f.count(list(&block["elements"]).len(), 1, 25, "action elements"),
            "input" => {
                f.text(&block["label"]["text"], 2_000, "input label");
                f.maybe(&block["hint"]["text"], 2_000, "input hint");
            }
            other => f.0.push(format!("block `{other}` is not one of ours")),
        }
        for element in objects(block) {
            let Some(kind) = element["type"].as_str() else { continue };
            if let Some(id) = element["action_id"].as_str() {
                f.must(id.len() <= 255 && !id.is_empty() && action_ids.insert(id), || {
                    format!("action_id `{id}` twice or too long")
                });
            }
            match kind {
                "plain_text" => f.must(!element["text"].as_str().unwrap_or("\n").contains('\n'), || {
                    "a line feed in plain_text".into()
                }),
                "mrkdwn" => f.must(element["verbatim"] == true, || "mrkdwn that is not verbatim".into()),
                "button" => {
                    f.text(&element["text"]["text"], 75, "button");
                    f.text(&element["value"], 2_000, "button value");
                    f.maybe(&element["accessibility_label"], 75, "accessibility label");
                }
                "static_select" => {
                    f.count(list(&element["options"]).len(), 1, 100, "options");
                    f.maybe(&element["placeholder"]["text"], 150, "placeholder");
                    let mut values = BTreeSet::new();
                    for option in list(&element["options"]) {
                        f.text(&option["text"]["text"], 75, "option");
                        f.maybe(&option["description"]["text"], 75, "option description");
                        f.text(&option["value"], 150, "option value");
                        f.must(
                            element["action_id"].as_str().is_some_and(|a| a.starts_with("choose."))
                                || values.insert(option["value"].as_str()),
                            || "an option value twice".into(),
                        );
                    }
                    if element["initial_option"].is_object() {
                        let there = list(&element["options"]).any(|o| *o == element["initial_option"]);
                        f.must(there, || "initial_option is none of the options".into());
                    }
                }
                "plain_text_input" => {
                    let most = element["max_length"].as_u64().unwrap_or(3_000);
                    f.must((1..=3_000).contains(&most), || format!("max_length {most}"));
                    let value = units(&element["initial_value"]);
                    f.must(value <= most as usize, || format!("initial_value of {value} in {most}"));
                }
                _ => {}
            }
            if element["confirm"].is_object() && kind == "button" {
                f.text(&element["confirm"]["title"]["text"], 100, "confirm title");
                f.text(&element["confirm"]["text"]["text"], 300, "confirm text");
                f.text(&element["confirm"]["confirm"]["text"], 30, "confirm yes");
                f.text(&element["confirm"]["deny"]["text"], 30, "confirm no");
            }
        }
    }
}

pub fn teams(activity: &Value) -> Vec<String> {
    let mut f = Faults(Vec::new());
    let card = &activity["attachments"][0]["content"];
    f.must(activity.get("text").is_none(), || "text beside a card".into());
    f.text(&activity["summary"], 400, "summary");
    f.count(list(&activity["attachments"]).len(), 1, 1, "attachments");
    f.must(activity["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive", || {
        "content type".into()
    });
    f.must(card["version"] == "1.5", || "version".into());
    let bytes = card.to_string().len();
    f.must(bytes <= 25_000, || format!("{bytes} bytes"));
    let whole = activity.to_string().encode_utf16().count() * 2;
    f.must(whole <= 100_000, || format!("{whole} bytes in UTF-16"));
    let primary = list(&card["actions"]).filter(|a| a["mode"] != "secondary").count();
    f.count(primary, 0, 6, "primary actions");
    let mut ids = BTreeSet::new();
    for element in objects(card) {
        let kind = element["type"].as_str().unwrap_or_default();
        if kind.starts_with("Input.") {
            let id = element["id"].as_str().unwrap_or_default();
            f.must(!id.is_empty() && ids.insert(id), || format!("input id `{id}` twice or empty"));
            f.text(&element["label"], 200, "input label");
            f.must(element["isRequired"] != true || element["errorMessage"].is_string(), || {
                "required without errorMessage".into()
            });
            if kind == "Input.ChoiceSet" {
                f.count(list(&element["choices"]).len(), 1, 100, "choices");
                list(&element["choices"]).for_each(|c| f.text(&c["title"], 200, "choice"));
            } else {
                let most = element["maxLength"].as_u64().unwrap_or(0) as usize;
                f.must(most > 0 && units(&element["value"]) <= most, || "value longer than maxLength".into());
            }
        }
        if kind.starts_with("Action.") && kind != "Action.OpenUrl" {
            f.text(&element["title"], 100, "action title");
        }
        if kind == "Action.Execute" {
            f.must(element["fallback"]["type"] == "Action.Submit", || "Execute without Submit to fall back on".into());
            f.must(element["fallback"]["data"] == element["data"], || "the fallback carries something else".into());
            f.text(&element["verb"], 40, "verb");
            f.text(&element["data"]["token"], 100, "token");
        }
        if kind == "RichTextBlock" {
            f.must(list(&element["inlines"]).len() > 0, || "a block without words".into());
        }
        if kind == "TextRun" || kind == "TextBlock" {
            f.must(units(&element["text"]) > 0, || "an empty text".into());
        }
    }
    f.0
}

pub fn discord_message(message: &Value) -> Vec<String> {
    let mut f = Faults(Vec::new());
    f.must(message["allowed_mentions"] == serde_json::json!({ "parse": [] }), || {
        "mentions are not switched off".into()
    });
    f.must(units(&message["content"]) <= 2_000, || "content".into());
    f.count(list(&message["embeds"]).len(), 1, 10, "embeds");
    let mut sum = 0;
    for embed in list(&message["embeds"]) {
        f.maybe(&embed["title"], 256, "title");
        f.maybe(&embed["description"], 4_096, "description");
        f.maybe(&embed["footer"]["text"], 2_048, "footer");
        f.maybe(&embed["url"], 2_048, "url");
        f.count(list(&embed["fields"]).len(), 0, 25, "fields");
        f.must(embed["color"].as_u64().unwrap_or(0) <= 0xFF_FFFF, || "colour".into());
        sum += units(&embed["title"]) + units(&embed["description"]) + units(&embed["footer"]["text"]);
        for field in list(&embed["fields"]) {
            f.text(&field["name"], 256, "field name");
            f.text(&field["value"], 1_024, "field value");
            sum += units(&field["name"]) + units(&field["value"]);
        }
    }
    f.must(sum <= 6_000, || format!("{sum} units in all embeds"));
    f.count(list(&message["components"]).len(), 0, 5, "rows");
    let all: usize = list(&message["components"]).map(|r| 1 + list(&r["components"]).len()).sum();
    f.must(all <= 40, || format!("{all} components"));
    let mut ids = BTreeSet::new();
    for row in list(&message["components"]) {
        f.must(row["type"] == 1, || "no row".into());
        let inside = list(&row["components"]);
        let selects = inside.clone().filter(|c| c["type"] == 3).count();
        f.count(inside.len(), 1, if selects > 0 { 1 } else { 5 }, "components in a row");
        for part in inside {
            f.text(&part["custom_id"], 100, "custom_id");
            f.must(ids.insert(part["custom_id"].as_str()), || "a custom_id twice".into());
            if part["type"] == 2 {
                f.text(&part["label"], 80, "label");
            } else {
                select(part, &mut f);
            }
        }
    }
    f.0
}

fn select(part: &Value, f: &mut Faults) {
    f.maybe(&part["placeholder"], 150, "placeholder");
    f.count(list(&part["options"]).len(), 1, 25, "options");
    let mut values = BTreeSet::new();
    for option in list(&part["options"]) {
        f.text(&option["label"], 100, "option label");
        f.text(&option["value"], 100, "option value");
        f.maybe(&option["description"], 100, "option description");
        f.must(values.insert(option["value"].as_str()), || "an option value twice".into());
    }
}

pub fn discord_modal(modal: &Value) -> Vec<String> {
    let mut f = Faults(Vec::new());
    f.text(&modal["custom_id"], 100, "custom_id");
    f.text(&modal["title"], 45, "modal title");
    f.count(list(&modal["components"]).len(), 1, 5, "modal fields");
    let mut ids = BTreeSet::new();
    for row in list(&modal["components"]) {
        let part = if row["type"] == 18 {
            f.text(&row["label"], 45, "label");
            &row["component"]
        } else {
            f.count(list(&row["components"]).len(), 1, 1, "fields in a row");
            f.text(&row["components"][0]["label"], 45, "label");
            &row["components"][0]
        };
        f.text(&part["custom_id"], 100, "custom_id");
        f.must(ids.insert(part["custom_id"].as_str()), || "a custom_id twice".into());
        if part["type"] == 3 {
            select(part, &mut f);
        } else {
            let most = part["max_length"].as_u64().unwrap_or(4_000) as usize;
            f.must((1..=4_000).contains(&most) && units(&part["value"]) <= most, || {
                "value longer than max_length".into()
            });
            f.maybe(&part["placeholder"], 100, "placeholder");
        }
    }
    f.0
}

#[test]
fn the_checks_can_fail() {
    use serde_json::json;
    let long = "x".repeat(5_000);
    assert!(
        !slack_message(
            &json!({ "text": "x", "blocks": [{ "type": "header", "text": { "type": "plain_text", "text": long } }] })
        )
        .is_empty()
    );
    assert!(!slack_message(&json!({ "text": "x", "blocks": [] })).is_empty());
    assert!(
        !slack_view(&json!({ "type": "modal", "title": { "text": long }, "blocks": [{ "type": "divider" }] }))
            .is_empty()
    );
    assert!(!teams(&json!({ "text": "x", "summary": "x", "attachments": [] })).is_empty());
    assert!(!discord_message(&json!({ "embeds": [{ "title": "x" }] })).is_empty());
    assert!(
        !discord_message(&json!({ "embeds": [{ "description": long }], "allowed_mentions": { "parse": [] } }))
            .is_empty()
    );
    assert!(!discord_modal(&json!({ "custom_id": "x", "title": long, "components": [] })).is_empty());
}
