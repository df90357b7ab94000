//! Wiring, start, stop.
