//! What `claviger doctor` finds out about Slack, and what to do about it.

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::chat::reach;
use crate::chat::slack::client::Slack;
use crate::chat::slack::http::PATH;
use crate::ports::surface::SurfaceError;

/// What the app must be allowed to do; `deploy/slack/manifest.yaml` asks for these.
pub const SCOPES: [&str; 6] = ["app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read"];
/// What it may be allowed besides: e-mail addresses (where the operator opted in), finding our messages in channels after a broken call,
/// and offering words to begin with.
pub const MORE: [&str; 4] = ["users:read.email", "channels:history", "groups:history", "assistant:write"];

/// How far our clock may be from Slack's: signatures are good for five minutes.
const ASTRAY: i64 = 60;

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// What is wrong and what to do; `Ok` where nothing is.
    pub found: Result<(), String>,
    /// What is worth knowing, though nothing is wrong.
    pub note: Option<String>,
}

/// How deliveries come in.
pub enum Mode<'a> {
    /// By a socket that we open, with the app's own token.
    Socket(&'a SecretString),
    /// To our public address.
    Http(&'a Url),
}

/// What is asked of Slack beside the least.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Mail addresses count (`[identity] email`).
    pub email: bool,
    /// Workspaces that groups' channels are in (`[[chat.channels]]`).
    pub spaces: &'a [String],
}

/// Looks at everything there is to look at.
pub async fn check(slack: &Slack, mode: Mode<'_>, wanted: Wanted<'_>, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |what: &str, found: Result<(), String>| {
        findings.push(Finding { what: format!("Slack: {what}"), found, note: None });
    };
    let looked = slack.look().await;
    let works = looked.is_ok();
    if let Ok(own) = &looked {
        for space in wanted.spaces.iter().filter(|s| **s != *own.team.as_str() && *s != own.space().as_str()) {
            say(
                "[[chat.channels]]",
                Err(format!("space `{space}` is not this token's workspace; that is `{}`", own.space().as_str())),
            );
        }
    }
    say("bot token (auth.test)", looked.map(|_| ()).map_err(told));
    if works {
        let heard = slack.heard();
        say("scopes", scopes(heard.scopes.as_deref(), wanted.email));
        say("clock", clock(heard.date.as_deref(), now));
    }
    match mode {
        Mode::Socket(token) => {
            let opened = slack.open_socket(token).await;
            // Slack opens a socket even for an app whose Socket Mode is off, and warns; it has been seen to warn without cause, too.
            let warning = opened.as_ref().ok().and_then(|(_, warning)| warning.as_ref());
            let note = warning.map(|warning| {
                format!(
                    "Slack says `{warning}`: if nothing comes in, switch Socket Mode on in the app's page (“Socket Mode”), or set mode = \"http\""
                )
            });
            findings.push(Finding {
                what: "Slack: app token and Socket Mode (apps.connections.open)".into(),
                found: opened.map(|_| ()).map_err(told),
                note,
            });
        }
        Mode::Http(public) => say("public address", reachable(public).await),
    }
    findings
}

/// Slack calls us there.
async fn reachable(public: &Url) -> Result<(), String> {
    reach::public(public, "Slack").map_err(|why| format!("{why}; or set mode = \"socket\", which needs no way in"))?;
    let address = public.join(PATH).map_err(|_| "http.public_url is no web address".to_owned())?;
    reach::refuses(&address, 401, "Slack", "[slack] mode = \"http\"").await
}

fn told(error: SurfaceError) -> String {
    match error {
        SurfaceError::Later { why, .. } => {
            format!("{why}. Is slack.com reachable from this machine (port 443), directly and not by a proxy?")
        }
        other => other.to_string(),
    }
}

/// What Slack says may be done, against what is needed: addresses where they count, too.
fn scopes(granted: Option<&[String]>, email: bool) -> Result<(), String> {
    // Peers and proxies may leave the header out; then there is nothing to say.
    let Some(granted) = granted else { return Ok(()) };
    let missing: Vec<&str> = SCOPES.into_iter().filter(|s| !granted.iter().any(|g| g == s)).collect();
    let over: Vec<&str> =
        granted.iter().map(String::as_str).filter(|g| !SCOPES.contains(g) && !MORE.contains(g)).collect();
    let mut problems = Vec::new();
    if email && !granted.iter().any(|g| g == "users:read.email") {
        problems.push(
            "[identity] email names Slack, but the app lacks users:read.email: add it under “OAuth & Permissions” and install the app again, \
             or take \"slack\" out (docs/slack.md, 4)"
                .to_owned(),
        );
    }
    if !missing.is_empty() {
        problems.push(format!(
            "the app lacks {}: add them under “OAuth & Permissions” and install the app again",
            missing.join(", ")
        ));
    }
    if !over.is_empty() {
        problems.push(format!("the app may do more than it needs ({}): take these away", over.join(", ")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

fn clock(date: Option<&str>, now: Timestamp) -> Result<(), String> {
    let Some(theirs) = date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok()) else { return Ok(()) };
    let astray = now.as_second() - theirs.timestamp().as_second();
    if astray.abs() <= ASTRAY {
        return Ok(());
    }
    let way = if astray > 0 { "fast" } else { "slow" };
    Err(format!(
        "this machine's clock is {} seconds {way} against Slack's; at five minutes every request is refused. Let it be set by NTP",
        astray.abs()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_and_too_many_permissions_are_named() {
        let all: Vec<String> = SCOPES.iter().map(ToString::to_string).collect();
        assert_eq!(scopes(Some(&all), false), Ok(()));
        assert!(scopes(Some(&all), true).unwrap_err().contains("users:read.email"));
        assert_eq!(scopes(Some(&[all.clone(), vec!["users:read.email".into()]].concat()), true), Ok(()));
        let error = scopes(Some(&[all[1..].to_vec(), vec!["admin".into()]].concat()), false).unwrap_err();
        assert!(error.contains("lacks app_mentions:read") && error.contains("(admin)"), "{error}");
        assert_eq!(scopes(None, true), Ok(()));
    }

    #[test]
    fn a_clock_astray_is_told() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        assert_eq!(clock(Some("Sat, 21 Nov 2026 10:00:30 GMT"), now), Ok(()));
        let error = clock(Some("Sat, 21 Nov 2026 09:57:00 GMT"), now).unwrap_err();
        assert!(error.contains("180 seconds fast"), "{error}");
    }

    #[test]
    fn the_manifest_asks_for_what_is_needed_and_no_more() {
        let manifest = include_str!("../../../deploy/slack/manifest.yaml");
        let asked: Vec<&str> = manifest
            .lines()
            .skip_while(|l| l.trim() != "bot:")
            .skip(1)
            .take_while(|l| l.trim().starts_with('-') || l.trim().starts_with('#'))
            .filter_map(|l| l.trim().strip_prefix("- "))
            .map(|l| l.split('#').next().unwrap_or_default().trim())
            .collect();
        assert_eq!(asked, SCOPES);
    }
}
