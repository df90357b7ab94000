//! Chat platforms in the settings. A variable can hold each secret: `CLAVIGER_SLACK__BOT_TOKEN` sets `bot_token` of `[slack]`.

use secrecy::SecretString;
use serde::Deserialize;

/// Microsoft Teams.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teams {
    /// The bot's application (client) id in Entra.
    #[serde(default)]
    pub app_id: String,
    /// The application's secret: its value, not its id. Empty where it is missing: whoever needs it says so.
    #[serde(default = "missing")]
    pub app_secret: SecretString,
    /// Tenant ids of the organisations whose people may speak to the bot. Nobody else is listened to.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// The tenant the application is registered in; needed only where `tenants` names several.
    #[serde(default)]
    pub app_tenant: Option<String>,
    /// Which of Microsoft's clouds.
    #[serde(default)]
    pub cloud: TeamsCloud,
    /// Where the keys that sign deliveries are told, for a cloud or a peer with its own.
    #[serde(default)]
    pub metadata_url: Option<String>,
    /// Where our own token comes from, without the tenant, likewise.
    #[serde(default)]
    pub login_url: Option<String>,
    /// Further hosts that messages may be sent to, likewise; `.example.com` stands for everything below it.
    #[serde(default)]
    pub service_hosts: Vec<String>,
}

/// Which of Microsoft's clouds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamsCloud {
    /// Everywhere else.
    #[default]
    Public,
    /// The US government's (GCC High, DoD).
    UsGovernment,
    /// China's.
    China,
}

/// Slack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// How deliveries come in.
    #[serde(default)]
    pub mode: SlackMode,
    /// The bot's token, `xoxb-…`. Empty where it is missing.
    #[serde(default = "missing")]
    pub bot_token: SecretString,
    /// The app's own token, `xapp-…`: for `mode = "socket"`.
    #[serde(default)]
    pub app_token: Option<SecretString>,
    /// The app's signing secret: for `mode = "http"`.
    #[serde(default)]
    pub signing_secret: Option<SecretString>,
    /// Another address of the Web API: `https://slack-gov.com/api`, or a stand-in's on this machine.
    #[serde(default)]
    pub api_url: Option<String>,
}

/// How Slack's deliveries come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlackMode {
    /// Over a socket that we open: nothing has to be reachable from outside.
    #[default]
    Socket,
    /// To `/slack/events` below our public address.
    Http,
}

/// Discord.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    /// The bot's token. Empty where it is missing.
    #[serde(default = "missing")]
    pub token: SecretString,
    /// The application's id.
    #[serde(default)]
    pub application_id: String,
    /// The ids of our servers. Nobody is listened to on others.
    #[serde(default)]
    pub guilds: Vec<String>,
    /// The application's public key; with it, commands and clicks are taken at `/discord/interactions`.
    #[serde(default)]
    pub public_key: Option<String>,
    /// False where nothing but commands and clicks by HTTP is to be heard: no messages, no connection held open.
    #[serde(default = "yes")]
    pub gateway: bool,
    /// Discord's address; another one for a peer that stands in for it.
    #[serde(default = "discord")]
    pub api: String,
}

fn missing() -> SecretString {
    String::new().into()
}

fn yes() -> bool {
    true
}

fn discord() -> String {
    "https://discord.com".into()
}
