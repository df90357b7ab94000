//! Which directory is asked, as whom, and how far it is trusted with time and size.

use std::net::IpAddr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// What sort of directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// OpenLDAP with the password policy overlay.
    OpenLdap {
        /// The policy of accounts that name none of their own (`ppolicy_default` in slapd's settings).
        policy: Option<String>,
        /// The access log's suffix (`cn=log`), where the account may read it.
        log: Option<String>,
    },
    /// Active Directory, Samba's included.
    ActiveDirectory,
}

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To reach the server, encryption included.
    pub connect: Duration,
    /// For one operation.
    pub operation: Duration,
    /// For everything an answer needs.
    pub total: Duration,
    /// How many questions are asked at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            operation: Duration::from_secs(4),
            total: Duration::from_secs(8),
            at_once: 4,
        }
    }
}

/// A directory's settings.
#[derive(Debug, Clone)]
pub struct DirectorySettings {
    /// What operators call it.
    pub name: String,
    /// What sort.
    pub kind: Kind,
    /// `ldaps://…`, or `ldap://…` with `start_tls`; plain `ldap://` to this machine only.
    pub url: String,
    /// Encrypt an `ldap://` connection before anything is said.
    pub start_tls: bool,
    /// Certificates to trust instead of the system's, as PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// The account that reads. It needs to read the attributes named in this folder and nothing else.
    pub bind_dn: String,
    /// Its password.
    pub bind_password: SecretString,
    /// Where people are; for Active Directory the domain's root.
    pub people: String,
    /// How long and how much.
    pub limits: Limits,
    /// The account that takes locks off; without one nothing is ever written.
    pub unlock: Option<Unlocking>,
}

/// An account that may take locks off, and nothing else.
#[derive(Debug, Clone)]
pub struct Unlocking {
    /// Which.
    pub dn: String,
    /// Its password.
    pub password: SecretString,
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an LDAP address.
    #[error("`{0}` is no LDAP address; write `ldaps://host`")]
    Address(String),
    /// Not encrypted.
    #[error("`{0}` is not encrypted; write `ldaps://` or set `start_tls` (plain LDAP is for this machine only)")]
    Plain(String),
    /// Something is missing that must not be empty.
    #[error("`{0}` must not be empty")]
    Empty(&'static str),
    /// The account that reads would write.
    #[error("`unlock_dn` must not be the account in `bind_dn`: whoever reads must not be able to write")]
    OneAccount,
    /// The trusted certificates cannot be read.
    #[error("the certificates to trust cannot be used: {0}")]
    Certificates(String),
}

impl DirectorySettings {
    /// The address, where it can be used safely.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot be used.
    pub fn address(&self) -> Result<Url, SettingsError> {
        let address = || SettingsError::Address(self.url.clone());
        let url = Url::parse(&self.url).map_err(|_| address())?;
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(address)?;
        if !url.username().is_empty() || url.password().is_some() || !matches!(url.path(), "" | "/") {
            return Err(address());
        }
        let encrypted = match url.scheme() {
            "ldaps" => true,
            "ldap" => self.start_tls,
            _ => return Err(address()),
        };
        if !encrypted && !is_this_machine(host) {
            return Err(SettingsError::Plain(self.url.clone()));
        }
        // A bind without a password is an anonymous one that looks like success (RFC 4513 §5.1.2).
        let needed = [
            ("bind_dn", self.bind_dn.as_str()),
            ("bind_password", self.bind_password.expose_secret()),
            ("people", self.people.as_str()),
        ];
        match needed.into_iter().find(|(_, value)| value.trim().is_empty()) {
            Some((name, _)) => Err(SettingsError::Empty(name)),
            None => Ok(url),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, start_tls: bool) -> DirectorySettings {
        DirectorySettings {
            name: "ldap".into(),
            kind: Kind::ActiveDirectory,
            url: url.into(),
            start_tls,
            ca_pem: None,
            bind_dn: "cn=reader".into(),
            bind_password: "hush".into(),
            people: "dc=example,dc=test".into(),
            limits: Limits::default(),
            unlock: None,
        }
    }

    #[test]
    fn nothing_goes_out_unencrypted() {
        for (url, start_tls) in [
            ("ldaps://ldap.example.test", false),
            ("ldaps://10.0.0.7:3269", false),
            ("ldap://ldap.example.test", true),
            ("ldap://127.0.0.1:13389", false),
            ("ldap://127.9.9.9/", false),
            ("ldap://localhost", false),
        ] {
            assert!(settings(url, start_tls).address().is_ok(), "{url}");
        }
        for url in [
            "ldap://ldap.example.test",
            "ldap://10.0.0.7",
            "ldap://localhost.example.test",
            "ldap://127.0.0.1.example.test",
        ] {
            assert_eq!(settings(url, false).address(), Err(SettingsError::Plain(url.into())));
        }
        for url in [
            "",
            "ldap.example.test",
            "https://ldap.example.test",
            "ldapi:///run/x",
            "ldaps://",
            "ldaps://a:b@host",
            "ldaps://host/dc=x??sub",
        ] {
            assert_eq!(settings(url, true).address(), Err(SettingsError::Address(url.into())), "{url}");
        }
    }

    #[test]
    fn a_bind_without_a_password_is_none() {
        let mut empty = settings("ldaps://host", false);
        empty.bind_password = " ".into();
        assert_eq!(empty.address(), Err(SettingsError::Empty("bind_password")));
        assert!(!format!("{:?}", settings("ldaps://host", false)).contains("hush"));
    }
}
