//! What both databases are to the rest of this module: something that takes a statement and values and gives back rows.
//!
//! sqlx types differ for every database, so code written against them has to be written twice. Here the difference ends at four
//! kinds of value; everything above is written once. (sqlx's own `Any` would do the same, but cannot say `BEGIN IMMEDIATE`.)

use async_trait::async_trait;
use sqlx::SqlStr;

use crate::ports::store::StoreError;

/// A value to bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A whole number or nothing.
    MaybeInt(Option<i64>),
    /// A text without NUL characters: make it with [`Value::text`].
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// A text. PostgreSQL cannot hold NUL characters, so they become U+FFFD on both databases.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }

    /// A yes or no, as 1 or 0.
    #[must_use]
    pub fn flag(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Something that belongs in no column of ours, with what it looks like.
    Odd(String),
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Cell>);

/// An open transaction. Dropped without [`Session::commit`], it leaves nothing behind.
#[async_trait]
pub trait Session: Send {
    /// Runs a statement; answers how many rows it touched. `doing` completes "the database refused …".
    async fn execute(&mut self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<u64, StoreError>;
    /// Runs a statement and reads all its rows.
    async fn fetch(&mut self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<Vec<Row>, StoreError>;
    /// Makes it last.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// One database.
#[async_trait]
pub trait Engine: Send + Sync {
    /// A transaction that writes.
    async fn write(&self) -> Result<Box<dyn Session>, StoreError>;
    /// A transaction that reads, and sees one moment only.
    async fn snapshot(&self) -> Result<Box<dyn Session>, StoreError>;
    /// Reads the rows of one statement.
    async fn fetch(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<Vec<Row>, StoreError>;
    /// Runs one statement that writes, in a transaction of its own.
    async fn execute(&self, doing: &'static str, sql: SqlStr, values: Vec<Value>) -> Result<u64, StoreError>;
    /// The statement that claims jobs, which is where the two differ.
    fn claim(&self) -> &'static str;
    /// What the engine says about its own files, line by line; empty when all is well.
    async fn soundness(&self) -> Result<Vec<String>, StoreError>;
    /// After texts were deleted: makes the deleted bytes go away as far as the engine can.
    async fn scrub(&self);
    /// Ends all connections.
    async fn close(&self);
}

/// Which of our errors a database's error is.
pub fn refused(doing: &'static str, error: sqlx::Error) -> StoreError {
    use sqlx::Error as E;
    match &error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::BeginFailed => {
            StoreError::Unavailable(Box::new(error))
        }
        E::Database(said) => match verdict(said.code().as_deref().unwrap_or_default(), said.is_unique_violation()) {
            Sort::Meanwhile => StoreError::Conflict(doing.to_owned()),
            Sort::Away => StoreError::Unavailable(Box::new(error)),
            Sort::Damaged => {
                StoreError::Corrupt { table: "(file)", row: doing.to_owned(), what: said.message().to_owned() }
            }
            Sort::No => StoreError::Refused { doing, source: Box::new(error) },
        },
        _ => StoreError::Refused { doing, source: Box::new(error) },
    }
}

enum Sort {
    Meanwhile,
    Away,
    Damaged,
    No,
}

/// SQLite's extended result codes are decimal numbers whose low byte is the primary code (sqlite.org/rescode.html); PostgreSQL's
/// SQLSTATEs have five characters (Appendix A of its manual).
fn verdict(code: &str, unique: bool) -> Sort {
    if unique {
        return Sort::Meanwhile;
    }
    if code.len() == 5 {
        return match code {
            // serialization failure, deadlock
            "40001" | "40P01" => Sort::Meanwhile,
            // lock not available, statement cancelled, read-only after a failover
            "55P03" | "57014" | "25006" => Sort::Away,
            // data or index corrupted
            "XX001" | "XX002" => Sort::Damaged,
            // connection trouble, no resources, shutting down
            c if c.starts_with("08") || c.starts_with("53") || c.starts_with("57P") => Sort::Away,
            _ => Sort::No,
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        // BUSY, LOCKED, IOERR, FULL, CANTOPEN
        Ok(5 | 6 | 10 | 13 | 14) => Sort::Away,
        // CORRUPT, NOTADB
        Ok(11 | 26) => Sort::Damaged,
        _ => Sort::No,
    }
}

/// Writes, for one sqlx database, what only differs in type names: binding, reading rows, transactions.
macro_rules! sqlx_session {
    ($db:ty, $row:ty, $integer:literal, $text:literal, $bytes:literal) => {
        /// A transaction.
        pub struct Transaction(pub sqlx::Transaction<'static, $db>);

        /// The statement with its values bound, in order.
        macro_rules! bound {
            ($sql:expr, $values:expr) => {{
                let mut query = sqlx::query::<$db>($sql);
                for value in $values {
                    query = match value {
                        $crate::store::engine::Value::Int(n) => query.bind(n),
                        $crate::store::engine::Value::MaybeInt(n) => query.bind(n),
                        $crate::store::engine::Value::Text(text) => query.bind(text),
                        $crate::store::engine::Value::Bytes(bytes) => query.bind(bytes),
                    };
                }
                query
            }};
        }

        fn cells(row: &$row) -> $crate::store::engine::Row {
            use sqlx::{Row as _, TypeInfo as _, ValueRef as _};
            use $crate::store::engine::Cell;
            let cell = |n: usize| -> Result<Cell, sqlx::Error> {
                let raw = row.try_get_raw(n)?;
                if raw.is_null() {
                    return Ok(Cell::Null);
                }
                let kind = raw.type_info().name().to_owned();
                match kind.as_str() {
                    $integer => row.try_get(n).map(Cell::Int),
                    $text => row.try_get(n).map(Cell::Text),
                    $bytes => row.try_get(n).map(Cell::Bytes),
                    other => Ok(Cell::Odd(other.to_owned())),
                }
            };
            let cells = (0..row.len()).map(|n| cell(n).unwrap_or_else(|error| Cell::Odd(error.to_string())));
            $crate::store::engine::Row(cells.collect())
        }

        async fn fetch_on<'c, C>(
            on: C,
            doing: &'static str,
            sql: sqlx::SqlStr,
            values: Vec<$crate::store::engine::Value>,
        ) -> Result<Vec<$crate::store::engine::Row>, $crate::ports::store::StoreError>
        where
            C: sqlx::Executor<'c, Database = $db>,
        {
            let rows = bound!(sql, values).fetch_all(on).await;
            let rows = rows.map_err(|error| $crate::store::engine::refused(doing, error))?;
            Ok(rows.iter().map(cells).collect())
        }

        async fn execute_on<'c, C>(
            on: C,
            doing: &'static str,
            sql: sqlx::SqlStr,
            values: Vec<$crate::store::engine::Value>,
        ) -> Result<u64, $crate::ports::store::StoreError>
        where
            C: sqlx::Executor<'c, Database = $db>,
        {
            let done = bound!(sql, values).execute(on).await;
            done.map(|done| done.rows_affected()).map_err(|error| $crate::store::engine::refused(doing, error))
        }

        #[async_trait::async_trait]
        impl $crate::store::engine::Session for Transaction {
            async fn execute(
                &mut self,
                doing: &'static str,
                sql: sqlx::SqlStr,
                values: Vec<$crate::store::engine::Value>,
            ) -> Result<u64, $crate::ports::store::StoreError> {
                execute_on(&mut *self.0, doing, sql, values).await
            }

            async fn fetch(
                &mut self,
                doing: &'static str,
                sql: sqlx::SqlStr,
                values: Vec<$crate::store::engine::Value>,
            ) -> Result<Vec<$crate::store::engine::Row>, $crate::ports::store::StoreError> {
                fetch_on(&mut *self.0, doing, sql, values).await
            }

            async fn commit(self: Box<Self>) -> Result<(), $crate::ports::store::StoreError> {
                self.0.commit().await.map_err(|error| $crate::store::engine::refused("to commit", error))
            }
        }
    };
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_manuals_say() {
        assert!(matches!(verdict("40P01", false), Sort::Meanwhile));
        assert!(matches!(verdict("2067", true), Sort::Meanwhile));
        assert!(matches!(verdict("517", false), Sort::Away), "BUSY_SNAPSHOT is a kind of BUSY");
        assert!(matches!(verdict("08006", false), Sort::Away));
        assert!(matches!(verdict("11", false), Sort::Damaged));
        assert!(matches!(verdict("23503", false), Sort::No));
    }

    #[test]
    fn texts_hold_no_nul() {
        assert_eq!(Value::text("a\0b"), Value::Text("a\u{fffd}b".to_owned()));
    }
}
