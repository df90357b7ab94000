//! A ticket filed with a desk outside is followed there: the desk is asked from time to time whether it is closed, and whoever it is about
//! hears of it. Each look is a durable job that writes the next one; several replicas ask once. What the desk writes is not read: only
//! whether it is closed. Desks that cannot be asked (a mailbox, a webhook) are not, and such tickets are closed here.

use crate::domain::action::Subject;
use crate::domain::card::{CardKey, View};
use crate::domain::conversation::MessageBody;
use crate::domain::ids::TicketId;
use crate::domain::job::Job;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::domain::window::Seconds;
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::ClaimedJob;
use crate::ports::tickets::TicketError;
use crate::workflow::cases::ATTEMPTS;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// How long after each look the next one is: often at first, then hourly, then twice a day.
const WAITS: [Seconds; 3] = [Seconds(15 * 60), Seconds::hours(1), Seconds::hours(12)];
/// How many looks are often, and how many hourly.
const LOOKS: [u32; 2] = [8, 72];
/// After so many looks, about two months, nobody is asked any more.
const MOST_LOOKS: u32 = 190;

fn wait(asked: u32) -> Seconds {
    match asked {
        n if n < LOOKS[0] => WAITS[0],
        n if n < LOOKS[1] => WAITS[1],
        _ => WAITS[2],
    }
}

/// Begins to follow a ticket that was filed just now.
pub fn begin(change: &mut Change<'_>, ticket: TicketId) {
    next(change, ticket, 0);
}

fn next(change: &mut Change<'_>, ticket: TicketId, asked: u32) {
    let at = wait(asked).after(change.at());
    change.job(Job::FollowTicket { ticket, asked }, at, format!("follow:{ticket}:{asked}"));
}

/// Asks the desk outside once.
///
/// # Errors
/// [`JobFault::Later`] where it does not answer.
pub async fn look(house: &House, job: &ClaimedJob, id: TicketId, asked: u32) -> Result<Handled, JobFault> {
    let Some(desk) = &house.outside.tickets else { return Ok(Handled::Nothing) };
    let read = async || house.store.ticket(id).await.map_err(|e| WorkflowError::from(e).for_job());
    let follows = |t: &Ticket| t.is_open() && t.reopened == 0;
    let Some(ticket) = read().await?.filter(follows) else { return Ok(Handled::Nothing) };
    let Some(filed) = ticket.filed.as_ref().filter(|f| f.desk == desk.name()) else { return Ok(Handled::Nothing) };
    let closed = match desk.is_closed(&id, &filed.reference).await {
        Ok(closed) => closed,
        // Asked again soon, and where that does not help, at the next look.
        Err(TicketError::Unavailable { what }) if job.attempts < ATTEMPTS => return Err(JobFault::Later(what)),
        Err(error) => {
            tracing::warn!(ticket = %id, %error, "the desk outside does not say how a ticket stands");
            metrics::counter!("claviger_ticket_looks_failed_total").increment(1);
            false
        }
    };
    let mut change = Change::by_job(house, &job.lease);
    if closed {
        let event = TicketEvent::ClosedOutside { desk: filed.desk.clone() };
        let said_in = ticket.content.said_in;
        let ticket = change.move_ticket(ticket, event).map_err(|e| e.for_job())?;
        if let Some(conversation) = said_in {
            let key = CardKey { subject: Subject::Ticket(id), view: View::Own };
            change.say_once(conversation, &format!("ticket:{id}:{}", ticket.version), MessageBody::Live { key });
        }
    } else if asked + 1 < MOST_LOOKS {
        next(&mut change, id, asked + 1);
    }
    change.commit().await.map_err(|e| e.for_job())?;
    Ok(Handled::Committed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_rarer_and_end_after_some_two_months() {
        let all: u64 = (0..MOST_LOOKS).map(|n| wait(n).0).sum();
        assert!((55..=65).contains(&(all / 86_400)), "{} days", all / 86_400);
        assert!((1..MOST_LOOKS).all(|n| wait(n) >= wait(n - 1)));
    }
}
