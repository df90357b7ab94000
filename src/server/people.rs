//! Signing in and out: the demo's page where anyone can be anyone, or the door to the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use minijinja::{Value, context};

use crate::chat::web::render::is_own_path;
use crate::domain::ids::PersonId;
use crate::domain::person::{Person, Population, Presence};
use crate::server::guard::html;
use crate::server::pages::{initials, render};
use crate::server::problem::Problem;
use crate::server::session::{Session, forget};
use crate::server::state::{House, SignIn};
use crate::server::visit::{Act, Fields, see_other};

/// What the first page is asked for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    then: String,
}

/// The first page: whoever is signed in goes on to the chat.
///
/// # Errors
/// [`Problem`] where it cannot be shown.
pub async fn first(
    State(house): State<Arc<House>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = Session::find(&house, &headers).await?;
    let then = if is_own_path(&wanted.then) { wanted.then.clone() } else { "/chat".to_owned() };
    if session.as_ref().is_some_and(|s| s.data.person.is_some()) {
        return Ok(see_other(&then));
    }
    match &house.state.sign_in {
        SignIn::Demo(_) => picker(&house, session, &wanted, &then).await,
        SignIn::Oidc(oidc) => {
            let why = why(&house, &then).await;
            let then: String = url::form_urlencoded::byte_serialize(then.as_bytes()).collect();
            let page = context! {
                frame => (), here => "", title => "Sign in", flash => Vec::<Value>::new(), path => "/",
                provider => oidc.provider_name(), then, why,
            };
            Ok(html(StatusCode::OK, render("sign_in.html", page)?))
        }
    }
}

/// Why somebody is asked to sign in, where they came by a link that says so.
async fn why(house: &House, then: &str) -> Option<String> {
    if let Some(secret) = then.strip_prefix("/link/") {
        let asked = house.identity().ok()?.asked_to_link(secret).await.ok()?;
        let on = crate::server::identity::platform(asked.account.surface);
        return Some(format!(
            "Sign in to link your {on} account: it shows whose it is. The next page asks whether to link it."
        ));
    }
    then.starts_with("/confirm/")
        .then(|| "Sign in to confirm what you clicked. The next page shows what it is.".to_owned())
}

/// The demo's page of people, also for whoever is somebody already.
///
/// # Errors
/// [`Problem`] where it cannot be shown, or this is not the demo.
pub async fn people(
    State(house): State<Arc<House>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !house.is_demo() {
        return Err(Problem::not_found());
    }
    let session = Session::find(&house, &headers).await?;
    let then = if is_own_path(&wanted.then) { &wanted.then } else { "/chat" };
    picker(&house, session, &wanted, then).await
}

async fn picker(house: &House, session: Option<Session>, wanted: &Wanted, then: &str) -> Result<Response, Problem> {
    let (session, fresh) = match session {
        Some(session) => (session, false),
        None => {
            if !house.may_sign_in() {
                return Err(Problem::too_many());
            }
            let session = Session::new(house, None);
            session.keep(house).await?;
            (session, true)
        }
    };
    let directory = (house.state.directory)();
    let q = wanted.q.trim().to_lowercase();
    let mut groups: BTreeMap<&str, Vec<&Arc<Person>>> = BTreeMap::new();
    let everybody: Vec<_> = directory.iter().filter(|p| p.is_employed()).collect();
    for person in everybody.iter().filter(|p| q.is_empty() || search_text(p).contains(&q)) {
        groups.entry(&person.department).or_default().push(person);
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(department, mut people)| {
            people.sort_by(|a, b| a.name.cmp(&b.name));
            context! { department, people => people.into_iter().map(|p| entry(p)).collect::<Vec<_>>() }
        })
        .collect();
    let featured: Vec<Value> = house
        .state
        .featured
        .iter()
        .filter_map(|(id, why)| Some(context! { why, ..entry(directory.get(id)?) }))
        .collect();
    let page = context! {
        frame => (), here => "", title => "Who are you today?", flash => Vec::<Value>::new(), path => "/",
        why => why(house, then).await,
        csrf => &session.data.csrf, groups, featured, q => &wanted.q, then, count => everybody.len(),
        signed_in => session.data.person.is_some(),
    };
    let mut response = html(StatusCode::OK, render("people.html", page)?);
    if fresh {
        response.headers_mut().insert(header::SET_COOKIE, session.cookie(house));
    }
    Ok(response)
}

fn entry(person: &Person) -> Value {
    let note = match (person.population, person.presence) {
        (_, Presence::OnLeave { until }) => format!("Away until {}", until.strftime("%-d %B")),
        (Population::Contractor, _) => "Contractor".to_owned(),
        (Population::ThirdParty, _) => "Third party".to_owned(),
        (Population::Agent, _) => "Agent".to_owned(),
        (Population::Employee, _) => String::new(),
    };
    context! {
        id => person.id.as_str(), name => &person.name, job => &person.job_title, department => &person.department,
        initials => initials(&person.name), note, search => search_text(person),
    }
}

fn search_text(person: &Person) -> String {
    format!("{} {} {} {}", person.name, person.job_title, person.department, person.company).to_lowercase()
}

/// Becomes somebody, in the demo only.
///
/// # Errors
/// [`Problem`] where the form is not ours or the person is not here.
pub async fn become_somebody(State(house): State<Arc<House>>, request: Request) -> Result<Response, Problem> {
    if !house.is_demo() {
        return Err(Problem::not_found());
    }
    let old = Session::find(&house, request.headers()).await?;
    let fields = Fields::read(request, house.state.limits.body).await?;
    let Some(old) = old.filter(|session| session.accepts(fields.get("csrf"))) else { return Err(Problem::not_ours()) };
    let person = PersonId::parse(fields.get("person"))
        .ok()
        .and_then(|id| (house.state.directory)().get(&id).cloned())
        .filter(|person| person.is_employed());
    let Some(person) = person else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "Nobody of that name works here.",
            "Choose somebody from the list.",
        ));
    };
    let then = fields.get("then");
    enter(&house, Some(old), person.id.clone(), if is_own_path(then) { then } else { "/chat" }).await
}

/// Starts the person's own session under a new name, so that nobody can have planted the old one, and goes on.
///
/// # Errors
/// [`Problem`] where the store fails.
pub async fn enter(house: &House, old: Option<Session>, person: PersonId, then: &str) -> Result<Response, Problem> {
    if let Some(old) = old {
        old.end(house).await?;
    }
    tracing::info!(%person, "signed in");
    let session = Session::new(house, Some(person));
    session.keep(house).await?;
    let mut response = see_other(then);
    response.headers_mut().insert(header::SET_COOKIE, session.cookie(house));
    Ok(response)
}

/// Signs out.
///
/// # Errors
/// [`Problem`] where the store fails.
pub async fn leave(act: Act) -> Result<Response, Problem> {
    let Act { member, fields } = act;
    member.session.end(&member.house).await?;
    let then = fields.get("then");
    let to = if is_own_path(then) {
        let then: String = url::form_urlencoded::byte_serialize(then.as_bytes()).collect();
        format!("/?then={then}")
    } else {
        "/".to_owned()
    };
    let mut response = see_other(&to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, forget(&member.house));
    Ok(response)
}
