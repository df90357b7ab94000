//! Checks over the assembled catalog: every name leads somewhere, the reporting line ends at the top, no approver's group is empty,
//! every duty-separation rule can bite.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::assemble::{Parts, Placed, hint, known_entitlements, known_person};
use crate::catalog::knowledge::Article;
use crate::catalog::model::ConnectorEntry;
use crate::catalog::read::Findings;
use crate::catalog::words::At;
use crate::catalog::written::{CompanyFile, ConnectorsFile, PeopleFile, PersonEntry, SodFile};
use crate::domain::account::Account;
use crate::domain::conversation::Surface;
use crate::domain::ids::{EntitlementId, FunctionId, GroupId, PersonId};
use crate::domain::person::{Directory, Population};

const COMPANY: &str = "company.yaml";

/// A name that has to be one of the company's.
fn one_of(file: &str, said: &At<String>, known: &[String], sort: &str, findings: &mut Findings) {
    if !known.contains(&said.value) {
        let hint = hint(&said.value, known.iter().map(String::as_str));
        findings.add(file, said.line, format!("no {sort} `{}`", said.value), hint);
    }
}

fn zone(file: &str, said: &At<String>, findings: &mut Findings) {
    if jiff::tz::TimeZone::get(&said.value).is_err() {
        let what = format!("no time zone `{}`", said.value);
        findings.add(file, said.line, what, "write an IANA name such as `Europe/Berlin`");
    }
}

/// The people's files against the company and each other.
pub fn people(company: &CompanyFile, files: &[(&str, PeopleFile)], directory: &Directory, findings: &mut Findings) {
    zone(COMPANY, &company.people.zone, findings);
    let mut lines: BTreeMap<&PersonId, (&str, u64)> = BTreeMap::new();
    let mut addresses: BTreeMap<String, PersonId> = BTreeMap::new();
    for (name, file) in files {
        one_of(name, &file.department, &company.departments, "department", findings);
        file.company.iter().for_each(|c| one_of(name, c, &company.companies, "company", findings));
        file.zone.iter().for_each(|z| zone(name, z, findings));
        file.manager.iter().for_each(|m| known_person(name, m, directory, findings));
        for entry in &file.people {
            person(name, company, &entry.value, directory, findings);
            let id = &entry.value.id;
            lines.insert(&id.value, (name, id.line));
            let Some(known) = directory.get(&id.value) else { continue };
            if let Some(other) = addresses.insert(known.email.clone(), id.value.clone()).filter(|o| *o != id.value) {
                let what = format!("`{other}` has the mail address `{}` already", known.email);
                findings.add(name, id.line, what, "give each person an address of their own");
            }
        }
    }
    reporting_line(company, directory, &lines, findings);
}

/// Accounts on chat platforms and whose they are. One that two people claim is nobody's.
pub fn accounts(files: &[(&str, PeopleFile)], findings: &mut Findings) -> BTreeMap<Account, PersonId> {
    let mut whose: BTreeMap<Account, (PersonId, &str, u64)> = BTreeMap::new();
    for (name, file) in files {
        for person in &file.people {
            let person = &person.value;
            for account in &person.accounts {
                let At { value, line } = account;
                if !matches!(value.surface, Surface::Slack | Surface::Teams | Surface::Discord) {
                    let what = format!("`{}` has an account where there are none", person.id.value);
                    findings.add(name, *line, what, "write `slack`, `teams` or `discord`");
                } else if let Some((other, file, at)) = whose.get(value) {
                    let what = format!("the account `{}` is that of `{other}` already ({file}:{at})", value.id);
                    findings.add(name, *line, what, "an account is one person's; keep one of the two");
                } else {
                    whose.insert(value.clone(), (person.id.value.clone(), name, *line));
                }
            }
        }
    }
    whose.into_iter().map(|(account, (person, _, _))| (account, person)).collect()
}

fn person(name: &str, company: &CompanyFile, entry: &PersonEntry, directory: &Directory, findings: &mut Findings) {
    let (id, line) = (&entry.id.value, entry.id.line);
    if !company.jobs.contains_key(&entry.job.value) {
        let hint = hint(&entry.job.value, company.jobs.keys().map(String::as_str));
        findings.add(name, entry.job.line, format!("no job `{}`", entry.job.value), hint);
    }
    entry.company.iter().for_each(|c| one_of(name, c, &company.companies, "company", findings));
    entry.zone.iter().for_each(|z| zone(name, z, findings));
    entry.manager.iter().chain(&entry.sponsor).for_each(|p| known_person(name, p, directory, findings));
    for group in &entry.groups {
        if !company.groups.contains_key(&group.value) {
            let hint = hint(group.value.as_str(), company.groups.keys().map(GroupId::as_str));
            findings.add(name, group.line, format!("no group `{}`", group.value), hint);
        }
    }
    if let Some(d) = &entry.delegation {
        known_person(name, &d.to, directory, findings);
        if d.to.value == *id {
            findings.add(name, d.to.line, format!("`{id}` delegates to themselves"), "name somebody else");
        }
    }
    if entry.name.trim().is_empty() {
        findings.add(name, line, format!("`{id}` has no name"), "write the name as they write it");
    }
    let population = entry.population.unwrap_or(Population::Employee);
    if population != Population::Employee && entry.sponsor.is_none() {
        let what = format!("nobody answers for `{id}`");
        findings.add(name, line, what, "name a `sponsor`: an employee who answers for them");
    }
    if let Some(sponsor) = entry.sponsor.as_ref().and_then(|s| Some((s, directory.get(&s.value)?)))
        && (sponsor.1.population != Population::Employee || sponsor.0.value == *id)
    {
        let what = format!("the sponsor `{}` is no employee", sponsor.0.value);
        findings.add(name, sponsor.0.line, what, "name an employee who answers for them");
    }
    if matches!(population, Population::Contractor | Population::ThirdParty) && entry.contract_end.is_none() {
        findings.add(name, line, format!("the contract of `{id}` has no end"), "add `contract_end`");
    }
    if let (Some(end), Some(known)) = (&entry.contract_end, directory.get(id))
        && known.contract_end.is_some_and(|day| day < known.started)
    {
        findings.add(name, end.line, format!("the contract of `{id}` ends before it starts"), "correct the days");
    }
}

fn reporting_line(
    company: &CompanyFile,
    directory: &Directory,
    lines: &BTreeMap<&PersonId, (&str, u64)>,
    findings: &mut Findings,
) {
    known_person(COMPANY, &company.top, directory, findings);
    let mut looped: BTreeSet<PersonId> = BTreeSet::new();
    for person in directory.iter() {
        let Some((file, line)) = lines.get(&person.id).copied() else { continue };
        let at_the_top = person.id == company.top.value;
        match &person.manager {
            None if !at_the_top && person.population == Population::Employee => {
                let what = format!("`{}` has no manager", person.id);
                findings.add(file, line, what, format!("name one; only the top, `{}`, has none", company.top.value));
            }
            Some(_) if at_the_top => {
                findings.add(file, line, format!("the top, `{}`, has a manager", person.id), "take it away");
            }
            _ => {}
        }
        if person.is_employed()
            && let Some(manager) = person.manager.as_ref().and_then(|m| directory.get(m)).filter(|m| !m.is_employed())
        {
            let what = format!("the manager of `{}`, `{}`, has left", person.id, manager.id);
            findings.add(file, line, what, "name somebody who is here");
        }
        // Walk up; coming back to this person is a loop, said once for all who are in it.
        let mut chain = vec![person.id.clone()];
        let mut next = person.manager.clone();
        while let Some(manager) = next.as_ref().and_then(|m| directory.get(m)) {
            if manager.id == person.id {
                if !looped.contains(&person.id) {
                    let who: Vec<String> = chain.iter().map(|p| format!("`{p}`")).collect();
                    let what = format!("the reporting line goes in a circle: {}", who.join(", "));
                    findings.add(file, line, what, "correct the manager of one of them");
                    looped.extend(chain.iter().cloned());
                }
                break;
            }
            if chain.contains(&manager.id) {
                break;
            }
            chain.push(manager.id.clone());
            next.clone_from(&manager.manager);
        }
    }
}

/// Groups and what holds for all.
pub fn company(parts: &Parts<'_>, directory: &Directory, findings: &mut Findings) {
    let company = parts.company;
    let At { value: roles, line } = &company.roles;
    let mut parts_played = vec![
        ("security", &roles.security),
        ("compliance", &roles.compliance),
        ("fallback", &roles.fallback),
        ("soc", &roles.soc),
        ("break_glass", &roles.break_glass),
        ("auditors", &roles.auditors),
    ];
    parts_played.extend(roles.helpdesk.as_ref().map(|group| ("helpdesk", group)));
    for &(part, group) in &parts_played {
        if !company.groups.contains_key(group) {
            let hint = hint(group.as_str(), company.groups.keys().map(GroupId::as_str));
            findings.add(COMPANY, *line, format!("the part `{part}` names no group: `{group}`"), hint);
        }
    }
    for group in company.groups.keys() {
        let employed = directory.members(group).filter(|p| p.is_employed()).count();
        let played = parts_played.iter().find(|(_, g)| *g == group).map(|(part, _)| *part);
        match (employed, played) {
            (0, Some(part)) => {
                let what = format!("nobody is in the group `{group}`, which decides as {part}");
                findings.add(COMPANY, *line, what, "add the group to the `groups` of somebody who is here");
            }
            (0, None) => {
                let what = format!("nobody is in the group `{group}`");
                findings.add(COMPANY, *line, what, "add somebody, or take the group away");
            }
            _ => {}
        }
    }
    for frozen in &roles.merger_freeze {
        let said = At { value: frozen.clone(), line: *line };
        one_of(COMPANY, &said, &company.companies, "company", findings);
    }
    let At { value: vendor, line } = &company.vendor_catalogs;
    known_person(COMPANY, &At { value: vendor.owner.clone(), line: *line }, directory, findings);
    let department = At { value: vendor.department.clone(), line: *line };
    one_of(COMPANY, &department, &company.departments, "department", findings);
    known_connector(COMPANY, &At { value: vendor.connector.clone(), line: *line }, parts.connectors, findings);
}

fn known_connector(
    file: &str,
    id: &At<crate::domain::ids::ConnectorId>,
    connectors: &ConnectorsFile,
    findings: &mut Findings,
) {
    if !connectors.connectors.contains_key(&id.value) {
        let hint = hint(id.value.as_str(), connectors.connectors.keys().map(|k| k.as_str()));
        findings.add(file, id.line, format!("no connector `{}`", id.value), hint);
    }
}

/// Connectors' own settings.
pub fn connectors(file: &ConnectorsFile, directory: &Directory, findings: &mut Findings) {
    const FILE: &str = "connectors.yaml";
    for (id, At { value, line }) in &file.connectors {
        match value {
            ConnectorEntry::Manual { assignees } => {
                for person in assignees {
                    known_person(FILE, &At { value: person.clone(), line: *line }, directory, findings);
                }
                if !assignees.iter().any(|a| directory.get(a).is_some_and(|p| p.is_employed())) {
                    findings.add(
                        FILE,
                        *line,
                        format!("nobody does the tasks of `{id}`"),
                        "name `assignees` who are here",
                    );
                }
            }
            ConnectorEntry::Webhook { url, .. } => {
                if !url.starts_with("https://") && !url.starts_with("http://") {
                    let what = format!("`{url}` is no address");
                    findings.add(FILE, *line, what, "write `https://…`");
                }
            }
            ConnectorEntry::Local => {}
        }
    }
}

/// Entitlements against people, departments, companies and connectors. Several may share a line of defaults; it is named once.
pub fn entitlements(
    parts: &Parts<'_>,
    entitlements: &BTreeMap<EntitlementId, Placed>,
    directory: &Directory,
    findings: &mut Findings,
) {
    let company = parts.company;
    for placed in entitlements.values() {
        let (file, entry) = (&placed.file, &placed.entry);
        // A value filled in from the company stands in the company's file, so that is the one to name.
        let from_company = &company.entitlements.value;
        let place = |line: u64, same: bool| if same { (COMPANY, line) } else { (file.as_str(), line) };
        for owner in entry.owners.iter().flatten() {
            let (file, _) = place(owner.line, from_company.owners == entry.owners);
            known_person(file, owner, directory, findings);
            if directory.get(&owner.value).is_some_and(|p| !p.is_employed()) {
                let what = format!("the owner `{}` has left", owner.value);
                findings.add(file, owner.line, what, "name somebody who is here");
            }
        }
        if let Some(department) = &entry.department {
            let (file, _) = place(department.line, from_company.department == entry.department);
            one_of(file, department, &company.departments, "department", findings);
        }
        for department in entry.requestable_by.iter().flatten() {
            one_of(file, department, &company.departments, "department", findings);
        }
        if let Some(c) = &entry.company {
            one_of(file, c, &company.companies, "company", findings);
        }
        if let Some(connector) = &entry.connector {
            let (file, _) = place(connector.line, from_company.connector == entry.connector);
            known_connector(file, connector, parts.connectors, findings);
        }
        if placed.entitlement.title.trim().is_empty() {
            let what = format!("`{}` has no title", placed.entitlement.id);
            findings.add(file, placed.line, what, "write the name people read");
        }
        if placed.entitlement.class_reviewed > parts.today {
            let what = format!("`{}` was reviewed in the future", placed.entitlement.id);
            findings.add(file, placed.line, what, "correct `class_reviewed`");
        }
    }
}

/// Duty-separation rules against the functions that entitlements bring, both ways.
pub fn sod(file: &SodFile, entitlements: &BTreeMap<EntitlementId, Placed>, findings: &mut Findings) {
    const FILE: &str = "policy/sod.yaml";
    let brought: BTreeSet<&FunctionId> = entitlements.values().flat_map(|p| &p.entitlement.functions).collect();
    let mut known: BTreeSet<&FunctionId> = file.functions.keys().collect();
    let mut ids = BTreeSet::new();
    for At { value: rule, line } in &file.rules {
        known.extend([&rule.a, &rule.b]);
        if !ids.insert(&rule.id) {
            findings.add(FILE, *line, format!("the rule `{}` comes twice", rule.id), "keep one of the two");
        }
        if rule.a == rule.b {
            let what = format!("the rule `{}` sets `{}` against itself", rule.id, rule.a);
            findings.add(FILE, *line, what, "name two functions");
        }
        for function in [&rule.a, &rule.b].into_iter().filter(|f| !brought.contains(f)) {
            let what = format!("the rule `{}` names `{function}`, which no entitlement lets anybody perform", rule.id);
            findings.add(FILE, *line, what, hint(function.as_str(), brought.iter().map(|f| f.as_str())));
        }
    }
    for placed in entitlements.values() {
        for function in placed.entry.functions.iter().filter(|f| !known.contains(&f.value)) {
            let what = format!("no duty-separation rule speaks of the function `{}`", function.value);
            let hint = hint(function.value.as_str(), known.iter().map(|f| f.as_str()));
            findings.add(&placed.file, function.line, what, hint);
        }
    }
}

/// Knowledge articles: what they are about, and where their links lead.
pub fn articles(
    articles: &[(&str, Article)],
    files: &BTreeSet<&str>,
    entitlements: &BTreeMap<EntitlementId, Placed>,
    findings: &mut Findings,
) {
    for (file, article) in articles {
        known_entitlements(file, &article.entitlements, entitlements, findings);
        for At { value: target, line } in &article.links {
            if let Some(id) = target.strip_prefix("entitlement:") {
                match EntitlementId::parse(id) {
                    Ok(value) => known_entitlements(file, &[At { value, line: *line }], entitlements, findings),
                    Err(error) => findings.add(file, *line, format!("`{id}` is no id: {error}"), "correct the link"),
                }
            } else if !["https://", "http://", "mailto:", "#"].iter().any(|s| target.starts_with(s)) {
                let path = target.split('#').next().unwrap_or_default();
                if !files.contains(format!("knowledge/{path}").as_str()) {
                    findings.add(
                        file,
                        *line,
                        format!("the link `{target}` leads nowhere"),
                        "name an article beside this one",
                    );
                }
            }
        }
    }
}
