//! Everything that understands, behind one door: the embedded interpreter always, a language model beside it where one is configured.

use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::engine::Index;
use crate::understanding::embedded::EmbeddedInterpreter;
use crate::understanding::types::{Turn, Understanding};

/// Understands turns.
pub struct Understander {
    embedded: EmbeddedInterpreter,
}

impl Understander {
    /// By search and grammar alone, over a catalog and its index.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, index: Arc<Index>) -> Self {
        Self { embedded: EmbeddedInterpreter::new(catalog, index) }
    }

    /// The embedded interpreter.
    #[must_use]
    pub fn embedded(&self) -> &EmbeddedInterpreter {
        &self.embedded
    }

    /// Understands one turn.
    pub async fn understand(&self, turn: &Turn<'_>) -> Understanding {
        self.embedded.interpret(turn)
    }
}
