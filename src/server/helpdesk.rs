//! The helpdesk's page: what became of people's questions, as bars and as JSON, what no article answers, and open tickets. And a ticket
//! by itself.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use minijinja::{Value, context};

use crate::domain::action::Subject;
use crate::domain::card::{CardKey, View};
use crate::domain::deflection::Tally;
use crate::domain::ids::TicketId;
use crate::ports::desk::HelpdeskView;
use crate::server::problem::Problem;
use crate::server::visit::Member;

/// The page.
///
/// # Errors
/// [`Problem`] where it is not for this person.
pub async fn page(member: Member) -> Result<Response, Problem> {
    let view = view(&member).await?;
    let all = &view.deflection.all;
    let by_matter = view.deflection.by_matter.iter();
    let sorts: Vec<Value> = by_matter
        .map(|(name, tally)| context! { name => sort(name), bars => bars(tally), questions => tally.questions })
        .collect();
    let mut tickets = Vec::new();
    for (n, card) in view.tickets.iter().enumerate() {
        tickets.push(member.card(card, &format!("ticket-{n}"), 3, "/helpdesk")?);
    }
    let gaps: Vec<Value> = view.gaps.iter().map(|(count, words)| context! { count, words }).collect();
    let page = context! {
        questions => all.questions, answered => all.answered, bars => bars(all), sorts, gaps, tickets,
        confirmed => percent(all.confirmed_bp),
    };
    member.page("helpdesk", "Helpdesk", "helpdesk.html", page).await
}

/// The figures as JSON.
///
/// # Errors
/// [`Problem`] where they are not for this person.
pub async fn json(member: Member) -> Result<Response, Problem> {
    let view = view(&member).await?;
    Ok(Json(view.deflection).into_response())
}

/// A ticket, for whoever may see it.
///
/// # Errors
/// [`Problem`] where there is none, or it is not for this person to know.
pub async fn ticket(member: Member, Path(id): Path<String>) -> Result<Response, Problem> {
    let Ok(id) = id.parse::<TicketId>() else { return Err(member.problem(Problem::not_found(), "/mine").await) };
    let key = CardKey { subject: Subject::Ticket(id), view: View::Own };
    let card = match member.house.state.desk.draw(&member.person.id, key).await {
        Ok(card) => card,
        Err(error) => return Err(member.problem(error, "/mine").await),
    };
    let back = format!("/tickets/{id}");
    let title = card.headline.clone();
    let page = context! { card => member.card(&card, "ticket", 1, &back)?, short => id.short() };
    member.page("mine", &title, "request.html", page).await
}

async fn view(member: &Member) -> Result<HelpdeskView, Problem> {
    match member.house.state.desk.helpdesk(&member.person.id).await {
        Ok(view) => Ok(view),
        Err(error) => Err(member.problem(error, "/chat").await),
    }
}

/// Hundredths of a percent for people to read: "25", "33.33".
fn percent(hundredths: u64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest => format!("{}.{rest:02}", hundredths / 100),
    }
}

/// What questions of a sort are about, as a heading. A sort nobody named here is shown by its own name.
fn sort(name: &str) -> String {
    let heading = match name {
        "article" => "How something is done",
        "no_article" => "How something is done, without an article",
        "access" => "Access",
        "lockout" => "Sign-ins, explained",
        "lockout_unexplained" => "Sign-ins the record does not explain",
        "decision" => "Why something was decided",
        "refused" => "Why something was refused",
        "others" => "What others have",
        "person" => "Asked for a person",
        other => return other.replace('_', " "),
    };
    heading.to_owned()
}

/// One bar for each way a question can end; together they are the whole.
fn bars(tally: &Tally) -> Vec<Value> {
    let ways = [
        ("Confirmed helpful", tally.helpful, true),
        ("Reopened", tally.reopened, false),
        ("Said not to help", tally.not_helped, false),
        ("Handed to a person", tally.handed_over, false),
        ("Abandoned: never heard of again", tally.abandoned, false),
        ("Too early to say", tally.pending, false),
    ];
    ways.into_iter()
        .map(|(label, count, favour)| {
            // Whole percent, for the picture only; the number stands beside it.
            let width = (count * 100).checked_div(tally.questions).unwrap_or(0);
            context! { label, count, width, favour }
        })
        .collect()
}
