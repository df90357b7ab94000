//! The chat-completions call that OpenAI, Azure OpenAI (`/openai/v1`) and local servers (llama.cpp, vLLM, Ollama) share, with structured
//! output in strict mode (<https://platform.openai.com/docs/guides/structured-outputs>).
//!
//! Written against the wire rather than with a client crate: servers leave out fields those insist on, and the answer's size has to be
//! limited while it arrives.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::ports::language_model::{Completion, LanguageModel, ModelError, Prompt};

/// The largest answer taken, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// Where the model is and how it is asked.
#[derive(Debug, Clone)]
pub struct OpenAiSettings {
    /// The base address, `https://api.openai.com/v1` or `http://127.0.0.1:8080/v1`.
    pub base_url: Url,
    /// The model's name, as the server knows it.
    pub model: String,
    /// The key, where the server wants one.
    pub key: Option<SecretString>,
    /// How the key is sent.
    pub key_header: KeyHeader,
    /// How the length limit is called there.
    pub length_field: LengthField,
    /// The temperature as 0 is sent; some reasoning models refuse it.
    pub send_temperature: bool,
    /// How long connecting and answering may take together.
    pub timeout: Duration,
}

/// How the key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`
    #[default]
    Bearer,
    /// `api-key: …` (Azure)
    ApiKey,
}

/// How the limit on the answer's length is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LengthField {
    /// `max_tokens`: what every server knows.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`: what newer hosted models insist on.
    MaxCompletionTokens,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenAiError {
    /// Not an address a call can be made to.
    #[error("the model's address `{0}` has to begin with http:// or https://")]
    Address(String),
    /// The key holds characters a header cannot carry.
    #[error("the model's key holds characters that cannot be sent")]
    Key,
    /// No HTTP client could be made.
    #[error("no connection can be prepared: {0}")]
    Client(String),
}

/// A model behind an OpenAI-compatible endpoint.
#[derive(Debug)]
pub struct OpenAiModel {
    http: reqwest::Client,
    url: Url,
    settings: OpenAiSettings,
}

impl OpenAiModel {
    /// A client for these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`OpenAiError`] where the settings cannot be used.
    pub fn new(settings: OpenAiSettings) -> Result<Self, OpenAiError> {
        let mut url = settings.base_url.clone();
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OpenAiError::Address(url.to_string()));
        }
        url.path_segments_mut()
            .map_err(|()| OpenAiError::Address(settings.base_url.to_string()))?
            .pop_if_empty()
            .extend(["chat", "completions"]);
        if let Some(key) = &settings.key {
            HeaderValue::from_str(key.expose_secret()).map_err(|_| OpenAiError::Key)?;
        }
        // Somebody may have chosen the process's TLS provider already; then theirs stands.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| OpenAiError::Client(e.to_string()))?;
        Ok(Self { http, url, settings })
    }

    fn body(&self, prompt: &Prompt) -> serde_json::Value {
        let mut body = json!({
            "model": self.settings.model,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": prompt.schema_name, "strict": true, "schema": prompt.schema },
            },
        });
        if let Some(object) = body.as_object_mut() {
            let limit = match self.settings.length_field {
                LengthField::MaxTokens => "max_tokens",
                LengthField::MaxCompletionTokens => "max_completion_tokens",
            };
            object.insert(limit.to_owned(), json!(prompt.max_tokens));
            if self.settings.send_temperature {
                object.insert("temperature".to_owned(), json!(0));
            }
        }
        body
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let began = Instant::now();
        let mut request = self.http.post(self.url.clone()).json(&self.body(prompt));
        if let Some(key) = &self.settings.key {
            let (name, text) = match self.settings.key_header {
                KeyHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
                KeyHeader::ApiKey => (HeaderName::from_static("api-key"), key.expose_secret().to_owned()),
            };
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_| ModelError::Unavailable("its key cannot be sent".to_owned()))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let mut response = request.send().await.map_err(|e| failed(&e))?;
        let status = response.status();
        if !status.is_success() {
            // What else it says is a stranger's text and may repeat what was sent.
            return Err(ModelError::Unavailable(format!("it answered with status {}", status.as_u16())));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(&e))? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(ModelError::Unavailable(format!("its answer is longer than {MAX_BODY} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&bytes)
            .map_err(|_| ModelError::Unavailable("its answer is not a chat completion".to_owned()))?;
        let choice = answer
            .choices
            .into_iter()
            .next()
            .ok_or_else(|| ModelError::Unavailable("its answer holds no choice".to_owned()))?;
        let usage = answer.usage.unwrap_or_default();
        Ok(Completion {
            text: choice.message.content.unwrap_or_default(),
            truncated: choice.finish_reason.as_deref() == Some("length"),
            model: answer.model.unwrap_or_else(|| self.settings.model.clone()),
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            latency: began.elapsed(),
        })
    }
}

fn failed(error: &reqwest::Error) -> ModelError {
    if error.is_timeout() {
        ModelError::Timeout
    } else if error.is_connect() {
        ModelError::Unavailable("no connection".to_owned())
    } else {
        ModelError::Unavailable("the connection broke off".to_owned())
    }
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let answer = self.ask(prompt).await;
        match &answer {
            Ok(done) => tracing::info!(
                template = %prompt.template.short(),
                model = %self.settings.model,
                prompt_tokens = done.prompt_tokens,
                completion_tokens = done.completion_tokens,
                latency_ms = done.latency.as_millis(),
                truncated = done.truncated,
                "the model answered"
            ),
            Err(error) => {
                tracing::warn!(template = %prompt.template.short(), model = %self.settings.model, %error, "no answer")
            }
        }
        answer
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize, Default)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Option<u32>,
    #[serde(default)]
    completion_tokens: Option<u32>,
}
