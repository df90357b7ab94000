//! From a requirement to steps that different people can take, one after the other (RISK.md §8.3, §8.5).

use std::collections::BTreeSet;

use crate::domain::decision::{Candidate, Level, Requirement, Slot, Step};
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::PersonId;
use crate::routing::candidates::{Tiers, tiers};
use crate::routing::people::People;
use crate::routing::table::RoutingTable;

/// The most people who are asked after a deadline.
const LONGEST_ESCALATION: usize = 12;

/// A step being filled.
struct Filling {
    slot: Slot,
    quorum: u8,
    tiers: Tiers,
    candidates: Vec<Candidate>,
}

impl Filling {
    fn names(&self, person: &PersonId) -> bool {
        self.candidates.iter().any(|c| c.person == *person)
    }

    fn short(&self) -> bool {
        self.candidates.len() < usize::from(self.quorum)
    }

    /// Takes from the tiers until there are enough, preferring the earlier ones; a tier that gives anybody is taken whole.
    fn fill(&mut self, fits: impl Fn(&Candidate) -> bool) {
        for tier in &self.tiers {
            if !self.short() {
                return;
            }
            let new: Vec<_> = tier.iter().filter(|c| !self.names(&c.person) && fits(c)).cloned().collect();
            self.candidates.extend(new);
        }
    }
}

/// A step nobody can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NobodyFor(pub Slot);

/// The slots a requirement asks for: those of its level, those rules named, and a second person where there would be too few.
#[must_use]
pub fn slots(facts: &DecisionFacts, requirement: &Requirement) -> Vec<(Slot, u8)> {
    let mut slots: BTreeSet<Slot> = requirement.slots.clone();
    match requirement.level {
        Level::Automatic => {}
        Level::Manager => drop(slots.insert(Slot::Manager)),
        Level::Security => drop(slots.insert(Slot::Security)),
        Level::TwoPerson => slots.extend([Slot::Manager, Slot::Security]),
    }
    // Whoever is both sponsor and line manager says yes once.
    let all = &facts.approvers;
    let both = all.sponsor.as_ref().is_some_and(|s| all.managers.first().is_some_and(|m| m.id == s.id));
    if both && slots.contains(&Slot::Sponsor) {
        slots.remove(&Slot::Manager);
    }
    let two = if requirement.level == Level::TwoPerson { 2 } else { 0 };
    let wanted = usize::from(requirement.persons.max(two));
    let have = slots.len() - usize::from(slots.contains(&Slot::SecondPerson));
    let mut steps: Vec<(Slot, u8)> = slots.into_iter().map(|slot| (slot, 1)).collect();
    let more = u8::try_from(wanted.saturating_sub(have)).unwrap_or(u8::MAX);
    match steps.iter_mut().find(|(slot, _)| *slot == Slot::SecondPerson) {
        Some((_, quorum)) => *quorum = more.max(1),
        None if more > 0 => steps.push((Slot::SecondPerson, more)),
        None => {}
    }
    steps
}

/// The steps, in order: manager or sponsor, owner, compliance, security, second person.
///
/// No person is named in two steps, so that whoever answers first, the other steps can still be taken by somebody else.
///
/// # Errors
/// [`NobodyFor`] where nobody at all can take a step.
pub fn steps(
    table: &RoutingTable,
    facts: &DecisionFacts,
    people: &People<'_>,
    requirement: &Requirement,
    why: impl Fn(Slot) -> String,
) -> Result<Vec<Step>, NobodyFor> {
    let mut filling: Vec<Filling> = slots(facts, requirement)
        .into_iter()
        .map(|(slot, quorum)| Filling {
            slot,
            quorum,
            tiers: tiers(facts, people, slot, &why(slot)),
            candidates: Vec::new(),
        })
        .collect();
    let independent = requirement.level == Level::TwoPerson || requirement.persons > 1;
    // Whoever has the fewest to choose from chooses first.
    let mut order: Vec<usize> = (0..filling.len()).collect();
    order.sort_by_key(|&n| filling.get(n).and_then(|f| f.tiers.first()).map_or(0, Vec::len));
    for n in order {
        fill_one(&mut filling, n, people, independent)?;
    }
    let named: BTreeSet<PersonId> =
        filling.iter().flat_map(|f| f.candidates.iter().map(|c| c.person.clone())).collect();
    Ok(filling
        .into_iter()
        .map(|step| {
            let later = step.tiers.iter().flatten().filter(|c| !named.contains(&c.person));
            let usual = table.answer_within(step.slot);
            Step {
                slot: step.slot,
                quorum: step.quorum,
                escalate_after: requirement.answer_within.map_or(usual, |within| within.min(usual)),
                escalate_to: later.take(LONGEST_ESCALATION).cloned().collect(),
                candidates: step.candidates,
            }
        })
        .collect())
}

/// Fills one step with people no other step names; for two-person decisions with people who do not report to each other: nobody in
/// one line where that can be had, and never a manager with their own report.
fn fill_one(filling: &mut [Filling], n: usize, people: &People<'_>, independent: bool) -> Result<(), NobodyFor> {
    let Some(step) = filling.get(n) else { return Ok(()) };
    let slot = step.slot;
    let others: Vec<PersonId> = filling
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != n)
        .flat_map(|(_, f)| f.candidates.iter().map(|c| c.person.clone()))
        .collect();
    let free = |c: &Candidate| !others.contains(&c.person);
    let apart = |c: &Candidate| !independent || others.iter().all(|o| !people.in_one_line(o, &c.person));
    let not_direct = |c: &Candidate| !independent || others.iter().all(|o| !people.report_directly(o, &c.person));
    let Some(step) = filling.get_mut(n) else { return Ok(()) };
    let own = step.tiers.clone();
    // Somebody whose part it is, even if they share a distant boss with the others, comes before the fallback.
    if let Some(first) = own.first() {
        step.candidates = first.iter().filter(|c| free(c) && apart(c)).cloned().collect();
        if step.short() {
            step.candidates = first.iter().filter(|c| free(c) && not_direct(c)).cloned().collect();
        }
    }
    step.fill(|c| free(c) && apart(c));
    step.fill(|c| free(c) && not_direct(c));
    if !step.short() {
        return Ok(());
    }
    // Last resort: take over somebody another step can spare.
    let wanted: Vec<Candidate> = own.into_iter().flatten().filter(|c| not_direct(c)).collect();
    for candidate in wanted {
        let spare = filling
            .iter_mut()
            .enumerate()
            .find(|(other, f)| *other != n && f.names(&candidate.person) && f.candidates.len() > usize::from(f.quorum));
        if let Some((_, other)) = spare {
            other.candidates.retain(|c| c.person != candidate.person);
            if let Some(step) = filling.get_mut(n) {
                step.candidates.push(candidate);
                if !step.short() {
                    return Ok(());
                }
            }
        }
    }
    Err(NobodyFor(slot))
}
