//! Plain words about signing in, said to the whole program: what follows an explanation is about it, what reports trouble is no request, what was
//! named and is not in the record is said so, a time that is asked about is looked at, and real requests stay requests.

use std::sync::Arc;

use claviger::domain::action::Subject;
use claviger::domain::card::Card;
use claviger::domain::digest::Digest;
use claviger::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use claviger::ports::signin::SigninLog;
use claviger::workflow::house::{Outside, Signins};
use jiff::SignedDuration;

use crate::bot::{TestBot, person};
use crate::helpdesk::words;

const ANA: &str = "ana.kovac";
const LOCKED: &str = "Your Okta account was locked";

/// One event of Ana's, so many minutes ago.
fn event(bot: &TestBot, minutes: i64, class: ReasonClass, name: &str, to: Option<&str>) -> SigninEvent {
    let at = bot.house.now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let microsoft = to.is_some();
    SigninEvent {
        id: format!("{name}:{minutes}"),
        provider: if microsoft { Provider::EntraSignin } else { Provider::Okta },
        event: name.into(),
        at: Some(at),
        time: None,
        actor: Some(bot.house.person(&person(ANA)).unwrap().email.clone()),
        subject: None,
        outcome: Some(SigninOutcome::Failure),
        reason_code: None,
        reason_class: Some(class),
        reason_text: None,
        ip: Some("198.51.100.7".into()),
        device: None,
        application: to.map(str::to_owned),
        session: None,
        place: None,
        risk: None,
        raw_digest: Digest::of(format!("{at} {name}").as_bytes()),
    }
}

/// A house that reads a sign-in log with these events of Ana's.
async fn with(make: impl Fn(&TestBot) -> Vec<SigninEvent>) -> TestBot {
    let store = claviger::store::open::open_memory().await.unwrap();
    let log: Arc<dyn SigninLog> = store.clone();
    let outside = Outside { signins: Signins { log: Some(log), ..Signins::default() }, ..Outside::default() };
    let bot = TestBot::over_with(store.clone(), outside);
    store.append_signins(&make(&bot), bot.house.now()).await.unwrap();
    bot
}

/// Ana's Okta account was locked an hour ago after three wrong passwords.
fn lock(bot: &TestBot) -> Vec<SigninEvent> {
    let wrong = |minutes| event(bot, minutes, ReasonClass::BadCredentials, "user.session.start", None);
    vec![wrong(63), wrong(62), wrong(61), event(bot, 60, ReasonClass::LockedOut, "user.account.lock", None)]
}

fn said(cards: &[Card]) -> String {
    cards.iter().map(words).collect::<Vec<_>>().join("\n")
}

fn has_draft(cards: &[Card]) -> bool {
    cards.iter().any(|c| c.key.is_some_and(|k| matches!(k.subject, Subject::Draft(_))))
}

fn offers(cards: &[Card], label: &str) -> bool {
    cards.iter().any(|c| c.actions.iter().any(|b| b.label == label))
}

#[tokio::test]
async fn a_short_word_after_an_explanation_is_about_it() {
    let bot = with(lock).await;
    for (words, tells) in [
        ("so when is this over?", "The record does not say when it ends by itself"),
        ("am I still shut out?", "no unlock and no sign-in that worked"),
        ("which computer was it?", "198.51.100.7; with which device, the record does not say"),
        ("where from?", "198.51.100.7"),
        ("how can you tell?", "locked"),
        ("no, that can't be right", "a person can look into it"),
        ("since when?", LOCKED),
    ] {
        bot.say(ANA, "why was I locked out?").await;
        let cards = bot.say(ANA, words).await;
        assert!(said(&cards).contains(tells) && !has_draft(&cards), "{words}: {}", said(&cards));
    }
    // The entries themselves, and a person for whoever doubts them.
    let cards = bot.say(ANA, "show me the entries").await;
    assert!(said(&cards).contains("On these entries") && said(&cards).contains("198.51.100.7"), "{}", said(&cards));
    assert!(offers(&cards, "Hand it to a person"), "{cards:#?}");
    // Also the next morning, but not for ever.
    bot.clock.advance(SignedDuration::from_hours(20));
    let cards = bot.say(ANA, "how much longer?").await;
    assert!(said(&cards).contains(LOCKED), "{}", said(&cards));
    bot.clock.advance(SignedDuration::from_hours(30));
    let cards = bot.say(ANA, "how much longer?").await;
    assert!(!said(&cards).contains(LOCKED) && !has_draft(&cards), "{}", said(&cards));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn what_did_not_help_goes_to_a_person_and_what_is_not_theirs_to_security() {
    let bot = with(lock).await;
    for words in ["I tried that and it still doesn't work", "that changed nothing, still the same", "still no luck"] {
        bot.say(ANA, "why can't I sign in?").await;
        let cards = bot.say(ANA, words).await;
        assert!(offers(&cards, "Hand it to a person") && !has_draft(&cards), "{words}: {}", said(&cards));
    }
    for words in ["that isn't my computer", "I don't own a tablet"] {
        bot.say(ANA, "why can't I sign in?").await;
        let cards = bot.say(ANA, words).await;
        assert!(offers(&cards, "Yes, tell security") && !has_draft(&cards), "{words}: {}", said(&cards));
    }
    bot.is_at_rest().await;
}

#[tokio::test]
async fn without_an_answer_before_a_short_word_starts_nothing() {
    let bot = with(lock).await;
    for words in ["how long", "when does it end", "until when?", "which device", "are you sure", "where from"] {
        let cards = bot.say(ANA, words).await;
        assert!(!has_draft(&cards), "{words}: {}", said(&cards));
    }
    // What lies on the table is still changed by words that are about it.
    bot.say(ANA, "I need the CRM until Friday").await;
    let cards = bot.say(ANA, "make it two weeks").await;
    assert!(has_draft(&cards), "{}", said(&cards));
}

#[tokio::test]
async fn trouble_is_no_request_whatever_system_it_is_with() {
    let bot = with(lock).await;
    for words in [
        "locked again",
        "my pc is temporarily locked",
        "bitbucket won't let me log on",
        "can not sign on since breakfast",
        "login is not possible",
        "incorrect password??? I only changed it yesterday",
        "it keeps asking me for my password",
        "my push never arrives",
        "too many failed attempts",
        "invalid credentials",
        "AADSTS50126",
        "it says my user is locked",
        "did somebody try to sign in as me?",
        "who attempted to log in to my account",
        "what locked my account?",
        "is my login ok?",
    ] {
        let cards = bot.say(ANA, words).await;
        assert!(said(&cards).contains(LOCKED) && !has_draft(&cards), "{words}: {}", said(&cards));
    }
    // The same amid a draft, which stays on the table.
    bot.say(ANA, "I need the Q3 sales reports for EMEA").await;
    let cards = bot.say(ANA, "wrong password!! it worked an hour ago").await;
    assert!(said(&cards).contains(LOCKED) && !has_draft(&cards), "{}", said(&cards));
    let cards = bot.say(ANA, "until Friday").await;
    assert!(has_draft(&cards), "{}", said(&cards));
}

#[tokio::test]
async fn real_requests_stay_requests() {
    let bot = with(lock).await;
    for words in [
        "I need access to the audit log",
        "please unlock the door badge for the warehouse",
        "device operator role please",
        "I need to look into failed sign-ins of our customers, access to the audit log please",
        "account administrator for the issue tracker",
        "VPN please, until Friday",
        "I have no access to the CRM and need it",
    ] {
        let cards = bot.say(ANA, words).await;
        assert!(!said(&cards).contains(LOCKED), "{words}: {}", said(&cards));
    }
    // Others' trouble is what something is needed for.
    bot.say(ANA, "read access to the production database until Friday").await;
    let cards = bot.say(ANA, "because customers cannot log in").await;
    assert!(has_draft(&cards), "{}", said(&cards));
}

#[tokio::test]
async fn whether_it_is_a_right_or_the_sign_in_is_asked_of_the_record_first() {
    // The account is locked: that is told.
    let bot = with(lock).await;
    let cards = bot.say(ANA, "I can't get into the CRM").await;
    assert!(said(&cards).contains(LOCKED), "{}", said(&cards));
    // The record holds nothing: both ways are offered.
    let bot = with(|bot| vec![event(bot, 60 * 24 * 9, ReasonClass::MfaFailed, "user.session.start", None)]).await;
    let cards = bot.say(ANA, "I can't get into the CRM").await;
    assert!(said(&cards).contains("holds nothing of yours about “crm”"), "{}", said(&cards));
    assert!(offers(&cards, "Hand it to a person") && !has_draft(&cards), "{cards:#?}");
    // Whoever says that they need it is asked nothing.
    let cards = bot.say(ANA, "I can't get into the CRM, please give me access").await;
    assert!(has_draft(&cards), "{}", said(&cards));
}

#[tokio::test]
async fn what_was_named_and_is_not_recorded_is_said_so() {
    let bot = with(lock).await;
    const NOT_THERE: &str = "no attempt to sign in to what you named";
    for words in
        ["why is NetSuite locked?", "citrix login fails", "I am locked out of my garage", "why did Zoom lock me out"]
    {
        let cards = bot.say(ANA, words).await;
        assert!(said(&cards).contains(NOT_THERE) && said(&cards).contains(LOCKED), "{words}: {}", said(&cards));
    }
    let cards = bot.say(ANA, "why did Okta lock me out?").await;
    assert!(!said(&cards).contains(NOT_THERE), "{}", said(&cards));
    // People's names for what logs call otherwise.
    let to = Some("Office 365 Exchange Online");
    let bot = with(|bot| vec![event(bot, 30, ReasonClass::ConditionalAccess, "signin", to)]).await;
    let cards = bot.say(ANA, "Outlook won't let me sign in").await;
    assert!(
        said(&cards).contains("“Office 365 Exchange Online”") && !said(&cards).contains(NOT_THERE),
        "{}",
        said(&cards)
    );
    let cards = bot.say(ANA, "why can't I log in to Salesforce").await;
    assert!(said(&cards).contains(NOT_THERE), "{}", said(&cards));
}

#[tokio::test]
async fn a_time_that_is_asked_about_is_looked_at() {
    // It is Wednesday the 18th, ten in Berlin; two locks: this morning at nine, and nine days ago.
    let bot = with(|bot| {
        let mut all = lock(bot);
        all.push(event(bot, 60 * 24 * 9, ReasonClass::LockedOut, "user.account.lock", None));
        all
    })
    .await;
    const NEAREST: &str = "no trouble at the time you named";
    for (words, day, nearest) in [
        ("why was I locked out on 9 November?", "9 Nov 2026", false),
        ("why was I locked out last week", "9 Nov 2026", false),
        ("what happened to my account at 9am", "18 Nov 2026", false),
        ("why was I locked out last month", "9 Nov 2026", true),
        ("why was I locked out yesterday", "18 Nov 2026", true),
    ] {
        let cards = bot.say(ANA, words).await;
        let told = said(&cards);
        assert!(told.contains(day) && told.contains(NEAREST) == nearest, "{words}: {told}");
    }
}

#[tokio::test]
async fn plain_asks_of_a_helpdesk_are_answered() {
    let bot = with(lock).await;
    let cards = bot.say(ANA, "any progress on my tickets?").await;
    assert!(said(&cards).contains("no open ticket"), "{}", said(&cards));
    let cards = bot.say(ANA, "my headset is broken").await;
    assert!(offers(&cards, "Hand it to a person"), "{}", said(&cards));
    bot.press(ANA, "Hand it to a person").await;
    let cards = bot.say(ANA, "what about my ticket?").await;
    assert!(said(&cards).contains("Your open ticket") && said(&cards).contains("H-"), "{}", said(&cards));
    let cards = bot.say(ANA, "who works at the helpdesk?").await;
    assert!(said(&cards).contains('@') && offers(&cards, "Hand it to a person"), "{}", said(&cards));
    let cards = bot.say(ANA, "somebody stole my work laptop").await;
    assert!(offers(&cards, "Yes, tell security"), "{}", said(&cards));
    let cards = bot.say(ANA, "list my recent sign-ins").await;
    assert!(
        said(&cards).contains("as they are recorded") && said(&cards).contains("refused: wrong name or password"),
        "{}",
        said(&cards)
    );
    let cards = bot.say(ANA, "how can I get my account unlocked?").await;
    assert!(said(&cards).contains("I do not unlock accounts") && said(&cards).contains(LOCKED), "{}", said(&cards));
    bot.is_at_rest().await;
}

#[tokio::test]
async fn who_tells_of_trouble_to_say_why_they_need_access_gets_a_draft() {
    let bot = with(lock).await;
    for words in [
        "I cannot sign in to the CRM because nobody ever added me, please give me read access for two weeks",
        "we are locked out of the Q3 sales reports for EMEA: I need read access until Friday",
    ] {
        let cards = bot.say(ANA, words).await;
        assert!(has_draft(&cards), "{words}: {}", said(&cards));
    }
    for words in ["I can't log in, please give me access to my account again", "locked out, I need my login back"] {
        let cards = bot.say(ANA, words).await;
        assert!(said(&cards).contains(LOCKED) && !has_draft(&cards), "{words}: {}", said(&cards));
    }
}

#[tokio::test]
async fn who_asks_when_or_who_asks_for_no_access() {
    let bot = with(lock).await;
    for words in ["when does the period close for Mira?", "who decided that?", "whose idea was the design viewer?"] {
        let cards = bot.say(ANA, words).await;
        assert!(!has_draft(&cards), "{words}: {}", said(&cards));
    }
}
