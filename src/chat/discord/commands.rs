//! The commands that the application offers: `/access`, and “Request access from this message” in a message's menu. Told to Discord at the
//! start, and only where it knows others: telling costs (200 new commands a day), asking does not.

use reqwest::Method;
use serde_json::{Value, json};
use serenity::http::Route;

use crate::chat::discord::client::Discord;
use crate::chat::discord::read::{COMMAND, COMMAND_WORDS, MESSAGE_COMMAND};
use crate::ports::surface::SurfaceError;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// They stood already.
    Before,
    /// They were told now.
    Now,
}

/// The commands. They work on servers (context 0) and in the direct conversation with the bot (1), where the application was installed on
/// a server (integration 0), never for whoever installs it for themselves.
#[must_use]
pub fn commands() -> Value {
    json!([
        {
            "name": COMMAND,
            "type": 1,
            "description": "Ask for access, or ask what you have and why",
            "contexts": [0, 1],
            "integration_types": [0],
            "options": [{
                "type": 3,
                "name": COMMAND_WORDS,
                "description": "In your own words: read access to the Q3 reports until Friday",
                "required": false,
                "autocomplete": true,
            }],
        },
        { "name": MESSAGE_COMMAND, "type": 3, "contexts": [0, 1], "integration_types": [0] },
    ])
}

/// Tells Discord the commands where it knows others. Doing it twice changes nothing.
///
/// # Errors
/// [`SurfaceError`]
pub async fn register(discord: &Discord) -> Result<Registered, SurfaceError> {
    let route = Route::Commands { application_id: discord.known().application };
    let wanted = commands();
    if same(&discord.api().get(route).await?, &wanted) {
        return Ok(Registered::Before);
    }
    discord.api().send(Method::PUT, route, &wanted).await?;
    Ok(Registered::Now)
}

/// True where Discord knows exactly these, whatever else it says of them.
fn same(known: &Value, wanted: &Value) -> bool {
    let (Some(known), Some(wanted)) = (known.as_array(), wanted.as_array()) else { return false };
    let stands = |want: &Value| known.iter().any(|k| holds(k, want));
    known.len() == wanted.len() && wanted.iter().all(stands)
}

/// True where `known` says everything that `want` says. What is false by default may be left unsaid.
fn holds(known: &Value, want: &Value) -> bool {
    match (known, want) {
        (Value::Object(known), Value::Object(want)) => want.iter().all(|(name, value)| match known.get(name) {
            Some(said) => holds(said, value),
            None => *value == Value::Bool(false),
        }),
        (Value::Array(known), Value::Array(want)) => {
            known.len() == want.len() && want.iter().zip(known).all(|(want, known)| holds(known, want))
        }
        _ => known == want,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_stand_are_not_told_again() {
        let mut known = commands();
        known[0]["id"] = "9".into();
        known[0]["options"][0].as_object_mut().unwrap().remove("required");
        assert!(same(&known, &commands()));
        known[0]["description"] = "other".into();
        assert!(!same(&known, &commands()));
        assert!(!same(&json!([]), &commands()));
        let mut more = commands();
        more.as_array_mut().unwrap().push(json!({ "name": "old" }));
        assert!(!same(&more, &commands()));
    }

    #[test]
    fn names_stay_within_discords_limits() {
        for command in commands().as_array().unwrap() {
            let name = command["name"].as_str().unwrap();
            assert!((1..=32).contains(&name.chars().count()), "{name}");
            assert!(command["description"].as_str().is_none_or(|d| d.len() <= 100));
        }
    }
}
