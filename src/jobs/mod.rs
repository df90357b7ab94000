//! The durable queue's runner, timers and sweeps.

pub mod backoff;
pub mod polling;
pub mod runner;
