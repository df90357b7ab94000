//! The demo's own application: a list of doors and who may pass, kept in one JSON file, so that a grant really opens something and its
//! end really closes it.
//!
//! The list is kept by grant, not by person: where a longer grant takes the place of another, the door stays open until the last one is
//! closed. A closed grant is remembered, so that a late call cannot open it again. The file is replaced whole (written beside, flushed,
//! renamed), so that it is never half written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::clock::Clock;
use crate::domain::ids::{ConnectorId, EntitlementId, GrantId, PersonId};
use crate::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt};

/// The longest door list read, in bytes.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Why the door list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DoorsError {
    /// The file cannot be read or written; that may pass.
    #[error("the door list `{path}` cannot be {doing}: {source}")]
    File {
        /// Which file.
        path: String,
        /// `read` or `written`.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file says nothing sensible.
    #[error("the door list `{path}` cannot be understood; mend it or move it away: {what}")]
    Content {
        /// Which file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// A late call for a grant that was closed.
    #[error("the grant `{0}` was closed and is not opened again")]
    Closed(GrantId),
}

/// The file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoorList {
    /// Who may pass, by grant.
    open: BTreeMap<GrantId, Pass>,
    /// Grants that were closed, and when.
    closed: BTreeMap<GrantId, Timestamp>,
}

/// One entry: who may pass which door, from when until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pass {
    person: PersonId,
    entitlement: EntitlementId,
    from: Timestamp,
    until: Option<Timestamp>,
}

/// The demo's doors. Shared by the connector, which writes, and by whoever shows them.
#[derive(Debug)]
pub struct LocalDoors {
    path: PathBuf,
    /// One writer at a time; the file itself is the only state.
    writing: Mutex<()>,
}

impl LocalDoors {
    /// The doors whose list is this file. It is made when the first door opens.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), writing: Mutex::new(()) }
    }

    /// True where this person may pass this door at this moment, whatever has or has not been closed meanwhile.
    ///
    /// # Errors
    /// [`DoorsError`] where the list cannot be read; the door then has to stay shut.
    pub fn may(&self, person: &PersonId, entitlement: &EntitlementId, now: Timestamp) -> Result<bool, DoorsError> {
        let fits = |pass: &Pass| {
            pass.person == *person
                && pass.entitlement == *entitlement
                && pass.from <= now
                && pass.until.is_none_or(|until| now < until)
        };
        Ok(self.read()?.open.values().any(fits))
    }

    /// True where this grant is on the list.
    ///
    /// # Errors
    /// [`DoorsError`] where the list cannot be read.
    pub fn holds(&self, grant: GrantId) -> Result<bool, DoorsError> {
        Ok(self.read()?.open.contains_key(&grant))
    }

    fn open(&self, grant: GrantId, pass: Pass) -> Result<(), DoorsError> {
        self.change(|list| {
            if list.closed.contains_key(&grant) {
                return Err(DoorsError::Closed(grant));
            }
            list.open.entry(grant).or_insert(pass);
            Ok(())
        })
    }

    fn close(&self, grant: GrantId, now: Timestamp) -> Result<(), DoorsError> {
        self.change(|list| {
            list.open.remove(&grant);
            list.closed.entry(grant).or_insert(now);
            Ok(())
        })
    }

    fn change(&self, how: impl FnOnce(&mut DoorList) -> Result<(), DoorsError>) -> Result<(), DoorsError> {
        // Nothing is kept behind the lock, so a writer that broke off leaves nothing broken.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.read()?;
        let mut after = before.clone();
        how(&mut after)?;
        if after == before { Ok(()) } else { self.write(&after) }
    }

    fn read(&self) -> Result<DoorList, DoorsError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(DoorList::default()),
            Err(source) => return Err(self.file("read", source)),
        };
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|source| self.file("read", source))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(self.content("it is too long"));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.content(&error.to_string()))
    }

    fn write(&self, list: &DoorList) -> Result<(), DoorsError> {
        let bytes = serde_json::to_vec_pretty(list).map_err(|error| self.content(&error.to_string()))?;
        let beside = self.path.with_extension("new");
        let written = || -> std::io::Result<()> {
            let mut file = File::create(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            // The new name survives a power cut only once the folder is flushed as well.
            let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
        };
        written().map_err(|source| self.file("written", source))
    }

    fn file(&self, doing: &'static str, source: std::io::Error) -> DoorsError {
        DoorsError::File { path: self.path.display().to_string(), doing, source }
    }

    fn content(&self, what: &str) -> DoorsError {
        DoorsError::Content { path: self.path.display().to_string(), what: what.to_owned() }
    }
}

/// Opens and closes the demo's doors.
pub struct Local {
    id: ConnectorId,
    doors: Arc<LocalDoors>,
    clock: Arc<dyn Clock>,
}

impl Local {
    /// A connector to these doors.
    #[must_use]
    pub fn new(id: ConnectorId, doors: Arc<LocalDoors>, clock: Arc<dyn Clock>) -> Self {
        Self { id, doors, clock }
    }

    /// Works on the file where waiting for it holds nobody up.
    async fn work<T: Send + 'static>(
        &self,
        what: impl FnOnce(&LocalDoors) -> Result<T, DoorsError> + Send + 'static,
    ) -> Result<T, ConnectorError> {
        let doors = Arc::clone(&self.doors);
        let done = tokio::task::spawn_blocking(move || what(&doors)).await;
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error @ DoorsError::File { .. })) => Err(ConnectorError::Unavailable { what: error.to_string() }),
            Ok(Err(error)) => Err(ConnectorError::Refused { what: error.to_string() }),
            Err(_) => Err(ConnectorError::Unavailable { what: "the work on the door list broke off".to_owned() }),
        }
    }

    async fn read_back(&self, grant: GrantId, wanted: bool) -> Result<Receipt, ConnectorError> {
        let held = self.work(move |doors| doors.holds(grant)).await?;
        if held != wanted {
            return Err(ConnectorError::Unavailable { what: "the door list does not say so yet".to_owned() });
        }
        let evidence = if held { "the door list holds it" } else { "the door list no longer holds it" };
        Ok(Receipt::Confirmed { evidence: evidence.to_owned() })
    }
}

#[async_trait]
impl Connector for Local {
    fn id(&self) -> &ConnectorId {
        &self.id
    }

    async fn open(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        let (grant, window) = (errand.grant, errand.order.window);
        let (person, entitlement) = (errand.person.id.clone(), errand.entitlement.id.clone());
        let pass = Pass { person, entitlement, from: window.start(), until: window.end() };
        self.work(move |doors| doors.open(grant, pass)).await?;
        self.read_back(grant, true).await
    }

    async fn close(&self, errand: &Errand<'_>) -> Result<Receipt, ConnectorError> {
        let (grant, now) = (errand.grant, self.clock.now());
        self.work(move |doors| doors.close(grant, now)).await?;
        self.read_back(grant, false).await
    }

    async fn holds(&self, errand: &Errand<'_>) -> Result<Holding, ConnectorError> {
        let grant = errand.grant;
        let held = self.work(move |doors| doors.holds(grant)).await?;
        Ok(if held { Holding::Held } else { Holding::NotHeld })
    }

    async fn check(&self) -> Result<(), String> {
        self.work(|doors| doors.read().map(drop)).await.map_err(|error| error.to_string())
    }
}
