//! A mistake in something a person wrote (a policy, a table, a catalog file), with the place to look at.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake. Checks collect all of them before they answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file as its reader knows it, `policy/risk.yaml` for instance.
    pub file: String,
    /// The line, counted from 1, where it can be told.
    pub line: Option<u32>,
    /// What is wrong and, where that helps, what would be right.
    pub text: String,
}

impl Problem {
    /// A mistake at this place.
    #[must_use]
    pub fn new(file: impl Into<String>, line: impl Into<Option<u32>>, text: impl Into<String>) -> Self {
        Self { file: file.into(), line: line.into(), text: text.into() }
    }
}

impl fmt::Display for Problem {
    /// As compilers write it: `policy/risk.yaml:12: the text`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_a_compiler_message() {
        assert_eq!(Problem::new("a.yaml", 3, "no `id`").to_string(), "a.yaml:3: no `id`");
        assert_eq!(Problem::new("a.yaml", None, "empty").to_string(), "a.yaml: empty");
    }
}
