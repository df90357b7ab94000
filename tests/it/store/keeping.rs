//! What is written is kept whole, and nothing of what is refused.

use claviger::domain::conversation::Surface;
use claviger::domain::digest::{Digest, canonical};
use claviger::domain::event::Stream;
use claviger::domain::grant::GrantEvent;
use claviger::domain::ids::TextId;
use claviger::domain::request::Ballot;
use claviger::ports::store::{Artifact, Batch, Lock, RequestQuery, StoreError};

use crate::store::sample::{self, Story, at, bytes, person, steps};
use crate::store::under::Under;

fn is_conflict(said: &Result<(), StoreError>) -> bool {
    matches!(said, Err(StoreError::Conflict(_)))
}

pub async fn aggregates_read_back_as_written(under: Under) {
    let store = under.store;
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob", "eve"]));
    let grant = sample::grant(1, "ana", "crm:read", Some(3));
    let task = sample::task(1, &["bob"], 60);
    let batch = Batch { grants: vec![grant.clone()], tasks: vec![task.clone()], ..story.batch() };
    store.commit(batch).await.unwrap();
    assert_eq!(store.request(story.request.id).await.unwrap(), Some(story.request.clone()));
    assert_eq!(store.grant(grant.id).await.unwrap(), Some(grant.clone()));
    assert_eq!(store.task(task.id).await.unwrap(), Some(task));
    assert_eq!(store.request(Story::filed(2, "ana", "x", steps(&["bob"])).request.id).await.unwrap(), None);

    let mut story = story.voted("bob", Ballot::Approve).voted("eve", Ballot::Approve);
    let active = grant.apply(&GrantEvent::Confirmed { evidence: "seen".into() }, at(9)).unwrap();
    store.commit(Batch { grants: vec![active.clone()], ..story.batch() }).await.unwrap();
    assert_eq!(store.request(story.request.id).await.unwrap().unwrap().state.name(), "approved");
    assert_eq!(store.grant(active.id).await.unwrap(), Some(active));
    assert_eq!(store.events_of(&Stream::Request(story.request.id)).await.unwrap().len(), 3);
}

pub async fn leaves_are_the_canonical_bytes(under: Under) {
    let store = under.store;
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob"])).voted("bob", Ballot::Deny);
    let written = story.new_events.clone();
    store.commit(story.batch()).await.unwrap();
    let stored = store.events(0, 10).await.unwrap();
    assert_eq!(stored.iter().map(|s| s.event.clone()).collect::<Vec<_>>(), written);
    let expected: Vec<_> = (0..).zip(&written).map(|(n, e)| (n, canonical(e).unwrap())).collect();
    assert_eq!(store.leaves(0, 10).await.unwrap(), expected);
    assert_eq!(stored[1].leaf, expected[1].1);
    assert_eq!(store.leaves(1, 10).await.unwrap().len(), 1);
    assert_eq!(store.leaves(0, 1).await.unwrap().len(), 1);
    assert_eq!(store.log_size().await.unwrap(), 2);
}

pub async fn a_stale_version_loses_and_leaves_nothing(under: Under) {
    let store = under.store;
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob", "eve"]));
    store.commit(story.batch()).await.unwrap();
    let (mut bob, mut eve) = (story.clone().voted("bob", Ballot::Approve), story.voted("eve", Ballot::Deny));
    eve.new_events[0].id = claviger::domain::ids::EventId::from_bytes(bytes(999));
    store.commit(bob.batch()).await.unwrap();
    let late = Batch { once: vec!["eve".into()], jobs: vec![sample::job(1, 0)], ..eve.batch() };
    assert!(is_conflict(&store.commit(late).await));
    assert_eq!(store.request(bob.request.id).await.unwrap(), Some(bob.request.clone()));
    assert_eq!((store.log_size().await.unwrap(), store.backlog().await.unwrap()), (2, 0));
    // The key was not burnt by the batch that failed.
    store.commit(Batch { once: vec!["eve".into()], ..Batch::default() }).await.unwrap();
    // Nor is an event's id taken twice.
    let mut twin = sample::house(1);
    twin.id = claviger::domain::ids::EventId::from_bytes(bytes(100));
    assert!(is_conflict(&store.commit(Batch { events: vec![twin], ..Batch::default() }).await));
}

pub async fn an_older_projection_loses(under: Under) {
    let store = under.store;
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob", "eve"]));
    let first = story.request.clone();
    store.commit(story.batch()).await.unwrap();
    let mut story = story.voted("bob", Ballot::Approve);
    store.commit(story.batch()).await.unwrap();
    assert!(is_conflict(&store.commit(Batch { requests: vec![first], ..Batch::default() }).await));
    assert_eq!(store.request(story.request.id).await.unwrap().unwrap().version, 2);
}

pub async fn the_house_has_no_versions(under: Under) {
    let store = under.store;
    store.commit(Batch { events: vec![sample::house(1), sample::house(2)], ..Batch::default() }).await.unwrap();
    store.commit(Batch { events: vec![sample::house(3)], ..Batch::default() }).await.unwrap();
    let seen: Vec<_> =
        store.events_of(&Stream::House).await.unwrap().iter().map(|s| (s.seq, s.event.version)).collect();
    assert_eq!(seen, [(0, 0), (1, 0), (2, 0)]);
}

pub async fn once_is_once(under: Under) {
    let store = under.store;
    let batch = |n| Batch { once: vec!["message:42".into()], events: vec![sample::house(n)], ..Batch::default() };
    store.commit(batch(1)).await.unwrap();
    assert!(matches!(store.commit(batch(2)).await, Err(StoreError::AlreadyDone(key)) if key == "message:42"));
    assert_eq!(store.log_size().await.unwrap(), 1);
}

pub async fn locks_stand_as_read(under: Under) {
    let store = under.store;
    let lock = |version| Lock { key: "person:ana".into(), version };
    let raise = |locks: &[Lock]| Batch { locks: locks.to_vec(), ..Batch::default() };
    assert_eq!(store.lock_version("person:ana").await.unwrap(), 0);
    assert!(is_conflict(&store.commit(raise(&[lock(1)])).await));
    store.commit(raise(&[lock(0)])).await.unwrap();
    assert!(is_conflict(&store.commit(raise(&[lock(0)])).await));
    // Named twice at the same version it is one lock; at two versions one of them is wrong.
    store.commit(raise(&[lock(1), lock(1)])).await.unwrap();
    assert!(is_conflict(&store.commit(raise(&[lock(2), lock(1)])).await));
    assert_eq!(store.lock_version("person:ana").await.unwrap(), 2);
}

pub async fn a_failing_late_part_leaves_nothing(under: Under) {
    let store = under.store;
    let talk = sample::conversation(1, "ana");
    store.commit(Batch { conversation: Some(talk.clone()), ..Batch::default() }).await.unwrap();
    let mut story = Story::filed(1, "ana", "crm:read", steps(&["bob"]));
    let good = story.batch();
    let mut bad = Batch {
        conversation: Some(talk.clone()),
        messages: vec![sample::message(1, talk.id)],
        texts: vec![sample::text(1, "ana", 0, "why")],
        artifacts: vec![Artifact { kind: "facts".into(), bytes: b"{}".to_vec() }],
        jobs: vec![sample::job(1, 0)],
        grants: vec![sample::grant(1, "ana", "crm:read", None)],
        tasks: vec![sample::task(1, &["bob"], 0)],
        locks: vec![Lock { key: "person:ana".into(), version: 0 }],
        once: vec!["x".into()],
        ..Batch::default()
    };
    bad.events.clone_from(&good.events);
    bad.requests.clone_from(&good.requests);
    assert!(is_conflict(&store.commit(bad).await));
    let held = store.held().await.unwrap();
    assert!(held.requests.is_empty() && held.grants.is_empty() && held.tasks.is_empty());
    assert!(held.texts.is_empty() && held.artifacts.is_empty() && held.broken.is_empty());
    assert_eq!((store.log_size().await.unwrap(), store.backlog().await.unwrap()), (0, 0));
    assert_eq!(store.lock_version("person:ana").await.unwrap(), 0);
    assert!(store.messages(talk.id, None).await.unwrap().is_empty());
    assert!(store.open_tasks(&person("bob")).await.unwrap().is_empty());
    // The place that was not taken is the next one's.
    store.commit(good).await.unwrap();
    assert_eq!(store.events(0, 10).await.unwrap()[0].seq, 0);
    assert_eq!(store.count_requests(&RequestQuery::default()).await.unwrap(), 1);
}

pub async fn conversations_compare_and_set(under: Under) {
    let store = under.store;
    let mut talk = sample::conversation(1, "ana");
    let put = |talk: &claviger::domain::conversation::Conversation| Batch {
        conversation: Some(talk.clone()),
        ..Batch::default()
    };
    talk.version = 2;
    assert!(is_conflict(&store.commit(put(&talk)).await), "there is no version 1 yet");
    talk.version = 1;
    store.commit(put(&talk)).await.unwrap();
    assert!(is_conflict(&store.commit(put(&talk)).await));
    talk.version = 2;
    talk.topic = None;
    store.commit(put(&talk)).await.unwrap();
    assert!(is_conflict(&store.commit(put(&talk)).await));
    assert_eq!(store.conversation(talk.id).await.unwrap(), Some(talk.clone()));
    let newer = sample::conversation(2, "ana");
    store.commit(put(&newer)).await.unwrap();
    assert_eq!(store.conversation_of(&person("ana"), Surface::Web).await.unwrap(), Some(newer));
    assert_eq!(store.conversation_of(&person("ana"), Surface::Slack).await.unwrap(), None);
}

pub async fn messages_keep_the_order_of_writing(under: Under) {
    let store = under.store;
    let (talk, other) = (sample::conversation(1, "ana").id, sample::conversation(2, "bob").id);
    let say = |messages: Vec<_>| Batch { messages, ..Batch::default() };
    // Ids and times say nothing about the order.
    store.commit(say(vec![sample::message(9, talk), sample::message(3, talk)])).await.unwrap();
    store.commit(say(vec![sample::message(5, other), sample::message(1, talk)])).await.unwrap();
    // Written again: left alone.
    store.commit(say(vec![sample::message(9, talk), sample::message(7, talk)])).await.unwrap();
    let ids = |messages: Vec<claviger::domain::conversation::Message>| {
        messages.iter().map(|m| m.id.as_bytes()[15]).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.messages(talk, None).await.unwrap()), [9, 3, 1, 7]);
    assert_eq!(ids(store.messages(talk, Some(sample::message(3, talk).id)).await.unwrap()), [1, 7]);
    assert_eq!(ids(store.messages(talk, Some(sample::message(5, other).id)).await.unwrap()), [9, 3, 1, 7]);
    store.commit(say((100..700).map(|n| sample::message(n, talk)).collect())).await.unwrap();
    assert_eq!(store.messages(talk, None).await.unwrap().len(), 500);
    assert_eq!(store.messages(talk, None).await.unwrap()[499].id, sample::message(595, talk).id);
}

pub async fn texts_can_be_erased(under: Under) {
    let store = under.store;
    let texts = [("ana", 10, "eins"), ("ana", 20, "zwei"), ("bob", 10, "drei")];
    let texts: Vec<_> = (1..).zip(texts).map(|(n, (who, when, body))| sample::text(n, who, when, body)).collect();
    store.commit(Batch { texts: texts.clone(), ..Batch::default() }).await.unwrap();
    assert_eq!(store.text(texts[0].id).await.unwrap(), Some(texts[0].clone()));
    assert_eq!(store.erase_texts(&person("ana"), texts[1].at).await.unwrap(), 1);
    assert_eq!(store.text(texts[0].id).await.unwrap(), None);
    assert_eq!(store.text(texts[1].id).await.unwrap(), Some(texts[1].clone()));
    assert_eq!(store.held().await.unwrap().texts, texts[1..].to_vec());
    assert_eq!(store.erase_texts(&person("ana"), texts[1].at).await.unwrap(), 0);
}

pub async fn artifacts_are_kept_once(under: Under) {
    let store = under.store;
    let facts = Artifact { kind: "facts".into(), bytes: vec![0, 159, 146, 150] };
    let digest = Digest::of(&facts.bytes);
    for _ in 0..2 {
        let artifacts = vec![facts.clone(), facts.clone()];
        store.commit(Batch { artifacts, ..Batch::default() }).await.unwrap();
    }
    assert_eq!(store.artifact(&digest).await.unwrap(), Some(facts.clone()));
    assert_eq!(store.artifact(&Digest::of(b"other")).await.unwrap(), None);
    assert_eq!(store.held().await.unwrap().artifacts, [(digest, facts)]);
}

pub async fn checkpoints_are_kept_once(under: Under) {
    let store = under.store;
    for (size, note) in [(5, "five"), (2, "two"), (5, "another five")] {
        store.put_checkpoint(size, note).await.unwrap();
    }
    assert_eq!(store.checkpoints().await.unwrap(), [(2, "two".to_owned()), (5, "five".to_owned())]);
}

pub async fn hostile_text_comes_back_harmless(under: Under) {
    let store = under.store;
    let hostile = "'; DROP TABLE events; -- \u{202e}\0 \u{1F600} $1 {} \\u0000";
    let said = sample::text(1, "ana", 0, hostile);
    let mut grant = sample::grant(1, "ana", "crm:read", None);
    grant = grant.apply(&GrantEvent::Confirmed { evidence: hostile.to_owned() }, at(2)).unwrap();
    let once = vec![hostile.to_owned()];
    let batch = Batch { texts: vec![said.clone()], grants: vec![grant.clone()], once, ..Batch::default() };
    store.commit(batch).await.unwrap();
    assert_eq!(store.text(TextId::from_bytes(bytes(1))).await.unwrap(), Some(said));
    assert_eq!(store.grant(grant.id).await.unwrap(), Some(grant));
    let again = Batch { once: vec![hostile.to_owned()], ..Batch::default() };
    assert!(matches!(store.commit(again).await, Err(StoreError::AlreadyDone(_))));
    store.ping().await.unwrap();
}
