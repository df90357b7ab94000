//! Gathers the facts of a decision: the only place where directory, catalog, history and clock are read for one. What comes out is
//! recorded whole, so that the decision can be made again from it alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::decision::Outcome;
use crate::domain::entitlement::Entitlement;
use crate::domain::facts::{
    ApproverFact, ApproverFacts, DecisionFacts, Device, EmergencyFacts, HeldFunction, HistoryFacts, OrganisationFacts,
    PeerFacts, PersonFacts, SessionFacts,
};
use crate::domain::grant::GrantState;
use crate::domain::ids::{EntitlementId, GrantId, GroupId, PersonId, RequestId};
use crate::domain::person::Person;
use crate::domain::request::RequestState;
use crate::domain::window::{AccessWindow, Seconds};
use crate::ports::store::{GrantQuery, RequestQuery};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::{House, StepUp};

/// What the emergency path is asked for with.
#[derive(Debug, Clone)]
pub struct Emergency {
    /// The incident's reference.
    pub incident: String,
    /// True where they proved once more that it is them, or will before it is filed.
    pub confirmed: bool,
}

/// What is asked, before anything is known about it.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Who asks.
    pub requester: &'a PersonId,
    /// Who is to hold it.
    pub beneficiary: &'a PersonId,
    /// What.
    pub entitlement: &'a EntitlementId,
    /// From when until when.
    pub window: AccessWindow,
    /// Whether a reason was given.
    pub reason_given: bool,
    /// On the emergency path: what it is about.
    pub emergency: Option<Emergency>,
    /// True when it is filed by a click on a card that showed exactly this.
    pub confirmed: bool,
    /// The request itself, where it exists already and is decided anew.
    pub existing: Option<RequestId>,
    /// The grant it lengthens, whose functions are not held against it.
    pub extends: Option<GrantId>,
    /// Who said no before and must not be the one to look again.
    pub appeal_against: Option<PersonId>,
}

impl<'a> Ask<'a> {
    /// Asked for oneself, with a reason, with nothing special about it.
    #[must_use]
    pub fn plain(who: &'a PersonId, entitlement: &'a EntitlementId, window: AccessWindow) -> Self {
        Self {
            requester: who,
            beneficiary: who,
            entitlement,
            window,
            reason_given: true,
            emergency: None,
            confirmed: true,
            existing: None,
            extends: None,
            appeal_against: None,
        }
    }
}

/// Gathers them.
///
/// # Errors
/// Where a person or entitlement is unknown, or the store cannot be read.
pub async fn gather(house: &House, ask: &Ask<'_>) -> Result<DecisionFacts, WorkflowError> {
    let now = house.now();
    let requester = house.person(ask.requester)?;
    let beneficiary = house.person(ask.beneficiary)?;
    let entitlement = house.entitlement(ask.entitlement)?;
    let roles = &house.catalog.roles;
    Ok(DecisionFacts {
        asked_at: now,
        requester: PersonFacts::of(&requester, now),
        beneficiary: PersonFacts::of(&beneficiary, now),
        window: ask.window,
        reason_given: ask.reason_given,
        peers: Some(peers(house, &beneficiary, &entitlement, now).await?),
        functions: functions(house, ask).await?,
        exceptions: house.catalog.sod_exceptions.get(ask.beneficiary).cloned().unwrap_or_default(),
        history: history(house, ask, &beneficiary, now).await?,
        session: SessionFacts { device: Device::Unknown, elevated: false, confirmed: ask.confirmed },
        approvers: approvers(house, &beneficiary, &entitlement, ask.appeal_against.as_ref(), now),
        emergency: ask.emergency.as_ref().map(|emergency| EmergencyFacts {
            incident: emergency.incident.clone(),
            step_up: match house.step_up {
                StepUp::Demo => true,
                StepUp::Pages => emergency.confirmed,
                StepUp::Unavailable => false,
            },
            eligible: beneficiary.groups.contains(&roles.break_glass),
        }),
        organisation: OrganisationFacts {
            automatic_enabled: true,
            merger_freeze: roles.merger_freeze.clone(),
            manual_fulfilment: is_manual(house, &entitlement),
        },
        policy: house.rules.digest(),
        entitlement: Entitlement { details: String::new(), ..(*entitlement).clone() },
    })
}

fn is_manual(house: &House, entitlement: &Entitlement) -> bool {
    matches!(
        house.catalog.connectors.get(&entitlement.connector),
        None | Some(crate::catalog::model::ConnectorEntry::Manual { .. })
    )
}

/// Who holds it by fair means: standing holdings that are used and no exception, and grants in force.
async fn fair_holders(
    house: &House,
    entitlement: &EntitlementId,
    now: Timestamp,
) -> Result<(BTreeSet<PersonId>, BTreeSet<PersonId>), WorkflowError> {
    let (mut fair, mut unfair) = (BTreeSet::new(), BTreeSet::new());
    for holding in house.catalog.holdings.iter().filter(|h| h.entitlement == *entitlement) {
        let unused = holding.last_used.is_some_and(|day| {
            let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            (today - day).get_days() >= 90
        });
        if holding.exception || unused {
            unfair.insert(holding.person.clone());
        } else {
            fair.insert(holding.person.clone());
        }
    }
    let open = GrantQuery { entitlement: Some(entitlement.clone()), open: true, ..GrantQuery::default() };
    for grant in house.store.grants(&open).await? {
        if grant.is_usable(now) {
            fair.insert(grant.order.beneficiary.clone());
        }
    }
    unfair.retain(|p| !fair.contains(p));
    Ok((fair, unfair))
}

/// Peers as RISK.md §4.1 has them: same department and job, widened until there are five.
async fn peers(
    house: &House,
    who: &Person,
    entitlement: &Entitlement,
    now: Timestamp,
) -> Result<PeerFacts, WorkflowError> {
    let (fair, unfair) = fair_holders(house, &entitlement.id, now).await?;
    let directory = &house.catalog.directory;
    let counted = |p: &Person| p.id != who.id && p.is_employed() && !unfair.contains(&p.id);
    let group = |fits: &dyn Fn(&Person) -> bool| -> Vec<PersonId> {
        directory.iter().filter(|p| counted(p) && fits(p)).map(|p| p.id.clone()).collect()
    };
    let mut choice = (
        format!("{} ({})", who.department, who.job_title),
        group(&|p| p.department == who.department && p.job_code == who.job_code),
    );
    let wider: [(String, Box<dyn Fn(&Person) -> bool>); 3] = [
        (format!("the {} department", who.department), Box::new(|p: &Person| p.department == who.department)),
        (format!("the {} job family", who.job_family), Box::new(|p: &Person| p.job_family == who.job_family)),
        ("the whole company".to_owned(), Box::new(|_: &Person| true)),
    ];
    for (name, fits) in wider {
        if choice.1.len() >= 5 {
            break;
        }
        choice = (name, group(&*fits));
    }
    let everybody = group(&|_| true);
    let among = |people: &[PersonId]| people.iter().filter(|p| fair.contains(*p)).count() as u64;
    let share = (among(&everybody) * 1_000_000).checked_div(everybody.len() as u64).unwrap_or(0);
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(PeerFacts {
        group: choice.0,
        holders: count(among(&choice.1)),
        peers: count(choice.1.len() as u64),
        organisation_share_ppm: count(share),
    })
}

/// What the beneficiary can do already, or will once open requests are through.
async fn functions(house: &House, ask: &Ask<'_>) -> Result<Vec<HeldFunction>, WorkflowError> {
    let mut held: BTreeMap<EntitlementId, bool> = BTreeMap::new();
    for holding in house.catalog.holdings.iter().filter(|h| h.person == *ask.beneficiary) {
        held.insert(holding.entitlement.clone(), false);
    }
    let mine = GrantQuery { beneficiary: Some(ask.beneficiary.clone()), open: true, ..GrantQuery::default() };
    for grant in house.store.grants(&mine).await? {
        if Some(grant.id) != ask.extends && Some(grant.order.request) != ask.existing {
            held.insert(grant.order.entitlement.clone(), false);
        }
    }
    let open = RequestQuery { beneficiary: Some(ask.beneficiary.clone()), open: true, ..RequestQuery::default() };
    for request in house.store.requests(&open).await? {
        if Some(request.id) != ask.existing {
            held.entry(request.content.entitlement.clone()).or_insert(true);
        }
    }
    let mut functions = Vec::new();
    for (id, pending) in held {
        if id == *ask.entitlement {
            continue;
        }
        if let Some(entitlement) = house.catalog.entitlement(&id) {
            functions.extend(entitlement.functions.iter().map(|function| HeldFunction {
                function: function.clone(),
                entitlement: id.clone(),
                scope: entitlement.scope.clone(),
                pending,
            }));
        }
    }
    functions.sort();
    functions.dedup();
    Ok(functions)
}

async fn history(house: &House, ask: &Ask<'_>, who: &Person, now: Timestamp) -> Result<HistoryFacts, WorkflowError> {
    let back = |span: Seconds| now.checked_sub(jiff::SignedDuration::from_secs(span.0 as i64)).unwrap_or(now);
    let midnight = now.to_zoned(who.time_zone()).start_of_day().map_or(now, |z| z.timestamp());
    let month = RequestQuery {
        beneficiary: Some(ask.beneficiary.clone()),
        filed_from: Some(back(Seconds::days(30))),
        limit: 1000,
        ..RequestQuery::default()
    };
    let recent = house.store.requests(&month).await?;
    let recent: Vec<_> = recent.iter().filter(|r| Some(r.id) != ask.existing).collect();
    let automatic = |person: Option<&PersonId>, entitlement: Option<&EntitlementId>| RequestQuery {
        beneficiary: person.cloned(),
        entitlement: entitlement.cloned(),
        filed_from: Some(midnight),
        automatic: true,
        ..RequestQuery::default()
    };
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let past = GrantQuery {
        beneficiary: Some(ask.beneficiary.clone()),
        entitlement: Some(ask.entitlement.clone()),
        ..GrantQuery::default()
    };
    let held_before = house.store.grants(&past).await?.iter().any(|g| {
        matches!(&g.state, GrantState::Ended { why, .. } if !matches!(why, crate::domain::grant::EndReason::Revoked { .. }))
    });
    let mine: Vec<_> = house.catalog.holdings.iter().filter(|h| h.person == who.id && h.last_used.is_some()).collect();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let unused = mine.iter().filter(|h| h.last_used.is_some_and(|d| (today - d).get_days() >= 90)).count() as u64;
    Ok(HistoryFacts {
        denied_in_30_days: recent
            .iter()
            .any(|r| r.content.entitlement == *ask.entitlement && matches!(r.state, RequestState::Denied { .. })),
        requests_last_hour: count(1 + recent.iter().filter(|r| r.filed_at >= back(Seconds::hours(1))).count() as u64),
        held_before,
        unused_share_ppm: (!mine.is_empty()).then(|| count(unused * 1_000_000 / mine.len() as u64)),
        automatic_person_today: count(house.store.count_requests(&automatic(Some(&who.id), None)).await?),
        automatic_entitlement_today: count(house.store.count_requests(&automatic(None, Some(ask.entitlement))).await?),
        automatic_all_today: count(house.store.count_requests(&automatic(None, None)).await?),
        break_glass_7_days: count(
            recent
                .iter()
                .filter(|r| r.filed_at >= back(Seconds::days(7)) && r.decision.route.outcome == Outcome::BreakGlass)
                .count() as u64,
        ),
    })
}

fn approvers(
    house: &House,
    beneficiary: &Person,
    entitlement: &Entitlement,
    barred: Option<&PersonId>,
    now: Timestamp,
) -> ApproverFacts {
    let directory = &house.catalog.directory;
    let may = |p: &Person| p.is_employed() && barred != Some(&p.id);
    let fact = |p: &Person| ApproverFact {
        id: p.id.clone(),
        present: p.is_present(now),
        delegate: p.delegate_at(now).filter(|d| directory.get(d).is_some_and(|d| d.is_present(now))).cloned(),
        managers: directory.managers_of(&p.id).iter().map(|m| m.id.clone()).collect(),
    };
    let members = |group: &GroupId| directory.members(group).filter(|p| may(p)).map(|p| fact(p)).collect();
    let one = |id: &PersonId| directory.get(id).filter(|p| may(p)).map(|p| fact(p));
    let roles = &house.catalog.roles;
    ApproverFacts {
        managers: directory.managers_of(&beneficiary.id).iter().filter(|p| may(p)).map(|p| fact(p)).collect(),
        owners: entitlement.owners.iter().filter_map(one).collect(),
        security: members(&roles.security),
        compliance: members(&roles.compliance),
        sponsor: beneficiary.sponsor.as_ref().and_then(one),
        fallback: members(&roles.fallback),
    }
}
