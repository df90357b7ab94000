//! For pickers that search while one types: what a person may ask for, by words alone and without a turn.

use crate::catalog::search::engine::SearchFilter;
use crate::domain::ids::EntitlementId;
use crate::domain::person::Person;
use crate::understanding::embedded::EmbeddedInterpreter;

impl EmbeddedInterpreter {
    /// What a person may ask for that fits these words, best first.
    #[must_use]
    pub fn find(&self, person: &Person, words: &str, limit: usize) -> Vec<EntitlementId> {
        let may_see = |id: &EntitlementId| self.may_ask(person, id);
        let filter = SearchFilter { visible: Some(&may_see), ..SearchFilter::default() };
        self.index.search(words, &filter, limit).hits.into_iter().map(|hit| hit.id).collect()
    }
}
