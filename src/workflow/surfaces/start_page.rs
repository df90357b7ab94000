//! Start pages and pickers on chat platforms: what waits for somebody, what they hold and asked for, what they may ask for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::domain::card::Card;
use crate::domain::ids::PersonId;
use crate::ports::desk::{Desk as _, DeskError, Mine};
use crate::ports::surface::Found;
use crate::workflow::desk::FrontDesk;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::tend::in_time;

/// How long changes are gathered before pages are drawn.
const TOGETHER: Duration = Duration::from_secs(1);

/// What waits for somebody, and what is theirs.
///
/// # Errors
/// What to tell them instead.
pub async fn home(house: &Arc<House>, who: &PersonId) -> Result<(Vec<Card>, Mine), Box<Card>> {
    let desk = FrontDesk(Arc::clone(house));
    let told = |error: DeskError| Box::new(Card::note(error.said).para(error.next));
    let inbox = desk.inbox(who).await.map_err(told)?;
    let mine = desk.mine_once(who).await.map_err(told)?;
    Ok((inbox.decisions.into_iter().chain(inbox.tasks).collect(), mine))
}

/// Draws start pages anew whenever something changes that concerns whoever opened one, until stopped. A page is only ever as good as its
/// last drawing, and is drawn whenever it is opened; so nothing about it is kept.
pub async fn follow(house: Arc<House>, stop: CancellationToken) {
    let mut changes = house.changes.subscribe();
    loop {
        let mut people = BTreeSet::new();
        tokio::select! {
            () = stop.cancelled() => return,
            heard = changes.recv() => match heard {
                Ok(change) => people.extend(change.people),
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
        }
        // What happens together is drawn once.
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TOGETHER) => {}
        }
        while let Ok(change) = changes.try_recv() {
            people.extend(change.people);
        }
        for who in &people {
            if let Err(error) = draw(&house, who).await {
                tracing::info!(%error, "a start page could not be drawn");
            }
        }
    }
}

async fn draw(house: &Arc<House>, who: &PersonId) -> Result<(), WorkflowError> {
    for platform in house.surfaces.iter() {
        for account in house.surfaces.people.accounts_of(house, who, platform.surface()).await? {
            if !platform.has_start_page(&account) {
                continue;
            }
            let Ok((waiting, mine)) = home(house, who).await else { continue };
            if let Err(error) = in_time(platform.start_page(&account, &waiting, &mine)).await {
                tracing::info!(%error, surface = platform.surface().name(), "a start page could not be drawn");
            }
        }
    }
    Ok(())
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
