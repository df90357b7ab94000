//! What waits, what one has, and a request with its story.

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use crate::chat::web::render::{RenderError, element_id};
use crate::domain::card::Card;
use crate::domain::ids::RequestId;
use crate::server::problem::Problem;
use crate::server::visit::Member;

/// What waits for this person.
///
/// # Errors
/// [`Problem`] where it cannot be shown.
pub async fn inbox(member: Member) -> Result<Response, Problem> {
    let inbox = match member.house.state.desk.inbox(&member.person.id).await {
        Ok(inbox) => inbox,
        Err(error) => return Err(member.problem(error, "/inbox").await),
    };
    let page = context! {
        decisions => cards(&member, &inbox.decisions, "decision", "/inbox")?,
        tasks => cards(&member, &inbox.tasks, "task", "/inbox")?,
    };
    member.page("inbox", "Inbox", "inbox.html", page).await
}

/// What this person has and asked for.
///
/// # Errors
/// [`Problem`] where it cannot be shown.
pub async fn mine(member: Member) -> Result<Response, Problem> {
    let mine = match member.house.state.desk.mine(&member.person.id).await {
        Ok(mine) => mine,
        Err(error) => return Err(member.problem(error, "/mine").await),
    };
    let page = context! {
        access => cards(&member, &mine.access, "access", "/mine")?,
        requests => cards(&member, &mine.requests, "request", "/mine")?,
    };
    member.page("mine", "My access", "mine.html", page).await
}

/// A request with its whole story.
///
/// # Errors
/// [`Problem`] where there is none, or it is not for this person to know.
pub async fn request(member: Member, Path(id): Path<String>) -> Result<Response, Problem> {
    let Ok(id) = id.parse::<RequestId>() else { return Err(member.problem(Problem::not_found(), "/mine").await) };
    let card = match member.house.state.desk.request(&member.person.id, id).await {
        Ok(card) => card,
        Err(error) => return Err(member.problem(error, "/mine").await),
    };
    let back = format!("/requests/{id}");
    let page = context! { card => member.card(&card, "request", 1, &back)?, short => id.short() };
    let title = card.headline.clone();
    member.page("mine", &title, "request.html", page).await
}

/// Cards with the names of their elements, unique on the page.
fn cards(member: &Member, cards: &[Card], sort: &str, back: &str) -> Result<Vec<Value>, RenderError> {
    let mut drawn = Vec::with_capacity(cards.len());
    for (n, card) in cards.iter().enumerate() {
        let id = card.key.as_ref().map_or_else(|| format!("{sort}-{n}"), |key| format!("{sort}-{}", element_id(key)));
        drawn.push(context! { id => format!("{id}-item"), card => member.card(card, &id, 3, back)? });
    }
    Ok(drawn)
}
