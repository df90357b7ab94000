//! A question somebody asked the helpdesk, and what became of it: was there an answer, did it help, did a person have to take over.
//! Whoever says nothing more has not been helped; see [`crate::domain::deflection`].

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{ConversationId, EntitlementId, InquiryId, PersonId, RequestId, TextId, TicketId};
use crate::domain::request::IllegalStep;
use crate::domain::signin::ReasonClass;

/// What a question was about, and what the answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Matter {
    /// How something is done: an article answered.
    Article {
        /// Its file.
        file: String,
    },
    /// How something is done: no article answers.
    NoArticle,
    /// How an access is asked for: no article says it, but the catalog holds it.
    Access {
        /// Which.
        entitlement: EntitlementId,
    },
    /// Why somebody cannot sign in: explained from sign-in events.
    Lockout {
        /// What it came down to.
        class: Option<ReasonClass>,
    },
    /// Why somebody cannot sign in: the record does not tell.
    LockoutUnexplained,
    /// Why a request went as it did, or where it stands.
    Decision {
        /// Which.
        request: RequestId,
    },
    /// Why the rules refuse what was never filed.
    Refused {
        /// What.
        entitlement: EntitlementId,
    },
    /// Why somebody else has something.
    Others {
        /// What.
        entitlement: Option<EntitlementId>,
    },
    /// They asked for a person.
    Person,
    /// Nobody asked: they were told of a lockout, as they had wanted to be.
    Notice,
    /// Somebody else's sign-ins, told to a person whom policy lets see them.
    Colleague {
        /// Whose.
        person: PersonId,
        /// How much was told, in one word.
        level: String,
        /// What the asker is to that person, in one word.
        because: String,
    },
}

impl Matter {
    /// The sort in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Article { .. } => "article",
            Self::NoArticle => "no_article",
            Self::Access { .. } => "access",
            Self::Lockout { .. } => "lockout",
            Self::LockoutUnexplained => "lockout_unexplained",
            Self::Decision { .. } => "decision",
            Self::Refused { .. } => "refused",
            Self::Others { .. } => "others",
            Self::Person => "person",
            Self::Notice => "notice",
            Self::Colleague { .. } => "colleague",
        }
    }

    /// True where something was answered, and not only said to be unknown.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.is_own_question() && !matches!(self, Self::NoArticle | Self::LockoutUnexplained | Self::Person)
    }

    /// True where somebody asked for themselves. Notices nobody asked for and the helpdesk's own work are no questions of this kind.
    #[must_use]
    pub fn is_own_question(&self) -> bool {
        !matches!(self, Self::Notice | Self::Colleague { .. })
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// To whom.
    pub person: PersonId,
    /// Where.
    pub conversation: ConversationId,
    /// Their words, while they are kept.
    pub question: TextId,
    /// What it was about.
    pub matter: Matter,
    /// Ids of what the answer rests on.
    pub evidence: Vec<String>,
    /// What it offers to ask for, in the order of its buttons.
    pub offers: Vec<EntitlementId>,
}

/// What can happen to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum InquiryEvent {
    /// It was answered, or said to be unknown.
    Answered {
        /// How.
        answer: Box<Answer>,
    },
    /// "That helped."
    Helped,
    /// "It didn't."
    NotHelped,
    /// A person takes over.
    HandedOver {
        /// With which ticket.
        ticket: TicketId,
    },
}

/// Where a question stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum InquiryState {
    /// Nothing was heard since.
    Answered,
    /// It helped, they say.
    Helped,
    /// It did not help, they say.
    NotHelped,
    /// A person took over.
    HandedOver {
        /// With which ticket.
        ticket: TicketId,
    },
}

/// A question. Made and moved by events only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inquiry {
    /// The id.
    pub id: InquiryId,
    /// How many events made it what it is.
    pub version: u64,
    /// What was answered.
    pub answer: Answer,
    /// True once they said that it helped, whatever they said later.
    pub helped_once: bool,
    /// When it was answered.
    pub at: Timestamp,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub state: InquiryState,
}

impl Inquiry {
    /// The question that a first event makes.
    ///
    /// # Errors
    /// [`IllegalStep`] for anything but [`InquiryEvent::Answered`].
    pub fn open(id: InquiryId, event: &InquiryEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        let InquiryEvent::Answered { answer } = event else {
            return Err(IllegalStep { state: "not asked", event: event.name() });
        };
        let answer = (**answer).clone();
        Ok(Self { id, version: 1, answer, helped_once: false, at, changed_at: at, state: InquiryState::Answered })
    }

    /// The question after one more event. Nobody is held to what they said first: help may turn out to be none.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event cannot happen in this state.
    pub fn apply(mut self, event: &InquiryEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        self.state = match (self.state, event) {
            (InquiryState::Answered | InquiryState::NotHelped, InquiryEvent::Helped) => {
                self.helped_once = true;
                InquiryState::Helped
            }
            (InquiryState::Answered | InquiryState::Helped, InquiryEvent::NotHelped) => InquiryState::NotHelped,
            (
                InquiryState::Answered | InquiryState::Helped | InquiryState::NotHelped,
                InquiryEvent::HandedOver { ticket },
            ) => InquiryState::HandedOver { ticket: *ticket },
            (state, event) => return Err(IllegalStep { state: state.name(), event: event.name() }),
        };
        self.version += 1;
        self.changed_at = at;
        Ok(self)
    }
}

impl InquiryState {
    /// The state in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Helped => "helped",
            Self::NotHelped => "not_helped",
            Self::HandedOver { .. } => "handed_over",
        }
    }
}

impl InquiryEvent {
    /// The event in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "answered",
            Self::Helped => "helped",
            Self::NotHelped => "not_helped",
            Self::HandedOver { .. } => "handed_over",
        }
    }
}
