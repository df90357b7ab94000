//! Microsoft Teams against a Bot Connector of our own that keeps Teams' limits and breaks when told to: who is let in, what becomes of
//! deliveries, what is sent, how fast, and what is made of every answer.

pub mod connector;
mod deliveries;
mod gate;
mod package;
mod playground;
mod sending;
pub mod world;
