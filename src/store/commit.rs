//! Writing a batch: one transaction, always in the same order, so that two writers wait for each other instead of locking up.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqlSafeStr as _;

use crate::domain::conversation::Conversation;
use crate::domain::digest::Digest;
use crate::domain::job::Lease;
use crate::ports::store::{Artifact, Batch, Lock, NewJob, StoreError};
use crate::store::accounts;
use crate::store::engine::{Engine, Session, Value};
use crate::store::postings;
use crate::store::rows::{self, Kept, Reader};
use crate::store::sql;

/// Writes all of the batch or nothing.
///
/// # Errors
/// As [`crate::ports::store::Store::commit`].
pub async fn commit(engine: &dyn Engine, batch: Batch) -> Result<(), StoreError> {
    let mut session = engine.write().await?;
    let on = session.as_mut();
    if let Some(lease) = &batch.completes {
        complete(on, lease).await?;
    }
    once(on, &batch).await?;
    postings::deliveries(on, &batch).await?;
    locks(on, &batch.locks).await?;
    artifacts(on, &batch.artifacts).await?;
    for text in &batch.texts {
        on.execute("a text", sql::INSERT_TEXT.into_sql_str(), rows::text(text)).await?;
    }
    let message_place = events(on, &batch).await?;
    for request in &batch.requests {
        put(on, "a request", request).await?;
    }
    for grant in &batch.grants {
        put(on, "a grant", grant).await?;
    }
    for task in &batch.tasks {
        put(on, "a task", task).await?;
    }
    for ticket in &batch.tickets {
        put(on, "a ticket", ticket).await?;
    }
    for link in &batch.links {
        put(on, "an account", link).await?;
    }
    for change in &batch.passkeys {
        accounts::passkey(on, change).await?;
    }
    if let Some(conversation) = &batch.conversation {
        converse(on, conversation).await?;
    }
    for (place, message) in (message_place..).zip(&batch.messages) {
        on.execute("a message", sql::INSERT_MESSAGE.into_sql_str(), rows::message(message, place)?).await?;
    }
    postings::wanted(on, &batch, message_place + rows::whole(batch.messages.len() as u64)).await?;
    for job in &batch.jobs {
        enqueue(on, job).await?;
    }
    session.commit().await
}

/// Marks the job done that the batch completes; its lease must still hold.
async fn complete(on: &mut dyn Session, lease: &Lease) -> Result<(), StoreError> {
    let values = vec![Value::Text(lease.job.to_string()), Value::text(&lease.holder)];
    match on.execute("the end of a job", sql::FINISH_DONE.into_sql_str(), values).await? {
        1 => Ok(()),
        _ => Err(StoreError::Conflict(lease.job.to_string())),
    }
}

async fn once(on: &mut dyn Session, batch: &Batch) -> Result<(), StoreError> {
    let at = batch.at.map(rows::micros);
    for key in batch.once.iter().collect::<BTreeSet<_>>() {
        let values = vec![Value::text(key), Value::MaybeInt(at)];
        if on.execute("a once key", sql::INSERT_ONCE.into_sql_str(), values).await? == 0 {
            return Err(StoreError::AlreadyDone(key.clone()));
        }
    }
    Ok(())
}

/// Raises each lock by one, if it stands as read. The same lock may be named twice, at the same version.
async fn locks(on: &mut dyn Session, locks: &[Lock]) -> Result<(), StoreError> {
    let mut wanted = BTreeMap::new();
    for lock in locks {
        if *wanted.entry(&lock.key).or_insert(lock.version) != lock.version {
            return Err(StoreError::Conflict(lock.key.clone()));
        }
    }
    for (key, version) in wanted {
        let raised = if version == 0 {
            on.execute("a lock", sql::INSERT_LOCK.into_sql_str(), vec![Value::text(key)]).await?
        } else {
            let values = vec![Value::text(key), Value::Int(rows::whole(version))];
            on.execute("a lock", sql::RAISE_LOCK.into_sql_str(), values).await?
        };
        if raised == 0 {
            return Err(StoreError::Conflict(key.clone()));
        }
    }
    Ok(())
}

async fn artifacts(on: &mut dyn Session, artifacts: &[Artifact]) -> Result<(), StoreError> {
    let by_digest: BTreeMap<Digest, &Artifact> = artifacts.iter().map(|a| (Digest::of(&a.bytes), a)).collect();
    for (digest, artifact) in by_digest {
        let values =
            vec![Value::Text(digest.to_string()), Value::text(&artifact.kind), Value::Bytes(artifact.bytes.clone())];
        on.execute("an artifact", sql::INSERT_ARTIFACT.into_sql_str(), values).await?;
    }
    Ok(())
}

/// Appends the events, and answers the first place for messages. Raising the log's head first makes other writers wait until this
/// transaction has ended, so that places are given without gaps and become visible in their order.
async fn events(on: &mut dyn Session, batch: &Batch) -> Result<i64, StoreError> {
    // Postings take their order from the same count as messages.
    let (new_events, new_messages) = (batch.events.len() as u64, (batch.messages.len() + batch.postings.len()) as u64);
    if new_events == 0 && new_messages == 0 {
        return Ok(0);
    }
    let values = vec![Value::Int(rows::whole(new_events)), Value::Int(rows::whole(new_messages))];
    let taken = on.fetch("the next places", sql::TAKE_PLACES.into_sql_str(), values).await?;
    let Some(row) = taken.into_iter().next() else {
        return Err(StoreError::Corrupt { table: "log_head", row: "1".to_owned(), what: "it is missing".to_owned() });
    };
    let mut row = Reader::new("log_head", row);
    let (size, messages) = (row.count()?, row.int()?);
    let first = size.checked_sub(new_events).ok_or_else(|| row.corrupt("the log is shorter than what was appended"))?;
    for (seq, event) in (first..).zip(&batch.events) {
        let written = on.execute("an event", sql::INSERT_EVENT.into_sql_str(), rows::event_columns(event, seq)?).await;
        written.map_err(|error| named(error, || event.stream.to_string()))?;
    }
    Ok(messages - rows::whole(new_messages) + 1)
}

/// A conflict, with the name of what it is about.
fn named(error: StoreError, name: impl FnOnce() -> String) -> StoreError {
    match error {
        StoreError::Conflict(_) => StoreError::Conflict(name()),
        other => other,
    }
}

/// Writes a projection over an older version of itself.
async fn put<T: Kept + Sync>(on: &mut dyn Session, doing: &'static str, kept: &T) -> Result<(), StoreError> {
    if on.execute(doing, T::PUT.into_sql_str(), kept.values()?).await? == 0 {
        return Err(StoreError::Conflict(kept.key()));
    }
    if T::CLEAR_WAITING.is_empty() {
        return Ok(());
    }
    on.execute("who is waited for", T::CLEAR_WAITING.into_sql_str(), vec![Value::Text(kept.key())]).await?;
    for person in kept.waits_for() {
        let values = vec![Value::Text(kept.key()), Value::text(person.as_str())];
        on.execute("who is waited for", T::INSERT_WAITING.into_sql_str(), values).await?;
    }
    Ok(())
}

async fn converse(on: &mut dyn Session, conversation: &Conversation) -> Result<(), StoreError> {
    let statement = if conversation.version <= 1 { sql::INSERT_CONVERSATION } else { sql::UPDATE_CONVERSATION };
    match on.execute("a conversation", statement.into_sql_str(), rows::conversation(conversation)?).await? {
        1 if conversation.version > 0 => Ok(()),
        _ => Err(StoreError::Conflict(conversation.id.to_string())),
    }
}

async fn enqueue(on: &mut dyn Session, job: &NewJob) -> Result<(), StoreError> {
    let values = vec![
        Value::Text(job.id.to_string()),
        Value::text(job.job.name()),
        Value::Text(rows::json(&job.job)?),
        Value::text(&job.dedupe),
        Value::Int(rows::micros_up(job.run_at)),
    ];
    on.execute("a job", sql::INSERT_JOB.into_sql_str(), values).await.map(drop)
}
