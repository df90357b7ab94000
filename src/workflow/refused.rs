//! "Why was I denied?" about what was never filed: the read-back said that the rules do not allow it, so there is no request to explain. What
//! is told is what the rules say now, each with its id, what would change it, and whom to ask.

use crate::domain::card::{Badge, Card, Fact, Inline, Section, Tone, text};
use crate::domain::conversation::{Draft, DraftState};
use crate::domain::decision::{Decision, Outcome};
use crate::domain::facts::DecisionFacts;
use crate::domain::ids::{EntitlementId, PersonId};
use crate::domain::inquiry::Matter;
use crate::domain::window::AccessWindow;
use crate::understanding::normalise::fold;
use crate::workflow::answers;
use crate::workflow::cards::draft::decided;
use crate::workflow::cards::words;
use crate::workflow::converse::Table;
use crate::workflow::desk::SURFACES;
use crate::workflow::error::WorkflowError;
use crate::workflow::evaluate;
use crate::workflow::facts::{self, Ask};
use crate::workflow::house::House;
use crate::workflow::inquiries::{self, Given};

/// How many drafts are looked at, the newest.
const LOOKED_AT: usize = 8;

/// What is to be explained: a draft, or what was named, as the rules see it now.
pub struct Case {
    /// The draft, where there is one.
    pub draft: Option<Draft>,
    what: EntitlementId,
    whom: PersonId,
    facts: DecisionFacts,
    decision: Decision,
}

impl Case {
    /// True where the rules refuse it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.decision.route.outcome == Outcome::Denied
    }
}

/// True for a bare "why?" or "why not?", which means what was said last.
#[must_use]
pub fn asks_barely(words: &str) -> bool {
    const BARE: &[&str] = &[
        "why",
        "why not",
        "but why",
        "but why not",
        "and why",
        "and why not",
        "why is that",
        "why so",
        "how come",
        "how so",
        "why no",
        "why denied",
        "why refused",
        "why not allowed",
        "why is it not allowed",
        "why isnt it allowed",
        "why is that not allowed",
        "why isnt that allowed",
        "why is this not allowed",
        "why isnt this allowed",
        "what is the reason",
        "what would change it",
        "what would change that",
        "what would change this",
        "what would have to change",
        "what has to change",
        "what can i change",
        "how could that change",
        "what can i do about it",
        "whats the reason",
    ];
    let folded = fold(words).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    BARE.contains(&plain.join(" ").as_str())
}

/// True where words ask why something may not be had.
#[must_use]
pub fn asks_why_not(words: &str) -> bool {
    const NOT: &[&str] = &[
        "not",
        "cannot",
        "never",
        "no",
        "denied",
        "refused",
        "rejected",
        "declined",
        "forbidden",
        "blocked",
        "stopped",
        "impossible",
    ];
    let folded = fold(words).replace(['\'', '’', '`'], "");
    folded
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| NOT.contains(&w) || (w.len() > 3 && w.ends_with("nt") && w != "want"))
}

/// The newest draft that the rules refuse: of this conversation, else of this person's others; of what is named, where something is.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn newest(table: &Table<'_>, named: Option<&EntitlementId>) -> Result<Option<Case>, WorkflowError> {
    let house = table.house;
    let here = candidates(&table.conversation.drafts, named);
    if let Some(found) = first_refused(house, table.who, here).await? {
        return Ok(Some(found));
    }
    let mut elsewhere: Vec<Draft> = Vec::new();
    for surface in SURFACES.into_iter().filter(|s| *s != table.conversation.surface) {
        if let Some(conversation) = house.store.conversation_of(table.who, surface).await? {
            elsewhere.extend(candidates(&conversation.drafts, named));
        }
    }
    elsewhere.sort_by_key(|d| std::cmp::Reverse(d.at));
    first_refused(house, table.who, elsewhere).await
}

/// Drafts that were not filed, newest first.
fn candidates(drafts: &[Draft], named: Option<&EntitlementId>) -> Vec<Draft> {
    let unfiled = |d: &&Draft| !matches!(d.state, DraftState::Filed { .. });
    let meant = |d: &&Draft| d.entitlement.as_ref().is_some_and(|id| named.is_none_or(|named| named == id));
    drafts.iter().rev().filter(unfiled).filter(meant).cloned().collect()
}

async fn first_refused(house: &House, who: &PersonId, drafts: Vec<Draft>) -> Result<Option<Case>, WorkflowError> {
    for draft in drafts.into_iter().take(LOOKED_AT) {
        if let Some(case) = of_draft(house, who, draft).await?.filter(Case::is_refused) {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

/// What lies on the table, as the rules see it now; `None` where nothing does, or it is not clear what it asks for.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn on_table(table: &Table<'_>) -> Result<Option<Case>, WorkflowError> {
    let Some(draft) = table.conversation.on_table().next_back().cloned() else { return Ok(None) };
    of_draft(table.house, table.who, draft).await
}

async fn of_draft(house: &House, who: &PersonId, draft: Draft) -> Result<Option<Case>, WorkflowError> {
    // What has gone from the catalog since is no case any more.
    let Some(id) = draft.entitlement.clone().filter(|id| house.catalog.entitlement(id).is_some()) else {
        return Ok(None);
    };
    let (facts, decision) = decided(house, &draft, &id, who).await?;
    Ok(Some(Case { what: id, whom: draft.beneficiary.clone(), facts, decision, draft: Some(draft) }))
}

/// What was named, as if the speaker asked for it now.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn as_if_asked(table: &Table<'_>, id: &EntitlementId) -> Result<Case, WorkflowError> {
    let house = table.house;
    let entitlement = house.entitlement(id)?;
    let ask = Ask {
        requester: table.who,
        beneficiary: table.who,
        entitlement: id,
        window: AccessWindow::lasting(house.now(), entitlement.default_window),
        reason_given: true,
        emergency: None,
        confirmed: true,
        existing: None,
        extends: None,
        appeal_against: None,
    };
    let facts = facts::gather(house, &ask).await?;
    let decision = evaluate::decide(house, &facts);
    Ok(Case { draft: None, what: id.clone(), whom: table.who.clone(), facts, decision })
}

/// Tells a case: what the rules say, what would change it, whom to ask.
///
/// # Errors
/// Where the catalog no longer holds what it is about.
pub fn tell(table: &mut Table<'_>, case: &Case) -> Result<(), WorkflowError> {
    let house = table.house;
    let entitlement = house.entitlement(&case.what)?;
    let title = &entitlement.title;
    let refused = case.is_refused();
    let mut card = match refused {
        true => Card::note(format!("Why “{title}” is not allowed")),
        false => Card::note(format!("How “{title}” would go")),
    };
    if refused {
        card.badge = Some(Badge { word: "Not allowed".into(), tone: Tone::Danger });
    }
    card.facts = words::what(house, &entitlement);
    if case.whom != *table.who {
        card.facts.push(Fact { label: "For".into(), value: vec![words::person(house, &case.whom)] });
    }
    card = card.para(match (case.draft.is_some(), refused) {
        (true, true) => "Nothing was filed, so nobody said no: the rules refuse it. This is what they say of it now.",
        (false, true) => {
            "You have not asked for it here. If you did now, the rules would refuse it; no person would be asked."
        }
        (true, false) => "Nothing was filed yet, and nothing was refused. This is what the rules say of it now.",
        (false, false) => "You have not asked for it here, and the rules would not refuse it.",
    });
    card.body.extend(words::rules(&case.decision));
    if refused {
        card.body.push(Section::Para { text: text("What would change it:") });
        card.body.push(Section::List { items: changes(table, case).into_iter().map(text).collect() });
        card = card.para(format!(
            "Whom to ask: {} for the access, {} for the rule. I cannot make an exception, whatever is said to me.",
            words::any_of(house, &entitlement.owners),
            group(house),
        ));
    } else {
        card.facts.push(Fact { label: "If you asked now".into(), value: words::way(house, &case.decision) });
    }
    card.body.push(words::factors(&case.decision.assessment));
    let mut footer = text("Rules: ");
    let mut rules: Vec<String> = case.decision.route.findings.iter().map(|f| f.rule.to_string()).collect();
    rules.dedup();
    for (n, rule) in rules.iter().enumerate() {
        if n > 0 {
            footer.extend(text(", "));
        }
        footer.push(Inline::Code { text: rule.clone() });
    }
    footer.extend(text(format!(" · policy {}", case.decision.policy.short())));
    if !rules.is_empty() {
        card.footer = Some(footer);
    }
    let mut evidence = rules;
    evidence.push(case.what.to_string());
    table.conversation.topic = Some(case.what.clone());
    let offers = if refused || case.draft.is_some() { Vec::new() } else { vec![case.what.clone()] };
    let matter = if refused {
        Matter::Refused { entitlement: case.what.clone() }
    } else {
        Matter::Access { entitlement: case.what.clone() }
    };
    inquiries::answer(table, card, Given { matter, evidence, offers })?;
    Ok(())
}

/// What each rule that refuses would need.
fn changes(table: &Table<'_>, case: &Case) -> Vec<String> {
    let house = table.house;
    let own = case.whom == *table.who;
    let mut said = Vec::new();
    let conflicts = case.decision.verdict.conflicts.iter().filter(|c| !c.excepted);
    let mut told: Vec<String> = Vec::new();
    for conflict in conflicts {
        let refuses = case.decision.route.findings.iter().any(|f| f.rule == conflict.rule && f.requirement.deny);
        if !refuses {
            continue;
        }
        told.push(conflict.rule.to_string());
        let other = |h: &&crate::domain::facts::HeldFunction| {
            let named = format!("{} by {}", h.function, h.entitlement);
            conflict.with.split(", ").any(|part| part.ends_with(&named))
        };
        let others: Vec<_> = case.facts.functions.iter().filter(other).collect();
        let mut titles: Vec<String> =
            others.iter().map(|h| format!("“{}”", house.catalog.title(&h.entitlement))).collect();
        titles.dedup();
        let pending = !others.is_empty() && others.iter().all(|h| h.pending);
        let side = titles.join(" and ");
        said.push(match (titles.is_empty(), own) {
            (true, _) => format!(
                "{}: it brings both sides of the rule with it, so only an exception to the rule would.",
                conflict.rule
            ),
            (false, true) if pending => format!(
                "{}: you have asked for {side}, which is the other side. Without that request this one is not refused by it.",
                conflict.rule
            ),
            (false, true) => format!(
                "{}: you hold {side}, which is the other side. Once that is given back this is not refused by it; or somebody else \
                 does one of the two.",
                conflict.rule
            ),
            (false, false) => format!(
                "{}: whoever it is for has the other side, {side}. Without that this is not refused by it; or somebody else does one of \
                 the two.",
                conflict.rule
            ),
        });
    }
    for finding in case.decision.route.findings.iter().filter(|f| f.requirement.deny) {
        let rule = finding.rule.to_string();
        if !told.contains(&rule) {
            said.push(format!("{rule}: what the rule names above would have to be otherwise."));
            told.push(rule);
        }
    }
    if said.is_empty() {
        said.push("I cannot tell from the rules; the people below can.".to_owned());
    }
    said
}

/// Who answers for the rules, by name; the helpdesk where nobody is named.
fn group(house: &House) -> String {
    let people: Vec<PersonId> = house
        .catalog
        .directory
        .members(&house.catalog.roles.compliance)
        .filter(|p| p.is_employed())
        .map(|p| p.id.clone())
        .collect();
    if people.is_empty() {
        answers::helpers_of(house)
    } else {
        format!("{} (compliance)", words::any_of(house, &people))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_why_is_told_from_a_whole_question() {
        for words in ["why not?", "Why?", "but why", "Why isn’t it allowed?"] {
            assert!(asks_barely(words), "{words}");
        }
        for words in ["why was I locked out?", "why not the other one", "", "no"] {
            assert!(!asks_barely(words), "{words}");
        }
        for words in ["why can't I release payments?", "why was I refused", "why am I not allowed to"] {
            assert!(asks_why_not(words), "{words}");
        }
        assert!(!asks_why_not("why did it go to security? I want to know"));
    }
}
