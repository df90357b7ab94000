//! Who is here. [`Member`] is a signed-in person looking; [`Act`] is one doing something, with the form's token checked. A handler that
//! takes neither is open to everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::chat::web::render::is_own_path;
use crate::domain::person::Person;
use crate::server::problem::Problem;
use crate::server::session::{Session, forget};
use crate::server::state::House;

/// What the pages' script sends where it only follows changes.
const FOLLOWS: &str = "x-follows";
/// The most fields a form has.
const FIELDS: usize = 64;

/// A signed-in person looking at a page.
pub struct Member {
    /// The house.
    pub house: Arc<House>,
    /// Who.
    pub person: Arc<Person>,
    /// Their session.
    pub session: Session,
    /// The page they look at.
    pub path: String,
    /// True where a page asks by itself, to follow changes.
    pub follows: bool,
}

/// A signed-in person doing something.
pub struct Act {
    /// Who, and where.
    pub member: Member,
    /// What they filled in.
    pub fields: Fields,
}

/// A form's fields.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// A field, empty where it is missing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What a card's own form asked for: fields named `in.…`, without that prefix.
    #[must_use]
    pub fn inputs(&self) -> BTreeMap<String, String> {
        self.0.iter().filter_map(|(name, value)| Some((name.strip_prefix("in.")?.to_owned(), value.clone()))).collect()
    }

    /// The page to go back to, where it is one of ours, else the chat.
    #[must_use]
    pub fn back(&self) -> &str {
        let back = self.get("back");
        if is_own_path(back) { back } else { "/chat" }
    }

    /// Reads a form of at most so many bytes.
    ///
    /// # Errors
    /// [`Problem`] where it is too long or no form at all.
    pub async fn read(request: Request, most: usize) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "What was sent is not a form, so nothing was done.",
                "Use the forms of these pages.",
            ));
        }
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > most) {
            return Err(Problem::too_large());
        }
        let bytes = to_bytes(request.into_body(), most).await.map_err(|_| Problem::too_large())?;
        let pairs = url::form_urlencoded::parse(&bytes).take(FIELDS);
        Ok(Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }
}

/// Why somebody is not let in.
pub enum Turned {
    /// To the first page, to come back afterwards.
    Away(String),
    /// With a problem page.
    Back(Box<Problem>),
    /// With a problem page and without the session.
    Out(Box<Problem>, axum::http::HeaderValue),
}

impl From<Problem> for Turned {
    fn from(problem: Problem) -> Self {
        Self::Back(Box::new(problem))
    }
}

impl axum::response::IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::Away(to) => Redirect::to(&to).into_response(),
            Self::Back(problem) => problem.into_response(),
            Self::Out(problem, cookie) => {
                let mut response = problem.into_response();
                response.headers_mut().insert(header::SET_COOKIE, cookie);
                response
            }
        }
    }
}

/// The session and the person behind it; `None` where nobody is signed in.
async fn who(house: &House, headers: &HeaderMap) -> Result<Option<(Session, Arc<Person>)>, Turned> {
    let Some(session) = Session::find(house, headers).await.map_err(Problem::from)? else { return Ok(None) };
    let Some(id) = session.data.person.clone() else { return Ok(None) };
    match (house.state.directory)().get(&id).filter(|person| person.is_employed()) {
        Some(person) => Ok(Some((session, Arc::clone(person)))),
        None => {
            session.end(house).await.map_err(Problem::from)?;
            Err(Turned::Out(Box::new(not_here_any_more()), forget(house)))
        }
    }
}

/// The page for somebody whom the directory does not let in.
#[must_use]
pub fn not_here_any_more() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "Your account is not active here, so you were signed out.",
        "If that surprises you, talk to your manager or the service desk.",
    )
}

impl FromRequestParts<Arc<House>> for Member {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Turned> {
        let path = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), |p| p.as_str().to_owned());
        let Some((session, person)) = who(house, &parts.headers).await? else {
            let then: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            return Err(Turned::Away(if path == "/chat" { "/".to_owned() } else { format!("/?then={then}") }));
        };
        if !house.may_look(&person.id) {
            return Err(Problem::too_many().into());
        }
        let follows = parts.headers.contains_key(FOLLOWS);
        Ok(Self { house: Arc::clone(house), person, session, path, follows })
    }
}

impl FromRequest<Arc<House>> for Act {
    type Rejection = Turned;

    async fn from_request(request: Request, house: &Arc<House>) -> Result<Self, Turned> {
        let Some((session, person)) = who(house, request.headers()).await? else {
            return Err(Problem::signed_out().into());
        };
        if !house.may_act(&person.id) {
            return Err(Problem::too_many().into());
        }
        let path = request.uri().path().to_owned();
        let fields = Fields::read(request, house.state.limits.body).await?;
        if !session.accepts(fields.get("csrf")) {
            return Err(Problem::not_ours().into());
        }
        Ok(Self { member: Member { house: Arc::clone(house), person, session, path, follows: false }, fields })
    }
}

/// Where to go next after a form.
#[must_use]
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
