//! A loaded catalog: immutable, shared, swapped whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::entitlement::{Bundle, Entitlement, SodRule, System};
use crate::domain::facts::SodException;
use crate::domain::ids::{BundleId, ConnectorId, EntitlementId, GroupId, PersonId, SystemId};
use crate::domain::person::Directory;

/// Everything the catalog folder says.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The company's name.
    pub company: String,
    /// Everybody.
    pub directory: Directory,
    /// Accounts on chat platforms that people's files name, and whose they are.
    pub accounts: BTreeMap<Account, PersonId>,
    /// Target systems.
    pub systems: BTreeMap<SystemId, System>,
    /// What can be granted.
    pub entitlements: BTreeMap<EntitlementId, Arc<Entitlement>>,
    /// What is asked for together.
    pub bundles: BTreeMap<BundleId, Bundle>,
    /// Duty separation.
    pub sod_rules: Vec<SodRule>,
    /// Approved exceptions from duty separation, by person.
    pub sod_exceptions: BTreeMap<PersonId, Vec<SodException>>,
    /// What people hold already, by other ways than a request here.
    pub holdings: Vec<Holding>,
    /// Guardrails in the Cedar language (`policy/guardrails.cedar`).
    pub guardrails: String,
    /// The risk tables as written (`policy/risk.yaml`).
    pub risk_table: String,
    /// The routing tables as written (`policy/routing.yaml`).
    pub routing_table: String,
    /// Who is told how much of other people's sign-ins, as written (`policy/disclosure.yaml`); empty where there is no such file.
    pub disclosure_table: String,
    /// Who may have whose lock taken off, as written (`policy/unlock.yaml`); empty where there is no such file.
    pub unlock_table: String,
    /// Who plays which part.
    pub roles: Roles,
    /// Connectors and their settings, as written.
    pub connectors: BTreeMap<ConnectorId, ConnectorEntry>,
    /// Knowledge articles: file name and Markdown text.
    pub knowledge: BTreeMap<String, String>,
    /// What stands for what a vendor's catalog does not say.
    pub vendor_terms: VendorTerms,
    /// Digest over all of it.
    pub digest: Digest,
}

/// What a vendor's catalog cannot know: who answers for its entitlements here, and how they are opened and closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorTerms {
    /// Who answers for them.
    pub owner: PersonId,
    /// The department that owns them.
    pub department: String,
    /// The connector that opens and closes them.
    pub connector: ConnectorId,
}

/// Who plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The group that decides as security.
    pub security: GroupId,
    /// The group that decides as compliance.
    pub compliance: GroupId,
    /// The group that is asked when nobody else can take a step. Never empty.
    pub fallback: GroupId,
    /// The group that hears of emergencies.
    pub soc: GroupId,
    /// The group that may use the emergency path.
    pub break_glass: GroupId,
    /// The group whose members may read the whole record.
    pub auditors: GroupId,
    /// The group that helps people: it gets the tickets. `fallback` where it is not named.
    pub helpdesk: Option<GroupId>,
    /// Companies between which nothing goes without a human until the merger is settled.
    #[serde(default)]
    pub merger_freeze: Vec<String>,
}

impl Roles {
    /// The group that helps people.
    #[must_use]
    pub fn helpdesk(&self) -> &GroupId {
        self.helpdesk.as_ref().unwrap_or(&self.fallback)
    }
}

/// One thing somebody holds by other ways than a request here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Who.
    pub person: PersonId,
    /// What.
    pub entitlement: EntitlementId,
    /// Since when.
    pub since: Date,
    /// When it was last used, where known.
    #[serde(default)]
    pub last_used: Option<Date>,
    /// True where it is an exception, a leftover or otherwise not how things should be; such holders are nobody's peers.
    #[serde(default)]
    pub exception: bool,
}

/// One connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConnectorEntry {
    /// A task for a named person.
    Manual {
        /// Who does it: the first present of these.
        assignees: Vec<PersonId>,
    },
    /// A signed HTTP call (Standard Webhooks).
    Webhook {
        /// Where to.
        url: String,
        /// Name of the environment variable that holds the `whsec_…` secret.
        secret_env: String,
        /// True where the address may be on this machine or a private network.
        #[serde(default)]
        allow_private: bool,
        /// True where it takes the call that ends somebody's sessions (`verb: end_sessions`).
        #[serde(default)]
        ends_sessions: bool,
    },
    /// The demo's own application.
    Local,
}

impl Catalog {
    /// The entitlement with this id.
    #[must_use]
    pub fn entitlement(&self, id: &EntitlementId) -> Option<&Arc<Entitlement>> {
        self.entitlements.get(id)
    }

    /// The title of an entitlement, or its id where the catalog no longer holds it.
    #[must_use]
    pub fn title(&self, id: &EntitlementId) -> String {
        self.entitlement(id).map_or_else(|| id.to_string(), |e| e.title.clone())
    }

    /// The title of a system, or its id.
    #[must_use]
    pub fn system_title(&self, id: &SystemId) -> String {
        self.systems.get(id).map_or_else(|| id.to_string(), |s| s.title.clone())
    }
}
