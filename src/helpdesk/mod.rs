//! Answers from the record: who approves, why denied, why locked out, how do I. A sentence without evidence is not said.

pub mod cues;
pub mod decisions;
pub mod deeds;
pub mod desk_asks;
pub mod disclosure;
pub mod disclosure_text;
pub mod fidelity;
pub mod knowledge;
pub mod lockout;
pub mod phrases;
pub mod phrasing;
pub mod proactive;
pub mod sender;
pub mod tongues;
pub mod topics;
pub mod triage;
pub mod unlock;
pub mod unlock_text;
pub mod urgency;
pub mod urgency_words;
pub mod whys;
