//! Small things that replicas share: locks and web sessions.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::digest::Digest;
use crate::ports::store::{Shared, StoreError};
use crate::store::database::Database;
use crate::store::engine::Value;
use crate::store::rows::{self, Reader};
use crate::store::sql;

/// A session's id opens it, so only its digest is kept: a copy of the database opens nothing.
fn session_key(id: &str) -> Value {
    Value::Text(Digest::of(id.as_bytes()).to_string())
}

#[async_trait]
impl Shared for Database {
    async fn lock_version(&self, key: &str) -> Result<u64, StoreError> {
        let found = self.row("a lock", sql::LOCK_VERSION, vec![Value::text(key)]).await?;
        found.map_or(Ok(0), |row| Reader::new("locks", row).count())
    }

    async fn session(&self, id: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        let values = vec![session_key(id), Value::Int(rows::micros(now))];
        let found = self.row("a session", sql::SESSION, values).await?;
        found.map(|row| Reader::new("sessions", row).text()).transpose()
    }

    async fn put_session(&self, id: &str, data: &str, expires: Timestamp) -> Result<(), StoreError> {
        let values = vec![session_key(id), Value::text(data), Value::Int(rows::micros(expires))];
        self.run("a session", sql::PUT_SESSION, values).await.map(drop)
    }

    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        self.run("the end of a session", sql::END_SESSION, vec![session_key(id)]).await.map(drop)
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run("sweeping sessions", sql::SWEEP_SESSIONS, vec![Value::Int(rows::micros(now))]).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.row("a ping", sql::LOG_SIZE, Vec::new()).await?;
        self.run("a ping", sql::PING, Vec::new()).await.map(drop)
    }
}
