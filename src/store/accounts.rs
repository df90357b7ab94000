//! Whose accounts are whose, and the passkeys people confirm with.

use async_trait::async_trait;

use crate::domain::account::Account;
use crate::domain::ids::PersonId;
use crate::domain::link::Link;
use crate::ports::accounts::{Accounts, Passkey, PasskeyChange};
use crate::ports::store::StoreError;
use crate::store::database::Database;
use crate::store::engine::{Session, Value};
use crate::store::rows::{self, Kept};
use crate::store::sql;

use sqlx::SqlSafeStr as _;

impl Kept for Link {
    const TABLE: &'static str = "accounts";
    const COLUMNS: &'static [&'static str] = &["id", "version", "surface", "space", "account", "person"];
    const ALL: &'static str = sql::ALL_LINKS;
    const PUT: &'static str = sql::PUT_LINK;
    const CLEAR_WAITING: &'static str = "";
    const INSERT_WAITING: &'static str = "";

    fn key(&self) -> String {
        self.account.key().to_string()
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            Value::Text(self.key()),
            Value::Int(rows::whole(self.version)),
            Value::text(rows::surface(self.account.surface)),
            Value::text(self.account.space.as_str()),
            Value::text(self.account.id.as_str()),
            Value::text(self.person.as_ref().map_or("", PersonId::as_str)),
        ]
    }

    fn waits_for(&self) -> std::collections::BTreeSet<&PersonId> {
        std::collections::BTreeSet::new()
    }
}

/// Writes a change to somebody's passkeys.
pub async fn passkey(on: &mut dyn Session, change: &PasskeyChange) -> Result<(), StoreError> {
    let (id, written) = match change {
        PasskeyChange::Put(key) => {
            let values = vec![
                Value::text(&key.id),
                Value::Int(rows::whole(key.version)),
                Value::text(key.person.as_str()),
                Value::Int(rows::micros(key.at)),
                Value::Text(rows::json(key)?),
            ];
            (&key.id, on.execute("a passkey", sql::PUT_PASSKEY.into_sql_str(), values).await?)
        }
        PasskeyChange::Drop(id) => {
            (id, on.execute("the end of a passkey", sql::DROP_PASSKEY.into_sql_str(), vec![Value::text(id)]).await?)
        }
    };
    if written == 0 { Err(StoreError::Conflict(format!("passkey {id}"))) } else { Ok(()) }
}

#[async_trait]
impl Accounts for Database {
    async fn link(&self, account: &Account) -> Result<Option<Link>, StoreError> {
        let found = self.row("an account", sql::LINK, vec![Value::Text(account.key().to_string())]).await?;
        found.map(|row| rows::snapshot("accounts", row)).transpose()
    }

    async fn links_of(&self, person: &PersonId) -> Result<Vec<Link>, StoreError> {
        let found = self.rows("accounts", sql::LINKS_OF, vec![Value::text(person.as_str())]).await?;
        found.into_iter().map(|row| rows::snapshot("accounts", row)).collect()
    }

    async fn passkey(&self, id: &str) -> Result<Option<Passkey>, StoreError> {
        let found = self.row("a passkey", sql::PASSKEY, vec![Value::text(id)]).await?;
        found.map(|row| rows::snapshot("passkeys", row)).transpose()
    }

    async fn passkeys_of(&self, person: &PersonId) -> Result<Vec<Passkey>, StoreError> {
        let found = self.rows("passkeys", sql::PASSKEYS_OF, vec![Value::text(person.as_str())]).await?;
        found.into_iter().map(|row| rows::snapshot("passkeys", row)).collect()
    }
}
