//! A conversation: who talks where, the draft on the table, and what was said.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::card::CardKey;
use crate::domain::digest::{Digest, NotCanonical};
use crate::domain::ids::{ConversationId, DraftId, EntitlementId, InquiryId, MessageId, PersonId, TextId};
use crate::domain::window::{AccessWindow, Seconds};

/// Where people talk to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The web chat.
    Web,
    /// A terminal.
    Terminal,
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
    /// Discord.
    Discord,
}

impl Surface {
    /// The chat platforms: what people talk on that is not ours.
    pub const PLATFORMS: [Self; 3] = [Self::Slack, Self::Teams, Self::Discord];

    /// The name in columns, keys and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Terminal => "terminal",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Discord => "discord",
        }
    }

    /// The name as people know it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Web => "the web chat",
            Self::Terminal => "a terminal",
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Discord => "Discord",
        }
    }
}

/// One person's conversation on one surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conversation {
    /// The id.
    pub id: ConversationId,
    /// Whose.
    pub person: PersonId,
    /// Where.
    pub surface: Surface,
    /// How often it was written; two writers at once cannot both win.
    pub version: u64,
    /// What the person may file by a click, newest last; several asks in one message make several drafts.
    pub drafts: Vec<Draft>,
    /// What the last answer was about, so that "it" can be understood.
    pub topic: Option<EntitlementId>,
    /// A question we asked and wait to have answered.
    pub question: Option<Question>,
    /// Drafts of earlier matters: their buttons work, but no short word ("make it two weeks") is about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<DraftId>,
    /// When the person last said something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// The last question to the helpdesk, so that "that helped" and "that wasn't me" can be understood.
    #[serde(default)]
    pub inquiry: Option<InquiryId>,
    /// True where the person wants to be told here when they are locked out.
    #[serde(default)]
    pub notices: bool,
    /// Until when all that was said here has been on the person's screen, where nobody can scroll back to it: a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Timestamp>,
}

/// How long after the last word a new one still belongs to the same matter.
const LULL: Seconds = Seconds::hours(4);

impl Conversation {
    /// The drafts that a short word may be about, oldest first: open, and of the present matter.
    pub fn on_table(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        self.drafts.iter().filter(|d| d.state == DraftState::Open && !self.aside.contains(&d.id))
    }

    /// Begins a new matter: drafts made so far keep their buttons, but no short word changes them, and no open question is about them.
    pub fn begin_anew(&mut self) {
        self.aside = self.drafts.iter().map(|d| d.id).collect();
        self.question = None;
    }

    /// Hears the person at this moment. After a long silence the talk is of something new, and "it" is nothing any more.
    pub fn hear(&mut self, now: Timestamp) {
        if self.heard.is_some_and(|heard| LULL.after(heard) < now) {
            self.begin_anew();
            self.topic = None;
        }
        self.heard = Some(now);
    }
}

/// A question we asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Question {
    /// Which of these did you mean?
    Which {
        /// For which draft.
        draft: DraftId,
    },
    /// What do you need it for?
    Reason {
        /// For which draft.
        draft: DraftId,
    },
    /// What do you need? (Nothing near was found.)
    What,
}

/// What a person may file by a click. Everything in it has been, or is about to be, read back to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    /// The id.
    pub id: DraftId,
    /// When it was made.
    pub at: Timestamp,
    /// Who is to hold it.
    pub beneficiary: PersonId,
    /// What; `None` while the person has still to choose.
    pub entitlement: Option<EntitlementId>,
    /// What else it could be, best first; the numbers on the choice buttons count through this list.
    pub choices: Vec<EntitlementId>,
    /// From when until when.
    pub window: AccessWindow,
    /// True where the person said the end; false where it is the entitlement's default.
    pub window_said: bool,
    /// Why, in their words: kept as personal text.
    pub reason: Option<TextId>,
    /// How sure the choice of entitlement is, basis points.
    pub confidence_bp: u16,
    /// True on the emergency path.
    pub emergency: bool,
    /// What filing it does.
    #[serde(default)]
    pub purpose: Purpose,
    /// Where the draft stands.
    pub state: DraftState,
}

/// What filing a draft does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Purpose {
    /// Files a new request.
    #[default]
    New,
    /// Changes a request that people are still asked about; what they said so far is void.
    Amend {
        /// Which.
        request: crate::domain::ids::RequestId,
    },
    /// Asks to keep access longer.
    Extend {
        /// Which grant.
        grant: crate::domain::ids::GrantId,
    },
}

/// Where a draft stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DraftState {
    /// On the table.
    Open,
    /// Filed as this request.
    Filed {
        /// The request.
        request: crate::domain::ids::RequestId,
    },
    /// Dropped by the person.
    Dropped,
}

impl Draft {
    /// What the read-back shows, as a digest: filing works only for what was shown.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens for well-formed drafts.
    pub fn seen(&self) -> Result<Digest, NotCanonical> {
        Digest::of_value(&(&self.id, &self.beneficiary, &self.entitlement, &self.window, &self.reason, self.emergency))
    }
}

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The person.
    Person,
    /// Claviger.
    Claviger,
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MessageBody {
    /// Somebody's words, kept as personal text.
    Words {
        /// Where.
        text: TextId,
    },
    /// A card that is drawn from its subject whenever it is shown, and so never stale.
    Live {
        /// Which.
        key: CardKey,
    },
    /// A card that stands as it was said.
    Said {
        /// The card.
        card: Box<crate::domain::card::Card>,
    },
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub author: Author,
    /// What.
    pub body: MessageBody,
}
