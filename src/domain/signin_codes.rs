//! The reviewed table of reason codes: provider and code → class and what it means, in our own words. Codes are the vendors' facts; each
//! provider's rows stand in a file of their own below, with the page they were taken from.
//!
//! Where a code has more than one meaning, the row says so and the class is the one that promises least.

pub mod cloud;
pub mod directory;
pub mod entra;
pub mod okta;
pub mod windows;

use crate::domain::signin::{Provider, ReasonClass};

/// One row: the code in lower case, its class, and what it means as the end of "the log says …".
pub type Row = (&'static str, ReasonClass, &'static str);

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The class.
    pub class: ReasonClass,
    /// What it means, in a few plain words, as the end of "the log says …".
    pub meaning: &'static str,
}

/// What this provider's code means; `None` where the table does not know it. Case and a leading `AADSTS` do not matter.
#[must_use]
pub fn meaning(provider: Provider, code: &str) -> Option<Known> {
    let code = code.trim().to_ascii_lowercase();
    let code = code.strip_prefix("aadsts").unwrap_or(&code);
    if code.is_empty() {
        return None;
    }
    let found = tables(provider).iter().flat_map(|table| table.iter()).find(|(known, ..)| *known == code);
    found.map(|(_, class, meaning)| Known { class: *class, meaning })
}

/// The tables that hold a provider's codes, most particular first.
#[must_use]
pub fn tables(provider: Provider) -> &'static [&'static [Row]] {
    match provider {
        Provider::EntraSignin | Provider::EntraAudit => &[entra::CODES],
        Provider::Okta => &[okta::OUTCOMES, okta::EVENTS, okta::API_ERRORS],
        Provider::WindowsSecurity => &[windows::STATUS, windows::KERBEROS],
        Provider::ActiveDirectory => &[directory::ACTIVE_DIRECTORY, windows::STATUS, windows::STATUS_NAMES],
        Provider::OpenldapPpolicy => &[directory::PPOLICY],
        Provider::Keycloak => &[directory::KEYCLOAK],
        Provider::Sshd => &[directory::SSHD],
        Provider::Auth0 => &[cloud::AUTH0],
        Provider::DuoAuth => &[cloud::DUO],
        Provider::OneLogin => &[cloud::ONELOGIN],
        Provider::OnePassword => &[cloud::ONEPASSWORD],
        Provider::GoogleWorkspace => &[cloud::GOOGLE],
        Provider::SnowflakeLogin => &[cloud::SNOWFLAKE],
        Provider::AwsConsoleLogin => &[cloud::AWS],
        Provider::Generic => &[cloud::GENERIC],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Provider; 16] = [
        Provider::Okta,
        Provider::EntraSignin,
        Provider::EntraAudit,
        Provider::GoogleWorkspace,
        Provider::Auth0,
        Provider::DuoAuth,
        Provider::OneLogin,
        Provider::OnePassword,
        Provider::SnowflakeLogin,
        Provider::AwsConsoleLogin,
        Provider::WindowsSecurity,
        Provider::Keycloak,
        Provider::OpenldapPpolicy,
        Provider::ActiveDirectory,
        Provider::Sshd,
        Provider::Generic,
    ];

    #[test]
    fn every_row_is_lower_case_said_once_and_reads_on_from_the_log_says() {
        for provider in ALL {
            for table in tables(provider) {
                let mut seen = BTreeSet::new();
                for (code, _, meaning) in *table {
                    assert_eq!(*code, code.trim().to_ascii_lowercase(), "{provider:?}");
                    assert!(seen.insert(*code), "{provider:?} {code} twice");
                    assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{provider:?} {code}: {meaning}");
                    assert!(meaning.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()), "{code}: {meaning}");
                }
            }
        }
    }

    #[test]
    fn what_a_code_does_not_tell_is_said() {
        assert!(meaning(Provider::EntraSignin, "AADSTS50053").unwrap().meaning.contains("does not tell which"));
        let revoked = meaning(Provider::WindowsSecurity, "0x12").unwrap();
        assert_eq!(revoked.class, ReasonClass::LockedOrDisabled);
        assert!(revoked.meaning.contains("does not tell which"));
        assert_eq!(meaning(Provider::EntraSignin, "99999999"), None);
        assert_eq!(meaning(Provider::Okta, ""), None);
        assert_eq!(meaning(Provider::WindowsSecurity, " 0xC0000234 ").unwrap().class, ReasonClass::LockedOut);
    }
}
