//! People's hands and the platforms' wires: what somebody says or presses, made into what the platform delivers, and delivered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use claviger::chat::slack::identity::Own;
use claviger::chat::slack::read::task::{Task, read};
use claviger::chat::slack::receive::unpack;
use claviger::domain::conversation::Surface;
use claviger::domain::digest::Digest;
use claviger::workflow::surfaces::dealing;
use ed25519_dalek::Signer as _;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::discord::fake::{answered, was_answered};
use crate::fleet::company::Someone;
use crate::fleet::ground::{Fleet, Ways};
use crate::fleet::looks::Press;
use crate::teams::world::{APP, TENANT};

static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A number no other delivery has.
fn number() -> u64 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// One delivery, as the platform makes it. It can be delivered any number of times.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub surface: Surface,
    /// What kind of envelope (Slack) or event (Discord).
    kind: &'static str,
    pub body: Value,
}

impl Delivery {
    /// The name under which it is kept.
    pub fn key(&self) -> Digest {
        let text = |pointer: &str| self.body.pointer(pointer).and_then(Value::as_str).unwrap();
        let once = match (self.surface, self.kind) {
            (Surface::Slack, kind) => {
                let own = Own::read(&json!({ "team_id": "T1", "user_id": "UBOT", "bot_id": "B1" })).unwrap();
                match read(unpack(kind, self.body.clone()).unwrap(), &own) {
                    Task::Deliver(delivery) => delivery.incoming.once,
                    other => panic!("{other:?}"),
                }
            }
            (Surface::Teams, _) => format!("{}@{}", text("/id"), text("/conversation/id")),
            (_, "MESSAGE_CREATE") => format!("m{}", text("/id")),
            _ => format!("i{}", text("/id")),
        };
        dealing::key(self.surface, &once)
    }
}

impl Fleet {
    /// Somebody says something in their own conversation with us.
    pub fn words(&self, surface: Surface, who: &Someone, words: &str) -> Delivery {
        let n = number();
        let (kind, body) = match surface {
            Surface::Slack => {
                let event = json!({ "type": "message", "channel": who.direct(surface), "channel_type": "im",
                    "user": who.on(surface), "text": words, "ts": format!("{n}.1") });
                let whole = json!({ "type": "event_callback", "team_id": "T1", "event_id": format!("Ev{n}"),
                    "event_time": 1, "event": event });
                ("events_api", whole)
            }
            Surface::Teams => (
                "message",
                self.teams_activity(who, json!({ "type": "message", "id": format!("f:{n}"), "text": words })),
            ),
            // Without the gateway words come by the command.
            _ if self.ways == Ways::Called => {
                let option = json!([{ "type": 3, "name": "words", "value": words }]);
                let data = json!({ "id": "3", "name": "access", "type": 1, "options": option });
                ("INTERACTION_CREATE", interaction(who, n, 2, data, Value::Null))
            }
            _ => {
                let author = json!({ "id": who.on(surface), "username": who.id });
                let message = json!({ "id": n.to_string(), "channel_id": who.direct(surface), "type": 0, "author": author,
                    "content": words, "mentions": [] });
                ("MESSAGE_CREATE", message)
            }
        };
        Delivery { surface, kind, body }
    }

    /// Somebody presses a button of a message in their own conversation with us.
    pub fn click(&self, who: &Someone, press: &Press) -> Delivery {
        let (n, surface) = (number(), press.surface);
        let (kind, body) = match surface {
            Surface::Slack => {
                let channel = who.direct(surface);
                let click = json!({
                    "type": "block_actions", "team": { "id": "T1" }, "user": { "id": who.on(surface), "team_id": "T1" },
                    "trigger_id": format!("{n}.t"), "response_url": self.slack.response_url(), "channel": { "id": channel },
                    "container": { "type": "message", "message_ts": press.message, "channel_id": channel },
                    "actions": [{ "action_id": press.carries["action_id"], "value": press.carries["value"],
                        "action_ts": format!("{n}.2") }],
                });
                ("interactive", click)
            }
            Surface::Teams => {
                let action = json!({ "type": "Action.Execute", "verb": "x", "data": press.carries["data"] });
                let more = json!({ "type": "invoke", "name": "adaptiveCard/action", "id": format!("f:{n}"),
                    "replyToId": press.message, "value": { "action": action, "trigger": "manual" } });
                ("invoke", self.teams_activity(who, more))
            }
            _ => {
                // A button that asks before is pressed twice; the second time on a message that only the clicker sees.
                let custom = press.carries["custom_id"].as_str().unwrap();
                let asks = custom.starts_with('q');
                let pressed = format!("a{}", &custom[1..]);
                let message = json!({ "id": press.message, "flags": if asks { 64 } else { 0 } });
                let data = json!({ "component_type": 2, "custom_id": pressed });
                if !asks {
                    let place = (who.direct(surface), press.message.clone());
                    self.discord.held.lock().unwrap().clicked.insert(format!("ticket.{n}"), place);
                }
                ("INTERACTION_CREATE", interaction(who, n, 3, data, message))
            }
        };
        Delivery { surface, kind, body }
    }

    /// An activity of somebody's, with this much said otherwise.
    pub fn teams_activity(&self, who: &Someone, more: Value) -> Value {
        let on = Surface::Teams;
        let mut whole = json!({
            "type": "message", "id": format!("f:{}", number()), "channelId": "msteams", "serviceUrl": self.teams.service(),
            "from": { "id": format!("29:{}", who.id), "name": who.id, "aadObjectId": who.on(on) },
            "recipient": { "id": format!("28:{APP}") }, "channelData": { "tenant": { "id": TENANT } },
            "conversation": { "id": who.direct(on), "conversationType": "personal", "tenantId": TENANT },
        });
        for (key, value) in more.as_object().unwrap() {
            whole[key] = value.clone();
        }
        whole
    }

    /// Delivers once, to this process where the platform can choose; true where it was acknowledged.
    pub async fn deliver(&self, delivery: &Delivery, to: usize) -> bool {
        match (delivery.surface, self.ways) {
            (Surface::Slack, Ways::Connected) => self.lines.deliver(delivery.kind, &delivery.body, to).await,
            (Surface::Slack, Ways::Called) => self.call_slack(delivery, to).await.is_some_and(|s| s == StatusCode::OK),
            (Surface::Teams, _) => match self.call_teams(&delivery.body, to).await {
                Some((status, body)) => status == StatusCode::OK && body["statusCode"] != 500,
                None => false,
            },
            (_, Ways::Called) => self.call_discord(&delivery.body, to).await,
            _ => self.through_the_gateway(delivery).await,
        }
    }

    async fn call_slack(&self, delivery: &Delivery, to: usize) -> Option<StatusCode> {
        let body = match delivery.kind {
            "interactive" => url::form_urlencoded::Serializer::new(String::new())
                .append_pair("payload", &delivery.body.to_string())
                .finish(),
            _ => delivery.body.to_string(),
        };
        let time = now();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"hush").unwrap();
        mac.update(format!("v0:{time}:{body}").as_bytes());
        let request = self
            .http
            .post(format!("{}/slack/events", self.addresses[to]))
            .header("x-slack-request-timestamp", time)
            .header("x-slack-signature", format!("v0={}", hex::encode(mac.finalize().into_bytes())))
            .body(body);
        Some(request.send().await.ok()?.status())
    }

    /// What Teams was answered; nothing where nobody did.
    pub async fn call_teams(&self, activity: &Value, to: usize) -> Option<(StatusCode, Value)> {
        let token = self.teams.token(self.teams.claims(activity));
        let address = format!("{}/teams/messages", self.addresses[to]);
        let answer = self.http.post(address).bearer_auth(token).json(activity).send().await.ok()?;
        let status = answer.status();
        let bytes = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    async fn call_discord(&self, interaction: &Value, to: usize) -> bool {
        let (body, time) = (interaction.to_string(), now());
        let signature = self.key.sign(format!("{time}{body}").as_bytes());
        let request = self
            .http
            .post(format!("{}/discord/interactions", self.addresses[to]))
            .header("x-signature-timestamp", time)
            .header("x-signature-ed25519", hex::encode(signature.to_bytes()))
            .body(body);
        let Ok(answer) = request.send().await else { return false };
        let status = answer.status();
        let said: Value = answer.json().await.unwrap_or(Value::Null);
        // A message at once says that it was not kept, or took too long.
        if status == StatusCode::OK && said["type"] != 4 {
            answered(&self.discord, interaction["token"].as_str().unwrap());
        }
        status == StatusCode::ACCEPTED || (status == StatusCode::OK && said["type"] != 4)
    }

    /// Every process that is connected hears it. A click is answered by a call; of words Discord learns nothing, so that the house is asked.
    async fn through_the_gateway(&self, delivery: &Delivery) -> bool {
        self.gateway.happens(delivery.kind, delivery.body.clone());
        for _ in 0..60 {
            let heard = match delivery.body["token"].as_str() {
                Some(ticket) => was_answered(&self.discord, ticket),
                None => self.is_kept(delivery).await,
            };
            if heard {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

fn now() -> i64 {
    use claviger::domain::clock::Clock as _;
    claviger::app::system::SystemClock.now().as_second()
}

/// An interaction in somebody's own conversation with us.
fn interaction(who: &Someone, n: u64, kind: u8, data: Value, message: Value) -> Value {
    let on = Surface::Discord;
    json!({
        "id": n.to_string(), "application_id": "1", "type": kind, "token": format!("ticket.{n}"), "context": 1,
        "channel_id": who.direct(on), "user": { "id": who.on(on), "username": who.id }, "message": message, "data": data,
    })
}
