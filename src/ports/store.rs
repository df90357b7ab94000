//! Keeping things, in the language of the domain.
//!
//! Reading is a method per question. Writing is one method: a use case reads, decides purely, and hands in a [`Batch`] that is
//! written whole or not at all. Two use cases that read the same thing cannot both win: every stream's versions are unique, and a batch
//! may name locks that must still stand as read. "Not found" is `None`, never an error.
//!
//! A new question is a method here, an SQL constant in `store::sql`, its reading in both backends, and a case in `tests/it/store.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::action::Subject;
use crate::domain::conversation::{Conversation, Message, Surface};
use crate::domain::digest::Digest;
use crate::domain::event::{Event, StoredEvent, Stream};
use crate::domain::grant::Grant;
use crate::domain::ids::{
    ConversationId, EntitlementId, GrantId, JobId, MessageId, PersonId, RequestId, TaskId, TextId, TicketId,
};
use crate::domain::job::{Job, Lease};
use crate::domain::link::Link;
use crate::domain::posting::Posting;
use crate::domain::request::Request;
use crate::domain::task::Task;
use crate::domain::ticket::{Category, Ticket};
use crate::ports::accounts::{Accounts, PasskeyChange};
use crate::ports::posting::{Claim, Deliveries, NewDelivery, Postings};

/// Why storing or reading failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote first; read again and decide again.
    #[error("somebody else changed `{0}` meanwhile")]
    Conflict(String),
    /// This was written before (the `once` key exists); nothing was written now.
    #[error("`{0}` was done before")]
    AlreadyDone(String),
    /// The database could not be reached or is busy for too long; trying again may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row does not say what it should.
    #[error("table `{table}`, row `{row}`: {what}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong.
        what: String,
    },
    /// The database refused the statement.
    #[error("the database refused {doing}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Everything one use case writes. All of it, or nothing.
#[derive(Debug, Default)]
pub struct Batch {
    /// New events, in order. Their `(stream, version)` must be free (the house's stream has no versions).
    pub events: Vec<Event>,
    /// Requests as they stand after those events.
    pub requests: Vec<Request>,
    /// Grants as they stand after those events.
    pub grants: Vec<Grant>,
    /// Tasks as they stand after those events.
    pub tasks: Vec<Task>,
    /// Tickets as they stand after those events.
    pub tickets: Vec<Ticket>,
    /// Accounts on chat platforms as they stand after those events.
    pub links: Vec<Link>,
    /// Changes to people's passkeys.
    pub passkeys: Vec<PasskeyChange>,
    /// What must happen next.
    pub jobs: Vec<NewJob>,
    /// Personal texts.
    pub texts: Vec<NewText>,
    /// Things kept under their digest; kept once.
    pub artifacts: Vec<Artifact>,
    /// The conversation as it stands now; its stored version must be one less (or none, for version 1).
    pub conversation: Option<Conversation>,
    /// New messages; one that exists already is left alone.
    pub messages: Vec<Message>,
    /// Locks that must still stand at the version read; each is raised by one.
    pub locks: Vec<Lock>,
    /// Keys of things done at most once; one that exists refuses the whole batch with [`StoreError::AlreadyDone`].
    pub once: Vec<String>,
    /// When this is written, by the house's clock: the age of the `once` keys. Keys without an age are never dropped.
    pub at: Option<Timestamp>,
    /// The job this batch completes; its lease must still hold.
    pub completes: Option<Lease>,
    /// What came in from chat platforms; one that came before refuses the whole batch with [`StoreError::AlreadyDone`].
    pub deliveries: Vec<NewDelivery>,
    /// The delivery this batch deals with: its payload is erased and its job no longer due. One that was dealt with before refuses the
    /// whole batch with [`StoreError::AlreadyDone`].
    pub dealt: Option<Digest>,
    /// New messages for chat platforms; one that exists already is left alone. `at` has to be set.
    pub postings: Vec<Posting>,
    /// What changed: every message on a platform that shows it has to be drawn anew. A conversation stands for its drafts.
    pub lagging: Vec<Subject>,
    /// Who is looking at what.
    pub claims: Vec<Claim>,
}

/// A named number that two writers cannot both raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The name, `person:ana.kovac` for instance.
    pub key: String,
    /// The version read; 0 where it never was raised.
    pub version: u64,
}

/// A job to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The id.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// Not before.
    pub run_at: Timestamp,
    /// A second job with the same key is not written.
    pub dedupe: String,
}

/// A job to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The right to work on it.
    pub lease: Lease,
    /// What is to be done.
    pub job: Job,
    /// When it was due.
    pub run_at: Timestamp,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

/// How a claimed job went, where it did not complete within a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// Done; nothing else to write.
    Done,
    /// Try again, not before this moment.
    Retry {
        /// Not before.
        at: Timestamp,
        /// What went wrong, for operators.
        error: String,
    },
    /// Given up; an operator has to look.
    Dead {
        /// What went wrong.
        error: String,
    },
}

/// Personal text: kept beside the record, erasable without breaking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewText {
    /// The id.
    pub id: TextId,
    /// Whose words.
    pub owner: PersonId,
    /// When.
    pub at: Timestamp,
    /// Sixteen random bytes; erased with the text.
    pub salt: [u8; 16],
    /// The words.
    pub body: String,
}

impl NewText {
    /// The salted digest that stands in the record: SHA-256 over salt and words.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        Digest::of(&[&self.salt[..], self.body.as_bytes()].concat())
    }
}

/// Something kept under its digest: facts of a decision, a policy set, an understanding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What sort: `facts`, `policy`, `catalog`, `understanding`.
    pub kind: String,
    /// The bytes. The digest is theirs.
    pub bytes: Vec<u8>,
}

/// Which requests.
#[derive(Debug, Clone, Default)]
pub struct RequestQuery {
    /// For this beneficiary.
    pub beneficiary: Option<PersonId>,
    /// By this requester.
    pub requester: Option<PersonId>,
    /// Whose open step this person may decide.
    pub waiting_for: Option<PersonId>,
    /// For this entitlement.
    pub entitlement: Option<EntitlementId>,
    /// Pending, approved or provisioning only.
    pub open: bool,
    /// Filed at this moment or later.
    pub filed_from: Option<Timestamp>,
    /// Decided without a human only.
    pub automatic: bool,
    /// At most so many, newest first; 0 means 200.
    pub limit: u32,
}

/// Which grants.
#[derive(Debug, Clone, Default)]
pub struct GrantQuery {
    /// Held by this person.
    pub beneficiary: Option<PersonId>,
    /// Of this entitlement.
    pub entitlement: Option<EntitlementId>,
    /// Ordered, active or ending only.
    pub open: bool,
    /// Whose window ends before this moment.
    pub ends_before: Option<Timestamp>,
    /// At most so many, newest first; 0 means 1000.
    pub limit: u32,
}

/// Requests.
#[async_trait]
pub trait Requests: Send + Sync {
    /// The request with this id.
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError>;
    /// The requests that fit, newest first.
    async fn requests(&self, query: &RequestQuery) -> Result<Vec<Request>, StoreError>;
    /// How many fit.
    async fn count_requests(&self, query: &RequestQuery) -> Result<u64, StoreError>;
}

/// Grants.
#[async_trait]
pub trait Grants: Send + Sync {
    /// The grant with this id.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError>;
    /// The grants that fit, newest first.
    async fn grants(&self, query: &GrantQuery) -> Result<Vec<Grant>, StoreError>;
}

/// Tasks.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// The task with this id.
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// Open tasks of this person, oldest due first.
    async fn open_tasks(&self, person: &PersonId) -> Result<Vec<Task>, StoreError>;
}

/// Which tickets.
#[derive(Debug, Clone, Default)]
pub struct TicketQuery {
    /// About this person.
    pub person: Option<PersonId>,
    /// Of this category.
    pub category: Option<Category>,
    /// Open only.
    pub open: bool,
    /// Handed over at this moment or later.
    pub raised_from: Option<Timestamp>,
    /// At most so many, newest first; 0 means 200.
    pub limit: u32,
}

/// Tickets.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// The ticket with this id.
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError>;
    /// The tickets that fit, newest first.
    async fn tickets(&self, query: &TicketQuery) -> Result<Vec<Ticket>, StoreError>;
}

/// Conversations and what was said.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// The conversation with this id.
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError>;
    /// The newest conversation of a person on a surface.
    async fn conversation_of(&self, who: &PersonId, on: Surface) -> Result<Option<Conversation>, StoreError>;
    /// Messages after this one (or from the first), oldest first, at most 500. Order is that of writing.
    async fn messages(&self, of: ConversationId, after: Option<MessageId>) -> Result<Vec<Message>, StoreError>;
    /// The words under this id, while they are kept.
    async fn text(&self, id: TextId) -> Result<Option<NewText>, StoreError>;
    /// Erases all words of a person written before a moment; returns how many.
    async fn erase_texts(&self, of: &PersonId, before: Timestamp) -> Result<u64, StoreError>;
}

/// The record.
#[async_trait]
pub trait Record: Send + Sync {
    /// How many events there are.
    async fn log_size(&self) -> Result<u64, StoreError>;
    /// Events from this place on, at most so many.
    async fn events(&self, from: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;
    /// Exact leaf bytes from this place on, unparsed, at most so many: `(seq, bytes)`.
    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;
    /// All events of one stream, oldest first.
    async fn events_of(&self, stream: &Stream) -> Result<Vec<StoredEvent>, StoreError>;
    /// All events about questions to the helpdesk from this moment on, in the log's order.
    async fn inquiries(&self, from: Timestamp) -> Result<Vec<StoredEvent>, StoreError>;
    /// What is kept under this digest.
    async fn artifact(&self, digest: &Digest) -> Result<Option<Artifact>, StoreError>;
    /// Signed checkpoints, oldest first: tree size and the signed note.
    async fn checkpoints(&self) -> Result<Vec<(u64, String)>, StoreError>;
    /// Keeps a checkpoint; one of the same size is left alone.
    async fn put_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError>;
    /// Every projection row, artifact and kept text, for comparison with the events: see [`Held`].
    async fn held(&self) -> Result<Held, StoreError>;
    /// What the engine itself says about the soundness of its files, line by line; empty when all is well.
    async fn soundness(&self) -> Result<Vec<String>, StoreError>;
}

/// Everything that stands beside the log and can be checked against it. Rows that do not parse are listed with their reason.
#[derive(Debug, Default)]
pub struct Held {
    /// All requests.
    pub requests: Vec<Request>,
    /// All grants.
    pub grants: Vec<Grant>,
    /// All tasks.
    pub tasks: Vec<Task>,
    /// All tickets.
    pub tickets: Vec<Ticket>,
    /// All accounts on chat platforms.
    pub links: Vec<Link>,
    /// All artifacts with the digest they are kept under.
    pub artifacts: Vec<(Digest, Artifact)>,
    /// All kept texts.
    pub texts: Vec<NewText>,
    /// Rows that say nothing sensible: table, row, why.
    pub broken: Vec<(String, String, String)>,
}

/// Durable jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Claims due jobs for this long, oldest first, at most so many. Jobs whose lease ran out are due again.
    async fn claim(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<ClaimedJob>, StoreError>;
    /// Says how a claimed job went. [`StoreError::Conflict`] where the lease no longer holds.
    async fn finish(&self, lease: &Lease, outcome: &JobOutcome) -> Result<(), StoreError>;
    /// When the next job is due, where there is one that nobody holds.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Jobs given up, newest first: id, what, error.
    async fn dead(&self) -> Result<Vec<(JobId, Job, String)>, StoreError>;
    /// How many jobs wait (queued or running).
    async fn backlog(&self) -> Result<u64, StoreError>;
    /// Drops jobs that were due before this moment and are done, and `once` keys kept before it, some thousands at a time; answers how
    /// many. Jobs that wait, run or were given up stay.
    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Small things: locks, web sessions, settings that replicas share.
#[async_trait]
pub trait Shared: Send + Sync {
    /// The version of a lock; 0 where it never was raised.
    async fn lock_version(&self, key: &str) -> Result<u64, StoreError>;
    /// A web session's data, while it lasts.
    async fn session(&self, id: &str, now: Timestamp) -> Result<Option<String>, StoreError>;
    /// Keeps a web session.
    async fn put_session(&self, id: &str, data: &str, expires: Timestamp) -> Result<(), StoreError>;
    /// Ends a web session.
    async fn end_session(&self, id: &str) -> Result<(), StoreError>;
    /// Drops sessions that are over.
    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// Answers when the database can be read and written.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// A whole database.
#[async_trait]
pub trait Store:
    Requests + Grants + Tasks + Tickets + Conversations + Record + Jobs + Shared + Deliveries + Postings + Accounts
{
    /// Writes all of it or nothing. Events get the next places in the log, without gaps.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a version, lock or lease no longer stands; [`StoreError::AlreadyDone`] for a known `once` key.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;
}

/// A shared database.
pub type SharedStore = Arc<dyn Store>;
