//! What follows from a ticket outside this house: it is filed, the security operations centre is told, sessions are ended. Each is a job
//! written with the ticket; each may run twice, and asks outside with the ticket's id as the idempotency key.

use jiff::tz::TimeZone;

use crate::audit::finding::{Case, Proof, finding};
use crate::domain::ids::TicketId;
use crate::domain::signin::SigninEvent;
use crate::domain::ticket::{Category, SessionsEnded, Ticket, TicketEvent};
use crate::helpdesk::disclosure::{Level, Part};
use crate::helpdesk::lockout::words as written;
use crate::ports::connector::{ConnectorError, SessionsReceipt};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::store::ClaimedJob;
use crate::ports::tickets::{PaperPart, PaperPerson, TicketError, TicketPaper};
use crate::workflow::cards::request::words_of;
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{evidence, follow, tickets};

/// How often a desk, a centre or a system outside is asked before people are told that it does not answer.
pub const ATTEMPTS: u32 = 8;

/// Files a ticket with the desk outside.
///
/// # Errors
/// [`JobFault::Later`] where the desk does not answer.
pub async fn file(house: &House, job: &ClaimedJob, id: TicketId) -> Result<Handled, JobFault> {
    let Some(desk) = &house.outside.tickets else { return Ok(Handled::Nothing) };
    let Some(ticket) = read(house, id).await?.filter(|t| t.filed.is_none()) else { return Ok(Handled::Nothing) };
    let paper = paper(house, &ticket).await.map_err(|e| e.for_job())?;
    let desk_name = desk.name().to_owned();
    let cause = match desk.file(&paper).await {
        Ok(filing) => {
            let event = TicketEvent::Filed { desk: desk_name, reference: filing.reference };
            let follows = desk.tells_when_closed();
            return write(house, Some(job), id, &[event], Then { people_too: false, follows }).await;
        }
        Err(TicketError::Unavailable { what }) if job.attempts < ATTEMPTS => return Err(JobFault::Later(what)),
        Err(error) => error.to_string(),
    };
    tracing::error!(ticket = %id, desk = desk_name, cause, "a ticket could not be filed; people here are asked instead");
    // Security cases are with people already.
    let people_too = ticket.content.category != Category::Security && ticket.is_open();
    note(house, job, id, TicketEvent::FilingFailed { desk: desk_name, cause }, people_too).await
}

/// Tells the security operations centre of a case.
///
/// # Errors
/// [`JobFault::Later`] where it does not answer.
pub async fn tell_soc(house: &House, job: &ClaimedJob, id: TicketId) -> Result<Handled, JobFault> {
    let Some(sink) = &house.outside.soc else { return Ok(Handled::Nothing) };
    let Some(ticket) = read(house, id).await?.filter(|t| t.soc_told.is_none()) else { return Ok(Handled::Nothing) };
    let name = house.name(&ticket.content.person);
    let email = house.catalog.directory.get(&ticket.content.person).map(|p| p.email.clone()).unwrap_or_default();
    let events = evidence::events(house, &ticket).await.map_err(|e| e.for_job())?;
    let proof = |event: &SigninEvent| Proof {
        at: event.at,
        ip: event.origin().map(str::to_owned),
        what: format!("{}: {}", written::system(event.provider), written::briefly(event)),
    };
    let proofs = events.iter().map(|(id, event)| (id.clone(), proof(event))).collect();
    let told = finding(&Case {
        ticket: &ticket,
        name: &name,
        email: &email,
        link: link(house, id).as_deref(),
        proofs: &proofs,
    });
    match sink.tell(&format!("{id}.case"), &told).await {
        Ok(evidence) => note(house, job, id, TicketEvent::SocTold { evidence }, false).await,
        Err(TicketError::Unavailable { what }) => Err(JobFault::Later(what)),
        Err(error @ TicketError::Refused { .. }) => Err(JobFault::Never(error.to_string())),
    }
}

/// Asks every system that can to end the sessions of whoever a case is about.
///
/// # Errors
/// [`JobFault::Later`] where one does not answer.
pub async fn end_sessions(house: &House, job: &ClaimedJob, id: TicketId) -> Result<Handled, JobFault> {
    let Some(ticket) = read(house, id).await? else { return Ok(Handled::Nothing) };
    let Ok(person) = house.person(&ticket.content.person) else { return Ok(Handled::Nothing) };
    let asked = |connector| ticket.sessions.iter().any(|(c, _)| c == connector);
    let (mut heard, mut waiting) = (Vec::new(), None);
    for (connector, system) in &house.connectors {
        if asked(connector) {
            continue;
        }
        let outcome = match system.end_sessions(&id.to_string(), &person).await {
            Ok(SessionsReceipt::NotSupported) => continue,
            Ok(SessionsReceipt::Ended { evidence }) => SessionsEnded::Ended { evidence },
            Err(ConnectorError::Refused { what }) => SessionsEnded::Refused { what },
            Err(ConnectorError::Unavailable { what }) if job.attempts < ATTEMPTS => {
                waiting = Some(what);
                continue;
            }
            Err(ConnectorError::Unavailable { what }) => SessionsEnded::Refused { what },
        };
        heard.push(TicketEvent::SessionsAsked { connector: connector.clone(), outcome });
    }
    if heard.is_empty() && waiting.is_none() && ticket.sessions.is_empty() {
        heard.push(TicketEvent::NoSessionsToEnd);
    }
    if let Some(what) = waiting {
        // What was heard is written now; the others are asked again.
        write(house, None, id, &heard, Then::default()).await?;
        return Err(JobFault::Later(what));
    }
    write(house, Some(job), id, &heard, Then::default()).await
}

/// What is to follow from what was heard.
#[derive(Debug, Clone, Copy, Default)]
struct Then {
    /// People here are asked.
    people_too: bool,
    /// The desk outside is asked from time to time whether it is closed.
    follows: bool,
}

async fn read(house: &House, id: TicketId) -> Result<Option<Ticket>, JobFault> {
    house.store.ticket(id).await.map_err(|e| WorkflowError::from(e).for_job())
}

async fn note(
    house: &House,
    job: &ClaimedJob,
    id: TicketId,
    event: TicketEvent,
    people_too: bool,
) -> Result<Handled, JobFault> {
    write(house, Some(job), id, &[event], Then { people_too, follows: false }).await
}

/// Writes what was heard. Jobs of one ticket run beside each other, so whoever lost reads again; nobody outside is asked again for that.
async fn write(
    house: &House,
    job: Option<&ClaimedJob>,
    id: TicketId,
    events: &[TicketEvent],
    then: Then,
) -> Result<Handled, JobFault> {
    let mut last = JobFault::Later("somebody else changed the ticket meanwhile".to_owned());
    for _ in 0..5 {
        let Some(mut ticket) = read(house, id).await? else { return Ok(Handled::Nothing) };
        let mut change = match job {
            Some(job) => Change::by_job(house, &job.lease),
            None => Change::by(house, crate::domain::event::Actor::System),
        };
        for event in events {
            // Heard before, by a run that was cut off: nothing to add.
            if let Ok(next) = change.move_ticket(ticket.clone(), event.clone()) {
                ticket = next;
            }
        }
        if then.follows {
            follow::begin(&mut change, id);
        }
        if then.people_too {
            tickets::give_to_people(&mut change, house, &ticket).map_err(|e| e.for_job())?;
        }
        match change.commit().await {
            Ok(()) => return Ok(Handled::Committed),
            Err(error) if error.is_conflict() => last = error.for_job(),
            Err(error) => return Err(error.for_job()),
        }
    }
    Err(last)
}

fn link(house: &House, id: TicketId) -> Option<String> {
    let base = house.outside.public_url.trim_end_matches('/');
    (!base.is_empty()).then(|| format!("{base}/tickets/{id}"))
}

/// A ticket's evidence, one line each: the id, and what the log says as far as policy tells those it goes to.
async fn proofs(house: &House, ticket: &Ticket) -> Result<Vec<String>, WorkflowError> {
    let content = &ticket.content;
    let readers = if content.category == Category::Security { Part::Security } else { Part::Helpdesk };
    let level = house.disclosure.tell.get(&readers).copied().unwrap_or(Level::Generic);
    let events = evidence::events(house, ticket).await?;
    let line = |id: &String| match events.get(id).filter(|_| level > Level::Generic) {
        // Outside nobody knows in whose zone this is read.
        Some(event) => format!("{id} · {}", written::proof(event, &TimeZone::UTC, level)),
        None => id.clone(),
    };
    Ok(content.evidence.iter().map(line).collect())
}

/// A ticket as it is read outside.
///
/// # Errors
/// Where its texts cannot be read.
pub async fn paper(house: &House, ticket: &Ticket) -> Result<TicketPaper, WorkflowError> {
    let content = &ticket.content;
    let mut parts = Vec::new();
    let part = |heading: &str, lines: Vec<String>| PaperPart { heading: heading.to_owned(), lines };
    if let Some(said) = words_of(house, content.conversation.as_ref()).await? {
        parts.push(part("What was said", said.lines().map(str::to_owned).collect()));
    }
    for added in &ticket.added {
        if let Some(said) = words_of(house, Some(added)).await? {
            parts.push(part("Added later", said.lines().map(str::to_owned).collect()));
        }
    }
    if let Some(grasp) = &content.understanding {
        let mut lines = vec![format!("Understood as: {}", grasp.intent)];
        if let Some(id) = &grasp.entitlement {
            lines.push(format!("About: {} ({id})", house.catalog.title(id)));
        }
        parts.push(part("What was understood", lines));
    }
    if !content.evidence.is_empty() {
        parts.push(part("Evidence", proofs(house, ticket).await?));
    }
    let because = content.because.iter().map(|b| format!("{}: {}", b.rule, b.text)).collect();
    parts.push(part("Why this category and priority are suggested", because));
    let person = house.catalog.directory.get(&content.person);
    Ok(TicketPaper {
        id: ticket.id,
        number: ticket.id.short(),
        cause: content.cause,
        category: content.category,
        priority: content.priority,
        summary: content.summary.clone(),
        person: PaperPerson {
            id: content.person.clone(),
            name: house.name(&content.person),
            email: person.map(|p| p.email.clone()).unwrap_or_default(),
        },
        at: ticket.raised_at,
        parts,
        evidence: content.evidence.clone(),
        link: link(house, ticket.id),
    })
}
