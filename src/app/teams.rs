//! Microsoft Teams from its settings.

use std::sync::Arc;

use crate::app::surfaces::{Around, Open, Opened, Platform};
use crate::chat::teams::client::Teams;
use crate::chat::teams::routes::{self, Reception};
use crate::chat::teams::settings::{Cloud, Settings, Written};
use crate::config::surfaces::{Teams as Section, TeamsCloud};
use crate::domain::clock::Clock;
use crate::ports::surface::ChatDoor;
use crate::ports::whereabouts::WhereaboutsBook;

/// The settings as Teams takes them.
///
/// # Errors
/// What is wrong with them, and what belongs there.
pub fn settings(section: &Section, public_url: &str) -> anyhow::Result<Arc<Settings>> {
    let settings = Settings::parse(Written {
        app_id: section.app_id.clone(),
        app_secret: section.app_secret.clone(),
        tenants: section.tenants.clone(),
        app_tenant: section.app_tenant.clone(),
        cloud: match section.cloud {
            TeamsCloud::Public => Cloud::Public,
            TeamsCloud::UsGovernment => Cloud::UsGovernment,
            TeamsCloud::China => Cloud::China,
        },
        metadata_url: section.metadata_url.clone(),
        login_url: section.login_url.clone(),
        service_hosts: section.service_hosts.clone(),
        public_url: public_url.to_owned(),
    })?;
    Ok(Arc::new(settings))
}

/// Teams, ready to be opened.
///
/// # Errors
/// What is wrong with its settings.
pub fn platform(section: &Section, around: &Around) -> anyhow::Result<Platform> {
    let settings = settings(section, &around.public_url)?;
    let (book, clock) = (Arc::clone(&around.whereabouts), Arc::clone(&around.clock));
    let teams = surface(&settings, Arc::clone(&book), Arc::clone(&clock))?;
    let surface = Arc::clone(&teams);
    let open: Open = Box::new(move |door, stop| {
        let reception = reception(&settings, &teams, door, book, clock);
        let watching = tokio::spawn(async move { teams.watch(stop).await });
        Ok(Opened { routes: Some(routes::router(reception)), tasks: vec![watching] })
    });
    Ok(Platform { surface, open })
}

/// What writes to Teams.
///
/// # Errors
/// Where no HTTP client can be made.
pub fn surface(
    settings: &Arc<Settings>,
    book: Arc<dyn WhereaboutsBook>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Arc<Teams>> {
    Teams::new(Arc::clone(settings), book, clock).map(Arc::new).map_err(anyhow::Error::msg)
}

/// What takes Teams' deliveries; its router is [`crate::chat::teams::routes::router`].
#[must_use]
pub fn reception(
    settings: &Arc<Settings>,
    teams: &Arc<Teams>,
    door: Arc<dyn ChatDoor>,
    book: Arc<dyn WhereaboutsBook>,
    clock: Arc<dyn Clock>,
) -> Arc<Reception> {
    Arc::new(Reception::new(settings, Arc::clone(teams), door, book, clock))
}
