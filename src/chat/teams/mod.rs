//! Microsoft Teams: a card as an Adaptive Card, and the marks on what a model wrote; the gate deliveries come through, what they mean,
//! and what we do there.

pub mod activity;
pub mod answer;
pub mod answers;
pub mod calls;
pub mod check;
pub mod client;
pub mod elements;
pub mod http;
pub mod inert;
pub mod invoke;
pub mod keys;
pub mod limits;
pub mod outgoing;
pub mod pace;
pub mod package;
pub mod receive;
pub mod render;
pub mod routes;
pub mod settings;
pub mod token;
