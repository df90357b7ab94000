//! `claviger serve`: production. The web is opened only with sign-in set up; there is no other way.

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::data_dir::DataDir;
use crate::app::house::{Parts, build_house};
use crate::app::record::unseal;
use crate::app::running::{Running, asked_to_stop};
use crate::app::signin_upkeep::{self, Retention};
use crate::app::system::SystemClock;
use crate::catalog::source::Source;
use crate::config::sections::{Config, PersonFrom};
use crate::connectors::signin::intake::Intake;
use crate::domain::signin_privacy::PseudonymKey;
use crate::ports::signin::SigninLog;
use crate::ports::store::{Shared, SharedStore};
use crate::server::oidc::{Oidc, OidcSettings, PersonClaim};
use crate::server::signin_events;
use crate::server::state::{Limits, SignIn, State};
use crate::store::database::Database;
use crate::store::open::{Location, Prepare};
use crate::workflow::desk::FrontDesk;
use crate::workflow::house::StepUp;

/// Serves until asked to stop.
///
/// # Errors
/// Where settings are missing or something they name cannot be had; the sentence says what to do.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let oidc = sign_in(&config)?;
    let data = DataDir::open(&config.storage.data_dir)?;
    let database = open_database(&config, &data).await?;
    let store: SharedStore = database.clone();
    let model = match &config.model {
        Some(m) => {
            let wait = std::time::Duration::from_secs(m.timeout_seconds);
            Some(crate::app::model::client(&m.base_url, &m.name, m.api_key.clone(), wait, Arc::new(SystemClock))?)
        }
        None => None,
    };
    let parts = Parts {
        source: Source::Folder(config.catalog.folder.clone()),
        vendors: config.catalog.vendors.clone(),
        model,
        step_up: StepUp::Unavailable,
        outside: crate::app::outside::outside(&config.helpdesk, &config.http.public_url, Arc::new(SystemClock))?,
        clock: Arc::new(SystemClock),
    };
    let built = build_house(parts, store, &data)?;
    let house = Arc::clone(&built.house);
    let listener = TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("`{}` cannot be listened on; see http.listen", config.http.listen))?;
    let stop = CancellationToken::new();
    let meters = crate::telemetry::meters::start();
    let running = Running::start(&house, &data, stop.clone()).await?;
    let directory = house.catalog.directory.clone();
    let sessions: Arc<dyn Shared> = database.clone();
    let router = crate::server::routes::router(State {
        desk: Arc::new(FrontDesk(Arc::clone(&house))),
        directory: Arc::new(move || directory.clone()),
        sessions,
        clock: house.clock.clone(),
        entropy: house.entropy.clone(),
        sign_in: SignIn::Oidc(Box::new(oidc)),
        doors: None,
        metrics: meters.map(|m| Arc::new(move || m.render()) as Arc<dyn Fn() -> String + Send + Sync>),
        metrics_token: config.http.metrics_token.clone(),
        shutdown: stop.clone(),
        limits: Limits::default(),
        suggestions: crate::app::demo::suggestions(),
        featured: Vec::new(),
    });
    let router = match &config.signin_events.token {
        Some(token) => {
            let log: Arc<dyn SigninLog> = database.clone();
            let intake = Arc::new(Intake::new(log, house.clock.clone()));
            let door = crate::server::signin_events::router(intake, token, signin_events::Limits::default())?;
            router.merge(door)
        }
        None => router,
    };
    let retention = Retention { raw_days: config.signin_events.raw_days, kept_days: config.signin_events.kept_days };
    let pseudonyms = PseudonymKey::new(data.secret("pseudonyms.key", house.entropy.as_ref())?);
    let upkeep = signin_upkeep::start(database.clone(), house.clock.clone(), retention, pseudonyms, stop.clone());
    tracing::info!(listen = %config.http.listen, public_url = config.http.public_url, "serving");
    let stopping = stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        stopping.cancel();
    });
    crate::server::run::serve(listener, router, stop).await?;
    upkeep.await?;
    let signer = running.stop().await?;
    database.close().await;
    if config.storage.postgres.is_none() {
        signer.seal(&data.database()).await?;
    }
    tracing::info!("stopped; the record is signed");
    Ok(())
}

/// The configured database, brought to this version.
///
/// # Errors
/// Where it cannot be reached or is newer than this program.
pub async fn open_database(config: &Config, data: &DataDir) -> anyhow::Result<Arc<Database>> {
    let location = match &config.storage.postgres {
        Some(url) => Location::Server(url.expose_secret().to_owned().into()),
        None => {
            unseal(&data.database())?;
            Location::File(data.database())
        }
    };
    Ok(crate::store::open::open(&location, Prepare::Migrate).await?)
}

/// Sign-in as configured.
///
/// # Errors
/// Where it is not configured, or not usable.
pub fn sign_in(config: &Config) -> anyhow::Result<Oidc> {
    let Some(settings) = &config.sign_in else {
        anyhow::bail!(
            "no sign-in is set up, so nothing is served. Add [sign_in] with issuer, client_id and client_secret of your OpenID Connect \
             provider (deploy/claviger.example.toml shows one). To look around without sign-in, use `claviger demo` on this machine."
        );
    };
    Oidc::new(OidcSettings {
        issuer: settings
            .issuer
            .parse()
            .with_context(|| format!("sign_in.issuer `{}` is no web address", settings.issuer))?,
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret.clone(),
        public_url: config
            .http
            .public_url
            .parse()
            .with_context(|| format!("http.public_url `{}` is no web address", config.http.public_url))?,
        person: match settings.person_from {
            PersonFrom::Subject => PersonClaim::Subject,
            PersonFrom::VerifiedEmail => PersonClaim::VerifiedEmail,
        },
        scopes: vec!["email".into(), "profile".into()],
        name: settings.name.clone(),
    })
    .context("sign-in cannot be set up")
}
