//! Why somebody was locked out or could not sign in, from the sign-in events of that one person and nothing else. Pure: events, a moment, a
//! zone and a question in; sentences with the ids they rest on out.

pub mod answer;
pub mod causes;
pub mod chain;
pub mod claim;
pub mod danger;
pub mod explain;
pub mod follow;
pub mod kind;
pub mod matter;
pub mod named;
pub mod question;
pub mod steps;
pub mod subject;
pub mod timeline;
pub mod voice;
pub mod when;
pub mod whose;
pub mod whose_words;
pub mod words;
