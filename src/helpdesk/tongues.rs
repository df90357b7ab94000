//! Words that are not English. Claviger reads English; of German it knows the few words people stand before a locked door with, so that they are
//! not turned away without a kind word. This is no translator: what it does not know it says so.

use crate::understanding::normalise::fold;

/// What was made of words in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// They ask why they are locked out.
    Locked,
    /// They want to talk to a person.
    Person,
    /// They ask how something is done: what could be understood of it, in English.
    How(String),
    /// Another language, and no more.
    Unknown,
}

/// Words of German sentences that are none of English ones.
const GERMAN: &str = " ich wie warum wieso weshalb mein meine meinen meinem meiner nicht kein keine keinen einen eine einem einer ein der das dem \
    und mit fur bitte kann konnen mochte will brauche habe hat ist sind wo wer auf zugang zugriff passwort kennwort gesperrt ausgesperrt mich mir wir \
    uns sie es zu zum zur von bekomme beantrage denn auch noch oder aber wenn wann hallo danke guten morgen tag ";

/// What stands for what: only what people ask here in their own words.
const KNOWN: &[(&str, &str)] = &[
    ("passwort", "password"),
    ("kennwort", "password"),
    ("vergessen", "forgot"),
    ("zurucksetzen", "reset"),
    ("andern", "change"),
    ("urlaub", "vacation"),
    ("spesen", "expenses"),
    ("reisekosten", "travel expenses"),
    ("auslagen", "expenses"),
    ("handy", "phone"),
    ("telefon", "phone"),
    ("verloren", "lost"),
    ("neues", "new"),
    ("neuen", "new"),
    ("neue", "new"),
    ("ausweis", "badge"),
    ("zugang", "access"),
    ("zugriff", "access"),
    ("beantrage", "request"),
    ("beantragen", "request"),
    ("installiere", "install"),
    ("installieren", "install"),
    ("rechner", "laptop"),
    ("melde", "report"),
    ("melden", "report"),
];

/// What these words say in another language; `None` where they are English, as far as can be told.
#[must_use]
pub fn heard(words: &str) -> Option<Foreign> {
    let folded = fold(words).replace('-', " ");
    let said: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let (latin, all) = folded
        .chars()
        .filter(|c| c.is_alphabetic())
        .fold((0_usize, 0_usize), |(latin, all), c| (latin + usize::from(c.is_ascii_alphabetic()), all + 1));
    if all > 3 && latin * 2 < all {
        return Some(Foreign::Unknown);
    }
    let german = said.iter().filter(|w| GERMAN.contains(&format!(" {w} "))).count();
    if german < 2 || german * 4 < said.len() {
        return None;
    }
    let has = |list: &[&str]| said.iter().any(|w| list.contains(w));
    let own = has(&["ich", "mein", "meine", "meinem", "meinen", "mich", "mir"]);
    let shut = has(&["gesperrt", "ausgesperrt", "blockiert"]);
    let cannot = has(&["nicht"]) && has(&["anmelden", "einloggen", "anmeldung", "login"]);
    if own && (shut || cannot) {
        return Some(Foreign::Locked);
    }
    if has(&["sprechen", "reden", "verbinden", "anrufen"])
        && has(&["mensch", "menschen", "person", "mitarbeiter", "jemand", "jemandem", "helpdesk", "support"])
    {
        return Some(Foreign::Person);
    }
    if has(&["wie", "wo", "vergessen", "verloren"]) {
        let rest =
            said.iter().filter(|w| !GERMAN.contains(&format!(" {w} ")) || KNOWN.iter().any(|(one, _)| one == *w));
        let english: Vec<&str> =
            rest.map(|w| KNOWN.iter().find(|(one, _)| one == w).map_or(*w, |(_, english)| *english)).collect();
        if !english.is_empty() {
            return Some(Foreign::How(english.join(" ")));
        }
    }
    Some(Foreign::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_german_words_are_heard_and_english_is_left_alone() {
        let how = |words: &str| Some(Foreign::How(words.to_owned()));
        for (words, made) in [
            ("Warum bin ich gesperrt?", Some(Foreign::Locked)),
            ("ich kann mich nicht anmelden", Some(Foreign::Locked)),
            ("warum ist Karl gesperrt", Some(Foreign::Unknown)),
            ("Ich möchte mit einem Menschen sprechen", Some(Foreign::Person)),
            ("wie beantrage ich VPN", how("request vpn")),
            ("Ich habe mein Passwort vergessen", how("password forgot")),
            ("wo ist denn bitte das", Some(Foreign::Unknown)),
            ("почему я не могу войти", Some(Foreign::Unknown)),
            ("why was I locked out?", None),
            ("I need access to the wiki for Ana Kovač", None),
            ("was it denied", None),
            ("", None),
        ] {
            assert_eq!(heard(words), made, "{words}");
        }
    }
}
