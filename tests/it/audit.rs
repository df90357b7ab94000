//! The record proves itself: any byte, any order, any end of it that is changed is found, and erasing a text changes nothing
//! (RISK.md §9, properties 31 and 32).

use claviger::audit::checkpoint::Checkpoint;
use claviger::audit::fault::Fault;
use claviger::audit::fold::Fold;
use claviger::audit::key::SecretKey;
use claviger::audit::proof::{Proof, ProofError};
use claviger::audit::tree::{Frontier, consistency, extends, includes, inclusion, leaf_hash, root_of};
use claviger::audit::verify::{Kept, Report, Verifier, parse};
use claviger::audit::{export, ocsf};
use claviger::domain::decision::{Assessment, Candidate, Decision, Level, Outcome, Route, Score, Slot, Step, Verdict};
use claviger::domain::digest::{Digest, canonical};
use claviger::domain::event::{Actor, Event, EventBody, HouseEvent, Stream};
use claviger::domain::grant::{EndReason, GrantEvent, GrantOrder};
use claviger::domain::ids::{ConnectorId, EntitlementId, EventId, FactorId, GrantId, PersonId, RequestId, TextId};
use claviger::domain::request::{Ballot, Content, RequestEvent, TextRef, Vote};
use claviger::domain::window::{AccessWindow, Seconds};
use claviger::ports::store::NewText;
use jiff::Timestamp;
use proptest::prelude::*;

pub fn key() -> SecretKey {
    SecretKey::from_seed("claviger.example/record", &[3; 32]).unwrap()
}

fn id16(kind: u8, n: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[15] = n;
    bytes
}

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

/// A record as a small house would leave it: some requests granted by rules, some by people, some refused.
pub struct House {
    pub events: Vec<Event>,
    pub texts: Vec<NewText>,
    leaves: Vec<Vec<u8>>,
    notes: Vec<(String, Option<u64>, String)>,
    pub kept: Kept,
}

struct Writer {
    events: Vec<Event>,
    versions: std::collections::BTreeMap<Stream, u64>,
}

impl Writer {
    fn add(&mut self, stream: Stream, body: EventBody) {
        let n = self.events.len();
        let version = if stream == Stream::House {
            0
        } else {
            let version = self.versions.entry(stream).or_default();
            *version += 1;
            *version
        };
        self.events.push(Event {
            id: EventId::from_bytes(id16(9, u8::try_from(n).unwrap())),
            at: Timestamp::from_second(1_790_000_000 + i64::try_from(n).unwrap()).unwrap(),
            actor: if n.is_multiple_of(2) { Actor::Rules } else { Actor::Person { id: person("ana") } },
            stream,
            version,
            body,
        });
    }
}

fn decision(facts: Digest, policy: Digest, outcome: Outcome) -> Decision {
    let assessment = Assessment {
        score: Score::new(42).unwrap(),
        contributions: vec![],
        unknown: vec![FactorId::parse("peer.rare").unwrap()],
        confidence_bp: 9000,
        limited_by: String::new(),
        table: policy,
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
    Decision { facts, policy, assessment, verdict: Verdict::default(), route }
}

pub fn house(requests: u8) -> House {
    let mut writer = Writer { events: Vec::new(), versions: std::collections::BTreeMap::new() };
    let mut texts = Vec::new();
    let policy_bytes = b"{\"policy\":1}".to_vec();
    let policy = Digest::of(&policy_bytes);
    let mut kept = Kept { artifacts: vec![(policy, "policy".into(), policy_bytes)], ..Kept::default() };
    writer.add(Stream::House, EventBody::House(HouseEvent::PolicyAdopted { policy }));
    for n in 0..requests {
        let facts_bytes = format!("{{\"facts\":{n}}}").into_bytes();
        let facts = Digest::of(&facts_bytes);
        kept.artifacts.push((facts, "facts".into(), facts_bytes));
        let text = NewText {
            id: TextId::from_bytes(id16(4, n)),
            owner: person("ana"),
            at: Timestamp::UNIX_EPOCH,
            salt: [n; 16],
            body: format!("für den Bericht {n}"),
        };
        kept.texts.push((text.id, text.commitment()));
        texts.push(text.clone());
        let start = Timestamp::from_second(1_790_000_000).unwrap();
        let content = Content {
            requester: person("ana"),
            beneficiary: person("ana"),
            entitlement: EntitlementId::parse("crm:reports.read").unwrap(),
            window: AccessWindow::lasting(start, Seconds::days(3)),
            reason: Some(TextRef { id: text.id, commitment: text.commitment() }),
            emergency: false,
            conversation: None,
            extends: None,
        };
        let asked = Candidate { person: person("bob"), because: "you are Ana's manager".into(), in_place_of: None };
        let outcome = match n % 3 {
            0 => Outcome::Automatic,
            1 => Outcome::Steps {
                steps: vec![Step {
                    slot: Slot::Manager,
                    candidates: vec![asked],
                    quorum: 1,
                    escalate_after: Seconds::hours(8),
                    escalate_to: vec![],
                }],
            },
            _ => Outcome::Denied,
        };
        let id = RequestId::from_bytes(id16(1, n));
        let request = Stream::Request(id);
        let decision = Box::new(decision(facts, policy, outcome));
        writer.add(request, EventBody::Request(RequestEvent::Submitted { content: content.clone(), decision }));
        if n % 3 == 2 {
            continue;
        }
        if n % 3 == 1 {
            let vote = Vote {
                step: 0,
                by: person("bob"),
                in_place_of: None,
                ballot: Ballot::Approve,
                window: None,
                reason: None,
                confirmed: None,
                at: start,
            };
            writer.add(request, EventBody::Request(RequestEvent::Voted { vote }));
        }
        let grant_id = GrantId::from_bytes(id16(2, n));
        let grant = Stream::Grant(grant_id);
        let order = GrantOrder {
            request: id,
            revision: 1,
            beneficiary: content.beneficiary,
            entitlement: content.entitlement,
            connector: ConnectorId::parse("local").unwrap(),
            window: content.window,
            review_after: None,
        };
        let evidence = || "door list holds it".to_owned();
        writer.add(request, EventBody::Request(RequestEvent::Ordered { grant: grant_id }));
        writer.add(grant, EventBody::Grant(GrantEvent::Ordered { order }));
        writer.add(grant, EventBody::Grant(GrantEvent::Confirmed { evidence: evidence() }));
        writer.add(request, EventBody::Request(RequestEvent::Activated));
        writer.add(grant, EventBody::Grant(GrantEvent::EndRequested { why: EndReason::Expired }));
        writer.add(grant, EventBody::Grant(GrantEvent::Closed { evidence: evidence() }));
        writer.add(request, EventBody::Request(RequestEvent::Ended));
    }
    let mut fold = Fold::default();
    let (mut tree, mut faults, mut leaves, mut notes) = (Frontier::new(), Vec::new(), Vec::new(), Vec::new());
    for (seq, event) in writer.events.iter().enumerate() {
        let leaf = canonical(event).unwrap();
        tree.append(&leaf);
        fold.take(seq as u64, event, &mut faults);
        leaves.push(leaf);
        if seq % 5 == 4 || seq + 1 == writer.events.len() {
            let note = Checkpoint::sign(tree.size(), tree.root(), &key());
            notes.push(("checkpoints".to_owned(), Some(tree.size()), note));
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
    kept.requests = fold.requests.into_values().collect();
    kept.grants = fold.grants.into_values().collect();
    kept.tasks = fold.tasks.into_values().collect();
    kept.tickets = fold.tickets.into_values().collect();
    House { events: writer.events, texts, leaves, notes, kept }
}

fn verify(leaves: &[(u64, Vec<u8>)], notes: &[(String, Option<u64>, String)], kept: &Kept) -> Report {
    let mut verifier = Verifier::new(key().public(), notes);
    for (seq, leaf) in leaves {
        verifier.leaf(*seq, leaf);
    }
    verifier.finish(kept)
}

fn numbered(leaves: &[Vec<u8>]) -> Vec<(u64, Vec<u8>)> {
    leaves.iter().enumerate().map(|(n, leaf)| (n as u64, leaf.clone())).collect()
}

fn checked(house: &House) -> Report {
    verify(&numbered(&house.leaves), &house.notes, &house.kept)
}

/// True where a fault names this event: by its place, or by a range of a checkpoint that holds it.
fn names(faults: &[Fault], seq: usize) -> bool {
    faults.iter().any(|f| f.place.seq == Some(seq as u64))
}

#[test]
fn an_untouched_record_is_sound() {
    let report = checked(&house(7));
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!((report.events, report.signed_events), (report.events, report.events));
    assert_eq!((report.requests, report.grants, report.texts_kept, report.texts_erased), (7, 5, 7, 0));
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[test]
fn erased_texts_leave_everything_valid() {
    let mut house = house(6);
    house.kept.texts.retain(|(id, _)| *id != TextId::from_bytes(id16(4, 2)));
    let report = checked(&house);
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!((report.texts_kept, report.texts_erased), (5, 1));
    house.kept.texts[0].1 = Digest::of(b"other words");
    assert!(!checked(&house).is_sound(), "a text that was exchanged passes");
}

#[test]
fn every_kind_of_row_beside_the_log_is_held_against_it() {
    let sound = || house(4);
    type Spoil = fn(&mut House);
    let spoils: [(&str, Spoil); 9] = [
        ("requests", |h| h.kept.requests[0].revision += 1),
        ("requests", |h| drop(h.kept.requests.remove(1))),
        ("grants", |h| h.kept.grants[0].order.beneficiary = person("eve")),
        ("grants", |h| {
            let mut made_up = h.kept.grants[0].clone();
            made_up.id = GrantId::from_bytes([77; 16]);
            h.kept.grants.push(made_up);
        }),
        ("requests", |h| {
            let twice = h.kept.requests[0].clone();
            h.kept.requests.push(twice);
        }),
        ("artifacts", |h| h.kept.artifacts[1].2[3] ^= 1),
        ("artifacts", |h| drop(h.kept.artifacts.remove(2))),
        ("artifacts", |h| h.kept.artifacts[2].1 = "policy".into()),
        ("tasks", |h| h.kept.broken.push(("tasks".into(), "k_1".into(), "not a task".into()))),
    ];
    for (n, (table, spoil)) in spoils.into_iter().enumerate() {
        let mut house = sound();
        spoil(&mut house);
        let report = checked(&house);
        assert!(report.faults.iter().any(|f| f.place.table == table), "spoil {n}: {:?}", report.faults);
    }
}

#[test]
fn checkpoints_that_are_altered_cut_off_or_of_another_key_are_found() {
    let base = house(5);
    let size = base.leaves.len();
    let cut = verify(&numbered(&base.leaves[..size - 1]), &base.notes, &base.kept);
    assert!(cut.faults.iter().any(|f| f.what.contains("the end of the log is missing")), "{:?}", cut.faults);
    let other = SecretKey::from_seed("claviger.example/record", &[8; 32]).unwrap();
    let mut forged = house(5);
    forged.notes[0].2 = Checkpoint::sign(5, root_of(&[]), &other);
    assert!(checked(&forged).faults.iter().any(|f| f.place.table == "checkpoints"));
    let mut moved = house(5);
    moved.notes[0].1 = Some(6);
    assert!(!checked(&moved).is_sound());
    // Without checkpoints it is said that nothing vouches for the events.
    assert!(!verify(&numbered(&base.leaves), &[], &base.kept).notes.is_empty());
}

/// Rewriting the whole record with the operator's own key still contradicts any checkpoint that was given away before.
#[test]
fn an_exported_checkpoint_convicts_a_rewritten_record() {
    let (before, mut after) = (house(5), house(5));
    let exported = ("the auditor's copy".to_owned(), None, before.notes[2].2.clone());
    let last = after.leaves.len() - 1;
    let mut event = parse(&after.leaves[3]).unwrap();
    event.at = Timestamp::from_second(1).unwrap();
    after.leaves[3] = canonical(&event).unwrap();
    let mut tree = Frontier::new();
    for leaf in &after.leaves {
        tree.append(leaf);
    }
    after.notes = vec![("checkpoints".into(), Some(tree.size()), Checkpoint::sign(tree.size(), tree.root(), &key()))];
    after.notes.push(exported);
    let report = checked(&after);
    assert!(report.faults.iter().any(|f| f.place.table == "the auditor's copy"), "{last}: {:?}", report.faults);
}

#[test]
fn an_event_is_proved_alone() {
    let house = house(5);
    let hashes: Vec<Digest> = house.leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let note = house.notes.last().unwrap().2.clone();
    for (n, leaf) in house.leaves.iter().enumerate() {
        let proof = Proof::make(&hashes, n as u64, leaf, note.clone()).unwrap();
        let written = serde_json::to_string(&proof).unwrap();
        let read: Proof = serde_json::from_str(&written).unwrap();
        let (checkpoint, event) = read.check(key().public()).unwrap();
        assert_eq!((checkpoint.size, event), (hashes.len() as u64, parse(leaf).unwrap()));
        let moved = Proof { index: (n as u64 + 1) % hashes.len() as u64, ..proof.clone() };
        assert_eq!(moved.check(key().public()), Err(ProofError::NotIncluded));
    }
    assert_eq!(Proof::make(&hashes, hashes.len() as u64, b"", note), None);
}

#[test]
fn every_two_sizes_up_to_64_are_consistent_and_no_other_history_is() {
    let leaves: Vec<Digest> = (0..64u8).map(|n| leaf_hash(&[n])).collect();
    for new in 0..=leaves.len() {
        let new_root = root_of(&leaves[..new]);
        for old in 0..=new {
            let proof = consistency(&leaves[..new], old).unwrap();
            let old_root = root_of(&leaves[..old]);
            let holds =
                |old_root: &Digest, proof: &[Digest]| extends(old_root, old as u64, &new_root, new as u64, proof);
            assert!(holds(&old_root, &proof), "{old} in {new}");
            assert!(!holds(&leaf_hash(b"another history"), &proof), "{old} in {new}: a wrong old root passes");
            if let Some((_, shorter)) = proof.split_last() {
                assert!(!holds(&old_root, shorter), "{old} in {new}: a shortened proof passes");
            }
            for n in 0..proof.len() {
                let mut altered = proof.clone();
                altered[n].0[7] ^= 1;
                assert!(!holds(&old_root, &altered), "{old} in {new}: an altered proof passes");
            }
        }
        assert_eq!(consistency(&leaves[..new], new + 1), None);
    }
}

#[test]
fn exports_are_whole_and_tie_back_to_the_tree() {
    let house = house(5);
    let mut writer = ocsf::Writer::default();
    let (mut assigned, mut revoked, mut dispositions) = (0, 0, std::collections::BTreeSet::new());
    for (seq, leaf) in numbered(&house.leaves) {
        let line: serde_json::Value = serde_json::from_str(&export::json_line(seq, leaf.as_slice())).unwrap();
        assert_eq!(canonical(&line["event"]).unwrap(), leaf);
        assert_eq!(line["leaf_hash"], leaf_hash(&leaf).to_string());
        let event = parse(&leaf).unwrap();
        let out = writer.event(seq, &leaf, &event);
        let number = |name: &str| out[name].as_u64().unwrap_or_else(|| panic!("`{name}` is missing in {out}"));
        // What OCSF 1.8 requires of every event, and of these two classes.
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert_eq!((number("category_uid"), number("time") > 0), (3, true));
        assert!((1..=6).contains(&number("severity_id")));
        assert_eq!(out["metadata"]["version"], "1.8.0");
        assert!(out["metadata"]["product"]["name"].is_string());
        match number("class_uid") {
            3005 => {
                assert!(out["user"]["uid"].is_string() && out["privileges"][0].is_string(), "{out}");
                let counter = if number("activity_id") == 1 { &mut assigned } else { &mut revoked };
                *counter += 1;
            }
            3004 => assert!(out["entity"]["uid"].is_string(), "{out}"),
            other => panic!("class {other}"),
        }
        if let Some(d) = out["disposition_id"].as_u64() {
            dispositions.insert(d);
            assert_eq!(out["metadata"]["profiles"][0], "security_control");
            assert_eq!(number("action_id"), if matches!(d, 2 | 24 | 25) { 2 } else { 1 });
        }
        assert_eq!(
            out.get("risk_score").is_some(),
            matches!(&event.body, EventBody::Request(RequestEvent::Submitted { .. }))
        );
    }
    assert_eq!((assigned, revoked), (4, 4));
    assert_eq!(dispositions.into_iter().collect::<Vec<_>>(), [1, 2, 8, 23, 24]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_flipped_bit_is_found_and_located(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut house = house(5);
        let seq = which.index(house.leaves.len());
        let byte = at.index(house.leaves[seq].len());
        house.leaves[seq][byte] ^= 1 << bit;
        let report = checked(&house);
        prop_assert!(!report.is_sound());
        // Found by itself, or within the five events of one checkpoint.
        let first = seq / 5 * 5;
        let range = format!("events {first} to {}", (first + 4).min(house.leaves.len() - 1));
        let single = format!("event {first} was changed");
        let found = names(&report.faults, seq) || report.faults.iter().any(|f| f.what.contains(&range) || f.what.contains(&single));
        prop_assert!(found, "event {seq}, byte {byte}: {:?}", report.faults);
    }

    #[test]
    fn any_deletion_insertion_or_exchange_is_found(a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), how in 0..4u8, renumber in any::<bool>()) {
        let house = house(5);
        let mut leaves = numbered(&house.leaves);
        let (a, b) = (a.index(leaves.len()), b.index(leaves.len()));
        prop_assume!(how != 2 || a != b);
        match how {
            0 => drop(leaves.remove(a)),
            1 => { let copy = leaves[b].clone(); leaves.insert(a, copy); }
            2 => leaves.swap(a, b),
            _ => leaves.truncate(a),
        }
        if renumber {
            leaves.iter_mut().enumerate().for_each(|(n, leaf)| leaf.0 = n as u64);
        }
        prop_assert!(!verify(&leaves, &house.notes, &house.kept).is_sound());
    }

    #[test]
    fn garbage_never_panics(leaves in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u8>(), 0..80)), 0..8), note in ".{0,200}") {
        let notes = [("checkpoints".to_owned(), Some(3), note)];
        let report = verify(&leaves, &notes, &Kept::default());
        prop_assert!(!report.is_sound());
    }

    #[test]
    fn no_made_up_path_passes(size in 1..200u64, index in 0..200u64, path in prop::collection::vec(any::<[u8; 32]>(), 0..12)) {
        let path: Vec<Digest> = path.into_iter().map(Digest).collect();
        let root = root_of(&(0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect::<Vec<_>>());
        prop_assert!(!includes(&root, size, index, &leaf_hash(b"made up"), &path));
        prop_assert!(inclusion(&[], 0).is_none());
    }
}
