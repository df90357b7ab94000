//! The delivery that is being dealt with: the first thing its person changes by it also says that it was dealt with, so that it is done
//! once, however often it is delivered and whoever deals with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;

/// A delivery that is being dealt with.
#[derive(Debug, Clone)]
pub struct Dealing {
    delivery: Digest,
    said: Arc<AtomicBool>,
}

impl Dealing {
    /// With this delivery.
    #[must_use]
    pub fn new(delivery: Digest) -> Self {
        Self { delivery, said: Arc::default() }
    }

    /// The delivery, where nothing that was written says yet that it was dealt with.
    #[must_use]
    pub fn unsaid(&self) -> Option<Digest> {
        (!self.said.load(Ordering::SeqCst)).then_some(self.delivery)
    }

    /// It was written that it was dealt with.
    pub fn written(&self) {
        self.said.store(true, Ordering::SeqCst);
    }
}

/// The key of a delivery: a digest of the platform and its own id of it.
#[must_use]
pub fn key(surface: Surface, once: &str) -> Digest {
    Digest::of(format!("delivery {} {once}", surface.name()).as_bytes())
}
