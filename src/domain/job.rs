//! What must happen next: durable, written in the same transaction as the decision that made it necessary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::action::Subject;
use crate::domain::digest::Digest;
use crate::domain::ids::{ConversationId, GrantId, JobId, RequestId, TaskId, TicketId};
use crate::domain::posting::Lane;
use crate::domain::unlock::Order;

/// What is to be done. Every kind may run twice; its second run changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Job {
    /// Have the connector open a grant.
    Open {
        /// Which.
        grant: GrantId,
    },
    /// The window of a grant is over.
    Expire {
        /// Which.
        grant: GrantId,
    },
    /// Have the connector close a grant.
    Close {
        /// Which.
        grant: GrantId,
    },
    /// Tell everybody whom a request's present state concerns.
    Announce {
        /// Which.
        request: RequestId,
        /// The version whose news this is.
        version: u64,
    },
    /// Remind whoever sits on the open step.
    Remind {
        /// Which request.
        request: RequestId,
        /// For which revision.
        revision: u32,
        /// For which step.
        step: usize,
    },
    /// The open step's time is up: pass it on.
    Escalate {
        /// Which request.
        request: RequestId,
        /// For which revision.
        revision: u32,
        /// For which step.
        step: usize,
    },
    /// Nobody decided in time.
    Lapse {
        /// Which request.
        request: RequestId,
        /// For which revision.
        revision: u32,
    },
    /// Standing access is due for a look.
    Review {
        /// Which grant.
        grant: GrantId,
    },
    /// A task's time is up.
    TaskDue {
        /// Which.
        task: TaskId,
    },
    /// File a ticket with the desk outside.
    FileTicket {
        /// Which.
        ticket: TicketId,
    },
    /// Ask the desk outside whether it has closed a ticket.
    FollowTicket {
        /// Which.
        ticket: TicketId,
        /// How often it was asked before.
        asked: u32,
    },
    /// Tell the security operations centre of a security case.
    TellSoc {
        /// Which.
        ticket: TicketId,
    },
    /// Look whether somebody was locked out who wants to be told.
    WatchSignins {
        /// Where they want to be told.
        conversation: ConversationId,
    },
    /// Ask systems to end the sessions of whoever a security case is about.
    EndSessions {
        /// Which.
        ticket: TicketId,
    },
    /// Take a lock off an account in a directory.
    Unlock {
        /// What was allowed and confirmed.
        order: Box<Order>,
    },
    /// Tell those who may do a task, on chat platforms.
    TellTask {
        /// Which.
        task: TaskId,
    },
    /// Deal with something that came in from a chat platform, where whoever took it did not get to it.
    Deal {
        /// The delivery's key.
        delivery: Digest,
    },
    /// Post and draw anew whatever is due in a conversation or channel on a chat platform.
    Tend {
        /// Where.
        lane: Lane,
    },
    /// Nobody is looking at something any more, unless they looked again: its copies no longer say so.
    Unclaim {
        /// At what.
        subject: Subject,
    },
    /// Draw every copy of a card anew, on all platforms.
    Redraw {
        /// Of what.
        subject: Subject,
    },
}

impl Job {
    /// The kind in one word, for metrics and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Expire { .. } => "expire",
            Self::Close { .. } => "close",
            Self::Announce { .. } => "announce",
            Self::Remind { .. } => "remind",
            Self::Escalate { .. } => "escalate",
            Self::Lapse { .. } => "lapse",
            Self::Review { .. } => "review",
            Self::TaskDue { .. } => "task_due",
            Self::FileTicket { .. } => "file_ticket",
            Self::FollowTicket { .. } => "follow_ticket",
            Self::TellSoc { .. } => "tell_soc",
            Self::EndSessions { .. } => "end_sessions",
            Self::WatchSignins { .. } => "watch_signins",
            Self::Unlock { .. } => "unlock",
            Self::TellTask { .. } => "tell_task",
            Self::Deal { .. } => "deal",
            Self::Tend { .. } => "tend",
            Self::Unclaim { .. } => "unclaim",
            Self::Redraw { .. } => "redraw",
        }
    }
}

/// The right to work on a claimed job; void once the lease runs out and somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which job.
    pub job: JobId,
    /// Who holds it: unique per claim.
    pub holder: String,
}
