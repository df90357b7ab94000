//! The state that the events say, folded again from the first one, to be held against what is kept beside the log.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::audit::fault::Fault;
use crate::domain::digest::Digest;
use crate::domain::event::{Event, EventBody, HouseEvent, Stream};
use crate::domain::grant::Grant;
use crate::domain::ids::{GrantId, InquiryId, PersonId, RequestId, TaskId, TextId, TicketId};
use crate::domain::inquiry::Inquiry;
use crate::domain::link::Link;
use crate::domain::request::{IllegalStep, Request, RequestEvent, TextRef};
use crate::domain::task::{Task, TaskEvent};
use crate::domain::ticket::Ticket;

/// What the events say.
#[derive(Debug, Default)]
pub struct Fold {
    versions: BTreeMap<Stream, u64>,
    /// Streams that could not be followed to their end; they are not compared, for their fault is told already.
    lost: BTreeSet<Stream>,
    /// All requests.
    pub requests: BTreeMap<RequestId, Request>,
    /// All grants.
    pub grants: BTreeMap<GrantId, Grant>,
    /// All tasks.
    pub tasks: BTreeMap<TaskId, Task>,
    /// All tickets.
    pub tickets: BTreeMap<TicketId, Ticket>,
    /// All questions to the helpdesk. Nothing is kept beside the log for them.
    pub inquiries: BTreeMap<InquiryId, Inquiry>,
    /// All accounts on chat platforms, by their keys.
    pub links: BTreeMap<Digest, Link>,
    /// Digests that decisions and adoptions name, with the kind of thing and the first event that does.
    pub named: BTreeMap<Digest, (&'static str, u64)>,
    /// Texts that events name, with the commitment and the event.
    pub texts: BTreeMap<TextId, (Digest, u64)>,
}

impl Fold {
    /// Takes the next event. Faults are put into `faults`.
    pub fn take(&mut self, seq: u64, event: &Event, faults: &mut Vec<Fault>) {
        self.note_names(seq, event, faults);
        let stream = event.stream;
        if stream == Stream::House {
            if let EventBody::House(HouseEvent::Linked { link, was }) = &event.body {
                self.link(seq, link, was.as_ref(), faults);
            }
            if event.version != 0 || !matches!(event.body, EventBody::House(_)) {
                faults.push(Fault::event(seq, None, "an event of the house with a version or of another kind"));
            }
            return;
        }
        let known = self.versions.entry(stream).or_default();
        let expected = known.saturating_add(1);
        if event.version != expected {
            let what = format!("version {} of `{stream}` where version {expected} has to come", event.version);
            faults.push(Fault::event(seq, None, what));
            self.lost.insert(stream);
        }
        *known = event.version;
        if self.lost.contains(&stream) {
            return;
        }
        let at = event.at;
        let stepped = match (stream, &event.body) {
            (Stream::Request(id), EventBody::Request(e)) => step(&mut self.requests, id, |old| match old {
                None => Request::open(id, e, at),
                Some(old) => old.apply(e, at),
            }),
            (Stream::Grant(id), EventBody::Grant(e)) => step(&mut self.grants, id, |old| match old {
                None => Grant::open(id, e, at),
                Some(old) => old.apply(e, at),
            }),
            (Stream::Task(id), EventBody::Task(e)) => step(&mut self.tasks, id, |old| match old {
                None => Task::open(id, e, at),
                Some(old) => old.apply(e, at),
            }),
            (Stream::Ticket(id), EventBody::Ticket(e)) => step(&mut self.tickets, id, |old| match old {
                None => Ticket::open(id, e, at),
                Some(old) => old.apply(e, at),
            }),
            (Stream::Inquiry(id), EventBody::Inquiry(e)) => step(&mut self.inquiries, id, |old| match old {
                None => Inquiry::open(id, e, at),
                Some(old) => old.apply(e, at),
            }),
            _ => Err(format!("an event of another kind in the stream `{stream}`")),
        };
        if let Err(what) = stepped {
            faults.push(Fault::event(seq, None, what));
            self.lost.insert(stream);
        }
    }

    fn link(&mut self, seq: u64, link: &Link, was: Option<&PersonId>, faults: &mut Vec<Fault>) {
        let before = self.links.insert(link.account.key(), link.clone());
        let version = before.as_ref().map_or(0, |l| l.version);
        if link.version != version.saturating_add(1) || before.as_ref().and_then(|l| l.person.as_ref()) != was {
            let what = format!("the account `{}` did not stand like that before", link.account.key());
            faults.push(Fault::event(seq, None, what));
        }
    }

    /// True where this stream was followed to its end.
    #[must_use]
    pub fn follows(&self, stream: &Stream) -> bool {
        !self.lost.contains(stream)
    }

    fn note_names(&mut self, seq: u64, event: &Event, faults: &mut Vec<Fault>) {
        let mut text = |reference: &TextRef| {
            let known = self.texts.entry(reference.id).or_insert((reference.commitment, seq));
            if known.0 != reference.commitment {
                let what = format!("text `{}` has another commitment than in event {}", reference.id, known.1);
                faults.push(Fault::event(seq, None, what));
            }
        };
        match &event.body {
            EventBody::Request(
                RequestEvent::Submitted { content, decision } | RequestEvent::Amended { content, decision },
            ) => {
                content.reason.iter().for_each(&mut text);
                self.named.entry(decision.facts).or_insert(("facts", seq));
                self.named.entry(decision.policy).or_insert(("policy", seq));
            }
            EventBody::Request(RequestEvent::Reevaluated { decision }) => {
                self.named.entry(decision.facts).or_insert(("facts", seq));
                self.named.entry(decision.policy).or_insert(("policy", seq));
            }
            EventBody::Request(RequestEvent::Voted { vote }) => vote.reason.iter().for_each(text),
            EventBody::Request(
                RequestEvent::Questioned { text: said, .. } | RequestEvent::Answered { text: said, .. },
            ) => {
                text(said);
            }
            EventBody::Task(TaskEvent::Done { proof, .. }) => proof.iter().for_each(text),
            EventBody::Ticket(what) => what.texts().into_iter().for_each(text),
            _ => {}
        }
    }
}

/// Moves one thing on; what cannot be followed leaves it as it was.
fn step<I: Ord + Copy, T: Clone>(
    all: &mut BTreeMap<I, T>,
    id: I,
    next: impl FnOnce(Option<T>) -> Result<T, IllegalStep>,
) -> Result<(), String> {
    let old = all.get(&id).cloned();
    let new = next(old).map_err(|illegal| illegal.to_string())?;
    all.insert(id, new);
    Ok(())
}

/// Where two values first differ, as a path such as `state.votes[0].by`; `None` where they do not.
#[must_use]
pub fn first_difference<T: Serialize>(said: &T, kept: &T) -> Option<String> {
    let (Ok(said), Ok(kept)) = (serde_json::to_value(said), serde_json::to_value(kept)) else {
        return Some("the whole row".to_owned());
    };
    let mut path = String::new();
    differs(&said, &kept, &mut path).then(|| if path.is_empty() { "the whole row".to_owned() } else { path })
}

/// Walks down to the first difference and leaves its path behind.
fn differs(a: &Value, b: &Value, path: &mut String) -> bool {
    let length = path.len();
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                if differs(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), path) {
                    return true;
                }
                path.truncate(length);
            }
            false
        }
        (Value::Array(a), Value::Array(b)) => {
            for n in 0..a.len().max(b.len()) {
                path.push_str(&format!("[{n}]"));
                if differs(a.get(n).unwrap_or(&Value::Null), b.get(n).unwrap_or(&Value::Null), path) {
                    return true;
                }
                path.truncate(length);
            }
            false
        }
        (a, b) => a != b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let said = json!({"state": {"votes": [{"by": "a"}]}});
        let kept = json!({"state": {"votes": [{"by": "b"}]}});
        assert_eq!(first_difference(&said, &kept).as_deref(), Some("state.votes[0].by"));
        assert_eq!(first_difference(&said, &said), None);
        assert_eq!(first_difference(&json!(1), &json!(2)).as_deref(), Some("the whole row"));
    }
}
