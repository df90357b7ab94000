//! Proving once more that it is them: the page shows exactly what is decided and why it asks, takes a proof, and decides. A proof is a
//! sign-in at the provider later than the question (RFC 9470), a passkey, or in the demo a plain click.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;
use minijinja::context;

use crate::domain::action::Subject;
use crate::domain::card::Card;
use crate::domain::request::Confirmed;
use crate::ports::accounts::Passkey;
use crate::server::oidc_pages;
use crate::server::problem::Problem;
use crate::server::session::{Ceremony, Confirming};
use crate::server::state::SignIn;
use crate::server::visit::{Act, Member, see_other};

/// How long a proof lets somebody change their passkeys.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

impl Member {
    /// True where they proved a short while ago that it is them. In the demo being somebody is a click, and so is proving it.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let now = self.house.state.clock.now();
        self.house.is_demo() || self.session.data.fresh.is_some_and(|at| now.duration_since(at) < FRESH)
    }
}

/// Shows what is to be confirmed, and how.
///
/// # Errors
/// [`Problem`] where the link is of no use any more or not theirs, or what it is about has changed.
pub async fn page(Path(secret): Path<String>, mut member: Member) -> Result<Response, Problem> {
    let identity = member.house.identity()?;
    let found = match identity.asked_to_confirm(&member.person.id, &secret).await {
        Ok(asked) => identity.passkeys(&member.person.id).await.map(|passkeys| (asked, passkeys)),
        Err(error) => Err(error),
    };
    let (asked, passkeys) = match found {
        Ok(found) => found,
        Err(error) => {
            let mut problem = member.problem(error, "/inbox").await;
            // It is somebody else's, or they are signed in as somebody else: they can come back as who they are.
            problem.switch = (problem.status == StatusCode::FORBIDDEN).then(|| format!("/confirm/{secret}"));
            return Err(problem);
        }
    };
    // Whoever goes off to add a passkey finds back here.
    let confirming = Some(Confirming { secret: secret.clone(), ends: asked.ends });
    if member.session.data.confirming != confirming {
        member.session.data.confirming = confirming;
        member.session.keep(&member.house).await?;
    }
    let zone = member.person.time_zone();
    let site = member.house.site();
    let proved = member.session.proved(&secret).is_some();
    let page = context! {
        secret,
        card => member.card(&asked.card, "asked", 2, "/inbox")?,
        does => &asked.does,
        why => &asked.why,
        name => &member.person.name,
        until => asked.ends.to_zoned(zone).strftime("%H:%M").to_string(),
        passkeys => passkeys.len(),
        site => site.as_ref().map(|s| s.host()),
        origin => site.as_ref().map(|s| s.origin()),
        demo => identity.click_proves(),
        provider => provider(&member),
        proved,
    };
    member.page("", "Confirm it is you", "confirm.html", page).await
}

fn provider(member: &Member) -> Option<String> {
    match &member.house.state.sign_in {
        SignIn::Oidc(oidc) => Some(oidc.provider_name()),
        SignIn::Demo(_) => None,
    }
}

/// Sends them to the provider to sign in again, for what this link is good for. What it decides is shown again afterwards, so that whoever
/// follows somebody else's link signs nothing unseen.
///
/// # Errors
/// [`Problem`] where there is no provider, it does not answer, or the link is not theirs.
pub async fn sign_in(Path(secret): Path<String>, member: Member) -> Result<Response, Problem> {
    if let Err(error) = member.house.identity()?.asked_to_confirm(&member.person.id, &secret).await {
        return Err(member.problem(error, "/inbox").await);
    }
    let then = format!("/confirm/{secret}");
    oidc_pages::begin_again(member, then, Some(secret)).await
}

/// Decides it, by the sign-in that was just made, or in the demo by this click.
///
/// # Errors
/// [`Problem`] where it was not decided.
pub async fn decide(Path(secret): Path<String>, act: Act) -> Result<Response, Problem> {
    let Act { mut member, .. } = act;
    let proved = member.session.data.proved.take().filter(|p| p.confirms == secret);
    // Taken out before it is used: a sign-in proves one thing, and whoever uses it for another has used it up.
    member.session.keep(&member.house).await?;
    let how = match proved {
        Some(proved) => Confirmed::SignIn { at: proved.at, class: proved.class },
        None if member.house.identity()?.click_proves() => Confirmed::Demo,
        None => {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "You have not proved yet that it is you.",
                "Sign in again or use a passkey, then confirm. Nothing was decided.",
            );
            return Err(member.problem(problem, &format!("/confirm/{secret}")).await);
        }
    };
    done(member, &secret, how, None).await
}

/// What to ask the browser's authenticator for.
///
/// # Errors
/// [`Problem`] where they have no passkey, or the link is not theirs.
pub async fn passkey_options(Path(secret): Path<String>, act: Act) -> Result<Response, Problem> {
    let Act { mut member, .. } = act;
    let identity = member.house.identity()?;
    identity.asked_to_confirm(&member.person.id, &secret).await?;
    let own = identity.passkeys(&member.person.id).await?;
    let site = member.house.site().ok_or_else(Problem::not_found)?;
    let asked = site.begin_using(&own).map_err(no_passkey)?;
    member.session.data.ceremony = Some(Ceremony { state: asked.state, about: secret });
    member.session.keep(&member.house).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], asked.options).into_response())
}

/// Decides it, by a passkey.
///
/// # Errors
/// [`Problem`] where it was not decided.
pub async fn passkey(Path(secret): Path<String>, act: Act) -> Result<Response, Problem> {
    let Act { mut member, fields } = act;
    let begun = member.session.data.ceremony.take();
    // Taken out before it is used: a challenge is answered once.
    member.session.keep(&member.house).await?;
    let back = format!("/confirm/{secret}");
    match used(&member, &secret, begun, fields.get("answer")).await {
        Ok(passkey) => {
            let how = Confirmed::Passkey { passkey: passkey.digest() };
            done(member, &secret, how, Some(passkey)).await
        }
        Err(problem) => Err(member.problem(problem, &back).await),
    }
}

async fn used(member: &Member, secret: &str, begun: Option<Ceremony>, answer: &str) -> Result<Passkey, Problem> {
    let identity = member.house.identity()?;
    let site = member.house.site().ok_or_else(Problem::not_found)?;
    let Some(begun) = begun.filter(|c| c.about == secret) else { return Err(not_asked()) };
    let own = identity.passkeys(&member.person.id).await?;
    match site.finish_using(&begun.state, answer, &own, member.house.state.clock.now()) {
        Ok(passkey) => Ok(passkey),
        Err(fault) => {
            tracing::warn!(person = %member.person.id, %fault, "a passkey did not hold");
            identity.not_confirmed(&member.person.id, "passkey").await?;
            Err(no_passkey(fault))
        }
    }
}

/// The page for an answer that nobody asked for.
#[must_use]
pub fn not_asked() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "That answer was not asked for here, or it was given before.",
        "Open the page again and use the passkey once more. Nothing was done.",
    )
}

/// The page for a passkey that does not hold.
pub fn no_passkey(fault: crate::server::webauthn::Fault) -> Problem {
    tracing::info!(%fault, "no passkey");
    Problem::new(
        StatusCode::FORBIDDEN,
        "That passkey did not prove that it is you.",
        "Try again with another one, or sign in again instead. Nothing was done.",
    )
}

/// The page for a passkey that could not be made.
pub fn not_made(fault: crate::server::webauthn::Fault) -> Problem {
    tracing::info!(%fault, "no passkey was made");
    Problem::new(
        StatusCode::FORBIDDEN,
        "No passkey was added: what your browser answered could not be used.",
        "Try again, or with another device or key. Nothing was changed.",
    )
}

async fn done(mut member: Member, secret: &str, how: Confirmed, used: Option<Passkey>) -> Result<Response, Problem> {
    let words = how.words();
    let card = match member.house.identity()?.confirm(&member.person.id, secret, how, used).await {
        Ok(card) => card,
        Err(error) => return Err(member.problem(error, "/inbox").await),
    };
    member.session.data.confirming = None;
    let Some(key) = card.key else {
        // What has no card of its own to be drawn anew says how it stands by itself.
        member.session.say_later(vec![card]);
        member.session.keep(&member.house).await?;
        return Ok(see_other("/inbox"));
    };
    let note = Card::note("Done").para(format!(
        "You confirmed it {words}. You can close this page: every copy of the message changes by itself."
    ));
    member.session.say_later(vec![note]);
    member.session.keep(&member.house).await?;
    Ok(match key.subject {
        Subject::Request(id) => see_other(&format!("/requests/{id}")),
        _ => see_other("/inbox"),
    })
}

/// Sends them to the provider to sign in again, so that they may change their passkeys.
///
/// # Errors
/// [`Problem`] where there is no provider or it does not answer.
pub async fn sign_in_for_passkeys(member: Member) -> Result<Response, Problem> {
    oidc_pages::begin_again(member, "/accounts".to_owned(), None).await
}
