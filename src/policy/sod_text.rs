//! Reads `sod.yaml`: the duty-separation rules, all mistakes at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::entitlement::{Severity, SodRule};
use crate::domain::ids::{FunctionId, RuleId};
use crate::domain::problem::Problem;

/// What the file is called in messages.
pub const FILE: &str = "policy/sod.yaml";

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    rules: Vec<Spanned<RawRule>>,
}

/// Every field may be missing here, so that all that is missing can be told at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    impact: String,
    #[serde(default)]
    control: String,
}

/// Reads the rules.
///
/// # Errors
/// Every mistake, by line.
pub fn parse(yaml: &str) -> Result<Vec<SodRule>, Vec<Problem>> {
    if yaml.len() > LONGEST {
        return Err(vec![Problem::new(FILE, None, format!("the file is longer than {LONGEST} bytes"))]);
    }
    let raw: RawFile = serde_saphyr::from_str(yaml).map_err(|error| {
        let line = error.location().and_then(|l| u32::try_from(l.line()).ok());
        let text = error.without_snippet().to_string();
        vec![Problem::new(FILE, line, text.lines().next().unwrap_or_default())]
    })?;
    let mut problems = Vec::new();
    let mut rules = Vec::new();
    for raw in &raw.rules {
        let line = u32::try_from(raw.referenced.line()).ok();
        match rule(&raw.value) {
            Ok(rule) => rules.push((line, rule)),
            Err(wrong) => problems.extend(wrong.into_iter().map(|text| Problem::new(FILE, line, text))),
        }
    }
    let found = check(rules.iter().map(|(line, rule)| (*line, rule)));
    problems.extend(found);
    if problems.is_empty() {
        Ok(rules.into_iter().map(|(_, rule)| rule).collect())
    } else {
        problems.sort();
        Err(problems)
    }
}

fn rule(raw: &RawRule) -> Result<SodRule, Vec<String>> {
    let mut wrong = Vec::new();
    let id = RuleId::parse(raw.id.as_str());
    let sides = (FunctionId::parse(raw.a.as_str()), FunctionId::parse(raw.b.as_str()));
    let severity = match raw.severity.as_str() {
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    };
    if let Err(error) = &id {
        wrong.push(format!("`id`: {error}"));
    }
    for (side, parsed) in [("a", &sides.0), ("b", &sides.1)] {
        if let Err(error) = parsed {
            wrong.push(format!("`{side}` names no function: {error}"));
        }
    }
    if severity.is_none() {
        wrong.push(format!("the severity is `{}`; write low, medium, high or critical", raw.severity));
    }
    for (field, text) in [("name", &raw.name), ("impact", &raw.impact)] {
        if text.trim().is_empty() {
            wrong.push(format!("`{field}` is missing; people will read it"));
        }
    }
    match (id, sides, severity) {
        (Ok(id), (Ok(a), Ok(b)), Some(severity)) if wrong.is_empty() => Ok(SodRule {
            id,
            name: raw.name.trim().to_owned(),
            a,
            b,
            severity,
            impact: raw.impact.trim().to_owned(),
            control: raw.control.trim().to_owned(),
        }),
        _ => Err(wrong),
    }
}

/// What is wrong with rules taken together, or alone once they have the right shape.
pub fn check<'r>(rules: impl IntoIterator<Item = (Option<u32>, &'r SodRule)>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<&RuleId, ()> = BTreeMap::new();
    let mut pairs: BTreeMap<(&FunctionId, &FunctionId), &RuleId> = BTreeMap::new();
    for (line, rule) in rules {
        if seen.insert(&rule.id, ()).is_some() {
            problems.push(Problem::new(FILE, line, format!("the id `{}` is used twice", rule.id)));
        }
        if rule.a == rule.b {
            problems.push(Problem::new(FILE, line, format!("`{}` sets `{}` against itself", rule.id, rule.a)));
        }
        let pair = (rule.a.clone().min(rule.b.clone()), rule.a.clone().max(rule.b.clone()));
        let pair_ref = if pair.0 == rule.a { (&rule.a, &rule.b) } else { (&rule.b, &rule.a) };
        if let Some(other) = pairs.insert(pair_ref, &rule.id) {
            problems.push(Problem::new(FILE, line, format!("`{}` and `{other}` are about the same pair", rule.id)));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../catalog/policy/sod.yaml");

    #[test]
    fn the_shipped_pack_has_its_24_rules() {
        let rules = parse(SHIPPED).unwrap();
        assert_eq!(rules.len(), 24);
        assert_eq!(rules.iter().filter(|r| r.severity == Severity::Critical).count(), 8);
        assert!(rules.iter().all(|r| !r.control.is_empty()));
    }

    #[test]
    fn every_mistake_is_told() {
        let text = "rules:\n  - {id: A, name: n, a: x, b: x, severity: high, impact: i}\n  - {id: A, a: 'x y', severity: huge}\n\
                    \x20 - {id: A, name: n, a: p, b: q, severity: low, impact: i}\n\
                    \x20 - {id: B, name: n, a: q, b: p, severity: low, impact: i}\n";
        let problems = parse(text).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for expected in [
            ":2: `A` sets `x` against itself",
            ":3: `a` names no function",
            ":3: `b` names",
            ":3: the severity is `huge`",
            ":3: `name` is",
            ":3: `impact` is",
            ":4: the id `A` is used twice",
            ":5: `B` and `A` are about the same pair",
        ] {
            assert!(said.iter().any(|s| s.contains(expected)), "{expected} in {said:#?}");
        }
        assert_eq!(said.len(), 8);
    }
}
