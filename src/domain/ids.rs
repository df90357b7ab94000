//! Identifiers. Each is its own type, so that a person can never stand where an entitlement is meant.
//!
//! Two families: *slugs* are written by people in the catalog (`ana.kovac`, `entra:9b89…`); *minted* ids are UUIDv7
//! values made from the clock and the entropy source that the caller hands in.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::clock::Entropy;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("an identifier cannot be empty")]
    Empty,
    /// More than [`MAX_SLUG`] characters were given.
    #[error("an identifier has at most {MAX_SLUG} characters")]
    TooLong,
    /// A space, a control character or anything outside ASCII was found.
    #[error("`{0}` cannot stand in an identifier")]
    BadCharacter(char),
    /// The text is not a minted id of this kind.
    #[error("`{0}` is not a reference this system made")]
    NotMinted(String),
}

/// The longest slug, in characters.
pub const MAX_SLUG: usize = 200;

fn check_slug(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > MAX_SLUG {
        return Err(IdError::TooLong);
    }
    match text.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '`' | '\\')) {
        Some(bad) => Err(IdError::BadCharacter(bad)),
        None => Ok(()),
    }
}

macro_rules! slug_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses the written form: 1 to 200 visible ASCII characters without quotes or angle brackets.
            ///
            /// # Errors
            /// [`IdError`] names what is wrong with the text.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check_slug(&text)?;
                Ok(Self(text))
            }

            /// The written form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

slug_ids! {
    /// One natural person (or named agent), whatever accounts they use.
    PersonId;
    /// One thing that can be granted in one system.
    EntitlementId;
    /// A target system.
    SystemId;
    /// Several entitlements asked for together.
    BundleId;
    /// A group of people in the directory, `security` or `compliance` for instance.
    GroupId;
    /// A connector: what talks to one target system.
    ConnectorId;
    /// A business function, the unit of segregation of duties.
    FunctionId;
    /// A rule: a guardrail, a duty-separation rule or a routing rule such as `R8`.
    RuleId;
    /// A risk factor, `peer.rare` for instance.
    FactorId;
}

macro_rules! minted_ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Mints a new id: time-ordered, unique, and the same for the same clock and entropy.
            pub fn mint(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(mint_uuid(now, entropy))
            }

            /// The id with these 16 bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of the id.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// A short form for people, `R-7K3QF9`-like: the last 30 random bits. Not unique enough to look things up alone.
            #[must_use]
            pub fn short(&self) -> String {
                const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
                let b = self.0.as_bytes();
                let mut bits = u32::from_be_bytes([b[12], b[13], b[14], b[15]]);
                let mut out = [b'0'; 6];
                for slot in out.iter_mut().rev() {
                    *slot = ALPHABET[(bits & 31) as usize];
                    bits >>= 5;
                }
                format!("{}-{}", $prefix.to_ascii_uppercase(), String::from_utf8_lossy(&out))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| IdError::NotMinted(text.chars().take(60).collect()))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
    )*};
}

minted_ids! {
    /// An access request.
    RequestId, "r";
    /// A grant: access given, with its end.
    GrantId, "g";
    /// One event of the record.
    EventId, "e";
    /// A durable job.
    JobId, "j";
    /// A conversation of one person on one surface.
    ConversationId, "c";
    /// A message in a conversation.
    MessageId, "m";
    /// A piece of personal text kept outside the record's leaves.
    TextId, "t";
    /// A fulfilment task for a named person.
    TaskId, "k";
    /// A draft: what the person may file by a click.
    DraftId, "d";
    /// A ticket: something a person has to look at.
    TicketId, "h";
    /// A question to the helpdesk and what became of it.
    InquiryId, "q";
}

/// UUIDv7 (RFC 9562 §5.7) from milliseconds and ten bytes of entropy.
fn mint_uuid(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_refuse_what_could_hurt_a_page_or_a_log() {
        assert_eq!(PersonId::parse(""), Err(IdError::Empty));
        assert_eq!(PersonId::parse("a b"), Err(IdError::BadCharacter(' ')));
        assert_eq!(PersonId::parse("<b>"), Err(IdError::BadCharacter('<')));
        assert_eq!(PersonId::parse("a".repeat(201)), Err(IdError::TooLong));
        assert!(EntitlementId::parse("gcp:roles/accessapproval.admin").is_ok());
    }

    #[test]
    fn minted_ids_print_and_parse_back() {
        let id = RequestId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<RequestId>(), Ok(id));
        assert!(id.to_string().parse::<GrantId>().is_err());
        assert_eq!(id.short().len(), 8);
    }
}
