//! A security case as an OCSF 1.8.0 Detection Finding (class 2004, <https://schema.ocsf.io/1.8.0/classes/detection_finding>), for the
//! security operations centre.
//!
//! `activity_id` 1 Create, `status_id` 1 New, `severity_id` 4 High or 5 Critical as the ticket presses; `finding_info.uid` is the
//! ticket's id, and every piece of evidence stands in `evidences` by the id its own system gave it. Nobody's words are in it: what was
//! said stays with the ticket.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audit::ocsf::VERSION;
use crate::domain::ticket::{Cause, Priority, Ticket};

/// The most pieces of evidence told.
const MOST_EVIDENCE: usize = 500;

/// What the log says of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// When.
    pub at: Option<Timestamp>,
    /// From where, as the log wrote it. Untrusted text.
    pub ip: Option<String>,
    /// What happened, in our words.
    pub what: String,
}

/// A case to be told.
#[derive(Debug)]
pub struct Case<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The name of whoever it is about.
    pub name: &'a str,
    /// Their mail address; empty where it is not known.
    pub email: &'a str,
    /// Where it can be looked at.
    pub link: Option<&'a str>,
    /// What the log says of its evidence, by id; what is not there is told by its id alone.
    pub proofs: &'a BTreeMap<String, Proof>,
}

/// The finding.
#[must_use]
pub fn finding(case: &Case<'_>) -> Value {
    let ticket = case.ticket;
    let content = &ticket.content;
    let (severity, severity_name) = if content.priority >= Priority::Urgent { (5, "Critical") } else { (4, "High") };
    let title = match content.cause {
        Cause::NotMe => "Sign-in attempt disowned by the account's owner",
        Cause::Noticed => "Account locked by attempts that look like an attack",
        _ => "Security ticket raised at the helpdesk",
    };
    let mut user = json!({ "uid": content.person.as_str(), "name": case.name });
    if !case.email.is_empty() {
        user["email_addr"] = json!(case.email);
    }
    let evidences: Vec<Value> = content
        .evidence
        .iter()
        .take(MOST_EVIDENCE)
        .map(|id| {
            let mut piece = json!({ "uid": id, "name": "sign-in event", "actor": { "user": user.clone() } });
            if let Some(proof) = case.proofs.get(id) {
                piece["data"] = json!({ "time": proof.at.map(|at| at.to_string()), "outcome": proof.what });
                if let Some(ip) = proof.ip.as_deref().filter(|ip| ip.parse::<IpAddr>().is_ok()) {
                    piece["src_endpoint"] = json!({ "ip": ip });
                }
            }
            piece
        })
        .collect();
    let mut info = json!({
        "uid": ticket.id.to_string(),
        "title": title,
        "desc": content.summary,
        "created_time": ticket.raised_at.as_millisecond(),
        "types": ["Account Takeover Attempt"],
        "data_sources": ["sign-in events"],
    });
    if let Some(link) = case.link {
        info["src_url"] = json!(link);
    }
    json!({
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "time": ticket.raised_at.as_millisecond(),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": 1,
        "status": "New",
        "message": title,
        "finding_info": info,
        "evidences": evidences,
        "is_alert": true,
        "metadata": {
            "version": VERSION,
            "uid": format!("{}.case", ticket.id),
            "product": { "name": "Claviger", "vendor_name": "Claviger", "version": env!("CARGO_PKG_VERSION") },
        },
        "unmapped": {
            "ticket": ticket.id.short(),
            "cause": content.cause,
            "because": content.because,
            "evidence_count": content.evidence.len(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{PersonId, TicketId};
    use crate::domain::ticket::{Category, TicketContent, TicketEvent};

    #[test]
    fn a_finding_has_what_the_class_requires_and_no_words_of_anybody() {
        let content = TicketContent {
            person: PersonId::parse("ana").unwrap(),
            cause: Cause::NotMe,
            category: Category::Security,
            priority: Priority::High,
            because: vec![],
            summary: "Says that a sign-in attempt was not theirs".into(),
            conversation: None,
            said_in: None,
            understanding: None,
            evidence: vec!["ev-1".into(), "ev-2".into()],
            inquiry: None,
        };
        let raised = TicketEvent::Raised { content: Box::new(content) };
        let ticket = Ticket::open(TicketId::from_bytes([1; 16]), &raised, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let proof = |ip: &str| Proof { at: Some(at), ip: Some(ip.into()), what: "Okta: locked".into() };
        let proofs = [("ev-1".to_owned(), proof("192.0.2.1")), ("ev-2".to_owned(), proof("<b>"))].into();
        let told =
            finding(&Case { ticket: &ticket, name: "Ana", email: "ana@example.com", link: None, proofs: &proofs });
        for key in
            ["activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"]
        {
            assert!(told.get(key).is_some(), "{key} is required by the class");
        }
        assert_eq!(told["type_uid"], 2004 * 100 + 1);
        assert_eq!(told["finding_info"]["uid"], ticket.id.to_string());
        assert_eq!(told["evidences"][1]["uid"], "ev-2");
        assert_eq!(told["evidences"][0]["actor"]["user"]["uid"], "ana");
        assert_eq!(told["evidences"][0]["src_endpoint"]["ip"], "192.0.2.1");
        assert_eq!(told["evidences"][0]["data"]["outcome"], "Okta: locked");
        assert_eq!(told["evidences"][0]["data"]["time"], "1970-01-01T00:00:00Z");
        assert!(told["evidences"][1].get("src_endpoint").is_none(), "what is no address is none");
    }
}
