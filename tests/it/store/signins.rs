//! Sign-in events: kept once, found by whose they are and when, minimised and deleted by age.

use claviger::domain::digest::Digest;
use claviger::domain::signin::{Provider, SigninEvent};
use claviger::domain::signin_actor::{Account, Aliases};
use claviger::domain::signin_privacy::PseudonymKey;
use claviger::ports::signin::{Appended, Pruned, SigninQuery};
use jiff::Timestamp;

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
