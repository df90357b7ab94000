//! Desks outside against fakes that check what the vendors document: the shapes that go out, the sign-in, the idempotency, and what each
//! kind of failure means.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use claviger::connectors::outgoing::Limits;
use claviger::connectors::signature::WebhookSecret;
use claviger::connectors::tickets::email::{self, Email, Privacy};
use claviger::connectors::tickets::jira::{self, Jira};
use claviger::connectors::tickets::servicenow::{self, ServiceNow};
use claviger::connectors::tickets::soc::Soc;
use claviger::connectors::tickets::webhook::{self, Call, Signed, WebhookDesk};
use claviger::domain::ids::{PersonId, TicketId};
use claviger::domain::ticket::{Category, Cause, Priority};
use claviger::ports::alerts::AlertSink as _;
use claviger::ports::tickets::{PaperPart, PaperPerson, TicketDesk, TicketError, TicketPaper};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::connectors::{NOW, Still};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Words that would do harm where they were taken for anything but words.
const HOSTILE: &str = "it fails\r\nBcc: everyone@example.org\r\n.\r\n<script>alert(1)</script> *bold* \" AND 1=1";

/// A ticket with hostile words wherever words can stand.
fn paper(n: u8) -> TicketPaper {
    let id = TicketId::from_bytes([n; 16]);
    TicketPaper {
        id,
        number: id.short(),
        cause: Cause::Asked,
        category: Category::SignIn,
        priority: Priority::High,
        summary: "Cannot sign in\r\nBcc: everyone@example.org".into(),
        person: PaperPerson {
            id: PersonId::parse("ana.kovac").unwrap(),
            name: "Ana Kovač\r\nX-Evil: 1".into(),
            email: "ana.kovac@example.org".into(),
        },
        at: jiff::Timestamp::from_second(NOW).unwrap(),
        parts: vec![
            PaperPart { heading: "What was said".into(), lines: vec![HOSTILE.into(), String::new(), ".".into()] },
            PaperPart { heading: "Evidence".into(), lines: vec!["ev-1".into(), "ev-2".into()] },
        ],
        evidence: vec!["ev-1".into(), "ev-2".into()],
        link: Some("https://access.example.org/tickets/h_1".into()),
    }
}

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// What a fake was asked, and the issues it holds: label or correlation id, and number.
#[derive(Default)]
struct Seen {
    made: Vec<(String, String)>,
    bodies: Vec<Value>,
    searches: usize,
    /// Answers the next creations with this before the ordinary.
    fails: Vec<StatusCode>,
    /// How the issue or incident of this number stands: Jira's category, ServiceNow's state.
    standing: std::collections::BTreeMap<String, &'static str>,
}

type Shared = Arc<Mutex<Seen>>;

fn signed_in(headers: &HeaderMap, wanted: &str) -> bool {
    headers.get("authorization").is_some_and(|h| h == wanted)
}

/// A Jira that knows the two calls we make, and refuses whatever its documentation would.
fn fake_jira(seen: Shared) -> Router {
    // claviger@example.org:token
    const SIGN_IN: &str = "Basic Y2xhdmlnZXJAZXhhbXBsZS5vcmc6dG9rZW4=";
    let (searching, looking, creating) = (Arc::clone(&seen), Arc::clone(&seen), seen);
    let look = async move |headers: HeaderMap, Path(key): Path<String>, Query(query): Query<Vec<(String, String)>>| {
        if !signed_in(&headers, SIGN_IN) {
            return (StatusCode::UNAUTHORIZED, "Client must be authenticated").into_response();
        }
        assert_eq!(query, [("fields".to_owned(), "status".to_owned())]);
        let seen = looking.lock().unwrap();
        if !seen.made.iter().any(|(_, known)| *known == key) {
            let said = json!({ "errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {} });
            return (StatusCode::NOT_FOUND, axum::Json(said)).into_response();
        }
        let category = seen.standing.get(&key).copied().unwrap_or("new");
        let status = json!({ "name": "Any name", "id": "3", "statusCategory": { "id": 4, "key": category, "colorName": "yellow" } });
        axum::Json(json!({ "id": "10000", "key": key, "fields": { "status": status } })).into_response()
    };
    let search = async move |headers: HeaderMap, body: Bytes| {
        if !signed_in(&headers, SIGN_IN) {
            return (StatusCode::UNAUTHORIZED, "Client must be authenticated").into_response();
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        let jql = body["jql"].as_str().unwrap();
        let label = jql.strip_prefix("project = \"IT\" AND labels = \"").and_then(|l| l.strip_suffix('"')).unwrap();
        assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{label}");
        assert!(body["maxResults"].as_u64().is_some() && body["fields"].is_array());
        let mut seen = searching.lock().unwrap();
        seen.searches += 1;
        let found: Vec<Value> =
            seen.made.iter().filter(|(l, _)| l == label).map(|(_, key)| json!({"id": "1", "key": key})).collect();
        axum::Json(json!({ "issues": found, "isLast": true })).into_response()
    };
    let create = async move |headers: HeaderMap, body: Bytes| {
        if !signed_in(&headers, SIGN_IN) {
            return (StatusCode::UNAUTHORIZED, "Client must be authenticated").into_response();
        }
        let mut seen = creating.lock().unwrap();
        if let Some(status) = seen.fails.pop() {
            return (status, "{\"errorMessages\":[\"try later\"],\"errors\":{}}").into_response();
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        let fields = &body["fields"];
        let refuse = |field: &str, why: &str| {
            let said = json!({ "errorMessages": [], "errors": { field: why } });
            (StatusCode::BAD_REQUEST, axum::Json(said)).into_response()
        };
        if fields["project"]["key"] != "IT" {
            return refuse("project", "valid project is required");
        }
        if fields["issuetype"]["name"] != "Task" {
            return refuse("issuetype", "Specify a valid issue type");
        }
        let summary = fields["summary"].as_str().unwrap_or_default();
        if summary.is_empty() || summary.chars().count() > 255 || summary.contains('\n') || summary.contains('\r') {
            return refuse("summary", "The summary is invalid because it contains newline characters.");
        }
        if let Err(why) = is_adf(&fields["description"]) {
            return refuse("description", &why);
        }
        if fields["labels"].as_array().unwrap().iter().any(|l| l.as_str().unwrap().contains(' ')) {
            return refuse("labels", "The label contains spaces which is invalid.");
        }
        if !["Highest", "High", "Medium", "Low", "Lowest"].contains(&fields["priority"]["name"].as_str().unwrap()) {
            return refuse("priority", "The priority selected is invalid.");
        }
        assert!(body["properties"].as_array().unwrap().iter().all(|p| p["key"].is_string() && p["value"].is_object()));
        let key = format!("IT-{}", seen.made.len() + 1);
        seen.made.push((fields["labels"][0].as_str().unwrap().to_owned(), key.clone()));
        seen.bodies.push(body);
        (StatusCode::CREATED, axum::Json(json!({ "id": "10000", "key": key, "self": "https://x/1" }))).into_response()
    };
    Router::new()
        .route("/rest/api/3/search/jql", post(search))
        .route("/rest/api/3/issue", post(create))
        .route("/rest/api/3/issue/{key}", get(look))
}

/// What Atlassian documents of the document format: a `doc` of version 1, blocks in it, text nodes that are not empty.
fn is_adf(node: &Value) -> Result<(), String> {
    fn block(node: &Value) -> Result<(), String> {
        let kind = node["type"].as_str().ok_or("a node has no type")?;
        let inner = node["content"].as_array().ok_or("a block has no content")?;
        match kind {
            "paragraph" => {}
            "heading" if node["attrs"]["level"].as_u64().is_some_and(|l| (1..=6).contains(&l)) => {}
            other => return Err(format!("`{other}` is no block")),
        }
        for text in inner {
            if text["type"] != "text" || text["text"].as_str().unwrap_or_default().is_empty() {
                return Err("a text node is empty".into());
            }
            for mark in text["marks"].as_array().into_iter().flatten() {
                if mark["type"] != "link" || !mark["attrs"]["href"].as_str().unwrap_or("").starts_with("https://") {
                    return Err("a mark is no link of ours".into());
                }
            }
        }
        Ok(())
    }
    if node["type"] != "doc" || node["version"] != 1 {
        return Err("this is no document".into());
    }
    node["content"].as_array().ok_or("a document has content")?.iter().try_for_each(block)
}

fn jira_at(url: &str, token: &str) -> Jira {
    Jira::new(jira::Settings {
        url: url.into(),
        user: "claviger@example.org".into(),
        token: token.into(),
        project: "IT".into(),
        issue_type: "Task".into(),
        priorities: true,
        allow_private: true,
        limits: Limits::default(),
    })
    .unwrap()
}

#[tokio::test]
async fn jira_takes_a_ticket_once_in_its_own_shape() {
    let seen = Shared::default();
    let desk = jira_at(&serve(fake_jira(Arc::clone(&seen))).await, "token");
    let first = desk.file(&paper(1)).await.unwrap();
    assert_eq!((first.reference.as_str(), first.known), ("IT-1", false));
    let again = desk.file(&paper(1)).await.unwrap();
    assert_eq!((again.reference.as_str(), again.known), ("IT-1", true), "the same ticket is found, not filed again");
    assert_eq!(desk.file(&paper(2)).await.unwrap().reference, "IT-2");
    let seen = seen.lock().unwrap();
    assert_eq!((seen.made.len(), seen.searches), (2, 3));
    let text = seen.bodies[0]["fields"]["description"].to_string();
    assert!(text.contains("<script>alert(1)</script>"), "words stay words");
    assert_eq!(seen.bodies[0]["fields"]["priority"]["name"], "High");
    assert_eq!(seen.bodies[0]["properties"][0]["value"]["category"], "sign_in");
}

#[tokio::test]
async fn jira_failures_are_told_apart() {
    let seen = Shared::default();
    seen.lock().unwrap().fails = vec![StatusCode::BAD_REQUEST, StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY];
    let url = serve(fake_jira(Arc::clone(&seen))).await;
    let desk = jira_at(&url, "token");
    for _ in 0..2 {
        assert!(matches!(desk.file(&paper(1)).await, Err(TicketError::Unavailable { .. })));
    }
    let refused = desk.file(&paper(1)).await.unwrap_err();
    assert!(matches!(&refused, TicketError::Refused { what } if what.contains("400")), "{refused}");
    assert_eq!(desk.file(&paper(1)).await.unwrap().reference, "IT-1");
    let stranger = jira_at(&url, "wrong").file(&paper(2)).await.unwrap_err();
    assert!(matches!(&stranger, TicketError::Refused { what } if what.contains("401") && !what.contains("wrong")));
    let nobody = jira_at("http://127.0.0.1:9", "token").file(&paper(1)).await;
    assert!(matches!(nobody, Err(TicketError::Unavailable { .. })));
    let bad = |project: &str| {
        let limits = Limits::default();
        let (url, user, token) = ("https://example.org".into(), "a@b.c".into(), "t".into());
        let (project, issue_type) = (project.into(), "Task".into());
        Jira::new(jira::Settings {
            url,
            user,
            token,
            project,
            issue_type,
            priorities: true,
            allow_private: false,
            limits,
        })
    };
    assert!(bad("IT\" OR project = \"HR").is_err(), "a project's key cannot end the quoted words");
    assert!(bad("IT_2").is_ok());
}

#[tokio::test]
async fn jira_says_when_an_issue_is_closed() {
    let seen = Shared::default();
    let url = serve(fake_jira(Arc::clone(&seen))).await;
    let desk = jira_at(&url, "token");
    let (id, key) = (paper(1).id, desk.file(&paper(1)).await.unwrap().reference);
    assert!(desk.tells_when_closed());
    for (category, closed) in [("new", false), ("indeterminate", false), ("done", true)] {
        seen.lock().unwrap().standing.insert(key.clone(), category);
        assert_eq!(desk.is_closed(&id, &key).await, Ok(closed), "{category}");
    }
    for (bad, desk) in
        [("IT-99", &desk), ("../../myself", &desk), ("IT-1?x=1", &desk), (key.as_str(), &jira_at(&url, "x"))]
    {
        let went = desk.is_closed(&id, bad).await;
        assert!(matches!(went, Err(TicketError::Refused { .. })), "{bad}: {went:?}");
    }
}

/// A ServiceNow that knows incidents by its Table API.
fn fake_servicenow(seen: Shared) -> Router {
    // claviger:pass
    const SIGN_IN: &str = "Basic Y2xhdmlnZXI6cGFzcw==";
    let (asking, creating) = (Arc::clone(&seen), seen);
    let ask = async move |headers: HeaderMap, Query(query): Query<Vec<(String, String)>>| {
        if !signed_in(&headers, SIGN_IN) {
            let said = json!({"error": {"message": "User Not Authenticated", "detail": "Required to provide Auth information"}, "status": "failure"});
            return (StatusCode::UNAUTHORIZED, axum::Json(said)).into_response();
        }
        let get = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
        let id = get("sysparm_query").strip_prefix("correlation_id=").unwrap().to_owned();
        assert_eq!(get("sysparm_limit"), "1");
        let mut seen = asking.lock().unwrap();
        seen.searches += 1;
        let found: Vec<Value> = seen
            .made
            .iter()
            .filter(|(c, _)| *c == id)
            .map(|(c, number)| {
                let state = seen.standing.get(number).copied().unwrap_or("1");
                json!({"number": number, "sys_id": "a1", "correlation_id": c, "state": state})
            })
            .collect();
        axum::Json(json!({ "result": found })).into_response()
    };
    let create = async move |headers: HeaderMap, body: Bytes| {
        if !signed_in(&headers, SIGN_IN) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        for (field, most) in [("short_description", 160), ("description", 4_000), ("correlation_id", 100)] {
            let text = body[field].as_str().unwrap();
            assert!(!text.is_empty() && text.chars().count() <= most, "{field}");
        }
        assert!(!body["short_description"].as_str().unwrap().contains(['\r', '\n']));
        for field in ["impact", "urgency"] {
            assert!(["1", "2", "3"].contains(&body[field].as_str().unwrap()), "{field}");
        }
        let mut seen = creating.lock().unwrap();
        let number = format!("INC{:07}", seen.made.len() + 1);
        seen.made.push((body["correlation_id"].as_str().unwrap().to_owned(), number.clone()));
        seen.bodies.push(body);
        let made = json!({ "result": { "number": number, "sys_id": "a1" } });
        (StatusCode::CREATED, axum::Json(made)).into_response()
    };
    Router::new().route("/api/now/table/incident", get(ask).post(create))
}

#[tokio::test]
async fn servicenow_takes_an_incident_once_by_its_correlation_id() {
    let seen = Shared::default();
    let url = serve(fake_servicenow(Arc::clone(&seen))).await;
    let desk = |secret: &str| {
        ServiceNow::new(servicenow::Settings {
            url: url.clone(),
            user: "claviger".into(),
            secret: secret.into(),
            assignment_group: Some("Service Desk".into()),
            allow_private: true,
            limits: Limits::default(),
        })
        .unwrap()
    };
    assert_eq!(desk("pass").file(&paper(1)).await.unwrap().reference, "INC0000001");
    let again = desk("pass").file(&paper(1)).await.unwrap();
    assert_eq!((again.reference.as_str(), again.known), ("INC0000001", true));
    assert_eq!(desk("pass").file(&paper(2)).await.unwrap().reference, "INC0000002");
    assert!(matches!(desk("no").file(&paper(3)).await, Err(TicketError::Refused { what }) if what.contains("401")));
    let seen = seen.lock().unwrap();
    assert_eq!((seen.made.len(), seen.searches), (2, 3));
    assert_eq!((&seen.bodies[0]["impact"], &seen.bodies[0]["urgency"]), (&json!("2"), &json!("1")));
    assert_eq!(seen.bodies[0]["assignment_group"], "Service Desk");
}

#[tokio::test]
async fn servicenow_says_when_an_incident_is_closed() {
    let seen = Shared::default();
    let desk = ServiceNow::new(servicenow::Settings {
        url: serve(fake_servicenow(Arc::clone(&seen))).await,
        user: "claviger".into(),
        secret: "pass".into(),
        assignment_group: None,
        allow_private: true,
        limits: Limits::default(),
    })
    .unwrap();
    let (id, number) = (paper(1).id, desk.file(&paper(1)).await.unwrap().reference);
    assert!(desk.tells_when_closed());
    for (state, closed) in [("1", false), ("2", false), ("3", false), ("6", true), ("7", true), ("8", true)] {
        seen.lock().unwrap().standing.insert(number.clone(), state);
        assert_eq!(desk.is_closed(&id, &number).await, Ok(closed), "{state}");
    }
    let gone = desk.is_closed(&paper(9).id, &number).await;
    assert!(matches!(gone, Err(TicketError::Refused { .. })), "{gone:?}");
}

fn signed(url: &str) -> Signed {
    let settings =
        webhook::Settings { url: url.into(), secret: SECRET.into(), allow_private: true, limits: Limits::default() };
    Signed::new(&settings, Arc::new(Still(NOW))).unwrap()
}

#[tokio::test]
async fn a_webhook_desk_and_the_centre_are_told_in_signed_calls() {
    let kept: Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>> = Arc::default();
    let (files, cases) = (Arc::clone(&kept), Arc::clone(&kept));
    let file = async move |headers: HeaderMap, body: Bytes| {
        files.lock().unwrap().push((headers, body.to_vec()));
        axum::Json(json!({ "reference": "T-7" }))
    };
    let case = async move |headers: HeaderMap, body: Bytes| {
        cases.lock().unwrap().push((headers, body.to_vec()));
        StatusCode::NO_CONTENT
    };
    let url = serve(Router::new().route("/file", post(file)).route("/case", post(case))).await;
    let desk = WebhookDesk(signed(&format!("{url}/file")));
    for _ in 0..2 {
        assert_eq!(desk.file(&paper(1)).await.unwrap().reference, "T-7");
    }
    let told = Soc(signed(&format!("{url}/case"))).tell("h_1.case", &json!({ "class_uid": 2004 })).await.unwrap();
    assert!(told.contains("204"), "{told}");
    let secret = WebhookSecret::parse(&SECRET.into()).unwrap();
    let kept = kept.lock().unwrap();
    for (headers, body) in kept.iter() {
        let get = |name: &str| headers[name].to_str().unwrap();
        let at: i64 = get("webhook-timestamp").parse().unwrap();
        assert!(secret.verifies(get("webhook-signature"), get("webhook-id"), at, body));
    }
    assert_eq!(kept[0].0["webhook-id"], kept[1].0["webhook-id"], "the idempotency key stays");
    let call: Call = serde_json::from_slice(&kept[0].1).unwrap();
    assert_eq!((call.version, call.verb.as_str(), call.ticket), (1, "file", paper(1)));
    let busy = serve(Router::new().route("/", post(async || StatusCode::ACCEPTED))).await;
    assert!(matches!(WebhookDesk(signed(&busy)).file(&paper(1)).await, Err(TicketError::Unavailable { .. })));
    let gone = serve(Router::new().route("/", post(async || StatusCode::GONE))).await;
    assert!(matches!(WebhookDesk(signed(&gone)).file(&paper(1)).await, Err(TicketError::Refused { .. })));
    let empty = serve(Router::new().route("/", post(async || axum::Json(json!({"reference": " \n"}))))).await;
    assert!(matches!(WebhookDesk(signed(&empty)).file(&paper(1)).await, Err(TicketError::Unavailable { .. })));
}

/// What a mail server heard: envelope and message lines.
#[derive(Default, Debug)]
struct Mail {
    from: String,
    to: Vec<String>,
    lines: Vec<String>,
}

/// A mail server of a few commands (RFC 5321 §4.1.1). `refuse` answers the recipient with that code.
async fn fake_smtp(refuse: Option<&'static str>) -> (u16, Arc<Mutex<Vec<Mail>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kept: Arc<Mutex<Vec<Mail>>> = Arc::default();
    let box_of = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let kept = Arc::clone(&box_of);
            tokio::spawn(async move {
                let (read, mut write) = socket.into_split();
                let mut lines = BufReader::new(read).lines();
                let mut mail = Mail::default();
                let mut in_data = false;
                write.write_all(b"220 mail.test ESMTP\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let upper = line.to_uppercase();
                    let answer = if in_data {
                        if line == "." {
                            in_data = false;
                            kept.lock().unwrap().push(std::mem::take(&mut mail));
                            "250 2.0.0 queued"
                        } else {
                            // A leading dot was doubled (RFC 5321 §4.5.2).
                            mail.lines.push(line.strip_prefix('.').unwrap_or(&line).to_owned());
                            continue;
                        }
                    } else if upper.starts_with("EHLO") {
                        "250-mail.test\r\n250 8BITMIME"
                    } else if let Some(from) = upper.strip_prefix("MAIL FROM:") {
                        mail.from = from.to_owned();
                        "250 ok"
                    } else if upper.starts_with("RCPT TO:") && refuse.is_some() {
                        refuse.unwrap_or_default()
                    } else if let Some(to) = upper.strip_prefix("RCPT TO:") {
                        mail.to.push(to.to_owned());
                        "250 ok"
                    } else if upper == "DATA" {
                        in_data = true;
                        "354 go on"
                    } else if upper == "QUIT" {
                        "221 bye"
                    } else {
                        "250 ok"
                    };
                    write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                }
            });
        }
    });
    (port, kept)
}

fn mailbox(port: u16) -> Email {
    Email::new(&email::Settings {
        host: "127.0.0.1".into(),
        port,
        privacy: Privacy::Plain,
        user: None,
        password: None,
        from: "Claviger <claviger@example.org>".into(),
        to: "helpdesk@example.org".into(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_mail_has_one_recipient_and_no_header_of_anybodys_making() {
    let (port, kept) = fake_smtp(None).await;
    let desk = mailbox(port);
    let filed = desk.file(&paper(1)).await.unwrap();
    assert_eq!(filed.reference, format!("{}@example.org", paper(1).id));
    desk.file(&paper(1)).await.unwrap();
    let kept = kept.lock().unwrap();
    assert_eq!(kept.len(), 2);
    for mail in kept.iter() {
        assert_eq!(mail.to, ["<HELPDESK@EXAMPLE.ORG>"], "words add no recipient");
        assert!(mail.from.starts_with("<CLAVIGER@EXAMPLE.ORG>"), "{}", mail.from);
        let end = mail.lines.iter().position(String::is_empty).expect("head and text are apart");
        let names: Vec<String> = mail.lines[..end]
            .iter()
            .filter(|l| !l.starts_with([' ', '\t']))
            .map(|l| l.split(':').next().unwrap().to_lowercase())
            .collect();
        let known = [
            "from",
            "to",
            "reply-to",
            "message-id",
            "subject",
            "auto-submitted",
            "x-claviger-ticket",
            "date",
            "content-type",
            "content-transfer-encoding",
            "mime-version",
        ];
        assert!(names.iter().all(|n| known.contains(&n.as_str())), "{names:?}");
        let head = mail.lines[..end].join("\n");
        assert!(head.contains(&format!("Message-ID: <{}@example.org>", paper(1).id)), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated") && head.contains("Reply-To: ana.kovac@example.org"));
    }
    let id = |mail: &Mail| mail.lines.iter().find(|l| l.starts_with("Message-ID")).cloned();
    assert_eq!(id(&kept[0]), id(&kept[1]), "a mail sent twice can be told");
}

#[tokio::test]
async fn mail_failures_are_told_apart() {
    let (port, _) = fake_smtp(Some("550 5.1.1 no such mailbox")).await;
    assert!(
        matches!(mailbox(port).file(&paper(1)).await, Err(TicketError::Refused { what }) if what.contains("no such mailbox"))
    );
    let (port, _) = fake_smtp(Some("451 4.7.1 try later")).await;
    assert!(matches!(mailbox(port).file(&paper(1)).await, Err(TicketError::Unavailable { .. })));
    assert!(matches!(mailbox(9).file(&paper(1)).await, Err(TicketError::Unavailable { .. })));
    let settings = |host: &str, from: &str| email::Settings {
        host: host.into(),
        port: 25,
        privacy: Privacy::Plain,
        user: None,
        password: None,
        from: from.into(),
        to: "helpdesk@example.org".into(),
    };
    assert!(Email::new(&settings("mail.example.org", "a@example.org")).is_err(), "no plain mail over the network");
    assert!(Email::new(&settings("localhost", "a@example.org\r\nBcc: b@example.org")).is_err());
}
