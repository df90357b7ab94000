//! Suites that measure: retrieval, time, intents, injection, lockouts, triage, knowledge, sayings. Everything comes in as text and goes out as numbers; nothing is read or
//! written here.

pub mod attacks;
pub mod injection;
pub mod intents;
pub mod knowledge;
pub mod lockouts;
pub mod report;
pub mod retrieval;
pub mod sayings;
pub mod takeover;
pub mod time;
pub mod triage;
