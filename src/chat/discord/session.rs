//! A session with Discord's gateway, as far as it needs no network: what a frame means, what to send, how to go on after an end (Discord,
//! “Gateway”, version 10). Opcodes, close codes and intents are serenity's.
//!
//! Ours rather than serenity's client, because a delivery counts as received here only when it has been kept: a session that broke off is
//! resumed from the last delivery that was. It also reads what serenity's types do not know yet, and never writes a frame into the log.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use serenity::constants::{Opcode, close_codes};
use serenity::model::gateway::GatewayIntents;

/// What is heard: direct messages, and messages on servers (whose words come only where we are mentioned). Neither is a privileged intent.
pub const INTENTS: GatewayIntents = GatewayIntents::DIRECT_MESSAGES.union(GatewayIntents::GUILD_MESSAGES);
/// The shortest and the longest time between heartbeats that is believed.
const HEARTBEAT: (u64, u64) = (100, 120_000);

/// What to do about a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// The connection is greeted: heartbeats this far apart, then [`Session::greeting`].
    Greeted(Duration),
    /// A heartbeat is wanted now.
    Beat,
    /// The last heartbeat arrived.
    Heard,
    /// The session stands, anew or again.
    Stands,
    /// Something happened.
    Happened {
        /// Its number in the session.
        seq: u64,
        /// Its name.
        name: String,
        /// The rest.
        data: Value,
    },
    /// Leave this connection.
    Leave(Ended),
}

/// How to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Connect again and resume: nothing is lost.
    Resume(String),
    /// Connect again with a new session: what happened in between is lost to us.
    Anew(String),
    /// Do not connect again: what is wrong, and what to do.
    Dead(String),
}

/// Which deliveries of a session have been kept. What is under way counts as not received.
#[derive(Debug, Default)]
pub struct Kept(Mutex<(u64, BTreeSet<u64>)>);

impl Kept {
    /// Something arrived.
    pub fn arrived(&self, seq: u64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = held.0.max(seq);
    }

    /// Something that has to be kept arrived.
    pub fn under_way(&self, seq: u64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = held.0.max(seq);
        held.1.insert(seq);
    }

    /// It was kept, or whoever sent it was told that it was not.
    pub fn done(&self, seq: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&seq);
    }

    /// The last delivery before which all are kept.
    #[must_use]
    pub fn last(&self) -> u64 {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1.first().map_or(held.0, |first| first.saturating_sub(1))
    }

    fn newest(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}

/// A session.
#[derive(Debug, Default)]
pub struct Session {
    id: Option<String>,
    resume_at: Option<String>,
    me: Option<String>,
    kept: std::sync::Arc<Kept>,
}

impl Session {
    /// Which deliveries have been kept.
    #[must_use]
    pub fn kept(&self) -> std::sync::Arc<Kept> {
        std::sync::Arc::clone(&self.kept)
    }

    /// Where to connect to resume, where the session stands.
    #[must_use]
    pub fn resume_at(&self) -> Option<&str> {
        self.id.as_ref().and(self.resume_at.as_deref())
    }

    /// The bot's own account, once the session has stood.
    #[must_use]
    pub fn me(&self) -> Option<&str> {
        self.me.as_deref()
    }

    /// What to say once greeted.
    #[must_use]
    pub fn greeting(&self, token: &str) -> Value {
        match &self.id {
            Some(id) => json!({
                "op": u8::from(Opcode::Resume),
                "d": { "token": token, "session_id": id, "seq": self.kept.last() },
            }),
            None => json!({
                "op": u8::from(Opcode::Identify),
                "d": {
                    "token": token,
                    "intents": INTENTS.bits(),
                    "properties": { "os": "linux", "browser": "claviger", "device": "claviger" },
                },
            }),
        }
    }

    /// A heartbeat.
    #[must_use]
    pub fn beat(&self) -> Value {
        let newest = self.kept.newest();
        json!({ "op": u8::from(Opcode::Heartbeat), "d": if newest == 0 { Value::Null } else { newest.into() } })
    }

    /// Hears a frame.
    pub fn hear(&mut self, frame: &Value) -> Step {
        let op = frame["op"].as_u64().and_then(|op| u8::try_from(op).ok()).map(Opcode::from);
        match op {
            Some(Opcode::Hello) => {
                let every = frame["d"]["heartbeat_interval"].as_u64().unwrap_or(41_250);
                Step::Greeted(Duration::from_millis(every.clamp(HEARTBEAT.0, HEARTBEAT.1)))
            }
            Some(Opcode::Heartbeat) => Step::Beat,
            Some(Opcode::HeartbeatAck) => Step::Heard,
            Some(Opcode::Reconnect) => Step::Leave(Ended::Resume("Discord asked us to connect again".into())),
            Some(Opcode::InvalidSession) if frame["d"].as_bool() == Some(true) => {
                Step::Leave(Ended::Resume("Discord does not go on with the session yet".into()))
            }
            Some(Opcode::InvalidSession) => Step::Leave(self.forget("Discord does not know the session any more")),
            Some(Opcode::Dispatch) => self.happened(frame),
            _ => Step::Nothing,
        }
    }

    fn happened(&mut self, frame: &Value) -> Step {
        let (Some(seq), Some(name)) = (frame["s"].as_u64(), frame["t"].as_str()) else { return Step::Nothing };
        let data = &frame["d"];
        match name {
            "READY" => {
                self.id = data["session_id"].as_str().map(str::to_owned);
                self.resume_at = data["resume_gateway_url"].as_str().map(str::to_owned);
                self.me = data["user"]["id"].as_str().map(str::to_owned).or(self.me.take());
                // A new session counts anew; what is under way of the old one goes on counting there.
                self.kept = std::sync::Arc::default();
                self.kept.arrived(seq);
                Step::Stands
            }
            "RESUMED" => {
                self.kept.arrived(seq);
                Step::Stands
            }
            _ => Step::Happened { seq, name: name.to_owned(), data: data.clone() },
        }
    }

    fn forget(&mut self, why: &str) -> Ended {
        self.id = None;
        self.resume_at = None;
        Ended::Anew(why.into())
    }

    /// How to go on after the connection was closed with this code; `None` where it simply broke.
    pub fn closed(&mut self, code: Option<u16>) -> Ended {
        let dead = |what: &str| Ended::Dead(what.to_owned());
        let Some(code) = code else { return Ended::Resume("the connection broke off".into()) };
        match code {
            close_codes::AUTHENTICATION_FAILED => dead(
                "Discord does not take the bot's token (4004): make a new one in the developer portal (page “Bot”, “Reset Token”) and put it \
                 into discord.token",
            ),
            close_codes::INVALID_SHARD | close_codes::SHARDING_REQUIRED => dead(
                "Discord wants this bot to be split up (4011), as it is in thousands of servers: take it out of servers that are not yours \
                 and switch “Public Bot” off in the developer portal",
            ),
            4012 => dead("Discord has given up this version of its gateway (4012): a newer Claviger is needed"),
            close_codes::INVALID_GATEWAY_INTENTS | close_codes::DISALLOWED_GATEWAY_INTENTS => dead(
                "Discord does not let this application hear messages (4014): look at the developer portal, page “Bot”; no privileged intent is \
                 needed, so the application may be limited by Discord",
            ),
            close_codes::INVALID_SEQUENCE | close_codes::SESSION_TIMEOUT | 4006 | 1000 | 1001 => {
                self.forget(&format!("Discord ended the session ({code})"))
            }
            close_codes::RATE_LIMITED => Ended::Resume("Discord was sent too much at once (4008)".into()),
            _ => Ended::Resume(format!("Discord closed the connection ({code})")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(session: &mut Session) {
        let ready = json!({ "op": 0, "t": "READY", "s": 1, "d": {
            "session_id": "abc", "resume_gateway_url": "wss://r.discord.gg", "user": { "id": "1" } } });
        assert_eq!(session.hear(&ready), Step::Stands);
    }

    #[test]
    fn a_session_is_resumed_from_what_was_kept() {
        let mut session = Session::default();
        assert_eq!(
            session.hear(&json!({ "op": 10, "d": { "heartbeat_interval": 5_000 } })),
            Step::Greeted(Duration::from_secs(5))
        );
        assert_eq!(session.beat()["d"], Value::Null);
        let identify = session.greeting("tok");
        assert_eq!((identify["op"].as_u64(), identify["d"]["intents"].as_u64()), (Some(2), Some(4_608)));
        ready(&mut session);
        let kept = session.kept();
        for seq in 2..=5 {
            kept.under_way(seq);
        }
        kept.arrived(6);
        for seq in [2, 4] {
            kept.done(seq);
        }
        assert_eq!(session.beat()["d"], 6);
        let resume = session.greeting("tok");
        assert_eq!((resume["op"].as_u64(), resume["d"]["seq"].as_u64()), (Some(6), Some(2)));
        kept.done(3);
        kept.done(5);
        assert_eq!(session.greeting("tok")["d"]["seq"], 6);
        assert_eq!(session.resume_at(), Some("wss://r.discord.gg"));
    }

    #[test]
    fn every_end_says_how_to_go_on() {
        let mut session = Session::default();
        for code in [4004, 4010, 4011, 4012, 4013, 4014] {
            ready(&mut session);
            assert!(matches!(session.closed(Some(code)), Ended::Dead(_)), "{code}");
        }
        for code in [None, Some(4000), Some(4001), Some(4002), Some(4003), Some(4005), Some(4008), Some(1006)] {
            ready(&mut session);
            assert!(matches!(session.closed(code), Ended::Resume(_)), "{code:?}");
            assert!(session.resume_at().is_some());
        }
        for code in [1000, 1001, 4006, 4007, 4009] {
            ready(&mut session);
            assert!(matches!(session.closed(Some(code)), Ended::Anew(_)), "{code}");
            assert_eq!(session.resume_at(), None);
        }
        ready(&mut session);
        assert!(matches!(session.hear(&json!({ "op": 9, "d": true })), Step::Leave(Ended::Resume(_))));
        assert!(matches!(session.hear(&json!({ "op": 9, "d": false })), Step::Leave(Ended::Anew(_))));
        assert_eq!(session.greeting("t")["op"], 2);
        assert_eq!(session.hear(&json!({ "op": 77 })), Step::Nothing);
        assert_eq!(session.hear(&json!([])), Step::Nothing);
    }
}
