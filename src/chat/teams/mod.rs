//! Microsoft Teams: a card as an Adaptive Card, and the marks on what a model wrote.

pub mod answer;
pub mod answers;
pub mod elements;
pub mod inert;
pub mod limits;
pub mod render;
