//! The record as OCSF 1.8.0 events (<https://schema.ocsf.io/1.8.0>), with the `security_control` profile for what was decided.
//!
//! | what happened | class | activity | `disposition_id` |
//! |---|---|---|---|
//! | a connector confirmed that access is open | 3005 User Access Management | 1 Assign Privileges | 1 Allowed |
//! | a connector confirmed that access is closed | 3005 User Access Management | 2 Revoke Privileges | 24 Access Revoked |
//! | a request was filed, refused by rules | 3004 Entity Management | 1 Create | 2 Blocked |
//! | a request was filed, nobody has to be asked | 3004 | 1 Create | 8 Approved |
//! | a request was filed, people have to be asked | 3004 | 1 Create | 23 Challenge |
//! | a person said yes, no | 3004 | 3 Update | 8 Approved, 25 Rejected |
//! | something was tried and refused | 3004 | 3 Update | 2 Blocked |
//! | anything else about requests, grants, tasks, policy, catalog | 3004 | 1 Create, 3 Update or 4 Delete | – |
//!
//! 3001 Account Change and 3006 Group Management are left to connectors that change accounts and groups: what this record knows is
//! that a person may or may no longer use an entitlement. 3005 is deprecated from 1.9 in favour of 3007, which 1.8 does not have.
//!
//! `severity_id`: 1 for ordinary events; a filed request has 2, 3 or 4 as its score lies below 30, below 70 or above, and 4 on the
//! emergency path; refused attempts and failures have 3. `risk_score` is the score, `risk_level_id` its band (1 low, 2 medium, 3 high).
//! `metadata.uid` is the event's id, `metadata.sequence` its place in the log, and `unmapped.leaf_hash` ties it to the Merkle tree.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::audit::tree::leaf_hash;
use crate::domain::decision::{Decision, Outcome};
use crate::domain::event::{Actor, Event, EventBody, HouseEvent, Stream};
use crate::domain::grant::{GrantEvent, GrantOrder};
use crate::domain::ids::{GrantId, PersonId};
use crate::domain::inquiry::InquiryEvent;
use crate::domain::request::{Ballot, Content, RequestEvent};
use crate::domain::task::TaskEvent;
use crate::domain::ticket::{Category, TicketEvent};
use crate::domain::unlock::UnlockStep;

/// The schema's version.
pub const VERSION: &str = "1.8.0";

/// Writes events in the log's order; remembers what grants were ordered for, because later events name only the grant.
#[derive(Debug, Default)]
pub struct Writer {
    orders: BTreeMap<GrantId, GrantOrder>,
}

/// The parts in which events differ.
struct Shape {
    class: u32,
    activity: u32,
    severity: u32,
    message: String,
    disposition: Option<u32>,
    failed: bool,
    more: Map<String, Value>,
}

impl Shape {
    fn entity(activity: u32, kind: &str, uid: &str, message: String) -> Self {
        let more = object(json!({ "entity": { "type": kind, "uid": uid, "name": format!("{kind} {uid}") } }));
        Self { class: 3004, activity, severity: 1, message, disposition: None, failed: false, more }
    }

    fn decided(mut self, disposition: u32) -> Self {
        self.disposition = Some(disposition);
        self
    }
}

impl Writer {
    /// The OCSF event.
    #[must_use]
    pub fn event(&mut self, seq: u64, leaf: &[u8], event: &Event) -> Value {
        let shape = match &event.body {
            EventBody::Request(what) => request(event, what),
            EventBody::Grant(what) => self.grant(event, what),
            EventBody::Task(what) => task(event, what),
            EventBody::Ticket(what) => ticket(event, what),
            EventBody::Inquiry(what) => {
                let activity = if matches!(what, InquiryEvent::Answered { .. }) { 1 } else { 3 };
                let message = format!("helpdesk question: {}", what.name());
                Shape::entity(activity, "helpdesk_question", &event.stream.to_string(), message)
            }
            EventBody::House(what) => house(what),
        };
        let mut out = object(json!({
            "category_uid": 3,
            "category_name": "Identity & Access Management",
            "class_uid": shape.class,
            "class_name": if shape.class == 3005 { "User Access Management" } else { "Entity Management" },
            "activity_id": shape.activity,
            "activity_name": activity_name(shape.class, shape.activity),
            "type_uid": shape.class * 100 + shape.activity,
            "time": event.at.as_millisecond(),
            "severity_id": shape.severity,
            "severity": severity_name(shape.severity),
            "status_id": if shape.failed { 2 } else { 1 },
            "status": if shape.failed { "Failure" } else { "Success" },
            "message": shape.message,
            "metadata": {
                "version": VERSION,
                "uid": event.id.to_string(),
                "sequence": seq,
                "event_code": code(&event.body),
                "correlation_uid": event.stream.to_string(),
                "product": { "name": "Claviger", "vendor_name": "Claviger", "version": env!("CARGO_PKG_VERSION") },
                "profiles": if shape.disposition.is_some() { json!(["security_control"]) } else { json!([]) },
            },
            "actor": actor(&event.actor),
            "unmapped": { "leaf_hash": leaf_hash(leaf).to_string(), "version": event.version },
        }));
        if let Some(disposition) = shape.disposition {
            let denied = matches!(disposition, 2 | 24 | 25);
            out.extend(object(json!({
                "disposition_id": disposition,
                "disposition": disposition_name(disposition),
                "action_id": if denied { 2 } else { 1 },
                "action": if denied { "Denied" } else { "Allowed" },
            })));
        }
        out.extend(shape.more);
        Value::Object(out)
    }

    fn grant(&mut self, event: &Event, what: &GrantEvent) -> Shape {
        let id = match event.stream {
            Stream::Grant(id) => Some(id),
            _ => None,
        };
        if let (Some(id), GrantEvent::Ordered { order }) = (id, what) {
            self.orders.insert(id, order.clone());
        }
        let order = id.and_then(|id| self.orders.get(&id));
        let uid = event.stream.to_string();
        match (what, order) {
            (GrantEvent::Confirmed { .. }, Some(order)) => access(1, order, 1, "was given"),
            (GrantEvent::Closed { .. }, Some(order)) => access(2, order, 24, "was taken from"),
            (GrantEvent::Ordered { order }, _) => {
                let message = format!("a grant of `{}` to `{}` was ordered", order.entitlement, order.beneficiary);
                Shape::entity(1, "grant", &uid, message)
            }
            (GrantEvent::Failed { cause }, _) => {
                let message = format!("the target system could not do it: `{cause}`");
                Shape { severity: 3, failed: true, ..Shape::entity(3, "grant", &uid, message) }
            }
            (other, _) => Shape::entity(3, "grant", &uid, format!("grant: {}", other.name())),
        }
    }
}

fn access(activity: u32, order: &GrantOrder, disposition: u32, verb: &str) -> Shape {
    let more = object(json!({
        "user": user(&order.beneficiary),
        "privileges": [order.entitlement.as_str()],
        "resources": [{ "uid": order.entitlement.as_str(), "type": "entitlement" }],
        "start_time": order.window.start().as_millisecond(),
        "end_time": order.window.end().map(|end| end.as_millisecond()),
    }));
    let more = more.into_iter().filter(|(_, value)| !value.is_null()).collect();
    let message = format!("`{}` {verb} `{}`", order.entitlement, order.beneficiary);
    Shape { class: 3005, activity, severity: 1, message, disposition: Some(disposition), failed: false, more }
}

fn request(event: &Event, what: &RequestEvent) -> Shape {
    let uid = event.stream.to_string();
    let update = |message: String| Shape::entity(3, "access_request", &uid, message);
    match what {
        RequestEvent::Submitted { content, decision } => decided(1, &uid, Some(content), decision, "filed"),
        RequestEvent::Amended { content, decision } => decided(3, &uid, Some(content), decision, "changed"),
        RequestEvent::Reevaluated { decision } => decided(3, &uid, None, decision, "decided again"),
        RequestEvent::Voted { vote } => match vote.ballot {
            Ballot::Approve => update(format!("`{}` said yes", vote.by)).decided(8),
            Ballot::Deny => update(format!("`{}` said no", vote.by)).decided(25),
        },
        RequestEvent::Failed { cause } => Shape {
            severity: 3,
            failed: true,
            ..update(format!("approved, but the target system could not do it: `{cause}`"))
        },
        other => update(format!("access request: {}", other.name())),
    }
}

fn decided(activity: u32, uid: &str, content: Option<&Content>, decision: &Decision, verb: &str) -> Shape {
    let score = decision.assessment.score.points();
    let (band, level): (u32, &str) = match score {
        0..30 => (1, "Low"),
        30..70 => (2, "Medium"),
        _ => (3, "High"),
    };
    let (disposition, severity) = match decision.route.outcome {
        Outcome::Denied => (2, band + 1),
        Outcome::Automatic => (8, band + 1),
        Outcome::BreakGlass => (8, 4),
        Outcome::Steps { .. } => (23, band + 1),
    };
    let message = content.map_or_else(
        || format!("a request was {verb}"),
        |c| format!("`{}` {verb} a request for `{}` to be held by `{}`", c.requester, c.entitlement, c.beneficiary),
    );
    let mut shape = Shape::entity(activity, "access_request", uid, message).decided(disposition);
    shape.severity = severity;
    let factors: Vec<Value> = decision
        .assessment
        .contributions
        .iter()
        .map(|c| json!({ "factor": c.factor.as_str(), "tenths": c.tenths }))
        .collect();
    let rules: Vec<&str> = decision.route.findings.iter().map(|f| f.rule.as_str()).collect();
    shape.more.extend(object(json!({
        "risk_score": score,
        "risk_level_id": band,
        "risk_level": level,
        "policy": { "uid": decision.policy.to_string(), "name": "claviger policy set" },
    })));
    if let Some(Value::Object(entity)) = shape.more.get_mut("entity") {
        entity.insert("data".to_owned(), json!({ "facts": decision.facts, "factors": factors, "rules": rules }));
    }
    shape
}

fn task(event: &Event, what: &TaskEvent) -> Shape {
    let activity = if matches!(what, TaskEvent::Raised { .. }) { 1 } else { 3 };
    Shape::entity(activity, "task", &event.stream.to_string(), format!("task: {}", what.name()))
}

fn ticket(event: &Event, what: &TicketEvent) -> Shape {
    let uid = event.stream.to_string();
    match what {
        TicketEvent::Raised { content } => {
            let message = format!("a ticket was raised for `{}`: {}", content.person, content.category.name());
            let severity = if content.category == Category::Security { 4 } else { 1 };
            Shape { severity, ..Shape::entity(1, "ticket", &uid, message) }
        }
        other => Shape::entity(3, "ticket", &uid, format!("ticket: {}", other.name())),
    }
}

fn house(what: &HouseEvent) -> Shape {
    match what {
        HouseEvent::PolicyAdopted { policy } => {
            Shape::entity(3, "policy", &policy.to_string(), "a policy set came into force".to_owned())
        }
        HouseEvent::CatalogAdopted { catalog, .. } => {
            Shape::entity(3, "catalog", &catalog.to_string(), "a catalog came into force".to_owned())
        }
        HouseEvent::Refused { verb, on, cause } => {
            let uid = on.map_or_else(|| "house".to_owned(), |stream| stream.to_string());
            let message = format!("`{verb}` was refused: `{cause}`");
            let shape = Shape::entity(3, "attempt", &uid, message).decided(2);
            Shape { severity: 3, failed: true, ..shape }
        }
        HouseEvent::Erased { person, texts } => {
            Shape::entity(4, "personal_texts", person.as_str(), format!("{texts} personal texts were erased"))
        }
        HouseEvent::SigninsTold { of, level, because } => {
            let message = format!("sign-ins of `{of}` were told: {level}, because {because}");
            Shape::entity(2, "sign_ins", of.as_str(), message)
        }
        HouseEvent::SigninsWithheld { of } => {
            let uid = of.as_ref().map_or("unknown", |of| of.as_str());
            let message = format!("sign-ins of `{uid}` were asked for and not told");
            let shape = Shape::entity(2, "sign_ins", uid, message).decided(2);
            Shape { severity: 3, failed: true, ..shape }
        }
        HouseEvent::Linked { link, was } => {
            let key = link.account.key().to_string();
            let message = match (&link.person, was) {
                (Some(person), _) => format!("a {:?} account was linked to `{person}`", link.account.surface),
                (None, Some(was)) => format!("a {:?} account is no longer linked to `{was}`", link.account.surface),
                (None, None) => format!("a {:?} account is linked to nobody", link.account.surface),
            };
            Shape::entity(if link.person.is_some() { 1 } else { 4 }, "chat_account", &key, message)
        }
        HouseEvent::TurnedAway { account, cause } => {
            let message = format!("a {:?} account was turned away: `{cause}`", account.surface);
            let shape = Shape::entity(2, "chat_account", &account.key().to_string(), message).decided(2);
            Shape { severity: 2, failed: true, ..shape }
        }
        HouseEvent::Passkey { person, passkey, added } => {
            let what = if *added { "was added" } else { "was taken away" };
            let message = format!("a passkey of `{person}` {what}");
            Shape::entity(if *added { 1 } else { 4 }, "passkey", &passkey.to_string(), message)
        }
        HouseEvent::Confirmed { on, verb, how } => {
            Shape::entity(3, "confirmation", &on.to_string(), format!("`{verb}` was confirmed {}", how.words()))
        }
        HouseEvent::Unlock { person, by, hand, directory, step, .. } => {
            let step_name = match step {
                UnlockStep::Refused { why } => format!("refused, {}", why.name()),
                other => other.name().to_owned(),
            };
            let message = format!("unlocking `{person}` in `{directory}`, for `{by}` as {}: {step_name}", hand.name());
            let shape = Shape::entity(3, "directory_account", person.as_str(), message);
            match step {
                UnlockStep::Refused { .. } => Shape { severity: 3, failed: true, ..shape.decided(2) },
                _ => shape,
            }
        }
        HouseEvent::NoticesSet { person, on, .. } => {
            let message = format!("lockout notices were switched {}", if *on { "on" } else { "off" });
            Shape::entity(3, "person", person.as_str(), message)
        }
        HouseEvent::Understood { text, intent, .. } => {
            Shape::entity(1, "understanding", &text.to_string(), format!("a message was understood as `{intent}`"))
        }
    }
}

fn actor(actor: &Actor) -> Value {
    match actor {
        Actor::Person { id } => json!({ "user": user(id) }),
        Actor::Rules => json!({ "app_name": "claviger rules" }),
        Actor::System => json!({ "app_name": "claviger" }),
        Actor::Operator => json!({ "app_name": "claviger command line" }),
    }
}

fn user(id: &PersonId) -> Value {
    json!({ "uid": id.as_str(), "name": id.as_str() })
}

fn code(body: &EventBody) -> String {
    match body {
        EventBody::Request(e) => format!("request {}", e.name()),
        EventBody::Grant(e) => format!("grant {}", e.name()),
        EventBody::Task(e) => format!("task {}", e.name()),
        EventBody::Ticket(e) => format!("ticket {}", e.name()),
        EventBody::Inquiry(e) => format!("inquiry {}", e.name()),
        EventBody::House(_) => "house".to_owned(),
    }
}

fn activity_name(class: u32, activity: u32) -> &'static str {
    match (class, activity) {
        (3005, 1) => "Assign Privileges",
        (3005, 2) => "Revoke Privileges",
        (_, 1) => "Create",
        (_, 2) => "Read",
        (_, 4) => "Delete",
        _ => "Update",
    }
}

fn severity_name(severity: u32) -> &'static str {
    match severity {
        1 => "Informational",
        2 => "Low",
        3 => "Medium",
        _ => "High",
    }
}

fn disposition_name(disposition: u32) -> &'static str {
    match disposition {
        1 => "Allowed",
        2 => "Blocked",
        8 => "Approved",
        23 => "Challenge",
        24 => "Access Revoked",
        _ => "Rejected",
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
