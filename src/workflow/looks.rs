//! Somebody asks about another person's sign-ins. Default: nothing, in the same bytes whoever is named. Where the disclosure table lets
//! them, they are told what it gives and no more; the look is recorded, and whoever it is about can see who looked.

use jiff::{SignedDuration, Timestamp};

use crate::domain::card::{Card, Inline, Rich, Section, text};
use crate::domain::event::{Actor, EventBody, HouseEvent, Stream};
use crate::domain::ids::PersonId;
use crate::domain::inquiry::{InquiryEvent, Matter};
use crate::domain::person::Presence;
use crate::domain::signin_actor::{Account, Aliases};
use crate::helpdesk::disclosure::{Disclosure, Level, Part};
use crate::helpdesk::lockout::answer::{Asked, about_another};
use crate::helpdesk::lockout::voice::possessive;
use crate::ports::signin::SigninQuery;
use crate::understanding::types::ForWhom;
use crate::workflow::cards::lockout::Zones;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::directories::Known;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::lockouts::{self, About, Gathered};
use crate::workflow::{cards, names, standing, unlocks};

/// How far back looks are listed.
const LISTED_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The most looks listed, the newest.
const MOST_LISTED: usize = 20;

/// Answers a question about somebody else.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>, whom: &ForWhom) -> Result<(), WorkflowError> {
    let house = table.house;
    let (named, people) = match whom {
        // Never asked for here.
        ForWhom::Speaker => return lockouts::own(table).await,
        ForWhom::Person { id } => (house.name(id), vec![id.clone()]),
        ForWhom::Ambiguous { name, people } => (name.clone(), people.clone()),
        ForWhom::Unknown { name } => (name.clone(), names::meant(&house.catalog.directory, name).people),
    };
    let told = |id: &PersonId| Some(standing::told(house, table.who, id)).filter(|d| d.level > Level::Generic);
    let seen: Vec<(PersonId, Disclosure)> = people.iter().filter_map(|id| Some((id.clone(), told(id)?))).collect();
    match seen.as_slice() {
        [] if people.is_empty() && standing::is_told_of_everybody(house, table.who) => {
            let mut card = Card::note(format!("I do not find “{named}” in the directory"));
            let near = names::meant(&house.catalog.directory, &named).near;
            card = if !near.is_empty() {
                let listed: Vec<String> = near.iter().map(|id| described(house, id)).collect();
                card.para(format!("Did you mean {}?", listed.join(", or ")))
                    .para("Say it again with the name you mean; I open nobody’s record for a name that is only near.")
            } else if is_in_the_log(house, &named).await? {
                card.para(format!("The sign-in record holds an account “{named}”, but it belongs to nobody here."))
            } else {
                card.para("Check the name and say it again; the full name works best.")
            };
            table.note(card);
            Ok(())
        }
        [] => {
            refuse(table, people.first().filter(|_| people.len() == 1).cloned());
            Ok(())
        }
        [(id, _)] if id == table.who => lockouts::own(table).await,
        [(id, disclosure)] => tell(table, id, *disclosure).await,
        several => {
            let names: Vec<String> = several.iter().map(|(id, _)| described(house, id)).collect();
            let card = Card::note(format!("Which {named} do you mean?"))
                .para(format!("I find {}.", names.join("; ")))
                .para("Say it again with the full name.");
            table.note(card);
            Ok(())
        }
    }
}

/// Whether the reader may be told of anybody these words could mean.
pub fn may_be_told(table: &Table<'_>, whom: &ForWhom) -> bool {
    let (house, who) = (table.house, table.who);
    let told = |id: &PersonId| id != who && standing::told(house, who, id).level > Level::Generic;
    match whom {
        ForWhom::Speaker => false,
        ForWhom::Person { id } => told(id),
        ForWhom::Ambiguous { people, .. } => people.iter().any(told),
        ForWhom::Unknown { name } => {
            standing::is_told_of_everybody(house, who)
                || names::meant(&house.catalog.directory, name).people.iter().any(told)
        }
    }
}

/// Whether the sign-in record of the last days has an account of this name.
async fn is_in_the_log(house: &House, name: &str) -> Result<bool, WorkflowError> {
    let Some(log) = &house.outside.signins.log else { return Ok(false) };
    let account = Account { provider: None, name: name.to_owned() };
    let query = SigninQuery {
        whose: Aliases::default().with([account]),
        from: house.now().checked_sub(LISTED_FOR).unwrap_or(Timestamp::MIN),
        until: house.now(),
        limit: 1,
    };
    let found = log.signins(&query).await?;
    Ok(found.iter().any(|event| query.whose.own(event)))
}

fn described(house: &House, id: &PersonId) -> String {
    match house.catalog.directory.get(id) {
        Some(p) => format!("{} ({}, {})", p.name, p.job_title, p.department),
        None => id.to_string(),
    }
}

/// Refuses to speak of somebody else: the same bytes whoever it is, known or not; noted in the record.
fn refuse(table: &mut Table<'_>, of: Option<PersonId>) {
    metrics::counter!("claviger_lockout_refusals_total").increment(1);
    table.change.house_event(HouseEvent::SigninsWithheld { of });
    table.note(
        Card::note("That is not for me to tell")
            .para("I explain sign-ins to the person they belong to. They can ask me themselves.")
            .para("If you mean your own, say “why can’t I sign in?”.")
            .para("If it is your job to help them, the helpdesk and the security team have their own view."),
    );
}

/// Tells somebody about another person's sign-ins, as far as policy gives.
async fn tell(table: &mut Table<'_>, of: &PersonId, disclosure: Disclosure) -> Result<(), WorkflowError> {
    let house = table.house;
    let (person, reader) = (house.person(of)?, house.person(table.who)?);
    // Times are those of whom it is about: that is when it was for them. The reader is told how theirs differ.
    let (now, zone, own) = (house.now(), person.time_zone(), reader.time_zone());
    let zones = Zones { of: &zone, reader: &own };
    let part = disclosure.because.map_or("", Part::name);
    let level = disclosure.level;
    let Some(gathered) = lockouts::gather(house, &person, now).await? else {
        table.note(
            Card::note("I cannot see sign-in events here")
                .para("No sign-in log is connected, so I do not know, and I will not guess."),
        );
        return Ok(());
    };
    let Gathered { whose, known: Known { events, lasting, silent, fresh }, .. } = gathered;
    let asked = Asked { whose: &whose, words: table.words, now, zone: &zone, level, lasting: &lasting };
    let explanation = about_another(events.iter().cloned(), asked, &person.name);
    lockouts::keep_cited(house, &explanation, &fresh, now).await?;
    let receipts = if level > Level::Staff { events.as_slice() } else { &[] };
    let mut card = cards::lockout::of_another(&person.name, &explanation, receipts, zones);
    match person.presence {
        Presence::Departed => card = card.para(format!("{} has left, says the directory.", person.name)),
        Presence::Disabled => {
            card = card.para(format!("{}’s account is switched off, says the directory.", person.first_name()));
        }
        Presence::Active | Presence::OnLeave { .. } => {}
    }
    if silent > 0 {
        card = card.para(lockouts::SILENT);
    }
    if zones.differ(now) {
        card = card.para(difference(person.first_name(), now, zones));
    }
    card = card.para(format!(
        "You are told {}, because {}. This look is recorded, and {} can see it.",
        level.words(),
        as_you(disclosure.because),
        person.first_name()
    ));
    metrics::counter!("claviger_lockout_looks_total", "because" => part).increment(1);
    table.change.house_event(HouseEvent::SigninsTold {
        of: of.clone(),
        level: level.name().to_owned(),
        because: part.to_owned(),
    });
    let matter = Matter::Colleague { person: of.clone(), level: level.name().to_owned(), because: part.to_owned() };
    let inquiry = inquiries::answer(table, card, Given::new(matter, explanation.cited()))?;
    unlocks::offer(table, inquiry, of, &explanation).await?;
    if explanation.to_security {
        let about = About { person: of, conversation: None, inquiry: Some(inquiry) };
        lockouts::tell_security(table, about, &explanation).await?;
    }
    Ok(())
}

/// `Times are Ana’s (CET); it is 10:00 there now and 09:00 (GMT) where you are.`
fn difference(name: &str, now: jiff::Timestamp, zones: Zones<'_>) -> String {
    let (there, here) = (now.to_zoned(zones.of.clone()), now.to_zoned(zones.reader.clone()));
    format!(
        "Times are {} ({}): it is {} there now, and {} ({}) where you are.",
        possessive(name),
        there.strftime("%Z"),
        there.strftime("%a %H:%M"),
        here.strftime("%a %H:%M"),
        here.strftime("%Z")
    )
}

/// What allows it, said to whoever has it.
fn as_you(part: Option<Part>) -> &'static str {
    match part {
        Some(Part::Helpdesk) => "you work at the helpdesk",
        Some(Part::Security) => "you belong to security",
        Some(Part::Soc) => "you work at the security desk",
        Some(Part::Auditors) => "you may read the whole record",
        Some(Part::Manager) => "you are their manager",
        Some(Part::ManagersAbove) => "you stand above them in the line",
        Some(Part::Sponsor) => "you are their sponsor",
        None => "it is about you",
    }
}

/// "Who looked at Ana's sign-ins?": the same words whoever is named and whoever asks.
pub fn who_looked_at_another(table: &mut Table<'_>) {
    table.note(
        Card::note("I do not tell others who looked")
            .para("Who looked at somebody’s sign-ins I tell to that person: they can ask me “who looked at my sign-ins?”.")
            .para("Every look stands in the record, which the auditors read."),
    );
}

/// "Who looked at my sign-ins?": everybody who was told something, when, as what, and how much.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn who_looked(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let house = table.house;
    let zone = house.person(table.who)?.time_zone();
    let from = house.now().checked_sub(LISTED_FOR).unwrap_or(Timestamp::MIN);
    let mut lines = Vec::new();
    for stored in house.store.inquiries(from).await?.iter().rev() {
        let EventBody::Inquiry(InquiryEvent::Answered { answer }) = &stored.event.body else { continue };
        let Matter::Colleague { person, level, because } = &answer.matter else { continue };
        if person != table.who {
            continue;
        }
        let as_what = Part::named(because).map_or("may by policy", Part::words);
        let how_much = [Level::Staff, Level::Person, Level::Operator]
            .into_iter()
            .find(|l| l.name() == level)
            .map_or("something", Level::words);
        let mut line = vec![words::instant(stored.event.at, &zone)];
        line.push(Inline::Text {
            text: format!(": {}, who {as_what}, was told {how_much}.", house.name(&answer.person)),
        });
        lines.push((stored.event.at, line));
    }
    // Tickets sorted from the command line are looks too, though nobody asked in a conversation.
    for stored in house.store.events_of(&Stream::House).await? {
        let EventBody::House(HouseEvent::SigninsTold { of, .. }) = &stored.event.body else { continue };
        if of != table.who || stored.event.actor != Actor::Operator || stored.event.at < from {
            continue;
        }
        let mut line = vec![words::instant(stored.event.at, &zone)];
        let said = ": the operator, sorting tickets on the command line, was told what you read yourself.";
        line.push(Inline::Text { text: said.into() });
        lines.push((stored.event.at, line));
    }
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut lines: Vec<Rich> = lines.into_iter().map(|(_, line)| line).collect();
    let mut card = Card::note("Who looked at your sign-ins");
    if lines.is_empty() {
        card = card.para("Nobody asked me about your sign-ins in the last 90 days and was told anything.");
    } else {
        let more = lines.len().saturating_sub(MOST_LISTED);
        lines.truncate(MOST_LISTED);
        card.body.push(Section::List { items: lines });
        if more > 0 {
            card = card.para(format!("{more} earlier looks are not listed; the record holds them."));
        }
    }
    card.footer =
        Some(text("Looks through me, of the last 90 days. What people see in other systems is not in this list."));
    table.note(card);
    Ok(())
}
