//! Why somebody cannot sign in, answered in a conversation: from their own sign-in events, with receipts, or honestly not at all.

use jiff::SignedDuration;

use crate::domain::card::{Badge, Card, Inline, Rich, Section, TimelineEntry, Tone, text};
use crate::domain::ids::{InquiryId, PersonId};
use crate::domain::inquiry::Matter;
use crate::domain::signin::{ReasonClass, SigninEvent};
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::{Category, Cause};
use crate::helpdesk::disclosure::{self, Asking, Level, Standing};
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation};
use crate::helpdesk::lockout::timeline::CLOCK_TOLERANCE;
use crate::helpdesk::lockout::words as written;
use crate::ports::signin::SigninQuery;
use crate::ports::store::TicketQuery;
use crate::understanding::types::{ForWhom, Intent, Understanding};
use crate::workflow::answers;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::directories::{self, Known};
use crate::workflow::error::WorkflowError;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::tickets::{self, Handover};

/// How far back events are looked at.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 2_000;
/// The most receipts shown on a card; the rest is counted.
const MOST_RECEIPTS: usize = 12;

/// Explains the speaker's own lockout. Words choose what is explained, never whose events: those are the signed-in person's.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn locked_out(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let house = table.house;
    if let Some(subject) = somebody_else(table, understood) {
        return refuse(table, subject);
    }
    let Some(log) = house.outside.signins.log.clone() else { return answers::locked_out(table) };
    let person = house.person(table.who)?;
    let (now, zone) = (house.now(), person.time_zone());
    let whose = Aliases::of(&person, &house.catalog.directory, &house.outside.signins.realms);
    let query = SigninQuery {
        whose: whose.clone(),
        from: now.checked_sub(LOOK_BACK).unwrap_or(jiff::Timestamp::MIN),
        until: now.checked_add(CLOCK_TOLERANCE).unwrap_or(jiff::Timestamp::MAX),
        limit: MOST_EVENTS,
    };
    let signins = &house.outside.signins;
    let logged = Known { events: log.signins(&query).await?, lasting: signins.lasting.clone(), silent: 0 };
    let Known { events, lasting, silent } = directories::ask(&signins.directories, &whose, now, logged).await;
    if events.is_empty() && signins.directories.is_empty() && log.signin_counts().await?.is_empty() {
        return answers::locked_out(table);
    }
    let asked = Asked { whose: &whose, words: table.words, now, zone: &zone, level: Level::Person, lasting: &lasting };
    let explanation = answer(events.iter().cloned(), asked);
    let mut card = card(&explanation, &events, &zone);
    if silent > 0 {
        card = card.para("A directory that could know more did not answer just now; this is what the logs say.");
    }
    let matter = if explanation.certainty == Certainty::Unknown {
        Matter::LockoutUnexplained
    } else {
        Matter::Lockout { class: explanation.reason_class }
    };
    metrics::counter!("claviger_lockout_answers_total", "matter" => matter.name()).increment(1);
    let inquiry = inquiries::answer(table, card, Given::new(matter, explanation.cited()))?;
    if explanation.to_security {
        tell_security(table, inquiry, &explanation).await?;
    }
    Ok(())
}

/// What looks like an attack goes to security by itself, once for the same events.
async fn tell_security(
    table: &mut Table<'_>,
    inquiry: InquiryId,
    explanation: &Explanation,
) -> Result<(), WorkflowError> {
    let house = table.house;
    let evidence = explanation.cited();
    let query = TicketQuery {
        person: Some(table.who.clone()),
        category: Some(Category::Security),
        open: true,
        ..TicketQuery::default()
    };
    let known = house.store.tickets(&query).await?;
    if known.iter().any(|t| t.content.evidence.iter().any(|id| evidence.contains(id))) {
        return Ok(());
    }
    let given = Handover {
        person: table.who,
        cause: Cause::Noticed,
        words: table.words,
        conversation: Some(table.conversation.id),
        understanding: None,
        intent: Some(Intent::WhyLockedOut),
        evidence,
        inquiry: Some(inquiry),
    };
    tickets::raise(&mut table.change, house, given).await?;
    Ok(())
}

/// The person asked about, where that is not the speaker. `None` inside where the name fits nobody or several.
fn somebody_else(table: &Table<'_>, understood: &Understanding) -> Option<Option<PersonId>> {
    match &understood.for_whom {
        ForWhom::Speaker => None,
        ForWhom::Person { id } if id == table.who => None,
        ForWhom::Person { id } => Some(Some(id.clone())),
        ForWhom::Ambiguous { .. } | ForWhom::Unknown { .. } => Some(None),
    }
}

/// Refuses to speak of somebody else: the same words whoever it is, known or not; noted in the record.
fn refuse(table: &mut Table<'_>, subject: Option<PersonId>) -> Result<(), WorkflowError> {
    let level = subject.map(|subject| {
        disclosure::of(Asking { asker: Some(table.who), subject: &subject }, &Standing::default()).level
    });
    debug_assert!(level.is_none_or(|l| l == Level::Generic), "nobody has a standing over others here yet");
    metrics::counter!("claviger_lockout_refusals_total").increment(1);
    let card = Card::note("That is not for me to tell")
        .para("I explain sign-ins only to the person they belong to. They can ask me themselves.")
        .para("The helpdesk and the security team have their own view.");
    inquiries::answer(table, card, Given::new(Matter::LockoutUnexplained, Vec::new()))?;
    Ok(())
}

/// The answer as a card: the sentences, what to do, and the events it rests on.
fn card(explanation: &Explanation, events: &[SigninEvent], zone: &jiff::tz::TimeZone) -> Card {
    let mut card = Card::note("Why you could not sign in");
    card.badge = Some(match (explanation.reason_class, explanation.certainty) {
        (Some(ReasonClass::Risk), _) => Badge { word: "Stopped for safety".into(), tone: Tone::Danger },
        (_, Certainty::Certain) => Badge { word: "From the record".into(), tone: Tone::Info },
        (_, Certainty::Likely) => Badge { word: "Likely".into(), tone: Tone::Warning },
        (_, Certainty::Possible) => Badge { word: "Possible".into(), tone: Tone::Warning },
        (_, Certainty::Unknown) => Badge { word: "Not known".into(), tone: Tone::Neutral },
    });
    for sentence in &explanation.sentences {
        card = card.para(sentence.text());
    }
    let steps: Vec<Rich> = explanation
        .next_steps
        .iter()
        .map(|step| {
            let mut line = text(step.words.clone());
            if let Some(link) = &step.link {
                line.extend(text(" "));
                line.push(Inline::Code { text: link.clone() });
            }
            line
        })
        .collect();
    if !steps.is_empty() {
        card = card.para("What you can do:");
        card.body.push(Section::List { items: steps });
    }
    let cited = explanation.cited();
    let receipts = |id: &String| {
        let event = events.iter().find(|e| e.id == *id)?;
        let at = event.at?;
        let shown = words::instant(at, zone).plain().to_owned();
        let system = Inline::Text { text: format!("{} · ", written::system(event.provider)) };
        Some(TimelineEntry { at, shown, text: vec![system, Inline::Code { text: id.clone() }] })
    };
    let mut entries: Vec<TimelineEntry> = cited.iter().filter_map(receipts).collect();
    entries.sort_by_key(|e| e.at);
    if !entries.is_empty() {
        let more = entries.len().saturating_sub(MOST_RECEIPTS);
        // The newest, which the answer is about: the lock itself and what led to it last.
        entries.drain(..more);
        card.body.push(Section::Timeline { entries });
        let rest = if more > 0 { format!("; {more} older ones are not shown") } else { String::new() };
        card.footer = Some(text(format!("Rests on {} recorded events{rest}.", cited.len())));
    }
    card
}
