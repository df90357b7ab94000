//! Tests of understanding over several turns: what a short word is about when something is on the table.

use jiff::Timestamp;

use crate::domain::conversation::{Draft, DraftState, Purpose, Question};
use crate::domain::ids::{DraftId, EntitlementId};
use crate::domain::window::{AccessWindow, Seconds};
use crate::understanding::samples::{catalog, ent, interpreter, now, pid};
use crate::understanding::types::{ForWhom, Intent, SaidEnd, Turn, Understanding};

/// What is on the table.
#[derive(Default)]
struct Scene<'a> {
    draft: Option<(&'a str, &'a [&'a str])>,
    question: Option<Question>,
    topic: Option<&'a str>,
    holds: &'a [&'a str],
}

fn draft_id() -> DraftId {
    DraftId::from_bytes([7; 16])
}

fn hear(scene: &Scene<'_>, words: &str) -> Understanding {
    let house = interpreter();
    let catalog = catalog();
    let speaker = catalog.directory.get(&pid("lena.fischer")).unwrap();
    let drafts: Vec<Draft> = scene
        .draft
        .map(|(id, choices)| Draft {
            id: draft_id(),
            at: now(),
            beneficiary: speaker.id.clone(),
            entitlement: (!id.is_empty()).then(|| ent(id)),
            choices: choices.iter().map(|c| ent(c)).collect(),
            window: AccessWindow::lasting(now(), Seconds::days(30)),
            window_said: false,
            reason: None,
            confidence_bp: 9_000,
            emergency: false,
            purpose: Purpose::New,
            state: DraftState::Open,
        })
        .into_iter()
        .collect();
    let topic = scene.topic.map(ent);
    let holds: Vec<EntitlementId> = scene.holds.iter().map(|h| ent(h)).collect();
    house.interpret(&Turn {
        words,
        now: now(),
        speaker,
        drafts: &drafts,
        topic: topic.as_ref(),
        question: scene.question.as_ref(),
        holds: &holds,
    })
}

fn first(u: &Understanding) -> &str {
    u.asks.first().and_then(|a| a.candidates.first()).map_or("-", |c| c.entitlement.as_str())
}

fn end(u: &Understanding) -> Option<Timestamp> {
    match u.window.as_ref()?.end {
        SaidEnd::At { at } => Some(at),
        SaidEnd::Lasting { length } => Some(length.after(now())),
        _ => None,
    }
}

const CHOICES: &[&str] = &["db:prod-read", "db:staging-read", "db:prod-admin"];

fn open() -> Scene<'static> {
    Scene { draft: Some(("db:prod-read", CHOICES)), ..Scene::default() }
}

#[test]
fn corrections_change_what_they_name_and_nothing_else() {
    let cases: &[(&str, &str)] = &[
        ("make it two weeks", "-"),
        ("no, the staging one", "db:staging-read"),
        ("the staging one please", "db:staging-read"),
        ("the second", "db:staging-read"),
        ("option 2", "db:staging-read"),
        ("the last one", "db:prod-admin"),
        ("only until Tuesday", "-"),
        ("until Friday instead", "-"),
        ("because of the audit", "-"),
        ("it's for the yearly audit", "-"),
        ("for Ana Silva instead", "-"),
        ("I meant staging", "db:staging-read"),
        ("staging, actually", "db:staging-read"),
    ];
    let mut wrong = Vec::new();
    for (words, expected) in cases {
        let u = hear(&open(), words);
        if u.intent != Intent::Correct || first(&u) != *expected {
            wrong.push(format!("{words}: {:?} {} {}", u.intent, first(&u), u.confidence_bp));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(end(&hear(&open(), "make it two weeks")), Some(Seconds::days(14).after(now())));
    assert_eq!(hear(&open(), "because of the audit").justification.as_deref(), Some("the audit"));
    assert_eq!(hear(&open(), "it's for the yearly audit").justification.as_deref(), Some("for the yearly audit"));
    assert_eq!(hear(&open(), "for Ana Silva instead").for_whom, ForWhom::Person { id: pid("ana.silva") });
    assert!(end(&hear(&open(), "only until Tuesday")).is_some());
}

#[test]
fn another_level_is_another_step_of_the_same_ladder() {
    let jira = Scene { draft: Some(("jira:viewer", &["jira:viewer"])), ..Scene::default() };
    assert_eq!(first(&hear(&jira, "write actually")), "jira:member");
    assert_eq!(first(&hear(&jira, "make it write access")), "jira:member");
    let wide = Scene { draft: Some(("jira:member", &["jira:member"])), ..Scene::default() };
    assert_eq!(first(&hear(&wide, "read only is enough")), "jira:viewer");
}

#[test]
fn one_of_a_family_is_named_by_its_step() {
    let read = Scene { draft: Some(("wiki:reader", &["wiki:reader"])), ..Scene::default() };
    assert_eq!(first(&hear(&read, "no, the edit one")), "wiki:writer");
    assert_eq!(first(&hear(&read, "I meant the write version")), "wiki:writer");
    let write = Scene { draft: Some(("wiki:writer", &["wiki:writer"])), ..Scene::default() };
    assert_eq!(first(&hear(&write, "the read-only one")), "wiki:reader");
    assert_eq!(first(&hear(&write, "not write")), "wiki:reader");
    // Less is never answered with more.
    let top = Scene { draft: Some(("cloud:viewer", &["cloud:viewer"])), ..Scene::default() };
    assert_eq!(first(&hear(&top, "the read-only one")), "-");
}

#[test]
fn what_is_turned_down_is_not_what_is_taken() {
    let u = hear(&open(), "not production");
    assert_eq!((u.intent, first(&u)), (Intent::Correct, "db:staging-read"));
    let u = hear(&open(), "not production, staging");
    assert_eq!((u.intent, first(&u)), (Intent::Correct, "db:staging-read"));
    let u = hear(&open(), "staging instead of production");
    assert_eq!((u.intent, first(&u)), (Intent::Correct, "db:staging-read"));
}

#[test]
fn a_correction_is_no_answer_to_what_it_is_for() {
    let why = Scene { question: Some(Question::Reason { draft: draft_id() }), ..open() };
    for words in ["no, the staging one", "the staging one", "not production", "staging, actually"] {
        let u = hear(&why, words);
        assert_eq!((u.intent, first(&u), &u.justification), (Intent::Correct, "db:staging-read", &None), "{words}");
    }
    // Nothing like it exists here; it still is no reason.
    let alone = Scene {
        draft: Some(("idp:mfa-reset", &["idp:mfa-reset"])),
        question: Some(Question::Reason { draft: draft_id() }),
        ..Scene::default()
    };
    for words in ["no, the edit one", "the edit one"] {
        let u = hear(&alone, words);
        assert_eq!((u.intent, &u.justification), (Intent::Correct, &None), "{words}");
    }
    assert_eq!(hear(&alone, "no, for the audit").justification.as_deref(), Some("no, for the audit"));
    let u = hear(&why, "I need the CRM until Friday");
    assert_eq!((u.intent, first(&u), &u.justification), (Intent::RequestAccess, "crm:read", &None));
}

#[test]
fn yes_and_no_are_about_the_draft() {
    for words in ["yes", "yes please", "submit", "ok, send it", "looks good", "perfect, go ahead", "yes, submit it"] {
        assert_eq!(hear(&open(), words).intent, Intent::Confirm, "{words}");
    }
    for words in ["never mind", "no", "cancel it", "forget it", "drop it", "no thanks"] {
        assert_eq!(hear(&open(), words).intent, Intent::Discard, "{words}");
    }
    for words in ["who approves it?", "why would it go to security?"] {
        let u = hear(&open(), words);
        assert!(matches!(u.intent, Intent::WhoApproves | Intent::WhyDecision), "{words}: {:?}", u.intent);
        assert_eq!(first(&u), "db:prod-read", "{words}");
    }
    let u = hear(&open(), "I also need edit access to Figma");
    assert_eq!((u.intent, first(&u)), (Intent::RequestAccess, "figma:editor"));
}

#[test]
fn answers_to_our_questions_are_taken_as_answers() {
    let why = Scene { question: Some(Question::Reason { draft: draft_id() }), ..open() };
    for words in [
        "quarterly board deck",
        "I need to see the numbers for the audit",
        "To prepare the migration",
        "emergency fix of the shop",
    ] {
        let u = hear(&why, words);
        assert_eq!((u.intent, u.justification.as_deref()), (Intent::Correct, Some(words)), "{words}");
    }
    assert_eq!(hear(&why, "never mind").intent, Intent::Discard);
    let which =
        Scene { draft: Some(("", CHOICES)), question: Some(Question::Which { draft: draft_id() }), ..Scene::default() };
    for (words, id) in
        [("2", "db:staging-read"), ("staging", "db:staging-read"), ("the administrator", "db:prod-admin")]
    {
        let u = hear(&which, words);
        assert_eq!((u.intent, first(&u)), (Intent::Correct, id), "{words}");
    }
    let what = Scene { question: Some(Question::What), ..Scene::default() };
    assert_eq!(first(&hear(&what, "figma")), "figma:viewer");
    for words in ["for the rebrand of the shop", "something to draw with", "the thing for the rebrand"] {
        assert_eq!(hear(&what, words).intent, Intent::RequestAccess, "{words}");
    }
    for (words, intent) in [
        ("never mind", Intent::Discard),
        ("thanks", Intent::SmallTalk),
        ("what's the weather like in Oslo", Intent::OutOfScope),
        ("why was I locked out?", Intent::WhyLockedOut),
        ("I want to talk to a person", Intent::Human),
        ("what do I have?", Intent::WhatDoIHave),
    ] {
        assert_eq!(hear(&what, words).intent, intent, "{words}");
    }
}

#[test]
fn a_question_in_between_takes_nothing_from_the_draft_and_gives_it_nothing() {
    let reason = Scene { question: Some(Question::Reason { draft: draft_id() }), ..open() };
    let which =
        Scene { draft: Some(("", CHOICES)), question: Some(Question::Which { draft: draft_id() }), ..Scene::default() };
    let scenes = [("open", open()), ("why", reason), ("which", which)];
    let cases: &[(&str, Intent)] = &[
        ("why was I locked out on Friday?", Intent::WhyLockedOut),
        ("why was I locked out until noon", Intent::WhyLockedOut),
        ("why can't I sign in since Monday?", Intent::WhyLockedOut),
        ("I can't log in, it says my password is wrong", Intent::WhyLockedOut),
        ("my account was locked yesterday because of the audit", Intent::WhyLockedOut),
        ("I was signed out again", Intent::WhyLockedOut),
        ("MFA keeps failing for two days", Intent::WhyLockedOut),
        ("why does it ask me again every time?", Intent::WhyLockedOut),
        ("how do I install the VPN client before Friday?", Intent::HowTo),
        ("what do I have?", Intent::WhatDoIHave),
        ("who approves the wiki?", Intent::WhoApproves),
        ("what can I ask for?", Intent::BrowseCatalog),
        ("I want to talk to a person", Intent::Human),
        ("thanks", Intent::SmallTalk),
    ];
    let mut wrong = Vec::new();
    for (name, scene) in &scenes {
        for (words, intent) in cases {
            let u = hear(scene, words);
            if u.intent != *intent || u.justification.is_some() {
                wrong.push(format!("{name}: {words}: {:?} {} {:?}", u.intent, u.confidence_bp, u.justification));
            }
        }
        let u = hear(scene, "what is for lunch on Friday?");
        if matches!(u.intent, Intent::Correct | Intent::RequestAccess) {
            wrong.push(format!("{name}: lunch: {:?} {:?}", u.intent, u.justification));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn giving_back_and_keeping_longer_are_about_what_is_held() {
    let holds = Scene { holds: &["figma:editor", "db:staging-read"], ..Scene::default() };
    let one = Scene { holds: &["figma:editor"], ..Scene::default() };
    let cases: &[(&Scene<'_>, &str, Intent, &str)] = &[
        (&one, "I'm done with it", Intent::GiveBack, "figma:editor"),
        (&holds, "I'm done with Figma", Intent::GiveBack, "figma:editor"),
        (&holds, "remove my access to the staging database", Intent::GiveBack, "db:staging-read"),
        (&holds, "I no longer need the staging database", Intent::GiveBack, "db:staging-read"),
        (&holds, "please take back my figma access", Intent::GiveBack, "figma:editor"),
        (&one, "can you extend it for two weeks", Intent::Extend, "figma:editor"),
        (&holds, "I need Figma for a month longer", Intent::Extend, "figma:editor"),
        (&holds, "extend my staging database access until Friday", Intent::Extend, "db:staging-read"),
    ];
    let mut wrong = Vec::new();
    for (scene, words, intent, id) in cases {
        let u = hear(scene, words);
        if (u.intent, first(&u)) != (*intent, id) {
            wrong.push(format!("{words}: {:?} {}", u.intent, first(&u)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_time_and_a_reason_together_leave_the_choices_standing() {
    let which =
        Scene { draft: Some(("", CHOICES)), question: Some(Question::Which { draft: draft_id() }), ..Scene::default() };
    for scene in [which, open()] {
        for (words, reason) in [
            ("until end of next month, for the CRM audit", "for the CRM audit"),
            ("for the CRM migration, until Friday", "for the CRM migration"),
            ("until Friday please, for the wiki clean-up", "for the wiki clean-up"),
        ] {
            let u = hear(&scene, words);
            assert_eq!((u.intent, u.justification.as_deref()), (Intent::Correct, Some(reason)), "{words}");
            assert!(u.asks.is_empty() && end(&u).is_some(), "{words}: {:?}", u.asks);
        }
        let u = hear(&scene, "until Friday, for the staging database");
        assert_eq!((u.intent, first(&u), &u.justification), (Intent::Correct, "db:staging-read", &None));
    }
}

#[test]
fn a_system_called_by_its_name_is_where_the_thing_is_looked_for() {
    for words in ["I need access to the payments board in Jira", "give me read access to the jira vendors board please"]
    {
        let u = hear(&Scene::default(), words);
        let ask = u.asks.first().unwrap();
        assert_eq!(first(&u), "jira:viewer", "{words}: {ask:?}");
        assert!(ask.confidence_bp < 7_000, "it is asked about: {words}");
        assert!(ask.candidates.iter().all(|c| c.entitlement.as_str().starts_with("jira:")), "{words}");
    }
    for words in [
        "I need the vendors board on jira",
        "can I get the roadmap page on the wiki",
        "I want the vendors page in our wiki",
    ] {
        let u = hear(&Scene::default(), words);
        let (system, ask) = (if words.contains("jira") { "jira:" } else { "wiki:" }, u.asks.first());
        let there = ask.is_some_and(|a| a.candidates.iter().all(|c| c.entitlement.as_str().starts_with(system)));
        assert!(u.intent == Intent::RequestAccess && there, "{words}: {:?} {ask:?}", u.intent);
    }
    // Naming none, they are no more ours than before.
    assert_eq!(hear(&Scene::default(), "I need the best seats on the train").intent, Intent::OutOfScope);
    // What both name is no less found: the reports' system has its own word for the rest.
    assert_eq!(
        first(&hear(&Scene::default(), "access to the sales reports for EMEA in Q3")),
        "reports:sales-emea-q3-read"
    );
}
