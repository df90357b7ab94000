//! Loads a catalog: reads every file, puts the parts together, checks that every name leads somewhere, and gives back either a
//! consistent [`Catalog`] or every mistake at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::catalog::assemble::{self, Parts};
use crate::catalog::check;
use crate::catalog::knowledge;
use crate::catalog::mistake::Mistake;
use crate::catalog::model::Catalog;
use crate::catalog::read::{Findings, yaml};
use crate::catalog::source::Source;
use crate::catalog::words::At;
use crate::catalog::written::{
    BundlesFile, CompanyFile, ConnectorsFile, HoldingsFile, PeopleFile, SodFile, SystemsFile,
};
use crate::domain::digest::Digest;
use crate::domain::person::Directory;

/// Files without which there is no catalog.
const NEEDED: &[(&str, &str)] = &[
    ("company.yaml", "say who the company is"),
    ("connectors.yaml", "say what opens and closes access"),
    ("policy/guardrails.cedar", "write the guardrails; the file may be empty"),
    ("policy/risk.yaml", "copy the example's table"),
    ("policy/routing.yaml", "copy the example's table"),
    ("policy/sod.yaml", "write the duty-separation rules, or `rules: []`"),
];

impl Catalog {
    /// The catalog of this source. `today` stands for the moving days of examples.
    ///
    /// # Errors
    /// Every mistake found, in the order of files and lines.
    pub fn load(source: &Source, today: Date) -> Result<Self, Vec<Mistake>> {
        Self::from_texts(&source.texts()?, today)
    }

    /// The catalog that these texts make, by their path within the catalog folder.
    ///
    /// # Errors
    /// Every mistake found, in the order of files and lines.
    pub fn from_texts(texts: &BTreeMap<String, String>, today: Date) -> Result<Self, Vec<Mistake>> {
        let mut findings = Findings::default();
        let catalog = assembled(texts, today, &mut findings);
        let mut mistakes = findings.mistakes;
        mistakes.sort();
        mistakes.dedup();
        match catalog {
            Some(catalog) if mistakes.is_empty() => Ok(catalog),
            _ => Err(mistakes),
        }
    }
}

fn assembled(texts: &BTreeMap<String, String>, today: Date, findings: &mut Findings) -> Option<Catalog> {
    let text = |name: &str| texts.get(name).cloned().unwrap_or_default();
    for (name, hint) in NEEDED {
        if !texts.contains_key(*name) {
            findings.add(name, 0, "the file is missing", *hint);
        }
    }
    for name in texts.keys().filter(|n| !n.contains('/')) {
        if !["company.yaml", "connectors.yaml", "bundles.yaml", "holdings.yaml"].contains(&name.as_str()) {
            findings.add(
                name,
                0,
                "nothing here reads this file",
                "move it into `people/` or `systems/`, or take it away",
            );
        }
    }
    let company: Option<CompanyFile> = one(texts, "company.yaml", findings);
    let connectors: Option<ConnectorsFile> = one(texts, "connectors.yaml", findings);
    let bundles: Option<BundlesFile> = one(texts, "bundles.yaml", findings);
    let holdings: Option<HoldingsFile> = one(texts, "holdings.yaml", findings);
    let sod: Option<SodFile> = one(texts, "policy/sod.yaml", findings);
    let people: Vec<(&str, PeopleFile)> = several(texts, "people/", findings);
    let systems: Vec<(&str, SystemsFile)> = several(texts, "systems/", findings);
    let articles: Vec<(&str, knowledge::Article)> = texts
        .iter()
        .filter(|(name, _)| name.starts_with("knowledge/"))
        .filter_map(|(name, text)| Some((name.as_str(), knowledge::parse(name, text, findings)?)))
        .collect();
    // Without these nothing else can be judged; what is known so far is said.
    let (company, connectors, sod) = (company?, connectors?, sod?);
    let holdings_read = holdings.is_some() || !texts.contains_key("holdings.yaml");

    let parts = Parts { company: &company, connectors: &connectors, today };
    let directory = Directory::new(assemble::people(&parts, &people, findings));
    check::people(&company, &people, &directory, findings);
    let accounts = check::accounts(&people, findings);
    let (systems, entitlements) = assemble::systems(&parts, &systems, findings);
    check::entitlements(&parts, &entitlements, &directory, findings);
    let bundles = assemble::bundles(bundles.as_ref(), &entitlements, findings);
    check::connectors(&connectors, &directory, findings);
    check::company(&parts, &directory, findings);
    check::sod(&sod, &entitlements, findings);
    let file_names: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
    check::articles(&articles, &file_names, &entitlements, findings);
    let (held, sod_exceptions) = match &holdings {
        Some(file) if holdings_read => assemble::holdings(&parts, file, &directory, &entitlements, &sod, findings),
        _ => Default::default(),
    };
    Some(Catalog {
        company: company.name.clone(),
        directory,
        accounts,
        systems,
        entitlements: entitlements.into_iter().map(|(id, placed)| (id, Arc::new(placed.entitlement))).collect(),
        bundles,
        sod_rules: sod.rules.into_iter().map(|rule| rule.value).collect(),
        sod_exceptions,
        holdings: held,
        guardrails: text("policy/guardrails.cedar"),
        risk_table: text("policy/risk.yaml"),
        routing_table: text("policy/routing.yaml"),
        disclosure_table: text("policy/disclosure.yaml"),
        unlock_table: text("policy/unlock.yaml"),
        roles: company.roles.value.clone(),
        connectors: connectors.connectors.into_iter().map(|(id, entry)| (id, entry.value)).collect(),
        knowledge: texts
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix("knowledge/")?.to_owned(), text.clone())))
            .collect(),
        vendor_terms: company.vendor_catalogs.value.clone(),
        digest: Digest::of_value(texts).ok()?,
    })
}

fn one<T: serde::de::DeserializeOwned>(
    texts: &BTreeMap<String, String>,
    name: &str,
    findings: &mut Findings,
) -> Option<T> {
    yaml(name, texts.get(name)?, findings)
}

fn several<'a, T: serde::de::DeserializeOwned>(
    texts: &'a BTreeMap<String, String>,
    folder: &str,
    findings: &mut Findings,
) -> Vec<(&'a str, T)> {
    let files = texts.iter().filter(|(name, _)| name.starts_with(folder));
    files.filter_map(|(name, text)| Some((name.as_str(), yaml(name, text, findings)?))).collect()
}

/// The first line on which a thing was defined, by its id; a second definition is a mistake.
pub fn unique<K: Ord + Clone + std::fmt::Display>(
    seen: &mut BTreeMap<K, (String, u64)>,
    file: &str,
    id: &At<K>,
    findings: &mut Findings,
) -> bool {
    if let Some((first, line)) = seen.get(&id.value) {
        let what = format!("the id `{}` is taken by {first}:{line} already", id.value);
        findings.add(file, id.line, what, "choose another id, or keep one of the two");
        return false;
    }
    seen.insert(id.value.clone(), (file.to_owned(), id.line));
    true
}
