//! Signs the record's size and root every minute and every thousand events, and seals the database file at a clean stop.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use crate::app::data_dir::write_private;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::key::SecretKey;
use crate::audit::seal::PageHasher;
use crate::audit::tree::Frontier;
use crate::ports::store::SharedStore;

/// How often the record is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// After so many looks a checkpoint is signed when anything is new.
const LOOKS: u32 = 12;
/// After so many new events a checkpoint is signed at the next look.
const EVENTS: u64 = 1_000;
/// Leaves read at once.
const PAGE: u32 = 2_000;

/// Follows the record and signs it.
pub struct Signer {
    store: SharedStore,
    key: SecretKey,
    frontier: Frontier,
    signed: u64,
}

impl Signer {
    /// A signer that has seen nothing yet.
    #[must_use]
    pub fn new(store: SharedStore, key: SecretKey) -> Self {
        Self { store, key, frontier: Frontier::new(), signed: 0 }
    }

    /// Signs until the token is cancelled, and once more then.
    ///
    /// # Errors
    /// Where the store cannot be read at the end.
    pub async fn run(mut self, stop: CancellationToken) -> anyhow::Result<Self> {
        let mut looks = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            looks += 1;
            if let Err(error) = self.look(looks >= LOOKS).await {
                tracing::warn!(error = %error, "the record could not be signed; trying again");
            } else if looks >= LOOKS {
                looks = 0;
            }
        }
        self.look(true).await?;
        Ok(self)
    }

    async fn look(&mut self, due: bool) -> anyhow::Result<()> {
        self.catch_up().await?;
        let size = self.frontier.size();
        let fresh = size - self.signed;
        if fresh > 0 && (due || fresh >= EVENTS) {
            let note = Checkpoint::sign(size, self.frontier.root(), &self.key);
            self.store.put_checkpoint(size, &note).await?;
            self.signed = size;
            tracing::debug!(record.size = size, "signed the record");
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> anyhow::Result<()> {
        loop {
            let leaves = self.store.leaves(self.frontier.size(), PAGE).await?;
            if leaves.is_empty() {
                return Ok(());
            }
            for (seq, leaf) in &leaves {
                anyhow::ensure!(
                    *seq == self.frontier.size(),
                    "event {} is missing from the record",
                    self.frontier.size()
                );
                self.frontier.append(leaf);
            }
        }
    }

    /// Seals a database file that nobody works on any more: every page's hash, signed.
    ///
    /// # Errors
    /// Where the file cannot be read or the seal not written.
    pub fn seal(&self, database: &Path) -> anyhow::Result<()> {
        use std::io::Read as _;
        let mut file = std::fs::File::open(database).with_context(|| format!("`{}`", database.display()))?;
        let mut hasher = PageHasher::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hasher.update(&buffer[..n]);
        }
        let seal = hasher.seal(self.frontier.size(), self.frontier.root());
        write_private(&seal_path(database), seal.sign(&self.key).as_bytes())
    }
}

/// Where a database's seal lies.
#[must_use]
pub fn seal_path(database: &Path) -> std::path::PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".seal");
    name.into()
}
