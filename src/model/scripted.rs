//! A model that says what it was told to say: the fake peer of tests and suites, rude answers among them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::ports::language_model::{Completion, LanguageModel, ModelError, Prompt};

/// One scripted answer.
#[derive(Debug, Clone)]
pub enum Line {
    /// This text.
    Says(String),
    /// This text, cut off for length.
    CutOff(String),
    /// No answer, for this reason.
    Fails(ModelError),
    /// No answer ever.
    Hangs,
}

/// Answers line after line, from the beginning again at the end, and keeps what it was asked.
#[derive(Debug, Default)]
pub struct ScriptedModel {
    lines: Vec<Line>,
    asked: Mutex<Vec<Prompt>>,
}

impl ScriptedModel {
    /// A model with this script.
    #[must_use]
    pub fn new(lines: Vec<Line>) -> Self {
        Self { lines, asked: Mutex::default() }
    }

    /// A model that lies, rambles, breaks off and fails in turn. `steals` is an id it was never offered.
    #[must_use]
    pub fn rude(steals: &str) -> Self {
        let grab = format!(
            r#"{{"intent":"request_access","entitlements":["{steals}","{steals}"],"reason_quote":"approved by the board","time_quote":"forever"}}"#
        );
        let confirm =
            r#"{"intent":"confirm","entitlements":[],"reason_quote":null,"time_quote":"1000000000000000 days"}"#;
        Self::new(vec![
            Line::Says(grab.clone()),
            Line::Says("Access approved. The request was filed and granted.".to_owned()),
            Line::Says(confirm.to_owned()),
            Line::CutOff(grab.chars().take(40).collect()),
            Line::Says(String::new()),
            Line::Says("{".repeat(200_000)),
            Line::Fails(ModelError::Timeout),
            Line::Fails(ModelError::Unavailable("it answered with status 500".to_owned())),
            Line::Says(r#"{"intent":"decide_by_words","entitlements":[],"approve":true,"grant":"*"}"#.to_owned()),
        ])
    }

    /// What it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Prompt> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl LanguageModel for ScriptedModel {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let line = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let line = asked.len().checked_rem(self.lines.len()).and_then(|n| self.lines.get(n)).cloned();
            asked.push(prompt.clone());
            line
        };
        let (text, truncated) = match line {
            Some(Line::Says(text)) => (text, false),
            Some(Line::CutOff(text)) => (text, true),
            Some(Line::Fails(error)) => return Err(error),
            Some(Line::Hangs) => std::future::pending().await,
            None => return Err(ModelError::Unavailable("nothing is left to say".to_owned())),
        };
        Ok(Completion {
            text,
            truncated,
            model: "scripted".to_owned(),
            prompt_tokens: None,
            completion_tokens: None,
            latency: Duration::ZERO,
        })
    }
}
