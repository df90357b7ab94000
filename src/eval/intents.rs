//! Messages and what their writers want: our own, and those of another assistant, nearly all of which are none of this desk's business.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::person::Person;
use crate::eval::report::{Figure, Report, lines};
use crate::understanding::types::{Intent, Turn, Understanding};
use crate::understanding::understander::Understander;

#[derive(Deserialize)]
struct Labelled {
    text: String,
    intent: Intent,
}

#[derive(Deserialize)]
struct Foreign {
    text: String,
    route: String,
}

/// Who says it and when.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Who.
    pub speaker: &'a Person,
    /// When.
    pub now: Timestamp,
}

impl Scene<'_> {
    /// What is understood of some words said out of nowhere.
    pub async fn hear(&self, understander: &Understander, words: &str) -> Understanding {
        let turn =
            Turn { words, now: self.now, speaker: self.speaker, drafts: &[], topic: None, question: None, holds: &[] };
        understander.understand(&turn).await
    }
}

/// Measures our own messages, every intent by itself.
pub async fn own(text: &str, understander: &Understander, scene: Scene<'_>, report: &mut Report) {
    let (cases, bad) = lines::<Labelled>(text);
    let mut by_intent: BTreeMap<Intent, (u64, u64)> = BTreeMap::new();
    for case in &cases {
        let heard = scene.hear(understander, &case.text).await.intent;
        let count = by_intent.entry(case.intent).or_default();
        count.0 += u64::from(heard == case.intent);
        count.1 += 1;
        if heard != case.intent {
            report.misses.push(format!("intents: `{}` is {:?}, heard {heard:?}", case.text, case.intent));
        }
    }
    let (right, all) = by_intent.values().fold((0, bad), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    for (intent, (right, all)) in by_intent {
        let name = serde_json::to_value(intent).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        report.figures.push(Figure::right("intents", name, right, all));
    }
    report.figures.push(Figure::right("intents", "all", right, all));
}

/// Measures messages meant for another assistant: how many are turned away or taken as talk, and how many are taken for requests.
pub async fn foreign(text: &str, understander: &Understander, scene: Scene<'_>, report: &mut Report) {
    let (cases, bad) = lines::<Foreign>(text);
    let (mut right, mut requests) = (0, 0);
    for case in cases.iter().filter(|c| c.route == "out_of_scope") {
        let heard = scene.hear(understander, &case.text).await;
        right += u64::from(matches!(heard.intent, Intent::OutOfScope | Intent::Unclear | Intent::SmallTalk));
        let clear = heard.intent == Intent::RequestAccess && heard.confidence_bp >= 9_000;
        requests += u64::from(clear);
        if clear {
            report.misses.push(format!("intents: `{}` was taken for a clear request", case.text));
        }
    }
    let all = cases.iter().filter(|c| c.route == "out_of_scope").count() as u64 + bad;
    report.figures.push(Figure::right("intents", "clinc150 out of scope turned away", right, all));
    report.figures.push(Figure::right("intents", "clinc150 out of scope taken for a clear request", requests, all));
}
