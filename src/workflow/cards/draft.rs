//! The read-back: what was understood, made exact, with the score and the way it would go, before anything is filed.

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, CardKey, Choice, Fact, Inline, Section, Style, Tone, View, text};
use crate::domain::conversation::{Draft, DraftState, Purpose};
use crate::domain::decision::{Decision, Outcome};
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::{EntitlementId, PersonId};
use crate::domain::window::Seconds;
use crate::workflow::cards::words::{self, Buttons};
use crate::workflow::drafts::CLEAR_BP;
use crate::workflow::error::WorkflowError;
use crate::workflow::evaluate;
use crate::workflow::facts::{self, Ask, Emergency};
use crate::workflow::house::House;
use crate::workflow::preview;

/// How long a draft's buttons work.
const LIFE: Seconds = Seconds::hours(24);

/// Draws a draft for its owner.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &House, draft: &Draft, who: &PersonId) -> Result<Card, WorkflowError> {
    let mut card = match (&draft.state, &draft.entitlement) {
        (DraftState::Filed { .. }, _) => {
            settled(house, draft, "Filed", "This has been filed; its card is further down.")
        }
        (DraftState::Dropped, _) => {
            settled(house, draft, "Put aside", "This was changed or dropped; nothing was filed from this card.")
        }
        (DraftState::Open, None) => question(house, draft)?,
        (DraftState::Open, Some(_)) => read_back(house, draft, who).await?,
    };
    card.key = Some(CardKey { subject: Subject::Draft(draft.id), view: View::Own });
    Ok(card)
}

fn settled(house: &House, draft: &Draft, word: &str, sentence: &str) -> Card {
    let title = draft.entitlement.as_ref().map_or("Your question".to_owned(), |id| house.catalog.title(id));
    let mut card = Card::note(title).para(sentence);
    card.badge = Some(Badge { word: word.into(), tone: Tone::Neutral });
    card
}

fn question(house: &House, draft: &Draft) -> Result<Card, WorkflowError> {
    let mut card = Card::note("Which one do you mean?");
    card.badge = Some(Badge { word: "Question".into(), tone: Tone::Info });
    card.body.push(choices(house, draft, "Pick one, or say it in other words:")?);
    let buttons = Buttons::new(house, Subject::Draft(draft.id), draft.seen()?, LIFE);
    card.actions.push(buttons.make(Verb::Discard, "None of these", Style::Plain));
    Ok(card)
}

async fn read_back(house: &House, draft: &Draft, who: &PersonId) -> Result<Card, WorkflowError> {
    let Some(id) = &draft.entitlement else { return question(house, draft) };
    let entitlement = house.entitlement(id)?;
    let zone = house.person(who)?.time_zone();
    let (_, decision) = decided(house, draft, id, who).await?;
    let headline = match draft.purpose {
        Purpose::New if draft.emergency => "Emergency access: is this right?",
        Purpose::New => "Is this what you need?",
        Purpose::Amend { .. } => "Change your request to this?",
        Purpose::Extend { .. } => "Keep it longer, like this?",
    };
    let mut card = Card::note(headline);
    card.badge = Some(Badge { word: "Not filed yet".into(), tone: Tone::Info });
    card.facts = words::what(house, &entitlement);
    if draft.beneficiary != *who {
        card.facts.push(Fact { label: "For".into(), value: vec![words::person(house, &draft.beneficiary)] });
    }
    if draft.window.start() > house.now() {
        card.facts.push(Fact { label: "From".into(), value: vec![words::instant(draft.window.start(), &zone)] });
    }
    let agreed = decision.route.max_ttl.map_or(draft.window, |cap| draft.window.capped(cap));
    let mut end = words::until(agreed, &zone);
    if agreed != draft.window {
        end.extend(text(" — the rules allow no longer"));
    } else if !draft.window_said {
        end.extend(text(" — its usual length; say another if you like"));
    } else if entitlement.longest_window.is_some() && entitlement.longest_window == draft.window.length() {
        end.extend(text(" — the longest it is given"));
    }
    card.facts.push(Fact { label: "Until".into(), value: end });
    let reason = match draft.reason {
        Some(id) => house.store.text(id).await?.map(|t| t.body),
        None => None,
    };
    let why = match (&reason, entitlement.reason_required) {
        (Some(words), _) => text(format!("“{words}”")),
        (None, true) => vec![Inline::Strong { text: "a reason is needed before this can be filed".into() }],
        (None, false) => text("no reason given (none is needed)"),
    };
    card.facts.push(Fact { label: "Why".into(), value: why });
    card.facts.push(Fact { label: "Who decides".into(), value: words::way(house, &decision) });
    let denied = decision.route.outcome == Outcome::Denied;
    if denied {
        card.badge = Some(Badge { word: "Not allowed".into(), tone: Tone::Danger });
    }
    card.body.push(words::factors(&decision.assessment));
    card.body.extend(words::rules(&decision));
    if draft.confidence_bp < CLEAR_BP && draft.choices.len() > 1 {
        card.body.push(choices(house, draft, "Or did you mean:")?);
    }
    let buttons = Buttons::new(house, Subject::Draft(draft.id), draft.seen()?, LIFE);
    let reason_missing = entitlement.reason_required && reason.is_none();
    let shown = preview::of(&decision);
    if draft.emergency {
        let incident = words::lines("incident", "Incident reference and what is wrong", true);
        let mut open = buttons.asking(Verb::Submit, "Open now", Style::Danger, incident);
        open.confirm = Some("This opens at once, is told to security, and is reviewed. Go on?".into());
        card.actions.push(open);
    } else if denied {
        card.actions.push(buttons.numbered(Verb::Submit, "Put it on record", Style::Plain, shown));
    } else if reason_missing {
        let reason = words::lines("reason", "What do you need it for?", true);
        card.actions.push(buttons.asking(Verb::SetReason, "Give a reason", Style::Primary, reason));
    } else {
        card.actions.push(buttons.numbered(Verb::Submit, "Submit", Style::Primary, shown));
    }
    card.actions.push(buttons.asking(
        Verb::SetEnd,
        "Change the end",
        Style::Plain,
        words::time("until", "Until when? “until Friday”, “two weeks”"),
    ));
    if !reason_missing {
        let reason = words::lines("reason", "What do you need it for?", true);
        card.actions.push(buttons.asking(Verb::SetReason, "Change the reason", Style::Plain, reason));
    }
    card.actions.push(buttons.make(Verb::Discard, "Never mind", Style::Plain));
    Ok(card)
}

/// What the rules say now to a draft that asks for this, and the facts they look at.
///
/// # Errors
/// Where the store cannot be read.
pub async fn decided(
    house: &House,
    draft: &Draft,
    id: &EntitlementId,
    who: &PersonId,
) -> Result<(DecisionFacts, Decision), WorkflowError> {
    let facts = facts::gather(
        house,
        &Ask {
            requester: who,
            beneficiary: &draft.beneficiary,
            entitlement: id,
            window: draft.window,
            reason_given: draft.reason.is_some(),
            emergency: draft.emergency.then(|| Emergency { incident: "to be given".to_owned(), confirmed: true }),
            confirmed: true,
            existing: match draft.purpose {
                Purpose::Amend { request } => Some(request),
                Purpose::New | Purpose::Extend { .. } => None,
            },
            extends: match draft.purpose {
                Purpose::Extend { grant } => Some(grant),
                Purpose::New | Purpose::Amend { .. } => None,
            },
            appeal_against: None,
        },
    )
    .await?;
    let decision = evaluate::decide(house, &facts);
    Ok((facts, decision))
}

fn choices(house: &House, draft: &Draft, lead: &str) -> Result<Section, WorkflowError> {
    let buttons = Buttons::new(house, Subject::Draft(draft.id), draft.seen()?, LIFE);
    let mut options = Vec::new();
    for (number, id) in draft.choices.iter().enumerate() {
        if draft.entitlement.as_ref() == Some(id) {
            continue;
        }
        let Some(entitlement) = house.catalog.entitlement(id) else { continue };
        let argument = u16::try_from(number).unwrap_or(u16::MAX);
        let system = house.catalog.system_title(&entitlement.system);
        let short: String = entitlement.description.chars().take(160).collect();
        options.push(Choice {
            title: entitlement.title.clone(),
            detail: format!("{system} · {} · {short}", words::access(entitlement)),
            token: buttons.numbered(Verb::Choose, "This one", Style::Plain, argument).token,
        });
    }
    Ok(Section::Choices { lead: lead.into(), options })
}
