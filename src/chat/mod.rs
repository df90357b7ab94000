//! Surfaces: how a card is drawn and how words and clicks come in. None imports another; what they share is `plain`.

pub mod plain;
pub mod terminal;
pub mod web;
