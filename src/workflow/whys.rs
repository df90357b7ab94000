//! "Why?" about access: why denied, why routed so, why it ends, why it still waits, why somebody else has it. Each sentence comes from the
//! recorded decision, with the ids it stands under; about others nothing is said.

use jiff::Timestamp;

use crate::domain::card::{Card, Fact, Inline, Section, text};
use crate::domain::ids::{EntitlementId, PersonId};
use crate::domain::inquiry::Matter;
use crate::domain::request::{Denial, Request, RequestState};
use crate::domain::window::AccessWindow;
use crate::helpdesk::decisions::{Around, explain};
use crate::helpdesk::lockout::matter;
use crate::helpdesk::lockout::whose::Whose;
use crate::helpdesk::whys::{self, WhyOf};
use crate::ports::store::RequestQuery;
use crate::understanding::types::{Intent, Turn, Understanding};
use crate::workflow::answers::about;
use crate::workflow::cards::request::words_of;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::facts::{self, Ask};
use crate::workflow::inquiries::{self, Given};
use crate::workflow::lockouts::whose_words;
use crate::workflow::refused::{self, Case};
use crate::workflow::{evaluate, timers};

/// From this confidence on (basis points) a thing counts as named.
const NAMED_BP: u16 = 7_000;

/// "Why is it still waiting?" may be heard as asking how it stands, "why does she have it?" as asking what she has: answered here, whatever
/// else was understood. False where it is no such question.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn asked(table: &mut Table<'_>, understood: &Understanding) -> Result<bool, WorkflowError> {
    let refused = understood.intent == Intent::WhyDecision || matter::asks_why_refused(table.words);
    if refused && whys::why(table.words) != Some(WhyOf::Others) && matches!(whose_words(table)?, Whose::Other(_)) {
        // The same for every name, whether it is anybody's or not.
        table.note(
            Card::note("That is not for me to tell")
                .para("I explain a decision to the person it was made for. They can ask me themselves.")
                .para("If you mean a request of your own, say which access it was for."),
        );
        return Ok(true);
    }
    if refused::asks_barely(table.words) {
        // "Why not?" is about what was refused last; where nothing was, it is for the interpreter.
        let Some(case) = refused::on_table(table).await?.filter(refused::Case::is_refused) else { return Ok(false) };
        refused::tell(table, &case)?;
        return Ok(true);
    }
    match whys::why(table.words) {
        Some(WhyOf::Others) => others(table, understood).await?,
        Some(of) if !matches!(understood.intent, Intent::WhyLockedOut | Intent::HowTo) => {
            why(table, understood, Some(of)).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Why a request went the way it did, still waits, or ends when it does.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn why(table: &mut Table<'_>, understood: &Understanding, of: Option<WhyOf>) -> Result<(), WorkflowError> {
    let mut requests = about(table, understood).await?;
    if of.is_none()
        && understood.reference.is_none()
        && let Some(case) = unfiled(table, understood, &requests).await?
    {
        return refused::tell(table, &case);
    }
    let first = |r: &Request| match of {
        Some(WhyOf::Waiting) => !matches!(r.state, RequestState::Pending { .. }),
        Some(WhyOf::Ending) => !matches!(
            r.state,
            RequestState::Active { .. } | RequestState::Provisioning { .. } | RequestState::Ended { .. }
        ),
        _ => false,
    };
    // Stable: of equals the one that was first stays first.
    requests.sort_by_key(first);
    let Some(request) = requests.first().cloned() else {
        table.note(
            Card::note("There is no decision of yours to explain")
                .para("You have not asked for anything here. If something else refused you, tell me which system and what it said."),
        );
        return Ok(());
    };
    let title = table.house.catalog.title(&request.content.entitlement);
    let mut card = match of {
        Some(WhyOf::Waiting) if first(&request) => {
            Card::note("Nothing of yours is waiting").para(format!("The last was “{title}”; this is how it went."))
        }
        Some(WhyOf::Waiting) => Card::note(format!("What “{title}” waits for")),
        Some(WhyOf::Ending) if first(&request) => {
            Card::note("Nothing of yours ends").para(format!("The last was “{title}”; this is how it went."))
        }
        Some(WhyOf::Ending) => Card::note(format!("When “{title}” ends, and why")),
        _ => Card::note(format!("Why “{title}” went as it did")),
    };
    let evidence = tell(table, &request, &mut card).await?;
    table.conversation.topic = Some(request.content.entitlement.clone());
    inquiries::answer(table, card, Given::new(Matter::Decision { request: request.id }, evidence))?;
    Ok(())
}

/// What was refused, or is asked about, without ever having been filed: a draft the rules do not allow, else what was named, else what lies on
/// the table. `None` where a request is meant.
async fn unfiled(
    table: &Table<'_>,
    understood: &Understanding,
    requests: &[Request],
) -> Result<Option<Case>, WorkflowError> {
    let why_not = refused::asks_why_not(table.words);
    let named = understood.asks.first().filter(|a| a.confidence_bp >= NAMED_BP);
    // "Why was I denied?" names nothing; what it was understood to be about is what was spoken of last.
    let topic = table.conversation.topic.as_ref();
    let named = named.and_then(|a| a.candidates.first()).map(|c| &c.entitlement).filter(|id| topic != Some(*id));
    let of_it = |r: &&Request| named.is_none_or(|id| r.content.entitlement == *id);
    let newest_filed = requests.iter().filter(of_it).map(|r| r.filed_at).max();
    let denied = requests.iter().find(|r| matches!(r.state, RequestState::Denied { .. }) && of_it(r));
    if why_not || newest_filed.is_none() {
        let mut case = refused::newest(table, named).await?;
        if case.is_none() && named.is_some() && newest_filed.is_none() && why_not {
            // A thing that was named and never asked for; but what was refused a moment ago may be what is meant under another name.
            case = refused::on_table(table).await?.filter(Case::is_refused);
        }
        let later = |at| case.as_ref().and_then(|c| c.draft.as_ref()).is_some_and(|d| d.at > at);
        if case.is_some() && denied.is_none_or(|d| later(d.filed_at)) {
            return Ok(case);
        }
    }
    if newest_filed.is_some() {
        return Ok(None);
    }
    if let Some(id) = named.filter(|id| table.house.catalog.entitlement(id).is_some_and(|e| e.assignable)) {
        return Ok(Some(refused::as_if_asked(table, id).await?));
    }
    if requests.is_empty() { refused::on_table(table).await } else { Ok(None) }
}

/// Writes the sentences about a request onto a card; answers with the ids they rest on.
async fn tell(table: &Table<'_>, request: &Request, card: &mut Card) -> Result<Vec<String>, WorkflowError> {
    let house = table.house;
    let zone = house.person(table.who)?.time_zone();
    let spoken = match &request.state {
        RequestState::Denied { denial: Denial::Person { vote } } => words_of(house, vote.reason.as_ref()).await?,
        _ => None,
    };
    let grant = match request.grant() {
        Some(id) => house.store.grant(id).await?,
        None => None,
    };
    let names = |id: &PersonId| house.name(id);
    let when = |at: Timestamp| words::instant(at, &zone);
    let around = Around {
        names: &names,
        when: &when,
        spoken: spoken.as_deref(),
        lapses: request.open_step().map(|_| timers::lapses_at(request)),
        grant: grant.as_ref(),
    };
    for sentence in explain(request, &around) {
        card.body.push(Section::Para { text: sentence });
    }
    card.body.push(words::factors(&request.decision.assessment));
    let mut evidence = vec![request.id.to_string()];
    let mut footer = vec![Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) }];
    if let Some(grant) = &grant {
        evidence.push(grant.id.to_string());
        footer.extend(text(format!(" · grant {}", grant.id.short())));
    }
    footer.extend(text(format!(
        " · facts {} · policy {}",
        request.decision.facts.short(),
        request.decision.policy.short()
    )));
    card.footer = Some(footer);
    Ok(evidence)
}

/// Why somebody else has it: not for us to tell, whoever asks and whatever is true. What it takes for the speaker is.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn others(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let house = table.house;
    let named = understood.asks.first().and_then(|a| a.candidates.first()).map(|c| c.entitlement.clone());
    let what = match named {
        Some(id) => Some(id),
        None => spoken_of(table).await?.or_else(|| table.conversation.topic.clone()),
    };
    let mut card = Card::note("What others hold, and why, is not for me to tell")
        .para("I do not say whether somebody has an access; their manager and the owner of the access can.")
        .para("What I can tell is what it takes for you.");
    let mut evidence = Vec::new();
    let mut offers = Vec::new();
    match &what {
        Some(id) => {
            own(table, id, &mut card, &mut evidence).await?;
            offers.push(id.clone());
            table.conversation.topic = Some(id.clone());
        }
        None => {
            card = card.para(
                "Name the access, for example “the Q3 sales reports”, and I say who decides on it and by which rules.",
            )
        }
    }
    let held = crate::workflow::converse::held(house, table.who).await?;
    offers.retain(|id| !held.contains(id));
    let given = Given { matter: Matter::Others { entitlement: what }, evidence, offers };
    inquiries::answer(table, card, given)?;
    Ok(())
}

/// The access that somebody else is said to have, as the catalog's search finds it for the speaker.
async fn spoken_of(table: &Table<'_>) -> Result<Option<EntitlementId>, WorkflowError> {
    let house = table.house;
    let Some(thing) = whys::thing_of_others(table.words) else { return Ok(None) };
    let words = format!("I need access to {thing}");
    let speaker = house.person(table.who)?;
    let turn = Turn {
        words: &words,
        now: house.now(),
        speaker: &speaker,
        drafts: &[],
        topic: None,
        question: None,
        holds: &[],
    };
    let understood = house.understander.embedded().interpret(&turn);
    let best = understood.asks.first().filter(|ask| ask.confidence_bp >= NAMED_BP);
    Ok(best.and_then(|ask| ask.candidates.first()).map(|c| c.entitlement.clone()))
}

/// How it stands with the speaker: their own last request, and what would happen if they asked now.
async fn own(
    table: &Table<'_>,
    id: &EntitlementId,
    card: &mut Card,
    evidence: &mut Vec<String>,
) -> Result<(), WorkflowError> {
    let house = table.house;
    let entitlement = house.entitlement(id)?;
    card.facts = words::what(house, &entitlement);
    let mine = RequestQuery {
        requester: Some(table.who.clone()),
        beneficiary: Some(table.who.clone()),
        entitlement: Some(id.clone()),
        limit: 1,
        ..RequestQuery::default()
    };
    if let Some(request) = house.store.requests(&mine).await?.first() {
        let zone = house.person(table.who)?.time_zone();
        let standing = crate::workflow::cards::request::standing(house, request, &zone, table.who);
        card.facts.push(Fact { label: "Your last request".into(), value: standing });
        card.footer = Some(vec![Inline::Link { text: request.id.short(), path: format!("/requests/{}", request.id) }]);
        evidence.push(request.id.to_string());
    }
    let ask = Ask::plain(table.who, id, AccessWindow::lasting(house.now(), entitlement.default_window));
    let decision = evaluate::decide(house, &facts::gather(house, &ask).await?);
    card.facts.push(Fact { label: "If you asked now".into(), value: words::way(house, &decision) });
    card.facts.push(Fact { label: "Owned by".into(), value: text(words::any_of(house, &entitlement.owners)) });
    card.body.extend(words::rules(&decision));
    Ok(())
}
