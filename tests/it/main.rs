//! Everything that needs more than one module: one binary, so that it links once.

mod audit;
mod cards;
mod connectors;
mod time;
mod webhook;
