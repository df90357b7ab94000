//! A model with a time limit and a circuit breaker in front of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::clock::Clock;
use crate::model::breaker::{Breaker, BreakerSettings};
use crate::ports::language_model::{Completion, LanguageModel, ModelError, Prompt};

/// Another model, guarded.
pub struct Guarded {
    inner: Arc<dyn LanguageModel>,
    breaker: Mutex<Breaker>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

impl Guarded {
    /// Guards a model.
    #[must_use]
    pub fn new(
        inner: Arc<dyn LanguageModel>,
        settings: BreakerSettings,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { inner, breaker: Mutex::new(Breaker::new(settings)), clock, timeout }
    }

    fn with_breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        act(&mut self.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl LanguageModel for Guarded {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let now = self.clock.now();
        if !self.with_breaker(|b| b.admits(now)) {
            return Err(ModelError::CircuitOpen);
        }
        let answer = match tokio::time::timeout(self.timeout, self.inner.complete(prompt)).await {
            Ok(answer) => answer,
            Err(_) => Err(ModelError::Timeout),
        };
        let now = self.clock.now();
        self.with_breaker(|b| b.report(now, answer.is_ok()));
        answer
    }
}
