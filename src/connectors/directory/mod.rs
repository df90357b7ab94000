//! Directories asked live, over LDAP: how one account stands right now, read from its own attributes.
//!
//! [`settings`] says which directory and how; [`session`] speaks LDAP, encrypted, with limits on time and size; [`find`] writes filters;
//! [`openldap`] and [`active_directory`] turn attributes into events; [`live`] puts it together behind `ports::account_state`.
//!
//! Invariant: nothing is ever written to a directory from here.

pub mod active_directory;
pub mod find;
pub mod live;
pub mod openldap;
pub mod session;
pub mod settings;
