//! Puts the understanding together: the catalog's search, the grammar and, where configured, a model.

use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::{Index, SearchError};
use crate::ports::language_model::LanguageModel;
use crate::understanding::model_interpreter::ModelInterpreter;
use crate::understanding::prompt::Prompts;
use crate::understanding::understander::Understander;

/// The index of a catalog.
///
/// # Errors
/// Where the search engine fails.
pub fn index(catalog: &Catalog) -> Result<Index, SearchError> {
    let docs = catalog.entitlements.values().map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system)));
    Index::build(docs)
}

/// An understander over a catalog, with a model beside the grammar where there is one.
///
/// # Errors
/// Where the search index or the prompts cannot be built.
pub fn understander(catalog: &Arc<Catalog>, model: Option<Arc<dyn LanguageModel>>) -> anyhow::Result<Understander> {
    let index = Arc::new(index(catalog)?);
    Ok(match model {
        None => Understander::new(Arc::clone(catalog), index),
        Some(model) => {
            let reader = ModelInterpreter::new(model, Arc::new(Prompts::new(None)?));
            Understander::with_model(Arc::clone(catalog), index, reader)
        }
    })
}
