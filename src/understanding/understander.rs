//! Everything that understands, behind one door: the embedded interpreter always, a language model beside it where one is configured.

use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::engine::Index;
use crate::understanding::embedded::EmbeddedInterpreter;
use crate::understanding::model_interpreter::{ModelInterpreter, offered};
use crate::understanding::reconcile::reconcile;
use crate::understanding::types::{MAX_WORDS, Turn, Understanding};

/// Understands turns.
pub struct Understander {
    embedded: EmbeddedInterpreter,
    second: Option<(ModelInterpreter, Arc<Catalog>)>,
}

impl Understander {
    /// By search and grammar alone, over a catalog and its index.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, index: Arc<Index>) -> Self {
        Self { embedded: EmbeddedInterpreter::new(catalog, index), second: None }
    }

    /// With a language model as second reader. Where the two disagree the person is asked; what the model says alone changes nothing.
    #[must_use]
    pub fn with_model(catalog: Arc<Catalog>, index: Arc<Index>, model: ModelInterpreter) -> Self {
        Self { embedded: EmbeddedInterpreter::new(Arc::clone(&catalog), index), second: Some((model, catalog)) }
    }

    /// The embedded interpreter.
    #[must_use]
    pub fn embedded(&self) -> &EmbeddedInterpreter {
        &self.embedded
    }

    /// Understands one turn.
    pub async fn understand(&self, turn: &Turn<'_>) -> Understanding {
        let embedded = self.embedded.interpret(turn);
        match &self.second {
            // What is too long to be read by rules is not sent anywhere either.
            Some((model, catalog)) if !turn.words.trim().is_empty() && turn.words.len() <= MAX_WORDS => {
                let reading = model.read(turn, &offered(&embedded, catalog)).await;
                reconcile(embedded, reading)
            }
            _ => embedded,
        }
    }
}
