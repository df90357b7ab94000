//! Who does the durable jobs. The runner in `jobs` claims them, the workflow behind this trait does them.

use async_trait::async_trait;

use crate::ports::store::ClaimedJob;

/// How a job went, where it went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// The handler committed a batch that completes the job; nothing is left to say to the queue.
    Committed,
    /// There was nothing to write (any more): the runner marks the job done.
    Nothing,
}

/// How a job went, where it did not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFault {
    /// Trying again later may help; the runner waits longer each time.
    #[error("{0}")]
    Later(String),
    /// Trying again will not help; an operator has to look.
    #[error("{0}")]
    Never(String),
}

/// Does jobs. A job may come twice; its second run changes nothing.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Does one job.
    async fn handle(&self, job: &ClaimedJob) -> Result<Handled, JobFault>;
    /// Puts right what has drifted: called at start and every minute. Answers how many things it mended.
    async fn sweep(&self) -> Result<u64, JobFault>;
}
