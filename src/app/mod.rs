//! Wiring, start, stop. Reads settings, opens what is named there, hands each module what it needs and nothing more.

pub mod checkpoints;
pub mod data_dir;
pub mod demo;
pub mod doors;
pub mod house;
pub mod model;
pub mod running;
pub mod serve;
pub mod system;
pub mod understanding;
