//! Who may see what about whom. Whatever is not allowed here looks as if it did not exist.

use crate::domain::ids::PersonId;
use crate::domain::request::Request;
use crate::workflow::house::House;

/// Whether somebody may see a request: whoever asked or gets it, whoever is or was asked about it, the line above, the owner, security,
/// auditors.
#[must_use]
pub fn may_see_request(house: &House, who: &PersonId, request: &Request) -> bool {
    let content = &request.content;
    let asked =
        |steps: &[crate::domain::decision::Step]| steps.iter().any(|s| s.candidates.iter().any(|c| c.person == *who));
    let asked_now = match &request.state {
        crate::domain::request::RequestState::Pending { steps, .. } => asked(steps),
        _ => false,
    };
    *who == content.requester
        || *who == content.beneficiary
        || asked_now
        || asked(request.decision.route.outcome.steps())
        || request.votes().iter().any(|v| v.by == *who)
        || house.catalog.entitlement(&content.entitlement).is_some_and(|e| e.owners.contains(who))
        || may_see_person(house, who, &content.beneficiary)
}

/// Whether somebody may see what another person holds and asked for: themselves, their line above, their sponsor, security, auditors.
#[must_use]
pub fn may_see_person(house: &House, who: &PersonId, other: &PersonId) -> bool {
    let Some(person) = house.catalog.directory.get(who) else { return false };
    let roles = &house.catalog.roles;
    who == other
        || house.catalog.directory.reports_to(other, who)
        || house.catalog.directory.get(other).is_some_and(|p| p.sponsor.as_ref() == Some(who))
        || person.groups.contains(&roles.security)
        || person.groups.contains(&roles.auditors)
}
