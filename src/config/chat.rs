//! What all chat platforms have in common in the settings.

use serde::Deserialize;

/// Chat platforms, whichever are set up.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Channels where the cards that a group decides are posted, too.
    #[serde(default)]
    pub channels: Vec<Channel>,
}

/// A group's channel: `[[chat.channels]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The group of the directory.
    pub group: String,
    /// Which platform.
    pub platform: Platform,
    /// The organisation there: Slack's workspace id, Teams' tenant id; left out for Discord.
    #[serde(default)]
    pub space: Option<String>,
    /// The channel's id there (not its name, which can change).
    pub channel: String,
    /// For Teams: the address of its service, `https://smba.trafficmanager.net/emea/` for instance. Left out, it is the one your tenant's
    /// deliveries come from.
    #[serde(default)]
    pub service_url: Option<String>,
}

/// A chat platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
    /// Discord.
    Discord,
}
