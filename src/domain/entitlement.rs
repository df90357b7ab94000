//! What can be granted: systems, entitlements, bundles, and the duty-separation rules over them.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{BundleId, ConnectorId, EntitlementId, FunctionId, PersonId, RuleId, SystemId};
use crate::domain::window::Seconds;

/// How much an entitlement lets one do (RISK.md §3.2, family `priv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// Nothing to speak of: a birthright.
    None,
    /// Ordinary application access.
    Standard,
    /// Write to shared systems, production read, bulk export.
    Elevated,
    /// Administrator of a system.
    Admin,
    /// Root, domain or tenant administrator, key custody.
    Tier0,
}

/// What kind of data it opens (RISK.md §3.2, family `data`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataClass {
    /// Anyone may know.
    Public,
    /// Anyone here may know.
    Internal,
    /// Confidential.
    Confidential,
    /// Personal, health, card or financial records.
    Regulated,
    /// Crown jewels.
    Crown,
}

/// What one can do with the resource. The order is the ladder of least privilege: earlier is narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Look.
    Read,
    /// Look, and use without changing what others see (run, comment, triage).
    Use,
    /// Change.
    Write,
    /// Manage others' access or the system's settings.
    Admin,
}

/// How far a machine may go alone (RISK.md R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Nobody has to be asked when nothing speaks against it.
    Automatic,
    /// A person always looks.
    Assisted,
    /// People do it; the machine only carries the papers.
    Manual,
}

/// One thing that can be granted in one system. The catalog's loader fills every field; none is guessed later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entitlement {
    /// The immutable id, `system:name` by custom.
    pub id: EntitlementId,
    /// Where it lives.
    pub system: SystemId,
    /// The vendor's sort of entitlement, `directory_role` for instance; empty where unknown.
    pub kind: String,
    /// The technical name in the target system.
    pub name: String,
    /// The name people read.
    pub title: String,
    /// One or two sentences: what it lets one do.
    pub description: String,
    /// Longer text, searched with less weight.
    pub details: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// What one can do with it.
    pub access: AccessLevel,
    /// How strong it is.
    pub privilege: Privilege,
    /// What data it opens.
    pub data: DataClass,
    /// True where it reaches production.
    pub production: bool,
    /// The least tier.
    pub tier: Tier,
    /// When people last agreed on tier and classes.
    pub class_reviewed: Date,
    /// When it entered the catalog.
    pub created: Date,
    /// Who answers for it.
    pub owners: Vec<PersonId>,
    /// The department that owns it.
    pub owner_department: String,
    /// True where asking from another department is ordinary.
    pub shared: bool,
    /// The company whose people use it; empty means every company.
    pub company: String,
    /// How long it is given when nobody says.
    pub default_window: Seconds,
    /// How long it may be given at most; `None` means it may be open-ended.
    pub longest_window: Option<Seconds>,
    /// How often standing access is looked at again.
    pub review_after: Option<Seconds>,
    /// True where a reason has to be given.
    pub reason_required: bool,
    /// Which connector opens and closes it.
    pub connector: ConnectorId,
    /// The business functions it lets one perform.
    pub functions: Vec<FunctionId>,
    /// Functions conflict only inside one scope (a company code, a tenant); empty means everywhere.
    pub scope: String,
    /// False for what a person cannot ask for.
    pub assignable: bool,
    /// True where the emergency path may open it.
    pub break_glass: bool,
    /// Departments that may ask; empty means everybody may.
    pub requestable_by: Vec<String>,
    /// Marked by its source as one of the keys to everything.
    pub privileged: bool,
    /// Its step, where it is one of several roles of a system that differ only in how far one may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<LadderStep>,
}

/// A step on a ladder of roles. All roles of one system and kind that name the same number of steps stand on one ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    /// The step; 0 is the narrowest.
    pub rank: u8,
    /// How many steps there are.
    pub of: u8,
}

impl LadderStep {
    /// A step; `None` where there is no ladder (fewer than two steps) or the step is not on it.
    #[must_use]
    pub fn new(rank: u8, of: u8) -> Option<Self> {
        (of > 1 && rank < of).then_some(Self { rank, of })
    }

    /// How far up it is, in thousandths.
    #[must_use]
    pub fn height(self) -> u16 {
        u16::from(self.rank) * 1000 / u16::from(self.of.max(2) - 1)
    }
}

/// A target system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct System {
    /// The immutable id.
    pub id: SystemId,
    /// The name people read.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Its connector, unless an entitlement names another.
    pub connector: ConnectorId,
}

/// Several entitlements asked for together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bundle {
    /// The immutable id.
    pub id: BundleId,
    /// The name people read.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// What is in it.
    pub entitlements: Vec<EntitlementId>,
}

/// How bad it is when one person holds both sides (RISK.md §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Noted.
    Low,
    /// Manager, with a detective control.
    Medium,
    /// Security and owner.
    High,
    /// Refused.
    Critical,
}

/// One segregation-of-duties rule: nobody performs both functions in one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SodRule {
    /// The rule's id, `SOD-FI-008` for instance.
    pub id: RuleId,
    /// What the rule is called.
    pub name: String,
    /// One side.
    pub a: FunctionId,
    /// The other side.
    pub b: FunctionId,
    /// How bad.
    pub severity: Severity,
    /// What could go wrong, in a sentence.
    pub impact: String,
    /// The control it serves, `AC-5` for instance.
    #[serde(default)]
    pub control: String,
}
