//! SHA-256 digests and the canonical bytes they are taken over (RFC 8785).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Digest(pub [u8; 32]);

/// A text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct NotADigest;

/// A value cannot be written as canonical JSON: it holds a number that is not finite or a map with keys that are not texts.
#[derive(Debug, thiserror::Error)]
#[error("the value has no canonical form")]
pub struct NotCanonical(#[source] serde_json::Error);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the value's canonical JSON.
    ///
    /// # Errors
    /// [`NotCanonical`] for values JSON cannot hold.
    pub fn of_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, NotCanonical> {
        canonical(value).map(|bytes| Self::of(&bytes))
    }

    /// The first eight bytes, for places where a full digest does not fit (a button's token).
    #[must_use]
    pub fn prefix(&self) -> [u8; 8] {
        let mut out = [0; 8];
        out.copy_from_slice(&self.0[..8]);
        out
    }

    /// Twelve hexadecimal digits for people to compare.
    #[must_use]
    pub fn short(&self) -> String {
        hex::encode(&self.0[..6])
    }
}

/// Canonical JSON (RFC 8785): one value, one byte string.
///
/// # Errors
/// [`NotCanonical`] for values JSON cannot hold.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    serde_json_canonicalizer::to_vec(&value).map_err(NotCanonical)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).map_err(|_| NotADigest)?;
        Ok(Self(out))
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;
    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}
