//! `claviger demo`: everything on an embedded database with the example company, for this machine only.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::data_dir::DataDir;
use crate::app::doors::DemoDoors;
use crate::app::house::{Built, Parts, build_house};
use crate::app::identity;
use crate::app::record::unseal;
use crate::app::site::{self, Site};
use crate::app::surfaces::{self, Around};
use crate::app::system::OsEntropy;
use crate::catalog::source::Source;
use crate::config::sections::Config;
use crate::domain::clock::Clock;
use crate::domain::ids::PersonId;
use crate::ports::language_model::LanguageModel;
use crate::ports::store::SharedStore;
use crate::server::doors::DoorKeeper;
use crate::server::state::{Loopback, SignIn};
use crate::store::database::Database;
use crate::store::open::{Prepare, open_sqlite};
use crate::workflow::house::{Outside, Signins, StepUp};
use crate::workflow::notices::Notices;

/// What the demo is started with.
pub struct Demo {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The data folder.
    pub data: PathBuf,
    /// Another company than the example.
    pub company: Option<PathBuf>,
    /// Vendors' catalogs beside it.
    pub vendors: Vec<PathBuf>,
    /// A language model.
    pub model: Option<Arc<dyn LanguageModel>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Settings whose chat platforms are opened, too: to try them, usually against a peer that stands in for the platform.
    pub chat: Option<Box<Config>>,
}

/// Opens the demo's house over its embedded database, without serving anybody.
///
/// # Errors
/// Where the folder, the database or the catalog cannot be used.
pub async fn open(demo: &Demo) -> anyhow::Result<(Built, Arc<Database>, DataDir)> {
    let data = DataDir::open(&demo.data)?;
    if let Some(warning) = crate::app::verify::warning(&data).await {
        eprintln!("{warning}");
    }
    unseal(&data.database())?;
    let database = open_sqlite(&data.database(), Prepare::Migrate).await?;
    let store: SharedStore = database.clone();
    let parts = Parts {
        source: demo.company.clone().map_or(Source::Example, Source::Folder),
        vendors: demo.vendors.clone(),
        model: demo.model.clone(),
        prompts: None,
        step_up: StepUp::Demo,
        outside: Outside {
            signins: Signins { log: Some(database.clone()), ..Signins::default() },
            notices: Some(Notices { log: database.clone(), realms: Vec::new(), a_day: 3 }),
            identity: demo.chat.as_deref().map(identity::rules).transpose()?.unwrap_or_default(),
            ..Outside::default()
        },
        clock: Arc::clone(&demo.clock),
    };
    let built = build_house(parts, store, &data)?;
    Ok((built, database, data))
}

/// Runs the demo until it is asked to stop.
///
/// # Errors
/// Where something it needs cannot be had.
pub async fn run(demo: Demo) -> anyhow::Result<()> {
    let _alone = DataDir::open(&demo.data)?.only_demo()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, demo.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("port {} is taken; choose another with --port, or 0 for any", demo.port))?;
    let local = listener.local_addr()?;
    let loopback = Loopback::new(local)?;
    let (mut built, database, data) = open(&demo).await?;
    let mut platforms = Vec::new();
    if let Some(config) = &demo.chat {
        let around = Around {
            clock: Arc::clone(&demo.clock),
            entropy: Arc::new(OsEntropy),
            // By its name: passkeys are bound to names, not numbers.
            public_url: format!("http://localhost:{}", local.port()),
            whereabouts: database.clone(),
        };
        platforms = surfaces::platforms(config, &around)?;
        for remark in config.unused.iter().chain(&config.left_over) {
            println!("Note: {remark}");
        }
        for wrong in crate::app::channels::wrong(config, &built.house.catalog.directory) {
            println!("Note: {wrong}");
        }
        built = built.with_surfaces(surfaces::known(&platforms, &config.chat)?);
    }
    let names: Vec<&str> = platforms.iter().map(|p| crate::app::surfaces::called(p.surface.surface())).collect();
    let stop = CancellationToken::new();
    let house = Arc::clone(&built.house);
    let doors: Arc<dyn DoorKeeper> =
        Arc::new(DemoDoors::new(Arc::clone(&house.catalog), built.doors, house.clock.clone()));
    let opened = surfaces::open(platforms, &house, &stop)?;
    let site = Site {
        sign_in: SignIn::Demo(loopback),
        doors: Some(doors),
        metrics_token: None,
        featured: featured(&house.catalog.directory),
        more: opened.routes,
        beside: opened.tasks,
        seal: true,
    };
    println!(
        "Claviger demo for {} ({} people, {} entitlements)",
        house.catalog.company,
        house.catalog.directory.employed(),
        house.catalog.entitlements.len()
    );
    println!(
        "Open http://localhost:{}/ — this machine only; anyone here can be anyone. Data in {}. Stop with Ctrl-C.",
        local.port(),
        demo.data.display()
    );
    println!("(http://{local}/ leads here, too, but passkeys work at localhost only.)");
    if demo.chat.is_some() {
        println!("{}", opened_platforms(&names));
    }
    site::run(site, &house, &database, &data, listener, stop).await?;
    println!("Stopped. The record is signed and the database sealed.");
    Ok(())
}

/// What the banner says of chat platforms where a settings file was named for them.
fn opened_platforms(names: &[&str]) -> String {
    if names.is_empty() {
        return "No chat platform is opened: the settings file has no [slack], [teams] or [discord].".to_owned();
    }
    format!("Opened beside it: {}. GET /health/surfaces says how they are.", names.join(", "))
}

/// Whom the first page proposes to be, and why.
fn featured(directory: &crate::domain::person::Directory) -> Vec<(PersonId, String)> {
    let first = |job: &str| directory.iter().find(|p| p.job_code == job).map(|p| p.id.clone());
    [
        ("sales_analyst", "asks for the Q3 sales reports and gets them at once"),
        ("marketing_analyst", "asks for the same; her manager is asked"),
        ("data_scientist", "asks for the production database; security is asked"),
        ("ap_clerk", "asks to release payments; a rule says no"),
    ]
    .into_iter()
    .filter_map(|(job, why)| first(job).map(|id| (id, why.to_owned())))
    .collect()
}
