//! The assessment of an access request: what fired, the score, its bars with their evidence, and how sure it is.

use std::collections::BTreeMap;

use crate::domain::decision::{Assessment, Contribution, Verdict};
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::FactorId;
use crate::risk::confidence::confidence;
use crate::risk::firing::signals;
use crate::risk::score::Evidence;
use crate::risk::table::{Kind, RiskTable};

/// Scores one request.
#[must_use]
pub fn assess(table: &RiskTable, facts: &DecisionFacts, verdict: &Verdict) -> Assessment {
    let mut signals = signals(table, facts, verdict);
    let mut evidence = Evidence::new(table, Kind::Request);
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for (name, (strength, sentence)) in signals.fired {
        // A table without this factor cannot be loaded; should one come by another way, the factor is unknown, not clear.
        match evidence.fire(name, strength) {
            Ok(()) => drop(said.insert(name.to_owned(), sentence)),
            Err(_) => signals.unknown.push(name),
        }
    }
    for (name, sentence) in signals.mitigations {
        if evidence.mitigate(name).is_ok() {
            said.insert(format!("mit.{name}"), sentence);
        }
    }
    for (name, sentence) in signals.floors {
        if let Some(&points) = table.request.floors.get(name) {
            evidence.floor(name, points);
            said.insert(format!("floor:{name}"), sentence);
        }
    }
    let scored = evidence.score();
    let mut contributions: Vec<Contribution> = scored
        .tenths
        .into_iter()
        .filter_map(|(name, tenths)| {
            let evidence = said.remove(&name).unwrap_or_default();
            Some(Contribution { factor: FactorId::parse(name).ok()?, tenths, evidence })
        })
        .collect();
    contributions.sort_by(|a, b| b.tenths.cmp(&a.tenths).then_with(|| a.factor.cmp(&b.factor)));
    signals.unknown.sort_unstable();
    let (confidence_bp, limited_by) = confidence(table, facts, &signals.unknown);
    Assessment {
        score: scored.score,
        contributions,
        unknown: signals.unknown.iter().filter_map(|name| FactorId::parse(*name).ok()).collect(),
        confidence_bp,
        limited_by,
        table: table.digest,
    }
}
