//! Directories asked live, over LDAP: how one account stands right now, read from its own attributes; and locks taken off, where an
//! operator switched that on.
//!
//! [`settings`] says which directory and how; [`session`] speaks LDAP, encrypted, with limits on time and size; [`find`] writes filters;
//! [`openldap`] and [`active_directory`] turn attributes into events; [`live`] puts it together behind `ports::account_state`.
//!
//! Invariant: nothing is ever written to a directory but what [`unlock`] writes, with an account of its own.

pub mod active_directory;
pub mod find;
pub mod live;
pub mod openldap;
pub mod session;
pub mod settings;
pub mod unlock;
