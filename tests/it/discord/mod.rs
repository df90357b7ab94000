//! Discord's adapter before a stand-in that keeps Discord's rules and breaks what can break: calls, the gateway, the endpoint.

mod calls;
mod checks;
mod door;
mod endpoint;
pub mod fake;
pub mod fake_gateway;
mod gateway;
mod peer;

use std::sync::Arc;
use std::time::Duration;

use claviger::chat::discord::client::Discord;
use claviger::chat::discord::settings::{DiscordSettings, Patience};
use claviger::domain::account::{Account, Place, PlatformId};
use claviger::domain::clock::Entropy;
use claviger::domain::conversation::Surface;
use serde_json::{Value, json};

/// Long enough for anything that ends by itself; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(60);

pub fn id(text: &str) -> PlatformId {
    PlatformId::parse(text).unwrap()
}

pub fn place(channel: &str) -> Place {
    Place { space: id("discord"), channel: id(channel), thread: None, via: None }
}

pub fn account(user: &str) -> Account {
    Account { surface: Surface::Discord, space: id("discord"), id: id(user) }
}

/// The adapter before a stand-in at this address. Server 7 is ours.
pub fn adapter(api: &str) -> Arc<Discord> {
    adapter_with(api, None, Duration::from_secs(30))
}

pub fn adapter_with(api: &str, public_key: Option<String>, call: Duration) -> Arc<Discord> {
    let patience = Patience { call, answer: LONG, pause: Duration::from_millis(1), longest: Duration::from_millis(20) };
    let settings = DiscordSettings {
        token: "very.secret.token".to_owned().into(),
        application: "1".into(),
        guilds: vec!["7".into()],
        public_key,
        api: api.into(),
        pages: Some("https://access.example/".parse().unwrap()),
        patience,
    };
    Arc::new(Discord::new(settings).unwrap())
}

/// No chance: waits are as short as they can be.
pub struct NoChance;

impl Entropy for NoChance {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// A click on a button of a message in a channel of our server.
pub fn click(number: u64, custom_id: &str) -> Value {
    json!({
        "id": number.to_string(), "application_id": "1", "type": 3, "token": format!("ticket.{number}"), "guild_id": "7",
        "channel_id": "8", "context": 0, "member": { "user": { "id": "9", "username": "ana" } },
        "message": { "id": "66", "flags": 0 }, "data": { "component_type": 2, "custom_id": custom_id },
    })
}

/// The slash command with words.
pub fn slash(number: u64, words: &str) -> Value {
    json!({
        "id": number.to_string(), "application_id": "1", "type": 2, "token": format!("ticket.{number}"), "guild_id": "7",
        "channel_id": "8", "context": 0, "member": { "user": { "id": "9", "username": "ana" } },
        "data": { "id": "3", "name": "access", "type": 1, "options": [{ "type": 3, "name": "words", "value": words }] },
    })
}

/// A direct message.
pub fn direct(number: u64, words: &str) -> Value {
    json!({ "id": number.to_string(), "channel_id": "90009", "type": 0, "author": { "id": "9", "username": "ana" },
        "content": words, "mentions": [] })
}
