//! Facts in, decision out, and the papers that let anybody decide it again.

use crate::domain::decision::{Decision, Outcome};
use crate::domain::digest::canonical;
use crate::domain::facts::DecisionFacts;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// Decides, purely, under the policy in force.
#[must_use]
pub fn decide(house: &House, facts: &DecisionFacts) -> Decision {
    crate::routing::rules::decide(&house.rules, facts)
}

/// Keeps the facts and the policy of a decision beside the events that carry it.
///
/// # Errors
/// Where the facts have no canonical form.
pub fn keep_papers(change: &mut Change<'_>, house: &House, facts: &DecisionFacts) -> Result<(), WorkflowError> {
    change.artifact("facts", canonical(facts)?);
    change.artifact("policy", house.rules.to_artifact().to_vec());
    Ok(())
}

/// True where the newer decision asks for more than the older one granted: more people, stricter people, less time, or a refusal.
#[must_use]
pub fn is_tighter(newer: &Decision, older: &Decision) -> bool {
    let rank = |d: &Decision| match &d.route.outcome {
        Outcome::Automatic | Outcome::BreakGlass => 0,
        Outcome::Steps { steps } => steps.len(),
        Outcome::Denied => usize::MAX,
    };
    let slots =
        |d: &Decision| d.route.outcome.steps().iter().map(|s| s.slot).collect::<std::collections::BTreeSet<_>>();
    rank(newer) > rank(older)
        || newer.route.level > older.route.level
        || newer.route.persons > older.route.persons
        || !slots(newer).is_subset(&slots(older))
        || match (newer.route.max_ttl, older.route.max_ttl) {
            (Some(new), Some(old)) => new < old,
            (Some(_), None) => true,
            (None, _) => false,
        }
}
