//! Why a request went the way it did, sentence by sentence, each from the recorded decision and nothing else.

use crate::domain::card::{Inline, Rich, text};
use crate::domain::decision::Outcome;
use crate::domain::ids::PersonId;
use crate::domain::request::{Ballot, Denial, Request, RequestState};

/// The sentences. `names` says who an id is; `spoken` are the words of whoever said no, while they are kept.
#[must_use]
pub fn explain(request: &Request, names: &dyn Fn(&PersonId) -> String, spoken: Option<&str>) -> Vec<Rich> {
    let mut said: Vec<Rich> = Vec::new();
    match &request.state {
        RequestState::Denied { denial: Denial::Rules { .. } } => {
            said.push(text("The rules refused it; no person was asked."))
        }
        RequestState::Denied { denial: Denial::Person { vote } } => {
            let by = names(&vote.by);
            said.push(text(match spoken {
                Some(words) => format!("{by} said no: “{words}”"),
                None => format!("{by} said no. Their words are no longer kept."),
            }));
        }
        RequestState::Pending { .. } => said.push(text("It is not decided yet.")),
        RequestState::Expired { .. } => said.push(text("Nobody decided in time, so it lapsed.")),
        RequestState::Failed { cause } => said.push(text(format!("It was approved, but {cause}."))),
        RequestState::Cancelled { by } => said.push(text(format!("{} took it back.", names(by)))),
        RequestState::Approved { .. }
        | RequestState::Provisioning { .. }
        | RequestState::Active { .. }
        | RequestState::Ended { .. } => {
            let yes: Vec<String> =
                request.votes().iter().filter(|v| v.ballot == Ballot::Approve).map(|v| names(&v.by)).collect();
            said.push(text(if yes.is_empty() {
                "It was approved by the rules; nobody had to be asked.".to_owned()
            } else {
                format!("It was approved by {}.", yes.join(" and "))
            }));
        }
    }
    let decision = &request.decision;
    for conflict in decision.verdict.conflicts.iter().filter(|c| !c.excepted) {
        said.push(vec![
            Inline::Code { text: conflict.rule.to_string() },
            Inline::Text { text: format!(" {}: one person would hold both sides ({}).", conflict.name, conflict.with) },
        ]);
    }
    for finding in &decision.route.findings {
        said.push(vec![
            Inline::Code { text: finding.rule.to_string() },
            Inline::Text { text: format!(" {}", finding.text) },
        ]);
    }
    if let Outcome::Steps { steps } = &decision.route.outcome {
        for step in steps {
            if let Some(first) = step.candidates.first() {
                said.push(text(format!("{} was asked because {}.", names(&first.person), first.because)));
            }
        }
    }
    said.push(text(format!(
        "The risk score was {} of 100; the bars show what it is made of.",
        decision.assessment.score
    )));
    said
}
