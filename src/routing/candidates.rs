//! Who can take a step, in order of preference: whose part it is, else who stands in for them, else the next ones up, else the
//! named fallback. Every one of them with the reason why they are asked.

use crate::domain::decision::{Candidate, Slot};
use crate::domain::facts::{ApproverFact, DecisionFacts};
use crate::domain::ids::PersonId;
use crate::routing::people::People;

/// Candidates by preference: the first tier with somebody in it is asked, the later ones when nobody answers.
pub type Tiers = Vec<Vec<Candidate>>;

/// Sentences that finish "you are asked because …".
struct Words {
    own: String,
    delegate: String,
}

impl Words {
    fn new(own: impl Into<String>, delegate: impl Into<String>) -> Self {
        Self { own: own.into(), delegate: delegate.into() }
    }
}

fn own(fact: &ApproverFact, words: &Words) -> Option<Candidate> {
    fact.present.then(|| Candidate { person: fact.id.clone(), because: words.own.clone(), in_place_of: None })
}

fn delegate(fact: &ApproverFact, words: &Words) -> Option<Candidate> {
    let person = fact.delegate.clone().filter(|d| *d != fact.id)?;
    Some(Candidate { person, because: words.delegate.clone(), in_place_of: Some(fact.id.clone()) })
}

/// The tiers of a slot, without those who may not decide, each person once. `why` finishes a team's sentence.
#[must_use]
pub fn tiers(facts: &DecisionFacts, people: &People<'_>, slot: Slot, why: &str) -> Tiers {
    let all = &facts.approvers;
    let mut tiers = match slot {
        Slot::Manager => line(&all.managers),
        Slot::Sponsor => {
            let also = all.sponsor.as_ref().is_some_and(|s| all.managers.first().is_some_and(|m| m.id == s.id));
            let words =
                if also { "you are their sponsor and line manager" } else { "you answer for them as their sponsor" };
            let words = Words::new(words, "you decide for their sponsor");
            let mut tiers = group(all.sponsor.as_slice(), &words);
            tiers.extend(line(&all.managers));
            tiers
        }
        Slot::Owner => {
            group(&all.owners, &Words::new("you own this entitlement", "you decide for an owner of this entitlement"))
        }
        Slot::Compliance => group(
            &all.compliance,
            &Words::new(
                format!("you are in compliance, {why}"),
                format!("you decide for somebody in compliance, {why}"),
            ),
        ),
        Slot::Security => group(
            &all.security,
            &Words::new(format!("you are in security, {why}"), format!("you decide for somebody in security, {why}")),
        ),
        Slot::SecondPerson => {
            let words = |who: &str| {
                Words::new(format!("a second person has to agree and {who}"), "a second person has to agree")
            };
            let mut tiers = group(&all.owners, &words("you own this entitlement"));
            tiers.extend(group(&all.security, &words("you are in security")));
            tiers.extend(group(all.managers.get(1..).unwrap_or_default(), &words("you are further up their line")));
            tiers
        }
    };
    let fallback = Words::new(
        "nobody else can decide this right now and you are the fallback",
        "nobody else can decide this right now and you stand in for the fallback",
    );
    tiers.extend(group(&all.fallback, &fallback));
    distinct(tiers, people)
}

/// One manager after the other, each followed by their delegate.
fn line(managers: &[ApproverFact]) -> Tiers {
    let mut tiers = Tiers::new();
    for (n, manager) in managers.iter().enumerate() {
        let words = match n {
            0 => Words::new("you are their line manager", "you decide for their line manager"),
            _ => Words::new(
                "their line manager cannot decide this and you are next in line",
                "you decide for the next in their line",
            ),
        };
        tiers.push(own(manager, &words).into_iter().collect());
        tiers.push(delegate(manager, &words).into_iter().collect());
    }
    tiers
}

/// Everybody of a group who is there, then whoever stands in for the others.
fn group(members: &[ApproverFact], words: &Words) -> Tiers {
    vec![
        members.iter().filter_map(|m| own(m, words)).collect(),
        members.iter().filter_map(|m| delegate(m, words)).collect(),
    ]
}

/// Only who may decide, each once and where they stand first, without empty tiers.
fn distinct(tiers: Tiers, people: &People<'_>) -> Tiers {
    let mut seen: Vec<PersonId> = Vec::new();
    let mut kept = Tiers::new();
    for tier in tiers {
        let mut rest: Vec<Candidate> = Vec::new();
        for candidate in tier {
            if people.may_decide(&candidate.person) && !seen.contains(&candidate.person) {
                seen.push(candidate.person.clone());
                rest.push(candidate);
            }
        }
        if !rest.is_empty() {
            kept.push(rest);
        }
    }
    kept
}
