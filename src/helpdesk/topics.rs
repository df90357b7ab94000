//! The words of questions and articles, made comparable: folded, without what says nothing, cut to their stems, one word for those that mean
//! the same in an office. Plain general English; nothing here knows an article.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::understanding::normalise::fold;

/// Words that every question has.
const EMPTY: &str = " a an the to of for in on at into onto with by from and or but my our your i we he she they you me us him her them it is are am \
    be been was were do does did can could would will should shall may might must how what where when which who whom why got get gets getting \
    have has had this that these those need needs want wants please if not no so one there here as about up out way make go know tell show find \
    someone somebody anyone anybody people person something anything now then just still also again some any while too much many best right \
    after before than own let lets ve ll re im id ive ill youve weve theyve think believe without monday tuesday wednesday thursday friday ";

/// Words that say little about what is to be done, but something: "request leave" is about leave.
const LIGHT: &str = "run set setup request ask work change become replace take start begin use access help give put keep see look open long often real";

/// Words that mean the same to whoever asks; the first stands for all.
const SAME: &[&[&str]] = &[
    &["phone", "mobile", "smartphone", "cellphone", "handset", "iphone"],
    &["laptop", "computer", "pc", "mac", "macbook", "notebook", "machine", "workstation"],
    &["vacation", "holiday", "leave", "pto"],
    &["expense", "cost", "spending"],
    &["colleague", "coworker", "teammate", "employee", "hire", "joiner", "starter", "newcomer"],
    &["contractor", "freelancer", "consultant", "external"],
    &["badge", "keycard", "fob"],
    &["program", "software", "app", "application"],
    &["password", "passcode", "passphrase", "pwd"],
    &["mfa", "2fa", "authenticator"],
    &["mail", "email"],
    &["weekend", "saturday", "sunday"],
    &["wifi", "wlan"],
    &["admin", "administrator"],
    &["secret", "credential"],
    &["production", "prod"],
    &["database", "db"],
    &["customer", "client"],
    &["lose", "misplace"],
    &["odd", "suspicious", "strange", "weird", "unusual"],
    &["trip", "travel", "journey"],
    &["away", "absent", "absence"],
    &["delegate", "deputy", "substitute"],
    &["scam", "fraud"],
    &["emergency", "urgent"],
];

/// Verbs of one sort: where an article uses one of them, another in the question tells little against it.
const VERBS: &[&[&str]] = &[
    &[
        "book", "take", "request", "ask", "apply", "file", "claim", "submit", "hand", "send", "enter", "register",
        "upload", "attach",
    ],
    &[
        "setup",
        "install",
        "enrol",
        "enroll",
        "register",
        "configure",
        "activate",
        "enable",
        "add",
        "connect",
        "move",
        "switch",
        "transfer",
        "migrate",
        "pair",
        "set",
        "download",
        "put",
    ],
    &["change", "reset", "renew", "replace", "update", "recover", "restore", "choose", "pick"],
    &["see", "view", "find", "check", "look", "open", "read", "query", "enter", "reach"],
    &["share", "give", "pass", "hand", "send"],
    &["report", "tell", "inform", "notify", "call", "write"],
    &["use", "run", "start", "launch"],
];

/// Forms that no ending tells.
const FORMS: &[(&str, &str)] = &[
    ("lost", "lose"),
    ("missing", "lose"),
    ("stolen", "steal"),
    ("stole", "steal"),
    ("theft", "steal"),
    ("forgotten", "forget"),
    ("forgot", "forget"),
    ("broken", "break"),
    ("broke", "break"),
    ("took", "take"),
    ("taken", "take"),
    ("gave", "give"),
    ("given", "give"),
    ("sent", "send"),
    ("paid", "pay"),
    ("kept", "keep"),
    ("found", "find"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("left", "leave"),
    ("wrote", "write"),
    ("written", "write"),
];

/// Several words that are one.
const PHRASES: &[(&str, &str)] = &[
    ("time off", "vacation"),
    ("day off", "vacation"),
    ("days off", "vacation"),
    ("week off", "vacation"),
    ("weeks off", "vacation"),
    ("annual leave", "vacation"),
    ("log in", "sign in"),
    ("log on", "sign in"),
    ("login", "sign in"),
    ("logon", "sign in"),
    ("key card", "keycard"),
    ("two factor", "mfa"),
    ("second factor", "mfa"),
    ("set up", "setup"),
    ("can not", "cannot"),
    ("cant", "cannot"),
];

static CANON: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let pairs = SAME.iter().flat_map(|group| {
        let first = group.first().map_or_else(String::new, |w| stem(w));
        group.iter().map(move |word| (stem(word), first.clone()))
    });
    pairs.collect()
});

static SORTS: LazyLock<Vec<BTreeSet<String>>> =
    LazyLock::new(|| VERBS.iter().map(|group| group.iter().map(|w| stem(w)).collect()).collect());

static LITTLE: LazyLock<BTreeSet<String>> = LazyLock::new(|| LIGHT.split(' ').map(stem).collect());

/// True for a word that says little.
#[must_use]
pub fn is_light(word: &str) -> bool {
    LITTLE.contains(word)
}

/// True for a verb of any sort.
#[must_use]
pub fn is_verb(word: &str) -> bool {
    SORTS.iter().any(|sort| sort.contains(word))
}

/// True where one of these words is a verb of the same sort.
#[must_use]
pub fn same_sort(word: &str, among: &BTreeSet<String>) -> bool {
    SORTS.iter().any(|sort| sort.contains(word) && sort.iter().any(|other| among.contains(other)))
}

/// The words of a text, comparable, in order, without those that say nothing.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text).replace("'s", " ").replace("’s", " ").replace(['\'', '’'], "");
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let mut plain = format!(" {} ", parts.join(" "));
    for (said, meant) in PHRASES {
        let said = format!(" {said} ");
        if plain.contains(&said) {
            plain = plain.replace(&said, &format!(" {meant} "));
        }
    }
    plain
        .split(' ')
        .filter(|w| w.len() > 1 && !EMPTY.contains(&format!(" {w} ")))
        .map(|w| {
            let form = FORMS.iter().find(|(said, _)| *said == w).map_or(w, |(_, base)| *base);
            let stem = stem(form);
            CANON.iter().find(|(one, _)| *one == stem).map_or(stem, |(_, first)| first.clone())
        })
        .filter(|w| !w.is_empty())
        .collect()
}

/// A word without its commonest ending.
fn stem(word: &str) -> String {
    let long = |s: &&str, least: usize| s.chars().count() >= least;
    let cut = [("ement", 3), ("ly", 4), ("ing", 3), ("ies", 3), ("es", 3), ("ed", 3), ("s", 3)]
        .into_iter()
        .find_map(|(end, least)| word.strip_suffix(end).filter(|rest| long(rest, least)));
    let base = cut.unwrap_or(word);
    let bare = base.trim_end_matches(['e', 'y']);
    if bare.is_empty() { base.to_owned() } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_the_same_are_the_same() {
        let same = |a: &str, b: &str| assert_eq!(words(a), words(b), "{a} / {b}");
        same("I've lost my mobile", "losing phones");
        same("time off", "holidays");
        same("can't log in", "cannot sign in");
        same("set up 2FA", "setup two-factor");
        same("our team’s vault", "team vault");
        assert_ne!(words("apply"), words("app"));
        assert_eq!(words("how do I get to the"), Vec::<String>::new());
    }
}
