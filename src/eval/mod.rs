//! Suites that measure: retrieval, time, intents, injection.
