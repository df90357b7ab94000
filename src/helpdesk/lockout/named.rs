//! The system a question names: "why is SAP locked", "Outlook keeps asking me", "locked out of the wiki". What was named is looked for in the
//! record under the names that providers write; where it is not there, that has to be said.

use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_codes::{Known, meaning};
use crate::helpdesk::lockout::whose_words::among;
use crate::helpdesk::lockout::words;
use crate::understanding::normalise::fold;

/// Products and services that people sign in to, as people call them. General names; nothing here knows one company.
const PRODUCTS: &str = " salesforce zscaler sap netsuite tableau zoom hubspot citrix slack jira confluence github gitlab bitbucket snowflake servicenow \
    workday concur zendesk figma miro notion asana trello dropbox onedrive sharepoint outlook teams exchange gmail databricks powerbi looker \
    quickbooks xero adobe canva docusign webex vpn wifi wi-fi wlan intranet vmware rdp anyconnect globalprotect openvpn forticlient wireguard \
    bitwarden lastpass 1password okta duo entra azure aws google microsoft keycloak onelogin auth0 crm erp wiki jamf intune oracle \
    office365 o365 m365 ";

/// What people call a system, and names under which sign-in logs write it. Microsoft's are those of its own list of first-party applications
/// (learn.microsoft.com, “Verify first-party Microsoft applications in sign-in reports”); Google's those of its Workspace services.
const CALLED: &[(&str, &[&str])] = &[
    ("outlook", &["exchange", "outlook"]),
    ("exchange", &["exchange", "outlook"]),
    ("email", &["exchange", "outlook", "gmail", "mail"]),
    ("emails", &["exchange", "outlook", "gmail", "mail"]),
    ("mail", &["exchange", "outlook", "gmail", "mail"]),
    ("mails", &["exchange", "outlook", "gmail", "mail"]),
    ("mailbox", &["exchange", "outlook", "gmail", "mail"]),
    ("inbox", &["exchange", "outlook", "gmail", "mail"]),
    ("teams", &["microsoft teams", "teams"]),
    ("onedrive", &["onedrive", "sharepoint"]),
    ("sharepoint", &["sharepoint"]),
    ("office", &["officehome", "office 365 portal", "office portal", "microsoft 365", "office365 shell"]),
    ("office365", &["officehome", "office 365", "microsoft 365"]),
    ("o365", &["officehome", "office 365", "microsoft 365"]),
    ("m365", &["officehome", "office 365", "microsoft 365"]),
    ("azure", &["azure portal", "microsoft azure"]),
];

/// What people call a provider, besides the name it goes by in answers.
const PROVIDERS: &[(&str, &[Provider])] = &[
    ("entra", &[Provider::EntraSignin, Provider::EntraAudit]),
    ("azure", &[Provider::EntraSignin, Provider::EntraAudit]),
    ("office365", &[Provider::EntraSignin, Provider::EntraAudit]),
    ("o365", &[Provider::EntraSignin, Provider::EntraAudit]),
    ("m365", &[Provider::EntraSignin, Provider::EntraAudit]),
    ("gmail", &[Provider::GoogleWorkspace]),
];

/// Words after "to", "into" or "out of" that name no system.
const NOTHING: &str = " my our the a an it its this that these those work account accounts profile user login computer laptop pc mac machine phone system systems \
    get do sign log be anything everything all email mail mailbox inbox me us you windows here there when since again and or but because for by on in at with \
    today yesterday now please so if after before while until still what which one company device desktop own ";

/// Whether an application of the record is what these folded words name.
#[must_use]
pub fn is_called(application: &str, said: &[&str]) -> bool {
    let application = fold(application);
    CALLED
        .iter()
        .filter(|(word, _)| said.contains(word))
        .any(|(_, names)| names.iter().any(|n| application.contains(n)))
}

/// Whether these words name a system that the record knows nothing of. `applications` and the providers are those of the events.
#[must_use]
pub fn is_unknown(words: &str, events: &[SigninEvent]) -> bool {
    let folded = fold(words);
    let said: Vec<&str> =
        folded.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|w| !w.is_empty()).collect();
    let recorded = |word: &str| {
        events.iter().any(|e| {
            let provider = words::system(e.provider);
            fold(provider) == word || PROVIDERS.iter().any(|(name, all)| *name == word && all.contains(&e.provider))
        })
    };
    let named: Vec<&str> = said.iter().copied().filter(|w| among(PRODUCTS, w)).chain(behind(&said)).collect();
    !named.is_empty() && !named.iter().any(|w| recorded(w))
}

/// What stands behind "sign in to" and "locked out of".
fn behind<'w>(said: &[&'w str]) -> Option<&'w str> {
    (0..said.len()).find_map(|n| {
        let word = |k: usize| said.get(n + k).copied().unwrap_or("");
        let lead = match (word(0), word(1), word(2)) {
            ("sign" | "log" | "signing" | "logging" | "get" | "logged" | "signed", "in" | "on", "to") => 3,
            ("sign" | "log" | "signing" | "logging" | "get" | "logged" | "signed" | "getting", "into" | "onto", _) => 2,
            ("login" | "signin" | "sign-in" | "access", "to", _) => 2,
            ("locked" | "shut" | "kicked" | "thrown" | "logged", "out", "of") => 3,
            _ => return None,
        };
        let mut at = n + lead;
        while said.get(at).is_some_and(|w| among(" my our the a an ", w)) {
            at += 1;
        }
        said.get(at).copied().filter(|w| !among(NOTHING, w))
    })
}

/// What keeps somebody out may be a right they lack or a sign-in that fails: "I can't open the CRM", "unable to get into the wiki". Answers with
/// what they cannot get into. Where they say that they need it, or ask why, it is not open.
#[must_use]
pub fn open_case(words: &str) -> Option<String> {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    let said: Vec<&str> =
        folded.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|w| !w.is_empty()).collect();
    let wishes = " need needs want wants please give grant add request requesting assign permission permissions role roles right rights why how missing lack \
        approve until because who ";
    if said.len() > 14 || said.iter().any(|w| among(wishes, w)) {
        return None;
    }
    (0..said.len()).find_map(|n| {
        let word = |k: usize| said.get(n + k).copied().unwrap_or("");
        let not = match (word(0), word(1), word(2)) {
            ("cant" | "cannot" | "couldnt", ..) => 1,
            ("can" | "could", "not", _) => 2,
            ("unable", "to", _) => 2,
            ("not", "able", "to") => 3,
            _ => return None,
        };
        // Whoever speaks is who is kept out: "I can't", or nobody named.
        let before: Vec<&&str> = said[..n]
            .iter()
            .filter(|w| !among(" am im still again now since today suddenly just hi hello hey and so ", w))
            .collect();
        if !before.iter().all(|w| among(" i we ", w)) {
            return None;
        }
        let verb = match (word(not), word(not + 1), word(not + 2)) {
            ("get" | "log" | "sign", "in" | "on", "to") => 3,
            ("get", "into" | "onto", _) => 2,
            ("get" | "connect", "to" | "at", _) => 2,
            ("open" | "access" | "reach" | "enter", ..) => 1,
            _ => return None,
        };
        let rest: Vec<&str> = said
            .get(n + not + verb..)
            .unwrap_or_default()
            .iter()
            .copied()
            .skip_while(|w| among(" my our the a an any ", w))
            .collect();
        let thing: Vec<&str> = rest
            .into_iter()
            .take_while(|w| !among(" any anymore more since today again now for on at with from this ", w))
            .take(4)
            .collect();
        let account = thing.first().is_none_or(|w| {
            among(" account accounts login user profile it anything everything laptop computer pc machine ", w)
        });
        (!account).then(|| thing.join(" "))
    })
}

/// A code that a sign-in page showed, and what the reviewed table knows of it: `AADSTS50053`, `0xC0000234`, "error 50076".
#[must_use]
pub fn code(words: &str) -> Option<(String, Option<Known>)> {
    let said: Vec<&str> = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    said.iter().enumerate().find_map(|(n, word)| {
        let lower = word.to_ascii_lowercase();
        let digits = |text: &str, least: usize| text.len() >= least && text.chars().all(|c| c.is_ascii_digit());
        if lower.strip_prefix("aadsts").is_some_and(|rest| digits(rest, 4)) {
            return Some((lower.to_ascii_uppercase(), meaning(Provider::EntraSignin, &lower)));
        }
        if lower.len() == 10 && lower.starts_with("0xc") {
            return Some(((*word).to_owned(), meaning(Provider::WindowsSecurity, &lower)));
        }
        // A bare number is a code only where it is called one and the table knows it.
        let called = n > 0 && said.get(n - 1).is_some_and(|w| among(" error code errorcode ", &w.to_ascii_lowercase()));
        let known = (called && digits(word, 5)).then(|| meaning(Provider::EntraSignin, &lower)).flatten()?;
        Some(((*word).to_owned(), Some(known)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_and_not_recorded_is_found() {
        for words in [
            "why is NetSuite locked for me",
            "Tableau login not working",
            "my wifi password is not accepted",
            "I am locked out of my car",
            "why can't I sign in to Foobar?",
        ] {
            assert!(is_unknown(words, &[]), "{words}");
        }
        for words in [
            "why was I locked out?",
            "I am locked out of my account",
            "my password is wrong",
            "sign in to my laptop fails",
            "I can't log in to work",
        ] {
            assert!(!is_unknown(words, &[]), "{words}");
        }
        assert!(is_called("Office 365 Exchange Online", &["outlook", "asks"]));
        assert!(is_called("Microsoft Teams Services", &["teams"]));
        assert!(!is_called("Office 365 Exchange Online", &["teams"]));
    }

    #[test]
    fn codes_are_found_and_looked_up() {
        let (code, known) = super::code("it shows aadsts50126, help").unwrap();
        assert_eq!((code.as_str(), known.is_some()), ("AADSTS50126", true));
        assert_eq!(super::code("AADSTS99999999").map(|(_, known)| known.is_none()), Some(true));
        assert!(super::code("error 50126 at sign-in").is_some());
        for words in ["room 50126", "error 12", "the report of 2026", "I need 0x11"] {
            assert_eq!(super::code(words), None, "{words}");
        }
    }

    #[test]
    fn what_may_be_a_right_or_a_sign_in_is_open() {
        for (words, thing) in [
            ("I can't get into the CRM", "crm"),
            ("can’t open salesforce", "salesforce"),
            ("unable to access my mailbox since Monday", "mailbox"),
            ("I am not able to reach the wiki any more", "wiki"),
        ] {
            assert_eq!(open_case(words).as_deref(), Some(thing), "{words}");
        }
        for words in [
            "I can't open the CRM, please give me access",
            "why can't I open the CRM?",
            "customers can't open the shop",
            "I can't get into my account",
            "I can't see the reports",
            "I need the CRM",
        ] {
            assert_eq!(open_case(words), None, "{words}");
        }
    }
}
