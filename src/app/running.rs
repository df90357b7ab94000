//! A running system: the job runner, the signer, and whatever serves people; stopped softly, then hard.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::checkpoints::Signer;
use crate::app::data_dir::DataDir;
use crate::app::record::open_key;
use crate::app::system::OsEntropy;
use crate::audit::key::SecretKey;
use crate::domain::clock::Clock;
use crate::jobs::runner::Runner;
use crate::ports::store::SharedStore;
use crate::workflow::handler::HouseJobs;
use crate::workflow::house::House;

/// The record's name, also its key's: who keeps it.
pub const ORIGIN: &str = "claviger/record";

/// What runs in the background.
pub struct Running {
    stop: CancellationToken,
    tasks: TaskTracker,
    signer: tokio::task::JoinHandle<Signer>,
}

impl Running {
    /// Records what is in force; starts the job runner and the signer.
    ///
    /// # Errors
    /// Where the record's key cannot be read or made.
    pub async fn start(house: &Arc<House>, data: &DataDir, stop: CancellationToken) -> anyhow::Result<Self> {
        crate::workflow::adopt::adopt(house).await?;
        let key = audit_key(data)?;
        let tasks = TaskTracker::new();
        let clock: Arc<dyn Clock> = Arc::clone(&house.clock);
        let store: SharedStore = Arc::clone(&house.store);
        let handler = Arc::new(HouseJobs(Arc::clone(house)));
        let runner = Runner::new(store, handler, clock, Arc::clone(&house.entropy)).woken_by(Arc::clone(&house.wake));
        let runner = Arc::new(runner);
        let stopping = stop.clone();
        tasks.spawn(async move { runner.run(stopping).await });
        let signer = Signer::new(Arc::clone(&house.store), key);
        let signer = tokio::spawn(signer.run(stop.clone()));
        tasks.close();
        Ok(Self { stop, tasks, signer })
    }

    /// Stops both; what is under way is finished.
    ///
    /// # Errors
    /// Where the last checkpoint could not be signed.
    pub async fn stop(self) -> anyhow::Result<Signer> {
        self.stop.cancel();
        self.tasks.wait().await;
        let signer = self.signer.await?;
        // Only now has everything come to rest that could still write events.
        signer.sign().await?;
        Ok(signer)
    }
}

/// The record's signing key, made where it is missing; the public half lies beside it.
///
/// # Errors
/// Where it cannot be read or written.
pub fn audit_key(data: &DataDir) -> anyhow::Result<SecretKey> {
    open_key(&data.audit_key(), &data.audit_pub(), ORIGIN, &OsEntropy)
}

/// Resolves when the process is asked to stop (Ctrl-C, or SIGTERM from a supervisor).
pub async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
