//! The door for chat platforms' adapters: [`ChatDoor`] over a house.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::domain::account::{Account, Posted};
use crate::domain::action::ActionToken;
use crate::domain::card::{Button, Card};
use crate::domain::conversation::Surface;
use crate::domain::event::Actor;
use crate::domain::ids::{EventId, PersonId};
use crate::domain::job::Job;
use crate::ports::desk::{DeskError, DeskErrorKind, Mine};
use crate::ports::posting::NewDelivery;
use crate::ports::store::StoreError;
use crate::ports::surface::{Back, ChatDoor, Draw, Found, Incoming, Now, Standing, SurfaceError, Taken, What};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::{deal, dealing, start_page, turn};

/// When a delivery is dealt with by a job, where whoever took it did not get to it. Longer than dealing takes, a model asked included.
const LATER: SignedDuration = SignedDuration::from_secs(15);
/// The most bytes of one delivery that are kept. What people may say is shorter by far.
const LARGEST: usize = 64 * 1024;
/// The most bytes of a platform's id of a delivery.
const LONGEST_ONCE: usize = 1_000;

/// The door over a house.
pub struct Door(pub Arc<House>);

#[async_trait]
impl ChatDoor for Door {
    async fn take(&self, incoming: &Incoming) -> Result<Taken, DeskError> {
        let house = &self.0;
        let surface = incoming.back.account.surface;
        let payload = serde_json::to_string(incoming).map_err(|e| self.refuse(&e.to_string()))?;
        if incoming.once.is_empty() || incoming.once.len() > LONGEST_ONCE || payload.len() > LARGEST {
            return Err(self.refuse("a delivery without a name of its own, or too large"));
        }
        let key = dealing::key(surface, &incoming.once);
        let mut change = Change::by(house, Actor::System);
        let later = change.at().checked_add(LATER).unwrap_or(change.at());
        change.delivery(NewDelivery { key, surface, payload });
        change.job(Job::Deal { delivery: key }, later, format!("deal:{key}"));
        let taken = match change.commit().await {
            Ok(()) => Ok(Taken::New),
            Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => Ok(Taken::Before),
            Err(error) => Err(error.for_person(self.reference())),
        };
        let outcome = match &taken {
            Ok(Taken::New) => "new",
            Ok(Taken::Before) => "again",
            Err(_) => "refused",
        };
        let what = match incoming.what {
            What::Said { .. } => "said",
            What::Clicked { .. } => "clicked",
        };
        metrics::counter!("claviger_deliveries_total", "surface" => surface.name(), "what" => what, "outcome" => outcome).increment(1);
        taken
    }

    async fn deal(&self, incoming: &Incoming) -> Now {
        deal::now(&self.0, incoming).await
    }

    async fn form(&self, back: &Back, token: &ActionToken) -> Result<Button, Box<Card>> {
        let who = self.person(back).await?;
        deal::form(&self.0, &who, token).await
    }

    async fn home(&self, back: &Back) -> Result<(Vec<Card>, Mine), Box<Card>> {
        let who = self.person(back).await?;
        start_page::home(&self.0, &who).await
    }

    async fn search(&self, back: &Back, words: &str, limit: usize) -> Result<Vec<Found>, Box<Card>> {
        let who = self.person(back).await?;
        Ok(start_page::search(&self.0, &who, words, limit))
    }

    async fn in_turn(&self, surface: Surface, on: &Posted, card: &Card, draw: Draw<'_>) -> Result<(), SurfaceError> {
        turn::draw(&self.0, surface, on, card, draw).await
    }
}

impl Door {
    async fn person(&self, back: &Back) -> Result<PersonId, Box<Card>> {
        let Back { account, .. } = back;
        self.in_pace(account)?;
        self.0.surfaces.people.person_of(&self.0, back, None::<Standing>).await
    }

    fn in_pace(&self, account: &Account) -> Result<(), Box<Card>> {
        if self.0.surfaces.pace.admits(account, self.0.now()) { Ok(()) } else { Err(Box::new(deal::too_many())) }
    }

    fn reference(&self) -> String {
        EventId::mint(self.0.now(), self.0.entropy.as_ref()).short()
    }

    fn refuse(&self, why: &str) -> DeskError {
        let reference = self.reference();
        tracing::warn!(reference, why, "a delivery was not taken");
        DeskError {
            kind: DeskErrorKind::Invalid,
            said: "That could not be read.".into(),
            next: "Say it again in a sentence or two.".into(),
            reference,
            fresh: None,
        }
    }
}
