//! Who holds what by other ways than a request here, looked up by person and by entitlement; and the catalog's other small lookups.

use std::collections::BTreeMap;

use crate::catalog::model::{Catalog, Holding};
use crate::domain::entitlement::Bundle;
use crate::domain::ids::{BundleId, EntitlementId, FunctionId, PersonId};

/// Holdings by person and by entitlement. Made once for a catalog; borrows it.
#[derive(Debug)]
pub struct HoldingIndex<'a> {
    by_person: BTreeMap<&'a PersonId, Vec<&'a Holding>>,
    by_entitlement: BTreeMap<&'a EntitlementId, Vec<&'a Holding>>,
}

impl<'a> HoldingIndex<'a> {
    /// The index over these holdings.
    #[must_use]
    pub fn new(holdings: &'a [Holding]) -> Self {
        let mut index = Self { by_person: BTreeMap::new(), by_entitlement: BTreeMap::new() };
        for holding in holdings {
            index.by_person.entry(&holding.person).or_default().push(holding);
            index.by_entitlement.entry(&holding.entitlement).or_default().push(holding);
        }
        index
    }

    /// What this person holds, by entitlement.
    #[must_use]
    pub fn of(&self, person: &PersonId) -> &[&'a Holding] {
        self.by_person.get(person).map_or(&[], Vec::as_slice)
    }

    /// Who holds this entitlement, by person.
    #[must_use]
    pub fn holders(&self, entitlement: &EntitlementId) -> &[&'a Holding] {
        self.by_entitlement.get(entitlement).map_or(&[], Vec::as_slice)
    }
}

impl Catalog {
    /// What this person holds by other ways than a request here. Walks all holdings; for many lookups make a [`HoldingIndex`].
    pub fn holdings_of<'a>(&'a self, person: &'a PersonId) -> impl Iterator<Item = &'a Holding> {
        self.holdings.iter().filter(move |h| h.person == *person)
    }

    /// Who holds this entitlement by other ways than a request here. Holdings are in the order of entitlements, so this is quick.
    #[must_use]
    pub fn holders_of(&self, entitlement: &EntitlementId) -> &[Holding] {
        let start = self.holdings.partition_point(|h| h.entitlement < *entitlement);
        let rest = self.holdings.get(start..).unwrap_or_default();
        let end = rest.partition_point(|h| h.entitlement == *entitlement);
        rest.get(..end).unwrap_or_default()
    }

    /// The business functions an entitlement lets one perform; none where the catalog does not hold it.
    #[must_use]
    pub fn functions_of(&self, entitlement: &EntitlementId) -> &[FunctionId] {
        self.entitlement(entitlement).map_or(&[], |e| e.functions.as_slice())
    }

    /// Who answers for an entitlement; nobody where the catalog does not hold it.
    #[must_use]
    pub fn owners(&self, entitlement: &EntitlementId) -> &[PersonId] {
        self.entitlement(entitlement).map_or(&[], |e| e.owners.as_slice())
    }

    /// The bundle with this id.
    #[must_use]
    pub fn bundle(&self, id: &BundleId) -> Option<&Bundle> {
        self.bundles.get(id)
    }
}
