//! Where a person is reached on a platform.

use crate::domain::account::{Account, Place};
use crate::domain::conversation::Surface;
use crate::domain::ids::PersonId;
use crate::ports::surface::{Back, ChatSurface, SurfaceError};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;

/// The platforms where a person has an account, and so hears of things.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn platforms_of(house: &House, person: &PersonId) -> Result<Vec<Surface>, WorkflowError> {
    let mut found = Vec::new();
    for platform in house.surfaces.iter() {
        let surface = platform.surface();
        if !house.surfaces.people.accounts_of(house, person, surface).await?.is_empty() {
            found.push(surface);
        }
    }
    Ok(found)
}

/// Notes where somebody talked to us in private: what we have to say to them goes there.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn met(house: &House, back: &Back) -> Result<(), WorkflowError> {
    let place = Place { thread: None, ..back.place.clone() };
    if house.store.place_of(&back.account).await?.as_ref() == Some(&place) {
        return Ok(());
    }
    Ok(house.store.put_place(&back.account, &place, house.now()).await?)
}

/// Where to find somebody in private.
pub enum Found {
    /// There, by this account.
    There(Place, Account),
    /// They have no account there.
    Nowhere,
    /// The platform could not say.
    NotNow(SurfaceError),
}

/// Where a person is reached on a platform in private: where they last talked to us, else where the platform says.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn find(house: &House, platform: &dyn ChatSurface, person: &PersonId) -> Result<Found, WorkflowError> {
    let accounts = house.surfaces.people.accounts_of(house, person, platform.surface()).await?;
    for account in &accounts {
        if let Some(place) = house.store.place_of(account).await? {
            return Ok(Found::There(place, account.clone()));
        }
    }
    let mut last = None;
    for account in accounts {
        match platform.direct(&account).await {
            Ok(place) => {
                house.store.put_place(&account, &place, house.now()).await?;
                return Ok(Found::There(place, account));
            }
            Err(error) => last = Some(error),
        }
    }
    Ok(last.map_or(Found::Nowhere, Found::NotNow))
}
