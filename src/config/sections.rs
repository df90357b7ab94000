//! The sections of `claviger.toml`. Every key has a default or is asked for by name when it is missing.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::config::chat::Chat;
use crate::config::sources::{DirectorySource, LogSource};
use crate::config::surfaces::{Discord, Slack, Teams};
use crate::domain::conversation::Surface;

/// All settings of `claviger serve`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens and under which address people reach it.
    pub http: Http,
    /// Where it keeps things.
    #[serde(default)]
    pub storage: Storage,
    /// What can be asked for.
    pub catalog: CatalogSettings,
    /// How people sign in. There is no way to serve without.
    pub sign_in: Option<SignIn>,
    /// A language model, where one is wanted.
    pub model: Option<Model>,
    /// Sign-in events from other systems.
    #[serde(default)]
    pub signin_events: SigninEvents,
    /// Where tickets and security cases go, and who is told what.
    #[serde(default)]
    pub helpdesk: Helpdesk,
    /// Directories that are asked how an account stands, by name.
    #[serde(default)]
    pub directories: BTreeMap<String, DirectorySource>,
    /// Providers' sign-in logs that are fetched, by name.
    #[serde(default)]
    pub signin_logs: BTreeMap<String, LogSource>,
    /// Slack, where people talk to us there.
    #[serde(default)]
    pub slack: Option<Slack>,
    /// Microsoft Teams, where people may talk to us there.
    #[serde(default)]
    pub teams: Option<Teams>,
    /// Discord, where people may talk to us there.
    #[serde(default)]
    pub discord: Option<Discord>,
    /// What all chat platforms have in common.
    #[serde(default)]
    pub chat: Chat,
    /// What counts as proof of whose a chat account is.
    #[serde(default)]
    pub identity: Identity,
    /// What has to be confirmed once more before it is decided.
    #[serde(default)]
    pub step_up: StepUp,
    /// Logs.
    #[serde(default)]
    pub log: Log,
    /// What was set and is not used, each in a sentence; found while reading.
    #[serde(skip)]
    pub unused: Vec<String>,
    /// What was copied from an example and not filled in, each in a sentence; found while reading.
    #[serde(skip)]
    pub left_over: Vec<String>,
}

/// Where it listens and under which address people reach it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port, `0.0.0.0:8080` for instance.
    pub listen: SocketAddr,
    /// The address in people's browsers, `https://access.example.com` for instance.
    pub public_url: String,
    /// What a metrics collector has to show as bearer token; without it there is no `/metrics`.
    #[serde(default)]
    pub metrics_token: Option<SecretString>,
}

/// Where it keeps things.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// Folder of the embedded database and the keys.
    #[serde(default = "data_dir")]
    pub data_dir: PathBuf,
    /// A PostgreSQL address; without it the embedded database is used.
    #[serde(default)]
    pub postgres: Option<SecretString>,
}

impl Default for Storage {
    fn default() -> Self {
        Self { data_dir: data_dir(), postgres: None }
    }
}

fn data_dir() -> PathBuf {
    PathBuf::from(".claviger")
}

/// What can be asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogSettings {
    /// The catalog's folder.
    pub folder: PathBuf,
    /// Further JSON Lines files of vendors' entitlements.
    #[serde(default)]
    pub vendors: Vec<PathBuf>,
}

/// How people sign in: OpenID Connect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The provider's issuer address.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there; none for a public client.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// How the provider's word becomes a person of the directory.
    #[serde(default)]
    pub person_from: PersonFrom,
    /// What the provider is called on the sign-in page.
    #[serde(default)]
    pub name: String,
}

/// How the provider's word becomes a person of the directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonFrom {
    /// The subject is the person's id.
    #[default]
    Subject,
    /// The verified mail address is the person's. Trusts the provider's verification.
    VerifiedEmail,
}

/// A language model behind an OpenAI-compatible address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The base address, `http://127.0.0.1:8080/v1` for instance.
    pub base_url: String,
    /// The model's name there.
    pub name: String,
    /// The key, where one is needed.
    #[serde(default)]
    pub api_key: Option<SecretString>,
    /// A folder with own prompts instead of those that ship with the program: `understand.md.j2`.
    #[serde(default)]
    pub prompts: Option<PathBuf>,
    /// How long to wait for an answer, in seconds.
    #[serde(default = "model_timeout")]
    pub timeout_seconds: u64,
}

fn model_timeout() -> u64 {
    8
}

/// Sign-in events from other systems: how they come in and how long they stay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigninEvents {
    /// What a sender has to show as bearer token at `POST /api/signin-events`; without it there is no such address.
    #[serde(default)]
    pub token: Option<SecretString>,
    /// After how many days raw addresses, devices and texts are taken out; 90 at most.
    #[serde(default = "raw_days")]
    pub raw_days: u16,
    /// After how many days events are deleted.
    #[serde(default = "kept_days")]
    pub kept_days: u16,
    /// The organisation's own domains as Kerberos and Windows write them, `AD.EXAMPLE.COM` for instance.
    #[serde(default)]
    pub realms: Vec<String>,
    /// How long a lock lasts, in seconds, by provider (`okta = 3600`). Where nothing stands, nobody is told when it ends.
    #[serde(default)]
    pub lock_seconds: std::collections::BTreeMap<String, u64>,
}

impl Default for SigninEvents {
    fn default() -> Self {
        Self {
            token: None,
            raw_days: raw_days(),
            kept_days: kept_days(),
            realms: Vec::new(),
            lock_seconds: std::collections::BTreeMap::new(),
        }
    }
}

fn raw_days() -> u16 {
    90
}

fn kept_days() -> u16 {
    400
}

/// Where tickets and security cases go, and who is told what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helpdesk {
    /// Where tickets are filed; without it they are tasks in the inboxes of the helpdesk's people.
    pub tickets: Option<TicketDesk>,
    /// Where security cases are told, as OCSF Detection Findings in a signed call.
    pub soc: Option<Signed>,
    /// How often a day somebody who wants it is told of a lockout before they ask; 0 for never.
    #[serde(default = "notices_a_day")]
    pub notices_a_day: u32,
}

impl Default for Helpdesk {
    fn default() -> Self {
        Self { tickets: None, soc: None, notices_a_day: notices_a_day() }
    }
}

fn notices_a_day() -> u32 {
    3
}

/// A receiver of signed calls (Standard Webhooks).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Where to.
    pub url: String,
    /// The shared secret, `whsec_…`.
    pub secret: SecretString,
    /// True where the address may be on this machine or a private network.
    #[serde(default)]
    pub allow_private: bool,
}

/// Where tickets are filed.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketDesk {
    /// A signed HTTP call.
    Webhook {
        /// Where to.
        url: String,
        /// The shared secret, `whsec_…`.
        secret: SecretString,
        /// True where the address may be on this machine or a private network.
        #[serde(default)]
        allow_private: bool,
    },
    /// Jira Cloud.
    Jira {
        /// The site, `https://example.atlassian.net` for instance.
        url: String,
        /// The account's mail address.
        user: String,
        /// The account's API token.
        token: SecretString,
        /// The project's key.
        project: String,
        /// The name of the issue type.
        #[serde(default = "issue_type")]
        issue_type: String,
        /// False for projects whose issues have no priority.
        #[serde(default = "yes")]
        priorities: bool,
        /// True where the address may be on this machine or a private network.
        #[serde(default)]
        allow_private: bool,
    },
    /// ServiceNow.
    #[serde(rename = "servicenow")]
    ServiceNow {
        /// The instance, `https://example.service-now.com` for instance.
        url: String,
        /// The user; without one the secret is an OAuth token.
        #[serde(default)]
        user: String,
        /// The user's password, or the token.
        secret: SecretString,
        /// The name of the group it is given to.
        #[serde(default)]
        assignment_group: Option<String>,
        /// True where the address may be on this machine or a private network.
        #[serde(default)]
        allow_private: bool,
    },
    /// A mailbox.
    Email {
        /// The mail server's name.
        host: String,
        /// Its port; 465 for `implicit`, 587 for `starttls`, 25 for `none` where not given.
        #[serde(default)]
        port: Option<u16>,
        /// How the connection is kept private.
        #[serde(default)]
        tls: MailPrivacy,
        /// The user, where the server wants one.
        #[serde(default)]
        user: Option<String>,
        /// The user's password.
        #[serde(default)]
        password: Option<SecretString>,
        /// The sender.
        from: String,
        /// The mailbox tickets go to.
        to: String,
    },
}

/// How the connection to a mail server is kept private.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailPrivacy {
    /// TLS from the first byte.
    Implicit,
    /// `STARTTLS`, required.
    #[default]
    Starttls,
    /// None: for a server on this machine only.
    None,
}

fn issue_type() -> String {
    "Task".into()
}

fn yes() -> bool {
    true
}

/// What counts as proof of whose a chat account is, beside the directory and the person's own sign-in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Platforms whose mail addresses count, `["slack"]` for instance; none where nothing is said. Discord tells none.
    #[serde(default)]
    pub email: Vec<Surface>,
}

/// What has to be confirmed once more before it is decided, by signing in again or with a passkey.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// Which decisions, when they are taken in Slack, Teams or Discord; `[]` for none.
    #[serde(default = "step_up_routes")]
    pub routes: Vec<StepUpRoute>,
    /// Classes of authentication (`acr`) of the provider that count, wanted ones first; empty for any.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// True where the web chat asks as well.
    #[serde(default)]
    pub web: bool,
}

impl Default for StepUp {
    fn default() -> Self {
        Self { routes: step_up_routes(), acr_values: Vec::new(), web: false }
    }
}

/// Decisions that can be confirmed once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepUpRoute {
    /// Every yes that anybody is asked for.
    Manager,
    /// A yes to what security has to look at.
    Security,
    /// A yes to what two people have to look at.
    TwoPerson,
    /// Opening the emergency path.
    BreakGlass,
}

fn step_up_routes() -> Vec<StepUpRoute> {
    vec![StepUpRoute::Security, StepUpRoute::TwoPerson, StepUpRoute::BreakGlass]
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What is logged, `info` or `claviger=debug,warn` for instance.
    #[serde(default = "log_filter")]
    pub filter: String,
    /// True for one JSON object a line.
    #[serde(default)]
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: log_filter(), json: false }
    }
}

fn log_filter() -> String {
    "info".into()
}
