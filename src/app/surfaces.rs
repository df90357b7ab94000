//! Chat platforms: built from the settings, given to the house, opened with its door, watched.
//!
//! Each platform has a file of its own beside this one that turns its section of the settings into a [`Platform`], and a line in
//! [`platforms`].

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::chat::{Channel, Chat};
use crate::config::sections::Config;
use crate::domain::account::{Place, PlatformId};
use crate::domain::clock::{Clock, Entropy};
use crate::domain::conversation::Surface;
use crate::domain::ids::GroupId;
use crate::ports::surface::{ChatDoor, ChatSurface, Connection};
use crate::ports::whereabouts::WhereaboutsBook;
use crate::server::routes::Routes;
use crate::server::surfaces;
use crate::workflow::house::House;
use crate::workflow::surfaces::door::Door;
use crate::workflow::surfaces::known::{GroupChannel, Surfaces};
use crate::workflow::surfaces::people::Linked;
use crate::workflow::surfaces::start_page;

/// How often the connections are measured.
const LOOK: Duration = Duration::from_secs(15);

/// What a platform is built with.
pub struct Around {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The address in people's browsers, for links to our pages.
    pub public_url: String,
    /// Where people are to be found, for platforms that tell it only when somebody comes by.
    pub whereabouts: Arc<dyn WhereaboutsBook>,
}

/// What of a platform is at work once its door is open.
#[derive(Default)]
pub struct Opened {
    /// Its addresses, where it calls us.
    pub routes: Option<Routes>,
    /// Its loops; they end when the token is cancelled.
    pub tasks: Vec<JoinHandle<()>>,
}

/// Opens a platform: what comes in goes through the door, until the token is cancelled.
pub type Open = Box<dyn FnOnce(Arc<dyn ChatDoor>, CancellationToken) -> anyhow::Result<Opened> + Send>;

/// A platform, ready to be opened.
pub struct Platform {
    /// What we do there.
    pub surface: Arc<dyn ChatSurface>,
    /// What comes in from there.
    pub open: Open,
}

/// The platforms that are set up.
///
/// # Errors
/// Where a platform's settings cannot be used; the sentence says which and what to do.
pub fn platforms(config: &Config, around: &Around) -> anyhow::Result<Vec<Platform>> {
    let mut all = Vec::new();
    if let Some(section) = &config.slack {
        all.push(crate::app::slack::platform(section, around).context("[slack] cannot be used")?);
    }
    if let Some(section) = &config.discord {
        all.push(crate::app::discord::platform(section, around).context("[discord] cannot be used")?);
    }
    if let Some(section) = &config.teams {
        all.push(crate::app::teams::platform(section, around).context("[teams] cannot be used")?);
    }
    Ok(all)
}

/// A platform's name, as people write it.
#[must_use]
pub fn called(surface: Surface) -> &'static str {
    match surface {
        Surface::Slack => "Slack",
        Surface::Teams => "Microsoft Teams",
        Surface::Discord => "Discord",
        Surface::Web => "the web",
        Surface::Terminal => "the terminal",
    }
}

/// The platforms as the house knows them.
///
/// # Errors
/// Where a group's channel cannot be used.
pub fn known(platforms: &[Platform], chat: &Chat) -> anyhow::Result<Surfaces> {
    let channels = chat.channels.iter().map(channel).collect::<anyhow::Result<_>>()?;
    let all = platforms.iter().map(|p| Arc::clone(&p.surface)).collect();
    Ok(Surfaces::new(all, Arc::new(Linked), channels))
}

fn channel(written: &Channel) -> anyhow::Result<GroupChannel> {
    use crate::config::chat::Platform as P;
    let (surface, space) = match written.platform {
        P::Slack => (Surface::Slack, written.space.as_deref()),
        P::Teams => (Surface::Teams, written.space.as_deref()),
        P::Discord => (Surface::Discord, Some("discord")),
    };
    let name = || format!("[[chat.channels]] for group `{}`", written.group);
    let space = space.with_context(|| format!("{}: `space` is missing (the workspace's or tenant's id)", name()))?;
    let place = Place {
        space: PlatformId::parse(space).with_context(name)?,
        channel: PlatformId::parse(&*written.channel).with_context(name)?,
        thread: None,
        via: written.service_url.clone(),
    };
    Ok(GroupChannel { group: GroupId::parse(&*written.group).with_context(name)?, surface, place })
}

/// Opens the platforms: their addresses, their loops, and a look at how they are.
///
/// # Errors
/// Where a platform cannot be opened.
pub fn open(platforms: Vec<Platform>, house: &Arc<House>, stop: &CancellationToken) -> anyhow::Result<Opened> {
    if platforms.is_empty() {
        let routes = surfaces::router(Arc::new(Vec::new));
        return Ok(Opened { routes: Some(routes), tasks: Vec::new() });
    }
    let door: Arc<dyn ChatDoor> = Arc::new(Door(Arc::clone(house)));
    let all: Vec<Arc<dyn ChatSurface>> = platforms.iter().map(|p| Arc::clone(&p.surface)).collect();
    let looked_at = all.clone();
    let mut routes =
        surfaces::router(Arc::new(move || looked_at.iter().map(|p| (p.surface(), p.connection())).collect()));
    let pages = start_page::follow(Arc::clone(house), stop.clone());
    let mut tasks = vec![tokio::spawn(watch(all, stop.clone())), tokio::spawn(pages)];
    for platform in platforms {
        let opened = (platform.open)(Arc::clone(&door), stop.clone())?;
        if let Some(more) = opened.routes {
            routes = routes.merge(more);
        }
        tasks.extend(opened.tasks);
    }
    Ok(Opened { routes: Some(routes), tasks })
}

/// Measures the connections: 1 where one works, 0 where it is being opened, -1 where it has ended until somebody mends it.
async fn watch(all: Vec<Arc<dyn ChatSurface>>, stop: CancellationToken) {
    loop {
        for platform in &all {
            let value = match platform.connection() {
                Connection::Up => 1.0,
                Connection::Trying(_) => 0.0,
                Connection::Dead(_) => -1.0,
            };
            metrics::gauge!("claviger_surface_connection", "surface" => platform.surface().name()).set(value);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
