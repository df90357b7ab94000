//! Clicks: every button of every card posts here.

use axum::response::Response;

use crate::domain::action::ActionToken;
use crate::domain::card::{Card, Inline, Section};
use crate::domain::conversation::Surface;
use crate::ports::desk::DeskErrorKind;
use crate::server::problem::Problem;
use crate::server::visit::{Act, see_other};

/// Somebody clicks a button.
///
/// # Errors
/// [`Problem`] where it was not done; with the card as it stands where the click came too late.
pub async fn click(act: Act) -> Result<Response, Problem> {
    let Act { mut member, fields } = act;
    let back = fields.back().to_owned();
    let token = ActionToken(fields.get("token").to_owned());
    match member.house.state.desk.click(&member.person.id, Surface::Web, &token, &fields.inputs()).await {
        Ok(reply) => {
            member.session.say_later(reply.cards);
            member.session.keep(&member.house).await?;
            Ok(see_other(if back == "/chat" { "/chat#end" } else { &back }))
        }
        Err(error) if error.kind == DeskErrorKind::StepUp => match error.fresh.as_deref().and_then(confirming) {
            Some(path) => Ok(see_other(path)),
            None => Err(member.problem(error, &back).await),
        },
        Err(error) => Err(member.problem(error, &back).await),
    }
}

/// The confirming link on a card that asks for it.
fn confirming(card: &Card) -> Option<&str> {
    card.body.iter().find_map(|section| match section {
        Section::Para { text } => text.iter().find_map(|part| match part {
            Inline::Link { path, .. } if path.starts_with("/confirm/") => Some(path.as_str()),
            _ => None,
        }),
        _ => None,
    })
}
