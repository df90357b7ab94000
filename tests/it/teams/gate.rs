//! Who is let in: every rule, each broken by itself, in the order in which they are looked at.
//!
//! `CLAVIGER_TEAMS_VERDICTS=file` writes the tokens with our verdicts, from where `tests/chat/teams_tokens.py` puts them before
//! Microsoft's own library.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::app::system::SystemClock;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::bot::HandClock;
use crate::teams::world::{APP, TENANT, World};

/// A token by hand: any header, any claims, a signature that is none.
fn unsigned(header: Value, claims: Value, signature: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

fn with(mut base: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    base
}

/// One case: name, token, activity, whether it is let in, and whether Microsoft's library is to be asked as well.
type Case = (&'static str, String, Value, bool, bool);

fn cases(w: &World) -> Vec<Case> {
    let c = &w.connector;
    let activity = w.activity(json!({}));
    let claims = c.claims(&activity);
    let now = w.time.now().as_second();
    let say = |more: Value| c.token(with(claims.clone(), more));
    let of = |more: Value| w.activity(more);
    let kid = c.kid();
    let good = c.token(claims.clone());
    let secret = EncodingKey::from_secret(c.key_set()["keys"][0]["n"].as_str().unwrap().as_bytes());
    let mut shared = Header::new(Algorithm::HS256);
    shared.kid = Some(kid.clone());
    let pieces: Vec<&str> = good.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(with(claims.clone(), json!({ "aud": APP, "exp": now + 9_999 })).to_string());
    let elsewhere = of(json!({ "serviceUrl": "https://evil.example/" }));
    let inside = of(json!({ "serviceUrl": "http://169.254.169.254/" }));
    vec![
        ("good", good.clone(), activity.clone(), true, true),
        (
            "wrong audience",
            say(json!({ "aud": "22222222-2222-3333-4444-555555555555" })),
            activity.clone(),
            false,
            true,
        ),
        ("no audience", say(json!({ "aud": null })), activity.clone(), false, true),
        ("wrong issuer", say(json!({ "iss": "https://sts.windows.net/x/" })), activity.clone(), false, true),
        ("no issuer", say(json!({ "iss": null })), activity.clone(), false, true),
        ("expired 200 s ago", say(json!({ "exp": now - 200 })), activity.clone(), true, true),
        ("expired 400 s ago", say(json!({ "exp": now - 400 })), activity.clone(), false, true),
        ("no end", say(json!({ "exp": null })), activity.clone(), false, false),
        ("begins in 200 s", say(json!({ "nbf": now + 200 })), activity.clone(), true, true),
        ("begins in 400 s", say(json!({ "nbf": now + 400 })), activity.clone(), false, true),
        (
            "another service than the body",
            say(json!({ "serviceurl": "https://smba.trafficmanager.net/amer/" })),
            activity.clone(),
            false,
            true,
        ),
        ("no service", say(json!({ "serviceurl": null })), activity.clone(), false, true),
        ("a body without a service", good.clone(), with(activity.clone(), json!({ "serviceUrl": null })), false, false),
        (
            "neither names a service",
            say(json!({ "serviceurl": null })),
            with(activity.clone(), json!({ "serviceUrl": null })),
            false,
            false,
        ),
        ("another channel", c.token(c.claims(&activity)), of(json!({ "channelId": "webchat" })), false, true),
        ("no channel", good.clone(), with(activity.clone(), json!({ "channelId": null })), false, false),
        ("a service that is not Microsoft's", c.token(c.claims(&elsewhere)), elsewhere, false, false),
        ("a service inside", c.token(c.claims(&inside)), inside, false, false),
        (
            "another tenant",
            good.clone(),
            of(
                json!({ "conversation": { "id": "a:1" }, "channelData": { "tenant": { "id": "99999999-bbbb-cccc-dddd-eeeeeeeeeeee" } } }),
            ),
            false,
            false,
        ),
        (
            "two tenants",
            good.clone(),
            of(json!({ "conversation": { "id": "a:1", "tenantId": "99999999-bbbb-cccc-dddd-eeeeeeeeeeee" } })),
            false,
            false,
        ),
        (
            "no tenant",
            good.clone(),
            with(of(json!({ "conversation": { "id": "a:1" } })), json!({ "channelData": null })),
            false,
            false,
        ),
        (
            "the tenant in capitals",
            good.clone(),
            of(json!({ "channelData": { "tenant": { "id": TENANT.to_uppercase() } } })),
            true,
            false,
        ),
        ("an unknown key", c.token_by("kid-nobody", 1, claims.clone()), activity.clone(), false, true),
        ("another key under the known name", c.token_by(&kid, 1, claims.clone()), activity.clone(), false, true),
        ("altered claims", format!("{}.{other}.{}", pieces[0], pieces[2]), activity.clone(), false, true),
        (
            "no algorithm",
            unsigned(json!({ "alg": "none", "typ": "JWT", "kid": kid }), claims.clone(), ""),
            activity.clone(),
            false,
            true,
        ),
        (
            "the public key as a shared secret",
            encode(&shared, &claims, &secret).unwrap(),
            activity.clone(),
            false,
            true,
        ),
        (
            "no key named",
            unsigned(json!({ "alg": "RS256" }), claims.clone(), pieces[2]),
            activity.clone(),
            false,
            false,
        ),
        (
            "demands",
            unsigned(json!({ "alg": "RS256", "kid": kid, "crit": ["b64"] }), claims.clone(), pieces[2]),
            activity.clone(),
            false,
            false,
        ),
        ("two parts", format!("{}.{}", pieces[0], pieces[1]), activity.clone(), false, true),
        ("no token at all", String::new(), activity, false, false),
    ]
}

#[tokio::test]
async fn every_rule_by_itself() {
    // Microsoft's library reads the system's clock, so these tokens are made by it as well.
    let w = World::with(HandClock::at("2026-11-23T09:00:00Z"), Arc::new(SystemClock)).await;
    let mut told = Vec::new();
    for (n, (name, token, activity, may, ask)) in cases(&w).into_iter().enumerate() {
        let mut activity = activity;
        activity["id"] = format!("f:{n}").into();
        let (status, body) = w.send(Some(&format!("Bearer {token}")), activity.to_string()).await;
        let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(status, expected, "{name}");
        assert_eq!(body, Value::Null, "a refusal says nothing: {name}");
        if ask {
            told.push(json!({ "name": name, "token": token, "activity": activity, "ours": may }));
        }
    }
    assert_eq!(w.door.taken.lock().unwrap().len(), 4, "only what was let in was handed over");
    assert_eq!(w.send(None, "{}").await.0, StatusCode::FORBIDDEN);
    w.connector.endorse(&["webchat"]);
    w.connector.rotate();
    if let Ok(file) = std::env::var("CLAVIGER_TEAMS_VERDICTS") {
        let mut keys = w.connector.key_set();
        // The key the cases were signed with, endorsed as it was.
        let fresh = World::with(HandClock::at("2026-11-23T09:00:00Z"), Arc::new(SystemClock)).await;
        let cases: Vec<Value> = cases(&fresh)
            .into_iter()
            .filter(|c| c.4)
            .map(|(name, token, activity, may, _)| json!({ "name": name, "token": token, "activity": activity, "ours": may }))
            .collect();
        keys["keys"] = json!([fresh.connector.key_set()["keys"][0]]);
        let verdicts = json!({ "app": APP, "issuer": "https://api.botframework.com", "keys": keys, "cases": cases });
        std::fs::write(file, verdicts.to_string()).unwrap();
    }
    assert!(told.len() > 15);
}

#[tokio::test]
async fn a_key_that_is_not_endorsed_for_teams_signs_nothing_for_teams() {
    let w = World::start().await;
    w.connector.endorse(&["webchat", "skype"]);
    assert_eq!(w.deliver(json!({ "text": "hi" })).await.0, StatusCode::FORBIDDEN);
    w.connector.endorse(&[]);
    w.connector.rotate();
    w.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(w.deliver(json!({ "text": "hi" })).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_body_is_not_looked_at_before_the_token_holds() {
    let w = World::start().await;
    let activity = w.activity(json!({}));
    let good = format!("Bearer {}", w.connector.token(w.connector.claims(&activity)));
    assert_eq!(w.send(Some("Bearer nonsense"), "not json").await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.connector.readings(), 0, "nor is a key fetched for what is no token");
    assert_eq!(w.send(Some(&good), "not json").await.0, StatusCode::FORBIDDEN);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(w.send(Some(&good), deep).await.0, StatusCode::FORBIDDEN);
    let long = json!({ "text": "x".repeat(300 * 1024) }).to_string();
    assert_eq!(w.send(Some(&good), long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let (_, _) = w.send(Some(&good), activity.to_string()).await;
    assert_eq!(w.door.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_made_up_ones_cost_next_to_nothing() {
    let w = World::start().await;
    let deliver = async |id: &str| w.deliver(json!({ "id": id, "text": "hi" })).await.0;
    assert_eq!(deliver("f:1").await, StatusCode::OK);
    assert_eq!(deliver("f:2").await, StatusCode::OK);
    assert_eq!(w.connector.readings(), 1, "keys are kept");
    // A flood of made-up names, minutes on end.
    let activity = w.activity(json!({}));
    for minute in 0..10 {
        for n in 0..40 {
            let token = w.connector.token_by(&format!("kid-{minute}-{n}"), 1, w.connector.claims(&activity));
            assert_eq!(w.send(Some(&format!("Bearer {token}")), activity.to_string()).await.0, StatusCode::FORBIDDEN);
        }
        w.clock.advance(SignedDuration::from_secs(61));
    }
    let readings = w.connector.readings();
    assert!(readings <= 11, "{readings} readings in ten minutes");
    // In the middle of it Microsoft changes its key.
    w.connector.rotate();
    assert_eq!(deliver("f:3").await, StatusCode::OK, "the new key is found though others are being made up");
    // The same unknown name again and again, for an hour.
    let before = w.connector.readings();
    for _ in 0..50 {
        w.clock.advance(SignedDuration::from_secs(61));
        let token = w.connector.token_by("kid-same", 1, w.connector.claims(&activity));
        assert_eq!(w.send(Some(&format!("Bearer {token}")), activity.to_string()).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(w.connector.readings() - before, 1, "one reading an hour for one name");
}

#[tokio::test]
async fn keys_last_while_microsoft_is_down_but_not_for_ever() {
    let w = World::start().await;
    w.connector.down(true);
    assert_eq!(w.deliver(json!({ "id": "f:0" })).await.0, StatusCode::SERVICE_UNAVAILABLE, "nobody is let in unproven");
    w.connector.down(false);
    w.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(w.deliver(json!({ "id": "f:1" })).await.0, StatusCode::OK);
    w.connector.down(true);
    w.clock.advance(SignedDuration::from_hours(4 * 24));
    assert_eq!(w.deliver(json!({ "id": "f:2" })).await.0, StatusCode::OK, "four days old");
    w.clock.advance(SignedDuration::from_hours(2 * 24));
    assert_eq!(w.deliver(json!({ "id": "f:3" })).await.0, StatusCode::SERVICE_UNAVAILABLE, "six days old");
    w.connector.down(false);
    w.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(w.deliver(json!({ "id": "f:4" })).await.0, StatusCode::OK);
}
