//! What a turn is made of and what comes out of it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::conversation::{Draft, Question};
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::{EntitlementId, PersonId};
use crate::domain::person::Person;
use crate::domain::window::Seconds;

/// One thing somebody said, with what has to be known to understand it.
#[derive(Debug, Clone)]
pub struct Turn<'a> {
    /// The words, at most [`MAX_WORDS`] bytes.
    pub words: &'a str,
    /// When they were said.
    pub now: Timestamp,
    /// Who said them (their zone is the zone of "Friday").
    pub speaker: &'a Person,
    /// Drafts on the table, newest last: what "it" and "make it two weeks" are about.
    pub drafts: &'a [Draft],
    /// What the last answer was about.
    pub topic: Option<&'a EntitlementId>,
    /// A question we asked and wait to have answered.
    pub question: Option<&'a Question>,
    /// What the speaker holds now: what "I'm done with it" may be about.
    pub holds: &'a [EntitlementId],
}

/// The longest message understood, in bytes of UTF-8. Longer ones are refused with a sentence.
pub const MAX_WORDS: usize = 4_000;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Access to something.
    RequestAccess,
    /// A change to the draft on the table (end, choice, reason, person).
    Correct,
    /// Yes to the draft on the table, in words: answered with the card; filing needs the click.
    Confirm,
    /// The draft on the table is not wanted.
    Discard,
    /// To keep access longer.
    Extend,
    /// To give access back.
    GiveBack,
    /// What happened to a request.
    RequestStatus,
    /// To take a request back.
    CancelRequest,
    /// What they (or somebody they answer for) hold.
    WhatDoIHave,
    /// Who approves, who can give, who owns something.
    WhoApproves,
    /// Why a request was denied or went the way it did.
    WhyDecision,
    /// Why they were locked out or cannot sign in.
    WhyLockedOut,
    /// How something is done.
    HowTo,
    /// Access now, in an emergency.
    BreakGlass,
    /// Somebody else to look at a refusal.
    Appeal,
    /// To approve or deny by words: answered with the card, never executed.
    DecideByWords,
    /// What can be asked for.
    BrowseCatalog,
    /// What this is and what it can do.
    Help,
    /// A greeting or thanks.
    SmallTalk,
    /// A person to talk to.
    Human,
    /// Something this desk does not do.
    OutOfScope,
    /// Nothing could be made of it.
    Unclear,
}

/// For whom access is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ForWhom {
    /// For the speaker.
    Speaker,
    /// For one other person of the directory.
    Person {
        /// Who.
        id: PersonId,
    },
    /// A name that fits several people.
    Ambiguous {
        /// The name as said.
        name: String,
        /// Whom it fits, at most five.
        people: Vec<PersonId>,
    },
    /// A name that fits nobody.
    Unknown {
        /// The name as said.
        name: String,
    },
}

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    /// The words it was found by.
    pub phrase: String,
    /// The entitlements it may be, best first, at most five. Empty where nothing is near.
    pub candidates: Vec<Candidate>,
    /// How sure the first is, basis points: ≥ 9000 one clear card; 7000–9000 the card with the next best beside it; below, a question.
    pub confidence_bp: u16,
    /// When, where this thing was given a time of its own ("the wiki for a week and the CRM until Friday"); else the message's time holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<SaidWindow>,
    /// What the words want to do with it, where they say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<AccessLevel>,
}

impl Ask {
    /// Something asked for that may be these, at the message's own time.
    #[must_use]
    pub fn new(phrase: impl Into<String>, candidates: Vec<Candidate>, confidence_bp: u16) -> Self {
        Self { phrase: phrase.into(), candidates, confidence_bp, window: None, level: None }
    }
}

/// One entitlement it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Which.
    pub entitlement: EntitlementId,
    /// The search's score, in thousandths; comparable within one turn only.
    pub score_milli: u32,
    /// What speaks for it, in words: matched terms, a ladder step, the topic.
    pub evidence: Vec<String>,
}

/// What was said about time, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SaidWindow {
    /// The words.
    pub phrase: String,
    /// The beginning, where one was said.
    pub start: Option<Timestamp>,
    /// The end.
    pub end: SaidEnd,
}

/// What was said about the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SaidEnd {
    /// Not said.
    Unsaid,
    /// At this moment (exclusive).
    At {
        /// When.
        at: Timestamp,
    },
    /// So long from the beginning.
    Lasting {
        /// How long.
        length: Seconds,
    },
    /// For good ("permanently").
    Open,
    /// A time was said that cannot be meant ("until yesterday").
    Past {
        /// When it would have been.
        at: Timestamp,
    },
    /// A time was said that there is not ("until 30 February"), or that makes no window ("for -3 days").
    Odd {
        /// What is odd about it, as the end of a sentence: "there is no 30 February".
        why: String,
    },
}

impl SaidEnd {
    /// True where what was said cannot be meant, so that the person has to say it again.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        matches!(self, Self::Past { .. } | Self::Odd { .. })
    }
}

/// What was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Understanding {
    /// What they want.
    pub intent: Intent,
    /// For whom.
    pub for_whom: ForWhom,
    /// What they ask for, or ask about.
    pub asks: Vec<Ask>,
    /// When.
    pub window: Option<SaidWindow>,
    /// Why, as they said it; never invented.
    pub justification: Option<String>,
    /// Whom or what it is to reach, as they said it ("for people in my department"): neither the reason nor who gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// A short reference they gave (`R-7K3QF9`), where one was recognised.
    pub reference: Option<String>,
    /// What has still to be said.
    pub missing: Vec<Missing>,
    /// How sure the whole is, basis points.
    pub confidence_bp: u16,
    /// Who understood it.
    pub by: Interpreter,
    /// Where the interpreters disagreed, in words; each is a reason to ask.
    pub disagreements: Vec<String>,
}

/// What has still to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Which entitlement.
    Entitlement,
    /// For whom.
    Person,
    /// Why.
    Reason,
    /// Until when.
    End,
}

/// Who understood it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interpreter {
    /// Search and grammar.
    Embedded,
    /// Both, and they agree.
    Agreed,
    /// Both, and they do not: the embedded one's reading stands and the person is asked.
    Disputed,
}

impl Understanding {
    /// Nothing could be made of it.
    #[must_use]
    pub fn unclear() -> Self {
        Self {
            intent: Intent::Unclear,
            for_whom: ForWhom::Speaker,
            asks: Vec::new(),
            window: None,
            justification: None,
            scope: None,
            reference: None,
            missing: Vec::new(),
            confidence_bp: 0,
            by: Interpreter::Embedded,
            disagreements: Vec::new(),
        }
    }
}
