//! The terminal: a card as plain text, and a conversation line by line.

pub mod render;
pub mod session;
