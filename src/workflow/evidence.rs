//! The events a ticket rests on, looked up for whoever is to look at it: when, what happened and from where, and not bare ids.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::Ticket;
use crate::helpdesk::lockout::timeline::CLOCK_TOLERANCE;
use crate::ports::signin::SigninQuery;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// How far before the ticket its events may lie: no answer looks further back.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked through, the newest.
const MOST_EVENTS: u32 = 2_000;

/// The sign-in events among a ticket's evidence, by id. What else stands there (articles, requests), and what is gone by now, is left out.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn events(house: &House, ticket: &Ticket) -> Result<BTreeMap<String, SigninEvent>, WorkflowError> {
    let content = &ticket.content;
    let (Some(log), Ok(person)) = (&house.outside.signins.log, house.person(&content.person)) else {
        return Ok(BTreeMap::new());
    };
    if content.evidence.is_empty() {
        return Ok(BTreeMap::new());
    }
    let raised = ticket.raised_at;
    let query = SigninQuery {
        whose: Aliases::of(&person, &house.catalog.directory, &house.outside.signins.realms),
        from: raised.checked_sub(LOOK_BACK).unwrap_or(jiff::Timestamp::MIN),
        until: raised.checked_add(CLOCK_TOLERANCE).unwrap_or(jiff::Timestamp::MAX),
        limit: MOST_EVENTS,
    };
    let found = log.signins(&query).await?;
    Ok(found.into_iter().filter(|e| content.evidence.contains(&e.id)).map(|e| (e.id.clone(), e)).collect())
}
