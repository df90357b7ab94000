//! What the platforms are sent for cards as the workflow makes them, kept word for word. `tests/chat/validate.py` and the browser tests
//! put the same files before the vendors' own validators and renderer.

use std::path::{Path, PathBuf};

use claviger::chat::scene::Scene;
use claviger::chat::{discord, slack};
use claviger::domain::card::Card;
use serde_json::{Value, json};

use crate::sample_cards::{approvers_card, everywhere};
use crate::surfaces::{Payloads, draw, faults, fixed_tokens};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat")
}

/// Cards that the workflow made in its journeys (written by `surface_cards`), by name, and two made by hand.
fn cards() -> Vec<(String, Card)> {
    let mut cards = vec![
        ("by_hand_approval".to_owned(), fixed_tokens(approvers_card())),
        ("by_hand_everything".to_owned(), fixed_tokens(everywhere("two words"))),
    ];
    for entry in std::fs::read_dir(folder().join("cards")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        cards.push((name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()));
    }
    cards.sort_by(|a, b| a.0.cmp(&b.0));
    cards
}

fn keep(platform: &str, name: &str, value: &Value) {
    insta::with_settings!({ snapshot_path => folder().join("golden"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_json_snapshot!(format!("{platform}__{name}"), value);
    });
}

#[test]
fn what_the_platforms_are_sent() {
    let all = cards();
    assert!(all.len() >= 10, "the cards of the workflow are missing from {}", folder().join("cards").display());
    for (name, card) in all {
        assert_eq!(faults(&card), Vec::<String>::new(), "{name}");
        let Payloads { slack, slack_modals, teams, discord, discord_modals, .. } = draw(&card);
        let questions: Vec<Value> =
            card.actions.iter().filter(|b| b.confirm.is_some()).filter_map(discord::render::question).collect();
        keep("slack", &name, &json!({ "message": slack, "modals": slack_modals }));
        keep("teams", &name, &teams);
        keep("discord", &name, &json!({ "message": discord, "modals": discord_modals, "questions": questions }));
    }
}

#[test]
fn the_home_tab() {
    let card = fixed_tokens(approvers_card());
    let inbox = claviger::ports::desk::Inbox { decisions: vec![card.clone()], tasks: Vec::new() };
    let mine = claviger::ports::desk::Mine { access: Vec::new(), requests: vec![card] };
    let (view, _) = slack::home::home(&inbox, &mine, &Scene::bare());
    keep("slack_home", "one_of_each", &view);
}
