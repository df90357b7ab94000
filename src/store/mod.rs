//! SQLite and PostgreSQL behind `ports::store`. The only place that knows SQL.
//!
//! From the ground up: [`engine`] is what the two databases have in common once a statement is written (`sqlite` and `postgres` are
//! its two makers), [`sql`] holds the statements, [`rows`] turns aggregates into columns and back, [`commit`] writes a batch,
//! `record`, `questions`, `queue`, `shared`, `postings`, `accounts`, `signins` and `whereabouts` answer, and [`open`] puts it together.

#[macro_use]
pub mod engine;

pub mod accounts;
pub mod commit;
pub mod database;
pub mod open;
pub mod postgres;
pub mod postings;
pub mod questions;
pub mod queue;
pub mod record;
pub mod rows;
pub mod schema;
pub mod shared;
pub mod signins;
pub mod sql;
pub mod sqlite;
pub mod whereabouts;
