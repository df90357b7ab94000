//! A store in front of a store: the process may end before and after everything it writes.

use std::sync::Arc;

use async_trait::async_trait;
use claviger::domain::account::{Account, Place, PlatformId};
use claviger::domain::action::Subject;
use claviger::domain::conversation::{Conversation, Message, Surface};
use claviger::domain::digest::Digest;
use claviger::domain::event::{StoredEvent, Stream};
use claviger::domain::grant::Grant;
use claviger::domain::ids::{ConversationId, GrantId, JobId, MessageId, PersonId, RequestId, TaskId, TextId, TicketId};
use claviger::domain::job::{Job, Lease};
use claviger::domain::link::Link;
use claviger::domain::posting::{Due, Lane, Posting};
use claviger::domain::request::Request;
use claviger::domain::task::Task;
use claviger::domain::ticket::Ticket;
use claviger::ports::accounts::{Accounts, Passkey};
use claviger::ports::posting::{Claim, Delivered, Deliveries, Lag, LaneTaken, Postings};
use claviger::ports::store::{
    Artifact, Batch, ClaimedJob, Conversations, GrantQuery, Grants, Held, JobOutcome, Jobs, NewText, Record,
    RequestQuery, Requests, Shared, SharedStore, Store, StoreError, Tasks, TicketQuery, Tickets,
};
use jiff::Timestamp;

use crate::crash::points::point;

/// What happens before and after everything that is written.
#[async_trait]
pub trait Points: Send + Sync {
    /// One such place is passed.
    async fn pass(&self);
}

/// The process ends at one of them.
pub struct Aborts;

#[async_trait]
impl Points for Aborts {
    async fn pass(&self) {
        point();
    }
}

/// The store in front.
pub struct CrashingStore(pub SharedStore, pub Arc<dyn Points>);

/// Passes calls on: those marked `write` between two points, the others as they are.
macro_rules! passing_on {
    ($($port:ident { $($mark:ident $name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $port for CrashingStore {
            $(async fn $name(&self $(, $arg: $kind)*) -> Result<$answer, StoreError> {
                passing_on!(@point $mark self);
                let said = self.0.$name($($arg),*).await;
                passing_on!(@point $mark self);
                said
            })*
        }
    )*};
    (@point read $on:ident) => {};
    (@point write $on:ident) => { $on.1.pass().await };
}

passing_on! {
    Requests {
        read request(id: RequestId) -> Option<Request>;
        read requests(query: &RequestQuery) -> Vec<Request>;
        read count_requests(query: &RequestQuery) -> u64;
    }
    Grants {
        read grant(id: GrantId) -> Option<Grant>;
        read grants(query: &GrantQuery) -> Vec<Grant>;
    }
    Tasks {
        read task(id: TaskId) -> Option<Task>;
        read open_tasks(person: &PersonId) -> Vec<Task>;
    }
    Tickets {
        read ticket(id: TicketId) -> Option<Ticket>;
        read tickets(query: &TicketQuery) -> Vec<Ticket>;
    }
    Conversations {
        read conversation(id: ConversationId) -> Option<Conversation>;
        read conversation_of(who: &PersonId, on: Surface) -> Option<Conversation>;
        read messages(of: ConversationId, after: Option<MessageId>) -> Vec<Message>;
        read text(id: TextId) -> Option<NewText>;
        write erase_texts(of: &PersonId, before: Timestamp) -> u64;
    }
    Record {
        read log_size() -> u64;
        read events(from: u64, limit: u32) -> Vec<StoredEvent>;
        read leaves(from: u64, limit: u32) -> Vec<(u64, Vec<u8>)>;
        read events_of(stream: &Stream) -> Vec<StoredEvent>;
        read inquiries(from: Timestamp) -> Vec<StoredEvent>;
        read artifact(digest: &Digest) -> Option<Artifact>;
        read checkpoints() -> Vec<(u64, String)>;
        write put_checkpoint(size: u64, note: &str) -> ();
        read held() -> Held;
        read soundness() -> Vec<String>;
    }
    Jobs {
        write claim(now: Timestamp, until: Timestamp, limit: u32) -> Vec<ClaimedJob>;
        write finish(lease: &Lease, outcome: &JobOutcome) -> ();
        read next_due() -> Option<Timestamp>;
        read dead() -> Vec<(JobId, Job, String)>;
        read backlog() -> u64;
        write prune(before: Timestamp) -> u64;
    }
    Shared {
        read lock_version(key: &str) -> u64;
        read session(id: &str, now: Timestamp) -> Option<String>;
        write put_session(id: &str, data: &str, expires: Timestamp) -> ();
        write end_session(id: &str) -> ();
        write sweep_sessions(now: Timestamp) -> u64;
        read ping() -> ();
    }
    Deliveries {
        read delivery(key: &Digest) -> Delivered;
        read undealt(before: Timestamp) -> u64;
        read place_of(account: &Account) -> Option<Place>;
        write put_place(account: &Account, place: &Place, now: Timestamp) -> ();
        write drop_place(account: &Account) -> ();
        read claim_on(subject: &Subject) -> Option<Claim>;
    }
    Postings {
        write take_lane(lane: &Lane, holder: &str, now: Timestamp, until: Timestamp) -> LaneTaken;
        write leave_lane(lane: &Lane, holder: &str, not_before: Option<Timestamp>) -> ();
        read due_in(lane: &Lane) -> Option<Due>;
        write put_posting(posting: &Posting, marks: u64, lags: bool, holder: &str, now: Timestamp) -> ();
        read posting_on(surface: Surface, place: &Place, message: &PlatformId) -> Option<Posting>;
        read postings_of(subject: &Subject) -> Vec<Posting>;
        read postings_in(lane: &Lane) -> Vec<Posting>;
        read lanes_lagging(subject: &Subject) -> Vec<(Surface, Lane)>;
        read lanes_due(before: Timestamp, limit: u32) -> Vec<(Surface, Lane)>;
        write mark_fading(before: Timestamp, now: Timestamp) -> u64;
        write mark_buttons(now: Timestamp) -> u64;
        read lag() -> Vec<Lag>;
    }
    Accounts {
        read link(account: &Account) -> Option<Link>;
        read links_of(person: &PersonId) -> Vec<Link>;
        read passkey(id: &str) -> Option<Passkey>;
        read passkeys_of(person: &PersonId) -> Vec<Passkey>;
    }
    Store {
        write commit(batch: Batch) -> ();
    }
}
