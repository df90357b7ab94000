//! What the helpdesk's page shows: what became of the questions people asked, what no article answers, and what waits.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::deflection::{measure, questions};
use crate::domain::ids::PersonId;
use crate::helpdesk::triage;
use crate::ports::desk::HelpdeskView;
use crate::ports::store::TicketQuery;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{cards, standing, tickets};

/// How far back the page looks.
const SPAN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most questions without an article that are listed.
const GAPS: usize = 50;
/// The longest question listed, in characters.
const LONGEST: usize = 200;

/// What this person may see of it.
///
/// # Errors
/// [`WorkflowError::NotFound`] for everybody whose part does not open it by policy.
pub async fn view(house: &House, who: &PersonId) -> Result<HelpdeskView, WorkflowError> {
    house.person(who)?;
    if !standing::opens_helpdesk_page(house, who) {
        return Err(WorkflowError::NotFound("page"));
    }
    let verbatim = standing::reads_words(house, who);
    let now = house.now();
    let from = now.checked_sub(SPAN).unwrap_or(Timestamp::MIN);
    let events = house.store.inquiries(from).await?;
    // A question asked before the span and settled in it begins in the middle: it is left out.
    let begun: Vec<_> = events.iter().map(|e| &e.event).collect();
    let known: std::collections::BTreeSet<_> = begun.iter().filter(|e| e.version == 1).map(|e| e.stream).collect();
    let asked = questions(begun.into_iter().filter(|e| known.contains(&e.stream)))?;
    let deflection = measure(&asked, now);
    let mut gaps: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for (n, text) in deflection.gaps.iter().enumerate().rev().take(GAPS) {
        if let Some(text) = house.store.text(*text).await? {
            // What somebody wrote may name others: whoever does not help them reads what it is about, and how often.
            let words: String = if verbatim {
                text.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
            } else {
                format!("about {}", triage::suggest(&text.body, None, None).category.words())
            };
            let entry = gaps.entry(words).or_insert((0, n));
            entry.0 += 1;
        }
    }
    let mut gaps: Vec<(u64, usize, String)> = gaps.into_iter().map(|(words, (count, n))| (count, n, words)).collect();
    gaps.sort_by_key(|(count, n, _)| std::cmp::Reverse((*count, *n)));
    let mut open = Vec::new();
    let query = TicketQuery { open: true, limit: 100, ..TicketQuery::default() };
    for ticket in house.store.tickets(&query).await? {
        // Whoever sees to others' tickets sees their own as their own, on their own pages.
        if ticket.content.person != *who && tickets::may_see(house, who, &ticket) {
            open.push(cards::ticket::draw(house, &ticket, who).await?);
        }
    }
    let gaps = gaps.into_iter().map(|(count, _, words)| (count, words)).collect();
    Ok(HelpdeskView { deflection, gaps, tickets: open })
}
