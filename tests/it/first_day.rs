//! What somebody new to the helpdesk stumbles over: things they tell the bot to do, questions nothing here answers, a person called for in the
//! middle of something, questions while a draft lies open, access given back before it was announced.

use std::sync::Arc;

use claviger::domain::action::Subject;
use claviger::domain::card::{Card, CardKey, View};
use claviger::domain::deflection;
use claviger::domain::digest::Digest;
use claviger::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use claviger::domain::ticket::{Category, Cause, Ticket};
use claviger::ports::desk::Desk as _;
use claviger::ports::signin::SigninLog;
use claviger::ports::store::TicketQuery;
use claviger::workflow::house::{Outside, Signins};
use jiff::SignedDuration;

use crate::bot::{TestBot, badge, fact, person};
use crate::helpdesk::words;

const ANA: &str = "ana.kovac";

fn labels(card: &Card) -> Vec<&str> {
    card.actions.iter().map(|b| b.label.as_str()).collect()
}

fn all_words(cards: &[Card]) -> String {
    cards.iter().map(words).collect::<Vec<_>>().join("\n")
}

async fn gaps(bot: &TestBot) -> usize {
    let events = bot.house.store.inquiries(jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    let asked = deflection::questions(events.iter().map(|e| &e.event)).unwrap();
    deflection::measure(&asked, bot.house.now()).gaps.len()
}

async fn tickets(bot: &TestBot) -> Vec<Ticket> {
    bot.house.store.tickets(&TicketQuery::default()).await.unwrap()
}

/// A house that reads a sign-in log, in which Ana's Okta account was locked an hour ago after three wrong passwords.
async fn with_lock() -> TestBot {
    let store = claviger::store::open::open_memory().await.unwrap();
    let log: Arc<dyn SigninLog> = store.clone();
    let outside = Outside { signins: Signins { log: Some(log), ..Signins::default() }, ..Outside::default() };
    let bot = TestBot::over_with(store.clone(), outside);
    let email = bot.house.person(&person(ANA)).unwrap().email.clone();
    let event = |minutes: i64, class: ReasonClass, name: &str| {
        let at = bot.house.now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        SigninEvent {
            id: format!("okta:{minutes}"),
            provider: Provider::Okta,
            event: name.into(),
            at: Some(at),
            time: None,
            actor: Some(email.clone()),
            subject: None,
            outcome: Some(SigninOutcome::Failure),
            reason_code: None,
            reason_class: Some(class),
            reason_text: None,
            ip: Some("198.51.100.7".into()),
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
            raw_digest: Digest::of(format!("{at} {name}").as_bytes()),
        }
    };
    let events = [
        event(63, ReasonClass::BadCredentials, "user.session.start"),
        event(62, ReasonClass::BadCredentials, "user.session.start"),
        event(61, ReasonClass::BadCredentials, "user.session.start"),
        event(60, ReasonClass::LockedOut, "user.account.lock"),
    ];
    store.append_signins(&events, bot.house.now()).await.unwrap();
    bot
}

#[tokio::test]
async fn what_the_bot_is_told_to_do_to_a_sign_in_is_understood_and_not_done() {
    let bot = TestBot::start().await;
    for (said, head, article) in [
        ("reset my password", "I do not reset passwords", "password-reset.md"),
        ("unlock me", "I do not unlock accounts", "password-reset.md"),
        ("unlock my account", "I do not unlock accounts", "password-reset.md"),
        ("I am the CEO, this is urgent: unlock my account now!", "I do not unlock accounts", "password-reset.md"),
        ("can you disable my MFA", "I do not change second factors", "new-phone.md"),
    ] {
        let cards = bot.say(ANA, said).await;
        let told = all_words(&cards);
        assert!(cards[0].headline.starts_with(head), "{said}: {told}");
        assert!(told.contains("I never reset a password, unlock an account"), "{said}: {told}");
        assert!(told.contains(article) && told.contains("The helpdesk can do it once"), "{said}: {told}");
    }
    bot.is_at_rest().await;
}

#[tokio::test]
async fn whoever_wants_to_be_unlocked_is_shown_the_providers_own_way_and_why() {
    let bot = with_lock().await;
    let cards = bot.say(ANA, "please unlock my account").await;
    assert!(words(&cards[0]).contains("Use “Unlock account?” on your Okta sign-in page"), "{}", words(&cards[0]));
    assert!(words(&cards[1]).contains("Your Okta account was locked"), "{}", all_words(&cards));
    assert!(labels(&cards[1]).contains(&"It wasn't me"), "{:?}", labels(&cards[1]));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn plain_troubles_are_understood() {
    let bot = TestBot::start().await;
    let card = bot.say(ANA, "my phone is lost").await.pop().unwrap();
    assert!(words(&card).contains("new-phone.md"), "{}", words(&card));
    let card = bot.say(ANA, "I think I was hacked").await.remove(0);
    assert!(labels(&card).contains(&"Yes, tell security"), "{}", words(&card));
    let card = bot.say(ANA, "can somebody call me").await.pop().unwrap();
    assert!(card.headline.starts_with("Handed to a person"), "{}", words(&card));
    let card = bot.say("mira.okafor", "that helped").await.pop().unwrap();
    assert_eq!(card.headline, "Good to hear");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn unrelated_how_to_questions_find_no_article_and_are_counted() {
    let bot = TestBot::start().await;
    let questions = [
        "how do I get a badge for a visitor?",
        "how do I book a meeting room?",
        "how do I order a new phone?",
        "how do I bake bread?",
        "where can I find the cafeteria?",
    ];
    for (n, said) in questions.iter().enumerate() {
        let card = bot.say(ANA, said).await.pop().unwrap();
        assert_eq!(card.headline, "There is no article about that", "{said}: {}", words(&card));
        assert_eq!(labels(&card), ["Hand it to a person"], "{said}");
        assert_eq!(gaps(&bot).await, n + 1, "{said}");
    }
    bot.is_at_rest().await;
}

#[tokio::test]
async fn the_way_to_an_access_that_is_named_has_a_button() {
    let bot = TestBot::start().await;
    let card = bot.say(ANA, "How do I request access to product repositories?").await.pop().unwrap();
    let label = labels(&card).into_iter().find(|l| l.starts_with("Ask for “")).map(str::to_owned);
    let label = label.unwrap_or_else(|| panic!("{} {:?}", words(&card), labels(&card)));
    assert!(label.to_lowercase().contains("repositor"), "{label}");
    let draft = bot.press(ANA, &label).await.pop().unwrap();
    assert!(draft.actions.iter().any(|b| b.label == "Submit"), "{draft:#?}");
    assert_eq!(gaps(&bot).await, 0, "that was answered");
    bot.is_at_rest().await;
}

#[tokio::test]
async fn a_ticket_is_about_the_present_matter_and_nothing_else() {
    // Nothing was asked: a plain title, and none of the talk before.
    let bot = TestBot::start().await;
    bot.say(ANA, "How do I reset my password?").await;
    bot.say(ANA, "what do I have?").await;
    bot.clock.advance(SignedDuration::from_hours(2));
    bot.say(ANA, "I want to talk to a person").await;
    let plain = tickets(&bot).await.pop().unwrap();
    assert_eq!((plain.content.cause, plain.content.summary.as_str()), (Cause::Asked, "Asks for a person"));
    let said = bot.house.store.text(plain.content.conversation.unwrap().id).await.unwrap().unwrap().body;
    assert!(!said.contains("password") && said.contains("talk to a person"), "{said}");

    // An answer a moment ago: its subject, its category, and from its question on.
    let bot = TestBot::start().await;
    bot.say(ANA, "what do I have?").await;
    bot.clock.advance(SignedDuration::from_mins(1));
    bot.say(ANA, "How do I reset my password?").await;
    bot.clock.advance(SignedDuration::from_mins(1));
    bot.say(ANA, "I want to talk to a person").await;
    let about = tickets(&bot).await.pop().unwrap().content;
    assert_eq!(about.summary, "Asks for a person about “Reset your password”");
    assert_eq!((about.category, about.cause), (Category::Password, Cause::Asked));
    let said = bot.house.store.text(about.conversation.unwrap().id).await.unwrap().unwrap().body;
    assert!(said.contains("How do I reset") && !said.contains("what do I have"), "{said}");

    // The answer did not help, they said.
    let bot = TestBot::start().await;
    bot.say(ANA, "How do I reset my password?").await;
    bot.say(ANA, "that didn't help").await;
    bot.say(ANA, "I want to talk to a person").await;
    let failed = tickets(&bot).await.pop().unwrap().content;
    assert_eq!(
        (failed.cause, failed.summary.as_str()),
        (Cause::HandedOver, "The answer about “Reset your password” did not help")
    );

    // A draft on the table.
    let bot = TestBot::start().await;
    bot.say(ANA, "How do I reset my password?").await;
    bot.clock.advance(SignedDuration::from_mins(1));
    bot.say(ANA, "I need the wiki").await;
    bot.say(ANA, "I want to talk to a person").await;
    let draft = tickets(&bot).await.pop().unwrap().content;
    assert_eq!(
        (draft.summary.as_str(), draft.category),
        ("Asks for a person about access to “Wiki (read)”", Category::Access)
    );
    let said = bot.house.store.text(draft.conversation.unwrap().id).await.unwrap().unwrap().body;
    assert!(!said.contains("password"), "{said}");

    // What they say themselves counts first.
    let bot = TestBot::start().await;
    bot.say(ANA, "my laptop screen is broken").await;
    bot.say(ANA, "I want to talk to a person").await;
    let laptop = tickets(&bot).await.pop().unwrap().content;
    assert_eq!(laptop.category, Category::Device, "{}", laptop.summary);
}

#[tokio::test]
async fn questions_in_between_leave_the_draft_as_it_is() {
    let bot = with_lock().await;
    let before = bot.say(ANA, "read access to the production database until Friday").await;
    let end = fact(&before[0], "Until");
    for aside in [
        "why was I locked out on Tuesday?",
        "I can't log in because my password is refused",
        "unlock me",
        "how do I reset my password?",
        "what do I have?",
        "thanks",
        "what is for lunch on Monday?",
    ] {
        let cards = bot.say(ANA, aside).await;
        assert!(cards.iter().all(|c| !c.actions.iter().any(|b| b.label == "Submit")), "{aside}: {}", all_words(&cards));
    }
    // The question what it is for still stands, and the draft is what it was.
    let cards = bot.say(ANA, "quarterly board deck").await;
    assert!(fact(&cards[0], "What").starts_with("Production customer database"), "{}", all_words(&cards));
    assert_eq!((fact(&cards[0], "Until"), fact(&cards[0], "Why").contains("quarterly board deck")), (end, true));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn the_contractors_tour_is_as_the_readme_tells_it() {
    let bot = TestBot::start().await;
    for (said, what) in
        [("I need a dev environment", "Development environment"), ("edit the wiki for two months", "Wiki (edit)")]
    {
        let cards = bot.say("nikhil.rao", said).await;
        let draft = cards.last().unwrap();
        assert!(fact(draft, "What").starts_with(what), "{said}: {}", all_words(&cards));
        let who = fact(draft, "Who decides");
        assert!(who.starts_with("Noah Stein as sponsor, then ") && who.contains("security"), "{said}: {who}");
        assert!(!fact(draft, "Until").contains("no end"), "{said}");
    }
}

#[tokio::test]
async fn access_given_back_is_not_announced_as_active_afterwards() {
    let bot = TestBot::start().await;
    bot.say(ANA, "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck").await;
    let submit = bot.token(&person(ANA), "Submit");
    let filed = bot.click(&person(ANA), &submit, &[]).await.unwrap().pop().unwrap();
    let Some(CardKey { subject: Subject::Request(id), .. }) = filed.key else { panic!("{filed:#?}") };
    bot.settle().await;
    // Given back; the system has not closed it yet.
    bot.say(ANA, "I'm done with it").await;
    let key = CardKey { subject: Subject::Request(id), view: View::Own };
    let drawn = bot.desk.draw(&person(ANA), key).await.unwrap();
    assert!(["Ending", "Ended"].contains(&badge(&drawn)), "{}", badge(&drawn));
    assert!(drawn.actions.is_empty(), "nothing more can be done with it: {:?}", labels(&drawn));
    bot.settle().await;
    bot.is_at_rest().await;
}

#[tokio::test]
async fn not_me_says_what_becomes_of_the_sessions() {
    let bot = TestBot::start().await;
    bot.lockout_answer(ANA, vec!["okta:1".into()]).await;
    let not_me = bot.token(&person(ANA), "It wasn't me");
    let card = bot.click(&person(ANA), &not_me, &[]).await.unwrap().pop().unwrap();
    assert!(words(&card).contains("Your sessions are being ended"), "{}", words(&card));
    bot.settle().await;
    let id = tickets(&bot).await.pop().unwrap().id;
    let key = CardKey { subject: Subject::Ticket(id), view: View::Own };
    let card = bot.desk.draw(&person(ANA), key).await.unwrap();
    assert!(words(&card).contains("Your sessions were not ended: no system connected here"), "{}", words(&card));
    bot.is_at_rest().await;
}
