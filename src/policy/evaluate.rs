//! Facts against the policy set: one verdict with every rule that applied.

use std::collections::BTreeMap;

use crate::domain::decision::{Barred, Conflict, Finding, Level, Obligation, Requirement, Slot, Verdict};
use crate::domain::entitlement::Severity;
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::{PersonId, RuleId};
use crate::policy::annotations::GuardedAction;
use crate::policy::conflicts::Duties;
use crate::policy::eligibility::{eligible, integrity, prohibited};
use crate::policy::entities::World;
use crate::policy::guardrails::{Answer, Guardrails};
use crate::policy::set::PolicySet;

/// What guardrails, eligibility and duty separation say about these facts.
#[must_use]
pub fn evaluate(policy: &PolicySet, facts: &DecisionFacts) -> Verdict {
    let approvers = policy.guardrails.speak_of(GuardedAction::Approve);
    let mut verdict = Verdict::default();
    verdict.findings.extend(integrity(facts));
    verdict.findings.extend(prohibited(facts));
    verdict.no_emergency.extend(verdict.findings.iter().filter(|f| f.requirement.deny).map(|f| f.rule.clone()));
    verdict.findings.extend(eligible(facts));
    match World::of(facts, approvers) {
        Ok(world) => guard(&policy.guardrails, &world, facts.emergency.is_some(), &mut verdict),
        Err(error) => verdict.errors.push(error.to_string()),
    }
    verdict.conflicts = policy.duties.conflicts(facts);
    verdict.findings.extend(verdict.conflicts.iter().filter_map(|c| duty(&policy.duties, c)));
    verdict
}

/// Whether one person may decide on this request, asked again at the moment they do. Any doubt is a no.
#[must_use]
pub fn may_approve(policy: &PolicySet, facts: &DecisionFacts, person: &PersonId) -> bool {
    if !policy.guardrails.speak_of(GuardedAction::Approve) {
        return true;
    }
    let Ok(world) = World::of(facts, true) else { return false };
    world.approvers.iter().filter(|(id, _)| id == person).all(|(_, uid)| {
        let answer =
            policy.guardrails.ask(GuardedAction::Approve, uid, &world.resource, &world.context, &world.entities);
        answer.forbidden_by.is_empty() && answer.errors.is_empty()
    })
}

/// Asks the guardrails everything there is to ask in this world.
pub fn guard(guardrails: &Guardrails, world: &World, emergency: bool, verdict: &mut Verdict) {
    let mut applied: BTreeMap<usize, Requirement> = BTreeMap::new();
    let ask = |action, principal| guardrails.ask(action, principal, &world.resource, &world.context, &world.entities);
    for action in GuardedAction::ALL {
        if action == GuardedAction::Approve || (action == GuardedAction::BreakGlass && !emergency) {
            continue;
        }
        let Answer { forbidden_by, errors } = ask(action, &world.principal);
        if action == GuardedAction::BreakGlass && !errors.is_empty() {
            verdict.no_emergency.extend(RuleId::parse("R0"));
        }
        verdict.errors.extend(errors);
        for place in forbidden_by {
            let Some(rule) = guardrails.rule(place) else { continue };
            if action == GuardedAction::BreakGlass || (action == GuardedAction::Request && rule.absolute) {
                verdict.no_emergency.push(rule.id.clone());
            }
            let before = applied.remove(&place).unwrap_or_default();
            let demands = if action.takes_demands() { rule.demands.clone() } else { Requirement::default() };
            applied.insert(place, before.join(action.requirement()).join(demands));
        }
    }
    for (person, uid) in &world.approvers {
        let Answer { forbidden_by, errors } = ask(GuardedAction::Approve, uid);
        if let (true, Ok(rule)) = (!errors.is_empty(), RuleId::parse("R0")) {
            verdict.barred.push(Barred { person: person.clone(), rule });
        }
        verdict.errors.extend(errors);
        let rules = forbidden_by.into_iter().filter_map(|place| guardrails.rule(place));
        verdict.barred.extend(rules.map(|r| Barred { person: person.clone(), rule: r.id.clone() }));
    }
    for (place, requirement) in applied {
        let Some(rule) = guardrails.rule(place) else { continue };
        verdict.findings.push(Finding {
            rule: rule.id.clone(),
            text: rule.reason.clone(),
            control: rule.control.clone(),
            requirement,
        });
    }
    verdict.errors.sort();
    verdict.errors.dedup();
}

/// R4: what one conflict asks for. How long an exception may carry a critical one is the routing table's to say.
fn duty(duties: &Duties, conflict: &Conflict) -> Option<Finding> {
    let rule = duties.rule(conflict)?;
    let none = Requirement::default();
    let (mut requirement, follows) = match conflict.severity {
        Severity::Critical if conflict.excepted => (
            Requirement { level: Level::TwoPerson, slots: [Slot::Compliance].into(), ..none },
            "an approved exception carries it, with security and compliance",
        ),
        Severity::Critical => (Requirement { deny: true, level: Level::TwoPerson, ..none }, "it is refused"),
        Severity::High => (
            Requirement { level: Level::Security, slots: [Slot::Owner].into(), ..none },
            "it takes security and the owner",
        ),
        Severity::Medium => (
            Requirement { level: Level::Manager, obligations: [Obligation::DetectiveControl].into(), ..none },
            "it takes the manager at least, and the use is watched",
        ),
        Severity::Low => (Requirement { obligations: [Obligation::NotifyOwner].into(), ..none }, "the owner is told"),
    };
    if conflict.excepted {
        requirement.obligations.insert(Obligation::DetectiveControl);
    }
    Some(Finding {
        rule: rule.id.clone(),
        text: format!("{}: {follows} ({}). {}", rule.name, conflict.with, rule.impact),
        control: rule.control.clone(),
        requirement,
    })
}
