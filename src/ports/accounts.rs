//! Keeping whose accounts are whose, and the passkeys people confirm with.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::link::Link;
use crate::ports::store::StoreError;

/// A passkey somebody confirms with. What the browser's authenticator made is opaque here; nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, base64url.
    pub id: String,
    /// Counts from 1; two writers at once cannot both win.
    pub version: u64,
    /// Whose.
    pub person: PersonId,
    /// What the person calls it.
    pub name: String,
    /// The random name the authenticator knows the person by, base64url; all of a person's passkeys share it.
    pub user: String,
    /// The public key and what does not change, base64url.
    pub key: String,
    /// The counter and what changes with use, base64url.
    pub state: String,
    /// How the browser reaches it: usb, internal and so on, base64url.
    pub transports: String,
    /// Since when.
    pub at: Timestamp,
    /// When it was last used.
    #[serde(default)]
    pub used: Option<Timestamp>,
}

impl Passkey {
    /// What the record calls it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.id.as_bytes())
    }
}

/// A change to somebody's passkeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyChange {
    /// A new one (version 1; [`StoreError::Conflict`] where the id exists) or one that changed.
    Put(Passkey),
    /// One that goes.
    Drop(String),
}

/// Accounts and passkeys.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// What is known of an account, undone links included.
    async fn link(&self, account: &Account) -> Result<Option<Link>, StoreError>;
    /// A person's linked accounts, by their keys.
    async fn links_of(&self, person: &PersonId) -> Result<Vec<Link>, StoreError>;
    /// The passkey with this id.
    async fn passkey(&self, id: &str) -> Result<Option<Passkey>, StoreError>;
    /// A person's passkeys, oldest first.
    async fn passkeys_of(&self, person: &PersonId) -> Result<Vec<Passkey>, StoreError>;
}
