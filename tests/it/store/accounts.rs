//! Whose accounts are whose, and passkeys: the same on both databases.

use claviger::domain::account::{Account, PlatformId};
use claviger::domain::conversation::Surface;
use claviger::domain::ids::PersonId;
use claviger::domain::link::{How, Link};
use claviger::ports::accounts::{Passkey, PasskeyChange};
use claviger::ports::store::{Batch, StoreError};

use crate::store::sample::{at, person};
use crate::store::under::Under;

fn account(space: &str, id: &str) -> Account {
    Account { surface: Surface::Slack, space: PlatformId::parse(space).unwrap(), id: PlatformId::parse(id).unwrap() }
}

fn link(account: Account, version: u64, person: Option<PersonId>) -> Link {
    Link { account, version, person, how: How::SignIn, at: at(i64::try_from(version).unwrap()) }
}

fn links(links: &[&Link]) -> Batch {
    Batch { links: links.iter().map(|l| (*l).clone()).collect(), ..Batch::default() }
}

pub async fn accounts_read_back_and_the_older_version_loses(under: Under) {
    let store = under.store;
    let (one, two, other) = (account("T1", "U1"), account("T1", "U2"), account("T2", "U1"));
    assert_eq!(store.link(&one).await.unwrap(), None);
    let (ana, otto) = (person("ana"), person("otto"));
    let first = link(one.clone(), 1, Some(ana.clone()));
    let second = link(other.clone(), 1, Some(ana.clone()));
    let theirs = link(two.clone(), 1, Some(otto.clone()));
    store.commit(links(&[&first, &second, &theirs])).await.unwrap();
    assert_eq!(store.link(&one).await.unwrap().as_ref(), Some(&first));
    let mut own: Vec<_> = store.links_of(&ana).await.unwrap().into_iter().map(|l| l.account).collect();
    own.sort();
    assert_eq!(own, [one.clone(), other]);
    // Two writers saw nothing there; the second loses.
    let late = link(one.clone(), 1, Some(otto.clone()));
    assert!(matches!(store.commit(links(&[&late])).await, Err(StoreError::Conflict(_))));
    let undone = link(one.clone(), 2, None);
    store.commit(links(&[&undone])).await.unwrap();
    assert_eq!(store.link(&one).await.unwrap(), Some(undone.clone()), "what was undone is remembered");
    assert_eq!(store.links_of(&ana).await.unwrap(), [second.clone()]);
    let held = store.held().await.unwrap();
    assert_eq!(held.broken, []);
    assert_eq!(held.links.len(), 3);
    assert!(held.links.contains(&undone) && held.links.contains(&theirs));
}

fn passkey(id: &str, whose: &str, version: u64) -> Passkey {
    Passkey {
        id: id.into(),
        version,
        person: person(whose),
        name: "Laptop".into(),
        user: "dXNlcg".into(),
        key: "a2V5".into(),
        state: format!("{version}"),
        transports: "IA".into(),
        at: at(1),
        used: None,
    }
}

pub async fn passkeys_are_somebodys_and_count_up(under: Under) {
    let store = under.store;
    let put = |p: &Passkey| Batch { passkeys: vec![PasskeyChange::Put(p.clone())], ..Batch::default() };
    let first = passkey("k1", "ana", 1);
    store.commit(put(&first)).await.unwrap();
    store.commit(put(&passkey("k2", "otto", 1))).await.unwrap();
    assert!(
        matches!(store.commit(put(&passkey("k1", "otto", 1))).await, Err(StoreError::Conflict(_))),
        "an id is taken"
    );
    assert!(
        matches!(store.commit(put(&passkey("k1", "otto", 2))).await, Err(StoreError::Conflict(_))),
        "nobody else's"
    );
    let used = Passkey { used: Some(at(9)), ..passkey("k1", "ana", 2) };
    store.commit(put(&used)).await.unwrap();
    assert!(matches!(store.commit(put(&used)).await, Err(StoreError::Conflict(_))), "one use wins");
    assert_eq!(store.passkey("k1").await.unwrap(), Some(used.clone()));
    assert_eq!(store.passkeys_of(&person("ana")).await.unwrap(), [used]);
    let drop = || Batch { passkeys: vec![PasskeyChange::Drop("k1".into())], ..Batch::default() };
    store.commit(drop()).await.unwrap();
    assert!(matches!(store.commit(drop()).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.passkeys_of(&person("ana")).await.unwrap(), []);
    assert_eq!(store.passkeys_of(&person("otto")).await.unwrap().len(), 1);
}
