//! Drafts: what was understood, made exact, before anybody files it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::conversation::{Conversation, Draft, DraftState, Purpose, Question};
use crate::domain::entitlement::Entitlement;
use crate::domain::ids::{DraftId, EntitlementId, PersonId};
use crate::domain::window::{AccessWindow, Seconds, WindowEnd};
use crate::understanding::types::{Ask, SaidEnd, SaidWindow};
use crate::workflow::desk::SURFACES;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// How many drafts a conversation keeps; older ones are forgotten, filed ones live on as requests.
const KEPT: usize = 20;

/// At most so many things asked for in one message become drafts.
pub const MOST_AT_ONCE: usize = 8;

/// The confidence from which one entitlement is put on the card; below it the person is asked.
pub const CHOSEN_BP: u16 = 7_000;
/// The confidence from which no alternatives are shown beside it.
pub const CLEAR_BP: u16 = 9_000;

/// How long an entitlement is given while nobody has said which one it is.
const UNKNOWN_WINDOW: Seconds = Seconds::days(7);

/// A person's draft with its conversation, wherever it is.
///
/// # Errors
/// Where there is none, or the store cannot be read.
pub async fn find(house: &House, who: &PersonId, id: DraftId) -> Result<(Conversation, Draft), WorkflowError> {
    for surface in SURFACES {
        if let Some(conversation) = house.store.conversation_of(who, surface).await?
            && let Some(draft) = conversation.drafts.iter().find(|d| d.id == id).cloned()
        {
            return Ok((conversation, draft));
        }
    }
    Err(WorkflowError::NotFound("draft"))
}

/// The window that was said, made exact; the entitlement's default where nothing was said; never longer than the catalog allows.
///
/// # Errors
/// Where the time said is over already or makes no window.
pub fn window(
    entitlement: Option<&Entitlement>,
    said: Option<&SaidWindow>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(AccessWindow, bool), WorkflowError> {
    let default = entitlement.map_or(UNKNOWN_WINDOW, |e| e.default_window);
    let longest = entitlement.and_then(|e| e.longest_window);
    let start = said.and_then(|s| s.start).filter(|s| *s > now).unwrap_or(now);
    let refused = || WorkflowError::Invalid {
        said: said.and_then(|said| objection(said, zone)).unwrap_or_else(|| "That makes no window.".into()),
        next: "Say another end: “until Friday”, “for two weeks”.".into(),
    };
    let (window, was_said) = match said.map(|s| &s.end) {
        None | Some(SaidEnd::Unsaid) => (AccessWindow::lasting(start, default), false),
        Some(SaidEnd::Past { .. } | SaidEnd::Odd { .. }) => return Err(refused()),
        Some(SaidEnd::At { at }) => (AccessWindow::new(start, WindowEnd::At { at: *at }).map_err(|_| refused())?, true),
        Some(SaidEnd::Lasting { length }) => (AccessWindow::lasting(start, *length), true),
        Some(SaidEnd::Open) => match (longest, AccessWindow::new(start, WindowEnd::Open)) {
            (None, Ok(open)) if entitlement.is_some() => (open, true),
            _ => (AccessWindow::lasting(start, default), false),
        },
    };
    Ok((longest.map_or(window, |cap| window.capped(cap)), was_said))
}

/// What is wrong with a time that was said, as a sentence in the reader's own zone; `None` where nothing is.
#[must_use]
pub fn objection(said: &SaidWindow, zone: &TimeZone) -> Option<String> {
    match &said.end {
        SaidEnd::Past { at } => {
            let local = at.to_zoned(zone.clone());
            let when = local.strftime("%A %-d %B %Y, %H:%M (%Z)");
            Some(format!("“{}” is over: it would have ended on {when}.", said.phrase.trim()))
        }
        SaidEnd::Odd { why } => Some(format!("“{}” cannot be meant: {why}.", said.phrase.trim())),
        SaidEnd::Unsaid | SaidEnd::At { .. } | SaidEnd::Lasting { .. } | SaidEnd::Open => None,
    }
}

/// A draft for one thing asked.
///
/// # Errors
/// Where the time said makes no window.
pub fn from_ask(
    house: &House,
    ask: &Ask,
    beneficiary: &PersonId,
    said: Option<&SaidWindow>,
    emergency: bool,
    zone: &TimeZone,
) -> Result<Draft, WorkflowError> {
    let now = house.now();
    let choices: Vec<EntitlementId> = ask
        .candidates
        .iter()
        .map(|c| c.entitlement.clone())
        .filter(|id| house.catalog.entitlement(id).is_some())
        .collect();
    let chosen = choices.first().filter(|_| ask.confidence_bp >= CHOSEN_BP).cloned();
    let entitlement = chosen.as_ref().and_then(|id| house.catalog.entitlement(id));
    let (window, window_said) = window(entitlement.map(AsRef::as_ref), said, now, zone)?;
    Ok(Draft {
        id: DraftId::mint(now, house.entropy.as_ref()),
        at: now,
        beneficiary: beneficiary.clone(),
        entitlement: chosen,
        choices,
        window,
        window_said,
        reason: None,
        confidence_bp: ask.confidence_bp,
        emergency,
        purpose: Purpose::New,
        state: DraftState::Open,
    })
}

/// The same draft with another entitlement; the window follows where the person had not said one.
///
/// # Errors
/// Where the catalog does not hold the entitlement.
pub fn with_entitlement(house: &House, mut draft: Draft, id: &EntitlementId) -> Result<Draft, WorkflowError> {
    let entitlement = house.entitlement(id)?;
    if !draft.window_said {
        draft.window = AccessWindow::lasting(draft.window.start(), entitlement.default_window);
    }
    if let Some(longest) = entitlement.longest_window {
        draft.window = draft.window.capped(longest);
    }
    if !draft.choices.contains(id) {
        draft.choices.insert(0, id.clone());
    }
    draft.entitlement = Some(id.clone());
    draft.confidence_bp = 10_000;
    Ok(draft)
}

/// The same draft, ending otherwise.
///
/// # Errors
/// Where the time said makes no window.
pub fn with_window(
    house: &House,
    mut draft: Draft,
    said: &SaidWindow,
    zone: &TimeZone,
) -> Result<Draft, WorkflowError> {
    let entitlement = draft.entitlement.as_ref().and_then(|id| house.catalog.entitlement(id));
    let (window, window_said) = window(entitlement.map(AsRef::as_ref), Some(said), house.now(), zone)?;
    draft.window = window;
    draft.window_said = window_said;
    Ok(draft)
}

/// Puts a draft on the table, in place of another where one is named.
pub fn put(conversation: &mut Conversation, draft: Draft, in_place_of: Option<DraftId>) {
    if let Some(old) = in_place_of {
        settle(conversation, old, DraftState::Dropped);
    }
    conversation.drafts.push(draft);
    let excess = conversation.drafts.len().saturating_sub(KEPT);
    conversation.drafts.drain(..excess);
}

/// Sets where a draft stands.
pub fn settle(conversation: &mut Conversation, id: DraftId, state: DraftState) {
    if let Some(draft) = conversation.drafts.iter_mut().find(|d| d.id == id) {
        draft.state = state;
    }
}

/// The draft that a short word is about: the one we asked about, else the newest of the present matter.
#[must_use]
pub fn meant<'c>(conversation: &'c Conversation, asked: Option<&Question>) -> Option<&'c Draft> {
    let asked = match asked {
        Some(Question::Which { draft } | Question::Reason { draft }) => Some(*draft),
        Some(Question::What) | None => None,
    };
    let open = || conversation.on_table();
    open().find(|d| Some(d.id) == asked).or_else(|| open().next_back())
}

/// A draft's copy under a new id, so that a changed read-back is a new card and the old one says so.
#[must_use]
pub fn renewed(house: &House, mut draft: Draft) -> Draft {
    draft.id = DraftId::mint(house.now(), house.entropy.as_ref());
    draft.at = house.now();
    draft
}
