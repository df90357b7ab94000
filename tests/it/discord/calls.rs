//! What we do on Discord: every call under every fault.

use std::time::Duration;

use claviger::chat::discord::client::Discord;
use claviger::domain::account::{Place, Posted};
use claviger::domain::card::Card;
use claviger::ports::surface::{Back, ChatSurface as _, Connection, Standing, SurfaceError};
use serde_json::json;

use crate::discord::fake::{Fake, Fault, answered};
use crate::discord::{account, adapter, adapter_with, id, place};
use crate::sample_cards::{approvers_card, everywhere};
use crate::surfaces::hostile::payloads;

#[tokio::test]
async fn a_card_is_posted_once_updated_and_found_again() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    let card = approvers_card();
    let posted = discord.post(&place("8"), &card, "once-1").await.unwrap();
    assert_eq!(discord.post(&place("8"), &card, "once-1").await.unwrap(), posted, "the same name posts nothing new");
    assert_eq!(fake.messages("8").len(), 1);
    assert_eq!(discord.find(&place("8"), "once-1").await.unwrap(), Some(posted.clone()));
    // A process that has just started remembers nothing and looks.
    assert_eq!(adapter(&fake.url).find(&place("8"), "once-1").await.unwrap(), Some(posted.clone()));
    assert_eq!(adapter(&fake.url).find(&place("8"), "once-2").await.unwrap(), None);
    discord.update(&posted, &Card::note("Decided")).await.unwrap();
    assert_eq!(fake.messages("8")[0]["embeds"][0]["title"], "Decided");
    assert_eq!(fake.messages("8")[0]["components"], json!([]));
    assert!(fake.calls().iter().all(|c| c.authorization.as_deref() == Some("Bot very.secret.token")));
}

#[tokio::test]
async fn no_way_of_sending_mentions_anybody_whatever_the_words() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    answered(&fake, "ticket");
    let back = Back { account: account("9"), place: place("8"), ticket: Some("ticket".into()) };
    let mut sent = 0;
    for (n, words) in payloads().iter().step_by(20).enumerate() {
        let card = everywhere(words);
        let threaded = Place { thread: Some(id("66")), ..place("8") };
        let posted = discord.post(&threaded, &card, &format!("once-{n}")).await.unwrap();
        discord.update(&posted, &card).await.unwrap();
        discord.whisper(&back, &card).await.unwrap();
        discord.whisper(&Back { ticket: None, ..back.clone() }, &card).await.unwrap();
        sent += 4;
    }
    let written: Vec<_> = fake.calls().into_iter().filter(|c| c.body["embeds"].is_array()).collect();
    assert_eq!(written.len(), sent);
    for call in written {
        assert_eq!(call.body["allowed_mentions"], json!({ "parse": [] }), "{}", call.line());
    }
}

#[tokio::test]
async fn a_reply_names_the_message_it_belongs_to() {
    let fake = Fake::start().await;
    let place = Place { thread: Some(id("66")), ..place("8") };
    adapter(&fake.url).post(&place, &Card::note("x"), "o").await.unwrap();
    let expected = json!({ "message_id": "66", "fail_if_not_exists": false });
    assert_eq!(fake.messages("8")[0]["message_reference"], expected);
}

async fn try_post(discord: &Discord) -> Result<Posted, SurfaceError> {
    discord.post(&place("8"), &Card::note("x"), "o").await
}

#[tokio::test]
async fn waiting_is_left_to_the_caller_and_kept_to() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    fake.fail(
        "POST /channels/8",
        Fault::Answer(429, &[("retry-after", "40")], r#"{"retry_after":39.5,"global":false}"#),
    );
    let Err(SurfaceError::Later { after, unsure: false, .. }) = try_post(&discord).await else { panic!() };
    assert_eq!(after, Some(Duration::from_secs(40)));
    // The same route is not even called before the time; another one is.
    let Err(SurfaceError::Later { after: Some(left), .. }) = try_post(&discord).await else { panic!() };
    assert!(left <= Duration::from_secs(40));
    assert_eq!(fake.called("POST /channels/8").len(), 1);
    discord.post(&place("88"), &Card::note("x"), "o").await.unwrap();
    // A limit on everything holds everything.
    let all: &[(&str, &str)] = &[("retry-after", "30"), ("x-ratelimit-global", "true")];
    fake.fail("POST /channels/88", Fault::Answer(429, all, "{}"));
    assert!(discord.post(&place("88"), &Card::note("x"), "p").await.is_err());
    assert!(matches!(discord.post(&place("888"), &Card::note("x"), "p").await, Err(SurfaceError::Later { .. })));
    assert!(fake.called("POST /channels/888").is_empty());
}

#[tokio::test]
async fn what_may_have_been_done_is_said_and_done_once() {
    let fake = Fake::start().await;
    for (n, fault) in [Fault::DoneBut(502), Fault::DoneThenBroken].into_iter().enumerate() {
        let once = format!("once-{n}");
        fake.fail("POST /channels/8", fault);
        let failed = adapter(&fake.url).post(&place("8"), &Card::note("x"), &once).await;
        assert!(matches!(failed, Err(SurfaceError::Later { unsure: true, .. })), "{failed:?}");
        let discord = adapter(&fake.url);
        let found = discord.find(&place("8"), &once).await.unwrap().expect("it stands");
        assert_eq!(discord.post(&place("8"), &Card::note("x"), &once).await.unwrap(), found);
        assert_eq!(fake.messages("8").len(), n + 1);
    }
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let fake = Fake::start().await;
    fake.fail("POST /channels/8", Fault::Silent);
    let hasty = adapter_with(&fake.url, None, Duration::from_millis(200));
    assert!(matches!(try_post(&hasty).await, Err(SurfaceError::Later { unsure: true, .. })));
    // Nothing listens there: certainly not done.
    let nowhere = adapter("http://127.0.0.1:1");
    assert!(matches!(try_post(&nowhere).await, Err(SurfaceError::Later { unsure: false, .. })));
}

#[tokio::test]
async fn what_is_gone_is_gone_and_a_dead_token_is_said() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    let bodies = [r#"{"code":10003}"#, r#"{"code":50001}"#, r#"{"code":50007}"#];
    for body in bodies {
        fake.fail("POST /channels/8", Fault::Answer(403, &[], body));
        assert!(matches!(try_post(&discord).await, Err(SurfaceError::Gone(_))), "{body}");
    }
    let lost = Posted { place: place("8"), message: id("404") };
    assert!(matches!(discord.update(&lost, &Card::note("x")).await, Err(SurfaceError::Gone(_))));
    assert!(!matches!(discord.connection(), Connection::Dead(_)));
    fake.fail("POST /channels/8", Fault::Answer(401, &[], r#"{"code":0,"message":"401: Unauthorized"}"#));
    let Err(SurfaceError::ShutOut(why)) = try_post(&discord).await else { panic!() };
    assert!(why.contains("discord.token") && !why.contains("very.secret"));
    assert_eq!(discord.connection(), Connection::Dead(why));
    for bad in ["../users/@me", "0", "8/../9", "x"] {
        assert!(
            matches!(discord.post(&place(bad), &Card::note("x"), "o").await, Err(SurfaceError::Refused(_))),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_whisper_goes_to_one_person_even_when_its_way_has_closed() {
    let fake = Fake::start().await;
    let discord = adapter(&fake.url);
    let back = |ticket: &str| Back { account: account("9"), place: place("8"), ticket: Some(ticket.into()) };
    answered(&fake, "open");
    discord.whisper(&back("open"), &Card::note("No")).await.unwrap();
    assert_eq!(fake.called("POST /webhooks/1/open")[0].body["flags"], 64);
    discord.whisper(&back("closed"), &Card::note("No")).await.unwrap();
    discord.whisper(&back("../../../users"), &Card::note("No")).await.unwrap();
    assert_eq!(fake.messages("90009").len(), 2, "in the direct conversation");
    assert!(fake.messages("8").is_empty(), "never where others read");
}

#[tokio::test]
async fn accounts_are_what_the_server_says() {
    let fake = Fake::start().await;
    {
        let mut held = fake.held.lock().unwrap();
        let user = |name: &str| json!({ "id": "9", "username": name, "global_name": null });
        held.members.insert("9".into(), json!({ "nick": "Ana K.", "user": user("ana") }));
        held.members.insert("10".into(), json!({ "pending": true, "user": user("new") }));
        held.members.insert("11".into(), json!({ "user": { "id": "11", "username": "robot", "bot": true } }));
        held.users.insert("12".into(), user("stranger"));
    }
    let discord = adapter(&fake.url);
    let seen = async |user| {
        let profile = discord.profile(&account(user)).await.unwrap();
        assert_eq!(profile.email, None);
        (profile.name, profile.standing)
    };
    assert_eq!(seen("9").await, ("Ana K.".into(), Standing::Member));
    assert_eq!(seen("10").await, ("new".into(), Standing::Guest));
    assert_eq!(seen("11").await, ("robot".into(), Standing::Bot));
    assert_eq!(seen("12").await, ("stranger".into(), Standing::Foreign));
    assert!(matches!(discord.profile(&account("13")).await, Err(SurfaceError::Gone(_))));
    let called = discord.called(&account("9")).await.unwrap();
    assert_eq!((called.name.as_str(), called.space.as_deref()), ("Ana K.", Some("Acme")));
    assert_eq!(discord.called(&account("12")).await.unwrap().space, None, "no server of ours");
    let direct = discord.direct(&account("9")).await.unwrap();
    assert_eq!(discord.direct(&account("9")).await.unwrap(), direct);
    assert_eq!(fake.called("POST /users/@me/channels").len(), 1, "asked once");
}
