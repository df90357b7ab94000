//! What the rules say: findings, score, route. Plain data with its reasons; the rules themselves live in `policy`, `risk`
//! and `routing`.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::ids::{FactorId, PersonId, RuleId};
use crate::domain::window::Seconds;

/// A risk score, 0 to 100. Decisions use this displayed integer and nothing finer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8")]
pub struct Score(u8);

/// A number is not a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a score lies between 0 and 100")]
pub struct NotAScore;

impl Score {
    /// The lowest score.
    pub const ZERO: Self = Self(0);

    /// A score of so many points.
    ///
    /// # Errors
    /// [`NotAScore`] above 100.
    pub fn new(points: u8) -> Result<Self, NotAScore> {
        if points <= 100 { Ok(Self(points)) } else { Err(NotAScore) }
    }

    /// The points.
    #[must_use]
    pub fn points(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Score {
    type Error = NotAScore;
    fn try_from(points: u8) -> Result<Self, NotAScore> {
        Self::new(points)
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> u8 {
        score.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One bar of the explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// Which factor, mitigation (`mit.…`) or floor (`floor:…`).
    pub factor: FactorId,
    /// Its share of the score in tenths of a point; negative for what speaks in favour. All bars sum to ten times the score.
    pub tenths: i32,
    /// What it means and the recorded fact it rests on, in one plain sentence.
    pub evidence: String,
}

/// The score with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// The score.
    pub score: Score,
    /// Its bars, largest first.
    pub contributions: Vec<Contribution>,
    /// Factors nobody could tell; they never lower a score.
    pub unknown: Vec<FactorId>,
    /// How sure the score is, in basis points (10 000 is sure).
    pub confidence_bp: u16,
    /// What limits the confidence, in words; empty when nothing does.
    pub limited_by: String,
    /// Digest of the tables used.
    pub table: Digest,
}

/// How many people have to look, as a ladder: each rung is at least as strict as the one below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nobody.
    #[default]
    Automatic,
    /// The manager.
    Manager,
    /// The security team.
    Security,
    /// Two people: manager and security.
    TwoPerson,
}

/// Whose yes is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The beneficiary's line manager.
    Manager,
    /// Who answers for a contractor, third party or agent.
    Sponsor,
    /// An owner of the entitlement.
    Owner,
    /// The compliance team.
    Compliance,
    /// The security team.
    Security,
    /// Any second person who may approve.
    SecondPerson,
}

/// What has to be done besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obligation {
    /// A ticket reference has to be given.
    Ticket,
    /// A training has to be passed.
    Training,
    /// A detective control watches the use.
    DetectiveControl,
    /// The owner is told.
    NotifyOwner,
    /// The security operations centre is told.
    NotifySoc,
    /// Somebody else reviews the use afterwards.
    AfterReview,
}

/// What one rule asks for. Requirements join by taking the stricter of everything, so order cannot matter and no rule can loosen
/// another (RISK.md §8.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Requirement {
    /// The request is refused.
    pub deny: bool,
    /// How many people have to look.
    pub level: Level,
    /// Whose yes is needed besides what the level brings.
    pub slots: BTreeSet<Slot>,
    /// How many different people at least.
    pub persons: u8,
    /// How long access may last at most.
    pub max_ttl: Option<Seconds>,
    /// How often standing access is looked at again.
    pub review_after: Option<Seconds>,
    /// How fast people are asked to answer, where a rule says.
    pub answer_within: Option<Seconds>,
    /// What has to be done besides.
    pub obligations: BTreeSet<Obligation>,
}

impl Requirement {
    /// The stricter of both, field by field.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
            match (a, b) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        }
        self.slots.extend(other.slots);
        self.obligations.extend(other.obligations);
        Self {
            deny: self.deny || other.deny,
            level: self.level.max(other.level),
            slots: self.slots,
            persons: self.persons.max(other.persons),
            max_ttl: least(self.max_ttl, other.max_ttl),
            review_after: least(self.review_after, other.review_after),
            answer_within: least(self.answer_within, other.answer_within),
            obligations: self.obligations,
        }
    }
}

/// One rule that applied, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: RuleId,
    /// In one plain sentence: what applied and what follows.
    pub text: String,
    /// The control it serves, where the rule names one.
    #[serde(default)]
    pub control: String,
    /// What it asks for.
    pub requirement: Requirement,
}

/// What the guardrails, eligibility and duty separation say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Every rule that applied, by precedence.
    pub findings: Vec<Finding>,
    /// Duty-separation conflicts by severity, for the score.
    pub conflicts: Vec<Conflict>,
    /// Rules that could not be evaluated. Any entry sends the request to people.
    pub errors: Vec<String>,
    /// People a rule keeps from deciding on this request.
    #[serde(default)]
    pub barred: Vec<Barred>,
    /// Rules that close the emergency path for this request.
    #[serde(default)]
    pub no_emergency: Vec<RuleId>,
}

/// Somebody who may not decide on this request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Barred {
    /// Who.
    pub person: PersonId,
    /// Which rule keeps them from it.
    pub rule: RuleId,
}

/// One duty-separation conflict that would arise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// The rule.
    pub rule: RuleId,
    /// What the rule is called.
    pub name: String,
    /// How bad.
    pub severity: crate::domain::entitlement::Severity,
    /// What brings the other side: `held: SAP vendor maintenance`.
    pub with: String,
    /// True where an exception in force covers it.
    pub excepted: bool,
}

/// Somebody who may decide a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// "You are asked because …", without the first words: `you are Ana's manager`.
    pub because: String,
    /// Set where they decide for somebody who is away.
    #[serde(default)]
    pub in_place_of: Option<PersonId>,
}

/// One step of a route: some of these people have to say yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Whose yes this is.
    pub slot: Slot,
    /// Who may give it. Never empty.
    pub candidates: Vec<Candidate>,
    /// How many of them have to.
    pub quorum: u8,
    /// After how long without an answer it goes to somebody else.
    pub escalate_after: Seconds,
    /// Who is asked then, in order.
    #[serde(default)]
    pub escalate_to: Vec<Candidate>,
}

/// How a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody has to be asked.
    Automatic,
    /// These steps, one after the other.
    Steps {
        /// The steps; never empty.
        steps: Vec<Step>,
    },
    /// The emergency path: at once, looked at afterwards.
    BreakGlass,
    /// Refused by the rules named in the findings.
    Denied,
}

impl Outcome {
    /// The steps; none where nobody is asked.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::Steps { steps } => steps,
            Self::Automatic | Self::BreakGlass | Self::Denied => &[],
        }
    }
}

/// The route with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// How it goes.
    pub outcome: Outcome,
    /// The ladder's rung, for tables and pictures.
    pub level: Level,
    /// How many different people have to say yes.
    pub persons: u8,
    /// How long access may last at most.
    pub max_ttl: Option<Seconds>,
    /// How often standing access is looked at again.
    pub review_after: Option<Seconds>,
    /// What has to be done besides.
    pub obligations: BTreeSet<Obligation>,
    /// Every rule that applied, `R3` to `R10` and guardrails, with its sentence.
    pub findings: Vec<Finding>,
}

/// Everything that was decided about one revision of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Digest of the facts, which are stored beside it.
    pub facts: Digest,
    /// Digest of the policy set.
    pub policy: Digest,
    /// The score.
    pub assessment: Assessment,
    /// What guardrails and duty separation said.
    pub verdict: Verdict,
    /// The route.
    pub route: Route,
}
