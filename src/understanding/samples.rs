//! A small company for the tests of this module.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;

use crate::catalog::model::{Catalog, Roles, VendorTerms};
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::Index;
use crate::domain::digest::Digest;
use crate::domain::entitlement::{AccessLevel, Bundle, DataClass, Entitlement, Privilege, System, Tier};
use crate::domain::ids::{BundleId, ConnectorId, EntitlementId, GroupId, PersonId, SystemId};
use crate::domain::person::{Directory, Person, Population, Presence, RiskLevel};
use crate::domain::window::Seconds;
use crate::understanding::embedded::EmbeddedInterpreter;

/// An id.
pub fn ent(id: &str) -> EntitlementId {
    EntitlementId::parse(id).unwrap()
}

/// A person's id.
pub fn pid(id: &str) -> PersonId {
    PersonId::parse(id).unwrap()
}

/// Thursday, 19 November 2026, 10:00 in Berlin.
pub fn now() -> Timestamp {
    "2026-11-19T09:00:00Z".parse().unwrap()
}

fn person(id: &str, name: &str, department: &str, title: &str, manager: Option<&str>) -> Person {
    Person {
        id: pid(id),
        name: name.into(),
        email: format!("{id}@example.com"),
        department: department.into(),
        job_code: title.into(),
        job_title: title.into(),
        job_family: department.into(),
        manager: manager.map(pid),
        company: "Northwind".into(),
        zone: "Europe/Berlin".into(),
        population: Population::Employee,
        started: date(2020, 1, 1),
        contract_end: None,
        moved: None,
        notice: false,
        presence: Presence::Active,
        sponsor: None,
        groups: Vec::new(),
        risk: RiskLevel::Low,
        delegation: None,
    }
}

fn entitlement(id: &str, title: &str, access: AccessLevel, description: &str, aliases: &[&str]) -> Entitlement {
    let (system, name) = id.split_once(':').unwrap();
    Entitlement {
        id: ent(id),
        system: SystemId::parse(system).unwrap(),
        kind: "role".into(),
        name: name.into(),
        title: title.into(),
        description: description.into(),
        details: String::new(),
        aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
        access,
        privilege: if access == AccessLevel::Admin { Privilege::Admin } else { Privilege::Standard },
        data: DataClass::Internal,
        production: false,
        tier: Tier::Automatic,
        class_reviewed: date(2026, 1, 1),
        created: date(2025, 1, 1),
        owners: vec![pid("mia.lang")],
        owner_department: "IT".into(),
        shared: true,
        company: String::new(),
        default_window: Seconds::days(30),
        longest_window: Some(Seconds::days(90)),
        review_after: None,
        reason_required: access >= AccessLevel::Write,
        connector: ConnectorId::parse("local").unwrap(),
        functions: Vec::new(),
        scope: String::new(),
        assignable: true,
        break_glass: false,
        requestable_by: Vec::new(),
        privileged: false,
        ladder: None,
    }
}

/// The company.
pub fn catalog() -> Catalog {
    use AccessLevel::{Admin, Read, Use, Write};
    let mut all = vec![
        entitlement(
            "reports:sales-emea-q3-read",
            "Q3 sales reports EMEA, read",
            Read,
            "Read the third quarter's sales reports for Europe, Middle East and Africa.",
            &["EMEA Q3 sales reports"],
        ),
        entitlement(
            "reports:sales-emea-q3-edit",
            "Q3 sales reports EMEA, edit",
            Write,
            "Change the third quarter's sales reports for Europe, Middle East and Africa.",
            &[],
        ),
        entitlement(
            "reports:sales-apac-q3-read",
            "Q3 sales reports APAC, read",
            Read,
            "Read the third quarter's sales reports for Asia and the Pacific.",
            &[],
        ),
        entitlement("figma:editor", "Figma editor", Write, "Design in Figma.", &[]),
        entitlement("figma:viewer", "Figma viewer", Read, "Look at designs in Figma.", &[]),
        entitlement("wiki:reader", "Company wiki, read", Read, "Read the wiki.", &["wiki"]),
        entitlement("wiki:writer", "Company wiki, write", Write, "Write in the wiki.", &[]),
        entitlement(
            "wiki:rnd",
            "Research and Development wiki",
            Read,
            "The wiki of research and development.",
            &["R&D wiki"],
        ),
        entitlement("crm:read", "CRM accounts, read", Read, "Look at customers in the CRM.", &["CRM read"]),
        entitlement("crm:write", "CRM accounts, write", Write, "Change customers in the CRM.", &["CRM write"]),
        entitlement("jira:member", "Jira projects, write", Write, "Create and change issues in Jira.", &[]),
        entitlement("jira:viewer", "Jira projects, read", Read, "Look at issues in Jira.", &[]),
        entitlement("jira:admin", "Jira administrator", Admin, "Administer Jira.", &[]),
        entitlement("db:prod-read", "Production database, read", Read, "Query the production database.", &["prod db"]),
        entitlement("db:staging-read", "Staging database, read", Read, "Query the staging database.", &[]),
        entitlement(
            "db:prod-admin",
            "Production database administrator",
            Admin,
            "Administer the production database.",
            &[],
        ),
        entitlement("cloud:viewer", "Cloud project viewer", Read, "See the cloud project.", &["roles/viewer"]),
        entitlement("cloud:owner", "Cloud project owner", Admin, "Everything in the cloud project.", &["roles/owner"]),
        entitlement(
            "idp:mfa-reset",
            "Authentication administrator",
            Use,
            "Reset MFA methods and passwords for people in a department.",
            &[],
        ),
        entitlement("erp:payments", "Release payments", Use, "Release payments to vendors in the ERP.", &[]),
        entitlement("erp:vendors", "Create vendors", Write, "Create and change vendors in the ERP.", &[]),
        entitlement("git:repo-write", "Git repositories, write", Write, "Push to repositories.", &["GitHub"]),
        entitlement("git:repo-read", "Git repositories, read", Read, "Clone repositories.", &[]),
    ];
    all[20].requestable_by = vec!["Finance".into()];
    let systems = all
        .iter()
        .map(|e| {
            let title = e.system.to_string();
            let system = System {
                id: e.system.clone(),
                title,
                description: String::new(),
                aliases: Vec::new(),
                connector: e.connector.clone(),
            };
            (e.system.clone(), system)
        })
        .collect();
    let bundle = Bundle {
        id: BundleId::parse("engineer").unwrap(),
        title: "Engineer basics".into(),
        description: "What every engineer gets.".into(),
        aliases: vec!["usual engineer access".into(), "engineering starter pack".into()],
        entitlements: vec![ent("git:repo-write"), ent("jira:member"), ent("wiki:reader")],
    };
    let mut people = vec![
        person("mia.lang", "Mia Lang", "IT", "IT Lead", None),
        person("tom.berg", "Tom Berg", "Sales", "Sales Director", Some("mia.lang")),
        person("lena.fischer", "Lena Fischer", "Sales", "Sales Analyst", Some("tom.berg")),
        person("ana.kovac", "Ana Kovač", "Sales", "Account Manager", Some("tom.berg")),
        person("ana.silva", "Ana Silva", "Finance", "Clerk", Some("mia.lang")),
        person("will.stone", "Will Stone", "Engineering", "Engineer", Some("lena.fischer")),
        person("jurgen.muller", "Jürgen Müller", "Finance", "Controller", Some("mia.lang")),
        person("priya.nair", "Priya Nair", "Data", "Data Scientist", Some("mia.lang")),
    ];
    people[5].job_title = "Engineering Intern".into();
    let group = |g: &str| GroupId::parse(g).unwrap();
    let mut knowledge = BTreeMap::new();
    knowledge.insert("vpn.md".into(), "---\ntitle: Connect to the VPN\nkeywords: [vpn, remote access, tunnel]\nentitlements: [wiki:reader, gone:gone]\n---\n## Install the client\n\nGet it from the software centre.\n\n## Sign in\n\nUse your company address.\n".into());
    knowledge.insert(
        "printers.md".into(),
        "# Printers\n\n## Add a printer\n\nOpen settings and choose the one on your floor.\n".into(),
    );
    Catalog {
        company: "Northwind".into(),
        directory: Directory::new(people),
        accounts: BTreeMap::new(),
        systems,
        entitlements: all.into_iter().map(|e| (e.id.clone(), Arc::new(e))).collect(),
        bundles: BTreeMap::from([(bundle.id.clone(), bundle)]),
        sod_rules: Vec::new(),
        sod_exceptions: BTreeMap::new(),
        holdings: Vec::new(),
        guardrails: String::new(),
        risk_table: String::new(),
        routing_table: String::new(),
        disclosure_table: String::new(),
        unlock_table: String::new(),
        roles: Roles {
            security: group("security"),
            compliance: group("compliance"),
            fallback: group("it"),
            soc: group("soc"),
            break_glass: group("oncall"),
            auditors: group("auditors"),
            helpdesk: None,
            merger_freeze: Vec::new(),
        },
        connectors: BTreeMap::new(),
        knowledge,
        vendor_terms: VendorTerms {
            owner: pid("mia.lang"),
            department: "IT".into(),
            connector: ConnectorId::parse("local").unwrap(),
        },
        digest: Digest::of(b"sample"),
    }
}

/// An interpreter over the sample company.
pub fn interpreter() -> EmbeddedInterpreter {
    let catalog = Arc::new(catalog());
    let docs = catalog.entitlements.values().map(|e| SearchDoc::from_entitlement(e, catalog.systems.get(&e.system)));
    let index = Arc::new(Index::build(docs).unwrap());
    EmbeddedInterpreter::new(catalog, index)
}
