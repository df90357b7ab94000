//! What somebody wants explained. Told from a few cue words; the application by its name in the record.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::signin::SigninEvent;
use crate::helpdesk::lockout::when::{self, Stretch};
use crate::helpdesk::lockout::{matter, named};
use crate::understanding::intent;
use crate::understanding::normalise::{Message, fold};
use crate::understanding::types::Intent;

/// What is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// "Why was I locked out?"
    Locked,
    /// "Why can't I sign in?"
    SignIn,
    /// "It says my password is wrong, but it isn't."
    Password,
    /// "My second factor keeps failing."
    Factor,
    /// "Why does it ask me again?"
    Again,
    /// Anything else about signing in.
    Any,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What about.
    pub topic: Topic,
    /// The application that was named, as the record writes it.
    pub application: Option<String>,
    /// True where an application was named that the record does not know.
    pub unknown_application: bool,
    /// True where it is asked until when, or whether it still is so.
    pub when: bool,
    /// The time that is asked about, where one was named.
    pub then: Option<Stretch>,
}

const AGAIN: &[&str] = &[
    "again",
    "keep asking",
    "keeps asking",
    "every time",
    "each time",
    "signed me out",
    "signs me out",
    "logs me out",
    "logged me out",
    "kicked out",
    "kicks me out",
    "session",
];
const FACTOR: &[&str] = &[
    "mfa",
    "2fa",
    "two-factor",
    "two factor",
    "second factor",
    "authenticator",
    "push",
    "prompt",
    "passcode",
    "one-time",
    "otp",
    "verification code",
    "duo",
    "security key",
    "code",
];
const PASSWORD: &[&str] = &["password", "passwort", "credentials", "passphrase"];
/// Asks for what there is, or whether all is well: no one sort of trouble.
const ALL: &[&str] =
    &["my sign-ins", "my sign ins", "my signins", "my logins", "account ok", "account fine", "account safe"];
const SIGN_IN: &[&str] = &[
    "sign in",
    "signing in",
    "sign-in",
    "log in",
    "logging in",
    "login",
    "log on",
    "get in",
    "getting in",
    "access",
    "open",
    "can't",
    "cannot",
    "can not",
    "cant",
];
/// Words that speak of signing in; one that ends in `*` stands for every word that begins so.
const ABOUT: &[&str] = &[
    "lock*",
    "unlock*",
    "login*",
    "logon*",
    "signin*",
    "signon*",
    "password*",
    "passwort*",
    "passcode*",
    "passphrase*",
    "credential*",
    "mfa",
    "2fa",
    "otp",
    "authenticator*",
    "passkey*",
    "sso",
    "session*",
    "suspend*",
    "disabled",
    "deactivat*",
    "blocked",
    "hack*",
    "kicked",
    "denied",
    "reject*",
    "refuse*",
    "prompt*",
    "phish*",
    "account*",
    "vpn",
    "sign in",
    "sign into",
    "signing in",
    "signed in",
    "sign on",
    "log in",
    "log into",
    "logging in",
    "logging into",
    "logged in",
    "log on",
    "get in",
    "gets in",
    "getting in",
    "get into",
    "getting into",
    "got into",
    "let me in",
    "lets me in",
    "letting me in",
    "two factor",
    "second factor",
    "security key*",
    "verification code*",
    "my code",
    "the code",
    "one time",
    "asking me",
    "ask me",
    "asks me",
    "asked me",
    "ask again",
    "signed out",
    "signs me out",
    "signed me out",
    "logged out",
    "logs me out",
    "logged me out",
    "as me",
    "wasnt me",
    "access*",
    "cant open",
    "cannot open",
    "cant use",
    "cannot use",
    "cant connect",
    "cannot connect",
    "what happened",
    "going on",
    "keeps me out",
    "kept me out",
    "keeping me out",
    "shut out",
    "shut me out",
    "let in",
    "aadsts*",
    "wrong credentials",
    "too many attempts",
    "push*",
    "try to",
    "tried to",
];

/// Whether these words ask about signing in at all: by a word of the matter, or by an application that the record knows. Whoever says
/// "hello" has asked nothing, and is owed no story.
#[must_use]
pub fn is_one(words: &str, events: &[SigninEvent]) -> bool {
    let plain = fold(words).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let padded = format!(" {} ", plain.join(" "));
    let says = |cue: &&str| match cue.strip_suffix('*') {
        Some(stem) => padded.contains(&format!(" {stem}")),
        None => padded.contains(&format!(" {cue} ")),
    };
    ABOUT.iter().any(says)
        || asks_for_the_end(words)
        || intent::hear(&Message::read(words)).points(Intent::WhyLockedOut) > 0
        || read(words, events).application.is_some()
}

/// Asks until when, without saying of what: "when does it end?". Of a record of sign-ins that is asked of the lock.
fn asks_for_the_end(words: &str) -> bool {
    let plain = fold(words).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let any = |list: &[&str]| plain.iter().any(|w| list.contains(w));
    let asks =
        any(&["when", "until", "till"]) || plain.windows(2).any(|w| matches!(w, ["how", "long"] | ["how", "much"]));
    asks && any(&[
        "end", "ends", "over", "open", "opens", "last", "lasts", "expire", "expires", "lift", "lifted", "wait",
    ])
}

/// Reads the question.
#[must_use]
pub fn read(words: &str, events: &[SigninEvent]) -> Question {
    let said = words.to_lowercase().replace('’', "'");
    let has = |cues: &[&str]| cues.iter().any(|cue| said.contains(cue));
    let when = matter::asks_when_it_ends(words) || asks_for_the_end(words);
    let topic = if has(ALL) {
        Topic::Any
    } else if has(&["lock"]) || when {
        Topic::Locked
    } else if has(AGAIN) && !has(&["fail", "wrong"]) {
        Topic::Again
    } else if has(FACTOR) {
        Topic::Factor
    } else if has(PASSWORD) {
        Topic::Password
    } else if has(SIGN_IN) {
        Topic::SignIn
    } else {
        Topic::Any
    };
    let mut names: Vec<&str> = events.iter().filter_map(|e| e.application.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let named = |name: &&&str| {
        let name = name.to_lowercase();
        let first = name.split_whitespace().next().unwrap_or("");
        said.contains(name.as_str())
            || (first.len() >= 4 && said.split(|c: char| !c.is_alphanumeric()).any(|w| w == first))
    };
    let application = names.iter().filter(named).max_by_key(|n| n.len()).map(|n| (*n).to_owned());
    // "Outlook" stands in the record under the name its maker gave it.
    let parts: Vec<&str> = said.split(|c: char| !c.is_alphanumeric()).collect();
    let application =
        application.or_else(|| names.iter().find(|n| named::is_called(n, &parts)).map(|n| (*n).to_owned()));
    let unknown_application = application.is_none() && named::is_unknown(words, events);
    Question { topic, application, unknown_application, when, then: None }
}

/// Reads the question with the time it names, as it was in this zone at this moment.
#[must_use]
pub fn read_at(words: &str, events: &[SigninEvent], now: Timestamp, zone: &TimeZone) -> Question {
    Question { then: when::said(words, now, zone), ..read(words, events) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_apart() {
        for (words, topic) in [
            ("Why was I locked out?", Topic::Locked),
            ("why can't I sign in to Salesforce?", Topic::SignIn),
            ("it says my password is wrong but it isn’t", Topic::Password),
            ("MFA keeps failing", Topic::Factor),
            ("why does it ask me again?", Topic::Again),
            ("what is going on", Topic::Any),
        ] {
            assert_eq!(read(words, &[]).topic, topic, "{words}");
        }
        assert!(read("why can't I sign in to Salesforce?", &[]).unknown_application);
        assert!(!read("why can't I sign in to my account?", &[]).unknown_application);
    }

    #[test]
    fn what_asks_nothing_about_signing_in_is_no_question() {
        for words in [
            "",
            "   ",
            "hello",
            "lunch",
            "what is for lunch?",
            "🦀",
            "tell me a joke",
            "the board deck is due on Friday",
            "thanks!",
        ] {
            assert!(!is_one(words, &[]), "{words}");
        }
        for words in [
            "Why was I locked out?",
            "why can’t I get into Salesforce?",
            "It says my password is wrong but it isn't",
            "MFA keeps failing",
            "why does it ask me again?",
            "who tried to sign in as me?",
            "what happened to my account",
            "it won't let me in",
            "what is going on?",
            "when can I get in again?",
            "when does it end",
            "until when do I have to wait?",
            "how long does it last?",
        ] {
            assert!(is_one(words, &[]), "{words}");
        }
    }
}
