//! "Tell me when I'm locked out": whoever wants it is told before they ask, where they want to be told.
//!
//! Each conversation that wants notices has a job that looks at the person's own sign-in events once a minute, whichever way they came in
//! (file, address, polling, another replica), and writes the next look in the same batch. What is told, that it was told and how often
//! today are written together, so that nobody is told twice, however often the job runs. What may be an attack is told to security and
//! not here: see [`crate::helpdesk::proactive`].

use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::card::{Badge, Card, Tone, text};
use crate::domain::conversation::{Author, Conversation, MessageBody};
use crate::domain::event::HouseEvent;
use crate::domain::ids::{ConversationId, InquiryId, TextId};
use crate::domain::inquiry::{Answer, InquiryEvent, Matter};
use crate::domain::job::Job;
use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::Cause;
use crate::domain::window::Seconds;
use crate::helpdesk::proactive::{FRESH, Notice, OLDEST, Reader, Settings, notice};
use crate::ports::jobs::{Handled, JobFault};
use crate::ports::signin::{SigninLog, SigninQuery};
use crate::ports::store::{ClaimedJob, StoreError};
use crate::understanding::types::Intent;
use crate::workflow::cards::words;
use crate::workflow::change::Change;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::inquiries;
use crate::workflow::tickets::{self, Handover};

/// How often the events are looked at.
const PAUSE: Seconds = Seconds(60);
/// How far back: where somebody usually signs in from has to be known.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 2_000;
/// The most addresses named.
const NAMED: usize = 3;

/// Where notices come from and how many are sent.
#[derive(Clone)]
pub struct Notices {
    /// The sign-in events.
    pub log: Arc<dyn SigninLog>,
    /// The organisation's own domains as Kerberos writes them.
    pub realms: Vec<String>,
    /// How often a day somebody is told at most; 0 for never.
    pub a_day: u32,
}

/// Switches notices on or off for this person, here.
///
/// # Errors
/// Never.
pub fn set(table: &mut Table<'_>, on: bool) -> Result<(), WorkflowError> {
    let house = table.house;
    let a_day = house.outside.notices.as_ref().map_or(0, |n| n.a_day);
    if on && a_day == 0 {
        table.note(
            Card::note("I cannot tell you when you are locked out")
                .para("Notices are not switched on here. You can ask me why at any time."),
        );
        return Ok(());
    }
    let before = table.conversation.notices;
    table.conversation.notices = on;
    let surface = table.conversation.surface;
    if before != on {
        table.change.house_event(HouseEvent::NoticesSet { person: table.who.clone(), surface, on });
    }
    if on && !before {
        let (id, now) = (table.conversation.id, table.change.at());
        look_again(&mut table.change, id, now);
    }
    table.note(if on {
        Card::note("I will tell you here when you are locked out")
            .para(format!(
                "At most {} a day, with what the record says. If a lock looks like an attack, security hears of it instead.",
                if a_day == 1 { "once".to_owned() } else { format!("{a_day} times") }
            ))
            .para("To stop it, say “stop telling me when I'm locked out”.")
    } else {
        Card::note("I no longer tell you when you are locked out").para("You can still ask me why at any time.")
    });
    Ok(())
}

fn look_again(change: &mut Change<'_>, conversation: ConversationId, now: jiff::Timestamp) {
    let at = PAUSE.after(now);
    change.job(Job::WatchSignins { conversation }, at, format!("watch:{conversation}:{}", at.as_second() / 60));
}

/// Looks at the events of whoever wants to be told in this conversation, and tells what there is to tell.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn watch(house: &House, job: &ClaimedJob, id: ConversationId) -> Result<Handled, JobFault> {
    look(house, job, id).await.map_err(|e| e.for_job())
}

async fn look(house: &House, job: &ClaimedJob, id: ConversationId) -> Result<Handled, WorkflowError> {
    let Some(conversation) = house.store.conversation(id).await?.filter(|c| c.notices) else {
        return Ok(Handled::Nothing);
    };
    let employed = house.person(&conversation.person).is_ok_and(|p| p.is_employed());
    let Some(notices) = house.outside.notices.as_ref().filter(|n| employed && n.a_day > 0) else {
        return Ok(Handled::Nothing);
    };
    let person = house.person(&conversation.person)?;
    let whose = Aliases::of(&person, &house.catalog.directory, &notices.realms);
    let now = house.now();
    let query = SigninQuery {
        whose: whose.clone(),
        from: now.checked_sub(LOOK_BACK).unwrap_or(jiff::Timestamp::MIN),
        until: PAUSE.after(now),
        limit: MOST_EVENTS,
    };
    let events: Vec<SigninEvent> = notices.log.signins(&query).await?.into_iter().filter(|e| whose.own(e)).collect();
    // Where no process ran, this look comes late, and what happened meanwhile is news all the same.
    let late = now.duration_since(job.run_at).max(SignedDuration::ZERO);
    let fresh = FRESH.saturating_add(late).min(OLDEST);
    if let Some(seen) = notice(&events, now, Settings { fresh, ..Settings::default() }) {
        match told(house, notices, job, &conversation, &seen).await {
            // Told before, by this job or on another surface.
            Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => {}
            done => return done,
        }
    }
    let mut change = Change::by_job(house, &job.lease);
    look_again(&mut change, id, now);
    change.commit().await?;
    Ok(Handled::Committed)
}

/// Tells one lock: the owner here, or security. With it goes the next look, the count of today and that this lock was told.
async fn told(
    house: &House,
    notices: &Notices,
    job: &ClaimedJob,
    conversation: &Conversation,
    seen: &Notice,
) -> Result<Handled, WorkflowError> {
    let who = &conversation.person;
    let mut change = Change::by_job(house, &job.lease);
    change.touches(who);
    let now = change.at();
    look_again(&mut change, conversation.id, now);
    match seen.to {
        Reader::Security(because) => {
            change.once(format!("notice:security:{who}:{}", seen.lock));
            let given = Handover {
                person: who,
                cause: Cause::Noticed,
                words: because,
                conversation: None,
                understanding: None,
                intent: Some(Intent::WhyLockedOut),
                evidence: seen.evidence.clone(),
                inquiry: None,
            };
            tickets::raise(&mut change, house, given).await?;
            metrics::counter!("claviger_notices_total", "to" => "security").increment(1);
        }
        Reader::Owner => {
            change.once(format!("notice:{}:{}", conversation.id, seen.lock));
            let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            let key = format!("notices:{who}:{day}");
            let sent = house.store.lock_version(&key).await?;
            if sent < u64::from(notices.a_day) {
                change.lock(key, sent);
                let id = InquiryId::mint(now, house.entropy.as_ref());
                let card = card(house, conversation, seen, id)?;
                let answer = Answer {
                    person: who.clone(),
                    conversation: conversation.id,
                    // Nobody asked: there are no words, and the id says so to whoever looks for them.
                    question: TextId::mint(now, house.entropy.as_ref()),
                    matter: Matter::Notice,
                    evidence: seen.evidence.clone(),
                    offers: Vec::new(),
                };
                change.open_inquiry(id, InquiryEvent::Answered { answer: Box::new(answer) })?;
                change.say(conversation.id, Author::Claviger, MessageBody::Said { card: Box::new(card) });
                metrics::counter!("claviger_notices_total", "to" => "owner").increment(1);
            } else {
                metrics::counter!("claviger_notices_total", "to" => "nobody").increment(1);
            }
        }
    }
    change.commit().await?;
    Ok(Handled::Committed)
}

/// What the record says, each sentence with the events it rests on named below. Why it came to this is explained to whoever asks.
fn card(house: &House, conversation: &Conversation, seen: &Notice, id: InquiryId) -> Result<Card, WorkflowError> {
    let zone = house.person(&conversation.person)?.time_zone();
    let when = |at| words::instant(at, &zone).plain().to_owned();
    let mut card = Card::note("Your account was locked").fact("When", vec![words::instant(seen.at, &zone)]);
    card.badge = Some(Badge { word: "From the record".into(), tone: Tone::Warning });
    if let Some(first) = seen.first {
        let many = seen.evidence.len() - 1;
        let attempts = if many == 1 { "One attempt failed".to_owned() } else { format!("{many} attempts failed") };
        let mut from = seen.addresses.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if seen.addresses.len() > NAMED {
            let more = seen.addresses.len() - NAMED;
            from = if more == 1 { format!("{from} and one other") } else { format!("{from} and {more} others") };
        }
        let from = if from.is_empty() { String::new() } else { format!(" from {from}") };
        card = card.para(format!("{attempts}{from}, the first {}.", when(first)));
    }
    if seen.usual && seen.first.is_some() {
        card = card.para(
            "You have signed in from there before, so an old password kept on one of your devices is a usual cause.",
        );
    } else if !seen.usual {
        card = card.para(
        "The record does not tell whether that was you: I know no address you usually sign in from, or none of the attempts. If it was not you, \
         press “It wasn't me”.");
    }
    card = card
        .para("Ask “why was I locked out?” for the whole explanation and what you can do now.")
        .para("To stop these messages, say “stop telling me when I'm locked out”.");
    card.footer = Some(text(format!("Events: {}", seen.evidence.join(", "))));
    card.actions = inquiries::buttons(house, id, &Matter::Notice, &[])?;
    Ok(card)
}
