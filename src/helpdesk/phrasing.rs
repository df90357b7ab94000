//! A model may phrase an answer; it never adds to it. What it writes is compared with the answer's own sentences ([`crate::helpdesk::fidelity`]);
//! one miss and the sentences are sent as they are. Counted either way.

use std::time::Duration;

use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::helpdesk::fidelity;
use crate::helpdesk::lockout::claim::{Explanation, Sentence};
use crate::ports::language_model::{LanguageModel, Prompt};

/// The template that ships with the program.
pub const PHRASE: &str = include_str!("../../prompts/phrase.md.j2");

/// The longest a wording is waited for, whatever limit the model's client has of its own.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Who worded an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The sentences as they were made.
    Template,
    /// A model, checked.
    Model,
}

/// A worded answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worded {
    /// The words.
    pub text: String,
    /// Whose.
    pub by: By,
}

/// A template does not work.
#[derive(Debug, thiserror::Error)]
#[error("the prompt template `phrase` cannot be used: {0}")]
pub struct BadTemplate(String);

#[derive(Serialize)]
struct Context<'a> {
    sentences: Vec<&'a str>,
}

#[derive(Deserialize)]
struct Reply {
    answer: String,
}

/// The prompt for these sentences.
///
/// # Errors
/// [`BadTemplate`] where the template names something that does not exist.
pub fn prompt(sentences: &[Sentence]) -> Result<Prompt, BadTemplate> {
    let bad = |e: minijinja::Error| BadTemplate(format!("{e:#}"));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_template("phrase", PHRASE).map_err(bad)?;
    let template = environment.get_template("phrase").map_err(bad)?;
    let context = Context { sentences: sentences.iter().map(Sentence::text).collect() };
    let mut rendered =
        template.render_captured(minijinja::Value::from(minijinja::value::Serde(&context))).map_err(bad)?;
    let system = rendered.with_state_mut(|state| state.render_block("system")).map_err(bad)?;
    let user = rendered.with_state_mut(|state| state.render_block("user")).map_err(bad)?;
    Ok(Prompt {
        template: Digest::of(PHRASE.as_bytes()),
        system,
        user,
        schema: serde_json::json!({
            "type": "object",
            "properties": { "answer": { "type": "string" } },
            "required": ["answer"],
            "additionalProperties": false
        }),
        schema_name: "phrased".to_owned(),
        max_tokens: 600,
    })
}

/// The answer in the model's words where they are faithful, else in its own. Safety answers are never rephrased.
pub async fn word(explanation: &Explanation, model: Option<&dyn LanguageModel>) -> Worded {
    let own = Worded { text: explanation.answer(), by: By::Template };
    let Some(model) = model.filter(|_| !explanation.to_security) else { return own };
    let Ok(prompt) = prompt(&explanation.sentences) else { return own };
    let said = match tokio::time::timeout(LONGEST_WAIT, model.complete(&prompt)).await {
        Ok(Ok(done)) if !done.truncated => serde_json::from_str::<Reply>(&done.text).ok(),
        _ => None,
    };
    let Some(reply) = said else {
        metrics::counter!("claviger_phrasings_total", "outcome" => "no_answer").increment(1);
        return own;
    };
    match fidelity::check(&explanation.sentences, &reply.answer) {
        Ok(()) => {
            metrics::counter!("claviger_phrasings_total", "outcome" => "sent").increment(1);
            Worded { text: reply.answer.trim().to_owned(), by: By::Model }
        }
        Err(_) => {
            metrics::counter!("claviger_phrasings_total", "outcome" => "unfaithful").increment(1);
            own
        }
    }
}
