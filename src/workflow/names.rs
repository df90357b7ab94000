//! Whom a name means, for whoever may be told of its bearer: by id, mail address, full name in any capitals, or a first or last name that
//! only one person bears. What is near a name and not equal to it is offered back, never opened.

use crate::catalog::near::alike;
use crate::domain::ids::PersonId;
use crate::domain::person::Directory;
use crate::helpdesk::lockout::whose;
use crate::understanding::normalise::fold;

/// Whom a name means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meant {
    /// Those who are called exactly so.
    pub people: Vec<PersonId>,
    /// Where nobody is: those whose name is near.
    pub near: Vec<PersonId>,
}

/// Looks the name up.
#[must_use]
pub fn meant(directory: &Directory, said: &str) -> Meant {
    let plain = |text: &str| fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let name = plain(said);
    if name.is_empty() {
        return Meant::default();
    }
    let mut whole = Vec::new();
    let mut part = Vec::new();
    for person in directory.iter() {
        let full = plain(&person.name);
        if [full.as_str(), person.id.as_str(), person.email.as_str()].iter().any(|called| plain(called) == name) {
            whole.push(person.id.clone());
        } else if [full.split(' ').next(), full.split(' ').next_back()].contains(&Some(name.as_str())) {
            part.push(person.id.clone());
        }
    }
    let people = if whole.is_empty() { part } else { whole };
    if !people.is_empty() {
        return Meant { people, near: Vec::new() };
    }
    let spelled = directory.iter().flat_map(|p| [plain(&p.name), p.id.to_string()].map(|s| (s, p.id.as_str())));
    let near = alike(&name, spelled).into_iter().filter_map(|id| PersonId::parse(id).ok()).collect();
    Meant { people, near }
}

/// True where a name was said that is nobody's, and this person's is only near it. A relation ("my boss") is no name.
#[must_use]
pub fn is_only_near(directory: &Directory, said: &str, id: &PersonId) -> bool {
    let meant = meant(directory, said);
    whose::is_a_name(said) && meant.people.is_empty() && meant.near.contains(id)
}
