//! The rules R0 and R2 to R10 (RISK.md §8.2), each a function from facts to findings. None takes anything away from another.

use crate::domain::decision::{Assessment, Finding, Level, Obligation, Requirement, Slot, Verdict};
use crate::domain::entitlement::{AccessLevel, DataClass, Privilege, Severity, Tier};
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::RuleId;
use crate::domain::person::Population;
use crate::domain::window::Seconds;
use crate::routing::level::{bands, of_score, who};
use crate::routing::table::RoutingTable;

/// A finding of a rule whose id is written here; such ids are always well-formed.
pub fn finding(rule: &str, text: impl Into<String>, requirement: Requirement) -> Option<Finding> {
    Some(Finding { rule: RuleId::parse(rule).ok()?, text: text.into(), control: String::new(), requirement })
}

fn at_least(level: Level) -> Requirement {
    Requirement { level, ..Requirement::default() }
}

/// Everything the routing rules find, by precedence. What guardrails, eligibility and duty separation found stands in the verdict.
#[must_use]
pub fn all(table: &RoutingTable, facts: &DecisionFacts, verdict: &Verdict, assessment: &Assessment) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(errors(verdict));
    findings.extend(exceptions(table, facts, verdict));
    findings.extend(class(table, facts, assessment));
    findings.extend(catalog(facts));
    findings.extend(organisation(facts));
    findings.extend(population(table, facts));
    findings.extend(score(table, facts, assessment));
    findings.extend(confidence(table, assessment));
    findings.extend(breakers(table, facts));
    findings.extend(unowned(facts));
    findings
}

/// R0: a rule that could not be evaluated may have been the one that forbids.
fn errors(verdict: &Verdict) -> Option<Finding> {
    if verdict.errors.is_empty() {
        return None;
    }
    let requirement = Requirement { obligations: [Obligation::NotifySoc].into(), ..at_least(Level::Security) };
    let n = verdict.errors.len();
    let text =
        format!("{n} rule{} could not be evaluated, so it takes security at least.", if n == 1 { "" } else { "s" });
    finding("R0", text, requirement)
}

/// Whether the emergency path is open (R2), and if not why.
///
/// # Errors
/// The reason in words.
pub fn emergency(table: &RoutingTable, facts: &DecisionFacts, verdict: &Verdict) -> Result<Finding, String> {
    let Some(emergency) = &facts.emergency else { return Err("nobody declared an emergency".to_owned()) };
    let closed = [
        (!emergency.eligible, "the person may not use it"),
        (!emergency.step_up, "they have not signed in again for it"),
        (emergency.incident.trim().is_empty(), "no incident was named"),
        (!facts.reason_given, "no reason was given"),
        (!facts.entitlement.break_glass, "this access is not part of it"),
        (facts.requester.id != facts.beneficiary.id, "it is only for oneself"),
        (facts.history.break_glass_7_days >= table.break_glass.uses, "it was used too often in the last seven days"),
        (!verdict.errors.is_empty(), "some rules could not be evaluated"),
    ];
    if let Some((_, why)) = closed.into_iter().find(|(closed, _)| *closed) {
        return Err(why.to_owned());
    }
    if let Some(rule) = verdict.no_emergency.first() {
        return Err(format!("{rule} closes it"));
    }
    let longest = table.break_glass.longest;
    let requirement = Requirement {
        max_ttl: Some(longest),
        obligations: [Obligation::NotifySoc, Obligation::NotifyOwner, Obligation::AfterReview].into(),
        ..Requirement::default()
    };
    let text =
        format!("Emergency: at once, for {longest} at most; security and the owner are told and somebody reviews it.");
    finding("R2", text, requirement).ok_or_else(|| "the rule has no name".to_owned())
}

/// R4: an exception carries a critical conflict only so long.
fn exceptions(table: &RoutingTable, facts: &DecisionFacts, verdict: &Verdict) -> Vec<Finding> {
    let carried = verdict.conflicts.iter().filter(|c| c.excepted);
    carried
        .filter_map(|conflict| {
            let ends = facts.exceptions.iter().filter(|e| e.rule == conflict.rule).map(|e| e.until).max()?;
            let left = Seconds::between(facts.window.start(), ends);
            let longest = match conflict.severity {
                Severity::Critical => left.min(table.exception_longest),
                _ => left,
            };
            let text = format!("The exception from {} carries it for {longest} at most.", conflict.rule);
            finding("R4", text, Requirement { max_ttl: Some(longest), ..Requirement::default() })
        })
        .collect()
}

/// What a factor is called in a sentence about the class.
fn cause(factor: &str) -> &str {
    match factor {
        "data.regulated" => "regulated data",
        "data.crown" => "a crown jewel",
        "data.production" => "production",
        "priv.elevated" => "elevated access",
        "priv.admin" => "administrator rights",
        "priv.tier0" => "a key to everything",
        "sod.critical" => "a critical duty conflict",
        other => other,
    }
}

/// R5: what the class of the entitlement asks for, whatever the score.
fn class(table: &RoutingTable, facts: &DecisionFacts, assessment: &Assessment) -> Option<Finding> {
    let (entitlement, levels) = (&facts.entitlement, &table.class);
    let mut causes: Vec<(Level, &str)> = assessment
        .contributions
        .iter()
        .filter_map(|bar| Some((*table.implied.get(bar.factor.as_str())?, cause(bar.factor.as_str()))))
        .collect();
    let strong = entitlement.privilege >= Privilege::Admin;
    let overdue = facts.class_age_days() > i64::try_from(levels.reviewed_within.0 / 86_400).unwrap_or(i64::MAX);
    let regulated = entitlement.data >= DataClass::Regulated;
    let asked = [
        (strong, levels.manual_only, "administrator rights"),
        (entitlement.privileged, levels.manual_only, "marked as privileged by its source"),
        (entitlement.data == DataClass::Crown, levels.manual_only, "a crown jewel"),
        (entitlement.tier == Tier::Manual, levels.manual_only, "tier manual"),
        (entitlement.tier == Tier::Assisted, levels.assisted, "tier assisted"),
        (facts.crosses_departments(), levels.assisted, "another department's"),
        (facts.crosses_companies(), levels.assisted, "another company's"),
        (overdue, levels.assisted, "its class was not reviewed lately"),
        (regulated && entitlement.access >= AccessLevel::Write, levels.regulated_write, "writing regulated data"),
    ];
    causes.extend(asked.into_iter().filter(|(asked, ..)| *asked).map(|(_, level, cause)| (level, cause)));
    let level = causes.iter().map(|(level, _)| *level).max()?;
    let mut named: Vec<&str> = causes.into_iter().filter(|(l, _)| *l == level).map(|(_, cause)| cause).collect();
    named.sort_unstable();
    named.dedup();
    finding("R5", format!("By its class ({}) {}.", named.join(", "), who(level)), at_least(level))
}

/// What the catalog itself says about time.
fn catalog(facts: &DecisionFacts) -> Option<Finding> {
    let asked = facts.window.length();
    let longer = |limit: Option<Seconds>| limit.filter(|limit| asked.is_none_or(|asked| asked > *limit));
    let (max_ttl, review_after) = (longer(facts.entitlement.longest_window), longer(facts.entitlement.review_after));
    let text = match (max_ttl, review_after) {
        (Some(longest), Some(review)) => format!("It is given for {longest} at most and looked at every {review}."),
        (Some(longest), None) => format!("It is given for {longest} at most."),
        (None, Some(review)) => format!("It is looked at every {review}."),
        (None, None) => return None,
    };
    finding("CATALOG", text, Requirement { max_ttl, review_after, ..Requirement::default() })
}

/// R6: the state of the house.
fn organisation(facts: &DecisionFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if facts.in_merger_freeze() {
        let text = format!(
            "Until the merger is settled, nothing goes from {} to {} without a human.",
            facts.entitlement.company, facts.beneficiary.company
        );
        findings.extend(finding("R6", text, at_least(Level::Manager)));
    }
    if facts.organisation.manual_fulfilment {
        let text = "Somebody has to set it up by hand, so a human agrees first.";
        findings.extend(finding("R6", text, at_least(Level::Manager)));
    }
    findings
}

/// R7: contractors, third parties, agents, people who are leaving.
fn population(table: &RoutingTable, facts: &DecisionFacts) -> Vec<Finding> {
    let who = &facts.beneficiary;
    let mut findings = Vec::new();
    let sponsored = |longest: Seconds| Requirement {
        slots: [Slot::Sponsor].into(),
        max_ttl: Some(longest),
        ..Requirement::default()
    };
    match who.population {
        Population::Employee => {}
        Population::Contractor | Population::ThirdParty => {
            let kind = if who.population == Population::Contractor { "contractor" } else { "third party" };
            let left = who.contract_ends.map(|end| Seconds::between(facts.window.start(), end));
            let longest = left.map_or(table.contractor_longest, |left| left.min(table.contractor_longest));
            let until = if left.is_some_and(|l| l == longest) { ", the end of the contract" } else { "" };
            let text = format!("A {kind} needs their sponsor's yes and gets it for {longest} at most{until}.");
            findings.extend(finding("R7", text, sponsored(longest)));
        }
        Population::Agent => {
            let longest = table.agent_longest;
            let text =
                format!("An agent needs the yes of the human who answers for it and gets it for {longest} at most.");
            findings.extend(finding("R7", text, sponsored(longest)));
        }
    }
    if who.notice {
        let text = "Somebody in their notice period gets nothing new without security.";
        findings.extend(finding("R7", text, at_least(Level::Security)));
    }
    findings
}

/// R8: the score, always.
fn score(table: &RoutingTable, facts: &DecisionFacts, assessment: &Assessment) -> Option<Finding> {
    let bands = bands(table, facts.beneficiary.population);
    let (score, level) = (assessment.score, of_score(bands, assessment.score));
    let text = match level {
        Level::Automatic => format!("The score is {score}; below {} it asks for nobody.", bands.manager),
        Level::Manager => {
            format!("The score is {score}; from {} to {} it takes the manager at least.", bands.manager, bands.security)
        }
        Level::Security | Level::TwoPerson => {
            format!("The score is {score}; above {} it takes security at least.", bands.security)
        }
    };
    finding("R8", text, at_least(level))
}

/// R9: a score nobody can be sure of is looked at.
fn confidence(table: &RoutingTable, assessment: &Assessment) -> Option<Finding> {
    let (bands, sure) = (&table.confidence, assessment.confidence_bp);
    if sure >= bands.sure {
        return None;
    }
    let limited = &assessment.limited_by;
    let percent = sure / 100;
    if sure >= bands.rapid {
        let within = bands.rapid_answer;
        let text = format!(
            "The score is {percent} % sure (limited by: {limited}), so somebody has a quick look within {within}."
        );
        finding("R9", text, Requirement { answer_within: Some(within), ..at_least(Level::Manager) })
    } else {
        let text = format!("The score is only {percent} % sure (limited by: {limited}), so somebody looks.");
        finding("R9", text, at_least(Level::Manager))
    }
}

/// R10: when too much went without a human today, or somebody switched that off.
fn breakers(table: &RoutingTable, facts: &DecisionFacts) -> Option<Finding> {
    let (today, caps) = (&facts.history, &table.automatic_per_day);
    let tripped = [
        (!facts.organisation.automatic_enabled, "approval without a human is switched off"),
        (today.automatic_person_today >= caps.person, "this person had enough approvals without a human today"),
        (
            today.automatic_entitlement_today >= caps.entitlement,
            "this access was given often enough without a human today",
        ),
        (today.automatic_all_today >= caps.all, "enough went without a human today"),
    ];
    let (_, why) = tripped.into_iter().find(|(tripped, _)| *tripped)?;
    finding("R10", format!("A human decides because {why}."), at_least(Level::Manager))
}

/// What nobody owns is never given by a machine alone.
fn unowned(facts: &DecisionFacts) -> Option<Finding> {
    let none = facts.entitlement.owners.is_empty();
    none.then(|| finding("DEFAULT", "Nobody owns it, so a human decides.", at_least(Level::Manager))).flatten()
}
