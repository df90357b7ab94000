//! "Somebody is looking at it": whoever opens a form of an approver's card, or asks the requester something, is shown to the others who
//! are asked, so that they do not collide. It decides nothing, binds nobody and is forgotten after a quarter of an hour.

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Card, Fact, Inline};
use crate::domain::ids::PersonId;
use crate::domain::window::Seconds;
use crate::workflow::cards::words;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// How long somebody counts as looking at something.
pub const LASTS: Seconds = Seconds(15 * 60);

/// True for buttons whose form takes a while to fill in, on a card that others may have before them, too.
#[must_use]
pub fn takes_up(verb: Verb) -> bool {
    matches!(verb, Verb::ApproveShorter | Verb::Deny | Verb::Ask)
}

/// Notes that somebody looks at something, unless they or somebody else already do.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn take_up(house: &House, who: &PersonId, subject: Subject) -> Result<(), WorkflowError> {
    if standing(house, &subject).await?.is_some() {
        return Ok(());
    }
    let mut change = Change::before_person(house, who);
    change.claim(subject, who);
    change.commit().await
}

/// Who looks at something just now, and since when.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn standing(house: &House, subject: &Subject) -> Result<Option<crate::ports::posting::Claim>, WorkflowError> {
    let claim = house.store.claim_on(subject).await?;
    Ok(claim.filter(|c| LASTS.after(c.at) > house.now()))
}

/// Says on an approver's card who else is looking at it.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn show(house: &House, card: &mut Card, subject: &Subject, who: &PersonId) -> Result<(), WorkflowError> {
    let Some(claim) = standing(house, subject).await?.filter(|c| c.person != *who) else { return Ok(()) };
    let zone = house.person(who)?.time_zone();
    let value = vec![
        words::person(house, &claim.person),
        Inline::Text { text: ", since ".into() },
        words::instant(claim.at, &zone),
    ];
    card.facts.push(Fact { label: "Being looked at by".into(), value });
    Ok(())
}

/// Nobody looks any more: the copies no longer say so.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn over(
    house: &House,
    job: &crate::ports::store::ClaimedJob,
    subject: Subject,
) -> Result<crate::ports::jobs::Handled, crate::ports::jobs::JobFault> {
    let mut change = Change::by_job(house, &job.lease);
    change.redraw(subject, &format!("unclaimed:{}", job.lease.job));
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(crate::ports::jobs::Handled::Committed)
}
