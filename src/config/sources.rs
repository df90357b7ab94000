//! Where knowledge about sign-ins comes from: directories that are asked live, and providers' logs that are fetched. Each has a name, so
//! that a variable can hold its secret: `CLAVIGER_DIRECTORIES__LDAP__BIND_PASSWORD` sets `bind_password` of `[directories.ldap]`.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// A directory that is asked how an account stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySource {
    /// What sort.
    pub kind: DirectoryKind,
    /// `ldaps://…`, or `ldap://…` with `start_tls`.
    pub url: String,
    /// Encrypt an `ldap://` connection before anything is said.
    #[serde(default)]
    pub start_tls: bool,
    /// A file of certificates to trust instead of the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The account that reads.
    pub bind_dn: String,
    /// Its password.
    pub bind_password: SecretString,
    /// Where people are; for Active Directory the domain's root.
    pub people: String,
    /// OpenLDAP: the policy of accounts that name none of their own.
    #[serde(default)]
    pub policy: Option<String>,
    /// OpenLDAP: the access log's suffix, where it may be read.
    #[serde(default)]
    pub log: Option<String>,
    /// True where locks by wrong passwords may be taken off from here, as far as `policy/unlock.yaml` lets people.
    #[serde(default)]
    pub unlock: bool,
    /// The account that takes them off; never the one that reads.
    #[serde(default)]
    pub unlock_dn: Option<String>,
    /// Its password.
    #[serde(default)]
    pub unlock_password: Option<SecretString>,
}

/// What sort of directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryKind {
    /// OpenLDAP with the password policy overlay.
    Openldap,
    /// Active Directory, Samba's included.
    ActiveDirectory,
}

/// A provider's log that is fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum LogSource {
    /// Okta's System Log.
    Okta {
        /// The organisation's address, `https://acme.okta.com`.
        url: String,
        /// An API token, or an access token.
        token: SecretString,
        /// True for an access token with the scope `okta.logs.read`.
        #[serde(default)]
        bearer: bool,
        /// How many seconds between two rounds.
        #[serde(default = "every")]
        every_seconds: u64,
        /// How many hours back the first round goes.
        #[serde(default = "first")]
        first_hours: u32,
    },
    /// Microsoft Entra ID's sign-ins.
    Entra {
        /// The tenant's id or domain.
        tenant: String,
        /// The application's id.
        client_id: String,
        /// The application's secret.
        client_secret: SecretString,
        /// Graph's address; another one in national clouds.
        #[serde(default = "graph")]
        graph: String,
        /// The address tokens come from; another one in national clouds.
        #[serde(default = "login")]
        login: String,
        /// How many seconds between two rounds.
        #[serde(default = "every")]
        every_seconds: u64,
        /// How many hours back the first round goes.
        #[serde(default = "first")]
        first_hours: u32,
    },
}

fn graph() -> String {
    "https://graph.microsoft.com".into()
}

fn login() -> String {
    "https://login.microsoftonline.com".into()
}

fn every() -> u64 {
    60
}

fn first() -> u32 {
    24
}
