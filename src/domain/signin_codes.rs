//! The reviewed table of reason codes: provider and code → class and what it means, in our own words. Codes are the vendors' facts.

use crate::domain::signin::{Provider, ReasonClass};

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
    let table: &[(&str, ReasonClass, &'static str)] = match provider {
        Provider::EntraSignin | Provider::EntraAudit => ENTRA,
        _ => &[],
    };
    table.iter().find(|(known, ..)| *known == code).map(|(_, class, meaning)| Known { class: *class, meaning })
}

/// Microsoft Entra ID: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const ENTRA: &[(&str, ReasonClass, &str)] = &[
    (
        "50053",
        ReasonClass::LockedOut,
        "too many wrong passwords, or an address known for attacks; the code alone does not tell which",
    ),
    ("50126", ReasonClass::BadCredentials, "the name or the password was wrong"),
];
