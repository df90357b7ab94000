//! Tells people: whoever is asked gets the card, whoever asked hears each outcome. Running twice says nothing twice.

use crate::domain::action::Subject;
use crate::domain::card::{Card, CardKey, View};
use crate::domain::conversation::{Conversation, MessageBody, Surface};
use crate::domain::decision::{Obligation, Outcome};
use crate::domain::ids::{ConversationId, PersonId, RequestId, TaskId};
use crate::domain::request::{Request, RequestState};
use crate::domain::task::TaskState;
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::{ClaimedJob, StoreError};
use crate::workflow::cards::news as words;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::{channel, reach};

/// A person's conversation on a surface, made where there is none.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn conversation(house: &House, who: &PersonId, on: Surface) -> Result<Conversation, WorkflowError> {
    for _ in 0..3 {
        if let Some(found) = house.store.conversation_of(who, on).await? {
            return Ok(found);
        }
        let fresh = Conversation {
            id: ConversationId::mint(house.now(), house.entropy.as_ref()),
            person: who.clone(),
            surface: on,
            version: 1,
            drafts: Vec::new(),
            topic: None,
            question: None,
            aside: Vec::new(),
            heard: None,
            inquiry: None,
            notices: false,
            shown: None,
        };
        let mut change = Change::before_person(house, who);
        change.once(format!("conversation:{who}:{on:?}"));
        change.conversation(fresh.clone());
        match change.commit().await {
            Ok(()) => return Ok(fresh),
            Err(WorkflowError::Store(StoreError::Conflict(_) | StoreError::AlreadyDone(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Conflict(format!("conversation of {who}")).into())
}

/// Tells everybody whom the present state of a request concerns.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn announce(house: &House, job: &ClaimedJob, id: RequestId, version: u64) -> Result<Handled, JobFault> {
    tell(house, job, id, version).await.map_err(|e| e.for_job())
}

async fn tell(house: &House, job: &ClaimedJob, id: RequestId, version: u64) -> Result<Handled, WorkflowError> {
    let Some(request) = house.store.request(id).await? else { return Ok(Handled::Nothing) };
    let mut change = Change::by_job(house, &job.lease);
    for person in to_decide(&request) {
        let key = CardKey { subject: Subject::Request(id), view: View::Deciding };
        let (step, _) = request.open_step().unzip();
        let once = format!("decide:{id}:{}:{step:?}", request.revision);
        for conversation in everywhere(house, &person).await? {
            change.say_once(conversation, &once, MessageBody::Live { key });
        }
        change.touches(&person);
    }
    channel::announce(&mut change, house, &request);
    let own = request.content.conversation;
    let about = &request.content;
    let heard = format!("news:{id}:{}:{}:{}", request.revision, request.state.name(), request.dialogue.len());
    if let Some(card) = words::for_requester(house, &request).await? {
        if let Some(conversation) = own {
            change.say_about(conversation, &heard, said(card), Subject::Request(id));
        }
        change.touches(&about.requester);
    }
    if about.beneficiary != about.requester {
        if let Some(card) = words::for_beneficiary(house, &request) {
            for conversation in everywhere(house, &about.beneficiary).await? {
                change.say_about(conversation, &heard, said(card.clone()), Subject::Request(id));
            }
        }
        change.touches(&about.beneficiary);
    }
    for person in to_notify(house, &request) {
        let card = words::for_watcher(house, &request, &person);
        for conversation in everywhere(house, &person).await? {
            change.say_about(conversation, &heard, said(card.clone()), Subject::Request(id));
        }
        change.touches(&person);
    }
    tracing::info!(request.id = %id, request.version = version, request.state = request.state.name(), "told");
    change.commit().await?;
    Ok(Handled::Committed)
}

/// Where somebody hears of what others did: in the web chat, and on every platform where they have an account.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn everywhere(house: &House, person: &PersonId) -> Result<Vec<ConversationId>, WorkflowError> {
    let mut found = vec![conversation(house, person, Surface::Web).await?.id];
    for surface in reach::platforms_of(house, person).await? {
        found.push(conversation(house, person, surface).await?.id);
    }
    Ok(found)
}

/// Tells those who may do a task, on chat platforms. (The web's inbox shows it anyway.)
///
/// # Errors
/// Where the store cannot be reached.
pub async fn tell_task(house: &House, job: &ClaimedJob, id: TaskId) -> Result<Handled, JobFault> {
    let told = async || -> Result<Handled, WorkflowError> {
        let Some(task) = house.store.task(id).await?.filter(|t| t.state == TaskState::Open) else {
            return Ok(Handled::Nothing);
        };
        let mut change = Change::by_job(house, &job.lease);
        let key = CardKey { subject: Subject::Task(id), view: View::Deciding };
        for person in &task.assignees {
            for surface in reach::platforms_of(house, person).await? {
                let conversation = conversation(house, person, surface).await?;
                change.say_once(conversation.id, &format!("task:{id}"), MessageBody::Live { key });
            }
        }
        change.commit().await?;
        Ok(Handled::Committed)
    };
    told().await.map_err(|e| e.for_job())
}

fn said(card: Card) -> MessageBody {
    MessageBody::Said { card: Box::new(card) }
}

fn to_decide(request: &Request) -> Vec<PersonId> {
    request.open_step().map(|(_, s)| s.candidates.iter().map(|c| c.person.clone()).collect()).unwrap_or_default()
}

/// Who hears of it without deciding: owners and the security operations centre, where a rule says so and the door has been opened.
fn to_notify(house: &House, request: &Request) -> Vec<PersonId> {
    let opened = matches!(request.state, RequestState::Provisioning { .. } | RequestState::Active { .. });
    if !opened {
        return Vec::new();
    }
    let route = &request.decision.route;
    let emergency = route.outcome == Outcome::BreakGlass;
    let mut people = Vec::new();
    if emergency || route.obligations.contains(&Obligation::NotifySoc) {
        let soc = house.catalog.roles.soc.clone();
        people.extend(house.catalog.directory.members(&soc).map(|p| p.id.clone()));
    }
    if emergency || route.obligations.contains(&Obligation::NotifyOwner) {
        let owners = house.catalog.entitlement(&request.content.entitlement).map(|e| e.owners.clone());
        people.extend(owners.unwrap_or_default());
    }
    people.sort();
    people.dedup();
    people.retain(|p| *p != request.content.requester && *p != request.content.beneficiary);
    people
}
