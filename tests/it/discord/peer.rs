//! Journeys before a Discord that nobody here wrote (`tests/chat/discord_peer.py`), with the whole house behind the adapter. Set
//! `CLAVIGER_TEST_DISCORD` to its address; `tests/run` does.

use std::sync::Arc;

use claviger::chat::discord::client::Discord;
use claviger::chat::discord::settings::{DiscordSettings, Patience};
use claviger::chat::discord::start::Receiver;
use claviger::ports::identity::Identity as _;
use claviger::ports::surface::{ChatSurface, Connection};
use claviger::workflow::house::Outside;
use claviger::workflow::surfaces::door::Door;
use claviger::workflow::surfaces::known::Surfaces;
use claviger::workflow::surfaces::people::Linked;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bot::{SeededEntropy, TestBot, person};
use crate::discord::LONG;

/// One journey at a time: they share the peer.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

struct Town {
    _alone: tokio::sync::MutexGuard<'static, ()>,
    bot: TestBot,
    http: reqwest::Client,
    url: String,
    discord: Arc<Discord>,
    stop: CancellationToken,
    runs: JoinHandle<()>,
}

impl Town {
    /// The example company with these of its people on a Discord, where each has said whose account theirs is; nothing where there is none.
    async fn with(people: &[&str]) -> Option<Self> {
        let Ok(url) = std::env::var("CLAVIGER_TEST_DISCORD") else {
            println!("skipped: CLAVIGER_TEST_DISCORD names no peer");
            return None;
        };
        let alone = ONE.lock().await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut told = ask(&http, &url, "anew", &json!({})).await;
        for name in people {
            told = ask(&http, &url, "somebody", &json!({ "name": name })).await;
        }
        let discord = Arc::new(
            Discord::new(DiscordSettings {
                token: "peer".to_owned().into(),
                application: told["application"].as_str().unwrap().into(),
                guilds: vec![told["guild"].as_str().unwrap().into()],
                public_key: None,
                api: url.clone(),
                pages: Some("https://access.example/".parse().unwrap()),
                patience: Patience::default(),
            })
            .unwrap(),
        );
        let platform: Arc<dyn ChatSurface> = discord.clone();
        let bot = TestBot::with_outside(Outside::default(), |house| {
            house.surfaces = Surfaces::new(vec![platform], Arc::new(Linked), Vec::new());
        })
        .await;
        let door = Arc::new(Door(Arc::clone(&bot.house)));
        let entropy = Arc::new(SeededEntropy::new(3));
        let receiver = Receiver::new(Arc::clone(&discord), door, bot.clock.clone(), entropy, true);
        let stop = CancellationToken::new();
        let runs = tokio::spawn(receiver.run(stop.clone()));
        let town = Self { _alone: alone, bot, http, url, discord, stop, runs };
        town.until("the gateway stands", async || town.discord.connection() == Connection::Up).await;
        for name in people {
            town.links(name).await;
        }
        Some(town)
    }

    /// Nobody knows whose account it is; its owner opens the link they are sent, signed in, and says that it is theirs.
    async fn links(&self, who: &str) {
        self.does("say", json!({ "who": who, "words": "hello" })).await;
        let refused = self.shown(who, "First, tell me who you are").await;
        let secret = text(&refused).split("https://access.example/link/").nth(1).unwrap_or_default().to_owned();
        let secret: String = secret.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        let asked = self.bot.desk.asked_to_link(&secret).await.unwrap();
        assert_eq!((asked.name.as_str(), asked.space.as_deref()), (who, Some("Acme")), "as people call them there");
        self.bot.desk.link(&person(who), &secret).await.unwrap();
        self.shown(who, "This account is linked now").await;
        let own = self.bot.desk.accounts(&person(who)).await.unwrap();
        assert_eq!((own.len(), own[0].called.name.as_str()), (1, who));
    }

    async fn does(&self, what: &str, body: Value) -> Value {
        ask(&self.http, &self.url, what, &body).await
    }

    /// What somebody sees in their own conversation, or in the channel, oldest first.
    async fn reads(&self, who: &str, public: bool) -> Vec<Value> {
        let place = if public { "&public=1" } else { "" };
        let url = format!("{}/people/reads?who={who}{place}", self.url);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Waits until something is so, while the house does what is due.
    async fn until(&self, what: &str, so: impl AsyncFn() -> bool) {
        let end = Instant::now() + LONG;
        while !so().await {
            assert!(Instant::now() < end, "never: {what}");
            self.bot.settle().await;
            tokio::task::yield_now().await;
        }
    }

    /// The newest message of ours that somebody sees and that says this.
    async fn shown(&self, who: &str, words: &str) -> Value {
        let newest = async || {
            let seen = self.reads(who, false).await;
            seen.into_iter().rev().find(|m| m["author"]["bot"] == true && text(m).contains(words))
        };
        self.until(&format!("{who} reads “{words}”"), async || newest().await.is_some()).await;
        newest().await.unwrap()
    }

    /// Presses the button of this label on a message; what Discord was answered.
    async fn press(&self, who: &str, message: &Value, label: &str) -> Value {
        let body = json!({ "who": who, "message": message["id"], "custom_id": custom_id(message, label) });
        let answer = self.does("press", body).await;
        assert_eq!(answer["answered"], true, "within Discord's three seconds: {answer}");
        answer
    }

    async fn fill(&self, who: &str, message: &Value, modal: &Value, fields: Value) {
        let body = json!({ "who": who, "message": message["id"], "modal": modal, "fields": fields });
        let answer = self.does("fill", body).await;
        assert_eq!(answer["answered"], true, "{answer}");
    }

    async fn asks_for_the_reports(&self) {
        let words = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
        self.does("say", json!({ "who": "mira.okafor", "words": words })).await;
        let draft = self.shown("mira.okafor", "Q3 sales reports").await;
        assert_eq!(self.press("mira.okafor", &draft, "Submit").await["kind"], "deferred_update");
        self.shown("mira.okafor", "Waiting").await;
    }

    async fn ends(self) {
        self.until("all is done", async || {
            self.bot.house.store.next_due().await.unwrap().is_none_or(|at| {
                use claviger::domain::clock::Clock as _;
                at > self.bot.clock.now()
            })
        })
        .await;
        self.stop.cancel();
        tokio::time::timeout(LONG, self.runs).await.expect("it stops").unwrap();
        self.bot.is_at_rest().await;
    }
}

async fn ask(http: &reqwest::Client, url: &str, what: &str, body: &Value) -> Value {
    let response = http.post(format!("{url}/people/{what}")).json(body).send().await.unwrap();
    assert!(response.status().is_success(), "{what} {body}: {}", response.text().await.unwrap());
    response.json().await.unwrap()
}

/// All words of a message's embeds.
fn text(message: &Value) -> String {
    message["embeds"].to_string()
}

fn buttons(message: &Value) -> Vec<(String, String)> {
    let rows = message["components"].as_array().into_iter().flatten();
    let parts = rows.flat_map(|r| r["components"].as_array().into_iter().flatten());
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    parts.filter(|p| p["type"] == 2).map(|p| (text(&p["label"]), text(&p["custom_id"]))).collect()
}

fn custom_id(message: &Value, label: &str) -> String {
    let found = buttons(message).into_iter().find(|(l, _)| l == label);
    found.unwrap_or_else(|| panic!("no button “{label}” on {message:#}")).1
}

fn manager(of: &str) -> String {
    // The example company's own book says who that is; it is asked before anybody is put on Discord.
    let catalog = claviger::catalog::model::Catalog::load(
        &claviger::catalog::source::Source::Example,
        jiff::civil::date(2026, 11, 18),
    );
    catalog.unwrap().directory.managers_of(&person(of))[0].id.to_string()
}

#[tokio::test]
async fn asked_in_a_direct_message_approved_by_a_click_and_active() {
    let manager = manager("mira.okafor");
    let Some(town) = Town::with(&["mira.okafor", &manager]).await else { return };
    town.asks_for_the_reports().await;
    let card = town.shown(&manager, "Mira Okafor asks for").await;
    // A connection cut in the middle changes nothing.
    town.does("cut", json!({})).await;
    let mut answer = town
        .does("press", json!({ "who": manager, "message": card["id"], "custom_id": custom_id(&card, "Approve") }))
        .await;
    if answer["kind"] == "message" {
        // It asks before; the question is for this person alone, and its button acts.
        let question = town.shown(&manager, "?").await;
        answer = town.press(&manager, &question, "Yes: Approve").await;
    }
    assert_eq!(answer["answered"], true, "{answer}");
    town.shown("mira.okafor", "You have").await;
    let decided = async || {
        let seen = town.reads(&manager, false).await;
        let card = seen.into_iter().find(|m| m["id"] == card["id"]).unwrap();
        buttons(&card).iter().all(|(label, _)| label != "Approve")
    };
    town.until("no dead button is left", decided).await;
    assert!(town.bot.door("mira.okafor", &town.bot.entitlement("Q3 sales reports EMEA (read)")));
    town.ends().await;
}

#[tokio::test]
async fn denied_with_a_reason_in_a_form() {
    let manager = manager("mira.okafor");
    let Some(town) = Town::with(&["mira.okafor", &manager]).await else { return };
    town.asks_for_the_reports().await;
    let card = town.shown(&manager, "Mira Okafor asks for").await;
    let answer = town.press(&manager, &card, "Deny").await;
    assert_eq!(answer["kind"], "modal", "{answer}");
    town.fill(&manager, &card, &answer["modal"], json!({ "reason": "Use the public summary" })).await;
    let told = town.shown("mira.okafor", "Use the public summary").await;
    assert!(text(&told).contains("Use the public summary"));
    // The same button, pressed again on the old card: told alone, with the reason.
    let late = town
        .does("press", json!({ "who": manager, "message": card["id"], "custom_id": custom_id(&card, "Deny") }))
        .await;
    assert_eq!((late["kind"].as_str(), late["answered"].as_bool()), (Some("message"), Some(true)), "{late}");
    assert!(!town.bot.door("mira.okafor", &town.bot.entitlement("Q3 sales reports EMEA (read)")));
    town.ends().await;
}

#[tokio::test]
async fn questions_are_answered_in_private_wherever_they_are_put() {
    let Some(town) = Town::with(&["ana.kovac"]).await else { return };
    let before = town.reads("ana.kovac", false).await.len();
    town.does("say", json!({ "who": "ana.kovac", "words": "why was I locked out?" })).await;
    town.until("an answer", async || town.reads("ana.kovac", false).await.len() > before + 1).await;
    let before = town.reads("ana.kovac", false).await.len();
    let answer = town.does("command", json!({ "who": "ana.kovac", "words": "what do I have?", "public": true })).await;
    assert_eq!(answer["kind"], "deferred", "{answer}");
    town.until("an answer in private", async || town.reads("ana.kovac", false).await.len() > before).await;
    let note = async || town.reads("ana.kovac", true).await.iter().any(|m| text(m).contains("in private"));
    town.until("a note where it was asked", note).await;
    // Called by name in the channel: the same, and nobody else reads a word of the answer.
    let before = town.reads("ana.kovac", false).await.len();
    let bot = town.does("somebody", json!({ "name": "ana.kovac" })).await["bot"].as_str().unwrap().to_owned();
    let words = format!("<@{bot}> what do I have?");
    town.does("say", json!({ "who": "ana.kovac", "words": words, "public": true })).await;
    town.until("an answer in private", async || town.reads("ana.kovac", false).await.len() > before).await;
    town.does("somebody", json!({ "name": "onlooker" })).await;
    let ours = async || -> Vec<Value> {
        town.reads("onlooker", true).await.into_iter().filter(|m| m["author"]["bot"] == true).collect()
    };
    town.until("where the answer is", async || !ours().await.is_empty()).await;
    let seen = ours().await;
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert!(text(&seen[0]).contains("comes as a direct message") && !text(&seen[0]).contains("access"), "{seen:#?}");
    let answers: Vec<Value> =
        town.reads("ana.kovac", false).await.into_iter().filter(|m| m["author"]["bot"] == true).collect();
    assert!(answers.iter().all(|m| !text(m).contains("in private")), "said once: {answers:#?}");
    // Somebody nobody knows is told so, alone.
    let answer = town.does("command", json!({ "who": "onlooker", "words": "let me in", "public": true })).await;
    assert_eq!(answer["kind"], "deferred", "{answer}");
    let told =
        async || town.reads("onlooker", true).await.iter().any(|m| text(m).contains("First, tell me who you are"));
    town.until("the refusal", told).await;
    town.ends().await;
}
