//! Claviger, the bearer of keys: access asked for in plain words, decided by rules, granted, ended and recorded.
//!
//! # The map, bottom to top
//!
//! A module imports only modules above its own row here; `tests/architecture.rs` holds the table and keeps it.
//!
//! | module | what lives there | what always holds |
//! |---|---|---|
//! | `domain` | ids, people, windows, requests, grants, events, cards | pure; state moves by events only |
//! | `audit` | the record's leaves, tree, checkpoints, proofs, verification, export | pure; no input makes it panic |
//! | `policy` | guardrails, eligibility, duty separation: facts → verdict | pure; no rule loosens another |
//! | `risk` | scores with their bars | pure; the bars sum to the score |
//! | `routing` | verdict and assessment → route | pure; nobody decides on their own request |
//! | `ports` | the traits the rest is written against | no implementation |
//! | `catalog` | what people wrote about systems and entitlements, searched | every id points at something |
//! | `understanding` | words → understanding | names only what the catalog holds |
//! | `helpdesk` | explanations from evidence | no sentence without evidence |
//! | `workflow` | use cases | the only place where state changes |
//! | `store` | SQLite and PostgreSQL | a batch is written whole or not at all |
//! | `model` | language-model clients | text in, text out, nothing in its hands |
//! | `connectors` | target systems | a second call changes nothing and says the same |
//! | `chat` | surfaces people talk on | escaped first, never trusted |
//! | `jobs` | the durable queue's runner | a job may run twice, its effect happens once |
//! | `server` | HTTP: web chat, inbox, API | every click is authorised anew |
//! | `eval` | measuring suites | reads answers only to compare |
//! | `config` | settings | read once, at the start |
//! | `telemetry` | tracing and metrics | no secrets, no personal text |
//! | `app` | wiring, start, stop | the only clock and the only source of randomness |
//! | `cli` | commands | says what to do next |

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
