//! What a suite found, as numbers people and programs can compare.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One figure: so many of so many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The suite.
    pub suite: &'static str,
    /// What was counted.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// True where every single one would be a fault.
    pub must_be_zero: bool,
}

impl Figure {
    /// So many right ones.
    #[must_use]
    pub fn right(suite: &'static str, name: impl Into<String>, count: u64, of: u64) -> Self {
        Self { suite, name: name.into(), count, of, must_be_zero: false }
    }

    /// So many faults.
    #[must_use]
    pub fn faults(suite: &'static str, name: impl Into<String>, count: u64, of: u64) -> Self {
        Self { suite, name: name.into(), count, of, must_be_zero: true }
    }

    /// True where it is a fault.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.must_be_zero && self.count > 0
    }
}

/// One sort of case that was taken for another, so many times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// The suite.
    pub suite: &'static str,
    /// What was to be told apart.
    pub what: &'static str,
    /// What it is.
    pub is: String,
    /// What it was taken for.
    pub taken_for: String,
    /// How often.
    pub count: u64,
}

/// The report of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The figures.
    pub figures: Vec<Figure>,
    /// What was taken for what, most often first within a suite.
    pub confusions: Vec<Confusion>,
    /// Data that was not there, and so not measured.
    pub absent: Vec<String>,
    /// What went wrong, case by case, at most a few each.
    pub misses: Vec<String>,
}

/// The lines of a JSON Lines text that have the asked form, and how many have not.
#[must_use]
pub fn lines<T: DeserializeOwned>(text: &str) -> (Vec<T>, u64) {
    let (mut read, mut bad) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(case) => read.push(case),
            Err(_) => bad += 1,
        }
    }
    (read, bad)
}
