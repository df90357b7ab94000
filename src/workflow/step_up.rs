//! Proving once more that it is them, before what weighs much is decided from a chat platform (RFC 9470 asks for the same between
//! programs). The click opens nothing but a private link, minutes long; what it is good for is bound to the person, to what they saw and to
//! what they said. Whoever took over a chat account can ask for the link, and no more.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, Inline, Section, Tone, View, text};
use crate::domain::conversation::{Draft, DraftState, Surface};
use crate::domain::decision::{Level, Slot};
use crate::domain::digest::Digest;
use crate::domain::event::{HouseEvent, Stream};
use crate::domain::ids::{InquiryId, PersonId, RequestId};
use crate::domain::request::{Confirmed, Request};
use crate::domain::window::{AccessWindow, Seconds};
use crate::ports::accounts::{Passkey, PasskeyChange};
use crate::ports::identity::AskedConfirmation;
use crate::workflow::cards::words;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::{House, StepUp};
use crate::workflow::slips::{self, Confirm, Errand, LockedAccount, Slip};
use crate::workflow::{answers, cards, decide, drafts, linking, submit, unlocks, visibility};

/// How long the link works.
pub const LIFE: Seconds = Seconds::minutes(5);
/// How far the clocks of provider and house may be apart (RFC 9470 leaves it to us; OpenID Connect allows "a small leeway").
pub const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// What weighs enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Requests that a manager decides.
    Manager,
    /// Requests that security decides.
    Security,
    /// Requests that two people decide.
    TwoPerson,
    /// The emergency path.
    BreakGlass,
}

/// What has to be confirmed once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighs {
    /// What weighs enough.
    pub routes: BTreeSet<Kind>,
    /// True where the web chat asks as well. It asks for the emergency path in any case, unless this is the demo.
    pub web: bool,
}

impl Default for Weighs {
    fn default() -> Self {
        Self { routes: [Kind::Security, Kind::TwoPerson, Kind::BreakGlass].into(), web: false }
    }
}

impl Weighs {
    /// Nothing has to be confirmed on chat platforms.
    #[must_use]
    pub fn none() -> Self {
        Self { routes: BTreeSet::new(), web: false }
    }

    fn name(&self, kind: Kind) -> bool {
        self.routes.contains(&kind)
    }
}

/// A proof that held, to be written with what it decides.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The key of its one use.
    pub once: String,
    /// How it was given.
    pub how: Confirmed,
    /// The passkey after its use.
    pub used: Option<Passkey>,
}

impl Proof {
    /// Writes its one use into what it decides.
    pub fn spend(&self, change: &mut Change<'_>) {
        change.once(self.once.clone());
        change.passkeys(self.used.iter().cloned().map(PasskeyChange::Put));
    }
}

fn is_chat(on: Surface) -> bool {
    matches!(on, Surface::Slack | Surface::Teams | Surface::Discord)
}

/// True where a yes to this request has to be confirmed when it is said there.
#[must_use]
pub fn asks(house: &House, on: Surface, request: &Request) -> bool {
    let rules = &house.outside.identity.step_up;
    let route = &request.decision.route;
    let security =
        route.level == Level::Security || route.outcome.steps().iter().any(|step| step.slot == Slot::Security);
    let two = route.level == Level::TwoPerson || route.persons >= 2;
    let weighs = (rules.name(Kind::Security) && security)
        || (rules.name(Kind::TwoPerson) && two)
        || (rules.name(Kind::Manager) && route.level >= Level::Manager);
    weighs && (is_chat(on) || (on == Surface::Web && rules.web))
}

/// True where the emergency path has to be confirmed when it is opened there.
#[must_use]
pub fn asks_for_emergency(house: &House, on: Surface) -> bool {
    let rules = &house.outside.identity.step_up;
    match house.step_up {
        StepUp::Pages => is_chat(on) || on == Surface::Web,
        StepUp::Demo => rules.name(Kind::BreakGlass) && (is_chat(on) || (on == Surface::Web && rules.web)),
        // The rules close the path by themselves.
        StepUp::Unavailable => false,
    }
}

/// Asks for a yes to be confirmed. What comes back is the error to answer with: it carries the private link.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn ask_for_yes(
    house: &House,
    who: &PersonId,
    on: Surface,
    verb: Verb,
    request: &Request,
    window: Option<AccessWindow>,
) -> Result<WorkflowError, WorkflowError> {
    let confirm = Confirm {
        person: who.clone(),
        on,
        verb,
        subject: Subject::Request(request.id),
        revision: request.revision,
        seen: request.seen()?,
        window,
        incident: None,
        account: None,
    };
    let title = house.catalog.title(&request.content.entitlement);
    let what = format!("{} for {}", title, house.name(&request.content.beneficiary));
    ask(house, confirm, what).await
}

/// Asks for the emergency path to be confirmed, as [`ask_for_yes`] does.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn ask_for_emergency(
    house: &House,
    who: &PersonId,
    on: Surface,
    draft: &Draft,
    incident: Option<String>,
) -> Result<WorkflowError, WorkflowError> {
    let confirm = Confirm {
        person: who.clone(),
        on,
        verb: Verb::Submit,
        subject: Subject::Draft(draft.id),
        revision: 0,
        seen: draft.seen()?,
        window: None,
        incident,
        account: None,
    };
    let what = draft.entitlement.as_ref().map_or("emergency access".to_owned(), |id| house.catalog.title(id));
    ask(house, confirm, what).await
}

/// Asks for an unlocking to be confirmed, as [`ask_for_yes`] does: always, wherever the button stands.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn ask_for_unlock(
    house: &House,
    who: &PersonId,
    on: Surface,
    inquiry: InquiryId,
    seen: Digest,
    account: LockedAccount,
) -> Result<WorkflowError, WorkflowError> {
    let what = format!("The account of {} in “{}”", house.name(&account.of), account.directory);
    let confirm = Confirm {
        person: who.clone(),
        on,
        verb: Verb::Unlock,
        subject: Subject::Inquiry(inquiry),
        revision: 0,
        seen,
        window: None,
        incident: None,
        account: Some(account),
    };
    ask(house, confirm, what).await
}

async fn ask(house: &House, confirm: Confirm, what: String) -> Result<WorkflowError, WorkflowError> {
    if house.step_up == StepUp::Unavailable {
        let next = match confirm.account {
            Some(_) => format!("Call the helpdesk: {}. Nothing was done.", answers::helpers_of(house)),
            None => "Open your inbox in the web chat and decide there. Nothing was done.".to_owned(),
        };
        let said = "This has to be confirmed once more, and no way to do that is set up here.".into();
        return Ok(WorkflowError::Forbidden { said, next });
    }
    let why = why(house, &confirm);
    let does = does(house, &confirm)?;
    let secret = slips::make(house, Errand::Confirm(Box::new(confirm)), LIFE).await?;
    let mut card = Card::note("Confirm it is you").fact("What", text(what)).para(why);
    card.badge = Some(Badge { word: "Nothing decided yet".into(), tone: Tone::Warning });
    card.body.push(Section::Para {
        text: vec![
            Inline::Link { text: format!("{does}: confirm"), path: format!("/confirm/{secret}") },
            Inline::Text { text: format!(" — works once, for {LIFE}, for you only.") },
        ],
    });
    Ok(WorkflowError::StepUp { card: Box::new(card) })
}

fn why(house: &House, confirm: &Confirm) -> String {
    if let Some(account) = &confirm.account {
        return cards::unlock::why(account.of == confirm.person, &answers::helpers_of(house));
    }
    match confirm.subject {
        Subject::Request(_) if !is_chat(confirm.on) => "Access that weighs this much is not given on an open session's word alone.",
        Subject::Request(_) => {
            "Access that weighs this much is not given on a chat account's word alone: chat sessions stay open for weeks."
        }
        _ => "Emergency access opens at once, so it is not given on an open session's word alone.",
    }
    .to_owned()
}

fn does(house: &House, confirm: &Confirm) -> Result<String, WorkflowError> {
    Ok(match (confirm.verb, confirm.window) {
        (Verb::Submit, _) => "Open now".to_owned(),
        (Verb::Unlock, _) => "Unlock the account".to_owned(),
        (_, Some(window)) => {
            let zone = house.person(&confirm.person)?.time_zone();
            let until: String = words::until(window, &zone).iter().map(Inline::plain).collect();
            format!("Approve until {until}")
        }
        (_, None) => "Approve".to_owned(),
    })
}

/// The slip behind a confirming link, for the person it was made for.
async fn slip(house: &House, who: &PersonId, secret: &str) -> Result<(Slip, Confirm), WorkflowError> {
    let slip = slips::read(house, secret).await?;
    let Errand::Confirm(confirm) = slip.errand.clone() else { return Err(WorkflowError::NotFound("link")) };
    if confirm.person != *who {
        let on = match confirm.subject {
            Subject::Request(id) => Some(Stream::Request(id)),
            Subject::Inquiry(id) => Some(Stream::Inquiry(id)),
            _ => None,
        };
        let mut change = Change::by_person(house, who);
        change.house_event(HouseEvent::Refused { verb: "confirm".into(), on, cause: "somebody_elses".into() });
        change.commit().await?;
        return Err(WorkflowError::Forbidden {
            said: "This link was made for somebody else; it does nothing for you.".into(),
            next:
                "If it is yours, sign out and sign in as yourself. If somebody sent it to you, tell the security team."
                    .into(),
        });
    }
    Ok((slip, *confirm))
}

/// What the confirming page shows.
///
/// # Errors
/// Where the link is of no use any more or not theirs, or what it is about has changed.
pub async fn asked(house: &House, who: &PersonId, secret: &str) -> Result<AskedConfirmation, WorkflowError> {
    let (slip, confirm) = slip(house, who, secret).await?;
    let does = does(house, &confirm)?;
    let mut card = match confirm.subject {
        Subject::Request(id) => {
            let request = standing_request(house, who, id, &confirm).await?;
            cards::request::draw(house, &request, who, View::Deciding).await?
        }
        Subject::Draft(id) => {
            let (_, draft) = drafts::find(house, who, id).await?;
            standing_draft(house, who, &draft, &confirm).await?;
            cards::draft::draw(house, &draft, who).await?
        }
        Subject::Inquiry(_) if confirm.verb == Verb::Unlock => unlocks::asked(house, &confirm).await?,
        _ => return Err(WorkflowError::NotFound("link")),
    };
    card.actions.clear();
    card.body.retain(|section| !matches!(section, Section::Choices { .. }));
    if confirm.window.is_some() {
        card = card.fact("You give", text(does.clone()));
    }
    if let Some(incident) = &confirm.incident {
        card.body.push(Section::Quote { by: house.name(who), text: incident.clone() });
    }
    Ok(AskedConfirmation { card, does, why: why(house, &confirm), asked: slip.made, ends: slip.ends })
}

/// The request, if it still stands as it was shown.
async fn standing_request(
    house: &House,
    who: &PersonId,
    id: RequestId,
    confirm: &Confirm,
) -> Result<Request, WorkflowError> {
    let request = house.store.request(id).await?.filter(|r| visibility::may_see_request(house, who, r));
    let request = request.ok_or(WorkflowError::NotFound("request"))?;
    if request.revision != confirm.revision || request.seen()? != confirm.seen {
        return Err(decide::stale(house, who, &request, View::Deciding).await?);
    }
    Ok(request)
}

async fn standing_draft(house: &House, who: &PersonId, draft: &Draft, confirm: &Confirm) -> Result<(), WorkflowError> {
    if draft.state == DraftState::Open && draft.seen()? == confirm.seen {
        return Ok(());
    }
    let fresh = Box::new(cards::draft::draw(house, draft, who).await?);
    Err(WorkflowError::Stale { said: "This has been changed, dropped or filed since you clicked.".into(), fresh })
}

/// Decides what was asked for, now that they proved it is them.
///
/// # Errors
/// Where the link is of no use any more or not theirs, the proof is too old, or what it is about has changed.
pub async fn take(
    house: &House,
    who: &PersonId,
    secret: &str,
    how: Confirmed,
    used: Option<Passkey>,
) -> Result<Card, WorkflowError> {
    let (slip, confirm) = slip(house, who, secret).await?;
    holds(house, who, &slip, &how, used.as_ref()).await?;
    let proof = Proof { once: slips::once(secret), how, used };
    let mut last = None;
    for _ in 0..4 {
        match decided(house, who, &confirm, proof.clone()).await {
            Err(error) if error.is_conflict() => last = Some(error),
            Err(error) => return linking::used_once(Err(error)).map(|()| Card::note("")),
            Ok(card) => {
                slips::mark_used(house, secret, slip).await;
                return Ok(card);
            }
        }
    }
    Err(last.unwrap_or(WorkflowError::NotFound("link")))
}

/// Whether the proof is one that counts here: of this person, given after the link was made.
async fn holds(
    house: &House,
    who: &PersonId,
    slip: &Slip,
    how: &Confirmed,
    used: Option<&Passkey>,
) -> Result<(), WorkflowError> {
    let fine = match how {
        Confirmed::Demo => house.step_up == StepUp::Demo,
        Confirmed::SignIn { at, .. } => {
            let now = house.now();
            let after = slip.made.checked_sub(LEEWAY).unwrap_or(slip.made);
            let before = now.checked_add(LEEWAY).unwrap_or(now);
            (after..=before).contains(at)
        }
        Confirmed::Passkey { passkey } => used.is_some_and(|key| key.person == *who && key.digest() == *passkey),
    };
    if fine {
        return Ok(());
    }
    refuse(house, who, "not_fresh").await?;
    Err(WorkflowError::Forbidden {
        said: "That did not prove that it is you, just now.".into(),
        next: "Open the link again and confirm it there. Nothing was decided.".into(),
    })
}

/// Records that a proof did not hold.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn refuse(house: &House, who: &PersonId, cause: &str) -> Result<(), WorkflowError> {
    let mut change = Change::by_person(house, who);
    change.house_event(HouseEvent::Refused { verb: "confirm".into(), on: None, cause: cause.to_owned() });
    change.commit().await
}

async fn decided(house: &House, who: &PersonId, confirm: &Confirm, proof: Proof) -> Result<Card, WorkflowError> {
    match confirm.subject {
        Subject::Request(id) if matches!(confirm.verb, Verb::Approve | Verb::ApproveShorter) => {
            let request = standing_request(house, who, id, confirm).await?;
            let request = decide::approve(house, who, request, confirm.window, None, Some(proof)).await?;
            cards::request::draw(house, &request, who, View::Deciding).await
        }
        Subject::Draft(id) if confirm.verb == Verb::Submit => {
            let (conversation, draft) = drafts::find(house, who, id).await?;
            standing_draft(house, who, &draft, confirm).await?;
            let incident = confirm.incident.clone();
            let id = submit::submit(house, who, conversation, &draft, incident, Some(proof), None).await?;
            let request = house.store.request(id).await?.ok_or(WorkflowError::NotFound("request"))?;
            cards::request::draw(house, &request, who, View::Own).await
        }
        Subject::Inquiry(_) if confirm.verb == Verb::Unlock => unlocks::confirmed(house, confirm, proof).await,
        _ => Err(WorkflowError::NotFound("link")),
    }
}
