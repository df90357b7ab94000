//! A fresh database under test, with a side door for cases that have to break it.

use std::future::Future;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use claviger::ports::signin::SigninLog;
use claviger::ports::store::SharedStore;
use claviger::ports::whereabouts::WhereaboutsBook;
use claviger::store::database::Database;
use claviger::store::open::{Prepare, open_postgres, open_sqlite};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};

/// A database under test.
#[derive(Clone)]
pub struct Under {
    /// It.
    pub store: SharedStore,
    /// Its sign-in events.
    pub signins: Arc<dyn SigninLog>,
    /// Where accounts are to be found.
    pub whereabouts: Arc<dyn WhereaboutsBook>,
    door: Door,
}

#[derive(Clone)]
enum Door {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Under {
    /// Does something to the database behind the store's back; answers how many rows were touched.
    pub async fn behind_its_back(&self, statement: &str) -> u64 {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.door {
            Door::Sqlite(options) => options.connect().await.unwrap().execute(statement).await.unwrap().rows_affected(),
            Door::Postgres(options) => {
                options.connect().await.unwrap().execute(statement).await.unwrap().rows_affected()
            }
        }
    }

    /// How many rows of a table there are behind the store's back.
    pub async fn door_count(&self, table: &str, condition: &str) -> i64 {
        let statement = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
        let statement = AssertSqlSafe(statement);
        match &self.door {
            Door::Sqlite(options) => options.connect().await.unwrap().fetch_one(statement).await.unwrap().get(0),
            Door::Postgres(options) => options.connect().await.unwrap().fetch_one(statement).await.unwrap().get(0),
        }
    }
}

/// Runs a case on a fresh SQLite file.
pub async fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(Under) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("claviger.db");
    let store: Arc<Database> = open_sqlite(&path, Prepare::Migrate).await.unwrap();
    let door = Door::Sqlite(SqliteConnectOptions::new().filename(&path).foreign_keys(false));
    case(Under { store: store.clone(), signins: store.clone(), whereabouts: store.clone(), door }).await;
    store.close().await;
}

/// The address of a database whose user may create databases, where one is given.
pub fn admin() -> Option<String> {
    std::env::var("CLAVIGER_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// A fresh PostgreSQL database, dropped by [`Throwaway::drop_it`].
pub struct Throwaway {
    admin: PgConnection,
    name: String,
    /// Its address.
    pub url: String,
    /// How to connect to it.
    pub options: PgConnectOptions,
}

impl Throwaway {
    /// Makes one.
    pub async fn make(admin_url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("claviger_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let options = PgConnectOptions::from_str(admin_url).unwrap();
        let mut admin = options.connect().await.unwrap();
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"))).await.unwrap();
        let mut url: url::Url = admin_url.parse().unwrap();
        url.set_path(&name);
        Self { admin, options: options.database(&name), url: url.to_string(), name }
    }

    /// Drops it.
    pub async fn drop_it(mut self) {
        let name = &self.name;
        self.admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
        self.admin.close().await.unwrap();
    }
}

/// Runs a case on a fresh PostgreSQL database, where a server is given.
pub async fn on_postgres<F: Future<Output = ()>>(name: &str, case: impl FnOnce(Under) -> F) {
    let Some(admin) = admin() else {
        println!("`{name}` was not run on PostgreSQL: CLAVIGER_TEST_POSTGRES is not set");
        return;
    };
    let fresh = Throwaway::make(&admin).await;
    let store = open_postgres(&fresh.url, Prepare::Migrate).await.unwrap();
    let door = Door::Postgres(fresh.options.clone());
    case(Under { store: store.clone(), signins: store.clone(), whereabouts: store.clone(), door }).await;
    store.close().await;
    fresh.drop_it().await;
}
