//! The desk's answers to our own pages about who is clicking.

use async_trait::async_trait;

use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::request::Confirmed;
use crate::ports::accounts::Passkey;
use crate::ports::desk::DeskError;
use crate::ports::identity::{AskedAccount, AskedConfirmation, Identity, OwnAccount};
use crate::workflow::desk::FrontDesk;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::StepUp;
use crate::workflow::{linking, passkeys, step_up};

#[async_trait]
impl Identity for FrontDesk {
    async fn asked_to_link(&self, secret: &str) -> Result<AskedAccount, DeskError> {
        linking::asked(&self.0, secret).await.map_err(|e| self.told(e))
    }

    async fn link(&self, who: &PersonId, secret: &str) -> Result<AskedAccount, DeskError> {
        linking::link(&self.0, who, secret).await.map_err(|e| self.told(e))
    }

    async fn asked_to_unlink(&self, secret: &str) -> Result<AskedAccount, DeskError> {
        linking::asked_to_undo(&self.0, secret).await.map_err(|e| self.told(e))
    }

    async fn unlink_by(&self, secret: &str) -> Result<(), DeskError> {
        linking::undo_by(&self.0, secret).await.map_err(|e| self.told(e))
    }

    async fn accounts(&self, who: &PersonId) -> Result<Vec<OwnAccount>, DeskError> {
        linking::own(&self.0, who).await.map_err(|e| self.told(e))
    }

    async fn unlink(&self, who: &PersonId, key: Digest) -> Result<(), DeskError> {
        linking::give_up(&self.0, who, key).await.map_err(|e| self.told(e))
    }

    async fn asked_to_confirm(&self, who: &PersonId, secret: &str) -> Result<AskedConfirmation, DeskError> {
        step_up::asked(&self.0, who, secret).await.map_err(|e| self.told(e))
    }

    async fn confirm(
        &self,
        who: &PersonId,
        secret: &str,
        how: Confirmed,
        used: Option<Passkey>,
    ) -> Result<Card, DeskError> {
        step_up::take(&self.0, who, secret, how, used).await.map_err(|e| self.told(e))
    }

    async fn not_confirmed(&self, who: &PersonId, cause: &str) -> Result<(), DeskError> {
        step_up::refuse(&self.0, who, cause).await.map_err(|e| self.told(e))
    }

    async fn passkeys(&self, who: &PersonId) -> Result<Vec<Passkey>, DeskError> {
        self.0.store.passkeys_of(who).await.map_err(|e| self.told(WorkflowError::from(e)))
    }

    async fn add_passkey(&self, passkey: Passkey) -> Result<(), DeskError> {
        passkeys::add(&self.0, passkey).await.map_err(|e| self.told(e))
    }

    async fn remove_passkey(&self, who: &PersonId, digest: Digest) -> Result<(), DeskError> {
        passkeys::remove(&self.0, who, digest).await.map_err(|e| self.told(e))
    }

    fn platforms(&self) -> Vec<Surface> {
        self.0.surfaces.iter().map(|platform| platform.surface()).collect()
    }

    fn click_proves(&self) -> bool {
        self.0.step_up == StepUp::Demo
    }
}
