//! The example company: it loads without a mistake, it is what the README of `catalog/` says, and it holds what the worked examples need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use claviger::catalog::example::EXAMPLE;
use claviger::catalog::model::Catalog;
use claviger::catalog::schema;
use claviger::catalog::source::Source;
use claviger::domain::entitlement::{DataClass, Privilege, Severity, Tier};
use claviger::domain::ids::{BundleId, EntitlementId, PersonId};
use claviger::domain::person::{Person, Population, Presence};
use claviger::domain::window::Seconds;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 21);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog")
}

fn example() -> Catalog {
    Catalog::load(&Source::Example, TODAY).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

fn who(id: &str) -> PersonId {
    PersonId::parse(id).unwrap()
}

fn what(id: &str) -> EntitlementId {
    EntitlementId::parse(id).unwrap()
}

fn person<'a>(catalog: &'a Catalog, id: &str) -> &'a Person {
    catalog.directory.get(&who(id)).unwrap_or_else(|| panic!("nobody called {id}"))
}

#[test]
fn the_folder_and_the_program_hold_the_same_company() {
    let shipped = Source::Folder(folder()).texts().unwrap();
    let built_in: BTreeSet<&str> = EXAMPLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(shipped.keys().map(String::as_str).collect::<BTreeSet<_>>(), built_in, "see src/catalog/example.rs");
    let from_folder = Catalog::load(&Source::Folder(folder()), TODAY).unwrap();
    assert_eq!(from_folder.digest, example().digest);
}

#[test]
fn the_schemas_are_up_to_date() {
    for (name, text) in schema::all() {
        let there = std::fs::read_to_string(folder().join(schema::FOLDER).join(name)).unwrap_or_default();
        assert!(there == text, "{name} is out of date: run `claviger catalog schema --write`");
    }
    for (name, text) in EXAMPLE.iter().filter(|(name, _)| name.ends_with(".yaml") && !name.starts_with("policy/")) {
        assert!(text.starts_with("# yaml-language-server: $schema="), "{name} names no schema");
    }
}

#[test]
fn it_is_a_firm_of_the_size_the_readme_says() {
    let catalog = example();
    assert!((115..=135).contains(&catalog.directory.len()), "{}", catalog.directory.len());
    assert!(catalog.systems.len() >= 25 && catalog.entitlements.len() >= 140);
    assert!(catalog.knowledge.len() >= 12 && catalog.bundles.len() >= 5);
    let zones: BTreeSet<&str> = catalog.directory.iter().map(|p| p.zone.as_str()).collect();
    assert!(zones.len() >= 20, "{zones:?}");
    for (group, least) in [
        (&catalog.roles.security, 3),
        (&catalog.roles.compliance, 2),
        (&catalog.roles.fallback, 2),
        (&catalog.roles.soc, 2),
        (&catalog.roles.break_glass, 2),
        (&catalog.roles.auditors, 2),
    ] {
        assert!(catalog.directory.members(group).count() >= least, "{group}");
    }
}

#[test]
fn everybody_the_worked_examples_need_is_here() {
    let catalog = example();
    let job = |id: &str| person(&catalog, id).job_code.clone();
    assert_eq!(job("ana.kovac"), "sales_analyst");
    assert_eq!(job("mira.okafor"), "marketing_analyst");
    assert_eq!(job("elena.popescu"), "data_scientist");
    assert_eq!(job("jakub.dvorak"), "site_reliability_engineer");
    assert_eq!(job("leila.ahmadi"), "financial_analyst");
    assert_eq!(job("finn.aalto"), "engineering_intern");
    assert_eq!(person(&catalog, "lea.hoffmann").started, date(2026, 11, 9));
    assert!(person(&catalog, "mateo.vargas").notice);
    assert_eq!(person(&catalog, "ryan.brooks").moved, Some(date(2026, 11, 3)));
    assert!(matches!(person(&catalog, "greta.lindholm").presence, Presence::Departed));
    let populations = |p: Population| catalog.directory.iter().filter(|x| x.population == p).count();
    assert!(populations(Population::Contractor) >= 2 && populations(Population::ThirdParty) == 1);
    assert_eq!(person(&catalog, "agent.briefing").population, Population::Agent);
    let now = TODAY.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let emma = person(&catalog, "emma.larsson");
    assert!(!emma.is_present(now) && emma.delegate_at(now) == Some(&who("noah.stein")));
    assert_eq!(catalog.roles.merger_freeze.len(), 2);
    assert!(catalog.directory.iter().filter(|p| p.company == "Tarnfeld").count() >= 5);
    let bundle = catalog.bundle(&BundleId::parse("product-engineer").unwrap()).unwrap();
    assert!(bundle.entitlements.contains(&what("dev:user")));
}

#[test]
fn everything_the_worked_examples_need_is_here_with_its_class() {
    let catalog = example();
    let class = |id: &str| {
        let e = catalog.entitlement(&what(id)).unwrap_or_else(|| panic!("no entitlement {id}"));
        (e.privilege, e.data, e.production, e.tier)
    };
    assert_eq!(
        class("sales-reports:q3-emea-read"),
        (Privilege::Standard, DataClass::Confidential, false, Tier::Automatic)
    );
    assert_eq!(class("customer-db:read"), (Privilege::Elevated, DataClass::Regulated, true, Tier::Assisted));
    assert_eq!(class("customer-db:admin"), (Privilege::Admin, DataClass::Regulated, true, Tier::Manual));
    assert_eq!(class("k8s-prod:view"), (Privilege::Elevated, DataClass::Confidential, true, Tier::Assisted));
    assert_eq!(class("dev:user").0, Privilege::Elevated);
    assert_eq!(class("wiki:reader"), (Privilege::Standard, DataClass::Internal, false, Tier::Automatic));
    assert_eq!(class("vpn:use"), (Privilege::Standard, DataClass::Internal, false, Tier::Automatic));
    assert_eq!(class("ci:runner"), (Privilege::Standard, DataClass::Internal, false, Tier::Automatic));
    assert_eq!(class("erp:payment-release").1, DataClass::Regulated);
    assert_eq!(class("ai:agent-mail"), (Privilege::Standard, DataClass::Confidential, false, Tier::Automatic));
    assert_eq!(class("crm:export").0, Privilege::Elevated);
    assert!(catalog.entitlements.values().all(|e| e.class_reviewed == TODAY));
    let view = catalog.entitlement(&what("k8s-prod:view")).unwrap();
    assert_eq!(view.default_window, Seconds::hours(8));
    let db = catalog.entitlement(&what("customer-db:read")).unwrap();
    assert_eq!((db.longest_window, db.review_after), (Some(Seconds::days(30)), Some(Seconds::days(30))));
}

/// Peers (RISK.md §4.1) of a person for an entitlement: holders, peers, and the organisation's share, as plain counts.
fn peers(catalog: &Catalog, id: &str, entitlement: &str) -> (f64, f64, f64) {
    let me = person(catalog, id);
    let held = catalog.holders_of(&what(entitlement));
    let counts = |p: &Person| p.is_employed() && !held.iter().any(|h| h.person == p.id && h.exception);
    let holds = |p: &Person| held.iter().any(|h| h.person == p.id);
    let others = || catalog.directory.iter().map(AsRef::as_ref).filter(|p| p.id != me.id && counts(p));
    let same_job: Vec<&Person> =
        others().filter(|p| p.department == me.department && p.job_code == me.job_code).collect();
    let group =
        if same_job.len() >= 5 { same_job } else { others().filter(|p| p.department == me.department).collect() };
    let share = |people: Vec<&Person>| (people.iter().filter(|p| holds(p)).count() as f64, people.len() as f64);
    let (k, n) = share(group);
    let (all, of) = share(others().collect());
    (k, n, all / of)
}

/// Stand-alone points in whole evidence (RISK.md §2.2), and the score of their sum. A reference of the test's own.
fn score(points: &[f64]) -> i64 {
    let evidence: f64 = points.iter().map(|p| (-1000.0 * (1.0 - p / 100.0).ln()).round()).sum();
    (100.0 * (1.0 - (-evidence / 1000.0).exp())).round() as i64
}

fn rare((k, n, s0): (f64, f64, f64)) -> f64 {
    let s = (k + 5.0 * s0) / (n + 5.0);
    (48.0 * (1.0 - s / 0.5).max(0.0) * 10.0).round() / 10.0
}

fn wilson_lower((k, n, _): (f64, f64, f64)) -> f64 {
    let (p, z2): (f64, f64) = (k / n, 3.8416);
    let spread = z2.sqrt() * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    (p + z2 / (2.0 * n) - spread) / (1.0 + z2 / n)
}

#[test]
fn the_holdings_give_the_worked_examples_their_scores() {
    let catalog = example();
    // 26: neither rare nor common among her peers, so that only the class counts.
    let ana = peers(&catalog, "ana.kovac", "sales-reports:q3-emea-read");
    assert!(rare(ana) == 0.0 && wilson_lower(ana) < 0.40, "{ana:?}");
    assert_eq!(score(&[8.0, 18.0]), 24);
    // 27: rare among marketing analysts, and another department's.
    let mira = peers(&catalog, "mira.okafor", "sales-reports:q3-emea-read");
    assert_eq!(score(&[8.0, 18.0, 12.0, rare(mira)]), 61, "{mira:?}");
    // 31: no data scientist reads production but one, whose leftover counts for nobody. Production counts a quarter beside regulated data.
    let elena = peers(&catalog, "elena.popescu", "customer-db:read");
    assert_eq!(elena.0, 0.0);
    let quarter_of_production = 100.0 * (1.0 - (1.0f64 - 0.15).powf(0.25));
    let got = score(&[25.0, 35.0, quarter_of_production, rare(elena)]);
    assert!((74..=75).contains(&got), "{got} {elena:?}");
    // 33: most of his peers hold it.
    let jakub = peers(&catalog, "jakub.dvorak", "k8s-prod:view");
    assert!(wilson_lower(jakub) >= 0.40 && rare(jakub) == 0.0 && jakub.1 >= 5.0, "{jakub:?}");
    // 28, 34, 39: rare.
    assert!(rare(peers(&catalog, "leila.ahmadi", "ci:runner")) > 30.0);
    assert!(rare(peers(&catalog, "nikhil.rao", "dev:user")) > 5.0);
    assert!(rare(peers(&catalog, "mateo.vargas", "crm:export")) > 25.0);
    // 35: the wiki is common.
    assert_eq!(rare(peers(&catalog, "nikhil.rao", "wiki:reader")), 0.0);
}

#[test]
fn nobody_holds_a_toxic_pair_without_an_exception_and_grace_would() {
    let catalog = example();
    for person in catalog.directory.iter() {
        let mut functions = BTreeSet::new();
        for holding in catalog.holdings_of(&person.id) {
            functions.extend(catalog.functions_of(&holding.entitlement));
        }
        for rule in &catalog.sod_rules {
            let excused =
                catalog.sod_exceptions.get(&person.id).is_some_and(|list| list.iter().any(|x| x.rule == rule.id));
            assert!(
                excused || !(functions.contains(&rule.a) && functions.contains(&rule.b)),
                "{} breaks {}",
                person.id,
                rule.id
            );
        }
    }
    let grace: Vec<_> = catalog.holdings_of(&who("grace.mbeki")).map(|h| h.entitlement.clone()).collect();
    assert!(grace.contains(&what("erp:vendor-maintenance")));
    let rule = catalog.sod_rules.iter().find(|r| r.id.as_str() == "SOD-FI-001").unwrap();
    assert_eq!(rule.severity, Severity::Critical);
    let both = [&rule.a, &rule.b];
    let (held, asked) = (what("erp:vendor-maintenance"), what("erp:payment-release"));
    assert!(catalog.functions_of(&held).iter().all(|f| both.contains(&f)));
    assert!(catalog.functions_of(&asked).iter().all(|f| both.contains(&f)));
}

#[test]
fn real_catalogs_go_in_beside_it() {
    let data = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from)
        .join("entitlement-catalog");
    if !data.is_dir() {
        println!("skipped: no {}", data.display());
        return;
    }
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(&data).unwrap().flatten() {
        if entry.path().extension().is_some_and(|e| e == "jsonl") {
            let name = entry.path().display().to_string();
            rows.extend(
                claviger::catalog::jsonl::parse_lines(&name, &std::fs::read_to_string(entry.path()).unwrap()).unwrap(),
            );
        }
    }
    assert_eq!(rows.len(), 6501);
    let before = example();
    let own = before.entitlements.len();
    let digest = before.digest;
    let catalog = before.with_vendor_rows(&rows, TODAY);
    assert_eq!(catalog.entitlements.len(), own + 6501);
    assert_ne!(catalog.digest, digest);
    let named = |title: &str| catalog.entitlements.values().find(|e| e.title == title).unwrap();
    assert_eq!(named("Global Administrator").privilege, Privilege::Tier0);
    assert_eq!(named("Global Administrator").tier, Tier::Manual);
    assert!(named("Authentication Administrator").privilege >= Privilege::Admin);
    assert_eq!(named("Message Center Reader").privilege, Privilege::Standard);
    for e in catalog.entitlements.values() {
        assert!(e.longest_window.is_none_or(|l| e.default_window <= l), "{}", e.id);
    }
}
