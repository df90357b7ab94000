//! Claviger, the bearer of keys: access asked for in plain words, decided by rules, granted, ended and recorded.
//!
//! # The map, bottom to top
//!
//! A module imports only modules above its own row here; `tests/architecture.rs` holds the table and keeps it.

pub mod domain;

pub mod audit;
pub mod policy;
pub mod risk;
pub mod routing;

pub mod ports;

pub mod catalog;
pub mod understanding;

pub mod helpdesk;
pub mod workflow;

pub mod chat;
pub mod connectors;
pub mod model;
pub mod store;

pub mod jobs;
pub mod server;

pub mod eval;

pub mod config;
pub mod telemetry;

pub mod app;
pub mod cli;
