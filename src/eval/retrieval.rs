//! Needs in words against the least entitlements that do: right first, right among the first three.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::search::engine::{Index, SearchFilter};
use crate::eval::report::{Figure, Report};

/// The files of vendors' entitlements, in the folder of data sets.
pub const CATALOG: [&str; 6] = [ENTRA, AZURE, GCP, AWS, GRAPH, DEVTOOLS];

const ENTRA: &str = "entitlement-catalog/entra_roles.jsonl";
const AZURE: &str = "entitlement-catalog/azure_roles.jsonl";
const GCP: &str = "entitlement-catalog/gcp_roles.jsonl";
const AWS: &str = "entitlement-catalog/aws_managed_policies.jsonl";
const GRAPH: &str = "entitlement-catalog/msgraph_permissions.jsonl";
const DEVTOOLS: &str = "entitlement-catalog/devtool_roles.jsonl";

/// Needs, and what they are searched in.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// What the figure is called.
    pub name: &'static str,
    /// The file of needs, in the folder of data sets.
    pub needs: &'static str,
    /// The field with the words.
    pub words: &'static str,
    /// The field with the right answers: ids, or objects with an `id`.
    pub gold: &'static str,
    /// The files of entitlements that are searched together.
    pub catalog: &'static [&'static str],
    /// Only these kinds; empty means every kind.
    pub kinds: &'static [&'static str],
}

/// Every set, those over one catalog beside each other.
pub const SETS: [Set; 8] = [
    Set {
        name: "entra over Entra roles",
        needs: "entra-least-privilege/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &[ENTRA],
        kinds: &[],
    },
    Set {
        name: "github over the repository roles",
        needs: "github-repository-roles/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &[DEVTOOLS],
        kinds: &["repository_role"],
    },
    Set {
        name: "github over its whole file",
        needs: "github-repository-roles/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &[DEVTOOLS],
        kinds: &[],
    },
    Set {
        name: "entitlement management over its whole file",
        needs: "entra-entitlement-management/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &[DEVTOOLS],
        kinds: &[],
    },
    Set {
        name: "entra over all six files",
        needs: "entra-least-privilege/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &CATALOG,
        kinds: &[],
    },
    Set {
        name: "github over all six files",
        needs: "github-repository-roles/dev.jsonl",
        words: "query",
        gold: "gold",
        catalog: &CATALOG,
        kinds: &[],
    },
    Set {
        name: "msgraph over delegated permissions",
        needs: "msgraph-least-privilege/dev.jsonl",
        words: "task",
        gold: "gold_delegated",
        catalog: &CATALOG,
        kinds: &["delegated_permission"],
    },
    Set {
        name: "msgraph samples over delegated permissions",
        needs: "msgraph-sample-queries/dev.jsonl",
        words: "query",
        gold: "gold_delegated",
        catalog: &CATALOG,
        kinds: &["delegated_permission"],
    },
];

/// How many were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// A right one came first.
    pub first: u64,
    /// A right one was among the first three.
    pub three: u64,
    /// Of how many. A line that is no need counts, and counts as wrong.
    pub of: u64,
}

impl Tally {
    /// Both shares in thousandths, rounded down.
    #[must_use]
    pub fn milli(&self) -> (u64, u64) {
        let share = |n: u64| (n * 1000).checked_div(self.of).unwrap_or(0);
        (share(self.first), share(self.three))
    }
}

/// Measures every `nth` need of a set (1 means all). Needs that nothing requestable answers are left out.
#[must_use]
pub fn measure(set: &Set, needs: &str, index: &Index, nth: usize) -> Tally {
    let kinds: Vec<String> = set.kinds.iter().map(|k| (*k).to_owned()).collect();
    let filter = SearchFilter { kinds: &kinds, ..SearchFilter::default() };
    let mut tally = Tally::default();
    let cases: Vec<Option<(String, BTreeSet<String>)>> = needs
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| need(set, line))
        .filter(|case| case.as_ref().is_none_or(|(_, gold)| !gold.is_empty()))
        .collect();
    for case in cases.into_iter().step_by(nth.max(1)) {
        tally.of += 1;
        let Some((words, gold)) = case else { continue };
        let hits = index.search(&words, &filter, 3).hits;
        let place = hits.iter().position(|hit| gold.contains(hit.id.as_str()));
        tally.first += u64::from(place == Some(0));
        tally.three += u64::from(place.is_some());
    }
    tally
}

/// The words and the right answers of a line; `None` where it has not the asked form. What cannot be asked for has no answers.
fn need(set: &Set, line: &str) -> Option<(String, BTreeSet<String>)> {
    let value: Value = serde_json::from_str(line).ok()?;
    let words = value.get(set.words)?.as_str()?.to_owned();
    let asked = value.get("requestable").and_then(Value::as_bool) != Some(false);
    let gold = value.get(set.gold)?.as_array()?.iter().filter(|_| asked);
    let ids = gold.filter_map(|g| g.as_str().or_else(|| g.get("id")?.as_str()).map(str::to_owned)).collect();
    Some((words, ids))
}

/// Measures a whole set and reports both figures.
pub fn run(set: &Set, needs: &str, index: &Index, report: &mut Report) {
    let tally = measure(set, needs, index, 1);
    report.figures.push(Figure::right("retrieval", format!("{}, first", set.name), tally.first, tally.of));
    report.figures.push(Figure::right("retrieval", format!("{}, first three", set.name), tally.three, tally.of));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::jsonl::parse_lines;
    use crate::catalog::search::doc::SearchDoc;

    const SET: Set = Set { name: "t", needs: "", words: "query", gold: "gold", catalog: &[], kinds: &["role"] };

    #[test]
    fn right_ones_are_counted_and_unreadable_lines_are_wrong() {
        let rows = concat!(
            r#"{"id":"a:orders","system":"a","kind":"role","name":"Orders Reader","description":"See orders."}"#,
            "\n",
            r#"{"id":"a:cars","system":"a","kind":"role","name":"Cars Reader","description":"See cars."}"#,
        );
        let rows = parse_lines("t", rows).unwrap();
        let index = Index::build(rows.iter().map(SearchDoc::from_vendor)).unwrap();
        let needs = concat!(
            r#"{"query":"see the orders","gold":["a:orders"]}"#,
            "\n",
            r#"{"query":"see the cars","gold":[{"id":"a:orders"}]}"#,
            "\n\nnonsense\n",
            r#"{"query":"see the cars","gold":["none:yours"],"requestable":false}"#,
            "\n",
            r#"{"query":"see the cars","gold":[]}"#,
        );
        let tally = measure(&SET, needs, &index, 1);
        assert_eq!(tally, Tally { first: 1, three: 2, of: 3 });
        assert_eq!(tally.milli(), (333, 666));
        assert_eq!(Tally::default().milli(), (0, 0));
        let mut report = Report::default();
        run(&SET, needs, &index, &mut report);
        assert_eq!(report.figures[0], Figure::right("retrieval", "t, first", 1, 3));
    }

    #[test]
    fn every_set_is_searched_in_files_of_the_catalog_and_has_its_own_name() {
        assert!(SETS.iter().flat_map(|s| s.catalog).all(|f| CATALOG.contains(f)));
        assert_eq!(SETS.iter().map(|s| s.name).collect::<BTreeSet<_>>().len(), SETS.len());
    }
}
