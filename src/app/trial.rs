//! A house for measuring: the example company on a database in memory, a clock that stands still, and a folder that is gone afterwards.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::app::data_dir::DataDir;
use crate::app::house::{Parts, build_house};
use crate::app::system::{FixedClock, OsEntropy};
use crate::catalog::source::Source;
use crate::domain::clock::Entropy;
use crate::ports::language_model::LanguageModel;
use crate::ports::signin::SigninLog;
use crate::store::open::open_memory;
use crate::workflow::desk::FrontDesk;
use crate::workflow::house::{House, Outside, Signins, StepUp};

/// A house, its desk, and the folder it needs while it stands.
pub struct Trial {
    /// The house.
    pub house: Arc<House>,
    /// Its desk.
    pub desk: FrontDesk,
    /// Its record of sign-ins, empty at first.
    pub log: Arc<dyn SigninLog>,
    _folder: Folder,
}

impl Trial {
    /// Opens the example company at this moment, with these vendors' rows (JSON Lines; may be empty) beside its own catalog.
    ///
    /// # Errors
    /// Where the folder, the database or the rows cannot be used.
    pub async fn open(rows: &str, model: Option<Arc<dyn LanguageModel>>, now: Timestamp) -> anyhow::Result<Self> {
        let folder = Folder::make()?;
        let data = DataDir::open(&folder.0)?;
        let mut vendors = Vec::new();
        if !rows.is_empty() {
            let file = folder.0.join("rows.jsonl");
            std::fs::write(&file, rows).with_context(|| format!("`{}` cannot be written", file.display()))?;
            vendors.push(file);
        }
        let clock = Arc::new(FixedClock(now));
        let database = open_memory().await?;
        let log: Arc<dyn SigninLog> = database.clone();
        let parts = Parts {
            source: Source::Example,
            vendors,
            model,
            prompts: None,
            step_up: StepUp::Demo,
            outside: Outside {
                signins: Signins { log: Some(log.clone()), ..Signins::default() },
                ..Outside::default()
            },
            clock,
        };
        let house = build_house(parts, database, &data)?.house;
        Ok(Self { desk: FrontDesk(Arc::clone(&house)), house, log, _folder: folder })
    }
}

/// A folder of its own, removed when it is no longer needed.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let mut name = [0u8; 16];
        OsEntropy.fill(&mut name);
        let path = std::env::temp_dir().join(format!("claviger-trial-{}", hex::encode(name)));
        std::fs::create_dir(&path).with_context(|| format!("the folder `{}` cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the system's folder for such things.
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}
