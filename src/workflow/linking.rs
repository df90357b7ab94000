//! Linking an account through sign-in, and undoing it. Whoever is signed in and says so gets the account, nobody else; the account is told
//! in chat whose it is now and can undo that without signing in, for the link may have reached somebody else.

use jiff::Timestamp;

use crate::domain::account::Account;
use crate::domain::card::{Card, Inline, Section};
use crate::domain::conversation::{MessageBody, Surface};
use crate::domain::digest::Digest;
use crate::domain::event::{Actor, HouseEvent};
use crate::domain::ids::PersonId;
use crate::domain::link::{How, Link};
use crate::domain::window::Seconds;
use crate::ports::identity::{AskedAccount, OwnAccount};
use crate::ports::store::StoreError;
use crate::workflow::accounts::{self, platform};
use crate::workflow::change::Change;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::news::conversation;
use crate::workflow::slips::{self, Errand, Slip};

/// How long the account can undo a link by the message it got.
const UNDOING: Seconds = Seconds::days(7);

/// What the linking page shows.
///
/// # Errors
/// Where the link is of no use any more.
pub async fn asked(house: &House, secret: &str) -> Result<AskedAccount, WorkflowError> {
    let slip = slips::read(house, secret).await?;
    match slip.errand {
        Errand::Link { account, name } => {
            let space = accounts::called(house, &account).await.space;
            Ok(AskedAccount { account, name, space, ends: slip.ends })
        }
        Errand::Unlink { .. } | Errand::Confirm(_) => Err(WorkflowError::NotFound("link")),
    }
}

/// Links the account to whoever is signed in and says that it is theirs.
///
/// # Errors
/// Where the link is of no use any more, or the account is somebody's already.
pub async fn link(house: &House, who: &PersonId, secret: &str) -> Result<AskedAccount, WorkflowError> {
    let slip = slips::read(house, secret).await?;
    let Errand::Link { account, name } = slip.errand.clone() else { return Err(WorkflowError::NotFound("link")) };
    if !house.person(who)?.is_employed() {
        return Err(WorkflowError::NotEmployed(who.clone()));
    }
    let before = house.store.link(&account).await?;
    let whose = house.catalog.accounts.get(&account).or(before.as_ref().and_then(|l| l.person.as_ref()));
    if let Some(whose) = whose {
        if whose == who {
            return Ok(AskedAccount { account, name, space: None, ends: slip.ends });
        }
        return taken(house, who, &account).await;
    }
    let version = before.as_ref().map_or(0, |l| l.version) + 1;
    let mut change = Change::by_person(house, who);
    let at = change.at();
    change.once(slips::once(secret));
    change.link(Link { account: account.clone(), version, person: Some(who.clone()), how: How::SignIn, at }, None);
    used_once(change.commit().await)?;
    slips::mark_used(house, secret, slip.clone()).await;
    tell(house, who, &account, &name, version).await?;
    Ok(AskedAccount { account, name, space: None, ends: slip.ends })
}

async fn taken(house: &House, who: &PersonId, account: &Account) -> Result<AskedAccount, WorkflowError> {
    let mut change = Change::by_person(house, who);
    change.house_event(HouseEvent::Refused { verb: "link".into(), on: None, cause: "somebody_elses".into() });
    change.commit().await?;
    Err(WorkflowError::Forbidden {
        said: format!("That {} account is linked to somebody already.", platform(account.surface)),
        next: "Whoever it is linked to can unlink it, or your helpdesk can correct the directory. Nothing was done."
            .into(),
    })
}

/// Tells the account whose it is now, and the person which account is theirs.
async fn tell(house: &House, who: &PersonId, account: &Account, name: &str, version: u64) -> Result<(), WorkflowError> {
    let on = platform(account.surface);
    let errand = Errand::Unlink { account: account.clone(), name: name.to_owned(), version };
    let undo = slips::make(house, errand, UNDOING).await?;
    let mut card = Card::note("This account is linked now");
    card.body.push(Section::Para {
        text: vec![
            Inline::Text { text: format!("From now on I take what this {on} account says for ") },
            Inline::Person { id: who.clone(), name: house.name(who) },
            Inline::Text { text: ". Say again what you need. Is that not you? ".into() },
            Inline::Link { text: "Unlink this account".into(), path: format!("/unlink/{undo}") },
        ],
    });
    say(house, who, account.surface, &format!("linked:{}:{version}", account.key()), card).await?;
    let mut card = Card::note(format!("Your {on} account is linked"));
    card.body.push(Section::Para {
        text: vec![
            Inline::Text {
                text: format!("What {} says there counts as said by you. Was that not you? ", shown(name, account)),
            },
            Inline::Link { text: "Look at your accounts".into(), path: "/accounts".into() },
        ],
    });
    say(house, who, Surface::Web, &format!("linked:{}:{version}", account.key()), card).await
}

/// The account's name where the platform shows one, and always its id.
#[must_use]
pub fn shown(name: &str, account: &Account) -> String {
    if name.is_empty() { format!("the account {}", account.id) } else { format!("“{name}” ({})", account.id) }
}

/// Says a card once in a person's conversation.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn say(house: &House, who: &PersonId, on: Surface, key: &str, card: Card) -> Result<(), WorkflowError> {
    let conversation = conversation(house, who, on).await?;
    let mut change = Change::by(house, Actor::System);
    change.touches(who);
    change.say_once(conversation.id, key, MessageBody::Said { card: Box::new(card) });
    change.commit().await
}

/// What the unlinking page shows.
///
/// # Errors
/// Where the link is of no use any more.
pub async fn asked_to_undo(house: &House, secret: &str) -> Result<AskedAccount, WorkflowError> {
    let (slip, account, name, _) = undoing(house, secret).await?;
    let space = accounts::called(house, &account).await.space;
    Ok(AskedAccount { account, name, space, ends: slip.ends })
}

async fn undoing(house: &House, secret: &str) -> Result<(Slip, Account, String, u64), WorkflowError> {
    let slip = slips::read(house, secret).await?;
    match slip.errand.clone() {
        Errand::Unlink { account, name, version } => Ok((slip, account, name, version)),
        Errand::Link { .. } | Errand::Confirm(_) => Err(WorkflowError::NotFound("link")),
    }
}

/// The account says: that is not me. Undoes the link it was told of, and no later one.
///
/// # Errors
/// Where the link is of no use any more.
pub async fn undo_by(house: &House, secret: &str) -> Result<(), WorkflowError> {
    let (slip, account, _, version) = undoing(house, secret).await?;
    let found = house.store.link(&account).await?.filter(|l| l.version == version);
    if let Some(link) = found {
        let mut change = Change::by(house, Actor::System);
        change.once(slips::once(secret));
        let was = undo(&mut change, link);
        used_once(change.commit().await)?;
        told_undone(house, was.as_ref(), &account).await?;
    }
    slips::mark_used(house, secret, slip).await;
    Ok(())
}

/// Somebody gives one of their accounts up.
///
/// # Errors
/// Where it is not theirs, or the directory names it.
pub async fn give_up(house: &House, who: &PersonId, key: Digest) -> Result<(), WorkflowError> {
    if house.catalog.accounts.iter().any(|(account, p)| p == who && account.key() == key) {
        return Err(WorkflowError::Forbidden {
            said: "The directory says that this account is yours, so it cannot be unlinked here.".into(),
            next: "Ask your helpdesk to correct the directory.".into(),
        });
    }
    let links = house.store.links_of(who).await?;
    let link = links.into_iter().find(|l| l.account.key() == key).ok_or(WorkflowError::NotFound("account"))?;
    let account = link.account.clone();
    let mut change = Change::by_person(house, who);
    let was = undo(&mut change, link);
    change.commit().await?;
    told_undone(house, was.as_ref(), &account).await
}

fn undo(change: &mut Change<'_>, link: Link) -> Option<PersonId> {
    let was = link.person.clone();
    let at: Timestamp = change.at();
    change.link(Link { person: None, version: link.version + 1, at, ..link }, was.clone());
    was
}

async fn told_undone(house: &House, was: Option<&PersonId>, account: &Account) -> Result<(), WorkflowError> {
    let Some(who) = was else { return Ok(()) };
    let card = Card::note(format!("A {} account is no longer yours", platform(account.surface)))
        .para(format!("The account {} was unlinked. What it says no longer counts as said by you.", account.id));
    let key = format!("unlinked:{}:{}", account.key(), house.now());
    say(house, who, Surface::Web, &key, card).await
}

/// A person's accounts as their page lists them.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn own(house: &House, who: &PersonId) -> Result<Vec<OwnAccount>, WorkflowError> {
    let links = house.store.links_of(who).await?;
    let mut all = Vec::new();
    for account in accounts::accounts_of(house, who).await? {
        let named = house.catalog.accounts.contains_key(&account);
        let link = links.iter().find(|l| l.account == account).filter(|_| !named);
        all.push(OwnAccount {
            key: account.key(),
            called: accounts::called(house, &account).await,
            how: link.map_or(How::Directory, |l| l.how),
            since: link.map(|l| l.at),
            account,
        });
    }
    Ok(all)
}

/// The second use of a slip is told as such.
///
/// # Errors
/// Whatever the store said.
pub fn used_once(done: Result<(), WorkflowError>) -> Result<(), WorkflowError> {
    match done {
        Err(WorkflowError::Store(StoreError::AlreadyDone(_))) => Err(slips::used()),
        other => other,
    }
}
