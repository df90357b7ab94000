//! Slack: a card as Block Kit, App Home and modals; whether a request is Slack's, and what it is.

pub mod home;
pub mod inert;
pub mod limits;
pub mod modal;
pub mod receive;
pub mod render;
pub mod signature;
