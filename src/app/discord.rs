//! Discord from its settings.

use std::sync::Arc;

use anyhow::Context as _;

use crate::chat::discord::client::Discord;
use crate::chat::discord::settings::{DiscordSettings, Patience};
use crate::chat::discord::start::Receiver;
use crate::config::surfaces::Discord as Section;
use crate::domain::clock::{Clock, Entropy};
use crate::ports::surface::ChatDoor;

/// What writes to Discord. Nothing is called yet.
///
/// # Errors
/// What is wrong with the settings, and what belongs there.
pub fn surface(section: &Section, public_url: &str) -> anyhow::Result<Arc<Discord>> {
    anyhow::ensure!(
        section.gateway || section.public_key.is_some(),
        "discord hears nothing: leave `gateway` on, or set discord.public_key for commands and clicks by HTTP"
    );
    let discord = Discord::new(DiscordSettings {
        token: section.token.clone(),
        application: section.application_id.clone(),
        guilds: section.guilds.clone(),
        public_key: section.public_key.clone(),
        api: section.api.clone(),
        pages: Some(public_url.parse().with_context(|| format!("http.public_url `{public_url}` is no web address"))?),
        patience: Patience::default(),
    })?;
    Ok(Arc::new(discord))
}

/// What hears Discord: its router is to be merged into the site, and it runs until the stop.
#[must_use]
pub fn receiver(
    section: &Section,
    discord: &Arc<Discord>,
    door: Arc<dyn ChatDoor>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Receiver {
    Receiver::new(Arc::clone(discord), door, clock, entropy, section.gateway)
}
