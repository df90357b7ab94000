//! Who is who among those who may be asked: who may not decide here, and who stands above whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::decision::Verdict;
use crate::domain::facts::{ApproverFact, DecisionFacts};
use crate::domain::ids::PersonId;

/// What is known about everybody who may be asked.
#[derive(Debug)]
pub struct People<'f> {
    /// Everybody named as an approver, by id.
    known: BTreeMap<&'f PersonId, &'f ApproverFact>,
    /// Who may not decide on this request.
    barred: BTreeSet<&'f PersonId>,
}

impl<'f> People<'f> {
    /// Everybody in these facts. Barred are requester, beneficiary, whoever decides for them, whoever reports to the beneficiary, and
    /// whom a rule bars.
    #[must_use]
    pub fn of(facts: &'f DecisionFacts, verdict: &'f Verdict) -> Self {
        let all = &facts.approvers;
        let everybody = [&all.managers, &all.owners, &all.security, &all.compliance, &all.fallback];
        let everybody = everybody.into_iter().flatten().chain(&all.sponsor);
        let known: BTreeMap<_, _> = everybody.map(|fact| (&fact.id, fact)).collect();
        let mut barred: BTreeSet<&PersonId> = verdict.barred.iter().map(|b| &b.person).collect();
        for person in [&facts.requester, &facts.beneficiary] {
            barred.insert(&person.id);
            barred.extend(&person.delegate);
            barred.extend(known.get(&person.id).and_then(|fact| fact.delegate.as_ref()));
        }
        let below = known.values().filter(|fact| fact.managers.contains(&facts.beneficiary.id));
        barred.extend(below.map(|fact| &fact.id));
        Self { known, barred }
    }

    /// True where this person may decide on this request.
    #[must_use]
    pub fn may_decide(&self, person: &PersonId) -> bool {
        !self.barred.contains(person)
    }

    /// True where one stands above the other, however far.
    #[must_use]
    pub fn in_one_line(&self, a: &PersonId, b: &PersonId) -> bool {
        let above = |junior: &PersonId, senior: &PersonId| {
            self.known.get(junior).is_some_and(|fact| fact.managers.contains(senior))
        };
        above(a, b) || above(b, a)
    }

    /// True where one is the other's line manager.
    #[must_use]
    pub fn report_directly(&self, a: &PersonId, b: &PersonId) -> bool {
        let manages = |junior: &PersonId, senior: &PersonId| {
            self.known.get(junior).is_some_and(|fact| fact.managers.first() == Some(senior))
        };
        manages(a, b) || manages(b, a)
    }
}
