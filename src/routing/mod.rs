//! Verdict and assessment become a route: the join of what every rule asks for, and the people who can take each step.

pub mod candidates;
pub mod findings;
pub mod level;
pub mod people;
pub mod route;
pub mod rules;
pub mod steps;
pub mod table;
pub mod table_text;
