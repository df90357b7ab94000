//! Reads `risk.yaml`: first its shape, then its sense. All mistakes of sense are reported at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::digest::Digest;
use crate::domain::problem::Problem;
use crate::risk::arithmetic::{MOST_TENTHS, millinats};
use crate::risk::firing::{REQUEST_FACTORS, REQUEST_FLOORS, REQUEST_MITIGATIONS};
use crate::risk::score::family;
use crate::risk::table::{Conditions, ConfidenceTable, Factor, Graded, KindTable, RiskTable, SigninBands};

/// What the file is called in messages.
pub const FILE: &str = "policy/risk.yaml";

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    version: Spanned<u32>,
    request: RawKind,
    signin: RawKind,
    signin_bands: Spanned<SigninBands>,
    conditions: Conditions,
    confidence: Spanned<ConfidenceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    caps: Spanned<BTreeMap<String, f64>>,
    factors: Spanned<BTreeMap<String, Spanned<RawFactor>>>,
    mitigations: Spanned<BTreeMap<String, Spanned<u32>>>,
    floors: Spanned<BTreeMap<String, Spanned<u32>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFactor {
    points: f64,
    #[serde(default)]
    graded: Option<Graded>,
    #[serde(default)]
    ramp: Option<u32>,
}

/// The mistakes found so far.
struct Findings(Vec<Problem>);

impl Findings {
    fn add(&mut self, line: u64, text: String) {
        self.0.push(Problem::new(FILE, u32::try_from(line).ok().filter(|&l| l > 0), text));
    }
}

/// Reads the tables.
///
/// # Errors
/// Every mistake, by line. A text that does not have the right shape gives one.
pub fn parse(yaml: &str) -> Result<RiskTable, Vec<Problem>> {
    if yaml.len() > LONGEST {
        return Err(vec![Problem::new(FILE, None, format!("the file is longer than {LONGEST} bytes"))]);
    }
    let raw: RawTable = serde_saphyr::from_str(yaml).map_err(|e| vec![shape(&e)])?;
    let mut found = Findings(Vec::new());
    if raw.version.value != 1 {
        found.add(raw.version.referenced.line(), format!("version {} is not known; this reads 1", raw.version.value));
    }
    let request = kind("request", &raw.request, &mut found);
    let signin = kind("signin", &raw.signin, &mut found);
    needed("factor", REQUEST_FACTORS, &raw.request.factors.value, raw.request.factors.referenced.line(), &mut found);
    needed(
        "mitigation",
        REQUEST_MITIGATIONS,
        &request.mitigations,
        raw.request.mitigations.referenced.line(),
        &mut found,
    );
    needed("floor", REQUEST_FLOORS, &raw.request.floors.value, raw.request.floors.referenced.line(), &mut found);
    for name in ["peer.rare", "hist.predicted_denial"] {
        if request.factors.get(name).is_some_and(|f| f.graded.is_none()) {
            let line = raw.request.factors.value.get(name).map_or(0, |f| f.referenced.line());
            found.add(line, format!("`{name}` has to be graded"));
        }
    }
    let bands = raw.signin_bands.value;
    if !(bands.mfa < bands.block && bands.block < bands.soc && bands.soc <= 100) {
        found.add(
            raw.signin_bands.referenced.line(),
            "sign-in bands have to rise: mfa, block, soc, at most 100".to_owned(),
        );
    }
    if raw.confidence.value.full_peers == 0 || raw.confidence.value.overdue_catalogue_bp > 10_000 {
        let text = "`full_peers` is at least 1 and `overdue_catalogue_bp` at most 10000";
        found.add(raw.confidence.referenced.line(), text.to_owned());
    }
    if !found.0.is_empty() {
        found.0.sort();
        return Err(found.0);
    }
    Ok(RiskTable {
        request,
        signin,
        signin_bands: bands,
        conditions: raw.conditions,
        confidence: raw.confidence.value,
        digest: Digest::of(yaml.as_bytes()),
    })
}

/// A mistake of shape, as the reader of the text tells it.
fn shape(error: &serde_saphyr::Error) -> Problem {
    let line = error.location().and_then(|l| u32::try_from(l.line()).ok());
    let text = error.without_snippet().to_string();
    Problem::new(FILE, line, text.lines().next().unwrap_or_default())
}

fn needed<T>(what: &str, names: &[&str], have: &BTreeMap<String, T>, line: u64, found: &mut Findings) {
    for name in names.iter().filter(|name| !have.contains_key(**name)) {
        found.add(line, format!("the {what} `{name}` is missing"));
    }
}

/// Points in tenths; `None` for more than one decimal or out of bounds.
fn tenths(points: f64) -> Option<u16> {
    let scaled = points * 10.0;
    let whole = scaled.round();
    let good = (scaled - whole).abs() < 1e-6 && whole >= 1.0 && whole <= f64::from(MOST_TENTHS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 950 after the check above"
    )]
    good.then_some(whole as u16)
}

fn kind(name: &str, raw: &RawKind, found: &mut Findings) -> KindTable {
    let bounds = "points lie between 0.1 and 95, with one decimal at most";
    let mut caps = BTreeMap::new();
    for (family, &points) in &raw.caps.value {
        match tenths(points) {
            Some(t) => drop(caps.insert(family.clone(), millinats(t))),
            None => {
                found.add(raw.caps.referenced.line(), format!("{name}: the cap of `{family}` is {points}; {bounds}"))
            }
        }
    }
    let mut factors = BTreeMap::new();
    let mut families = BTreeSet::new();
    for (id, factor) in &raw.factors.value {
        let line = factor.referenced.line();
        let RawFactor { points, graded, ramp } = &factor.value;
        families.insert(family(id));
        if !id.contains('.') || crate::domain::ids::FactorId::parse(id.as_str()).is_err() {
            found.add(line, format!("{name}: `{id}` is no factor id; write `family.name`"));
        } else if !raw.caps.value.contains_key(family(id)) {
            found.add(line, format!("{name}: the family of `{id}` has no cap"));
        }
        if ramp.is_some_and(|n| n == 0) {
            found.add(line, format!("{name}: the ramp of `{id}` is at least 1 sign-in long"));
        }
        if graded.is_some_and(|g| g.full_at == g.nothing_at || g.full_at.max(g.nothing_at) > 1_000_000) {
            found.add(line, format!("{name}: `{id}` is graded between two different shares of at most 1000000"));
        }
        match tenths(*points) {
            Some(tenths) => {
                factors.insert(id.clone(), Factor { tenths, graded: *graded, ramp: *ramp });
            }
            None => found.add(line, format!("{name}: `{id}` has {points} points; {bounds}")),
        }
    }
    for family in raw.caps.value.keys().filter(|f| !families.contains(f.as_str())) {
        found.add(raw.caps.referenced.line(), format!("{name}: no factor belongs to the family `{family}`"));
    }
    let mitigations = raw.mitigations.value.iter().map(|(id, worth)| (id.clone(), u64::from(worth.value))).collect();
    let mut floors = BTreeMap::new();
    for (id, points) in &raw.floors.value {
        match u8::try_from(points.value) {
            Ok(p) if p <= 100 => drop(floors.insert(id.clone(), p)),
            _ => found
                .add(points.referenced.line(), format!("{name}: the floor `{id}` is {}; at most 100", points.value)),
        }
    }
    KindTable { caps, factors, mitigations, floors }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../catalog/policy/risk.yaml");

    #[test]
    fn the_shipped_tables_are_in_order() {
        let table = parse(SHIPPED).unwrap();
        assert_eq!(table.request.factors.len(), 34);
        assert_eq!(table.signin.factors.len(), 37);
        assert_eq!(table.digest, Digest::of(SHIPPED.as_bytes()));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = SHIPPED
            .replace("priv.admin: {points: 45}", "priv.admin: {points: 96}")
            .replace("    who.new_starter: {points: 10}\n", "")
            .replace("net.new_ip: {points: 5, ramp: 50}", "nett.new_ip: {points: 5, ramp: 0}")
            .replace("mfa: 30, block: 70", "mfa: 70, block: 30");
        let problems = parse(&text).unwrap_err();
        let line = |needle: &str| u32::try_from(text[..text.find(needle).unwrap()].lines().count()).unwrap();
        let at = |needle: &str| {
            problems.iter().find(|p| p.text.contains(needle)).unwrap_or_else(|| panic!("{needle}: {problems:?}"))
        };
        assert_eq!(at("priv.admin").line, Some(line("{points: 96}")));
        assert!(at("who.new_starter").text.contains("missing"));
        assert_eq!(at("has no cap").line, Some(line("{points: 5, ramp: 0}")));
        assert!(at("at least 1 sign-in").line.is_some());
        assert!(at("have to rise").line.is_some());
        assert_eq!(problems.len(), 5);
    }

    #[test]
    fn a_wrong_shape_is_one_mistake_with_its_line() {
        let problems = parse(&SHIPPED.replace("version: 1", "version: one")).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].line.is_some());
        assert!(parse("").is_err());
        assert!(parse(&"a".repeat(LONGEST + 1)).is_err());
    }
}
