//! The desk: what every surface (web, terminal, later Slack, Teams, Discord) asks of the workflow, and all it may ask.
//! Who is asking is settled by the surface before it comes here; whether they may is settled here, anew each time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::domain::action::ActionToken;
use crate::domain::card::{Card, CardKey};
use crate::domain::conversation::{Author, Surface};
use crate::domain::deflection::Deflection;
use crate::domain::ids::{ConversationId, MessageId, PersonId, RequestId};
use crate::ports::identity::Identity;

/// What is said back at once. Everything later comes as messages in the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// What is shown, in order.
    pub cards: Vec<Card>,
    /// The understanding behind it, for `--json` and the curious; `null` for clicks.
    pub understanding: serde_json::Value,
}

/// A message ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The message.
    pub id: MessageId,
    /// When.
    pub at: jiff::Timestamp,
    /// By whom.
    pub author: Author,
    /// The words, for what a person said (`None` once erased).
    pub words: Option<String>,
    /// The card as it stands now, for what Claviger said.
    pub card: Option<Card>,
}

/// What waits for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// Requests whose open step they may decide, oldest first.
    pub decisions: Vec<Card>,
    /// Tasks and reviews, oldest due first.
    pub tasks: Vec<Card>,
}

/// What a person has and asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mine {
    /// Access held now, soonest end first.
    pub access: Vec<Card>,
    /// Requests, newest first.
    pub requests: Vec<Card>,
}

/// What the helpdesk's page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelpdeskView {
    /// What became of the questions of the last 30 days.
    pub deflection: Deflection,
    /// Questions no article answers, newest first, while their words are kept: how often, the words; for whoever may not read these, what
    /// they were about.
    pub gaps: Vec<(u64, String)>,
    /// Open tickets this person may see, newest first.
    pub tickets: Vec<Card>,
}

/// Something changed that concerns these people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whom.
    pub people: Vec<PersonId>,
}

/// Why the desk said no. `said` and `next` are for the person; details are in the log under `reference`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct DeskError {
    /// What sort.
    pub kind: DeskErrorKind,
    /// What happened, in a plain sentence.
    pub said: String,
    /// What to do next, in a plain sentence.
    pub next: String,
    /// What to quote when asking for help.
    pub reference: String,
    /// The card as it stands now, where the click came too late.
    pub fresh: Option<Box<Card>>,
}

/// What sort of no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskErrorKind {
    /// There is no such thing, or it is not for this person to know.
    NotFound,
    /// This person may not do this.
    Forbidden,
    /// The button is forged or too old.
    BadButton,
    /// What they saw no longer stands.
    Stale,
    /// What was filled in cannot be used.
    Invalid,
    /// Too much at once.
    TooMany,
    /// Something is down; trying again helps.
    Unavailable,
    /// Nothing was done yet: they have to prove once more that it is them. `fresh` says where, by a link of ours. It is for the clicker
    /// alone: whisper it, and leave the clicked message as it stands.
    StepUp,
}

/// The desk.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Somebody says something. `once` is the surface's own id of the message: a second delivery changes nothing.
    async fn say(&self, who: &PersonId, on: Surface, words: &str, once: Option<&str>) -> Result<Reply, DeskError>;

    /// Somebody clicks. `inputs` are the form's fields.
    async fn click(
        &self,
        who: &PersonId,
        on: Surface,
        token: &ActionToken,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Reply, DeskError>;

    /// The conversation so far (or after a message), oldest first.
    async fn messages(&self, who: &PersonId, on: Surface, after: Option<MessageId>) -> Result<Vec<Shown>, DeskError>;

    /// A card as it stands now, drawn for this person.
    async fn draw(&self, who: &PersonId, key: CardKey) -> Result<Card, DeskError>;

    /// What waits for this person.
    async fn inbox(&self, who: &PersonId) -> Result<Inbox, DeskError>;

    /// What this person has and asked for.
    async fn mine(&self, who: &PersonId) -> Result<Mine, DeskError>;

    /// A request with its whole story, for whoever may see it.
    async fn request(&self, who: &PersonId, id: RequestId) -> Result<Card, DeskError>;

    /// What the helpdesk's page shows, for the helpdesk, security and auditors.
    async fn helpdesk(&self, _who: &PersonId) -> Result<HelpdeskView, DeskError> {
        Err(DeskError {
            kind: DeskErrorKind::NotFound,
            said: "There is no such page.".into(),
            next: "Check the address.".into(),
            reference: String::new(),
            fresh: None,
        })
    }

    /// Whether the helpdesk's page is for this person, so that it can be linked.
    fn opens_helpdesk(&self, _who: &PersonId) -> bool {
        false
    }

    /// Who is clicking: accounts, linking, passkeys, proving once more that it is them. `None` where the desk has none of it.
    fn identity(&self) -> Option<&dyn Identity> {
        None
    }

    /// Hears of changes.
    fn changes(&self) -> broadcast::Receiver<Change>;
}
