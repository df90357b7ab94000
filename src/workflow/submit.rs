//! Files a draft: the person's own click makes a request of it.

use crate::domain::action::Subject;
use crate::domain::card::{CardKey, View};
use crate::domain::conversation::{Author, Conversation, Draft, DraftState, MessageBody, Purpose};
use crate::domain::decision::Outcome;
use crate::domain::event::{HouseEvent, Stream};
use crate::domain::ids::{PersonId, RequestId};
use crate::domain::request::{Content, Denial, Request, RequestEvent, RequestState, TextRef};
use crate::domain::task::Chore;
use crate::domain::window::Seconds;
use crate::ports::store::StoreError;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::facts::{self, Ask, Emergency};
use crate::workflow::house::House;
use crate::workflow::step_up::Proof;
use crate::workflow::{drafts, evaluate, preview, provision, timers};

/// How long after a person's no somebody else can be asked to look again.
pub const APPEAL: Seconds = Seconds::days(30);

/// The name of the lock that keeps two halves of a toxic pair from passing each other unseen.
#[must_use]
pub fn person_lock(person: &PersonId) -> String {
    format!("person:{person}")
}

/// Files the draft. Filing it again answers with the request it became. `shown` is what its read-back said of the way it would go, where
/// that is known (see [`preview`]).
///
/// # Errors
/// Where something is missing from the draft, or somebody else wrote first.
pub async fn submit(
    house: &House,
    who: &PersonId,
    mut conversation: Conversation,
    draft: &Draft,
    incident: Option<String>,
    proof: Option<Proof>,
    shown: Option<u16>,
) -> Result<RequestId, WorkflowError> {
    if let DraftState::Filed { request } = draft.state {
        return Ok(request);
    }
    let content = content(house, who, &conversation, draft).await?;
    let lock = person_lock(&content.beneficiary);
    let version = house.store.lock_version(&lock).await?;
    let amended = match draft.purpose {
        Purpose::Amend { request } => Some(still_pending(house, who, request).await?),
        Purpose::New | Purpose::Extend { .. } => None,
    };
    let facts = facts::gather(
        house,
        &Ask {
            requester: who,
            beneficiary: &content.beneficiary,
            entitlement: &content.entitlement,
            window: content.window,
            reason_given: content.reason.is_some(),
            emergency: draft
                .emergency
                .then(|| Emergency { incident: incident.unwrap_or_default(), confirmed: proof.is_some() }),
            confirmed: true,
            existing: amended.as_ref().map(|r| r.id),
            extends: content.extends,
            appeal_against: None,
        },
    )
    .await?;
    let decision = Box::new(evaluate::decide(house, &facts));
    let changed = shown.and_then(|shown| preview::changed(house, shown, &decision));
    let mut change = Change::by_person(house, who);
    change.lock(lock, version);
    change.once(format!("submit:{}", draft.id));
    evaluate::keep_papers(&mut change, house, &facts)?;
    let request = match amended {
        Some(request) => change.move_request(request, RequestEvent::Amended { content, decision })?,
        None => {
            let id = RequestId::mint(change.at(), house.entropy.as_ref());
            change.open_request(id, RequestEvent::Submitted { content, decision })?
        }
    };
    let request = follow_up(&mut change, house, request)?;
    if let Some(proof) = &proof {
        proof.spend(&mut change);
        let (on, how) = (Stream::Request(request.id), proof.how.clone());
        change.house_event(HouseEvent::Confirmed { on, verb: "submit".into(), how });
    }
    drafts::settle(&mut conversation, draft.id, DraftState::Filed { request: request.id });
    conversation.question = None;
    conversation.topic = Some(request.content.entitlement.clone());
    conversation.version += 1;
    if let Some(card) = changed {
        change.say(conversation.id, Author::Claviger, MessageBody::Said { card: Box::new(card) });
    }
    let key = CardKey { subject: Subject::Request(request.id), view: View::Own };
    change.say(conversation.id, Author::Claviger, MessageBody::Live { key });
    change.conversation(conversation);
    match change.commit().await {
        Ok(()) => Ok(request.id),
        Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => filed_before(house, who, draft).await,
        Err(error) => Err(error),
    }
}

/// What follows from the state a decision led to: the grant, or people being asked.
///
/// # Errors
/// Where the request cannot be ordered.
pub fn follow_up(change: &mut Change<'_>, house: &House, request: Request) -> Result<Request, WorkflowError> {
    match &request.state {
        RequestState::Approved { .. } => {
            if request.decision.route.outcome == Outcome::BreakGlass {
                let soc = house.catalog.roles.soc.clone();
                let reviewers = house.catalog.directory.members(&soc).map(|p| p.id.clone());
                let others = reviewers.filter(|p| *p != request.content.beneficiary && *p != request.content.requester);
                provision::raise(change, house, Chore::ReviewEmergency { request: request.id }, others.collect())?;
            }
            provision::order(change, house, request)
        }
        RequestState::Pending { .. } => {
            timers::set(change, &request);
            timers::announce(change, &request);
            Ok(request)
        }
        _ => {
            timers::announce(change, &request);
            Ok(request)
        }
    }
}

async fn content(
    house: &House,
    who: &PersonId,
    conversation: &Conversation,
    draft: &Draft,
) -> Result<Content, WorkflowError> {
    let Some(entitlement) = draft.entitlement.clone() else {
        return Err(WorkflowError::Invalid {
            said: "It is not settled yet which access you mean.".into(),
            next: "Pick one of the choices on the card, or say it in other words.".into(),
        });
    };
    let found = house.entitlement(&entitlement)?;
    let reason = match draft.reason {
        Some(id) => house.store.text(id).await?.map(|t| TextRef { id, commitment: t.commitment() }),
        None => None,
    };
    if found.reason_required && reason.is_none() {
        return Err(WorkflowError::Invalid {
            said: format!("For “{}” a reason is needed.", found.title),
            next: "Add it on the card, or just tell me what you need it for.".into(),
        });
    }
    if draft.window.end().is_some_and(|end| end <= house.now()) {
        return Err(WorkflowError::Invalid {
            said: "The time you asked for is over.".into(),
            next: "Say until when you need it, and I make a new card.".into(),
        });
    }
    let extends = match draft.purpose {
        Purpose::Extend { grant } => Some(grant),
        Purpose::New | Purpose::Amend { .. } => None,
    };
    Ok(Content {
        requester: who.clone(),
        beneficiary: draft.beneficiary.clone(),
        entitlement,
        window: draft.window,
        reason,
        emergency: draft.emergency,
        conversation: Some(conversation.id),
        extends,
    })
}

/// Asks somebody else to look at a person's no again: a new request of the same content, without whoever said no among those asked.
///
/// # Errors
/// Where it was not a person who said no, nothing was written, or somebody else wrote first.
pub async fn appeal(
    house: &House,
    who: &PersonId,
    denied: &Request,
    words: Option<String>,
) -> Result<Request, WorkflowError> {
    let RequestState::Denied { denial: Denial::Person { vote } } = &denied.state else {
        return Err(WorkflowError::Invalid {
            said: "The rules refused this, so no other person can approve it.".into(),
            next: "An exception has to be agreed with compliance and security first; the card names the rule.".into(),
        });
    };
    let Some(words) = words else {
        return Err(WorkflowError::Invalid {
            said: "Say what should be looked at again.".into(),
            next: "Write one sentence and send it again.".into(),
        });
    };
    if APPEAL.after(vote.at) <= house.now() {
        return Err(WorkflowError::Invalid {
            said: format!("That no is more than {APPEAL} old."),
            next: "Ask anew for what you need now.".into(),
        });
    }
    if *who != denied.content.requester && *who != denied.content.beneficiary {
        return Err(WorkflowError::NotFound("request"));
    }
    let lock = person_lock(&denied.content.beneficiary);
    let version = house.store.lock_version(&lock).await?;
    let mut change = Change::by_person(house, who);
    let reason = Some(change.text(who, words));
    let content = Content { requester: who.clone(), reason, ..denied.content.clone() };
    let facts = facts::gather(
        house,
        &Ask {
            beneficiary: &content.beneficiary,
            extends: content.extends,
            appeal_against: Some(vote.by.clone()),
            ..Ask::plain(who, &content.entitlement, content.window)
        },
    )
    .await?;
    let decision = Box::new(evaluate::decide(house, &facts));
    change.lock(lock, version);
    change.once(format!("appeal:{}", denied.id));
    evaluate::keep_papers(&mut change, house, &facts)?;
    let id = RequestId::mint(change.at(), house.entropy.as_ref());
    let conversation = content.conversation;
    let request = change.open_request(id, RequestEvent::Submitted { content, decision })?;
    let request = follow_up(&mut change, house, request)?;
    if let Some(conversation) = conversation {
        let key = CardKey { subject: Subject::Request(id), view: View::Own };
        change.say(conversation, Author::Claviger, MessageBody::Live { key });
    }
    change.commit().await?;
    Ok(request)
}

async fn still_pending(house: &House, who: &PersonId, id: RequestId) -> Result<Request, WorkflowError> {
    let request = house.store.request(id).await?.ok_or(WorkflowError::NotFound("request"))?;
    if request.content.requester != *who {
        return Err(WorkflowError::NotFound("request"));
    }
    if !matches!(request.state, RequestState::Pending { .. }) {
        return Err(WorkflowError::Invalid {
            said: "That request is decided already, so it can no longer be changed.".into(),
            next: "Ask anew for what you need now.".into(),
        });
    }
    Ok(request)
}

async fn filed_before(house: &House, who: &PersonId, draft: &Draft) -> Result<RequestId, WorkflowError> {
    for surface in crate::workflow::desk::SURFACES {
        if let Some(conversation) = house.store.conversation_of(who, surface).await?
            && let Some(Draft { state: DraftState::Filed { request }, .. }) =
                conversation.drafts.iter().find(|d| d.id == draft.id)
        {
            return Ok(*request);
        }
    }
    Err(WorkflowError::NotFound("draft"))
}
