//! Two processes of the program itself (`claviger serve`) over one PostgreSQL, with Slack, Teams and Discord before them: the stand-ins that
//! the adapters are tried with keep the platforms' rules here, too, and deliver as the platforms do. Nothing of the product is played.
//!
//! Everything here needs a PostgreSQL (`CLAVIGER_TEST_POSTGRES`; `tests/run` starts one) and says so where there is none. Verdicts wait for
//! calm, however long that takes; none depends on how fast anything is.

mod clicks;
mod company;
mod ground;
mod hands;
mod line;
mod load;
mod looks;
mod process;
mod stopped;
