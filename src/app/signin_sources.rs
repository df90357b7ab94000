//! Directories and sign-in logs from the settings, and the tasks that fetch.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::sections::Config;
use crate::config::sources::{DirectoryKind, DirectorySource, LogSource};
use crate::connectors::directory::live::LiveDirectory;
use crate::connectors::directory::settings::{DirectorySettings, Kind, Limits, Unlocking};
use crate::connectors::poll::entra::{Entra, EntraSettings};
use crate::connectors::poll::okta::{Okta, OktaSettings};
use crate::domain::clock::{Clock, Entropy};
use crate::jobs::polling::Polling;
use crate::ports::account_state::AccountState;
use crate::ports::signin::SigninLog;
use crate::ports::signin_source::SigninSource;

/// Providers ask not to be called more often than this.
const SHORTEST_PAUSE: u64 = 10;
/// How far a round of Okta's begins before the newest event where its place was lost.
const OKTA_OVERLAP: SignedDuration = SignedDuration::from_hours(1);
/// How far a round of Entra's begins before the newest sign-in: most are in the log within minutes, some later
/// (<https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-logs-latency>).
const ENTRA_OVERLAP: SignedDuration = SignedDuration::from_mins(30);

/// The directories that are asked live.
///
/// # Errors
/// The first setting that cannot be used.
pub fn directories(config: &Config) -> anyhow::Result<Vec<Arc<dyn AccountState>>> {
    let made = config.directories.iter().map(|(name, source)| {
        let live = directory(name, source).with_context(|| format!("directories.{name} cannot be used"))?;
        Ok(Arc::new(live) as Arc<dyn AccountState>)
    });
    made.collect()
}

fn directory(name: &str, source: &DirectorySource) -> anyhow::Result<LiveDirectory> {
    let ca_pem = match &source.ca_file {
        Some(file) => Some(std::fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))?),
        None => None,
    };
    let kind = match source.kind {
        DirectoryKind::Openldap => Kind::OpenLdap { policy: source.policy.clone(), log: source.log.clone() },
        DirectoryKind::ActiveDirectory if source.policy.is_some() || source.log.is_some() => {
            anyhow::bail!("`policy` and `log` are OpenLDAP's; Active Directory says by itself which policy applies")
        }
        DirectoryKind::ActiveDirectory => Kind::ActiveDirectory,
    };
    Ok(LiveDirectory::new(DirectorySettings {
        name: name.to_owned(),
        kind,
        url: source.url.clone(),
        start_tls: source.start_tls,
        ca_pem,
        bind_dn: source.bind_dn.clone(),
        bind_password: source.bind_password.clone(),
        people: source.people.clone(),
        limits: Limits::default(),
        unlock: unlocking(source)?,
    })?)
}

/// The account that takes locks off, where that is switched on.
fn unlocking(source: &DirectorySource) -> anyhow::Result<Option<Unlocking>> {
    match (source.unlock, &source.unlock_dn, &source.unlock_password) {
        (false, None, None) => Ok(None),
        (false, ..) => {
            anyhow::bail!("`unlock_dn` and `unlock_password` are for `unlock = true`; without it, take them out")
        }
        (true, Some(dn), Some(password)) => Ok(Some(Unlocking { dn: dn.clone(), password: password.clone() })),
        (true, ..) => {
            anyhow::bail!("`unlock = true` needs an account of its own: set `unlock_dn` and `unlock_password`")
        }
    }
}

/// The logs that are fetched.
///
/// # Errors
/// The first setting that cannot be used.
pub fn logs(config: &Config) -> anyhow::Result<Vec<Arc<dyn SigninSource>>> {
    let made = config
        .signin_logs
        .iter()
        .map(|(name, source)| log(name, source).with_context(|| format!("signin_logs.{name} cannot be used")));
    made.collect()
}

fn log(name: &str, source: &LogSource) -> anyhow::Result<Arc<dyn SigninSource>> {
    let every = |seconds: u64| Duration::from_secs(seconds.max(SHORTEST_PAUSE));
    let back = |hours: u32| SignedDuration::from_hours(i64::from(hours));
    Ok(match source {
        LogSource::Okta { url, token, bearer, every_seconds, first_hours } => Arc::new(Okta::new(&OktaSettings {
            name: name.to_owned(),
            url: url.clone(),
            token: token.clone(),
            bearer: *bearer,
            every: every(*every_seconds),
            first: back(*first_hours),
            overlap: OKTA_OVERLAP,
            allow_private: false,
        })?),
        LogSource::Entra { tenant, client_id, client_secret, graph, login, every_seconds, first_hours } => {
            Arc::new(Entra::new(&EntraSettings {
                name: name.to_owned(),
                tenant: tenant.clone(),
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                graph: graph.clone(),
                login: login.clone(),
                every: every(*every_seconds),
                first: back(*first_hours),
                overlap: ENTRA_OVERLAP,
                allow_private: false,
            })?)
        }
    })
}

/// Fetches from all of these, each in a task of its own, until asked to stop.
pub fn fetch(
    sources: Vec<Arc<dyn SigninSource>>,
    log: &Arc<dyn SigninLog>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    let start = |source| {
        let polling = Polling::new(source, Arc::clone(log), Arc::clone(clock), Arc::clone(entropy));
        tokio::spawn(polling.run(stop.clone()))
    };
    sources.into_iter().map(start).collect()
}
