//! One mistake in what people wrote, with the place and what to do about it.

use std::fmt;

/// A mistake in a catalog file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mistake {
    /// The file, as a path from the catalog folder (or as the caller named it).
    pub file: String,
    /// The line, from 1; 0 where the mistake is that something is not there.
    pub line: u64,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

impl Mistake {
    /// A mistake at this place.
    pub fn new(file: impl Into<String>, line: u64, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: file.into(), line, what: what.into(), hint: hint.into() }
    }
}

impl fmt::Display for Mistake {
    /// `file:line: what — what to do`, as editors and terminals can jump to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {} — {}", self.file, self.what, self.hint)
        } else {
            write!(f, "{}:{}: {} — {}", self.file, self.line, self.what, self.hint)
        }
    }
}
