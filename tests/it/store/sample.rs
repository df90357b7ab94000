//! Requests, grants, tasks and conversations as a small house would have them. Everything follows from small numbers.

use claviger::domain::conversation::{Author, Conversation, Message, MessageBody, Surface};
use claviger::domain::decision::{Assessment, Candidate, Decision, Level, Outcome, Route, Score, Slot, Step, Verdict};
use claviger::domain::digest::Digest;
use claviger::domain::event::{Actor, Event, EventBody, HouseEvent, Stream};
use claviger::domain::grant::{Grant, GrantEvent, GrantOrder};
use claviger::domain::ids::*;
use claviger::domain::inquiry::{Answer, InquiryEvent, Matter};
use claviger::domain::job::Job;
use claviger::domain::request::{Ballot, Content, Request, RequestEvent, Vote};
use claviger::domain::task::{Chore, Task, TaskEvent};
use claviger::domain::ticket::{Because, Category, Cause, Priority, Ticket, TicketContent, TicketEvent};
use claviger::domain::window::{AccessWindow, Seconds, WindowEnd};
use claviger::ports::store::{Batch, NewJob, NewText};
use jiff::Timestamp;

/// A moment: so many seconds after the house opened, and 123456789 nanoseconds, which no column can hold.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::new(1_790_000_000 + seconds, 123_456_789).unwrap()
}

/// Sixteen bytes that sort by this number.
pub fn bytes(n: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

pub fn entitlement(name: &str) -> EntitlementId {
    EntitlementId::parse(name).unwrap()
}

/// A request with its events, to be moved and written.
#[derive(Clone)]
pub struct Story {
    pub request: Request,
    pub new_events: Vec<Event>,
}

pub fn event(n: u64, when: Timestamp, stream: Stream, version: u64, body: EventBody) -> Event {
    Event { id: EventId::from_bytes(bytes(n)), at: when, actor: Actor::Rules, stream, version, body }
}

pub fn steps(people: &[&str]) -> Outcome {
    let candidate = |name: &&str| Candidate { person: person(name), because: "you own it".into(), in_place_of: None };
    let step = |quorum| Step {
        slot: Slot::Owner,
        candidates: people.iter().map(candidate).collect(),
        quorum,
        escalate_after: Seconds::hours(8),
        escalate_to: vec![],
    };
    Outcome::Steps { steps: vec![step(2)] }
}

pub fn decision(outcome: Outcome) -> Decision {
    let digest = Digest::of(b"facts");
    let assessment = Assessment {
        score: Score::new(42).unwrap(),
        contributions: vec![],
        unknown: vec![FactorId::parse("peer.rare").unwrap()],
        confidence_bp: 9000,
        limited_by: String::new(),
        table: digest,
    };
    let route = Route {
        outcome,
        level: Level::Manager,
        persons: 1,
        max_ttl: Some(Seconds::days(30)),
        review_after: None,
        obligations: std::collections::BTreeSet::new(),
        findings: vec![],
    };
    Decision { facts: digest, policy: digest, assessment, verdict: Verdict::default(), route }
}

impl Story {
    /// The n-th request, filed n seconds after the house opened.
    pub fn filed(n: u64, who: &str, what: &str, outcome: Outcome) -> Self {
        let when = at(i64::try_from(n).unwrap());
        let content = Content {
            requester: person(who),
            beneficiary: person(who),
            entitlement: entitlement(what),
            window: AccessWindow::lasting(when, Seconds::days(3)),
            reason: None,
            emergency: false,
            conversation: None,
            extends: None,
        };
        let id = RequestId::from_bytes(bytes(n));
        let filed = RequestEvent::Submitted { content, decision: Box::new(decision(outcome)) };
        let request = Request::open(id, &filed, when).unwrap();
        let first = event(n * 100, when, Stream::Request(id), 1, EventBody::Request(filed));
        Self { request, new_events: vec![first] }
    }

    /// One more event.
    pub fn then(mut self, what: RequestEvent) -> Self {
        let when = at(1_000 + i64::try_from(self.request.version).unwrap());
        self.request = self.request.apply(&what, when).unwrap();
        let n = u64::from_be_bytes(self.request.id.as_bytes()[8..].try_into().unwrap()) * 100 + self.request.version;
        let stream = Stream::Request(self.request.id);
        self.new_events.push(event(n, when, stream, self.request.version, EventBody::Request(what)));
        self
    }

    pub fn voted(self, who: &str, ballot: Ballot) -> Self {
        let vote = Vote {
            step: 0,
            by: person(who),
            in_place_of: None,
            ballot,
            window: None,
            reason: None,
            confirmed: None,
            at: at(2_000),
        };
        self.then(RequestEvent::Voted { vote })
    }

    /// What is to be written now; afterwards the story goes on from here.
    pub fn batch(&mut self) -> Batch {
        Batch { events: std::mem::take(&mut self.new_events), requests: vec![self.request.clone()], ..Batch::default() }
    }
}

/// An event of the house.
pub fn house(n: u64) -> Event {
    let what = HouseEvent::PolicyAdopted { policy: Digest::of(&n.to_be_bytes()) };
    event(1_000_000 + n, at(0), Stream::House, 0, EventBody::House(what))
}

/// The n-th grant, with a window that ends so many days after the house opened, or never.
pub fn grant(n: u64, who: &str, what: &str, days: Option<u64>) -> Grant {
    let end = days.map_or(WindowEnd::Open, |d| WindowEnd::At { at: Seconds::days(d).after(at(0)) });
    let order = GrantOrder {
        request: RequestId::from_bytes(bytes(n)),
        revision: 1,
        beneficiary: person(who),
        entitlement: entitlement(what),
        connector: ConnectorId::parse("local").unwrap(),
        window: AccessWindow::new(at(0), end).unwrap(),
        review_after: None,
    };
    Grant::open(GrantId::from_bytes(bytes(n)), &GrantEvent::Ordered { order }, at(1)).unwrap()
}

/// The n-th task, due so many seconds after the house opened.
pub fn task(n: u64, people: &[&str], due: i64) -> Task {
    let assignees = people.iter().map(|p| person(p)).collect();
    let chore = Chore::Fulfil { grant: GrantId::from_bytes(bytes(n)) };
    Task::open(TaskId::from_bytes(bytes(n)), &TaskEvent::Raised { chore, assignees, due: at(due) }, at(1)).unwrap()
}

/// The n-th ticket, raised so many seconds after the house opened, with its event.
pub fn ticket(n: u64, who: &str, category: Category) -> (Ticket, Event) {
    let when = at(i64::try_from(n).unwrap());
    let content = TicketContent {
        person: person(who),
        cause: Cause::Asked,
        category,
        priority: Priority::Normal,
        because: vec![Because { rule: "category.other".into(), text: "it says “ü”".into() }],
        summary: "a person was asked for".into(),
        conversation: None,
        said_in: Some(ConversationId::from_bytes(bytes(n))),
        understanding: None,
        evidence: vec!["okta:1".into()],
        inquiry: Some(InquiryId::from_bytes(bytes(n))),
    };
    let raised = TicketEvent::Raised { content: Box::new(content) };
    let id = TicketId::from_bytes(bytes(n));
    let ticket = Ticket::open(id, &raised, when).unwrap();
    (ticket, event(2_000_000 + n, when, Stream::Ticket(id), 1, EventBody::Ticket(raised)))
}

/// The n-th question to the helpdesk, asked so many seconds after the house opened.
pub fn inquiry(n: u64, version: u64, what: InquiryEvent) -> Event {
    let id = InquiryId::from_bytes(bytes(n));
    let when = at(i64::try_from(n + version).unwrap());
    event(3_000_000 + n * 10 + version, when, Stream::Inquiry(id), version, EventBody::Inquiry(what))
}

/// An answer to somebody.
pub fn answered(who: &str) -> InquiryEvent {
    let answer = Answer {
        person: person(who),
        conversation: ConversationId::from_bytes(bytes(1)),
        question: TextId::from_bytes(bytes(1)),
        matter: Matter::NoArticle,
        evidence: vec![],
        offers: vec![],
    };
    InquiryEvent::Answered { answer: Box::new(answer) }
}

pub fn conversation(n: u64, who: &str) -> Conversation {
    Conversation {
        id: ConversationId::from_bytes(bytes(n)),
        person: person(who),
        surface: Surface::Web,
        version: 1,
        drafts: vec![],
        topic: Some(entitlement("crm:read")),
        question: None,
        aside: Vec::new(),
        heard: None,
        inquiry: None,
        notices: false,
        shown: None,
    }
}

pub fn message(n: u64, of: ConversationId) -> Message {
    let body = MessageBody::Words { text: TextId::from_bytes(bytes(n)) };
    Message { id: MessageId::from_bytes(bytes(n)), conversation: of, at: at(5), author: Author::Person, body }
}

/// A text; its time has no more than microseconds, which is all that is kept of it.
pub fn text(n: u64, who: &str, seconds: i64, body: &str) -> NewText {
    let at = Timestamp::new(1_790_000_000 + seconds, 123_456_000).unwrap();
    NewText { id: TextId::from_bytes(bytes(n)), owner: person(who), at, salt: bytes(n), body: body.to_owned() }
}

/// The n-th job, due so many seconds after the house opened.
pub fn job(n: u64, due: i64) -> NewJob {
    let job = Job::Open { grant: GrantId::from_bytes(bytes(n)) };
    NewJob { id: JobId::from_bytes(bytes(n)), job, run_at: at(due), dedupe: format!("open:{n}") }
}

pub fn jobs(jobs: impl IntoIterator<Item = NewJob>) -> Batch {
    Batch { jobs: jobs.into_iter().collect(), ..Batch::default() }
}
