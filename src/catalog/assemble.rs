//! Puts the written parts together: fills defaults, turns words into values, expands who holds what.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::load::unique;
use crate::catalog::model::Holding;
use crate::catalog::near::{did_you_mean, nearest};
use crate::catalog::read::Findings;
use crate::catalog::words::{At, Day};
use crate::catalog::written::{
    BundlesFile, CompanyFile, ConnectorsFile, EntitlementEntry, Everyone, HoldingEntry, HoldingsFile, PeopleFile,
    PersonEntry, SodFile, SystemsFile,
};
use crate::domain::entitlement::{Bundle, DataClass, Entitlement, LadderStep, Privilege, System, Tier};
use crate::domain::facts::SodException;
use crate::domain::ids::{BundleId, EntitlementId, PersonId, SystemId};
use crate::domain::person::{Delegation, Directory, Person, Population, Presence};
use crate::domain::window::Seconds;

/// What assembling looks things up in.
pub struct Parts<'a> {
    /// The company.
    pub company: &'a CompanyFile,
    /// The connectors.
    pub connectors: &'a ConnectorsFile,
    /// The day moving days move with.
    pub today: Date,
}

/// An entitlement and where it is written.
pub struct Placed {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// The file.
    pub file: String,
    /// The line of its name.
    pub line: u64,
    /// The entry as written, with its gaps filled.
    pub entry: EntitlementEntry,
}

/// People as the directory knows them.
pub fn people(parts: &Parts<'_>, files: &[(&str, PeopleFile)], findings: &mut Findings) -> Vec<Person> {
    let mut seen = BTreeMap::new();
    let mut out = Vec::new();
    for (name, file) in files {
        for entry in &file.people {
            if unique(&mut seen, name, &entry.value.id, findings) {
                out.push(person(parts, name, file, &entry.value, findings));
            }
        }
    }
    out
}

fn person(parts: &Parts<'_>, name: &str, file: &PeopleFile, entry: &PersonEntry, findings: &mut Findings) -> Person {
    let on = |day: Day| day.on(parts.today);
    let company = parts.company;
    let id = &entry.id.value;
    let job = company.jobs.get(&entry.job.value);
    let zone = entry.zone.as_ref().or(file.zone.as_ref()).unwrap_or(&company.people.zone);
    let presence = match (entry.departed, entry.disabled, entry.on_leave_until) {
        (true, _, _) => Presence::Departed,
        (_, true, _) => Presence::Disabled,
        (_, _, Some(until)) => Presence::OnLeave { until: on(until) },
        _ => Presence::Active,
    };
    let midnight = |day: Day| {
        let tz = jiff::tz::TimeZone::get(&zone.value).unwrap_or(jiff::tz::TimeZone::UTC);
        on(day).to_zoned(tz).map(|z| z.timestamp()).ok()
    };
    let delegation = entry.delegation.as_ref().and_then(|d| {
        let (from, until) = (midnight(d.from)?, midnight(d.until.value)?);
        if until <= from {
            findings.add(name, d.until.line, "the delegation ends before it begins", "put `until` after `from`");
        }
        Some(Delegation { to: d.to.value.clone(), from, until })
    });
    // The head of a department is not their own manager.
    let usual = file.manager.as_ref().filter(|m| m.value != *id);
    let manager = entry.manager.as_ref().or(usual).map(|m| m.value.clone());
    Person {
        id: id.clone(),
        name: entry.name.clone(),
        email: entry.email.clone().unwrap_or_else(|| format!("{id}@{}", company.people.mail_domain)).to_lowercase(),
        department: file.department.value.clone(),
        job_code: entry.job.value.clone(),
        job_title: entry.title.clone().or_else(|| job.map(|j| j.title.clone())).unwrap_or_default(),
        job_family: job.map(|j| j.family.clone()).unwrap_or_default(),
        manager,
        company: entry
            .company
            .as_ref()
            .or(file.company.as_ref())
            .map(|c| c.value.clone())
            .or_else(|| company.companies.first().cloned())
            .unwrap_or_default(),
        zone: zone.value.clone(),
        population: entry.population.unwrap_or(Population::Employee),
        started: on(entry.started),
        contract_end: entry.contract_end.as_ref().map(|d| on(d.value)),
        moved: entry.moved.map(on),
        notice: entry.notice,
        presence,
        sponsor: entry.sponsor.as_ref().map(|s| s.value.clone()),
        groups: entry.groups.iter().map(|g| g.value.clone()).collect(),
        risk: entry.risk,
        delegation,
    }
}

/// Systems and their entitlements, by id.
pub fn systems(
    parts: &Parts<'_>,
    files: &[(&str, SystemsFile)],
    findings: &mut Findings,
) -> (BTreeMap<SystemId, System>, BTreeMap<EntitlementId, Placed>) {
    let mut seen_systems = BTreeMap::new();
    let mut seen = BTreeMap::new();
    let (mut systems, mut entitlements) = (BTreeMap::new(), BTreeMap::new());
    for (name, file) in files {
        for system in &file.systems {
            if !unique(&mut seen_systems, name, &system.id, findings) {
                continue;
            }
            let connector = system.defaults.connector.as_ref().or(parts.company.entitlements.value.connector.as_ref());
            let Some(connector) = connector else {
                let what = format!("the system `{}` has no connector", system.id.value);
                findings.add(name, system.id.line, what, "add `connector` to its `defaults`, or to the company's");
                continue;
            };
            systems.insert(
                system.id.value.clone(),
                System {
                    id: system.id.value.clone(),
                    title: system.title.clone(),
                    description: system.description.clone(),
                    aliases: system.aliases.clone(),
                    connector: connector.value.clone(),
                },
            );
            for entry in &system.entitlements {
                let entry = entry.clone().filled(&[&system.defaults, &parts.company.entitlements.value]);
                let id = match &entry.id {
                    Some(id) => id.clone(),
                    None => match EntitlementId::parse(format!("{}:{}", system.id.value, entry.name.value)) {
                        Ok(value) => At { value, line: entry.name.line },
                        Err(error) => {
                            let what = format!("`{}` makes no id: {error}", entry.name.value);
                            findings.add(name, entry.name.line, what, "choose a name without spaces, or give an `id`");
                            continue;
                        }
                    },
                };
                if unique(&mut seen, name, &id, findings)
                    && let Some(entitlement) = entitlement(parts, &system.id.value, &id, &entry, name, findings)
                {
                    let placed = Placed { entitlement, file: (*name).to_owned(), line: entry.name.line, entry };
                    entitlements.insert(id.value, placed);
                }
            }
        }
    }
    (systems, entitlements)
}

fn entitlement(
    parts: &Parts<'_>,
    system: &SystemId,
    id: &At<EntitlementId>,
    entry: &EntitlementEntry,
    file: &str,
    findings: &mut Findings,
) -> Option<Entitlement> {
    let mut missing = Vec::new();
    let mut need = |there: bool, key: &str| {
        if !there {
            missing.push(format!("`{key}`"));
        }
    };
    need(entry.access.is_some(), "access");
    need(entry.privilege.is_some(), "privilege");
    need(entry.data.is_some(), "data");
    need(entry.owners.as_ref().is_some_and(|o| !o.is_empty()), "owners");
    need(entry.department.is_some(), "department");
    need(entry.class_reviewed.is_some(), "class_reviewed");
    need(entry.connector.is_some(), "connector");
    if !missing.is_empty() {
        let what = format!("`{}` has no {}", id.value, missing.join(", no "));
        findings.add(file, entry.name.line, what, "say it here, in the system's `defaults` or in company.yaml");
        return None;
    }
    let (privilege, data) = (entry.privilege?, entry.data?);
    let production = entry.production.unwrap_or(false);
    let reviewed = entry.class_reviewed?.on(parts.today);
    let default_window = match entry.default_window.as_ref() {
        None => usual_window(privilege),
        Some(length) => length.value.seconds().unwrap_or_else(|| {
            findings.add(file, length.line, "a default window needs an end", "write a length such as `30d`");
            usual_window(privilege)
        }),
    };
    let longest_window = entry.longest_window.as_ref().map_or_else(|| usual_longest(privilege), |l| l.value.seconds());
    if longest_window.is_some_and(|longest| default_window > longest) {
        let line = entry.default_window.as_ref().or(entry.longest_window.as_ref()).map_or(entry.name.line, |w| w.line);
        let what = format!("the default window of `{}` is longer than its longest", id.value);
        findings.add(file, line, what, "shorten `default_window` or lengthen `longest_window`");
    }
    Some(Entitlement {
        id: id.value.clone(),
        system: system.clone(),
        kind: entry.kind.clone().unwrap_or_default(),
        name: entry.name.value.clone(),
        title: entry.title.clone(),
        description: entry.description.clone(),
        details: entry.details.clone(),
        aliases: entry.aliases.clone(),
        access: entry.access?,
        privilege,
        data,
        production,
        tier: entry.tier.unwrap_or_else(|| usual_tier(privilege, data, production)),
        class_reviewed: reviewed,
        created: entry.created.map_or(reviewed, |d| d.on(parts.today)),
        owners: entry.owners.iter().flatten().map(|o| o.value.clone()).collect(),
        owner_department: entry.department.as_ref()?.value.clone(),
        shared: entry.shared.unwrap_or(false),
        company: entry.company.as_ref().map(|c| c.value.clone()).unwrap_or_default(),
        default_window,
        longest_window,
        review_after: entry.review_after.as_ref().and_then(|r| r.value.seconds()),
        reason_required: entry.reason_required.unwrap_or(privilege >= Privilege::Elevated),
        connector: entry.connector.as_ref()?.value.clone(),
        functions: entry.functions.iter().map(|f| f.value.clone()).collect(),
        scope: entry.scope.clone().unwrap_or_default(),
        assignable: entry.assignable.unwrap_or(true),
        break_glass: entry.break_glass.unwrap_or(false),
        requestable_by: entry.requestable_by.iter().flatten().map(|d| d.value.clone()).collect(),
        privileged: entry.privileged,
        ladder: entry.ladder.and_then(|step| {
            let known = LadderStep::new(step.rank, step.of);
            if known.is_none() {
                let what = format!("`{}` is step {} of a ladder of {}", id.value, step.rank, step.of);
                findings.add(file, entry.name.line, what, "count steps from 0, and name at least two");
            }
            known
        }),
    })
}

/// The window given where nobody says: 8 hours for administrators, 4 for tier 0, 30 days otherwise.
#[must_use]
pub fn usual_window(privilege: Privilege) -> Seconds {
    match privilege {
        Privilege::Tier0 => Seconds::hours(4),
        Privilege::Admin => Seconds::hours(8),
        Privilege::Elevated | Privilege::Standard | Privilege::None => Seconds::days(30),
    }
}

/// The longest window where nobody says: a day for tier 0, 30 days for administrators, 180 for elevated access, none otherwise.
#[must_use]
pub fn usual_longest(privilege: Privilege) -> Option<Seconds> {
    match privilege {
        Privilege::Tier0 => Some(Seconds::days(1)),
        Privilege::Admin => Some(Seconds::days(30)),
        Privilege::Elevated => Some(Seconds::days(180)),
        Privilege::Standard | Privilege::None => None,
    }
}

/// The least tier where nobody says (RISK.md R5): administrators, tier 0 and crown jewels by people, elevated, regulated and
/// productive access assisted, the rest by the machine where nothing speaks against it.
#[must_use]
pub fn usual_tier(privilege: Privilege, data: DataClass, production: bool) -> Tier {
    if privilege >= Privilege::Admin || data == DataClass::Crown {
        Tier::Manual
    } else if privilege == Privilege::Elevated || data == DataClass::Regulated || production {
        Tier::Assisted
    } else {
        Tier::Automatic
    }
}

/// Bundles by id.
pub fn bundles(
    file: Option<&BundlesFile>,
    entitlements: &BTreeMap<EntitlementId, Placed>,
    findings: &mut Findings,
) -> BTreeMap<BundleId, Bundle> {
    const FILE: &str = "bundles.yaml";
    let mut seen = BTreeMap::new();
    let mut out = BTreeMap::new();
    for entry in file.iter().flat_map(|f| &f.bundles) {
        if !unique(&mut seen, FILE, &entry.id, findings) {
            continue;
        }
        if entry.entitlements.is_empty() {
            let what = format!("the bundle `{}` is empty", entry.id.value);
            findings.add(FILE, entry.id.line, what, "name what is in it, or take it away");
        }
        known_entitlements(FILE, &entry.entitlements, entitlements, findings);
        out.insert(
            entry.id.value.clone(),
            Bundle {
                id: entry.id.value.clone(),
                title: entry.title.clone(),
                description: entry.description.clone(),
                aliases: entry.aliases.clone(),
                entitlements: entry.entitlements.iter().map(|e| e.value.clone()).collect(),
            },
        );
    }
    out
}

/// Says which of these the catalog does not hold.
pub fn known_entitlements(
    file: &str,
    ids: &[At<EntitlementId>],
    entitlements: &BTreeMap<EntitlementId, Placed>,
    findings: &mut Findings,
) {
    for id in ids {
        if !entitlements.contains_key(&id.value) && !findings.was_set_aside(id.value.as_str()) {
            let what = format!("no entitlement `{}`", id.value);
            findings.add(file, id.line, what, hint(id.value.as_str(), entitlements.keys().map(EntitlementId::as_str)));
        }
    }
}

/// The nearest known name as a hint, or where names come from.
pub fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    did_you_mean(nearest(name, known).as_slice()).unwrap_or_else(|| "correct the name, or add what it names".to_owned())
}

/// What people hold, and their exceptions from duty separation.
pub fn holdings(
    parts: &Parts<'_>,
    file: &HoldingsFile,
    directory: &Directory,
    entitlements: &BTreeMap<EntitlementId, Placed>,
    sod: &SodFile,
    findings: &mut Findings,
) -> (Vec<Holding>, BTreeMap<PersonId, Vec<SodException>>) {
    const FILE: &str = "holdings.yaml";
    let mut held: BTreeMap<(EntitlementId, PersonId), (Holding, bool)> = BTreeMap::new();
    for At { value: entry, line } in &file.holdings {
        known_entitlements(FILE, &entry.entitlements, entitlements, findings);
        for person in entry.people.iter().chain(&entry.except) {
            known_person(FILE, person, directory, findings);
        }
        for everyone in &entry.everyone_in {
            known_everyone(FILE, everyone, parts.company, findings);
        }
        let described = described(entry, directory);
        if described.is_empty() && entry.people.is_empty() {
            findings.add(FILE, *line, "nobody holds this", "name `people`, or describe them with `everyone_in`");
        }
        let named = entry.people.iter().map(|p| (p.value.clone(), true, p.line));
        for (who, by_name, line) in described.into_iter().map(|who| (who, false, *line)).chain(named) {
            let Some(person) = directory.get(&who) else { continue };
            for id in &entry.entitlements {
                let key = (id.value.clone(), who.clone());
                match held.get(&key) {
                    Some((_, true)) if by_name => {
                        let what = format!("`{who}` is named twice as a holder of `{}`", id.value);
                        findings.add(FILE, line, what, "keep one of the two");
                        continue;
                    }
                    Some((_, true)) => continue,
                    _ => {}
                }
                let since = entry.since.unwrap_or(file.defaults.since).on(parts.today).max(person.started);
                let last_used = entry.last_used.or(file.defaults.last_used).map(|d| d.on(parts.today).max(since));
                let holding = Holding {
                    person: who.clone(),
                    entitlement: id.value.clone(),
                    since,
                    last_used,
                    exception: entry.exception,
                };
                held.insert(key, (holding, by_name));
            }
        }
    }
    let mut exceptions: BTreeMap<PersonId, Vec<SodException>> = BTreeMap::new();
    for entry in &file.sod_exceptions {
        known_person(FILE, &entry.person, directory, findings);
        if !sod.rules.iter().any(|r| r.value.id == entry.rule.value) {
            let what = format!("no duty-separation rule `{}`", entry.rule.value);
            let rules = sod.rules.iter().map(|r| r.value.id.as_str());
            findings.add(FILE, entry.rule.line, what, hint(entry.rule.value.as_str(), rules));
        }
        let last_day = entry.until.on(parts.today);
        let zone = directory.get(&entry.person.value).map_or(jiff::tz::TimeZone::UTC, |p| p.time_zone());
        let Some(until) = last_day.tomorrow().ok().and_then(|d| d.to_zoned(zone).ok()) else { continue };
        exceptions.entry(entry.person.value.clone()).or_default().push(SodException {
            rule: entry.rule.value.clone(),
            control: entry.control.clone(),
            until: until.timestamp(),
        });
    }
    (held.into_values().map(|(holding, _)| holding).collect(), exceptions)
}

fn described(entry: &HoldingEntry, directory: &Directory) -> Vec<PersonId> {
    let fits = |person: &Person, e: &Everyone| {
        e.department.as_ref().is_none_or(|d| *d == person.department)
            && (e.jobs.is_empty() || e.jobs.contains(&person.job_code))
            && e.company.as_ref().is_none_or(|c| *c == person.company)
            && (person.population == Population::Employee
                || (e.contractors && person.population == Population::Contractor))
            && person.is_employed()
    };
    directory
        .iter()
        .filter(|p| entry.everyone_in.iter().any(|e| fits(p, &e.value)))
        .filter(|p| !entry.except.iter().any(|x| x.value == p.id))
        .map(|p| p.id.clone())
        .collect()
}

/// Says where a person is not in the directory.
pub fn known_person(file: &str, id: &At<PersonId>, directory: &Directory, findings: &mut Findings) {
    if directory.get(&id.value).is_none() && !findings.was_set_aside(id.value.as_str()) {
        let what = format!("no person `{}`", id.value);
        findings.add(file, id.line, what, hint(id.value.as_str(), directory.iter().map(|p| p.id.as_str())));
    }
}

fn known_everyone(file: &str, everyone: &At<Everyone>, company: &CompanyFile, findings: &mut Findings) {
    let At { value: e, line } = everyone;
    if let Some(d) = e.department.as_ref().filter(|d| !company.departments.contains(d)) {
        let hint = hint(d, company.departments.iter().map(String::as_str));
        findings.add(file, *line, format!("no department `{d}`"), hint);
    }
    for job in e.jobs.iter().filter(|j| !company.jobs.contains_key(*j)) {
        findings.add(file, *line, format!("no job `{job}`"), hint(job, company.jobs.keys().map(String::as_str)));
    }
    if let Some(c) = e.company.as_ref().filter(|c| !company.companies.contains(c)) {
        let hint = hint(c, company.companies.iter().map(String::as_str));
        findings.add(file, *line, format!("no company `{c}`"), hint);
    }
}
