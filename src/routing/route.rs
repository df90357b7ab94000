//! The route: every rule's requirement joined, and the people for it (RISK.md §8.1). No rule can loosen another.

use std::collections::BTreeSet;

use crate::domain::decision::{Assessment, Finding, Level, Outcome, Requirement, Route, Slot, Verdict};
use crate::domain::facts::DecisionFacts;
use crate::routing::findings::{all, emergency, finding};
use crate::routing::people::People;
use crate::routing::steps::{NobodyFor, steps};
use crate::routing::table::RoutingTable;

/// How a request goes, and why.
#[must_use]
pub fn route(table: &RoutingTable, facts: &DecisionFacts, verdict: &Verdict, assessment: &Assessment) -> Route {
    let mut findings: Vec<Finding> = Vec::new();
    if facts.emergency.is_some() {
        match emergency(table, facts, verdict) {
            Ok(open) => return at_once(open, verdict),
            Err(why) => {
                let text = format!("The emergency path is closed because {why}; the request goes the ordinary way.");
                findings.extend(finding("R2", text, Requirement::default()));
            }
        }
    }
    findings.extend(verdict.findings.iter().cloned());
    findings.extend(all(table, facts, verdict, assessment));
    let requirement = join(&findings);
    if requirement.deny {
        return finish(Outcome::Denied, requirement, findings);
    }
    let people = People::of(facts, verdict);
    match steps(table, facts, &people, &requirement, |slot| why(slot, &findings)) {
        Ok(steps) if steps.is_empty() => finish(Outcome::Automatic, requirement, findings),
        Ok(steps) => finish(Outcome::Steps { steps }, requirement, findings),
        Err(NobodyFor(slot)) => {
            let part = match slot {
                Slot::Manager => "a manager",
                Slot::Sponsor => "a sponsor",
                Slot::Owner => "an owner",
                Slot::Compliance => "somebody from compliance",
                Slot::Security => "somebody from security",
                Slot::SecondPerson => "a second person",
            };
            let text =
                format!("It needs the yes of {part}, and nobody who could give it is there, not even as a fallback.");
            findings.extend(finding("R0", text, Requirement { deny: true, ..Requirement::default() }));
            finish(Outcome::Denied, join(&findings), findings)
        }
    }
}

/// Everything that is asked for, taken together.
#[must_use]
pub fn join(findings: &[Finding]) -> Requirement {
    findings.iter().fold(Requirement::default(), |all, finding| all.join(finding.requirement.clone()))
}

/// The emergency path: nobody is asked; what rules say about time and duties still holds, what they say about people is reviewed after.
fn at_once(open: Finding, verdict: &Verdict) -> Route {
    let mut findings = vec![open];
    findings.extend(verdict.findings.iter().cloned());
    let requirement = join(&findings);
    finish(Outcome::BreakGlass, Requirement { level: Level::Automatic, ..requirement }, findings)
}

fn finish(outcome: Outcome, requirement: Requirement, findings: Vec<Finding>) -> Route {
    let persons = match &outcome {
        Outcome::Steps { steps } => steps.iter().map(|s| s.quorum).fold(0, u8::saturating_add),
        Outcome::Automatic | Outcome::BreakGlass | Outcome::Denied => 0,
    };
    // Steps without a level come from slots alone, a contractor's sponsor for instance: somebody looks all the same.
    let level = match &outcome {
        Outcome::Steps { .. } => requirement.level.max(Level::Manager),
        Outcome::Automatic | Outcome::BreakGlass | Outcome::Denied => requirement.level,
    };
    Route {
        outcome,
        level,
        persons,
        max_ttl: requirement.max_ttl,
        review_after: requirement.review_after,
        obligations: requirement.obligations,
        findings,
    }
}

/// Finishes "you are in security, …": the rules that asked for this part.
fn why(slot: Slot, findings: &[Finding]) -> String {
    let asks = |finding: &&Finding| {
        let level = finding.requirement.level;
        finding.requirement.slots.contains(&slot)
            || match slot {
                Slot::Manager => matches!(level, Level::Manager | Level::TwoPerson),
                Slot::Security => level >= Level::Security,
                Slot::Sponsor | Slot::Owner | Slot::Compliance | Slot::SecondPerson => false,
            }
    };
    let rules: BTreeSet<&str> = findings.iter().filter(asks).map(|f| f.rule.as_str()).collect();
    match rules.len() {
        0 => "which decides on requests like this".to_owned(),
        1 => format!("which {} asks for", rules.into_iter().collect::<String>()),
        _ => format!("which {} ask for", rules.into_iter().collect::<Vec<_>>().join(" and ")),
    }
}
