//! A ticket as a card: what was handed over, to whom, and how it stands.

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, CardKey, Fact, Inline, Rich, Section, Style, Tone, View, text};
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::ticket::{Cause, SessionsEnded, Ticket, TicketState};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::words as written;
use crate::workflow::cards::request::words_of;
use crate::workflow::cards::words::{self, BUTTON_LIFE, Buttons};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{evidence, standing};

/// The most ids of evidence that are listed.
const LISTED: usize = 20;

/// What a card shows of a ticket, as a digest.
///
/// # Errors
/// Never for well-formed tickets.
pub fn seen(ticket: &Ticket) -> Result<Digest, WorkflowError> {
    Ok(Digest::of_value(&(ticket.id, ticket.state.name(), ticket.reopened))?)
}

/// Draws a ticket for this person.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &House, ticket: &Ticket, who: &PersonId) -> Result<Card, WorkflowError> {
    let zone = house.person(who)?.time_zone();
    let own = ticket.content.person == *who;
    let mut card = Card::note(headline(house, ticket, own));
    let view = if own { View::Own } else { View::Deciding };
    card.key = Some(CardKey { subject: Subject::Ticket(ticket.id), view });
    card.revision = ticket.version;
    let (word, tone) = match &ticket.state {
        TicketState::Open => ("Open", Tone::Info),
        TicketState::Resolved { .. } => ("Solved", Tone::Good),
        TicketState::Withdrawn => ("No longer needed", Tone::Neutral),
        TicketState::ClosedOutside { .. } => ("Closed", Tone::Good),
    };
    card.badge = Some(Badge { word: word.into(), tone });
    let fact = |label: &str, value: Rich| Fact { label: label.into(), value };
    card.facts.push(fact("Number", vec![Inline::Code { text: ticket.id.short() }]));
    if !own {
        card.facts.push(fact("About", vec![words::person(house, &ticket.content.person)]));
    }
    card.facts.push(fact("Category", text(ticket.content.category.words())));
    card.facts.push(fact("Priority", text(ticket.content.priority.name())));
    card.facts.push(fact("Handed over", vec![words::instant(ticket.raised_at, &zone)]));
    if let Some(filed) = &ticket.filed {
        card.facts.push(fact("Filed as", vec![Inline::Code { text: filed.reference.clone() }]));
    }
    if let TicketState::Resolved { by, word } = &ticket.state {
        card.facts.push(fact("Solved by", vec![words::person(house, by)]));
        if let Some(said) = words_of(house, word.as_ref()).await? {
            card.body.push(Section::Quote { by: house.name(by), text: said });
        }
    }
    if let (TicketState::ClosedOutside { desk }, Some(filed)) = (&ticket.state, &ticket.filed) {
        let mut line = text("The people who had it have closed it as ");
        line.push(Inline::Code { text: filed.reference.clone() });
        line.extend(text(format!(" ({desk}). If it is not solved, say so, and people here look again.")));
        card.body.push(Section::Para { text: line });
    }
    if own && ticket.is_open() {
        let sentence = match ticket.content.cause {
            Cause::NotMe | Cause::Noticed => {
                "The security team has it, with the records that belong to it. Do not confirm any sign-in you did not start; if somebody calls \
                 and asks for a code, do not read it out."
            }
            _ => {
                "A person will get back to you. They see this conversation's end and what I found, so you need not tell it twice."
            }
        };
        card = card.para(sentence);
    }
    if let Some(said) = words_of(house, ticket.content.conversation.as_ref()).await? {
        card.body.push(Section::Quote { by: "What was handed over".into(), text: said });
    }
    for added in &ticket.added {
        if let Some(said) = words_of(house, Some(added)).await? {
            card.body.push(Section::Quote { by: house.name(&ticket.content.person), text: said });
        }
    }
    if !ticket.content.evidence.is_empty() {
        let events = evidence::events(house, ticket).await?;
        let level = standing::told(house, who, &ticket.content.person).level;
        let line = |id: &String| {
            let mut line = vec![Inline::Code { text: id.clone() }];
            // Whoever is told nothing of the person's sign-ins sees that there is evidence, and no more.
            if let Some(event) = events.get(id).filter(|_| level > Level::Generic) {
                let said = written::proof(event, &zone, level);
                line.push(Inline::Text { text: format!(" · {said}") });
            }
            line
        };
        let ids = ticket.content.evidence.iter().take(LISTED).map(line);
        card.body.push(Section::Para { text: text(format!("Evidence ({}):", ticket.content.evidence.len())) });
        card.body.push(Section::List { items: ids.collect() });
    }
    if !own {
        let because = ticket
            .content
            .because
            .iter()
            .map(|b| vec![Inline::Code { text: b.rule.clone() }, Inline::Text { text: format!(" {}", b.text) }]);
        card.body.push(Section::Para { text: text("Why this category and priority are suggested:") });
        card.body.push(Section::List { items: because.collect() });
    }
    if ticket.content.cause == Cause::NotMe {
        card = card.para(about_sessions(ticket, own));
    }
    card.body.extend(sessions(ticket));
    if ticket.soc_told.is_some() {
        card = card.para("The security operations centre was told.");
    }
    if own {
        let make = Buttons::new(house, Subject::Ticket(ticket.id), seen(ticket)?, BUTTON_LIFE);
        if ticket.is_open() {
            let more = words::lines("words", "What should they know?", true);
            card.actions.push(make.asking(Verb::Add, "Say more", Style::Plain, more));
            card.actions.push(make.make(Verb::Cancel, "I no longer need it", Style::Plain));
        } else {
            card.actions.push(make.make(Verb::NotHelped, "It is not solved", Style::Plain));
        }
    }
    Ok(card)
}

fn headline(house: &House, ticket: &Ticket, own: bool) -> String {
    match (own, ticket.content.cause) {
        (true, Cause::NotMe) => format!("Security has your report, {}", ticket.id.short()),
        (true, _) => format!("Handed to a person, {}", ticket.id.short()),
        (false, _) => format!("{}: {}", house.name(&ticket.content.person), ticket.content.summary),
    }
}

/// Whether sessions were ended, are being ended, or cannot be from here.
fn about_sessions(ticket: &Ticket, own: bool) -> &'static str {
    let ended = |went: &SessionsEnded| matches!(went, SessionsEnded::Ended { .. });
    match (own, ticket.no_sessions, ticket.sessions.is_empty()) {
        (true, true, _) => {
            "Your sessions were not ended: no system connected here can do that. The security team does it where it is needed."
        }
        (false, true, _) => "No session was ended: no system connected here can do that.",
        (true, false, true) => {
            "Your sessions are being ended: the connected systems are asked right now. This card says how it went as soon as they answer."
        }
        (false, false, true) => "The connected systems are being asked to end the sessions.",
        (true, false, false) if ticket.sessions.iter().all(|(_, went)| ended(went)) => {
            "Your sessions were ended where a connected system can do that; sign in again there. What each said:"
        }
        (true, false, false) => "The connected systems were asked to end your sessions. What each said:",
        (false, false, false) => "The connected systems were asked to end the sessions. What each said:",
    }
}

/// How asking systems to end sessions went, where that was done.
fn sessions(ticket: &Ticket) -> Option<Section> {
    let items: Vec<Rich> = ticket
        .sessions
        .iter()
        .map(|(connector, went)| {
            let said = match went {
                SessionsEnded::Ended { evidence } => format!(" ended the sessions: {evidence}"),
                SessionsEnded::NotSupported => " cannot end sessions".to_owned(),
                SessionsEnded::Refused { what } => format!(" did not end the sessions: {what}"),
            };
            vec![Inline::Code { text: connector.to_string() }, Inline::Text { text: said }]
        })
        .collect();
    (!items.is_empty()).then_some(Section::List { items })
}
