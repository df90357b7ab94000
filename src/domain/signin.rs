//! Sign-in events in one normal form, whichever system logged them: what an answer to "why was I locked out?" has to rest on.
//!
//! A provider's adapter (`connectors::signin`) fills it mechanically; nothing here is guessed. What a log does not say is `None`.

use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::signin_risk::Risk;

/// Which system's log an event is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Okta's System Log.
    Okta,
    /// Microsoft Entra ID: sign-in logs.
    EntraSignin,
    /// Microsoft Entra ID: audit logs.
    EntraAudit,
    /// Google Workspace: activity reports.
    GoogleWorkspace,
    /// Auth0: tenant logs.
    Auth0,
    /// Duo: authentication log.
    DuoAuth,
    /// OneLogin: events.
    #[serde(rename = "onelogin")]
    OneLogin,
    /// 1Password: sign-in attempts.
    #[serde(rename = "onepassword")]
    OnePassword,
    /// Snowflake: login history.
    SnowflakeLogin,
    /// AWS CloudTrail: console sign-ins.
    AwsConsoleLogin,
    /// Windows: security events.
    WindowsSecurity,
    /// Keycloak: login events.
    Keycloak,
    /// OpenLDAP: password policy attributes and the access log.
    OpenldapPpolicy,
    /// Active Directory: the account's own attributes.
    ActiveDirectory,
    /// sshd and PAM lines.
    Sshd,
    /// The documented generic form.
    Generic,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Okta,
        Self::EntraSignin,
        Self::EntraAudit,
        Self::GoogleWorkspace,
        Self::Auth0,
        Self::DuoAuth,
        Self::OneLogin,
        Self::OnePassword,
        Self::SnowflakeLogin,
        Self::AwsConsoleLogin,
        Self::WindowsSecurity,
        Self::Keycloak,
        Self::OpenldapPpolicy,
        Self::ActiveDirectory,
        Self::Sshd,
        Self::Generic,
    ];

    /// The written form, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::EntraSignin => "entra_signin",
            Self::EntraAudit => "entra_audit",
            Self::GoogleWorkspace => "google_workspace",
            Self::Auth0 => "auth0",
            Self::DuoAuth => "duo_auth",
            Self::OneLogin => "onelogin",
            Self::OnePassword => "onepassword",
            Self::SnowflakeLogin => "snowflake_login",
            Self::AwsConsoleLogin => "aws_console_login",
            Self::WindowsSecurity => "windows_security",
            Self::Keycloak => "keycloak",
            Self::OpenldapPpolicy => "openldap_ppolicy",
            Self::ActiveDirectory => "active_directory",
            Self::Sshd => "sshd",
            Self::Generic => "generic",
        }
    }
}

/// A text names no provider known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no sign-in log known here")]
pub struct NoProvider(String);

impl FromStr for Provider {
    type Err = NoProvider;
    fn from_str(text: &str) -> Result<Self, NoProvider> {
        let found = Self::ALL.into_iter().find(|p| p.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| NoProvider(text.chars().take(60).collect()))
    }
}

/// How a sign-in (or what belongs to one) went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SigninOutcome {
    /// It worked.
    Success,
    /// It did not.
    Failure,
    /// A rule refused it.
    Deny,
    /// The account or the attempt was stopped for safety.
    Blocked,
    /// Something more was asked for.
    Challenge,
}

/// Why a sign-in failed, in a few classes that hold across systems. Which code means which stands in [`crate::domain::signin_codes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonClass {
    /// Too many wrong attempts: closed for a while or until somebody opens it.
    LockedOut,
    /// Locked, disabled or expired: the code does not tell which.
    LockedOrDisabled,
    /// A wrong name or password.
    BadCredentials,
    /// The password is too old.
    PasswordExpired,
    /// The password has to be changed first.
    PasswordChangeRequired,
    /// Changing the password did not work.
    PasswordChangeFailed,
    /// Somebody switched the account off.
    AccountDisabled,
    /// The account's end has passed.
    AccountExpired,
    /// There is no such account.
    AccountNotFound,
    /// The account belongs to another organisation.
    AccountNotInTenant,
    /// The person is not assigned to the application.
    NotAssignedToApp,
    /// The account may not sign in this way or here.
    NotAuthorized,
    /// Outside of the hours the account may sign in.
    LogonHours,
    /// A second factor was asked for.
    MfaRequired,
    /// A second factor has to be set up first.
    MfaEnrollment,
    /// The second factor was refused, wrong or not answered.
    MfaFailed,
    /// The device is not known, not managed or not up to date.
    Device,
    /// A conditional-access rule refused it.
    ConditionalAccess,
    /// Another rule of the organisation refused it.
    PolicyBlock,
    /// Stopped because it looked dangerous.
    Risk,
    /// The session or token is too old or was ended.
    SessionExpired,
    /// A step in between, not a failure.
    Interrupt,
    /// Somebody has to agree to the application's rights.
    Consent,
    /// The other identity provider said no or could not be understood.
    Federation,
    /// The directory in the company's own network did not answer.
    OnPrem,
    /// The provider itself was in trouble.
    Service,
    /// The application is set up wrongly.
    AppConfig,
    /// Too many attempts in a short time; slowed down, not locked.
    Throttled,
}

/// One event of a sign-in log in normal form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SigninEvent {
    /// The event's id: the provider's own where it gives one, else made from the raw record's digest. Stable over repeated imports.
    pub id: String,
    /// Whose log.
    pub provider: Provider,
    /// The provider's name for what happened.
    pub event: String,
    /// When, in absolute time. Logs without a zone are read as UTC unless their source says otherwise.
    pub at: Option<Timestamp>,
    /// When, as it was written.
    pub time: Option<String>,
    /// Whose account, as the provider writes it: a name, an address or an id.
    pub actor: Option<String>,
    /// The account it is about, where the log names another one than the actor (an administrator unlocked it) or writes the same one
    /// a second way.
    #[serde(default)]
    pub subject: Option<String>,
    /// How it went; `None` where the log does not say.
    pub outcome: Option<SigninOutcome>,
    /// The provider's code or word for why.
    pub reason_code: Option<String>,
    /// What that code means; `None` for codes the table does not know.
    pub reason_class: Option<ReasonClass>,
    /// The provider's sentence. Untrusted text.
    pub reason_text: Option<String>,
    /// Where from: an address, or a workstation's name where the log has no address.
    pub ip: Option<String>,
    /// The device or program, as the log names it. Untrusted text.
    pub device: Option<String>,
    /// Signing in to what. Untrusted text.
    pub application: Option<String>,
    /// The session or correlation id.
    pub session: Option<String>,
    /// Country or place, as the log says. Untrusted text.
    pub place: Option<String>,
    /// What the provider itself says of danger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// SHA-256 over the raw record's canonical JSON (or its bytes, where it is a line of text).
    pub raw_digest: Digest,
}

impl SigninEvent {
    /// Where from, where the log really says it: `ip` keeps what was written, and logs write `-` or `unknown` for nothing.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        let said = self.ip.as_deref()?.trim();
        let nothing = ["", "-", "unknown", "null", "none", "n/a", "0.0.0.0", "::"];
        (!nothing.iter().any(|n| said.eq_ignore_ascii_case(n))).then_some(said)
    }

    /// True where the provider says that this looked dangerous, and nobody has called it safe.
    #[must_use]
    pub fn is_risky(&self) -> bool {
        self.risk.as_ref().is_some_and(Risk::counts)
    }

    /// How it went: what the record says, else what its event's number means where the provider logs numbers only.
    #[must_use]
    pub fn result(&self) -> Option<SigninOutcome> {
        self.outcome.or_else(|| match (self.provider, self.reason_code.as_deref()) {
            (Provider::OneLogin, Some(number)) => one_login(number),
            _ => None,
        })
    }
}

/// OneLogin's event numbers that are about signing in (`GET /api/1/events/types` lists all of them with their names).
fn one_login(number: &str) -> Option<SigninOutcome> {
    match number {
        // USER_LOGGED_INTO_ONELOGIN, USER_LOGGED_INTO_APP
        "5" | "8" => Some(SigninOutcome::Success),
        // USER_FAILED_ONELOGIN_LOGIN
        "6" => Some(SigninOutcome::Failure),
        // USER_LOCKED
        "19" => Some(SigninOutcome::Blocked),
        // USER_REJECTED_BY_RADIUS
        "69" => Some(SigninOutcome::Deny),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_written_form() {
        for provider in Provider::ALL {
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.name());
            assert_eq!(provider.name().parse(), Ok(provider));
        }
        assert!("nobody".parse::<Provider>().is_err());
    }
}
