//! One change in the making: events, the state they lead to, and the jobs that follow, gathered into one batch.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::action::Subject;
use crate::domain::conversation::{Author, Conversation, Message, MessageBody};
use crate::domain::event::{Actor, Event, EventBody, HouseEvent, Stream};
use crate::domain::grant::{Grant, GrantEvent};
use crate::domain::ids::{
    ConversationId, EventId, GrantId, InquiryId, JobId, MessageId, PersonId, RequestId, TaskId, TextId, TicketId,
};
use crate::domain::inquiry::{Inquiry, InquiryEvent};
use crate::domain::job::{Job, Lease};
use crate::domain::link::Link;
use crate::domain::posting::Posting;
use crate::domain::request::{Request, RequestEvent, TextRef};
use crate::domain::task::{Task, TaskEvent};
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::ports::accounts::PasskeyChange;
use crate::ports::desk::Change as Changed;
use crate::ports::posting::{Claim, NewDelivery};
use crate::ports::store::{Artifact, Batch, Lock, NewJob, NewText};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::outbox;

/// The id that always belongs to this key.
fn named(key: &str) -> MessageId {
    let digest = crate::domain::digest::Digest::of(key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.0[..16]);
    MessageId::from_bytes(bytes)
}

/// A change in the making. Nothing happens before [`Change::commit`].
pub struct Change<'h> {
    house: &'h House,
    at: Timestamp,
    actor: Actor,
    batch: Batch,
    touched: BTreeSet<PersonId>,
    deals: bool,
    threads: Vec<(MessageId, Subject)>,
}

impl<'h> Change<'h> {
    /// A change by somebody, now.
    #[must_use]
    pub fn by(house: &'h House, actor: Actor) -> Self {
        let at = house.now();
        let batch = Batch { at: Some(at), ..Batch::default() };
        Self { house, at, actor, batch, touched: BTreeSet::new(), deals: false, threads: Vec::new() }
    }

    /// A change by a person's own action, now.
    #[must_use]
    pub fn by_person(house: &'h House, id: &PersonId) -> Self {
        let mut change = Self::by(house, Actor::Person { id: id.clone() });
        change.touches(id);
        change.deals = true;
        change
    }

    /// A change that only prepares for what a person does: it does not count as dealing with what they sent.
    #[must_use]
    pub fn before_person(house: &'h House, id: &PersonId) -> Self {
        Self { deals: false, ..Self::by_person(house, id) }
    }

    /// A change that completes a job.
    #[must_use]
    pub fn by_job(house: &'h House, lease: &Lease) -> Self {
        let mut change = Self::by(house, Actor::System);
        change.batch.completes = Some(lease.clone());
        change
    }

    /// When it happens.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Somebody who will want to hear of it.
    pub fn touches(&mut self, person: &PersonId) {
        self.touched.insert(person.clone());
    }

    /// Files a request.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn open_request(&mut self, id: RequestId, event: RequestEvent) -> Result<Request, WorkflowError> {
        let request = Request::open(id, &event, self.at)?;
        self.record(Stream::Request(id), request.version, EventBody::Request(event));
        self.keep_request(&request);
        Ok(request)
    }

    /// Moves a request.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn move_request(&mut self, request: Request, event: RequestEvent) -> Result<Request, WorkflowError> {
        let request = request.apply(&event, self.at)?;
        self.record(Stream::Request(request.id), request.version, EventBody::Request(event));
        self.keep_request(&request);
        Ok(request)
    }

    /// Orders a grant.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn open_grant(&mut self, id: GrantId, event: GrantEvent) -> Result<Grant, WorkflowError> {
        let grant = Grant::open(id, &event, self.at)?;
        self.record(Stream::Grant(id), grant.version, EventBody::Grant(event));
        self.keep_grant(&grant);
        Ok(grant)
    }

    /// Moves a grant.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn move_grant(&mut self, grant: Grant, event: GrantEvent) -> Result<Grant, WorkflowError> {
        let grant = grant.apply(&event, self.at)?;
        self.record(Stream::Grant(grant.id), grant.version, EventBody::Grant(event));
        self.keep_grant(&grant);
        Ok(grant)
    }

    /// Raises a task.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn open_task(&mut self, id: TaskId, event: TaskEvent) -> Result<Task, WorkflowError> {
        let task = Task::open(id, &event, self.at)?;
        self.record(Stream::Task(id), task.version, EventBody::Task(event));
        self.keep_task(&task);
        Ok(task)
    }

    /// Moves a task.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn move_task(&mut self, task: Task, event: TaskEvent) -> Result<Task, WorkflowError> {
        let task = task.apply(&event, self.at)?;
        self.record(Stream::Task(task.id), task.version, EventBody::Task(event));
        self.keep_task(&task);
        Ok(task)
    }

    /// Raises a ticket.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn open_ticket(&mut self, id: TicketId, event: TicketEvent) -> Result<Ticket, WorkflowError> {
        let ticket = Ticket::open(id, &event, self.at)?;
        self.record(Stream::Ticket(id), ticket.version, EventBody::Ticket(event));
        self.keep_ticket(&ticket);
        Ok(ticket)
    }

    /// Moves a ticket.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn move_ticket(&mut self, ticket: Ticket, event: TicketEvent) -> Result<Ticket, WorkflowError> {
        let ticket = ticket.apply(&event, self.at)?;
        self.record(Stream::Ticket(ticket.id), ticket.version, EventBody::Ticket(event));
        self.keep_ticket(&ticket);
        Ok(ticket)
    }

    /// Notes a question that was answered, or said to be unknown.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn open_inquiry(&mut self, id: InquiryId, event: InquiryEvent) -> Result<Inquiry, WorkflowError> {
        let inquiry = Inquiry::open(id, &event, self.at)?;
        self.record(Stream::Inquiry(id), inquiry.version, EventBody::Inquiry(event));
        Ok(inquiry)
    }

    /// Notes what became of a question.
    ///
    /// # Errors
    /// Where the event does not fit.
    pub fn move_inquiry(&mut self, inquiry: Inquiry, event: InquiryEvent) -> Result<Inquiry, WorkflowError> {
        let inquiry = inquiry.apply(&event, self.at)?;
        self.record(Stream::Inquiry(inquiry.id), inquiry.version, EventBody::Inquiry(event));
        Ok(inquiry)
    }

    /// Records something about the house itself.
    pub fn house_event(&mut self, event: HouseEvent) {
        self.record(Stream::House, 0, EventBody::House(event));
    }

    /// Something that must happen, not before a moment; once for each key.
    pub fn job(&mut self, job: Job, run_at: Timestamp, dedupe: impl Into<String>) {
        let id = JobId::mint(self.at, self.house.entropy.as_ref());
        self.batch.jobs.push(NewJob { id, job, run_at, dedupe: dedupe.into() });
    }

    /// Keeps somebody's words beside the record.
    pub fn text(&mut self, owner: &PersonId, body: impl Into<String>) -> TextRef {
        let mut salt = [0; 16];
        self.house.entropy.fill(&mut salt);
        let id = TextId::mint(self.at, self.house.entropy.as_ref());
        let text = NewText { id, owner: owner.clone(), at: self.at, salt, body: body.into() };
        let commitment = text.commitment();
        self.batch.texts.push(text);
        TextRef { id, commitment }
    }

    /// Keeps something under its digest.
    pub fn artifact(&mut self, kind: &str, bytes: Vec<u8>) {
        self.batch.artifacts.push(Artifact { kind: kind.to_owned(), bytes });
    }

    /// Says something in a conversation.
    pub fn say(&mut self, conversation: ConversationId, author: Author, body: MessageBody) -> MessageId {
        let id = MessageId::mint(self.at, self.house.entropy.as_ref());
        self.batch.messages.push(Message { id, conversation, at: self.at, author, body });
        id
    }

    /// Says something in a conversation once, however often it is tried: the id comes from the key.
    pub fn say_once(&mut self, conversation: ConversationId, key: &str, body: MessageBody) -> MessageId {
        let id = named(&format!("{conversation} {key}"));
        self.batch.messages.push(Message { id, conversation, at: self.at, author: Author::Claviger, body });
        id
    }

    /// The same about something whose card may stand there: on a chat platform it goes into that card's thread.
    pub fn say_about(&mut self, conversation: ConversationId, key: &str, body: MessageBody, about: Subject) {
        let id = self.say_once(conversation, key, body);
        self.threads.push((id, about));
    }

    /// Wants a message on a chat platform that belongs to no conversation, once for each key.
    pub fn post_once(&mut self, key: &str, posting: impl FnOnce(MessageId, Timestamp) -> Posting) {
        let posting = posting(named(key), self.at);
        self.batch.postings.push(posting);
    }

    /// Notes that somebody is looking at something.
    pub fn claim(&mut self, subject: Subject, person: &PersonId) {
        self.batch.claims.push(Claim { subject, person: person.clone(), at: self.at });
    }

    /// All there is to do about a delivery.
    pub fn deals_with(&mut self, delivery: crate::domain::digest::Digest) {
        self.batch.dealt = Some(delivery);
    }

    /// Has every copy of something on chat platforms drawn anew, though it has not changed itself.
    pub fn redraw(&mut self, subject: Subject, why: &str) {
        self.batch.lagging.push(subject);
        self.job(Job::Redraw { subject }, self.at, format!("redraw:{subject}:{why}"));
    }

    /// Something that came in from a chat platform.
    pub fn delivery(&mut self, delivery: NewDelivery) {
        self.batch.deliveries.push(delivery);
    }

    /// Makes an account somebody's, or nobody's.
    pub fn link(&mut self, link: Link, was: Option<PersonId>) {
        for person in link.person.iter().chain(&was) {
            self.touched.insert(person.clone());
        }
        self.house_event(HouseEvent::Linked { link: link.clone(), was });
        self.batch.links.push(link);
    }

    /// Changes somebody's passkeys.
    pub fn passkeys(&mut self, changes: impl IntoIterator<Item = PasskeyChange>) {
        self.batch.passkeys.extend(changes);
    }

    /// The conversation as it stands now.
    pub fn conversation(&mut self, conversation: Conversation) {
        self.batch.conversation = Some(conversation);
    }

    /// A lock that must still stand as read.
    pub fn lock(&mut self, key: String, version: u64) {
        self.batch.locks.push(Lock { key, version });
    }

    /// A thing done at most once.
    pub fn once(&mut self, key: impl Into<String>) {
        self.batch.once.push(key.into());
    }

    /// Writes all of it or nothing, then tells the surfaces and the job runner.
    ///
    /// # Errors
    /// Whatever the store says; nothing was written then.
    pub async fn commit(mut self) -> Result<(), WorkflowError> {
        let dealing = self.house.dealing.as_ref().filter(|_| self.deals);
        if let Some(dealing) = dealing {
            self.batch.dealt = dealing.unsaid();
        }
        outbox::accompany(self.house, &mut self.batch, &self.threads, self.at).await?;
        let jobs = self.batch.jobs.iter().any(|job| job.run_at <= self.at);
        self.house.store.commit(self.batch).await?;
        if let Some(dealing) = dealing {
            dealing.written();
        }
        if jobs {
            self.house.wake.notify_one();
        }
        if !self.touched.is_empty() {
            // Nobody listening is no error: surfaces read the present state anyway.
            let _ = self.house.changes.send(Changed { people: self.touched.into_iter().collect() });
        }
        Ok(())
    }

    fn record(&mut self, stream: Stream, version: u64, body: EventBody) {
        let id = EventId::mint(self.at, self.house.entropy.as_ref());
        self.batch.events.push(Event { id, at: self.at, actor: self.actor.clone(), stream, version, body });
    }

    fn keep_request(&mut self, request: &Request) {
        self.touches(&request.content.requester);
        self.touches(&request.content.beneficiary);
        let asked: Vec<_> = request
            .decision
            .route
            .outcome
            .steps()
            .iter()
            .flat_map(|s| s.candidates.iter())
            .map(|c| c.person.clone())
            .chain(request.open_step().into_iter().flat_map(|(_, s)| s.candidates.iter().map(|c| c.person.clone())))
            .collect();
        self.touched.extend(asked);
        self.batch.requests.retain(|r| r.id != request.id);
        self.batch.requests.push(request.clone());
    }

    fn keep_grant(&mut self, grant: &Grant) {
        self.touches(&grant.order.beneficiary);
        self.batch.grants.retain(|g| g.id != grant.id);
        self.batch.grants.push(grant.clone());
    }

    fn keep_ticket(&mut self, ticket: &Ticket) {
        self.touches(&ticket.content.person);
        self.batch.tickets.retain(|t| t.id != ticket.id);
        self.batch.tickets.push(ticket.clone());
    }

    fn keep_task(&mut self, task: &Task) {
        self.touched.extend(task.assignees.iter().cloned());
        self.batch.tasks.retain(|t| t.id != task.id);
        self.batch.tasks.push(task.clone());
    }
}
