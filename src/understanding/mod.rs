//! Words into an [`types::Understanding`]: intent, people, entitlements that exist, absolute times. The embedded interpreter (search and
//! grammar) does the whole job; a language model, where one is configured, is compared with it and can only make it ask.
//!
//! Invariant: every entitlement id in an understanding was found by the catalog's search in this turn, or was on the table before.

pub mod asks;
#[cfg(test)]
mod conversations;
pub mod embedded;
pub mod followup;
pub mod ground;
pub mod intent;
mod manner;
pub mod model_interpreter;
pub mod normalise;
pub mod pattern;
pub mod people;
pub mod picker;
pub mod prompt;
pub mod questions;
pub mod reconcile;
pub mod reply;
pub mod requests;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod slots;
pub mod time;
pub mod trouble;
pub mod types;
pub mod understander;
pub mod vocabulary;
