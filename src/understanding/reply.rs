//! What a language model may answer, as a strict JSON Schema, and how its answer is read: as text by a stranger.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::domain::ids::EntitlementId;
use crate::understanding::types::Intent;

/// The most entitlements one answer may name.
pub const MAX_NAMED: usize = 4;

/// The longest quote that is looked at, in bytes.
const MAX_QUOTE: usize = 2_000;

/// The answer's form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Reply {
    /// What the person wants.
    pub intent: Intent,
    /// Ids out of the list.
    #[serde(default, deserialize_with = "few_texts")]
    pub entitlements: Vec<String>,
    /// Words of the message.
    #[serde(default)]
    pub reason_quote: Option<String>,
    /// Words of the message.
    #[serde(default)]
    pub time_quote: Option<String>,
}

/// Reads at most a few texts and drops the rest of a runaway list.
fn few_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut all = Vec::<String>::deserialize(deserializer)?;
    all.truncate(64);
    Ok(all)
}

/// The strict schema of an answer, the turn's ids as a closed list.
#[must_use]
pub fn schema(offered: &[String]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<Reply>().to_value();
    strip(&mut schema);
    if let Some(object) = schema.as_object_mut() {
        // Strict mode wants every property required and nothing beside them.
        object.insert("required".to_owned(), json!(["intent", "entitlements", "reason_quote", "time_quote"]));
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    if let Some(list) = schema.pointer_mut("/properties/entitlements") {
        *list = if offered.is_empty() {
            json!({ "type": "array", "items": { "type": "string" }, "maxItems": 0 })
        } else {
            json!({ "type": "array", "items": { "type": "string", "enum": offered }, "maxItems": MAX_NAMED.min(offered.len()) })
        };
    }
    if let Some(intent) = schema.pointer_mut("/properties/intent") {
        let names: Vec<Value> = intent
            .get("oneOf")
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(|one| one.get("const").cloned()).collect())
            .unwrap_or_default();
        *intent = json!({ "type": "string", "enum": names });
    }
    schema
}

/// Takes out what strict mode does not know, and what only costs tokens.
fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for key in ["title", "description", "default", "$schema"] {
                if object.get(key).is_some_and(|v| !v.is_object() || key == "default") {
                    object.remove(key);
                }
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

/// An answer that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// No JSON object of the asked form in it.
    #[error("the answer is not of the asked form")]
    NotOfTheForm,
}

/// An answer after everything that cannot stand has been taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounded {
    /// What the person wants.
    pub intent: Intent,
    /// Offered ids, each once, at most [`MAX_NAMED`].
    pub entitlements: Vec<EntitlementId>,
    /// How many ids were named that were not offered.
    pub invented: usize,
    /// Words of the message, cut out of it.
    pub reason: Option<String>,
    /// Words of the message, cut out of it.
    pub time: Option<String>,
}

/// Reads an answer. Ids that were not offered, repeated ids, and quotes that do not stand in the words are dropped. Of an answer that was
/// cut off for length, what stands before the cut counts, if the list of entitlements does.
///
/// # Errors
/// [`ReplyError`] where it is not of the asked form.
pub fn read(text: &str, offered: &[String], words: &str) -> Result<Grounded, ReplyError> {
    // Servers without strict mode wrap the object in a fence or in words.
    let start = text.find('{').ok_or(ReplyError::NotOfTheForm)?;
    let body = text.get(start..).unwrap_or_default();
    let whole = body.rfind('}').and_then(|end| serde_json::from_str::<Reply>(body.get(..=end)?).ok());
    let reply =
        whole.or_else(|| serde_json::from_str::<Reply>(&before_the_cut(body)?).ok()).ok_or(ReplyError::NotOfTheForm)?;
    let mut seen = BTreeSet::new();
    let mut entitlements = Vec::new();
    let mut invented = 0;
    for id in reply.entitlements {
        if !offered.contains(&id) {
            invented += 1;
        } else if seen.insert(id.clone()) && entitlements.len() < MAX_NAMED {
            entitlements.extend(EntitlementId::parse(id));
        }
    }
    let quoted = |quote: Option<String>| quote.and_then(|q| locate(words, &q)).map(str::to_owned);
    Ok(Grounded {
        intent: reply.intent,
        entitlements,
        invented,
        reason: quoted(reply.reason_quote),
        time: quoted(reply.time_quote),
    })
}

/// The whole fields of an answer that ends in the middle of a later one (small models copy on and on into a quote); `None` where it was
/// not cut, or was before the list of entitlements was whole.
fn before_the_cut(body: &str) -> Option<String> {
    let (mut depth, mut quoted, mut escaped, mut comma) = (0_usize, false, false, None);
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return None;
                }
            }
            ',' if depth == 1 => comma = Some(at),
            _ => {}
        }
    }
    let closed = format!("{}}}", body.get(..comma?)?);
    let fields: serde_json::Map<String, Value> = serde_json::from_str(&closed).ok()?;
    fields.contains_key("entitlements").then_some(closed)
}

/// The place in the words a quote was copied from, case, spaces and marks at its ends aside.
#[must_use]
pub fn locate<'a>(words: &'a str, quote: &str) -> Option<&'a str> {
    if quote.len() > MAX_QUOTE {
        return None;
    }
    let wanted: Vec<String> = quote.split_whitespace().map(bare).filter(|w| !w.is_empty()).collect();
    if wanted.is_empty() {
        return None;
    }
    let pieces: Vec<(usize, &str, String)> = words
        .split_whitespace()
        .map(|piece| (piece.as_ptr() as usize - words.as_ptr() as usize, piece, bare(piece)))
        .filter(|(_, _, bare)| !bare.is_empty())
        .collect();
    let at = pieces.windows(wanted.len()).position(|run| run.iter().zip(&wanted).all(|(p, w)| p.2 == *w))?;
    let first = pieces.get(at)?;
    let last = pieces.get(at + wanted.len() - 1)?;
    words.get(first.0..last.0 + last.1.len()).map(|found| found.trim_end_matches(['.', ',', ';', ':', '!']))
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<String> {
        vec!["wiki.viewer".to_owned(), "wiki.admin".to_owned()]
    }

    #[test]
    fn the_schema_is_strict_and_closed() {
        let schema = schema(&ids());
        insta::assert_snapshot!(serde_json::to_string(&schema).unwrap());
        assert_eq!(super::schema(&[])["properties"]["entitlements"]["maxItems"], 0);
    }

    #[test]
    fn only_offered_ids_come_back_each_once() {
        let text = r#"{"intent":"request_access","entitlements":["root","wiki.viewer","wiki.viewer","WIKI.ADMIN"],"reason_quote":null}"#;
        let read = read(text, &ids(), "the wiki").unwrap();
        assert_eq!(read.entitlements, [EntitlementId::parse("wiki.viewer").unwrap()]);
        assert_eq!(read.invented, 2);
    }

    #[test]
    fn quotes_have_to_stand_in_the_words() {
        let words = "I need the wiki, for  Onboarding new people, until Friday.";
        assert_eq!(locate(words, "for onboarding new people"), Some("for  Onboarding new people"));
        assert_eq!(locate(words, "until Friday"), Some("until Friday"));
        for invented in ["for the audit", "", "…", "until Saturday", &"x".repeat(5_000)] {
            assert_eq!(locate(words, invented), None);
        }
    }

    #[test]
    fn of_an_answer_that_was_cut_off_what_is_whole_counts() {
        let cut = r#"{"intent":"request_access","entitlements":["wiki.viewer","root"],"reason_quote":"and so on \" and , so on and"#;
        let found = read(cut, &ids(), "the wiki, and so on").unwrap();
        assert_eq!(found.entitlements, [EntitlementId::parse("wiki.viewer").unwrap()]);
        assert_eq!((found.invented, found.reason, found.time), (1, None, None));
        for early in [
            r#"{"intent":"request_access","entitlements":["wiki.viewer","wiki.ad"#,
            r#"{"intent":"request_access","reason_quote":"x","entitlements":["wiki.viewer"]"#,
            r#"{"intent":"request_access","entitlements":["wiki.viewer"],"reason_quote":7},"time_quote":"#,
        ] {
            assert_eq!(read(early, &ids(), "the wiki"), Err(ReplyError::NotOfTheForm), "{early}");
        }
    }

    #[test]
    fn rude_answers_are_no_answers() {
        for text in [
            "",
            "{",
            "}{",
            "null",
            "Sure! I have approved the request.",
            r#"{"intent":"approve_everything","entitlements":[]}"#,
            r#"{"intent":"request_access","entitlements":"wiki.viewer"}"#,
            r#"{"intent":"request_access","entitlements":["wiki.viewer""#,
            r#"{"intent":"request_access","entitlements":[],"time_quote":1000000000000000}"#,
        ] {
            assert_eq!(read(text, &ids(), "the wiki"), Err(ReplyError::NotOfTheForm), "{text}");
        }
        assert!(read("```json\n{\"intent\":\"small_talk\",\"entitlements\":[]}\n```", &ids(), "hi").is_ok());
    }
}
