//! Messages that came by the gateway: kept in the order in which they were said, then dealt with, one conversation's after the other and
//! several conversations' beside one another.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::discord::answer::Answers;
use crate::chat::discord::session::Kept;
use crate::domain::card::Card;
use crate::ports::desk::DeskErrorKind;
use crate::ports::surface::{ANSWERED_APART, Incoming, Now, Taken};

/// How many messages wait to be kept. Beyond that the connection is left, and Discord sends them again later.
const WAITING: usize = 1_000;
/// How many conversations are dealt with beside one another.
const LANES: usize = 32;
/// How many messages of a lane wait to be dealt with at once. Beyond that the durable job deals with them.
const IN_LANE: usize = 64;
/// How often keeping a message is tried before whoever said it is asked to say it again.
const TRIES: u32 = 9;

/// A message to be kept.
pub struct Heard {
    /// What.
    pub incoming: Incoming,
    /// Its number in the session.
    pub seq: u64,
    /// Whose numbers these are.
    pub kept: Arc<Kept>,
}

/// Where messages are handed in.
#[must_use]
pub fn start(answers: &Arc<Answers>, tasks: &TaskTracker, stop: CancellationToken) -> mpsc::Sender<Heard> {
    let (hand_in, waiting) = mpsc::channel(WAITING);
    let lanes = (0..LANES).map(|_| lane(Arc::clone(answers), tasks)).collect();
    tasks.spawn(keep(Arc::clone(answers), waiting, lanes, stop));
    hand_in
}

fn lane(answers: Arc<Answers>, tasks: &TaskTracker) -> mpsc::Sender<Incoming> {
    let (hand_in, mut waiting) = mpsc::channel(IN_LANE);
    tasks.spawn(async move {
        while let Some(incoming) = waiting.recv().await {
            let done = match answers.door.deal(&incoming).await {
                Now::Nothing => continue,
                Now::Whisper { note, .. } if !incoming.private && note.headline == ANSWERED_APART => {
                    answers.point(&incoming).await
                }
                Now::Replace(card) | Now::Whisper { note: card, .. } => answers.tell(&incoming, &card).await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "an answer to a message on Discord could not be shown");
                metrics::counter!("claviger_discord_answers_not_shown_total").increment(1);
            }
        }
    });
    hand_in
}

async fn keep(
    answers: Arc<Answers>,
    mut waiting: mpsc::Receiver<Heard>,
    lanes: Vec<mpsc::Sender<Incoming>>,
    stop: CancellationToken,
) {
    while let Some(Heard { incoming, seq, kept }) = waiting.recv().await {
        match patiently(&answers, &incoming, &stop).await {
            Ok(Taken::New) => {
                let mut hash = DefaultHasher::new();
                incoming.back.place.channel.hash(&mut hash);
                let lane = usize::try_from(hash.finish() % LANES as u64).unwrap_or(0);
                if let Some(lane) = lanes.get(lane) {
                    // Where the lane is full the job deals with it: it is kept.
                    let _ = lane.try_send(incoming);
                }
            }
            Ok(Taken::Before) => {}
            Err(_) if stop.is_cancelled() => return,
            Err(note) => {
                if let Err(error) = answers.tell(&incoming, &note).await {
                    tracing::error!(%error, "a message on Discord was lost: neither kept nor answered");
                    metrics::counter!("claviger_discord_messages_lost_total").increment(1);
                }
            }
        }
        kept.done(seq);
    }
}

/// Tries until it is kept; what to tell whoever said it, where that is of no use.
async fn patiently(answers: &Answers, incoming: &Incoming, stop: &CancellationToken) -> Result<Taken, Card> {
    for tries in 0..TRIES {
        match answers.door.take(incoming).await {
            Ok(taken) => return Ok(taken),
            Err(error) if matches!(error.kind, DeskErrorKind::Unavailable | DeskErrorKind::TooMany) => {
                tracing::warn!(reference = error.reference, tries, "a message on Discord could not be kept yet");
            }
            Err(error) => return Err(Card::note(error.said).para(error.next)),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep(answers.discord.known().patience.before(tries)) => {}
        }
    }
    Err(Card::note("I could not note down your last message").para("Please say it once more."))
}
