//! Answers from the record: who approves, why denied, what happened, how do I. A sentence without evidence is not said.

pub mod decisions;
pub mod knowledge;
pub mod phrases;
pub mod triage;
