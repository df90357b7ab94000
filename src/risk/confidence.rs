//! How sure the score is: the weakest of four links (RISK.md §8.4). The least is monotone and can be explained.

use crate::domain::facts::DecisionFacts;
use crate::risk::arithmetic::millinats;
use crate::risk::table::RiskTable;

/// Sure, in basis points.
pub const SURE: u16 = 10_000;

/// Factors that cannot be known yet and count neither as known nor as unknown: the history of decisions is off until promoted.
const NOT_YET: &[&str] = &["hist.predicted_denial"];

/// The least of the four links in basis points, and what limits it in words (empty where nothing does).
#[must_use]
pub fn confidence(table: &RiskTable, facts: &DecisionFacts, unknown: &[&str]) -> (u16, String) {
    let links = [parse(facts), completeness(table, unknown), baseline(table, facts), catalogue(table, facts)];
    let mut least = (SURE, String::new());
    for link in links {
        if link.0 < least.0 {
            least = link;
        }
    }
    least
}

/// Sure once the person confirmed a card that showed exactly this; never a language model's own word.
fn parse(facts: &DecisionFacts) -> (u16, String) {
    if facts.session.confirmed { (SURE, String::new()) } else { (0, "nobody confirmed what is asked for".to_owned()) }
}

/// Known factors over all, weighted by their evidence.
fn completeness(table: &RiskTable, unknown: &[&str]) -> (u16, String) {
    let weights = table.request.factors.iter().filter(|(id, _)| !NOT_YET.contains(&id.as_str()));
    let (mut known, mut all) = (0, 0);
    for (id, factor) in weights {
        let weight = millinats(factor.tenths);
        all += weight;
        if !unknown.contains(&id.as_str()) {
            known += weight;
        }
    }
    let bp = (known * u64::from(SURE)).checked_div(all).map_or(0, |bp| u16::try_from(bp).unwrap_or(SURE));
    (bp, format!("facts nobody could tell: {}", unknown.join(", ")))
}

/// A small peer group is a weak comparison.
fn baseline(table: &RiskTable, facts: &DecisionFacts) -> (u16, String) {
    let full = table.confidence.full_peers.max(1);
    match &facts.peers {
        None => (0, "the peer group is unknown".to_owned()),
        Some(peers) => {
            let bp = u64::from(peers.peers.min(full)) * u64::from(SURE) / u64::from(full);
            let words = match peers.peers {
                0 => "there are no peers to compare with".to_owned(),
                n => format!("a peer group of {n}"),
            };
            (u16::try_from(bp).unwrap_or(SURE), words)
        }
    }
}

/// A class nobody looked at lately, or that nobody answers for, is less sure.
fn catalogue(table: &RiskTable, facts: &DecisionFacts) -> (u16, String) {
    let overdue = table.confidence.overdue_catalogue_bp.min(SURE);
    if facts.entitlement.owners.is_empty() {
        (overdue, "nobody owns the entitlement".to_owned())
    } else if facts.class_age_days() > table.confidence.class_review_days {
        (overdue, format!("its class was last reviewed on {}", facts.entitlement.class_reviewed))
    } else {
        (SURE, String::new())
    }
}
