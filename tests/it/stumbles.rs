//! What people stumbled over when they met the helpdesk first, on the whole program: why something was refused that was never filed, a second
//! matter on the same day, and what is said of what cannot be done here.

use std::sync::Arc;

use claviger::chat::terminal::render::Paint;
use claviger::chat::terminal::session::{Terminal, run};
use claviger::domain::card::Card;
use claviger::domain::conversation::Surface;
use claviger::domain::signin::ReasonClass;
use claviger::domain::ticket::Category;
use claviger::ports::signin::SigninLog as _;
use claviger::ports::store::TicketQuery;
use claviger::workflow::converse;
use claviger::workflow::desk::FrontDesk;
use claviger::workflow::house::Outside;
use jiff::SignedDuration;
use tokio::io::BufReader;

use crate::bot::{TestBot, badge, person};
use crate::helpdesk::{HOME, locked, signin, with_log, words};

async fn last(bot: &TestBot, who: &str, said: &str) -> Card {
    bot.say(who, said).await.pop().unwrap()
}

#[tokio::test]
async fn why_was_i_denied_explains_what_the_rules_refused_though_it_was_never_filed() {
    let bot = TestBot::start().await;
    let card = last(&bot, "grace.mbeki", "let me release payments").await;
    assert_eq!(badge(&card), "Not allowed", "{card:#?}");
    for question in [
        "why was I denied?",
        "why not?",
        "why can't I release payments?",
        "Why?",
        "why is it not allowed?",
        "why was that refused",
        "why am I not allowed to release payments",
    ] {
        let card = last(&bot, "grace.mbeki", question).await;
        let said = words(&card);
        assert!(card.headline.starts_with("Why “") && card.headline.ends_with("is not allowed"), "{question}: {said}");
        assert!(said.contains("SOD-FI-001"), "the rule is cited: {question}: {said}");
        assert!(said.contains("you hold") && said.contains("given back"), "what would change it: {question}: {said}");
        assert!(said.contains("Whom to ask"), "{question}: {said}");
    }
    // On another surface, and after it was put aside, it is still what was refused last.
    bot.say("grace.mbeki", "never mind").await;
    let card = last(&bot, "grace.mbeki", "why was I denied?").await;
    assert!(words(&card).contains("SOD-FI-001"), "{}", words(&card));
    bot.press("grace.mbeki", "That helped").await;
    bot.is_at_rest().await;
}

#[tokio::test]
async fn why_cannot_i_have_what_was_never_asked_for_says_what_the_rules_would() {
    let bot = TestBot::start().await;
    let card = last(&bot, "grace.mbeki", "why can't I release payments?").await;
    assert!(words(&card).contains("SOD-FI-001"), "{}", words(&card));
    // Nothing asked for, nothing named: said so, and nothing made up.
    let card = last(&bot, "tom.fischer", "why was I denied?").await;
    assert!(card.headline.contains("no decision of yours"), "{}", words(&card));
    let card = last(&bot, "tom.fischer", "why not?").await;
    assert!(!card.headline.starts_with("Why “"), "{}", words(&card));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn a_refusal_after_an_approved_request_is_the_one_that_is_explained() {
    let bot = TestBot::start().await;
    bot.say("grace.mbeki", "I need VPN access until Friday").await;
    if bot.try_fill("grace.mbeki", "Submit", &[]).await.is_ok() {
        bot.settle().await;
    }
    bot.say("grace.mbeki", "let me release payments").await;
    let card = last(&bot, "grace.mbeki", "why was I denied?").await;
    assert!(words(&card).contains("SOD-FI-001"), "{}", words(&card));
    bot.is_at_rest().await;
}

async fn tickets(bot: &TestBot) -> Vec<claviger::domain::ticket::Ticket> {
    let mut all = bot.house.store.tickets(&TicketQuery::default()).await.unwrap();
    all.sort_by_key(|t| (t.raised_at, t.id));
    all
}

#[tokio::test]
async fn a_new_matter_on_the_same_day_gets_a_ticket_of_its_own() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "why was I locked out?").await;
    bot.say("ana.kovac", "talk to a human").await;
    bot.clock.advance(jiff::SignedDuration::from_mins(1));
    let gap = last(&bot, "ana.kovac", "how do I get my parking permit").await;
    assert!(gap.headline.contains("no article"), "{}", words(&gap));
    bot.clock.advance(jiff::SignedDuration::from_mins(1));
    let card = last(&bot, "ana.kovac", "hand it to a person").await;
    assert!(card.headline.starts_with("Handed to a person, H-"), "{}", words(&card));
    assert!(words(&card).contains("parking permit"), "the new matter goes with it: {}", words(&card));
    assert!(!words(&card).contains("locked out"), "and the old one does not: {}", words(&card));
    let all = tickets(&bot).await;
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!(all[0].content.category, Category::SignIn);
    assert_ne!(all[0].content.inquiry, all[1].content.inquiry);
    // Who asks once more for the same has both, and no third.
    let again = bot.say("ana.kovac", "I want to talk to a person").await;
    assert!(again[0].headline.contains("already"), "{}", again[0].headline);
    assert_eq!(tickets(&bot).await.len(), 2);
    // Said in so many words, a third matter is one.
    let card = last(&bot, "ana.kovac", "I want to talk to a person about the coffee machine").await;
    assert!(card.headline.starts_with("Handed to a person"), "{}", words(&card));
    let again = bot.say("ana.kovac", "I want to talk to a person about the coffee machine").await;
    assert!(again[0].headline.contains("already"), "{}", again[0].headline);
    assert_eq!(tickets(&bot).await.len(), 3);
    bot.is_at_rest().await;
}

#[tokio::test]
async fn the_same_matter_asked_again_is_added_to_the_ticket_and_said_so() {
    let bot = TestBot::start().await;
    bot.say("ana.kovac", "why was I locked out?").await;
    bot.say("ana.kovac", "talk to a human").await;
    bot.clock.advance(jiff::SignedDuration::from_mins(5));
    bot.say("ana.kovac", "why can't I sign in to Salesforce now?").await;
    let cards = bot.say("ana.kovac", "talk to a human").await;
    assert!(words(&cards[0]).contains("I added what you asked"), "{}", words(&cards[0]));
    let all = tickets(&bot).await;
    assert_eq!((all.len(), all[0].added.len()), (1, 1), "{all:#?}");
    assert!(words(&cards[1]).contains("sign in to Salesforce"), "{}", words(&cards[1]));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn what_cannot_be_done_here_names_what_can() {
    let bot = TestBot::with_outside(Outside::default(), |_| {}).await;
    for said in ["order me a pizza", "hello", "what can you do?", "flurb the wuzzle"] {
        let card = last(&bot, "ana.kovac", said).await;
        let told = words(&card).to_lowercase();
        for what in ["access", "sign", "how", "person"] {
            assert!(told.contains(what), "{said}: {what}: {told}");
        }
    }
}

#[tokio::test]
async fn german_questions_are_answered_kindly_with_what_can_be_understood() {
    let bot = TestBot::start().await;
    let card = last(&bot, "ana.kovac", "warum bin ich gesperrt?").await;
    assert!(words(&card).contains("sign-in") || card.headline.contains("locked"), "{}", words(&card));
    for said in ["wie beantrage ich VPN?", "Wie bekomme ich einen VPN-Zugang"] {
        let card = last(&bot, "ana.kovac", said).await;
        assert!(words(&card).contains("vpn.md"), "{said}: {}", words(&card));
    }
    let card = last(&bot, "ana.kovac", "ich habe mein Passwort vergessen").await;
    assert!(words(&card).contains("password-reset.md"), "{}", words(&card));
    let card = last(&bot, "ana.kovac", "ich möchte mit einem Menschen sprechen").await;
    assert!(card.headline.starts_with("Handed to a person"), "{}", words(&card));
    let card = last(&bot, "ana.kovac", "wo ist denn hier bitte die Kaffeemaschine geblieben").await;
    assert!(words(&card).contains("English"), "what is not understood is said so: {}", words(&card));
}

/// Somebody sits down at a terminal, types these lines and gets up, as `claviger chat` has it.
async fn sits_down(bot: &TestBot, who: &str, lines: &str) -> String {
    let who = person(who);
    let since = converse::begin_anew(&bot.house, &who, Surface::Terminal).await.unwrap();
    let mut out = Vec::new();
    let terminal = Terminal { who: who.clone(), paint: Paint::Plain, prompt: false, since };
    let desk = Arc::new(FrontDesk(Arc::clone(&bot.house)));
    run(desk, terminal, BufReader::new(lines.as_bytes()), &mut out).await.unwrap();
    converse::get_up(&bot.house, &who, Surface::Terminal).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn a_lock_while_the_terminal_was_closed_is_told_when_they_sit_down_again() {
    let (bot, log) = with_log().await;
    let out = sits_down(&bot, "ana.kovac", "tell me when I'm locked out\nquit\n").await;
    assert!(out.contains("I will tell you here when you are locked out"), "{out}");
    bot.pass(SignedDuration::from_mins(5)).await;
    locked(&bot, log.as_ref(), HOME).await;
    bot.pass(SignedDuration::from_mins(2)).await;
    let out = sits_down(&bot, "ana.kovac", "quit\n").await;
    assert!(out.contains("While you were away:") && out.contains("Your account was locked"), "{out}");
    assert!(out.contains("2 attempts failed from 198.51.100.7") && out.contains("It wasn't me"), "{out}");
    // Once is enough.
    let out = sits_down(&bot, "ana.kovac", "quit\n").await;
    assert!(!out.contains("While you were away") && !out.contains("Your account was locked"), "{out}");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn a_lock_while_no_process_ran_and_of_an_account_nothing_else_is_known_of_is_told_too() {
    let (bot, log) = with_log().await;
    sits_down(&bot, "ana.kovac", "tell me when I'm locked out\nquit\n").await;
    // No good sign-in was ever recorded, and nobody looks for two days.
    let events = [
        signin(&bot, 10, Some(ReasonClass::BadCredentials), HOME),
        signin(&bot, 12, Some(ReasonClass::LockedOut), HOME),
    ];
    bot.clock.advance(SignedDuration::from_hours(48));
    log.append_signins(&events, bot.house.now()).await.unwrap();
    bot.settle().await;
    let out = sits_down(&bot, "ana.kovac", "quit\n").await;
    assert!(out.contains("Your account was locked") && out.contains("One attempt failed from"), "{out}");
    assert!(out.contains("The record does not tell whether that was you"), "nothing is guessed: {out}");
    bot.is_at_rest().await;
}
