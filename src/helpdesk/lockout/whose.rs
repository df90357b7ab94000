//! Whose sign-ins a question is about, told from the sentence alone. Whether a name is somebody's here must make no difference to that, or
//! anybody could try out names: so this looks at the place of a word, never into the directory.

use crate::understanding::normalise::fold;

/// The most words that are looked at.
const MOST_WORDS: usize = 400;
/// The most characters of a name that are given back.
const LONGEST_NAME: usize = 80;

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Whoever asks.
    Own,
    /// It does not say.
    Unsaid,
    /// Somebody else, called so.
    Other(String),
}

const FIRST: &str = " i im ive me my mine myself we us our ours ";
const THIRD: &str =
    " he she they him her them his their theirs somebody someone anybody anyone nobody everybody everyone ";
/// Subjects that are no people: what stands for a thing, and what signs people in or asks them.
const THINGS: &str = " it its this that these those there the a an what who which whose why how when where here you your everything \
    anything something nothing mfa 2fa otp sso vpn password passwords login logon signin sign session sessions push duo okta entra \
    azure google workspace microsoft windows keycloak onelogin auth0 auth github gitlab slack teams jira salesforce snowflake aws onepassword access account accounts \
    authenticator outlook email mail laptop computer phone browser authentication verification code security single one two second new every all \
    being be so not no still again now then always suddenly constantly is was has been to in on out up of for by with from at as if and or but just already really ";
const AUXILIARIES: &str = " is isnt are arent was wasnt were werent am did didnt does doesnt do dont has hasnt have havent had hadnt can cant cannot \
    could couldnt will wont would wouldnt should may might ";
/// What ends a name.
const AFTER_NAME: &str = " locked lock out sign signed signing log logged logging login get gets getting got kicked blocked suspended disabled deactivated \
    denied refused rejected turned declined stopped shut been being be able unable not still again account accounts lockout sign-in keep keeps \
    have has had is was were can cant cannot could couldnt did didnt does doesnt isnt wasnt hasnt hadnt will wont and so on yesterday today \
    this last in at for to from with access use open connect fail failing failed asked asking ask just now already really suddenly constantly ";

fn among(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

struct Word {
    /// As written, without signs around it.
    said: String,
    /// Folded, without apostrophes.
    plain: String,
    capital: bool,
    /// Ends in `'s`.
    of: bool,
}

fn words_of(text: &str) -> Vec<Word> {
    let signs = |c: char| !c.is_alphanumeric() && c != '@';
    let word = |raw: &str| {
        let said = raw.trim_matches(signs);
        if said.is_empty() {
            return None;
        }
        let lower = said.to_lowercase();
        let bare = ["'s", "’s", "`s"].iter().find_map(|s| lower.strip_suffix(s));
        let of = bare.is_some();
        let kept: String = if of { said.chars().take(said.chars().count() - 2).collect() } else { said.to_owned() };
        let plain = fold(&kept).replace(['\'', '’', '`'], "");
        Some(Word { capital: kept.chars().next().is_some_and(char::is_uppercase), said: kept, plain, of })
    };
    text.split_whitespace().filter_map(word).take(MOST_WORDS).collect()
}

/// A mail address or a short account name: signs inside that no word of a sentence has.
fn is_handle(word: &str) -> bool {
    if word.contains('@') {
        return word.chars().any(char::is_alphanumeric);
    }
    let parts: Vec<&str> = word.split(['.', '_', '\\']).collect();
    let letters = |p: &&str| p.chars().next().is_some_and(char::is_alphabetic);
    let digits = word.chars().any(|c| c.is_ascii_digit()) && word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    let known = among(" 2fa auth0 office365 o365 m365 s3 q1 q2 q3 q4 ", &word.to_lowercase()) || word.contains(':');
    let time = word.chars().next().is_some_and(|c| c.is_ascii_digit());
    (parts.len() > 1 && parts.iter().all(letters)) || (digits && !known && !time)
}

/// Whom the words are about. `is_thing` tells of a folded word that names a system or what can be asked for there.
#[must_use]
pub fn whose(text: &str, is_thing: &dyn Fn(&str) -> bool) -> Whose {
    let all = words_of(text);
    let word = |n: usize| all.get(n).map_or("", |w| w.plain.as_str());
    let own = |n: usize| among(FIRST, word(n));
    let thing = |n: usize| word(n).is_empty() || among(THINGS, word(n)) || is_thing(word(n));
    let other = |n: usize| !own(n) && !thing(n) && !among(AUXILIARIES, word(n));
    let name = |n: usize| {
        let mut said = Vec::new();
        for (k, w) in all.iter().skip(n).take(4).enumerate() {
            if k > 0 && (among(AFTER_NAME, &w.plain) || own(n + k)) {
                break;
            }
            said.push(w.said.as_str());
            if w.of {
                break;
            }
        }
        Whose::Other(said.join(" ").chars().take(LONGEST_NAME).collect())
    };
    // "Why was write access refused": what was asked for is no person.
    let asked_for = |n: usize| {
        (n..n + 4).take_while(|k| !among(AUXILIARIES, word(*k))).any(|k| {
            among(
                " access request requests role roles permission permissions rights licence license group approval ",
                word(k),
            ) && !(n..k).any(|between| among(AFTER_NAME, word(between)))
        })
    };
    // A mail address or an account name, unless it is where somebody signs in to.
    for (n, w) in all.iter().enumerate() {
        let goes_to =
            n > 0 && among(" to into at on via using through ", word(n - 1)) && !(n > 1 && word(n - 2) == "happened");
        if is_handle(&w.said) && (!goes_to || w.said.contains('@')) && !is_thing(&w.plain) {
            return name(n);
        }
    }
    // "Zaphod's account".
    for (n, w) in all.iter().enumerate() {
        let belongs = among(
            " account accounts login lockout password sign sign-in sign-ins signin signins mfa session user access request ",
            word(n + 1),
        );
        if w.of && other(n) && belongs {
            let start =
                if n > 0 && w.capital && all.get(n - 1).is_some_and(|p| p.capital) && other(n - 1) { n - 1 } else { n };
            return name(start);
        }
    }
    // "his account", "is she locked out".
    for n in 0..all.len() {
        if among(" his their theirs ", word(n)) || (word(n) == "her" && !word(n + 1).is_empty()) {
            return name(n);
        }
    }
    for n in 0..all.len() {
        // "why was X locked", "is X locked", "when can X get in": the subject stands behind the verb that asks.
        let asks = n == 0
            || among(" why how when long if whether is come since and or but happened what who ", word(n - 1))
            || n == 1;
        if among(AUXILIARIES, word(n)) && asks && n + 1 < all.len() {
            let subject = if among(" not n't still ", word(n + 1)) { n + 2 } else { n + 1 };
            let verbs = among(AFTER_NAME, word(subject));
            // What stands before the verb is the subject then: "Zaphod is locked out".
            let before =
                n > 0 && !among(" why how when long if whether come and or but what who happened ", word(n - 1));
            if !before && !verbs && other(subject) && !asked_for(subject) {
                return name(subject);
            }
        }
        // "why X was locked", "that X is locked out", "X can't sign in".
        if among(AUXILIARIES, word(n)) && n > 0 && !own(n + 1) && other(n - 1) && !among(AFTER_NAME, word(n - 1)) {
            let mut start = n - 1;
            while start > 0 && n - start < 3 && other(start - 1) && !among(AFTER_NAME, word(start - 1)) {
                start -= 1;
            }
            let leads = start == 0 || among(" why how when if whether that because and but ", word(start - 1));
            let named = all.get(n - 1).is_some_and(|w| w.capital) || among(THIRD, word(n - 1));
            if leads && (start == n - 1 || named) && !asked_for(start) {
                return name(start);
            }
        }
    }
    // "for Zaphod", "called Zaphod", "what happened to Zaphod", "who locked Zaphod out".
    for n in 1..all.len() {
        let lead = among(" for of about called named user account happened locked unlock unlocked locks ", word(n - 1))
            || (word(n - 1) == "to" && n > 1 && word(n - 2) == "happened");
        let named = all.get(n).is_some_and(|w| w.capital) || among(" him her them ", word(n));
        if lead && named && other(n) {
            return name(n);
        }
    }
    let asks_of_self = |n: usize| among(AUXILIARIES, word(n)) && own(n + 1);
    if (0..all.len()).any(asks_of_self) { Whose::Own } else { Whose::Unsaid }
}

/// Whether the words ask why, whether or how long somebody is kept from signing in, whoever that is.
#[must_use]
pub fn asks_about_signing_in(text: &str) -> bool {
    let plain = fold(text).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let first = plain.first().copied().unwrap_or_default();
    let padded = format!(" {} ", plain.join(" "));
    let says = |cues: &[&str]| cues.iter().any(|c| padded.contains(&format!(" {c} ")));
    let asks = among(AUXILIARIES, first)
        || says(&["why", "what happened", "when can", "when will", "how long", "who locked", "what locked"])
        || says(&[
            "is locked",
            "was locked",
            "got locked",
            "cant sign in",
            "cannot sign in",
            "cant log in",
            "cannot log in",
        ]);
    let about = says(&[
        "locked",
        "lock",
        "lockout",
        "sign in",
        "sign into",
        "signing in",
        "signin",
        "log in",
        "log into",
        "logging in",
        "login",
        "log on",
        "get in",
        "getting in",
        "suspended",
        "kicked out",
        "signed out",
        "logged out",
    ]) || (says(&["account"]) && says(&["what happened"]));
    asks && about && !says(&["how do i", "how can i", "how to", "i need", "please give", "approve", "approves"])
}

/// Whether somebody asks until when they themselves are kept out, or whether they still are.
#[must_use]
pub fn asks_when_it_ends(text: &str) -> bool {
    let plain = fold(text).replace(['\'', '’', '`'], "");
    let plain: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let padded = format!(" {} ", plain.join(" "));
    let says = |cues: &[&str]| cues.iter().any(|c| padded.contains(&format!(" {c} ")));
    let asks = says(&["when", "how long", "how much longer", "until when", "still"]);
    let about =
        says(&["locked", "lock", "lockout", "sign in", "log in", "log on", "get in", "get back in", "signin", "login"]);
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

    fn of(words: &str) -> Whose {
        whose(words, &|w| w == "sales" || w == "salesforce")
    }

    #[test]
    fn every_third_person_is_somebody_else_whatever_the_name() {
        for name in [
            "karl.nobody",
            "lukas.weber",
            "Zaphod Beeblebrox",
            "zaphod",
            "Karl",
            "x.y@z.example",
            "kn1234",
            "svc_backup",
        ] {
            for ask in [
                "why was {} locked out?",
                "is {} locked out?",
                "why can't {} sign in?",
                "has {} been locked out?",
                "when can {} get in again?",
                "how long is {} locked?",
                "is {} still locked?",
                "can you tell me why {} was locked out?",
                "tell me why {} is locked out",
                "why is {}'s account locked?",
                "{} is locked out, why?",
                "why did {} get locked out?",
                "why was {} denied?",
            ] {
                let asked = ask.replace("{}", name);
                assert!(matches!(of(&asked), Whose::Other(_)), "{asked}");
            }
        }
        assert_eq!(of("why was Zaphod Beeblebrox locked out?"), Whose::Other("Zaphod Beeblebrox".into()));
        assert_eq!(of("why was karl.nobody locked out?"), Whose::Other("karl.nobody".into()));
        for words in ["why is she locked out?", "why was his account locked", "what happened to Zaphod, why locked?"] {
            assert!(matches!(of(words), Whose::Other(_)), "{words}");
        }
    }

    #[test]
    fn what_is_about_oneself_stays_so() {
        for words in [
            "why was I locked out?",
            "Why can’t I sign in to Salesforce?",
            "why is my account locked?",
            "I'm locked out",
            "It says my password is wrong but it isn't",
            "MFA keeps failing",
            "why does it ask me again?",
            "why does Salesforce keep asking me?",
            "when can I get in again?",
            "how long am I locked?",
            "is my account still locked?",
            "my account was locked yesterday because of the audit",
            "why can't I sign in since Monday?",
            "why was I denied?",
            "why was my request denied?",
            "why was the sales request denied?",
            "what happened to my account?",
            "I can't sign in",
            "Why does Okta ask me again?",
            "why can't I sign in to acme.okta.com",
            "why was I locked out on Friday at 9:14?",
        ] {
            assert!(!matches!(of(words), Whose::Other(_)), "{words}: {:?}", of(words));
        }
    }
}
