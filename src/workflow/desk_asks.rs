//! Plain things people ask of a helpdesk: their tickets, who can help, what is broken or stolen, and what keeps them out where that may be a
//! right they lack or a sign-in that fails.

use jiff::{SignedDuration, Timestamp};

use crate::domain::action::Subject;
use crate::domain::card::{Card, View, text};
use crate::domain::conversation::Question;
use crate::domain::inquiry::Matter;
use crate::domain::signin::ReasonClass;
use crate::helpdesk::desk_asks::{self, DeskAsk};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::knowledge;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation};
use crate::helpdesk::lockout::whose::Whose;
use crate::helpdesk::lockout::{named, question};
use crate::ports::store::TicketQuery;
use crate::understanding::types::{Intent, Understanding};
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::lockouts::{self, Gathered};
use crate::workflow::{afterwards, answers};

/// The most tickets shown, the newest.
const MOST_TICKETS: usize = 5;
/// How old a lock may be and still be what keeps somebody out now.
const RECENT: SignedDuration = SignedDuration::from_hours(24);
/// From this confidence on (basis points) what was named is offered to be asked for.
const NAMED_BP: u16 = 7_000;

/// Answers what is plainly asked of the helpdesk. False where it is something else, or answers a question that is open.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>) -> Result<bool, WorkflowError> {
    let Some(ask) = desk_asks::read(table.words) else { return Ok(false) };
    if matches!(table.conversation.question, Some(Question::Reason { .. })) && ask != DeskAsk::Stolen {
        return Ok(false);
    }
    // Where an article says what to do, that is the answer.
    if ask == DeskAsk::Broken && knowledge::find(&table.house.catalog, table.words).is_some() {
        return Ok(false);
    }
    match ask {
        DeskAsk::Tickets => own_tickets(table).await?,
        DeskAsk::Helpers => {
            let card = Card::note("Who can help you").para(format!("The helpdesk: {}.", answers::helpers(table))).para(
                "Write to them, or let me hand it over: they get this conversation's end, so that you need not tell it twice.",
            );
            inquiries::answer(table, card, Given::new(Matter::Person, Vec::new()))?;
        }
        DeskAsk::Broken => {
            let card = Card::note("That needs a person")
                .para("I cannot mend a thing, and I will not guess what is wrong with it.")
                .para(format!(
                    "The helpdesk can look at it: {}. One click hands it over with your words.",
                    answers::helpers(table)
                ));
            inquiries::answer(table, card, Given::new(Matter::Person, Vec::new()))?;
        }
        DeskAsk::Stolen => stolen(table).await?,
        DeskAsk::Signins if matches!(lockouts::whose_words(table)?, Whose::Other(_)) => return Ok(false),
        DeskAsk::Signins => afterwards::history(table).await?,
    }
    Ok(true)
}

/// The speaker's own open tickets, as they stand.
async fn own_tickets(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let query = TicketQuery { person: Some(table.who.clone()), open: true, limit: 20, ..TicketQuery::default() };
    let mut open = table.house.store.tickets(&query).await?;
    open.sort_by_key(|t| std::cmp::Reverse((t.raised_at, t.id)));
    if open.is_empty() {
        table.note(
            Card::note("You have no open ticket")
                .para("Nothing of yours waits for a person here. “I want to talk to a person” makes a ticket."),
        );
        return Ok(());
    }
    let more = open.len().saturating_sub(MOST_TICKETS);
    open.truncate(MOST_TICKETS);
    let mut card = Card::note(if open.len() == 1 { "Your open ticket" } else { "Your open tickets" })
        .para("This is how they stand now. “Say more” adds what whoever works on it should know.");
    if more > 0 {
        card = card.para(format!("{more} older ones are not shown."));
    }
    table.note(card);
    for ticket in &open {
        table.show(Subject::Ticket(ticket.id), View::Own);
    }
    Ok(())
}

/// Something one signs in with was stolen: security first, and what the article says of it.
async fn stolen(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let mut card = Card::note("Tell security now, so that nobody gets in with it")
        .para("One click tells them, with your words; systems that can are asked to end your sessions.");
    let mut evidence = lockouts::recent(table.house, table.who).await?;
    let catalog = &table.house.catalog;
    if let Some(found) =
        knowledge::find(catalog, table.words).or_else(|| knowledge::find(catalog, "lost or stolen phone laptop badge"))
    {
        card.body.extend(words::article(&found.extract));
        card.footer = Some(text(format!("From the article {}", found.file)));
        evidence.push(found.file);
    }
    let id = inquiries::answer(table, card, Given::new(Matter::Person, evidence))?;
    inquiries::offer_security(table, id)
}

/// "I can't get into the CRM" may mean a right that is lacking or a sign-in that fails. The record is asked first: what it holds about it is told;
/// where it holds nothing, that is said, and both ways are offered. False where the words say which it is.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn right_or_sign_in(table: &mut Table<'_>, understood: &Understanding) -> Result<bool, WorkflowError> {
    let Some(thing) = named::open_case(table.words) else { return Ok(false) };
    let read = matches!(
        understood.intent,
        Intent::RequestAccess
            | Intent::WhyLockedOut
            | Intent::Unclear
            | Intent::OutOfScope
            | Intent::Correct
            | Intent::WhyDecision
    );
    let answers_one = matches!(table.conversation.question, Some(Question::Reason { .. }));
    if !read || answers_one || matches!(lockouts::whose_words(table)?, Whose::Other(_)) {
        return Ok(false);
    }
    let house = table.house;
    let person = house.person(table.who)?;
    let (now, zone) = (house.now(), person.time_zone());
    if let Some(Gathered { whose, known, .. }) = lockouts::gather(house, &person, now).await? {
        let asked = Asked {
            whose: &whose,
            words: table.words,
            now,
            zone: &zone,
            level: Level::Person,
            lasting: &known.lasting,
        };
        let own: Vec<_> = known.events.iter().filter(|e| whose.own(e)).cloned().collect();
        let of_it = question::read(table.words, &own).application.is_some();
        let explanation = answer(known.events.iter().cloned(), asked);
        let at = |id: &String| own.iter().find(|e| e.id == *id).and_then(|e| e.at);
        let newest = explanation.cited().iter().filter_map(at).max();
        if holds_it(&explanation, of_it, newest, now) {
            lockouts::own(table).await?;
            return Ok(true);
        }
    }
    let offers: Vec<_> = understood
        .asks
        .first()
        .filter(|ask| ask.confidence_bp >= NAMED_BP)
        .and_then(|ask| ask.candidates.first())
        .map(|c| c.entitlement.clone())
        .into_iter()
        .collect();
    let thing: String = thing.chars().take(60).collect();
    let mut card = Card::note("Is it the sign-in, or a right you lack?")
        .para(format!("The sign-in record holds nothing of yours about “{thing}”, so I cannot tell which it is."));
    card = card.para(if offers.is_empty() {
        "If you lack the access, say so: “I need access to …”. If the sign-in fails, tell me what the screen says, or let a person look."
    } else {
        "If you lack the access, ask for it with the button. If the sign-in fails, tell me what the screen says, or let a person look."
    });
    inquiries::answer(table, card, Given { matter: Matter::LockoutUnexplained, evidence: Vec::new(), offers })?;
    Ok(true)
}

/// Whether the record tells why: something about the very thing, or a lock of the account that may stand still.
fn holds_it(explanation: &Explanation, of_it: bool, newest: Option<Timestamp>, now: Timestamp) -> bool {
    let shut = matches!(
        explanation.reason_class,
        Some(ReasonClass::LockedOut | ReasonClass::AccountDisabled | ReasonClass::Risk | ReasonClass::LockedOrDisabled)
    );
    let recent = newest.is_some_and(|at| now.duration_since(at) <= RECENT);
    explanation.certainty > Certainty::Unknown && (of_it || shut && recent)
}
