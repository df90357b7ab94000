//! Puts the understanding together: the catalog's search, the grammar and, where configured, a model.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::catalog::model::Catalog;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::{Index, SearchError};
use crate::catalog::source::read_file;
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

/// The name of the template in an operator's own folder, and in `prompts`.
const UNDERSTAND: &str = "understand.md.j2";

/// The prompts that ship with the program, or an operator's own from their folder. Every template is tried out before it is used.
///
/// # Errors
/// Where the folder lacks the template, or the template cannot be used; with its line.
pub fn prompts(folder: Option<&Path>) -> anyhow::Result<Prompts> {
    let Some(folder) = folder else { return Ok(Prompts::new(None)?) };
    let file = folder.join(UNDERSTAND);
    let own = read_file(&file)
        .map_err(|(what, hint)| anyhow::anyhow!("{what}; {hint}"))
        .with_context(|| format!("the prompt `{}` cannot be used", file.display()))?;
    Prompts::new(Some(&own)).with_context(|| format!("the prompt `{}` cannot be used", file.display()))
}

/// An understander over a catalog, with a model beside the grammar where there is one, asked with these prompts.
///
/// # Errors
/// Where the search index cannot be built.
pub fn understander(
    catalog: &Arc<Catalog>,
    model: Option<(Arc<dyn LanguageModel>, Prompts)>,
) -> anyhow::Result<Understander> {
    let index = Arc::new(index(catalog)?);
    Ok(match model {
        None => Understander::new(Arc::clone(catalog), index),
        Some((model, prompts)) => {
            let reader = ModelInterpreter::new(model, Arc::new(prompts));
            Understander::with_model(Arc::clone(catalog), index, reader)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_own_prompt_is_tried_out_before_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(UNDERSTAND);
        let said = |folder: &Path| format!("{:#}", prompts(Some(folder)).unwrap_err());
        assert!(said(folder.path()).contains("understand.md.j2"), "a folder without the template");
        let shipped = crate::understanding::prompt::UNDERSTAND;
        std::fs::write(&file, shipped.replace("{{ words | tojson }}", "{{ wordz | tojson }}")).unwrap();
        let wrong = said(folder.path());
        assert!(wrong.contains(&file.display().to_string()) && wrong.contains("undefined"), "{wrong}");
        std::fs::write(&file, shipped.replace("You read one message", "Du liest eine Nachricht")).unwrap();
        let own = prompts(Some(folder.path())).unwrap();
        let sample = crate::understanding::prompt::UnderstandContext::samples().remove(0);
        let rendered = own.understand(&sample).unwrap();
        assert!(rendered.system.starts_with("Du liest eine Nachricht"));
        assert_ne!(
            rendered.template,
            prompts(None).unwrap().understand(&sample).unwrap().template,
            "the record tells them apart"
        );
    }
}
