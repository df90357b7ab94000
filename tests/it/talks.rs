//! Conversations as a new user has them: corrections, several things at once, what an earlier talk left lying, odd dates, and words that
//! ask for much.

use claviger::domain::card::{Card, Section};
use claviger::domain::conversation::Surface;
use claviger::ports::desk::Reply;
use claviger::understanding::types::{ForWhom, Intent, Understanding};
use claviger::workflow::converse;
use jiff::SignedDuration;

use crate::bot::{TestBot, badge, fact, person};

const ANA: &str = "ana.kovac";

/// Every fact of this label on the cards shown.
fn facts(cards: &[Card], label: &str) -> Vec<String> {
    cards.iter().filter(|c| c.facts.iter().any(|f| f.label == label)).map(|c| fact(c, label)).collect()
}

/// What was understood.
fn understood(reply: &Reply) -> Understanding {
    serde_json::from_value(reply.understanding.clone()).unwrap()
}

/// Everything said in paragraphs, and the headlines.
fn said(cards: &[Card]) -> String {
    let mut out = String::new();
    for card in cards {
        out.push_str(&card.headline);
        out.push('\n');
        for section in &card.body {
            if let Section::Para { text } = section {
                out.extend(text.iter().map(|i| i.plain()));
                out.push('\n');
            }
        }
    }
    out
}

#[tokio::test]
async fn a_correction_takes_another_step_and_is_no_reason() {
    let bot = TestBot::start().await;
    let cards = bot.say(ANA, "I need the wiki").await;
    assert!(fact(&cards[0], "What").starts_with("Wiki (read)"));
    assert!(fact(&bot.say(ANA, "no, the edit one").await[0], "What").starts_with("Wiki (edit)"));
    assert!(fact(&bot.say(ANA, "the read-only one").await[0], "What").starts_with("Wiki (read)"));
    // A reason is asked for here, and a correction is still none.
    let cards = bot.say(ANA, "read access to the production database").await;
    assert!(fact(&cards[0], "Why").contains("a reason is needed"));
    let cards = bot.say(ANA, "no, the write one").await;
    assert!(fact(&cards[0], "What").starts_with("Production customer database (write)"));
    assert!(fact(&cards[0], "Why").contains("a reason is needed"));
    let cards = bot.say(ANA, "not production").await;
    assert!(facts(&cards, "What").iter().all(|w| !w.contains("Production")), "{cards:#?}");
    let cards = bot.say(ANA, "no, the staging one").await;
    assert!(fact(&cards[0], "What").starts_with("Staging database"));
    assert!(!fact(&cards[0], "Why").contains("staging"));
}

#[tokio::test]
async fn several_things_have_each_their_own_end() {
    let bot = TestBot::start().await;
    let words = "I need edit the wiki for a week and a dev environment until Friday and Q3 sales reports AMER";
    let cards = bot.say(ANA, words).await;
    let what = facts(&cards, "What");
    assert_eq!(what.len(), 3, "{what:?}");
    assert!(what[0].starts_with("Wiki (edit)") && what[1].starts_with("Development environment"), "{what:?}");
    assert!(what[2].starts_with("Q3 sales reports AMER (read)"), "{what:?}");
    let until = facts(&cards, "Until");
    assert!(until[0].contains("25 Nov 2026") && until[1].contains("20 Nov 2026"), "{until:?}");
    assert!(until[2].contains("its usual length"), "{until:?}");
    assert!(facts(&cards, "Why").iter().all(|w| !w.contains('“')), "no words were taken for the reason");
}

#[tokio::test]
async fn an_earlier_matter_is_not_changed_by_later_words() {
    let bot = TestBot::start().await;
    bot.say(ANA, "I need the wiki").await;
    let first = bot.token(&person(ANA), "Submit");
    bot.say(ANA, "I need the CRM until Friday").await;
    bot.press(ANA, "Submit").await;
    let cards = bot.say(ANA, "make it two weeks").await;
    assert!(facts(&cards, "What").iter().all(|w| !w.starts_with("Wiki")), "{cards:#?}");
    // What lay there still can be filed by its own button.
    bot.click(&person(ANA), &first, &[]).await.unwrap();
    // After a long silence a short word is about nothing.
    bot.say(ANA, "I need a dev environment").await;
    bot.clock.advance(SignedDuration::from_hours(5));
    let reply = bot.try_say(ANA, "make it two weeks").await.unwrap();
    assert!(facts(&reply.cards, "What").iter().all(|w| !w.starts_with("Development")), "{:#?}", reply.cards);
    // And whoever sits down anew does not speak of what was left lying.
    bot.say(ANA, "I need a dev environment").await;
    bot.clock.advance(SignedDuration::from_mins(1));
    converse::begin_anew(&bot.house, &person(ANA), Surface::Web).await.unwrap();
    let reply = bot.try_say(ANA, "until Friday").await.unwrap();
    assert!(facts(&reply.cards, "What").is_empty(), "{:#?}", reply.cards);
}

#[tokio::test]
async fn a_new_request_takes_nothing_over_from_the_last() {
    let bot = TestBot::start().await;
    bot.say(ANA, "read access to the production database until Friday").await;
    // A reason is asked for; this is none.
    let cards = bot.say(ANA, "I need edit access to the wiki").await;
    assert!(fact(&cards[0], "What").starts_with("Wiki (edit)"));
    assert!(fact(&cards[0], "Until").contains("its usual length"), "{}", fact(&cards[0], "Until"));
    assert!(!fact(&cards[0], "Why").contains('“'));
    bot.say(ANA, "read access to the production database until Friday").await;
    let cards = bot.say(ANA, "I need the Q3 sales reports AMER").await;
    assert!(fact(&cards[0], "What").starts_with("Q3 sales reports AMER (read)"));
    assert!(fact(&cards[0], "Until").contains("its usual length"));
}

#[tokio::test]
async fn whoever_asks_to_administer_is_not_offered_reading_as_if_that_were_it() {
    let bot = TestBot::start().await;
    for (words, title) in [
        ("make me admin of the production database", "Production customer database administrator"),
        ("I want to be administrator of the CRM", "CRM administrator"),
        ("make me an owner of the CRM", "CRM administrator"),
    ] {
        let reply = bot.try_say(ANA, words).await.unwrap();
        assert_eq!(understood(&reply).intent, Intent::RequestAccess, "{words}");
        let what = facts(&reply.cards, "What");
        assert!(what[0].starts_with(title), "{words}: {what:?}");
        assert!(said(&reply.cards).contains("A narrower one may do"), "{words}");
    }
    // Where nothing allows as much, that is said, and nothing is chosen.
    let cards = bot.say(ANA, "give me admin on the business dashboards").await;
    assert!(said(&cards).contains("nothing that lets you administer"), "{cards:#?}");
    assert!(facts(&cards, "What").is_empty());
    assert!(cards.iter().any(|c| badge(c) == "Question"));
}

#[tokio::test]
async fn odd_times_are_said_to_be_odd_in_the_speakers_own_zone() {
    let bot = TestBot::start().await;
    for (words, why) in [
        ("read access to the CRM until 32 December", "there is no 32 December"),
        ("read access to the CRM until 30 February", "there is no 30 February"),
        ("read access to the CRM for -3 days", "it would end before it begins"),
        ("read access to the CRM from 20 December until 10 December", "it would end before it begins"),
    ] {
        let cards = bot.say(ANA, words).await;
        let text = said(&cards);
        assert!(text.contains("Until when") && text.contains(why), "{words}: {text}");
        assert!(fact(cards.last().unwrap(), "Until").contains("its usual length"), "{words}");
        let cards = bot.say(ANA, "until Friday").await;
        assert!(fact(&cards[0], "Until").contains("20 Nov 2026"), "{words}");
    }
    let cards = bot.say(ANA, "read access to the CRM until yesterday").await;
    let text = said(&cards);
    assert!(text.contains("is over") && text.contains("18 November 2026, 00:00 (CET)"), "{text}");
    assert!(!text.contains("UTC"), "{text}");
}

#[tokio::test]
async fn whom_it_is_to_reach_is_neither_the_reason_nor_a_person() {
    let bot = TestBot::start().await;
    for (words, scope) in [
        ("I need to edit the wiki for people in my department", "for people in my department"),
        ("I need the CRM for my team", "for my team"),
        ("I need CRM access for the customers until Friday", "for the customers"),
    ] {
        let heard = understood(&bot.try_say(ANA, words).await.unwrap());
        assert_eq!(heard.scope.as_deref(), Some(scope), "{words}");
        assert_eq!(heard.justification, None, "{words}");
        assert_eq!(heard.for_whom, ForWhom::Speaker, "{words}");
    }
    // What is done for a group's demo is a reason like any other.
    let heard = understood(&bot.try_say(ANA, "I need the wiki for the team meeting").await.unwrap());
    assert_eq!(heard.justification.as_deref(), Some("for the team meeting"));
}

#[tokio::test]
async fn short_words_are_enough() {
    let bot = TestBot::start().await;
    for (words, intent) in [
        ("Q3 sales reports", Intent::RequestAccess),
        ("Q3 sales reports for Elif", Intent::RequestAccess),
        ("wiki please", Intent::RequestAccess),
        ("I forgot my password", Intent::HowTo),
        ("purple elephants and a flight to Lisbon", Intent::OutOfScope),
    ] {
        converse::begin_anew(&bot.house, &person(ANA), Surface::Web).await.unwrap();
        let heard = understood(&bot.try_say(ANA, words).await.unwrap());
        assert_eq!(heard.intent, intent, "{words}");
    }
}

#[tokio::test]
async fn what_is_held_is_listed_once_while_it_is_being_extended() {
    let bot = TestBot::start().await;
    bot.say(ANA, "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck").await;
    bot.press(ANA, "Submit").await;
    bot.mine(ANA).await;
    bot.fill(ANA, "Keep it longer", &[("until", "two weeks")]).await;
    // The longer one is ordered and not there yet; the shorter one is.
    bot.try_fill(ANA, "Submit", &[]).await.unwrap();
    let held = bot.say(ANA, "what do I have?").await.pop().unwrap();
    let Some(Section::List { items }) = held.body.first() else { panic!("{held:#?}") };
    let lines: Vec<String> = items.iter().map(|line| line.iter().map(|part| part.plain()).collect()).collect();
    let here: Vec<&String> = lines.iter().filter(|line| line.contains("Q3 sales reports EMEA")).collect();
    assert_eq!(here.len(), 1, "{lines:#?}");
    assert_eq!(
        (here[0].matches("active, until").count(), here[0].matches("being set up, until").count()),
        (1, 1),
        "{here:?}"
    );
    let count = if lines.len() == 1 { "1 access".to_owned() } else { format!("{} accesses", lines.len()) };
    assert_eq!(held.headline, format!("You have {count}"));
}

#[tokio::test]
async fn where_a_thing_is_said_to_be_is_heard_however_weakly_it_is_asked_for() {
    let bot = TestBot::start().await;
    for (words, system) in [
        ("I need the roadmap page on the wiki", "wiki"),
        ("can I get the minutes on the wiki?", "wiki"),
        ("I need the payments repo on GitHub", "github"),
    ] {
        converse::begin_anew(&bot.house, &person(ANA), Surface::Web).await.unwrap();
        let heard = understood(&bot.try_say(ANA, words).await.unwrap());
        assert_eq!(heard.intent, Intent::RequestAccess, "{words}");
        let candidates: Vec<&str> =
            heard.asks.iter().flat_map(|a| &a.candidates).map(|c| c.entitlement.as_str()).collect();
        let there = candidates.iter().all(|c| c.split(':').next() == Some(system));
        assert!(!candidates.is_empty() && there, "{words}: {candidates:?}");
    }
}

#[tokio::test]
async fn what_is_said_after_nothing_was_found_is_heard_as_the_answer() {
    let bot = TestBot::start().await;
    let nothing = |cards: &[Card]| cards.iter().any(|c| c.headline.contains("nothing like"));
    for answer in ["for the rebrand of the website", "something for the rebrand", "the rebrand, with our agency"] {
        converse::begin_anew(&bot.house, &person(ANA), Surface::Web).await.unwrap();
        assert!(nothing(&bot.say(ANA, "I need access to figma").await));
        let reply = bot.try_say(ANA, answer).await.unwrap();
        assert_eq!(understood(&reply).intent, Intent::RequestAccess, "{answer}");
        assert!(!said(&reply.cards).contains("not something I can do"), "{answer}: {}", said(&reply.cards));
        // Twice in vain is enough: what comes then is heard for itself.
        let reply = bot.try_say(ANA, "purple elephants and a flight to Lisbon").await.unwrap();
        assert_eq!(understood(&reply).intent, Intent::OutOfScope, "{answer}");
    }
    bot.say(ANA, "I need access to figma").await;
    assert!(fact(&bot.say(ANA, "the wiki then").await[0], "What").starts_with("Wiki (read)"));
    bot.say(ANA, "I need access to figma").await;
    let reply = bot.try_say(ANA, "never mind").await.unwrap();
    assert_eq!(understood(&reply).intent, Intent::Discard);
    bot.say(ANA, "I need access to figma").await;
    let reply = bot.try_say(ANA, "what is the weather tomorrow?").await.unwrap();
    assert_eq!(understood(&reply).intent, Intent::OutOfScope);
}
