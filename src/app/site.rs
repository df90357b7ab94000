//! What people reach by a browser, and what runs behind it: the same in the demo and in production but for who may come in.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::data_dir::DataDir;
use crate::app::running::{Running, asked_to_stop};
use crate::domain::ids::PersonId;
use crate::ports::store::Shared;
use crate::server::doors::DoorKeeper;
use crate::server::routes::Routes;
use crate::server::state::{Limits, SignIn, State};
use crate::store::database::Database;
use crate::workflow::desk::FrontDesk;
use crate::workflow::house::House;

/// What differs from site to site.
pub struct Site {
    /// How people sign in.
    pub sign_in: SignIn,
    /// The demo's own application.
    pub doors: Option<Arc<dyn DoorKeeper>>,
    /// What a metrics collector has to show.
    pub metrics_token: Option<secrecy::SecretString>,
    /// Whom the first page proposes to be, and why.
    pub featured: Vec<(PersonId, String)>,
    /// What else is reached at the same address.
    pub more: Option<Routes>,
    /// What else runs until the stop; it is waited for before the database is closed.
    pub beside: Vec<JoinHandle<()>>,
    /// True where the database is a file of ours, to be sealed at the end.
    pub seal: bool,
}

/// Runs everything until asked to stop or the token is cancelled; then what is under way is finished, the record signed, the database
/// closed and sealed.
///
/// # Errors
/// Where the record's key cannot be used, the listener fails, or the end cannot be signed.
pub async fn run(
    site: Site,
    house: &Arc<House>,
    database: &Arc<Database>,
    data: &DataDir,
    listener: TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let meters = crate::telemetry::meters::start();
    let running = Running::start(house, data, stop.clone()).await?;
    let directory = house.catalog.directory.clone();
    let sessions: Arc<dyn Shared> = database.clone();
    let router = crate::server::routes::router(State {
        desk: Arc::new(FrontDesk(Arc::clone(house))),
        directory: Arc::new(move || directory.clone()),
        sessions,
        clock: house.clock.clone(),
        entropy: house.entropy.clone(),
        sign_in: site.sign_in,
        doors: site.doors,
        metrics: meters.map(|m| Arc::new(move || m.render()) as Arc<dyn Fn() -> String + Send + Sync>),
        metrics_token: site.metrics_token,
        shutdown: stop.clone(),
        limits: Limits::default(),
        suggestions: suggestions(),
        featured: site.featured,
    });
    let router = match site.more {
        Some(more) => router.merge(more),
        None => router,
    };
    let stopping = stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        stopping.cancel();
    });
    crate::server::run::serve(listener, router, stop).await?;
    for task in site.beside {
        task.await?;
    }
    let signer = running.stop().await?;
    database.close().await;
    if site.seal {
        signer.seal(&data.database()).await?;
    }
    Ok(())
}

/// What the empty chat offers to say.
fn suggestions() -> Vec<String> {
    [
        "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck",
        "What do I have?",
        "Who approves the production database?",
        "How do I get VPN access?",
    ]
    .map(str::to_owned)
    .to_vec()
}
