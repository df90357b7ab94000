//! What people are to one another, from the directory and the catalog's groups, and what the disclosure table makes of it.

use std::collections::BTreeSet;

use crate::domain::ids::PersonId;
use crate::domain::person::{Person, Population};
use crate::helpdesk::disclosure::{self, Asking, Disclosure, Level, Part, Standing};
use crate::workflow::house::House;

/// The parts that hang on groups.
#[must_use]
pub fn groups(house: &House, person: &Person) -> BTreeSet<Part> {
    let roles = &house.catalog.roles;
    let parts = [
        (Part::Helpdesk, roles.helpdesk()),
        (Part::Security, &roles.security),
        (Part::Soc, &roles.soc),
        (Part::Auditors, &roles.auditors),
    ];
    parts.into_iter().filter(|(_, group)| person.groups.contains(group)).map(|(part, _)| part).collect()
}

/// What somebody is to another person, as the directory says at this moment.
#[must_use]
pub fn of(house: &House, who: &PersonId, subject: &PersonId) -> Standing {
    let directory = &house.catalog.directory;
    let Some(person) = directory.get(who) else { return Standing::default() };
    let mut parts = groups(house, person);
    if let Some(other) = directory.get(subject) {
        if other.manager.as_ref() == Some(who) {
            parts.insert(Part::Manager);
        } else if directory.reports_to(subject, who) {
            parts.insert(Part::ManagersAbove);
        }
        if other.sponsor.as_ref() == Some(who) {
            parts.insert(Part::Sponsor);
        }
    }
    if !person.is_employed() {
        parts.clear();
    }
    Standing { parts, employee: person.is_employed() && person.population == Population::Employee }
}

/// What somebody may be told of another person's sign-ins.
#[must_use]
pub fn told(house: &House, who: &PersonId, subject: &PersonId) -> Disclosure {
    disclosure::of(Asking { asker: Some(who), subject }, &of(house, who, subject), &house.disclosure)
}

/// True where somebody may be told of anybody, so that a name nobody bears is no secret to them.
#[must_use]
pub fn is_told_of_everybody(house: &House, who: &PersonId) -> bool {
    let Some(person) = house.catalog.directory.get(who) else { return false };
    let employee = person.is_employed() && person.population == Population::Employee;
    let tells = |part: &Part| house.disclosure.tell.get(part).is_some_and(|level| *level > Level::Generic);
    person.is_employed() && (employee || !house.disclosure.employees_only) && groups(house, person).iter().any(tells)
}

/// True where somebody works at the helpdesk.
#[must_use]
pub fn helps(house: &House, who: &PersonId) -> bool {
    let person = house.catalog.directory.get(who);
    person.is_some_and(|p| p.is_employed() && groups(house, p).contains(&Part::Helpdesk))
}

/// True where somebody may read what people wrote, and not only what it was about: whoever helps them, and security.
#[must_use]
pub fn reads_words(house: &House, who: &PersonId) -> bool {
    let Some(person) = house.catalog.directory.get(who) else { return false };
    let helps = |part: &Part| matches!(part, Part::Helpdesk | Part::Security | Part::Soc);
    person.is_employed() && groups(house, person).iter().any(helps)
}

/// True where somebody may open the helpdesk's page.
#[must_use]
pub fn opens_helpdesk_page(house: &House, who: &PersonId) -> bool {
    let Some(person) = house.catalog.directory.get(who) else { return false };
    person.is_employed() && groups(house, person).iter().any(|part| house.disclosure.page.contains(part))
}
