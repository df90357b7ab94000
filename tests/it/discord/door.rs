//! A house's door that keeps what it is given, and answers what a test puts into it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::domain::account::Posted;
use claviger::domain::action::{ActionToken, Verb};
use claviger::domain::card::{Button, Card, Style};
use claviger::domain::conversation::Surface;
use claviger::ports::desk::{DeskError, DeskErrorKind, Mine};
use claviger::ports::surface::{Back, ChatDoor, Draw, Found, Incoming, Now, SurfaceError, Taken, What};
use tokio::sync::watch;

use crate::discord::LONG;

#[derive(Default)]
pub struct FakeDoor {
    pub nows: Mutex<VecDeque<Now>>,
    pub forms: Mutex<BTreeMap<String, Result<Button, Box<Card>>>>,
    /// How many deliveries are refused before one is kept.
    pub down: Mutex<u32>,
    kept: Mutex<BTreeSet<String>>,
    dealt: watch::Sender<Vec<Incoming>>,
}

impl FakeDoor {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn answers(&self, now: Now) {
        self.nows.lock().unwrap().push_back(now);
    }

    pub fn dealt(&self) -> Vec<Incoming> {
        self.dealt.borrow().clone()
    }

    pub async fn wait(&self, many: usize) -> Vec<Incoming> {
        let mut dealt = self.dealt.subscribe();
        let waited = tokio::time::timeout(LONG, dealt.wait_for(|d| d.len() >= many)).await.map(|r| r.map(|_| ()));
        assert!(matches!(waited, Ok(Ok(()))), "no {many} deliveries in {:#?}", self.dealt());
        self.dealt()
    }

    pub fn words(&self) -> Vec<String> {
        let said = |i: Incoming| match i.what {
            What::Said { words } => words,
            What::Clicked { token, .. } => format!("[{}]", token.0),
        };
        self.dealt().into_iter().map(said).collect()
    }
}

/// A button with this form and this question.
pub fn button(token: &str) -> Button {
    Button {
        verb: Verb::Deny,
        label: "Deny".into(),
        style: Style::Danger,
        token: ActionToken(token.into()),
        confirm: None,
        form: None,
    }
}

#[async_trait]
impl ChatDoor for FakeDoor {
    async fn in_turn(&self, _: Surface, _: &Posted, _: &Card, draw: Draw<'_>) -> Result<(), SurfaceError> {
        draw.await
    }

    async fn take(&self, incoming: &Incoming) -> Result<Taken, DeskError> {
        {
            let mut down = self.down.lock().unwrap();
            if *down > 0 {
                *down -= 1;
                return Err(DeskError {
                    kind: DeskErrorKind::Unavailable,
                    said: "I cannot note anything down just now.".into(),
                    next: "Try again in a minute.".into(),
                    reference: "R1".into(),
                    fresh: None,
                });
            }
        }
        let new = self.kept.lock().unwrap().insert(incoming.once.clone());
        Ok(if new { Taken::New } else { Taken::Before })
    }

    async fn deal(&self, incoming: &Incoming) -> Now {
        self.dealt.send_modify(|d| d.push(incoming.clone()));
        self.nows.lock().unwrap().pop_front().unwrap_or(Now::Nothing)
    }

    async fn form(&self, _: &Back, token: &ActionToken) -> Result<Button, Box<Card>> {
        let forms = self.forms.lock().unwrap();
        forms.get(&token.0).cloned().unwrap_or_else(|| Err(Box::new(Card::note("No such button"))))
    }

    async fn home(&self, _: &Back) -> Result<(Vec<Card>, Mine), Box<Card>> {
        Ok((Vec::new(), Mine::default()))
    }

    async fn search(&self, _: &Back, words: &str, limit: usize) -> Result<Vec<Found>, Box<Card>> {
        let found =
            |n: usize| Found { id: format!("{words}-{n}"), title: format!("{words} {n}"), about: String::new() };
        Ok((0..limit + 5).map(found).collect())
    }
}
