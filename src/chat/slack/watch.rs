//! Looks after the token: at the start, until Slack says who we are, and from then on now and then, so that a revoked token stands in
//! health before somebody's click finds it, and a mended one is used without a restart.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::chat::slack::client::Slack;
use crate::ports::surface::{ChatSurface as _, Connection};

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Often {
    /// While it works.
    pub well: Duration,
    /// While Slack cannot be reached.
    pub trying: Duration,
    /// While only an operator can mend it.
    pub dead: Duration,
}

impl Default for Often {
    fn default() -> Self {
        Self { well: Duration::from_secs(600), trying: Duration::from_secs(10), dead: Duration::from_secs(120) }
    }
}

/// Looks until asked to stop.
pub async fn run(slack: Arc<Slack>, often: Often, stop: CancellationToken) {
    let mut told = None;
    loop {
        let looked = slack.look().await;
        let now = looked.as_ref().map(|_| ()).map_err(ToString::to_string);
        if told.as_ref() != Some(&now) {
            match &looked {
                Ok(own) => tracing::info!(team = %own.team, org_wide = own.org_wide, "Slack: the token works"),
                Err(error) => tracing::error!(%error, "Slack: the token does not work"),
            }
            told = Some(now);
        }
        let wait = match (looked, slack.connection()) {
            (Ok(_), _) => often.well,
            (Err(_), Connection::Dead(_)) => often.dead,
            (Err(_), _) => often.trying,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
