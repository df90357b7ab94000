//! Where Teams is and who we are there. Every address can be set, for national clouds and for peers on this machine, but it is
//! encrypted or on this machine; nothing here turns a check off.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};
use uuid::Uuid;

use crate::domain::account::PlatformId;

/// How long a call of ours may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Microsoft's clouds, each with its own issuer, hosts and scope (Microsoft Learn, “Bot Connector authentication” and “Configure bots for
/// US Government and US DoD”; the constants of Microsoft's `botframework-connector` 4.17).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cloud {
    /// Everywhere else.
    #[default]
    Public,
    /// The US government's.
    UsGovernment,
    /// China's, run by 21Vianet.
    China,
}

impl Cloud {
    fn issuer(self) -> &'static str {
        match self {
            Self::Public => "https://api.botframework.com",
            Self::UsGovernment => "https://api.botframework.us",
            Self::China => "https://api.botframework.azure.cn",
        }
    }

    fn metadata(self) -> &'static str {
        match self {
            Self::Public => "https://login.botframework.com/v1/.well-known/openidconfiguration",
            Self::UsGovernment => "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
            Self::China => "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
        }
    }

    fn login(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGovernment => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Hosts, or ends of hosts beginning with a dot, that our token may be sent to. Shared domains where anybody may have a name of
    /// their own (`trafficmanager.net`) are named whole.
    fn services(self) -> &'static [&'static str] {
        match self {
            Self::Public => &["smba.trafficmanager.net", ".botframework.com", ".teams.microsoft.com"],
            Self::UsGovernment => {
                &[".botframework.azure.us", ".teams.microsoft.us", "smba.infra.gcc.teams.microsoft.com"]
            }
            Self::China => &[".botframework.azure.cn", ".teams.microsoftonline.cn"],
        }
    }
}

/// What an operator wrote.
#[derive(Debug, Clone)]
pub struct Written {
    /// The bot's application id in Entra.
    pub app_id: String,
    /// Its secret.
    pub app_secret: SecretString,
    /// The tenants that may speak to us.
    pub tenants: Vec<String>,
    /// The tenant the application is registered in; with one allowed tenant it is that one.
    pub app_tenant: Option<String>,
    /// The cloud.
    pub cloud: Cloud,
    /// Another metadata address.
    pub metadata_url: Option<String>,
    /// Another login endpoint, without the tenant.
    pub login_url: Option<String>,
    /// Further hosts that messages may be sent to.
    pub service_hosts: Vec<String>,
    /// Where people reach our pages.
    pub public_url: String,
}

/// Settings that can be used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot's application id, as Microsoft writes it: small letters.
    pub app_id: String,
    /// Its secret.
    pub secret: SecretString,
    /// The tenants that may speak to us.
    pub tenants: BTreeSet<PlatformId>,
    /// Who signs what comes in.
    pub issuer: String,
    /// Where the signing keys are told.
    pub metadata: Url,
    /// Where our own token comes from.
    pub token_url: Url,
    /// What our token is for.
    pub scope: String,
    /// Where people reach our pages.
    pub public_url: Url,
    /// How long a call of ours may take.
    pub patience: Duration,
    hosts: Vec<String>,
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an application id.
    #[error(
        "teams.app_id `{0}` is no application id; it looks like 00000000-0000-0000-0000-000000000000 and stands on the bot's page in Azure"
    )]
    AppId(String),
    /// Nothing but zeros, or nothing at all.
    #[error("{key} is missing or still the example's zeros; {}", place(.key))]
    Placeholder {
        /// The setting.
        key: &'static str,
    },
    /// No secret.
    #[error(
        "teams.app_secret is missing: make one under “Certificates & secrets” of the application in Entra, and set the variable \
         CLAVIGER_TEAMS__APP_SECRET to its value (docs/teams.md, 1 and 2)"
    )]
    Secret,
    /// No tenant.
    #[error(
        "teams.tenants is missing, so nobody could speak to the bot; put your organisation's tenant id there (Entra, “Overview”)"
    )]
    NoTenant,
    /// Not a tenant id.
    #[error("teams.tenants: `{0}` is no tenant id; it looks like 00000000-0000-0000-0000-000000000000")]
    Tenant(String),
    /// Which tenant the application is in is not clear.
    #[error(
        "teams.app_tenant has to name the tenant the application is registered in, because teams.tenants names several"
    )]
    AppTenant,
    /// Not a usable address.
    #[error("`{0}` has to be an https address without user name, query or fragment (plain http only on this machine)")]
    Address(String),
    /// Not a usable host.
    #[error("teams.service_hosts: `{0}` is no host name, nor the end of one beginning with a dot")]
    ServiceHost(String),
}

fn place(key: &str) -> &'static str {
    match key {
        "teams.app_id" => {
            "put the id there that the bot's page in Azure shows as “Microsoft App ID” (docs/teams.md, 1)"
        }
        _ => "put your organisation's tenant id there (Entra, “Overview”; docs/teams.md, 1)",
    }
}

/// An application id, as Microsoft writes it.
///
/// # Errors
/// [`SettingsError`] where it is none, or the example's.
pub fn app_id(text: &str) -> Result<String, SettingsError> {
    if is_placeholder(text) {
        return Err(SettingsError::Placeholder { key: "teams.app_id" });
    }
    guid(text).ok_or_else(|| SettingsError::AppId(text.to_owned()))
}

/// What examples show, and what is there where nothing is.
fn is_placeholder(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0' | b'-' | b' '))
}

/// True for an address on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// An address that is encrypted, or on this machine.
///
/// # Errors
/// [`SettingsError::Address`].
pub fn address(text: &str) -> Result<Url, SettingsError> {
    let bad = || SettingsError::Address(text.to_owned());
    let url = Url::parse(text).map_err(|_| bad())?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.host().is_some();
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if bare && safe { Ok(url) } else { Err(bad()) }
}

fn guid(text: &str) -> Option<String> {
    let text = text.trim();
    let parsed = Uuid::try_parse(text).ok().filter(|_| text.len() == 36)?;
    Some(parsed.hyphenated().to_string())
}

fn host_rule(text: &str) -> Result<String, SettingsError> {
    let rule = text.trim().to_ascii_lowercase();
    let name = rule.strip_prefix('.').unwrap_or(&rule);
    let labels: Vec<&str> = name.split('.').collect();
    let fine = labels.len() >= 2
        && labels.iter().all(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && !labels.iter().all(|l| l.bytes().all(|b| b.is_ascii_digit()));
    if fine { Ok(rule) } else { Err(SettingsError::ServiceHost(text.to_owned())) }
}

impl Settings {
    /// Takes what an operator wrote.
    ///
    /// # Errors
    /// [`SettingsError`] names the key and says what belongs there.
    pub fn parse(written: Written) -> Result<Self, SettingsError> {
        let app_id = app_id(&written.app_id)?;
        if written.app_secret.expose_secret().trim().is_empty() {
            return Err(SettingsError::Secret);
        }
        let tenant = |text: &String, key| {
            if is_placeholder(text) {
                return Err(SettingsError::Placeholder { key });
            }
            let id = guid(text).and_then(|id| PlatformId::parse(id).ok());
            id.ok_or_else(|| SettingsError::Tenant(text.clone()))
        };
        let tenants: BTreeSet<PlatformId> =
            written.tenants.iter().map(|t| tenant(t, "teams.tenants")).collect::<Result<_, _>>()?;
        let only = tenants.first().filter(|_| tenants.len() == 1);
        let app_tenant = match (&written.app_tenant, only) {
            (Some(own), _) => tenant(own, "teams.app_tenant")?,
            (None, Some(only)) => only.clone(),
            (None, None) if tenants.is_empty() => return Err(SettingsError::NoTenant),
            (None, None) => return Err(SettingsError::AppTenant),
        };
        if tenants.is_empty() {
            return Err(SettingsError::NoTenant);
        }
        let metadata = address(written.metadata_url.as_deref().unwrap_or(written.cloud.metadata()))?;
        let login = written.login_url.as_deref().unwrap_or(written.cloud.login());
        let token_url = address(&format!("{}/{app_tenant}/oauth2/v2.0/token", login.trim_end_matches('/')))?;
        let mut hosts: Vec<String> = written.cloud.services().iter().map(|h| (*h).to_owned()).collect();
        for host in &written.service_hosts {
            hosts.push(host_rule(host)?);
        }
        Ok(Self {
            app_id,
            secret: written.app_secret,
            tenants,
            issuer: written.cloud.issuer().to_owned(),
            metadata,
            token_url,
            scope: format!("{}/.default", written.cloud.issuer()),
            public_url: Url::parse(&written.public_url).map_err(|_| SettingsError::Address(written.public_url))?,
            patience: PATIENCE,
            hosts,
        })
    }

    /// True where the peer we talk to is one on this machine: then its messages may go to this machine as well.
    #[must_use]
    pub fn local_peer(&self) -> bool {
        is_loopback(&self.metadata)
    }

    /// A `serviceUrl` that our token may be sent to: one of Microsoft's own hosts, encrypted, or, beside a peer on this machine, this
    /// machine. A signed delivery says where to answer; this keeps even such a word from leading our token elsewhere.
    #[must_use]
    pub fn service(&self, text: &str) -> Option<Url> {
        let url = address(text).ok()?;
        if is_loopback(&url) {
            return self.local_peer().then_some(url);
        }
        let Some(Host::Domain(host)) = url.host() else { return None };
        let known = |rule: &String| match rule.strip_prefix('.') {
            Some(end) => host.strip_suffix(end).is_some_and(|front| front.len() > 1 && front.ends_with('.')),
            None => host == rule,
        };
        let usual_port = url.port().is_none();
        (usual_port && self.hosts.iter().any(known)).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Written {
        Written {
            app_id: "11111111-2222-3333-4444-555555555555".into(),
            app_secret: "hush".into(),
            tenants: vec!["AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee".into()],
            app_tenant: None,
            cloud: Cloud::Public,
            metadata_url: None,
            login_url: None,
            service_hosts: Vec::new(),
            public_url: "https://access.example".into(),
        }
    }

    #[test]
    fn the_ordinary_settings_lead_to_microsoft() {
        let s = Settings::parse(written()).unwrap();
        assert_eq!(
            s.token_url.as_str(),
            "https://login.microsoftonline.com/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/oauth2/v2.0/token"
        );
        assert_eq!(s.scope, "https://api.botframework.com/.default");
        assert!(!s.local_peer());
        assert!(!format!("{s:?}").contains("hush"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let no = |change: &dyn Fn(&mut Written)| {
            let mut w = written();
            change(&mut w);
            Settings::parse(w).unwrap_err().to_string()
        };
        assert!(no(&|w| w.app_id = "bot".into()).contains("teams.app_id"));
        assert!(no(&|w| w.app_secret = " ".into()).contains("CLAVIGER_TEAMS__APP_SECRET"));
        let zeros = "00000000-0000-0000-0000-000000000000";
        assert!(no(&|w| w.app_id = zeros.into()).contains("teams.app_id is missing or still the example's"));
        assert!(no(&|w| w.app_id.clear()).contains("teams.app_id is missing"));
        assert!(no(&|w| w.tenants = vec![zeros.into()]).contains("teams.tenants is missing or still"));
        assert!(no(&|w| w.app_tenant = Some(zeros.into())).contains("teams.app_tenant is missing or still"));
        assert!(no(&|w| w.tenants.clear()).contains("teams.tenants is missing"));
        assert!(no(&|w| w.tenants = vec!["common".into()]).contains("common"));
        assert!(no(&|w| w.tenants.push(w.app_id.clone())).contains("teams.app_tenant"));
        for bad in ["http://login.example", "ftp://x", "https://u:p@x.example", "https://x.example/?a", "x"] {
            assert!(no(&|w| w.metadata_url = Some(bad.into())).contains("https"), "{bad}");
            assert!(no(&|w| w.login_url = Some(bad.into())).contains("https"), "{bad}");
        }
        for bad in ["", ".com", "com", "a b.example", "https://x.example", "10.0.0.1", "*.example"] {
            assert!(no(&|w| w.service_hosts = vec![bad.into()]).contains("service_hosts"), "{bad}");
        }
    }

    #[test]
    fn messages_go_to_microsoft_and_nowhere_else() {
        let s = Settings::parse(written()).unwrap();
        for good in [
            "https://smba.trafficmanager.net/emea/",
            "https://smba.trafficmanager.net/amer/aaaa/",
            "https://europe.botframework.com/",
            "https://canary.botapi.teams.microsoft.com/",
        ] {
            assert!(s.service(good).is_some(), "{good}");
        }
        for bad in [
            "http://smba.trafficmanager.net/emea/",
            "https://evil.trafficmanager.net/",
            "https://smba.trafficmanager.net.evil.example/",
            "https://botframework.com.evil.example/",
            "https://evilbotframework.com/",
            "https://.botframework.com/",
            "https://user@smba.trafficmanager.net/",
            "https://smba.trafficmanager.net:8443/",
            "https://smba.trafficmanager.net/?to=x",
            "https://127.0.0.1/",
            "http://localhost:3978/",
            "https://169.254.169.254/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(s.service(bad).is_none(), "{bad}");
        }
        let beside = Settings::parse(Written {
            metadata_url: Some("http://127.0.0.1:3979/openid".into()),
            service_hosts: vec!["bots.contoso.example".into()],
            ..written()
        });
        let beside = beside.unwrap();
        assert!(beside.service("http://localhost:56150/_connector").is_some());
        assert!(beside.service("https://bots.contoso.example/").is_some());
        assert!(beside.service("http://10.1.2.3/").is_none());
        assert!(beside.service("https://a.bots.contoso.example/").is_none());
    }
}
