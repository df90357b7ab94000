//! Suggests a category and a priority for something a person has to look at: fixed rules over words, each with its reason.
//!
//! The first category whose words are found wins, in the order of [`Category::ALL`]: what looks like an attack is never filed under
//! anything milder. Whoever reads the ticket decides; nothing is decided here.

use crate::domain::ticket::{Because, Category, Cause, Priority};
use crate::helpdesk::cues::{first, plain};
use crate::helpdesk::phrases;
use crate::helpdesk::urgency::{self, Urgency};
use crate::understanding::types::Intent;

/// What is suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is about.
    pub category: Category,
    /// How soon somebody has to look.
    pub priority: Priority,
    /// Why.
    pub because: Vec<Because>,
}

/// Words and phrases of each category, folded, without apostrophes. A star at the end stands for any ending.
const WORDS: &[(Category, &[&str])] = &[
    (
        Category::Security,
        &[
            "phish*",
            "hacked",
            "hacker*",
            "compromised",
            "malware",
            "ransomware",
            "virus",
            "suspicious",
            "stolen",
            "breach*",
            "leaked",
            "wasnt me",
            "was not me",
            "scam*",
            "impersonat*",
            "unauthorised sign in",
            "unauthorized sign in",
            "unauthorised login",
            "unauthorized login",
            "did not request",
            "didnt request",
            "unknown device",
            "strange login",
            "push bombing",
            "ransom*",
            "being encrypted",
            "was not her",
            "was not him",
            "wasnt her",
            "wasnt him",
            "did not send",
            "in my name",
            "usb stick",
            "usb drive",
            "stick i found",
            "found a stick",
            "know nothing of",
            "know nothing about",
            "never set up",
            "did not set up",
            "didnt set up",
            "i never wrote",
            "i never sent",
            "never ordered",
            "spoof*",
            "blackmail*",
            "extort*",
            "intruder*",
            "spyware",
            "trojan*",
            "keylogger*",
            "fake mail",
            "fake invoice*",
            "wrong recipient",
            "sent to the wrong",
            "pretend* to be",
        ],
    ),
    (
        Category::Mfa,
        &[
            "mfa",
            "2fa",
            "two factor",
            "second factor",
            "authenticator",
            "passkey*",
            "security key",
            "yubikey*",
            "one time code*",
            "otp",
            "verification code*",
            "push notification*",
            "duo",
            "okta verify",
            "new phone",
            "lost phone",
            "lost my phone",
            "six digits",
            "text code*",
            "codes by text",
            "code by text",
            "text message code*",
            "sms code*",
            "security code*",
            "confirmation code*",
            "little token",
            "lost the token",
            "lost my token",
            "token lost",
            "hardware token",
            "key fob",
            "fob",
            "confirm my sign in",
            "confirm her sign in",
            "confirm his sign in",
            "confirm their sign in",
            "the codes",
        ],
    ),
    (
        Category::Password,
        &[
            "password*",
            "passcode",
            "passphrase",
            "forgot my pin",
            "credentials expired",
            "wrong credentials",
            "reset my login",
        ],
    ),
    (
        Category::SignIn,
        &[
            "locked out",
            "lockout",
            "account locked",
            "account is locked",
            "cant sign in",
            "cannot sign in",
            "cant log in",
            "cannot log in",
            "cant login",
            "unable to sign in",
            "unable to log in",
            "unable to login",
            "sign in fail*",
            "login fail*",
            "sign in error",
            "login error",
            "sso",
            "account disabled",
            "account is disabled",
            "session expired",
            "logged out",
            "signed out",
            "unlock my account",
            "thrown out of",
            "throws me out",
            "turned away",
            "turns me away",
            "gets in",
            "login page",
            "sign in page",
            "signed off",
            "kicked out",
            "cant get in",
            "cannot get in",
            "lets me in",
            "let me in",
            "logs me out",
            "signs me out",
            "signed me out",
            "does not know me",
            "no account with",
            "stay signed in",
            "remember me",
        ],
    ),
    (
        Category::Account,
        &[
            "new joiner",
            "new starter",
            "new hire",
            "new colleague",
            "onboard*",
            "offboard*",
            "leaver",
            "leaving the company",
            "last working day",
            "last day",
            "name change",
            "changed my name",
            "moved to another team",
            "transfer* to",
            "create an account",
            "new account for",
            "terminat*",
            "joins us",
            "joins our",
            "joins my",
            "joins the",
            "starts with us",
            "begins with us",
            "comes back from",
            "returns from",
            "back from leave",
            "parental leave",
            "maternity",
            "sabbatical",
            "dismissal",
            "dismissed",
            "let somebody go",
            "let someone go",
            "let him go",
            "let her go",
            "laid off",
            "resign*",
            "fired",
            "maiden name",
            "surname",
            "last name",
            "married",
            "nickname",
            "display name",
            "address book",
            "job title",
            "leaves us",
            "leaves the company",
            "his accounts",
            "her accounts",
            "their accounts",
            "moved from",
            "relocat*",
            "no account yet",
        ],
    ),
    (
        Category::Device,
        &[
            "laptop",
            "desktop",
            "monitor",
            "keyboard",
            "mouse",
            "printer*",
            "printing",
            "docking station",
            "headset",
            "webcam",
            "microphone",
            "screen",
            "battery",
            "charger",
            "wifi",
            "wi fi",
            "wireless",
            "network is down",
            "no internet",
            "slow internet",
            "blue screen",
            "crash*",
            "freez*",
            "disk full",
            "update failed",
            "driver*",
            "mobile phone",
            "tablet",
            "projector",
            "outlook",
            "excel",
            "camera",
            "cable",
            "adapter",
            "telephone",
            "handset",
            "touchpad",
            "scanner*",
            "tills",
            "website",
            "web site",
            "web shop",
            "webshop",
            "online shop",
            "intranet",
            "speakers",
            "no picture",
            "no sound",
            "no signal",
            "internet connection",
            "switchboard",
            "cartridge",
            "toner",
        ],
    ),
    (
        Category::Access,
        &[
            "access",
            "permission*",
            "entitlement*",
            "role",
            "roles",
            "licence",
            "license",
            "licences",
            "licenses",
            "shared drive",
            "shared mailbox",
            "distribution list",
            "mailing list",
            "group membership",
            "admin rights",
            "approval",
            "approve",
            "grant*",
            "denied",
            "revoke*",
            "vpn",
            "repository",
            "newsletter*",
            "mail list",
            "unsubscribe*",
            "may not open",
            "not allowed to open",
            "not allowed to see",
            "let me see",
            "let me read",
            "no longer see",
            "no longer open",
        ],
    ),
    (
        Category::HowTo,
        &[
            "how do i",
            "how can i",
            "how to",
            "where do i",
            "where can i",
            "instructions",
            "guide",
            "is there a way",
            "what is the process",
            "how should i",
            "how do we",
            "how can we",
            "where do we",
            "where can we",
            "what are the rules",
            "explain how",
            "whom do i ask",
            "who do i ask",
            "which form",
        ],
    ),
];

/// Words that say little by themselves: heard where nothing else was.
const FAINT: &[(Category, &[&str])] = &[
    (
        Category::Account,
        &[
            "trainee*",
            "intern",
            "interns",
            "apprentice*",
            "starts on",
            "starts tomorrow",
            "starts next",
            "moves from",
            "moves to",
        ],
    ),
    (Category::Access, &["folder", "folders", "mailbox", "rights"]),
    (Category::Mfa, &["codes"]),
    (
        Category::SignIn,
        &["sign in", "signing in", "log in", "logging in", "log on", "logging on", "login", "logins", "logon"],
    ),
    (Category::Device, &["computer", "the machine", "server", "servers", "terminal", "terminals", "offline"]),
];

/// What these words suggest. `intent` is what they were understood as, `cause` why it goes to a person, where these are known.
#[must_use]
pub fn suggest(words: &str, intent: Option<Intent>, cause: Option<Cause>) -> Suggestion {
    let text = plain(words);
    let mut because = Vec::new();
    let mut note = |rule: String, text: String| because.push(Because { rule, text });
    let category = match (cause, category_of(&text)) {
        (Some(Cause::NotMe), _) => {
            note("category.not_me".into(), "they say that it was not them".into());
            Category::Security
        }
        (Some(Cause::Noticed), _) => {
            note("category.noticed".into(), "the lock looks like an attack".into());
            Category::Security
        }
        (_, _) if phrases::takeover(words) => {
            note("category.takeover".into(), "they report that somebody else has their account or password".into());
            Category::Security
        }
        _ if gave_away(&text) => {
            note("category.given_away".into(), "a password or code may be in somebody else's hands".into());
            Category::Security
        }
        _ if somebody_at_it(&text) => {
            note("category.somebody".into(), "somebody does something to what is theirs".into());
            Category::Security
        }
        (_, Some((category, word))) => {
            note(format!("category.{}", category.name()), format!("it says “{word}”"));
            category
        }
        (_, None) => match intent.and_then(of_intent) {
            Some((category, why)) => {
                note(format!("category.{}.intent", category.name()), why.to_owned());
                category
            }
            None => {
                note("category.other".into(), "no word speaks for another category".into());
                Category::Other
            }
        },
    };
    let Urgency { priority, because: why } = urgency::of(category, &text);
    because.extend(why);
    Suggestion { category, priority, because }
}

/// The first category that is spoken for, with the word that does.
fn category_of(text: &str) -> Option<(Category, String)> {
    let faint = || FAINT.iter().find_map(|(category, words)| first(text, words).map(|word| (*category, word)));
    let spoken = Category::ALL.into_iter().find_map(|category| {
        let words = WORDS.iter().find(|(of, _)| *of == category)?.1;
        first(text, words).map(|word| (category, word))
    });
    spoken.or_else(faint)
}

/// "I typed my password into a page that was not ours", "I read him the digits": a secret was given to somebody it was not meant for. That is never
/// answered by how one changes a password alone.
fn gave_away(text: &str) -> bool {
    const GAVE: [&str; 9] = ["typed", "entered", "gave", "told", "read", "shared", "handed", "disclosed", "sent"];
    const SECRET: [&str; 7] = ["password", "passcode", "code", "codes", "digits", "pin", "credentials"];
    const ASTRAY: &[&str] = &[
        "not ours",
        "not our",
        "turned out",
        "to him",
        "to her",
        "to them",
        "to someone",
        "to somebody",
        "a caller",
        "on the phone",
        "fake",
        "stranger*",
        "strange",
        "wrong page",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let gave = words
        .iter()
        .enumerate()
        .any(|(n, w)| GAVE.contains(w) && words.iter().skip(n + 1).take(6).any(|next| SECRET.contains(next)));
    gave && first(text, ASTRAY).is_some()
}

/// "Somebody is deleting our files".
fn somebody_at_it(text: &str) -> bool {
    const DOES: [&str; 8] =
        ["deleting", "reading", "copying", "changing", "sending", "downloading", "encrypting", "using"];
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().any(|(n, w)| {
        let at = (n + 1..n + 4).find(|k| words.get(*k).is_some_and(|w| DOES.contains(w)));
        let ours = |at: usize| words.iter().skip(at + 1).take(3).any(|w| matches!(*w, "my" | "our"));
        matches!(*w, "somebody" | "someone" | "stranger") && at.is_some_and(ours)
    })
}

fn of_intent(intent: Intent) -> Option<(Category, &'static str)> {
    Some(match intent {
        Intent::WhyLockedOut => (Category::SignIn, "it was understood as a question about signing in"),
        Intent::HowTo => (Category::HowTo, "it was understood as a question about how something is done"),
        Intent::RequestAccess
        | Intent::Extend
        | Intent::GiveBack
        | Intent::RequestStatus
        | Intent::CancelRequest
        | Intent::WhatDoIHave
        | Intent::WhoApproves
        | Intent::WhyDecision
        | Intent::BreakGlass
        | Intent::Appeal => (Category::Access, "it was understood to be about access"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_category_wins_and_every_suggestion_has_its_reason() {
        let of = |words| {
            let s = suggest(words, None, None);
            assert!(s.because.iter().any(|b| b.rule.starts_with("category.")), "{words}");
            assert!(s.because.iter().any(|b| b.rule.starts_with("priority.")), "{words}");
            (s.category, s.priority)
        };
        assert_eq!(of("My password does not work and I think I was phished"), (Category::Security, Priority::High));
        assert_eq!(of("Password reset, please. No rush."), (Category::Password, Priority::Low));
        assert_eq!(of("I'm locked out of Salesforce"), (Category::SignIn, Priority::High));
        assert_eq!(of("The printer on floor 2 jams"), (Category::Device, Priority::Normal));
        assert_eq!(
            of("Nobody can log in, the whole team is stuck: login failed"),
            (Category::SignIn, Priority::Urgent)
        );
        assert_eq!(of("Please give Lea access to the tracker, it is urgent"), (Category::Access, Priority::High));
        assert_eq!(of("How do I book a room?"), (Category::HowTo, Priority::Low));
        assert_eq!(of("🦀"), (Category::Other, Priority::Normal));
        // A word that says little counts where no other does.
        assert_eq!(of("The mandate is not in the folder").0, Category::Access);
        assert_eq!(of("A new joiner needs a login").0, Category::Account);
        // Nobody talks a security case down.
        assert_eq!(of("My phone was stolen, no rush"), (Category::Security, Priority::High));
    }

    #[test]
    fn a_report_of_a_takeover_goes_to_security() {
        for words in [
            "someone else signed in as me",
            "somebody is using my account",
            "I think somebody has my password",
            "I got an MFA prompt I did not ask for",
            "I entered my password on a site that was fake",
            "A man called and I told him the code, now I regret giving it to him",
            "Someone is copying our customer list",
        ] {
            assert_eq!(suggest(words, Some(Intent::WhyLockedOut), None).category, Category::Security, "{words}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_takeover_is_filed_as_what_it_is() {
        for (words, category) in [
            ("I entered my password and it was refused", Category::Password),
            ("Somebody is using the large meeting room", Category::Other),
        ] {
            assert_eq!(suggest(words, None, None).category, category, "{words}");
        }
    }

    #[test]
    fn words_count_whole_unless_they_are_open_ended() {
        assert_eq!(suggest("a rolegame about mouseholes", None, None).category, Category::Other);
        assert_eq!(suggest("printers", None, None).because[0].text, "it says “printers”");
        assert_eq!(suggest("", Some(Intent::WhyDecision), None).category, Category::Access);
        assert_eq!(suggest("how do I", None, Some(Cause::NotMe)).category, Category::Security);
    }
}
