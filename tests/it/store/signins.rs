//! Sign-in events: kept once, found by whose they are and when, minimised and deleted by age.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use claviger::connectors::signin::read::{Hints, Records};
use claviger::domain::digest::Digest;
use claviger::domain::signin::{Provider, SigninEvent};
use claviger::domain::signin_actor::{Account, Aliases};
use claviger::domain::signin_privacy::PseudonymKey;
use claviger::helpdesk::disclosure::Level;
use claviger::helpdesk::lockout::answer::{Asked, answer};
use claviger::jobs::polling::Polling;
use claviger::ports::signin::{Appended, Pruned, SigninQuery};
use claviger::ports::signin_source::{SigninSource, SourceFault, SourcePage};
use jiff::{SignedDuration, Timestamp};

use crate::bot::{HandClock, SeededEntropy};
use crate::store::sample::at;
use crate::store::under::Under;

fn event(n: u64, provider: Provider, actor: &str, seconds: i64) -> SigninEvent {
    SigninEvent {
        id: format!("e{n}"),
        provider,
        event: "login".into(),
        at: Some(at(seconds)),
        time: Some(at(seconds).to_string()),
        actor: Some(actor.into()),
        subject: None,
        outcome: None,
        reason_code: None,
        reason_class: None,
        reason_text: Some("from 203.0.113.77\0".into()),
        ip: Some("203.0.113.77".into()),
        device: Some("phone".into()),
        application: None,
        session: None,
        place: None,
        risk: None,
        raw_digest: Digest::of(&n.to_be_bytes()),
    }
}

fn aliases(names: &[(Option<Provider>, &str)]) -> Aliases {
    Aliases::default().with(names.iter().map(|(provider, name)| Account { provider: *provider, name: (*name).into() }))
}

fn query(names: &[(Option<Provider>, &str)], from: i64, until: i64, limit: u32) -> SigninQuery {
    SigninQuery { whose: aliases(names), from: at(from), until: at(until), limit }
}

fn ids(found: &[SigninEvent]) -> Vec<&str> {
    found.iter().map(|e| e.id.as_str()).collect()
}

pub async fn the_same_record_is_kept_once(under: Under) {
    let log = &under.signins;
    let many: Vec<_> = (0..250).map(|n| event(n, Provider::Okta, "ana@acme.test", 0)).collect();
    assert_eq!(log.append_signins(&many, at(1)).await.unwrap(), Appended { stored: 250, known: 0 });
    assert_eq!(log.append_signins(&many[..120], at(1)).await.unwrap(), Appended { stored: 0, known: 120 });
    let mixed = [many[7].clone(), event(300, Provider::Okta, "ana@acme.test", 0), many[8].clone()];
    assert_eq!(log.append_signins(&mixed, at(1)).await.unwrap(), Appended { stored: 1, known: 2 });
    let twice = [event(301, Provider::Sshd, "ana", 0), event(301, Provider::Sshd, "ana", 0)];
    assert_eq!(log.append_signins(&twice, at(1)).await.unwrap(), Appended { stored: 1, known: 1 });
    assert_eq!(log.append_signins(&[], at(1)).await.unwrap(), Appended::default());
    let counts = log.signin_counts().await.unwrap();
    assert_eq!((counts[&Provider::Okta], counts[&Provider::Sshd], counts.len()), (251, 1, 2));
}

pub async fn events_are_found_by_whose_and_when(under: Under) {
    let log = &under.signins;
    let mut about = event(6, Provider::Okta, "admin@acme.test", 60);
    about.subject = Some("Ana@acme.test".into());
    let mut undated = event(7, Provider::Okta, "ana@acme.test", 0);
    undated.at = None;
    let all = [
        event(1, Provider::Okta, "ana@acme.test", 10),
        event(2, Provider::Okta, "ANA@ACME.TEST", 20),
        event(3, Provider::WindowsSecurity, "ACME\\ana", 30),
        event(4, Provider::Okta, "ana@evil.example", 40),
        event(5, Provider::Sshd, "deploy", 50),
        about,
        undated,
        event(8, Provider::AwsConsoleLogin, "deploy", 70),
    ];
    log.append_signins(&all, at(100)).await.unwrap();
    let ana = [(None, "ana@acme.test"), (None, "ana"), (Some(Provider::Sshd), "deploy")];
    let found = log.signins(&query(&ana, 0, 100, 0)).await.unwrap();
    assert_eq!(ids(&found), ["e6", "e5", "e3", "e2", "e1"], "newest first, nobody else's");
    let mut expected = all[4].clone();
    expected.reason_text = Some("from 203.0.113.77\0".into());
    assert_eq!(found[1], expected, "as it was written");
    assert_eq!(ids(&log.signins(&query(&ana, 20, 50, 0)).await.unwrap()), ["e3", "e2"], "until is exclusive");
    assert_eq!(ids(&log.signins(&query(&ana, 0, 100, 2)).await.unwrap()), ["e6", "e5"]);
    assert_eq!(log.signins(&query(&[], 0, 100, 0)).await.unwrap(), []);
}

pub async fn old_events_are_minimised_then_deleted(under: Under) {
    let log = &under.signins;
    let ana = [(None, "ana")];
    let mut ahead = event(3, Provider::Sshd, "ana", 9_000_000);
    (ahead.ip, ahead.reason_text) = (Some("203.0.113.78".into()), None);
    let all = [event(1, Provider::Okta, "ana", 0), event(2, Provider::Okta, "ana", 1_000), ahead];
    log.append_signins(&all, at(2_000)).await.unwrap();
    let key = PseudonymKey::new([7; 32]);
    let done = log.prune_signins(at(500), Timestamp::MIN, &key).await.unwrap();
    assert_eq!(done, Pruned { minimised: 1, deleted: 0 });
    assert_eq!(log.prune_signins(at(500), Timestamp::MIN, &key).await.unwrap(), Pruned::default(), "once is enough");
    let found = log.signins(&query(&ana, 0, 10_000, 0)).await.unwrap();
    assert_eq!(found[0].ip.as_deref(), Some("203.0.113.77"));
    assert!(found[1].ip.as_deref().unwrap().starts_with("203.0.113.0/24#"));
    assert_eq!((&found[1].reason_text, found[1].id.as_str()), (&None, "e1"));
    assert_eq!(under.door_count("signin_events", "body LIKE '%203.0.113.77%'").await, 1);
    // A clock that ran ahead keeps nothing longer than when it came in.
    assert_eq!(log.prune_signins(at(3_000), at(500), &key).await.unwrap(), Pruned { minimised: 2, deleted: 1 });
    assert_eq!(under.door_count("signin_events", "body LIKE '%203.0.113.7_\"%'").await, 0);
    // What was minimised is still known.
    assert_eq!(log.append_signins(&all[1..2], at(3_000)).await.unwrap(), Appended { stored: 0, known: 1 });
    under.behind_its_back("UPDATE signin_events SET body = 'x', is_raw = 1").await;
    log.prune_signins(at(9_000), Timestamp::MIN, &key).await.unwrap();
    assert_eq!(under.door_count("signin_events", "1 = 1").await, 0, "what nobody can read goes");
}

pub async fn cursors_stand_where_they_were_put(under: Under) {
    let log = &under.signins;
    assert_eq!(log.signin_cursor("okta").await.unwrap(), None);
    log.put_signin_cursor("okta", "a", at(0)).await.unwrap();
    log.put_signin_cursor("okta", "b", at(1)).await.unwrap();
    assert_eq!(log.signin_cursor("okta").await.unwrap().as_deref(), Some("b"));
    assert_eq!(log.signin_cursor("entra").await.unwrap(), None);
}

pub async fn a_source_has_one_holder_at_a_time(under: Under) {
    let log = &under.signins;
    let hold = async |who: &str, now: i64| log.hold_source("okta:acme", who, at(now), at(now + 100)).await.unwrap();
    assert!(hold("one", 0).await);
    assert!(!hold("two", 0).await && !hold("two", 99).await, "the right has not run out");
    assert!(hold("one", 50).await, "whoever has it keeps it, until 150 now");
    assert!(!hold("two", 149).await);
    assert!(hold("two", 150).await, "it has run out");
    assert!(!hold("one", 151).await);
    // Another source is another matter, and so is the cursor.
    assert!(log.hold_source("okta:other", "one", at(0), at(100)).await.unwrap());
    assert_eq!(log.signin_cursor("okta:acme").await.unwrap(), None);
    log.put_signin_cursor("okta:acme", "here", at(1)).await.unwrap();
    assert!(!hold("one", 152).await);
    // Only who has it can give it back.
    log.leave_source("okta:acme", "one").await.unwrap();
    assert!(!hold("one", 153).await);
    log.leave_source("okta:acme", "two").await.unwrap();
    assert!(hold("one", 153).await);
    assert_eq!(log.signin_cursor("okta:acme").await.unwrap().as_deref(), Some("here"));
    // Eight at once: one gets it.
    let all = (0..8).map(|n| {
        let log = Arc::clone(log);
        tokio::spawn(async move { log.hold_source("raced", &format!("{n}"), at(0), at(10)).await.unwrap() })
    });
    let mut got = 0;
    for one in all.collect::<Vec<_>>() {
        got += u32::from(one.await.unwrap());
    }
    assert_eq!(got, 1);
}

/// A log of three pages that notes who is reading it at the same time.
struct Watched {
    reading: AtomicU32,
    most: AtomicU32,
    asked: Mutex<Vec<Option<String>>>,
}

#[async_trait]
impl SigninSource for Watched {
    fn name(&self) -> &str {
        "watched"
    }
    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }
    async fn page(&self, cursor: Option<&str>, _: Timestamp) -> Result<SourcePage, SourceFault> {
        let now = self.reading.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        self.asked.lock().unwrap().push(cursor.map(str::to_owned));
        self.reading.fetch_sub(1, Ordering::SeqCst);
        let n: u64 = cursor.map_or(0, |c| c.parse().unwrap());
        let more = n % 3 != 2;
        Ok(SourcePage {
            events: vec![event(n, Provider::Okta, "ana@acme.test", i64::try_from(n).unwrap())],
            cursor: (n + 1).to_string(),
            more,
            ..SourcePage::default()
        })
    }
}

pub async fn of_two_replicas_one_fetches(under: Under) {
    let source = Arc::new(Watched { reading: AtomicU32::new(0), most: AtomicU32::new(0), asked: Mutex::default() });
    let clock = HandClock::at("2026-11-20T09:00:00Z");
    let replica = |seed| {
        let source: Arc<dyn SigninSource> = source.clone();
        Arc::new(Polling::new(source, Arc::clone(&under.signins), clock.clone(), Arc::new(SeededEntropy::new(seed))))
    };
    let (one, two) = (replica(1), replica(2));
    let asked = || source.asked.lock().unwrap().len();
    // Both begin in the same moment, many times over.
    for round in 1..=10 {
        let (first, second) = (Arc::clone(&one), Arc::clone(&two));
        let (first, second) = tokio::join!(
            tokio::spawn(async move { first.round().await }),
            tokio::spawn(async move { second.round().await })
        );
        let (first, second) = (first.unwrap().unwrap(), second.unwrap().unwrap());
        assert_ne!(first.elsewhere, second.elsewhere, "{first:?} {second:?}");
        assert_eq!((first.pages + second.pages, asked()), (3, 3 * round), "{first:?} {second:?}");
        clock.advance(SignedDuration::from_secs(60));
    }
    assert_eq!(source.most.load(Ordering::SeqCst), 1, "never two at a time");
    // Whoever has it keeps it, and the other one goes on when it is gone: at once where it left, later where it died.
    let (keeper, other) = if one.round().await.unwrap().elsewhere { (two, one) } else { (one, two) };
    assert!(other.round().await.unwrap().elsewhere);
    keeper.leave().await;
    assert!(!other.round().await.unwrap().elsewhere);
    assert!(keeper.round().await.unwrap().elsewhere);
    clock.advance(SignedDuration::from_mins(7));
    assert!(!keeper.round().await.unwrap().elsewhere, "the other one has not been heard of for too long");
    // Nothing was left out and nothing read twice.
    let asked = source.asked.lock().unwrap().clone();
    let expected: Vec<Option<String>> = (0..asked.len()).map(|n| (n > 0).then(|| n.to_string())).collect();
    assert_eq!(asked, expected);
}

/// However a record is written down (the order of its keys, white space, escapes, numbers, alone or in an envelope, over several lines),
/// it is one event; another moment, code or account makes another.
pub async fn the_same_event_serialised_anew_counts_once(under: Under) {
    let forms = [
        r#"{"uuid":"u-1","published":"2026-11-20T08:01:00.000Z","eventType":"user.session.start","actor":{"alternateId":"ana@acme.test","type":"User"},"outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},"client":{"ipAddress":"192.0.2.66","n":1}}"#,
        r#"{ "outcome" : { "reason":"INVALID_CREDENTIALS", "result":"FAILURE" },   "client":{"n":1.0,"ipAddress":"192.0.2.66"}, "actor":{"type":"User","alternateId":"ana\u0040acme.test"},"eventType":"user.session.start","published":"2026-11-20T08:01:00.000Z","uuid":"u-1"}"#,
        r#"{"id":"line-7","provider":"okta","raw":{"client":{"n":1e0,"ipAddress":"192.0.2.66"},"uuid":"u-1","published":"2026-11-20T08:01:00.000Z","eventType":"user.session.start","actor":{"alternateId":"ana@acme.test","type":"User"},"outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"}}}"#,
        "{\n  \"uuid\": \"u-1\",\n  \"published\": \"2026-11-20T08:01:00.000Z\",\n  \"eventType\": \"user.session.start\",\n  \"actor\": {\"type\": \"User\", \"alternateId\": \"ana@acme.test\"},\n  \"outcome\": {\"result\": \"FAILURE\", \"reason\": \"INVALID_CREDENTIALS\"},\n  \"client\": {\"ipAddress\": \"192.0.2.66\", \"n\": 1}\n}",
    ];
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let read = |text: String| -> Vec<SigninEvent> {
        let records = Records::new(std::io::Cursor::new(text), Hints { provider: None, now });
        records.flat_map(|r| r.unwrap().read.unwrap()).collect()
    };
    let mut all = Vec::new();
    for (n, form) in forms.into_iter().enumerate() {
        let events = read(form.to_owned());
        assert_eq!(events.len(), 1, "{n}");
        let done = under.signins.append_signins(&events, now).await.unwrap();
        assert_eq!((done.stored, done.known), (u64::from(n == 0), u64::from(n > 0)), "form {n}");
        all.extend(events);
    }
    let others = [
        forms[0].replace("08:01:00.000Z", "08:01:01.000Z"),
        forms[0].replace("INVALID_CREDENTIALS", "LOCKED_OUT"),
        forms[0].replace("ana@acme.test", "ben@acme.test"),
    ];
    for other in others {
        assert_eq!(under.signins.append_signins(&read(other), now).await.unwrap().stored, 1);
    }
    // A question answered from a file counts it once as well, under whichever ids it came.
    let whose = aliases(&[(None, "ana@acme.test")]);
    let (zone, lasting) = (jiff::tz::TimeZone::UTC, claviger::helpdesk::lockout::explain::Lasting::new());
    let asked = Asked {
        whose: &whose,
        words: "it says my password is wrong",
        now,
        zone: &zone,
        level: Level::Person,
        lasting: &lasting,
    };
    assert_eq!(answer(all, asked).cited().len(), 1);
}
