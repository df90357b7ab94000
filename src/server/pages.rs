//! The pages' frame and templates. Everything printed is cleaned and escaped by `chat::web`'s environment; only what that module or this
//! one drew goes in as it is.

use std::sync::{Arc, LazyLock};

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Environment, Value, context};

use crate::chat::web::render::{Place, RenderError, card as draw, environment};
use crate::domain::card::Card;
use crate::domain::person::Person;
use crate::server::assets;
use crate::server::guard::html;
use crate::server::problem::Problem;
use crate::server::state::House;
use crate::server::visit::Member;

/// What stands around a page.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Frame {
    /// Who looks: name, job, initials.
    pub name: String,
    /// Their job and department.
    pub job: String,
    /// Their initials.
    pub initials: String,
    /// The session's token.
    pub csrf: String,
    /// How much waits for them.
    pub waiting: usize,
    /// True where anyone can be anyone.
    pub demo: bool,
    /// True where there is an application to visit.
    pub doors: bool,
    /// True where the helpdesk's page is for them.
    pub helpdesk: bool,
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = environment();
    for (name, text) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("chat.html", include_str!("templates/chat.html")),
        ("inbox.html", include_str!("templates/inbox.html")),
        ("mine.html", include_str!("templates/mine.html")),
        ("request.html", include_str!("templates/request.html")),
        ("helpdesk.html", include_str!("templates/helpdesk.html")),
        ("apps.html", include_str!("templates/apps.html")),
        ("door.html", include_str!("templates/door.html")),
        ("people.html", include_str!("templates/people.html")),
        ("link.html", include_str!("templates/link.html")),
        ("unlink.html", include_str!("templates/unlink.html")),
        ("confirm.html", include_str!("templates/confirm.html")),
        ("accounts.html", include_str!("templates/accounts.html")),
        ("sign_in.html", include_str!("templates/sign_in.html")),
        ("problem.html", include_str!("templates/problem.html")),
    ] {
        // The texts are part of the program; the test below loads every one of them.
        #[expect(clippy::expect_used, reason = "the templates are part of the program and loaded by a test")]
        env.add_template(name, text).expect("the templates parse");
    }
    env
});

/// Text that was drawn here and needs no escaping.
#[must_use]
pub fn drawn(text: String) -> Value {
    Value::from_safe_string(text)
}

/// Draws a template.
///
/// # Errors
/// The engine's, where the template is at fault.
pub fn render(template: &str, page: Value) -> Result<String, minijinja::Error> {
    let page = context! { assets => Value::from(minijinja::value::Serde(assets::paths())), ..page };
    TEMPLATES.get_template(template)?.render(page)
}

impl Member {
    /// A card on this page.
    ///
    /// # Errors
    /// [`RenderError`] where the template is at fault.
    pub fn card(&self, card: &Card, id: &str, level: u8, back: &str) -> Result<Value, RenderError> {
        draw(card, Place { csrf: &self.session.data.csrf, back, id, level }).map(drawn)
    }

    /// What stands around this member's pages.
    pub async fn frame(&self) -> Frame {
        let inbox = self.house.state.desk.inbox(&self.person.id).await;
        let waiting = inbox.map(|inbox| inbox.decisions.len() + inbox.tasks.len()).unwrap_or_default();
        frame(&self.house, &self.person, &self.session.data.csrf, waiting)
    }

    /// A page of this member's. What the last click said is shown once, on top.
    ///
    /// # Errors
    /// [`Problem`] where it cannot be drawn.
    pub async fn page(mut self, here: &str, title: &str, template: &str, page: Value) -> Result<Response, Problem> {
        let frame = self.frame().await;
        // A page that only follows changes takes no word away from the page that is about to be shown.
        let cards = if self.follows { Vec::new() } else { std::mem::take(&mut self.session.data.flash) };
        let mut flash = Vec::new();
        for (n, card) in cards.iter().enumerate() {
            flash.push(self.card(card, &format!("said-{n}"), 2, &self.path)?);
        }
        if !cards.is_empty() {
            self.session.keep(&self.house).await?;
        }
        let page = context! { frame => Value::from(minijinja::value::Serde(&frame)), still => false, here, title, flash, path => self.path, ..page };
        Ok(html(StatusCode::OK, render(template, page)?))
    }

    /// The problem with this member's frame around it.
    pub async fn problem(&self, problem: impl Into<Problem>, back: &str) -> Problem {
        let mut problem = problem.into();
        problem.frame = Some(Box::new(self.frame().await));
        problem.csrf.clone_from(&self.session.data.csrf);
        back.clone_into(&mut problem.back);
        problem
    }
}

/// What stands around a person's pages.
#[must_use]
pub fn frame(house: &House, person: &Arc<Person>, csrf: &str, waiting: usize) -> Frame {
    Frame {
        name: person.name.clone(),
        job: format!("{}, {}", person.job_title, person.department),
        initials: initials(&person.name),
        csrf: csrf.to_owned(),
        waiting,
        demo: house.is_demo(),
        doors: house.state.doors.is_some(),
        helpdesk: house.state.desk.opens_helpdesk(&person.id),
    }
}

/// The first letters of the first and last name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|w| w.chars().next());
    let last = words.next_back().and_then(|w| w.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The page of a problem.
#[must_use]
pub fn problem(house: &House, problem: &Problem, reference: &str) -> Response {
    let reference = if problem.reference.is_empty() { reference } else { &problem.reference };
    let fresh = problem.fresh.as_ref().and_then(|card| {
        draw(card, Place { csrf: &problem.csrf, back: &problem.back, id: "fresh", level: 2 }).ok().map(drawn)
    });
    let page = context! {
        frame => Value::from(minijinja::value::Serde(&problem.frame)),
        here => "",
        title => "That did not work",
        flash => Vec::<Value>::new(),
        demo => house.is_demo(),
        said => &problem.said,
        next => &problem.next,
        back => &problem.back,
        switch => &problem.switch,
        // A refusal is not followed: asking for it again would be refused again, and written down again.
        still => true,
        status => problem.status.as_u16(),
        reference,
        fresh,
        path => "/",
    };
    match render("problem.html", page) {
        Ok(text) => html(problem.status, text),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the problem page could not be drawn");
            html(
                problem.status,
                "<!doctype html><title>Claviger</title><p>Something went wrong on our side.".to_owned(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_loads() {
        assert_eq!(TEMPLATES.templates().count(), 15);
    }

    #[test]
    fn initials_are_the_first_and_the_last() {
        assert_eq!(initials("Ana Maria Kovač"), "AK");
        assert_eq!(initials("Plato"), "P");
        assert_eq!(initials(""), "");
    }
}
