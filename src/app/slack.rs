//! Slack from its settings.

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::app::surfaces::{Around, Open, Opened, Platform};
use crate::chat::slack::client::{BASE, LIMIT, Settings, Slack};
use crate::chat::slack::doctor::{Finding, Mode, Wanted, check};
use crate::chat::slack::start::{Receiver, Way};
use crate::config::surfaces::{Slack as Section, SlackMode};
use crate::domain::clock::Clock;

/// Slack as configured, and how deliveries come in.
///
/// # Errors
/// Names the key that is missing or cannot be used.
pub fn slack(section: &Section, public_url: &str, clock: Arc<dyn Clock>) -> anyhow::Result<(Arc<Slack>, Way)> {
    let base = section.api_url.as_deref().unwrap_or(BASE);
    let base = Url::parse(base).with_context(|| format!("slack.api_url `{base}` is no web address"))?;
    anyhow::ensure!(
        !section.bot_token.expose_secret().is_empty(),
        "slack.bot_token is missing: set the variable CLAVIGER_SLACK__BOT_TOKEN to the token that “OAuth & Permissions” shows, xoxb-… \
         (docs/slack.md, 1 and 3)"
    );
    begins(&section.bot_token, "xoxb-", "slack.bot_token", "OAuth & Permissions")?;
    let way = match section.mode {
        SlackMode::Socket => {
            let token = section.app_token.clone().context(
                "slack.app_token is missing: for mode = \"socket\" make an app-level token with the scope connections:write (“Basic \
                 Information”, “App-Level Tokens”) and set the variable CLAVIGER_SLACK__APP_TOKEN to it, or set mode = \"http\" \
                 (docs/slack.md, 2)",
            )?;
            begins(&token, "xapp-", "slack.app_token", "Basic Information")?;
            Way::Socket(token)
        }
        SlackMode::Http => Way::Http(section.signing_secret.clone().context(
            "slack.signing_secret is missing: for mode = \"http\" copy it from “Basic Information” into the variable \
             CLAVIGER_SLACK__SIGNING_SECRET, or set mode = \"socket\" (docs/slack.md, 2)",
        )?),
    };
    let settings =
        Settings { base, bot_token: section.bot_token.clone(), pages: Url::parse(public_url).ok(), limit: LIMIT };
    Ok((Arc::new(Slack::new(settings, clock).context("[slack] cannot be used")?), way))
}

/// Slack as one of the house's platforms.
///
/// # Errors
/// Names the key that is missing or cannot be used.
pub fn platform(section: &Section, around: &Around) -> anyhow::Result<Platform> {
    let (slack, way) = slack(section, &around.public_url, Arc::clone(&around.clock))?;
    let (clock, entropy) = (Arc::clone(&around.clock), Arc::clone(&around.entropy));
    let surface = Arc::clone(&slack);
    let open: Open = Box::new(move |door, stop| {
        let receiver = Receiver::new(slack, door, way, clock, entropy);
        let routes = receiver.router();
        Ok(Opened { routes, tasks: vec![tokio::spawn(receiver.run(stop))] })
    });
    Ok(Platform { surface, open })
}

/// Tokens of the wrong kind are the commonest mistake there is.
fn begins(token: &SecretString, with: &str, key: &str, page: &str) -> anyhow::Result<()> {
    let token = token.expose_secret();
    anyhow::ensure!(
        token.starts_with(with) && token.bytes().all(|b| b.is_ascii_graphic()),
        "{key} has to begin with {with} and hold no spaces: copy it from the app's page, “{page}”"
    );
    Ok(())
}

/// What `claviger doctor` finds out about Slack.
pub async fn look(section: &Section, public_url: &str, wanted: Wanted<'_>, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let wrong = |what: &str, why: String| vec![Finding { what: what.to_owned(), found: Err(why), note: None }];
    let (slack, way) = match slack(section, public_url, Arc::clone(&clock)) {
        Ok(made) => made,
        Err(error) => return wrong("Slack: settings", format!("{error:#}")),
    };
    match (&way, Url::parse(public_url)) {
        (Way::Socket(token), _) => check(&slack, Mode::Socket(token), wanted, clock.now()).await,
        (Way::Http(_), Ok(public)) => check(&slack, Mode::Http(&public), wanted, clock.now()).await,
        (Way::Http(_), Err(_)) => wrong("Slack: public address", "http.public_url is no web address".into()),
    }
}
