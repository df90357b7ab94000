//! Sign-in logs in their providers' own shapes → [`crate::domain::signin::SigninEvent`]. One file a provider, each a pure function from a
//! raw record to a [`draft::Draft`]; [`detect`] tells shapes apart, [`read`] takes lines and files apart, [`intake`] stores what was read.
//!
//! A record that cannot be read is told with its reason and kept aside; it never stops the others.

pub mod active_directory;
pub mod auth0;
pub mod aws_console;
pub mod detect;
pub mod draft;
pub mod duo;
pub mod entra_audit;
pub mod entra_signin;
pub mod field;
pub mod filetime;
pub mod generic;
pub mod google_workspace;
pub mod intake;
pub mod keycloak;
pub mod ldif;
pub mod moment;
pub mod okta;
pub mod onelogin;
pub mod onepassword;
pub mod openldap;
pub mod read;
pub mod risk;
pub mod samba;
pub mod snowflake;
pub mod sshd;
pub mod syslog;
pub mod windows;
pub mod windows_record;
