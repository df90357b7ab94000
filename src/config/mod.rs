//! Settings: a struct per section, unknown keys refused, secrets never shown.
