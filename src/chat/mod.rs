//! Surfaces: how a card is drawn and how words and clicks come in. None imports another; what they share is `plain` (text made
//! harmless), `budget` (text made short), `marks` (signs and bars) and `scene` (addresses and names).

pub mod budget;
pub mod discord;
pub mod marks;
pub mod plain;
pub mod scene;
pub mod slack;
pub mod teams;
pub mod terminal;
pub mod web;
