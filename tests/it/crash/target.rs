//! A target system that is a file of effects, each written down as it happens, and the connector to it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use claviger::domain::clock::Clock;
use claviger::domain::ids::{ConnectorId, GrantId};
use claviger::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt};
use jiff::Timestamp;

use crate::crash::points::point;

/// One thing that was done to the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub verb: String,
    pub grant: String,
    pub at: Timestamp,
}

/// The target. As real ones do, it knows a grant by its id and does nothing about what is so already.
pub struct Target {
    id: ConnectorId,
    file: PathBuf,
    clock: Arc<dyn Clock>,
}

/// Everything that was done to the target of this folder, in order.
pub fn effects(folder: &Path) -> Vec<Effect> {
    let text = std::fs::read_to_string(folder.join("effects")).unwrap_or_default();
    let effect = |line: &str| {
        let [verb, grant, at] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("`{line}` is no effect") };
        Effect { verb: verb.to_owned(), grant: grant.to_owned(), at: at.parse().unwrap() }
    };
    text.lines().map(effect).collect()
}

impl Target {
    pub fn new(id: &str, folder: &Path, clock: Arc<dyn Clock>) -> Self {
        Self { id: ConnectorId::parse(id).unwrap(), file: folder.join("effects"), clock }
    }

    fn last(&self, grant: GrantId) -> Option<String> {
        let done = effects(self.file.parent().unwrap());
        done.into_iter().rev().find(|effect| effect.grant == grant.to_string()).map(|effect| effect.verb)
    }

    fn write(&self, verb: &str, grant: GrantId) {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&self.file).unwrap();
        file.write_all(format!("{verb} {grant} {}\n", self.clock.now()).as_bytes()).unwrap();
        file.sync_all().unwrap();
    }

    pub fn open_for(&self, grant: GrantId) -> Receipt {
        point();
        if self.last(grant).as_deref() != Some("open") {
            self.write("open", grant);
        }
        point();
        Receipt::Confirmed { evidence: "open".to_owned() }
    }

    pub fn close_for(&self, grant: GrantId) -> Receipt {
        point();
        if self.last(grant).as_deref() == Some("open") {
            self.write("close", grant);
        }
        point();
        Receipt::Confirmed { evidence: "closed".to_owned() }
    }
}

#[async_trait]
impl Connector for Target {
    fn id(&self) -> &ConnectorId {
        &self.id
    }
    async fn open(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        Ok(self.open_for(errand.grant))
    }
    async fn close(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        Ok(self.close_for(errand.grant))
    }
    async fn holds(&self, errand: &Errand<'_>) -> Result<Holding, ConnectorError> {
        Ok(if self.last(errand.grant).as_deref() == Some("open") { Holding::Held } else { Holding::NotHeld })
    }
}
