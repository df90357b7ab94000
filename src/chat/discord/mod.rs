//! Discord: a card as embeds with rows of components, and modals; whether a request is Discord's.

pub mod inert;
pub mod limits;
pub mod modal;
pub mod render;
pub mod signature;
