//! Taking a lock off: the one thing that is ever written to a directory, by an account of its own that has no other right there.
//!
//! OpenLDAP: the value of `pwdAccountLockedTime` that was seen is deleted, so that another lock, one set by hand above all, cannot be
//! taken off by the same request; `pwdFailureTime` goes with it where the server lets it go (draft-behera-ldap-password-policy-11 §5.3.3).
//!
//! ```text
//! access to dn.subtree="ou=people,…" attrs=pwdAccountLockedTime,pwdFailureTime by dn.exact="cn=claviger-unlock,…" write
//! access to dn.subtree="ou=people,…" attrs=entry,objectClass,uid,cn,mail,pwdEndTime by dn.exact="cn=claviger-unlock,…" read
//! ```
//!
//! Active Directory: `lockoutTime` becomes 0, which is the only value it takes (MS-ADTS §3.1.1.5.3.2). Delegate reading and writing of
//! `lockoutTime` on the users concerned to the account, and nothing else.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use ldap3::{Mod, Scope};
use tokio::time::timeout;

use crate::connectors::directory::session::{Dial, Fault, Search, Session, Written};
use crate::connectors::directory::settings::{DirectorySettings, Kind, Limits, SettingsError};
use crate::connectors::directory::{active_directory, find, openldap};
use crate::connectors::signin::field::At;
use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::domain::unlock::{Stands, Unlockable};
use crate::ports::unlocker::{UnlockError, Unlocked, Unlocker};

/// How long nothing is asked after the account was turned away, in seconds: asking on would lock it.
const AFTER_REFUSAL: i64 = 300;

/// A directory in which locks can be taken off.
pub struct LiveUnlocker {
    name: String,
    kind: Kind,
    people: String,
    dial: Dial,
    limits: Limits,
    /// Nothing is asked before this second.
    not_before: AtomicI64,
}

/// An account as it was found.
struct Account {
    dn: String,
    /// The lock's attribute as it is written there.
    lock: Option<String>,
    /// What its attributes tell.
    events: Vec<SigninEvent>,
}

impl LiveUnlocker {
    /// The unlocker of a directory; `None` where it has none.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot be used.
    pub fn of(settings: &DirectorySettings) -> Result<Option<Self>, SettingsError> {
        let Some(account) = &settings.unlock else { return Ok(None) };
        let same = account.dn.trim().eq_ignore_ascii_case(settings.bind_dn.trim());
        if same {
            return Err(SettingsError::OneAccount);
        }
        let as_it = DirectorySettings {
            bind_dn: account.dn.clone(),
            bind_password: account.password.clone(),
            ..settings.clone()
        };
        let dial = Dial::new(&as_it).map_err(|error| match error {
            SettingsError::Empty("bind_dn") => SettingsError::Empty("unlock_dn"),
            SettingsError::Empty("bind_password") => SettingsError::Empty("unlock_password"),
            other => other,
        })?;
        Ok(Some(Self {
            name: settings.name.clone(),
            kind: settings.kind.clone(),
            people: settings.people.clone(),
            dial,
            limits: settings.limits,
            not_before: AtomicI64::new(i64::MIN),
        }))
    }

    fn attribute(&self) -> &'static str {
        match self.kind {
            Kind::OpenLdap { .. } => "pwdAccountLockedTime",
            Kind::ActiveDirectory => "lockoutTime",
        }
    }

    async fn account(&self, session: &mut Session, whose: &Aliases, now: Timestamp) -> Result<Account, Fault> {
        let (naming, attributes) = match self.kind {
            Kind::OpenLdap { .. } => (find::OPENLDAP, openldap::ACCOUNT),
            Kind::ActiveDirectory => (find::ACTIVE_DIRECTORY, active_directory::ACCOUNT),
        };
        let nobody = || Fault::Refused("it has no account by these names that `unlock_dn` may see".to_owned());
        let filter = find::accounts(naming, whose).ok_or_else(nobody)?;
        let what = Search { base: &self.people, scope: Scope::Subtree, filter: &filter, attributes, most: 2 };
        let found = session.search(what).await?;
        let entry = match found.entries.as_slice() {
            [] => return Err(nobody()),
            [one] => one,
            _ => return Err(Fault::Ambiguous),
        };
        let mut events = match self.kind {
            Kind::OpenLdap { .. } => openldap::report(entry, None, &[], now),
            Kind::ActiveDirectory => active_directory::report(entry, None, now),
        }
        .events;
        // The filter found the account; the same rule that guards every log guards this one, too.
        events.retain(|event| whose.own(event));
        let at = At::of(entry);
        let text = |name: &str| at.get(name).first().str().map(str::to_owned);
        let dn = text("dn").ok_or_else(nobody)?;
        Ok(Account { dn, lock: text(self.attribute()), events })
    }

    async fn open(
        &self,
        session: &mut Session,
        what: &Unlockable,
        whose: &Aliases,
        now: Timestamp,
    ) -> Result<Unlocked, Problem> {
        let before = self.account(session, whose, now).await?;
        match Stands::of(&before.events, None, now) {
            Stands::Open => return Ok(Unlocked::Before),
            Stands::Shut(shut) => return Err(UnlockError::Shut(shut).into()),
            Stands::Locked(lock) if lock.id != what.lock().id => return Err(UnlockError::AnotherLock.into()),
            Stands::Locked(_) => {}
        }
        let attribute = self.attribute().to_owned();
        let change = match (&self.kind, before.lock) {
            (_, None) => return Err(UnlockError::AnotherLock.into()),
            (Kind::OpenLdap { .. }, Some(seen)) => Mod::Delete(attribute, HashSet::from([seen])),
            (Kind::ActiveDirectory, Some(_)) => Mod::Replace(attribute, HashSet::from(["0".to_owned()])),
        };
        let written = session.write(&before.dn, vec![change]).await?;
        let mut after = self.account(session, whose, now).await?;
        if matches!(self.kind, Kind::OpenLdap { .. }) && after.events.iter().any(|e| e.event == "pwdFailureTime") {
            // Else the next wrong password would lock it at once. A server that keeps them to itself is let be.
            let failures = Mod::Delete("pwdFailureTime".to_owned(), HashSet::new());
            if let Err(fault) = session.write(&before.dn, vec![failures]).await {
                tracing::info!(
                    directory = self.name,
                    ?fault,
                    "the failures of an unlocked account stay where they are"
                );
            }
            after = self.account(session, whose, now).await?;
        }
        match (Stands::of(&after.events, None, now), written) {
            (Stands::Open, Written::Done) => Ok(Unlocked::Now),
            (Stands::Open, Written::NotThere) => Ok(Unlocked::Before),
            (Stands::Shut(shut), _) => Err(UnlockError::Shut(shut).into()),
            (Stands::Locked(lock), _) if lock.id != what.lock().id => Err(UnlockError::AnotherLock.into()),
            (Stands::Locked(_), _) => {
                let what = "it took the change and still says that the account is locked".to_owned();
                Err(UnlockError::Refused { what }.into())
            }
        }
    }

    async fn unlocked(&self, what: &Unlockable, whose: &Aliases, now: Timestamp) -> Result<Unlocked, Problem> {
        if what.directory() != self.name {
            return Err(Fault::Refused("the order is for another directory".to_owned()).into());
        }
        if now.as_second() < self.not_before.load(Ordering::Relaxed) {
            return Err(Fault::Refused("it turned the account in `unlock_dn` away a moment ago".to_owned()).into());
        }
        let late = |_| Fault::Unavailable("no answer in time".to_owned());
        let working = async {
            let mut session = self.dial.open().await?;
            let done = self.open(&mut session, what, whose, now).await;
            session.close().await;
            done
        };
        let done = timeout(self.limits.total, working).await.map_err(late)?;
        if let Err(Problem::Fault(Fault::NotLetIn(_))) = &done {
            self.not_before.store(now.as_second().saturating_add(AFTER_REFUSAL), Ordering::Relaxed);
        }
        done
    }
}

/// What went wrong, on the way or there.
enum Problem {
    Fault(Fault),
    Answer(UnlockError),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<UnlockError> for Problem {
    fn from(error: UnlockError) -> Self {
        Self::Answer(error)
    }
}

fn told(fault: Fault) -> UnlockError {
    match fault {
        Fault::Unavailable(what) => UnlockError::Unavailable { what },
        Fault::Refused(what) => UnlockError::Refused { what },
        Fault::NotLetIn(_) => {
            let what = "it does not let the account in `unlock_dn` in; check `unlock_password`".to_owned();
            UnlockError::Refused { what }
        }
        Fault::Ambiguous => UnlockError::Refused { what: "it has several accounts by these names".to_owned() },
    }
}

#[async_trait]
impl Unlocker for LiveUnlocker {
    async fn unlock(&self, what: &Unlockable, whose: &Aliases, now: Timestamp) -> Result<Unlocked, UnlockError> {
        self.unlocked(what, whose, now).await.map_err(|problem| match problem {
            Problem::Fault(fault) => told(fault),
            Problem::Answer(error) => error,
        })
    }

    async fn check(&self) -> Result<(), String> {
        let looking = async {
            let mut session = self.dial.open().await?;
            let any = "(objectClass=*)";
            let what = Search { base: &self.people, scope: Scope::Base, filter: any, attributes: &["1.1"], most: 1 };
            let found = session.search(what).await;
            session.close().await;
            found.map(|_| ())
        };
        let looked = timeout(self.limits.total, looking).await;
        let looked = looked.unwrap_or_else(|_| Err(Fault::Unavailable("no answer in time".to_owned())));
        looked.map_err(|fault| {
            format!("{}; see `unlock_dn` and `unlock_password` of [directories.{}]", told(fault), self.name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::directory::settings::Unlocking;

    fn settings(dn: &str, password: &str) -> DirectorySettings {
        DirectorySettings {
            name: "ldap".into(),
            kind: Kind::ActiveDirectory,
            url: "ldap://127.0.0.1:9".into(),
            start_tls: false,
            ca_pem: None,
            bind_dn: "cn=reader".into(),
            bind_password: "hush".into(),
            people: "dc=example,dc=test".into(),
            limits: Limits::default(),
            unlock: Some(Unlocking { dn: dn.into(), password: password.into() }),
        }
    }

    #[test]
    fn the_reading_account_never_unlocks() {
        let refused = |dn: &str, password: &str| LiveUnlocker::of(&settings(dn, password)).err();
        assert_eq!(refused("CN=Reader ", "other"), Some(SettingsError::OneAccount));
        assert_eq!(refused("", "other"), Some(SettingsError::Empty("unlock_dn")));
        assert_eq!(refused("cn=unlock", " "), Some(SettingsError::Empty("unlock_password")));
        assert_eq!(refused("cn=unlock", "other"), None);
        let none = DirectorySettings { unlock: None, ..settings("cn=unlock", "other") };
        assert!(LiveUnlocker::of(&none).unwrap().is_none());
    }
}
