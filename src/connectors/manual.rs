//! Systems without an interface: a named person does it, and says so with proof.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::clock::Clock;
use crate::domain::ids::{ConnectorId, PersonId};
use crate::domain::person::Directory;
use crate::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt};

/// Answers with the directory as it stands now; it is swapped whole.
pub type Directories = Arc<dyn Fn() -> Directory + Send + Sync>;

/// Hands the work to a person.
pub struct Manual {
    id: ConnectorId,
    assignees: Vec<PersonId>,
    directory: Directories,
    clock: Arc<dyn Clock>,
}

impl Manual {
    /// A connector whose work these people do, the first present one first.
    #[must_use]
    pub fn new(id: ConnectorId, assignees: Vec<PersonId>, directory: Directories, clock: Arc<dyn Clock>) -> Self {
        Self { id, assignees, directory, clock }
    }

    /// Who may do it now: those who are present; where nobody is, those who will be back. Nobody opens access for themselves.
    fn by_hand(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        let (directory, now) = ((self.directory)(), self.clock.now());
        let known: Vec<_> = self
            .assignees
            .iter()
            .filter(|id| **id != errand.person.id)
            .filter_map(|id| directory.get(id).filter(|p| p.is_employed()))
            .collect();
        let present: Vec<PersonId> = known.iter().filter(|p| p.is_present(now)).map(|p| p.id.clone()).collect();
        let assignees = if present.is_empty() { known.iter().map(|p| p.id.clone()).collect() } else { present };
        if assignees.is_empty() {
            let what = format!("nobody who does the work of `{}` by hand is here any more", self.id);
            return Err(ConnectorError::Refused { what });
        }
        Ok(Receipt::ByHand { assignees })
    }
}

#[async_trait]
impl Connector for Manual {
    fn id(&self) -> &ConnectorId {
        &self.id
    }

    async fn open(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        self.by_hand(errand)
    }

    async fn close(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        self.by_hand(errand)
    }

    async fn holds(&self, _: &Errand<'_>) -> Result<Holding, ConnectorError> {
        Ok(Holding::Unknown)
    }

    async fn check(&self) -> Result<(), String> {
        let directory = (self.directory)();
        if self.assignees.iter().any(|id| directory.get(id).is_some_and(|p| p.is_employed())) {
            Ok(())
        } else {
            Err(format!("nobody does the work of the connector `{}`; name somebody in its `assignees`", self.id))
        }
    }
}
