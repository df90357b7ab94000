//! What is searched: one shape for the company's own entitlements and for vendors' rows.

use crate::catalog::jsonl::VendorEntitlement;
use crate::domain::entitlement::{AccessLevel, Entitlement, LadderStep, Privilege, System};
use crate::domain::ids::{EntitlementId, SystemId};

/// One document of the index.
#[derive(Debug, Clone)]
pub struct SearchDoc {
    /// Which entitlement.
    pub id: EntitlementId,
    /// Where it lives.
    pub system: SystemId,
    /// Other ways to say where it lives: the system's title and aliases.
    pub system_names: Vec<String>,
    /// The vendor's sort of entitlement.
    pub kind: String,
    /// The technical name.
    pub name: String,
    /// The name people read.
    pub title: String,
    /// What it lets one do.
    pub description: String,
    /// Longer text.
    pub details: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Words of its surroundings: the owning department, for instance.
    pub context: String,
    /// What one can do with it, where somebody said; otherwise it is read from the name and the text.
    pub access: Option<AccessLevel>,
    /// How strong it is on a scale of 0 to 5; 0 where nothing is known.
    pub strength: u8,
    /// Marked by its source as one of the keys to everything.
    pub privileged: bool,
    /// Its step on a ladder of roles.
    pub ladder: Option<LadderStep>,
    /// False for what a person cannot ask for.
    pub assignable: bool,
}

impl SearchDoc {
    /// A document for an entitlement of the catalog; `system` is its system, where known.
    #[must_use]
    pub fn from_entitlement(entitlement: &Entitlement, system: Option<&System>) -> Self {
        let mut system_names = Vec::new();
        if let Some(system) = system {
            system_names.push(system.title.clone());
            system_names.extend(system.aliases.iter().cloned());
        }
        Self {
            id: entitlement.id.clone(),
            system: entitlement.system.clone(),
            system_names,
            kind: entitlement.kind.clone(),
            name: entitlement.name.clone(),
            title: entitlement.title.clone(),
            description: entitlement.description.clone(),
            details: entitlement.details.clone(),
            aliases: entitlement.aliases.clone(),
            context: entitlement.owner_department.clone(),
            access: Some(entitlement.access),
            strength: match entitlement.privilege {
                Privilege::None => 1,
                Privilege::Standard => 2,
                Privilege::Elevated => 3,
                Privilege::Admin => 4,
                Privilege::Tier0 => 5,
            },
            privileged: entitlement.privileged,
            ladder: entitlement.ladder,
            assignable: entitlement.assignable,
        }
    }

    /// A document for a vendor's row.
    #[must_use]
    pub fn from_vendor(row: &VendorEntitlement) -> Self {
        let strength = row.number("privilege_level").and_then(|l| u8::try_from(l.clamp(0, 5)).ok()).unwrap_or(0);
        Self {
            id: row.id.clone(),
            system: row.system.clone(),
            system_names: Vec::new(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            title: row.title.clone(),
            description: row.description.clone(),
            details: row.details.clone(),
            aliases: row.aliases.clone(),
            context: String::new(),
            access: None,
            strength,
            privileged: row.privileged.unwrap_or(false),
            ladder: row.ladder(),
            assignable: row.assignable,
        }
    }
}
