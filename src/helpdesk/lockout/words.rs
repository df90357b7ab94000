//! How facts are written: times in the reader's zone with the day, names of systems, and texts from logs, which are untrusted: shown only
//! where they look like what they are meant to be, in quotation marks, and short.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::signin::{Provider, ReasonClass, SigninEvent};
use crate::domain::signin_risk::Risk;
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::kind::{self, Kind};

/// The most characters of a name that are shown.
const LONGEST_NAME: usize = 48;
/// The most words of a name; what has more is a sentence, and no name.
const MOST_WORDS: usize = 6;

/// A moment with its day: `on Fri 20 Nov 2026 at 09:14 (CET)`.
#[must_use]
pub fn on(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!("on {} at {} ({})", local.strftime("%a %-d %b %Y"), local.strftime("%H:%M"), local.strftime("%Z"))
}

/// A stretch of time: `between 09:02 and 09:14 (CET) on Fri 20 Nov 2026`, with two days where it crosses midnight.
#[must_use]
pub fn between(from: Timestamp, to: Timestamp, zone: &TimeZone) -> String {
    let (first, last) = (from.to_zoned(zone.clone()), to.to_zoned(zone.clone()));
    if first.strftime("%F %H:%M").to_string() == last.strftime("%F %H:%M").to_string() {
        return on(from, zone);
    }
    if first.date() == last.date() {
        let day = first.strftime("%a %-d %b %Y");
        return format!(
            "on {day} between {} and {} ({})",
            first.strftime("%H:%M"),
            last.strftime("%H:%M"),
            last.strftime("%Z")
        );
    }
    format!(
        "between {} at {} and {} at {} ({})",
        first.strftime("%a %-d %b %Y"),
        first.strftime("%H:%M"),
        last.strftime("%a %-d %b %Y"),
        last.strftime("%H:%M"),
        last.strftime("%Z")
    )
}

/// What people call the system.
#[must_use]
pub fn system(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => "Okta",
        Provider::EntraSignin | Provider::EntraAudit => "Microsoft",
        Provider::GoogleWorkspace => "Google",
        Provider::Auth0 => "Auth0",
        Provider::DuoAuth => "Duo",
        Provider::OneLogin => "OneLogin",
        Provider::OnePassword => "1Password",
        Provider::SnowflakeLogin => "Snowflake",
        Provider::AwsConsoleLogin => "AWS",
        Provider::WindowsSecurity | Provider::ActiveDirectory => "Windows",
        Provider::Keycloak => "Keycloak",
        Provider::OpenldapPpolicy => "LDAP",
        Provider::Sshd => "SSH",
        Provider::Generic => "company",
    }
}

/// Where from, where it is an address or a computer's name.
#[must_use]
pub fn origin(event: &SigninEvent) -> Option<String> {
    let said = event.origin()?;
    let bare = said.trim_start_matches("::ffff:");
    if bare.parse::<IpAddr>().is_ok() {
        return Some(format!("the address {bare}"));
    }
    let host = said.len() <= 63 && said.chars().all(|c| c.is_ascii_alphanumeric() || ".-_\\".contains(c));
    host.then(|| format!("the computer “{said}”"))
}

/// The device or program, where it can be named.
#[must_use]
pub fn device(event: &SigninEvent) -> Option<String> {
    let said = event.device.as_deref()?;
    if said.starts_with("Mozilla/") {
        return browser(said);
    }
    name(said).map(|n| format!("“{n}”"))
}

/// A browser's long line in two words (RFC 9110 §10.1.5 leaves the form open; these are the parts all common ones have).
fn browser(line: &str) -> Option<String> {
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| line.contains(mark)).map(|(_, name)| *name);
    let place = first(&[
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "a Mac"),
        ("CrOS", "a Chromebook"),
        ("Linux", "Linux"),
    ])?;
    let program =
        first(&[("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]);
    Some(match program {
        Some(program) => format!("{program} on {place}"),
        None => place.to_owned(),
    })
}

/// What was signed in to, where it can be named.
#[must_use]
pub fn application(event: &SigninEvent) -> Option<String> {
    // The Kerberos service is no application that people know.
    name(event.application.as_deref()?).filter(|n| !n.starts_with("krbtgt")).map(|n| format!("“{n}”"))
}

/// The code, where it looks like one.
#[must_use]
pub fn code(event: &SigninEvent) -> Option<&str> {
    let code = event.reason_code.as_deref()?.trim();
    let fine =
        code.len() <= 40 && !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c));
    fine.then_some(code)
}

/// A text that looks like a name: short, few words, no signs that could be markup. `None` for anything else.
#[must_use]
pub fn name(said: &str) -> Option<&str> {
    let said = said.trim();
    let plain = |c: char| c.is_alphanumeric() || " -_.()/+&'#,:".contains(c);
    let fine = !said.is_empty()
        && said.chars().count() <= LONGEST_NAME
        && said.split_whitespace().count() <= MOST_WORDS
        && said.chars().all(plain)
        && !said.contains("://");
    fine.then_some(said)
}

/// What an event says, in a few words of our own: `password changed`, `refused: wrong name or password`. A danger is called one, and what
/// noticed it is not named.
#[must_use]
pub fn briefly(event: &SigninEvent) -> String {
    let why = kind::why(event);
    let plain = match kind::kind(event, why) {
        Kind::Refused if why.class == Some(ReasonClass::Risk) || event.is_risky() => "stopped for safety",
        Kind::Refused => {
            return match why.class {
                Some(ReasonClass::BadCredentials) => "refused: wrong name or password".to_owned(),
                Some(ReasonClass::LockedOut) => "refused: locked".to_owned(),
                Some(ReasonClass::MfaFailed) => "refused: second factor".to_owned(),
                Some(class) => format!("refused: {}", plainly(class)),
                None => "refused".to_owned(),
            };
        }
        Kind::SignedIn => "signed in",
        Kind::Asked => "asked for more",
        Kind::Lock => "locked",
        Kind::Unlock => "unlocked",
        Kind::NewPassword => "password changed",
        Kind::SwitchedOff => "switched off",
        Kind::SwitchedOn => "switched on",
        Kind::Danger => "safety notice",
        Kind::State => "entry in the directory",
        Kind::Other => "recorded",
    };
    plain.to_owned()
}

/// The same with when, where and from where, as far as the reader may know: a piece of evidence in one line.
#[must_use]
pub fn proof(event: &SigninEvent, zone: &TimeZone, level: Level) -> String {
    let at = event.at.map_or_else(
        || "no time".to_owned(),
        |at| at.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M:%S (%Z)").to_string(),
    );
    let mut said = format!("{at} · {} · {}", system(event.provider), briefly(event));
    if let Some(from) = origin(event).filter(|_| level > Level::Staff) {
        said.push_str(", from ");
        said.push_str(&from);
    }
    // What noticed a danger is for whoever looks into it.
    if level == Level::Operator {
        if let Some(place) = event.place.as_deref().and_then(name) {
            said.push_str(&format!(", “{place}”"));
        }
        if let Some(risk) = event.risk.as_ref().map(Risk::words).filter(|w| !w.is_empty()) {
            said.push_str(&format!(" · {risk}"));
        }
    }
    said
}

/// A count with its noun: `one sign-in`, `12 sign-ins`.
#[must_use]
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("one {one}") } else { format!("{n} {many}") }
}

/// The first letter as a capital.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A class in words, where the code itself is not in the table.
#[must_use]
pub fn plainly(class: ReasonClass) -> &'static str {
    use ReasonClass as C;
    match class {
        C::LockedOut => "the account is locked",
        C::LockedOrDisabled => "the account is locked, switched off or past its end; the record does not tell which",
        C::BadCredentials => "the name or the password was wrong",
        C::PasswordExpired => "the password is too old",
        C::PasswordChangeRequired => "the password has to be changed first",
        C::PasswordChangeFailed => "changing the password did not work",
        C::AccountDisabled => "the account is switched off",
        C::AccountExpired => "the account's end has passed",
        C::AccountNotFound => "there is no account of this name",
        C::AccountNotInTenant => "the account belongs to another organisation",
        C::NotAssignedToApp => "the account is not assigned to this application",
        C::NotAuthorized => "the account may not do this",
        C::LogonHours => "the account may not sign in at this hour",
        C::MfaRequired => "a second factor was asked for",
        C::MfaEnrollment => "a second factor has to be set up first",
        C::MfaFailed => "the second factor was refused, wrong or not answered",
        C::Device => "the device does not meet the organisation's rules",
        C::ConditionalAccess => "a conditional-access rule refused it",
        C::PolicyBlock => "a rule refused it",
        C::Risk => "it looked dangerous",
        C::SessionExpired => "the session ran out",
        C::Interrupt => "a step in between, not a refusal",
        C::Consent => "somebody has to agree to what the application wants to do",
        C::Federation => "the other sign-in service refused it or could not be understood",
        C::OnPrem => "the company's own directory did not answer",
        C::Service => "the sign-in service had a fault of its own",
        C::AppConfig => "the application is set up wrongly",
        C::Throttled => "too many tries in a short time",
    }
}
