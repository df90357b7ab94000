//! Sign-in events: kept once, found by account and time, minimised and deleted when old.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use async_trait::async_trait;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::SqlSafeStr as _;

use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_actor::ActorKey;
use crate::domain::signin_privacy::{PseudonymKey, minimised};
use crate::ports::signin::{Appended, Pruned, SigninLog, SigninQuery};
use crate::ports::store::StoreError;
use crate::store::database::Database;
use crate::store::engine::{Row, Session, Value};
use crate::store::rows::{self, Reader};
use crate::store::sql;

/// How many rows one statement writes. A row has seven values; both databases take 32,767 at least.
const ROWS: usize = 100;
/// How many rows are minimised in one transaction.
const AT_ONCE: i64 = 1_000;

/// How many rows more are read than asked for: those that lie within a microsecond of the window's ends may fall away.
const EDGE: i64 = 16;

/// The statement for [`ROWS`] rows.
static INSERT_MANY: LazyLock<String> = LazyLock::new(|| {
    let (head, tail) =
        sql::INSERT_SIGNIN.split_once("($1, $2, $3, $4, $5, $6, 1, $7)").unwrap_or((sql::INSERT_SIGNIN, ""));
    let mut text = head.to_owned();
    for row in 0..ROWS {
        let p = row * 7;
        let comma = if row == 0 { "" } else { ", " };
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "{comma}(${}, ${}, ${}, ${}, ${}, ${}, 1, ${})",
            p + 1,
            p + 2,
            p + 3,
            p + 4,
            p + 5,
            p + 6,
            p + 7
        );
    }
    text + tail
});

/// Sixteen bytes that are the same for the same record: over the raw record and, because an entry of a directory holds several events,
/// over what happened when.
fn fingerprint(event: &SigninEvent) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(event.raw_digest.0);
    for part in [Some(event.provider.name()), Some(&event.event), event.time.as_deref(), event.reason_code.as_deref()] {
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..16].to_vec()
}

fn key(provider: Provider, written: Option<&String>) -> Value {
    let key = written.and_then(|w| ActorKey::of(provider, w));
    Value::text(key.as_ref().map_or("", ActorKey::as_str))
}

/// A row's values. An event is as old as its moment, or as its coming in where that is earlier: a clock that runs ahead keeps nothing
/// longer.
fn row(event: &SigninEvent, now: Timestamp) -> Result<[Value; 7], StoreError> {
    Ok([
        Value::Bytes(fingerprint(event)),
        Value::text(event.provider.name()),
        key(event.provider, event.actor.as_ref()),
        key(event.provider, event.subject.as_ref()),
        Value::MaybeInt(event.at.map(rows::micros)),
        Value::Int(rows::micros(event.at.unwrap_or(now).min(now))),
        Value::text(rows::json(event)?),
    ])
}

async fn insert(on: &mut dyn Session, events: &[SigninEvent], now: Timestamp) -> Result<u64, StoreError> {
    let many: &'static str = INSERT_MANY.as_str();
    let (whole, rest) = events.as_chunks::<ROWS>();
    let mut stored = 0;
    for chunk in whole {
        let mut values = Vec::with_capacity(ROWS * 7);
        for event in chunk {
            values.extend(row(event, now)?);
        }
        stored += on.execute("sign-in events", many.into_sql_str(), values).await?;
    }
    for event in rest {
        stored += on.execute("a sign-in event", sql::INSERT_SIGNIN.into_sql_str(), row(event, now)?.to_vec()).await?;
    }
    Ok(stored)
}

fn event(row: Row) -> Result<(i64, SigninEvent), StoreError> {
    let mut reader = Reader::new("signin_events", row);
    let n = reader.int()?;
    let body = reader.text()?;
    let event = serde_json::from_str(&body).map_err(|error| StoreError::Corrupt {
        table: "signin_events",
        row: n.to_string(),
        what: error.to_string(),
    })?;
    Ok((n, event))
}

impl Database {
    /// Takes the raw values out of one batch of a provider's old events; answers how many rows it looked at.
    async fn minimise(&self, provider: Provider, until: i64, key: &PseudonymKey) -> Result<u64, StoreError> {
        let mut on = self.engine.write().await?;
        let values = vec![Value::text(provider.name()), Value::Int(until), Value::Int(AT_ONCE)];
        let old = on.fetch("old sign-in events", sql::SIGNINS_TO_MINIMISE.into_sql_str(), values).await?;
        let seen = old.len() as u64;
        for found in old {
            let mut reader = Reader::new("signin_events", found);
            let (n, body) = (reader.int()?, reader.text()?);
            match serde_json::from_str::<SigninEvent>(&body) {
                Ok(event) => {
                    let values = vec![Value::Int(n), Value::text(rows::json(&minimised(event, key))?)];
                    on.execute("minimising", sql::MINIMISE_SIGNIN.into_sql_str(), values).await?;
                }
                Err(error) => {
                    // It can be shown to nobody and may hold what must not be kept.
                    tracing::warn!(n, %error, "a sign-in event that cannot be read was dropped");
                    on.execute("minimising", sql::DROP_SIGNIN.into_sql_str(), vec![Value::Int(n)]).await?;
                }
            }
        }
        on.commit().await?;
        Ok(seen)
    }
}

#[async_trait]
impl SigninLog for Database {
    async fn append_signins(&self, events: &[SigninEvent], now: Timestamp) -> Result<Appended, StoreError> {
        if events.is_empty() {
            return Ok(Appended::default());
        }
        let mut on = self.engine.write().await?;
        let stored = insert(on.as_mut(), events, now).await?;
        on.commit().await?;
        Ok(Appended { stored, known: (events.len() as u64).saturating_sub(stored) })
    }

    async fn signins(&self, query: &SigninQuery) -> Result<Vec<SigninEvent>, StoreError> {
        let limit = if query.limit == 0 { 1_000 } else { query.limit };
        let mut on = self.engine.snapshot().await?;
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for key in query.whose.keys() {
            for statement in [sql::SIGNINS_BY_ACTOR, sql::SIGNINS_BY_SUBJECT] {
                // Columns hold whole microseconds, rounded down; the exact moments are compared below.
                let values = vec![
                    Value::text(key.as_str()),
                    Value::Int(rows::micros(query.from)),
                    Value::Int(rows::micros_up(query.until)),
                    Value::Int(i64::from(limit).saturating_add(EDGE)),
                ];
                for row in on.fetch("sign-in events", statement.into_sql_str(), values).await? {
                    let (n, event) = event(row)?;
                    let within = event.at.is_some_and(|at| query.from <= at && at < query.until);
                    if within && query.whose.own(&event) && seen.insert(n) {
                        found.push((event.at, n, event));
                    }
                }
            }
        }
        found.sort_by_key(|(at, n, _)| std::cmp::Reverse((*at, *n)));
        found.truncate(limit as usize);
        Ok(found.into_iter().map(|(_, _, event)| event).collect())
    }

    async fn signin_counts(&self) -> Result<BTreeMap<Provider, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for row in self.rows("counting sign-in events", sql::ALL_SIGNIN_COUNTS, Vec::new()).await? {
            let mut reader = Reader::new("signin_events", row);
            let name = reader.text()?;
            let provider = name.parse().map_err(|_| reader.corrupt("its provider is unknown"))?;
            counts.insert(provider, reader.count()?);
        }
        Ok(counts)
    }

    async fn prune_signins(
        &self,
        raw_until: Timestamp,
        kept_until: Timestamp,
        key: &PseudonymKey,
    ) -> Result<Pruned, StoreError> {
        let mut done = Pruned::default();
        // Whatever is to be deleted is minimised first, so that one index serves both.
        let raw_until = rows::micros(raw_until.max(kept_until));
        for provider in Provider::ALL {
            loop {
                let seen = self.minimise(provider, raw_until, key).await?;
                done.minimised += seen;
                if seen < AT_ONCE.unsigned_abs() {
                    break;
                }
            }
            let values = vec![Value::text(provider.name()), Value::Int(rows::micros(kept_until))];
            done.deleted += self.run("deleting old sign-in events", sql::DELETE_SIGNINS, values).await?;
        }
        Ok(done)
    }

    async fn signin_cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        let found = self.row("a cursor", sql::SIGNIN_CURSOR, vec![Value::text(source)]).await?;
        found.map(|row| Reader::new("signin_cursors", row).text()).transpose()
    }

    async fn put_signin_cursor(&self, source: &str, cursor: &str, now: Timestamp) -> Result<(), StoreError> {
        let values = vec![Value::text(source), Value::text(cursor), Value::Int(rows::micros(now))];
        self.run("a cursor", sql::PUT_SIGNIN_CURSOR, values).await.map(drop)
    }

    async fn hold_source(
        &self,
        source: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let values =
            vec![held(source), Value::text(holder), Value::Int(rows::micros(until)), Value::Int(rows::micros(now))];
        Ok(self.run("holding a source", sql::HOLD_SOURCE, values).await? > 0)
    }

    async fn leave_source(&self, source: &str, holder: &str) -> Result<(), StoreError> {
        self.run("leaving a source", sql::LEAVE_SOURCE, vec![held(source), Value::text(holder)]).await.map(drop)
    }
}

/// The name of the row that says who fetches a source.
fn held(source: &str) -> Value {
    Value::Text(format!("held by: {source}"))
}
