//! What every use case works with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

use crate::catalog::model::Catalog;
use crate::domain::action::TokenKey;
use crate::domain::clock::{Clock, Entropy};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::entitlement::Entitlement;
use crate::domain::ids::{ConnectorId, EntitlementId, PersonId};
use crate::domain::person::Person;
use crate::helpdesk::disclosure::Policy;
use crate::helpdesk::lockout::explain::Lasting;
use crate::helpdesk::unlock;
use crate::ports::account_state::AccountState;
use crate::ports::alerts::AlertSink;
use crate::ports::connector::Connector;
use crate::ports::desk::Change as Changed;
use crate::ports::language_model::LanguageModel;
use crate::ports::signin::SigninLog;
use crate::ports::store::SharedStore;
use crate::ports::surface::Called;
use crate::ports::tickets::TicketDesk;
use crate::routing::rules::Rules;
use crate::understanding::understander::Understander;
use crate::workflow::error::WorkflowError;
use crate::workflow::notices::Notices;
use crate::workflow::step_up::Weighs;
use crate::workflow::surfaces::dealing::Dealing;
use crate::workflow::surfaces::known::Surfaces;

/// How a person proves once more that it is them, before the emergency path opens and for what [`crate::workflow::step_up::Weighs`] name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUp {
    /// In the demo being somebody is a click, and so is proving it.
    Demo,
    /// On our pages: by signing in again at the provider, or with a passkey.
    Pages,
    /// No way to sign in again is set up, so the emergency path stays closed.
    Unavailable,
}

/// What counts as proof of who somebody is.
#[derive(Debug, Clone, Default)]
pub struct IdentityRules {
    /// Platforms whose mail addresses count.
    pub email: BTreeSet<Surface>,
    /// What has to be confirmed once more.
    pub step_up: Weighs,
    /// When linked accounts were last looked up on their platforms.
    pub looked: Arc<Mutex<BTreeMap<Digest, Timestamp>>>,
    /// What accounts are called on their platforms, and since when that is known; nothing where it could not be asked.
    pub called: Arc<Mutex<BTreeMap<Digest, (Timestamp, Called)>>>,
}

/// The sign-in log and what is known beside it.
#[derive(Clone, Default)]
pub struct Signins {
    /// The events; without them nothing is explained.
    pub log: Option<Arc<dyn SigninLog>>,
    /// The organisation's own domains as Kerberos writes them.
    pub realms: Vec<String>,
    /// How long locks last, by provider, as declared.
    pub lasting: Lasting,
    /// Directories that are asked how an account stands.
    pub directories: Vec<Arc<dyn AccountState>>,
}

/// Desks outside and how people are told, where they are set up.
#[derive(Clone, Default)]
pub struct Outside {
    /// Where tickets are filed; without it they are tasks for the helpdesk's people.
    pub tickets: Option<Arc<dyn TicketDesk>>,
    /// Where security cases are told.
    pub soc: Option<Arc<dyn AlertSink>>,
    /// How this house is reached by people, for links in tickets; empty where nobody has to find it.
    pub public_url: String,
    /// Sign-in events.
    pub signins: Signins,
    /// Notices of lockouts, where there is a log to take them from.
    pub notices: Option<Notices>,
    /// What counts as proof of who somebody is.
    pub identity: IdentityRules,
}

/// Everything a use case may reach. A copy is cheap and reaches the same.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub store: SharedStore,
    /// What can be asked for, and by whom.
    pub catalog: Arc<Catalog>,
    /// Guardrails, tables, routes.
    pub rules: Arc<Rules>,
    /// Words into meaning.
    pub understander: Arc<Understander>,
    /// Target systems.
    pub connectors: BTreeMap<ConnectorId, Arc<dyn Connector>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Signs buttons.
    pub tokens: Arc<TokenKey>,
    /// Tells surfaces that something changed.
    pub changes: broadcast::Sender<Changed>,
    /// Wakes the job runner.
    pub wake: Arc<Notify>,
    /// How the emergency path is guarded.
    pub step_up: StepUp,
    /// Desks outside.
    pub outside: Outside,
    /// Chat platforms.
    pub surfaces: Surfaces,
    /// The delivery that is being dealt with, in the copy of the house that deals with it.
    pub dealing: Option<Dealing>,
    /// Who is told how much of other people's sign-ins.
    pub disclosure: Policy,
    /// Who may have whose lock taken off.
    pub unlocking: unlock::Policy,
    /// Words explanations, where a model is set up; what it writes is checked, and it never adds.
    pub phrasing: Option<Arc<dyn LanguageModel>>,
}

impl House {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The person with this id, while the directory knows them.
    ///
    /// # Errors
    /// [`WorkflowError::UnknownPerson`].
    pub fn person(&self, id: &PersonId) -> Result<Arc<Person>, WorkflowError> {
        self.catalog.directory.get(id).cloned().ok_or_else(|| WorkflowError::UnknownPerson(id.clone()))
    }

    /// The entitlement with this id, while the catalog holds it.
    ///
    /// # Errors
    /// [`WorkflowError::UnknownEntitlement`].
    pub fn entitlement(&self, id: &EntitlementId) -> Result<Arc<Entitlement>, WorkflowError> {
        self.catalog.entitlement(id).cloned().ok_or_else(|| WorkflowError::UnknownEntitlement(id.clone()))
    }

    /// The connector with this id.
    ///
    /// # Errors
    /// [`WorkflowError::NoConnector`].
    pub fn connector(&self, id: &ConnectorId) -> Result<&Arc<dyn Connector>, WorkflowError> {
        self.connectors.get(id).ok_or_else(|| WorkflowError::NoConnector(id.clone()))
    }

    /// A person's name for other people to read.
    #[must_use]
    pub fn name(&self, id: &PersonId) -> String {
        self.catalog.directory.name(id)
    }
}
