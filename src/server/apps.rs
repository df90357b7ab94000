//! The demo's own application: a room behind every entitlement, which really opens and closes.

use axum::extract::Path;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::domain::ids::EntitlementId;
use crate::server::doors::invented_figures;
use crate::server::problem::Problem;
use crate::server::visit::Member;

/// Every door, open ones first.
///
/// # Errors
/// [`Problem`] where there is no such application.
pub async fn list(member: Member) -> Result<Response, Problem> {
    let Some(keeper) = member.house.state.doors.clone() else {
        return Err(member.problem(Problem::not_found(), "/chat").await);
    };
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for door in keeper.doors() {
        let may = keeper.may(&member.person.id, &door.entitlement).await;
        let row = context! {
            path => path(&door.entitlement), title => door.title, about => door.about, open => may,
            id => format!("door-{}", door.entitlement),
        };
        if may { open.push(row) } else { closed.push(row) }
    }
    let opened = open.len();
    open.append(&mut closed);
    member.page("apps", "Applications", "apps.html", context! { doors => open, opened }).await
}

/// One room, or its closed door.
///
/// # Errors
/// [`Problem`] where there is no such door.
pub async fn door(member: Member, Path(id): Path<String>) -> Result<Response, Problem> {
    let keeper = member.house.state.doors.clone();
    let found = keeper.as_ref().and_then(|k| k.doors().into_iter().find(|door| door.entitlement.as_str() == id));
    let (Some(keeper), Some(door)) = (keeper, found) else {
        return Err(member.problem(Problem::not_found(), "/apps").await);
    };
    let open = keeper.may(&member.person.id, &door.entitlement).await;
    let rows = if open { invented_figures(&door.entitlement) } else { Vec::new() };
    let page = context! {
        door => context! { title => &door.title, about => &door.about, entitlement => door.entitlement.as_str() },
        open,
        rows => Value::from(Serde(rows)),
        ask => format!("I need {}", door.title),
        once => member.house.reference(),
    };
    let title = door.title.clone();
    member.page("apps", &title, "door.html", page).await
}

fn path(entitlement: &EntitlementId) -> String {
    let mut path = String::from("/apps/");
    for (n, piece) in entitlement.as_str().split('/').enumerate() {
        if n > 0 {
            path.push('/');
        }
        path.extend(url::form_urlencoded::byte_serialize(piece.as_bytes()));
    }
    path
}
