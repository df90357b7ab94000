//! A task as a card.

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, CardKey, Fact, Inline, Style, Tone, View, text};
use crate::domain::digest::Digest;
use crate::domain::ids::{GrantId, PersonId};
use crate::domain::task::{Chore, Task, TaskState};
use crate::workflow::cards::words::{self, BUTTON_LIFE, Buttons};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// What a card shows of a task, as a digest.
///
/// # Errors
/// Never for well-formed tasks.
pub fn seen(task: &Task) -> Result<Digest, WorkflowError> {
    Ok(Digest::of_value(&(task.id, task.version, task.state.name()))?)
}

/// Draws a task for this person.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &House, task: &Task, who: &PersonId) -> Result<Card, WorkflowError> {
    let zone = house.person(who)?.time_zone();
    let mut handed = None;
    let (headline, explain) = match &task.chore {
        Chore::Fulfil { grant } => (
            format!("Please open: {}", subject(house, *grant).await?),
            "This system has no interface. Open the access by hand, then say here what you did.",
        ),
        Chore::Withdraw { grant } => (
            format!("Please close: {}", subject(house, *grant).await?),
            "The time is over. Close the access by hand, then say here what you did.",
        ),
        Chore::Review { grant } => (
            format!("Still needed? {}", subject(house, *grant).await?),
            "Standing access is looked at from time to time. If nobody needs it any more, end it.",
        ),
        Chore::Ticket { ticket } => match house.store.ticket(*ticket).await? {
            Some(ticket) => {
                let inner = crate::workflow::cards::ticket::draw(house, &ticket, who).await?;
                handed = Some(inner);
                (
                    format!("{}: {}", house.name(&ticket.content.person), ticket.content.summary),
                    "See to it, then say here what you did. Whoever it is about hears of it.",
                )
            }
            None => (ticket.short(), "This ticket is not here any more."),
        },
        Chore::ReviewEmergency { request } => {
            let who = match house.store.request(*request).await? {
                Some(r) => {
                    format!("{}, {}", house.name(&r.content.beneficiary), house.catalog.title(&r.content.entitlement))
                }
                None => request.short(),
            };
            (
                format!("Emergency access used: {who}"),
                "Look at what was done and write down what you found. Whoever used it cannot review it.",
            )
        }
    };
    let mut card = Card::note(headline).para(explain);
    if let Some(ticket) = handed {
        card.facts = ticket.facts;
        card.body.extend(ticket.body);
    }
    card.key = Some(CardKey { subject: Subject::Task(task.id), view: View::Deciding });
    card.revision = task.version;
    card.facts.push(Fact { label: "Until".into(), value: vec![words::moment(task.due, &zone)] });
    let (word, tone) = match &task.state {
        TaskState::Open => ("To do", Tone::Warning),
        TaskState::Done { .. } => ("Done", Tone::Good),
        TaskState::Dropped => ("No longer needed", Tone::Neutral),
    };
    card.badge = Some(Badge { word: word.into(), tone });
    if let TaskState::Done { by, at, .. } = &task.state {
        card.facts.push(Fact {
            label: "Done by".into(),
            value: vec![words::person(house, by), Inline::Text { text: ", ".into() }, words::instant(*at, &zone)],
        });
    }
    let request = match &task.chore {
        Chore::Fulfil { grant } | Chore::Withdraw { grant } | Chore::Review { grant } => {
            house.store.grant(*grant).await?.map(|g| g.order.request)
        }
        Chore::ReviewEmergency { request } => Some(*request),
        Chore::Ticket { .. } => None,
    };
    if let Some(id) = request {
        card.footer = Some(vec![Inline::Link { text: id.short(), path: format!("/requests/{id}") }]);
    }
    if task.state == TaskState::Open && task.assignees.contains(who) {
        let make = Buttons::new(house, Subject::Task(task.id), seen(task)?, BUTTON_LIFE);
        if matches!(task.chore, Chore::Review { .. }) {
            card.actions.push(make.make(Verb::Keep, "Keep it", Style::Plain));
            card.actions.push(make.make(Verb::End, "End it", Style::Primary));
        } else {
            let proof = words::lines("proof", "What did you do? (a ticket number or a sentence)", true);
            card.actions.push(make.asking(Verb::TaskDone, "Done", Style::Primary, proof));
        }
    }
    if task.assignees.len() > 1 {
        card.body.push(crate::domain::card::Section::Para {
            text: text(format!("Any one of these may do it: {}.", words::any_of(house, &task.assignees))),
        });
    }
    Ok(card)
}

async fn subject(house: &House, grant: GrantId) -> Result<String, WorkflowError> {
    Ok(match house.store.grant(grant).await? {
        Some(g) => format!("{} for {}", house.catalog.title(&g.order.entitlement), house.name(&g.order.beneficiary)),
        None => grant.short(),
    })
}
