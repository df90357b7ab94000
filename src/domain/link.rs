//! Whose a chat platform's account is. A link is made by the directory, by the person's own sign-in, or by a mail address where the
//! operator opted in; it is never guessed, and one that was undone stays undone until the person signs in again.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;

/// How an account came to be somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The directory's file says so.
    Directory,
    /// The person signed in and said so.
    SignIn,
    /// The platform's mail address is theirs, and the operator counts that.
    Email,
}

impl How {
    /// In the words people read: `linked …`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Directory => "by the directory",
            Self::SignIn => "when you signed in",
            Self::Email => "by your mail address",
        }
    }
}

/// An account and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The account.
    pub account: Account,
    /// Counts from 1; two writers at once cannot both win.
    pub version: u64,
    /// Whose; nobody's once it was undone.
    pub person: Option<PersonId>,
    /// How it came to be theirs.
    pub how: How,
    /// Since when.
    pub at: Timestamp,
}

impl Account {
    /// The account's name among our own things: a digest over platform, organisation and id, each with its length.
    #[must_use]
    pub fn key(&self) -> Digest {
        let mut bytes = b"claviger account v1".to_vec();
        for part in [&format!("{:?}", self.surface), self.space.as_str(), self.id.as_str()] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        Digest::of(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::PlatformId;
    use crate::domain::conversation::Surface;

    #[test]
    fn accounts_that_differ_anywhere_have_different_keys() {
        let account = |surface, space: &str, id: &str| Account {
            surface,
            space: PlatformId::parse(space).unwrap(),
            id: PlatformId::parse(id).unwrap(),
        };
        let all = [
            account(Surface::Slack, "T1", "U1"),
            account(Surface::Teams, "T1", "U1"),
            account(Surface::Slack, "T1U", "1"),
            account(Surface::Slack, "T", "1U1"),
            account(Surface::Slack, "T1", "u1"),
        ];
        let keys: std::collections::BTreeSet<_> = all.iter().map(Account::key).collect();
        assert_eq!(keys.len(), all.len());
        assert_eq!(all[0].key(), account(Surface::Slack, "T1", "U1").key());
    }
}
