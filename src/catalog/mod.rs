//! The catalog folder: loaded, checked, searched. What people wrote about systems, entitlements, bundles, owners, duties, guardrails
//! and knowledge, and the company it belongs to.
//!
//! Invariant: a [`model::Catalog`] is complete and consistent; every id in it points at something in it.

pub mod assemble;
pub mod check;
pub mod defaults;
pub mod example;
pub mod extend;
pub mod holdings;
pub mod jsonl;
pub mod knowledge;
pub mod load;
pub mod mistake;
pub mod model;
pub mod near;
pub mod read;
pub mod schema;
pub mod search;
pub mod source;
pub mod words;
pub mod written;
