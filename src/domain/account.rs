//! Where people stand on chat platforms: accounts by their immutable ids, places where messages stand, and posted messages.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::conversation::Surface;

/// The most bytes of one of a platform's own ids.
const LONGEST: usize = 400;

/// Why a text is not one of a platform's ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no id of a chat platform")]
pub struct NoPlatformId;

/// An id a platform made, opaque to us: `U01ALICE`, a Snowflake, an Entra object id, `19:…@thread.tacv2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PlatformId(String);

impl PlatformId {
    /// Takes what a platform sent: 1 to 400 bytes without spaces or control characters.
    ///
    /// # Errors
    /// [`NoPlatformId`].
    pub fn parse(text: impl Into<String>) -> Result<Self, NoPlatformId> {
        let text = text.into();
        let fine =
            !text.is_empty() && text.len() <= LONGEST && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        fine.then_some(Self(text)).ok_or(NoPlatformId)
    }

    /// As the platform writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PlatformId {
    type Error = NoPlatformId;
    fn try_from(text: String) -> Result<Self, NoPlatformId> {
        Self::parse(text)
    }
}

impl From<PlatformId> for String {
    fn from(id: PlatformId) -> Self {
        id.0
    }
}

impl fmt::Display for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One account on one platform. Never a name, never a mail address: those can change hands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The platform.
    pub surface: Surface,
    /// The organisation there: Slack's workspace, Teams' tenant; for Discord, whose accounts belong to no organisation, `discord`.
    pub space: PlatformId,
    /// The person's immutable id there: Slack's user id, Teams' `aadObjectId`, Discord's user id.
    pub id: PlatformId,
}

/// Where a message can stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The organisation, as in [`Account::space`].
    pub space: PlatformId,
    /// The channel or direct conversation.
    pub channel: PlatformId,
    /// The message whose thread it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<PlatformId>,
    /// What else the platform needs to find the place again: Teams' `serviceUrl`, from a verified activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// A message of ours that stands somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Posted {
    /// Where.
    pub place: Place,
    /// The message's id there.
    pub message: PlatformId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_visible_and_short() {
        assert_eq!(PlatformId::parse("19:a@thread.tacv2").map(|p| p.to_string()), Ok("19:a@thread.tacv2".into()));
        for bad in ["", "a b", "a\n", &"x".repeat(401)] {
            assert_eq!(PlatformId::parse(bad), Err(NoPlatformId), "{bad:?}");
        }
    }
}
