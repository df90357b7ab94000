//! The ladder of levels: what a score's band and single factors ask for (R5, R8).

use crate::domain::decision::{Level, Score};
use crate::domain::person::Population;
use crate::routing::table::{Bands, RoutingTable};

/// The bands that hold for somebody.
#[must_use]
pub fn bands(table: &RoutingTable, population: Population) -> Bands {
    match population {
        Population::Contractor | Population::ThirdParty => table.contractor,
        Population::Employee | Population::Agent => table.employee,
    }
}

/// What a score asks for.
#[must_use]
pub fn of_score(bands: Bands, score: Score) -> Level {
    match score.points() {
        s if s < bands.manager => Level::Automatic,
        s if s <= bands.security => Level::Manager,
        _ => Level::Security,
    }
}

/// What a score and the factors behind it ask for together: the band joined with what the factors imply.
#[must_use]
pub fn of_factors<'f>(
    table: &RoutingTable,
    population: Population,
    score: Score,
    factors: impl IntoIterator<Item = &'f str>,
) -> Level {
    let band = of_score(bands(table, population), score);
    factors.into_iter().filter_map(|factor| table.implied.get(factor)).copied().fold(band, Level::max)
}

/// What a level asks for, in words that stay true when another rule asks for more.
#[must_use]
pub fn who(level: Level) -> &'static str {
    match level {
        Level::Automatic => "it asks for nobody",
        Level::Manager => "it takes the manager at least",
        Level::Security => "it takes security at least",
        Level::TwoPerson => "it takes two people, the manager and security",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_change_exactly_at_their_edges() {
        let table = RoutingTable::parse(include_str!("../../catalog/policy/routing.yaml")).unwrap();
        let level = |population, points| of_score(bands(&table, population), Score::new(points).unwrap());
        use Level::{Automatic, Manager, Security};
        let employee = [29, 30, 70, 71].map(|s| level(Population::Employee, s));
        assert_eq!(employee, [Automatic, Manager, Manager, Security]);
        let contractor = [14, 15, 50, 51].map(|s| level(Population::Contractor, s));
        assert_eq!(contractor, [Automatic, Manager, Manager, Security]);
        for score in 0..=100 {
            assert!(level(Population::Contractor, score) >= level(Population::Employee, score));
        }
    }
}
