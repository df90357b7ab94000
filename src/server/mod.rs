//! HTTP: web chat, inbox, request pages, sign-in, health, metrics.
