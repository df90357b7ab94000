//! A clicked message is drawn anew at once by its platform's adapter, which knows how to answer a click. So that this is never the older
//! of two cards, and still the last word, the adapter draws as whoever has the message's lane.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::domain::account::Posted;
use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::domain::ids::EventId;
use crate::ports::posting::LaneTaken;
use crate::ports::surface::{Draw, SurfaceError};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::tend;

/// How long the lane is the adapter's.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How long drawing may take, tries included. Shorter than the lease, so that nothing is drawn after it.
const LONGEST: Duration = Duration::from_secs(40);

/// Draws a clicked message where nobody else is at it and nothing newer stands there. See
/// [`ChatDoor::in_turn`](crate::ports::surface::ChatDoor::in_turn).
///
/// # Errors
/// What the platform said.
pub async fn draw(
    house: &Arc<House>,
    surface: Surface,
    on: &Posted,
    card: &Card,
    call: Draw<'_>,
) -> Result<(), SurfaceError> {
    let later = |error: WorkflowError| SurfaceError::Later { after: None, unsure: false, why: error.to_string() };
    let on_record = async || Ok(house.store.posting_on(surface, &on.place, &on.message).await?);
    let Some(copy) = on_record().await.map_err(later)? else {
        // Nobody keeps this one right but the adapter.
        return in_time(call).await;
    };
    let lane = copy.lane;
    let now = house.now();
    let holder = EventId::mint(now, house.entropy.as_ref()).to_string();
    let until = now.checked_add(LEASE).unwrap_or(jiff::Timestamp::MAX);
    match house.store.take_lane(&lane, &holder, now, until).await.map_err(|e| later(e.into()))? {
        LaneTaken::Yours => {}
        // Whoever has it looks once more when they give it back, and whoever made it wait sees to it that somebody comes back.
        LaneTaken::Busy | LaneTaken::Wait(_) => return Ok(()),
    }
    let is_newest = on_record().await.map(|copy| copy.is_some_and(|copy| copy.revision <= card.revision));
    let drawn = match is_newest {
        Ok(true) => in_time(call).await,
        Ok(false) => Ok(()),
        Err(error) => Err(later(error)),
    };
    let left = async {
        house.store.leave_lane(&lane, &holder, None).await?;
        // Whoever found it taken went away.
        if house.store.due_in(&lane).await?.is_some() {
            tend::tend(house, &lane).await?;
        }
        Ok::<_, WorkflowError>(())
    };
    if let Err(error) = left.await {
        tracing::warn!(%error, "a clicked message's lane was left to the sweep");
    }
    drawn
}

async fn in_time(call: Draw<'_>) -> Result<(), SurfaceError> {
    let slow = || SurfaceError::Later { after: None, unsure: true, why: "the platform did not answer in time".into() };
    tokio::time::timeout(LONGEST, call).await.unwrap_or_else(|_| Err(slow()))
}
