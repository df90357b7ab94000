//! The pages of signing in by a provider: off to it, back from it, and once more where somebody has to prove that it is them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::CoreIdTokenClaims;
use subtle::ConstantTimeEq as _;

use crate::chat::web::render::is_own_path;
use crate::domain::ids::PersonId;
use crate::server::oidc::{Failure, Oidc};
use crate::server::people::enter;
use crate::server::problem::Problem;
use crate::server::session::{Again, Begun, Proved, Session};
use crate::server::state::{House, SignIn};
use crate::server::visit::{Member, not_here_any_more, see_other};

/// How far the provider's clock and ours may be apart when an age is judged.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// Where to go after signing in.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Then {
    then: String,
}

/// What the provider sends back.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Answer {
    code: String,
    state: String,
    error: String,
    iss: Option<String>,
}

/// Sends the browser to the provider.
///
/// # Errors
/// [`Problem`] where there is no provider or it does not answer.
pub async fn begin(State(house): State<Arc<House>>, Query(wanted): Query<Then>) -> Result<Response, Problem> {
    let SignIn::Oidc(oidc) = &house.state.sign_in else { return Err(Problem::not_found()) };
    if !house.may_sign_in() {
        return Err(Problem::too_many());
    }
    let then = if is_own_path(&wanted.then) { wanted.then } else { "/chat".to_owned() };
    let begun = Begun { state: house.secret(), nonce: house.secret(), verifier: house.secret(), then, again: None };
    let url = oidc.begin(house.state.clock.now(), &begun).await.map_err(not_reached)?;
    let mut session = Session::new(&house, None);
    session.data.begun = Some(begun);
    session.keep(&house).await?;
    let mut response = see_other(url.as_str());
    response.headers_mut().insert(header::SET_COOKIE, session.cookie(&house));
    Ok(response)
}

/// Sends somebody who is signed in to the provider once more, to prove that it is them: for a confirming link, or for changing passkeys.
///
/// # Errors
/// [`Problem`] where there is no provider or it does not answer.
pub async fn begin_again(mut member: Member, then: String, confirms: Option<String>) -> Result<Response, Problem> {
    let house = Arc::clone(&member.house);
    let SignIn::Oidc(oidc) = &house.state.sign_in else { return Err(Problem::not_found()) };
    let since = house.state.clock.now();
    let (state, nonce, verifier) = (house.secret(), house.secret(), house.secret());
    let begun = Begun { state, nonce, verifier, then, again: Some(Again { since, confirms }) };
    let url = oidc.begin(since, &begun).await.map_err(not_reached)?;
    member.session.data.begun = Some(begun);
    member.session.keep(&house).await?;
    Ok(see_other(url.as_str()))
}

/// Holds a second sign-in against what was asked of it: the same person, just now, in a class that counts.
async fn came_again(
    house: &House,
    oidc: &Oidc,
    mut session: Session,
    (person, claims): (&PersonId, &CoreIdTokenClaims),
    again: &Again,
    then: &str,
) -> Result<Response, Problem> {
    let Some(who) = session.data.person.clone() else { return Err(not_begun()) };
    let refused = async |cause: &str, said: &str, next: &str| {
        tracing::warn!(person = %who, cause, "a second sign-in does not count");
        house.identity()?.not_confirmed(&who, cause).await?;
        Err(Problem { back: then.to_owned(), ..Problem::new(StatusCode::FORBIDDEN, said, next) })
    };
    if *person != who {
        let next = "Sign in as the person you are here, or sign out first. Nothing was decided.";
        return refused("other_person", "That was somebody else’s sign-in.", next).await;
    }
    let now = house.state.clock.now();
    let signed_in = claims.auth_time().and_then(|at| Timestamp::from_second(at.timestamp()).ok());
    let just_now = |at: &Timestamp| {
        let (after, before) = (again.since.checked_sub(LEEWAY), now.checked_add(LEEWAY));
        after.is_ok_and(|after| after <= *at) && before.is_ok_and(|before| *at <= before)
    };
    let Some(at) = signed_in.filter(just_now) else {
        let next = "Your company’s sign-in has to ask you again and say when it did. Tell your administrators. Nothing was decided.";
        return refused("old_sign_in", "Your company’s sign-in did not ask you again.", next).await;
    };
    let class = claims.auth_context_ref().map(|class| class.as_str().to_owned());
    let wanted = &oidc.settings.acr_values;
    if !wanted.is_empty() && !class.as_ref().is_some_and(|class| wanted.contains(class)) {
        let next = "Sign in again with the stronger method your company asks for, such as a second factor. Nothing was decided.";
        return refused("weak_sign_in", "That way of signing in does not weigh enough for this.", next).await;
    }
    session.data.fresh = Some(at);
    session.data.proved = again.confirms.clone().map(|confirms| Proved { at, class, confirms });
    session.keep(house).await?;
    Ok(see_other(then))
}

/// Takes the browser back from the provider.
///
/// # Errors
/// [`Problem`] where the answer does not hold or the person is not known here.
pub async fn come_back(
    State(house): State<Arc<House>>,
    Query(answer): Query<Answer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let SignIn::Oidc(oidc) = &house.state.sign_in else { return Err(Problem::not_found()) };
    let Some(mut session) = Session::find(&house, &headers).await? else { return Err(not_begun()) };
    // Taken out before it is used: an answer counts once.
    let Some(begun) = session.data.begun.take() else { return Err(not_begun()) };
    session.keep(&house).await?;
    if !bool::from(begun.state.as_bytes().ct_eq(answer.state.as_bytes())) {
        return Err(not_begun());
    }
    // RFC 9207: an answer that names another issuer was meant for somebody else.
    if answer.iss.is_some_and(|iss| iss.trim_end_matches('/') != oidc.issuer.as_str().trim_end_matches('/')) {
        return Err(not_begun());
    }
    if !answer.error.is_empty() || answer.code.is_empty() {
        tracing::info!(error = answer.error.chars().take(60).collect::<String>(), "the provider refused a sign-in");
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "The sign-in was not completed.",
            "Start again; if it keeps failing, ask whoever runs your company’s sign-in.",
        ));
    }
    let claims = oidc.finish(house.state.clock.now(), answer.code, &begun).await.map_err(not_reached)?;
    let directory = (house.state.directory)();
    let known = oidc.person(&claims, &directory).and_then(|id| directory.get(&id).cloned());
    let Some(person) = known else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "You signed in, but the directory here does not know you.",
            "Ask your manager or the service desk to have you added, then sign in again.",
        ));
    };
    if !person.is_employed() {
        return Err(not_here_any_more());
    }
    if let Some(again) = begun.again {
        return came_again(&house, oidc, session, (&person.id, &claims), &again, &begun.then).await;
    }
    enter(&house, Some(session), person.id.clone(), &begun.then).await
}

fn not_begun() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "This sign-in was not started here, or it took too long.",
        "Start again from the first page.",
    )
}

fn not_reached(failure: Failure) -> Problem {
    tracing::warn!(error = %failure, "signing in failed");
    match failure {
        Failure::Provider(_) => Problem::new(
            StatusCode::BAD_GATEWAY,
            "Your company’s sign-in does not answer as it should.",
            "Try again in a moment. If it goes on, tell your administrators and quote the reference.",
        ),
        Failure::Token(_) => Problem::new(
            StatusCode::FORBIDDEN,
            "The answer of your company’s sign-in could not be trusted.",
            "Start again from the first page. If it goes on, tell your administrators and quote the reference.",
        ),
    }
}
