//! One line of `claviger risk score --factors`: which factors fire, and what comes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::decision::Level;
use crate::domain::facts::PeerFacts;
use crate::domain::person::Population;
use crate::risk::peers::{graded_tenths, rarity_tenths};
use crate::risk::score::{Evidence, Strength};
use crate::risk::signin::Recommendation;
use crate::risk::table::{Kind, RiskTable};
use crate::routing::level::of_factors;
use crate::routing::rules::Rules;

/// What a line says. Fields that only tell what is expected (`score`, `case` …) are not looked at.
#[derive(Deserialize)]
struct Line {
    id: String,
    kind: Kind,
    #[serde(default)]
    factors: Vec<String>,
    #[serde(default)]
    peer: Option<Peer>,
    #[serde(default)]
    predicted_denial: Option<f64>,
    #[serde(default)]
    peer_points_tenths: Option<u16>,
    #[serde(default)]
    denial_points_tenths: Option<u16>,
    #[serde(default)]
    mitigations: Vec<String>,
    #[serde(default)]
    floors: Vec<(String, u8)>,
    #[serde(default)]
    contractor: bool,
}

#[derive(Deserialize)]
struct Peer {
    holders: u32,
    peers: u32,
    organisation_share: f64,
}

/// What is printed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The line's id.
    pub id: String,
    /// The score.
    pub score: u8,
    /// For a sign-in the recommendation, for a request how it goes.
    pub outcome: String,
    /// Every bar in tenths of a point.
    pub contributions_tenths: BTreeMap<String, i32>,
}

/// Scores one line and writes the answer as JSON.
///
/// # Errors
/// What is wrong with the line, as people read it.
pub fn score(rules: &Rules, line: &[u8]) -> Result<String, String> {
    answer(rules, line).and_then(|answer| serde_json::to_string(&answer).map_err(|e| e.to_string()))
}

/// Scores one line.
///
/// # Errors
/// What is wrong with the line, as people read it.
pub fn answer(rules: &Rules, line: &[u8]) -> Result<Answer, String> {
    let line: Line = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    let mut evidence = Evidence::new(&rules.risk, line.kind);
    for factor in &line.factors {
        evidence.fire(factor, Strength::Full).map_err(|e| e.to_string())?;
    }
    for (factor, tenths) in graded(&rules.risk, &line)? {
        evidence.fire(factor, Strength::Tenths(tenths)).map_err(|e| e.to_string())?;
    }
    for mitigation in &line.mitigations {
        evidence.mitigate(mitigation).map_err(|e| e.to_string())?;
    }
    for (name, points) in &line.floors {
        if *points > 100 {
            return Err(format!("the floor `{name}` is {points}; at most 100"));
        }
        evidence.floor(name, *points);
    }
    let scored = evidence.score();
    let outcome = match line.kind {
        Kind::Signin => Recommendation::of(&rules.risk, scored.score).name(),
        Kind::Request => {
            let population = if line.contractor { Population::Contractor } else { Population::Employee };
            match of_factors(&rules.routing, population, scored.score, evidence.factors()) {
                Level::Automatic => "auto",
                Level::Manager => "manager",
                Level::Security => "security",
                Level::TwoPerson => "two_person",
            }
        }
    };
    Ok(Answer {
        id: line.id,
        score: scored.score.points(),
        outcome: outcome.to_owned(),
        contributions_tenths: scored.tenths,
    })
}

/// The graded factors of a line with their points in tenths.
fn graded(table: &RiskTable, line: &Line) -> Result<Vec<(&'static str, u16)>, String> {
    let mut fired = Vec::new();
    let factor = |name| {
        let factor = table.request.factors.get(name).and_then(|f| Some((f.tenths, f.graded?)));
        factor.ok_or_else(|| format!("there is no graded factor `{name}` in this table"))
    };
    match &line.peer {
        Some(peer) => {
            let (tenths, graded) = factor("peer.rare")?;
            if peer.holders > peer.peers {
                return Err(format!("{} of {} peers cannot hold it", peer.holders, peer.peers));
            }
            let facts = PeerFacts {
                group: String::new(),
                holders: peer.holders,
                peers: peer.peers,
                organisation_share_ppm: ppm("organisation_share", peer.organisation_share)?,
            };
            let computed = rarity_tenths(&facts, &graded, tenths);
            fired.push(("peer.rare", agreed("peer_points_tenths", computed, line.peer_points_tenths)?));
        }
        None => fired.extend(line.peer_points_tenths.map(|given| ("peer.rare", given))),
    }
    match line.predicted_denial {
        Some(share) => {
            let (tenths, graded) = factor("hist.predicted_denial")?;
            let computed = graded_tenths(u64::from(ppm("predicted_denial", share)?), 1, &graded, tenths);
            let given = line.denial_points_tenths;
            fired.push(("hist.predicted_denial", agreed("denial_points_tenths", computed, given)?));
        }
        None => fired.extend(line.denial_points_tenths.map(|given| ("hist.predicted_denial", given))),
    }
    fired.retain(|(_, tenths)| *tenths > 0);
    Ok(fired)
}

/// A given rounding settles a tie; it cannot be off by more than that.
fn agreed(field: &str, computed: u16, given: Option<u16>) -> Result<u16, String> {
    match given {
        Some(given) if given.abs_diff(computed) > 1 => {
            Err(format!("`{field}` is {given}, but the facts of the line give {computed}"))
        }
        Some(given) => Ok(given),
        None => Ok(computed),
    }
}

/// A share as parts per million. The number comes in as JSON has it; from here on there are no floats.
fn ppm(field: &str, share: f64) -> Result<u32, String> {
    if !(0.0..=1.0).contains(&share) {
        return Err(format!("`{field}` is {share}; a share lies between 0 and 1"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000000 after the check"
    )]
    Ok((share * 1e6).round() as u32)
}
