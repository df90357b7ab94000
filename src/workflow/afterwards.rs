//! What is said once sign-ins were explained: "when does it end?", "from where?", "are you sure?", "that's not my phone". It is about the last
//! answer, while that is the last of the conversation and not older than a day; without one it starts nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::card::{Card, Inline, Rich, Section, text};
use crate::domain::conversation::Question;
use crate::domain::inquiry::{Inquiry, InquiryEvent, InquiryState, Matter};
use crate::domain::signin::SigninEvent;
use crate::domain::window::Seconds;
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::follow::{self, Follow};
use crate::helpdesk::lockout::words as written;
use crate::understanding::types::{Intent, Understanding};
use crate::workflow::answers;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::lockouts::{self, Gathered};

/// How long an answer is what short words are about.
const FRESH: Seconds = Seconds::hours(24);
/// The most entries of the record that are listed, the newest.
const MOST_LISTED: usize = 12;
/// What a word about the end stands for.
const UNTIL_WHEN: &str = "When can I get in again?";

/// Answers what is about the explanation of a moment ago. False where it is not, or there was none.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>, understood: &Understanding) -> Result<bool, WorkflowError> {
    let Some(follow) = follow::read(table.words) else { return Ok(false) };
    let now = table.change.at();
    let fresh = |i: &Inquiry| FRESH.after(i.at) >= now;
    let Some(inquiry) = inquiries::last_lockout(table).await?.filter(fresh) else {
        return Ok(means_nothing(table, understood));
    };
    match follow {
        Follow::Until => lockouts::own_about(table, UNTIL_WHEN).await?,
        Follow::More => {
            let before = inquiries::words_of(table.house, &inquiry).await?;
            lockouts::own_about(table, if before.is_empty() { UNTIL_WHEN } else { &before }).await?;
        }
        Follow::Source => sources(table, &inquiry).await?,
        Follow::Proof => receipts(table, &inquiry).await?,
        Follow::NotHelped => not_helped(table, inquiry)?,
        Follow::NotMine => inquiries::not_me_in_words(table).await?,
    }
    Ok(true)
}

/// Words about something that was not said: asked back, and never taken for the name of a thing.
fn means_nothing(table: &mut Table<'_>, understood: &Understanding) -> bool {
    let answers = matches!(table.conversation.question, Some(Question::Which { .. } | Question::Reason { .. }));
    let open = table.conversation.on_table().next().is_some();
    let taken = matches!(understood.intent, Intent::RequestAccess | Intent::BreakGlass);
    if answers || open || !taken {
        return false;
    }
    answers::unclear(table);
    true
}

/// "That did nothing": noted, and a person offered.
fn not_helped(table: &mut Table<'_>, inquiry: Inquiry) -> Result<(), WorkflowError> {
    let card = inquiries::heard(table.house, &inquiry, &InquiryEvent::NotHelped)?;
    if matches!(inquiry.state, InquiryState::Answered | InquiryState::Helped) {
        table.change.move_inquiry(inquiry, InquiryEvent::NotHelped)?;
    }
    table.note(card);
    Ok(())
}

/// The entries of the record that an answer rested on, oldest first, and the zone their times are told in.
async fn entries(
    table: &Table<'_>,
    inquiry: &Inquiry,
) -> Result<(Vec<(Timestamp, SigninEvent)>, TimeZone), WorkflowError> {
    let house = table.house;
    let person = house.person(table.who)?;
    let zone = person.time_zone();
    let Some(Gathered { whose, known, .. }) = lockouts::gather(house, &person, house.now()).await? else {
        return Ok((Vec::new(), zone));
    };
    let rests = |e: &SigninEvent| whose.own(e) && inquiry.answer.evidence.contains(&e.id);
    let mut found: Vec<_> = known.events.into_iter().filter(rests).filter_map(|e| Some((e.at?, e))).collect();
    found.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    Ok((found, zone))
}

/// "Are you sure?", "show me the receipts": the entries themselves, and a person for whoever doubts them.
async fn receipts(table: &mut Table<'_>, inquiry: &Inquiry) -> Result<(), WorkflowError> {
    let (found, zone) = entries(table, inquiry).await?;
    let mut card = Card::note("What my answer rests on");
    if found.is_empty() {
        card = card.para("On no entry: the record held nothing about it, and that is all I can say for certain.");
    } else {
        card = card.para("On these entries of the sign-in record, as the systems wrote them:");
        card.body.push(Section::List { items: list(found.iter().map(|(_, e)| e), &zone) });
        card = card.para("I add nothing to them. What they do not say, I do not know.");
    }
    card = card.para("If an entry is wrong, or does not fit what happened, a person can look into it.");
    say(table, card, inquiry)
}

/// "Which device was that?", "from where?": what the entries say of it, and what they do not.
async fn sources(table: &mut Table<'_>, inquiry: &Inquiry) -> Result<(), WorkflowError> {
    let (found, zone) = entries(table, inquiry).await?;
    let mut by_source: BTreeMap<(Option<String>, Option<String>), Vec<Timestamp>> = BTreeMap::new();
    for (at, event) in &found {
        by_source.entry((written::origin(event), written::device(event))).or_default().push(*at);
    }
    let unknown = by_source.remove(&(None, None)).map_or(0, |all| all.len());
    let mut card = Card::note("From where it came");
    let items: Vec<Rich> = by_source
        .iter()
        .filter_map(|((origin, device), times)| {
            let from = match (origin, device) {
                (Some(origin), Some(device)) => format!("{origin}, with {device}"),
                (Some(origin), None) => format!("{origin}; with which device, the record does not say"),
                (None, Some(device)) => format!("{device}; from which address, the record does not say"),
                (None, None) => return None,
            };
            let when = written::between(*times.first()?, *times.last()?, &zone);
            Some(text(format!("{from}: {}, {when}.", written::count(times.len(), "entry", "entries"))))
        })
        .collect();
    if items.is_empty() {
        card = card.para("The record does not say from where or with which device it came.");
    } else {
        card = card.para("The entries behind my answer came from:");
        card.body.push(Section::List { items });
        if unknown > 0 {
            let counted = written::count(unknown, "entry names", "entries name");
            card = card.para(format!("{} neither an address nor a device.", written::capital(&counted)));
        }
        card = card.para("If that was not you, say so: “that wasn't me”.");
    }
    say(table, card, inquiry)
}

/// Says it as an answer of the same matter that rests on the same, with a person offered.
fn say(table: &mut Table<'_>, mut card: Card, inquiry: &Inquiry) -> Result<(), WorkflowError> {
    let evidence = inquiry.answer.evidence.clone();
    card.footer =
        Some(text(format!("Rests on {}.", written::count(evidence.len(), "recorded event", "recorded events"))))
            .filter(|_| !evidence.is_empty());
    let matter = inquiry.answer.matter.clone();
    let offered = !matter.is_answer();
    let id = inquiries::answer(table, card, Given::new(matter, evidence))?;
    if offered { Ok(()) } else { inquiries::offer_person(table, id) }
}

/// Entries in a line each, the newest of them where they are many.
fn list<'e>(events: impl Iterator<Item = &'e SigninEvent>, zone: &TimeZone) -> Vec<Rich> {
    let mut lines: Vec<Rich> = events
        .map(|event| {
            let mut line = text(format!("{} · ", written::proof(event, zone, Level::Person)));
            line.push(Inline::Code { text: event.id.clone() });
            line
        })
        .collect();
    let more = lines.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        lines = lines.split_off(more);
        lines.push(text(format!("and {}", written::count(more, "earlier one", "earlier ones"))));
    }
    lines
}

/// "Show me my sign-ins": the newest entries of the record, whatever they say.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn history(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let house = table.house;
    let person = house.person(table.who)?;
    let zone = person.time_zone();
    let Some(Gathered { whose, known, .. }) = lockouts::gather(house, &person, house.now()).await? else {
        return answers::locked_out(table);
    };
    let now = house.now();
    let mut own: Vec<_> =
        known.events.iter().filter(|e| whose.own(e)).filter_map(|e| Some((e.at.filter(|at| *at <= now)?, e))).collect();
    own.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    let mut card = Card::note("Your sign-ins, as they are recorded");
    if own.is_empty() {
        card = card.para("I find no sign-in event of yours in the record.");
    } else {
        card.body.push(Section::List { items: list(own.iter().map(|(_, e)| *e), &zone) });
    }
    let oldest = own.first().map(|(at, _)| words::instant(*at, &zone));
    if let Some(oldest) = oldest {
        let mut line = text("The oldest entry of yours I look at is of ");
        line.push(oldest);
        line.extend(text(". Something there is not yours? Say “that wasn't me”."));
        card.body.push(Section::Para { text: line });
    }
    let newest = own.len().saturating_sub(MOST_LISTED);
    let evidence: Vec<String> = own.split_off(newest).into_iter().map(|(_, e)| e.id.clone()).collect();
    let matter = if evidence.is_empty() { Matter::LockoutUnexplained } else { Matter::Lockout { class: None } };
    inquiries::answer(table, card, Given::new(matter, evidence))?;
    Ok(())
}
