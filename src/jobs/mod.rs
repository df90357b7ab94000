//! The durable queue's runner, timers and sweeps.
