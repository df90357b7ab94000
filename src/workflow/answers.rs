//! Questions answered from the record: what do I have, what happened, who approves, why. What is not known is said to be so.

use std::collections::BTreeMap;

use crate::domain::action::Subject;
use crate::domain::card::{Badge, Card, Fact, Inline, Rich, Section, Tone, View, text};
use crate::domain::entitlement::AccessLevel;
use crate::domain::grant::Grant;
use crate::domain::ids::EntitlementId;
use crate::domain::inquiry::Matter;
use crate::domain::request::{Request, RequestState};
use crate::domain::window::AccessWindow;
use crate::helpdesk;
use crate::ports::store::{GrantQuery, RequestQuery};
use crate::understanding::types::{ForWhom, Intent, Understanding};
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::facts::{self, Ask};
use crate::workflow::house::House;
use crate::workflow::inquiries::{self, Given};
use crate::workflow::{evaluate, give_back as ending, visibility};

/// The speaker's grants that fit what was said: by name, by topic, or all of them.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn matching_grants(table: &Table<'_>, understood: &Understanding) -> Result<Vec<Grant>, WorkflowError> {
    let open = GrantQuery { beneficiary: Some(table.who.clone()), open: true, ..GrantQuery::default() };
    let grants: Vec<Grant> = table
        .house
        .store
        .grants(&open)
        .await?
        .into_iter()
        .filter(|g| !matches!(g.state, crate::domain::grant::GrantState::Ending { .. }))
        .collect();
    let named: Vec<_> =
        understood.asks.iter().flat_map(|a| a.candidates.iter().map(|c| c.entitlement.clone())).collect();
    for wanted in &named {
        let fits: Vec<Grant> = grants.iter().filter(|g| g.order.entitlement == *wanted).cloned().collect();
        if !fits.is_empty() {
            return Ok(fits);
        }
    }
    if named.is_empty()
        && let Some(topic) = &table.conversation.topic
    {
        let fits: Vec<Grant> = grants.iter().filter(|g| g.order.entitlement == *topic).cloned().collect();
        if !fits.is_empty() {
            return Ok(fits);
        }
    }
    Ok(grants)
}

/// Gives access back where it is plain which; shows what there is where it is not.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn give_back(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let grants = matching_grants(table, understood).await?;
    match grants.as_slice() {
        [] => table.note(
            Card::note("There is nothing to give back")
                .para("You hold nothing that was granted here. What comes with your job is managed by its owners."),
        ),
        [grant] if ending::may_end(table.house, table.who, grant).is_some() => {
            let title = table.house.catalog.title(&grant.order.entitlement);
            table.ending.push(grant.id);
            table.note(
                Card::note(format!("Thank you: “{title}” is being closed"))
                    .para("I tell you when it is. If that was a mistake, just ask for it again."),
            );
            table.show(Subject::Grant(grant.id), View::Own);
        }
        many => {
            table
                .note(Card::note("Which one are you done with?").para("Press “I'm done with it” on the one you mean."));
            for grant in many.iter().take(8) {
                table.show(Subject::Grant(grant.id), View::Own);
            }
        }
    }
    Ok(())
}

/// The requests a question is about: by reference, by name, or the newest.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn about(table: &Table<'_>, understood: &Understanding) -> Result<Vec<Request>, WorkflowError> {
    let house = table.house;
    let mut mine: BTreeMap<_, Request> = BTreeMap::new();
    for query in [
        RequestQuery { requester: Some(table.who.clone()), limit: 50, ..RequestQuery::default() },
        RequestQuery { beneficiary: Some(table.who.clone()), limit: 50, ..RequestQuery::default() },
    ] {
        for request in house.store.requests(&query).await? {
            mine.insert((std::cmp::Reverse(request.filed_at), request.id), request);
        }
    }
    let mut mine: Vec<Request> = mine.into_values().collect();
    if let Some(reference) = &understood.reference {
        return Ok(mine.into_iter().filter(|r| r.id.short().eq_ignore_ascii_case(reference)).collect());
    }
    match understood.intent {
        Intent::WhyDecision | Intent::Appeal => {
            let denied = |r: &Request| matches!(r.state, RequestState::Denied { .. });
            mine.sort_by_key(|r| !denied(r));
        }
        Intent::CancelRequest => mine.retain(|r| matches!(r.state, RequestState::Pending { .. })),
        _ => {}
    }
    let wanted: Vec<_> = understood.asks.iter().flat_map(|a| a.candidates.iter().map(|c| &c.entitlement)).collect();
    let named: Vec<Request> = mine.iter().filter(|r| wanted.contains(&&r.content.entitlement)).cloned().collect();
    Ok(if named.is_empty() { mine } else { named })
}

/// What happened to a request; also where it can be taken back or looked at again.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn status(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let requests = about(table, understood).await?;
    if requests.is_empty() {
        let said = match (&understood.reference, understood.intent) {
            (Some(reference), _) => format!("I find no request {reference} of yours"),
            (None, Intent::CancelRequest) => "You have no request that could be taken back".to_owned(),
            _ => "You have not asked for anything yet".to_owned(),
        };
        table.note(Card::note(said).para("Tell me what you need, for example “read access to the CRM until Friday”."));
        return Ok(());
    }
    let open = requests.iter().filter(|r| !r.state.is_final()).count();
    for request in requests.iter().take(open.clamp(1, 3)) {
        table.conversation.topic = Some(request.content.entitlement.clone());
        table.show(Subject::Request(request.id), View::Own);
    }
    Ok(())
}

/// What somebody holds.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn holdings(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let house = table.house;
    let whom = match &understood.for_whom {
        ForWhom::Speaker => table.who.clone(),
        ForWhom::Person { id } if visibility::may_see_person(house, table.who, id) => id.clone(),
        _ => {
            table.note(
                Card::note("That is not for me to tell")
                    .para("You can see what you hold yourself, and what people who report to you hold.")
                    .para("Ask their manager, or the security team."),
            );
            return Ok(());
        }
    };
    let own = whom == *table.who;
    let open = GrantQuery { beneficiary: Some(whom.clone()), open: true, ..GrantQuery::default() };
    let grants = house.store.grants(&open).await?;
    let zone = house.person(table.who)?.time_zone();
    let name = if own { "You".to_owned() } else { house.name(&whom) };
    // One line for each thing, however often it was given: a longer one that is being set up, or one that came with the job, too.
    let mut lines: Vec<(EntitlementId, Rich)> = Vec::new();
    let mut note = |id: &EntitlementId, how: Rich| match lines.iter_mut().find(|(known, _)| known == id) {
        Some((_, line)) => {
            line.extend(text("; "));
            line.extend(how);
        }
        None => {
            let mut line = vec![Inline::Strong { text: house.catalog.title(id) }];
            line.extend(text(" — "));
            line.extend(how);
            lines.push((id.clone(), line));
        }
    };
    for grant in &grants {
        let stands = match grant.state.name() {
            "ordered" => "being set up",
            other => other,
        };
        let mut how = text(format!("{stands}, until "));
        how.extend(words::until(grant.order.window, &zone));
        how.extend(text(" · "));
        how.push(Inline::Link {
            text: grant.order.request.short(),
            path: format!("/requests/{}", grant.order.request),
        });
        note(&grant.order.entitlement, how);
    }
    for holding in house.catalog.holdings.iter().filter(|h| h.person == whom) {
        note(&holding.entitlement, text(format!("comes with the job, since {}", holding.since)));
    }
    let items: Vec<Rich> = lines.into_iter().map(|(_, line)| line).collect();
    let verb = if own { "have" } else { "has" };
    let count = match items.len() {
        1 => "1 access".to_owned(),
        n => format!("{n} accesses"),
    };
    let mut card = Card::note(format!("{name} {verb} {count}"));
    if items.is_empty() {
        card = Card::note(format!("{name} {verb} no access yet"))
            .para("Nothing was granted here and nothing is on file from before.");
    }
    card.body.push(Section::List { items });
    if own && !grants.is_empty() {
        card = card.para("To give something back, say “I'm done with …”.");
    }
    table.note(card);
    Ok(())
}

/// Who would have to say yes, and who owns it.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn who_approves(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    let house = table.house;
    let named = understood.asks.first().and_then(|a| a.candidates.first()).map(|c| c.entitlement.clone());
    let Some(id) = named.or_else(|| table.conversation.topic.clone()) else {
        nothing_near(table, understood.asks.first().map(|a| a.phrase.as_str()));
        return Ok(());
    };
    let entitlement = house.entitlement(&id)?;
    let window = AccessWindow::lasting(house.now(), entitlement.default_window);
    let ask = Ask::plain(table.who, &id, window);
    let decision = evaluate::decide(house, &facts::gather(house, &ask).await?);
    let mut card = Card::note(format!("Who approves “{}”", entitlement.title));
    card.facts = words::what(house, &entitlement);
    card.facts.push(Fact { label: "If you asked now".into(), value: words::way(house, &decision) });
    for step in decision.route.outcome.steps() {
        if let Some(candidate) = step.candidates.first() {
            card.body.push(Section::Para {
                text: text(format!(
                    "{}: because {}.",
                    words::step(house, step),
                    helpdesk::decisions::seen_by_asker(&candidate.because, true)
                )),
            });
        }
    }
    card.facts.push(Fact { label: "Owned by".into(), value: text(words::any_of(house, &entitlement.owners)) });
    if let Some(choices) = understood.asks.first().filter(|a| a.confidence_bp < 7_000 && a.candidates.len() > 1) {
        let others: Vec<String> =
            choices.candidates.iter().skip(1).take(3).map(|c| house.catalog.title(&c.entitlement)).collect();
        card = card.para(format!("If you meant something else: {}.", others.join(", ")));
    }
    card.body.extend(words::rules(&decision));
    table.conversation.topic = Some(id);
    table.note(card);
    Ok(())
}

/// What waits for the speaker. Words decide nothing; the buttons do.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn waiting(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let query = RequestQuery { waiting_for: Some(table.who.clone()), open: true, limit: 10, ..RequestQuery::default() };
    let waiting = table.house.store.requests(&query).await?;
    if waiting.is_empty() {
        table.note(Card::note("Nothing waits for you").para("There is no request you are asked to decide."));
        return Ok(());
    }
    table.note(
        Card::note("Please use the buttons")
            .para("I do not take decisions from words, so that nobody's text can decide for you."),
    );
    for request in waiting.iter().take(5) {
        table.show(Subject::Request(request.id), View::Deciding);
    }
    Ok(())
}

/// Why somebody cannot sign in: no sign-in log is read here yet, so nothing is claimed.
///
/// # Errors
/// Never.
pub fn locked_out(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let mut card = Card::note("I cannot see sign-in events here")
        .para("No sign-in log is connected, so I do not know why you were locked out, and I will not guess.");
    let catalog = &table.house.catalog;
    let usual = || helpdesk::knowledge::find(catalog, helpdesk::deeds::Deed::Unlock.topic());
    if let Some(found) = helpdesk::knowledge::find(catalog, table.words).or_else(usual) {
        card.body.extend(words::article(&found.extract));
        card.footer = Some(text(format!("From the article {}", found.file)));
    }
    let card = card.para(format!("The helpdesk can look: {}.", helpers(table)));
    inquiries::answer(table, card, Given::new(Matter::LockoutUnexplained, Vec::new()))?;
    Ok(())
}

/// How something is done, from the articles; with the button that asks for it. What no article answers is counted as a gap, but for the way
/// to an access that the words name: that is here.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn how_to(table: &mut Table<'_>, understood: &Understanding) -> Result<(), WorkflowError> {
    how_to_in(table, understood, table.words).await
}

/// The same, for what the person's words come to.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn how_to_in(table: &mut Table<'_>, understood: &Understanding, asked: &str) -> Result<(), WorkflowError> {
    let house = table.house;
    let held = crate::workflow::converse::held(house, table.who).await?;
    let named = named(table, understood, asked);
    let Some(found) = helpdesk::knowledge::find(&house.catalog, asked) else {
        return match named {
            Some(id) => asked_for_here(table, &id, held.contains(&id)),
            None => no_article(table),
        };
    };
    let mut card = Card::note(found.title.clone());
    card.body = words::article(&found.extract);
    card.footer = Some(text(format!("From the article {}", found.file)));
    // Offered is what the answer itself speaks of, or what the person named; never all an article mentions.
    let mut offers = found.linked.clone();
    if offers.is_empty() {
        let asked = understood.asks.iter().flat_map(|a| a.candidates.iter().take(1));
        offers.extend(asked.map(|c| c.entitlement.clone()).filter(|id| found.entitlements.contains(id)));
    }
    if let Some(id) = named.filter(|id| !offers.contains(id)) {
        offers.insert(0, id);
    }
    offers.retain(|id| !held.contains(id));
    if let Some(first) = offers.first() {
        table.conversation.topic = Some(first.clone());
    }
    let given = Given { matter: Matter::Article { file: found.file.clone() }, evidence: vec![found.file], offers };
    inquiries::answer(table, card, given)?;
    Ok(())
}

/// No article answers: said so, a person offered, and the gap counted.
fn no_article(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    metrics::counter!("claviger_knowledge_gaps_total").increment(1);
    let card = Card::note("There is no article about that")
        .para("I looked and found none, so I will not make one up. The gap is noted.")
        .para(format!("A person can tell you: {}.", helpers(table)));
    inquiries::answer(table, card, Given::new(Matter::NoArticle, Vec::new()))?;
    Ok(())
}

/// What the words name clearly: a thing of the catalog whose own words hold all of theirs.
fn named(table: &Table<'_>, understood: &Understanding, asked: &str) -> Option<EntitlementId> {
    let house = table.house;
    let ask = understood.asks.first().filter(|a| a.confidence_bp >= crate::workflow::drafts::CHOSEN_BP)?;
    let id = &ask.candidates.first()?.entitlement;
    let entitlement = house.catalog.entitlement(id).filter(|e| e.assignable)?;
    let system = house.catalog.system_title(&entitlement.system);
    let said = format!("{} {} {} {system}", entitlement.title, entitlement.name, entitlement.aliases.join(" "));
    helpdesk::knowledge::names(&said, &ask.phrase, asked).then(|| id.clone())
}

/// The way to an access is to ask for it here.
fn asked_for_here(table: &mut Table<'_>, id: &EntitlementId, held: bool) -> Result<(), WorkflowError> {
    let house = table.house;
    let entitlement = house.entitlement(id)?;
    let mut card = if held {
        Card::note(format!("You have “{}” already", entitlement.title))
    } else {
        Card::note(format!("You ask for “{}” here", entitlement.title)).para(
            "Press the button, or say what you need, until when and what for. You see exactly what would be filed before anything is.",
        )
    };
    card.facts = words::what(house, &entitlement);
    card.facts.push(Fact { label: "Owned by".into(), value: text(words::any_of(house, &entitlement.owners)) });
    table.conversation.topic = Some(id.clone());
    let offers = if held { Vec::new() } else { vec![id.clone()] };
    let matter = Matter::Access { entitlement: id.clone() };
    inquiries::answer(table, card, Given { matter, evidence: vec![id.to_string()], offers })?;
    Ok(())
}

/// What can be asked for.
///
/// # Errors
/// Never.
pub fn browse(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let house = table.house;
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for entitlement in house.catalog.entitlements.values().filter(|e| e.assignable) {
        *counts.entry(entitlement.system.clone()).or_default() += 1;
    }
    let items = counts
        .iter()
        .map(|(system, n)| {
            let about = house.catalog.systems.get(system).map(|s| s.description.clone()).unwrap_or_default();
            vec![
                Inline::Strong { text: house.catalog.system_title(system) },
                Inline::Text {
                    text: format!(" — {about} ({n} {} of access)", if *n == 1 { "kind" } else { "kinds" })
                },
            ]
        })
        .collect();
    let mut card = Card::note("What you can ask for").para("Say it in your own words; these are the systems I know.");
    card.body.push(Section::List { items });
    table.note(card);
    Ok(())
}

/// What this is.
///
/// # Errors
/// Never.
pub fn help(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let say = |words: &str| -> Rich { text(words.to_owned()) };
    let mut card = Card::note("I get you access, or the reason why not").para(
        "Tell me what you need, until when and why. I show you exactly what I understood before anything is filed.",
    );
    card.body.push(Section::List {
        items: vec![
            say("“I need read access to the Q3 sales reports for EMEA until Friday, for the board deck”"),
            say("“make it two weeks” · “no, the staging one” · “for Ana”"),
            say("“what do I have?” · “I'm done with it” · “I need it a week longer”"),
            say("“what happened to my request?” · “why was I denied?” · “who approves the production database?”"),
            say(
                "“why was I locked out?” · “why can't I sign in?” · “how do I get VPN?” · “I want to talk to a person”",
            ),
        ],
    });
    table.note(card);
    Ok(())
}

/// A greeting or thanks.
///
/// # Errors
/// Never.
pub fn small_talk(table: &mut Table<'_>) -> Result<(), WorkflowError> {
    let name = table.house.person(table.who)?.first_name().to_owned();
    table.note(
        Card::note(format!("Hello {name}"))
            .para("Tell me what access you need; ask why you cannot sign in, or how something is done; or ask for a person.")
            .para("“What can you do?” shows examples."),
    );
    Ok(())
}

/// Something this desk does not do: what it does is said.
pub fn out_of_scope(table: &mut Table<'_>) {
    let mut card = Card::note("That is not something I can do").para("What I can do:");
    card.body.push(does());
    table.note(card.para("If you meant access to something, name the system."));
}

/// What this desk does, each with what one may say.
fn does() -> Section {
    let say = |words: &str| -> Rich { text(words.to_owned()) };
    Section::List {
        items: vec![
            say(
                "access: asking for it, deciding on it, giving it back, and why it went as it did — “I need the CRM until Friday”",
            ),
            say("signing in: why you were locked out and what to do now — “why can't I sign in?”"),
            say("how something is done, where an article says it — “how do I get VPN?”"),
            say("a person, for everything else — “I want to talk to a person”"),
        ],
    }
}

/// Words in another language than English.
pub fn not_english(table: &mut Table<'_>) {
    let mut card = Card::note("I read English").para(
        "I am sorry, I could not make out what you need. Please say it in English; short words will do. Bitte auf Englisch; ein Satz genügt.",
    );
    card.body.push(does());
    table.note(card);
}

/// Nothing could be made of it.
pub fn unclear(table: &mut Table<'_>) {
    table.note(
        Card::note("I did not understand that")
            .para("Say which access you need and until when, for example “read access to the CRM until Friday”; or ask “why can't I sign in?” or “how do I get VPN?”.")
            .para("“What can you do?” shows more; “I want to talk to a person” hands you to one."),
    );
}

/// Nothing near was found: said so, never the nearest match in silence.
pub fn nothing_near(table: &mut Table<'_>, phrase: Option<&str>) {
    let headline = match phrase.filter(|p| !p.trim().is_empty()) {
        Some(phrase) => {
            let short: String = phrase.chars().take(80).collect();
            format!("I find nothing like “{short}” in the catalog")
        }
        None => "What do you need access to?".to_owned(),
    };
    let mut card = Card::note(headline)
        .para("Name the system or what you want to do with it. “What can I ask for?” lists the systems; “I want to talk to a person” names one.");
    card.badge = Some(Badge { word: "Question".into(), tone: Tone::Info });
    table.note(card);
}

/// Says where what was found is not what the words want to do with it: too little, or more than a narrower one would be.
pub fn level(table: &mut Table<'_>, ask: &crate::understanding::types::Ask, chosen: Option<&EntitlementId>) {
    let house = table.house;
    let Some(wanted) = ask.level else { return };
    let of = |id: &EntitlementId| house.catalog.entitlement(id).cloned();
    let nearest = ask.candidates.iter().filter_map(|c| of(&c.entitlement));
    let enough = ask.candidates.iter().filter_map(|c| of(&c.entitlement)).any(|e| e.access >= wanted);
    if !enough && wanted > AccessLevel::Read {
        let names: Vec<String> = nearest.take(3).map(|e| format!("“{}”", e.title)).collect();
        table.note(
            Card::note(format!("I find nothing that lets you {} “{}”", doing(wanted), ask.phrase))
                .para(format!("The nearest you may ask for allow less: {}.", names.join(", "))),
        );
        return;
    }
    let Some(chosen) = chosen.and_then(of).filter(|e| e.access == AccessLevel::Admin) else { return };
    let narrower: Vec<String> = nearest
        .filter(|e| e.system == chosen.system && e.access < chosen.access)
        .take(2)
        .map(|e| format!("“{}”", e.title))
        .collect();
    if !narrower.is_empty() {
        table.note(Card::note("A narrower one may do").para(format!(
            "You asked to administer it, so that is what I put on the card. If less is enough, say so: {}.",
            narrower.join(" or ")
        )));
    }
}

/// What a level lets one do, as a verb.
fn doing(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::Read => "read",
        AccessLevel::Use => "use",
        AccessLevel::Write => "change",
        AccessLevel::Admin => "administer",
    }
}

/// The people of the helpdesk, by name and address.
#[must_use]
pub fn helpers(table: &Table<'_>) -> String {
    helpers_of(table.house)
}

/// The same, of a house.
#[must_use]
pub fn helpers_of(house: &House) -> String {
    let helpdesk = house.catalog.roles.helpdesk();
    let people: Vec<String> = house
        .catalog
        .directory
        .members(helpdesk)
        .filter(|p| p.is_employed())
        .take(3)
        .map(|p| format!("{} ({})", p.name, p.email))
        .collect();
    people.join(", ")
}
