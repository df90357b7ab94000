//! What stands on the platforms, and whether it is as it should be.

use std::collections::{BTreeMap, BTreeSet};

use claviger::domain::action::{Action, ActionToken, Subject, Verb};
use claviger::domain::conversation::Surface;
use claviger::domain::posting::{Posting, Standing};
use claviger::ports::posting::{Delivered, Deliveries as _, Postings as _};
use claviger::ports::store::Jobs as _;
use claviger::workflow::surfaces::draw;
use serde_json::Value;

use crate::fleet::company::Someone;
use crate::fleet::ground::{Fleet, until};
use crate::fleet::hands::Delivery;

/// A message of ours that stands somewhere.
#[derive(Debug, Clone)]
pub struct Seen {
    pub surface: Surface,
    pub message: String,
    pub body: Value,
}

/// A button that can be pressed.
#[derive(Debug, Clone)]
pub struct Press {
    pub surface: Surface,
    pub message: String,
    pub action: Action,
    /// The part of the message that carries it.
    pub carries: Value,
}

impl Fleet {
    /// What somebody reads in their own conversation with us, oldest first.
    pub fn reads(&self, surface: Surface, who: &Someone) -> Vec<Seen> {
        let channel = who.direct(surface);
        let seen = |(message, body)| Seen { surface, message, body };
        match surface {
            Surface::Slack => self.slack.in_channel(&channel).into_iter().map(|m| seen((m.ts, m.body))).collect(),
            Surface::Teams => self.teams.in_conversation(&channel).into_iter().map(seen).collect(),
            _ => {
                let id = |m: &Value| m["id"].as_str().unwrap().to_owned();
                self.discord.messages(&channel).into_iter().map(|m| seen((id(&m), m))).collect()
            }
        }
    }

    /// The buttons of a message that work.
    pub fn buttons(&self, seen: &Seen) -> Vec<Press> {
        let mut found = Vec::new();
        self.search(seen, &seen.body, &mut found);
        found
    }

    fn search(&self, seen: &Seen, part: &Value, found: &mut Vec<Press>) {
        let token = match seen.surface {
            Surface::Slack => part["value"].as_str().filter(|_| part["type"] == "button"),
            Surface::Teams => part["data"]["token"].as_str().filter(|_| part["type"] == "Action.Execute"),
            _ => part["custom_id"].as_str().and_then(|id| id.split_once(':')).map(|(_, token)| token),
        };
        if let Some(action) = token.and_then(|token| self.opened(token)) {
            let (surface, message) = (seen.surface, seen.message.clone());
            found.push(Press { surface, message, action, carries: part.clone() });
        }
        match part {
            Value::Object(map) => map.values().for_each(|v| self.search(seen, v, found)),
            Value::Array(list) => list.iter().for_each(|v| self.search(seen, v, found)),
            _ => {}
        }
    }

    fn opened(&self, token: &str) -> Option<Action> {
        self.house.tokens.open(&ActionToken(token.to_owned()), self.house.now()).ok()
    }

    /// The newest button of this kind that somebody sees.
    pub fn sees(&self, surface: Surface, who: &Someone, verb: Verb) -> Option<Press> {
        let newest = self.reads(surface, who).into_iter().rev();
        newest.flat_map(|seen| self.buttons(&seen)).find(|press| press.action.verb == verb)
    }

    /// The same, waited for.
    pub async fn shown(&self, surface: Surface, who: &Someone, verb: Verb) -> Press {
        let what = format!("{} sees {verb:?} on {}", who.id, surface.name());
        until(&what, async || self.sees(surface, who, verb)).await
    }

    /// True where the house has it.
    pub async fn is_kept(&self, delivery: &Delivery) -> bool {
        self.store.delivery(&delivery.key()).await.unwrap() != Delivered::Unknown
    }

    /// Waits until nothing is left to do: deliveries, jobs, messages. What is at rest one moment after the other, with nothing written in
    /// between, is at rest: a job that ends between two looks leaves something to do behind it, and writes it down.
    pub async fn calm(&self) {
        let rests = async || {
            let now = self.house.now();
            let jobs = format!("state = 'running' OR (state = 'queued' AND due_us <= {})", now.as_microsecond());
            self.number(&format!("SELECT COUNT(*) FROM jobs WHERE {jobs}")).await == 0
                && self.store.lag().await.unwrap().is_empty()
                && self.store.undealt(now).await.unwrap() == 0
        };
        let written = async || {
            let events = self.number("SELECT COUNT(*) FROM events").await;
            (events, self.texts("SELECT snapshot FROM postings ORDER BY n").await)
        };
        let twice = async || {
            let before = written().await;
            (rests().await && rests().await && written().await == before).then_some(())
        };
        until("calm", twice).await;
    }

    /// Everything that stands on a platform shows how things are; nothing stands there twice; nothing was given up. `orphans` is how many
    /// messages may stand in Teams that nobody knows of: a bot can neither name its messages nor read them back, so that what was being
    /// posted when its process was killed is posted again.
    pub async fn all_is_right(&self, orphans: usize) {
        assert_eq!(self.store.dead().await.unwrap(), Vec::new(), "jobs were given up");
        let mut stands: BTreeMap<(Surface, String, String), Value> = BTreeMap::new();
        for who in &self.people {
            for surface in Surface::PLATFORMS {
                let seen = self.reads(surface, who).into_iter();
                stands.extend(seen.map(|s| ((surface, who.direct(surface), s.message), s.body)));
            }
        }
        let mut names = BTreeSet::new();
        let doubled: Vec<_> = stands
            .values()
            .filter(|b| b["nonce"].is_string() && !names.insert(b["nonce"].clone().to_string()))
            .collect();
        assert!(doubled.is_empty(), "posted twice on Discord: {doubled:#?}");
        let (mut known, mut in_teams) = (0, BTreeSet::new());
        for snapshot in self.texts("SELECT snapshot FROM postings ORDER BY n").await {
            let posting: Posting = serde_json::from_str(&snapshot).unwrap();
            assert_eq!(posting.standing, Standing::Posted, "{posting:#?}");
            let (place, message) = (posting.place.clone().unwrap(), posting.message.clone().unwrap());
            let key = (posting.surface, place.channel.to_string(), message.to_string());
            let body = stands.remove(&key).unwrap_or_else(|| panic!("it stands nowhere, or twice: {posting:#?}"));
            if posting.surface == Surface::Teams {
                in_teams.insert((key.1, body["attachments"].to_string()));
            }
            self.is_right(&posting, body).await;
            known += 1;
        }
        // What is left are answers of the moment, which nobody presses.
        let is_loose = |surface: Surface, channel: &str, body: &Value| {
            let seen = Seen { surface, message: String::new(), body: body.clone() };
            !self.buttons(&seen).is_empty()
                || body.pointer("/metadata/event_payload/once").is_some()
                || in_teams.contains(&(channel.to_owned(), body["attachments"].to_string()))
        };
        let loose: Vec<_> =
            stands.iter().filter(|((surface, channel, _), body)| is_loose(*surface, channel, body)).collect();
        let (teams, others): (Vec<_>, Vec<_>) =
            loose.into_iter().partition(|((surface, ..), _)| *surface == Surface::Teams);
        assert!(others.is_empty(), "nobody knows of these: {others:#?}");
        assert!(teams.len() <= orphans, "nobody knows of these: {teams:#?}");
        println!(
            "{known} messages are right, {} in Teams are nobody's, {} answered at once",
            teams.len(),
            stands.len()
        );
    }

    async fn is_right(&self, posting: &Posting, body: Value) {
        let Some(drawing) = draw::draw(&self.house, posting).await.unwrap() else { return };
        let platform = self.platforms.iter().find(|p| p.surface() == posting.surface).unwrap();
        let mut should: Value = serde_json::from_slice(&platform.drawn(&drawing.card)).unwrap();
        let parts: &[&str] = match posting.surface {
            Surface::Slack => &["text", "blocks"],
            Surface::Teams => &["summary", "attachments"],
            _ => &["embeds", "components"],
        };
        let mut is = body;
        if matches!(posting.key().map(|key| key.subject), Some(Subject::Draft(_))) {
            // What a draft's card says of how it would go is as of when it was shown; its buttons are what has to be right.
            let seen = |body| Seen { surface: posting.surface, message: String::new(), body };
            let verbs =
                |body: &Value| self.buttons(&seen(body.clone())).iter().map(|p| p.action.verb).collect::<Vec<_>>();
            assert_eq!(verbs(&is), verbs(&should), "{is:#}\nis not\n{should:#}");
            return;
        }
        self.mask(&mut is);
        self.mask(&mut should);
        for part in parts {
            assert_eq!(is[part], should[part], "{:#}\nis not\n{:#}\n{posting:#?}", is[part], should[part]);
        }
    }

    /// Puts what a button does in the place of its token, so that buttons made at different times look the same. What is dead stays as it is.
    fn mask(&self, part: &mut Value) {
        match part {
            Value::String(text) => {
                let (lead, token) = text.split_once(':').unwrap_or(("", text));
                if let Some(action) = self.opened(token) {
                    *text = format!("{lead} {:?}", Action { expires_minute: 0, ..action });
                }
            }
            Value::Object(map) => map.values_mut().for_each(|v| self.mask(v)),
            Value::Array(list) => list.iter_mut().for_each(|v| self.mask(v)),
            _ => {}
        }
    }
}
