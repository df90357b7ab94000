//! `[[chat.channels]]`, looked at before anybody waits for a card there: the group, the ids, the platform.

use crate::catalog::near::{alike, did_you_mean};
use crate::config::chat::{Channel, Platform};
use crate::config::sections::Config;
use crate::domain::ids::GroupId;
use crate::domain::person::Directory;

/// What cannot work, each in a sentence that says what belongs there.
#[must_use]
pub fn wrong(config: &Config, directory: &Directory) -> Vec<String> {
    config
        .chat
        .channels
        .iter()
        .flat_map(|channel| {
            let found = [group(channel, directory), set_up(channel, config), id(channel), space(channel, config)];
            let name = format!("[[chat.channels]] for group `{}`: ", channel.group);
            found.into_iter().flatten().map(move |said| format!("{name}{said}"))
        })
        .collect()
}

fn group(channel: &Channel, directory: &Directory) -> Option<String> {
    let known = GroupId::parse(&*channel.group).is_ok_and(|group| directory.members(&group).next().is_some());
    if known {
        return None;
    }
    let groups = directory.iter().flat_map(|p| p.groups.iter().map(GroupId::as_str)).map(|g| (g, g));
    let meant = did_you_mean(&alike(&channel.group, groups)).map(|asked| format!("; {asked}")).unwrap_or_default();
    Some(format!("there is no such group in the directory{meant}"))
}

fn set_up(channel: &Channel, config: &Config) -> Option<String> {
    let (there, section) = match channel.platform {
        Platform::Slack => (config.slack.is_some(), "[slack]"),
        Platform::Teams => (config.teams.is_some(), "[teams]"),
        Platform::Discord => (config.discord.is_some(), "[discord]"),
    };
    (!there).then(|| format!("there is no {section} in the settings, so nothing is posted there"))
}

/// Names can be changed and are shown with a sign before them; ids stay.
fn id(channel: &Channel) -> Option<String> {
    let (text, id) = (&channel.channel, channel.channel.as_bytes());
    let digits = id.iter().all(u8::is_ascii_digit);
    let (fine, looks) = match channel.platform {
        Platform::Slack => (is_slacks(id, b"CG"), "C0123456789: at the bottom of the channel's “About”"),
        Platform::Discord => (digits && id.len() >= 15, "a long number: developer mode on, then “Copy Channel ID”"),
        Platform::Teams => (
            text.starts_with("19:") && text.contains("@thread."),
            "19:…@thread.tacv2: in the channel's link (“Get link to channel”), decoded",
        ),
    };
    (!fine).then(|| format!("channel `{text}` is a name, not an id; an id looks like {looks}"))
}

fn is_slacks(id: &[u8], first: &[u8]) -> bool {
    let rest = id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    id.len() >= 8 && id.first().is_some_and(|b| first.contains(b)) && rest
}

fn space(channel: &Channel, config: &Config) -> Option<String> {
    let space = match channel.platform {
        Platform::Discord => return None,
        Platform::Slack | Platform::Teams => channel.space.as_deref().unwrap_or_default(),
    };
    let tenants = config.teams.as_ref().map(|t| t.tenants.as_slice()).unwrap_or_default();
    match channel.platform {
        Platform::Slack if !is_slacks(space.as_bytes(), b"TE") => {
            let id =
                "it looks like T0123456789 and stands in the address of Slack in a browser: app.slack.com/client/T…";
            Some(if space.is_empty() {
                format!("space is missing, the workspace's id; {id}")
            } else {
                format!("space `{space}` is a name, not the workspace's id; {id}")
            })
        }
        Platform::Teams if config.teams.is_some() && !tenants.iter().any(|t| t.eq_ignore_ascii_case(space)) => {
            Some(format!("space `{space}` is none of teams.tenants; it is the tenant's id"))
        }
        _ => None,
    }
}
