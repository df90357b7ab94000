//! Start pages and pickers on chat platforms: what waits for somebody, what they hold and asked for, what they may ask for.

use std::sync::Arc;

use crate::domain::card::Card;
use crate::domain::ids::PersonId;
use crate::ports::desk::{Desk as _, DeskError, Mine};
use crate::ports::surface::Found;
use crate::workflow::desk::FrontDesk;
use crate::workflow::house::House;

/// What waits for somebody, and what is theirs.
///
/// # Errors
/// What to tell them instead.
pub async fn home(house: &Arc<House>, who: &PersonId) -> Result<(Vec<Card>, Mine), Box<Card>> {
    let desk = FrontDesk(Arc::clone(house));
    let told = |error: DeskError| Box::new(Card::note(error.said).para(error.next));
    let inbox = desk.inbox(who).await.map_err(told)?;
    let mine = desk.mine(who).await.map_err(told)?;
    Ok((inbox.decisions.into_iter().chain(inbox.tasks).collect(), mine))
}

/// What somebody may ask for, best first.
#[must_use]
pub fn search(house: &House, who: &PersonId, words: &str, limit: usize) -> Vec<Found> {
    let Ok(person) = house.person(who) else { return Vec::new() };
    let found = house.understander.embedded().find(&person, words, limit).into_iter().filter_map(|id| {
        let entitlement = house.catalog.entitlement(&id)?;
        Some(Found {
            id: id.to_string(),
            title: entitlement.title.clone(),
            about: house.catalog.system_title(&entitlement.system),
        })
    });
    found.collect()
}
