//! What we do on Slack: post, find, update, whisper, and what its faults mean.

use std::time::Duration;

use claviger::domain::account::{Account, Place, PlatformId, Posted};
use claviger::domain::card::Card;
use claviger::domain::conversation::Surface;
use claviger::ports::surface::{Back, ChatSurface as _, Connection, Standing, SurfaceError};
use jiff::SignedDuration;
use serde_json::json;

use crate::sample_cards::{approvers_card, everywhere};
use crate::slack_platform::fake::Fault;
use crate::slack_platform::{Bench, client};

fn id(text: &str) -> PlatformId {
    PlatformId::parse(text).unwrap()
}

fn place(channel: &str) -> Place {
    Place { space: id("T1"), channel: id(channel), thread: None, via: None }
}

fn account(user: &str) -> Account {
    Account { surface: Surface::Slack, space: id("T1"), id: id(user) }
}

fn back(channel: &str, ticket: Option<String>) -> Back {
    Back { account: account("U1"), place: place(channel), ticket }
}

#[tokio::test]
async fn a_card_is_posted_and_drawn_anew_where_it_stands() {
    let b = Bench::new().await;
    let posted = b.slack.post(&place("C1"), &approvers_card(), "once-1").await.unwrap();
    let mut fresh = approvers_card();
    fresh.actions.clear();
    fresh.headline = "Approved".into();
    b.slack.update(&posted, &fresh).await.unwrap();
    let messages = b.fake.messages();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].edited);
    assert_eq!(messages[0].body["blocks"][0]["text"]["text"], "Approved");
    assert_eq!(messages[0].body["unfurl_links"], false);
    assert!(!messages[0].body["blocks"].to_string().contains("TOKEN-A"), "no dead buttons");
    assert_eq!(b.slack.connection(), Connection::Up);
    assert_ne!(b.slack.drawn(&fresh), b.slack.drawn(&approvers_card()));
    assert_eq!(b.slack.drawn(&fresh), b.slack.drawn(&fresh.clone()));
}

#[tokio::test]
async fn any_card_is_taken() {
    let b = Bench::new().await;
    for words in
        ["plain", "<!channel> <@U1> *b* _i_ `c` ~s~ &amp; https://x.test", &"long ".repeat(2_000), "\u{202E}rtl"]
    {
        b.slack.post(&place("C1"), &everywhere(words), "once").await.unwrap();
        b.slack.whisper(&back("C1", None), &everywhere(words)).await.unwrap();
        b.clock.forward(SignedDuration::from_secs(1));
    }
}

#[tokio::test]
async fn after_a_post_that_may_have_been_done_it_is_found_by_its_name() {
    let b = Bench::new().await;
    b.fake.fault("chat.postMessage", Fault::DoneButBreak);
    let error = b.slack.post(&place("C1"), &approvers_card(), "once-1").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Later { unsure: true, .. }), "{error:?}");
    let found = b.slack.find(&place("C1"), "once-1").await.unwrap().unwrap();
    b.slack.update(&found, &Card::note("found again")).await.unwrap();
    assert_eq!(b.slack.find(&place("C1"), "once-2").await.unwrap(), None);
    // Where we may not read the history it cannot be known, and that is no misfortune of the token.
    b.fake.fault("conversations.history", Fault::Code("missing_scope"));
    assert_eq!(b.slack.find(&place("C1"), "once-1").await.unwrap(), None);
    assert_eq!(b.slack.connection(), Connection::Up);
}

#[tokio::test]
async fn messages_about_a_request_stand_in_its_thread() {
    let b = Bench::new().await;
    let thread = Place { thread: Some(id("1.1")), ..place("C1") };
    let posted = b.slack.post(&thread, &Card::note("news"), "once-1").await.unwrap();
    assert_eq!(b.fake.messages()[0].body["thread_ts"], "1.1");
    assert_eq!(posted.place.thread, thread.thread);
    assert_eq!(b.slack.find(&thread, "once-1").await.unwrap(), Some(posted));
    assert_eq!(b.fake.calls("conversations.replies")[0]["ts"], "1.1");
}

#[tokio::test]
async fn sharp_edge_5_a_silent_slack_is_not_waited_for() {
    let b = Bench::new().await;
    let hasty = client(&b.fake, &b.clock, Duration::from_millis(40));
    b.fake.always("chat.postMessage", Some(Fault::Silence));
    let error = hasty.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Later { unsure: true, .. }), "{error:?}");
}

#[tokio::test]
async fn sharp_edge_6_what_slack_could_not_do_comes_again_from_the_outbox() {
    let b = Bench::new().await;
    for (fault, after, unsure) in [
        (Fault::TooMany(7), Some(Duration::from_secs(7)), false),
        (Fault::Status(500), None, true),
        (Fault::Status(503), None, true),
        (Fault::Break, None, true),
        (Fault::Code("internal_error"), None, true),
        (Fault::Code("ratelimited"), Some(Duration::from_secs(30)), false),
    ] {
        b.fake.fault("chat.postMessage", fault.clone());
        let error = b.slack.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
        let SurfaceError::Later { after: told, unsure: is, .. } = error else { panic!("{fault:?}: {error:?}") };
        assert_eq!((told, is), (after, unsure), "{fault:?}");
        b.clock.forward(SignedDuration::from_secs(60));
    }
    assert_eq!(b.fake.calls("chat.postMessage").len(), 6, "nothing is tried again on its own");
    // Nobody there at all: it was certainly not done.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api", nobody.local_addr().unwrap());
    drop(nobody);
    let settings = claviger::chat::slack::client::Settings {
        base: address.parse().unwrap(),
        bot_token: "xoxb-test".into(),
        pages: None,
        limit: Duration::from_secs(20),
    };
    let alone = claviger::chat::slack::client::Slack::new(settings, b.clock.clone()).unwrap();
    let error = alone.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Later { unsure: false, .. }), "{error:?}");
    assert!(matches!(alone.connection(), Connection::Trying(_)));
}

#[tokio::test]
async fn one_copy_that_is_gone_is_no_matter_of_the_others() {
    let b = Bench::new().await;
    let lost = Posted { place: place("C1"), message: id("9.9") };
    assert!(matches!(b.slack.update(&lost, &Card::note("x")).await, Err(SurfaceError::Gone(_))));
    for code in ["channel_not_found", "is_archived", "user_not_found", "not_in_channel", "cannot_dm_bot"] {
        b.fake.fault("chat.postMessage", Fault::Code(code));
        let error = b.slack.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
        assert!(matches!(error, SurfaceError::Gone(_)), "{code}: {error:?}");
        b.clock.forward(SignedDuration::from_secs(5));
    }
    b.fake.fault("chat.postMessage", Fault::Code("invalid_blocks"));
    let error = b.slack.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Refused(_)), "{error:?}");
    assert_eq!(b.slack.connection(), Connection::Up);
}

#[tokio::test]
async fn sharp_edge_7_twenty_approvers_hear_at_once_and_one_channel_not_too_often() {
    let b = Bench::new().await;
    for n in 0..20 {
        b.slack.post(&place(&format!("D{n}")), &approvers_card(), &format!("once-{n}")).await.unwrap();
    }
    b.slack.post(&place("D0"), &approvers_card(), "second").await.unwrap();
    let error = b.slack.post(&place("D0"), &approvers_card(), "third").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Later { after: Some(_), unsure: false, .. }), "{error:?}");
    assert_eq!(b.fake.messages().len(), 21, "the third was not even tried");
    // A whole minute of writing as fast as we may: Slack never has to say no.
    let mut sent = 0;
    for n in 0..600 {
        b.clock.forward(SignedDuration::from_millis(100));
        sent += usize::from(b.slack.post(&place("D0"), &Card::note("x"), &format!("m-{n}")).await.is_ok());
    }
    assert!((58..=61).contains(&sent), "{sent}");
}

#[tokio::test]
async fn what_slack_says_about_slowness_holds_for_that_place_alone() {
    let b = Bench::new().await;
    b.fake.fault("chat.postMessage", Fault::TooMany(9));
    assert!(b.slack.post(&place("C1"), &Card::note("x"), "a").await.is_err());
    let error = b.slack.post(&place("C1"), &Card::note("x"), "a").await.unwrap_err();
    assert!(matches!(error, SurfaceError::Later { after: Some(left), .. } if left == Duration::from_secs(9)));
    assert_eq!(b.fake.calls("chat.postMessage").len(), 1, "it was not asked again");
    b.slack.post(&place("C2"), &Card::note("x"), "b").await.unwrap();
    b.clock.forward(SignedDuration::from_secs(9));
    b.slack.post(&place("C1"), &Card::note("x"), "a").await.unwrap();
}

#[tokio::test]
async fn sharp_edge_8_an_answer_by_ticket_is_sent_although_slack_says_nothing() {
    let b = Bench::new().await;
    let ticket = b.fake.response_url();
    b.slack.whisper(&back("C1", Some(ticket.clone())), &Card::note("for you alone")).await.unwrap();
    assert_eq!(b.fake.messages().len(), 1, "and it is sent once");
    b.fake.fault("chat.postEphemeral", Fault::Empty);
    b.slack.whisper(&back("C1", None), &Card::note("and this way")).await.unwrap();
    for _ in 0..4 {
        b.slack.whisper(&back("C1", Some(ticket.clone())), &Card::note("again")).await.unwrap();
    }
    // The sixth finds the ticket used up, and goes another way.
    b.slack.whisper(&back("C1", Some(ticket)), &Card::note("sixth")).await.unwrap();
    assert_eq!(b.fake.whispers("U1").len(), 2);
    let old = b.fake.response_url();
    b.clock.forward(SignedDuration::from_mins(31));
    b.slack.whisper(&back("C1", Some(old)), &Card::note("late")).await.unwrap();
    assert_eq!(b.fake.whispers("U1").len(), 3);
}

#[tokio::test]
async fn a_ticket_that_leads_elsewhere_is_not_used() {
    let b = Bench::new().await;
    for evil in
        ["https://evil.example/x", "http://169.254.169.254/latest", "https://hooks.slack.com.evil.example/", "nonsense"]
    {
        b.slack.whisper(&back("C1", Some(evil.into())), &Card::note("x")).await.unwrap();
    }
    assert_eq!(b.fake.whispers("U1").len(), 4, "they were told another way");
}

#[tokio::test]
async fn in_direct_messages_what_is_said_to_one_stays_to_be_read() {
    let b = Bench::new().await;
    b.slack.whisper(&back("DU1", None), &Card::note("first, tell me who you are")).await.unwrap();
    let messages = b.fake.messages();
    assert_eq!((messages[0].channel.as_str(), messages[0].only_for.as_deref()), ("DU1", None));
    assert_eq!(messages.len(), 1);
}

#[tokio::test]
async fn where_a_whisper_cannot_be_heard_there_is_the_direct_message() {
    let b = Bench::new().await;
    b.slack.whisper(&back("CGONE", None), &Card::note("x")).await.unwrap();
    let messages = b.fake.messages();
    assert_eq!((messages[0].channel.as_str(), messages[0].only_for.as_deref()), ("DU1", None));
}

#[tokio::test]
async fn sharp_edge_10_a_dead_token_stands_in_health_with_what_to_do() {
    for code in ["invalid_auth", "account_inactive", "token_revoked", "team_disabled", "org_login_required"] {
        let b = Bench::new().await;
        b.fake.fault("chat.postMessage", Fault::Code(code));
        let error = b.slack.post(&place("C1"), &Card::note("x"), "once").await.unwrap_err();
        assert!(matches!(&error, SurfaceError::ShutOut(why) if why.contains(code)), "{error:?}");
        let Connection::Dead(why) = b.slack.connection() else { panic!("{code}") };
        assert!(why.len() > code.len() + 40, "says what to do: {why}");
        // Mended, and noticed by the next call.
        b.slack.look().await.unwrap();
        assert_eq!(b.slack.connection(), Connection::Up);
    }
}

#[tokio::test]
async fn profiles_tell_whose_account_it_is() {
    let b = Bench::new().await;
    let user = |more: serde_json::Value| {
        let mut user =
            json!({"id": "U1", "team_id": "T1", "real_name": "Ana  Kovač", "profile": {"email": "ana@acme.test"}});
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user
    };
    b.fake.user("U1", user(json!({})));
    let profile = b.slack.profile(&account("U1")).await.unwrap();
    assert_eq!(
        (profile.name.as_str(), profile.email.as_deref(), profile.standing),
        ("Ana Kovač", Some("ana@acme.test"), Standing::Member)
    );
    b.fake.user("U1", user(json!({"is_email_confirmed": false})));
    let called = b.slack.called(&account("U1")).await.unwrap();
    assert_eq!((called.name.as_str(), called.space.as_deref()), ("Ana Kovač", Some("Acme")));
    assert_eq!(b.slack.profile(&account("U1")).await.unwrap().email, None, "an address nobody confirmed says nothing");
    for (more, standing) in [
        (json!({"deleted": true}), Standing::Deactivated),
        (json!({"is_ultra_restricted": true}), Standing::Guest),
        (json!({"is_bot": true}), Standing::Bot),
        (json!({"team_id": "T2"}), Standing::Foreign),
    ] {
        b.fake.user("U1", user(more));
        assert_eq!(b.slack.profile(&account("U1")).await.unwrap().standing, standing);
    }
    assert!(matches!(b.slack.profile(&account("U9")).await, Err(SurfaceError::Gone(_))));
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    use claviger::chat::slack::doctor::{Mode, Wanted, check};
    use claviger::domain::clock::Clock as _;
    let b = Bench::new().await;
    let good = check(&b.slack, Mode::Socket(&"xapp-test".into()), Wanted::default(), b.clock.now()).await;
    assert!(good.len() == 4 && good.iter().all(|f| f.found.is_ok()), "{good:?}");
    let wrong = check(&b.slack, Mode::Socket(&"xapp-other".into()), Wanted::default(), b.clock.now()).await;
    assert!(wrong[3].found.as_ref().unwrap_err().contains("copy it anew"), "{wrong:?}");
    b.fake.fault("apps.connections.open", Fault::Code("missing_scope"));
    let wrong = check(&b.slack, Mode::Socket(&"xapp-test".into()), Wanted::default(), b.clock.now()).await;
    let said = wrong[3].found.as_ref().unwrap_err();
    assert!(said.contains("connections:write") && !said.contains("manifest"), "{said}");
    let elsewhere = Wanted { spaces: &["T0ELSEWHERE".to_owned()], ..Wanted::default() };
    let wrong = check(&b.slack, Mode::Socket(&"xapp-test".into()), elsewhere, b.clock.now()).await;
    let said = wrong.iter().find_map(|f| f.found.as_ref().err()).unwrap();
    assert!(said.contains("`T0ELSEWHERE` is not this token's workspace"), "{said}");
    b.fake.fault("auth.test", Fault::Code("account_inactive"));
    let wrong =
        check(&b.slack, Mode::Http(&"http://access.example".parse().unwrap()), Wanted::default(), b.clock.now()).await;
    assert!(wrong[0].found.as_ref().unwrap_err().contains("install it again"), "{wrong:?}");
    assert!(wrong[1].found.as_ref().unwrap_err().contains("https"), "{wrong:?}");
}
