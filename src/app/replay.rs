//! Deciding again: every recorded decision is made anew from the facts and the policy set kept beside it, and has to come out the same,
//! byte for byte. No clock, no directory and no catalog is looked at.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;

use crate::app::record::BATCH;
use crate::audit::fold::first_difference;
use crate::domain::decision::Decision;
use crate::domain::digest::{Digest, canonical};
use crate::domain::event::EventBody;
use crate::domain::facts::DecisionFacts;
use crate::domain::request::RequestEvent;
use crate::ports::store::Record;
use crate::routing::rules::{Rules, decide};

/// Differences listed at most; more are counted.
const MAX_DIFFERENCES: usize = 100;

/// How deciding again went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// How many decisions the record holds.
    pub decisions: u64,
    /// How many came out the same.
    pub identical: u64,
    /// Under how many policy sets.
    pub policies: u64,
    /// The first that did not.
    pub differences: Vec<Difference>,
    /// How many more did not.
    pub more_differences: u64,
}

/// A decision that did not come out the same, or could not be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The event's place in the log.
    pub seq: u64,
    /// The request.
    pub stream: String,
    /// Where they differ, or why there was no deciding.
    pub what: String,
}

/// Decides everything again.
///
/// # Errors
/// Where the record cannot be read.
pub async fn replay(record: &dyn Record) -> anyhow::Result<ReplayReport> {
    let mut report = ReplayReport::default();
    let mut books: BTreeMap<Digest, Result<Rules, String>> = BTreeMap::new();
    let mut next = 0;
    loop {
        let events = record.events(next, BATCH).await.context("the log cannot be read; run `claviger audit verify`")?;
        let Some(last) = events.last() else { break };
        next = last.seq.saturating_add(1);
        for stored in &events {
            let Some(decision) = decision_of(&stored.event.body) else { continue };
            report.decisions += 1;
            match again(record, &mut books, decision).await? {
                None => report.identical += 1,
                Some(_) if report.differences.len() == MAX_DIFFERENCES => report.more_differences += 1,
                Some(what) => {
                    let stream = stored.event.stream.to_string();
                    report.differences.push(Difference { seq: stored.seq, stream, what });
                }
            }
        }
    }
    report.policies = books.len() as u64;
    Ok(report)
}

fn decision_of(body: &EventBody) -> Option<&Decision> {
    match body {
        EventBody::Request(
            RequestEvent::Submitted { decision, .. }
            | RequestEvent::Amended { decision, .. }
            | RequestEvent::Reevaluated { decision },
        ) => Some(decision),
        _ => None,
    }
}

/// Decides once more; `None` where it comes out the same, else what differs.
async fn again(
    record: &dyn Record,
    books: &mut BTreeMap<Digest, Result<Rules, String>>,
    recorded: &Decision,
) -> anyhow::Result<Option<String>> {
    if let std::collections::btree_map::Entry::Vacant(e) = books.entry(recorded.policy) {
        let book = match kept(record, &recorded.policy, "policy").await? {
            Ok(bytes) => Rules::from_artifact(&bytes).map_err(|problems| {
                let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
                format!("its policy set cannot be read: {}", said.join("; "))
            }),
            Err(what) => Err(what),
        };
        e.insert(book);
    }
    let rules = match books.get(&recorded.policy) {
        Some(Ok(rules)) => rules,
        Some(Err(what)) => return Ok(Some(what.clone())),
        None => return Ok(Some("its policy set is not there".to_owned())),
    };
    let facts: DecisionFacts = match kept(record, &recorded.facts, "facts").await? {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(facts) => facts,
            Err(error) => return Ok(Some(format!("its facts cannot be read: {error}"))),
        },
        Err(what) => return Ok(Some(what)),
    };
    let made = decide(rules, &facts);
    if canonical(&made)? == canonical(recorded)? {
        return Ok(None);
    }
    let at = first_difference(recorded, &made).unwrap_or_else(|| "the order of its parts".to_owned());
    Ok(Some(format!("`{at}` comes out otherwise")))
}

/// What is kept under a digest, where its bytes have that digest.
async fn kept(record: &dyn Record, digest: &Digest, kind: &str) -> anyhow::Result<Result<Vec<u8>, String>> {
    let found = record.artifact(digest).await.context("the record cannot be read; run `claviger audit verify`")?;
    Ok(match found {
        None => Err(format!("its {kind} (`{}`) are not kept", digest.short())),
        Some(artifact) if Digest::of(&artifact.bytes) != *digest => Err(format!("its {kind} were altered")),
        Some(artifact) => Ok(artifact.bytes),
    })
}
