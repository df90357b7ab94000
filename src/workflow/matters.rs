//! Whether somebody who asks for a person speaks of a matter that a person has already, or of a new one.
//!
//! Told by what the open tickets are about, never by the day alone: somebody who was locked out in the morning and asks about parking at noon
//! has two matters.

use crate::domain::ids::TextId;
use crate::domain::inquiry::{Inquiry, Matter};
use crate::domain::ticket::{Category, Cause, Ticket};
use crate::helpdesk::triage::suggest;
use crate::understanding::normalise::fold;
use crate::understanding::types::Understanding;
use crate::workflow::converse::Table;
use crate::workflow::error::WorkflowError;
use crate::workflow::house::House;
use crate::workflow::{inquiries, tickets};

/// A ticket for this matter that is open already.
pub enum Known {
    /// Nothing new was asked since.
    Same(Ticket),
    /// The same was asked again since, and not settled.
    Again(Ticket),
}

/// The open ticket for what is spoken of now: what was asked a moment ago, else what the words themselves say. `None` where it is new.
///
/// # Errors
/// Where the store cannot be reached.
pub async fn known(
    table: &Table<'_>,
    understood: &Understanding,
    before: Option<&Inquiry>,
) -> Result<Option<Known>, WorkflowError> {
    let house = table.house;
    let open = tickets::open_ones(house, table.who, table.conversation.id).await?;
    let Some(newest) = open.first() else { return Ok(None) };
    let about = named(table.words);
    if let Some(before) = before.filter(|_| about.is_none()) {
        for ticket in &open {
            let Some(asked) = asked(house, ticket).await? else { continue };
            if asked.id == before.id {
                return Ok(Some(Known::Same(ticket.clone())));
            }
            if same(house, &asked, before).await? {
                return Ok(Some(Known::Again(ticket.clone())));
            }
        }
        return Ok(None);
    }
    let category = suggest(table.words, Some(understood.intent), Some(Cause::Asked)).category;
    if let Some(about) = about {
        // Said in so many words: the ticket of that category, or the one that was asked for in the same words.
        for ticket in &open {
            let of_it = category != Category::Other && ticket.content.category == category;
            let asked = asked(house, ticket).await?.map(|i| i.answer.question);
            if of_it || named(&words(house, asked).await?).as_deref() == Some(about.as_str()) {
                return Ok(Some(Known::Same(ticket.clone())));
            }
        }
        return Ok(None);
    }
    // What was put on the table since is a matter of its own.
    if table.conversation.on_table().any(|draft| draft.at > newest.raised_at) {
        return Ok(None);
    }
    let of_it = open.iter().find(|t| category == Category::Other || t.content.category == category);
    Ok(of_it.cloned().map(Known::Same))
}

/// The question a ticket came from.
async fn asked(house: &House, ticket: &Ticket) -> Result<Option<Inquiry>, WorkflowError> {
    match ticket.content.inquiry {
        Some(id) => inquiries::load(house, id).await,
        None => Ok(None),
    }
}

async fn words(house: &House, text: Option<TextId>) -> Result<String, WorkflowError> {
    match text {
        Some(id) => Ok(house.store.text(id).await?.map(|t| t.body).unwrap_or_default()),
        None => Ok(String::new()),
    }
}

/// True where two questions are about the same.
async fn same(house: &House, a: &Inquiry, b: &Inquiry) -> Result<bool, WorkflowError> {
    let signing_in = |m: &Matter| matches!(m, Matter::Lockout { .. } | Matter::LockoutUnexplained | Matter::Notice);
    let (one, other) = (&a.answer.matter, &b.answer.matter);
    if signing_in(one) && signing_in(other) {
        return Ok(true);
    }
    Ok(match (one, other) {
        // What no article answers is the same only where it was asked in the same words.
        (Matter::NoArticle, Matter::NoArticle) => {
            let (one, other) =
                (words(house, Some(a.answer.question)).await?, words(house, Some(b.answer.question)).await?);
            !one.is_empty() && plain(&one) == plain(&other)
        }
        (Matter::Person, _) | (_, Matter::Person) => false,
        (one, other) => one == other,
    })
}

/// What the words say it is about: whatever follows "about". `None` where they say nothing, or only "it".
fn named(words: &str) -> Option<String> {
    const ABOUT: &[&str] = &["about", "regarding", "concerning", "because"];
    const NOTHING: &[&str] = &[
        "it", "this", "that", "them", "the", "same", "please", "thing", "matter", "now", "again", "of", "my", "issue",
        "problem",
    ];
    let plain = plain(words);
    let rest: Vec<&str> = plain.split(' ').skip_while(|w| !ABOUT.contains(w)).skip(1).collect();
    rest.iter().any(|w| !NOTHING.contains(w) && !w.is_empty()).then(|| rest.join(" "))
}

fn plain(words: &str) -> String {
    fold(words).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_about_is_what_follows_about() {
        assert_eq!(named("I want to talk to a person about my parking permit").as_deref(), Some("my parking permit"));
        for words in ["talk to a human", "I want to talk to a person about it, please", "hand it to a person", ""] {
            assert_eq!(named(words), None, "{words}");
        }
    }
}
