//! Files of sign-in records taken apart, one record at a time, in memory that does not grow with the file.
//!
//! Understood: JSON lines, bare or as `{"id", "provider", "raw"}`; documents over several lines; lists and the vendors' envelopes
//! around them (`Records`, `value`, `items`, `data`, `logs`); LDIF; Windows events as XML; lines of text (sshd, PAM, Keycloak).
//! What cannot be read is answered in its place with the reason.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

use jiff::Timestamp;
use serde_json::Value;

use crate::connectors::signin::draft::Draft;
use crate::connectors::signin::field::At;
use crate::connectors::signin::{
    active_directory, auth0, aws_console, detect, duo, entra_audit, entra_signin, generic, google_workspace, keycloak,
    ldif, okta, onelogin, onepassword, openldap, samba, snowflake, sshd, windows, windows_record,
};
use crate::domain::digest::Digest;
use crate::domain::signin::{Provider, SigninEvent};

/// The longest record, in bytes.
pub const LONGEST: usize = 1 << 20;
/// The longest document over several lines, and the longest list on one line, in bytes.
pub const LONGEST_DOCUMENT: usize = 32 << 20;

/// How often a document over several lines is tried to be read before it is given up.
const TRIES: u32 = 8;

/// What the reader knows beside the records.
#[derive(Debug, Clone, Copy)]
pub struct Hints {
    /// Whose records they are, where they do not say it themselves.
    pub provider: Option<Provider>,
    /// When they are read: for times without a year and for attributes without a time.
    pub now: Timestamp,
}

/// Why a record is kept aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Aside {
    /// It is longer than allowed.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// It is neither JSON nor a line of a known log.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// It is JSON, but no object.
    #[error("it is no object")]
    NoObject,
    /// Nobody said whose record it is, and its shape does not tell.
    #[error("its shape belongs to no log known here; name the provider")]
    UnknownShape,
    /// The provider it names is unknown.
    #[error("it names no provider known here")]
    UnknownProvider,
    /// It says nothing about signing in.
    #[error("it says nothing about signing in")]
    NothingSaid,
}

impl Aside {
    /// A word for counting.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "too_long",
            Self::NotJson(_) => "not_json",
            Self::NoObject => "no_object",
            Self::UnknownShape => "unknown_shape",
            Self::UnknownProvider => "unknown_provider",
            Self::NothingSaid => "nothing_said",
        }
    }
}

/// One record, read or kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line it began on, from 1.
    pub line: u64,
    /// The id its envelope gave it; the events bear it, too.
    pub id: Option<String>,
    /// Its events: one, but for directory entries, which hold several.
    pub read: Result<Vec<SigninEvent>, Aside>,
}

/// Reads one record that is JSON already.
pub fn value(value: Value, hints: &Hints) -> (Option<String>, Result<Vec<SigninEvent>, Aside>) {
    let Value::Object(mut map) = value else {
        return match value {
            Value::String(text) => (None, text_record(&text, hints)),
            _ => (None, Err(Aside::NoObject)),
        };
    };
    if !map.contains_key("raw") {
        return (None, events(Value::Object(map), hints.provider, hints.now));
    }
    let id = map.get("id").and_then(|id| At::of(id).text()).map(|id| id.chars().take(200).collect::<String>());
    let provider = match map.get("provider") {
        None | Some(Value::Null) => Ok(hints.provider),
        Some(Value::String(name)) => name.parse().map(Some).map_err(|_| Aside::UnknownProvider),
        Some(_) => Err(Aside::UnknownProvider),
    };
    let raw = map.remove("raw").unwrap_or(Value::Null);
    let read = provider.and_then(|provider| match raw {
        Value::String(text) => text_record(&text, &Hints { provider, now: hints.now }),
        Value::Object(_) => events(raw, provider, hints.now),
        _ => Err(Aside::NoObject),
    });
    let read = read.map(|mut found| {
        if let Some(id) = &id {
            for (nth, event) in found.iter_mut().enumerate() {
                event.id = if nth == 0 { id.clone() } else { format!("{id}.{nth}") };
            }
        }
        found
    });
    (id, read)
}

fn events(mut raw: Value, named: Option<Provider>, now: Timestamp) -> Result<Vec<SigninEvent>, Aside> {
    if let Value::Object(map) = &mut raw {
        // What a security lake adds (`p_…`) differs from copy to copy and is not the provider's word.
        if map.keys().any(|key| key.starts_with("p_")) {
            map.retain(|key, _| !key.starts_with("p_"));
        }
    }
    let provider = named.or_else(|| detect::provider(&raw)).ok_or(Aside::UnknownShape)?;
    let at = At::of(&raw);
    let drafts = match provider {
        Provider::OpenldapPpolicy => openldap::read(at, now),
        Provider::ActiveDirectory if at.get("type").is_there() && at.get("timestamp").is_there() => {
            vec![samba::read(at)]
        }
        Provider::ActiveDirectory => active_directory::read(at, now),
        Provider::Sshd => sshd::read(at, now).into_iter().collect(),
        _ => vec![one(provider, at)],
    };
    let digest = Digest::of_value(&raw).unwrap_or_else(|_| Digest::of(raw.to_string().as_bytes()));
    finished(drafts, provider, digest)
}

fn one(provider: Provider, at: At<'_>) -> Draft {
    match provider {
        Provider::Okta => okta::read(at),
        Provider::EntraSignin => entra_signin::read(at),
        Provider::EntraAudit => entra_audit::read(at),
        Provider::GoogleWorkspace => google_workspace::read(at),
        Provider::Auth0 => auth0::read(at),
        Provider::DuoAuth => duo::read(at),
        Provider::OneLogin => onelogin::read(at),
        Provider::OnePassword => onepassword::read(at),
        Provider::SnowflakeLogin => snowflake::read(at),
        Provider::AwsConsoleLogin => aws_console::read(at),
        Provider::WindowsSecurity => windows::read(at),
        Provider::Keycloak => keycloak::read(at),
        Provider::OpenldapPpolicy | Provider::ActiveDirectory | Provider::Sshd | Provider::Generic => generic::read(at),
    }
}

fn finished(drafts: Vec<Draft>, provider: Provider, digest: Digest) -> Result<Vec<SigninEvent>, Aside> {
    let telling = |d: &Draft| d.event.is_some() || d.actor.is_some() || d.time.is_some();
    // Facts of one entry have ids of their own; what has none is numbered.
    let found: Vec<SigninEvent> = drafts
        .into_iter()
        .filter(telling)
        .enumerate()
        .map(|(nth, draft)| {
            let nth = if draft.id.is_some() { 0 } else { nth };
            draft.finish(provider, digest, nth)
        })
        .collect();
    if found.is_empty() { Err(Aside::NothingSaid) } else { Ok(found) }
}

/// Reads a record that is a text.
fn text_record(text: &str, hints: &Hints) -> Result<Vec<SigninEvent>, Aside> {
    let trimmed = text.trim();
    if trimmed.starts_with('{') {
        let raw = serde_json::from_str(trimmed).map_err(|error| Aside::NotJson(error.to_string()))?;
        return events(raw, hints.provider, hints.now);
    }
    if hints.provider.is_none_or(|p| p == Provider::WindowsSecurity)
        && let Some(raw) = windows_record::from_xml(trimmed)
    {
        return events(raw, Some(Provider::WindowsSecurity), hints.now);
    }
    if trimmed.starts_with("dn:") {
        return events(ldif::entry(text.lines()), hints.provider, hints.now);
    }
    let digest = Digest::of(text.trim_end().as_bytes());
    if hints.provider.is_none_or(|p| p == Provider::Keycloak)
        && let Some(raw) = keycloak::line(trimmed)
    {
        return finished(vec![keycloak::read(At::of(&raw))], Provider::Keycloak, digest);
    }
    match hints.provider {
        None | Some(Provider::Sshd) => match sshd::line(trimmed, hints.now) {
            Some(draft) => finished(vec![draft], Provider::Sshd, digest),
            None if hints.provider.is_some() || trimmed.contains("sshd") => Err(Aside::NothingSaid),
            None => Err(Aside::UnknownShape),
        },
        Some(_) => Err(Aside::NotJson("it does not begin with a brace".to_owned())),
    }
}

/// The records of a file, one after the other.
pub struct Records<R> {
    input: R,
    hints: Hints,
    line: u64,
    ready: VecDeque<Record>,
    /// Lines that were read ahead and have to be read again one by one.
    again: VecDeque<Vec<u8>>,
}

/// A line read, with what became of it.
enum Got {
    Line(Vec<u8>),
    TooLong,
    End,
}

impl<R: BufRead> Records<R> {
    /// The records of this input.
    pub fn new(input: R, hints: Hints) -> Self {
        Self { input, hints, line: 0, ready: VecDeque::new(), again: VecDeque::new() }
    }

    fn next_line(&mut self) -> io::Result<Got> {
        self.line += 1;
        if let Some(line) = self.again.pop_front() {
            return Ok(Got::Line(line));
        }
        let mut line = Vec::new();
        let limit = LONGEST_DOCUMENT as u64 + 1;
        if (&mut self.input).take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(Got::End);
        }
        if line.len() > LONGEST_DOCUMENT && line.last() != Some(&b'\n') {
            self.skip_line()?;
            return Ok(Got::TooLong);
        }
        Ok(Got::Line(line))
    }

    /// Reads to the end of the line without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|b| *b == b'\n');
            let used = end.map_or(buffer.len(), |n| n + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn aside(&mut self, line: u64, why: Aside) {
        self.ready.push_back(Record { line, id: None, read: Err(why) });
    }

    fn put(&mut self, line: u64, found: Value) {
        let (id, read) = value(found, &self.hints);
        self.ready.push_back(Record { line, id, read });
    }

    /// Puts what a JSON document holds: one record, or those of a list or an envelope.
    fn document(&mut self, line: u64, found: Value, bytes: usize) {
        match found {
            Value::Array(list) => list.into_iter().for_each(|one| self.put(line, one)),
            Value::Object(mut map) if !map.contains_key("raw") => {
                let envelope = ["Records", "value", "items", "logs", "events", "data", "authlogs"];
                let inside = envelope.iter().find(|name| {
                    matches!(map.get(**name), Some(Value::Array(list)) if list.iter().all(Value::is_object) && !list.is_empty())
                });
                // `events` and `data` are also fields of single records; an envelope has little beside its list.
                match inside
                    .copied()
                    .filter(|_| map.len() <= 5 && detect::provider(&Value::Object(map.clone())).is_none())
                {
                    Some(name) => {
                        if let Some(Value::Array(list)) = map.remove(name) {
                            list.into_iter().for_each(|one| self.put(line, one));
                        }
                    }
                    None if bytes > LONGEST => self.aside(line, Aside::TooLong(LONGEST)),
                    None => self.put(line, Value::Object(map)),
                }
            }
            _ if bytes > LONGEST => self.aside(line, Aside::TooLong(LONGEST)),
            other => self.put(line, other),
        }
    }

    /// A line that begins JSON: it alone, or together with the lines after it.
    fn json(&mut self, first: Vec<u8>) -> io::Result<()> {
        let line = self.line;
        let error = match serde_json::from_slice::<Value>(&first) {
            Ok(found) => {
                self.document(line, found, first.len());
                return Ok(());
            }
            Err(error) => error,
        };
        if !error.is_eof() {
            self.aside(line, Aside::NotJson(error.to_string()));
            return Ok(());
        }
        let begins = first.first().copied();
        let (mut whole, mut lines, mut tries) = (first, Vec::new(), 0);
        // Within a document, lines that begin another one stand indented (but for the elements of a list), and a brace or bracket
        // closes at the margin; so that input that only looks like a document costs no more than reading it twice.
        while let Got::Line(more) = self.next_line()? {
            let (opens, closes) = match more.first() {
                Some(b'[') => (true, false),
                Some(b'{') => (begins == Some(b'{'), false),
                Some(b'}' | b']') => (false, true),
                _ => (false, false),
            };
            whole.extend_from_slice(&more);
            lines.push(more);
            if opens || whole.len() > LONGEST_DOCUMENT || tries == TRIES {
                break;
            }
            if closes {
                tries += 1;
                match serde_json::from_slice::<Value>(&whole) {
                    Ok(found) => {
                        self.document(line, found, whole.len());
                        return Ok(());
                    }
                    Err(error) if error.is_eof() => {}
                    Err(_) => break,
                }
            }
        }
        // It was one broken line after all; those behind it are read on their own.
        self.aside(line, Aside::NotJson(error.to_string()));
        self.line = line;
        for one in lines.into_iter().rev() {
            self.again.push_front(one);
        }
        Ok(())
    }

    /// A block of lines up to and with the one that ends it.
    fn block(&mut self, first: Vec<u8>, ends: impl Fn(&str) -> bool) -> io::Result<()> {
        let line = self.line;
        let mut text = String::from_utf8_lossy(&first).into_owned();
        while !ends(text.lines().last().unwrap_or_default()) {
            match self.next_line()? {
                Got::Line(more) => {
                    let more = String::from_utf8_lossy(&more);
                    let blank = more.trim().is_empty();
                    text.push_str(&more);
                    if blank && ends("") {
                        break;
                    }
                }
                Got::TooLong | Got::End => break,
            }
            if text.len() > LONGEST {
                self.aside(line, Aside::TooLong(LONGEST));
                return Ok(());
            }
        }
        let read = text_record(&text, &self.hints);
        self.ready.push_back(Record { line, id: None, read });
        Ok(())
    }

    fn fill(&mut self) -> io::Result<bool> {
        let line = match self.next_line()? {
            Got::End => return Ok(false),
            Got::TooLong => {
                self.aside(self.line, Aside::TooLong(LONGEST_DOCUMENT));
                return Ok(true);
            }
            Got::Line(line) => line,
        };
        let text = line.trim_ascii_start();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
        match text {
            [] => {}
            [b'{' | b'[', ..] => {
                let text = text.to_vec();
                self.json(text)?;
            }
            _ if text.starts_with(b"<Event") => self.block(line, |last| last.trim_end().ends_with("</Event>"))?,
            _ if text.starts_with(b"dn:") => self.block(line, |last| last.trim().is_empty())?,
            [b'#', ..] => {}
            _ if text.starts_with(b"version: 1") => {}
            _ if text.len() > LONGEST => self.aside(self.line, Aside::TooLong(LONGEST)),
            _ => {
                let read = text_record(&String::from_utf8_lossy(text), &self.hints);
                self.ready.push_back(Record { line: self.line, id: None, read });
            }
        }
        Ok(true)
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Some(Ok(record));
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
