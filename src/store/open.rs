//! Opening a database: where it is, whether it may be made or migrated, and plain sentences where it cannot be used.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use secrecy::SecretString;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use crate::store::database::Database;
use crate::store::engine::{Engine, Value};
use crate::store::postgres::PostgresEngine;
use crate::store::schema::{self, Standing};
use crate::store::sqlite::SqliteEngine;

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// In memory, gone when closed.
    Memory,
    /// A PostgreSQL server's database; the address may hold a password.
    Server(SecretString),
}

/// A text that is no database's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}:` is no kind of database known here: give a file's path or a `postgres://` address")]
pub struct NoLocation(String);

impl FromStr for Location {
    type Err = NoLocation;
    fn from_str(text: &str) -> Result<Self, NoLocation> {
        match text.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Server(text.to_owned().into()))
            }
            Some(("sqlite", rest)) if rest.trim_start_matches('/') == ":memory:" => Ok(Self::Memory),
            Some(("sqlite", rest)) => Ok(Self::File(rest.strip_prefix("//").unwrap_or(rest).into())),
            Some(("", "memory:")) => Ok(Self::Memory),
            Some((kind, rest)) if rest.starts_with("//") => Err(NoLocation(kind.to_owned())),
            _ => Ok(Self::File(text.into())),
        }
    }
}

/// What may be done to a database on opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepare {
    /// Make it where it is missing, and bring it to this version.
    Migrate,
    /// Take it as it is; refuse where it is missing or not at this version.
    AsItIs,
    /// As it is, and without changing a byte of a SQLite file, not even in passing: for proving it.
    Inspect,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no database at `{0}`; `claviger migrate` makes one")]
    Missing(PathBuf),
    /// A newer program has been at it.
    #[error(
        "the database is at version {has}, newer than this program, which knows up to {knows}; use the newer program"
    )]
    Newer {
        /// Its version.
        has: i64,
        /// The newest this program knows.
        knows: i64,
    },
    /// It has to be migrated first.
    #[error("the database is at version {has} and has to be brought to {knows} first: run `claviger migrate`")]
    Older {
        /// Its version.
        has: i64,
        /// The newest this program knows.
        knows: i64,
    },
    /// A migration could not be applied, or one that was applied has been altered since.
    #[error("the database cannot be brought to this version")]
    Migration(#[source] Box<MigrateError>),
    /// It cannot be reached or read.
    #[error("the database cannot be opened")]
    Closed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Closed(Box::new(error))
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        Self::Migration(Box::new(error))
    }
}

/// Opens a database.
///
/// # Errors
/// [`OpenError`] says in a sentence why it cannot be used.
pub async fn open(location: &Location, prepare: Prepare) -> Result<Arc<Database>, OpenError> {
    let (engine, standing) = connect(location, prepare).await?;
    match standing {
        Standing { has, knows, .. } if has > knows => Err(OpenError::Newer { has, knows }),
        Standing { lacks: 0, .. } => Ok(Arc::new(Database::new(engine))),
        Standing { has, knows, .. } => Err(OpenError::Older { has, knows }),
    }
}

/// Opens a SQLite file.
///
/// # Errors
/// As [`open`].
pub async fn open_sqlite(path: &Path, prepare: Prepare) -> Result<Arc<Database>, OpenError> {
    open(&Location::File(path.to_owned()), prepare).await
}

/// Opens a fresh SQLite database in memory.
///
/// # Errors
/// As [`open`].
pub async fn open_memory() -> Result<Arc<Database>, OpenError> {
    open(&Location::Memory, Prepare::Migrate).await
}

/// Opens a PostgreSQL database.
///
/// # Errors
/// As [`open`].
pub async fn open_postgres(url: &str, prepare: Prepare) -> Result<Arc<Database>, OpenError> {
    open(&Location::Server(url.to_owned().into()), prepare).await
}

/// Where a database stands, without changing it.
///
/// # Errors
/// As [`open`], but for its version.
pub async fn standing(location: &Location) -> Result<Standing, OpenError> {
    let (engine, standing) = connect(location, Prepare::AsItIs).await?;
    engine.close().await;
    Ok(standing)
}

async fn connect(location: &Location, prepare: Prepare) -> Result<(Box<dyn Engine>, Standing), OpenError> {
    let create = prepare == Prepare::Migrate;
    match location {
        Location::File(path) => {
            if !create && !path.exists() {
                return Err(OpenError::Missing(path.clone()));
            }
            let engine = match prepare {
                Prepare::Inspect => SqliteEngine::inspect(path).await,
                Prepare::Migrate | Prepare::AsItIs => SqliteEngine::open(path, create).await,
            };
            let engine = engine.map_err(OpenError::from)?;
            let standing = bring_sqlite(&engine, prepare).await?;
            Ok((Box::new(engine), standing))
        }
        Location::Memory => {
            let engine = SqliteEngine::in_memory().await?;
            let standing = bring_sqlite(&engine, Prepare::Migrate).await?;
            Ok((Box::new(engine), standing))
        }
        Location::Server(url) => {
            let engine = PostgresEngine::open(url).await?;
            let fresh =
                is_fresh(&engine, "SELECT COUNT(*) FROM pg_tables WHERE tablename = '_sqlx_migrations'").await?;
            let mut on = engine.pool().acquire().await?;
            let standing = bring(&schema::postgres(), &mut *on, prepare, fresh).await?;
            drop(on);
            Ok((Box::new(engine), standing))
        }
    }
}

async fn bring_sqlite(engine: &SqliteEngine, prepare: Prepare) -> Result<Standing, OpenError> {
    let fresh = is_fresh(engine, "SELECT COUNT(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'").await?;
    let mut on = engine.writer().acquire().await?;
    bring(&schema::sqlite(), &mut *on, prepare, fresh).await
}

/// True where the database was never migrated.
async fn is_fresh(engine: &dyn Engine, statement: &'static str) -> Result<bool, OpenError> {
    let mut session = engine.snapshot().await.map_err(|error| OpenError::Closed(Box::new(error)))?;
    let found = session.fetch("a look at the tables", statement.into_sql_str(), Vec::<Value>::new()).await;
    let found = found.map_err(|error| OpenError::Closed(Box::new(error)))?;
    Ok(matches!(found.first().map(|row| &row.0[..]), Some([crate::store::engine::Cell::Int(0)])))
}

/// Applies what is missing where that is wanted and possible; answers where the database stands afterwards.
async fn bring<C: Migrate>(
    migrator: &Migrator,
    on: &mut C,
    prepare: Prepare,
    fresh: bool,
) -> Result<Standing, OpenError> {
    let before = schema::standing(migrator, on, fresh).await?;
    if prepare != Prepare::Migrate || before.has > before.knows {
        return Ok(before);
    }
    migrator.run_direct(None, on, false).await?;
    Ok(schema::standing(migrator, on, false).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let of = |text: &str| text.parse::<Location>();
        assert!(matches!(of("claviger.db"), Ok(Location::File(p)) if p == Path::new("claviger.db")));
        assert!(matches!(of("sqlite:///var/c.db"), Ok(Location::File(p)) if p == Path::new("/var/c.db")));
        assert!(matches!(of("sqlite::memory:"), Ok(Location::Memory)));
        assert!(matches!(of(":memory:"), Ok(Location::Memory)));
        assert!(matches!(of("postgres://u:secret@h/db"), Ok(Location::Server(_))));
        assert!(!format!("{:?}", of("postgres://u:secret@h/db")).contains("secret"));
        assert_eq!(of("mysql://u:secret@h/db").unwrap_err(), NoLocation("mysql".to_owned()));
    }
}
