//! Who is clicking, as our own pages ask for it: whose chat account is whose, and proving once more that it is them.
//!
//! Secrets here are the last part of a link's path: 43 random characters, kept as digests only, short-lived and good for one use.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::account::Account;
use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::link::How;
use crate::domain::request::Confirmed;
use crate::ports::accounts::Passkey;
use crate::ports::desk::DeskError;
use crate::ports::surface::Called;

/// An account somebody asks to have linked, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAccount {
    /// Which.
    pub account: Account,
    /// The name the platform shows, for people to read. Proves nothing.
    pub name: String,
    /// What the organisation is called there, where that is known.
    pub space: Option<String>,
    /// Until when the link works.
    pub ends: Timestamp,
}

/// One of somebody's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    /// What it is called among our own things.
    pub key: Digest,
    /// Which.
    pub account: Account,
    /// What it is called there, as far as the platform tells.
    pub called: Called,
    /// How it came to be theirs.
    pub how: How,
    /// Since when; `None` for those the directory names.
    pub since: Option<Timestamp>,
}

/// What somebody is asked to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedConfirmation {
    /// Exactly what is decided by it, without buttons.
    pub card: Card,
    /// What is done by confirming: `Approve`, `Approve until Fri 27 Nov 2026, 23:59 CET`, `Open now`.
    pub does: String,
    /// Why it has to be confirmed, in a sentence.
    pub why: String,
    /// When it was asked for; only a proof later than this counts.
    pub asked: Timestamp,
    /// Until when the link works.
    pub ends: Timestamp,
}

/// What our own pages ask.
#[async_trait]
pub trait Identity: Send + Sync {
    /// What a linking page shows to whoever is signed in.
    async fn asked_to_link(&self, secret: &str) -> Result<AskedAccount, DeskError>;

    /// Whoever is signed in says: that is my account.
    async fn link(&self, who: &PersonId, secret: &str) -> Result<AskedAccount, DeskError>;

    /// What the page shows that undoes a link; whoever holds the link is the account and need not sign in.
    async fn asked_to_unlink(&self, secret: &str) -> Result<AskedAccount, DeskError>;

    /// The account says: that is not me.
    async fn unlink_by(&self, secret: &str) -> Result<(), DeskError>;

    /// Somebody's accounts.
    async fn accounts(&self, who: &PersonId) -> Result<Vec<OwnAccount>, DeskError>;

    /// Somebody gives one of their accounts up.
    async fn unlink(&self, who: &PersonId, key: Digest) -> Result<(), DeskError>;

    /// What a confirming page shows. Whoever it is not for is refused, and that is recorded.
    async fn asked_to_confirm(&self, who: &PersonId, secret: &str) -> Result<AskedConfirmation, DeskError>;

    /// They proved it: decides what was asked for, as that person, if it still stands as it was shown. `used` is the passkey after its
    /// use, written with the decision. Answers with the card as it stands now.
    async fn confirm(
        &self,
        who: &PersonId,
        secret: &str,
        how: Confirmed,
        used: Option<Passkey>,
    ) -> Result<Card, DeskError>;

    /// A proof that did not hold: recorded, nothing else.
    async fn not_confirmed(&self, who: &PersonId, cause: &str) -> Result<(), DeskError>;

    /// Somebody's passkeys, oldest first.
    async fn passkeys(&self, who: &PersonId) -> Result<Vec<Passkey>, DeskError>;

    /// Keeps a new passkey and tells its owner.
    async fn add_passkey(&self, passkey: Passkey) -> Result<(), DeskError>;

    /// Takes one of somebody's passkeys away and tells them.
    async fn remove_passkey(&self, who: &PersonId, digest: Digest) -> Result<(), DeskError>;

    /// The chat platforms that people can write to us on.
    fn platforms(&self) -> Vec<Surface> {
        Vec::new()
    }

    /// True where the demo's plain click counts as a proof.
    fn click_proves(&self) -> bool;
}
