//! What the adapter has to know: whose application it is, where it is at home, how patient it is.

use std::time::Duration;

use secrecy::SecretString;
use serenity::model::id::{ApplicationId, GuildId};
use url::Url;

use crate::chat::discord::signature::PublicKey;

/// Discord's own address.
pub const DISCORD: &str = "https://discord.com";
/// What the bot may do where it is invited: see channels (1 << 10), write (1 << 11), show cards (1 << 14), answer to a message
/// (1 << 16, “read message history”). Nothing else.
pub const PERMISSIONS: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16;

/// The settings as people write them.
#[derive(Debug, Clone)]
pub struct DiscordSettings {
    /// The bot's token.
    pub token: SecretString,
    /// The application's id.
    pub application: String,
    /// The servers (Discord says “guilds”) that are ours.
    pub guilds: Vec<String>,
    /// The application's public key, where interactions come by HTTP.
    pub public_key: Option<String>,
    /// Discord's address, or a stand-in's.
    pub api: String,
    /// Where our pages are.
    pub pages: Option<Url>,
    /// How long anything may take.
    pub patience: Patience,
}

/// How long anything may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// One call, connecting included.
    pub call: Duration,
    /// Until a click is answered: Discord waits three seconds, the way there and back included.
    pub answer: Duration,
    /// The first pause after something failed; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            answer: Duration::from_millis(2_000),
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// The pause before try number `tries` (from 0), without chance.
    #[must_use]
    pub fn before(&self, tries: u32) -> Duration {
        self.pause.saturating_mul(1 << tries.min(16)).min(self.longest)
    }
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no token.
    #[error(
        "discord.token is missing: set the variable CLAVIGER_DISCORD__TOKEN to the token of the portal's page “Bot” (docs/discord.md)"
    )]
    NoToken,
    /// There is no application id.
    #[error("discord.application_id is missing; it stands in the portal under “General Information” (docs/discord.md)")]
    NoApplication,
    /// The token cannot be one.
    #[error("discord.token holds characters that cannot be sent; copy it again from the portal's page “Bot”")]
    Token,
    /// Not an id.
    #[error("discord.application_id `{0}` is no id; it stands in the portal under “General Information”")]
    Application(String),
    /// No server is ours.
    #[error(
        "discord.guilds is missing: name the ids of your servers (in Discord: developer mode on, then “Copy Server ID”), so that nobody \
         else's can talk to this bot (docs/discord.md)"
    )]
    NoGuilds,
    /// Not an id.
    #[error("`{0}` in discord.guilds is no server's id")]
    Guild(String),
    /// Not a key.
    #[error("discord.public_key is not the 64 hexadecimal digits that the portal shows under “General Information”")]
    Key,
    /// Not an address.
    #[error("discord.api `{0}` is no web address, or not encrypted (plain HTTP only to this machine)")]
    Api(String),
    /// No client.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// The same, read.
pub struct Known {
    /// The bot's token.
    pub token: SecretString,
    /// The application.
    pub application: ApplicationId,
    /// Our servers.
    pub guilds: Vec<GuildId>,
    /// The application's key, where interactions come by HTTP.
    pub public_key: Option<PublicKey>,
    /// Discord's address.
    pub api: Url,
    /// Where our pages are.
    pub pages: Option<Url>,
    /// How long anything may take.
    pub patience: Patience,
}

impl Known {
    /// Reads settings.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting and where to find what belongs there.
    pub fn read(settings: DiscordSettings) -> Result<Self, SettingsError> {
        use secrecy::ExposeSecret as _;
        let token = settings.token.expose_secret().trim();
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        if token.is_empty() {
            return Err(SettingsError::NoToken);
        }
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SettingsError::Token);
        }
        let application = settings.application.trim();
        if application.is_empty() {
            return Err(SettingsError::NoApplication);
        }
        let application = application.parse().map_err(|_| SettingsError::Application(application.to_owned()))?;
        let mut guilds = Vec::new();
        for guild in &settings.guilds {
            guilds.push(guild.trim().parse().map_err(|_| SettingsError::Guild(guild.clone()))?);
        }
        if guilds.is_empty() {
            return Err(SettingsError::NoGuilds);
        }
        let public_key = match settings.public_key.as_deref().map(PublicKey::parse) {
            Some(None) => return Err(SettingsError::Key),
            Some(key) => key,
            None => None,
        };
        let api = Url::parse(&settings.api).ok().filter(|u| u.scheme() == "https" || on_this_machine(u));
        Ok(Self {
            token: SecretString::from(token.to_owned()),
            application,
            guilds,
            public_key,
            api: api.ok_or(SettingsError::Api(settings.api))?,
            pages: settings.pages,
            patience: settings.patience,
        })
    }

    /// True where the gateway at this address may have the token: Discord's own, encrypted; with a stand-in for Discord, anything on this
    /// machine.
    #[must_use]
    pub fn trusts(&self, gateway: &Url) -> bool {
        let host = gateway.host_str().unwrap_or_default();
        let discords = host == "discord.gg" || host.ends_with(".discord.gg");
        match gateway.scheme() {
            "wss" => discords || self.api.as_str() != format!("{DISCORD}/"),
            "ws" => on_this_machine(gateway) && on_this_machine(&self.api),
            _ => false,
        }
    }

    /// The address with which an administrator invites the bot, with the least permissions.
    #[must_use]
    pub fn invitation(&self) -> String {
        format!(
            "{DISCORD}/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions={PERMISSIONS}",
            self.application
        )
    }
}

fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(v4)) => v4.is_loopback(),
        Some(url::Host::Ipv6(v6)) => v6.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> DiscordSettings {
        DiscordSettings {
            token: "Bot abc.def".to_owned().into(),
            application: "1000".into(),
            guilds: vec!["2000".into()],
            public_key: None,
            api: DISCORD.into(),
            pages: None,
            patience: Patience::default(),
        }
    }

    #[test]
    fn every_setting_that_cannot_be_used_is_named() {
        let known = Known::read(plain()).ok().unwrap();
        assert!(known.invitation().ends_with("client_id=1000&scope=bot+applications.commands&permissions=84992"));
        type Spoil = fn(&mut DiscordSettings);
        let spoils: [(Spoil, &str); 9] = [
            (|s| s.token = " ".to_owned().into(), "CLAVIGER_DISCORD__TOKEN"),
            (|s| s.application.clear(), "discord.application_id is missing"),
            (|s| s.token = "a b".to_owned().into(), "discord.token"),
            (|s| s.application = "0".into(), "discord.application_id"),
            (|s| s.guilds.clear(), "discord.guilds"),
            (|s| s.guilds.push("x".into()), "discord.guilds"),
            (|s| s.public_key = Some("00".into()), "discord.public_key"),
            (|s| s.api = "http://discord.example".into(), "discord.api"),
            (|s| s.api = "discord".into(), "discord.api"),
        ];
        for (spoil, named) in spoils {
            let mut settings = plain();
            spoil(&mut settings);
            let said = Known::read(settings).err().unwrap().to_string();
            assert!(said.contains(named), "{said}");
        }
    }

    #[test]
    fn the_token_goes_to_discords_own_gateway_only() {
        let known = Known::read(plain()).ok().unwrap();
        let trusts = |text: &str| known.trusts(&Url::parse(text).unwrap());
        assert!(trusts("wss://gateway.discord.gg/") && trusts("wss://gateway-us-east1-b.discord.gg"));
        for bad in
            ["ws://gateway.discord.gg/", "wss://evil.example/", "wss://discord.gg.evil.example/", "ws://127.0.0.1:1/"]
        {
            assert!(!trusts(bad), "{bad}");
        }
        let peer = DiscordSettings { api: "http://127.0.0.1:4400".into(), ..plain() };
        assert!(Known::read(peer).ok().unwrap().trusts(&Url::parse("ws://127.0.0.1:4400/ws").unwrap()));
    }
}
