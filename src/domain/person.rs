//! People as the directory knows them, and the directory itself: an immutable snapshot that is swapped whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{GroupId, PersonId};

/// What kind of worker somebody is; each kind has rules of its own (RISK.md R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// On the payroll.
    Employee,
    /// Works here for a time, by contract.
    Contractor,
    /// A vendor's or partner's identity.
    ThirdParty,
    /// An agent or workload, not a human.
    Agent,
}

/// Whether somebody is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Presence {
    /// At work.
    Active,
    /// Away until the start of this day.
    OnLeave {
        /// First day back.
        until: Date,
    },
    /// The account is switched off.
    Disabled,
    /// Has left.
    Departed,
}

/// A current risk level heard from the sign-in side (CAEP 1.0 `current_level`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Nothing known against them.
    #[default]
    Low,
    /// Something odd.
    Medium,
    /// Something wrong.
    High,
}

/// "While I am away, ask …": time-boxed, one level deep (RISK.md §8.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// Who decides instead.
    pub to: PersonId,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// One natural person, or one named agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The immutable id.
    pub id: PersonId,
    /// The full name as people write it.
    pub name: String,
    /// The mail address, lower case.
    pub email: String,
    /// The department's name, `Sales` for instance.
    pub department: String,
    /// The job's code; together with the department it makes the peer group.
    pub job_code: String,
    /// The job's title.
    pub job_title: String,
    /// The job family, a wider peer group.
    pub job_family: String,
    /// The line manager.
    #[serde(default)]
    pub manager: Option<PersonId>,
    /// The legal company (there may be several after a merger).
    pub company: String,
    /// The IANA name of their time zone, `Europe/Berlin` for instance.
    pub zone: String,
    /// What kind of worker.
    pub population: Population,
    /// First day here.
    pub started: Date,
    /// Last day of a contract, inclusive.
    #[serde(default)]
    pub contract_end: Option<Date>,
    /// The day they changed jobs here, where that is recent.
    #[serde(default)]
    pub moved: Option<Date>,
    /// True inside the notice period.
    #[serde(default)]
    pub notice: bool,
    /// Here, away or gone.
    pub presence: Presence,
    /// Who answers for a contractor, third party or agent.
    #[serde(default)]
    pub sponsor: Option<PersonId>,
    /// Groups they belong to.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Their current risk level.
    #[serde(default)]
    pub risk: RiskLevel,
    /// Who decides while they are away.
    #[serde(default)]
    pub delegation: Option<Delegation>,
}

impl Person {
    /// Their time zone; UTC where the directory's name is unknown (the loader refuses such names).
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// True while the person can act at this moment: not away, not switched off, not gone.
    #[must_use]
    pub fn is_present(&self, now: Timestamp) -> bool {
        match self.presence {
            Presence::Active => true,
            Presence::OnLeave { until } => now.to_zoned(self.time_zone()).date() >= until,
            Presence::Disabled | Presence::Departed => false,
        }
    }

    /// True while the account works at all (being on leave does not end it).
    #[must_use]
    pub fn is_employed(&self) -> bool {
        matches!(self.presence, Presence::Active | Presence::OnLeave { .. })
    }

    /// The delegate in force at this moment.
    #[must_use]
    pub fn delegate_at(&self, now: Timestamp) -> Option<&PersonId> {
        self.delegation.as_ref().filter(|d| d.from <= now && now < d.until && d.to != self.id).map(|d| &d.to)
    }

    /// The name people are called by.
    #[must_use]
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// Everybody, at one moment. Cheap to clone and to share.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: Arc<BTreeMap<PersonId, Arc<Person>>>,
}

impl Directory {
    /// A snapshot of these people; of two with the same id the later one counts.
    #[must_use]
    pub fn new(people: impl IntoIterator<Item = Person>) -> Self {
        Self { people: Arc::new(people.into_iter().map(|p| (p.id.clone(), Arc::new(p))).collect()) }
    }

    /// The person with this id.
    #[must_use]
    pub fn get(&self, id: &PersonId) -> Option<&Arc<Person>> {
        self.people.get(id)
    }

    /// The name of this person, or the id where the directory no longer knows them.
    #[must_use]
    pub fn name(&self, id: &PersonId) -> String {
        self.get(id).map_or_else(|| id.to_string(), |p| p.name.clone())
    }

    /// Everybody, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.people.values()
    }

    /// How many people.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// How many people are employed now; whoever has left is still known, but is nobody to be.
    #[must_use]
    pub fn employed(&self) -> usize {
        self.people.values().filter(|p| p.is_employed()).count()
    }

    /// True where there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The members of a group, by id.
    pub fn members<'a>(&'a self, group: &'a GroupId) -> impl Iterator<Item = &'a Arc<Person>> {
        self.people.values().filter(move |p| p.groups.contains(group))
    }

    /// The line managers above a person, nearest first; stops at a loop.
    #[must_use]
    pub fn managers_of(&self, id: &PersonId) -> Vec<Arc<Person>> {
        let mut chain: Vec<Arc<Person>> = Vec::new();
        let mut next = self.get(id).and_then(|p| p.manager.clone());
        while let Some(manager) = next.and_then(|m| self.get(&m)) {
            if manager.id == *id || chain.iter().any(|seen| seen.id == manager.id) {
                break;
            }
            chain.push(manager.clone());
            next = manager.manager.clone();
        }
        chain
    }

    /// True when `junior` stands anywhere below `senior` in the reporting line.
    #[must_use]
    pub fn reports_to(&self, junior: &PersonId, senior: &PersonId) -> bool {
        self.managers_of(junior).iter().any(|m| m.id == *senior)
    }
}
