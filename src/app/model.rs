//! The language model's client from its settings.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::SecretString;

use crate::domain::clock::Clock;
use crate::model::breaker::BreakerSettings;
use crate::model::guarded::Guarded;
use crate::model::openai::{KeyHeader, LengthField, OpenAiModel, OpenAiSettings};
use crate::ports::language_model::LanguageModel;

/// A client for any OpenAI-compatible address, with a time limit and a circuit breaker in front of it.
///
/// # Errors
/// Where the address cannot be used.
pub fn client(
    base_url: &str,
    name: &str,
    key: Option<SecretString>,
    timeout: Duration,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn LanguageModel>> {
    let model = OpenAiModel::new(OpenAiSettings {
        base_url: base_url.parse().with_context(|| format!("the model's address `{base_url}` is no web address"))?,
        model: name.to_owned(),
        key,
        key_header: KeyHeader::default(),
        length_field: LengthField::default(),
        send_temperature: true,
        timeout,
    })?;
    Ok(Arc::new(Guarded::new(Arc::new(model), BreakerSettings::default(), timeout, clock)))
}
