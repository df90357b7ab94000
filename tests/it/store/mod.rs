//! The store suite: one set of cases, run on SQLite and on PostgreSQL. What one of them passes, the other passes too.
//!
//! PostgreSQL's run where `CLAVIGER_TEST_POSTGRES` holds the address of a database whose user may create databases; every case gets
//! a throwaway one. A new case is a function in one of the files beside this one and a line in the list in `cases.rs`.

mod accounts;
mod cases;
mod chat;
mod keeping;
mod questions;
mod queue;
mod racing;
mod runner;
pub mod sample;
mod schema;
mod signins;
mod tampering;
pub mod under;
mod whereabouts;
