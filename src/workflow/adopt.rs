//! Writes down under which rules and over which catalog the house works.

use crate::domain::event::{Actor, HouseEvent};
use crate::ports::store::StoreError;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// Records the rules and the catalog in force: once a day for each pair, however often and by however many replicas it is tried.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn adopt(house: &House) -> Result<(), WorkflowError> {
    let (policy, catalog) = (house.rules.digest(), house.catalog.digest);
    let day = house.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut change = Change::by(house, Actor::Operator);
    change.once(format!("adopt:{policy}:{catalog}:{day}"));
    change.artifact("policy", house.rules.to_artifact().to_vec());
    change.house_event(HouseEvent::PolicyAdopted { policy });
    let entitlements = house.catalog.entitlements.len() as u64;
    change.house_event(HouseEvent::CatalogAdopted { catalog, entitlements });
    match change.commit().await {
        Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => Ok(()),
        done => done,
    }
}
