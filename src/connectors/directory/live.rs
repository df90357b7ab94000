//! One directory behind `ports::account_state`: connects for each question, asks as much as is needed, and leaves.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::connectors::directory::openldap::Places;
use crate::connectors::directory::session::{Dial, Fault, Session};
use crate::connectors::directory::settings::{DirectorySettings, Kind, Limits, SettingsError};
use crate::connectors::directory::unlock::LiveUnlocker;
use crate::connectors::directory::{active_directory, openldap};
use crate::domain::signin::Provider;
use crate::domain::signin_actor::Aliases;
use crate::ports::account_state::{AccountReport, AccountState, AccountStateError};
use crate::ports::unlocker::Unlocker;

/// How long nothing is asked after the reading account was turned away, in seconds: asking on would lock it.
const AFTER_REFUSAL: i64 = 300;

/// A directory that is asked live.
pub struct LiveDirectory {
    name: String,
    kind: Kind,
    people: String,
    dial: Dial,
    limits: Limits,
    places: Semaphore,
    unlocker: Option<LiveUnlocker>,
    /// Nothing is asked before this second.
    not_before: AtomicI64,
}

impl LiveDirectory {
    /// A directory from its settings. Nothing is connected yet.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot be used.
    pub fn new(settings: DirectorySettings) -> Result<Self, SettingsError> {
        Ok(Self {
            dial: Dial::new(&settings)?,
            unlocker: LiveUnlocker::of(&settings)?,
            places: Semaphore::new(settings.limits.at_once.max(1)),
            limits: settings.limits,
            name: settings.name,
            kind: settings.kind,
            people: settings.people,
            not_before: AtomicI64::new(i64::MIN),
        })
    }

    async fn ask(&self, session: &mut Session, whose: &Aliases, now: Timestamp) -> Result<AccountReport, Fault> {
        match &self.kind {
            Kind::OpenLdap { policy, log } => {
                let places = Places { people: &self.people, policy: policy.as_deref(), log: log.as_deref() };
                openldap::ask(session, places, whose, now).await
            }
            Kind::ActiveDirectory => active_directory::ask(session, &self.people, whose, now).await,
        }
    }

    async fn asked(&self, whose: &Aliases, now: Timestamp) -> Result<AccountReport, Fault> {
        if now.as_second() < self.not_before.load(Ordering::Relaxed) {
            return Err(Fault::Refused("it turned the account in `bind_dn` away a moment ago".to_owned()));
        }
        let late = |_| Fault::Unavailable("no answer in time".to_owned());
        let closed = |_| Fault::Unavailable("it is being shut down".to_owned());
        let asking = async {
            // Waiting for a free place counts as well: whoever asked does not wait longer than this.
            let _place = self.places.acquire().await.map_err(closed)?;
            let mut session = self.dial.open().await?;
            let said = self.ask(&mut session, whose, now).await;
            session.close().await;
            said
        };
        let said = timeout(self.limits.total, asking).await.map_err(late)?;
        if let Err(Fault::NotLetIn(_)) = &said {
            self.not_before.store(now.as_second().saturating_add(AFTER_REFUSAL), Ordering::Relaxed);
        }
        said
    }

    fn error(&self, fault: Fault) -> AccountStateError {
        let directory = self.name.clone();
        match fault {
            Fault::Unavailable(what) => AccountStateError::Unavailable { directory, what },
            Fault::Refused(what) | Fault::NotLetIn(what) => AccountStateError::Refused { directory, what },
            Fault::Ambiguous => AccountStateError::Ambiguous { directory },
        }
    }
}

#[async_trait]
impl AccountState for LiveDirectory {
    fn name(&self) -> &str {
        &self.name
    }

    fn provider(&self) -> Option<Provider> {
        Some(match &self.kind {
            Kind::OpenLdap { .. } => Provider::OpenldapPpolicy,
            Kind::ActiveDirectory => Provider::ActiveDirectory,
        })
    }

    async fn account(&self, whose: &Aliases, now: Timestamp) -> Result<AccountReport, AccountStateError> {
        let mut report = self.asked(whose, now).await.map_err(|fault| self.error(fault))?;
        // The filter found the account; the same rule that guards every log guards this one, too.
        report.events.retain(|event| whose.own(event));
        Ok(report)
    }

    fn unlocker(&self) -> Option<&dyn Unlocker> {
        self.unlocker.as_ref().map(|unlocker| unlocker as &dyn Unlocker)
    }

    async fn check(&self) -> Result<(), String> {
        let opened = timeout(self.limits.total, self.dial.open()).await;
        let fault = match opened {
            Ok(Ok(session)) => {
                session.close().await;
                return Ok(());
            }
            Ok(Err(fault)) => fault,
            Err(_) => Fault::Unavailable("no answer in time".to_owned()),
        };
        Err(format!("{}; see the `[[directory]]` of that name in the settings", self.error(fault)))
    }
}
