//! People's passkeys: kept, listed, taken away, and their owner told of each change. What is in them is the server's matter.

use crate::domain::card::{Card, Inline, Section};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::event::HouseEvent;
use crate::domain::ids::PersonId;
use crate::ports::accounts::{Passkey, PasskeyChange};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::linking::say;

/// The most passkeys one person has.
pub const MOST: usize = 10;

/// Keeps a new passkey.
///
/// # Errors
/// Where it is there already, there are too many, or the store cannot be reached.
pub async fn add(house: &House, passkey: Passkey) -> Result<(), WorkflowError> {
    let who = passkey.person.clone();
    if !house.person(&who)?.is_employed() {
        return Err(WorkflowError::NotEmployed(who));
    }
    if house.store.passkeys_of(&who).await?.len() >= MOST {
        return Err(WorkflowError::Invalid {
            said: format!("You have {MOST} passkeys already; that is the most."),
            next: "Remove one you no longer use, then add this one.".into(),
        });
    }
    let digest = passkey.digest();
    let name = passkey.name.clone();
    let mut change = Change::by_person(house, &who);
    change.house_event(HouseEvent::Passkey { person: who.clone(), passkey: digest, added: true });
    change.passkeys([PasskeyChange::Put(passkey)]);
    change.commit().await?;
    told(house, &who, digest, "added", &format!("“{name}” can now confirm decisions for you.")).await
}

/// Takes one away.
///
/// # Errors
/// Where it is not theirs, or the store cannot be reached.
pub async fn remove(house: &House, who: &PersonId, digest: Digest) -> Result<(), WorkflowError> {
    let own = house.store.passkeys_of(who).await?;
    let passkey = own.into_iter().find(|p| p.digest() == digest).ok_or(WorkflowError::NotFound("passkey"))?;
    let mut change = Change::by_person(house, who);
    change.house_event(HouseEvent::Passkey { person: who.clone(), passkey: digest, added: false });
    change.passkeys([PasskeyChange::Drop(passkey.id)]);
    change.commit().await?;
    told(house, who, digest, "removed", &format!("“{}” no longer confirms anything for you.", passkey.name)).await
}

async fn told(house: &House, who: &PersonId, digest: Digest, what: &str, said: &str) -> Result<(), WorkflowError> {
    let mut card = Card::note(format!("A passkey was {what}"));
    card.body.push(Section::Para {
        text: vec![
            Inline::Text { text: format!("{said} Was that not you? ") },
            Inline::Link { text: "Look at your accounts and passkeys".into(), path: "/accounts".into() },
        ],
    });
    say(house, who, Surface::Web, &format!("passkey:{what}:{digest}:{}", house.now()), card).await
}
