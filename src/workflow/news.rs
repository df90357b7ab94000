//! Tells people: whoever is asked gets the card, whoever asked hears each outcome. Running twice says nothing twice.

use crate::domain::action::Subject;
use crate::domain::card::{Card, CardKey, View};
use crate::domain::conversation::{Conversation, MessageBody, Surface};
use crate::domain::decision::{Obligation, Outcome};
use crate::domain::ids::{ConversationId, PersonId, RequestId};
use crate::domain::request::{Request, RequestState};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::{ClaimedJob, StoreError};
use crate::workflow::cards::news as words;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

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
        };
        let mut change = Change::by_person(house, who);
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
        let conversation = conversation(house, &person, Surface::Web).await?;
        let key = CardKey { subject: Subject::Request(id), view: View::Deciding };
        let (step, _) = request.open_step().unzip();
        change.say_once(
            conversation.id,
            &format!("decide:{id}:{}:{step:?}", request.revision),
            MessageBody::Live { key },
        );
        change.touches(&person);
    }
    let own = request.content.conversation;
    let about = &request.content;
    let heard = format!("news:{id}:{}:{}:{}", request.revision, request.state.name(), request.dialogue.len());
    if let Some(card) = words::for_requester(house, &request).await? {
        if let Some(conversation) = own {
            change.say_once(conversation, &heard, said(card));
        }
        change.touches(&about.requester);
    }
    if about.beneficiary != about.requester {
        if let Some(card) = words::for_beneficiary(house, &request) {
            let conversation = conversation(house, &about.beneficiary, Surface::Web).await?;
            change.say_once(conversation.id, &heard, said(card));
        }
        change.touches(&about.beneficiary);
    }
    for person in to_notify(house, &request) {
        let conversation = conversation(house, &person, Surface::Web).await?;
        change.say_once(conversation.id, &heard, said(words::for_watcher(house, &request, &person)));
        change.touches(&person);
    }
    tracing::info!(request.id = %id, request.version = version, request.state = request.state.name(), "told");
    change.commit().await?;
    Ok(Handled::Committed)
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
