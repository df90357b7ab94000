//! From an approved request to an open door, and from an open door to a closed one. Every step can run twice.

use crate::domain::digest::Digest;
use crate::domain::grant::{EndReason, Grant, GrantEvent, GrantOrder, GrantState};
use crate::domain::ids::{GrantId, RequestId, TaskId};
use crate::domain::job::Job;
use crate::domain::request::{IllegalStep, Request, RequestEvent, RequestState};
use crate::domain::task::{Chore, TaskEvent};
use crate::domain::window::Seconds;
use crate::ports::connector::{ConnectorError, Errand, Receipt};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::{ClaimedJob, GrantQuery};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::timers;

/// How often a target system is asked to open before people are told that it cannot.
pub const OPEN_ATTEMPTS: u32 = 8;

/// How long a person has to open or close by hand.
const BY_HAND: Seconds = Seconds::hours(24);

/// Orders the grant of an approved request. Its end is stored here, before any connector is called.
///
/// # Errors
/// Where the request is not approved or its entitlement is gone.
pub fn order(change: &mut Change<'_>, house: &House, request: Request) -> Result<Request, WorkflowError> {
    let Some(approved) = request.approved() else {
        return Err(IllegalStep { state: request.state.name(), event: "ordered" }.into());
    };
    let entitlement = house.entitlement(approved.entitlement())?;
    let review_after = request.decision.route.review_after.or(entitlement.review_after);
    let order = GrantOrder::for_approved(&approved, entitlement.connector.clone(), review_after);
    let id = grant_id(request.id, request.revision);
    let window = order.window;
    change.open_grant(id, GrantEvent::Ordered { order })?;
    let request = change.move_request(request, RequestEvent::Ordered { grant: id })?;
    if let Some(end) = window.end() {
        change.job(Job::Expire { grant: id }, end, format!("expire:{id}"));
    }
    change.job(Job::Open { grant: id }, window.start().max(change.at()), format!("open:{id}"));
    if let Some(after) = review_after {
        change.job(Job::Review { grant: id }, after.after(change.at()), format!("review:{id}:1"));
    }
    timers::announce(change, &request);
    Ok(request)
}

/// The grant's id follows from the request's, so that ordering twice makes one grant.
#[must_use]
pub fn grant_id(request: RequestId, revision: u32) -> GrantId {
    let digest = Digest::of(format!("grant of {request} revision {revision}").as_bytes());
    let mut bytes = *request.as_bytes();
    // The time part of the request's id stays, so that ids keep sorting by time.
    bytes[6..].copy_from_slice(&digest.0[..10]);
    GrantId::from_bytes(bytes)
}

/// Has the connector open a grant.
///
/// # Errors
/// [`JobFault::Later`] where the target system does not answer.
pub async fn open(house: &House, job: &ClaimedJob, id: GrantId) -> Result<Handled, JobFault> {
    let Some((grant, request)) = load(house, id).await? else { return Ok(Handled::Nothing) };
    if !matches!(grant.state, GrantState::Ordered { task: None }) {
        return Ok(Handled::Nothing);
    }
    if grant.order.window.end().is_some_and(|end| end <= house.now()) {
        return Ok(Handled::Nothing); // The expiry job ends it.
    }
    let fail = async |grant: Grant, request: Request, cause: String| -> Result<Handled, JobFault> {
        let mut change = Change::by_job(house, &job.lease);
        change.move_grant(grant, GrantEvent::Failed { cause: cause.clone() }).map_err(|e| e.for_job())?;
        let request = change.move_request(request, RequestEvent::Failed { cause }).map_err(|e| e.for_job())?;
        timers::announce(&mut change, &request);
        change.commit().await.map_err(|e| e.for_job())?;
        Ok(Handled::Committed)
    };
    let Ok(person) = house.person(&grant.order.beneficiary) else {
        return fail(grant, request, "the person is no longer in the directory".into()).await;
    };
    if !person.is_employed() {
        return fail(grant, request, "the person no longer works here".into()).await;
    }
    let Ok(entitlement) = house.entitlement(&grant.order.entitlement) else {
        return fail(grant, request, "the access is no longer in the catalog".into()).await;
    };
    let connector = house.connector(&grant.order.connector).map_err(|e| e.for_job())?;
    let errand = Errand { grant: id, order: &grant.order, person: &person, entitlement: &entitlement };
    match connector.open(&errand).await {
        Ok(Receipt::Confirmed { evidence }) => {
            let change = Change::by_job(house, &job.lease);
            confirm(change, grant, request, evidence).await.map_err(|e| e.for_job())?;
            Ok(Handled::Committed)
        }
        Ok(Receipt::ByHand { assignees }) => {
            let mut change = Change::by_job(house, &job.lease);
            let task = raise(&mut change, house, Chore::Fulfil { grant: id }, assignees).map_err(|e| e.for_job())?;
            change.move_grant(grant, GrantEvent::TaskRaised { task }).map_err(|e| e.for_job())?;
            timers::announce(&mut change, &request);
            change.commit().await.map_err(|e| e.for_job())?;
            Ok(Handled::Committed)
        }
        Err(ConnectorError::Unavailable { what }) if job.attempts < OPEN_ATTEMPTS => Err(JobFault::Later(what)),
        Err(ConnectorError::Unavailable { what }) => {
            // It may have opened without telling us: close before calling it failed.
            connector.close(&errand).await.map_err(|e| JobFault::Later(e.to_string()))?;
            fail(grant, request, format!("the target system did not answer: {what}")).await
        }
        Err(ConnectorError::Refused { what }) => {
            fail(grant, request, format!("the target system refused: {what}")).await
        }
    }
}

/// The door is open: grant and request become active, what it supersedes ends.
///
/// # Errors
/// Where the events do not fit or somebody else wrote first.
pub async fn confirm(
    mut change: Change<'_>,
    grant: Grant,
    request: Request,
    evidence: String,
) -> Result<(), WorkflowError> {
    change.move_grant(grant, GrantEvent::Confirmed { evidence })?;
    let extends = request.content.extends;
    let request = change.move_request(request, RequestEvent::Activated)?;
    if let Some(old) = extends {
        change.job(Job::Expire { grant: old }, change.at(), format!("supersede:{old}:{}", request.id));
    }
    timers::announce(&mut change, &request);
    change.commit().await
}

/// The window of a grant is over, or a longer one took its place.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn expire(house: &House, job: &ClaimedJob, id: GrantId) -> Result<Handled, JobFault> {
    let Some((grant, _)) = load(house, id).await? else { return Ok(Handled::Nothing) };
    if !matches!(grant.state, GrantState::Ordered { .. } | GrantState::Active { .. }) {
        return Ok(Handled::Nothing);
    }
    let over = grant.order.window.end().is_some_and(|end| end <= house.now());
    let why = match cover(house, &grant).await.map_err(|e| e.for_job())? {
        Some(longer) => EndReason::Superseded { by: longer.id },
        None if over => EndReason::Expired,
        None => return Ok(Handled::Nothing),
    };
    let mut change = Change::by_job(house, &job.lease);
    end(&mut change, grant, why).map_err(|e| e.for_job())?;
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

/// Begins the end of a grant.
///
/// # Errors
/// Where the grant is not open.
pub fn end(change: &mut Change<'_>, grant: Grant, why: EndReason) -> Result<Grant, WorkflowError> {
    if let GrantState::Ordered { task: Some(task) } = grant.state {
        change.job(Job::TaskDue { task }, change.at(), format!("drop:{task}"));
    }
    let grant = change.move_grant(grant, GrantEvent::EndRequested { why })?;
    change.job(Job::Close { grant: grant.id }, change.at(), format!("close:{}", grant.id));
    Ok(grant)
}

/// Has the connector close a grant. Never gives up: an open door is worse than a noisy log.
///
/// # Errors
/// [`JobFault::Later`] where the target system does not answer.
pub async fn close(house: &House, job: &ClaimedJob, id: GrantId) -> Result<Handled, JobFault> {
    let Some((grant, request)) = load(house, id).await? else { return Ok(Handled::Nothing) };
    if !matches!(grant.state, GrantState::Ending { task: None, .. }) {
        return Ok(Handled::Nothing);
    }
    let closed = async |grant: Grant, request: Request, evidence: String| -> Result<Handled, JobFault> {
        let change = Change::by_job(house, &job.lease);
        closed(change, grant, request, evidence).await.map_err(|e| e.for_job())?;
        Ok(Handled::Committed)
    };
    if let Some(longer) = cover(house, &grant).await.map_err(|e| e.for_job())? {
        return closed(grant, request, format!("kept open by {}", longer.id.short())).await;
    }
    let (Ok(person), Ok(entitlement)) =
        (house.person(&grant.order.beneficiary), house.entitlement(&grant.order.entitlement))
    else {
        return Err(JobFault::Later("the person or the access is no longer known; close it by hand".into()));
    };
    let connector = house.connector(&grant.order.connector).map_err(|e| e.for_job())?;
    let errand = Errand { grant: id, order: &grant.order, person: &person, entitlement: &entitlement };
    match connector.close(&errand).await {
        Ok(Receipt::Confirmed { evidence }) => closed(grant, request, evidence).await,
        Ok(Receipt::ByHand { assignees }) => {
            let mut change = Change::by_job(house, &job.lease);
            let task = raise(&mut change, house, Chore::Withdraw { grant: id }, assignees).map_err(|e| e.for_job())?;
            change.move_grant(grant, GrantEvent::TaskRaised { task }).map_err(|e| e.for_job())?;
            change.commit().await.map_err(|e| e.for_job())?;
            Ok(Handled::Committed)
        }
        Err(error) => Err(JobFault::Later(error.to_string())),
    }
}

/// The door is closed: grant and request are over.
///
/// # Errors
/// Where the events do not fit or somebody else wrote first.
pub async fn closed(
    mut change: Change<'_>,
    grant: Grant,
    request: Request,
    evidence: String,
) -> Result<(), WorkflowError> {
    change.move_grant(grant, GrantEvent::Closed { evidence })?;
    if matches!(request.state, RequestState::Active { .. } | RequestState::Provisioning { .. }) {
        let request = change.move_request(request, RequestEvent::Ended)?;
        timers::announce(&mut change, &request);
    }
    change.commit().await
}

/// Another grant that keeps the same door open for the same person, longer than this one.
async fn cover(house: &House, grant: &Grant) -> Result<Option<Grant>, WorkflowError> {
    let same = GrantQuery {
        beneficiary: Some(grant.order.beneficiary.clone()),
        entitlement: Some(grant.order.entitlement.clone()),
        open: true,
        ..GrantQuery::default()
    };
    let now = house.now();
    let end = |g: &Grant| g.order.window.end().unwrap_or(jiff::Timestamp::MAX);
    let others = house.store.grants(&same).await?;
    Ok(others.into_iter().find(|g| g.id != grant.id && g.is_usable(now) && end(g) > end(grant)))
}

/// Gives a chore to people.
///
/// # Errors
/// Where the event does not fit.
pub fn raise(
    change: &mut Change<'_>,
    house: &House,
    chore: Chore,
    mut assignees: Vec<crate::domain::ids::PersonId>,
) -> Result<TaskId, WorkflowError> {
    if assignees.is_empty() {
        let fallback = house.catalog.roles.fallback.clone();
        assignees = house.catalog.directory.members(&fallback).map(|p| p.id.clone()).collect();
    }
    let id = TaskId::mint(change.at(), house.entropy.as_ref());
    let due = BY_HAND.after(change.at());
    change.open_task(id, TaskEvent::Raised { chore, assignees, due })?;
    change.job(Job::TaskDue { task: id }, due, format!("due:{id}:1"));
    Ok(id)
}

/// The grant and its request.
///
/// # Errors
/// Where the store cannot be read.
pub async fn load(house: &House, id: GrantId) -> Result<Option<(Grant, Request)>, JobFault> {
    let read = async || -> Result<Option<(Grant, Request)>, WorkflowError> {
        let Some(grant) = house.store.grant(id).await? else { return Ok(None) };
        let request = house.store.request(grant.order.request).await?;
        Ok(request.map(|r| (grant, r)))
    };
    read().await.map_err(|e| e.for_job())
}
