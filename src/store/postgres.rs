//! PostgreSQL: for several replicas. Jobs are claimed with `SKIP LOCKED`; appends to the log wait for each other on one row.

use std::str::FromStr as _;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::{SqlSafeStr as _, SqlStr};

use crate::ports::store::StoreError;
use crate::store::engine::{self, Cell, Engine, Row, Session, Value};
use crate::store::sql;

sqlx_session!(Postgres, PgRow, "INT8", "TEXT", "BYTEA");

/// How many connections one replica takes.
const CONNECTIONS: u32 = 10;

/// An open PostgreSQL database.
pub struct PostgresEngine {
    pool: PgPool,
}

impl PostgresEngine {
    /// Connects.
    ///
    /// # Errors
    /// What the server or the network says.
    pub async fn open(url: &SecretString) -> Result<Self, sqlx::Error> {
        // A lock that is held for ten seconds, or a transaction that idles for thirty, is somebody's accident, not work.
        let options = PgConnectOptions::from_str(url.expose_secret())?
            .application_name("claviger")
            .options([("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "30s")]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// The connection pool, for migrations.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

#[async_trait]
impl Engine for PostgresEngine {
    async fn write(&self) -> Result<Box<dyn Session>, StoreError> {
        // READ COMMITTED: every race is decided by a unique key or a compare-and-raise, not by the isolation level.
        let begun = self.pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await;
        begun.map(|t| Box::new(Transaction(t)) as Box<dyn Session>).map_err(|e| engine::refused("to begin", e))
    }

    async fn snapshot(&self) -> Result<Box<dyn Session>, StoreError> {
        let begun = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        begun.map(|t| Box::new(Transaction(t)) as Box<dyn Session>).map_err(|e| engine::refused("to begin", e))
    }

    async fn fetch(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        fetch_on(&self.pool, doing, sql, values).await
    }

    async fn execute(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<u64, StoreError> {
        execute_on(&self.pool, doing, sql, values).await
    }

    fn claim(&self) -> &'static str {
        sql::CLAIM_JOBS_POSTGRES
    }

    /// PostgreSQL has no one statement that checks a database's files. What it does know: indexes it holds invalid, constraints it
    /// never validated, checksum failures it has counted (where checksums are on), and whether every row can still be read.
    async fn soundness(&self) -> Result<Vec<String>, StoreError> {
        let mut lines = Vec::new();
        for statement in sql::SOUNDNESS_POSTGRES {
            match self.fetch("the soundness check", statement.into_sql_str(), Vec::new()).await {
                Ok(rows) => lines.extend(rows.into_iter().filter_map(|row| match row.0.into_iter().next() {
                    Some(Cell::Text(line)) => Some(line),
                    _ => None,
                })),
                Err(StoreError::Corrupt { what, .. }) => lines.push(what),
                Err(other) => return Err(other),
            }
        }
        Ok(lines)
    }

    async fn scrub(&self) {
        // The server frees deleted rows when it vacuums; asking for it now shortens the wait. Not being allowed to is no harm.
        if let Err(error) = self.execute("the vacuum", "VACUUM texts".into_sql_str(), Vec::new()).await {
            tracing::debug!(%error, "the table of texts was not vacuumed after an erasure");
        }
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
