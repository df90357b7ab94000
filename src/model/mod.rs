//! Language-model clients.
