//! `claviger helpdesk explain` and `triage` as somebody types them: looks into the past, other people's names, hostile records, mistakes as JSON.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const ESC: char = '\u{1b}';

fn claviger(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_claviger")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn out(done: &Output) -> String {
    String::from_utf8(done.stdout.clone()).unwrap()
}

fn json(done: &Output) -> serde_json::Value {
    serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stdout)))
}

fn file(folder: &Path, name: &str, lines: &[serde_json::Value]) -> PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    lines.iter().for_each(|line| writeln!(file, "{line}").unwrap());
    path
}

/// Three wrong passwords and a lock, at eight in the morning of that day.
fn locked(day: &str, id: &str) -> Vec<serde_json::Value> {
    let line = |n: u32, event: &str, outcome: &str, code: &str| {
        serde_json::json!({ "id": format!("{id}{n}"), "provider": "okta", "raw": {
            "uuid": format!("u{n}"), "published": format!("{day}T08:0{n}:00.000Z"), "eventType": event, "version": "0", "severity": "INFO",
            "actor": { "type": "User", "alternateId": "ana.kovac@quillmere.example" }, "client": { "ipAddress": "192.0.2.7" },
            "outcome": { "result": outcome, "reason": code } } })
    };
    let wrong = |n| line(n, "user.session.start", "FAILURE", "INVALID_CREDENTIALS");
    vec![wrong(1), wrong(2), wrong(3), line(4, "user.account.lock", "SUCCESS", "")]
}

#[test]
fn the_past_is_explained_with_the_directory_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let events = file(folder.path(), "e.jsonl", &locked("2024-03-04", "e"));
    let events = events.to_str().unwrap();
    let told = json(&claviger(&[
        "helpdesk",
        "explain",
        "--events",
        events,
        "--as",
        "ana.kovac",
        "--at",
        "2024-03-04T09:00:00Z",
        "--json",
        "why was I locked out?",
    ]));
    assert_eq!(told["reason_class"], "locked_out", "{told}");
    let ticket = file(
        folder.path(),
        "t.jsonl",
        &[
            serde_json::json!({ "id": 1, "subject": "Locked", "body": "Account locked please unlock", "from": "ana.kovac" }),
        ],
    );
    let told = json(&claviger(&[
        "helpdesk",
        "triage",
        "--json",
        "--at",
        "2024-03-04T09:00:00Z",
        "--events",
        events,
        ticket.to_str().unwrap(),
    ]));
    assert_eq!((&told["outcome"], told.get("entitlement")), (&"explain".into(), None), "{told}");
}

#[test]
fn a_question_about_somebody_else_is_not_answered_with_ones_own_story() {
    let folder = tempfile::tempdir().unwrap();
    let events = file(folder.path(), "e.jsonl", &locked("2026-11-20", "e"));
    let ask = |words: &str| {
        let events = events.to_str().unwrap();
        json(&claviger(&[
            "helpdesk",
            "explain",
            "--events",
            events,
            "--as",
            "ana.kovac",
            "--at",
            "2026-11-20T09:00:00Z",
            "--json",
            words,
        ]))
    };
    for words in ["why was elif locked out", "why is Zaphod Beeblebrox locked out?", "why was she locked out"] {
        let told = ask(words);
        assert_eq!(
            (&told["certainty"], &told["cited"]),
            (&"no_question".into(), &serde_json::json!([])),
            "{words}: {told}"
        );
        assert!(!told.to_string().contains("192.0.2.7"), "{words}: {told}");
    }
    for words in ["why was I locked out", "why was Ana Kovač locked out?", "why is ana.kovac locked"] {
        assert_eq!(ask(words)["reason_class"], "locked_out", "{words}");
    }
}

#[test]
fn an_end_that_has_passed_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let events = file(folder.path(), "e.jsonl", &locked("2026-11-20", "e"));
    let ask = |at: &str| {
        let events = events.to_str().unwrap();
        json(&claviger(&[
            "helpdesk",
            "explain",
            "--events",
            events,
            "--as",
            "ana.kovac",
            "--at",
            at,
            "--lasts",
            "okta=3600",
            "--json",
            "when does it end",
        ]))
    };
    let before = ask("2026-11-20T08:30:00Z").to_string();
    assert!(before.contains("opens by itself") && before.contains("Wait until"), "{before}");
    let after = ask("2026-11-20T12:00:00Z").to_string();
    assert!(after.contains("should have opened") && !after.contains("Wait until"), "{after}");
    assert!(after.contains("sign in once"), "{after}");
}

#[test]
fn nothing_a_log_says_is_obeyed_by_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = locked("2026-11-20", &format!("e{ESC}[31m\u{202e}"));
    lines[0]["raw"]["client"]["ipAddress"] = format!("192.0.2.7{ESC}]0;x\u{9b}").into();
    let events = file(folder.path(), "e.jsonl", &lines);
    let base = ["--events", events.to_str().unwrap(), "--as", "ana.kovac", "--at", "2026-11-20T09:00:00Z"];
    for more in [&[][..], &["--json"], &["--operator"]] {
        let args: Vec<&str> = ["helpdesk", "explain"]
            .into_iter()
            .chain(base)
            .chain(more.iter().copied())
            .chain(["why was I locked out?"])
            .collect();
        let said = out(&claviger(&args));
        assert!(said.contains("locked") && !said.contains([ESC, '\u{202e}', '\u{9b}']), "{more:?}: {said}");
    }
    let said = out(&claviger(&["helpdesk", "ingest", "--json", events.to_str().unwrap()]));
    assert!(!said.is_empty() && !said.contains([ESC, '\u{202e}', '\u{9b}']), "{said}");
}

#[test]
fn mistakes_are_json_for_whoever_reads_json_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("e.jsonl.gz");
    std::fs::write(&packed, [0x1f, 0x8b, 8, 0, 0]).unwrap();
    let packed = packed.to_str().unwrap();
    let done =
        claviger(&["helpdesk", "explain", "--events", packed, "--as", "ana.kovac", "--json", "why was I locked out?"]);
    assert_eq!((done.status.code(), &json(&done)["error"]), (Some(1), &"failed".into()));
    assert!(json(&done)["answer"].as_str().unwrap().contains("zcat"), "{}", out(&done));
    for args in [["helpdesk", "ingest", "--json", packed], ["helpdesk", "triage", "--json", packed]] {
        let done = claviger(&args);
        assert_eq!(done.status.code(), Some(1), "{args:?}");
        assert!(json(&done)["error"].as_str().unwrap().contains("gzip"), "{args:?}: {}", out(&done));
    }
    let events = file(folder.path(), "e.jsonl", &locked("2026-11-20", "e"));
    let events = events.to_str().unwrap();
    let done = claviger(&[
        "helpdesk",
        "explain",
        "--events",
        events,
        "--as",
        "ana.kovac",
        "--zone",
        "Mars/Base",
        "why was I locked out?",
    ]);
    assert_eq!(done.status.code(), Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    let help = out(&claviger(&["helpdesk", "ingest", "--help"]));
    assert!(help.contains("okta") && help.contains("windows_security") && help.contains("sshd"), "{help}");
}
