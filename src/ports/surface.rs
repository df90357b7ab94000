//! Chat platforms, both ways. [`ChatSurface`] is what we do there: post, update, whisper, look somebody up. [`ChatDoor`] is what a platform's
//! adapter does with what comes in: hands it over to be kept before it is acknowledged, then to be dealt with.
//!
//! An adapter decides nothing. It proves where a delivery came from, reads it into an [`Incoming`], hands it over, and draws what comes
//! back. Who the account belongs to and whether they may is settled behind the door, anew for every delivery.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::account::{Account, Place, Posted};
use crate::domain::action::ActionToken;
use crate::domain::card::{Button, Card};
use crate::domain::conversation::Surface;
use crate::ports::desk::{DeskError, Mine};

/// What a platform knows of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name shown, for people to read. Proves nothing.
    pub name: String,
    /// The mail address, where the platform tells one. Counts only where the operator opted in.
    pub email: Option<String>,
    /// What sort of account it is.
    pub standing: Standing,
}

/// What people call an account. Proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    /// The name shown there; empty where the platform tells none.
    pub name: String,
    /// What the organisation is called there: Slack's workspace, a server on Discord; `None` where that is not told.
    pub space: Option<String>,
}

/// What sort of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A full member of our organisation there.
    Member,
    /// A guest.
    Guest,
    /// Of another organisation (Slack Connect, a foreign tenant).
    Foreign,
    /// Deactivated there.
    Deactivated,
    /// A program.
    Bot,
}

/// Why something was not done on a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurfaceError {
    /// Trying again helps; not before this long, where the platform said so. Whether the message stands is not known where `unsure`.
    #[error("{why}")]
    Later {
        /// How long to wait at least.
        after: Option<Duration>,
        /// True where the platform may have done it all the same.
        unsure: bool,
        /// What happened.
        why: String,
    },
    /// The message, channel or person is gone or shut us out. Trying again does not help; other copies are not affected.
    #[error("{0}")]
    Gone(String),
    /// The platform refused what we sent. Ours to mend.
    #[error("{0}")]
    Refused(String),
    /// Our token is dead (revoked, app removed, workspace gone): nothing works there until an operator looks.
    #[error("{0}")]
    ShutOut(String),
}

/// How a platform's connection stands, for health, metrics and `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Works.
    Up,
    /// Being opened (again); since when trying is in the log.
    Trying(String),
    /// Ended until an operator mends it: what, and what to do.
    Dead(String),
}

/// What we do on a platform. Every call has a time limit of its own and does not retry by itself: the caller's durable job does.
#[async_trait]
pub trait ChatSurface: Send + Sync {
    /// Which platform.
    fn surface(&self) -> Surface;

    /// Where messages to this account alone stand, opened where need be.
    async fn direct(&self, account: &Account) -> Result<Place, SurfaceError>;

    /// Posts a card. `once` names this message for ever: where the platform can tell, a second post with the same name posts nothing new.
    async fn post(&self, place: &Place, card: &Card, once: &str) -> Result<Posted, SurfaceError>;

    /// A message posted under this name before, where the platform can tell (asked after an unsure [`Self::post`]). `None` where it is not
    /// there or cannot be known.
    async fn find(&self, place: &Place, once: &str) -> Result<Option<Posted>, SurfaceError>;

    /// Draws a posted message anew.
    async fn update(&self, posted: &Posted, card: &Card) -> Result<(), SurfaceError>;

    /// Says something to one account alone in a place others see, as an answer to a delivery.
    async fn whisper(&self, back: &Back, card: &Card) -> Result<(), SurfaceError>;

    /// What the platform knows of an account.
    async fn profile(&self, account: &Account) -> Result<Profile, SurfaceError>;

    /// What people call an account, for pages where they have to tell one of theirs from another.
    async fn called(&self, account: &Account) -> Result<Called, SurfaceError> {
        self.profile(account).await.map(|profile| Called { name: profile.name, space: None })
    }

    /// True where this account has opened a start page here, so that it is worth drawing anew.
    fn has_start_page(&self, _account: &Account) -> bool {
        false
    }

    /// Draws this account's start page anew, where the platform has one and the account opened it: what waits for them, what they hold
    /// and asked for. Called whenever one of these changed; a page that was never opened is left alone.
    async fn start_page(&self, _account: &Account, _waiting: &[Card], _mine: &Mine) -> Result<(), SurfaceError> {
        Ok(())
    }

    /// The bytes a message with this card would have, so that nothing is sent that changes nothing.
    fn drawn(&self, card: &Card) -> Vec<u8>;

    /// How the connection stands.
    fn connection(&self) -> Connection;
}

/// The way back to whoever caused a delivery, while the platform keeps it open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Back {
    /// Who.
    pub account: Account,
    /// Where they did it.
    pub place: Place,
    /// What the platform gave for answering: Slack's `response_url`, Discord's interaction token. Dies within minutes; never logged.
    pub ticket: Option<String>,
}

/// One thing that came in from a platform, proven to come from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incoming {
    /// The platform's own id of this delivery, unique per platform: the same one again is the same delivery. Never empty.
    pub once: String,
    /// Where to answer and whom.
    pub back: Back,
    /// True where only this person and we read the place.
    pub private: bool,
    /// What sort of account the delivery itself shows it to be, where it does (a guest, a foreign workspace, a program).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// What.
    pub what: What,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum What {
    /// Words to us: a direct message, a mention (taken out), a command's text, a message handed over by a shortcut. May be empty.
    Said {
        /// The words.
        words: String,
    },
    /// A button, choice or sent form of ours.
    Clicked {
        /// What the button carries.
        token: ActionToken,
        /// What was filled in.
        fields: BTreeMap<String, String>,
        /// The message the button stands on, where the platform tells.
        on: Option<Posted>,
    },
}

/// What to do at once with something that came in. Whatever else follows is posted later as messages of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// Nothing more: messages follow by themselves.
    Nothing,
    /// Draw the message that was clicked anew.
    Replace(Box<Card>),
    /// Tell the clicker alone; the message that was clicked is drawn anew where a card for it is given.
    Whisper {
        /// What to tell.
        note: Box<Card>,
        /// The clicked message as it stands now.
        fresh: Option<Box<Card>>,
    },
}

/// The headline of the note that answers words said where others read along, when the answer itself stands elsewhere. Platforms that
/// cannot whisper say this much aloud.
pub const ANSWERED_APART: &str = "I have answered you in private";

/// Whether a delivery was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was kept now: deal with it.
    New,
    /// It came before: acknowledge, do nothing.
    Before,
}

/// What an adapter may ask of the house.
#[async_trait]
pub trait ChatDoor: Send + Sync {
    /// Keeps a delivery durably. Only then may it be acknowledged; from then on it is dealt with even if this process dies.
    ///
    /// # Errors
    /// Where it could not be kept: answer the platform with an error, so that it comes again.
    async fn take(&self, incoming: &Incoming) -> Result<Taken, DeskError>;

    /// Deals with a kept delivery: finds the person behind the account, checks, does, and says what to do at once. Doing it twice changes
    /// nothing. Never fails: what went wrong is in what is to be said.
    async fn deal(&self, incoming: &Incoming) -> Now;

    /// The button behind a token as it stands now for this account, with its form, for platforms that show forms in a window of their own.
    /// A button whose form is `None` needs no window. Changes nothing.
    ///
    /// # Errors
    /// What to tell the clicker alone.
    async fn form(&self, back: &Back, token: &ActionToken) -> Result<Button, Box<Card>>;

    /// What a start page shows: what waits for them, what they hold and asked for.
    ///
    /// # Errors
    /// What to tell them instead.
    async fn home(&self, back: &Back) -> Result<(Vec<Card>, Mine), Box<Card>>;

    /// Entitlements this account may ask for, best first: id, title, and a line about it. For pickers that search while one types.
    ///
    /// # Errors
    /// What to tell them instead.
    async fn search(&self, back: &Back, words: &str, limit: usize) -> Result<Vec<Found>, Box<Card>>;

    /// Draws a clicked message anew at once, in turn with whoever keeps all copies right: while `draw` runs nobody else draws there. Where
    /// somebody is at it already, or something newer stands there, `draw` is dropped unbegun: the message comes right without it. Without
    /// this, an older card could be drawn over a newer one, and nobody would know.
    ///
    /// # Errors
    /// What `draw` says.
    async fn in_turn(&self, surface: Surface, on: &Posted, card: &Card, draw: Draw<'_>) -> Result<(), SurfaceError>;
}

/// A call that draws a message on a platform, not begun yet.
pub type Draw<'d> = Pin<Box<dyn Future<Output = Result<(), SurfaceError>> + Send + 'd>>;

/// One entitlement found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id, as said to us when it is picked.
    pub id: String,
    /// Its title.
    pub title: String,
    /// A line about it.
    pub about: String,
}
