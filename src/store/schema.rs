//! The migrations, compiled in, and where a database stands with them.

use std::collections::BTreeSet;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};

/// Where a database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The newest migration it has; 0 where it has none.
    pub has: i64,
    /// The newest migration this program knows.
    pub knows: i64,
    /// How many of the program's migrations it lacks.
    pub lacks: usize,
}

const TABLE: &str = "_sqlx_migrations";

fn migrator(files: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |&(version, name, text): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations(files.iter().map(migration).collect());
    // A newer database is told from a damaged one by `standing`, in words of ours.
    migrator.set_ignore_missing(true);
    migrator
}

/// SQLite's migrations.
#[must_use]
pub fn sqlite() -> Migrator {
    migrator(&[
        (1, "init", include_str!("../../migrations/sqlite/0001_init.sql")),
        (2, "signins", include_str!("../../migrations/sqlite/0002_signins.sql")),
        (3, "tickets", include_str!("../../migrations/sqlite/0003_tickets.sql")),
        (4, "once_keys_age", include_str!("../../migrations/sqlite/0004_once_keys_age.sql")),
        (5, "chat", include_str!("../../migrations/sqlite/0005_chat.sql")),
        (6, "accounts", include_str!("../../migrations/sqlite/0006_accounts.sql")),
        (7, "whereabouts", include_str!("../../migrations/sqlite/0007_whereabouts.sql")),
    ])
}

/// PostgreSQL's migrations.
#[must_use]
pub fn postgres() -> Migrator {
    migrator(&[
        (1, "init", include_str!("../../migrations/postgres/0001_init.sql")),
        (2, "signins", include_str!("../../migrations/postgres/0002_signins.sql")),
        (3, "tickets", include_str!("../../migrations/postgres/0003_tickets.sql")),
        (4, "once_keys_age", include_str!("../../migrations/postgres/0004_once_keys_age.sql")),
        (5, "chat", include_str!("../../migrations/postgres/0005_chat.sql")),
        (6, "accounts", include_str!("../../migrations/postgres/0006_accounts.sql")),
        (7, "whereabouts", include_str!("../../migrations/postgres/0007_whereabouts.sql")),
    ])
}

/// Where a database stands with these migrations. Writes nothing.
///
/// # Errors
/// What the database says.
pub async fn standing<C: Migrate>(
    migrator: &Migrator,
    on: &mut C,
    never_migrated: bool,
) -> Result<Standing, sqlx::migrate::MigrateError> {
    let applied: BTreeSet<i64> = if never_migrated {
        BTreeSet::new()
    } else {
        on.list_applied_migrations(TABLE).await?.into_iter().map(|m| m.version).collect()
    };
    Ok(Standing {
        has: applied.last().copied().unwrap_or(0),
        knows: migrator.iter().map(|m| m.version).max().unwrap_or(0),
        lacks: migrator.iter().filter(|m| !applied.contains(&m.version)).count(),
    })
}
