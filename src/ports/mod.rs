//! The traits the rest is written against. Whatever stands behind them can be exchanged, and in tests is.

pub mod account_state;
pub mod accounts;
pub mod alerts;
pub mod connector;
pub mod desk;
pub mod identity;
pub mod jobs;
pub mod language_model;
pub mod posting;
pub mod signin;
pub mod signin_source;
pub mod store;
pub mod surface;
pub mod tickets;
pub mod unlocker;
pub mod whereabouts;
