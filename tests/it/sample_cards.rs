//! Cards that several tests draw.

use claviger::domain::action::{ActionToken, Subject, Verb};
use claviger::domain::card::{
    Badge, Bar, Button, Card, CardKey, Choice, Fact, Form, Inline, Input, InputKind, Section, Style, TimelineEntry,
    Tone, View, text,
};
use claviger::domain::ids::{PersonId, RequestId};
use jiff::Timestamp;

/// A card with every element, the same words everywhere.
pub fn everywhere(words: &str) -> Card {
    let w = || words.to_owned();
    let id = PersonId::parse("ana.kovac").unwrap();
    let input = |id: &str, kind| Input { id: id.into(), label: w(), required: true, max: 400, value: w(), kind };
    Card {
        key: Some(CardKey { subject: Subject::Request(RequestId::from_bytes([1; 16])), view: View::Deciding }),
        revision: 3,
        headline: w(),
        badge: Some(Badge { word: w(), tone: Tone::Info }),
        facts: vec![
            Fact { label: w(), value: text(w()) },
            Fact {
                label: w(),
                value: vec![
                    Inline::Strong { text: w() },
                    Inline::Code { text: w() },
                    Inline::Person { id, name: w() },
                    Inline::Time { at: Timestamp::UNIX_EPOCH, shown: w() },
                    Inline::Link { text: w(), path: w() },
                    Inline::Link { text: w(), path: format!("/{words}") },
                ],
            },
        ],
        body: vec![
            Section::Para { text: text(w()) },
            Section::List { items: vec![text(w()), text(w())] },
            Section::Quote { by: w(), text: w() },
            Section::Factors {
                score: 74,
                bars: vec![Bar { factor: w(), label: w(), tenths: 240 }, Bar { factor: w(), label: w(), tenths: -60 }],
                confidence: w(),
            },
            Section::Choices { lead: w(), options: vec![Choice { title: w(), detail: w(), token: ActionToken(w()) }] },
            Section::Timeline {
                entries: vec![TimelineEntry { at: Timestamp::UNIX_EPOCH, shown: w(), text: text(w()) }],
            },
        ],
        actions: vec![
            Button {
                verb: Verb::Approve,
                label: w(),
                style: Style::Primary,
                token: ActionToken(w()),
                confirm: None,
                form: None,
            },
            Button {
                verb: Verb::Deny,
                label: w(),
                style: Style::Danger,
                token: ActionToken(w()),
                confirm: Some(w()),
                form: Some(Form {
                    title: w(),
                    inputs: vec![
                        input("reason", InputKind::Lines),
                        input("until", InputKind::Time),
                        input("line", InputKind::Line),
                        input("pick", InputKind::Select { options: vec![(w(), w())] }),
                    ],
                    send: w(),
                }),
            },
        ],
        footer: Some(text(w())),
    }
}

/// The approver's card of the journey in issue 2, item 3.
pub fn approvers_card() -> Card {
    let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let mut card = everywhere("x");
    card.headline = "Mara Lindt asks for Sales reports EMEA (read)".into();
    card.badge = Some(Badge { word: "Waiting for you".into(), tone: Tone::Info });
    card.facts = vec![
        Fact {
            label: "Who".into(),
            value: vec![Inline::Person { id: PersonId::parse("mara.lindt").unwrap(), name: "Mara Lindt".into() }],
        },
        Fact { label: "What".into(), value: vec![Inline::Code { text: "insight:sales-emea-reader".into() }] },
        Fact { label: "Until".into(), value: vec![Inline::Time { at, shown: "Fri 27 Nov 2026, 23:59 CET".into() }] },
        Fact { label: "Why you".into(), value: text("You are Mara's manager.") },
    ];
    card.body = vec![
        Section::Quote { by: "Mara Lindt".into(), text: "For the board deck.\nThanks!".into() },
        Section::Factors {
            score: 31,
            bars: vec![
                Bar { factor: "peer.rare".into(), label: "1 of 14 colleagues in Marketing has it".into(), tenths: 200 },
                Bar { factor: "data.confidential".into(), label: "Opens confidential data".into(), tenths: 150 },
                Bar { factor: "time.short".into(), label: "Ends within a week".into(), tenths: -40 },
            ],
            confidence: String::new(),
        },
        Section::Timeline {
            entries: vec![TimelineEntry { at, shown: "Mon 23 Nov, 11:00".into(), text: text("Filed by Mara Lindt") }],
        },
    ];
    card.actions[0].label = "Approve".into();
    card.actions[0].token = ActionToken("TOKEN-A".into());
    card.actions[1].label = "Deny".into();
    card.actions[1].token = ActionToken("TOKEN-D".into());
    card.actions[1].confirm = None;
    card.actions[1].form = Some(Form {
        title: "Deny with a reason".into(),
        inputs: vec![Input {
            id: "reason".into(),
            label: "Reason, shown to Mara".into(),
            required: true,
            max: 400,
            value: String::new(),
            kind: InputKind::Lines,
        }],
        send: "Deny".into(),
    });
    card.footer = Some(text("R-7K3QF9 · rule R3"));
    card
}
