//! Why a request went the way it did, where it stands and when it ends, sentence by sentence, each from the recorded decision and the
//! recorded grant and nothing else.

use jiff::Timestamp;

use crate::domain::card::{Inline, Rich, text};
use crate::domain::decision::Outcome;
use crate::domain::grant::{EndReason, Grant, GrantState};
use crate::domain::ids::PersonId;
use crate::domain::request::{Ballot, Denial, Request, RequestState};

/// What the sentences need besides the request.
pub struct Around<'a> {
    /// Who an id is.
    pub names: &'a dyn Fn(&PersonId) -> String,
    /// A moment as the reader would say it.
    pub when: &'a dyn Fn(Timestamp) -> Inline,
    /// The words of whoever said no, while they are kept.
    pub spoken: Option<&'a str>,
    /// When it lapses where nobody decides.
    pub lapses: Option<Timestamp>,
    /// The grant made of it.
    pub grant: Option<&'a Grant>,
}

/// The sentences.
#[must_use]
pub fn explain(request: &Request, around: &Around<'_>) -> Vec<Rich> {
    let names = around.names;
    let mut said: Vec<Rich> = Vec::new();
    match &request.state {
        RequestState::Denied { denial: Denial::Rules { .. } } => {
            said.push(text("The rules refused it; no person was asked."))
        }
        RequestState::Denied { denial: Denial::Person { vote } } => {
            let by = names(&vote.by);
            said.push(text(match around.spoken {
                Some(words) => format!("{by} said no: “{words}”"),
                None => format!("{by} said no. Their words are no longer kept."),
            }));
        }
        RequestState::Pending { .. } => said.extend(waiting(request, around)),
        RequestState::Expired { .. } => said.push(text("Nobody decided in time, so it lapsed.")),
        RequestState::Failed { cause } => said.push(text(format!("It was approved, but {cause}."))),
        RequestState::Cancelled { by } => said.push(text(format!("{} took it back.", names(by)))),
        RequestState::Approved { .. }
        | RequestState::Provisioning { .. }
        | RequestState::Active { .. }
        | RequestState::Ended { .. } => {
            let yes: Vec<String> =
                request.votes().iter().filter(|v| v.ballot == Ballot::Approve).map(|v| names(&v.by)).collect();
            // A request that has ended no longer holds its votes, so nothing is said about them.
            if !yes.is_empty() {
                said.push(text(format!("It was approved by {}.", yes.join(" and "))));
            } else if matches!(request.decision.route.outcome, Outcome::Automatic | Outcome::BreakGlass) {
                said.push(text("It was approved by the rules; nobody had to be asked."));
            }
            said.extend(end(request, around));
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
                let own = request.content.requester == request.content.beneficiary;
                let because = seen_by_asker(&first.because, own);
                said.push(text(format!("{} was asked because {because}.", names(&first.person))));
            }
        }
    }
    said.push(text(format!(
        "The risk score was {} of 100; the bars show what it is made of.",
        decision.assessment.score
    )));
    said
}

/// Why somebody is asked, which is written to them ("you are their line manager"), as whoever asked has to read it: "they are your line
/// manager". `own` where it is for the asker; else whom it is for stays "their".
#[must_use]
pub fn seen_by_asker(because: &str, own: bool) -> String {
    let turn = |word: &str| match (word, own) {
        ("you", _) => Some("they"),
        ("your", _) => Some("their"),
        ("their", true) => Some("your"),
        ("them", true) => Some("you"),
        _ => None,
    };
    let word = |w: &str| {
        let bare = w.trim_end_matches([',', '.', ';', ':']);
        turn(bare).map_or_else(|| w.to_owned(), |other| format!("{other}{}", w.get(bare.len()..).unwrap_or_default()))
    };
    because.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Who is waited for, since when, and when the waiting ends.
fn waiting(request: &Request, around: &Around<'_>) -> Vec<Rich> {
    let mut said = vec![text("It is not decided yet.")];
    let Some((_, step)) = request.open_step() else { return said };
    let voted: Vec<&PersonId> = request.votes().iter().map(|v| &v.by).collect();
    let people: Vec<String> =
        step.candidates.iter().map(|c| &c.person).filter(|p| !voted.contains(p)).map(|p| (around.names)(p)).collect();
    let need = match step.quorum {
        0 | 1 => format!("It waits for {}, since ", people.join(" or ")),
        n => format!("It waits for {n} of {}, since ", people.join(", ")),
    };
    let mut line = text(need);
    line.push((around.when)(request.step_since));
    line.extend(text("."));
    said.push(line);
    let mut passed = text("If nobody of them decides, others are asked as well from ");
    passed.push((around.when)(step.escalate_after.after(request.step_since)));
    passed.extend(text(" on."));
    said.push(passed);
    if let Some(lapses) = around.lapses {
        let mut line = text("Without a decision it lapses ");
        line.push((around.when)(lapses));
        line.extend(text("; nothing is granted by waiting."));
        said.push(line);
    }
    said
}

/// When it ends, or ended, and why then.
fn end(request: &Request, around: &Around<'_>) -> Vec<Rich> {
    let mut said = Vec::new();
    let Some(grant) = around.grant else { return said };
    let window = grant.order.window;
    match &grant.state {
        GrantState::Ended { at, why, .. } => {
            let (before, after) = ended(why, around);
            let mut line = text(format!("{before} "));
            line.push((around.when)(*at));
            line.extend(text(after));
            said.push(line);
        }
        GrantState::Ending { why, .. } => said.push(text(format!("{} now.", ended(why, around).0))),
        _ => {
            let Some(end) = window.end() else {
                said.push(text("It has no end date."));
                return said;
            };
            let mut line = text("It ends by itself ");
            line.push((around.when)(end));
            let shorter = request.votes().iter().rev().find(|v| v.window.is_some_and(|w| w.end() == Some(end)));
            line.extend(text(match shorter {
                Some(vote) if request.content.window.end() != Some(end) => {
                    format!(": {} said yes for less time than was asked for.", (around.names)(&vote.by))
                }
                _ if request.content.window.end() == Some(end) => ": that is the end that was asked for.".to_owned(),
                _ => ": that is the longest the rules allow.".to_owned(),
            }));
            said.push(line);
            said.push(text("To keep it longer, say “I need it a week longer” before then."));
        }
    }
    said
}

fn ended(why: &EndReason, around: &Around<'_>) -> (String, &'static str) {
    match why {
        EndReason::Expired => ("It ended because its time was over,".to_owned(), "."),
        EndReason::GivenBack { by } => (format!("{} gave it back,", (around.names)(by)), "."),
        EndReason::Revoked { by } => (format!("{} took it away,", (around.names)(by)), "."),
        EndReason::Superseded { .. } => ("A longer grant of the same thing took its place,".to_owned(), "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_somebody_is_asked_is_told_from_the_askers_side() {
        for (because, told) in [
            ("you are their line manager", "they are your line manager"),
            ("you answer for them as their sponsor", "they answer for you as your sponsor"),
            (
                "their line manager cannot decide this and you are next in line",
                "your line manager cannot decide this and they are next in line",
            ),
            ("you own this entitlement", "they own this entitlement"),
        ] {
            assert_eq!(seen_by_asker(because, true), told);
        }
        assert_eq!(seen_by_asker("you are their line manager", false), "they are their line manager");
    }
}
