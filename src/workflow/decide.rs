//! Approvers' clicks: yes, yes for less time, no, a question; and the requester's answer, withdrawal and appeal.

use std::collections::BTreeMap;

use crate::domain::card::View;
use crate::domain::decision::Candidate;
use crate::domain::event::{HouseEvent, Stream};
use crate::domain::ids::PersonId;
use crate::domain::request::{Ballot, Denial, Request, RequestEvent, RequestState, Vote};
use crate::domain::window::AccessWindow;
use crate::understanding::time;
use crate::understanding::types::SaidEnd;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::facts::{self, Ask};
use crate::workflow::house::House;
use crate::workflow::step_up::Proof;
use crate::workflow::submit::{follow_up, person_lock};
use crate::workflow::{cards, evaluate, timers};

/// The most characters a reason, question or answer may have.
pub const MAX_REASON: usize = 1_000;

/// A field of the form, trimmed; `None` where it is empty.
///
/// # Errors
/// Where it is longer than [`MAX_REASON`].
pub fn field(inputs: &BTreeMap<String, String>, name: &str) -> Result<Option<String>, WorkflowError> {
    let Some(value) = inputs.get(name).map(|v| v.trim()).filter(|v| !v.is_empty()) else { return Ok(None) };
    if value.chars().count() > MAX_REASON {
        return Err(WorkflowError::Invalid {
            said: format!("That is longer than {MAX_REASON} characters."),
            next: "Make it shorter and send it again.".into(),
        });
    }
    Ok(Some(value.to_owned()))
}

/// Whether this person may decide the open step now; what they are asked as.
///
/// # Errors
/// [`WorkflowError::Forbidden`] with the reason. The refusal is recorded.
pub async fn may_decide(house: &House, who: &PersonId, request: &Request) -> Result<(usize, Candidate), WorkflowError> {
    let refuse = |cause: &str, said: &str, next: &str| {
        (cause.to_owned(), WorkflowError::Forbidden { said: said.to_owned(), next: next.to_owned() })
    };
    let checked = match request.open_step() {
        None => Err(refuse("decided", "This is decided already.", "There is nothing more to do.")),
        Some(_) if *who == request.content.requester || *who == request.content.beneficiary => Err(refuse(
            "own_request",
            "Nobody decides on access for themselves, nor on what they asked for others.",
            "Whoever is asked has been told; you will hear from me.",
        )),
        Some(_) if request.votes().iter().any(|v| v.by == *who) => Err(refuse(
            "voted",
            "You have had your say on this one; the next yes has to be somebody else's.",
            "There is nothing more to do for you.",
        )),
        Some((step, open)) => {
            open.candidates.iter().find(|c| c.person == *who).map(|c| (step, c.clone())).ok_or_else(|| {
                refuse(
                    "not_asked",
                    "You are not among those who may decide this.",
                    "If you think you should be, ask the owner of the access or the security team.",
                )
            })
        }
    };
    let present = house.catalog.directory.get(who).is_some_and(|p| p.is_employed());
    match checked {
        Ok(found) if present => Ok(found),
        Ok(_) => Err(WorkflowError::NotEmployed(who.clone())),
        Err((cause, error)) => {
            let mut change = Change::by_person(house, who);
            let on = Some(Stream::Request(request.id));
            change.house_event(HouseEvent::Refused { verb: "decide".into(), on, cause });
            change.commit().await?;
            Err(error)
        }
    }
}

/// A yes, perhaps for less time. The last yes orders the grant, unless the rules have become tighter meanwhile.
///
/// # Errors
/// Where the person may not, the time cannot be used, or somebody else wrote first.
pub async fn approve(
    house: &House,
    who: &PersonId,
    request: Request,
    window: Option<AccessWindow>,
    reason: Option<String>,
    proof: Option<Proof>,
) -> Result<Request, WorkflowError> {
    let (step, asked_as) = may_decide(house, who, &request).await?;
    let lock = person_lock(&request.content.beneficiary);
    let version = house.store.lock_version(&lock).await?;
    let mut change = Change::by_person(house, who);
    let reason = reason.map(|words| change.text(who, words));
    if let Some(proof) = &proof {
        proof.spend(&mut change);
    }
    let vote = Vote {
        step,
        by: who.clone(),
        in_place_of: asked_as.in_place_of,
        ballot: Ballot::Approve,
        window,
        reason,
        confirmed: proof.as_ref().map(|p| p.how.clone()),
        at: change.at(),
    };
    let before = request.clone();
    let after = change.move_request(request, RequestEvent::Voted { vote })?;
    let after = match &after.state {
        RequestState::Approved { .. } => {
            if let Some(tighter) = tightened(house, &before).await? {
                let mut change = Change::by_person(house, who);
                change.lock(lock, version);
                evaluate::keep_papers(&mut change, house, &tighter.0)?;
                let request =
                    change.move_request(before, RequestEvent::Reevaluated { decision: Box::new(tighter.1) })?;
                let request = follow_up(&mut change, house, request)?;
                change.commit().await?;
                return Err(WorkflowError::Stale {
                    said: "Meanwhile more speaks against this than when it was filed, so it was decided anew.".into(),
                    fresh: Box::new(cards::request::draw(house, &request, who, View::Deciding).await?),
                });
            }
            change.lock(lock, version);
            follow_up(&mut change, house, after)?
        }
        _ => {
            timers::set(&mut change, &after);
            timers::announce(&mut change, &after);
            after
        }
    };
    change.commit().await?;
    Ok(after)
}

/// The decision as it would be made now, where that is tighter than the one people were asked under.
async fn tightened(
    house: &House,
    request: &Request,
) -> Result<Option<(crate::domain::facts::DecisionFacts, crate::domain::decision::Decision)>, WorkflowError> {
    let content = &request.content;
    let facts = facts::gather(
        house,
        &Ask {
            requester: &content.requester,
            beneficiary: &content.beneficiary,
            entitlement: &content.entitlement,
            window: content.window,
            reason_given: content.reason.is_some(),
            emergency: None,
            confirmed: true,
            existing: Some(request.id),
            extends: content.extends,
            appeal_against: None,
        },
    )
    .await?;
    let decision = evaluate::decide(house, &facts);
    Ok(evaluate::is_tighter(&decision, &request.decision).then_some((facts, decision)))
}

/// A no.
///
/// # Errors
/// Where the person may not, or somebody else wrote first.
pub async fn deny(
    house: &House,
    who: &PersonId,
    request: Request,
    reason: Option<String>,
) -> Result<Request, WorkflowError> {
    let (step, asked_as) = may_decide(house, who, &request).await?;
    let Some(words) = reason else {
        return Err(WorkflowError::Invalid {
            said: "A no needs a reason; the person will read it.".into(),
            next: "Write one sentence and send it again.".into(),
        });
    };
    let mut change = Change::by_person(house, who);
    let reason = Some(change.text(who, words));
    let at = change.at();
    let vote = Vote {
        step,
        by: who.clone(),
        in_place_of: asked_as.in_place_of,
        ballot: Ballot::Deny,
        window: None,
        reason,
        confirmed: None,
        at,
    };
    let request = change.move_request(request, RequestEvent::Voted { vote })?;
    timers::announce(&mut change, &request);
    change.commit().await?;
    Ok(request)
}

/// A question to the requester, or their answer.
///
/// # Errors
/// Where the person may not, nothing was written, or somebody else wrote first.
pub async fn remark(
    house: &House,
    who: &PersonId,
    request: Request,
    words: Option<String>,
) -> Result<Request, WorkflowError> {
    let own = *who == request.content.requester || *who == request.content.beneficiary;
    if !own {
        may_decide(house, who, &request).await?;
    }
    let Some(words) = words else {
        return Err(WorkflowError::Invalid {
            said: "There was nothing written.".into(),
            next: "Write one sentence and send it again.".into(),
        });
    };
    let mut change = Change::by_person(house, who);
    let text = change.text(who, words);
    let by = who.clone();
    let event = if own { RequestEvent::Answered { by, text } } else { RequestEvent::Questioned { by, text } };
    let request = change.move_request(request, event)?;
    timers::announce(&mut change, &request);
    change.commit().await?;
    Ok(request)
}

/// Takes a request back.
///
/// # Errors
/// Where it is not theirs, is decided already, or somebody else wrote first.
pub async fn cancel(house: &House, who: &PersonId, request: Request) -> Result<Request, WorkflowError> {
    if *who != request.content.requester && *who != request.content.beneficiary {
        return Err(WorkflowError::NotFound("request"));
    }
    if !matches!(request.state, RequestState::Pending { .. } | RequestState::Approved { .. }) {
        return Err(WorkflowError::Invalid {
            said: "That request is decided already, so there is nothing to take back.".into(),
            next: "To give access back, say “I'm done with it”.".into(),
        });
    }
    let mut change = Change::by_person(house, who);
    let request = change.move_request(request, RequestEvent::Cancelled { by: who.clone() })?;
    timers::announce(&mut change, &request);
    change.commit().await?;
    Ok(request)
}

/// What is said to a click that came too late, with the card as it stands now.
///
/// # Errors
/// Where the store cannot be read.
pub async fn stale(
    house: &House,
    who: &PersonId,
    request: &Request,
    view: View,
) -> Result<WorkflowError, WorkflowError> {
    let said = match (&request.state, request.votes().last()) {
        (RequestState::Denied { denial: Denial::Person { vote } }, _) => {
            format!("{} has said no already.", house.name(&vote.by))
        }
        (_, Some(vote)) => format!("{} has decided already.", house.name(&vote.by)),
        _ => "This has changed since you saw it.".to_owned(),
    };
    let fresh = Box::new(cards::request::draw(house, request, who, view).await?);
    Ok(WorkflowError::Stale { said, fresh })
}

/// The shorter window an approver said, in their own zone.
///
/// # Errors
/// Where the words say no end, or one that is past or later than asked.
pub fn shorter(house: &House, who: &PersonId, request: &Request, words: &str) -> Result<AccessWindow, WorkflowError> {
    let zone = house.person(who)?.time_zone();
    let asked = request.content.window;
    let said = time::window::said_window(words, house.now(), &zone);
    let end = match said.map(|s| (s.start, s.end)) {
        Some((_, SaidEnd::At { at })) => Some(at),
        Some((start, SaidEnd::Lasting { length })) => {
            Some(length.after(start.unwrap_or(asked.start().max(house.now()))))
        }
        _ => None,
    };
    let unclear = || WorkflowError::Invalid {
        said: "I do not understand that end.".into(),
        next: "Say it like “until Friday”, “two weeks” or “24h”.".into(),
    };
    let end = end.filter(|e| *e > house.now()).ok_or_else(unclear)?;
    if asked.end().is_some_and(|asked_end| end > asked_end) {
        return Err(WorkflowError::Invalid {
            said: "That is longer than what was asked for.".into(),
            next: "Choose an earlier end, or approve as asked.".into(),
        });
    }
    asked.ending_by(end).map_err(|_| unclear())
}
