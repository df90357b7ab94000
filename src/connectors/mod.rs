//! Target systems behind `ports::connector`.
//!
//! [`manual`] hands the work to a named person, [`webhook`] calls a signed HTTP receiver, [`local`] keeps the demo's own doors. [`build`]
//! makes them from their settings. [`signin`] reads sign-in logs; [`poll`] fetches them, [`directory`] asks directories how an account stands.
//!
//! Invariant: every call may come twice; the second changes nothing and says the same. Only what was read back is confirmed.

pub mod address;
pub mod build;
pub mod directory;
pub mod local;
pub mod manual;
pub mod outgoing;
pub mod poll;
pub mod signature;
pub mod signin;
pub mod tickets;
pub mod webhook;
