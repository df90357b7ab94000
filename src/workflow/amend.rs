//! Changes by words: to the draft on the table, to a request people are still asked about, to how long access lasts.

use jiff::tz::TimeZone;

use crate::domain::action::Subject;
use crate::domain::card::{Card, View};
use crate::domain::conversation::{Draft, DraftState, Purpose, Question};
use crate::domain::ids::{DraftId, TextId};
use crate::domain::request::RequestState;
use crate::domain::window::{AccessWindow, WindowEnd};
use crate::ports::store::RequestQuery;
use crate::understanding::types::{ForWhom, SaidEnd, Understanding};
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{answers, converse, drafts};
/// A change to what is on the table; to a request people are still asked about, where nothing else is.
pub async fn correct(
    table: &mut Table<'_>,
    understood: &Understanding,
    reason: Option<crate::domain::ids::TextId>,
    meant: Option<Draft>,
) -> Result<(), WorkflowError> {
    let house = table.house;
    let nothing = understood.asks.is_empty()
        && understood.window.is_none()
        && reason.is_none()
        && understood.for_whom == ForWhom::Speaker;
    if let Some(draft) = meant.as_ref().filter(|d| nothing && d.beneficiary == *table.who) {
        let id = draft.id;
        table.note(
            Card::note("What should I change?")
                .para("Say it like “no, the edit one”, “make it two weeks”, “for Ana” or “because of the audit”."),
        );
        table.conversation.question = draft.entitlement.is_none().then_some(Question::Which { draft: id });
        table.show(Subject::Draft(id), View::Own);
        return Ok(());
    }
    let zone = house.person(table.who)?.time_zone();
    let objection = understood.window.as_ref().and_then(|said| drafts::objection(said, &zone));
    let (old, mut draft) = match meant {
        Some(draft) => (Some(draft.id), drafts::renewed(house, draft)),
        None => match amendable(table).await? {
            Some(draft) => (None, draft),
            None if !understood.asks.is_empty() => return converse::request(table, understood, reason).await,
            None => {
                answers::unclear(table);
                return Ok(());
            }
        },
    };
    if understood.for_whom != ForWhom::Speaker {
        let Some(person) = converse::beneficiary(table, &understood.for_whom) else { return Ok(()) };
        draft.beneficiary = person;
    }
    if let Some(ask) = understood.asks.first() {
        match ask.candidates.first() {
            None => {
                answers::nothing_near(table, Some(&ask.phrase));
                return Ok(());
            }
            Some(best) => {
                let choices = ask.candidates.iter().map(|c| c.entitlement.clone()).collect();
                draft = drafts::with_entitlement(house, draft, &best.entitlement)?;
                draft.choices = choices;
                draft.confidence_bp = ask.confidence_bp;
                if ask.confidence_bp < drafts::CHOSEN_BP {
                    draft.entitlement = None;
                }
            }
        }
    }
    match (objection, &understood.window) {
        (Some(objection), _) => table.note(
            Card::note("Until when do you need it?")
                .para(objection)
                .para("Say another end: “until Friday”, “for two weeks”. What stood before still stands."),
        ),
        (None, Some(said)) => draft = drafts::with_window(house, draft, said, &zone)?,
        (None, None) => {}
    }
    if reason.is_some() {
        draft.reason = reason;
    }
    table.conversation.question = match &draft.entitlement {
        None => Some(Question::Which { draft: draft.id }),
        Some(id) if draft.reason.is_none() && house.entitlement(id)?.reason_required => {
            Some(Question::Reason { draft: draft.id })
        }
        Some(_) => None,
    };
    if let Some(entitlement) = &draft.entitlement {
        table.conversation.topic = Some(entitlement.clone());
    }
    let id = draft.id;
    drafts::put(&mut table.conversation, draft, old);
    table.show(Subject::Draft(id), View::Own);
    let only_why = understood.asks.is_empty() && understood.window.is_none();
    if let Some(reason) = reason.filter(|_| only_why && old.is_some()) {
        same_reason(table, id, reason)?;
    }
    Ok(())
}

/// Things asked for together mostly have one reason: the others that still lack one get it, too, and show it.
fn same_reason(table: &mut Table<'_>, but: DraftId, reason: TextId) -> Result<(), WorkflowError> {
    let house = table.house;
    let mut lacking: Vec<Draft> = Vec::new();
    for draft in table.conversation.on_table().filter(|d| d.id != but && d.reason.is_none()) {
        if let Some(id) = &draft.entitlement
            && house.entitlement(id)?.reason_required
        {
            lacking.push(draft.clone());
        }
    }
    for draft in lacking {
        let old = draft.id;
        let mut renewed = drafts::renewed(house, draft);
        renewed.reason = Some(reason);
        let id = renewed.id;
        drafts::put(&mut table.conversation, renewed, Some(old));
        table.show(Subject::Draft(id), View::Own);
    }
    Ok(())
}

/// The newest request of the speaker that people are still asked about, as a draft that amends it.
async fn amendable(table: &Table<'_>) -> Result<Option<Draft>, WorkflowError> {
    let house = table.house;
    let mine = RequestQuery { requester: Some(table.who.clone()), open: true, limit: 20, ..RequestQuery::default() };
    let newest =
        house.store.requests(&mine).await?.into_iter().find(|r| matches!(r.state, RequestState::Pending { .. }));
    Ok(newest.map(|request| {
        let content = request.content;
        Draft {
            id: crate::domain::ids::DraftId::mint(house.now(), house.entropy.as_ref()),
            at: house.now(),
            beneficiary: content.beneficiary,
            choices: vec![content.entitlement.clone()],
            entitlement: Some(content.entitlement),
            window: content.window,
            window_said: true,
            reason: content.reason.map(|r| r.id),
            confidence_bp: 10_000,
            emergency: content.emergency,
            purpose: Purpose::Amend { request: request.id },
            state: DraftState::Open,
        }
    }))
}

/// “Yes” in words: the card is shown again, since only the click files it.
///
/// # Errors
/// Where what is kept cannot be read.
pub fn confirm(table: &mut Table<'_>, meant: Option<Draft>) -> Result<(), WorkflowError> {
    match meant.map(|d| d.id) {
        Some(id) => {
            table.note(
                Card::note("One click is needed")
                    .para("Words alone file nothing: press “Submit” on the card if it is right."),
            );
            table.show(Subject::Draft(id), View::Own);
        }
        None => answers::small_talk(table)?,
    }
    Ok(())
}

/// The draft meant is dropped.
///
/// # Errors
/// Where what is kept cannot be read.
pub fn discard(table: &mut Table<'_>, meant: Option<Draft>) -> Result<(), WorkflowError> {
    match meant.map(|d| d.id) {
        Some(id) => {
            drafts::settle(&mut table.conversation, id, DraftState::Dropped);
            table.note(Card::note("Dropped").para("Nothing was filed."));
        }
        None => table
            .note(Card::note("There was nothing on the table").para("Nothing was filed, so nothing has to be undone.")),
    }
    Ok(())
}

/// Access is to last longer: a draft of just that, where it is plain which is meant.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn extend(
    table: &mut Table<'_>,
    understood: &Understanding,
    reason: Option<crate::domain::ids::TextId>,
    meant: Option<Draft>,
) -> Result<(), WorkflowError> {
    if meant.is_some() && understood.asks.is_empty() {
        return correct(table, understood, reason, meant).await;
    }
    let grants = answers::matching_grants(table, understood).await?;
    let [grant] = grants.as_slice() else {
        if grants.is_empty() {
            return converse::request(table, understood, reason).await;
        }
        table.note(
            Card::note("Which one do you want to keep longer?").para("Press “Keep it longer” on the one you mean."),
        );
        for grant in grants {
            table.show(Subject::Grant(grant.id), View::Own);
        }
        return Ok(());
    };
    let zone = table.house.person(table.who)?.time_zone();
    let draft = extension(table.house, grant, understood.window.as_ref(), reason, &zone)?;
    let id = draft.id;
    table.conversation.begin_anew();
    table.conversation.topic = draft.entitlement.clone();
    drafts::put(&mut table.conversation, draft, None);
    table.show(Subject::Draft(id), View::Own);
    Ok(())
}

/// A draft that asks to keep a grant longer.
///
/// # Errors
/// Where the time said makes no window.
pub fn extension(
    house: &House,
    grant: &crate::domain::grant::Grant,
    said: Option<&crate::understanding::types::SaidWindow>,
    reason: Option<crate::domain::ids::TextId>,
    zone: &TimeZone,
) -> Result<Draft, WorkflowError> {
    let now = house.now();
    if let Some(objection) = said.and_then(|said| drafts::objection(said, zone)) {
        return Err(WorkflowError::Invalid {
            said: objection,
            next: "Say another end: “until Friday”, “two more weeks”.".into(),
        });
    }
    let entitlement = house.entitlement(&grant.order.entitlement)?;
    let old_end = grant.order.window.end().unwrap_or(now).max(now);
    let length = grant.order.window.length().unwrap_or(entitlement.default_window);
    let end = match said.map(|s| &s.end) {
        Some(SaidEnd::At { at }) => *at,
        Some(SaidEnd::Lasting { length }) => length.after(old_end),
        _ => length.after(old_end),
    };
    let window = AccessWindow::new(now, WindowEnd::At { at: end }).map_err(|_| WorkflowError::Invalid {
        said: "That would end in the past.".into(),
        next: "Say another end: “until Friday”, “two more weeks”.".into(),
    })?;
    let window = entitlement.longest_window.map_or(window, |cap| window.capped(cap));
    Ok(Draft {
        id: crate::domain::ids::DraftId::mint(now, house.entropy.as_ref()),
        at: now,
        beneficiary: grant.order.beneficiary.clone(),
        entitlement: Some(entitlement.id.clone()),
        choices: vec![entitlement.id.clone()],
        window,
        window_said: said.is_some(),
        reason,
        confidence_bp: 10_000,
        emergency: false,
        purpose: Purpose::Extend { grant: grant.id },
        state: DraftState::Open,
    })
}
