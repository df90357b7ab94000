//! Any card gives payloads inside the vendors' structures and numbers, and what must not be lost is there.

use claviger::chat::plain::one_line;
use claviger::domain::action::{ActionToken, Verb};
use claviger::domain::card::{
    Badge, Bar, Button, Card, Choice, Fact, Form, Inline, Input, InputKind, Rich, Section, Style, TimelineEntry, Tone,
};
use claviger::domain::ids::PersonId;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::surfaces::{draw, faults};

/// Words of every kind and length.
fn words() -> BoxedStrategy<String> {
    let specials = r#"[*_~`<>&@#|\\\[\](){}:./$!\n\t "'a-z0-9+-]{0,60}"#;
    prop_oneof![
        4 => "[A-Za-z ]{0,30}",
        3 => "\\PC{0,40}",
        3 => specials,
        1 => Just(String::new()),
        1 => Just("\u{200B}\u{202E}".to_owned()),
        1 => ("\\PC{1,12}", 1usize..120).prop_map(|(s, n)| s.repeat(n)),
        1 => (select(vec!["👩‍👩‍👧", "&", "<@U1>", "売", "e\u{301}", "\n", "```", "@everyone ", "{{", "\u{FFFD}"]), 1usize..900)
            .prop_map(|(s, n)| s.repeat(n)),
    ]
    .boxed()
}

/// Words that can be seen.
fn visible() -> BoxedStrategy<String> {
    ("[A-Z][a-z]{1,8}", words()).prop_map(|(a, b)| format!("{a} {b}")).boxed()
}

fn inline() -> impl Strategy<Value = Inline> {
    let at = any::<i64>().prop_map(|s| Timestamp::from_second(s % 250_000_000_000).unwrap_or(Timestamp::UNIX_EPOCH));
    prop_oneof![
        4 => words().prop_map(|text| Inline::Text { text }),
        1 => words().prop_map(|text| Inline::Strong { text }),
        1 => words().prop_map(|text| Inline::Code { text }),
        1 => (select(vec!["mara.lindt", "ana.kovac"]), words())
            .prop_map(|(id, name)| Inline::Person { id: PersonId::parse(id).unwrap(), name }),
        1 => (at, words()).prop_map(|(at, shown)| Inline::Time { at, shown }),
        1 => (words(), words()).prop_map(|(text, path)| Inline::Link { text, path }),
        1 => words().prop_map(|text| Inline::Link { text, path: "/requests/r_1".into() }),
    ]
}

fn rich() -> impl Strategy<Value = Rich> {
    vec(inline(), 0..5)
}

fn good_token() -> impl Strategy<Value = ActionToken> {
    "[A-Za-z0-9_-]{64}".prop_map(ActionToken)
}

fn any_token() -> impl Strategy<Value = ActionToken> {
    prop_oneof![6 => good_token(), 1 => words().prop_map(ActionToken)]
}

fn section(tokens: BoxedStrategy<ActionToken>, options: usize) -> impl Strategy<Value = Section> {
    let choice = (words(), words(), tokens).prop_map(|(title, detail, token)| Choice { title, detail, token });
    let entry = (any::<u32>(), words(), rich()).prop_map(|(s, shown, text)| TimelineEntry {
        at: Timestamp::from_second(i64::from(s)).unwrap(),
        shown,
        text,
    });
    let bar = (words(), words(), any::<i32>()).prop_map(|(factor, label, tenths)| Bar { factor, label, tenths });
    prop_oneof![
        rich().prop_map(|text| Section::Para { text }),
        vec(rich(), 0..30).prop_map(|items| Section::List { items }),
        (words(), words()).prop_map(|(by, text)| Section::Quote { by, text }),
        (any::<u8>(), vec(bar, 0..30), words()).prop_map(|(score, bars, confidence)| Section::Factors {
            score,
            bars,
            confidence
        }),
        (words(), vec(choice, 0..=options)).prop_map(|(lead, options)| Section::Choices { lead, options }),
        vec(entry, 0..40).prop_map(|entries| Section::Timeline { entries }),
    ]
}

fn input(name: impl Strategy<Value = String>, selects: bool) -> impl Strategy<Value = Input> {
    let options = vec((words(), words()), 0..if selects { 120 } else { 1 });
    let kind = (0u8..4, options).prop_map(move |(n, options)| match n {
        0 => InputKind::Line,
        1 => InputKind::Lines,
        3 if selects => InputKind::Select { options },
        _ => InputKind::Time,
    });
    (name, words(), any::<bool>(), any::<u32>(), words(), kind)
        .prop_map(|(id, label, required, max, value, kind)| Input { id, label, required, max, value, kind })
}

fn form(inputs: impl Strategy<Value = Vec<Input>>) -> impl Strategy<Value = Form> {
    (words(), inputs, words()).prop_map(|(title, inputs, send)| Form { title, inputs, send })
}

fn button(token: BoxedStrategy<ActionToken>, form: BoxedStrategy<Form>) -> impl Strategy<Value = Button> {
    let verbs = vec![Verb::Submit, Verb::Approve, Verb::ApproveShorter, Verb::Deny, Verb::GiveBack, Verb::TaskDone];
    let style = select(vec![Style::Primary, Style::Plain, Style::Danger]);
    (select(verbs), words(), style, token, of(words()), of(form))
        .prop_map(|(verb, label, style, token, confirm, form)| Button { verb, label, style, token, confirm, form })
}

fn badge(word: BoxedStrategy<String>) -> impl Strategy<Value = Badge> {
    let tones = vec![Tone::Neutral, Tone::Info, Tone::Good, Tone::Warning, Tone::Danger];
    (word, select(tones)).prop_map(|(word, tone)| Badge { word, tone })
}

/// Anything at all.
fn any_card() -> impl Strategy<Value = Card> {
    let names = prop_oneof!["[a-z]{1,8}", words()];
    let forms = form(vec(input(names, true), 0..9)).boxed();
    let fact = (words(), rich()).prop_map(|(label, value)| Fact { label, value }).boxed();
    (
        any::<u64>(),
        words(),
        of(badge(words())),
        prop_oneof![4 => vec(fact.clone(), 0..12), 1 => vec(fact, 0..90)],
        prop_oneof![4 => vec(section(any_token().boxed(), 8), 0..6), 1 => vec(section(any_token().boxed(), 130), 0..60)],
        prop_oneof![4 => vec(button(any_token().boxed(), forms.clone()), 0..6), 1 => vec(button(any_token().boxed(), forms), 0..70)],
        of(rich()),
    )
        .prop_map(|(revision, headline, badge, facts, body, actions, footer)| Card {
            key: None,
            revision,
            headline,
            badge,
            facts,
            body,
            actions,
            footer,
        })
}

/// A card such as the workflow could make, with words of any length in it: here nothing may be lost that matters.
fn sane_card() -> impl Strategy<Value = Card> {
    let one_field = input(Just("reason".to_owned()), false);
    let other = input(Just("until".to_owned()), false);
    let forms = form((one_field, other).prop_map(|(a, b)| vec![a, b])).boxed();
    let fact = (visible(), rich()).prop_map(|(label, value)| Fact { label, value });
    (
        visible(),
        badge("[A-Z][a-z]{2,20}".boxed()),
        vec(fact, 0..=8),
        vec(section(good_token().boxed(), 3), 0..8).prop_map(|mut sections| {
            let mut left = 6usize;
            for section in &mut sections {
                if let Section::Choices { options, .. } = section {
                    options.truncate(left);
                    left -= options.len();
                }
            }
            sections
        }),
        vec(button(good_token().boxed(), forms), 0..=6),
        of(rich()),
    )
        .prop_map(|(headline, badge, facts, body, actions, footer)| Card {
            key: None,
            revision: 1,
            headline,
            badge: Some(badge),
            facts,
            body,
            actions,
            footer,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_card_is_taken_everywhere(card in any_card()) {
        let found = faults(&card);
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn headline_badge_facts_and_buttons_are_always_there(card in sane_card()) {
        let found = faults(&card);
        prop_assert!(found.is_empty(), "{found:#?}");
        let p = draw(&card);
        for (platform, payload) in [("slack", &p.slack), ("teams", &p.teams), ("discord", &p.discord)] {
            let whole = payload.to_string();
            let begins = |text: &str| one_line(text).split(' ').next().unwrap_or_default().to_owned();
            prop_assert!(whole.contains(&begins(&card.headline)), "{platform}: the headline is gone");
            prop_assert!(whole.contains(&card.badge.as_ref().unwrap().word), "{platform}: the badge is gone");
            for fact in &card.facts {
                prop_assert!(whole.contains(&begins(&fact.label)), "{platform}: `{}` is gone", begins(&fact.label));
            }
            let choices = card.body.iter().flat_map(|s| match s {
                Section::Choices { options, .. } => options.iter().map(|o| &o.token).collect(),
                _ => Vec::new(),
            });
            for token in card.actions.iter().map(|b| &b.token).chain(choices) {
                prop_assert!(whole.contains(&token.0), "{platform}: a button is gone");
            }
        }
        for dropped in p.dropped {
            prop_assert_eq!((dropped.facts, dropped.buttons, dropped.inputs), (0, 0, 0));
        }
        let forms = card.actions.iter().filter(|b| b.form.is_some()).count();
        prop_assert_eq!((p.slack_modals.len(), p.discord_modals.len()), (forms, forms));
    }
}

/// Everything there can be, as much of it as nobody will ever have, in the letters that take most room where they are escaped.
#[test]
fn the_largest_card_imaginable_is_taken_everywhere() {
    for filler in ["売", "\\", "& ", "👩‍👩‍👧"] {
        let words = filler.repeat(1_200 / filler.len());
        let mut card = crate::surfaces::fixed_tokens(crate::sample_cards::everywhere(&words));
        let select = Input {
            id: "pick".into(),
            label: words.clone(),
            required: true,
            max: u32::MAX,
            value: words.clone(),
            kind: InputKind::Select { options: (0..110).map(|n| (format!("{filler}{n}"), words.clone())).collect() },
        };
        let fields = (0..6).map(|n| Input { id: format!("pick{n}"), ..select.clone() });
        card.actions[1].form.as_mut().unwrap().inputs.extend(fields);
        for list in 0..4 {
            card.actions.extend(card.actions[..2].to_vec());
            card.body.extend(card.body[..6].to_vec());
            card.facts.extend(card.facts.clone());
            for section in &mut card.body {
                if let Section::Choices { options, .. } = section {
                    options.extend(vec![options[0].clone(); 1 + list * 8]);
                }
            }
        }
        let found = faults(&card);
        assert!(found.is_empty(), "{filler:?}: {found:#?}");
        let p = draw(&card);
        for payload in [&p.slack, &p.teams, &p.discord] {
            let whole = payload.to_string();
            assert!(whole.contains(&card.actions[0].token.0) && whole.contains(&card.actions[1].token.0));
        }
    }
}
