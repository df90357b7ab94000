//! Segregation of duties on business functions (RISK.md §6): which pairs would meet in one person, with what is held, what is
//! still being asked for, and inside the request itself. Linear in the rules that touch a requested function.

use std::collections::HashMap;

use crate::domain::decision::Conflict;
use crate::domain::entitlement::{Entitlement, SodRule};
use crate::domain::facts::{DecisionFacts, HeldFunction};
use crate::domain::ids::FunctionId;

/// The rules, findable by either side.
#[derive(Debug, Clone)]
pub struct Duties {
    rules: Vec<SodRule>,
    by_function: HashMap<FunctionId, Vec<usize>>,
}

/// Two scopes meet where they are the same or one of them is everywhere.
fn meet(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

impl Duties {
    /// These rules.
    #[must_use]
    pub fn new(rules: Vec<SodRule>) -> Self {
        let mut by_function: HashMap<FunctionId, Vec<usize>> = HashMap::new();
        for (n, rule) in rules.iter().enumerate() {
            by_function.entry(rule.a.clone()).or_default().push(n);
            by_function.entry(rule.b.clone()).or_default().push(n);
        }
        Self { rules, by_function }
    }

    /// The rules, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[SodRule] {
        &self.rules
    }

    /// The rule of a conflict.
    #[must_use]
    pub fn rule(&self, conflict: &Conflict) -> Option<&SodRule> {
        self.rules.iter().find(|rule| rule.id == conflict.rule)
    }

    /// Every conflict that granting the request would bring about, worst first, each rule once.
    #[must_use]
    pub fn conflicts(&self, facts: &DecisionFacts) -> Vec<Conflict> {
        let mut found = self.meeting(&facts.entitlement, &facts.functions);
        for conflict in &mut found {
            conflict.excepted = facts.exceptions.iter().any(|e| e.rule == conflict.rule && e.until > facts.asked_at);
        }
        found
    }

    /// Every conflict among entitlements that are asked for together, before anything is filed.
    #[must_use]
    pub fn within(&self, bundle: &[&Entitlement]) -> Vec<Conflict> {
        let mut all: Vec<Conflict> = Vec::new();
        for (n, entitlement) in bundle.iter().enumerate() {
            let others = bundle.iter().take(n).flat_map(|other| {
                other.functions.iter().map(|function| HeldFunction {
                    function: function.clone(),
                    entitlement: other.id.clone(),
                    scope: other.scope.clone(),
                    pending: true,
                })
            });
            for conflict in self.meeting(entitlement, &others.collect::<Vec<_>>()) {
                if !all.iter().any(|known| known.rule == conflict.rule) {
                    all.push(conflict);
                }
            }
        }
        all.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
        all
    }

    fn meeting(&self, entitlement: &Entitlement, held: &[HeldFunction]) -> Vec<Conflict> {
        let mut found: Vec<Conflict> = Vec::new();
        for function in &entitlement.functions {
            for &n in self.by_function.get(function).into_iter().flatten() {
                let Some(rule) = self.rules.get(n) else { continue };
                let other = if rule.a == *function { &rule.b } else { &rule.a };
                let mut with: Vec<String> = held
                    .iter()
                    .filter(|h| h.function == *other && meet(&h.scope, &entitlement.scope))
                    .map(|h| format!("{}: {other} by {}", if h.pending { "asked for" } else { "held" }, h.entitlement))
                    .collect();
                if entitlement.functions.contains(other) {
                    with.push(format!("brought along: {other} by {}", entitlement.id));
                }
                with.sort();
                with.dedup();
                if !with.is_empty() && !found.iter().any(|known| known.rule == rule.id) {
                    found.push(Conflict {
                        rule: rule.id.clone(),
                        name: rule.name.clone(),
                        severity: rule.severity,
                        with: with.join(", "),
                        excepted: false,
                    });
                }
            }
        }
        found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
        found
    }
}
