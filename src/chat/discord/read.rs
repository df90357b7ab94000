//! Reads what Discord sends, as it stands on the wire: interactions (by the gateway or by HTTP, they are the same) and messages.
//!
//! The JSON itself is read, not a library's types: those refuse whole deliveries for one part they do not know yet (a select in a modal),
//! and a delivery must not be lost for that.

use std::collections::BTreeMap;

use serde_json::Value;
use serenity::model::id::GuildId;

use crate::chat::discord::client::SPACE;
use crate::chat::discord::limits::EPHEMERAL;
use crate::chat::discord::render::Does;
use crate::domain::account::{Account, Place, PlatformId, Posted};
use crate::domain::action::ActionToken;
use crate::domain::conversation::Surface;
use crate::ports::surface::{Back, Incoming, Standing, What};

/// The slash command.
pub const COMMAND: &str = "access";
/// Its option.
pub const COMMAND_WORDS: &str = "words";
/// The command in a message's menu.
pub const MESSAGE_COMMAND: &str = "Request access from this message";
/// The most characters of somebody's words that are read; Discord's own limit is 4,000 in a message.
const LONGEST_WORDS: usize = 6_000;
/// The most fields of a form, and the most characters of one.
const MOST_FIELDS: usize = 25;
const LONGEST_FIELD: usize = 4_000;

/// Why something cannot be read. Whoever sent it is told where that is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// An id is missing or not one.
    #[error("an id is missing or cannot be read")]
    Id,
    /// Not a kind of interaction we ask for.
    #[error("nothing of ours causes this kind of interaction")]
    Kind,
}

/// An interaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// Its id.
    pub id: PlatformId,
    /// What answers it, for a quarter of an hour.
    pub token: String,
    /// Who, where.
    pub back: Back,
    /// True where only this person and we read the place.
    pub private: bool,
    /// What sort of account the delivery shows it to be.
    pub standing: Option<Standing>,
    /// True where what was clicked is itself a message that only the clicker sees.
    pub on_whisper: bool,
    /// The message that was clicked.
    pub on: Option<Posted>,
    /// What.
    pub asked: Asked,
}

/// What an interaction asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A command with words.
    Words(String),
    /// A component of ours.
    Pressed(Does, ActionToken),
    /// A form of ours.
    Sent(ActionToken, BTreeMap<String, String>),
    /// Somebody types a command's option and wants proposals.
    Typing(String),
    /// A component or form whose id is none of ours.
    Foreign,
}

impl Interaction {
    /// The same as it is handed over, where it is to be kept.
    #[must_use]
    pub fn incoming(&self) -> Option<Incoming> {
        let what = match &self.asked {
            Asked::Words(words) => What::Said { words: words.clone() },
            Asked::Pressed(_, token) => self.clicked(token, BTreeMap::new()),
            Asked::Sent(token, fields) => self.clicked(token, fields.clone()),
            Asked::Typing(_) | Asked::Foreign => return None,
        };
        Some(Incoming {
            once: format!("i{}", self.id),
            back: self.back.clone(),
            private: self.private,
            standing: self.standing,
            what,
        })
    }

    fn clicked(&self, token: &ActionToken, fields: BTreeMap<String, String>) -> What {
        What::Clicked { token: token.clone(), fields, on: self.on.clone() }
    }
}

/// True for Discord's own question whether we are there.
#[must_use]
pub fn is_ping(value: &Value) -> bool {
    value["type"].as_u64() == Some(1)
}

/// Reads an interaction.
///
/// # Errors
/// [`ReadError`]
pub fn interaction(value: &Value, ours: &[GuildId]) -> Result<Interaction, ReadError> {
    let member = &value["member"];
    let user = if member.is_object() { &member["user"] } else { &value["user"] };
    let token = value["token"].as_str().ok_or(ReadError::Id)?.to_owned();
    let place = place(value["channel_id"].as_str().or(value["channel"]["id"].as_str()))?;
    let message = &value["message"];
    let on_whisper = message["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0;
    let on = match id(&message["id"]) {
        Ok(message) if !on_whisper => Some(Posted { place: place.clone(), message }),
        _ => None,
    };
    let data = &value["data"];
    let asked = match value["type"].as_u64() {
        Some(2) => Asked::Words(command(data)),
        Some(3) => pressed(data),
        Some(4) => Asked::Typing(option(data)),
        Some(5) => sent(data),
        _ => return Err(ReadError::Kind),
    };
    let account = Account { surface: Surface::Discord, space: space()?, id: id(&user["id"])? };
    Ok(Interaction {
        id: id(&value["id"])?,
        back: Back { account, place, ticket: Some(token.clone()) },
        token,
        // 1 is the direct conversation with the bot; 2, one among several people.
        private: value["guild_id"].is_null() && value["context"].as_u64().is_none_or(|c| c == 1),
        standing: standing(user, &value["guild_id"], ours),
        on_whisper,
        on,
        asked,
    })
}

/// Reads a message, where it is words to us: a direct message, or one that mentions us. `me` is the bot's own account.
#[must_use]
pub fn message(value: &Value, me: &PlatformId, ours: &[GuildId]) -> Option<Incoming> {
    let author = &value["author"];
    // Ours, other programs', and Discord's own notices (“… joined”) are no words to us. 0 is a plain message, 19 an answer to one.
    let plain = value["type"].as_u64().is_none_or(|t| t == 0 || t == 19);
    if !plain || author["bot"].as_bool() == Some(true) || !value["webhook_id"].is_null() {
        return None;
    }
    let sender = id(&author["id"]).ok().filter(|a| a != me)?;
    let private = value["guild_id"].is_null();
    let mentions = value["mentions"].as_array();
    let mentioned = mentions.into_iter().flatten().any(|m| m["id"].as_str() == Some(me.as_str()));
    if !private && !mentioned {
        return None;
    }
    let once = id(&value["id"]).ok()?;
    let account = Account { surface: Surface::Discord, space: space().ok()?, id: sender };
    let back = Back { account, place: place(value["channel_id"].as_str()).ok()?, ticket: None };
    let words = spoken(value["content"].as_str().unwrap_or_default(), me, mentions.map_or(&[], Vec::as_slice));
    Some(Incoming {
        once: format!("m{once}"),
        back,
        private,
        standing: standing(author, &value["guild_id"], ours),
        what: What::Said { words },
    })
}

fn id(value: &Value) -> Result<PlatformId, ReadError> {
    let text = value.as_str().ok_or(ReadError::Id)?;
    let fine = text.len() <= 20 && text.parse::<std::num::NonZeroU64>().is_ok();
    if fine { PlatformId::parse(text).map_err(|_| ReadError::Id) } else { Err(ReadError::Id) }
}

fn space() -> Result<PlatformId, ReadError> {
    PlatformId::parse(SPACE).map_err(|_| ReadError::Id)
}

fn place(channel: Option<&str>) -> Result<Place, ReadError> {
    let channel = id(&channel.into())?;
    Ok(Place { space: space()?, channel, thread: None, via: None })
}

/// What the delivery itself shows: programs, and people on servers that are not ours.
fn standing(user: &Value, guild: &Value, ours: &[GuildId]) -> Option<Standing> {
    if user["bot"].as_bool() == Some(true) {
        return Some(Standing::Bot);
    }
    let guild = guild.as_str()?;
    let known = guild.parse::<GuildId>().is_ok_and(|g| ours.contains(&g));
    (!known).then_some(Standing::Foreign)
}

fn some(words: &str) -> String {
    words.chars().take(LONGEST_WORDS).collect()
}

fn command(data: &Value) -> String {
    if let Some(target) = data["target_id"].as_str() {
        return some(data["resolved"]["messages"][target]["content"].as_str().unwrap_or_default().trim());
    }
    option(data)
}

fn option(data: &Value) -> String {
    let options = data["options"].as_array();
    let value = options.into_iter().flatten().find(|o| o["name"] == COMMAND_WORDS).map(|o| &o["value"]);
    some(value.and_then(Value::as_str).unwrap_or_default().trim())
}

fn pressed(data: &Value) -> Asked {
    let chosen = data["values"].as_array().and_then(|v| v.first()).and_then(Value::as_str);
    // What a select carries stands in the option that was chosen.
    let read = chosen.or(data["custom_id"].as_str()).and_then(Does::read);
    match read {
        Some((Does::Sent, _)) | None => Asked::Foreign,
        Some((does, token)) => Asked::Pressed(does, ActionToken(token.to_owned())),
    }
}

fn sent(data: &Value) -> Asked {
    let Some((Does::Sent, token)) = data["custom_id"].as_str().and_then(Does::read) else { return Asked::Foreign };
    let mut fields = BTreeMap::new();
    gather(&data["components"], 0, &mut fields);
    Asked::Sent(ActionToken(token.to_owned()), fields)
}

/// Fields stand in rows (type 1, `components`) or behind labels (type 18, `component`).
fn gather(part: &Value, depth: u8, fields: &mut BTreeMap<String, String>) {
    if depth > 4 || fields.len() >= MOST_FIELDS {
        return;
    }
    if let Some(parts) = part.as_array() {
        parts.iter().for_each(|part| gather(part, depth + 1, fields));
        return;
    }
    let value = part["value"].as_str().or_else(|| part["values"].as_array()?.first()?.as_str());
    if let (Some(name), Some(value)) = (part["custom_id"].as_str().filter(|n| n.len() <= 100), value) {
        fields.entry(name.to_owned()).or_insert_with(|| value.chars().take(LONGEST_FIELD).collect());
    }
    gather(&part["component"], depth + 1, fields);
    gather(&part["components"], depth + 1, fields);
}

/// Words without our own mention; other people's mentions become the names they have there.
fn spoken(content: &str, me: &PlatformId, mentions: &[Value]) -> String {
    let mut words = some(content);
    for mark in [format!("<@{me}>"), format!("<@!{me}>")] {
        words = words.replace(&mark, " ");
    }
    for person in mentions.iter().take(50) {
        let (Some(id), Some(name)) =
            (person["id"].as_str(), person["global_name"].as_str().or(person["username"].as_str()))
        else {
            continue;
        };
        for mark in [format!("<@{id}>"), format!("<@!{id}>")] {
            words = words.replace(&mark, name);
        }
    }
    some(words.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ours() -> Vec<GuildId> {
        vec![GuildId::new(7)]
    }

    fn envelope(kind: u8, data: &Value) -> Value {
        json!({
            "id": "100", "application_id": "1", "type": kind, "token": "t.k", "guild_id": "7", "channel_id": "8", "context": 0,
            "member": { "user": { "id": "9", "username": "ana" } }, "data": data,
        })
    }

    #[test]
    fn a_command_is_words() {
        let slash =
            json!({ "id": "1", "name": "access", "type": 1, "options": [{ "name": "words", "value": " hi " }] });
        let read = interaction(&envelope(2, &slash), &ours()).unwrap();
        assert_eq!(read.asked, Asked::Words("hi".into()));
        assert_eq!((read.private, read.standing), (false, None));
        let incoming = read.incoming().unwrap();
        assert_eq!((incoming.once.as_str(), incoming.back.account.id.as_str()), ("i100", "9"));
        let menu = json!({ "name": MESSAGE_COMMAND, "type": 3, "target_id": "55",
            "resolved": { "messages": { "55": { "content": "need it", "components": [{ "type": 17 }] } } } });
        assert_eq!(interaction(&envelope(2, &menu), &ours()).unwrap().asked, Asked::Words("need it".into()));
    }

    #[test]
    fn forms_are_read_whatever_their_fields_stand_in() {
        let token = "T".repeat(64);
        let data = json!({ "custom_id": format!("s0:{token}"), "components": [
            { "type": 1, "components": [{ "type": 4, "custom_id": "reason", "value": "no" }] },
            { "type": 18, "component": { "type": 3, "custom_id": "until", "values": ["friday"] } },
            { "type": 99, "new": true },
        ] });
        let Asked::Sent(read, fields) = interaction(&envelope(5, &data), &ours()).unwrap().asked else { panic!() };
        assert_eq!(read.0, token);
        assert_eq!(fields, BTreeMap::from([("reason".into(), "no".into()), ("until".into(), "friday".into())]));
    }

    #[test]
    fn a_click_knows_its_message_unless_only_the_clicker_sees_it() {
        let mut click = envelope(3, &json!({ "component_type": 2, "custom_id": "a0:TOK" }));
        click["message"] = json!({ "id": "66", "flags": 0 });
        let read = interaction(&click, &ours()).unwrap();
        assert_eq!(read.asked, Asked::Pressed(Does::Act, ActionToken("TOK".into())));
        assert_eq!(read.on.unwrap().message.as_str(), "66");
        click["message"]["flags"] = 64.into();
        let read = interaction(&click, &ours()).unwrap();
        assert!(read.on_whisper && read.on.is_none());
        click["data"] = json!({ "custom_id": "select0", "component_type": 3, "values": ["c2:TOK"] });
        assert_eq!(
            interaction(&click, &ours()).unwrap().asked,
            Asked::Pressed(Does::Choose, ActionToken("TOK".into()))
        );
        for foreign in ["x", "s0:TOK", ""] {
            click["data"] = json!({ "custom_id": foreign });
            assert_eq!(interaction(&click, &ours()).unwrap().asked, Asked::Foreign, "{foreign}");
        }
    }

    #[test]
    fn other_peoples_servers_show() {
        let mut value = envelope(2, &json!({ "name": "access" }));
        value["guild_id"] = "70".into();
        assert_eq!(interaction(&value, &ours()).unwrap().standing, Some(Standing::Foreign));
        value.as_object_mut().unwrap().remove("guild_id");
        value.as_object_mut().unwrap().remove("member");
        value["user"] = json!({ "id": "9" });
        value["context"] = 1.into();
        let read = interaction(&value, &ours()).unwrap();
        assert_eq!((read.private, read.standing), (true, None));
        value["user"]["id"] = "../../x".into();
        assert_eq!(interaction(&value, &ours()), Err(ReadError::Id));
        value["type"] = 77.into();
        assert_eq!(interaction(&value, &ours()), Err(ReadError::Kind));
    }

    #[test]
    fn words_are_heard_in_private_and_where_we_are_called() {
        let me = PlatformId::parse("1").unwrap();
        let said = |value: Value| message(&value, &me, &ours());
        let base = json!({ "id": "5", "channel_id": "8", "type": 0, "author": { "id": "9" }, "content": "hello" });
        assert!(said(base.clone()).unwrap().private);
        let mut called = base.clone();
        called["guild_id"] = "7".into();
        assert_eq!(said(called.clone()), None);
        called["mentions"] = json!([{ "id": "1" }, { "id": "3", "username": "bea" }]);
        called["content"] = "<@1> VPN for <@!3>, please".into();
        let heard = said(called).unwrap();
        assert_eq!(heard.what, What::Said { words: "VPN for bea, please".into() });
        assert_eq!((heard.private, heard.once.as_str()), (false, "m5"));
        for silent in [json!({ "id": "1" }), json!({ "id": "4", "bot": true })] {
            let mut value = base.clone();
            value["author"] = silent;
            assert_eq!(said(value), None);
        }
        let mut joined = base;
        joined["type"] = 7.into();
        assert_eq!(said(joined), None);
    }
}
