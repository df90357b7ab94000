//! Signs the record's size and root every minute and every thousand events, and seals the database file at a clean stop.

use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::record::Keeper;
use crate::audit::key::SecretKey;
use crate::ports::store::SharedStore;

/// How often the record is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// After so many looks a checkpoint is signed when anything is new.
const LOOKS: u32 = 12;
/// After so many new events a checkpoint is signed at the next look.
const EVENTS: u64 = 1_000;

/// Follows the record and signs it.
pub struct Signer {
    store: SharedStore,
    keeper: Keeper,
}

impl Signer {
    /// A signer that has seen nothing yet.
    #[must_use]
    pub fn new(store: SharedStore, key: SecretKey) -> Self {
        Self { store, keeper: Keeper::new(key) }
    }

    /// Signs until the token is cancelled.
    pub async fn run(self, stop: CancellationToken) -> Self {
        let mut looks = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => return self,
                () = tokio::time::sleep(LOOK) => {}
            }
            looks += 1;
            if let Err(error) = self.look(looks >= LOOKS).await {
                tracing::warn!(error = format!("{error:#}"), "the record could not be signed; trying again");
            } else if looks >= LOOKS {
                looks = 0;
            }
        }
    }

    async fn look(&self, due: bool) -> anyhow::Result<()> {
        let head = self.keeper.follow(self.store.as_ref()).await?;
        let fresh = head.size - head.signed;
        if fresh > 0 && (due || fresh >= EVENTS) {
            self.sign().await?;
        }
        Ok(())
    }

    /// Signs what is there now. The last thing to do before the store is closed.
    ///
    /// # Errors
    /// Where the store cannot be read, or the record contradicts what was signed before.
    pub async fn sign(&self) -> anyhow::Result<()> {
        let head = self.keeper.checkpoint(self.store.as_ref()).await?;
        tracing::debug!(record.size = head.size, "the record is signed");
        Ok(())
    }

    /// Seals a database file that nobody works on any more: every page's hash, signed.
    ///
    /// # Errors
    /// Where the file cannot be read, is still in use, or the seal cannot be written.
    pub async fn seal(&self, database: &Path) -> anyhow::Result<()> {
        self.keeper.seal(database).await
    }
}
