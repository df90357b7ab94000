//! Things people tell the bot to do to their own sign-in: "reset my password", "unlock me", "disable my MFA". Understood, and never done: whoever
//! writes them may be anybody, so they are answered with the way the provider itself offers, and with whom to ask.

use crate::understanding::normalise::fold;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// A new password.
    Password,
    /// A lock taken off.
    Unlock,
    /// The second factor reset, switched off or set up.
    SecondFactor,
}

impl Deed {
    /// What the knowledge articles are asked about it.
    #[must_use]
    pub fn topic(self) -> &'static str {
        match self {
            Self::Password => "reset forgot password",
            Self::Unlock => "locked out cannot sign in",
            Self::SecondFactor => "second factor mfa",
        }
    }
}

/// The most of a text that is looked at, in characters.
const LOOKED_AT: usize = 2_000;
/// How far behind the verb its object may stand, in words.
const NEAR: usize = 7;

/// Words before the verb that change nothing.
const OPENERS: &str = " please pls plz kindly can could would will you i need want to like id just quickly hey hi hello claviger now help me we us so ok okay \
    and then also must who someone somebody anyone it is possible go ahead simply urgently asap let have get bot dear do able are be ";
const RESETS: &str = " reset change recover restore renew replace reissue ";
const UNLOCKS: &str = " unlock unblock reactivate reenable unfreeze unsuspend ";
/// Done to an account.
const OPENED: &str = " unlocked unblocked reactivated reenabled ";
/// What may stand before it.
const FIRST_NOUNS: &str = " my account login user profile okta microsoft google windows ";
const FACTOR_VERBS: &str = " disable deactivate remove reset bypass skip delete unenrol unenroll unregister drop stop turn switch enrol enroll register \
    suspend clear cancel take replace ";
const PASSWORDS: &str = " password passwords passphrase passcode pwd pw pin ";
const ACCOUNTS: &str = " account accounts login user profile ";
const FACTORS: &str = " mfa 2fa otp authenticator passkey duo ";
/// Beside these words it is access that is spoken of, and that is asked for here.
const ACCESS: &str = " access role roles rights permission permissions group groups licence license admin administrator request policy people users everyone \
    manager vault ";

fn among(list: &str, word: &str) -> bool {
    list.contains(&format!(" {word} "))
}

/// The deed that is asked for, where one is. `only_own` leaves out whatever does not speak of the speaker's own things.
#[must_use]
pub fn asked(words: &str, only_own: bool) -> Option<Deed> {
    let text: String = words.chars().take(LOOKED_AT).collect();
    let folded = fold(&text).replace(['\'', '’', '`'], "");
    // A full stop inside an account's name ends nothing.
    let folded = folded.replace(". ", "\n").replace(".\n", "\n");
    folded.split(['!', '?', ',', ';', ':', '\n', '—', '–']).find_map(|clause| {
        let all: Vec<&str> = clause.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        in_clause(&all, only_own)
    })
}

/// Whether an account of somebody is to be unlocked that is called by a name alone: "unlock zaphod".
#[must_use]
pub fn unlocks_somebody(words: &str) -> bool {
    let text: String = words.chars().take(LOOKED_AT).collect();
    let folded = fold(&text).replace(['\'', '’', '`'], "");
    folded.split(['!', '?', ',', ';', ':', '\n', '—', '–']).any(|clause| {
        let mut words = clause.split_whitespace().skip_while(|w| among(OPENERS, w));
        let verb = words.next().is_some_and(|w| among(UNLOCKS, w));
        let rest: Vec<&str> = words.take(NEAR).collect();
        let named = rest.first().is_some_and(|w| !among(" the a an my our your this that these those access ", w));
        verb && named && !rest.iter().any(|w| among(ACCESS, w))
    })
}

fn in_clause(all: &[&str], only_own: bool) -> Option<Deed> {
    // "How do I unlock my account" asks for the same as "unlock my account"; how a password is reset, an article says.
    let how = all.first() == Some(&"how") && all.iter().any(|w| among(UNLOCKS, w) || among(OPENED, w));
    let all = all.get(usize::from(how)..).unwrap_or_default();
    // "Get my account unlocked".
    let opened = all.iter().position(|w| among(OPENED, w)).filter(|n| {
        let before = all.get(..*n).unwrap_or_default();
        let lead = before.iter().all(|w| among(OPENERS, w) || among(FIRST_NOUNS, w));
        lead && before.iter().any(|w| among(ACCOUNTS, w))
            && before.contains(&"my")
            && before.iter().any(|w| matches!(*w, "get" | "have"))
    });
    if opened.is_some() {
        return Some(Deed::Unlock);
    }
    let verb = all.iter().position(|w| !among(OPENERS, w))?;
    let lead = &all[..verb];
    let word = *all.get(verb)?;
    let rest: Vec<&str> = all.iter().skip(verb + 1).take(NEAR).copied().collect();
    let says = |list: &str| rest.iter().any(|w| among(list, w));
    let own = says(" my mine me our own ") || (lead.ends_with(&["me"]) || lead.contains(&"help"));
    // "Give me a new password", "send me a temporary password".
    let joined = rest.join(" ");
    let handed = among(" give send issue set make create tell a new ", word)
        && (joined.contains("new password")
            || joined.contains("temporary password")
            || word == "tell" && joined.contains("my password"));
    let wanted = matches!(word, "new" | "a" | "temporary")
        && joined.starts_with(if word == "a" { "new password" } else { "password" });
    if !only_own && !says(ACCESS) && (handed || wanted) {
        return Some(Deed::Password);
    }
    // "I need to reset MFA for new colleagues" tells what somebody's work is.
    if says(ACCESS) || ((only_own || lead.contains(&"i")) && !own) {
        return None;
    }
    let factor = says(FACTORS)
        || rest
            .windows(2)
            .any(|w| matches!(w, ["two" | "second" | "2nd", "factor"] | ["security", "key"] | ["okta", "verify"]));
    if among(UNLOCKS, word) && (says(ACCOUNTS) || matches!(rest.as_slice(), ["me" | "us" | "him" | "her" | "them", ..]))
    {
        return Some(Deed::Unlock);
    }
    if among(FACTOR_VERBS, word) && factor {
        return Some(Deed::SecondFactor);
    }
    if among(RESETS, word) && says(PASSWORDS) {
        return Some(Deed::Password);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_are_told_apart_however_they_are_put() {
        for (words, deed) in [
            ("reset my password", Deed::Password),
            ("who can unlock me?", Deed::Unlock),
            ("who could reset my password", Deed::Password),
            ("Please reset my password!", Deed::Password),
            ("can you change my password for me?", Deed::Password),
            ("I need you to reset my password right now, I'm the CEO", Deed::Password),
            ("I'm travelling, please reset the password", Deed::Password),
            ("give me a new password", Deed::Password),
            ("I need a new password", Deed::Password),
            ("reset Tom's password", Deed::Password),
            ("reset x.y@z.example's password", Deed::Password),
            ("I'm locked out. Reset my password. Thanks.", Deed::Password),
            ("unlock me", Deed::Unlock),
            ("how could I unlock my login", Deed::Unlock),
            ("can I get my user unlocked please", Deed::Unlock),
            ("reset my pw", Deed::Password),
            ("unlock my account", Deed::Unlock),
            ("Could you please unlock my Okta account", Deed::Unlock),
            ("Hi! I am the CFO and late for the board. Unlock my account now", Deed::Unlock),
            ("can you disable my MFA", Deed::SecondFactor),
            ("turn off two-factor for my account", Deed::SecondFactor),
            ("please reset my authenticator", Deed::SecondFactor),
            ("remove the second factor from my account", Deed::SecondFactor),
        ] {
            assert_eq!(asked(words, false), Some(deed), "{words}");
        }
    }

    #[test]
    fn a_name_alone_can_be_unlocked() {
        for words in ["unlock zaphod", "please unlock x.y@z.example", "can you unblock Zaphod Beeblebrox, please"] {
            assert!(unlocks_somebody(words), "{words}");
        }
        for words in ["unlock the CRM for Zaphod", "unlock access for Zaphod", "why was zaphod locked", "unlock"] {
            assert!(!unlocks_somebody(words), "{words}");
        }
    }

    #[test]
    fn questions_requests_and_reasons_are_no_deeds() {
        for words in [
            "",
            "how do I reset my password?",
            "why was my password reset?",
            "I have to reset MFA for people in my department until Friday",
            "I need to reset MFA for new colleagues",
            "I need access to reset passwords",
            "remove my MFA admin role",
            "unlock the CRM for the sales team",
            "my account is locked",
            "read access to the CRM until Friday",
            "the password manager",
            "I want to change my vault password manager access",
            "make it two weeks",
        ] {
            assert_eq!(asked(words, false), None, "{words}");
        }
        assert_eq!(asked("reset MFA for new hires", true), None, "as a reason it is one");
        assert_eq!(asked("reset my password", true), Some(Deed::Password));
    }
}
