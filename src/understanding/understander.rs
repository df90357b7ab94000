//! Everything that understands, behind one door: the embedded interpreter always, a language model beside it where one is configured.

use std::sync::Arc;

use crate::understanding::embedded::EmbeddedInterpreter;
use crate::understanding::types::{Turn, Understanding};

/// Understands turns.
pub struct Understander {
    embedded: Arc<EmbeddedInterpreter>,
}

impl Understander {
    /// By search and grammar alone.
    #[must_use]
    pub fn embedded(embedded: Arc<EmbeddedInterpreter>) -> Self {
        Self { embedded }
    }

    /// Understands one turn.
    pub async fn understand(&self, turn: &Turn<'_>) -> Understanding {
        self.embedded.interpret(turn)
    }
}
