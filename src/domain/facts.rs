//! The recorded facts a decision is made from. Gathered once, stored whole, and enough to decide again at any time:
//! nothing here needs a clock, a directory or a database to be read.
//!
//! Shares are in parts per million, so that no float enters a decision.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::entitlement::Entitlement;
use crate::domain::ids::{EntitlementId, FunctionId, GroupId, PersonId, RuleId};
use crate::domain::person::{Person, Population, RiskLevel};
use crate::domain::window::AccessWindow;

/// Everything one decision may look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionFacts {
    /// When the request (or its amendment) was filed.
    pub asked_at: Timestamp,
    /// Who asked.
    pub requester: PersonFacts,
    /// Who is to hold it; often the requester.
    pub beneficiary: PersonFacts,
    /// What is asked for, as the catalog stood (its long `details` left out).
    pub entitlement: Entitlement,
    /// From when until when.
    pub window: AccessWindow,
    /// True where a reason or ticket was given. What it says is never looked at.
    pub reason_given: bool,
    /// How many of the person's peers hold it; `None` is unknown, not zero.
    pub peers: Option<PeerFacts>,
    /// Business functions the beneficiary performs already, or will once pending requests are through.
    pub functions: Vec<HeldFunction>,
    /// Approved, expiring exceptions from duty separation.
    pub exceptions: Vec<SodException>,
    /// What happened before.
    pub history: HistoryFacts,
    /// Where the words came from.
    pub session: SessionFacts,
    /// Everybody the route may name, as they stood.
    pub approvers: ApproverFacts,
    /// Set when the emergency path is asked for.
    pub emergency: Option<EmergencyFacts>,
    /// The state of the house.
    pub organisation: OrganisationFacts,
    /// Digest of the policy set (guardrails, tables, duty rules) this is to be decided under.
    pub policy: Digest,
}

impl DecisionFacts {
    /// The entitlement belongs to another department, which does not share it.
    #[must_use]
    pub fn crosses_departments(&self) -> bool {
        let owner = &self.entitlement.owner_department;
        !owner.is_empty() && !self.entitlement.shared && *owner != self.beneficiary.department
    }

    /// The entitlement belongs to another company.
    #[must_use]
    pub fn crosses_companies(&self) -> bool {
        let company = &self.entitlement.company;
        !company.is_empty() && *company != self.beneficiary.company
    }

    /// It does, and both companies are still settling their merger.
    #[must_use]
    pub fn in_merger_freeze(&self) -> bool {
        let freeze = &self.organisation.merger_freeze;
        self.crosses_companies()
            && freeze.contains(&self.entitlement.company)
            && freeze.contains(&self.beneficiary.company)
    }

    /// How many days ago people agreed on the entitlement's class, by the day in UTC.
    #[must_use]
    pub fn class_age_days(&self) -> i64 {
        let today = self.asked_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        i64::from((today - self.entitlement.class_reviewed).get_days())
    }
}

/// One person as the directory stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonFacts {
    /// Who.
    pub id: PersonId,
    /// What kind of worker.
    pub population: Population,
    /// The department.
    pub department: String,
    /// The job's code.
    pub job_code: String,
    /// The company.
    pub company: String,
    /// Here and able to act at `asked_at`.
    pub present: bool,
    /// The account works (true on leave, false once disabled or departed).
    pub employed: bool,
    /// Days since they started; negative before the first day.
    pub tenure_days: i64,
    /// Days since they changed jobs here, where the directory says.
    pub moved_days_ago: Option<i64>,
    /// First moment after the contract ends.
    pub contract_ends: Option<Timestamp>,
    /// In the notice period.
    pub notice: bool,
    /// Their current risk level.
    pub risk: RiskLevel,
    /// Minutes of the day in their own zone, 0–1439, at `asked_at`.
    pub local_minute: u16,
    /// Day of the week in their own zone, Monday 1 to Sunday 7.
    pub local_weekday: u8,
    /// Groups they belong to.
    pub groups: Vec<GroupId>,
    /// Who decides for them now; such a person never decides on their requests.
    #[serde(default)]
    pub delegate: Option<PersonId>,
}

impl PersonFacts {
    /// What the directory says of a person at this moment.
    #[must_use]
    pub fn of(person: &Person, now: Timestamp) -> Self {
        let local = now.to_zoned(person.time_zone());
        let today = local.date();
        let days_since = |day: jiff::civil::Date| i64::from((today - day).get_days());
        Self {
            id: person.id.clone(),
            population: person.population,
            department: person.department.clone(),
            job_code: person.job_code.clone(),
            company: person.company.clone(),
            present: person.is_present(now),
            employed: person.is_employed(),
            tenure_days: days_since(person.started),
            moved_days_ago: person.moved.map(days_since),
            contract_ends: person.contract_end.and_then(|day| {
                let next = day.tomorrow().ok()?;
                next.to_zoned(person.time_zone()).ok().map(|z| z.timestamp())
            }),
            notice: person.notice,
            risk: person.risk,
            local_minute: u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0),
            local_weekday: u8::try_from(local.weekday().to_monday_one_offset()).unwrap_or(1),
            groups: person.groups.clone(),
            delegate: person.delegate_at(now).cloned(),
        }
    }
}

/// How common the entitlement is among people like the beneficiary (RISK.md §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeerFacts {
    /// The group in words: `Sales / sales_analyst`.
    pub group: String,
    /// Who of them holds it, by fair means and in use.
    pub holders: u32,
    /// How many they are, without the beneficiary.
    pub peers: u32,
    /// Share of the whole organisation that holds it, in parts per million.
    pub organisation_share_ppm: u32,
}

/// One business function held or asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct HeldFunction {
    /// The function.
    pub function: FunctionId,
    /// Which entitlement brings it.
    pub entitlement: EntitlementId,
    /// The scope it holds in; empty means everywhere.
    pub scope: String,
    /// True while the request for it is still open.
    pub pending: bool,
}

/// An approved exception from one duty-separation rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SodException {
    /// Which rule.
    pub rule: RuleId,
    /// The compensating control in words.
    pub control: String,
    /// Until when; past that the conflict counts again.
    pub until: Timestamp,
}

/// What happened before, as counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryFacts {
    /// The same entitlement was denied to this person in the last 30 days.
    pub denied_in_30_days: bool,
    /// Requests this person filed in the last hour, this one included.
    pub requests_last_hour: u32,
    /// Held before, used, and given back without incident.
    pub held_before: bool,
    /// Share of the person's entitlements unused for 90 days, parts per million; `None` is unknown.
    pub unused_share_ppm: Option<u32>,
    /// Requests of this person approved without a human today.
    pub automatic_person_today: u32,
    /// Requests for this entitlement approved without a human today.
    pub automatic_entitlement_today: u32,
    /// All requests approved without a human today.
    pub automatic_all_today: u32,
    /// Break-glass uses of this person in the last 7 days.
    pub break_glass_7_days: u32,
}

/// Whether the device is under management.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// Managed and compliant.
    Managed,
    /// Known not to be managed.
    Unmanaged,
    /// Nobody told us. Unknown is never taken for managed.
    #[default]
    Unknown,
}

/// Where the words came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionFacts {
    /// The device.
    pub device: Device,
    /// The session needed a step-up within the last hour.
    pub elevated: bool,
    /// The person confirmed a card that showed exactly this (always so when filed by a click).
    pub confirmed: bool,
}

/// Who may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApproverFacts {
    /// Line managers of the beneficiary, nearest first.
    pub managers: Vec<ApproverFact>,
    /// Owners of the entitlement.
    pub owners: Vec<ApproverFact>,
    /// Members of the security group.
    pub security: Vec<ApproverFact>,
    /// Members of the compliance group.
    pub compliance: Vec<ApproverFact>,
    /// Who answers for a contractor, third party or agent.
    pub sponsor: Option<ApproverFact>,
    /// Who is asked when nobody else can take a step.
    pub fallback: Vec<ApproverFact>,
}

/// One person who may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApproverFact {
    /// Who.
    pub id: PersonId,
    /// Able to act now.
    pub present: bool,
    /// Who decides for them now, where they said so and that person is present.
    pub delegate: Option<PersonId>,
    /// Everybody above them in the reporting line (for the two-person rule).
    pub managers: Vec<PersonId>,
}

/// The emergency path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmergencyFacts {
    /// The incident's reference, as given.
    pub incident: String,
    /// The person signed in again for this.
    pub step_up: bool,
    /// The person may use the emergency path at all.
    pub eligible: bool,
}

/// The state of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganisationFacts {
    /// Approval without a human is on.
    pub automatic_enabled: bool,
    /// Companies between which nothing goes without a human until the merger is settled.
    pub merger_freeze: Vec<String>,
    /// The entitlement's system has no connector that does it by itself.
    pub manual_fulfilment: bool,
}
