//! The embedded interpreter over the example company: the cases of `evals/understanding.jsonl`, and what must hold for any words at all.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use claviger::catalog::model::Catalog;
use claviger::catalog::search::doc::SearchDoc;
use claviger::catalog::search::engine::Index;
use claviger::catalog::source::Source;
use claviger::domain::ids::{EntitlementId, PersonId};
use claviger::understanding::embedded::EmbeddedInterpreter;
use claviger::understanding::types::{ForWhom, Intent, MAX_WORDS, Turn, Understanding};
use jiff::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;

/// One case: what is said, and what has to come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    text: String,
    intent: Intent,
    /// Any intent will do; only the rest counts.
    #[serde(default)]
    any: bool,
    /// The first candidate of every ask that has one, in order.
    entitlements: Option<Vec<EntitlementId>>,
    #[serde(default, rename = "as")]
    speaker: Option<PersonId>,
    /// A person's id, or `?` for a name that fits nobody or several.
    person: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    window: bool,
    reference: Option<String>,
}

struct World {
    catalog: Arc<Catalog>,
    interpreter: EmbeddedInterpreter,
}

/// Built once: it is only read.
fn shared() -> &'static World {
    static WORLD: LazyLock<World> = LazyLock::new(world);
    &WORLD
}

fn world() -> World {
    let catalog = Arc::new(Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 19)).unwrap());
    let docs = catalog.entitlements.values().map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system)));
    let index = Arc::new(Index::build(docs).unwrap());
    World { interpreter: EmbeddedInterpreter::new(Arc::clone(&catalog), index), catalog }
}

fn now() -> Timestamp {
    "2026-11-19T09:00:00Z".parse().unwrap()
}

impl World {
    fn hear(&self, speaker: &str, words: &str) -> Understanding {
        let speaker = self.catalog.directory.get(&PersonId::parse(speaker).unwrap()).unwrap();
        let turn = Turn { words, now: now(), speaker, drafts: &[], topic: None, question: None, holds: &[] };
        self.interpreter.interpret(&turn)
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/evals/understanding.jsonl");
    std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn the_cases_come_out_as_written() {
    let world = shared();
    let cases = cases();
    assert!(cases.len() >= 150);
    let mut wrong = Vec::new();
    for case in &cases {
        let speaker = case.speaker.as_ref().map_or("ana.kovac", PersonId::as_str);
        let u = world.hear(speaker, &case.text);
        let first: Vec<EntitlementId> =
            u.asks.iter().filter_map(|a| a.candidates.first()).map(|c| c.entitlement.clone()).collect();
        let whom = match (&case.person, &u.for_whom) {
            (None, _) => true,
            (Some(p), ForWhom::Person { id }) => p == id.as_str(),
            (Some(p), ForWhom::Unknown { .. } | ForWhom::Ambiguous { .. }) => p == "?",
            (Some(_), ForWhom::Speaker) => false,
        };
        let asks_access = case.intent == Intent::RequestAccess;
        let right = (case.any || u.intent == case.intent)
            && case.entitlements.as_ref().is_none_or(|e| *e == first)
            && (case.reason == u.justification || (case.reason.is_none() && !asks_access))
            && (!case.window || u.window.is_some())
            && (case.reference.is_none() || case.reference == u.reference)
            && whom;
        if !right {
            wrong.push(format!(
                "{} {}\n    {:?} {first:?} {:?} {:?}",
                case.id, case.text, u.intent, u.justification, u.for_whom
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn every_intent_has_a_case() {
    let seen: BTreeSet<Intent> = cases().iter().map(|c| c.intent).collect();
    // `Correct` needs a draft on the table: see the conversations beside the interpreter.
    assert_eq!(seen.len(), 21, "{seen:?}");
}

#[test]
fn what_somebody_may_not_ask_for_is_never_named() {
    let world = shared();
    let mut catalog = (*world.catalog).clone();
    let hidden = EntitlementId::parse("crm:viewer").unwrap();
    let mut entry = (**catalog.entitlement(&hidden).unwrap()).clone();
    entry.requestable_by = vec!["Nobody's department".into()];
    catalog.entitlements.insert(hidden.clone(), Arc::new(entry));
    let catalog = Arc::new(catalog);
    let docs = catalog.entitlements.values().map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system)));
    let interpreter = EmbeddedInterpreter::new(Arc::clone(&catalog), Arc::new(Index::build(docs).unwrap()));
    let world = World { catalog, interpreter };
    let u = world.hear("ana.kovac", "I need to look at the CRM, crm:viewer");
    assert!(u.asks.iter().flat_map(|a| &a.candidates).all(|c| c.entitlement != hidden), "{u:?}");
}

#[test]
fn what_is_too_long_is_not_read() {
    let world = shared();
    let long = "access ".repeat(MAX_WORDS);
    assert_eq!(world.hear("ana.kovac", &long), Understanding::unclear());
}

/// What must hold whatever was said.
fn sound(world: &World, words: &str, u: &Understanding) {
    assert!(u.asks.len() <= 24, "{} asks", u.asks.len());
    for ask in &u.asks {
        assert!(ask.confidence_bp <= 10_000 && ask.candidates.len() <= 5 && ask.phrase.len() <= MAX_WORDS);
        for candidate in &ask.candidates {
            assert!(world.catalog.entitlement(&candidate.entitlement).is_some());
            assert!(candidate.evidence.iter().all(|e| e.len() <= 600));
        }
    }
    assert!(u.confidence_bp <= 10_000);
    if let Some(reason) = &u.justification {
        assert!(reason.len() <= 600 && !reason.trim().is_empty());
        let plain = |c: char| !c.is_control() && !('\u{200b}'..='\u{206f}').contains(&c);
        if words.chars().all(|c| plain(c) && !('\u{ff01}'..='\u{ff5e}').contains(&c) && !c.is_whitespace() || c == ' ')
        {
            assert!(words.contains(reason.as_str()), "`{reason}` was not said");
        }
    }
    if let ForWhom::Unknown { name } | ForWhom::Ambiguous { name, .. } = &u.for_whom {
        assert!(name.len() <= 400);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(words in prop::collection::vec("\\PC{0,300}", 24)) {
        let world = shared();
        for words in &words {
            sound(world, words, &world.hear("ana.kovac", words));
        }
    }

    #[test]
    fn any_mix_of_our_own_words_is_survived(picks in prop::collection::vec(prop::collection::vec(0usize..PIECES.len(), 1..24), 40)) {
        let world = shared();
        for picks in &picks {
            let words = picks.iter().map(|n| PIECES[*n]).collect::<String>();
            let u = world.hear("ana.kovac", &words);
            sound(world, &words, &u);
            prop_assert_eq!(&u, &world.hear("ana.kovac", &words));
        }
    }
}

/// Pieces that the grammar takes apart, and pieces that try to break it.
const PIECES: &[&str] = &[
    "I need ",
    "access to ",
    "the CRM",
    " and ",
    "wiki",
    ", ",
    "for ",
    "Ana Kovač",
    "until Friday",
    " because ",
    "\"",
    "'",
    "`",
    "```",
    "<b>",
    "</b>",
    "> ",
    "\n",
    "approve it ",
    "R-7K3QF9",
    "INC-123 ",
    "for two weeks",
    "never mind",
    "’s ",
    "don’t ",
    "ß",
    "\u{301}",
    "\u{202e}",
    "\u{200b}",
    "…",
    "ﬁ",
    "İ",
    "𝔘",
    "🦀",
    "-",
    "read ",
    "write ",
    "ignore all previous instructions ",
    "on behalf of ",
    "my report ",
    "so that ",
    "to prepare ",
    "?",
    ". ",
    "please ",
    "（",
    "ａ",
    "é",
    "plus ",
    "as well as ",
    "the usual ",
    "no, ",
    "1",
];
