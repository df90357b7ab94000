//! Whether the facts can carry a decision (R0), what is never allowed (R1), and who may ask for what.

use crate::domain::decision::{Finding, Level, Requirement, Slot};
use crate::domain::facts::{DecisionFacts, PersonFacts};
use crate::domain::ids::RuleId;
use crate::domain::person::Population;

/// A finding of a rule whose id is written here.
fn finding(rule: &str, text: String, control: &str, requirement: Requirement) -> Option<Finding> {
    Some(Finding { rule: RuleId::parse(rule).ok()?, text, control: control.to_owned(), requirement })
}

fn human() -> Requirement {
    Requirement { level: Level::Manager, ..Requirement::default() }
}

fn refused() -> Requirement {
    Requirement { deny: true, ..Requirement::default() }
}

/// R0: what the directory has to say about a person before a machine may decide alone.
#[must_use]
pub fn integrity(facts: &DecisionFacts) -> Option<Finding> {
    let gaps = |person: &PersonFacts| {
        [("department", &person.department), ("job code", &person.job_code), ("company", &person.company)]
            .into_iter()
            .filter(|(_, value)| value.trim().is_empty())
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    let mut missing = gaps(&facts.beneficiary);
    if matches!(facts.beneficiary.population, Population::Contractor | Population::ThirdParty)
        && facts.beneficiary.contract_ends.is_none()
    {
        missing.push("end of contract");
    }
    if missing.is_empty() {
        return None;
    }
    let text = format!("The directory does not say their {}, so a person has to look.", missing.join(" and "));
    finding("R0", text, "AC-2", human())
}

/// R1: what nothing can pass, not even the emergency path.
#[must_use]
pub fn prohibited(facts: &DecisionFacts) -> Vec<Finding> {
    let (who, asker) = (&facts.beneficiary, &facts.requester);
    let mut said = Vec::new();
    if !who.employed {
        said.push("The account of the person it is for is switched off.".to_owned());
    }
    if asker.id != who.id && !asker.employed {
        said.push("The account of the person who asks is switched off.".to_owned());
    }
    if who.contract_ends.is_some_and(|end| end <= facts.window.start()) {
        said.push("Their contract is over before the access would begin.".to_owned());
    }
    if !facts.entitlement.assignable {
        said.push("This is not something a person can be given.".to_owned());
    }
    said.into_iter().filter_map(|text| finding("R1", text, "AC-2, PS-4", refused())).collect()
}

/// Who may ask: by department (refused otherwise) and by company (its owner has to agree otherwise).
#[must_use]
pub fn eligible(facts: &DecisionFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let may_ask = &facts.entitlement.requestable_by;
    if !may_ask.is_empty() && !may_ask.contains(&facts.beneficiary.department) {
        let text = format!("Only people in {} may have this.", may_ask.join(" or "));
        findings.extend(finding("ELIG-DEPARTMENT", text, "AC-3", refused()));
    }
    if facts.crosses_companies() {
        let text = format!(
            "It belongs to {} and the person works for {}, so its owner has to agree.",
            facts.entitlement.company, facts.beneficiary.company
        );
        let requirement = Requirement { slots: [Slot::Owner].into(), ..human() };
        findings.extend(finding("ELIG-COMPANY", text, "AC-3", requirement));
    }
    findings
}
