//! Both schemas have the same shape, every statement is understood by both, and no question reads a whole table.

use std::collections::BTreeSet;

use claviger::domain::ticket::Category;
use claviger::ports::store::{Batch, GrantQuery, Record as _, RequestQuery, Store as _, TicketQuery};
use claviger::store::open::{Location, OpenError, Prepare, open, open_memory, open_sqlite, standing};
use claviger::store::sql;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _, SqlStr,
    SqliteConnection,
};

use crate::store::sample::{self, at, entitlement, person};
use crate::store::under::{Throwaway, admin};

/// Every question that can be put together from optional conditions.
fn shapes() -> Vec<(String, SqlStr)> {
    let mut all = Vec::new();
    for shape in 0..128_u32 {
        let on = |bit: u32| shape & (1 << bit) != 0;
        let query = RequestQuery {
            beneficiary: on(0).then(|| person("a")),
            requester: on(1).then(|| person("a")),
            waiting_for: on(2).then(|| person("a")),
            entitlement: on(3).then(|| entitlement("e")),
            open: on(4),
            filed_from: on(5).then(|| at(0)),
            automatic: on(6),
            limit: 0,
        };
        all.push((format!("requests {shape}"), sql::requests(&query).into_parts().0));
        all.push((format!("count requests {shape}"), sql::count_requests(&query).into_parts().0));
        let query = GrantQuery {
            beneficiary: on(0).then(|| person("a")),
            entitlement: on(1).then(|| entitlement("e")),
            open: on(2),
            ends_before: on(3).then(|| at(0)),
            limit: 0,
        };
        let tickets = TicketQuery {
            person: on(0).then(|| person("a")),
            category: on(1).then_some(Category::Security),
            open: on(2),
            raised_from: on(3).then(|| at(0)),
            limit: 0,
        };
        all.push((format!("tickets {shape}"), sql::tickets(&tickets).into_parts().0));
        all.push((format!("grants {shape}"), sql::grants(&query).into_parts().0));
    }
    all.extend(sql::ALL.iter().map(|(name, text)| ((*name).to_owned(), text.into_sql_str())));
    all
}

async fn fresh_sqlite(folder: &tempfile::TempDir) -> SqliteConnection {
    let path = folder.path().join("c.db");
    open_sqlite(&path, Prepare::Migrate).await.unwrap().close().await;
    sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

#[tokio::test]
async fn sqlite_understands_every_statement_and_has_an_index_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut on = fresh_sqlite(&folder).await;
    let mut statements = shapes();
    statements.push(("CLAIM_JOBS_SQLITE".into(), sql::CLAIM_JOBS_SQLITE.into_sql_str()));
    for (name, text) in statements {
        let plan = on.fetch_all(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", text.as_str()))).await;
        let plan = plan.unwrap_or_else(|error| panic!("{name}: {error}"));
        let steps: Vec<String> = plan.iter().map(|row| row.get::<String, _>("detail")).collect();
        // Reading everything is what these are for.
        let whole = name.starts_with("ALL_") || ["CHECKPOINTS", "LOG_HEAD_CHECK"].contains(&name.as_str());
        let scans = steps.iter().any(|step| step.starts_with("SCAN") && !step.contains(" USING "));
        assert!(whole || !scans, "{name}: {steps:?}");
    }
}

#[tokio::test]
async fn postgres_understands_every_statement_and_has_the_same_columns() {
    let Some(admin) = admin() else {
        println!("not run on PostgreSQL: CLAVIGER_TEST_POSTGRES is not set");
        return;
    };
    let fresh = Throwaway::make(&admin).await;
    open(&fresh.url.parse::<Location>().unwrap(), Prepare::Migrate).await.unwrap().close().await;
    let mut on = fresh.options.connect().await.unwrap();
    let mut statements = shapes();
    statements.push(("CLAIM_JOBS_POSTGRES".into(), sql::CLAIM_JOBS_POSTGRES.into_sql_str()));
    statements.extend(sql::SOUNDNESS_POSTGRES.iter().map(|text| ((*text).to_owned(), text.into_sql_str())));
    for (name, text) in statements {
        on.prepare(text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let folder = tempfile::tempdir().unwrap();
    let theirs = on.fetch_all(
        "SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' \
         WHEN 'bytea' THEN 'BLOB' ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'
         UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey' \
         AND indexname NOT LIKE '%\\_key'",
    );
    let theirs: BTreeSet<String> = theirs.await.unwrap().iter().map(|row| row.get(0)).collect();
    let ours = fresh_sqlite(&folder)
        .await
        .fetch_all(
            "SELECT t.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE '' END \
             FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
             AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             UNION ALL SELECT 'index ' || name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(theirs, ours);
    on.close().await.unwrap();
    fresh.drop_it().await;
}

#[tokio::test]
async fn a_file_is_private_lasts_and_migrates_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.db");
    assert!(matches!(open_sqlite(&path, Prepare::AsItIs).await, Err(OpenError::Missing(_))));
    assert!(!path.exists(), "looking makes nothing");
    for n in 0..3 {
        let store = open_sqlite(&path, Prepare::Migrate).await.unwrap();
        assert_eq!(store.log_size().await.unwrap(), n);
        store.commit(Batch { events: vec![sample::house(n)], ..Batch::default() }).await.unwrap();
        #[cfg(unix)]
        for file in std::fs::read_dir(folder.path()).unwrap() {
            use std::os::unix::fs::PermissionsExt as _;
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.path().display());
        }
        store.close().await;
    }
    let here = Location::File(path);
    let now = standing(&here).await.unwrap();
    assert_eq!((now.has, now.lacks), (now.knows, 0));
    assert_eq!(open(&here, Prepare::AsItIs).await.unwrap().log_size().await.unwrap(), 3);
}

#[tokio::test]
async fn newer_older_and_foreign_files_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut on = fresh_sqlite(&folder).await;
    let here = Location::File(folder.path().join("c.db"));
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time \
         FROM _sqlx_migrations WHERE version = 1";
    on.execute(newer).await.unwrap();
    for prepare in [Prepare::Migrate, Prepare::AsItIs] {
        let said = open(&here, prepare).await.err().unwrap().to_string();
        assert!(said.starts_with("the database is at version 9999, newer than this program"), "{said}");
    }
    on.execute("DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
    on.execute("UPDATE _sqlx_migrations SET checksum = x'00'").await.unwrap();
    assert!(matches!(open(&here, Prepare::Migrate).await, Err(OpenError::Migration(_))), "an altered migration");

    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, b"").unwrap();
    assert!(matches!(open_sqlite(&empty, Prepare::AsItIs).await, Err(OpenError::Older { has: 0, .. })));
    let foreign = folder.path().join("letter.txt");
    std::fs::write(&foreign, b"Dear Sir or Madam, this is no database. ".repeat(100)).unwrap();
    assert!(matches!(open_sqlite(&foreign, Prepare::Migrate).await, Err(OpenError::Closed(_))));
}

#[tokio::test]
async fn a_database_in_memory_answers() {
    let store = open_memory().await.unwrap();
    store.commit(Batch { events: vec![sample::house(1)], ..Batch::default() }).await.unwrap();
    assert_eq!(store.log_size().await.unwrap(), 1);
    assert_eq!(store.held().await.unwrap().broken, []);
    assert_eq!(store.soundness().await.unwrap(), Vec::<String>::new());
}
