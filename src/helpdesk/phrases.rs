//! A few things people say to the helpdesk that stand for a button: "that wasn't me", "that helped", "tell me when I'm locked out".
//! Only whole, plain phrases count; a sentence that merely contains such words among many others is left to the interpreter.

use crate::understanding::normalise::fold;

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It was somebody else who tried.
    NotMe,
    /// The answer helped.
    Helped,
    /// The answer did not help.
    NotHelped,
    /// Tell me when I am locked out.
    TellMe,
    /// Stop telling me.
    DoNotTellMe,
    /// Who looked at my sign-ins?
    WhoLooked,
}

/// The most words such a phrase has.
const MOST_WORDS: usize = 14;
const NOT_ME: &[&str] = &[
    "wasnt me",
    "was not me",
    "isnt me",
    "is not me",
    "werent me",
    "were not me",
    "that wasnt mine",
    "i didnt do that",
    "i did not do that",
    "i didnt try to sign in",
    "i did not try to sign in",
    "i never tried to sign in",
    "i havent tried to sign in",
    "somebody else is trying",
    "someone else is trying",
    "somebody else tried",
    "someone else tried",
    "not my sign in",
    "not my login",
];
/// Words for somebody else.
const ELSE: &[&str] = &[
    "someone",
    "somebody",
    "some one",
    "anyone else",
    "anybody else",
    "stranger",
    "another person",
    "hacker",
    "hackers",
    "attacker",
    "who",
    "they",
    "he",
    "she",
    "people",
    "unknown person",
];
/// What somebody else did.
const TOOK: &[&str] = &[
    "signed in as me",
    "signed in to my",
    "signed into my",
    "logged in as me",
    "logged in to my",
    "logged into my",
    "is signed in as me",
    "is logged in as me",
    "used my account",
    "use my account",
    "uses my account",
    "using my account",
    "used my login",
    "using my login",
    "used my password",
    "using my password",
    "has my password",
    "have my password",
    "had my password",
    "got my password",
    "knows my password",
    "know my password",
    "stole my password",
    "stolen my password",
    "guessed my password",
    "changed my password",
    "has my credentials",
    "has my login",
    "in my account",
    "got into my account",
    "gets into my account",
    "broke into my account",
    "access to my account",
    "accessed my account",
    "took over my account",
    "taken over my account",
    "hacked my account",
    "hacked me",
    "pretending to be me",
    "impersonating me",
    "signing in as me",
    "logging in as me",
    "signed in with my",
    "logged in with my",
];
const BROKEN: &[&str] =
    &["hacked", "compromised", "hijacked", "taken over", "breached", "stolen", "leaked", "phished", "pwned"];
const MINE: &[&str] = &[
    "my account",
    "my password",
    "my login",
    "my credentials",
    "my user",
    "my sign in",
    "i was",
    "ive been",
    "i have been",
    "i got",
    "im",
    "i am",
    "i think i",
    "my mailbox",
    "my email",
];
const FELL: &[&str] = &[
    "clicked",
    "clicked on",
    "opened",
    "entered",
    "typed",
    "gave",
    "followed",
    "fell for",
    "fallen for",
    "submitted",
    "answered",
    "replied to",
    "tapped",
    "scanned",
];
const PROMPTS: &[&str] = &[
    "prompt",
    "prompts",
    "push",
    "pushes",
    "mfa",
    "2fa",
    "code",
    "codes",
    "notification",
    "notifications",
    "authenticator",
    "second factor",
    "verification",
    "approval request",
    "sign in request",
    "login request",
    "password reset",
];
const UNASKED: &[&str] = &[
    "did not ask",
    "didnt ask",
    "never asked",
    "havent asked",
    "did not request",
    "didnt request",
    "never requested",
    "havent requested",
    "did not start",
    "didnt start",
    "did not initiate",
    "didnt initiate",
    "did not cause",
    "didnt cause",
    "did not trigger",
    "didnt trigger",
    "not expecting",
    "wasnt expecting",
    "was not expecting",
    "did not expect",
    "didnt expect",
    "without asking",
    "not from me",
    "not mine",
    "wasnt me",
    "was not me",
];
/// The most words of one sentence in which a takeover is looked for.
const MOST_SENTENCE: usize = 60;

/// Whether somebody reports that another uses their account, knows their password, or that they were deceived: that goes to security first,
/// whatever else may be said to it.
#[must_use]
pub fn takeover(words: &str) -> bool {
    words.split(['.', '!', '?', ';', '\n']).any(|sentence| {
        let plain = plain(sentence);
        if plain.split(' ').count() > MOST_SENTENCE
            || ["how do i", "how can i", "how to"].iter().any(|h| plain.starts_with(h))
        {
            return false;
        }
        let padded = format!(" {plain} ");
        let says = |list: &[&str]| list.iter().any(|phrase| padded.contains(&format!(" {phrase} ")));
        let deceit = padded.contains(" phish")
            || padded.contains(" scam")
            || says(&["suspicious link", "fake page", "fake site", "strange link", "malicious link", "fake login"]);
        says(ELSE) && says(TOOK)
            || says(BROKEN) && says(MINE)
            || deceit && says(FELL) && says(&["i", "ive", "we"])
            || says(PROMPTS) && says(UNASKED)
    })
}

/// Whoever is said to have done it, as the first words of a plain statement.
const SOMEBODY: &[&str] = &[
    "someone else",
    "someone",
    "somebody else",
    "somebody",
    "another person",
    "a stranger",
    "a hacker",
    "hackers",
    "an attacker",
    "attackers",
];
/// What leaves no doubt that somebody else was at the account.
const DID: &[&str] = &[
    "signed in as me",
    "logged in as me",
    "is signed in as me",
    "is logged in as me",
    "is signing in as me",
    "is logging in as me",
    "signed in to my account",
    "signed into my account",
    "logged in to my account",
    "logged into my account",
    "used my account",
    "is using my account",
    "uses my account",
    "got into my account",
    "broke into my account",
    "took over my account",
    "has taken over my account",
    "has hacked my account",
    "hacked my account",
];

/// Whether somebody says in so many words that another signed in as them or used their account: no guess, no question, nothing to ask back.
#[must_use]
pub fn explicit_takeover(words: &str) -> bool {
    let question = words.trim_end().ends_with('?');
    !question
        && words.split(['.', '!', '?', ';', '\n']).any(|sentence| {
            let plain = plain(sentence);
            let said =
                ["hello ", "hi ", "help ", "please help "].iter().find_map(|h| plain.strip_prefix(h)).unwrap_or(&plain);
            SOMEBODY.iter().any(|who| {
                let did = said.strip_prefix(who).and_then(|rest| rest.strip_prefix(' '));
                did.map(|d| d.strip_prefix("just ").unwrap_or(d))
                    .is_some_and(|d| DID.iter().any(|did| d == *did || d.starts_with(&format!("{did} "))))
            })
        })
}

const HELPED: &[&str] = &[
    "that helped",
    "this helped",
    "it helped",
    "that worked",
    "it worked",
    "that works now",
    "it works now",
    "problem solved",
    "that solved it",
    "that fixed it",
];
const NOT_HELPED: &[&str] = &[
    "that didnt help",
    "this didnt help",
    "it didnt help",
    "that did not help",
    "it did not help",
    "that doesnt help",
    "didnt work",
    "did not work",
    "still doesnt work",
    "still not working",
    "still cant sign in",
    "still locked out",
    "not helpful",
];
const LOOKED: &[&str] =
    &["looked", "look", "looks", "looking", "asked", "asks", "saw", "seen", "sees", "see", "checked", "read", "told"];
const MY_SIGNINS: &[&str] = &[
    "my sign ins",
    "my signins",
    "my sign in events",
    "my sign in record",
    "my sign in history",
    "my logins",
    "my login history",
    "my login events",
    "my lockout",
    "my lockouts",
    "my lock out",
];
const LOCKED: &[&str] = &["locked out", "lockout", "lock outs", "lockouts", "locked", "locks", "lock"];

/// What these words stand for; `None` where they are for the interpreter.
#[must_use]
pub fn read(words: &str) -> Option<Said> {
    let plain = plain(words);
    let count = plain.split(' ').count();
    if count > MOST_WORDS {
        return None;
    }
    let padded = format!(" {plain} ");
    let says = |list: &[&str]| list.iter().any(|phrase| padded.contains(&format!(" {phrase} ")));
    if says(LOOKED)
        && says(MY_SIGNINS)
        && (padded.contains(" who ") || plain.starts_with("has any") || plain.starts_with("did any"))
    {
        return Some(Said::WhoLooked);
    }
    if says(LOCKED) && !padded.contains(" why ") {
        let stop = says(&["dont tell me", "do not tell me", "stop telling me", "never tell me", "stop notifying me"]);
        let off = says(&["dont notify me", "do not notify me", "turn off", "switch off"]) && padded.contains(" notice");
        if stop || off {
            return Some(Said::DoNotTellMe);
        }
        // Of oneself only: "when", "if" or "as soon as", and then "I" or "my account"; or of lockouts at all.
        let condition = says(&["when", "if", "whenever", "once", "as soon as", "in case", "every time", "each time"]);
        let own = says(&["i", "im", "my account", "my login", "my user", "its", "it"]);
        let when = condition && own || says(&["about lockouts", "of lockouts", "on lockouts", "for lockouts"]);
        let told = says(&[
            "tell me",
            "let me know",
            "notify me",
            "warn me",
            "inform me",
            "message me",
            "alert me",
            "ping me",
            "remind me",
        ]);
        let ending = says(&[
            "when i can",
            "when can i",
            "when it ends",
            "when it is over",
            "when its over",
            "when will",
            "when the",
            "if i can",
        ]);
        let asked = ending || says(&["did you tell me", "you tell me", "can you tell me why"]);
        if told && when && !asked {
            return Some(Said::TellMe);
        }
    }
    if says(NOT_ME) {
        return Some(Said::NotMe);
    }
    // Short ones only: "it worked for Ana until Friday" says something else.
    if count <= 7 && says(NOT_HELPED) {
        return Some(Said::NotHelped);
    }
    (count <= 5 && says(HELPED) && !padded.contains(" not ")).then_some(Said::Helped)
}

/// Lower case, without accents, apostrophes and signs, words apart by one space.
#[must_use]
pub fn plain(words: &str) -> String {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_takeover_is_heard_however_it_is_put() {
        for words in [
            "someone else signed in as me",
            "my account was hacked",
            "somebody is using my account",
            "I think somebody has my password",
            "I clicked a phishing link",
            "I got an MFA prompt I did not ask for",
            "Hello. I believe I've been hacked!",
            "someone logged into my account last night from Brazil, what now?",
        ] {
            assert!(takeover(words), "{words}");
        }
        for words in [
            "why was I locked out?",
            "can someone reset my password",
            "how do I report a phishing link?",
            "MFA keeps failing",
            "I need access to the phishing console",
            "can somebody unlock my account",
        ] {
            assert!(!takeover(words), "{words}");
        }
    }

    #[test]
    fn only_a_plain_statement_is_explicit() {
        for words in [
            "someone else signed in as me",
            "Somebody is using my account!",
            "Help, a hacker got into my account last night",
        ] {
            assert!(explicit_takeover(words) && takeover(words), "{words}");
        }
        for words in [
            "I think somebody is using my account",
            "did someone else sign in as me?",
            "someone else signed in as me?",
            "that wasn't me",
            "my account was hacked",
            "I clicked a phishing link",
            "maybe someone used my account",
            "if someone used my account, what do I do",
        ] {
            assert!(!explicit_takeover(words), "{words}");
        }
    }

    #[test]
    fn plain_phrases_are_read_and_others_left_alone() {
        for (words, said) in [
            ("That wasn't me!", Some(Said::NotMe)),
            ("it was not me", Some(Said::NotMe)),
            ("I didn't try to sign in last night", Some(Said::NotMe)),
            ("that helped, thanks", Some(Said::Helped)),
            ("it didn’t help", Some(Said::NotHelped)),
            ("Tell me when I'm locked out", Some(Said::TellMe)),
            ("please let me know if my account is locked", Some(Said::TellMe)),
            ("don't tell me when I'm locked out", Some(Said::DoNotTellMe)),
            ("stop telling me about lockouts", Some(Said::DoNotTellMe)),
            ("who looked at my sign-ins?", Some(Said::WhoLooked)),
            ("Who has seen my sign-in events", Some(Said::WhoLooked)),
            ("has anybody looked at my logins?", Some(Said::WhoLooked)),
            ("who can look at my reports", None),
            ("why are my sign-ins looked at", None),
            ("why was I locked out?", None),
            ("can you tell me why I am locked out", None),
            ("tell me about my access", None),
            ("tell me about the lockout of Zaphod", None),
            ("tell me about lockouts", Some(Said::TellMe)),
            ("alert me as soon as my login locks", Some(Said::TellMe)),
            ("please notify me of lockouts", Some(Said::TellMe)),
            ("tell me when I can get in again, I am locked out", None),
            ("tell me if Zaphod is locked out", None),
            ("thanks", None),
            ("I need read access to the CRM", None),
            ("it worked for Ana until the end of last week", None),
            ("", None),
        ] {
            assert_eq!(read(words), said, "{words}");
        }
    }
}
