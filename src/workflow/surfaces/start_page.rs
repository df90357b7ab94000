//! Start pages and pickers on chat platforms: what waits for somebody, what they hold and asked for, what they may ask for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

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

/// How long changes are gathered before pages are drawn anew, so that one decision is one drawing.
const GATHER: Duration = Duration::from_secs(1);

/// Draws start pages anew whenever something changed for whoever opened theirs, until asked to stop. What is missed here (a change in
/// another process, a platform that does not answer) is right again when the page is opened the next time.
pub async fn keep_fresh(house: Arc<House>, stop: CancellationToken) {
    let mut changes = house.changes.subscribe();
    loop {
        let mut people = BTreeSet::new();
        tokio::select! {
            () = stop.cancelled() => return,
            change = changes.recv() => match change {
                Ok(change) => people.extend(change.people),
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
        loop {
            match changes.try_recv() {
                Ok(change) => people.extend(change.people),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        for person in people {
            refresh(&house, &person).await;
        }
    }
}

/// Draws one person's start pages anew, where they opened any.
async fn refresh(house: &Arc<House>, person: &PersonId) {
    for platform in house.surfaces.iter() {
        let known = house.surfaces.people.accounts_of(house, person, platform.surface()).await;
        for account in known.unwrap_or_default().iter().filter(|a| platform.has_start_page(a)) {
            let Ok((waiting, mine)) = home(house, person).await else { continue };
            if let Err(error) = platform.start_page(account, &waiting, &mine).await {
                tracing::info!(%error, "a start page could not be drawn anew");
            }
        }
    }
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
