//! The options that name a language model, shared by the commands that can use one.

use std::sync::Arc;

use crate::app::system::SystemClock;
use crate::ports::language_model::LanguageModel;

/// A language model behind an OpenAI-compatible address; none by default.
#[derive(Debug, Clone, clap::Args)]
pub struct ModelArgs {
    /// Base address of an OpenAI-compatible model, `http://127.0.0.1:8080/v1` for instance. Works without one.
    #[arg(long, env = "CLAVIGER_MODEL_URL")]
    pub model_url: Option<String>,
    /// The model's name there.
    #[arg(long, env = "CLAVIGER_MODEL_NAME", default_value = "default")]
    pub model_name: String,
    /// How long it may take to answer, in seconds; then the embedded interpreter's reading stands alone.
    #[arg(long, env = "CLAVIGER_MODEL_SECONDS", default_value_t = 8)]
    pub model_seconds: u64,
}

impl ModelArgs {
    /// The client, where an address was given. The key comes from `CLAVIGER_MODEL_KEY`.
    ///
    /// # Errors
    /// Where the address cannot be used.
    pub fn client(&self) -> anyhow::Result<Option<Arc<dyn LanguageModel>>> {
        let Some(url) = &self.model_url else { return Ok(None) };
        let key = std::env::var("CLAVIGER_MODEL_KEY").ok().map(Into::into);
        let wait = std::time::Duration::from_secs(self.model_seconds);
        crate::app::model::client(url, &self.model_name, key, wait, Arc::new(SystemClock)).map(Some)
    }
}
