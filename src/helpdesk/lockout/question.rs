//! What somebody wants explained. Told from a few cue words; the application by its name in the record.

use crate::domain::signin::SigninEvent;

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
/// Words after "to" that name no application.
const NO_APPLICATION: &[&str] = &[
    "my",
    "the",
    "it",
    "work",
    "account",
    "computer",
    "laptop",
    "pc",
    "system",
    "get",
    "do",
    "sign",
    "log",
    "be",
    "anything",
    "everything",
    "email",
    "mail",
    "this",
    "that",
    "me",
    "a",
    "an",
    "windows",
];

/// Reads the question.
#[must_use]
pub fn read(words: &str, events: &[SigninEvent]) -> Question {
    let said = words.to_lowercase().replace('’', "'");
    let has = |cues: &[&str]| cues.iter().any(|cue| said.contains(cue));
    let topic = if has(&["lock"]) {
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
    let unknown_application = application.is_none() && names_one(&said);
    Question { topic, application, unknown_application }
}

/// True where "sign in to X" names something.
fn names_one(said: &str) -> bool {
    let cues =
        ["sign in to ", "log in to ", "login to ", "log into ", "get into ", "sign into ", "access to ", "log on to "];
    let rest = cues.iter().find_map(|cue| said.split_once(cue)).map(|(_, rest)| rest);
    let first = rest.and_then(|r| r.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()));
    first.is_some_and(|word| !NO_APPLICATION.contains(&word))
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
}
