//! Guardrails, segregation of duties and eligibility: facts in, `Verdict` with its reasons out. Whatever cannot be evaluated sends
//! the request to people.

pub mod annotations;
pub mod conflicts;
pub mod eligibility;
pub mod entities;
pub mod evaluate;
pub mod guardrails;
pub mod set;
pub mod sod_text;
