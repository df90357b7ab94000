//! Locks made by real wrong passwords in real directories, taken off by the whole way from the question to the directory; and what the
//! unlocker refuses whoever hands it an order. The servers are those of `directories`.

use std::collections::HashSet;
use std::sync::Arc;

use claviger::connectors::directory::live::LiveDirectory;
use claviger::connectors::directory::settings::{DirectorySettings, Unlocking};
use claviger::domain::card::{Inline, Section};
use claviger::domain::conversation::Surface;
use claviger::domain::ids::PersonId;
use claviger::domain::person::Directory;
use claviger::domain::request::Confirmed;
use claviger::domain::unlock::{Case, Hand, Lock, Shut, Stands, Unlockable, rule};
use claviger::ports::account_state::AccountState;
use claviger::ports::desk::{Desk as _, DeskErrorKind};
use claviger::ports::identity::Identity as _;
use claviger::ports::unlocker::{UnlockError, Unlocked};
use claviger::workflow::house::{Outside, Signins};
use jiff::SignedDuration;
use ldap3::{LdapConnAsync, LdapConnSettings, Mod};

use crate::bot::{START, TestBot, person};
use crate::directories;
use crate::directories::{ADMIN, bind, change, domain, domain_bind, named, now, openldap, server};

const ANA: &str = "ana.kovac";
const RIGHT: &str = "Right!Passw0rd";

fn opens(settings: DirectorySettings, dn: &str, password: &str) -> DirectorySettings {
    DirectorySettings { unlock: Some(Unlocking { dn: dn.into(), password: password.into() }), ..settings }
}

fn ldap(url: &str) -> DirectorySettings {
    opens(openldap(url), "cn=claviger-unlock,ou=services,dc=example,dc=test", "unlock-secret")
}

fn ad(url: &str) -> DirectorySettings {
    opens(domain(url), "unlocker@ad.example.test", RIGHT)
}

/// A house in which Ana's mail address is this account's, with this directory, at the present moment.
async fn house(settings: DirectorySettings, email: &str) -> TestBot {
    let live: Arc<dyn AccountState> = Arc::new(LiveDirectory::new(settings).unwrap());
    let log = claviger::store::open::open_memory().await.unwrap();
    let signins = Signins { log: Some(log), directories: vec![live], ..Signins::default() };
    let bot = TestBot::with_outside(Outside { signins, ..Outside::default() }, |house| {
        let mut catalog = (*house.catalog).clone();
        let people = catalog.directory.iter().map(|p| {
            let mut p = (**p).clone();
            if p.id == person(ANA) {
                p.email = email.to_owned();
            }
            p
        });
        catalog.directory = Directory::new(people.collect::<Vec<_>>());
        house.catalog = Arc::new(catalog);
    })
    .await;
    bot.clock.advance(now().duration_since(START.parse().unwrap()));
    bot
}

/// Asks, presses the button, confirms, and waits for the job.
async fn unlocks(bot: &TestBot) {
    let cards = bot.say(ANA, "why was I locked out?").await;
    println!("{}", crate::helpdesk::words(&cards[0]));
    let token = bot.token(&person(ANA), "Unlock my account…");
    let error = bot.desk.click(&person(ANA), Surface::Web, &token, &Default::default()).await.unwrap_err();
    assert_eq!(error.kind, DeskErrorKind::StepUp, "{error:?}");
    let card = error.fresh.unwrap();
    let paths = card.body.iter().flat_map(|s| match s {
        Section::Para { text } => text.as_slice(),
        _ => &[],
    });
    let mut links = paths.filter_map(|part| match part {
        Inline::Link { path, .. } => path.strip_prefix("/confirm/"),
        _ => None,
    });
    let link = links.next().unwrap();
    bot.desk.confirm(&person(ANA), link, Confirmed::Demo, None).await.unwrap();
    // The queue keeps microseconds and rounds up; this clock knows finer ones.
    bot.pass(SignedDuration::from_millis(1)).await;
    let heard = bot.heard(ANA).await;
    assert_eq!(heard.last().map(String::as_str), Some("Your account is unlocked"), "{heard:?}");
    bot.is_at_rest().await;
}

/// An order for this lock, as if the rules had seen it.
fn order(directory: &str, lock: &str) -> Unlockable {
    let ana: PersonId = person(ANA);
    let stands = Stands::Locked(Lock { id: lock.to_owned(), at: now() });
    let case =
        Case { person: &ana, by: &ana, hand: Some(Hand::Own), directory, stands: &stands, danger: None, today: 0 };
    let order = rule(&case).unwrap().confirmed(Confirmed::Demo, now());
    Unlockable::of(&order, rule(&case).unwrap(), now()).unwrap()
}

/// How the account stands, as the reading account is told.
async fn stands(live: &LiveDirectory, name: &str) -> Stands {
    let report = live.account(&named(&[name]), now()).await.unwrap();
    Stands::of(&report.events, report.lock_lasts.map(|(_, lasts)| lasts), now())
}

async fn told(live: &LiveDirectory, what: &Unlockable, name: &str) -> Result<Unlocked, UnlockError> {
    live.unlocker().unwrap().unlock(what, &named(&[name]), now()).await
}

#[tokio::test]
async fn openldap_lets_somebody_in_again_whose_lock_was_taken_off() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let dn = directories::person("uma");
    for round in 0..2 {
        for _ in 0..3 {
            assert_eq!(bind(&url, &dn, "wrong").await.0, 49);
        }
        assert_eq!(bind(&url, &dn, "right-1").await.0, 49, "locked: the right password does not help");
        let bot = house(ldap(&url), "uma@example.test").await;
        unlocks(&bot).await;
        // One wrong password more does not lock it at once: the failures went with the lock.
        assert_eq!(bind(&url, &dn, "wrong").await.0, 49, "round {round}");
        assert_eq!(bind(&url, &dn, "right-1").await.0, 0, "round {round}: it is open");
    }
}

#[tokio::test]
async fn openldap_keeps_what_was_locked_by_hand_or_by_another_lock() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let live = LiveDirectory::new(ldap(&url)).unwrap();
    let (by_hand, dn) = ("000001010000Z", directories::person("vic"));
    change(&url, ADMIN, &dn, "pwdAccountLockedTime", by_hand).await;
    assert_eq!(stands(&live, "vic").await, Stands::Shut(Shut::ByHand));
    let what = order("ldap", &format!("vic:pwdAccountLockedTime:{by_hand}"));
    assert_eq!(told(&live, &what, "vic").await, Err(UnlockError::Shut(Shut::ByHand)));
    assert_eq!(bind(&url, &dn, "right-1").await.0, 49, "it stays shut");
    // A time that somebody wrote is no lock by wrong passwords either, as recent as it may be.
    let by_hand = now().strftime("%Y%m%d%H%M%SZ").to_string();
    change(&url, ADMIN, &dn, "pwdAccountLockedTime", &by_hand).await;
    assert_eq!(stands(&live, "vic").await, Stands::Shut(Shut::ByHand));
    let what = order("ldap", &format!("vic:pwdAccountLockedTime:{by_hand}"));
    assert_eq!(told(&live, &what, "vic").await, Err(UnlockError::Shut(Shut::ByHand)));
    assert_eq!(bind(&url, &dn, "right-1").await.0, 49, "it stays shut");
    // Another lock than the one that was meant; then the right one; then none.
    let dn = directories::person("wes");
    for _ in 0..3 {
        bind(&url, &dn, "wrong").await;
    }
    let older = order("ldap", "wes:pwdAccountLockedTime:20261101000000Z");
    assert_eq!(told(&live, &older, "wes").await, Err(UnlockError::AnotherLock));
    assert_eq!(bind(&url, &dn, "right-1").await.0, 49);
    let Stands::Locked(lock) = stands(&live, "wes").await else { panic!("not locked") };
    let what = order("ldap", &lock.id);
    assert!(matches!(told(&live, &order("ad", &lock.id), "wes").await, Err(UnlockError::Refused { .. })));
    assert!(matches!(told(&live, &what, "nobody").await, Err(UnlockError::Refused { .. })));
    // An account without the right is refused, and nothing changes.
    let weak = LiveDirectory::new(opens(openldap(&url), &directories::person("hal"), "right-1")).unwrap();
    assert!(matches!(told(&weak, &what, "wes").await, Err(UnlockError::Refused { .. })));
    assert_eq!(bind(&url, &dn, "right-1").await.0, 49);
    assert_eq!(told(&live, &what, "wes").await, Ok(Unlocked::Now));
    assert_eq!(told(&live, &what, "wes").await, Ok(Unlocked::Before), "again changes nothing");
    assert_eq!(bind(&url, &dn, "right-1").await.0, 0);
}

#[tokio::test]
async fn openldap_readers_cannot_write_and_a_wrong_password_is_said_to_be() {
    let Some(url) = server("CLAVIGER_TEST_OPENLDAP") else { return };
    let (connection, mut ldap_as_reader) = LdapConnAsync::with_settings(LdapConnSettings::new(), &url).await.unwrap();
    tokio::spawn(connection.drive());
    let reader = openldap(&url).bind_dn;
    ldap_as_reader.simple_bind(&reader, "reader-secret").await.unwrap().success().unwrap();
    let nothing: HashSet<&str> = HashSet::new();
    let wish = vec![Mod::Replace("pwdAccountLockedTime", nothing)];
    assert_eq!(ldap_as_reader.modify(&directories::person("hal"), wish).await.unwrap().rc, 50);
    assert!(LiveDirectory::new(ldap(&url)).unwrap().unlocker().unwrap().check().await.is_ok());
    let wrong = LiveDirectory::new(opens(openldap(&url), "cn=claviger-unlock,ou=services,dc=example,dc=test", "guess"));
    let wrong = wrong.unwrap();
    let said = wrong.unlocker().unwrap().check().await.unwrap_err();
    assert!(said.contains("`unlock_dn`") && said.contains("[directories.ldap]") && !said.contains("guess"), "{said}");
    let what = order("ldap", "hal:pwdAccountLockedTime:20261101000000Z");
    assert!(matches!(told(&wrong, &what, "hal").await, Err(UnlockError::Refused { .. })));
    let Err(UnlockError::Refused { what: said }) = told(&wrong, &what, "hal").await else { panic!("asked again") };
    assert!(said.contains("a moment ago"), "it does not knock again at once: {said}");
}

#[tokio::test]
async fn active_directory_lets_somebody_in_again_whose_lock_was_taken_off() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    for _ in 0..3 {
        domain_bind(&url, "uma", "wrong").await;
    }
    assert!(domain_bind(&url, "uma", RIGHT).await.1.contains("data 775"), "locked");
    let bot = house(ad(&url), "uma@example.test").await;
    unlocks(&bot).await;
    assert_eq!(domain_bind(&url, "uma", RIGHT).await.0, 0, "it is open");
}

#[tokio::test]
async fn active_directory_keeps_what_is_switched_off_or_out_of_reach() {
    let Some(url) = server("CLAVIGER_TEST_AD") else { return };
    let live = LiveDirectory::new(ad(&url)).unwrap();
    assert!(live.unlocker().unwrap().check().await.is_ok());
    assert_eq!(stands(&live, "bea").await, Stands::Shut(Shut::Disabled));
    let what = order("ad", "bea:lockoutTime:134083944000000000");
    assert_eq!(told(&live, &what, "bea").await, Err(UnlockError::Shut(Shut::Disabled)));
    assert!(domain_bind(&url, "bea", RIGHT).await.1.contains("data 533"), "it stays off");
    for _ in 0..3 {
        domain_bind(&url, "vic", "wrong").await;
    }
    let Stands::Locked(lock) = stands(&live, "vic").await else { panic!("not locked") };
    let older = order("ad", "vic:lockoutTime:134083944000000000");
    assert_eq!(told(&live, &older, "vic").await, Err(UnlockError::AnotherLock));
    // An ordinary account may not do it, so that the reading one could not either.
    let weak = LiveDirectory::new(opens(domain(&url), "eve@ad.example.test", RIGHT)).unwrap();
    let what = order("ad", &lock.id);
    assert!(matches!(told(&weak, &what, "vic").await, Err(UnlockError::Refused { .. })));
    assert!(domain_bind(&url, "vic", RIGHT).await.1.contains("data 775"));
    assert_eq!(told(&live, &what, "vic").await, Ok(Unlocked::Now));
    assert_eq!(told(&live, &what, "vic").await, Ok(Unlocked::Before), "again changes nothing");
    assert_eq!(domain_bind(&url, "vic", RIGHT).await.0, 0);
}
