//! The web surface: a card as safe HTML. What comes in (forms, sessions) is `server`'s.

pub mod render;
