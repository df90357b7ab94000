//! What a delivery of Slack's is about. Pure: the same for Socket Mode and HTTP mode.

pub mod commands;
pub mod events;
pub mod fields;
pub mod interactions;
pub mod task;
