//! Wiring, start, stop. Reads settings, opens what is named there, hands each module what it needs and nothing more.
//!
//! Invariant: here alone are the system's clock and its source of randomness.

pub mod channels;
pub mod checkpoints;
pub mod data_dir;
pub mod demo;
pub mod discord;
pub mod doors;
pub mod house;
pub mod identity;
pub mod model;
pub mod outside;
pub mod record;
pub mod replay;
pub mod running;
pub mod serve;
pub mod signin_sources;
pub mod signin_upkeep;
pub mod site;
pub mod slack;
pub mod surfaces;
pub mod system;
pub mod teams;
pub mod trial;
pub mod understanding;
pub mod verify;
