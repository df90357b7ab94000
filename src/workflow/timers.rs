//! Time passing over open requests: reminders, escalations, the end of waiting. A timer may pass a request on or let it lapse; it never
//! approves (RISK.md §8.5).

use jiff::Timestamp;

use crate::domain::decision::Candidate;
use crate::domain::ids::RequestId;
use crate::domain::job::Job;
use crate::domain::request::{Reassignment, Request, RequestEvent, RequestState};
use crate::domain::window::Seconds;
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::ClaimedJob;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::reminders;

/// After this long without a decision a request lapses.
pub const LAPSE: Seconds = Seconds::days(7);

/// Sets the timers of the open step, once for each time it is opened or passed on.
pub fn set(change: &mut Change<'_>, request: &Request) {
    let RequestState::Pending { passed_on, .. } = &request.state else { return };
    let Some((step, open)) = request.open_step() else { return };
    let (id, revision, since) = (request.id, request.revision, request.step_since);
    let key = format!("{id}:{revision}:{step}:{passed_on}");
    let half = Seconds(open.escalate_after.0 / 2);
    change.job(Job::Remind { request: id, revision, step }, half.after(since), format!("remind:{key}"));
    let late = open.escalate_after.after(since);
    change.job(Job::Escalate { request: id, revision, step }, late, format!("escalate:{key}"));
    change.job(Job::Lapse { request: id, revision }, lapses_at(request), format!("lapse:{id}:{revision}"));
}

/// When a pending request lapses: after seven days, or when the window it asks for is over.
#[must_use]
pub fn lapses_at(request: &Request) -> Timestamp {
    let week = LAPSE.after(request.filed_at);
    request.content.window.end().map_or(week, |end| end.min(week))
}

/// Has everybody told whom the present state concerns.
pub fn announce(change: &mut Change<'_>, request: &Request) {
    let job = Job::Announce { request: request.id, version: request.version };
    change.job(job, change.at(), format!("announce:{}:{}", request.id, request.version));
}

/// Reminds whoever sits on the open step.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn remind(
    house: &House,
    job: &ClaimedJob,
    id: RequestId,
    revision: u32,
    step: usize,
) -> Result<Handled, JobFault> {
    let Some(request) = still_open(house, id, revision, step).await? else { return Ok(Handled::Nothing) };
    let mut change = Change::by_job(house, &job.lease);
    let request = change.move_request(request, RequestEvent::Reminded { step }).map_err(|e| e.for_job())?;
    announce(&mut change, &request);
    reminders::say(&mut change, house, &request).await.map_err(|e| e.for_job())?;
    again(&mut change, &request, step);
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

/// Where everybody who could be asked has been, they are reminded again: each time after twice as long.
fn again(change: &mut Change<'_>, request: &Request, step: usize) {
    let Some((_, open)) = request.open_step() else { return };
    let waited = change.at().duration_since(request.step_since);
    let next = change.at().checked_add(waited).unwrap_or(Timestamp::MAX);
    if waited.as_secs() < i64::try_from(open.escalate_after.0).unwrap_or(i64::MAX) || next >= lapses_at(request) {
        return;
    }
    let (id, revision) = (request.id, request.revision);
    change.job(
        Job::Remind { request: id, revision, step },
        next,
        format!("remind:{id}:{revision}:{step}:{}", request.version),
    );
}

/// Passes the open step on to others who may take it. Nobody waits on a step that nobody takes.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn escalate(
    house: &House,
    job: &ClaimedJob,
    id: RequestId,
    revision: u32,
    step: usize,
) -> Result<Handled, JobFault> {
    let Some(request) = still_open(house, id, revision, step).await? else { return Ok(Handled::Nothing) };
    let Some((_, open)) = request.open_step() else { return Ok(Handled::Nothing) };
    let usable = |c: &&Candidate| {
        c.person != request.content.requester
            && c.person != request.content.beneficiary
            && !request.votes().iter().any(|v| v.by == c.person)
            && house.catalog.directory.get(&c.person).is_some_and(|p| p.is_present(house.now()))
    };
    let mut to: Vec<Candidate> = open.candidates.clone();
    for next in open.escalate_to.iter().filter(usable) {
        if !to.iter().any(|c| c.person == next.person) {
            to.push(next.clone());
        }
    }
    if to.len() == open.candidates.len() {
        // Everybody who could be asked has been; they are reminded, and the request lapses in its time.
        return remind(house, job, id, revision, step).await;
    }
    let mut change = Change::by_job(house, &job.lease);
    let event = RequestEvent::Reassigned { step, to, why: Reassignment::Deadline };
    let request = change.move_request(request, event).map_err(|e| e.for_job())?;
    set(&mut change, &request);
    announce(&mut change, &request);
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

/// Nobody decided in time.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn lapse(house: &House, job: &ClaimedJob, id: RequestId, revision: u32) -> Result<Handled, JobFault> {
    let request = house.store.request(id).await.map_err(|e| WorkflowError::from(e).for_job())?;
    let Some(request) = request.filter(|r| r.revision == revision && matches!(r.state, RequestState::Pending { .. }))
    else {
        return Ok(Handled::Nothing);
    };
    let mut change = Change::by_job(house, &job.lease);
    let request = change.move_request(request, RequestEvent::Expired).map_err(|e| e.for_job())?;
    announce(&mut change, &request);
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

async fn still_open(house: &House, id: RequestId, revision: u32, step: usize) -> Result<Option<Request>, JobFault> {
    let request = house.store.request(id).await.map_err(|e| WorkflowError::from(e).for_job())?;
    Ok(request.filter(|r| r.revision == revision && r.open_step().is_some_and(|(open, _)| open == step)))
}
