//! Tasks for named people: opening and closing by hand, looking at standing access again, looking at uses of the emergency path.

use crate::domain::grant::{EndReason, GrantEvent, GrantState};
use crate::domain::ids::{GrantId, PersonId, TaskId, TicketId};
use crate::domain::job::Job;
use crate::domain::task::{Chore, Task, TaskEvent, TaskState};
use crate::domain::ticket::{Category, Ticket};
use crate::domain::window::Seconds;
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::ClaimedJob;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{provision, tickets};

/// How long a task has after it was passed on.
const ONE_MORE_DAY: Seconds = Seconds::hours(24);

/// Somebody did their task.
///
/// # Errors
/// Where it is not theirs, is done already, needs a proof, or somebody else wrote first.
pub async fn done(house: &House, who: &PersonId, task: Task, proof: Option<String>) -> Result<(), WorkflowError> {
    check(house, who, &task).await?;
    let by_hand = matches!(
        task.chore,
        Chore::Fulfil { .. } | Chore::Withdraw { .. } | Chore::ReviewEmergency { .. } | Chore::Ticket { .. }
    );
    if by_hand && proof.is_none() {
        return Err(WorkflowError::Invalid {
            said: "The record needs a word about what you did.".into(),
            next: "Write a ticket number or one sentence and send it again.".into(),
        });
    }
    let mut change = Change::by_person(house, who);
    let evidence = format!("done by hand by {}, task {}", house.name(who), task.id.short());
    let chore = task.chore.clone();
    let proof = proof.map(|words| change.text(who, words));
    change.move_task(task, TaskEvent::Done { by: who.clone(), proof: proof.clone() })?;
    match chore {
        Chore::Ticket { ticket } => {
            tickets::resolve(&mut change, house, who, ticket, proof).await?;
            change.commit().await
        }
        Chore::Fulfil { grant } => {
            let (grant, request) = load(house, grant).await?;
            provision::confirm(change, grant, request, evidence).await
        }
        Chore::Withdraw { grant } => {
            let (grant, request) = load(house, grant).await?;
            provision::closed(change, grant, request, evidence).await
        }
        Chore::Review { grant } => {
            let (grant, _) = load(house, grant).await?;
            let again = grant.order.review_after.unwrap_or(Seconds::days(30)).after(change.at());
            let id = grant.id;
            let grant = change.move_grant(grant, GrantEvent::Kept { by: who.clone() })?;
            change.job(Job::Review { grant: id }, again, format!("review:{id}:{}", grant.version));
            change.commit().await
        }
        Chore::ReviewEmergency { .. } => change.commit().await,
    }
}

/// A reviewer says that standing access is no longer needed.
///
/// # Errors
/// As [`done`].
pub async fn review_ends(house: &House, who: &PersonId, task: Task) -> Result<(), WorkflowError> {
    check(house, who, &task).await?;
    let Chore::Review { grant } = task.chore else { return Err(WorkflowError::NotFound("review")) };
    let (grant, _) = load(house, grant).await?;
    let mut change = Change::by_person(house, who);
    change.move_task(task, TaskEvent::Done { by: who.clone(), proof: None })?;
    provision::end(&mut change, grant, EndReason::Revoked { by: who.clone() })?;
    change.commit().await
}

async fn check(house: &House, who: &PersonId, task: &Task) -> Result<(), WorkflowError> {
    if !task.assignees.contains(who) {
        return Err(WorkflowError::NotFound("task"));
    }
    match &task.state {
        TaskState::Open => {}
        TaskState::Done { by, .. } => {
            return Err(WorkflowError::Invalid {
                said: format!("{} has done this already.", house.name(by)),
                next: "There is nothing more to do.".into(),
            });
        }
        TaskState::Dropped => {
            return Err(WorkflowError::Invalid {
                said: "This is no longer needed.".into(),
                next: "There is nothing more to do.".into(),
            });
        }
    }
    // Nobody judges their own emergency, nor their own standing access.
    let own = match &task.chore {
        Chore::ReviewEmergency { request } => {
            house.store.request(*request).await?.is_some_and(|r| r.content.beneficiary == *who)
        }
        Chore::Review { grant } => house.store.grant(*grant).await?.is_some_and(|g| g.order.beneficiary == *who),
        Chore::Ticket { ticket } => house.store.ticket(*ticket).await?.is_some_and(|t| t.content.person == *who),
        Chore::Fulfil { .. } | Chore::Withdraw { .. } => false,
    };
    if own {
        return Err(WorkflowError::Forbidden {
            said: "Somebody else has to look at what you did or hold yourself.".into(),
            next: "The others who were asked will see to it.".into(),
        });
    }
    Ok(())
}

/// A task's time is up: drop it where it is no longer needed, else ask others as well.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn due(house: &House, job: &ClaimedJob, id: TaskId) -> Result<Handled, JobFault> {
    let task = house.store.task(id).await.map_err(|e| WorkflowError::from(e).for_job())?;
    let Some(task) = task.filter(|t| t.state == TaskState::Open) else { return Ok(Handled::Nothing) };
    let mut change = Change::by_job(house, &job.lease);
    if !still_needed(house, &task).await? {
        change.move_task(task, TaskEvent::Dropped).map_err(|e| e.for_job())?;
    } else if task.due <= house.now() {
        let roles = &house.catalog.roles;
        let security = match task.chore {
            Chore::ReviewEmergency { .. } => true,
            Chore::Ticket { ticket } => {
                about(house, ticket).await?.is_some_and(|t| t.content.category == Category::Security)
            }
            _ => false,
        };
        let group = if security { &roles.security } else { &roles.fallback };
        let own = match task.chore {
            Chore::Ticket { ticket } => about(house, ticket).await?.map(|t| t.content.person),
            _ => None,
        };
        let mut to: Vec<PersonId> = house.catalog.directory.members(group).map(|p| p.id.clone()).collect();
        to.retain(|p| Some(p) != own.as_ref());
        let due = ONE_MORE_DAY.after(house.now());
        let task = change.move_task(task, TaskEvent::Escalated { to, due }).map_err(|e| e.for_job())?;
        change.job(Job::TaskDue { task: id }, due, format!("due:{id}:{}", task.version));
    } else {
        return Ok(Handled::Nothing);
    }
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

async fn still_needed(house: &House, task: &Task) -> Result<bool, JobFault> {
    let grant = async |id: GrantId| house.store.grant(id).await.map_err(|e| WorkflowError::from(e).for_job());
    Ok(match task.chore {
        Chore::Fulfil { grant: id } => grant(id).await?.is_some_and(|g| matches!(g.state, GrantState::Ordered { .. })),
        Chore::Withdraw { grant: id } => grant(id).await?.is_some_and(|g| matches!(g.state, GrantState::Ending { .. })),
        Chore::Review { grant: id } => grant(id).await?.is_some_and(|g| matches!(g.state, GrantState::Active { .. })),
        Chore::ReviewEmergency { .. } => true,
        Chore::Ticket { ticket } => about(house, ticket).await?.is_some_and(|t| t.is_open()),
    })
}

async fn about(house: &House, ticket: TicketId) -> Result<Option<Ticket>, JobFault> {
    house.store.ticket(ticket).await.map_err(|e| WorkflowError::from(e).for_job())
}

/// Standing access is due for a look.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn review(house: &House, job: &ClaimedJob, id: GrantId) -> Result<Handled, JobFault> {
    let grant = house.store.grant(id).await.map_err(|e| WorkflowError::from(e).for_job())?;
    let Some(grant) = grant.filter(|g| g.is_usable(house.now())) else { return Ok(Handled::Nothing) };
    let holder = &grant.order.beneficiary;
    let owners = house.catalog.entitlement(&grant.order.entitlement).map(|e| e.owners.clone()).unwrap_or_default();
    let manager = house.catalog.directory.managers_of(holder).first().map(|m| m.id.clone());
    let reviewers: Vec<PersonId> = manager.into_iter().chain(owners).filter(|p| p != holder).collect();
    let mut change = Change::by_job(house, &job.lease);
    provision::raise(&mut change, house, Chore::Review { grant: id }, reviewers).map_err(|e| e.for_job())?;
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

async fn load(
    house: &House,
    id: GrantId,
) -> Result<(crate::domain::grant::Grant, crate::domain::request::Request), WorkflowError> {
    let grant = house.store.grant(id).await?.ok_or(WorkflowError::NotFound("access"))?;
    let request = house.store.request(grant.order.request).await?.ok_or(WorkflowError::NotFound("request"))?;
    Ok((grant, request))
}
