//! Adding and removing passkeys. Only somebody who proved a short while ago that it is them may, so that a session left open makes no
//! passkey for whoever finds it.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::domain::card::Card;
use crate::server::confirm::{not_asked, not_made};
use crate::server::problem::Problem;
use crate::server::session::Ceremony;
use crate::server::visit::{Act, Member, see_other};

/// What a ceremony that makes a passkey is about.
const MAKING: &str = "a new passkey";
/// The most characters of a passkey's name.
const NAME: usize = 60;

fn fresh(member: &Member) -> Result<(), Problem> {
    if member.is_fresh() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "To change your passkeys, sign in again first.",
        "Go back, choose “Sign in again”, and come back here within ten minutes. Nothing was changed.",
    ))
}

/// What to ask the browser's authenticator for.
///
/// # Errors
/// [`Problem`] where they did not prove of late that it is them.
pub async fn options(act: Act) -> Result<Response, Problem> {
    let Act { mut member, .. } = act;
    fresh(&member)?;
    let own = member.house.identity()?.passkeys(&member.person.id).await?;
    let site = member.house.site().ok_or_else(Problem::not_found)?;
    let asked = site.begin_making(&member.person, &own).map_err(not_made)?;
    member.session.data.ceremony = Some(Ceremony { state: asked.state, about: MAKING.to_owned() });
    member.session.keep(&member.house).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], asked.options).into_response())
}

/// Adds a passkey.
///
/// # Errors
/// [`Problem`] where it was not added.
pub async fn add(act: Act) -> Result<Response, Problem> {
    let Act { mut member, fields } = act;
    let begun = member.session.data.ceremony.take().filter(|c| c.about == MAKING);
    // Taken out before it is used: a challenge is answered once.
    member.session.keep(&member.house).await?;
    match added(&member, begun, fields.get("answer"), fields.get("name")).await {
        Ok(()) => {
            let card = Card::note("Passkey added").para("From now on you can confirm decisions with it.");
            member.session.say_later(vec![card]);
            member.session.keep(&member.house).await?;
            Ok(see_other("/accounts"))
        }
        Err(problem) => Err(member.problem(problem, "/accounts").await),
    }
}

async fn added(member: &Member, begun: Option<Ceremony>, answer: &str, name: &str) -> Result<(), Problem> {
    fresh(member)?;
    let site = member.house.site().ok_or_else(Problem::not_found)?;
    let begun = begun.ok_or_else(not_asked)?;
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME).collect();
    let name = if name.is_empty() { "My passkey".to_owned() } else { name };
    let now = member.house.state.clock.now();
    let passkey = site.finish_making(&begun.state, answer, &member.person, &name, now).map_err(not_made)?;
    Ok(member.house.identity()?.add_passkey(passkey).await?)
}

/// Takes a passkey away.
///
/// # Errors
/// [`Problem`] where it stays.
pub async fn remove(act: Act) -> Result<Response, Problem> {
    let Act { mut member, fields } = act;
    let Ok(digest) = fields.get("passkey").parse() else {
        return Err(member.problem(Problem::not_found(), "/accounts").await);
    };
    if let Err(problem) = fresh(&member) {
        return Err(member.problem(problem, "/accounts").await);
    }
    if let Err(error) = member.house.identity()?.remove_passkey(&member.person.id, digest).await {
        return Err(member.problem(error, "/accounts").await);
    }
    member.session.say_later(vec![Card::note("Passkey removed").para("It no longer confirms anything for you here.")]);
    member.session.keep(&member.house).await?;
    Ok(see_other("/accounts"))
}
