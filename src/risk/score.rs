//! The kernel: what fired becomes a score and its bars (RISK.md §2.2). The same for access requests and sign-ins.

use std::collections::BTreeMap;

use crate::domain::decision::Score;
use crate::risk::arithmetic::{apportion, millinats, score_of};
use crate::risk::table::{Kind, RiskTable};

/// How strongly a factor fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// With all its points.
    Full,
    /// With a part of its evidence, in basis points: a ramp that is not up yet.
    Part(u16),
    /// With so many stand-alone points, in tenths: a graded factor.
    Tenths(u16),
}

/// A name the table does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownName {
    /// A factor.
    #[error("there is no factor `{0}` in this table")]
    Factor(String),
    /// A mitigation.
    #[error("there is no mitigation `{0}` in this table")]
    Mitigation(String),
}

/// What fired, resolved against one table.
#[derive(Debug, Clone)]
pub struct Evidence<'t> {
    table: &'t RiskTable,
    kind: Kind,
    factors: BTreeMap<String, u64>,
    mitigations: BTreeMap<String, u64>,
    floors: Vec<(u8, String)>,
}

/// A score and its bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// The score.
    pub score: Score,
    /// Every bar in tenths of a point, by name: factors, `mit.…` and `floor:…`. They sum to ten times the score.
    pub tenths: BTreeMap<String, i32>,
}

impl<'t> Evidence<'t> {
    /// Nothing fired yet.
    #[must_use]
    pub fn new(table: &'t RiskTable, kind: Kind) -> Self {
        Self { table, kind, factors: BTreeMap::new(), mitigations: BTreeMap::new(), floors: Vec::new() }
    }

    /// A factor fired. Of the same factor fired twice, the stronger counts; one without any evidence did not fire.
    ///
    /// # Errors
    /// [`UnknownName`] where the table has no such factor.
    pub fn fire(&mut self, name: &str, strength: Strength) -> Result<(), UnknownName> {
        let factor = self.table.of(self.kind).factors.get(name).ok_or_else(|| UnknownName::Factor(name.to_owned()))?;
        let evidence = match strength {
            Strength::Full => millinats(factor.tenths),
            Strength::Part(bp) => millinats(factor.tenths) * u64::from(bp.min(10_000)) / 10_000,
            Strength::Tenths(tenths) => millinats(tenths),
        };
        if evidence > 0 {
            let slot = self.factors.entry(name.to_owned()).or_default();
            *slot = evidence.max(*slot);
        }
        Ok(())
    }

    /// Something speaks in favour.
    ///
    /// # Errors
    /// [`UnknownName`] where the table has no such mitigation.
    pub fn mitigate(&mut self, name: &str) -> Result<(), UnknownName> {
        let worth = self.table.of(self.kind).mitigations.get(name);
        let worth = *worth.ok_or_else(|| UnknownName::Mitigation(name.to_owned()))?;
        self.mitigations.insert(name.to_owned(), worth);
        Ok(())
    }

    /// The score is at least so many points, whatever else is true.
    pub fn floor(&mut self, name: &str, points: u8) {
        self.floors.push((points.min(100), name.to_owned()));
    }

    /// True where this factor fired with some evidence.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.factors.contains_key(name)
    }

    /// The names of the factors that fired, by name.
    pub fn factors(&self) -> impl Iterator<Item = &str> {
        self.factors.keys().map(String::as_str)
    }

    /// The score with its bars.
    #[must_use]
    pub fn score(&self) -> Scored {
        let effective = self.effective();
        let names: Vec<&String> = effective.keys().collect();
        let weights: Vec<u64> = effective.values().copied().collect();
        let evidence: u64 = weights.iter().sum();
        let wished: u64 = self.mitigations.values().sum();
        let mitigated = wished.min(2 * evidence / 5);
        let base = score_of(evidence);
        let mut points = score_of(evidence - mitigated);

        let signed = |share: u64| i32::try_from(share).unwrap_or(i32::MAX);
        let mut tenths: BTreeMap<String, i32> = names
            .into_iter()
            .zip(apportion(10 * u64::from(base), &weights))
            .map(|(name, share)| (name.clone(), signed(share)))
            .collect();
        if base != points {
            let weights: Vec<u64> = self.mitigations.values().copied().collect();
            let shares = apportion(10 * u64::from(base - points), &weights);
            for (name, share) in self.mitigations.keys().zip(shares) {
                tenths.insert(format!("mit.{name}"), -signed(share));
            }
        }
        if let Some((floor, name)) = self.floors.iter().filter(|(floor, _)| *floor > points).max() {
            tenths.insert(format!("floor:{name}"), 10 * i32::from(*floor - points));
            points = *floor;
        }
        Scored { score: Score::new(points).unwrap_or(Score::ZERO), tenths }
    }

    /// The evidence that counts of each factor: within a family the strongest whole, the others a quarter, all of it within the cap.
    fn effective(&self) -> BTreeMap<String, u64> {
        let mut families: BTreeMap<&str, BTreeMap<&String, u64>> = BTreeMap::new();
        for (name, evidence) in &self.factors {
            families.entry(family(name)).or_default().insert(name, *evidence);
        }
        let mut all = BTreeMap::new();
        for (family, members) in families {
            // Of equally strong ones the smallest name counts whole: `fold` keeps the first best.
            let strongest = members.iter().fold(None, |best: Option<(&&String, u64)>, (name, &evidence)| match best {
                Some((_, most)) if most >= evidence => best,
                _ => Some((name, evidence)),
            });
            let mut counted: Vec<u64> = members
                .iter()
                .map(
                    |(name, &evidence)| if strongest.is_some_and(|(s, _)| s == name) { evidence } else { evidence / 4 },
                )
                .collect();
            let cap = self.table.of(self.kind).caps.get(family).copied().unwrap_or(u64::MAX);
            if counted.iter().sum::<u64>() > cap {
                counted = apportion(cap, &counted);
            }
            all.extend(members.keys().map(|name| (*name).clone()).zip(counted));
        }
        all
    }
}

/// The family of a factor: what stands before the first dot.
#[must_use]
pub fn family(factor: &str) -> &str {
    factor.split_once('.').map_or(factor, |(family, _)| family)
}
