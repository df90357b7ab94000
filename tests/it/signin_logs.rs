//! Sign-in logs: the real samples field by field, and input that is broken, doubled, late or of many shapes.

use std::path::PathBuf;

use claviger::connectors::signin::intake::take_all;
use claviger::connectors::signin::read::{Aside, Hints, LONGEST, Record, Records};
use claviger::domain::signin::{Provider, SigninEvent, SigninOutcome};
use claviger::ports::signin::SigninLog as _;
use claviger::store::open::open_memory;
use jiff::Timestamp;
use serde_json::Value;

fn hints() -> Hints {
    Hints { provider: None, now: "2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap() }
}

fn read(text: &str, hints: Hints) -> Vec<Record> {
    Records::new(std::io::Cursor::new(text.to_owned()), hints).map(Result::unwrap).collect()
}

fn events(text: &str) -> Vec<SigninEvent> {
    read(text, hints()).into_iter().flat_map(|r| r.read.unwrap()).collect()
}

fn samples() -> Option<String> {
    let data = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from);
    let file = data.join("signin-logs/dev.jsonl");
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("skipped: there is no {}", file.display());
    }
    text
}

fn said(event: &SigninEvent, field: &str) -> Value {
    serde_json::to_value(event).unwrap()[field].clone()
}

#[test]
fn the_real_samples_field_by_field() {
    let Some(text) = samples() else { return };
    let (mut right, mut all, mut misses) = (0, 0, Vec::new());
    for (line, record) in text.lines().zip(read(&text, hints())) {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(record.id.as_deref(), row["id"].as_str());
        let found = record.read.unwrap_or_else(|why| panic!("{}: {why}", row["id"]));
        assert_eq!(found.len(), 1, "{}", row["id"]);
        assert_eq!(said(&found[0], "id"), row["id"]);
        for field in ["outcome", "actor", "ip", "time", "reason_code"] {
            all += 1;
            let (ours, theirs) = (said(&found[0], field), &row["expected"][field]);
            if ours == *theirs {
                right += 1;
            } else {
                misses.push(format!("{} {field}: {ours} for {theirs}", row["provider"]));
            }
        }
    }
    println!("{right} of {all} fields; misses:\n{}", misses.join("\n"));
    assert!(right * 100 >= all * 99, "{right} of {all} fields:\n{}", misses.join("\n"));
}

#[test]
fn shapes_tell_whose_record_it_is() {
    let Some(text) = samples() else { return };
    let mut wrong = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let bare = read(&row["raw"].to_string(), hints()).remove(0);
        let found = bare.read.map(|events| events[0].provider.name());
        if found.as_deref() != Ok(row["provider"].as_str().unwrap()) {
            wrong.push(format!("{} for {}: {:.200}", found.unwrap_or("none"), row["provider"], row["raw"].to_string()));
        }
    }
    // A row of the set may be trimmed to where its shape says nothing.
    assert!(wrong.len() * 50 <= text.lines().count(), "{}", wrong.join("\n"));
}

const GOOD: &str = r#"{"id":"1","time":"2026-11-21T09:00:00Z","actor":"ana","outcome":"failure"}"#;

#[test]
fn a_broken_record_holds_nobody_up() {
    let long = format!(r#"{{"actor":"{}"}}"#, "a".repeat(LONGEST));
    let lines = [
        GOOD,
        r#"{"actor":"#,
        GOOD,
        r#"{"id":"x","provider":"nobody","raw":{}}"#,
        r#"{"id":"y","provider":"okta","raw":7}"#,
        "[]",
        r#"{"shape":"unknown"}"#,
        "what is this",
        long.as_str(),
        "{\"a\": \u{0}}",
        r#"{"provider":"okta","raw":{}}"#,
        "\u{feff}",
        GOOD,
    ];
    let found = read(&lines.join("\n"), hints());
    let asides: Vec<(u64, &str)> =
        found.iter().filter_map(|r| r.read.as_ref().err().map(|why| (r.line, why.word()))).collect();
    assert_eq!(
        asides,
        [
            (2, "not_json"),
            (4, "unknown_provider"),
            (5, "no_object"),
            (7, "unknown_shape"),
            (8, "unknown_shape"),
            (9, "too_long"),
            (10, "not_json"),
            (11, "nothing_said")
        ]
    );
    assert_eq!(found.iter().filter(|r| r.read.is_ok()).count(), 3);
    assert_eq!(found[4].id.as_deref(), Some("y"));
}

#[test]
fn documents_lists_and_envelopes() {
    let one: Value = serde_json::from_str(GOOD).unwrap();
    let pretty = serde_json::to_string_pretty(&one).unwrap();
    for text in [
        format!("[{GOOD},{GOOD}]"),
        format!("{{\"Records\":[{GOOD},{GOOD}]}}"),
        format!("{{\"@odata.nextLink\":\"…\",\"value\":[{GOOD},{GOOD}]}}"),
        format!("{pretty}\n{pretty}\n"),
        serde_json::to_string_pretty(&serde_json::json!([one, one])).unwrap(),
        format!("{GOOD}\r\n\r\n{GOOD}"),
    ] {
        assert_eq!(events(&text).len(), 2, "{text}");
    }
}

#[test]
fn directory_entries_and_xml() {
    let ldif = "version: 1\n\ndn: uid=ada,ou=people,dc=example,dc=test\nuid: ada\nmail: ada@example.test\npwdFailureTime: 20261121020110Z\n\
        pwdFailureTime: 20261121020111Z\npwdFailureTime: 20261121020112Z\npwdAccountLockedTime: 20261121020112Z\n\n\
        dn: reqStart=20261121020111.000001Z,cn=log\nobjectClass: auditBind\nreqStart: 20261121020111.000001Z\nreqType: bind\n\
        reqDN: uid=ada,ou=people,dc=example,dc=test\nreqResult: 49\n";
    let found = events(ldif);
    assert!(found.iter().all(|e| e.provider == Provider::OpenldapPpolicy));
    let outcomes: Vec<_> = found.iter().filter_map(|e| e.outcome).collect();
    use SigninOutcome::{Blocked, Failure};
    assert_eq!(outcomes, [Failure, Failure, Failure, Blocked, Failure]);
    // Written in whole seconds, it comes after the failures of its second.
    assert_eq!(found[3].at.unwrap().to_string(), "2026-11-21T02:01:12.000001Z");
    assert_eq!(found[4].actor.as_deref(), Some("uid=ada,ou=people,dc=example,dc=test"));

    let xml = "<Event xmlns='x'><System><EventID>4740</EventID>\n<TimeCreated SystemTime='2026-11-21T02:01:12.5Z'/></System>\n\
        <EventData><Data Name='TargetUserName'>ana</Data></EventData>\n</Event>\n";
    let found = events(&format!("{xml}{xml}"));
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].provider, found[0].outcome), (Provider::WindowsSecurity, Some(Blocked)));
}

#[test]
fn what_one_names_beats_what_it_looks_like() {
    let named = Hints { provider: Some(Provider::Sshd), ..hints() };
    let found = read("Nov 21 06:31:39 gate sshd[1]: Server listening on :: port 22.", named);
    assert_eq!(found[0].read, Err(Aside::NothingSaid));
    let found = read(r#"{"provider":"keycloak","raw":{"type":"LOGIN_ERROR","error":"user_disabled"}}"#, named);
    assert_eq!(found[0].read.as_ref().unwrap()[0].provider, Provider::Keycloak);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doubles_are_counted_and_kept_once() {
    let log = open_memory().await.unwrap();
    let mut text = String::new();
    for n in 0..9_000 {
        text += &format!(r#"{{"id":"{n}","time":"2026-11-21T09:00:00Z","actor":"ana@acme.test","outcome":"failure"}}"#);
        text.push('\n');
    }
    text += "broken\n{\n";
    let twice = format!("{text}{text}");
    let taken = take_all(log.as_ref(), std::io::Cursor::new(twice), hints(), |_| {}).await.unwrap();
    assert_eq!((taken.records, taken.stored, taken.known), (18_004, 9_000, 9_000));
    assert_eq!(taken.aside.values().sum::<u64>(), 4);
    assert_eq!(log.signin_counts().await.unwrap()[&Provider::Generic], 9_000);
}
