//! Facts as guardrails see them. Every attribute of the schema is filled, whatever the facts leave open.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};

use crate::domain::entitlement::{AccessLevel, DataClass, Privilege, Tier};
use crate::domain::facts::{ApproverFact, DecisionFacts, Device, PersonFacts};
use crate::domain::ids::PersonId;
use crate::domain::person::{Population, RiskLevel};
use crate::domain::window::Seconds;

/// How many days an open end counts for.
const OPEN_DAYS: i64 = 36_500;

/// The world one question is asked in.
#[derive(Debug, Clone)]
pub struct World {
    /// Who is to hold the access.
    pub principal: EntityUid,
    /// What is asked for.
    pub resource: EntityUid,
    /// How it is asked for.
    pub context: Context,
    /// Everybody and everything named.
    pub entities: Entities,
    /// Everybody who may be asked, for the action `approve`; empty unless called for.
    pub approvers: Vec<(PersonId, EntityUid)>,
}

/// Facts could not be put into the guardrails' terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the facts cannot be shown to the guardrails: {0}")]
pub struct NotExpressible(String);

type Attributes = HashMap<String, RestrictedExpression>;

fn broken(error: impl std::fmt::Display) -> NotExpressible {
    NotExpressible(error.to_string())
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, NotExpressible> {
    let name: EntityTypeName = kind.parse().map_err(broken)?;
    Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

fn class(kind: &str, id: &str) -> Result<RestrictedExpression, NotExpressible> {
    uid(kind, id).map(RestrictedExpression::new_entity_uid)
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.into_iter().map(text))
}

fn yes(value: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(value)
}

fn number(value: i64) -> RestrictedExpression {
    RestrictedExpression::new_long(value)
}

fn attributes<const N: usize>(pairs: [(&str, RestrictedExpression); N]) -> Attributes {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl World {
    /// The facts in the guardrails' terms; `with_approvers` where somebody wants to know who may decide.
    ///
    /// # Errors
    /// [`NotExpressible`] where Cedar refuses a value. No facts are known that do that; should some, people decide.
    pub fn of(facts: &DecisionFacts, with_approvers: bool) -> Result<Self, NotExpressible> {
        let principal = uid("Person", facts.beneficiary.id.as_str())?;
        let resource = uid("Entitlement", facts.entitlement.id.as_str())?;
        let mut entities = vec![
            entity(&principal, person(&facts.beneficiary, facts.beneficiary.risk.max(facts.requester.risk))?)?,
            entity(&resource, entitlement(facts)?)?,
        ];
        let mut approvers = Vec::new();
        if with_approvers {
            for (fact, parts) in candidates(facts) {
                let approver = uid("Approver", fact.id.as_str())?;
                let attributes = attributes([
                    ("id", text(fact.id.as_str())),
                    ("parts", texts(parts.iter().copied())),
                    ("present", yes(fact.present)),
                    ("managers", texts(fact.managers.iter().map(PersonId::as_str))),
                ]);
                entities.push(entity(&approver, attributes)?);
                approvers.push((fact.id, approver));
            }
        }
        let entities = Entities::from_entities(entities, None).map_err(broken)?;
        let context = Context::from_pairs(context(facts, &principal)?).map_err(broken)?;
        Ok(Self { principal, resource, context, entities, approvers })
    }
}

fn entity(uid: &EntityUid, attributes: Attributes) -> Result<Entity, NotExpressible> {
    Entity::new(uid.clone(), attributes, HashSet::new()).map_err(broken)
}

/// The worst risk level among requester and beneficiary counts, as in the score.
fn person(person: &PersonFacts, risk: RiskLevel) -> Result<Attributes, NotExpressible> {
    let population = match person.population {
        Population::Employee => "employee",
        Population::Contractor => "contractor",
        Population::ThirdParty => "third_party",
        Population::Agent => "agent",
    };
    let risk = match risk {
        RiskLevel::Low => "low",
        RiskLevel::Medium => "medium",
        RiskLevel::High => "high",
    };
    Ok(attributes([
        ("id", text(person.id.as_str())),
        ("population", class("Population", population)?),
        ("department", text(&person.department)),
        ("job_code", text(&person.job_code)),
        ("company", text(&person.company)),
        ("tenure_days", number(person.tenure_days)),
        ("notice", yes(person.notice)),
        ("risk", class("Risk", risk)?),
        ("groups", texts(person.groups.iter().map(|g| g.as_str()))),
    ]))
}

fn entitlement(facts: &DecisionFacts) -> Result<Attributes, NotExpressible> {
    let e = &facts.entitlement;
    let access = match e.access {
        AccessLevel::Read => "read",
        AccessLevel::Use => "use",
        AccessLevel::Write => "write",
        AccessLevel::Admin => "admin",
    };
    let privilege = match e.privilege {
        Privilege::None => "none",
        Privilege::Standard => "standard",
        Privilege::Elevated => "elevated",
        Privilege::Admin => "admin",
        Privilege::Tier0 => "tier0",
    };
    let data = match e.data {
        DataClass::Public => "public",
        DataClass::Internal => "internal",
        DataClass::Confidential => "confidential",
        DataClass::Regulated => "regulated",
        DataClass::Crown => "crown",
    };
    let tier = match e.tier {
        Tier::Automatic => "automatic",
        Tier::Assisted => "assisted",
        Tier::Manual => "manual",
    };
    Ok(attributes([
        ("id", text(e.id.as_str())),
        ("system", text(e.system.as_str())),
        ("kind", text(&e.kind)),
        ("access", class("Access", access)?),
        ("privilege", class("Privilege", privilege)?),
        ("data", class("Data", data)?),
        ("production", yes(e.production)),
        ("tier", class("Tier", tier)?),
        ("owner_department", text(&e.owner_department)),
        ("company", text(&e.company)),
        ("shared", yes(e.shared)),
        ("functions", texts(e.functions.iter().map(|f| f.as_str()))),
        ("scope", text(&e.scope)),
        ("privileged", yes(e.privileged)),
        ("class_age_days", number(facts.class_age_days())),
    ]))
}

fn context(facts: &DecisionFacts, beneficiary: &EntityUid) -> Result<Attributes, NotExpressible> {
    let device = match facts.session.device {
        Device::Managed => "managed",
        Device::Unmanaged => "unmanaged",
        Device::Unknown => "unknown",
    };
    let days =
        facts.window.length().map_or(OPEN_DAYS, |Seconds(s)| i64::try_from(s.div_ceil(86_400)).unwrap_or(OPEN_DAYS));
    Ok(attributes([
        ("days", number(days)),
        ("open_ended", yes(facts.window.end().is_none())),
        ("for_self", yes(facts.requester.id == facts.beneficiary.id)),
        ("reason_given", yes(facts.reason_given)),
        ("device", class("Device", device)?),
        ("session_elevated", yes(facts.session.elevated)),
        ("emergency", yes(facts.emergency.is_some())),
        ("cross_company", yes(facts.crosses_companies())),
        ("cross_department", yes(facts.crosses_departments())),
        ("merger_freeze", yes(facts.in_merger_freeze())),
        ("beneficiary", RestrictedExpression::new_entity_uid(beneficiary.clone())),
    ]))
}

/// Everybody who may be asked, once, with the parts they play. Of a delegate only what another part says is known.
fn candidates(facts: &DecisionFacts) -> Vec<(ApproverFact, Vec<&'static str>)> {
    let people = &facts.approvers;
    let parts: [(&'static str, &[ApproverFact]); 6] = [
        ("manager", &people.managers),
        ("owner", &people.owners),
        ("security", &people.security),
        ("compliance", &people.compliance),
        ("sponsor", people.sponsor.as_slice()),
        ("fallback", &people.fallback),
    ];
    let mut all: Vec<(ApproverFact, Vec<&'static str>)> = Vec::new();
    for (part, facts) in parts {
        for fact in facts {
            match all.iter_mut().find(|(known, _)| known.id == fact.id) {
                Some((_, parts)) => parts.push(part),
                None => all.push((fact.clone(), vec![part])),
            }
        }
    }
    let delegates: Vec<PersonId> = all.iter().filter_map(|(fact, _)| fact.delegate.clone()).collect();
    for id in delegates {
        match all.iter_mut().find(|(known, _)| known.id == id) {
            Some((_, parts)) if !parts.contains(&"delegate") => parts.push("delegate"),
            Some(_) => {}
            None => {
                let fact = ApproverFact { id, present: true, delegate: None, managers: Vec::new() };
                all.push((fact, vec!["delegate"]));
            }
        }
    }
    all
}
