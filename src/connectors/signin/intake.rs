//! From bytes to stored events: one thread reads and understands, the store writes beside it, in batches, so that memory does not grow
//! with the input.

use std::io::BufRead;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::connectors::signin::read::{Hints, Records};
use crate::domain::clock::Clock;
use crate::domain::signin::{Provider, SigninEvent};
use crate::ports::signin::{SigninIntake, SigninLog, Taken};
use crate::ports::store::StoreError;

/// How many events are written at once.
const BATCH: usize = 4_000;
/// How many batches may wait for the store.
const WAITING: usize = 2;

/// Why input could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The input broke off.
    #[error("the input cannot be read")]
    Read(#[from] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reading thread broke off.
    #[error("reading broke off")]
    BrokeOff,
}

/// Reads everything in `input` and stores it. `watch` hears how many records were seen so far, from time to time.
///
/// # Errors
/// [`IntakeError`]; what was stored before stays.
pub async fn take_all<R, W>(log: &dyn SigninLog, input: R, hints: Hints, mut watch: W) -> Result<Taken, IntakeError>
where
    R: BufRead + Send + 'static,
    W: FnMut(&Taken) + Send,
{
    let (send, mut batches) = mpsc::channel::<(Vec<SigninEvent>, Taken)>(WAITING);
    let reading = tokio::task::spawn_blocking(move || -> Result<(), std::io::Error> {
        let (mut batch, mut seen) = (Vec::with_capacity(BATCH), Taken::default());
        for record in Records::new(input, hints) {
            seen.records += 1;
            match record?.read {
                Ok(events) => batch.extend(events),
                Err(why) => *seen.aside.entry(why.word().to_owned()).or_default() += 1,
            }
            if batch.len() >= BATCH || seen.records as usize >= 10 * BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if send.blocking_send((full, std::mem::take(&mut seen))).is_err() {
                    return Ok(());
                }
            }
        }
        // Nobody listens any more only where the store failed, and then it is told there.
        let _ = send.blocking_send((batch, seen));
        Ok(())
    });
    let mut total = Taken::default();
    while let Some((events, seen)) = batches.recv().await {
        let done = log.append_signins(&events, hints.now).await?;
        total.records += seen.records;
        total.stored += done.stored;
        total.known += done.known;
        for (why, count) in seen.aside {
            *total.aside.entry(why).or_default() += count;
        }
        watch(&total);
    }
    reading.await.map_err(|_| IntakeError::BrokeOff)??;
    Ok(total)
}

/// Takes bodies in and stores what they hold.
pub struct Intake {
    log: Arc<dyn SigninLog>,
    clock: Arc<dyn Clock>,
}

impl Intake {
    /// An intake into this log.
    #[must_use]
    pub fn new(log: Arc<dyn SigninLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock }
    }
}

#[async_trait]
impl SigninIntake for Intake {
    async fn take(&self, provider: Option<Provider>, body: Vec<u8>) -> Result<Taken, StoreError> {
        let now: Timestamp = self.clock.now();
        match take_all(self.log.as_ref(), std::io::Cursor::new(body), Hints { provider, now }, |_| {}).await {
            Ok(taken) => Ok(taken),
            Err(IntakeError::Store(error)) => Err(error),
            Err(other) => Err(StoreError::Unavailable(Box::new(other))),
        }
    }
}
