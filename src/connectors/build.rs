//! Connectors from their settings. The catalog says which there are; `app` looks up secrets and hands both in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::connectors::local::{Local, LocalDoors};
use crate::connectors::manual::{Directories, Manual};
use crate::connectors::webhook::{Webhook, WebhookError, WebhookSettings};
use crate::domain::clock::Clock;
use crate::domain::ids::{ConnectorId, PersonId};
use crate::ports::connector::Connector;

/// One connector's settings.
pub enum Settings {
    /// A task for a named person.
    Manual {
        /// Who does it: the first present of these.
        assignees: Vec<PersonId>,
    },
    /// A signed HTTP call.
    Webhook(WebhookSettings),
    /// The demo's own application.
    Local,
}

/// What connectors need besides their settings.
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is here.
    pub directory: Directories,
    /// The demo's doors.
    pub doors: Arc<LocalDoors>,
}

/// All connectors, by id.
pub type Connectors = BTreeMap<ConnectorId, Arc<dyn Connector>>;

/// A connector that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the connector `{connector}` cannot be used: {source}")]
pub struct BuildError {
    /// Which.
    pub connector: ConnectorId,
    /// Why.
    #[source]
    pub source: WebhookError,
}

/// Makes all connectors.
///
/// # Errors
/// Every connector that cannot be made, with its reason.
pub fn build(settings: BTreeMap<ConnectorId, Settings>, around: &Surroundings) -> Result<Connectors, Vec<BuildError>> {
    let (mut made, mut errors) = (Connectors::new(), Vec::new());
    for (id, settings) in settings {
        let clock = Arc::clone(&around.clock);
        let connector: Arc<dyn Connector> = match settings {
            Settings::Manual { assignees } => {
                Arc::new(Manual::new(id.clone(), assignees, Arc::clone(&around.directory), clock))
            }
            Settings::Webhook(settings) => match Webhook::new(id.clone(), &settings, clock) {
                Ok(webhook) => Arc::new(webhook),
                Err(source) => {
                    errors.push(BuildError { connector: id, source });
                    continue;
                }
            },
            Settings::Local => Arc::new(Local::new(id.clone(), Arc::clone(&around.doors), clock)),
        };
        made.insert(id, connector);
    }
    if errors.is_empty() { Ok(made) } else { Err(errors) }
}
