//! Discord from its settings.

use std::sync::Arc;

use anyhow::Context as _;

use crate::app::surfaces::{Around, Open, Opened, Platform};
use crate::chat::discord::client::Discord;
use crate::chat::discord::settings::{DiscordSettings, Patience};
use crate::chat::discord::start::Receiver;
use crate::config::surfaces::Discord as Section;

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

/// Discord, ready to be opened.
///
/// # Errors
/// What is wrong with the settings, and what belongs there.
pub fn platform(section: &Section, around: &Around) -> anyhow::Result<Platform> {
    let discord = surface(section, &around.public_url)?;
    let (clock, entropy) = (Arc::clone(&around.clock), Arc::clone(&around.entropy));
    let gateway = section.gateway;
    let hears = Arc::clone(&discord);
    let open: Open = Box::new(move |door, stop| {
        let receiver = Receiver::new(hears, door, clock, entropy, gateway);
        let routes = receiver.router();
        Ok(Opened { routes, tasks: vec![tokio::spawn(receiver.run(stop))] })
    });
    Ok(Platform { surface: discord, open })
}
