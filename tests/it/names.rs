//! Whoever may not see others reads the same whether a name is anybody's here or not: in a conversation and where tickets are read. And nobody
//! is refused who asks about themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use claviger::connectors::signin::read::{Hints, Records};
use claviger::domain::card::Card;
use claviger::helpdesk::lockout::whose::{self, Whose};
use claviger::ports::signin::SigninLog as _;
use claviger::workflow::house::{Outside, Signins};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::bot::TestBot;

/// Ways to speak of somebody's sign-ins; `{}` is who.
const FRAMES: [&str; 61] = [
    "unlock {}",
    "please unlock {}",
    "can you unlock {}, please",
    "unlock {}'s account",
    "unlock the account of {}",
    "reset {}'s password",
    "please reset the password of {}",
    "reset the password for {}",
    "change the password for {} now",
    "disable MFA for {}",
    "turn off two-factor for {}",
    "reset {}'s authenticator",
    "I can't sign in as {}",
    "why can't I sign in as {}?",
    "I cannot log in as {}",
    "{} lockout",
    "lockout {}",
    "lockout of {}",
    "lockout for {}",
    "the lockouts of {}",
    "tell me about the lockout of {}",
    "why was {} locked out?",
    "Why is {} locked out again",
    "is {} locked out?",
    "is {} still locked?",
    "has {} been locked out?",
    "why can't {} sign in?",
    "why could {} not log in this morning",
    "when can {} get in again?",
    "how long is {} locked?",
    "how often was {} locked out",
    "did {} sign in today?",
    "when did {} last sign in?",
    "has {} logged in this week",
    "tell me why {} is locked out",
    "can you check whether {} is locked out",
    "{} is locked out",
    "{} can't log in",
    "{} keeps getting locked out",
    "{} got kicked out",
    "{} is locked out, why?",
    "what happened to {}?",
    "what happened to {}'s account?",
    "what is wrong with {}'s login",
    "is {}'s account locked?",
    "{}'s account is locked",
    "{}'s password does not work",
    "why is {} asked for MFA",
    "who locked {} out?",
    "show me the sign-ins of {}",
    "show me {}'s sign-ins",
    "sign-in history of {}",
    "I am calling for {} who is locked out",
    "my colleague {} can't sign in",
    "the user {} is locked",
    "account {} locked",
    "show sign-ins of {}",
    "user {} locked, why",
    "why can't {} get into Salesforce",
    "who looked at {}'s sign-ins?",
    "did {} log in today",
];

/// Somebody here and somebody who is not, by full name, id and address; somebody who has left, and who never was.
fn names(bot: &TestBot) -> Vec<String> {
    let left = bot.house.catalog.directory.iter().find(|p| !p.is_employed()).expect("somebody has left");
    let mut names: Vec<String> = [
        "Ana Kovač",
        "ana.kovac",
        "ana.kovac@quillmere.example",
        "Helene Brandt",
        "Zoltan Quimby",
        "zoltan.quimby",
        "zoltan.quimby@quillmere.example",
    ]
    .map(str::to_owned)
    .into();
    names.extend([left.name.clone(), left.id.to_string(), left.email.clone()]);
    names.extend(["Gerda Olsen", "gerda.olsen", "gerda.olsen@quillmere.example"].map(str::to_owned));
    names
}

const EVENTS: [(&str, &str); 3] =
    [("tom.fischer", "198.51.100.7"), ("ana.kovac", "192.0.2.66"), ("helene.brandt", "192.0.2.67")];

fn record(now: jiff::Timestamp) -> String {
    let mut lines = Vec::new();
    for (who, ip) in EVENTS {
        for n in [60, 59, 58] {
            lines.push(format!(
                r#"{{"id":"{who}-{n}","provider":"generic","raw":{{"time":"{}","actor":"{who}","outcome":"failure","reason_code":"bad_password","ip":"{ip}"}}}}"#,
                now - SignedDuration::from_mins(n)
            ));
        }
        lines.push(format!(
            r#"{{"id":"{who}-57","provider":"generic","raw":{{"time":"{}","actor":"{who}","event":"account_locked","outcome":"blocked","reason_code":"locked_out"}}}}"#,
            now - SignedDuration::from_mins(57)
        ));
    }
    lines.join("\n")
}

/// What somebody reads of a card: everything but the buttons' random tokens.
fn read(cards: &[Card]) -> String {
    let one = |card: &Card| {
        let labels: Vec<&str> = card.actions.iter().map(|b| b.label.as_str()).collect();
        let card = Card { actions: Vec::new(), ..card.clone() };
        format!("{} {labels:?}", serde_json::to_string(&card).unwrap())
    };
    cards.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn known_and_unknown_names_read_the_same_in_a_conversation() {
    let database = claviger::store::open::open_memory().await.unwrap();
    let signins = Signins { log: Some(database.clone()), ..Signins::default() };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, |_| {}).await;
    let now = bot.house.now();
    let records = Records::new(std::io::Cursor::new(record(now)), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
    let (names, mut differ, mut others) = (names(&bot), Vec::new(), Vec::new());
    for frame in FRAMES {
        let mut answers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in &names {
            let words = frame.replace("{}", name);
            let told = read(&bot.say("tom.fischer", &words).await);
            assert!(!told.contains("192.0.2.6"), "{words}: {told}");
            answers.entry(told).or_default().push(name);
        }
        if answers.len() > 1 {
            differ.push(format!(
                "{frame}: {:#?}",
                answers.iter().map(|(a, n)| (n, &a[..a.len().min(160)])).collect::<Vec<_>>()
            ));
        }
        let refused = |a: &String| a.contains("not for me to tell") || a.contains("I do not ");
        others.extend(answers.keys().filter(|a| !refused(a)).map(|a| format!("{frame}: {a}")));
    }
    println!("{} frames x {} names, {} differ", FRAMES.len(), names.len(), differ.len());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(others.is_empty(), "every one of them is about somebody else: {others:#?}");
}

#[test]
fn known_and_unknown_names_are_treated_the_same_where_tickets_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let names = runtime.block_on(async { names(&TestBot::start().await) });
    let events = folder.path().join("events.jsonl");
    std::fs::write(&events, record(crate::bot::START.parse().unwrap())).unwrap();
    let mut differ = Vec::new();
    let tickets = folder.path().join("tickets.jsonl");
    let mut file = std::fs::File::create(&tickets).unwrap();
    for frame in FRAMES {
        for name in &names {
            let body = frame.replace("{}", name);
            // The number stays the same: it is given back.
            let line = serde_json::json!({ "id": 1, "subject": "Sign-in", "body": body, "from": "Tom Fischer <tom.fischer@quillmere.example>" });
            writeln!(file, "{line}").unwrap();
        }
    }
    drop(file);
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_claviger"))
        .args(["helpdesk", "triage", "--json", "--at", crate::bot::START, "--events"])
        .args([&events, &tickets])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let out = String::from_utf8(done.stdout).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), FRAMES.len() * names.len());
    for (frame, answers) in FRAMES.iter().zip(lines.chunks(names.len())) {
        let read: BTreeSet<&&str> = answers.iter().collect();
        if read.len() > 1 {
            differ.push(format!("{frame}: {read:#?}"));
        }
        assert!(!answers.iter().any(|a| a.contains("\"explain\"")), "{frame}: it is about somebody else: {read:#?}");
    }
    assert!(differ.is_empty(), "{} of {} differ\n{}", differ.len(), FRAMES.len(), differ.join("\n"));
}

/// What asks or shuts out whoever writes is about them, known or not; so is a factor that stopped working.
#[tokio::test]
async fn whoever_asks_about_a_thing_that_keeps_them_out_is_answered_about_themselves() {
    let database = claviger::store::open::open_memory().await.unwrap();
    let signins = Signins { log: Some(database.clone()), ..Signins::default() };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, |_| {}).await;
    let now = bot.house.now();
    let records = Records::new(std::io::Cursor::new(record(now)), Hints { provider: None, now });
    let events: Vec<_> = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
    database.append_signins(&events, now).await.unwrap();
    for words in [
        "why does Zscaler keep asking me",
        "why does Frobnicator ask me for a code every time?",
        "Salesforce locked me out",
        "Frobnicator threw me out again",
        "why is Okta locked",
        "my laptop is locked",
        "why did Duo stop working",
    ] {
        let told = read(&bot.say("tom.fischer", words).await);
        assert!(told.contains("Why you could not sign in"), "{words}: {told}");
    }
}

#[derive(Deserialize)]
struct Asked {
    words: String,
    whose: String,
}

/// Our own wordings of what people ask about signing in: about themselves, or about somebody else.
#[test]
fn questions_are_read_as_about_oneself_or_somebody_else() {
    let cases: Vec<Asked> =
        include_str!("../../evals/whose.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(cases.iter().filter(|c| c.whose == "own").count() >= 100, "{}", cases.len());
    let thing = |word: &str| ["sales", "salesforce", "crm", "grafana"].contains(&word);
    let other = |c: &Asked| matches!(whose::whose(&c.words, &thing), Whose::Other(_));
    let wrong: Vec<&str> =
        cases.iter().filter(|c| other(c) != (c.whose == "other")).map(|c| c.words.as_str()).collect();
    assert!(wrong.len() <= 1, "{} of {}: {wrong:#?}", wrong.len(), cases.len());
}
