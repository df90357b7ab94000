//! Answers are those that a look at everything would give.

use claviger::domain::decision::Outcome;
use claviger::domain::event::{EventBody, Stream};
use claviger::domain::inquiry::InquiryEvent;
use claviger::domain::request::{Ballot, Request, RequestEvent};
use claviger::domain::task::TaskEvent;
use claviger::domain::ticket::{Category, Ticket, TicketEvent};
use claviger::ports::store::{Batch, GrantQuery, RequestQuery, StoreError, TicketQuery};

use crate::store::sample::{self, Story, at, entitlement, person, steps};
use crate::store::under::Under;

fn is_open(request: &Request) -> bool {
    matches!(request.state.name(), "pending" | "approved" | "provisioning")
}

pub async fn requests_that_fit(under: Under) {
    let store = under.store;
    let mut all = Vec::new();
    for n in 1..=24_u64 {
        let outcome = if n % 3 == 0 { Outcome::Automatic } else { steps(&["bob", "eve"]) };
        let who = ["ana", "cyd"][usize::try_from(n % 2).unwrap()];
        let mut story = Story::filed(n, who, ["crm:read", "erp:pay"][usize::try_from(n % 5 % 2).unwrap()], outcome);
        if n % 4 == 1 {
            story = story.then(RequestEvent::Cancelled { by: person(who) });
        } else if n % 3 == 1 {
            story = story.voted("eve", Ballot::Approve);
        }
        store.commit(story.batch()).await.unwrap();
        all.insert(0, story.request);
    }
    for shape in 0..128_u32 {
        let on = |bit: u32| shape & (1 << bit) != 0;
        let query = RequestQuery {
            beneficiary: on(0).then(|| person("ana")),
            requester: on(1).then(|| person("ana")),
            waiting_for: on(2).then(|| person("eve")),
            entitlement: on(3).then(|| entitlement("crm:read")),
            open: on(4),
            filed_from: on(5).then(|| at(9)),
            automatic: on(6),
            limit: 0,
        };
        let waits = |r: &Request| {
            let asked = r.open_step().is_some_and(|(_, s)| s.candidates.iter().any(|c| c.person == person("eve")));
            asked && !r.votes().iter().any(|v| v.by == person("eve"))
        };
        let fits = |r: &&Request| {
            query.beneficiary.as_ref().is_none_or(|p| *p == r.content.beneficiary)
                && query.requester.as_ref().is_none_or(|p| *p == r.content.requester)
                && query.entitlement.as_ref().is_none_or(|e| *e == r.content.entitlement)
                && (!on(2) || waits(r))
                && (!query.open || is_open(r))
                && query.filed_from.is_none_or(|from| r.filed_at >= from)
                && (!query.automatic || r.decision.route.outcome == Outcome::Automatic)
        };
        let expected: Vec<Request> = all.iter().filter(fits).cloned().collect();
        assert_eq!(store.requests(&query).await.unwrap(), expected, "{query:?}");
        assert_eq!(store.count_requests(&query).await.unwrap(), expected.len() as u64, "{query:?}");
    }
    let three = RequestQuery { limit: 3, ..RequestQuery::default() };
    assert_eq!(store.requests(&three).await.unwrap(), all[..3]);
    assert_eq!(store.count_requests(&three).await.unwrap(), 24);
}

pub async fn grants_that_fit(under: Under) {
    let store = under.store;
    let mut all = Vec::new();
    for n in 1..=12_u64 {
        let who = ["ana", "cyd"][usize::try_from(n % 2).unwrap()];
        let mut grant = sample::grant(n, who, ["crm:read", "erp:pay"][usize::from(n > 6)], (n % 3 != 0).then_some(n));
        if n % 4 == 0 {
            let failed = claviger::domain::grant::GrantEvent::Failed { cause: "gone".into() };
            grant = grant.apply(&failed, at(3)).unwrap();
        }
        store.commit(Batch { grants: vec![grant.clone()], ..Batch::default() }).await.unwrap();
        all.insert(0, grant);
    }
    for shape in 0..16_u32 {
        let on = |bit: u32| shape & (1 << bit) != 0;
        let query = GrantQuery {
            beneficiary: on(0).then(|| person("ana")),
            entitlement: on(1).then(|| entitlement("crm:read")),
            open: on(2),
            ends_before: on(3).then(|| at(5 * 86_400)),
            limit: 0,
        };
        let expected: Vec<_> = all
            .iter()
            .filter(|g| query.beneficiary.as_ref().is_none_or(|p| *p == g.order.beneficiary))
            .filter(|g| query.entitlement.as_ref().is_none_or(|e| *e == g.order.entitlement))
            .filter(|g| !query.open || g.is_open())
            .filter(|g| query.ends_before.is_none_or(|by| g.order.window.end().is_some_and(|end| end < by)))
            .cloned()
            .collect();
        assert_eq!(store.grants(&query).await.unwrap(), expected, "{query:?}");
    }
    assert_eq!(store.grants(&GrantQuery { limit: 2, ..GrantQuery::default() }).await.unwrap(), all[..2]);
}

pub async fn open_tasks_by_due_time(under: Under) {
    let store = under.store;
    let (late, soon) = (sample::task(1, &["bob", "eve"], 90), sample::task(2, &["bob"], 30));
    store.commit(Batch { tasks: vec![late.clone(), soon.clone()], ..Batch::default() }).await.unwrap();
    assert_eq!(store.open_tasks(&person("bob")).await.unwrap(), [soon.clone(), late.clone()]);
    assert_eq!(store.open_tasks(&person("eve")).await.unwrap(), [late.clone()]);
    let done = soon.apply(&TaskEvent::Done { by: person("bob"), proof: None }, at(40)).unwrap();
    let more = late.apply(&TaskEvent::Escalated { to: vec![person("cyd")], due: at(100) }, at(91)).unwrap();
    store.commit(Batch { tasks: vec![done.clone(), more.clone()], ..Batch::default() }).await.unwrap();
    assert_eq!(store.open_tasks(&person("bob")).await.unwrap(), [more.clone()]);
    assert_eq!(store.open_tasks(&person("cyd")).await.unwrap(), [more]);
    assert_eq!(store.task(done.id).await.unwrap(), Some(done));
}

pub async fn whoever_voted_is_not_waited_for(under: Under) {
    let store = under.store;
    let waiting = async |who: &str| {
        let query = RequestQuery { waiting_for: Some(person(who)), ..RequestQuery::default() };
        store.count_requests(&query).await.unwrap()
    };
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob", "eve"]));
    store.commit(story.batch()).await.unwrap();
    assert_eq!((waiting("bob").await, waiting("eve").await, waiting("ana").await), (1, 1, 0));
    let mut story = story.voted("bob", Ballot::Approve);
    store.commit(story.batch()).await.unwrap();
    assert_eq!((waiting("bob").await, waiting("eve").await), (0, 1));
    let mut story = story.voted("eve", Ballot::Approve);
    store.commit(story.batch()).await.unwrap();
    assert_eq!((waiting("bob").await, waiting("eve").await), (0, 0));
}

pub async fn sessions_last_until_they_end(under: Under) {
    let store = &under.store;
    store.put_session("s1", "{\"a\":1}", at(100)).await.unwrap();
    store.put_session("s1", "{\"a\":2}", at(100)).await.unwrap();
    store.put_session("s2", "{}", at(50)).await.unwrap();
    assert_eq!(store.session("s1", at(0)).await.unwrap().as_deref(), Some("{\"a\":2}"));
    assert_eq!(store.session("s2", at(50)).await.unwrap(), None, "over at its end");
    assert_eq!(store.session("s3", at(0)).await.unwrap(), None);
    assert_eq!(store.sweep_sessions(at(60)).await.unwrap(), 1);
    assert_eq!(store.sweep_sessions(at(60)).await.unwrap(), 0);
    store.end_session("s1").await.unwrap();
    assert_eq!(store.session("s1", at(0)).await.unwrap(), None);
    store.put_session("secret", "{}", at(100)).await.unwrap();
    assert_eq!(under.door_count("sessions", "id = 'secret'").await, 0, "the id itself is not kept");
}

pub async fn tickets_that_fit(under: Under) {
    let store = under.store;
    let mut all = Vec::new();
    for n in 1..=12_u64 {
        let category = if n % 3 == 0 { Category::Security } else { Category::SignIn };
        let (ticket, raised) = sample::ticket(n, ["ana", "cyd"][usize::try_from(n % 2).unwrap()], category);
        let mut batch = Batch { events: vec![raised], tickets: vec![ticket.clone()], ..Batch::default() };
        store.commit(std::mem::take(&mut batch)).await.unwrap();
        let ticket = if n % 4 == 0 {
            let solved = TicketEvent::Resolved { by: person("it"), word: None };
            let ticket = ticket.apply(&solved, at(500)).unwrap();
            let what = EventBody::Ticket(solved);
            let event = sample::event(4_000_000 + n, at(500), Stream::Ticket(ticket.id), ticket.version, what);
            store
                .commit(Batch { events: vec![event], tickets: vec![ticket.clone()], ..Batch::default() })
                .await
                .unwrap();
            ticket
        } else {
            ticket
        };
        assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket.clone()));
        all.insert(0, ticket);
    }
    for shape in 0..16_u32 {
        let on = |bit: u32| shape & (1 << bit) != 0;
        let query = TicketQuery {
            person: on(0).then(|| person("ana")),
            category: on(1).then_some(Category::Security),
            open: on(2),
            raised_from: on(3).then(|| at(7)),
            limit: 0,
        };
        let fits = |t: &&Ticket| {
            query.person.as_ref().is_none_or(|p| *p == t.content.person)
                && query.category.is_none_or(|c| c == t.content.category)
                && (!query.open || t.is_open())
                && query.raised_from.is_none_or(|from| t.raised_at >= from)
        };
        let expected: Vec<_> = all.iter().filter(fits).cloned().collect();
        assert_eq!(store.tickets(&query).await.unwrap(), expected, "{query:?}");
    }
    let older = all[0].clone();
    let stale = store.commit(Batch { tickets: vec![older], ..Batch::default() }).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "an older projection loses");
    let held = store.held().await.unwrap();
    assert_eq!((held.tickets.len(), held.broken), (12, vec![]));
}

pub async fn questions_to_the_helpdesk_from_a_moment_on(under: Under) {
    let store = under.store;
    let helped = sample::inquiry(1, 2, InquiryEvent::Helped);
    let events = vec![
        sample::inquiry(1, 1, sample::answered("ana")),
        sample::house(1),
        helped.clone(),
        sample::inquiry(40, 1, sample::answered("ben")),
    ];
    store.commit(Batch { events, ..Batch::default() }).await.unwrap();
    let seqs = async |from| -> Vec<u64> {
        store.inquiries(from).await.unwrap().into_iter().map(|stored| stored.seq).collect()
    };
    assert_eq!(seqs(at(0)).await, [0, 2, 3], "in the log's order, without the house's own");
    assert_eq!(seqs(at(3)).await, [2, 3], "the moment itself counts");
    assert_eq!(seqs(at(1_000)).await, [0_u64; 0]);
    // Two clicks at once: one of them wins.
    let again = sample::inquiry(1, 2, InquiryEvent::NotHelped);
    let again = claviger::domain::event::Event { id: claviger::domain::ids::EventId::from_bytes([9; 16]), ..again };
    let said = store.commit(Batch { events: vec![again], ..Batch::default() }).await;
    assert!(matches!(said, Err(StoreError::Conflict(_))));
}
