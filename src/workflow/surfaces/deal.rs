//! Dealing with what came in: who it is, whether they may, what they want, and what is said at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::Posted;
use crate::domain::action::{Action, ActionToken, Subject, Verb};
use crate::domain::card::{Button, Card, CardKey, Section, Style, View};
use crate::domain::digest::Digest;
use crate::domain::event::{Actor, HouseEvent};
use crate::domain::ids::{EventId, PersonId};
use crate::domain::posting::{Audience, Posting, Shows, Standing};
use crate::ports::desk::{Desk as _, DeskError, DeskErrorKind};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::posting::Delivered;
use crate::ports::store::{ClaimedJob, StoreError};
use crate::ports::surface::{ANSWERED_APART, Incoming, Now, SurfaceError, What};
use crate::workflow::change::Change;
use crate::workflow::decide;
use crate::workflow::desk::FrontDesk;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::dealing::{self, Dealing};
use crate::workflow::surfaces::tend::in_time;
use crate::workflow::surfaces::{claims, draw, reach};

/// Deals with a delivery at once.
pub async fn now(house: &Arc<House>, incoming: &Incoming) -> Now {
    if !house.surfaces.pace.admits(&incoming.back.account, house.now()) {
        let delivery = dealing::key(incoming.back.account.surface, &incoming.once);
        return match dealt(house, delivery).await {
            Ok(()) => whisper(too_many()),
            Err(_) => Now::Nothing,
        };
    }
    // Closed it never is; if it were, everybody would have their turn.
    let _turn = house.surfaces.turns.acquire().await.ok();
    match with(house, incoming).await {
        Ok(now) => now,
        Err(error) => {
            // The job that was kept with the delivery tries again.
            tracing::warn!(%error, "a delivery could not be dealt with yet");
            Now::Nothing
        }
    }
}

/// Deals with a delivery that nobody got to: whoever took it is gone, or is still at it and will find it done.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn job(house: &Arc<House>, _: &ClaimedJob, delivery: &Digest) -> Result<Handled, JobFault> {
    let found = house.store.delivery(delivery).await.map_err(|e| WorkflowError::from(e).for_job())?;
    let Delivered::Waits { payload } = found else { return Ok(Handled::Nothing) };
    let incoming: Incoming = serde_json::from_str(&payload).map_err(|e| JobFault::Never(e.to_string()))?;
    match with(house, &incoming).await.map_err(|e| e.for_job())? {
        Now::Nothing | Now::Replace(_) => {}
        Now::Whisper { note, .. } => {
            // Nobody waits for the answer any more, so it is whispered if the platform still lets us.
            let platform = house.surfaces.get(incoming.back.account.surface);
            if let Some(platform) = platform
                && let Err(error) = in_time(platform.whisper(&incoming.back, &note)).await
                && matches!(error, SurfaceError::Later { .. })
            {
                tracing::info!(%error, "a late answer could not be whispered");
            }
        }
    }
    Ok(Handled::Nothing)
}

/// Marks a delivery as dealt with that changed nothing else.
async fn dealt(house: &House, delivery: Digest) -> Result<(), WorkflowError> {
    let mut change = Change::by(house, Actor::System);
    change.deals_with(delivery);
    change.commit().await
}

async fn with(house: &Arc<House>, incoming: &Incoming) -> Result<Now, WorkflowError> {
    let surface = incoming.back.account.surface;
    let delivery = dealing::key(surface, &incoming.once);
    if house.store.delivery(&delivery).await? == Delivered::Dealt {
        return Ok(Now::Nothing);
    }
    if incoming.private {
        reach::met(house, &incoming.back).await?;
    }
    let dealing = Dealing::new(delivery);
    let here = Arc::new(House { dealing: Some(dealing.clone()), ..House::clone(house) });
    let now = match here.surfaces.people.person_of(&here, &incoming.back, incoming.standing).await {
        Err(note) => Now::Whisper { note, fresh: None },
        Ok(who) => match &incoming.what {
            What::Said { words } => said(&here, &who, incoming, words).await,
            What::Clicked { token, fields, on } => clicked(&here, &who, incoming, token, fields, on.as_ref()).await?,
        },
    };
    // Where nothing was changed, it is said now that it was dealt with; where somebody else was faster, theirs is the answer.
    if let Some(delivery) = dealing.unsaid() {
        match dealt(house, delivery).await {
            Ok(()) => {}
            Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => return Ok(Now::Nothing),
            Err(error) => return Err(error),
        }
    }
    Ok(now)
}

async fn said(house: &Arc<House>, who: &PersonId, incoming: &Incoming, words: &str) -> Now {
    let surface = incoming.back.account.surface;
    if words.trim().is_empty() {
        return whisper(greeting(house, who));
    }
    match FrontDesk(Arc::clone(house)).say(who, surface, words, Some(&incoming.once)).await {
        Err(error) => whisper(note(&error)),
        Ok(_) if incoming.private => Now::Nothing,
        Ok(_) => whisper(
            Card::note(ANSWERED_APART).para("What you ask for is between you and me, and whoever decides on it."),
        ),
    }
}

async fn clicked(
    house: &Arc<House>,
    who: &PersonId,
    incoming: &Incoming,
    token: &ActionToken,
    fields: &BTreeMap<String, String>,
    on: Option<&Posted>,
) -> Result<Now, WorkflowError> {
    let surface = incoming.back.account.surface;
    let clicked = house.tokens.open(token, house.now()).ok();
    let copy = match on {
        Some(on) => house.store.posting_on(surface, &on.place, &on.message).await?,
        None => None,
    };
    let done = FrontDesk(Arc::clone(house)).click(who, surface, token, fields).await;
    if done.is_ok()
        && let Some(Action { verb: Verb::Ask, subject, .. }) = clicked
    {
        claims::take_up(house, who, subject).await?;
    }
    let fresh = fresh(house, who, copy, clicked).await?.map(Box::new);
    Ok(match done {
        Ok(reply) => match reply.cards.into_iter().find(|card| card.key.is_none()) {
            // A card without a key stands nowhere else.
            Some(note) => Now::Whisper { note: Box::new(note), fresh },
            None => fresh.map_or(Now::Nothing, Now::Replace),
        },
        // Nothing was decided: the link is for the clicker alone, and the message stays as it is.
        Err(DeskError { kind: DeskErrorKind::StepUp, fresh: Some(link), .. }) => Now::Whisper { note: link, fresh },
        Err(error) => {
            let told = note(&error);
            Now::Whisper { note: Box::new(told), fresh: fresh.or(error.fresh) }
        }
    })
}

/// The clicked message as it stands now, where it is one of ours that is drawn from a subject.
async fn fresh(
    house: &Arc<House>,
    who: &PersonId,
    copy: Option<Posting>,
    clicked: Option<Action>,
) -> Result<Option<Card>, WorkflowError> {
    let copy = match (copy, clicked) {
        (Some(copy), _) => copy,
        // The platform does not say which message it was: in private it is drawn for whoever clicked.
        (None, Some(action)) => {
            let Some(key) = key_of(&action) else { return Ok(None) };
            let nowhere = crate::domain::posting::Lane(String::new());
            let audience = Audience::Person { id: who.clone() };
            let id = crate::domain::ids::MessageId::from_bytes([0; 16]);
            Posting::wanted(
                id,
                nowhere,
                crate::domain::conversation::Surface::Web,
                Shows::Live { key },
                audience,
                house.now(),
            )
        }
        (None, None) => return Ok(None),
    };
    if copy.key().is_none() || copy.standing == Standing::Gone {
        return Ok(None);
    }
    match draw::draw(house, &copy).await {
        Ok(drawing) => Ok(drawing.map(|d| d.card)),
        Err(WorkflowError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Which card a button stands on.
fn key_of(action: &Action) -> Option<CardKey> {
    let view = match (action.subject, action.verb) {
        (Subject::Request(_), Verb::Approve | Verb::ApproveShorter | Verb::Deny | Verb::Ask) => View::Deciding,
        (Subject::Task(_), _) => View::Deciding,
        (Subject::Inquiry(_) | Subject::Conversation(_), _) => return None,
        _ => View::Own,
    };
    Some(CardKey { subject: action.subject, view })
}

/// The button behind a token as it stands now for this person.
///
/// # Errors
/// What to tell the clicker alone.
pub async fn form(house: &Arc<House>, who: &PersonId, token: &ActionToken) -> Result<Button, Box<Card>> {
    let told = |error: WorkflowError| {
        let reference = EventId::mint(house.now(), house.entropy.as_ref()).short();
        Box::new(note(&error.for_person(reference)))
    };
    let action = match house.tokens.open(token, house.now()) {
        Ok(action) => action,
        Err(error) => {
            let mut change = Change::by_person(house, who);
            let refused = HouseEvent::Refused { verb: "form".into(), on: None, cause: error.to_string() };
            change.house_event(refused);
            change.commit().await.map_err(told)?;
            return Err(told(error.into()));
        }
    };
    let bare = Button {
        verb: action.verb,
        label: String::new(),
        style: Style::Plain,
        token: token.clone(),
        confirm: None,
        form: None,
    };
    let Some(key) = key_of(&action) else { return Ok(bare) };
    let deciding = key.view == View::Deciding && matches!(action.subject, Subject::Request(_));
    if deciding
        && let Subject::Request(id) = action.subject
        && let Some(request) = house.store.request(id).await.map_err(|e| told(e.into()))?
    {
        // Whoever may not decide is told why before they fill anything in, and it is recorded.
        decide::may_decide(house, who, &request).await.map_err(told)?;
    }
    let card = FrontDesk(Arc::clone(house)).draw(who, key).await.map_err(|e| Box::new(note(&e)))?;
    let same = |t: &ActionToken| {
        house.tokens.open(t, house.now()).is_ok_and(|a| {
            (a.verb, a.subject, a.seen, a.argument) == (action.verb, action.subject, action.seen, action.argument)
        })
    };
    if let Some(button) = card.actions.iter().find(|b| same(&b.token)) {
        if deciding && claims::takes_up(action.verb) {
            claims::take_up(house, who, action.subject).await.map_err(told)?;
        }
        return Ok(button.clone());
    }
    let chosen = card
        .body
        .iter()
        .any(|s| matches!(s, Section::Choices { options, .. } if options.iter().any(|o| same(&o.token))));
    if chosen {
        return Ok(bare);
    }
    Err(Box::new(
        Card::note("This has changed since you saw it")
            .para("The card has been drawn anew, or will be in a moment. Nothing was done."),
    ))
}

fn whisper(note: Card) -> Now {
    Now::Whisper { note: Box::new(note), fresh: None }
}

/// What the desk said no with, as a card.
fn note(error: &DeskError) -> Card {
    let mut card = Card::note(error.said.clone()).para(error.next.clone());
    if error.kind == DeskErrorKind::Unavailable {
        card = card.para(format!("Reference: {}", error.reference));
    }
    card
}

/// What somebody is told who sends more than a person can say.
#[must_use]
pub fn too_many() -> Card {
    Card::note("That was a lot at once")
        .para("Nothing was done with the last message. Wait a minute and send it again.")
}

fn greeting(house: &House, who: &PersonId) -> Card {
    let name = house.person(who).map(|p| p.first_name().to_owned()).unwrap_or_default();
    Card::note(format!("Hello {name}, what do you need?").replace(" ,", ","))
        .para("Tell me in your words: “read access to the sales reports until Friday, for the board deck”.")
        .para("Or ask: “what do I have?”, “why was I locked out?”, “who approves the production database?”.")
}
