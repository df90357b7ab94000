//! A door that remembers what came, and says what it is told to say.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use claviger::domain::account::Posted;
use claviger::domain::action::ActionToken;
use claviger::domain::card::{Button, Card};
use claviger::domain::conversation::Surface;
use claviger::ports::desk::{DeskError, DeskErrorKind, Mine};
use claviger::ports::surface::{Back, ChatDoor, Draw, Found, Incoming, Now, SurfaceError, Taken};
use tokio::sync::{Semaphore, mpsc};

pub struct FakeDoor {
    seen: Mutex<BTreeSet<String>>,
    dealt: Mutex<Vec<Incoming>>,
    pub down: AtomicBool,
    /// Without permits nothing is kept.
    pub keeping: Semaphore,
    pub now: Mutex<Now>,
    pub form: Mutex<Result<Button, Box<Card>>>,
    pub home: Mutex<Result<(Vec<Card>, Mine), Box<Card>>>,
    pub found: Mutex<Vec<Found>>,
    began: Mutex<Option<mpsc::UnboundedSender<String>>>,
}

impl Default for FakeDoor {
    fn default() -> Self {
        Self {
            seen: Mutex::default(),
            dealt: Mutex::default(),
            down: AtomicBool::new(false),
            keeping: Semaphore::new(1_000),
            now: Mutex::new(Now::Nothing),
            form: Mutex::new(Err(Box::new(Card::note("no form")))),
            home: Mutex::new(Ok((Vec::new(), Mine::default()))),
            found: Mutex::default(),
            began: Mutex::default(),
        }
    }
}

impl FakeDoor {
    pub fn dealt(&self) -> Vec<Incoming> {
        self.dealt.lock().unwrap().clone()
    }

    pub fn says(&self, now: Now) {
        *self.now.lock().unwrap() = now;
    }

    /// Tells of every delivery that is being kept.
    pub fn watch(&self) -> mpsc::UnboundedReceiver<String> {
        let (tell, hear) = mpsc::unbounded_channel();
        *self.began.lock().unwrap() = Some(tell);
        hear
    }
}

#[async_trait]
impl ChatDoor for FakeDoor {
    async fn in_turn(&self, _: Surface, _: &Posted, _: &Card, draw: Draw<'_>) -> Result<(), SurfaceError> {
        draw.await
    }

    async fn take(&self, incoming: &Incoming) -> Result<Taken, DeskError> {
        if let Some(tell) = &*self.began.lock().unwrap() {
            let _ = tell.send(incoming.once.clone());
        }
        self.keeping.acquire().await.unwrap().forget();
        if self.down.load(Ordering::SeqCst) {
            return Err(DeskError {
                kind: DeskErrorKind::Unavailable,
                said: "The database does not answer.".into(),
                next: "Try again.".into(),
                reference: "x".into(),
                fresh: None,
            });
        }
        let new = self.seen.lock().unwrap().insert(incoming.once.clone());
        Ok(if new { Taken::New } else { Taken::Before })
    }

    async fn deal(&self, incoming: &Incoming) -> Now {
        self.dealt.lock().unwrap().push(incoming.clone());
        self.now.lock().unwrap().clone()
    }

    async fn form(&self, _: &Back, _: &ActionToken) -> Result<Button, Box<Card>> {
        self.form.lock().unwrap().clone()
    }

    async fn home(&self, _: &Back) -> Result<(Vec<Card>, Mine), Box<Card>> {
        self.home.lock().unwrap().clone()
    }

    async fn search(&self, _: &Back, words: &str, limit: usize) -> Result<Vec<Found>, Box<Card>> {
        let found = self.found.lock().unwrap();
        Ok(found.iter().filter(|f| f.title.contains(words)).take(limit).cloned().collect())
    }
}
