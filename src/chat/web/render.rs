//! A card as HTML. Words are cleaned and escaped at one place, the template engine's formatter; markup comes from the template only.
//! What it makes works without any script: buttons are forms, and what has to be filled in or confirmed opens in a `<details>`.

use std::fmt::Write as _;
use std::sync::LazyLock;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Output, State, UndefinedBehavior, Value, context, escape_formatter};

use crate::chat::plain::clean;
use crate::domain::action::Subject;
use crate::domain::card::{Bar, Card, CardKey, Section, View};

/// Why a card could not be drawn. It means a fault in the template, never in the card.
#[derive(Debug, thiserror::Error)]
#[error("the card could not be drawn")]
pub struct RenderError(#[from] minijinja::Error);

/// Where a card stands on its page.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The session's token, sent back with every form.
    pub csrf: &'a str,
    /// The page to return to, a path of ours.
    pub back: &'a str,
    /// What the card's element is called, unique on the page: see [`element_id`].
    pub id: &'a str,
    /// The level of its heading, 1 to 5.
    pub level: u8,
}

/// A name for a card's element, made from its key: the same card keeps it over time.
#[must_use]
pub fn element_id(key: &CardKey) -> String {
    let view = match key.view {
        View::Own => "own",
        View::Deciding => "deciding",
    };
    let subject = match key.subject {
        Subject::Draft(id) => id.to_string(),
        Subject::Request(id) => id.to_string(),
        Subject::Grant(id) => id.to_string(),
        Subject::Task(id) => id.to_string(),
        Subject::Conversation(id) => id.to_string(),
        Subject::Inquiry(id) => id.to_string(),
        Subject::Ticket(id) => id.to_string(),
    };
    format!("card-{subject}-{view}")
}

/// The card as an `<article>`.
///
/// # Errors
/// [`RenderError`] where the template is at fault.
pub fn card(card: &Card, place: Place<'_>) -> Result<String, RenderError> {
    let body: Vec<Value> = card.body.iter().map(section).collect();
    let page = context! {
        card => Value::from(Serde(card)),
        body,
        id => place.id,
        csrf => place.csrf,
        back => place.back,
        level => place.level.clamp(1, 5),
        // An answer that stands as it was said rests on what it lists; a card of a request is about it.
        receipts => card.key.is_none(),
    };
    Ok(TEMPLATES.get_template("card.html")?.render(page)?)
}

/// The words of somebody's message, as a safe fragment.
#[must_use]
pub fn words(text: &str) -> String {
    escape(text)
}

/// Cleaned and escaped text for places without a template.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A template environment that escapes everything and stops at unknown names; pages use it too.
#[must_use]
pub fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(clean_and_escape);
    env.add_filter("own_path", own_path);
    env
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = environment();
    // The text is part of the program; the unit test below loads it, so a mistake in it cannot get past the tests.
    #[expect(clippy::expect_used, reason = "the template is part of the program and loaded by a test")]
    env.add_template("card.html", include_str!("templates/card.html")).expect("the card template parses");
    env
});

/// The one choke point: strings are cleaned, then escaped by the engine. What a template marked safe passes.
fn clean_and_escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.kind() == ValueKind::String
        && !value.is_safe()
        && let Some(text) = value.as_str()
    {
        return escape_formatter(out, state, &Value::from(clean(text).into_owned()));
    }
    escape_formatter(out, state, value)
}

/// The path where it is one of ours, else nothing: no scheme, no other host, no way out through `//` or a backslash.
fn own_path(path: String) -> String {
    if is_own_path(&path) { path } else { String::new() }
}

/// True for a path on this server.
#[must_use]
pub fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 600
        && path.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '\'' | '<' | '>' | '`'))
}

fn section(section: &Section) -> Value {
    match section {
        Section::Factors { score, bars, confidence } => {
            context! { is => "factors", score => score.min(&100), confidence, bars => geometry(bars) }
        }
        other => Value::from(Serde(other)),
    }
}

/// Bars on one common axis: what speaks against goes right of zero, what speaks for goes left. Percent of the axis' whole width.
fn geometry(bars: &[Bar]) -> Vec<Value> {
    let most = bars.iter().map(|b| i64::from(b.tenths)).max().unwrap_or(0).max(0);
    let least = bars.iter().map(|b| i64::from(b.tenths)).min().unwrap_or(0).min(0);
    let span = (most - least).max(1);
    let percent = |tenths: i64| format!("{}.{}", tenths * 100 / span, tenths * 1000 / span % 10);
    let zero = -least;
    bars.iter()
        .map(|bar| {
            let tenths = i64::from(bar.tenths);
            context! {
                label => &bar.label,
                factor => &bar.factor,
                points => points(tenths),
                favour => tenths < 0,
                x => percent(if tenths < 0 { zero + tenths } else { zero }),
                width => percent(tenths.abs()),
                zero => percent(zero),
            }
        })
        .collect()
}

/// Tenths of a point as people read them: `+12.0`, `−3.5` (with a real minus sign).
#[must_use]
pub fn points(tenths: i64) -> String {
    let mut out = String::new();
    let sign = match tenths {
        0 => "",
        t if t < 0 => "−",
        _ => "+",
    };
    let size = tenths.unsigned_abs();
    // Writing to a string cannot fail.
    let _ = write!(out, "{sign}{}.{}", size / 10, size % 10);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::{Badge, Inline, Tone};

    fn place() -> Place<'static> {
        Place { csrf: "csrf", back: "/chat", id: "c1", level: 2 }
    }

    #[test]
    fn paths_of_others_are_no_links() {
        for bad in ["//evil", "https://evil", "javascript:alert(1)", "/\\evil", "/a\"b", "", "x", "/a b"] {
            assert!(!is_own_path(bad), "{bad}");
        }
        assert!(is_own_path("/requests/r_00?x=1#y"));
        let mut hostile = Card::note("x");
        hostile.footer = Some(vec![Inline::Link { text: "here".into(), path: "//evil.example".into() }]);
        let html = card(&hostile, place()).unwrap();
        assert!(!html.contains("evil") && html.contains("here"), "{html}");
    }

    #[test]
    fn bars_share_one_axis_and_say_their_value() {
        let bar = |tenths| Bar { factor: "f".into(), label: "l".into(), tenths };
        let mut c = Card::note("x");
        c.body.push(Section::Factors { score: 74, bars: vec![bar(300), bar(-100)], confidence: String::new() });
        let html = card(&c, place()).unwrap();
        assert!(html.contains("+30.0") && html.contains("−10.0"), "{html}");
        assert!(html.contains(r#"x="25.0%" width="75.0%""#), "{html}");
        assert!(html.contains(r#"x="0.0%" width="25.0%""#), "{html}");
    }

    #[test]
    fn a_badge_is_a_word_and_a_picture_not_only_a_colour() {
        let mut c = Card::note("x");
        c.badge = Some(Badge { word: "Active".into(), tone: Tone::Good });
        let html = card(&c, place()).unwrap();
        assert!(html.contains("badge good") && html.contains("<svg") && html.contains("Active"), "{html}");
    }
}
