//! Needs in words against the entitlements that fit: right first, right among the first three.

use serde::Deserialize;

use crate::catalog::search::engine::{Index, SearchFilter};
use crate::eval::report::{Figure, Report, lines};

#[derive(Deserialize)]
struct Need {
    query: String,
    gold: Vec<GoldEntry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GoldEntry {
    Id(String),
    Entry { id: String },
}

impl GoldEntry {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Entry { id } => id,
        }
    }
}

/// Measures one set of needs over one index.
pub fn run(name: &str, text: &str, index: &Index, report: &mut Report) {
    let (needs, bad) = lines::<Need>(text);
    let (mut first, mut three) = (0, 0);
    for need in &needs {
        let answer = index.search(&need.query, &SearchFilter::default(), 3);
        let place = answer.hits.iter().position(|hit| need.gold.iter().any(|g| g.id() == hit.id.as_str()));
        first += u64::from(place == Some(0));
        three += u64::from(place.is_some());
    }
    let all = needs.len() as u64 + bad;
    report.figures.push(Figure::right("retrieval", format!("{name}, first"), first, all));
    report.figures.push(Figure::right("retrieval", format!("{name}, first three"), three, all));
}
