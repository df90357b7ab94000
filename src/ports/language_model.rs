//! A language model as this house sees it: text in, JSON text out, nothing in its hands.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::digest::Digest;

/// One call. The fixed part comes first and the person's words last, so that servers can cache the prefix.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// Which template, for the record.
    pub template: Digest,
    /// Instructions.
    pub system: String,
    /// Candidates and words, fenced and labelled as data.
    pub user: String,
    /// The strict JSON Schema the answer has to satisfy.
    pub schema: serde_json::Value,
    /// The schema's name.
    pub schema_name: String,
    /// The most tokens the answer may take.
    pub max_tokens: u32,
}

/// What came back, and what it cost.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The text, unparsed and untrusted.
    pub text: String,
    /// True where the server stopped for length.
    pub truncated: bool,
    /// Which model answered.
    pub model: String,
    /// Tokens read, where told.
    pub prompt_tokens: Option<u32>,
    /// Tokens written, where told.
    pub completion_tokens: Option<u32>,
    /// How long it took.
    pub latency: Duration,
}

/// Why nothing came back.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// Too slow.
    #[error("the model did not answer in time")]
    Timeout,
    /// Not reachable, or it answered with an error.
    #[error("the model cannot be reached: {0}")]
    Unavailable(String),
    /// It answered twice, and neither answer was of the asked form.
    #[error("the model's answer could not be used")]
    Unusable,
    /// Recent failures; not asked at all.
    #[error("the model is left alone after repeated failures")]
    CircuitOpen,
}

/// A language model behind any OpenAI-compatible endpoint.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// Asks once.
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError>;
}
