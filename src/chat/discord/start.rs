//! Everything of Discord's that runs, put together: the address for interactions, the gateway, the commands told at the start.

use std::sync::Arc;

use axum::Router;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::discord::answer::Answers;
use crate::chat::discord::client::Discord;
use crate::chat::discord::commands::{Registered, register};
use crate::chat::discord::endpoint::{Endpoint, router};
use crate::chat::discord::gateway::Gateway;
use crate::domain::clock::{Clock, Entropy};
use crate::ports::surface::{ChatDoor, Connection, SurfaceError};

/// Discord, ready to be started.
pub struct Receiver {
    answers: Arc<Answers>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tasks: TaskTracker,
    gateway: bool,
}

impl Receiver {
    /// What comes in goes through this door. Without `gateway` nothing but commands, clicks and forms by HTTP is heard.
    #[must_use]
    pub fn new(
        discord: Arc<Discord>,
        door: Arc<dyn ChatDoor>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        gateway: bool,
    ) -> Self {
        Self { answers: Arc::new(Answers { door, discord }), clock, entropy, tasks: TaskTracker::new(), gateway }
    }

    /// The address for interactions, where a public key is set.
    #[must_use]
    pub fn router(&self) -> Option<Router> {
        let key = self.answers.discord.known().public_key.clone()?;
        let (answers, clock) = (Arc::clone(&self.answers), Arc::clone(&self.clock));
        Some(router(Endpoint { answers, key, clock, tasks: self.tasks.clone() }))
    }

    /// Runs until asked to stop; what is under way is finished then.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(self.tell(stop.clone()), async {
            if self.gateway {
                Gateway::new(Arc::clone(&self.answers), Arc::clone(&self.entropy)).run(stop.clone()).await;
            } else {
                stop.cancelled().await;
            }
        });
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Tells Discord our commands, until it has heard or they cannot be told.
    async fn tell(&self, stop: CancellationToken) {
        let discord = &self.answers.discord;
        for tries in 0.. {
            let pause = discord.known().patience.before(tries);
            let wait = match register(discord).await {
                Ok(done) => {
                    if done == Registered::Now {
                        tracing::info!("Discord was told our commands");
                    }
                    // Without a gateway, an answer is all there is to know of the connection.
                    if !self.gateway {
                        discord.stands(Connection::Up);
                    }
                    return;
                }
                Err(SurfaceError::Later { after, why, .. }) => {
                    if !self.gateway {
                        discord.stands(Connection::Trying(why));
                    }
                    after.unwrap_or(pause).max(pause)
                }
                Err(SurfaceError::ShutOut(why)) => {
                    discord.stands(Connection::Dead(why));
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, "Discord does not take our commands; look at discord.application_id");
                    return;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
        }
    }
}
