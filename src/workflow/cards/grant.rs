//! Access somebody holds, as a card.

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, CardKey, Fact, Inline, Style, Tone, View, text};
use crate::domain::digest::Digest;
use crate::domain::grant::{Grant, GrantState};
use crate::domain::ids::PersonId;
use crate::workflow::cards::words::{self, BUTTON_LIFE, Buttons};
use crate::workflow::error::WorkflowError;
use crate::workflow::give_back::may_end;
use crate::workflow::house::House;

/// What a card shows of a grant, as a digest.
///
/// # Errors
/// Never for well-formed grants.
pub fn seen(grant: &Grant) -> Result<Digest, WorkflowError> {
    Ok(Digest::of_value(&(grant.id, grant.state.name(), &grant.order.window))?)
}

/// Draws a grant for this person.
///
/// # Errors
/// Where the person is unknown.
pub fn draw(house: &House, grant: &Grant, who: &PersonId) -> Result<Card, WorkflowError> {
    let zone = house.person(who)?.time_zone();
    let mut card = Card::note(house.catalog.title(&grant.order.entitlement));
    card.key = Some(CardKey { subject: Subject::Grant(grant.id), view: View::Own });
    card.revision = grant.version;
    let (word, tone) = match &grant.state {
        GrantState::Active { .. } if grant.is_usable(house.now()) => ("Active", Tone::Good),
        GrantState::Active { .. } | GrantState::Ending { .. } => ("Ending", Tone::Warning),
        GrantState::Ordered { .. } => ("Being set up", Tone::Info),
        GrantState::Ended { .. } => ("Ended", Tone::Neutral),
        GrantState::Failed { .. } => ("Failed", Tone::Danger),
    };
    card.badge = Some(Badge { word: word.into(), tone });
    if let Some(entitlement) = house.catalog.entitlement(&grant.order.entitlement) {
        card.facts = words::what(house, entitlement);
    }
    if grant.order.beneficiary != *who {
        card.facts.push(Fact { label: "Held by".into(), value: vec![words::person(house, &grant.order.beneficiary)] });
    }
    card.facts.push(Fact { label: "Until".into(), value: words::until(grant.order.window, &zone) });
    if let GrantState::Active { evidence, .. } = &grant.state {
        card.facts.push(Fact { label: "Confirmed".into(), value: text(evidence.clone()) });
    }
    let open = matches!(grant.state, GrantState::Active { .. } | GrantState::Ordered { .. });
    if open && may_end(house, who, grant).is_some() {
        let make = Buttons::new(house, Subject::Grant(grant.id), seen(grant)?, BUTTON_LIFE);
        let own = grant.order.beneficiary == *who;
        let label = if own { "I'm done with it" } else { "Take it away" };
        let mut back = make.make(Verb::GiveBack, label, if own { Style::Plain } else { Style::Danger });
        back.confirm = Some("The access ends at once. Go on?".into());
        card.actions.push(back);
        if own && grant.order.window.end().is_some() && matches!(grant.state, GrantState::Active { .. }) {
            let longer = words::time("until", "Until when? “two more weeks”");
            card.actions.push(make.asking(Verb::Extend, "Keep it longer", Style::Plain, longer));
        }
    }
    let request = grant.order.request;
    card.footer = Some(vec![Inline::Link { text: request.short(), path: format!("/requests/{request}") }]);
    Ok(card)
}
