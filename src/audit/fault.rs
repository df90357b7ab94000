//! What verification finds: each fault with its place, as near as it can be told, and in words.

use std::fmt;

use serde::Serialize;

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Which table, file or list.
    pub table: String,
    /// Which row, in words or by its key; empty where it is about the whole table.
    pub row: String,
    /// Which event, by its place in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The first byte that is not what it should be, counted from 0 within the event's bytes, or in the file for a sealed page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// The byte after the last one that may be meant, where it is a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte_end: Option<u64>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What, in a plain sentence.
    pub what: String,
}

impl Fault {
    /// A fault in one event.
    #[must_use]
    pub fn event(seq: u64, byte: Option<u64>, what: impl Into<String>) -> Self {
        let place = Place { table: "events".to_owned(), seq: Some(seq), byte, ..Place::default() };
        Self { place, what: what.into() }
    }

    /// A fault in a row of a table.
    #[must_use]
    pub fn row(table: &str, row: impl Into<String>, what: impl Into<String>) -> Self {
        let place = Place { table: table.to_owned(), row: row.into(), ..Place::default() };
        Self { place, what: what.into() }
    }

    /// A fault between two bytes of a file.
    #[must_use]
    pub fn bytes(file: &str, row: impl Into<String>, from: u64, to: u64, what: impl Into<String>) -> Self {
        let mut fault = Self::row(file, row, what);
        (fault.place.byte, fault.place.byte_end) = (Some(from), Some(to));
        fault
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { table, row, seq, byte, byte_end } = &self.place;
        f.write_str(table)?;
        if !row.is_empty() {
            write!(f, " {row}")?;
        }
        if let Some(seq) = seq {
            write!(f, " {seq}")?;
        }
        match (byte, byte_end) {
            (Some(from), Some(to)) => write!(f, ", bytes {from} to {}", to.saturating_sub(1))?,
            (Some(byte), None) => write!(f, ", byte {byte}")?,
            _ => {}
        }
        write!(f, ": {}", self.what)
    }
}
