//! A whole database behind [`Store`]. The questions it answers are in the files named after them.

use async_trait::async_trait;

use crate::ports::store::{Batch, Store, StoreError};
use crate::store::commit;
use crate::store::engine::{Engine, Row, Value};

/// An open, migrated database. Made by [`crate::store::open`].
pub struct Database {
    pub(crate) engine: Box<dyn Engine>,
}

impl Database {
    /// Puts one together.
    #[must_use]
    pub fn new(engine: Box<dyn Engine>) -> Self {
        Self { engine }
    }

    /// Ends all connections, after what is under way.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    /// The rows of a constant statement.
    pub(crate) async fn rows(
        &self,
        doing: &'static str,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.engine.fetch(doing, sqlx::SqlSafeStr::into_sql_str(statement), values).await
    }

    /// The first row of a constant statement.
    pub(crate) async fn row(
        &self,
        doing: &'static str,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(doing, statement, values).await?.into_iter().next())
    }

    /// Runs a constant statement that writes.
    pub(crate) async fn run(
        &self,
        doing: &'static str,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.engine.execute(doing, sqlx::SqlSafeStr::into_sql_str(statement), values).await
    }
}

#[async_trait]
impl Store for Database {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        commit::commit(self.engine.as_ref(), batch).await
    }
}
