//! An access request: its content, its states, and the one function that moves it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::decision::{Candidate, Decision, Outcome, Step};
use crate::domain::digest::{Digest, NotCanonical};
use crate::domain::ids::{ConversationId, EntitlementId, GrantId, PersonId, RequestId, RuleId, TextId};
use crate::domain::window::AccessWindow;

/// A pointer to personal text that lives outside the record's leaves and can be erased there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextRef {
    /// Where the text is kept.
    pub id: TextId,
    /// Salted digest of the text; proves it unchanged while it exists and reveals nothing once it is erased.
    pub commitment: Digest,
}

/// What is asked for. Any change makes a new revision and voids what was said to the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Content {
    /// Who asked.
    pub requester: PersonId,
    /// Who is to hold it.
    pub beneficiary: PersonId,
    /// What.
    pub entitlement: EntitlementId,
    /// From when until when.
    pub window: AccessWindow,
    /// Why, in their words.
    pub reason: Option<TextRef>,
    /// True on the emergency path.
    pub emergency: bool,
    /// Where it was asked, so that the answer finds the way back.
    pub conversation: Option<ConversationId>,
    /// Set where this request lengthens a grant.
    #[serde(default)]
    pub extends: Option<GrantId>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ballot {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

/// What one person said to one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vote {
    /// Which step, counted from 0.
    pub step: usize,
    /// Who.
    pub by: PersonId,
    /// For whom, where they stand in for somebody.
    #[serde(default)]
    pub in_place_of: Option<PersonId>,
    /// Yes or no.
    pub ballot: Ballot,
    /// A shorter window, where they gave less time than asked.
    #[serde(default)]
    pub window: Option<AccessWindow>,
    /// Why, in their words.
    #[serde(default)]
    pub reason: Option<TextRef>,
    /// How they proved once more that it is them, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// When.
    pub at: Timestamp,
}

/// How somebody proved once more that it is them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Confirmed {
    /// They signed in again at the identity provider.
    SignIn {
        /// When, as the provider says (`auth_time`).
        at: Timestamp,
        /// In which class of authentication, where the provider says (`acr`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<String>,
    },
    /// With a passkey.
    Passkey {
        /// Which, as the digest of its id.
        passkey: Digest,
    },
    /// With a click: the demo only, where being somebody is a click, too.
    Demo,
}

impl Confirmed {
    /// In the words people read: `said yes, and confirmed it …`.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "by signing in again",
            Self::Passkey { .. } => "with a passkey",
            Self::Demo => "with a click, as the demo allows",
        }
    }
}

/// Why a step was given to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reassignment {
    /// Nobody answered in time.
    Deadline,
    /// Whoever was asked can no longer decide.
    Absence,
}

/// Why a request ended without access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Denial {
    /// Rules refused it.
    Rules {
        /// Which.
        rules: Vec<RuleId>,
    },
    /// A person refused it.
    Person {
        /// Their vote.
        vote: Vote,
    },
}

/// Where a request stands. Each state carries what exists in that state and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RequestState {
    /// People have to say yes.
    Pending {
        /// The steps, one after the other.
        steps: Vec<Step>,
        /// What was said so far to this revision.
        votes: Vec<Vote>,
        /// How often each step has been passed on.
        passed_on: u32,
    },
    /// Every yes that is needed was given (or none was needed).
    Approved {
        /// Who said yes.
        votes: Vec<Vote>,
        /// The window that was agreed.
        window: AccessWindow,
    },
    /// The connector is at work.
    Provisioning {
        /// Who said yes.
        votes: Vec<Vote>,
        /// The window that was agreed.
        window: AccessWindow,
        /// The grant being made.
        grant: GrantId,
    },
    /// The connector confirmed: the person holds it.
    Active {
        /// Who said yes.
        votes: Vec<Vote>,
        /// The window that was agreed.
        window: AccessWindow,
        /// The grant.
        grant: GrantId,
    },
    /// It was held and is no longer.
    Ended {
        /// The grant.
        grant: GrantId,
        /// When.
        at: Timestamp,
    },
    /// Refused.
    Denied {
        /// By whom.
        denial: Denial,
    },
    /// Nobody decided in time.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Taken back by whoever asked.
    Cancelled {
        /// By whom.
        by: PersonId,
    },
    /// Approved, but the target system could not do it.
    Failed {
        /// A word for the cause, for people and programs.
        cause: String,
    },
}

/// What can happen to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RequestEvent {
    /// Filed by the person's own click.
    Submitted {
        /// What is asked for.
        content: Content,
        /// What the rules said.
        decision: Box<Decision>,
    },
    /// Changed by the requester while people were asked; votes so far are void.
    Amended {
        /// What is asked for now.
        content: Content,
        /// What the rules say now.
        decision: Box<Decision>,
    },
    /// Decided again under a newer policy; votes so far are void.
    Reevaluated {
        /// What the rules say now.
        decision: Box<Decision>,
    },
    /// Somebody said yes or no to the open step.
    Voted {
        /// What they said.
        vote: Vote,
    },
    /// The open step goes to other people.
    Reassigned {
        /// Which step.
        step: usize,
        /// Who is asked from now on.
        to: Vec<Candidate>,
        /// Why.
        why: Reassignment,
    },
    /// People were reminded.
    Reminded {
        /// Which step.
        step: usize,
    },
    /// Somebody asked the requester a question.
    Questioned {
        /// Who asks.
        by: PersonId,
        /// The question.
        text: TextRef,
    },
    /// The requester answered.
    Answered {
        /// Who answers.
        by: PersonId,
        /// The answer.
        text: TextRef,
    },
    /// Taken back by whoever asked.
    Cancelled {
        /// By whom.
        by: PersonId,
    },
    /// Nobody decided in time.
    Expired,
    /// A grant was ordered.
    Ordered {
        /// Which.
        grant: GrantId,
    },
    /// The connector confirmed.
    Activated,
    /// The target system could not do it.
    Failed {
        /// A word for the cause.
        cause: String,
    },
    /// The grant is over.
    Ended,
}

/// An event that cannot happen in this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{event}` cannot happen to a request that is {state}")]
pub struct IllegalStep {
    /// The state's name.
    pub state: &'static str,
    /// The event's name.
    pub event: &'static str,
}

/// An access request. Made and moved by events only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// The id.
    pub id: RequestId,
    /// How many events made it what it is.
    pub version: u64,
    /// Counts amendments and re-evaluations from 1; votes hold for one revision only.
    pub revision: u32,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// When the last event happened.
    pub changed_at: Timestamp,
    /// When the open step was opened or passed on.
    pub step_since: Timestamp,
    /// What is asked for.
    pub content: Content,
    /// What the rules said to this revision.
    pub decision: Decision,
    /// Questions and answers, oldest first.
    pub dialogue: Vec<Remark>,
    /// Where it stands.
    pub state: RequestState,
}

/// A question or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remark {
    /// Who said it.
    pub by: PersonId,
    /// What.
    pub text: TextRef,
    /// When.
    pub at: Timestamp,
}

/// Proof that a request was approved: the only thing that can be provisioned. Only [`Request::approved`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    request: RequestId,
    revision: u32,
    beneficiary: PersonId,
    entitlement: EntitlementId,
    window: AccessWindow,
}

impl Approved {
    /// The request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }
    /// The revision that was approved.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }
    /// Who is to hold it.
    #[must_use]
    pub fn beneficiary(&self) -> &PersonId {
        &self.beneficiary
    }
    /// What.
    #[must_use]
    pub fn entitlement(&self) -> &EntitlementId {
        &self.entitlement
    }
    /// The window that was agreed.
    #[must_use]
    pub fn window(&self) -> AccessWindow {
        self.window
    }
}

impl Request {
    /// The request that a first event makes.
    ///
    /// # Errors
    /// [`IllegalStep`] for anything but [`RequestEvent::Submitted`].
    pub fn open(id: RequestId, event: &RequestEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        let RequestEvent::Submitted { content, decision } = event else {
            return Err(IllegalStep { state: "not filed", event: event.name() });
        };
        Ok(Self {
            id,
            version: 1,
            revision: 1,
            filed_at: at,
            changed_at: at,
            step_since: at,
            state: first_state(content, decision),
            content: content.clone(),
            decision: (**decision).clone(),
            dialogue: Vec::new(),
        })
    }

    /// The request after one more event.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event cannot happen in this state.
    pub fn apply(mut self, event: &RequestEvent, at: Timestamp) -> Result<Self, IllegalStep> {
        use RequestEvent as E;
        use RequestState as S;
        let state = self.state;
        let name = state.name();
        self.state = match (state, event) {
            (S::Pending { .. }, E::Amended { content, decision }) => {
                self.revision += 1;
                self.step_since = at;
                self.content = content.clone();
                self.decision = (**decision).clone();
                first_state(content, decision)
            }
            (S::Pending { .. } | S::Approved { .. }, E::Reevaluated { decision }) => {
                self.revision += 1;
                self.step_since = at;
                self.decision = (**decision).clone();
                first_state(&self.content, decision)
            }
            (S::Pending { steps, mut votes, passed_on }, E::Voted { vote }) => {
                let before = open_step(&steps, &votes);
                if before != Some(vote.step) || votes.iter().any(|v| v.by == vote.by) {
                    return Err(IllegalStep { state: name, event: event.name() });
                }
                votes.push(vote.clone());
                match vote.ballot {
                    Ballot::Deny => S::Denied { denial: Denial::Person { vote: vote.clone() } },
                    Ballot::Approve => match open_step(&steps, &votes) {
                        Some(open) => {
                            if Some(open) != before {
                                self.step_since = at;
                            }
                            S::Pending { steps, votes, passed_on }
                        }
                        None => S::Approved { window: agreed(self.content.window, &self.decision, &votes), votes },
                    },
                }
            }
            (S::Pending { mut steps, votes, passed_on }, E::Reassigned { step, to, why: _ }) => {
                let Some(slot) = steps.get_mut(*step).filter(|_| !to.is_empty()) else {
                    return Err(IllegalStep { state: name, event: event.name() });
                };
                slot.candidates.clone_from(to);
                self.step_since = at;
                S::Pending { steps, votes, passed_on: passed_on + 1 }
            }
            (state @ S::Pending { .. }, E::Reminded { .. }) => state,
            (state @ S::Pending { .. }, E::Questioned { by, text } | E::Answered { by, text }) => {
                self.dialogue.push(Remark { by: by.clone(), text: text.clone(), at });
                state
            }
            (S::Pending { .. } | S::Approved { .. }, E::Cancelled { by }) => S::Cancelled { by: by.clone() },
            (S::Pending { .. }, E::Expired) => S::Expired { at },
            (S::Approved { votes, window }, E::Ordered { grant }) => S::Provisioning { votes, window, grant: *grant },
            (S::Provisioning { votes, window, grant }, E::Activated) => S::Active { votes, window, grant },
            (S::Approved { .. } | S::Provisioning { .. }, E::Failed { cause }) => S::Failed { cause: cause.clone() },
            (S::Active { grant, .. } | S::Provisioning { grant, .. }, E::Ended) => S::Ended { grant, at },
            (_, event) => return Err(IllegalStep { state: name, event: event.name() }),
        };
        self.version += 1;
        self.changed_at = at;
        Ok(self)
    }

    /// The proof of approval, in the states that have it.
    #[must_use]
    pub fn approved(&self) -> Option<Approved> {
        match &self.state {
            RequestState::Approved { window, .. }
            | RequestState::Provisioning { window, .. }
            | RequestState::Active { window, .. } => Some(Approved {
                request: self.id,
                revision: self.revision,
                beneficiary: self.content.beneficiary.clone(),
                entitlement: self.content.entitlement.clone(),
                window: *window,
            }),
            _ => None,
        }
    }

    /// The step that waits for a yes, with its number.
    #[must_use]
    pub fn open_step(&self) -> Option<(usize, &Step)> {
        let RequestState::Pending { steps, votes, .. } = &self.state else { return None };
        let open = open_step(steps, votes)?;
        steps.get(open).map(|step| (open, step))
    }

    /// What was said so far to this revision.
    #[must_use]
    pub fn votes(&self) -> &[Vote] {
        match &self.state {
            RequestState::Pending { votes, .. }
            | RequestState::Approved { votes, .. }
            | RequestState::Provisioning { votes, .. }
            | RequestState::Active { votes, .. } => votes,
            _ => &[],
        }
    }

    /// The grant made for it, where there is one.
    #[must_use]
    pub fn grant(&self) -> Option<GrantId> {
        match &self.state {
            RequestState::Provisioning { grant, .. }
            | RequestState::Active { grant, .. }
            | RequestState::Ended { grant, .. } => Some(*grant),
            _ => None,
        }
    }

    /// What a card shows of it, as a digest: revision, state and window. A click carries it back, so that nobody decides on what has
    /// changed meanwhile.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens for well-formed requests.
    pub fn seen(&self) -> Result<Digest, NotCanonical> {
        let window = self.approved().map_or(self.content.window, |a| a.window());
        let step = self.open_step().map(|(n, _)| n);
        Digest::of_value(&(self.id, self.revision, self.state.name(), step, window, &self.decision.facts))
    }
}

impl RequestState {
    /// The state in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Approved { .. } => "approved",
            Self::Provisioning { .. } => "provisioning",
            Self::Active { .. } => "active",
            Self::Ended { .. } => "ended",
            Self::Denied { .. } => "denied",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }

    /// True where nothing can happen any more.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Ended { .. }
                | Self::Denied { .. }
                | Self::Expired { .. }
                | Self::Cancelled { .. }
                | Self::Failed { .. }
        )
    }
}

impl RequestEvent {
    /// The event in one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::Amended { .. } => "amended",
            Self::Reevaluated { .. } => "reevaluated",
            Self::Voted { .. } => "voted",
            Self::Reassigned { .. } => "reassigned",
            Self::Reminded { .. } => "reminded",
            Self::Questioned { .. } => "questioned",
            Self::Answered { .. } => "answered",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired => "expired",
            Self::Ordered { .. } => "ordered",
            Self::Activated => "activated",
            Self::Failed { .. } => "failed",
            Self::Ended => "ended",
        }
    }
}

/// Where a freshly decided revision starts.
fn first_state(content: &Content, decision: &Decision) -> RequestState {
    let approved = || RequestState::Approved { votes: Vec::new(), window: agreed(content.window, decision, &[]) };
    match &decision.route.outcome {
        Outcome::Denied => RequestState::Denied {
            denial: Denial::Rules {
                rules: decision.route.findings.iter().filter(|f| f.requirement.deny).map(|f| f.rule.clone()).collect(),
            },
        },
        Outcome::Automatic | Outcome::BreakGlass => approved(),
        Outcome::Steps { steps } => RequestState::Pending { steps: steps.clone(), votes: Vec::new(), passed_on: 0 },
    }
}

/// The first step whose quorum of different people is not reached.
fn open_step(steps: &[Step], votes: &[Vote]) -> Option<usize> {
    steps.iter().enumerate().position(|(n, step)| {
        let yes = votes.iter().filter(|v| v.step == n && v.ballot == Ballot::Approve).count();
        yes < usize::from(step.quorum.max(1))
    })
}

/// The window everybody agreed to: never longer than asked, than any vote said, or than the route allows.
fn agreed(asked: AccessWindow, decision: &Decision, votes: &[Vote]) -> AccessWindow {
    let capped = decision.route.max_ttl.map_or(asked, |cap| asked.capped(cap));
    votes
        .iter()
        .filter_map(|v| v.window.and_then(|w| w.end()))
        .fold(capped, |window, end| window.ending_by(end).unwrap_or(window))
}
