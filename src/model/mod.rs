//! Language-model clients: any OpenAI-compatible endpoint, with limits on time and size and a circuit breaker in front.
//!
//! Invariant: what comes back is text by a stranger; nothing here reads meaning into it.

pub mod breaker;
pub mod guarded;
pub mod openai;
pub mod scripted;
