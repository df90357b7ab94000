//! The routing tables as values. Made from `catalog/policy/routing.yaml` only.

use std::collections::BTreeMap;

use crate::domain::decision::{Level, Slot};
use crate::domain::digest::Digest;
use crate::domain::problem::Problem;
use crate::domain::window::Seconds;
use crate::routing::table_text;

/// Everything a route is made with, and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingTable {
    /// Score bands of employees and agents.
    pub employee: Bands,
    /// Score bands of contractors and third parties.
    pub contractor: Bands,
    /// What a single factor asks for, whatever the score.
    pub implied: BTreeMap<String, Level>,
    /// What the class of an entitlement asks for besides.
    pub class: ClassLevels,
    /// How long a contractor or third party may hold something at most.
    pub contractor_longest: Seconds,
    /// How long an agent may.
    pub agent_longest: Seconds,
    /// How long an exception may carry a critical duty conflict.
    pub exception_longest: Seconds,
    /// What a confidence means.
    pub confidence: ConfidenceBands,
    /// How many requests may go without a human in a day.
    pub automatic_per_day: DailyCaps,
    /// The emergency path.
    pub break_glass: BreakGlass,
    /// After how long without an answer a step goes to the next people.
    pub answer_within: BTreeMap<Slot, Seconds>,
    /// Digest of the text this was read from.
    pub digest: Digest,
}

/// Below `manager` nobody has to look; from there to `security` inclusive the manager; above it security.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands {
    /// The least score the manager looks at.
    pub manager: u8,
    /// The highest score the manager alone decides.
    pub security: u8,
}

/// What the class of an entitlement asks for (R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassLevels {
    /// Administrators, tier 0, crown jewels, tier `manual`.
    pub manual_only: Level,
    /// Tier `assisted`, and what crosses departments or companies.
    pub assisted: Level,
    /// Writing to regulated data.
    pub regulated_write: Level,
    /// A class agreed on longer ago than this counts as assisted.
    pub reviewed_within: Seconds,
}

/// What a confidence means (R9), in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfidenceBands {
    /// From here on a machine may decide alone.
    pub sure: u16,
    /// From here on a rapid look is enough.
    pub rapid: u16,
    /// How fast that look has to be.
    pub rapid_answer: Seconds,
}

/// How many requests may go without a human in a day (R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyCaps {
    /// Of one person.
    pub person: u32,
    /// For one entitlement.
    pub entitlement: u32,
    /// Of everybody.
    pub all: u32,
}

/// The emergency path (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakGlass {
    /// How long it gives access.
    pub longest: Seconds,
    /// How often one person may use it in seven days.
    pub uses: u32,
}

impl RoutingTable {
    /// Reads the tables from their text.
    ///
    /// # Errors
    /// Every mistake in it, with its line.
    pub fn parse(yaml: &str) -> Result<Self, Vec<Problem>> {
        table_text::parse(yaml)
    }

    /// After how long without an answer a step of this kind is passed on.
    #[must_use]
    pub fn answer_within(&self, slot: Slot) -> Seconds {
        self.answer_within.get(&slot).copied().unwrap_or(Seconds::hours(24))
    }
}
