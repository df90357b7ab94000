//! What follows on chat platforms from what is written: posted there, or drawn anew. Noted in the same batch, so that neither can be lost.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::action::Subject;
use crate::domain::conversation::{Author, Conversation, Message, MessageBody};
use crate::domain::ids::{ConversationId, DraftId, JobId, MessageId};
use crate::domain::job::Job;
use crate::domain::posting::{Audience, Lane, Posting, Shows};
use crate::domain::task::TaskState;
use crate::ports::store::{Batch, NewJob};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::claims::LASTS;

/// Adds to a batch what follows from it on chat platforms. `threads` says which messages are about what.
///
/// # Errors
/// Where a conversation cannot be read.
pub async fn accompany(
    house: &House,
    batch: &mut Batch,
    threads: &[(MessageId, Subject)],
    at: Timestamp,
) -> Result<(), WorkflowError> {
    if house.surfaces.is_empty() {
        return Ok(());
    }
    post(house, batch, threads, at).await?;
    redraw(house, batch, at);
    Ok(())
}

/// What we say in a conversation on a platform is posted there.
async fn post(
    house: &House,
    batch: &mut Batch,
    threads: &[(MessageId, Subject)],
    at: Timestamp,
) -> Result<(), WorkflowError> {
    let mut known: Vec<Conversation> = batch.conversation.iter().cloned().collect();
    let mut postings = Vec::new();
    for message in batch.messages.iter().filter(|m| m.author == Author::Claviger) {
        let Some(conversation) = conversation(house, &mut known, message.conversation).await? else { continue };
        let (surface, person) = (conversation.surface, conversation.person.clone());
        if house.surfaces.get(surface).is_none() {
            continue;
        }
        let shows = match &message.body {
            MessageBody::Words { .. } => continue,
            MessageBody::Live { key } => Shows::Live { key: *key },
            MessageBody::Said { card } => Shows::Said { card: card.clone() },
        };
        let (lane, audience) = (Lane::of(conversation.id), Audience::Person { id: person });
        let mut posting = Posting::wanted(message.id, lane, surface, shows, audience, at);
        posting.about = threads.iter().find(|(id, _)| *id == message.id).map(|(_, about)| *about);
        postings.push(posting);
    }
    postings.append(&mut batch.postings);
    let mut lanes = BTreeSet::new();
    for posting in &postings {
        if lanes.insert(&posting.lane) {
            let job = Job::Tend { lane: posting.lane.clone() };
            batch.jobs.push(new_job(house, job, at, format!("tend:{}", posting.id)));
        }
    }
    batch.postings = postings;
    Ok(())
}

async fn conversation(
    house: &House,
    known: &mut Vec<Conversation>,
    id: ConversationId,
) -> Result<Option<Conversation>, WorkflowError> {
    if let Some(found) = known.iter().find(|c| c.id == id) {
        return Ok(Some(found.clone()));
    }
    let found = house.store.conversation(id).await?;
    known.extend(found.clone());
    Ok(found)
}

/// Whatever shows what changed is drawn anew.
fn redraw(house: &House, batch: &mut Batch, at: Timestamp) {
    let mut changed: Vec<(Subject, String)> = Vec::new();
    changed.extend(batch.requests.iter().map(|r| (Subject::Request(r.id), r.version.to_string())));
    changed.extend(batch.grants.iter().map(|g| (Subject::Grant(g.id), g.version.to_string())));
    changed.extend(batch.tasks.iter().map(|t| (Subject::Task(t.id), t.version.to_string())));
    changed.extend(batch.tickets.iter().map(|t| (Subject::Ticket(t.id), t.version.to_string())));
    if let Some(conversation) = &batch.conversation
        && house.surfaces.get(conversation.surface).is_some()
        && conversation.drafts.iter().any(|draft| !is_new(batch, draft.id))
    {
        changed.push((Subject::Conversation(conversation.id), conversation.version.to_string()));
    }
    for task in batch.tasks.iter().filter(|t| t.state == TaskState::Open) {
        let key = format!("tell_task:{}:{}", task.id, task.version);
        batch.jobs.push(new_job(house, Job::TellTask { task: task.id }, at, key));
    }
    for claim in &batch.claims {
        let moment = claim.at.as_millisecond();
        changed.push((claim.subject, format!("claimed:{moment}")));
        // Once more when it no longer counts.
        let over = LASTS.after(claim.at);
        let job = Job::Unclaim { subject: claim.subject };
        batch.jobs.push(new_job(house, job, over, format!("unclaim:{}:{moment}", claim.subject)));
    }
    for (subject, version) in changed {
        let job = Job::Redraw { subject };
        batch.jobs.push(new_job(house, job, at, format!("redraw:{subject}:{version}")));
        if !batch.lagging.contains(&subject) {
            batch.lagging.push(subject);
        }
    }
}

/// True for a draft that this batch shows as it stands now: what shows it elsewhere, if anything, is no older.
fn is_new(batch: &Batch, draft: DraftId) -> bool {
    let shows = |m: &Message| matches!(&m.body, MessageBody::Live { key } if key.subject == Subject::Draft(draft));
    batch.messages.iter().any(shows)
}

/// A job of the outbox.
#[must_use]
pub fn new_job(house: &House, job: Job, run_at: Timestamp, dedupe: String) -> NewJob {
    NewJob { id: JobId::mint(house.now(), house.entropy.as_ref()), job, run_at, dedupe }
}
