//! SQLite: the embedded database. One connection writes, several read (write-ahead log), so that writers never fail on each other.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{SqlSafeStr as _, SqlStr};

use crate::ports::store::StoreError;
use crate::store::engine::{self, Cell, Engine, Row, Session, Value};
use crate::store::sql;

sqlx_session!(Sqlite, SqliteRow, "INTEGER", "TEXT", "BLOB");

/// How long a statement waits for another process to let go of the file.
const BUSY: Duration = Duration::from_secs(5);
/// How many may read at once.
const READERS: u32 = 4;
/// How much of the file the writer may keep in memory, in KiB (negative, as SQLite wants it): a large batch then stays there until it is
/// committed, and the pages of the indexes need not be read again for every batch. Taken only as it is used.
const WRITER_CACHE: &str = "-49152";
/// After how many pages (of 4 KiB) the log is written back into the file. A page that many batches touch is then written back once.
const WRITE_BACK: &str = "8000";

/// An open SQLite database.
pub struct SqliteEngine {
    writer: SqlitePool,
    reader: SqlitePool,
}

fn common() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .busy_timeout(BUSY)
        .foreign_keys(true)
        // What was deleted is overwritten: erased words are gone.
        .pragma("secure_delete", "ON")
        // A damaged row is an error, not a surprise.
        .pragma("cell_size_check", "ON")
        .pragma("trusted_schema", "OFF")
}

impl SqliteEngine {
    /// Opens a file, made first where `create` says so (readable by its owner only).
    ///
    /// # Errors
    /// What SQLite or the operating system says.
    pub async fn open(path: &Path, create: bool) -> Result<Self, sqlx::Error> {
        if create && !path.exists() {
            make_private(path)?;
        }
        let file = common().filename(path).create_if_missing(false);
        // Grants and the record have to survive a power loss: FULL (about a fifth slower than NORMAL).
        let writing = file
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", WRITE_BACK)
            .optimize_on_close(true, 400);
        let writer = pool(1).connect_with(writing).await?;
        let reader = pool(READERS).connect_with(file.read_only(true)).await?;
        Ok(Self { writer, reader })
    }

    /// Opens a file for reading only. Without a write-ahead log beside it nobody can be at work on it, so that SQLite may leave its locks
    /// and its side files alone; with one, it is read as any reader does.
    ///
    /// # Errors
    /// What SQLite or the operating system says.
    pub async fn inspect(path: &Path) -> Result<Self, sqlx::Error> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let at_rest = !Path::new(&log).exists();
        let reading = common().filename(path).create_if_missing(false).read_only(true).immutable(at_rest);
        let reader = pool(READERS).connect_with(reading).await?;
        Ok(Self { writer: reader.clone(), reader })
    }

    /// A database in memory, gone when it is closed. One connection reads and writes.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn in_memory() -> Result<Self, sqlx::Error> {
        let only = pool(1).min_connections(1).connect_with(common().in_memory(true).filename(":memory:")).await?;
        Ok(Self { writer: only.clone(), reader: only })
    }

    /// The connection pool that writes, for migrations.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }
}

fn pool(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(most).idle_timeout(None).max_lifetime(None).acquire_timeout(2 * BUSY)
}

/// Makes an empty file that only its owner may read or write. SQLite gives its side files the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[async_trait]
impl Engine for SqliteEngine {
    async fn write(&self) -> Result<Box<dyn Session>, StoreError> {
        // IMMEDIATE: a transaction that reads first and writes later would fail at once where another process wrote in between.
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        begun.map(|t| Box::new(Transaction(t)) as Box<dyn Session>).map_err(|e| engine::refused("to begin", e))
    }

    async fn snapshot(&self) -> Result<Box<dyn Session>, StoreError> {
        let begun = self.reader.begin().await;
        begun.map(|t| Box::new(Transaction(t)) as Box<dyn Session>).map_err(|e| engine::refused("to begin", e))
    }

    async fn fetch(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        fetch_on(&self.reader, doing, sql, values).await
    }

    async fn execute(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<u64, StoreError> {
        execute_on(&self.writer, doing, sql, values).await
    }

    fn claim(&self) -> &'static str {
        sql::CLAIM_JOBS_SQLITE
    }

    async fn soundness(&self) -> Result<Vec<String>, StoreError> {
        let mut lines = Vec::new();
        for statement in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
            match self.fetch("the soundness check", statement.into_sql_str(), Vec::new()).await {
                Ok(rows) => lines.extend(rows.into_iter().map(line).filter(|line| line != "ok")),
                Err(StoreError::Corrupt { what, .. }) => lines.push(what),
                Err(other) => return Err(other),
            }
        }
        Ok(lines)
    }

    async fn scrub(&self) {
        // Deleted bytes may still stand in the write-ahead log: move it into the file and cut it off. Readers may be in the way;
        // the next checkpoint does it then.
        let emptied =
            self.execute("the checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)".into_sql_str(), Vec::new()).await;
        if let Err(error) = emptied {
            tracing::warn!(%error, "the write-ahead log could not be emptied after an erasure");
        }
    }

    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn line(row: Row) -> String {
    let words = row.0.into_iter().map(|cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Int(n) => n.to_string(),
        Cell::Text(text) | Cell::Odd(text) => text,
        Cell::Bytes(bytes) => format!("{} bytes", bytes.len()),
    });
    words.collect::<Vec<_>>().join(" ")
}
