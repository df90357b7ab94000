//! Whose chat account is whose: the page that links one, the page that undoes it, and the list of one's own.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::domain::account::Account;
use crate::domain::card::Card;
use crate::domain::conversation::Surface;
use crate::ports::accounts::Passkey;
use crate::ports::identity::{AskedAccount, Identity, OwnAccount};
use crate::server::guard::html;
use crate::server::pages::render;
use crate::server::problem::Problem;
use crate::server::session::Session;
use crate::server::state::House;
use crate::server::visit::{Act, Fields, Member, see_other};

impl House {
    /// Who answers for accounts, passkeys and proofs.
    ///
    /// # Errors
    /// [`Problem`] where nobody does.
    pub fn identity(&self) -> Result<&dyn Identity, Problem> {
        self.state.desk.identity().ok_or_else(Problem::not_found)
    }
}

/// A platform's name, as people write it.
#[must_use]
pub fn platform(surface: Surface) -> &'static str {
    match surface {
        Surface::Web => "web",
        Surface::Terminal => "terminal",
        Surface::Slack => "Slack",
        Surface::Teams => "Teams",
        Surface::Discord => "Discord",
    }
}

/// “Slack”, “Slack or Teams”, “Slack, Teams or Discord”; empty where there is none.
fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

/// What the platform calls the organisation an account belongs to; Discord's belong to none.
fn space(account: &Account) -> Option<(&'static str, &str)> {
    match account.surface {
        Surface::Slack => Some(("Workspace", account.space.as_str())),
        Surface::Teams => Some(("Tenant", account.space.as_str())),
        Surface::Web | Surface::Terminal | Surface::Discord => None,
    }
}

fn shown(asked: &AskedAccount) -> Value {
    let space = space(&asked.account);
    context! {
        platform => platform(asked.account.surface),
        name => &asked.name,
        id => asked.account.id.as_str(),
        space_label => space.map_or("Server", |s| s.0),
        space => space.map(|s| s.1),
        space_name => &asked.space,
    }
}

/// Asks whoever is signed in whether the account is theirs.
///
/// # Errors
/// [`Problem`] where the link is of no use any more.
pub async fn linking(Path(secret): Path<String>, member: Member) -> Result<Response, Problem> {
    let asked = match member.house.identity()?.asked_to_link(&secret).await {
        Ok(asked) => asked,
        Err(error) => return Err(member.problem(error, "/accounts").await),
    };
    let page =
        context! { account => shown(&asked), secret, name => &member.person.name, email => &member.person.email };
    member.page("", "Link an account", "link.html", page).await
}

/// Whoever is signed in says that it is theirs.
///
/// # Errors
/// [`Problem`] where it was not linked.
pub async fn link(Path(secret): Path<String>, act: Act) -> Result<Response, Problem> {
    let Act { mut member, .. } = act;
    let asked = match member.house.identity()?.link(&member.person.id, &secret).await {
        Ok(asked) => asked,
        Err(error) => return Err(member.problem(error, "/accounts").await),
    };
    let on = platform(asked.account.surface);
    let card = Card::note(format!("Your {on} account is linked"))
        .para(format!("Go back to {on} and say again what you need. You can close this page."));
    member.session.say_later(vec![card]);
    member.session.keep(&member.house).await?;
    Ok(see_other("/accounts"))
}

/// Somebody's accounts and passkeys.
///
/// # Errors
/// [`Problem`] where they cannot be shown.
pub async fn accounts(member: Member) -> Result<Response, Problem> {
    let identity = member.house.identity()?;
    let found = match identity.accounts(&member.person.id).await {
        Ok(own) => identity.passkeys(&member.person.id).await.map(|passkeys| (own, passkeys)),
        Err(error) => Err(error),
    };
    let (own, passkeys) = match found {
        Ok(found) => found,
        Err(error) => return Err(member.problem(error, "/accounts").await),
    };
    let day = |at: Timestamp| at.to_zoned(member.person.time_zone()).strftime("%-d %B %Y").to_string();
    let account = |a: &OwnAccount| {
        context! {
            key => a.key.to_string(), platform => platform(a.account.surface), id => a.account.id.as_str(),
            name => &a.called.name, space_name => &a.called.space,
            space => space(&a.account).map(|(label, space)| format!("{} {space}", label.to_lowercase())),
            how => a.how.words(), since => a.since.map(day), named => a.since.is_none(),
        }
    };
    let passkey = |p: &Passkey| {
        context! { digest => p.digest().to_string(), name => &p.name, since => day(p.at), used => p.used.map(day) }
    };
    let site = member.house.site();
    let now = member.house.state.clock.now();
    let confirming = member.session.data.confirming.as_ref().filter(|c| now < c.ends);
    let open: Vec<&str> = identity.platforms().into_iter().map(platform).collect();
    let page = context! {
        confirming => confirming.map(|c| format!("/confirm/{}", c.secret)),
        platforms => either(&open),
        accounts => own.iter().map(account).collect::<Vec<_>>(),
        passkeys => passkeys.iter().map(passkey).collect::<Vec<_>>(),
        site => site.as_ref().map(|s| s.host()),
        origin => site.as_ref().map(|s| s.origin()),
        fresh => member.is_fresh(),
    };
    member.page("accounts", "Accounts and passkeys", "accounts.html", page).await
}

/// Somebody gives one of their accounts up.
///
/// # Errors
/// [`Problem`] where it stays.
pub async fn unlink(act: Act) -> Result<Response, Problem> {
    let Act { mut member, fields } = act;
    let Ok(key) = fields.get("account").parse() else {
        return Err(member.problem(Problem::not_found(), "/accounts").await);
    };
    if let Err(error) = member.house.identity()?.unlink(&member.person.id, key).await {
        return Err(member.problem(error, "/accounts").await);
    }
    member
        .session
        .say_later(vec![Card::note("Unlinked").para("What that account says no longer counts as said by you.")]);
    member.session.keep(&member.house).await?;
    Ok(see_other("/accounts"))
}

/// Asks whoever holds the link whether the account shall be unlinked. Nobody has to sign in: only the account was sent the link.
///
/// # Errors
/// [`Problem`] where the link is of no use any more.
pub async fn unlinking(
    State(house): State<Arc<House>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = house.identity()?.asked_to_unlink(&secret).await?;
    let (session, fresh) = match Session::find(&house, &headers).await? {
        Some(session) => (session, false),
        None => {
            if !house.may_sign_in() {
                return Err(Problem::too_many());
            }
            let session = Session::new(&house, None);
            session.keep(&house).await?;
            (session, true)
        }
    };
    let page = context! {
        frame => (), here => "", title => "Unlink an account", flash => Vec::<Value>::new(), path => "/",
        csrf => &session.data.csrf, account => shown(&asked), secret, done => false,
    };
    let mut response = html(StatusCode::OK, render("unlink.html", page)?);
    if fresh {
        response.headers_mut().insert(header::SET_COOKIE, session.cookie(&house));
    }
    Ok(response)
}

/// Unlinks it.
///
/// # Errors
/// [`Problem`] where it stays.
pub async fn unlink_by(
    State(house): State<Arc<House>>,
    Path(secret): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let session = Session::find(&house, request.headers()).await?;
    let fields = Fields::read(request, house.state.limits.body).await?;
    if !session.is_some_and(|session| session.accepts(fields.get("csrf"))) {
        return Err(Problem::not_ours());
    }
    house.identity()?.unlink_by(&secret).await?;
    let page = context! {
        frame => (), here => "", title => "Unlinked", flash => Vec::<Value>::new(), path => "/", done => true,
    };
    Ok(html(StatusCode::OK, render("unlink.html", page)?))
}
