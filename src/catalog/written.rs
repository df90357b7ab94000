//! What people write in the catalog folder: one type a file, with unknown keys refused and the line of every reference kept. The
//! editors' schemas are made from these types; [`crate::catalog::load`] turns them into what the rest of the house reads.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::model::{ConnectorEntry, Roles, VendorTerms};
use crate::catalog::words::{At, Day, Length};
use crate::domain::account::Account;
use crate::domain::entitlement::{AccessLevel, DataClass, LadderStep, Privilege, SodRule, Tier};
use crate::domain::ids::{BundleId, ConnectorId, EntitlementId, FunctionId, GroupId, PersonId, RuleId, SystemId};
use crate::domain::person::{Population, RiskLevel};

/// `company.yaml`: the company, its words, and what holds where nothing else is said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyFile {
    /// The company's name.
    pub name: String,
    /// The person at the top: the only one without a manager.
    pub top: At<PersonId>,
    /// Legal companies; the first is where people work unless their file says otherwise.
    pub companies: Vec<String>,
    /// Departments.
    pub departments: Vec<String>,
    /// Jobs by code.
    pub jobs: BTreeMap<String, Job>,
    /// Groups and what they are for.
    pub groups: BTreeMap<GroupId, String>,
    /// Which group plays which part.
    pub roles: At<Roles>,
    /// What holds for people who say nothing else.
    pub people: PeopleDefaults,
    /// What holds for entitlements where neither they nor their system say anything else.
    pub entitlements: At<EntitlementTraits>,
    /// What holds for entitlements that come from vendors' own catalogs.
    pub vendor_catalogs: At<VendorTerms>,
}

/// One job.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The title.
    pub title: String,
    /// The job family, a wider peer group.
    pub family: String,
}

/// What holds for people who say nothing else.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleDefaults {
    /// Where mail goes: `id@this`.
    pub mail_domain: String,
    /// The IANA time zone.
    pub zone: At<String>,
}

/// `people/*.yaml`: the people of one department.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleFile {
    /// The department.
    pub department: At<String>,
    /// Their legal company, unless a person says otherwise.
    #[serde(default)]
    pub company: Option<At<String>>,
    /// Their time zone, unless a person says otherwise.
    #[serde(default)]
    pub zone: Option<At<String>>,
    /// Their manager, unless a person says otherwise.
    #[serde(default)]
    pub manager: Option<At<PersonId>>,
    /// The people.
    pub people: Vec<At<PersonEntry>>,
}

/// One person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// The immutable id, `ana.kovac` for instance.
    pub id: At<PersonId>,
    /// The name as they write it.
    pub name: String,
    /// The job's code.
    pub job: At<String>,
    /// Their own title, where it differs from the job's.
    #[serde(default)]
    pub title: Option<String>,
    /// Their mail address, where it is not made from the id.
    #[serde(default)]
    pub email: Option<String>,
    /// Their line manager.
    #[serde(default)]
    pub manager: Option<At<PersonId>>,
    /// Their legal company.
    #[serde(default)]
    pub company: Option<At<String>>,
    /// Their IANA time zone.
    #[serde(default)]
    pub zone: Option<At<String>>,
    /// What kind of worker; an employee where nothing is said.
    #[serde(default)]
    pub population: Option<Population>,
    /// Their first day.
    pub started: Day,
    /// Last day of a contract, inclusive.
    #[serde(default)]
    pub contract_end: Option<At<Day>>,
    /// The day they changed jobs here.
    #[serde(default)]
    pub moved: Option<Day>,
    /// True inside the notice period.
    #[serde(default)]
    pub notice: bool,
    /// First day back from a leave.
    #[serde(default)]
    pub on_leave_until: Option<Day>,
    /// True where the account is switched off.
    #[serde(default)]
    pub disabled: bool,
    /// True where they have left.
    #[serde(default)]
    pub departed: bool,
    /// Who answers for a contractor, third party or agent.
    #[serde(default)]
    pub sponsor: Option<At<PersonId>>,
    /// Groups they belong to.
    #[serde(default)]
    pub groups: Vec<At<GroupId>>,
    /// Their current risk level.
    #[serde(default)]
    pub risk: RiskLevel,
    /// Who decides while they are away.
    #[serde(default)]
    pub delegation: Option<DelegationEntry>,
    /// Their accounts on chat platforms, by the platforms' immutable ids: `{surface: slack, space: T024BE7LD, id: U2147483697}`.
    #[serde(default)]
    pub accounts: Vec<At<Account>>,
}

/// "While I am away, ask …".
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegationEntry {
    /// Who decides instead.
    pub to: At<PersonId>,
    /// The first day, in the person's own time zone.
    pub from: Day,
    /// The first day it no longer holds.
    pub until: At<Day>,
}

/// Declares [`EntitlementTraits`] and [`EntitlementEntry`] from one list, so that what a system may say for all its entitlements and
/// what an entitlement may say for itself never differ. (A flattened field would lose the lines of what is inside.)
macro_rules! entitlement_traits {
    ($($(#[$doc:meta])* $field:ident: $kind:ty,)*) => {
        /// What a company or a system may say for all its entitlements at once.
        #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct EntitlementTraits {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$kind>,)*
        }

        /// One entitlement. Anything left out is taken from its system, then from the company, then from its privilege.
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct EntitlementEntry {
            /// The name in the target system; the id is `system:name` unless `id` is given.
            pub name: At<String>,
            /// The immutable id, where it is not `system:name`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub id: Option<At<EntitlementId>>,
            /// The name people read.
            pub title: String,
            /// One or two sentences: what it lets one do.
            #[serde(default, skip_serializing_if = "String::is_empty")]
            pub description: String,
            /// Longer text, searched with less weight.
            #[serde(default, skip_serializing_if = "String::is_empty")]
            pub details: String,
            /// Other names it goes by.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub aliases: Vec<String>,
            /// The business functions it lets one perform.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub functions: Vec<At<FunctionId>>,
            /// True for a key to everything.
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            pub privileged: bool,
            /// Its step among roles of this system and kind that differ only in how far one may go: `{rank: 0, of: 5}` is the narrowest of five.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ladder: Option<LadderStep>,
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$kind>,)*
        }

        impl EntitlementEntry {
            /// The same entry with its gaps filled from these, the first of them first.
            #[must_use]
            pub fn filled(mut self, from: &[&EntitlementTraits]) -> Self {
                for traits in from {
                    $(if self.$field.is_none() { self.$field.clone_from(&traits.$field); })*
                }
                self
            }
        }
    };
}

entitlement_traits! {
    /// The sort of entitlement, `role` for instance.
    kind: String,
    /// What one can do with the resource: `read`, `use`, `write`, `admin`.
    access: AccessLevel,
    /// How strong it is: `none` (a birthright), `standard`, `elevated`, `admin`, `tier0`.
    privilege: Privilege,
    /// What data it opens: `public`, `internal`, `confidential`, `regulated`, `crown`.
    data: DataClass,
    /// True where it reaches production.
    production: bool,
    /// How far a machine may go alone; by the privilege and the data where nothing is said.
    tier: Tier,
    /// When people last agreed on tier and classes; `rolling` only in examples.
    class_reviewed: Day,
    /// When it entered the catalog.
    created: Day,
    /// Who answers for it.
    owners: Vec<At<PersonId>>,
    /// The department that owns it.
    department: At<String>,
    /// True where asking from another department is ordinary.
    shared: bool,
    /// The legal company whose people use it; every company where nothing is said.
    company: At<String>,
    /// How long it is given when nobody says: `30d`, `8h`.
    default_window: At<Length>,
    /// How long it may be given at most: `90d`, or `permanent`.
    longest_window: At<Length>,
    /// How often standing access is looked at again: `30d`.
    review_after: At<Length>,
    /// True where a reason has to be given.
    reason_required: bool,
    /// Which connector opens and closes it.
    connector: At<ConnectorId>,
    /// Functions conflict only inside one scope (a company code, a tenant).
    scope: String,
    /// False for what a person cannot ask for.
    assignable: bool,
    /// True where the emergency path may open it.
    break_glass: bool,
    /// Departments that may ask; everybody may where nothing is said.
    requestable_by: Vec<At<String>>,
}

/// `systems/*.yaml`: systems with their entitlements.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemsFile {
    /// The systems.
    pub systems: Vec<SystemEntry>,
}

/// One system.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemEntry {
    /// The immutable id.
    pub id: At<SystemId>,
    /// The name people read.
    pub title: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What holds for all its entitlements.
    #[serde(default)]
    pub defaults: EntitlementTraits,
    /// Its entitlements.
    pub entitlements: Vec<EntitlementEntry>,
}

/// `bundles.yaml`: what is asked for together.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundlesFile {
    /// The bundles.
    pub bundles: Vec<BundleEntry>,
}

/// One bundle.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleEntry {
    /// The immutable id.
    pub id: At<BundleId>,
    /// The name people read.
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Other names it goes by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What is in it.
    pub entitlements: Vec<At<EntitlementId>>,
}

/// `connectors.yaml`: what opens and closes access.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorsFile {
    /// Connectors by id.
    pub connectors: BTreeMap<ConnectorId, At<ConnectorEntry>>,
}

/// `holdings.yaml`: what people hold already.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingsFile {
    /// What holds where an entry says nothing else.
    pub defaults: HoldingDefaults,
    /// Who holds what.
    pub holdings: Vec<At<HoldingEntry>>,
    /// Approved exceptions from duty separation.
    #[serde(default)]
    pub sod_exceptions: Vec<SodExceptionEntry>,
}

/// What holds where a holding says nothing else.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingDefaults {
    /// Since when.
    pub since: Day,
    /// When it was last used; unknown where nothing is said.
    #[serde(default)]
    pub last_used: Option<Day>,
}

/// Some entitlements and who holds them. An entry that names a person overrides one that only describes them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingEntry {
    /// Which entitlements.
    pub entitlements: Vec<At<EntitlementId>>,
    /// Named people.
    #[serde(default)]
    pub people: Vec<At<PersonId>>,
    /// Everybody in one of these.
    #[serde(default)]
    pub everyone_in: Vec<At<Everyone>>,
    /// But not these.
    #[serde(default)]
    pub except: Vec<At<PersonId>>,
    /// Since when; a person's own first day where that is later.
    #[serde(default)]
    pub since: Option<Day>,
    /// When it was last used.
    #[serde(default)]
    pub last_used: Option<Day>,
    /// True for an exception or a leftover.
    #[serde(default)]
    pub exception: bool,
}

/// People by what they are. Everything said has to hold; with nothing said it is everybody on the payroll.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Everyone {
    /// Of this department.
    #[serde(default)]
    pub department: Option<String>,
    /// In one of these jobs.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Of this legal company.
    #[serde(default)]
    pub company: Option<String>,
    /// Contractors too; employees alone where nothing is said.
    #[serde(default)]
    pub contractors: bool,
}

/// One approved exception from a duty-separation rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SodExceptionEntry {
    /// Whose.
    pub person: At<PersonId>,
    /// From which rule.
    pub rule: At<RuleId>,
    /// The compensating control in words.
    pub control: String,
    /// The last day it holds.
    pub until: Day,
}

/// `policy/sod.yaml`: the duty-separation rules.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SodFile {
    /// The functions, and what performing each means.
    #[serde(default)]
    pub functions: BTreeMap<FunctionId, String>,
    /// The rules.
    pub rules: Vec<At<SodRule>>,
}

/// The front matter of a knowledge article.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// The title.
    pub title: String,
    /// Words people ask with.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Entitlements the article is about.
    #[serde(default)]
    pub entitlements: Vec<At<EntitlementId>>,
}
