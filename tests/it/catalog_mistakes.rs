//! A catalog with every kind of mistake: all of them are named at once, each with its file and line.

use std::collections::BTreeMap;

use claviger::catalog::example::EXAMPLE;
use claviger::catalog::model::Catalog;
use claviger::catalog::source::Source;
use jiff::civil::date;

const COMPANY: &str = "\
name: Broken
top: ada
companies: [Broken]
departments: [Desk]
jobs: {clerk: {title: Clerk, family: desk}}
groups: {security: s, compliance: c, fallback: f, soc: o, glass: g, auditors: a, choir: sings}
roles: {security: security, compliance: compliance, fallback: fallback, soc: soc, break_glass: glass, auditors: auditors, merger_freeze: [Elsewhere]}
people: {mail_domain: broken.example, zone: Europe/Berlin}
entitlements: {connector: local, class_reviewed: 2026-01-01}
vendor_catalogs: {owner: nobody.knows, department: Desk, connector: local}
";

const PEOPLE: &str = "\
department: Desk
people:
  - {id: ada, name: Ada, job: clerk, started: 2020-01-01, groups: [compliance, fallback, soc, glass, auditors]}
  - {id: bob, name: Bob, job: clerk, started: 2020-01-01, manager: cyd}
  - {id: cyd, name: Cyd, job: clerk, started: 2020-01-01, manager: bob}
  - {id: dan, name: Dan, job: clerk, started: 2020-01-01}
  - {id: eve, name: Eve, job: clark, started: 2020-01-01, manager: adda}
  - {id: fay, name: Fay, job: clerk, started: 2020-01-01, manager: ada, zone: Europe/Atlantis}
  - {id: gil, name: Gil, job: clerk, started: 2020-01-01, manager: ada, population: contractor}
  - {id: ada, name: Again, job: clerk, started: 2020-01-01, manager: ada}
  - {id: hal, name: Hal, job: clerk, started: 2020-01-01, manager: ada, groups: [choirr]}
  - {id: ivy, name: Ivy, job: clerk, started: soon, manager: ada}
  - {id: joe, name: Joe, job: clerk, started: 2020-01-01, manager: ada, colour: red}
  - {id: kay, name: Kay, job: clerk, started: 2020-01-01, manager: ada, departed: true}
  - {id: lou, name: Lou, job: clerk, started: 2020-01-01, manager: kay}
";

const SYSTEMS: &str = "\
systems:
  - id: s
    title: S
    defaults: {owners: [ada], department: Desk, access: read, privilege: standard, data: internal}
    entitlements:
      - {name: good, title: Good, functions: [f1]}
      - {name: good, title: Twice}
      - {name: owner, title: Owner, owners: [zoe]}
      - {name: nobody, title: Nobody, owners: []}
      - {name: window, title: Window, default_window: 40d, longest_window: 30d}
      - {name: forever, title: Forever, default_window: permanent}
      - {name: bridge, title: Bridge, connector: bridge}
      - {name: duty, title: Duty, functions: [f9]}
      - {name: hall, title: Hall, department: Hall}
      - name: keys
        title: Keys
        privelege: admin
      - name: word
        title: Word
        privilege: mighty
";

const FILES: &[(&str, &str)] = &[
    ("company.yaml", COMPANY),
    ("people/desk.yaml", PEOPLE),
    ("systems/s.yaml", SYSTEMS),
    ("connectors.yaml", "connectors:\n  local: {type: local}\n  desk: {type: manual, assignees: [walt]}\n"),
    (
        "bundles.yaml",
        "bundles:\n  - id: b\n    title: B\n    entitlements: [s:good, s:god]\n  - {id: c, title: C, entitlements: []}\n",
    ),
    (
        "holdings.yaml",
        "defaults: {since: 2025-01-01}\nholdings:\n  - {entitlements: [s:gone], people: [ada, zoe]}\n  - {entitlements: [s:good]}\n  \
         - {entitlements: [s:good], everyone_in: [{department: Attic}]}\n",
    ),
    ("policy/guardrails.cedar", ""),
    ("policy/risk.yaml", "version: 1\n"),
    (
        "policy/sod.yaml",
        "rules:\n  - {id: SOD-1, name: n, a: f1, b: f2, severity: high, impact: i}\n  - {id: SOD-1, name: n, a: f1, b: f1, severity: high, impact: i}\n",
    ),
    (
        "knowledge/links.md",
        "---\ntitle: Links\nentitlements: [s:lost]\n---\nSee [here](gone.md) and\n[there](entitlement:s:away).\n",
    ),
    ("knowledge/bare.md", "no head\n"),
    ("stray.yaml", "a: 1\n"),
    ("people/torn.yaml", "department: Desk\npeople: [\n"),
];

#[test]
fn every_mistake_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mistakes = Catalog::load(&Source::Folder(folder.path().to_owned()), date(2026, 11, 21)).unwrap_err();
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let expected = [
        "bundles.yaml:4: no entitlement `s:god` — did you mean `s:good`?",
        "bundles.yaml:5: the bundle `c` is empty",
        "company.yaml:7: no company `Elsewhere`",
        "company.yaml:7: nobody is in the group `choir`",
        "company.yaml:7: nobody is in the group `security`, which decides as security",
        "company.yaml:10: no person `nobody.knows`",
        "connectors.yaml:3: no person `walt`",
        "connectors.yaml:3: nobody does the tasks of `desk`",
        "holdings.yaml:3: no entitlement `s:gone`",
        "holdings.yaml:3: no person `zoe`",
        "holdings.yaml:4: nobody holds this",
        "holdings.yaml:5: no department `Attic`",
        "holdings.yaml:5: nobody holds this",
        "knowledge/bare.md:1: the article has no head",
        "knowledge/links.md:3: no entitlement `s:lost`",
        "knowledge/links.md:5: the link `gone.md` leads nowhere",
        "knowledge/links.md:6: no entitlement `s:away`",
        "people/desk.yaml:4: the reporting line goes in a circle: `bob`, `cyd`",
        "people/desk.yaml:6: `dan` has no manager",
        "people/desk.yaml:7: no job `clark` — did you mean `clerk`?",
        "people/desk.yaml:7: no person `adda` — did you mean `ada`?",
        "people/desk.yaml:8: no time zone `Europe/Atlantis`",
        "people/desk.yaml:9: nobody answers for `gil`",
        "people/desk.yaml:9: the contract of `gil` has no end",
        "people/desk.yaml:10: the id `ada` is taken by people/desk.yaml:3 already",
        "people/desk.yaml:11: no group `choirr` — did you mean `choir`?",
        "people/desk.yaml:12: `soon` is not a day",
        "people/desk.yaml:13: unknown key `colour`",
        "people/desk.yaml:15: the manager of `lou`, `kay`, has left",
        "people/torn.yaml:",
        "policy/routing.yaml: the file is missing",
        "policy/sod.yaml:2: the rule `SOD-1` names `f2`, which no entitlement lets anybody perform",
        "policy/sod.yaml:3: the rule `SOD-1` comes twice",
        "policy/sod.yaml:3: the rule `SOD-1` sets `f1` against itself",
        "stray.yaml: nothing here reads this file",
        "systems/s.yaml:7: the id `s:good` is taken by systems/s.yaml:6 already",
        "systems/s.yaml:8: no person `zoe`",
        "systems/s.yaml:9: `s:nobody` has no `owners`",
        "systems/s.yaml:10: the default window of `s:window` is longer than its longest",
        "systems/s.yaml:11: a default window needs an end",
        "systems/s.yaml:12: no connector `bridge`",
        "systems/s.yaml:13: no duty-separation rule speaks of the function `f9`",
        "systems/s.yaml:14: no department `Hall`",
        "systems/s.yaml:17: unknown key `privelege` — did you mean `privilege`?",
        "systems/s.yaml:20: `mighty` is not a word known here",
    ];
    for wanted in expected {
        assert!(said.iter().any(|s| s.starts_with(wanted)), "not said: {wanted}\n\nsaid:\n{}", said.join("\n"));
    }
    assert_eq!(said.len(), expected.len(), "said:\n{}", said.join("\n"));
}

#[test]
fn a_catalog_without_a_company_says_what_is_missing() {
    let mistakes = Catalog::from_texts(&BTreeMap::new(), date(2026, 11, 21)).unwrap_err();
    assert_eq!(mistakes.len(), 6, "{mistakes:?}");
    assert!(mistakes.iter().all(|m| m.what == "the file is missing" && !m.hint.is_empty()));
}

#[test]
fn the_digest_follows_every_text_and_nothing_else() {
    let mut texts: BTreeMap<String, String> = EXAMPLE.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
    let today = date(2026, 11, 21);
    let first = Catalog::from_texts(&texts, today).unwrap().digest;
    assert_eq!(Catalog::from_texts(&texts, date(2027, 1, 1)).unwrap().digest, first);
    texts.get_mut("policy/routing.yaml").unwrap().push('\n');
    assert_ne!(Catalog::from_texts(&texts, today).unwrap().digest, first);
}
