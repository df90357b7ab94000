//! The demo's own application asks the demo's connector who may pass.

use std::sync::Arc;

use async_trait::async_trait;

use crate::catalog::model::{Catalog, ConnectorEntry};
use crate::connectors::local::LocalDoors;
use crate::domain::clock::Clock;
use crate::domain::ids::{EntitlementId, PersonId};
use crate::server::doors::{Door, DoorKeeper};

/// Doors for everything the local connector opens.
pub struct DemoDoors {
    catalog: Arc<Catalog>,
    doors: Arc<LocalDoors>,
    clock: Arc<dyn Clock>,
}

impl DemoDoors {
    /// The doors of a catalog.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, doors: Arc<LocalDoors>, clock: Arc<dyn Clock>) -> Self {
        Self { catalog, doors, clock }
    }
}

#[async_trait]
impl DoorKeeper for DemoDoors {
    fn doors(&self) -> Vec<Door> {
        let local = |id| matches!(self.catalog.connectors.get(id), Some(ConnectorEntry::Local));
        let mut doors: Vec<Door> = self
            .catalog
            .entitlements
            .values()
            .filter(|e| local(&e.connector))
            .map(|e| Door { entitlement: e.id.clone(), title: e.title.clone(), about: e.description.clone() })
            .collect();
        doors.sort_by(|a, b| a.title.cmp(&b.title));
        doors
    }

    async fn may(&self, person: &PersonId, entitlement: &EntitlementId) -> bool {
        let (doors, now) = (Arc::clone(&self.doors), self.clock.now());
        let (person, entitlement) = (person.clone(), entitlement.clone());
        let holds = self.catalog.holdings.iter().any(|h| h.person == person && h.entitlement == entitlement);
        // A door whose list cannot be read stays closed.
        holds
            || tokio::task::spawn_blocking(move || doors.may(&person, &entitlement, now))
                .await
                .is_ok_and(|asked| asked.unwrap_or(false))
    }
}
