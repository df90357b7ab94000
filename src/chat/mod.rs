//! Surfaces: how a card is drawn and how words and clicks come in. None imports another; what they share is `plain` (text made
//! harmless), `budget` (text made short), `marks` (signs and bars), `reach` (whether a platform can call us), `scene` (addresses and names)
//! and `signed` (when a delivery was sent).

pub mod budget;
pub mod discord;
pub mod marks;
pub mod plain;
pub mod reach;
pub mod scene;
pub mod signed;
pub mod slack;
pub mod teams;
pub mod terminal;
pub mod web;
