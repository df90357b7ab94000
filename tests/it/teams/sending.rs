//! What is sent: where to, how fast, and what is made of every answer.

use std::sync::Arc;
use std::time::Duration;

use claviger::chat::teams::check::look;
use claviger::domain::account::Place;
use claviger::domain::card::Card;
use claviger::ports::surface::{Back, ChatSurface as _, Connection, Standing, SurfaceError};
use jiff::SignedDuration;
use serde_json::json;

use crate::teams::connector::Break;
use crate::teams::world::{ANA, TENANT, World, ana, id};

const CHANNEL: &str = "19:approvals@thread.tacv2";

fn place(w: &World, channel: &str, thread: Option<&str>) -> Place {
    Place { space: id(TENANT), channel: id(channel), thread: thread.map(id), via: Some(w.connector.service()) }
}

#[tokio::test]
async fn a_chat_is_opened_once_where_none_is_known() {
    let w = World::start().await;
    let told = w.teams.direct(&ana()).await;
    assert!(
        matches!(&told, Err(SurfaceError::Later { unsure: false, why, .. }) if why.contains("open the app")),
        "{told:?}"
    );
    // Somebody else of the same organisation came by, so that the way there is known.
    w.deliver(json!({ "from": { "id": "29:ben", "aadObjectId": "0b" }, "conversation": { "id": "a:ben", "conversationType": "personal" } })).await;
    let found = w.teams.direct(&ana()).await.unwrap();
    assert_eq!(found.channel.as_str(), format!("a:opened-{ANA}"));
    assert_eq!(w.teams.direct(&ana()).await.unwrap(), found);
    let calls = w.connector.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].1["bot"]["id"], format!("28:{}", w.settings.app_id));
    assert_eq!(calls[0].1["channelData"]["tenant"]["id"], TENANT);
}

#[tokio::test]
async fn messages_stand_where_they_belong_and_are_found_again() {
    let w = World::start().await;
    let note = |words: &str| Card::note(words);
    let root = w.teams.post(&place(&w, CHANNEL, None), &note("root"), "").await.unwrap();
    let below = w.teams.post(&place(&w, CHANNEL, Some(root.message.as_str())), &note("reply"), "").await.unwrap();
    let group = w.teams.post(&place(&w, "19:x_y@thread.v2", None), &note("group"), "").await.unwrap();
    // A personal chat has no threads, whatever is asked for.
    let alone = w.teams.post(&place(&w, "a:ana", Some("m1")), &note("alone"), "").await.unwrap();
    for posted in [&root, &below, &group, &alone] {
        w.teams.update(posted, &note("new")).await.unwrap();
    }
    let messages = w.connector.messages();
    let places: Vec<&str> = messages.keys().map(|k| k.split(' ').next().unwrap()).collect();
    let thread = format!("{CHANNEL};messageid={}", root.message);
    assert_eq!(places, [thread.as_str(), thread.as_str(), "19:x_y@thread.v2", "a:ana"]);
    assert!(messages.values().all(|m| m["attachments"][0]["content"]["body"][0]["text"] == "new"));
    assert!(
        messages.values().all(|m| m.get("text").is_none() && m["summary"] == "new"),
        "text and card are never together"
    );
    assert_eq!(w.teams.find(&root.place, "").await, Ok(None));
    assert_eq!(w.connector.logins(), 1, "the token is kept");
}

#[tokio::test]
async fn never_faster_than_teams_allows() {
    let w = World::start().await;
    let here = place(&w, "a:ana", None);
    let (mut sent, mut waits) = (0, 0);
    while sent < 70 {
        match w.teams.post(&here, &Card::note("x"), "").await {
            Ok(_) => sent += 1,
            Err(SurfaceError::Later { after: Some(after), unsure: false, .. }) => {
                waits += 1;
                w.clock.advance(SignedDuration::try_from(after).unwrap());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(w.connector.too_fast(), 0, "Teams never had to say so");
    assert!(waits >= 9, "{waits}");
    // Another conversation was not held up by this one.
    assert!(w.teams.post(&place(&w, "a:ben", None), &Card::note("x"), "").await.is_ok());
}

#[tokio::test]
async fn what_is_made_of_every_failure() {
    let w = World::start().await;
    let here = place(&w, "a:ana", None);
    let card = Card::note("x");
    let standing = w.teams.post(&here, &card, "").await.unwrap();
    for (broken, unsure) in [
        (Break::Status(429, Some(7)), false),
        (Break::Status(412, None), false),
        (Break::Status(500, None), true),
        (Break::Status(502, Some(7)), true),
        (Break::Status(504, None), true),
        (Break::Reset, true),
        (Break::Silence, true),
    ] {
        w.clock.advance(SignedDuration::from_secs(3));
        w.connector.breaks(&[broken]);
        match w.teams.post(&here, &card, "").await {
            Err(SurfaceError::Later { after, unsure: u, .. }) => {
                assert_eq!(u, unsure, "{broken:?}");
                if let Break::Status(_, told) = broken {
                    assert_eq!(after, told.map(Duration::from_secs), "{broken:?}");
                }
            }
            other => panic!("{broken:?}: {other:?}"),
        }
        // Drawing anew may be repeated at will.
        w.connector.breaks(&[broken]);
        let again = w.teams.update(&standing, &card).await;
        assert!(matches!(again, Err(SurfaceError::Later { unsure: false, .. })), "{broken:?}: {again:?}");
        assert_eq!(w.teams.update(&standing, &card).await, Ok(()), "{broken:?}");
        assert_eq!(w.teams.connection(), Connection::Up);
    }
    w.clock.advance(SignedDuration::from_secs(3));
    w.connector.breaks(&[Break::Status(413, None)]);
    assert!(matches!(w.teams.post(&here, &card, "").await, Err(SurfaceError::Refused(_))));
    w.connector.breaks(&[Break::Nameless]);
    let nameless = w.teams.post(&here, &card, "").await.unwrap();
    assert!(matches!(w.teams.update(&nameless, &card).await, Err(SurfaceError::Gone(_))));
    w.clock.advance(SignedDuration::from_secs(3));
    w.connector.shut("a:ana");
    assert!(
        matches!(w.teams.post(&here, &card, "").await, Err(SurfaceError::Gone(why)) if why.contains("BotNotInConversationRoster"))
    );
    let mut lost = standing;
    lost.place.channel = id("a:other");
    assert!(matches!(w.teams.update(&lost, &card).await, Err(SurfaceError::Gone(_))));
}

#[tokio::test]
async fn our_token_is_renewed_in_time_and_its_loss_is_told() {
    let w = World::start().await;
    let here = place(&w, "a:ana", None);
    let card = Card::note("x");
    w.teams.post(&here, &card, "").await.unwrap();
    w.clock.advance(SignedDuration::from_mins(54));
    w.teams.post(&here, &card, "").await.unwrap();
    assert_eq!(w.connector.logins(), 1);
    w.clock.advance(SignedDuration::from_mins(2));
    w.teams.post(&here, &card, "").await.unwrap();
    assert_eq!(w.connector.logins(), 2, "five minutes before its end");
    w.connector.withdraw();
    w.teams.post(&here, &card, "").await.unwrap();
    assert_eq!(w.connector.logins(), 3, "a withdrawn one is replaced at once");
    // The secret expires.
    w.connector.withdraw();
    let said = json!({ "error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys are expired." });
    w.connector.login_says(Some((401, said)));
    for _ in 0..5 {
        let told = w.teams.post(&here, &card, "").await;
        assert!(matches!(&told, Err(SurfaceError::ShutOut(why)) if why.contains("expired")), "{told:?}");
    }
    assert_eq!(w.connector.logins(), 4, "a login that says no is not asked five times");
    assert!(matches!(w.teams.connection(), Connection::Dead(why) if why.contains("CLAVIGER_TEAMS__APP_SECRET")));
    w.connector.login_says(Some((503, json!({}))));
    w.clock.advance(SignedDuration::from_secs(61));
    assert!(matches!(w.teams.post(&here, &card, "").await, Err(SurfaceError::Later { unsure: false, .. })));
    assert!(matches!(w.teams.connection(), Connection::Trying(_)));
    w.connector.login_says(None);
    w.teams.post(&here, &card, "").await.unwrap();
    assert_eq!(w.teams.connection(), Connection::Up);
}

#[tokio::test]
async fn our_token_goes_nowhere_else() {
    let w = World::start().await;
    for elsewhere in
        ["https://evil.example/", "http://169.254.169.254/", "https://smba.trafficmanager.net.evil.example/"]
    {
        let mut there = place(&w, "a:ana", None);
        there.via = Some(elsewhere.into());
        assert!(matches!(w.teams.post(&there, &Card::note("x"), "").await, Err(SurfaceError::Gone(_))), "{elsewhere}");
    }
    assert_eq!(w.connector.logins(), 0);
}

#[tokio::test]
async fn people_are_looked_up_by_their_lasting_id() {
    let w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    w.connector.member("29:ana", json!({
        "id": "29:ana", "name": "Ana Kovač", "aadObjectId": ANA.to_uppercase(), "email": "ana@acme.test", "tenantId": TENANT, "userRole": "user",
    }));
    let profile = w.teams.profile(&ana()).await.unwrap();
    assert_eq!(
        (profile.name.as_str(), profile.email.as_deref(), profile.standing),
        ("Ana Kovač", Some("ana@acme.test"), Standing::Member)
    );
    w.connector.member("29:ana", json!({ "id": "29:ana", "aadObjectId": "somebody else", "name": "Ana" }));
    assert!(matches!(w.teams.profile(&ana()).await, Err(SurfaceError::Gone(_))));
}

#[tokio::test]
async fn a_whisper_goes_to_their_own_chat() {
    let w = World::start().await;
    w.deliver(json!({ "type": "conversationUpdate" })).await;
    let back = Back { account: ana(), place: place(&w, CHANNEL, Some("77")), ticket: None };
    w.teams.whisper(&back, &Card::note("No")).await.unwrap();
    assert_eq!(w.connector.calls()[0].0, "POST a:ana activities");
}

#[tokio::test]
async fn doctor_says_what_is_wrong() {
    let w = World::start().await;
    let wrong = async || {
        let all = look(&w.settings, &w.time).await;
        all.into_iter().filter_map(|l| l.wrong.map(|wrong| format!("{}: {wrong}", l.what))).collect::<Vec<_>>()
    };
    // The connector's `Date` is the real one, ours is set by hand; and our address is a name that leads nowhere.
    let found = wrong().await;
    assert!(found.iter().all(|w| w.contains("clock") || w.contains("`access.example` leads nowhere")), "{found:?}");
    assert!(found.iter().any(|w| w.contains("messaging endpoint")), "{found:?}");
    w.connector.endorse(&["webchat"]);
    w.connector.login_says(Some((
        400,
        json!({ "error": "unauthorized_client", "error_description": "AADSTS700016: not found" }),
    )));
    let found = wrong().await.join("\n");
    assert!(found.contains("may sign for Teams") && found.contains("teams.app_id"), "{found}");
    w.connector.down(true);
    assert!(wrong().await.join("\n").contains("Outgoing calls to"));
}

#[tokio::test]
async fn the_messaging_endpoint_is_called_as_microsoft_would() {
    let w = World::start().await;
    let said = async |public: &str| {
        let mut settings = (*w.settings).clone();
        settings.public_url = public.parse().unwrap();
        let all = look(&Arc::new(settings), &w.time).await;
        all.into_iter().find(|l| l.what.contains("messaging endpoint")).unwrap().wrong
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = format!("http://{}/", listener.local_addr().unwrap());
    let router = w.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(said(&ours).await, None, "a stand-in on this machine may call this machine");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await });
    assert!(said(&other).await.unwrap().contains("answers 404 Not Found and not 403"));
    assert!(said("http://127.0.0.1:1/").await.unwrap().contains("start `claviger serve`"));
    assert!(said("http://access.example/").await.unwrap().contains("https addresses only"));
    assert!(said("https://10.1.2.3/").await.unwrap().contains("give http.public_url a public name"));
}
