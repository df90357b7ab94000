//! Everything of Slack's that runs, put together: the look after the token, and the way deliveries come in.

use std::sync::Arc;

use axum::Router;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::chat::slack::client::Slack;
use crate::chat::slack::http::router;
use crate::chat::slack::reception::{Deadlines, Reception};
use crate::chat::slack::socket::{Patience, Socket};
use crate::chat::slack::watch::{self, Often};
use crate::domain::clock::{Clock, Entropy};
use crate::ports::surface::ChatDoor;

/// How deliveries come in.
#[derive(Clone)]
pub enum Way {
    /// Over a socket that we open, with the app's own token (`xapp-…`). Nothing has to be reachable from outside.
    Socket(SecretString),
    /// To our public address, signed with this secret.
    Http(SecretString),
}

/// Slack, ready to be started.
pub struct Receiver {
    slack: Arc<Slack>,
    reception: Arc<Reception>,
    way: Way,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Receiver {
    /// What comes in goes through this door.
    #[must_use]
    pub fn new(
        slack: Arc<Slack>,
        door: Arc<dyn ChatDoor>,
        way: Way,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let reception = Reception::new(Arc::clone(&slack), door, Deadlines::default());
        Self { slack, reception, way, clock, entropy }
    }

    /// The address Slack calls, in HTTP mode.
    #[must_use]
    pub fn router(&self) -> Option<Router> {
        match &self.way {
            Way::Http(secret) => Some(router(Arc::clone(&self.reception), secret.clone(), Arc::clone(&self.clock))),
            Way::Socket(_) => None,
        }
    }

    /// Runs until asked to stop; what is under way is finished then.
    pub async fn run(self, stop: CancellationToken) {
        let looking = watch::run(Arc::clone(&self.slack), Often::default(), stop.clone());
        match self.way {
            Way::Socket(app_token) => {
                let socket = Socket {
                    slack: self.slack,
                    reception: self.reception,
                    app_token,
                    patience: Patience::default(),
                    entropy: self.entropy,
                };
                tokio::join!(looking, Arc::new(socket).run(stop));
            }
            Way::Http(_) => {
                looking.await;
                self.reception.finish().await;
            }
        }
    }
}
