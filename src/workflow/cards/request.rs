//! A request as a card: for whoever asked, and for whoever decides. Drawn anew from its subject each time it is shown.

use jiff::tz::TimeZone;

use crate::domain::action::{Subject, Verb};
use crate::domain::card::{Badge, Card, CardKey, Fact, Inline, Rich, Section, Style, TimelineEntry, Tone, View, text};
use crate::domain::decision::{Conflict, Outcome};
use crate::domain::event::{Actor, EventBody, StoredEvent, Stream};
use crate::domain::grant::GrantState;
use crate::domain::ids::PersonId;
use crate::domain::request::{Ballot, Denial, Request, RequestEvent, RequestState, TextRef, Vote};
use crate::workflow::cards::words::{self, BUTTON_LIFE, Buttons};
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::surfaces::claims;

/// Draws a request for this person.
///
/// # Errors
/// Where the store cannot be read.
pub async fn draw(house: &House, request: &Request, who: &PersonId, view: View) -> Result<Card, WorkflowError> {
    let zone = house.person(who)?.time_zone();
    let content = &request.content;
    let title = house.catalog.title(&content.entitlement);
    let headline = match view {
        View::Own if content.beneficiary == *who => title.clone(),
        View::Own => format!("{title} for {}", house.name(&content.beneficiary)),
        View::Deciding => format!("{} asks for {title}", house.name(&content.requester)),
    };
    let mut card = Card::note(headline);
    card.key = Some(CardKey { subject: Subject::Request(request.id), view });
    card.revision = request.version;
    // What is being closed is not said to work, though the request ends only when the system has confirmed it.
    let closing = is_closing(house, request).await?;
    card.badge = Some(if closing { Badge { word: "Ending".into(), tone: Tone::Warning } } else { badge(request) });
    if view == View::Deciding {
        card.facts.push(Fact { label: "Who".into(), value: describe(house, &content.beneficiary) });
        if content.beneficiary != content.requester {
            card.facts.push(Fact { label: "Asked by".into(), value: describe(house, &content.requester) });
        }
    }
    match house.catalog.entitlement(&content.entitlement) {
        Some(entitlement) => card.facts.extend(words::what(house, entitlement)),
        None => card.facts.push(Fact { label: "What".into(), value: text(content.entitlement.to_string()) }),
    }
    let window = request.approved().map_or_else(
        || request.decision.route.max_ttl.map_or(content.window, |cap| content.window.capped(cap)),
        |a| a.window(),
    );
    if window.start() > request.filed_at {
        card.facts.push(Fact { label: "From".into(), value: vec![words::instant(window.start(), &zone)] });
    }
    card.facts.push(Fact { label: "Until".into(), value: words::until(window, &zone) });
    if let Some(after) = request.decision.route.review_after {
        card.facts.push(Fact { label: "Looked at again".into(), value: text(format!("every {after}")) });
    }
    let stands = if closing { text("It is being closed.") } else { standing(house, request, &zone, who) };
    card.facts.push(Fact { label: "How it stands".into(), value: stands });
    if view == View::Deciding
        && let Some((_, open)) = request.open_step()
        && let Some(candidate) = open.candidates.iter().find(|c| c.person == *who)
    {
        let mut because = format!("because {}", candidate.because);
        if let Some(other) = &candidate.in_place_of {
            because.push_str(&format!(", in place of {}", house.name(other)));
        }
        card.facts.push(Fact { label: "Why you".into(), value: text(because) });
    }
    if view == View::Deciding && request.open_step().is_some() {
        claims::show(house, &mut card, &Subject::Request(request.id), who).await?;
    }
    if let Some(words) = words_of(house, content.reason.as_ref()).await? {
        card.body.push(Section::Quote { by: format!("{} says why", house.name(&content.requester)), text: words });
    }
    for remark in &request.dialogue {
        if let Some(words) = words_of(house, Some(&remark.text)).await? {
            card.body.push(Section::Quote { by: house.name(&remark.by), text: words });
        }
    }
    if let RequestState::Denied { denial: Denial::Person { vote } } = &request.state
        && let Some(words) = words_of(house, vote.reason.as_ref()).await?
    {
        card.body.push(Section::Quote { by: format!("{} says no", house.name(&vote.by)), text: words });
    }
    for conflict in request.decision.verdict.conflicts.iter().filter(|c| !c.excepted) {
        card.body.push(Section::Para { text: conflict_words(conflict) });
    }
    card.body.push(words::factors(&request.decision.assessment));
    card.body.extend(words::rules(&request.decision));
    if !closing {
        card.actions = buttons(house, request, who, view)?;
    }
    card.footer = Some(vec![
        Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) },
        Inline::Text { text: format!(" · decided from facts {}", request.decision.facts.short()) },
    ]);
    Ok(card)
}

/// True where the access this request opened is being closed, or is closed and the request does not know it yet.
///
/// # Errors
/// Where the store cannot be read.
pub async fn is_closing(house: &House, request: &Request) -> Result<bool, WorkflowError> {
    match (&request.state, request.grant()) {
        (RequestState::Provisioning { .. } | RequestState::Active { .. }, Some(id)) => {
            let grant = house.store.grant(id).await?;
            Ok(grant.is_some_and(|g| matches!(g.state, GrantState::Ending { .. } | GrantState::Ended { .. })))
        }
        _ => Ok(false),
    }
}

/// A request with its whole story.
///
/// # Errors
/// Where the store cannot be read.
pub async fn story(house: &House, request: &Request, who: &PersonId) -> Result<Card, WorkflowError> {
    let deciding = request.open_step().is_some_and(|(_, s)| s.candidates.iter().any(|c| c.person == *who));
    let view = if deciding { View::Deciding } else { View::Own };
    let mut card = draw(house, request, who, view).await?;
    if view == View::Own && *who != request.content.requester && *who != request.content.beneficiary {
        card.headline = format!(
            "{} for {}",
            house.catalog.title(&request.content.entitlement),
            house.name(&request.content.beneficiary)
        );
    }
    let zone = house.person(who)?.time_zone();
    let mut events = house.store.events_of(&Stream::Request(request.id)).await?;
    if let Some(grant) = request.grant() {
        events.extend(house.store.events_of(&Stream::Grant(grant)).await?);
    }
    events.sort_by_key(|e| e.seq);
    let entries = events.iter().filter_map(|e| entry(house, e, &zone)).collect();
    card.body.push(Section::Timeline { entries });
    Ok(card)
}

/// The words behind a reference, while they are kept.
///
/// # Errors
/// Where the store cannot be read.
pub async fn words_of(house: &House, reference: Option<&TextRef>) -> Result<Option<String>, WorkflowError> {
    let Some(reference) = reference else { return Ok(None) };
    Ok(house.store.text(reference.id).await?.map(|t| t.body))
}

fn describe(house: &House, id: &PersonId) -> Rich {
    let mut words = vec![words::person(house, id)];
    if let Some(person) = house.catalog.directory.get(id) {
        words.extend(text(format!(", {}, {}", person.job_title, person.department)));
        if person.population != crate::domain::person::Population::Employee {
            let kind = match person.population {
                crate::domain::person::Population::Contractor => " (contractor)",
                crate::domain::person::Population::ThirdParty => " (partner)",
                crate::domain::person::Population::Agent => " (agent, not a human)",
                crate::domain::person::Population::Employee => "",
            };
            words.extend(text(kind));
        }
    }
    words
}

fn conflict_words(conflict: &Conflict) -> Rich {
    vec![
        Inline::Code { text: conflict.rule.to_string() },
        Inline::Text { text: format!(" {}: one person would hold both sides ({}).", conflict.name, conflict.with) },
    ]
}

fn badge(request: &Request) -> Badge {
    let (word, tone) = match &request.state {
        RequestState::Pending { .. } => ("Waiting", Tone::Warning),
        RequestState::Approved { .. } | RequestState::Provisioning { .. } => ("Approved, being set up", Tone::Info),
        RequestState::Active { .. } => ("Active", Tone::Good),
        RequestState::Ended { .. } => ("Ended", Tone::Neutral),
        RequestState::Denied { .. } => ("Denied", Tone::Danger),
        RequestState::Expired { .. } => ("Lapsed", Tone::Neutral),
        RequestState::Cancelled { .. } => ("Taken back", Tone::Neutral),
        RequestState::Failed { .. } => ("Failed", Tone::Danger),
    };
    Badge { word: word.into(), tone }
}

/// Who said yes so far: `Ana Kovač (in place of Ben Ode)`.
fn yes_by(house: &House, votes: &[Vote]) -> String {
    let name = |v: &Vote| match &v.in_place_of {
        Some(other) => format!("{} (in place of {})", house.name(&v.by), house.name(other)),
        None => house.name(&v.by),
    };
    votes.iter().filter(|v| v.ballot == Ballot::Approve).map(name).collect::<Vec<_>>().join(" and ")
}

/// How a request stands, in a sentence.
#[must_use]
pub fn standing(house: &House, request: &Request, zone: &TimeZone, who: &PersonId) -> Rich {
    let approved_by = |votes: &[Vote]| match (votes.is_empty(), &request.decision.route.outcome) {
        (false, _) => format!("Approved by {}", yes_by(house, votes)),
        (true, Outcome::BreakGlass) => "Opened as an emergency".to_owned(),
        (true, _) => "Approved by the rules, nobody had to be asked".to_owned(),
    };
    match &request.state {
        RequestState::Pending { steps, votes, .. } => {
            let open = request.open_step().map(|(n, _)| n).unwrap_or(0);
            let mine = steps.get(open).is_some_and(|s| s.candidates.iter().any(|c| c.person == *who));
            let mut said = Vec::new();
            if !votes.is_empty() {
                said.push(format!("Yes from {}.", yes_by(house, votes)));
            }
            let waiting: Vec<String> = steps.iter().skip(open).map(|s| words::step(house, s)).collect();
            said.push(format!("Waiting for {}{}.", if mine { "you: " } else { "" }, waiting.join(", then ")));
            text(said.join(" "))
        }
        RequestState::Approved { votes, .. } | RequestState::Provisioning { votes, .. } => {
            text(format!("{}. The access is being set up; I will say when it works.", approved_by(votes)))
        }
        RequestState::Active { votes, .. } => text(format!("{}. It works now.", approved_by(votes))),
        RequestState::Ended { at, .. } => vec![Inline::Text { text: "Ended ".into() }, words::instant(*at, zone)],
        RequestState::Denied { denial: Denial::Rules { rules } } => {
            let ids: Vec<String> = rules.iter().map(ToString::to_string).collect();
            text(format!("Refused by the rules: {}", ids.join(", ")))
        }
        RequestState::Denied { denial: Denial::Person { vote } } => text(format!("{} said no.", house.name(&vote.by))),
        RequestState::Expired { at } => {
            vec![Inline::Text { text: "Nobody decided in time; it lapsed ".into() }, words::instant(*at, zone)]
        }
        RequestState::Cancelled { by } => text(format!("Taken back by {}.", house.name(by))),
        RequestState::Failed { cause } => text(format!("It was approved, but {cause}. The helpdesk can see why.")),
    }
}

fn buttons(
    house: &House,
    request: &Request,
    who: &PersonId,
    view: View,
) -> Result<Vec<crate::domain::card::Button>, WorkflowError> {
    let make = Buttons::new(house, Subject::Request(request.id), request.seen()?, BUTTON_LIFE);
    let own = *who == request.content.requester || *who == request.content.beneficiary;
    let asked = request.open_step().is_some_and(|(_, s)| s.candidates.iter().any(|c| c.person == *who));
    let mut buttons = Vec::new();
    if view == View::Deciding && asked && !own {
        buttons.push(make.make(Verb::Approve, "Approve", Style::Primary));
        let until = words::time("until", "Until when? “until Friday”, “two weeks”");
        buttons.push(make.asking(Verb::ApproveShorter, "Approve for less time", Style::Plain, until));
        let why = words::lines("reason", "Why not? The person will read this.", true);
        buttons.push(make.asking(Verb::Deny, "Deny", Style::Danger, why));
        let question = words::lines("question", "What do you want to know?", true);
        buttons.push(make.asking(Verb::Ask, "Ask", Style::Plain, question));
        return Ok(buttons);
    }
    if !own {
        return Ok(buttons);
    }
    match &request.state {
        RequestState::Pending { .. } => {
            let unanswered = request.dialogue.last().is_some_and(|r| r.by != request.content.requester);
            if unanswered {
                buttons.push(make.asking(
                    Verb::Answer,
                    "Answer",
                    Style::Primary,
                    words::lines("answer", "Your answer", true),
                ));
            }
            let mut cancel = make.make(Verb::Cancel, "Take it back", Style::Plain);
            cancel.confirm = Some("Take this request back?".into());
            buttons.push(cancel);
        }
        RequestState::Provisioning { .. } | RequestState::Active { .. } => {
            let mut back = make.make(Verb::GiveBack, "I'm done with it", Style::Plain);
            back.confirm = Some("The access ends at once. Give it back?".into());
            buttons.push(back);
            if matches!(request.state, RequestState::Active { .. }) && request.content.window.end().is_some() {
                buttons.push(make.asking(
                    Verb::Extend,
                    "Keep it longer",
                    Style::Plain,
                    words::time("until", "Until when? “two more weeks”"),
                ));
            }
        }
        RequestState::Denied { .. } => {
            let why = words::lines("reason", "What should be looked at again?", true);
            buttons.push(make.asking(Verb::Appeal, "Ask for another look", Style::Plain, why));
        }
        _ => {}
    }
    Ok(buttons)
}

/// One event as a line of the story.
fn entry(house: &House, stored: &StoredEvent, zone: &TimeZone) -> Option<TimelineEntry> {
    use crate::domain::grant::GrantEvent as G;
    use RequestEvent as R;
    let actor = match &stored.event.actor {
        Actor::Person { id } => house.name(id),
        Actor::Rules | Actor::System => "Claviger".to_owned(),
        Actor::Operator => "The operator".to_owned(),
    };
    let names = |people: &[crate::domain::decision::Candidate]| {
        words::any_of(house, &people.iter().map(|c| c.person.clone()).collect::<Vec<_>>())
    };
    let said = match &stored.event.body {
        EventBody::Request(event) => match event {
            R::Submitted { decision, .. } => format!("{actor} asked; {} points of risk.", decision.assessment.score),
            R::Amended { decision, .. } => format!(
                "{actor} changed it; {} points of risk. What was said before is void.",
                decision.assessment.score
            ),
            R::Reevaluated { decision } => {
                format!("Decided anew under the rules in force; {} points of risk.", decision.assessment.score)
            }
            R::Voted { vote } => {
                let said = match (vote.ballot, vote.window) {
                    (Ballot::Approve, None) => "said yes",
                    (Ballot::Approve, Some(_)) => "said yes, for less time",
                    (Ballot::Deny, _) => "said no",
                };
                let how = vote.confirmed.as_ref().map(|how| format!("; confirmed {}", how.words()));
                format!("{actor} {said}{}.", how.unwrap_or_default())
            }
            R::Reassigned { to, .. } => format!("Nobody had answered in time; now {} may decide.", names(to)),
            R::Reminded { .. } => "Whoever is asked was reminded.".to_owned(),
            R::Questioned { .. } => format!("{actor} asked something."),
            R::Answered { .. } => format!("{actor} answered."),
            R::Cancelled { .. } => format!("{actor} took it back."),
            R::Expired => "Nobody decided in time; it lapsed.".to_owned(),
            R::Failed { cause } => format!("It could not be set up: {cause}."),
            R::Ordered { .. } | R::Activated | R::Ended => return None,
        },
        EventBody::Grant(event) => match event {
            G::Ordered { .. } => "Approved; the access was ordered and its end was set.".to_owned(),
            G::TaskRaised { .. } => "Somebody has to do it by hand and was asked.".to_owned(),
            G::Confirmed { evidence } => format!("It works: {evidence}."),
            G::EndRequested { why } => match why {
                crate::domain::grant::EndReason::Expired => "Its time was over.".to_owned(),
                crate::domain::grant::EndReason::GivenBack { by } => format!("{} gave it back.", house.name(by)),
                crate::domain::grant::EndReason::Revoked { by } => format!("{} took it away.", house.name(by)),
                crate::domain::grant::EndReason::Superseded { .. } => "A longer one took its place.".to_owned(),
            },
            G::Closed { evidence } => format!("It is closed: {evidence}."),
            G::Kept { by } => format!("{} looked at it and kept it.", house.name(by)),
            G::Failed { .. } => return None,
        },
        EventBody::Task(_) | EventBody::Ticket(_) | EventBody::Inquiry(_) | EventBody::House(_) => return None,
    };
    let Inline::Time { at, shown } = words::instant(stored.event.at, zone) else { return None };
    Some(TimelineEntry {
        at,
        shown,
        text: vec![Inline::Text { text: said }, Inline::Code { text: format!(" #{}", stored.seq) }],
    })
}
