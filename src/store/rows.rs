//! Aggregates to columns and back.
//!
//! Times in columns are whole microseconds: a `jiff` timestamp is finer, and reads back exactly from the JSON beside them. Columns
//! only serve questions, so they are rounded to the safe side: what must not happen before a moment is rounded up.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::conversation::{Conversation, Message, Surface};
use crate::domain::decision::Outcome;
use crate::domain::digest::Digest;
use crate::domain::event::{Event, StoredEvent};
use crate::domain::grant::Grant;
use crate::domain::ids::PersonId;
use crate::domain::request::{Request, RequestState};
use crate::domain::task::{Task, TaskState};
use crate::domain::ticket::Ticket;
use crate::ports::store::{Artifact, NewText, StoreError};
use crate::store::engine::{Cell, Row, Value};
use crate::store::sql;

/// Whole microseconds since 1970, rounded down.
#[must_use]
pub fn micros(at: Timestamp) -> i64 {
    let cut = at.as_microsecond();
    // `as_microsecond` cuts towards zero; before 1970 that is up.
    if at.subsec_nanosecond() % 1_000 < 0 { cut - 1 } else { cut }
}

/// Whole microseconds since 1970, rounded up: for "not before".
#[must_use]
pub fn micros_up(at: Timestamp) -> i64 {
    if at.subsec_nanosecond() % 1_000 == 0 { micros(at) } else { micros(at).saturating_add(1) }
}

/// A number as the databases count: they have no unsigned ones.
#[must_use]
pub fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// An aggregate that is kept whole beside the columns it is asked for by.
pub trait Kept: Serialize + DeserializeOwned + Send {
    /// Its table.
    const TABLE: &'static str;
    /// Its columns, in the order of [`Kept::values`].
    const COLUMNS: &'static [&'static str];
    /// The statement that reads all of them in that order.
    const ALL: &'static str;
    /// The statement that writes one.
    const PUT: &'static str;
    /// The statement that forgets whom it waits for.
    const CLEAR_WAITING: &'static str;
    /// The statement that notes whom it waits for.
    const INSERT_WAITING: &'static str;

    /// Its id.
    fn key(&self) -> String;
    /// What its columns hold, without the snapshot, which comes last.
    fn columns(&self) -> Vec<Value>;
    /// Whom it waits for.
    fn waits_for(&self) -> BTreeSet<&PersonId>;

    /// What its columns hold, snapshot and all.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it cannot be written as JSON, which well-formed aggregates can.
    fn values(&self) -> Result<Vec<Value>, StoreError> {
        let mut values = self.columns();
        values.push(Value::Text(json(self)?));
        Ok(values)
    }
}

impl Kept for Request {
    const TABLE: &'static str = "requests";
    const COLUMNS: &'static [&'static str] =
        &["id", "version", "state", "is_open", "automatic", "requester", "beneficiary", "entitlement", "filed_us"];
    const ALL: &'static str = sql::ALL_REQUESTS;
    const PUT: &'static str = sql::PUT_REQUEST;
    const CLEAR_WAITING: &'static str = sql::CLEAR_REQUEST_WAITING;
    const INSERT_WAITING: &'static str = sql::INSERT_REQUEST_WAITING;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Value> {
        let open = matches!(
            self.state,
            RequestState::Pending { .. } | RequestState::Approved { .. } | RequestState::Provisioning { .. }
        );
        vec![
            Value::Text(self.key()),
            Value::Int(whole(self.version)),
            Value::text(self.state.name()),
            Value::flag(open),
            Value::flag(matches!(self.decision.route.outcome, Outcome::Automatic)),
            Value::text(self.content.requester.as_str()),
            Value::text(self.content.beneficiary.as_str()),
            Value::text(self.content.entitlement.as_str()),
            Value::Int(micros(self.filed_at)),
        ]
    }

    /// The open step's candidates who have not voted on this revision: nobody votes twice.
    fn waits_for(&self) -> BTreeSet<&PersonId> {
        let Some((_, step)) = self.open_step() else { return BTreeSet::new() };
        let voted: BTreeSet<_> = self.votes().iter().map(|vote| &vote.by).collect();
        step.candidates.iter().map(|candidate| &candidate.person).filter(|person| !voted.contains(person)).collect()
    }
}

impl Kept for Grant {
    const TABLE: &'static str = "grants";
    const COLUMNS: &'static [&'static str] =
        &["id", "version", "state", "is_open", "request", "beneficiary", "entitlement", "ends_us"];
    const ALL: &'static str = sql::ALL_GRANTS;
    const PUT: &'static str = sql::PUT_GRANT;
    const CLEAR_WAITING: &'static str = "";
    const INSERT_WAITING: &'static str = "";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            Value::Text(self.key()),
            Value::Int(whole(self.version)),
            Value::text(self.state.name()),
            Value::flag(self.is_open()),
            Value::Text(self.order.request.to_string()),
            Value::text(self.order.beneficiary.as_str()),
            Value::text(self.order.entitlement.as_str()),
            Value::MaybeInt(self.order.window.end().map(micros)),
        ]
    }

    fn waits_for(&self) -> BTreeSet<&PersonId> {
        BTreeSet::new()
    }
}

impl Kept for Task {
    const TABLE: &'static str = "tasks";
    const COLUMNS: &'static [&'static str] = &["id", "version", "state", "is_open", "due_us"];
    const ALL: &'static str = sql::ALL_TASKS;
    const PUT: &'static str = sql::PUT_TASK;
    const CLEAR_WAITING: &'static str = sql::CLEAR_TASK_WAITING;
    const INSERT_WAITING: &'static str = sql::INSERT_TASK_WAITING;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            Value::Text(self.key()),
            Value::Int(whole(self.version)),
            Value::text(self.state.name()),
            Value::flag(matches!(self.state, TaskState::Open)),
            Value::Int(micros(self.due)),
        ]
    }

    fn waits_for(&self) -> BTreeSet<&PersonId> {
        if matches!(self.state, TaskState::Open) { self.assignees.iter().collect() } else { BTreeSet::new() }
    }
}

impl Kept for Ticket {
    const TABLE: &'static str = "tickets";
    const COLUMNS: &'static [&'static str] = &["id", "version", "state", "is_open", "person", "category", "raised_us"];
    const ALL: &'static str = sql::ALL_TICKETS;
    const PUT: &'static str = sql::PUT_TICKET;
    const CLEAR_WAITING: &'static str = "";
    const INSERT_WAITING: &'static str = "";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            Value::Text(self.key()),
            Value::Int(whole(self.version)),
            Value::text(self.state.name()),
            Value::flag(self.is_open()),
            Value::text(self.content.person.as_str()),
            Value::text(self.content.category.name()),
            Value::Int(micros(self.raised_at)),
        ]
    }

    /// The work on it is a task of its own.
    fn waits_for(&self) -> BTreeSet<&PersonId> {
        BTreeSet::new()
    }
}

/// The value as JSON.
///
/// # Errors
/// [`StoreError::Refused`] where JSON cannot hold it.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Refused { doing: "a value that JSON cannot hold", source: Box::new(error) })
}

/// A surface in one word.
#[must_use]
pub fn surface(on: Surface) -> &'static str {
    match on {
        Surface::Web => "web",
        Surface::Terminal => "terminal",
        Surface::Slack => "slack",
        Surface::Teams => "teams",
        Surface::Discord => "discord",
    }
}

/// A conversation's columns.
///
/// # Errors
/// As [`json`].
pub fn conversation(c: &Conversation) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        Value::Text(c.id.to_string()),
        Value::Int(whole(c.version)),
        Value::text(c.person.as_str()),
        Value::text(surface(c.surface)),
        Value::Text(json(c)?),
    ])
}

/// A message's columns.
///
/// # Errors
/// As [`json`].
pub fn message(m: &Message, place: i64) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        Value::Text(m.id.to_string()),
        Value::Text(m.conversation.to_string()),
        Value::Int(place),
        Value::Text(json(m)?),
    ])
}

/// A text's columns.
#[must_use]
pub fn text(t: &NewText) -> Vec<Value> {
    vec![
        Value::Text(t.id.to_string()),
        Value::text(t.owner.as_str()),
        Value::Int(micros(t.at)),
        Value::Bytes(t.salt.to_vec()),
        Value::Bytes(t.body.clone().into_bytes()),
    ]
}

/// Reads the cells of one row, in order. What does not fit is told with the table's name and the row's first cell.
pub struct Reader {
    table: &'static str,
    row: String,
    cells: std::vec::IntoIter<Cell>,
    read: usize,
}

impl Reader {
    /// A reader over this row of this table.
    #[must_use]
    pub fn new(table: &'static str, row: Row) -> Self {
        let name = match row.0.first() {
            Some(Cell::Text(text)) => text.chars().take(100).collect(),
            Some(Cell::Int(n)) => n.to_string(),
            _ => "?".to_owned(),
        };
        Self { table, row: name, cells: row.0.into_iter(), read: 0 }
    }

    /// The error that says what is wrong with this row.
    pub fn corrupt(&self, what: impl ToString) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.row.clone(), what: what.to_string() }
    }

    fn next(&mut self) -> Cell {
        self.read += 1;
        self.cells.next().unwrap_or(Cell::Odd("a missing column".to_owned()))
    }

    fn unfit(&self, wanted: &str, found: Cell) -> StoreError {
        let found = match found {
            Cell::Null => "nothing".to_owned(),
            Cell::Int(_) => "a number".to_owned(),
            Cell::Text(_) => "a text".to_owned(),
            Cell::Bytes(_) => "bytes".to_owned(),
            Cell::Odd(what) => what,
        };
        self.corrupt(format!("column {} holds {found} instead of {wanted}", self.read))
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where something else stands there; so for all of these.
    pub fn int(&mut self) -> Result<i64, StoreError> {
        match self.next() {
            Cell::Int(n) => Ok(n),
            other => Err(self.unfit("a number", other)),
        }
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn count(&mut self) -> Result<u64, StoreError> {
        let n = self.int()?;
        u64::try_from(n).map_err(|_| self.corrupt(format!("{n} is negative")))
    }

    /// A whole number or nothing.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn maybe_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Int(n) => Ok(Some(n)),
            other => Err(self.unfit("a number", other)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn text(&mut self) -> Result<String, StoreError> {
        match self.next() {
            Cell::Text(text) => Ok(text),
            other => Err(self.unfit("a text", other)),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.next() {
            Cell::Bytes(bytes) => Ok(bytes),
            other => Err(self.unfit("bytes", other)),
        }
    }

    /// A moment.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn moment(&mut self) -> Result<Timestamp, StoreError> {
        let micros = self.int()?;
        Timestamp::from_microsecond(micros).map_err(|error| self.corrupt(error))
    }

    /// A text that says something: an id, a digest.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn parsed<T>(&mut self) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: ToString,
    {
        let text = self.text()?;
        text.parse().map_err(|error: T::Err| self.corrupt(error.to_string()))
    }

    /// A text that is JSON.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| self.corrupt(error))
    }
}

/// What a row of `(id, snapshot)` says.
///
/// # Errors
/// [`StoreError::Corrupt`] names the table and the row.
pub fn snapshot<T: DeserializeOwned>(table: &'static str, row: Row) -> Result<T, StoreError> {
    let mut row = Reader::new(table, row);
    row.text()?;
    row.json()
}

/// What a row of all columns says, where every column says the same as the snapshot.
///
/// # Errors
/// [`StoreError::Corrupt`] names the table, the row and the column.
pub fn checked<T: Kept>(row: Row) -> Result<T, StoreError> {
    let mut columns = row.0.clone();
    let snapshot = columns.pop();
    let reader = Reader::new(T::TABLE, row);
    let Some(Cell::Text(text)) = snapshot else { return Err(reader.corrupt("the snapshot is not a text")) };
    let kept: T = serde_json::from_str(&text).map_err(|error| reader.corrupt(error))?;
    for ((name, expected), found) in T::COLUMNS.iter().zip(kept.columns()).zip(columns) {
        if !same(&expected, &found) {
            return Err(reader.corrupt(format!("column `{name}` does not say what the snapshot says")));
        }
    }
    Ok(kept)
}

fn same(expected: &Value, found: &Cell) -> bool {
    match (expected, found) {
        (Value::Int(a) | Value::MaybeInt(Some(a)), Cell::Int(b)) => a == b,
        (Value::MaybeInt(None), Cell::Null) => true,
        (Value::Text(a), Cell::Text(b)) => a == b,
        (Value::Bytes(a), Cell::Bytes(b)) => a == b,
        _ => false,
    }
}

/// The event a row of `(seq, leaf)` says.
///
/// # Errors
/// [`StoreError::Corrupt`] where the leaf is not an event.
pub fn event(row: Row) -> Result<StoredEvent, StoreError> {
    let mut row = Reader::new("events", row);
    let (seq, leaf) = (row.count()?, row.bytes()?);
    let event: Event = serde_json::from_slice(&leaf).map_err(|error| row.corrupt(error))?;
    Ok(StoredEvent { seq, leaf, event })
}

/// The columns of an event at a place, leaf and all.
///
/// # Errors
/// [`StoreError::Refused`] where the event has no canonical form, which well-formed events have.
pub fn event_columns(event: &Event, seq: u64) -> Result<Vec<Value>, StoreError> {
    let leaf = crate::domain::digest::canonical(event)
        .map_err(|error| StoreError::Refused { doing: "an event without a canonical form", source: Box::new(error) })?;
    Ok(vec![
        Value::Int(whole(seq)),
        Value::Text(event.id.to_string()),
        Value::Text(event.stream.to_string()),
        Value::Int(whole(event.version)),
        Value::Int(micros(event.at)),
        Value::Bytes(leaf),
    ])
}

/// Whether the columns of an event say what its leaf says; where not, why.
#[must_use]
pub fn event_flaw(row: &Row) -> Option<String> {
    let [Cell::Int(seq), .., Cell::Bytes(leaf)] = &row.0[..] else {
        return Some("it has no place or no leaf".to_owned());
    };
    let event: Event = match serde_json::from_slice(leaf) {
        Ok(event) => event,
        Err(error) => return Some(format!("the leaf is not an event: {error}")),
    };
    match event_columns(&event, u64::try_from(*seq).unwrap_or(u64::MAX)) {
        Ok(expected) if expected.iter().zip(&row.0).all(|(a, b)| same(a, b)) => None,
        Ok(_) => Some("its columns do not say what its leaf says".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// The text a row says.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_text(row: Row) -> Result<NewText, StoreError> {
    let mut row = Reader::new("texts", row);
    let (id, owner, at) = (row.parsed()?, row.parsed()?, row.moment()?);
    let salt = row.bytes()?.try_into().map_err(|_| row.corrupt("the salt has not 16 bytes"))?;
    let body = String::from_utf8(row.bytes()?).map_err(|error| row.corrupt(error.utf8_error()))?;
    Ok(NewText { id, owner, at, salt, body })
}

/// The artifact a row says, with the digest it is kept under.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_artifact(row: Row) -> Result<(Digest, Artifact), StoreError> {
    let mut row = Reader::new("artifacts", row);
    Ok((row.parsed()?, Artifact { kind: row.text()?, bytes: row.bytes()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_round_to_the_safe_side() {
        let at = |ns: i128| Timestamp::from_nanosecond(ns).unwrap();
        assert_eq!([micros(at(1_999)), micros_up(at(1_999)), micros_up(at(2_000))], [1, 2, 2]);
        assert_eq!([micros(at(-1)), micros_up(at(-1)), micros(at(-1_000))], [-1, 0, -1]);
    }

    #[test]
    fn a_row_that_says_nothing_is_named() {
        let row = Row(vec![Cell::Text("r_1".into()), Cell::Null]);
        let said = snapshot::<Request>("requests", row).unwrap_err().to_string();
        assert_eq!(said, "table `requests`, row `r_1`: column 2 holds nothing instead of a text");
    }
}
