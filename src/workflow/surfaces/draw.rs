//! What a message of ours on a platform should show now.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::action::{Action, ActionToken, Subject};
use crate::domain::card::{Card, CardKey, Section};
use crate::domain::conversation::MessageBody;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::posting::{Audience, Posting, Shows};
use crate::ports::surface::ChatSurface;
use crate::workflow::desk::FrontDesk;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::channel;

/// What a message should show, and what is known of it.
pub struct Drawing {
    /// The card.
    pub card: Card,
    /// When its buttons should be made anew: after nine tenths of their life.
    pub fades: Option<Timestamp>,
    /// True where it will never change again.
    pub settled: bool,
}

/// Draws a message. `None` where its reader is no longer known, and nothing can be shown to them.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &Arc<House>, posting: &Posting) -> Result<Option<Drawing>, WorkflowError> {
    let drawn = match (&posting.shows, &posting.audience) {
        (Shows::Past, _) => return Ok(None),
        (Shows::Said { card }, _) => Ok((**card).clone()),
        (Shows::Live { key }, Audience::Person { id }) => live(house, id, *key).await,
        (Shows::Live { key }, Audience::Group { id }) => channel::draw(house, id, *key).await,
    };
    let mut card = match drawn {
        Ok(card) => card,
        Err(WorkflowError::UnknownPerson(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let now = house.now();
    let faded = posting.settled || posting.fades.is_some_and(|fades| fades <= now);
    let lives_on = matches!(posting.key(), Some(key) if !matches!(key.subject, Subject::Draft(_)));
    if faded && !lives_on && has_buttons(&card) {
        unbutton(&mut card);
        card = card.para("The buttons of this card have grown old. Say it again for a fresh one.");
    }
    let buttons = has_buttons(&card);
    let settled = !buttons && !lives_on;
    let fades = fades(house, &card, now);
    Ok(Some(Drawing { card, fades, settled }))
}

async fn live(house: &Arc<House>, who: &PersonId, key: CardKey) -> Result<Card, WorkflowError> {
    let drawn = FrontDesk(Arc::clone(house)).body(who, &MessageBody::Live { key }).await?;
    drawn.ok_or(WorkflowError::NotFound("card"))
}

/// Takes every button away.
pub fn unbutton(card: &mut Card) {
    card.actions.clear();
    card.body.retain(|section| !matches!(section, Section::Choices { .. }));
}

/// True where there is something to press.
#[must_use]
pub fn has_buttons(card: &Card) -> bool {
    !card.actions.is_empty()
        || card.body.iter().any(|s| matches!(s, Section::Choices { options, .. } if !options.is_empty()))
}

fn tokens(card: &mut Card) -> impl Iterator<Item = &mut ActionToken> {
    let choices = card.body.iter_mut().flat_map(|section| match section {
        Section::Choices { options, .. } => options.iter_mut().map(|o| &mut o.token).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    card.actions.iter_mut().map(|b| &mut b.token).chain(choices)
}

fn fades(house: &House, card: &Card, now: Timestamp) -> Option<Timestamp> {
    let mut card = card.clone();
    let lives = tokens(&mut card).filter_map(|token| {
        let action = house.tokens.open(token, now).ok()?;
        Some(i64::from(action.expires_minute) * 60 - now.as_second())
    });
    let shortest = lives.min()?;
    Timestamp::from_second(now.as_second() + shortest / 10 * 9).ok()
}

/// A digest of what a platform would show. Buttons that differ only in when they stop working look the same; those that another key
/// signed do not.
#[must_use]
pub fn digest(house: &House, surface: &dyn ChatSurface, card: &Card) -> Digest {
    let mut card = card.clone();
    let now = house.now();
    for token in tokens(&mut card) {
        if let Ok(action) = house.tokens.open(token, now) {
            *token = house.tokens.seal(&Action { expires_minute: u32::MAX, ..action });
        }
    }
    Digest::of(&surface.drawn(&card))
}
