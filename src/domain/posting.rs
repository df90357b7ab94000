//! Messages of ours on chat platforms: from wanted to gone. Every one is kept, so that each copy of a card can be drawn anew when what it
//! shows changes, and so that nothing is posted twice or forgotten.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::account::{Place, PlatformId, Posted};
use crate::domain::action::Subject;
use crate::domain::card::{Card, CardKey};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::ids::{ConversationId, GroupId, MessageId, PersonId};

/// What keeps its order: one person's conversation on one platform, or one channel. One worker at a time works in a lane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Lane(pub String);

impl Lane {
    /// A conversation's.
    #[must_use]
    pub fn of(conversation: ConversationId) -> Self {
        Self(conversation.to_string())
    }

    /// A channel's.
    #[must_use]
    pub fn channel(surface: Surface, place: &Place) -> Self {
        Self(format!("{} {} {}", surface.name(), place.space, place.channel))
    }
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Shows {
    /// A card that is drawn from its subject whenever that changes.
    Live {
        /// Which.
        key: CardKey,
    },
    /// A card that stands as it was said.
    Said {
        /// The card.
        card: Box<Card>,
    },
    /// What was said once and needs no drawing any more.
    Past,
}

/// Who reads it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Audience {
    /// One person, in private.
    Person {
        /// Who.
        id: PersonId,
    },
    /// Everybody who reads a group's channel.
    Group {
        /// Which group.
        id: GroupId,
    },
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is to be posted.
    Wanted,
    /// It is being posted; whether the platform did it is not known yet.
    Posting,
    /// It stands there.
    Posted,
    /// It is no longer there, or never could be posted.
    Gone,
}

impl Standing {
    /// The word for columns and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Posting => "posting",
            Self::Posted => "posted",
            Self::Gone => "gone",
        }
    }
}

/// One message of ours on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posting {
    /// Its id; that of the conversation's message where it is one. The platform gets it as the message's name.
    pub id: MessageId,
    /// Where its order is kept.
    pub lane: Lane,
    /// On which platform.
    pub surface: Surface,
    /// What it shows.
    pub shows: Shows,
    /// Who reads it.
    pub audience: Audience,
    /// What it is about: it goes into the thread of that subject's card, where one stands in the lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Subject>,
    /// When it was wanted.
    pub at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// Where it goes or stands; known for channels from the first, for people from the first try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The message's id there, once it was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<PlatformId>,
    /// The card's revision last shown. A lower one is dropped.
    #[serde(default)]
    pub revision: u64,
    /// Digest of the drawing last shown; nothing is sent that changes nothing. `None` where it is not known what stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Digest>,
    /// When its buttons should be made anew, a while before they stop working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fades: Option<Timestamp>,
    /// True where it will never change again.
    #[serde(default)]
    pub settled: bool,
    /// How often in a row something went wrong.
    #[serde(default)]
    pub failures: u32,
    /// What went wrong last, for operators.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trouble: String,
}

impl Posting {
    /// A message to be posted.
    #[must_use]
    pub fn wanted(
        id: MessageId,
        lane: Lane,
        surface: Surface,
        shows: Shows,
        audience: Audience,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            lane,
            surface,
            shows,
            audience,
            about: None,
            at,
            standing: Standing::Wanted,
            place: None,
            message: None,
            revision: 0,
            shown: None,
            fades: None,
            settled: false,
            failures: 0,
            trouble: String::new(),
        }
    }

    /// What it shows, where that is drawn from a subject.
    #[must_use]
    pub fn key(&self) -> Option<CardKey> {
        match self.shows {
            Shows::Live { key } => Some(key),
            Shows::Said { .. } | Shows::Past => None,
        }
    }

    /// The message as it stands there, where it does.
    #[must_use]
    pub fn posted(&self) -> Option<Posted> {
        Some(Posted { place: self.place.clone()?, message: self.message.clone()? })
    }
}

/// What must be done in a lane: the message, and how often its subject had changed when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The message.
    pub posting: Posting,
    /// How often it was marked as lagging.
    pub marks: u64,
}
