//! Slips: what a secret link of ours is good for. The secret travels in a chat message that only one account reads; the store knows its
//! digest. A slip is short-lived, bound to what it is for, and used once: the use is written with what it causes, or not at all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::action::{Subject, Verb};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::window::{AccessWindow, Seconds};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// How many characters a secret has.
const SECRET: usize = 43;

/// What a slip is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Errand {
    /// Linking this account to whoever is signed in and says so.
    Link {
        /// Which.
        account: Account,
        /// The name the platform shows.
        name: String,
    },
    /// Undoing the link of this account.
    Unlink {
        /// Which.
        account: Account,
        /// The name the platform shows.
        name: String,
        /// The link that is undone; a later one is not.
        version: u64,
    },
    /// Deciding this, once they proved it is them.
    Confirm(Box<Confirm>),
}

/// What is decided by confirming: bound to everything the person saw and said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// Who.
    pub person: PersonId,
    /// Where they clicked.
    pub on: Surface,
    /// What the click said.
    pub verb: Verb,
    /// On what.
    pub subject: Subject,
    /// At which revision, for requests.
    pub revision: u32,
    /// The digest of what they saw.
    pub seen: Digest,
    /// The shorter window they said, already read.
    pub window: Option<AccessWindow>,
    /// The incident they named, on the emergency path.
    pub incident: Option<String>,
    /// The account that is to be unlocked.
    #[serde(default)]
    pub account: Option<LockedAccount>,
}

/// An account in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedAccount {
    /// Whose.
    pub of: PersonId,
    /// In which directory.
    pub directory: String,
}

/// A slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// What it is good for.
    pub errand: Errand,
    /// Since when.
    pub made: Timestamp,
    /// Until when.
    pub ends: Timestamp,
    /// True once it was used; it is kept until its end so that a second use is told from a made-up one.
    pub used: bool,
}

/// Makes a slip and gives its secret.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn make(house: &House, errand: Errand, life: Seconds) -> Result<String, WorkflowError> {
    let mut bytes = [0; 32];
    house.entropy.fill(&mut bytes);
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let made = house.now();
    let slip = Slip { errand, made, ends: life.after(made), used: false };
    put(house, &secret, &slip).await?;
    Ok(secret)
}

async fn put(house: &House, secret: &str, slip: &Slip) -> Result<(), WorkflowError> {
    let text = serde_json::to_string(slip).unwrap_or_default();
    Ok(house.store.put_session(&name(secret), &text, slip.ends).await?)
}

/// What this secret is good for now.
///
/// # Errors
/// Where it was never made, is too old, or was used.
pub async fn read(house: &House, secret: &str) -> Result<Slip, WorkflowError> {
    let unknown = || WorkflowError::Invalid {
        said: "This link is too old, or was never made here.".into(),
        next: "Go back to the chat and ask again; you will get a fresh one. Nothing was done.".into(),
    };
    if secret.len() != SECRET {
        return Err(unknown());
    }
    let text = house.store.session(&name(secret), house.now()).await?.ok_or_else(unknown)?;
    let slip: Slip = serde_json::from_str(&text).map_err(|_| unknown())?;
    if slip.used { Err(used()) } else { Ok(slip) }
}

/// Notes that a slip was used. The key of [`once`] is what makes it so; this only lets a second use be told from a made-up one.
pub async fn mark_used(house: &House, secret: &str, slip: Slip) {
    if let Err(error) = put(house, secret, &Slip { used: true, ..slip }).await {
        tracing::warn!(%error, "a used link could not be marked as used");
    }
}

/// The key of a slip's one use, to be written with what it causes.
#[must_use]
pub fn once(secret: &str) -> String {
    format!("slip:{}", Digest::of(secret.as_bytes()))
}

/// What is said to a second use.
#[must_use]
pub fn used() -> WorkflowError {
    WorkflowError::Invalid {
        said: "This link was used already; each works once.".into(),
        next: "If it was you, there is nothing more to do. If not, tell the security team.".into(),
    }
}

/// Slips share the sessions' table, under names no session has. The store keeps digests of these names only.
fn name(secret: &str) -> String {
    format!("slip:{secret}")
}
