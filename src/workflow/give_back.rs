//! Access ends before its time: given back by its holder, or taken away by somebody who may. Never needs an approval.

use crate::domain::grant::{EndReason, Grant, GrantState};
use crate::domain::ids::PersonId;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::provision;

/// Whether this person may end the grant, and as what.
#[must_use]
pub fn may_end(house: &House, who: &PersonId, grant: &Grant) -> Option<EndReason> {
    if grant.order.beneficiary == *who {
        return Some(EndReason::GivenBack { by: who.clone() });
    }
    let person = house.catalog.directory.get(who)?;
    let roles = &house.catalog.roles;
    let owner = house.catalog.entitlement(&grant.order.entitlement).is_some_and(|e| e.owners.contains(who));
    let above = house.catalog.directory.reports_to(&grant.order.beneficiary, who);
    let security = person.groups.contains(&roles.security);
    (owner || above || security).then(|| EndReason::Revoked { by: who.clone() })
}

/// Ends a grant now.
///
/// # Errors
/// Where this person may not, it is over already, or somebody else wrote first.
pub async fn end_now(house: &House, who: &PersonId, grant: Grant) -> Result<Grant, WorkflowError> {
    let why = may_end(house, who, &grant).ok_or(WorkflowError::NotFound("access"))?;
    if !matches!(grant.state, GrantState::Ordered { .. } | GrantState::Active { .. }) {
        return Err(WorkflowError::Invalid {
            said: "That access is over already.".into(),
            next: "There is nothing more to do.".into(),
        });
    }
    let mut change = Change::by_person(house, who);
    let grant = provision::end(&mut change, grant, why)?;
    change.commit().await?;
    Ok(grant)
}
