//! The conversation.

use minijinja::context;

use axum::response::Response;

use crate::domain::conversation::{Author, Surface};
use crate::server::problem::Problem;
use crate::server::visit::{Act, Member, see_other};

/// The longest message, characters.
const WORDS: usize = 4000;

/// The page of the conversation.
///
/// # Errors
/// [`Problem`] where it cannot be shown.
pub async fn page(mut member: Member) -> Result<Response, Problem> {
    let told = member.house.state.desk.messages(&member.person.id, Surface::Web, None).await;
    let messages = match told {
        Ok(messages) => messages,
        Err(error) => return Err(member.problem(error, "/chat").await),
    };
    // What a click said here stands in the conversation already.
    member.session.data.flash.retain(|flash| !messages.iter().rev().take(12).any(|m| m.card.as_ref() == Some(flash)));
    let zone = member.person.time_zone();
    let mut shown = Vec::with_capacity(messages.len());
    let mut day = String::new();
    for message in &messages {
        let local = message.at.to_zoned(zone.clone());
        let this_day = local.strftime("%A, %-d %B %Y").to_string();
        let new_day = (this_day != day).then(|| this_day.clone());
        day = this_day;
        let id = format!("m-{}", message.id);
        let card = match &message.card {
            Some(card) => Some(member.card(card, &format!("{id}-card"), 2, "/chat")?),
            None => None,
        };
        shown.push(context! {
            id,
            mine => message.author == Author::Person,
            words => message.words.clone(),
            erased => message.words.is_none() && message.card.is_none(),
            card,
            day => new_day,
            at => message.at.to_string(),
            time => local.strftime("%H:%M").to_string(),
        });
    }
    let page = context! {
        messages => shown,
        first_name => member.person.first_name(),
        suggestions => member.house.state.suggestions.clone(),
        once => member.house.reference(),
        longest => WORDS,
    };
    member.page("chat", "Chat", "chat.html", page).await
}

/// Somebody says something.
///
/// # Errors
/// [`Problem`] where it was not taken.
pub async fn say(act: Act) -> Result<Response, Problem> {
    let Act { member, fields } = act;
    let words = fields.get("words").trim();
    if words.is_empty() {
        return Ok(see_other("/chat#end"));
    }
    if words.chars().count() > WORDS {
        return Err(member.problem(Problem::too_large(), "/chat").await);
    }
    let once = Some(fields.get("once")).filter(|once| !once.is_empty() && once.len() <= 64);
    match member.house.state.desk.say(&member.person.id, Surface::Web, words, once).await {
        Ok(_) => Ok(see_other("/chat#end")),
        Err(error) => Err(member.problem(error, "/chat").await),
    }
}
