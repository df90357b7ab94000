//! What came in from chat platforms, and what stands there of ours.

use claviger::domain::account::{Account, Place, PlatformId};
use claviger::domain::action::Subject;
use claviger::domain::card::{Card, CardKey, View};
use claviger::domain::conversation::Surface;
use claviger::domain::digest::Digest;
use claviger::domain::ids::{DraftId, MessageId, RequestId};
use claviger::domain::job::Job;
use claviger::domain::posting::{Audience, Lane, Posting, Shows, Standing};
use claviger::ports::posting::{Claim, Delivered, LaneTaken, NewDelivery};
use claviger::ports::store::{Batch, NewJob, StoreError};

use crate::store::sample::{self, at, bytes, person};
use crate::store::under::Under;

fn place(channel: &str) -> Place {
    let id = |text: &str| PlatformId::parse(text).unwrap();
    Place { space: id("T1"), channel: id(channel), thread: None, via: None }
}

fn request(n: u64) -> Subject {
    Subject::Request(RequestId::from_bytes(bytes(n)))
}

fn posting(n: u64, lane: &str, subject: Option<Subject>) -> Posting {
    let shows = match subject {
        Some(subject) => Shows::Live { key: CardKey { subject, view: View::Own } },
        None => Shows::Said { card: Box::new(Card::note("said")) },
    };
    let audience = Audience::Person { id: person("ana") };
    Posting::wanted(MessageId::from_bytes(bytes(n)), Lane(lane.into()), Surface::Slack, shows, audience, at(0))
}

fn wanted(postings: impl IntoIterator<Item = Posting>) -> Batch {
    Batch { postings: postings.into_iter().collect(), at: Some(at(0)), ..Batch::default() }
}

pub async fn a_delivery_is_taken_once_and_dealt_with_once(under: Under) {
    let store = &under.store;
    let key = Digest::of(b"one");
    let take = || Batch {
        deliveries: vec![NewDelivery { key, surface: Surface::Slack, payload: "a secret \0".into() }],
        jobs: vec![NewJob { job: Job::Deal { delivery: key }, dedupe: format!("deal:{key}"), ..sample::job(1, 15) }],
        at: Some(at(0)),
        ..Batch::default()
    };
    assert_eq!(store.delivery(&key).await.unwrap(), Delivered::Unknown);
    store.commit(take()).await.unwrap();
    assert!(matches!(store.commit(take()).await, Err(StoreError::AlreadyDone(_))));
    assert!(
        matches!(store.delivery(&key).await.unwrap(), Delivered::Waits { payload } if payload.starts_with("a secret"))
    );
    assert_eq!((store.undealt(at(1)).await.unwrap(), store.undealt(at(-1)).await.unwrap()), (1, 0));
    let deal = || Batch { dealt: Some(key), events: vec![sample::house(1)], at: Some(at(1)), ..Batch::default() };
    store.commit(deal()).await.unwrap();
    // With it the job is no longer due, and what was said is gone.
    assert!(store.claim(at(60), at(120), 9).await.unwrap().is_empty());
    assert_eq!(under.door_count("deliveries", "payload <> ''").await, 0);
    assert!(matches!(store.commit(deal()).await, Err(StoreError::AlreadyDone(_))));
    assert_eq!((store.log_size().await.unwrap(), store.delivery(&key).await.unwrap()), (1, Delivered::Dealt));
    let id = |text: &str| PlatformId::parse(text).unwrap();
    let account = Account { surface: Surface::Teams, space: id("T1"), id: id("U1") };
    assert_eq!(store.place_of(&account).await.unwrap(), None);
    for channel in ["D1", "D2", "D2"] {
        store.put_place(&account, &place(channel), at(2)).await.unwrap();
    }
    assert_eq!(store.place_of(&account).await.unwrap(), Some(place("D2")));
    store.drop_place(&account).await.unwrap();
    assert_eq!(store.place_of(&account).await.unwrap(), None);
}

pub async fn a_lane_has_one_worker_at_a_time(under: Under) {
    let store = under.store;
    let lane = Lane("lane".into());
    let take = |holder: &'static str, now, until| {
        let (store, lane) = (store.clone(), lane.clone());
        async move { store.take_lane(&lane, holder, at(now), at(until)).await.unwrap() }
    };
    assert_eq!(take("a", 0, 60).await, LaneTaken::Yours);
    assert_eq!(take("b", 1, 61).await, LaneTaken::Busy);
    store.commit(wanted([posting(1, "lane", None)])).await.unwrap();
    let due = store.due_in(&lane).await.unwrap().unwrap();
    // Whoever has died is fenced off.
    assert_eq!(take("b", 61, 120).await, LaneTaken::Yours);
    let lost = store.put_posting(&due.posting, due.marks, false, "a", at(62)).await;
    assert!(matches!(lost, Err(StoreError::Conflict(_))));
    store.leave_lane(&lane, "a", Some(at(999))).await.unwrap();
    assert_eq!(take("c", 63, 120).await, LaneTaken::Busy, "that was not a's to leave");
    store.leave_lane(&lane, "b", Some(at(100))).await.unwrap();
    assert!(matches!(take("c", 99, 160).await, LaneTaken::Wait(until) if until >= at(100)));
    assert_eq!(take("c", 101, 160).await, LaneTaken::Yours);
}

pub async fn messages_are_due_in_order_until_they_show_how_things_stand(under: Under) {
    let store = &under.store;
    let draft = Subject::Draft(DraftId::from_bytes(bytes(7)));
    let conversation = claviger::domain::ids::ConversationId::from_bytes(bytes(1));
    let lane = Lane::of(conversation);
    let of = |n, subject| Posting { lane: lane.clone(), ..posting(n, "", subject) };
    // The one with the higher id was wanted first.
    store.commit(wanted([of(9, Some(request(5))), of(2, Some(draft))])).await.unwrap();
    store.commit(wanted([of(9, None), of(3, None)])).await.unwrap();
    store.take_lane(&lane, "me", at(0), at(600)).await.unwrap();
    let mut seen = Vec::new();
    while let Some(due) = store.due_in(&lane).await.unwrap() {
        seen.push(due.posting.id.as_bytes()[15]);
        let mut done = due.posting.clone();
        (done.standing, done.place) = (Standing::Posted, Some(place("D1")));
        done.message = Some(PlatformId::parse(format!("m{}", seen.len())).unwrap());
        store.put_posting(&done, due.marks, false, "me", at(1)).await.unwrap();
    }
    assert_eq!(seen, [9, 2, 3], "in the order of wanting, each once");
    assert_eq!(store.lag().await.unwrap(), []);
    let found = store.posting_on(Surface::Slack, &place("D1"), &PlatformId::parse("m1").unwrap()).await.unwrap();
    assert_eq!(found.unwrap().id.as_bytes()[15], 9);
    assert!(store.posting_on(Surface::Slack, &place("D2"), &PlatformId::parse("m1").unwrap()).await.unwrap().is_none());
    // A change marks what shows it; a conversation stands for its drafts.
    let lagging = |subject| Batch { lagging: vec![subject], at: Some(at(5)), ..Batch::default() };
    store.commit(lagging(request(5))).await.unwrap();
    assert_eq!(store.lanes_lagging(&request(5)).await.unwrap(), [(Surface::Slack, lane.clone())]);
    assert_eq!(store.lanes_lagging(&request(6)).await.unwrap(), []);
    let due = store.due_in(&lane).await.unwrap().unwrap();
    // It changes again while it is being drawn: then it lags still.
    store.commit(lagging(request(5))).await.unwrap();
    store.put_posting(&due.posting, due.marks, false, "me", at(6)).await.unwrap();
    let again = store.due_in(&lane).await.unwrap().unwrap();
    assert_eq!((again.posting.id, again.marks), (due.posting.id, due.marks + 1));
    store.put_posting(&again.posting, again.marks, false, "me", at(7)).await.unwrap();
    assert_eq!(store.due_in(&lane).await.unwrap(), None);
    store.commit(lagging(Subject::Conversation(conversation))).await.unwrap();
    assert_eq!(store.due_in(&lane).await.unwrap().unwrap().posting.id.as_bytes()[15], 2);
    assert_eq!(store.lanes_due(at(6), 9).await.unwrap().len(), 1);
    assert_eq!(store.lanes_due(at(4), 9).await.unwrap().len(), 0);
    let claim = Claim { subject: request(5), person: person("ana"), at: at(8) };
    store.commit(Batch { claims: vec![claim.clone()], at: Some(at(8)), ..Batch::default() }).await.unwrap();
    let found = store.claim_on(&request(5)).await.unwrap().unwrap();
    assert_eq!((found.person, found.at.as_second()), (claim.person, claim.at.as_second()));
}

pub async fn long_settled_messages_are_forgotten(under: Under) {
    let store = &under.store;
    let lane = Lane("lane".into());
    store.commit(wanted([posting(1, "lane", None), posting(2, "lane", Some(request(1)))])).await.unwrap();
    store.take_lane(&lane, "me", at(0), at(600)).await.unwrap();
    while let Some(due) = store.due_in(&lane).await.unwrap() {
        let said = due.posting.key().is_none();
        let posted =
            Posting { standing: Standing::Posted, settled: said, fades: (!said).then(|| at(50)), ..due.posting };
        store.put_posting(&posted, due.marks, false, "me", at(1)).await.unwrap();
    }
    assert_eq!(store.mark_fading(at(49), at(49)).await.unwrap(), 0);
    assert_eq!(store.mark_fading(at(51), at(51)).await.unwrap(), 1);
    assert_eq!(store.mark_buttons(at(52)).await.unwrap(), 1, "what is settled has none");
    store.prune(at(1)).await.unwrap();
    assert_eq!(under.door_count("postings", "1 = 1").await, 2);
    store.prune(at(2)).await.unwrap();
    assert_eq!(under.door_count("postings", "1 = 1").await, 1, "what may change stays");
}
