//! Whether words speak of signing in at all, by their cues alone: what an interpreter makes of them may hang on whether a name in them is
//! somebody's, and this must not.

use crate::catalog::model::Catalog;
use crate::domain::person::Person;
use crate::helpdesk::lockout::named;
use crate::helpdesk::lockout::whose::{Whose, asked_by};
use crate::helpdesk::lockout::whose_words::{AUXILIARIES, PEOPLE, among};
use crate::understanding::normalise::fold;

/// What is plain from the sentence, whatever an interpreter makes of it: that it speaks of signing in, and of whose. An interpreter's reading may
/// hang on whether a name is known; this does not. `answering` where the words may be the answer to a question and not one themselves.
/// `None` where it is for the interpreter.
#[must_use]
pub fn of(person: &Person, text: &str, catalog: &Catalog, answering: bool) -> Option<Whose> {
    let whose = asked_by(person, text, catalog);
    if answering && gives_a_reason(text) {
        return None;
    }
    let speaks = match &whose {
        _ if asks_when_it_ends(text) => true,
        Whose::Own | Whose::Unsaid if shows_a_code(text, answering) => true,
        Whose::Own => !answering && happens_to_me(text),
        // A statement about others may be what something is needed for.
        Whose::Other(_) => {
            asks_about_signing_in(text) && (!answering || asks(text)) || (!answering && says_locked_out(text))
        }
        Whose::Unsaid => asks_about_signing_in(text) || (!answering && is_about_a_lockout(text)),
    };
    speaks.then_some(whose)
}

/// Shows a code that sign-in pages show, and asks for nothing to be had.
fn shows_a_code(text: &str, answering: bool) -> bool {
    !answering && named::code(text).is_some() && !says(&padded(text), ASKS_FOR)
}

/// Begins as an answer to "what for?" does.
fn gives_a_reason(text: &str) -> bool {
    padded(text)
        .split_whitespace()
        .next()
        .is_some_and(|first| among(" because since to so for as due cause cuz ", first))
        && !text.trim_end().ends_with('?')
}

/// Is a question.
fn asks(text: &str) -> bool {
    let first = |clause: &str| padded(clause).split_whitespace().next().map(str::to_owned).unwrap_or_default();
    text.trim_end().ends_with('?')
        || text.split(['\n', '.', '!', ',', ':', ';']).any(|clause| {
            among(AUXILIARIES, &first(clause))
                || among(" why what when who which how where whether tell ", &first(clause))
        })
}

/// Folded words apart by one space, with a space at both ends.
fn padded(text: &str) -> String {
    let plain = fold(text).replace(['\'', '’', '`'], "");
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

fn says(padded: &str, cues: &[&str]) -> bool {
    cues.iter().any(|cue| padded.contains(&format!(" {cue} ")))
}

/// Asks how something is done, or for something to be had.
const ASKS_FOR: &[&str] = &[
    "how do i",
    "how can i",
    "how to",
    "how do we",
    "i need",
    "we need",
    "needs",
    "please give",
    "give",
    "approve",
    "approves",
    "create",
    "set up",
    "add",
    "assign",
    "grant",
    "order",
    "provide",
    "arrange",
    "request",
    "would like access",
    "instead",
    "for two weeks",
];

/// A short piece of words about a lockout: "lockout zaphod".
fn is_about_a_lockout(text: &str) -> bool {
    let padded = padded(text);
    says(&padded, &["lockout", "lockouts", "lock out", "account lock"])
        && padded.split(' ').count() <= 10
        && !says(&padded, ASKS_FOR)
}

/// Words that speak of somebody's sign-ins without asking: "Zaphod is locked out", "the lockout of Zaphod".
fn says_locked_out(text: &str) -> bool {
    let padded = padded(text);
    let trouble = says(
        &padded,
        &[
            "locked",
            "lock",
            "lockout",
            "lockouts",
            "suspended",
            "kicked out",
            "thrown out",
            "signed out",
            "logged out",
            "cant sign",
            "cannot sign",
            "cant log",
            "cannot log",
            "cant login",
            "cannot login",
            "cant get in",
            "cannot get in",
            "cant get into",
            "unable to sign",
            "unable to log",
            "sign in as",
            "log in as",
            "signed in as",
            "logged in as",
            "login as",
            "lost access",
            "cant access",
            "cannot access",
            "sign ins",
            "signins",
            "logins",
            "last login",
            "last sign in",
            "keeps getting locked",
            "blocked",
        ],
    );
    let kept = says(&padded, &["sign in", "signin", "login", "account", "mfa"])
        && says(
            &padded,
            &[
                "history", "events", "event", "record", "records", "log", "logs", "attempts", "failures", "trouble",
                "problem", "problems", "fails", "failing",
            ],
        );
    let password = says(&padded, &["password", "mfa", "2fa", "authenticator", "second factor"])
        && says(
            &padded,
            &[
                "wrong",
                "expired",
                "doesnt work",
                "does not work",
                "not accepted",
                "rejected",
                "refused",
                "fails",
                "failing",
                "forgot",
                "forgotten",
            ],
        );
    (trouble || kept || password) && !says(&padded, ASKS_FOR)
}

/// Whether something keeps asking whoever writes, or shuts them out, whatever it is called: "why does X keep asking me", "X threw me out again".
fn happens_to_me(text: &str) -> bool {
    let padded = padded(text);
    let asks = says(
        &padded,
        &["asking me", "asks me", "ask me", "asked me", "prompting me", "prompts me", "prompt me", "prompted me"],
    );
    let signs_in = says(
        &padded,
        &[
            "code",
            "codes",
            "password",
            "mfa",
            "2fa",
            "second factor",
            "pin",
            "sign in",
            "log in",
            "login",
            "authenticate",
            "verify",
            "approve",
            "again",
            "every time",
            "all the time",
            "constantly",
            "over and over",
        ],
    );
    let keeps = says(&padded, &["keep", "keeps", "kept", "keep on"]) && padded.ends_with(" me ");
    let shut = says(
        &padded,
        &[
            "locked me out",
            "locks me out",
            "locking me out",
            "kicked me out",
            "kicks me out",
            "kicking me out",
            "threw me out",
            "throws me out",
            "throwing me out",
            "logged me out",
            "logs me out",
            "logging me out",
            "signed me out",
            "signs me out",
            "signing me out",
        ],
    );
    let person = padded.split(' ').any(|word| among(PEOPLE, word));
    (asks && (signs_in || keeps) || shut) && !person && !says(&padded, ASKS_FOR)
}

/// Whether the words ask why, whether or how long somebody is kept from signing in, whoever that is.
#[must_use]
pub fn asks_about_signing_in(text: &str) -> bool {
    let padded = padded(text);
    // A mail's subject may stand before the question.
    let begins =
        |clause: &str| self::padded(clause).split_whitespace().next().is_some_and(|first| among(AUXILIARIES, first));
    let asks = text.split(['\n', '.', '!', '?', ',', ':', ';']).any(begins)
        || says(
            &padded,
            &[
                "why",
                "what happened",
                "what is wrong",
                "whats wrong",
                "when can",
                "when will",
                "when did",
                "how long",
                "how often",
                "how many times",
                "who locked",
                "what locked",
                "which device locked",
                "where did",
                "tell me",
                "whether",
                "is locked",
                "was locked",
                "got locked",
                "cant sign in",
                "cannot sign in",
                "cant log in",
                "cannot log in",
            ],
        );
    let about = says(
        &padded,
        &[
            "locked",
            "lock",
            "lockout",
            "sign in",
            "sign into",
            "signing in",
            "signin",
            "signed in",
            "log in",
            "log into",
            "logging in",
            "logged in",
            "login",
            "log on",
            "get in",
            "getting in",
            "get into",
            "suspended",
            "kicked out",
            "thrown out",
            "signed out",
            "logged out",
            "cant access",
            "cannot access",
            "lost access",
        ],
    ) || (says(
        &padded,
        &[
            "account",
            "password",
            "mfa",
            "2fa",
            "authenticator",
            "login",
            "second factor",
            "security key",
            "passkey",
            "yubikey",
            "duo",
            "okta",
            "entra",
            "sso",
        ],
    ) && says(
        &padded,
        &[
            "stop working",
            "stopped working",
            "not working",
            "not work",
            "doesnt work",
            "didnt work",
            "rejected",
            "what happened",
            "wrong",
            "failing",
            "fails",
            "failed",
            "blocked",
            "disabled",
            "expired",
            "asked for",
            "changed",
        ],
    )) || (says(&padded, &["what happened", "what has happened"])
        && !says(&padded, &["to my request", "to the request"]))
        || (says(&padded, &["asked for", "prompted"])
            && says(&padded, &["mfa", "code", "password", "again", "second factor"]))
        || says(&padded, &["be blocked", "was blocked", "were blocked", "is blocked", "got blocked"]);
    asks && about && !says(&padded, ASKS_FOR)
}

/// Whether somebody asks until when they themselves are kept out, or whether they still are.
#[must_use]
pub fn asks_when_it_ends(text: &str) -> bool {
    let plain = fold(text).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let padded = format!(" {} ", plain.join(" "));
    let says = |cues: &[&str]| cues.iter().any(|c| padded.contains(&format!(" {c} ")));
    let asks = says(&["when", "how long", "how much longer", "until when", "still"]);
    let about = says(&[
        "locked",
        "lock",
        "lockout",
        "sign in",
        "log in",
        "log on",
        "get in",
        "get back in",
        "signin",
        "login",
        "unlocked",
        "unlock",
        "unblocked",
        "shut out",
        "blocked",
    ]);
    asks && about
        && says(&["i", "im", "my", "me"])
        && says(&[
            "when can i",
            "when will i",
            "when may i",
            "when am i",
            "when will my",
            "when does my",
            "how long am i",
            "how long will i",
            "how long do i",
            "how long is my",
            "how long will my",
            "how long does",
            "how much longer",
            "until when",
            "my account still",
            "am i still",
            "my login still",
        ])
}

/// Whether the words complain that somebody cannot get in or is asked again and again, and ask neither for access nor for how something is
/// done.
#[must_use]
pub fn complains_of_signing_in(text: &str) -> bool {
    let padded = padded(text);
    let shut = says(
        &padded,
        &[
            "locked",
            "lockout",
            "locked out",
            "unlock",
            "cant sign",
            "cannot sign",
            "cant log",
            "cannot log",
            "can not log",
            "can not sign",
            "cant login",
            "cannot login",
            "unable to sign",
            "unable to log",
            "unable to login",
            "nobody can log",
            "nobody can sign",
            "nobody can login",
            "noone can log",
            "no one can log",
            "no one can sign",
            "cant get in",
            "cannot get in",
            "login fails",
            "login failed",
            "sign in fails",
            "sign in failed",
        ],
    );
    let asked =
        says(&padded, &["keeps asking", "keep asking", "asks again", "asking again", "asks me again", "prompts again"])
            && says(&padded, &["password", "sign in", "login", "mfa", "code", "credentials"]);
    let refused = says(&padded, &["password", "mfa", "2fa", "authenticator", "second factor"])
        && says(&padded, &["rejected", "refused", "not accepted", "keeps failing", "wrong but"]);
    (shut || asked || refused) && !says(&padded, ASKS_FOR)
}

/// Whether the words ask who has looked at somebody's sign-ins.
#[must_use]
pub fn asks_who_looked(text: &str) -> bool {
    let padded = padded(text);
    says(&padded, &["who", "has anybody", "has anyone", "did anybody", "did anyone"])
        && says(&padded, &["looked", "looks", "look", "looking", "seen", "saw", "checked", "read", "viewed", "opened"])
        && says(
            &padded,
            &[
                "sign ins",
                "signins",
                "sign in events",
                "sign in record",
                "sign in history",
                "logins",
                "login history",
                "login events",
                "lockout",
                "lockouts",
            ],
        )
}

/// Whether the words ask why something was refused.
#[must_use]
pub fn asks_why_refused(text: &str) -> bool {
    let plain = fold(text);
    let says = |cue: &&str| plain.split(|c: char| !c.is_alphanumeric()).any(|w| w == *cue);
    says(&"why") && ["denied", "refused", "rejected", "declined", "deny", "denial"].iter().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_or_shuts_me_out_is_about_me_whatever_it_is_called() {
        for words in [
            "why does Zscaler keep asking me",
            "why does Frobnicator ask me for a code every time",
            "the portal prompts me to sign in again and again",
            "Frobnicator threw me out again",
        ] {
            assert!(happens_to_me(words), "{words}");
        }
        for words in [
            "my manager keeps asking me",
            "they asked me to review the contract",
            "please ask me again tomorrow for the request",
            "sign me out of the newsletter",
        ] {
            assert!(!happens_to_me(words), "{words}");
        }
    }

    #[test]
    fn complaints_are_no_requests() {
        for words in [
            "Locked\nAccount locked please unlock",
            "URGENT!!!\neverything is down, nobody can log in",
            "Outlook keeps asking for password",
            "it says my password is rejected",
        ] {
            assert!(complains_of_signing_in(words), "{words}");
        }
        for words in [
            "I need access to the login logs",
            "how do I sign in to the VPN",
            "the printer jams",
            "please give Ana a login",
        ] {
            assert!(!complains_of_signing_in(words), "{words}");
        }
        assert!(
            asks_who_looked("who looked at Zaphod's sign-ins?") && !asks_who_looked("who approves my sign-in request")
        );
    }

    #[test]
    fn requests_and_instructions_are_no_questions_about_sign_ins() {
        for words in [
            "create a login for Zaphod",
            "I need a login for the CRM",
            "how do I get in again after a lockout",
            "MFA admin role for Zaphod for two weeks",
            "give Zaphod access to the password manager",
            "Zaphod should get the MFA admin role",
        ] {
            assert!(!asks_about_signing_in(words) && !says_locked_out(words), "{words}");
        }
        for words in [
            "why was Zaphod locked out",
            "did Zaphod sign in today?",
            "what happened to Zaphod",
            "is Zaphod asked for MFA again",
        ] {
            assert!(asks_about_signing_in(words), "{words}");
        }
        for words in [
            "Zaphod is locked out",
            "lockout of Zaphod",
            "sign-in history of Zaphod",
            "Zaphod's password does not work",
        ] {
            assert!(says_locked_out(words), "{words}");
        }
    }
}
