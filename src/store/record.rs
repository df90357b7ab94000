//! The record as it lies in the database, and everything beside it that can be checked against it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqlSafeStr as _;

use crate::domain::digest::Digest;
use crate::domain::event::{StoredEvent, Stream};
use crate::ports::store::{Artifact, Held, Record, StoreError};
use crate::store::database::Database;
use crate::store::engine::{Row, Session, Value};
use crate::store::rows::{self, Kept, Reader};
use crate::store::sql;

/// How many rows of the log are looked at in one go.
const PAGE: i64 = 1_000;

fn span(from: u64, limit: u32) -> Vec<Value> {
    vec![Value::Int(rows::whole(from)), Value::Int(i64::from(limit))]
}

#[async_trait]
impl Record for Database {
    async fn log_size(&self) -> Result<u64, StoreError> {
        let head = self.row("the log's size", sql::LOG_SIZE, Vec::new()).await?;
        head.map_or(Ok(0), |row| Reader::new("log_head", row).count())
    }

    async fn events(&self, from: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        self.rows("the log", sql::LEAVES, span(from, limit)).await?.into_iter().map(rows::event).collect()
    }

    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let leaf = |row| {
            let mut row = Reader::new("events", row);
            Ok((row.count()?, row.bytes()?))
        };
        self.rows("the log", sql::LEAVES, span(from, limit)).await?.into_iter().map(leaf).collect()
    }

    async fn events_of(&self, stream: &Stream) -> Result<Vec<StoredEvent>, StoreError> {
        let found = self.rows("the log", sql::LEAVES_OF, vec![Value::Text(stream.to_string())]).await?;
        found.into_iter().map(rows::event).collect()
    }

    async fn inquiries(&self, from: Timestamp) -> Result<Vec<StoredEvent>, StoreError> {
        let found = self.rows("the log", sql::INQUIRIES, vec![Value::Int(rows::micros(from))]).await?;
        found.into_iter().map(rows::event).collect()
    }

    async fn artifact(&self, digest: &Digest) -> Result<Option<Artifact>, StoreError> {
        let found = self.row("an artifact", sql::ARTIFACT, vec![Value::Text(digest.to_string())]).await?;
        Ok(found.map(rows::read_artifact).transpose()?.map(|(_, artifact)| artifact))
    }

    async fn checkpoints(&self) -> Result<Vec<(u64, String)>, StoreError> {
        let checkpoint = |row| {
            let mut row = Reader::new("checkpoints", row);
            Ok((row.count()?, row.text()?))
        };
        self.rows("the checkpoints", sql::CHECKPOINTS, Vec::new()).await?.into_iter().map(checkpoint).collect()
    }

    async fn put_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        let values = vec![Value::Int(rows::whole(size)), Value::text(note)];
        self.run("a checkpoint", sql::INSERT_CHECKPOINT, values).await.map(drop)
    }

    async fn held(&self) -> Result<Held, StoreError> {
        let mut session = self.engine.snapshot().await?;
        let on = session.as_mut();
        let mut held = Held::default();
        let broken = &mut held.broken;
        held.requests = kept(on, broken).await?;
        held.grants = kept(on, broken).await?;
        held.tasks = kept(on, broken).await?;
        held.tickets = kept(on, broken).await?;
        held.links = kept(on, broken).await?;
        waiting(on, "request_waiting", sql::ALL_REQUEST_WAITING, &held.requests, broken).await?;
        waiting(on, "task_waiting", sql::ALL_TASK_WAITING, &held.tasks, broken).await?;
        held.artifacts = sift(read(on, sql::ALL_ARTIFACTS, Vec::new()).await?, rows::read_artifact, broken);
        held.texts = sift(read(on, sql::ALL_TEXTS, Vec::new()).await?, rows::read_text, broken);
        flawed_events(on, broken).await?;
        Ok(held)
    }

    async fn soundness(&self) -> Result<Vec<String>, StoreError> {
        let mut lines = self.engine.soundness().await?;
        match self.row("the log's head", sql::LOG_HEAD_CHECK, Vec::new()).await? {
            None => lines.push("the log has no head".to_owned()),
            Some(row) => {
                let mut row = Reader::new("log_head", row);
                let (size, count, next) = (row.int()?, row.int()?, row.int()?);
                if size != count || size != next {
                    lines.push(format!(
                        "the log says it has {size} events; {count} are there, the next place is {next}"
                    ));
                }
            }
        }
        Ok(lines)
    }
}

type Broken = Vec<(String, String, String)>;

async fn read(on: &mut dyn Session, statement: &'static str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
    on.fetch("reading everything", statement.into_sql_str(), values).await
}

/// Reads what can be read, and lists the rest.
fn sift<T>(found: Vec<Row>, read: impl Fn(Row) -> Result<T, StoreError>, broken: &mut Broken) -> Vec<T> {
    let mut good = Vec::with_capacity(found.len());
    for row in found {
        match read(row) {
            Ok(value) => good.push(value),
            Err(StoreError::Corrupt { table, row, what }) => broken.push((table.to_owned(), row, what)),
            Err(other) => broken.push(("?".to_owned(), "?".to_owned(), other.to_string())),
        }
    }
    good
}

async fn kept<T: Kept>(on: &mut dyn Session, broken: &mut Broken) -> Result<Vec<T>, StoreError> {
    Ok(sift(read(on, T::ALL, Vec::new()).await?, rows::checked, broken))
}

/// Compares the waiting rows with what the aggregates say.
async fn waiting<T: Kept>(
    on: &mut dyn Session,
    table: &str,
    statement: &'static str,
    aggregates: &[T],
    broken: &mut Broken,
) -> Result<(), StoreError> {
    let pair = |row| {
        let mut row = Reader::new("waiting", row);
        Ok((row.text()?, row.text()?))
    };
    let found: BTreeSet<(String, String)> =
        sift(read(on, statement, Vec::new()).await?, pair, broken).into_iter().collect();
    let expected: BTreeSet<(String, String)> =
        aggregates.iter().flat_map(|a| a.waits_for().into_iter().map(|p| (a.key(), p.to_string()))).collect();
    for (key, person) in found.symmetric_difference(&expected) {
        let what = if expected.contains(&(key.clone(), person.clone())) { "is missing" } else { "should not be there" };
        broken.push((table.to_owned(), key.clone(), format!("`{person}` {what}")));
    }
    Ok(())
}

/// Events whose columns do not say what their leaf says.
async fn flawed_events(on: &mut dyn Session, broken: &mut Broken) -> Result<(), StoreError> {
    let mut from = i64::MIN;
    loop {
        let page = read(on, sql::EVENT_COLUMNS, vec![Value::Int(from), Value::Int(PAGE)]).await?;
        let Some(last) = page.last().cloned() else { return Ok(()) };
        for row in &page {
            if let Some(what) = rows::event_flaw(row) {
                let seq = Reader::new("events", row.clone()).int().map_or("?".to_owned(), |seq| seq.to_string());
                broken.push(("events".to_owned(), seq, what));
            }
        }
        let Some(next) = Reader::new("events", last).int()?.checked_add(1) else { return Ok(()) };
        from = next;
    }
}
