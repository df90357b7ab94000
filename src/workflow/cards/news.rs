//! What people are told when something happened to a request.

use crate::domain::card::{Badge, Card, Inline, Section, Tone};
use crate::domain::decision::Outcome;
use crate::domain::ids::PersonId;
use crate::domain::request::{Denial, Request, RequestState};
use crate::workflow::cards::request::{is_closing, standing, words_of};
use crate::workflow::cards::words;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// The news for whoever asked; `None` where the card already says it.
///
/// # Errors
/// Where the store cannot be read.
pub async fn for_requester(house: &House, request: &Request) -> Result<Option<Card>, WorkflowError> {
    let Ok(person) = house.person(&request.content.requester) else { return Ok(None) };
    let zone = person.time_zone();
    let title = house.catalog.title(&request.content.entitlement);
    let own = request.content.requester == request.content.beneficiary;
    let holder = if own { "You have".to_owned() } else { format!("{} has", house.name(&request.content.beneficiary)) };
    let mut card = match &request.state {
        RequestState::Pending { .. } => {
            let Some(last) = request.dialogue.last().filter(|r| r.by != request.content.requester) else {
                return Ok(None);
            };
            let mut card = Card::note(format!("{} asks about “{title}”", house.name(&last.by)));
            if let Some(words) = words_of(house, Some(&last.text)).await? {
                card.body.push(Section::Quote { by: house.name(&last.by), text: words });
            }
            card.para("Answer on the request's card, or just write it here.")
        }
        // Given back before the news went out: what is over is not announced.
        RequestState::Active { .. } if is_closing(house, request).await? => return Ok(None),
        RequestState::Active { window, .. } => {
            let mut card = Card::note(format!("{holder} “{title}” now"));
            card.badge = Some(Badge { word: "Active".into(), tone: Tone::Good });
            card.fact("Until", words::until(*window, &zone))
        }
        RequestState::Ended { .. } => {
            Card::note(format!("“{title}” has ended")).para("If you still need it, ask again; it takes one sentence.")
        }
        RequestState::Denied { denial } => {
            let mut card = Card::note(format!("“{title}” was not granted"));
            card.badge = Some(Badge { word: "Denied".into(), tone: Tone::Danger });
            if let Denial::Person { vote } = denial
                && let Some(words) = words_of(house, vote.reason.as_ref()).await?
            {
                card.body.push(Section::Quote { by: house.name(&vote.by), text: words });
            }
            card.para("Ask “why was I denied?” for the reasons, or ask for another look on the card.")
        }
        RequestState::Expired { .. } => Card::note(format!("Nobody decided on “{title}” in time"))
            .para("Nothing was granted. Ask again, or ask me who could decide."),
        RequestState::Failed { .. } => {
            let mut card = Card::note(format!("“{title}” could not be set up"));
            card.badge = Some(Badge { word: "Failed".into(), tone: Tone::Danger });
            card.para("You were approved, but the target system did not do it. Nothing is open. Ask again in a while or tell the helpdesk.")
        }
        RequestState::Approved { .. } | RequestState::Provisioning { .. } | RequestState::Cancelled { .. } => {
            return Ok(None);
        }
    };
    card.facts.push(crate::domain::card::Fact {
        label: "How it stands".into(),
        value: standing(house, request, &zone, &request.content.requester),
    });
    card.footer = Some(vec![Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) }]);
    Ok(Some(card))
}

/// The news for whoever gets it, where somebody else asked.
#[must_use]
pub fn for_beneficiary(house: &House, request: &Request) -> Option<Card> {
    let zone = house.person(&request.content.beneficiary).ok()?.time_zone();
    let title = house.catalog.title(&request.content.entitlement);
    let by = house.name(&request.content.requester);
    let footer = vec![Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) }];
    let mut card = match &request.state {
        RequestState::Pending { .. } => Card::note(format!("{by} asked for “{title}” for you")),
        RequestState::Active { window, .. } => Card::note(format!("You have “{title}” now"))
            .fact("Until", words::until(*window, &zone))
            .fact("Asked by", vec![words::person(house, &request.content.requester)]),
        RequestState::Ended { .. } => Card::note(format!("“{title}” has ended")),
        _ => return None,
    };
    card.footer = Some(footer);
    Some(card)
}

/// The news for whoever only watches: the owner, the security operations centre.
#[must_use]
pub fn for_watcher(house: &House, request: &Request, watcher: &PersonId) -> Card {
    let title = house.catalog.title(&request.content.entitlement);
    let who = house.name(&request.content.beneficiary);
    let emergency = request.decision.route.outcome == Outcome::BreakGlass;
    let headline = if emergency {
        format!("Emergency access: {who} opened “{title}”")
    } else {
        format!("{who} was given “{title}”")
    };
    let mut card = Card::note(headline);
    if let Ok(person) = house.person(watcher) {
        let window = request.approved().map_or(request.content.window, |a| a.window());
        card = card.fact("Until", words::until(window, &person.time_zone()));
    }
    if emergency {
        card.badge = Some(Badge { word: "Emergency".into(), tone: Tone::Danger });
    }
    card.footer = Some(vec![Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) }]);
    card
}
