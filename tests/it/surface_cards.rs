//! The cards of whole journeys, made by the whole program, on Slack, Teams and Discord: each is taken by every platform with nothing
//! dropped. `CLAVIGER_WRITE_CARDS=1` writes them to `tests/chat/cards`, from where the golden payloads are drawn; ids and tokens are
//! random, so that fixed ones take their place there.

use std::collections::BTreeMap;
use std::path::Path;

use claviger::domain::card::{Card, Inline, Rich, Section};
use claviger::domain::conversation::Surface;
use claviger::ports::desk::Desk as _;
use jiff::SignedDuration;

use crate::bot::{TestBot, badge, person};
use crate::surfaces::{draw, faults};

const ASK: &str = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";

/// The last card of several.
fn last(mut cards: Vec<Card>) -> Card {
    cards.pop().unwrap()
}

/// Everything said to somebody so far, newest last.
async fn heard(bot: &TestBot, who: &str) -> Vec<Card> {
    let shown = bot.desk.messages(&person(who), Surface::Web, None).await.unwrap();
    shown.into_iter().filter_map(|s| s.card).collect()
}

/// Cards of every kind, by name.
async fn cards() -> BTreeMap<&'static str, Card> {
    let mut all = BTreeMap::new();
    let bot = TestBot::start().await;
    all.insert("draft", last(bot.say("ana.kovac", ASK).await));
    all.insert("being_set_up", last(bot.try_fill("ana.kovac", "Submit", &[]).await.unwrap()));
    bot.settle().await;
    all.insert("news_active", last(heard(&bot, "ana.kovac").await));
    let (access, requests) = bot.mine("ana.kovac").await;
    all.insert("access_held", last(access));
    all.insert("request_active", last(requests));
    all.insert("question_back", last(bot.say("ana.kovac", "I need access").await));
    all.insert("unknown", last(bot.say("ana.kovac", "give me the flux capacitor").await));

    bot.say("mira.okafor", ASK).await;
    all.insert("waiting", last(bot.press("mira.okafor", "Submit").await));
    let manager = bot.house.catalog.directory.managers_of(&person("mira.okafor"))[0].id.to_string();
    all.insert("to_decide", last(bot.inbox(&manager).await));
    bot.fill(&manager, "Ask", &[("question", "Which deck?")]).await;
    all.insert("asked_back", last(heard(&bot, "mira.okafor").await));
    bot.mine("mira.okafor").await;
    bot.fill("mira.okafor", "Answer", &[("answer", "The one for *Thursday*, see <https://example.org>")]).await;
    let decide = last(bot.inbox(&manager).await);
    let id = match decide.key.unwrap().subject {
        claviger::domain::action::Subject::Request(id) => id,
        other => panic!("{other:?}"),
    };
    all.insert("to_decide_with_story", bot.desk.request(&person(&manager), id).await.unwrap());
    bot.fill(&manager, "Deny", &[("reason", "Use the public summary")]).await;
    all.insert("news_denied", last(heard(&bot, "mira.okafor").await));
    all.insert("why_denied", last(bot.say("mira.okafor", "why was I denied?").await));
    all.insert("story", bot.desk.request(&person("mira.okafor"), id).await.unwrap());

    let words = "I need permanent read access to the production database, to train the churn model";
    all.insert("draft_risky", last(bot.say("elena.popescu", words).await));
    bot.pass(SignedDuration::from_hours(24 * 5)).await;
    let (_, requests) = bot.mine("ana.kovac").await;
    assert_eq!(badge(&requests[0]), "Ended");
    all.insert("request_ended", requests[0].clone());
    all
}

/// Random ids and tokens replaced by fixed ones, in order of appearance.
fn fixed(card: &Card) -> Card {
    let mut card = crate::surfaces::fixed_tokens(card.clone());
    card.key = None;
    let mut seen: Vec<String> = Vec::new();
    let mut rich = |rich: &mut Rich| {
        for part in rich {
            if let Inline::Link { text, path } = part
                && path.starts_with("/requests/")
            {
                let n = seen.iter().position(|s| s == path).unwrap_or_else(|| {
                    seen.push(path.clone());
                    seen.len() - 1
                });
                *text = format!("R-000000{n}");
                *path = format!("/requests/r_{n:032}");
            }
            if let Inline::Text { text } = part
                && let Some(at) = text.find("facts ")
            {
                text.truncate(at + "facts ".len());
                text.push_str("0000000000");
            }
        }
    };
    card.facts.iter_mut().for_each(|f| rich(&mut f.value));
    card.footer.iter_mut().for_each(&mut rich);
    for section in &mut card.body {
        match section {
            Section::Para { text } => rich(text),
            Section::List { items } => items.iter_mut().for_each(&mut rich),
            Section::Timeline { entries } => entries.iter_mut().for_each(|e| rich(&mut e.text)),
            _ => {}
        }
    }
    card
}

#[tokio::test]
async fn every_card_of_the_journeys_goes_everywhere_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat/cards");
    for (name, card) in cards().await {
        assert_eq!(faults(&card), Vec::<String>::new(), "{name}");
        let dropped = draw(&card).dropped;
        assert!(dropped.iter().all(|d| d.is_empty()), "{name}: {dropped:?}");
        if std::env::var_os("CLAVIGER_WRITE_CARDS").is_some() {
            let text = serde_json::to_string_pretty(&fixed(&card)).unwrap();
            std::fs::write(folder.join(format!("{name}.json")), text + "\n").unwrap();
        }
    }
}
