//! One LDAP connection: encrypted, bound, and asked a few things, each with a limit on time and size (RFC 4511).
//!
//! A server is not trusted with more than answers: entries are counted here whatever it was asked for, answers that do not parse are
//! left out, referrals are not followed.

use std::sync::Arc;

use ldap3::asn1::StructureTag;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, Mod, Scope, SearchOptions};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use url::Url;

use crate::connectors::directory::settings::{DirectorySettings, Limits, SettingsError};

/// The most values of one attribute that are kept.
const MOST_VALUES: usize = 500;
/// The longest value that is kept, in bytes.
const LONGEST_VALUE: usize = 4_096;
/// LDAP result codes (RFC 4511 §4.1.9).
const SUCCESS: u32 = 0;
const TIME_LIMIT: u32 = 3;
const SIZE_LIMIT: u32 = 4;
const ADMIN_LIMIT: u32 = 11;
const NO_SUCH_ATTRIBUTE: u32 = 16;
const NO_SUCH_OBJECT: u32 = 32;
const INVALID_CREDENTIALS: u32 = 49;
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;

/// Why a directory could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Asking again later may help.
    Unavailable(String),
    /// An operator has to look.
    Refused(String),
    /// The reading account itself was turned away. Asking again could lock it.
    NotLetIn(String),
    /// Several accounts go by the same names.
    Ambiguous,
}

/// How a directory is reached.
pub struct Dial {
    url: Url,
    start_tls: bool,
    tls: Option<Arc<rustls::ClientConfig>>,
    bind_dn: String,
    bind_password: SecretString,
    limits: Limits,
}

impl Dial {
    /// The way to a directory.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot be used.
    pub fn new(settings: &DirectorySettings) -> Result<Self, SettingsError> {
        let url = settings.address()?;
        // A second installation is refused by the library and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = settings.ca_pem.as_deref().map(trusting).transpose()?;
        Ok(Self {
            url,
            start_tls: settings.start_tls,
            tls,
            bind_dn: settings.bind_dn.clone(),
            bind_password: settings.bind_password.clone(),
            limits: settings.limits,
        })
    }

    /// Connects and binds.
    ///
    /// # Errors
    /// [`Fault`] where the server is not there, cannot prove who it is, or does not let the account in.
    pub async fn open(&self) -> Result<Session, Fault> {
        let mut settings = LdapConnSettings::new().set_conn_timeout(self.limits.connect).set_starttls(self.start_tls);
        if let Some(tls) = &self.tls {
            settings = settings.set_config(Arc::clone(tls));
        }
        let (connection, mut ldap) =
            LdapConnAsync::from_url_with_settings(settings, &self.url).await.map_err(|error| fault(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to a directory ended");
            }
        });
        let bound = ldap
            .with_timeout(self.limits.operation)
            .simple_bind(&self.bind_dn, self.bind_password.expose_secret())
            .await
            .map_err(|error| fault(&error))?;
        match bound.rc {
            SUCCESS => Ok(Session { ldap, limits: self.limits }),
            INVALID_CREDENTIALS => {
                Err(Fault::NotLetIn("it does not let the account in `bind_dn` in; check its password".to_owned()))
            }
            BUSY | UNAVAILABLE => Err(Fault::Unavailable(format!("it answered the bind with result {}", bound.rc))),
            rc => Err(Fault::Refused(format!("it answered the bind with result {rc}: {}", short(&bound.text)))),
        }
    }
}

/// A configuration that trusts these certificates and no others.
fn trusting(pem: &[u8]) -> Result<Arc<rustls::ClientConfig>, SettingsError> {
    let wrong = |what: String| SettingsError::Certificates(what);
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What a search found: objects of lists, as LDIF is read, with the name under `dn`.
#[derive(Debug, Default)]
pub struct Found {
    /// The entries.
    pub entries: Vec<Value>,
    /// True where there are more than were asked for.
    pub cut: bool,
}

/// What to search.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Where.
    pub base: &'a str,
    /// How far below.
    pub scope: Scope,
    /// What fits.
    pub filter: &'a str,
    /// Which attributes are wanted.
    pub attributes: &'a [&'static str],
    /// At most so many entries.
    pub most: usize,
}

/// How a change went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was made.
    Done,
    /// What was to be taken away is not there.
    NotThere,
}

/// A bound connection.
pub struct Session {
    ldap: Ldap,
    limits: Limits,
}

impl Session {
    /// Searches. A base that is not there, or not to be seen, holds nothing.
    ///
    /// # Errors
    /// [`Fault`]
    pub async fn search(&mut self, what: Search<'_>) -> Result<Found, Fault> {
        let seconds = i32::try_from(self.limits.operation.as_secs()).unwrap_or(i32::MAX).max(1);
        let most = i32::try_from(what.most).unwrap_or(i32::MAX);
        self.ldap.with_search_options(SearchOptions::new().timelimit(seconds).sizelimit(most));
        let mut stream = self
            .ldap
            .with_timeout(self.limits.operation)
            .streaming_search(what.base, what.scope, what.filter, what.attributes.to_vec())
            .await
            .map_err(|error| fault(&error))?;
        let mut found = Found::default();
        while let Some(row) = stream.next().await.map_err(|error| fault(&error))? {
            if row.is_ref() || row.is_intermediate() {
                continue;
            }
            if found.entries.len() >= what.most {
                found.cut = true;
                break;
            }
            found.entries.extend(entry(row.0));
        }
        if found.cut {
            // The server was asked for fewer; what it still sends is not waited for.
            return Ok(found);
        }
        let ended = stream.finish().await;
        match ended.rc {
            SUCCESS | NO_SUCH_OBJECT => Ok(found),
            SIZE_LIMIT | TIME_LIMIT | ADMIN_LIMIT => {
                found.cut = true;
                Ok(found)
            }
            BUSY | UNAVAILABLE => Err(Fault::Unavailable(format!("it answered a search with result {}", ended.rc))),
            rc => Err(Fault::Refused(format!("it answered a search with result {rc}: {}", short(&ended.text)))),
        }
    }

    /// Changes one entry: all of it or nothing.
    ///
    /// # Errors
    /// [`Fault`]
    pub async fn write(&mut self, dn: &str, changes: Vec<Mod<String>>) -> Result<Written, Fault> {
        let said =
            self.ldap.with_timeout(self.limits.operation).modify(dn, changes).await.map_err(|error| fault(&error))?;
        match said.rc {
            SUCCESS => Ok(Written::Done),
            NO_SUCH_ATTRIBUTE => Ok(Written::NotThere),
            BUSY | UNAVAILABLE => Err(Fault::Unavailable(format!("it answered a change with result {}", said.rc))),
            rc => Err(Fault::Refused(format!("it answered a change with result {rc}: {}", short(&said.text)))),
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // It is over either way.
        let _ = self.ldap.unbind().await;
    }
}

/// An entry as an object of lists. Values that are no text, and what does not parse, are left out.
fn entry(tag: StructureTag) -> Option<Value> {
    let mut parts = tag.match_id(4)?.expect_constructed()?.into_iter();
    let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
    let mut fields = Map::new();
    fields.insert("dn".to_owned(), Value::from(vec![dn]));
    for attribute in parts.next()?.expect_constructed()? {
        let mut parts = attribute.expect_constructed()?.into_iter();
        let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let values: Vec<String> = parts
            .next()?
            .expect_constructed()?
            .into_iter()
            .filter_map(StructureTag::expect_primitive)
            .filter(|bytes| bytes.len() <= LONGEST_VALUE)
            .filter_map(|bytes| String::from_utf8(bytes).ok())
            .take(MOST_VALUES)
            .collect();
        fields.insert(name, Value::from(values));
    }
    Some(Value::Object(fields))
}

fn fault(error: &LdapError) -> Fault {
    match error {
        LdapError::Timeout { .. } => Fault::Unavailable("no answer in time".to_owned()),
        LdapError::FilterParsing | LdapError::UrlParsing { .. } | LdapError::UnknownScheme(_) => {
            Fault::Refused(short(&error.to_string()))
        }
        _ => Fault::Unavailable(short(&error.to_string())),
    }
}

/// A server's words: one line, without control characters, at most 200 characters.
fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    line.trim().to_owned()
}
