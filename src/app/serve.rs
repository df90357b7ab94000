//! `claviger serve`: production. The web is opened only with sign-in set up; there is no other way.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::data_dir::DataDir;
use crate::app::house::{Parts, build_house};
use crate::app::identity;
use crate::app::record::unseal;
use crate::app::signin_sources;
use crate::app::signin_upkeep::{self, Retention};
use crate::app::site::{self, Site};
use crate::app::surfaces::{self, Around};
use crate::app::system::{OsEntropy, SystemClock};
use crate::catalog::source::Source;
use crate::config::sections::{Config, PersonFrom};
use crate::connectors::address::Reach;
use crate::connectors::signin::intake::Intake;
use crate::domain::clock::Clock;
use crate::domain::signin_privacy::PseudonymKey;
use crate::domain::window::Seconds;
use crate::ports::signin::SigninLog;
use crate::ports::store::SharedStore;
use crate::server::oidc::{Oidc, OidcSettings, PersonClaim};
use crate::server::signin_events;
use crate::server::state::SignIn;
use crate::store::database::Database;
use crate::store::open::{Location, Prepare};
use crate::workflow::house::{Outside, Signins, StepUp};

/// How long to wait before a sign-in provider that did not answer is asked again: longer each time, up to a minute.
const AGAIN: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(30), Duration::from_secs(60)];

/// Serves until asked to stop.
///
/// # Errors
/// Where settings are missing or something they name cannot be had; the sentence says what to do.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let oidc = Arc::new(sign_in(&config)?);
    let sources = signin_sources::logs(&config)?;
    let data = DataDir::open(&config.storage.data_dir)?;
    let database = open_database(&config, &data).await?;
    let store: SharedStore = database.clone();
    let model = match &config.model {
        Some(m) => {
            let wait = Duration::from_secs(m.timeout_seconds);
            Some(crate::app::model::client(&m.base_url, &m.name, m.api_key.clone(), wait, Arc::new(SystemClock))?)
        }
        None => None,
    };
    let settings = &config.signin_events;
    let lasting = settings.lock_seconds.iter().map(|(provider, n)| Ok((provider.parse()?, Seconds(*n))));
    let signins = Signins {
        directories: signin_sources::directories(&config)?,
        log: Some(database.clone()),
        realms: settings.realms.clone(),
        lasting: lasting.collect::<anyhow::Result<_>>().context("[signin_events.lock_seconds] cannot be used")?,
    };
    let mut outside = crate::app::outside::outside(
        &config.helpdesk,
        &config.http.public_url,
        database.clone(),
        Arc::new(SystemClock),
    )?;
    if let Some(notices) = &mut outside.notices {
        notices.realms.clone_from(&settings.realms);
    }
    let parts = Parts {
        source: Source::Folder(config.catalog.folder.clone()),
        vendors: config.catalog.vendors.clone(),
        model,
        prompts: config.model.as_ref().and_then(|m| m.prompts.clone()),
        step_up: StepUp::Pages,
        outside: Outside { signins, identity: identity::rules(&config)?, ..outside },
        clock: Arc::new(SystemClock),
    };
    let around = Around {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        public_url: config.http.public_url.clone(),
        whereabouts: database.clone(),
    };
    let platforms = surfaces::platforms(&config, &around)?;
    for remark in config.unused.iter().chain(&config.left_over) {
        eprintln!("claviger: {remark}");
    }
    let house = build_house(parts, store, &data)?.with_surfaces(surfaces::known(&platforms, &config.chat)?).house;
    for wrong in crate::app::channels::wrong(&config, &house.catalog.directory) {
        eprintln!("claviger: {wrong}");
    }
    let listener = TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("`{}` cannot be listened on; see http.listen", config.http.listen))?;
    let stop = CancellationToken::new();
    // Without its provider nobody can sign in, but what was granted still has to end in time: the jobs run, `/health/ready` says what is
    // wrong, and the provider is asked again until it answers.
    match oidc.look(house.clock.now()).await {
        Ok(()) => tracing::info!(listen = %config.http.listen, public_url = config.http.public_url, "serving"),
        Err(problem) => {
            eprintln!(
                "claviger: NOBODY CAN SIGN IN: {problem}. Listening on {} all the same, so that access ends in time; /health/ready answers \
                 503 until the provider answers as it should. See [sign_in] in the settings.",
                config.http.listen
            );
            tokio::spawn(keep_looking(Arc::clone(&oidc), Arc::clone(&house.clock), stop.clone()));
        }
    }
    let more = match &config.signin_events.token {
        Some(token) => {
            let log: Arc<dyn SigninLog> = database.clone();
            let intake = Arc::new(Intake::new(log, house.clock.clone()));
            Some(signin_events::router(intake, token, signin_events::Limits::default())?)
        }
        None => None,
    };
    let retention = Retention { raw_days: config.signin_events.raw_days, kept_days: config.signin_events.kept_days };
    let pseudonyms = PseudonymKey::new(data.secret("pseudonyms.key", house.entropy.as_ref())?);
    let upkeep = signin_upkeep::start(database.clone(), house.clock.clone(), retention, pseudonyms, stop.clone());
    let log: Arc<dyn SigninLog> = database.clone();
    let mut beside = signin_sources::fetch(sources, &log, &house.clock, &house.entropy, &stop);
    beside.push(upkeep);
    let opened = surfaces::open(platforms, &house, &stop)?;
    beside.extend(opened.tasks);
    let more = match (more, opened.routes) {
        (Some(more), Some(routes)) => Some(more.merge(routes)),
        (more, routes) => more.or(routes),
    };
    let site = Site {
        sign_in: SignIn::Oidc(oidc),
        doors: None,
        metrics_token: config.http.metrics_token.clone(),
        featured: Vec::new(),
        more,
        beside,
        seal: config.storage.postgres.is_none(),
    };
    site::run(site, &house, &database, &data, listener, stop).await?;
    tracing::info!("stopped; the record is signed");
    Ok(())
}

/// Asks the provider until it answers as it should.
async fn keep_looking(oidc: Arc<Oidc>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut waits = AGAIN.iter();
    let mut wait = AGAIN[0];
    loop {
        wait = waits.next().copied().unwrap_or(wait);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        match oidc.look(clock.now()).await {
            Ok(()) => {
                tracing::info!("the sign-in provider answers; people can sign in");
                return;
            }
            Err(problem) => tracing::error!(%problem, "nobody can sign in"),
        }
    }
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
        acr_values: config.step_up.acr_values.clone(),
        // A provider may well stand in a private network, but nothing it names leads to the services that clouds keep beside a machine.
        may_reach: |address| Reach::Private.allows(address),
    })
    .context("sign-in cannot be set up")
}
