//! Who is behind an account, and where a person can be reached.

use async_trait::async_trait;

use crate::domain::account::Account;
use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::domain::ids::PersonId;
use crate::ports::surface::{Back, Standing};
use crate::workflow::accounts;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// Who is behind an account.
#[async_trait]
pub trait People: Send + Sync {
    /// The person behind an account, looked up anew.
    ///
    /// # Errors
    /// What to tell the account, and nobody else; the refusal was recorded.
    async fn person_of(&self, house: &House, back: &Back, standing: Option<Standing>) -> Result<PersonId, Box<Card>>;

    /// A person's accounts on a platform, best first.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    async fn accounts_of(&self, house: &House, person: &PersonId, on: Surface) -> Result<Vec<Account>, WorkflowError>;
}

/// Knows whom the directory names and who linked their account.
pub struct Linked;

#[async_trait]
impl People for Linked {
    async fn person_of(&self, house: &House, back: &Back, standing: Option<Standing>) -> Result<PersonId, Box<Card>> {
        // What is written about an account does not say that the delivery was dealt with.
        let house = House { dealing: None, ..house.clone() };
        let surface = house.surfaces.get(back.account.surface).cloned();
        accounts::person_of(&house, surface.as_deref(), back, standing).await.map_err(|refused| refused.card)
    }

    async fn accounts_of(&self, house: &House, person: &PersonId, on: Surface) -> Result<Vec<Account>, WorkflowError> {
        let all = accounts::accounts_of(house, person).await?;
        Ok(all.into_iter().filter(|account| account.surface == on).collect())
    }
}
