//! Proves the record: takes the leaves one after the other, then what is kept beside them, and lists every [`Fault`].
//!
//! What is checked: places in the log without gaps; every leaf parses as an event whose canonical bytes (RFC 8785) are the stored ones;
//! versions of every stream without gaps; every signed checkpoint's signature and root; no checkpoint larger than the log; requests,
//! grants, tasks and tickets equal to what folding the events says; artifacts under their own digest, and every one that a decision names is
//! there; texts equal to the commitments that events name. A text that is not there was erased, which is as it should be.
//!
//! What cannot be told from here: events after the last checkpoint stand on the projections alone (the report says how many), and bytes
//! of a database file that hold no row are vouched for by [`crate::audit::seal`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::audit::checkpoint::Checkpoint;
use crate::audit::fault::Fault;
use crate::audit::fold::{Fold, first_difference};
use crate::audit::key::PublicKey;
use crate::audit::tree::Frontier;
use crate::domain::digest::{Digest, canonical};
use crate::domain::event::{Event, Stream};
use crate::domain::grant::Grant;
use crate::domain::ids::{EventId, TextId, TicketId};
use crate::domain::link::Link;
use crate::domain::request::Request;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;

/// Faults listed at most; more are counted.
pub const MAX_FAULTS: usize = 1000;

/// What is kept beside the log.
#[derive(Debug, Default)]
pub struct Kept {
    /// All requests.
    pub requests: Vec<Request>,
    /// All grants.
    pub grants: Vec<Grant>,
    /// All tasks.
    pub tasks: Vec<Task>,
    /// All tickets.
    pub tickets: Vec<Ticket>,
    /// All accounts on chat platforms.
    pub links: Vec<Link>,
    /// All artifacts: the digest they are kept under, the kind, the bytes.
    pub artifacts: Vec<(Digest, String, Vec<u8>)>,
    /// All kept texts with the commitment their salt and words make.
    pub texts: Vec<(TextId, Digest)>,
    /// Rows that say nothing sensible: table, row, why.
    pub broken: Vec<(String, String, String)>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many events.
    pub events: u64,
    /// The root over all of them.
    pub root: Digest,
    /// Signed checkpoints that hold.
    pub checkpoints: u64,
    /// Events under the last checkpoint that holds.
    pub signed_events: u64,
    /// Requests compared.
    pub requests: u64,
    /// Grants compared.
    pub grants: u64,
    /// Tasks compared.
    pub tasks: u64,
    /// Tickets compared.
    pub tickets: u64,
    /// Artifacts hashed.
    pub artifacts: u64,
    /// Texts that are kept and match.
    pub texts_kept: u64,
    /// Texts that events name and that were erased.
    pub texts_erased: u64,
    /// What is wrong, at most [`MAX_FAULTS`].
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more_faults: u64,
    /// What one should know, though nothing is wrong.
    pub notes: Vec<String>,
}

impl Report {
    /// True where nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Takes the record piece by piece.
#[derive(Debug)]
pub struct Verifier {
    tree: Frontier,
    fold: Fold,
    /// The next place in the log.
    next: u64,
    ids: BTreeSet<EventId>,
    /// Checkpoints whose signature holds, by size, with where they came from.
    checkpoints: BTreeMap<u64, Vec<(Digest, String)>>,
    good: u64,
    /// Size of the last checkpoint whose root is right.
    signed: u64,
    /// The first checkpoint whose root is wrong, and how many later ones are.
    first_wrong: Option<(u64, String)>,
    later_wrong: u64,
    faults: Vec<Fault>,
    notes: Vec<String>,
}

impl Verifier {
    /// A verifier that trusts this key and knows these checkpoints: where each comes from, the size it is kept under where it is kept
    /// under one, and the signed note.
    #[must_use]
    pub fn new(key: &PublicKey, notes: &[(String, Option<u64>, String)]) -> Self {
        let mut checkpoints: BTreeMap<u64, Vec<(Digest, String)>> = BTreeMap::new();
        let mut faults = Vec::new();
        for (from, size, note) in notes {
            let row = || size.map_or_else(String::new, |size| format!("of size {size}"));
            match Checkpoint::open(note, key) {
                Ok(open) if size.is_some_and(|size| size != open.size) => {
                    let what = format!("the checkpoint kept there is of size {}", open.size);
                    faults.push(Fault::row(from, row(), what));
                }
                Ok(open) => checkpoints.entry(open.size).or_default().push((open.root, from.clone())),
                Err(error) => faults.push(Fault::row(from, row(), error.to_string())),
            }
        }
        let mut verifier = Self {
            tree: Frontier::new(),
            fold: Fold::default(),
            next: 0,
            ids: BTreeSet::new(),
            checkpoints,
            good: 0,
            signed: 0,
            first_wrong: None,
            later_wrong: 0,
            faults,
            notes: Vec::new(),
        };
        verifier.hold_against_checkpoints();
        verifier
    }

    /// Expects this root at this size, as somebody who is trusted says. To be said before the first leaf.
    pub fn expect(&mut self, from: &str, size: u64, root: Digest) {
        self.checkpoints.entry(size).or_default().push((root, from.to_owned()));
        if size == 0 {
            self.hold_against_checkpoints();
        }
    }

    /// Takes the next leaf with the place it is kept under.
    pub fn leaf(&mut self, seq: u64, bytes: &[u8]) {
        if seq != self.next {
            let what = match seq.checked_sub(self.next) {
                Some(1) => format!("event {} is missing before it", self.next),
                Some(_) => format!("events {} to {} are missing before it", self.next, seq - 1),
                None => format!("it stands where event {} has to come", self.next),
            };
            self.faults.push(Fault::event(seq, None, what));
        }
        self.next = seq.saturating_add(1);
        self.tree.append(bytes);
        match parse(bytes) {
            Ok(event) => {
                if !self.ids.insert(event.id) {
                    self.faults.push(Fault::event(seq, None, format!("the id `{}` was there before", event.id)));
                }
                self.fold.take(seq, &event, &mut self.faults);
            }
            Err((byte, what)) => self.faults.push(Fault::event(seq, Some(byte), what)),
        }
        self.hold_against_checkpoints();
    }

    fn hold_against_checkpoints(&mut self) {
        let size = self.tree.size();
        let Some(roots) = self.checkpoints.get(&size) else { return };
        let root = self.tree.root();
        for (signed, from) in roots {
            if *signed == root {
                self.good += 1;
                self.signed = size;
            } else if self.first_wrong.is_none() {
                self.first_wrong = Some((size, from.clone()));
            } else {
                self.later_wrong += 1;
            }
        }
    }

    /// Ends the log and compares what is kept beside it.
    #[must_use]
    pub fn finish(mut self, kept: &Kept) -> Report {
        let size = self.tree.size();
        self.end_of_log(size);
        for (table, row, why) in &kept.broken {
            self.faults.push(Fault::row(table, format!("`{row}`"), why.clone()));
        }
        let Self { fold, faults, .. } = &mut self;
        compare("requests", &fold.requests, &kept.requests, |r| r.id, |id| fold.follows(&Stream::Request(*id)), faults);
        compare("grants", &fold.grants, &kept.grants, |g| g.id, |id| fold.follows(&Stream::Grant(*id)), faults);
        compare("tasks", &fold.tasks, &kept.tasks, |t| t.id, |id| fold.follows(&Stream::Task(*id)), faults);
        let follows = |id: &TicketId| fold.follows(&Stream::Ticket(*id));
        compare("tickets", &fold.tickets, &kept.tickets, |t| t.id, follows, faults);
        compare("accounts", &fold.links, &kept.links, |l| l.account.key(), |_| true, faults);
        self.artifacts(kept);
        let (texts_kept, texts_erased) = self.texts(kept);
        let more = self.faults.len().saturating_sub(MAX_FAULTS);
        self.faults.truncate(MAX_FAULTS);
        Report {
            events: size,
            root: self.tree.root(),
            checkpoints: self.good,
            signed_events: self.signed,
            requests: self.fold.requests.len() as u64,
            grants: self.fold.grants.len() as u64,
            tasks: self.fold.tasks.len() as u64,
            tickets: self.fold.tickets.len() as u64,
            artifacts: kept.artifacts.len() as u64,
            texts_kept,
            texts_erased,
            faults: self.faults,
            more_faults: more as u64,
            notes: self.notes,
        }
    }

    fn end_of_log(&mut self, size: u64) {
        if let Some((wrong, from)) = self.first_wrong.take() {
            let since = self.checkpoints.range(..wrong).rev().map(|(size, _)| *size).find(|s| *s <= self.signed);
            let first = since.unwrap_or(0);
            let range =
                if wrong == first + 1 { format!("event {first}") } else { format!("events {first} to {}", wrong - 1) };
            let mut what = format!("the root is another one than was signed: something among {range} was changed");
            if self.later_wrong > 0 {
                what.push_str(&format!(" ({} later checkpoints differ as well)", self.later_wrong));
            }
            let mut fault = Fault::row(&from, format!("of size {wrong}"), what);
            fault.place.seq = None;
            self.faults.push(fault);
        }
        let beyond: Vec<(u64, String)> = self
            .checkpoints
            .range(size.saturating_add(1)..)
            .flat_map(|(signed, all)| all.iter().map(|(_, from)| (*signed, from.clone())))
            .collect();
        if let Some((signed, from)) = beyond.last() {
            let what = format!("{signed} events were signed but only {size} are there: the end of the log is missing");
            self.faults.push(Fault::row(from, format!("of size {signed}"), what));
        }
        if self.checkpoints.is_empty() {
            self.notes.push("there is no signed checkpoint: nothing signed vouches for these events".to_owned());
        } else if self.signed < size && self.faults.is_empty() {
            let n = size - self.signed;
            self.notes.push(format!("the last {n} events are not under a signed checkpoint yet"));
        }
    }

    fn artifacts(&mut self, kept: &Kept) {
        let mut there: BTreeMap<Digest, &str> = BTreeMap::new();
        for (digest, kind, bytes) in &kept.artifacts {
            let actual = Digest::of(bytes);
            if actual != *digest {
                let what = format!("its bytes have the digest `{}`", actual.short());
                self.faults.push(Fault::row("artifacts", format!("`{digest}`"), what));
            }
            there.insert(*digest, kind);
        }
        for (digest, (kind, seq)) in &self.fold.named {
            match there.get(digest) {
                None => {
                    let what = format!("event {seq} names it as its {kind}, and it is not there");
                    self.faults.push(Fault::row("artifacts", format!("`{digest}`"), what));
                }
                Some(other) if other != kind => {
                    let what = format!("event {seq} names it as its {kind}, and it is kept as `{other}`");
                    self.faults.push(Fault::row("artifacts", format!("`{digest}`"), what));
                }
                Some(_) => {}
            }
        }
    }

    fn texts(&mut self, kept: &Kept) -> (u64, u64) {
        let there: BTreeMap<TextId, Digest> = kept.texts.iter().copied().collect();
        let (mut held, mut erased) = (0, 0);
        for (id, (commitment, seq)) in &self.fold.texts {
            match there.get(id) {
                Some(actual) if actual == commitment => held += 1,
                Some(_) => {
                    let what = format!("it is not the text that event {seq} committed to");
                    self.faults.push(Fault::row("texts", format!("`{id}`"), what));
                }
                None => erased += 1,
            }
        }
        (held, erased)
    }
}

/// The event these bytes say, or the first byte that is wrong and why.
///
/// # Errors
/// The byte's place and a sentence.
pub fn parse(bytes: &[u8]) -> Result<Event, (u64, String)> {
    let event: Event = serde_json::from_slice(bytes).map_err(|error| {
        (offset(bytes, error.line(), error.column()), format!("this is not an event: {}", plain(&error)))
    })?;
    let again = canonical(&event).map_err(|error| (0, error.to_string()))?;
    if again == bytes {
        return Ok(event);
    }
    let same = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err((same as u64, "these are not the canonical bytes of the event they say".to_owned()))
}

/// What the parser says, without the names of our types and without its own counting.
fn plain(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early".to_owned(),
        serde_json::error::Category::Syntax => "it is not JSON".to_owned(),
        serde_json::error::Category::Data | serde_json::error::Category::Io => {
            let said = error.to_string();
            said.split(" at line ").next().unwrap_or_default().chars().take(200).collect()
        }
    }
}

/// The parser counts lines and columns from 1; a leaf has one line unless somebody put a break into it.
fn offset(bytes: &[u8], line: usize, column: usize) -> u64 {
    let before: usize = bytes.split(|b| *b == b'\n').take(line.saturating_sub(1)).map(|l| l.len() + 1).sum();
    (before + column.saturating_sub(1)).min(bytes.len()) as u64
}

/// Holds the rows of a table against what the events say.
fn compare<I: Ord + Copy + std::fmt::Display, T: Serialize + PartialEq>(
    table: &str,
    said: &BTreeMap<I, T>,
    kept: &[T],
    id_of: impl Fn(&T) -> I,
    follows: impl Fn(&I) -> bool,
    faults: &mut Vec<Fault>,
) {
    let mut seen = BTreeSet::new();
    for row in kept {
        let id = id_of(row);
        if !seen.insert(id) {
            faults.push(Fault::row(table, format!("`{id}`"), "it is there twice"));
        }
        match said.get(&id) {
            _ if !follows(&id) => {}
            None => faults.push(Fault::row(table, format!("`{id}`"), "no event says that it exists")),
            Some(said) if said != row => {
                let at = first_difference(said, row).unwrap_or_else(|| "the whole row".to_owned());
                faults.push(Fault::row(table, format!("`{id}`"), format!("`{at}` is not what the events say")));
            }
            Some(_) => {}
        }
    }
    for id in said.keys().filter(|id| !seen.contains(id) && follows(id)) {
        faults.push(Fault::row(table, format!("`{id}`"), "the events say that it exists, and it is not there"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_told_by_its_place() {
        assert_eq!(parse(b"").unwrap_err().0, 0);
        assert_eq!(parse(b"{\"id\":}").unwrap_err().0, 6);
        assert_eq!(parse(b"{\"id\":\n}").unwrap_err().0, 7);
        assert!(parse(&[0xff; 40]).is_err());
    }
}
