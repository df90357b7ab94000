//! Scripted questions about sign-ins, in the providers' own raw shapes, with what has to be answered, cited and never said. Reading the raw
//! records is the caller's part; this room only compares.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::domain::digest::Digest;
use crate::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use crate::domain::signin_actor::{Account, Aliases};
use crate::domain::window::Seconds;
use crate::eval::report::{Figure, Report, lines};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::fidelity;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation, NotKnown};
use crate::helpdesk::lockout::explain::Lasting;

/// One case.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What kind of trap it is, where it is one.
    #[serde(default)]
    pub trap: Option<String>,
    /// The account asked about, as the logs write it.
    #[serde(rename = "as")]
    pub account: String,
    /// When it is asked.
    pub at: Timestamp,
    /// The reader's zone.
    pub zone: String,
    /// The question.
    pub question: String,
    /// Raw records with their ids.
    pub events: Vec<serde_json::Value>,
    /// How many events of other people are strewn in between.
    #[serde(default)]
    pub noise: u32,
    /// How long locks last, in seconds, by provider.
    #[serde(default)]
    pub lasts: std::collections::BTreeMap<Provider, u64>,
    /// What has to come out.
    pub expect: Expect,
}

/// What has to come out.
#[derive(Debug, Deserialize)]
pub struct Expect {
    /// The class.
    pub class: Option<ReasonClass>,
    /// Any of these.
    pub certainty: Vec<Certainty>,
    /// Ids that have to be cited.
    #[serde(default)]
    pub cites: Vec<String>,
    /// Ids that must not be cited.
    #[serde(default)]
    pub never_cites: Vec<String>,
    /// Words that have to be said.
    #[serde(default)]
    pub says: Vec<String>,
    /// Words that must not be said.
    #[serde(default)]
    pub never: Vec<String>,
    /// When it ends by itself.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// What has to be said not to be known.
    #[serde(default)]
    pub not_known: Vec<NotKnown>,
    /// Whether the security team has to see it.
    #[serde(default)]
    pub to_security: Option<bool>,
}

/// Reads JSON Lines of records into events.
pub type Reader<'a> = &'a dyn Fn(&str, Timestamp) -> Vec<SigninEvent>;

/// The cases of a text, and how many lines are none.
#[must_use]
pub fn cases(text: &str) -> (Vec<Case>, u64) {
    lines::<Case>(text)
}

/// The events of a case, other people's among them.
#[must_use]
pub fn events(case: &Case, read: Reader<'_>) -> Vec<SigninEvent> {
    let text: Vec<String> = case.events.iter().map(ToString::to_string).collect();
    let mut events = read(&text.join("\n"), case.at);
    events.extend((0..case.noise).map(|n| stranger(n, case.at)));
    events
}

/// Somebody else's event, near in time and from the same few addresses.
fn stranger(n: u32, now: Timestamp) -> SigninEvent {
    let ago = jiff::SignedDuration::from_secs(i64::from(n) * 7);
    let failed = n.is_multiple_of(3);
    SigninEvent {
        id: format!("other-{n}"),
        provider: Provider::Okta,
        event: if n.is_multiple_of(50) { "user.account.lock".to_owned() } else { "user.session.start".to_owned() },
        at: now.checked_sub(ago).ok(),
        time: None,
        actor: Some(format!("person{}@northwind.test", n % 997)),
        subject: None,
        outcome: Some(if failed { SigninOutcome::Failure } else { SigninOutcome::Success }),
        reason_code: failed.then(|| "INVALID_CREDENTIALS".to_owned()),
        reason_class: failed.then_some(ReasonClass::BadCredentials),
        reason_text: None,
        ip: Some(format!("10.9.{}.{}", n % 7, n % 250)),
        device: None,
        application: Some("Wiki".to_owned()),
        session: None,
        place: None,
        risk: None,
        raw_digest: Digest::of(&n.to_be_bytes()),
    }
}

/// The accounts a case asks about.
#[must_use]
pub fn accounts(name: &str) -> Aliases {
    let named = [None, Some(Provider::OneLogin)].map(|provider| Account { provider, name: name.to_owned() });
    Aliases::default().with(named)
}

/// The answer to a case.
#[must_use]
pub fn explain(case: &Case, events: Vec<SigninEvent>) -> Explanation {
    let zone = TimeZone::get(&case.zone).unwrap_or(TimeZone::UTC);
    let lasting: Lasting = case.lasts.iter().map(|(p, s)| (*p, Seconds(*s))).collect();
    let whose = accounts(&case.account);
    let asked = Asked {
        whose: &whose,
        words: &case.question,
        now: case.at,
        zone: &zone,
        level: Level::Person,
        lasting: &lasting,
    };
    answer(events, asked)
}

/// What is wrong with an answer; empty where nothing is.
#[must_use]
pub fn faults(case: &Case, own: &BTreeSet<String>, got: &Explanation) -> Vec<String> {
    let want = &case.expect;
    let (text, cited) = (got.answer(), got.cited());
    let mut faults = Vec::new();
    if got.reason_class != want.class {
        faults.push(format!("the class is {:?}, not {:?}", got.reason_class, want.class));
    }
    if !want.certainty.contains(&got.certainty) {
        faults.push(format!("the certainty is {:?}, not {:?}", got.certainty, want.certainty));
    }
    if want.ends_at.is_some() && got.ends_at != want.ends_at {
        faults.push(format!("it ends {:?}, not {:?}", got.ends_at, want.ends_at));
    }
    if want.to_security.is_some_and(|wanted| wanted != got.to_security) {
        faults.push(format!("to security: {}", got.to_security));
    }
    faults.extend(want.cites.iter().filter(|id| !cited.contains(id)).map(|id| format!("{id} is not cited")));
    faults.extend(want.never_cites.iter().filter(|id| cited.contains(id)).map(|id| format!("{id} is cited")));
    faults.extend(want.says.iter().filter(|w| !text.contains(w.as_str())).map(|w| format!("`{w}` is not said")));
    faults.extend(want.never.iter().filter(|w| text.contains(w.as_str())).map(|w| format!("`{w}` is said")));
    let known = got.not_known();
    faults
        .extend(want.not_known.iter().filter(|k| !known.contains(k)).map(|k| format!("{k:?} is not said to be open")));
    faults.extend(cited.iter().filter(|id| !own.contains(*id)).map(|id| format!("{id} is cited and not theirs")));
    if let Err(miss) = fidelity::check(&got.sentences, &text) {
        faults.push(format!("the answer does not pass its own check: {miss}"));
    }
    faults
}

/// Measures.
pub fn run(text: &str, read: Reader<'_>, report: &mut Report) {
    let (cases, bad) = cases(text);
    let (mut right, mut traps, mut sprung, mut cited, mut strange) = (0, 0, 0, 0, 0);
    for case in &cases {
        let events = events(case, read);
        let whose = accounts(&case.account);
        let own: BTreeSet<String> = events.iter().filter(|e| whose.own(e)).map(|e| e.id.clone()).collect();
        let got = explain(case, events);
        let ids = got.cited();
        cited += ids.len() as u64;
        strange += ids.iter().filter(|id| !own.contains(*id)).count() as u64;
        let faults = faults(case, &own, &got);
        right += u64::from(faults.is_empty());
        traps += u64::from(case.trap.is_some());
        sprung += u64::from(case.trap.is_some() && !faults.is_empty());
        if !faults.is_empty() {
            report.misses.push(format!("lockouts: {}: {} — {}", case.id, faults.join("; "), got.answer()));
        }
    }
    let all = cases.len() as u64 + bad;
    report.figures.push(Figure::right("lockouts", "answered as expected", right, all));
    report.figures.push(Figure::faults("lockouts", "traps walked into", sprung, traps));
    report.figures.push(Figure::faults("lockouts", "cited ids that are not the person's own", strange, cited));
}
