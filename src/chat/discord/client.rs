//! What we do on Discord: post, update, whisper, look somebody up.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::{ChannelId, GuildId, MessageId, UserId};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use crate::chat::discord::api::{Api, Message};
use crate::chat::discord::render::{Seen, message};
use crate::chat::discord::settings::{DiscordSettings, Known, SettingsError};
use crate::chat::scene::Scene;
use crate::domain::account::{Account, Place, PlatformId, Posted};
use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::ports::surface::{ANSWERED_APART, Back, Called, ChatSurface, Connection, Profile, Standing, SurfaceError};

/// Discord's accounts belong to no organisation; this is what stands in its place.
pub const SPACE: &str = "discord";
/// The longest name a message can be given (Discord, “Create Message”, `nonce`).
const LONGEST_NAME: usize = 25;
/// How many of our latest messages are remembered by name.
const REMEMBERED: usize = 2_000;
/// How many direct conversations are remembered.
const MOST_DIRECT: usize = 20_000;
/// How many of a channel's latest messages are looked through for one of ours.
const LOOKED_THROUGH: &str = "50";

/// Discord.
pub struct Discord {
    known: Known,
    api: Api,
    connection: Mutex<Connection>,
    /// The bot's own account.
    me: OnceCell<PlatformId>,
    direct: Mutex<HashMap<PlatformId, PlatformId>>,
    latest: Mutex<VecDeque<(String, PlatformId, PlatformId)>>,
}

impl Discord {
    /// Discord behind these settings. Nothing is called yet.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot be used.
    pub fn new(settings: DiscordSettings) -> Result<Self, SettingsError> {
        let known = Known::read(settings)?;
        Ok(Self {
            api: Api::new(&known)?,
            known,
            connection: Mutex::new(Connection::Trying("not tried yet".into())),
            me: OnceCell::new(),
            direct: Mutex::default(),
            latest: Mutex::default(),
        })
    }

    /// The settings.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// The calls.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Says how the connection stands.
    pub fn stands(&self, connection: Connection) {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if *held != connection {
            match &connection {
                Connection::Up => tracing::info!("Discord is connected"),
                Connection::Trying(why) => tracing::warn!(why, "Discord is being connected"),
                Connection::Dead(why) => tracing::error!(why, "Discord is not connected any more"),
            }
            *held = connection;
        }
    }

    /// The bot's own account.
    ///
    /// # Errors
    /// [`SurfaceError`]
    pub async fn me(&self) -> Result<&PlatformId, SurfaceError> {
        self.me.get_or_try_init(|| async { id_of(&self.api.get(Route::UserMe).await?) }).await
    }

    /// Hears from the gateway who we are.
    pub fn is_me(&self, id: PlatformId) {
        let _ = self.me.set(id);
    }

    /// Remembers a message of ours by its name, as an answer or the gateway tells it.
    pub fn remember(&self, told: &Value) {
        let (Some(nonce), Ok(message)) = (told["nonce"].as_str(), id_of(told)) else { return };
        let Ok(channel) = PlatformId::parse(told["channel_id"].as_str().unwrap_or_default()) else { return };
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.iter().any(|(_, _, known)| *known == message) {
            return;
        }
        if latest.len() >= REMEMBERED {
            latest.pop_front();
        }
        latest.push_back((nonce.to_owned(), channel, message));
    }

    /// A card as a message.
    #[must_use]
    pub fn draw(&self, card: &Card, seen: Seen) -> Message {
        Message::new(message(card, &self.scene(), seen).0)
    }

    fn scene(&self) -> Scene<'_> {
        // Nobody is ever mentioned, so nobody's account has to be known for drawing.
        Scene { base: self.known.pages.as_ref(), mention: &|_| None }
    }

    fn failed(&self, error: SurfaceError) -> SurfaceError {
        if let SurfaceError::ShutOut(why) = &error {
            self.stands(Connection::Dead(why.clone()));
        }
        error
    }

    async fn post_to(&self, place: &Place, card: &Card, once: &str) -> Result<Posted, SurfaceError> {
        let channel_id: ChannelId = number(&place.channel)?;
        let mut message = self.draw(card, Seen::ByAll).named(&name_of(once));
        if let Some(thread) = &place.thread {
            let _: MessageId = number(thread)?;
            message = message.answering(thread.as_str());
        }
        let told = self.api.post(Route::ChannelMessages { channel_id }, &message).await?;
        self.remember(&told);
        Ok(Posted { place: place.clone(), message: id_of(&told)? })
    }

    async fn whisper_to(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        if let Some(token) = &back.ticket {
            let route = Route::WebhookFollowupMessages { application_id: self.known.application, token };
            match self.api.post(route, &self.draw(card, Seen::ByClicker)).await {
                // The way back closes after a quarter of an hour; a direct message is as private.
                Err(SurfaceError::Gone(_)) => {}
                other => return other.map(|_| ()),
            }
        }
        // The answer itself stands there.
        if card.headline == ANSWERED_APART {
            return Ok(());
        }
        let place = self.direct_to(&back.account).await?;
        let channel_id: ChannelId = number(&place.channel)?;
        self.api.post(Route::ChannelMessages { channel_id }, &self.draw(card, Seen::ByAll)).await.map(|_| ())
    }

    async fn direct_to(&self, account: &Account) -> Result<Place, SurfaceError> {
        if account.surface != Surface::Discord {
            return Err(SurfaceError::Refused("the account is not one of Discord's".into()));
        }
        let user: UserId = number(&account.id)?;
        let place = |channel| Place { space: account.space.clone(), channel, thread: None, via: None };
        let known = self.direct.lock().unwrap_or_else(PoisonError::into_inner).get(&account.id).cloned();
        if let Some(channel) = known {
            return Ok(place(channel));
        }
        let body = json!({ "recipient_id": user.to_string() });
        let channel = id_of(&self.api.send(Method::POST, Route::UserMeDmChannels, &body).await?)?;
        let mut direct = self.direct.lock().unwrap_or_else(PoisonError::into_inner);
        if direct.len() >= MOST_DIRECT {
            direct.clear();
        }
        direct.insert(account.id.clone(), channel.clone());
        Ok(place(channel))
    }

    async fn profile_of(&self, account: &Account) -> Result<Profile, SurfaceError> {
        let user_id: UserId = number(&account.id)?;
        let (user, member) = match self.membership(user_id).await? {
            Some((_, member)) => (member["user"].clone(), member),
            None => (self.api.get(Route::User { user_id }).await?, Value::Null),
        };
        let bot = user["bot"].as_bool().unwrap_or(false) || user["system"].as_bool().unwrap_or(false);
        let standing = match (bot, member.is_object()) {
            (true, _) => Standing::Bot,
            // Somebody who has not passed the server's own screening yet.
            (false, true) if member["pending"].as_bool().unwrap_or(false) => Standing::Guest,
            (false, true) => Standing::Member,
            (false, false) => Standing::Foreign,
        };
        Ok(Profile { name: name_of_person(&user, &member), email: None, standing })
    }

    /// The first of our servers that somebody is a member of, and what it knows of them.
    async fn membership(&self, user_id: UserId) -> Result<Option<(GuildId, Value)>, SurfaceError> {
        for guild_id in &self.known.guilds {
            match self.member(*guild_id, user_id).await {
                Ok(member) => return Ok(Some((*guild_id, member))),
                Err(SurfaceError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn called_of(&self, account: &Account) -> Result<Called, SurfaceError> {
        let Some((guild_id, member)) = self.membership(number(&account.id)?).await? else {
            return Ok(Called::default());
        };
        let guild = self.api.get(Route::Guild { guild_id }).await?;
        let space = guild["name"].as_str().filter(|n| !n.is_empty()).map(|n| n.chars().take(100).collect());
        Ok(Called { name: name_of_person(&member["user"], &member), space })
    }

    async fn member(&self, guild_id: GuildId, user_id: UserId) -> Result<Value, SurfaceError> {
        self.api.get(Route::GuildMember { guild_id, user_id }).await
    }

    async fn find_named(&self, place: &Place, once: &str) -> Result<Option<Posted>, SurfaceError> {
        let name = name_of(once);
        let posted = |message| Posted { place: place.clone(), message };
        let known = {
            let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            latest.iter().rev().find(|(n, c, _)| *n == name && *c == place.channel).map(|(_, _, m)| m.clone())
        };
        if let Some(message) = known {
            return Ok(Some(posted(message)));
        }
        let channel_id: ChannelId = number(&place.channel)?;
        let route = Route::ChannelMessages { channel_id };
        let told = match self.api.ask(route, &[("limit", LOOKED_THROUGH)]).await {
            Ok(told) => told,
            // Posting again with the same name is what finds it then.
            Err(SurfaceError::Gone(_) | SurfaceError::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let me = self.me().await?;
        let ours = |m: &&Value| m["author"]["id"].as_str() == Some(me.as_str()) && m["nonce"].as_str() == Some(&name);
        told.as_array().into_iter().flatten().find(ours).map(id_of).transpose().map(|m| m.map(posted))
    }
}

#[async_trait]
impl ChatSurface for Discord {
    fn surface(&self) -> Surface {
        Surface::Discord
    }

    async fn direct(&self, account: &Account) -> Result<Place, SurfaceError> {
        self.direct_to(account).await.map_err(|e| self.failed(e))
    }

    async fn post(&self, place: &Place, card: &Card, once: &str) -> Result<Posted, SurfaceError> {
        self.post_to(place, card, once).await.map_err(|e| self.failed(e))
    }

    async fn find(&self, place: &Place, once: &str) -> Result<Option<Posted>, SurfaceError> {
        self.find_named(place, once).await.map_err(|e| self.failed(e))
    }

    async fn update(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError> {
        let channel_id: ChannelId = number(&posted.place.channel)?;
        let message_id: MessageId = number(&posted.message)?;
        let route = Route::ChannelMessage { channel_id, message_id };
        self.api.patch(route, &self.draw(card, Seen::ByAll)).await.map(|_| ()).map_err(|e| self.failed(e))
    }

    async fn whisper(&self, back: &Back, card: &Card) -> Result<(), SurfaceError> {
        self.whisper_to(back, card).await.map_err(|e| self.failed(e))
    }

    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError> {
        self.profile_of(account).await.map_err(|e| self.failed(e))
    }

    async fn called(&self, account: &Account) -> Result<Called, SurfaceError> {
        self.called_of(account).await.map_err(|e| self.failed(e))
    }

    fn drawn(&self, card: &Card) -> Vec<u8> {
        self.draw(card, Seen::ByAll).value().to_string().into_bytes()
    }

    fn connection(&self) -> Connection {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The name that others read: the one for this server, else their own, else the one they sign in with.
fn name_of_person(user: &Value, member: &Value) -> String {
    let name = member["nick"].as_str().or(user["global_name"].as_str()).or(user["username"].as_str());
    name.unwrap_or_default().chars().take(100).collect()
}

/// The name of a message: as many characters as Discord takes, of a digest, so that no two of ours are the same.
#[must_use]
pub fn name_of(once: &str) -> String {
    let mut name = URL_SAFE_NO_PAD.encode(Sha256::digest(once.as_bytes()));
    name.truncate(LONGEST_NAME);
    name
}

/// An id as serenity's routes want it: nothing but a number fits.
fn number<T: std::str::FromStr>(id: &PlatformId) -> Result<T, SurfaceError> {
    id.as_str().parse().map_err(|_| SurfaceError::Refused("that is no id of Discord's".into()))
}

fn id_of(value: &Value) -> Result<PlatformId, SurfaceError> {
    let id = value["id"].as_str().unwrap_or_default();
    PlatformId::parse(id).map_err(|_| SurfaceError::Later {
        after: None,
        unsure: true,
        why: "Discord's answer holds no id".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_steady_and_different() {
        assert_eq!(name_of("a").len(), LONGEST_NAME);
        assert_eq!(name_of("a"), name_of("a"));
        assert_ne!(name_of(&"a".repeat(300)), name_of(&"a".repeat(301)));
    }
}
