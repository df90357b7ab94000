//! Reads `routing.yaml`: first its shape, then its sense. All mistakes of sense are reported at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::decision::{Level, Slot};
use crate::domain::digest::Digest;
use crate::domain::ids::FactorId;
use crate::domain::problem::Problem;
use crate::domain::window::Seconds;
use crate::policy::annotations::span;
use crate::risk::firing::REQUEST_FACTORS;
use crate::routing::table::{Bands, BreakGlass, ClassLevels, ConfidenceBands, DailyCaps, RoutingTable};

/// What the file is called in messages.
pub const FILE: &str = "policy/routing.yaml";

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The emergency path never lasts longer, whatever the table says (RISK.md R2).
const HARD_EMERGENCY: Seconds = Seconds::hours(8);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    version: Spanned<u32>,
    bands: RawBandSets,
    implied: Spanned<BTreeMap<String, Level>>,
    class: RawClass,
    contractor: RawLongest,
    agent: RawLongest,
    sod: RawSod,
    confidence: RawConfidence,
    automatic_per_day: RawCaps,
    break_glass: RawBreakGlass,
    answer_within: Spanned<BTreeMap<Slot, Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBandSets {
    employee: Spanned<RawBands>,
    contractor: Spanned<RawBands>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBands {
    manager: u8,
    security: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClass {
    manual_only: Level,
    assisted: Level,
    regulated_write: Level,
    reviewed_within: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLongest {
    longest: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSod {
    exception_longest: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfidence {
    sure: Spanned<u16>,
    rapid: u16,
    rapid_answer: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCaps {
    person: u32,
    entitlement: u32,
    all: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBreakGlass {
    longest: Spanned<String>,
    uses: u32,
}

/// The mistakes found so far.
struct Findings(Vec<Problem>);

impl Findings {
    fn add(&mut self, line: u64, text: impl Into<String>) {
        self.0.push(Problem::new(FILE, u32::try_from(line).ok().filter(|&l| l > 0), text));
    }

    fn time(&mut self, text: &Spanned<String>) -> Seconds {
        span(&text.value).unwrap_or_else(|wrong| {
            self.add(text.referenced.line(), wrong);
            Seconds(1)
        })
    }

    fn bands(&mut self, raw: &Spanned<RawBands>) -> Bands {
        let RawBands { manager, security } = raw.value;
        if manager > security || security > 100 {
            self.add(raw.referenced.line(), "bands have to rise: manager, security, at most 100");
        }
        Bands { manager, security }
    }
}

/// Reads the tables.
///
/// # Errors
/// Every mistake, by line. A text that does not have the right shape gives one.
pub fn parse(yaml: &str) -> Result<RoutingTable, Vec<Problem>> {
    if yaml.len() > LONGEST {
        return Err(vec![Problem::new(FILE, None, format!("the file is longer than {LONGEST} bytes"))]);
    }
    let raw: RawTable = serde_saphyr::from_str(yaml).map_err(|error| {
        let line = error.location().and_then(|l| u32::try_from(l.line()).ok());
        let text = error.without_snippet().to_string();
        vec![Problem::new(FILE, line, text.lines().next().unwrap_or_default())]
    })?;
    let mut found = Findings(Vec::new());
    if raw.version.value != 1 {
        found.add(raw.version.referenced.line(), format!("version {} is not known; this reads 1", raw.version.value));
    }
    let (employee, contractor) = (found.bands(&raw.bands.employee), found.bands(&raw.bands.contractor));
    if contractor.manager > employee.manager || contractor.security > employee.security {
        found.add(raw.bands.contractor.referenced.line(), "contractors cannot have wider bands than employees");
    }
    for factor in raw.implied.value.keys() {
        if FactorId::parse(factor.as_str()).is_err() || !REQUEST_FACTORS.contains(&factor.as_str()) {
            found.add(raw.implied.referenced.line(), format!("`{factor}` is no factor of a request"));
        }
    }
    let confidence = &raw.confidence;
    if confidence.rapid > confidence.sure.value || confidence.sure.value > 10_000 {
        let text = "confidence has to rise: rapid, sure, at most 10000";
        found.add(confidence.sure.referenced.line(), text);
    }
    let break_glass = found.time(&raw.break_glass.longest);
    if break_glass > HARD_EMERGENCY {
        let text = format!("the emergency path lasts {HARD_EMERGENCY} at most");
        found.add(raw.break_glass.longest.referenced.line(), text);
    }
    let mut answer_within = BTreeMap::new();
    for (slot, text) in &raw.answer_within.value {
        answer_within.insert(*slot, found.time(text));
    }
    let slots = [Slot::Manager, Slot::Sponsor, Slot::Owner, Slot::Compliance, Slot::Security, Slot::SecondPerson];
    if slots.iter().any(|slot| !answer_within.contains_key(slot)) {
        let text = "every part needs a time: manager, sponsor, owner, compliance, security, second_person";
        found.add(raw.answer_within.referenced.line(), text);
    }
    let table = RoutingTable {
        employee,
        contractor,
        implied: raw.implied.value,
        class: ClassLevels {
            manual_only: raw.class.manual_only,
            assisted: raw.class.assisted,
            regulated_write: raw.class.regulated_write,
            reviewed_within: found.time(&raw.class.reviewed_within),
        },
        contractor_longest: found.time(&raw.contractor.longest),
        agent_longest: found.time(&raw.agent.longest),
        exception_longest: found.time(&raw.sod.exception_longest),
        confidence: ConfidenceBands {
            sure: confidence.sure.value,
            rapid: confidence.rapid,
            rapid_answer: found.time(&confidence.rapid_answer),
        },
        automatic_per_day: DailyCaps {
            person: raw.automatic_per_day.person,
            entitlement: raw.automatic_per_day.entitlement,
            all: raw.automatic_per_day.all,
        },
        break_glass: BreakGlass { longest: break_glass, uses: raw.break_glass.uses },
        answer_within,
        digest: Digest::of(yaml.as_bytes()),
    };
    if found.0.is_empty() {
        Ok(table)
    } else {
        found.0.sort();
        Err(found.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../catalog/policy/routing.yaml");

    #[test]
    fn the_shipped_tables_are_in_order() {
        let table = parse(SHIPPED).unwrap();
        assert_eq!(table.employee, Bands { manager: 30, security: 70 });
        assert_eq!(table.contractor, Bands { manager: 15, security: 50 });
        assert_eq!(table.answer_within(Slot::Manager), Seconds::hours(24));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = SHIPPED
            .replace("contractor: {manager: 15,", "contractor: {manager: 35,")
            .replace("priv.admin: two_person", "priv.boss: two_person")
            .replace("break_glass: {longest: 4h", "break_glass: {longest: 9h")
            .replace("agent: {longest: 24h}", "agent: {longest: soon}");
        let problems = parse(&text).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for expected in ["wider bands", "priv.boss", "8 hours at most", "`soon` is no length"] {
            assert!(said.iter().any(|s| s.contains(expected)), "{expected} in {said:#?}");
        }
        assert_eq!(said.len(), 4);
        assert!(problems.iter().all(|p| p.line.is_some()));
        assert!(parse("version: 1").is_err());
    }
}
