//! What access a wish asks for, and what access an entitlement gives: verbs and the words of names.

use crate::catalog::search::language::Language;
use crate::catalog::search::text::{Word, words};
use crate::domain::entitlement::AccessLevel;

/// Words after which an adjective says the access outright: "read access", "admin rights".
const ACCESS_NOUNS: [&str; 8] =
    ["access", "rights", "right", "permission", "permissions", "role", "privileges", "only"];

/// The access the words ask for. "Read access" said outright decides; otherwise the first verb with those listed beside it ("create, read, and
/// delete"); `None` where no verb is found.
#[must_use]
pub fn wished(list: &[Word], language: &Language) -> Option<AccessLevel> {
    let main: Vec<&Word> = list.iter().filter(|w| !w.whole && !w.aside).collect();
    let said = main.windows(2).find_map(|pair| {
        let (first, second) = (pair.first()?, pair.get(1)?);
        if !ACCESS_NOUNS.contains(&second.raw.as_str()) || second.place > first.place + 1 {
            return None;
        }
        language
            .names
            .get(&first.raw)
            .copied()
            .filter(|_| first.raw != "user" && first.raw != "users" && first.raw != "get")
    });
    if said.is_some() {
        return said;
    }
    let mut level = None;
    let mut last_verb = 0usize;
    for (i, word) in main.iter().enumerate() {
        let next = main.get(i + 1).map_or("", |w| w.raw.as_str());
        // "get access to …" and "have access" are about wanting, not about looking; "access review" is a thing.
        if (word.raw == "get" && next.starts_with("access")) || (word.raw == "access" && level.is_none()) {
            continue;
        }
        let Some(verb) = language.verb(&word.raw) else { continue };
        match level {
            None => level = Some(verb),
            Some(before) => {
                let between = main.get(last_verb + 1..i).unwrap_or(&[]);
                if between.iter().all(|w| matches!(w.raw.as_str(), "and" | "or")) {
                    level = Some(std::cmp::max(before, verb));
                } else {
                    break;
                }
            }
        }
        last_verb = i;
    }
    level
}

/// The access an entitlement gives, read from its name, else from its title, else from the first sentence of its text.
#[must_use]
pub fn given(name: &str, title: &str, text: &str, language: &Language) -> AccessLevel {
    by_name(name, language)
        .or_else(|| by_name(title, language))
        .or_else(|| wished(&words(text), language))
        .unwrap_or(AccessLevel::Use)
}

fn by_name(name: &str, language: &Language) -> Option<AccessLevel> {
    let levels: Vec<AccessLevel> =
        words(name).iter().filter(|w| !w.whole).filter_map(|w| language.names.get(&w.raw).copied()).collect();
    let most = levels.iter().max().copied()?;
    // "User.Read": the user is the thing there, not the access.
    if most == AccessLevel::Use && levels.contains(&AccessLevel::Read) { Some(AccessLevel::Read) } else { Some(most) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::search::language::language;

    fn wish(text: &str) -> Option<AccessLevel> {
        wished(&words(text), language())
    }

    #[test]
    fn the_first_verb_decides_and_lists_add_up() {
        assert_eq!(wish("Get a list of things that were created"), Some(AccessLevel::Read));
        assert_eq!(wish("Create, read, update and delete pages"), Some(AccessLevel::Write));
        assert_eq!(wish("I need to get access to the wiki"), None);
        assert_eq!(wish("I need read access so I can update the board"), Some(AccessLevel::Read));
        assert_eq!(wish("give me admin rights on the wiki"), Some(AccessLevel::Admin));
        assert_eq!(wish("sales database"), None);
        assert_eq!(wish(""), None);
    }

    #[test]
    fn names_say_what_they_give() {
        let of = |name: &str| given(name, "", "", language());
        assert_eq!(of("Mail.ReadWrite.Shared"), AccessLevel::Write);
        assert_eq!(of("User.Read.All"), AccessLevel::Read);
        assert_eq!(of("AmazonS3ReadOnlyAccess"), AccessLevel::Read);
        assert_eq!(of("User Administrator"), AccessLevel::Admin);
        assert_eq!(given("Xyz", "Xyz", "Lets you view the thing.", language()), AccessLevel::Read);
    }
}
