//! Discord: a card as embeds with rows of components, and modals; what is done there, and what comes in by the gateway or by HTTP.

pub mod answer;
pub mod api;
pub mod check;
pub mod client;
pub mod commands;
pub mod endpoint;
pub mod errors;
pub mod gateway;
pub mod inert;
pub mod limits;
pub mod modal;
pub mod read;
pub mod render;
pub mod session;
pub mod settings;
pub mod signature;
pub mod start;
pub mod words;
