//! Which chat platforms there are, and how they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use crate::domain::account::Place;
use crate::domain::conversation::Surface;
use crate::domain::ids::GroupId;
use crate::ports::surface::ChatSurface;
use crate::workflow::surfaces::pace::Pace;
use crate::workflow::surfaces::people::{Linked, People};

/// How long a platform is left alone after it shut us out, before it is tried again.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// How many deliveries are dealt with at once in one process. What is over waits, kept, so that taking new ones stays quick however many come.
const AT_ONCE: usize = 8;

/// A group's channel: cards its members decide are posted there, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChannel {
    /// Which group.
    pub group: GroupId,
    /// On which platform.
    pub surface: Surface,
    /// Where.
    pub place: Place,
}

/// The chat platforms that are set up. None by default.
#[derive(Clone)]
pub struct Surfaces {
    platforms: BTreeMap<Surface, Arc<dyn ChatSurface>>,
    /// Who is behind an account.
    pub people: Arc<dyn People>,
    /// Groups' channels.
    pub channels: Arc<Vec<GroupChannel>>,
    /// How much one account may send us.
    pub pace: Arc<Pace>,
    /// How many deliveries are dealt with at once.
    pub turns: Arc<Semaphore>,
    paused: Arc<Mutex<BTreeMap<Surface, Timestamp>>>,
}

impl Default for Surfaces {
    fn default() -> Self {
        Self::new(Vec::new(), Arc::new(Linked), Vec::new())
    }
}

impl Surfaces {
    /// These platforms.
    #[must_use]
    pub fn new(platforms: Vec<Arc<dyn ChatSurface>>, people: Arc<dyn People>, channels: Vec<GroupChannel>) -> Self {
        Self {
            platforms: platforms.into_iter().map(|p| (p.surface(), p)).collect(),
            people,
            channels: Arc::new(channels),
            pace: Arc::new(Pace::default()),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            paused: Arc::default(),
        }
    }

    /// True where no platform is set up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.platforms.is_empty()
    }

    /// This platform, where it is set up.
    #[must_use]
    pub fn get(&self, surface: Surface) -> Option<&Arc<dyn ChatSurface>> {
        self.platforms.get(&surface)
    }

    /// All platforms that are set up.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn ChatSurface>> {
        self.platforms.values()
    }

    /// Leaves a platform alone for a while: it shut us out.
    pub fn pause(&self, surface: Surface, now: Timestamp) {
        let until = now.checked_add(PAUSE).unwrap_or(Timestamp::MAX);
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).insert(surface, until);
    }

    /// True while a platform is left alone.
    #[must_use]
    pub fn is_paused(&self, surface: Surface, now: Timestamp) -> bool {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.get(&surface).is_some_and(|until| now < *until)
    }
}
