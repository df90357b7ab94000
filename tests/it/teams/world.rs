//! Teams, its connector, and a house that answers as told, on one clock.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use claviger::app::teams::{reception, surface};
use claviger::chat::teams::client::Teams;
use claviger::chat::teams::routes;
use claviger::chat::teams::settings::{Cloud, Settings, Written};
use claviger::domain::account::{Account, PlatformId, Posted};
use claviger::domain::action::ActionToken;
use claviger::domain::card::{Button, Card};
use claviger::domain::clock::Clock;
use claviger::domain::conversation::Surface;
use claviger::ports::desk::{DeskError, DeskErrorKind, Mine};
use claviger::ports::surface::{Back, ChatDoor, Draw, Found, Incoming, Now, SurfaceError, Taken};
use claviger::ports::whereabouts::WhereaboutsBook;
use claviger::store::database::Database;
use claviger::store::open::open_memory;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::bot::HandClock;
use crate::teams::connector::Connector;

pub const APP: &str = "11111111-2222-3333-4444-555555555555";
pub const TENANT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
pub const ANA: &str = "0a0a0a0a-0000-0000-0000-000000000001";

/// A house that keeps what comes in and answers as told; what is not told is [`Now::Nothing`].
#[derive(Default)]
pub struct Door {
    pub taken: Mutex<Vec<Incoming>>,
    pub dealt: Mutex<Vec<Incoming>>,
    pub answers: Mutex<VecDeque<Now>>,
    /// What sort of no is said to the next deliveries.
    pub shut: Mutex<Option<DeskErrorKind>>,
    names: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl ChatDoor for Door {
    async fn in_turn(&self, _: Surface, _: &Posted, _: &Card, draw: Draw<'_>) -> Result<(), SurfaceError> {
        draw.await
    }

    async fn take(&self, incoming: &Incoming) -> Result<Taken, DeskError> {
        if let Some(kind) = *self.shut.lock().unwrap() {
            let said = "Not now.".to_owned();
            return Err(DeskError { kind, said, next: "Later.".into(), reference: "R".into(), fresh: None });
        }
        if !self.names.lock().unwrap().insert(incoming.once.clone()) {
            return Ok(Taken::Before);
        }
        self.taken.lock().unwrap().push(incoming.clone());
        Ok(Taken::New)
    }

    async fn deal(&self, incoming: &Incoming) -> Now {
        self.dealt.lock().unwrap().push(incoming.clone());
        self.answers.lock().unwrap().pop_front().unwrap_or(Now::Nothing)
    }

    async fn form(&self, _: &Back, _: &ActionToken) -> Result<Button, Box<Card>> {
        Err(Box::new(Card::note("no")))
    }

    async fn home(&self, _: &Back) -> Result<(Vec<Card>, Mine), Box<Card>> {
        Err(Box::new(Card::note("no")))
    }

    async fn search(&self, _: &Back, _: &str, _: usize) -> Result<Vec<Found>, Box<Card>> {
        Ok(Vec::new())
    }
}

pub struct World {
    pub connector: Arc<Connector>,
    pub teams: Arc<Teams>,
    pub settings: Arc<Settings>,
    pub door: Arc<Door>,
    pub book: Arc<Database>,
    pub clock: Arc<HandClock>,
    /// The same as a trait object.
    pub time: Arc<dyn Clock>,
    pub router: Router,
    heard: watch::Receiver<usize>,
}

pub fn id(text: &str) -> PlatformId {
    PlatformId::parse(text).unwrap()
}

pub fn ana() -> Account {
    Account { surface: Surface::Teams, space: id(TENANT), id: id(ANA) }
}

/// Settings that lead to this connector.
pub fn written(connector: &Connector) -> Written {
    Written {
        app_id: APP.to_uppercase(),
        app_secret: "hush".into(),
        tenants: vec![TENANT.into()],
        app_tenant: None,
        cloud: Cloud::Public,
        metadata_url: Some(format!("{}/openid", connector.base)),
        login_url: Some(format!("{}/login", connector.base)),
        service_hosts: Vec::new(),
        public_url: "https://access.example/".into(),
    }
}

impl World {
    pub async fn start() -> Self {
        let clock = HandClock::at("2026-11-23T09:00:00Z");
        let time: Arc<dyn Clock> = clock.clone();
        Self::with(clock, time).await
    }

    /// With another clock for the product than the one set by hand.
    pub async fn with(clock: Arc<HandClock>, time: Arc<dyn Clock>) -> Self {
        let connector = Connector::start(Arc::clone(&time)).await;
        let mut settings = Settings::parse(written(&connector)).unwrap();
        settings.patience = Duration::from_millis(400);
        let settings = Arc::new(settings);
        let book = open_memory().await.unwrap();
        let shared: Arc<dyn WhereaboutsBook> = book.clone();
        let teams = surface(&settings, shared.clone(), Arc::clone(&time)).unwrap();
        let door = Arc::new(Door::default());
        let house: Arc<dyn ChatDoor> = door.clone();
        let router = routes::router(reception(&settings, &teams, house, shared, Arc::clone(&time)));
        let heard = connector.heard();
        Self { connector, teams, settings, door, book, clock, time, router, heard }
    }

    /// An activity with this much said otherwise.
    pub fn activity(&self, more: Value) -> Value {
        let mut whole = json!({
            "type": "message", "id": "f:1", "channelId": "msteams", "serviceUrl": self.connector.service(),
            "from": { "id": "29:ana", "name": "Ana", "aadObjectId": ANA }, "recipient": { "id": format!("28:{APP}") },
            "conversation": { "id": "a:ana", "conversationType": "personal", "tenantId": TENANT },
            "channelData": { "tenant": { "id": TENANT } },
        });
        for (key, value) in more.as_object().unwrap() {
            whole[key] = value.clone();
        }
        whole
    }

    /// Delivers as Teams does, properly signed.
    pub async fn deliver(&self, more: Value) -> (StatusCode, Value) {
        let activity = self.activity(more);
        let token = self.connector.token(self.connector.claims(&activity));
        self.send(Some(&format!("Bearer {token}")), activity.to_string()).await
    }

    pub async fn send(&self, authorization: Option<&str>, body: impl Into<Body>) -> (StatusCode, Value) {
        let mut request = Request::post(routes::ADDRESS).header("content-type", "application/json");
        if let Some(shown) = authorization {
            request = request.header("authorization", shown);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Waits until the connector has seen so many calls about messages and conversations.
    pub async fn calls(&mut self, n: usize) -> Vec<(String, Value)> {
        self.heard.wait_for(|heard| *heard >= n).await.unwrap();
        self.connector.calls()
    }
}
