//! What `claviger doctor` looks at on Discord, each with what to do about it.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;
use serenity::http::Route;
use url::Url;

use crate::chat::discord::client::Discord;
use crate::chat::discord::commands::commands;
use crate::chat::discord::endpoint::PATH;
use crate::ports::surface::SurfaceError;

/// The portal's page of an application.
const PORTAL: &str = "https://discord.com/developers/applications";
/// How far our clock may be from Discord's, in seconds. Signed calls are believed for five minutes.
const CLOCK: i64 = 60;

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// What is wrong and what to do, where something is.
    pub wrong: Option<String>,
    /// What is worth knowing, though nothing is wrong.
    pub note: Option<String>,
}

impl Finding {
    fn of(what: impl Into<String>, wrong: Result<(), String>) -> Self {
        Self { what: what.into(), wrong: wrong.err(), note: None }
    }
}

/// Looks at everything that can be looked at from here. `gateway` and `endpoint`: how deliveries are meant to come in.
pub async fn check(discord: &Discord, gateway: bool, endpoint: bool, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    let me = discord.api().get_dated("/api/v10/users/@me").await;
    found.push(Finding::of("Discord token", me.as_ref().map(|_| ()).map_err(failed)));
    let Ok((_, date)) = me else { return found };
    found.push(Finding::of("Discord clock", clock(date.as_deref(), now)));
    match discord.api().get_dated("/api/v10/applications/@me").await {
        Ok((application, _)) => {
            found.push(Finding::of("Discord application id", is_it(discord, &application)));
            found.push(Finding::of("Discord public key", key(discord, &application, endpoint)));
            found.push(Finding::of("Discord interactions", way(discord, &application, gateway, endpoint)));
        }
        Err(error) => found.push(Finding::of("Discord application", Err(failed(&error)))),
    }
    for guild_id in &discord.known().guilds {
        let seen = discord.api().get(Route::Guild { guild_id: *guild_id }).await;
        let wrong = seen.map(|_| ()).map_err(|error| match error {
            SurfaceError::Gone(_) => format!(
                "the bot is not there, or the id in discord.guilds is another one's: let an administrator of the server open {}",
                discord.known().invitation()
            ),
            other => failed(&other),
        });
        found.push(Finding::of(format!("Discord server {guild_id}"), wrong));
    }
    if gateway {
        found.push(Finding::of("Discord gateway", reachable(discord).await));
    }
    let told = discord.api().get(Route::Commands { application_id: discord.known().application }).await;
    // Discord is told them at the start of `serve`: before the first one they are not there, and nothing is wrong.
    let note = told.as_ref().ok().and_then(known);
    found.push(Finding { note, ..Finding::of("Discord commands", told.map(|_| ()).map_err(|e| failed(&e))) });
    found
}

fn failed(error: &SurfaceError) -> String {
    match error {
        SurfaceError::Later { .. } => format!("{error}; look whether this machine may call discord.com, and try again"),
        _ => error.to_string(),
    }
}

fn clock(date: Option<&str>, now: Timestamp) -> Result<(), String> {
    let there = date.and_then(|d| rfc2822::parse(d).ok()).map(|z| z.timestamp());
    let Some(there) = there else { return Ok(()) };
    let apart = now.as_second() - there.as_second();
    if apart.abs() <= CLOCK {
        return Ok(());
    }
    let how = if apart > 0 { "ahead of" } else { "behind" };
    Err(format!("this machine's clock is {} seconds {how} Discord's; set it by NTP", apart.abs()))
}

fn is_it(discord: &Discord, application: &Value) -> Result<(), String> {
    let id = application["id"].as_str().unwrap_or_default();
    if id == discord.known().application.to_string() {
        return Ok(());
    }
    Err(format!(
        "the token belongs to the application {id}; put that into discord.application_id, or use the other one's token"
    ))
}

fn key(discord: &Discord, application: &Value, endpoint: bool) -> Result<(), String> {
    let theirs = application["verify_key"].as_str().and_then(crate::chat::discord::signature::PublicKey::parse);
    match (&discord.known().public_key, theirs) {
        (None, _) if endpoint => {
            Err(format!("discord.public_key is missing; copy it from {PORTAL} (“General Information”)"))
        }
        (Some(ours), Some(theirs)) if *ours != theirs => {
            Err(format!("discord.public_key is not this application's; copy it from {PORTAL} (“General Information”)"))
        }
        _ => Ok(()),
    }
}

/// Where clicks go, and where we wait for them.
fn way(discord: &Discord, application: &Value, gateway: bool, endpoint: bool) -> Result<(), String> {
    let set = application["interactions_endpoint_url"].as_str().filter(|u| !u.is_empty());
    match set {
        Some(set) if !endpoint => Err(format!(
            "clicks go to `{set}` and never come by the gateway: clear “Interactions Endpoint URL” at {PORTAL}, or set discord.public_key"
        )),
        Some(set) if !Url::parse(set).is_ok_and(|u| u.path() == PATH) => {
            Err(format!("clicks go to `{set}`, but are waited for at {}: change it at {PORTAL}", ours(discord)))
        }
        None if endpoint && !gateway => Err(format!(
            "“Interactions Endpoint URL” is empty at {PORTAL}: put {} there while `claviger serve` runs",
            ours(discord)
        )),
        _ => Ok(()),
    }
}

fn ours(discord: &Discord) -> String {
    let address = discord.known().pages.as_ref().and_then(|p| p.join(PATH).ok());
    address.map_or_else(|| PATH.to_owned(), |a| a.to_string())
}

async fn reachable(discord: &Discord) -> Result<(), String> {
    let told = discord.api().get(Route::GatewayBot).await.map_err(|e| failed(&e))?;
    let url =
        Url::parse(told["url"].as_str().unwrap_or_default()).map_err(|e| format!("its address cannot be read: {e}"))?;
    if !discord.known().trusts(&url) {
        return Err(format!("`{}` is no gateway of Discord's; see discord.api", url.host_str().unwrap_or_default()));
    }
    if told["session_start_limit"]["remaining"].as_u64() == Some(0) {
        return Err(
            "no session may be opened for now: something opens and loses connections all the time; look at the log"
                .into(),
        );
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let host = url.host_str().unwrap_or_default().to_owned();
    let wait = discord.known().patience.call;
    match tokio::time::timeout(wait, tokio::net::TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            Err(format!("{host}:{port} cannot be reached ({error}); this machine has to be let out to it"))
        }
        Err(_) => Err(format!("{host}:{port} did not answer in time; this machine has to be let out to it")),
    }
}

/// What is not there of the commands yet.
fn known(told: &Value) -> Option<String> {
    let name = |c: &Value| c["name"].as_str().map(str::to_owned);
    let told: Vec<Option<String>> = told.as_array().into_iter().flatten().map(name).collect();
    let wanted = commands();
    let missing = wanted.as_array().into_iter().flatten().map(name).find(|w| !told.contains(w)).flatten()?;
    Some(format!("`{missing}` is not known to Discord yet; `claviger serve` tells it at its start"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_said_with_its_direction() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let there = "Tue, 14 Nov 2023 22:13:20 GMT";
        assert_eq!(clock(Some(there), now), Ok(()));
        assert!(
            clock(Some(there), Timestamp::from_second(1_700_000_090).unwrap())
                .unwrap_err()
                .contains("90 seconds ahead")
        );
        assert!(clock(Some(there), Timestamp::from_second(1_699_999_000).unwrap()).unwrap_err().contains("behind"));
        assert_eq!(clock(Some("nonsense"), now), Ok(()));
    }
}
