//! Weighs one candidate against a wish, in whole numbers.

use crate::catalog::search::entry::Entry;
use crate::catalog::search::query::{Alternative, Concept, Wish};
use crate::catalog::search::vocabulary::Vocabulary;
use crate::catalog::search::weights::Weights;
use crate::domain::entitlement::AccessLevel;

/// How a candidate fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rating {
    /// The score, thousandths.
    pub score: i64,
    /// The share of the wish's telling words that were found, by rarity, basis points.
    pub coverage_bp: i64,
    /// The share of the name that was asked for, thousandths.
    pub name: i64,
    /// The name was spelled out.
    pub exact: bool,
}

/// What one concept finds in a document.
struct Found {
    /// Quality times strength, up to 1,000,000.
    worth: i64,
    /// Quality alone.
    quality: i64,
    /// In the name.
    in_name: i64,
}

/// Rates what the words alone say.
#[must_use]
pub fn rate(entry: &Entry, wish: &Wish, exact: bool, vocabulary: &Vocabulary, weights: &Weights) -> Rating {
    let mut text = 0i64;
    let mut covered = 0i64;
    let mut in_name = 0i64;
    let mut telling_total = 0i64;
    let mut hit = false;
    // Which concepts are here at all, so that passages look at no others.
    let mut present: Vec<(&Concept, bool)> = Vec::with_capacity(wish.concepts.len());
    for concept in &wish.concepts {
        if concept.telling {
            telling_total += concept.weight;
        }
        let Some(found) = find(entry, concept) else { continue };
        hit = true;
        text += concept.weight * found.worth / 1_000_000;
        in_name += concept.name_weight * found.in_name / 1000;
        if concept.telling {
            covered += concept.weight * found.quality / 1000;
        }
        present.push((concept, concept.telling));
    }
    if !hit {
        return Rating {
            score: if exact { weights.exact } else { 0 },
            coverage_bp: if exact { 10_000 } else { 0 },
            name: if exact { 1000 } else { 0 },
            exact,
        };
    }
    let text = text * 1000 / wish.total;
    let in_name = in_name * 1000 / wish.name_total;
    let coverage_bp = if exact {
        10_000
    } else if telling_total > 0 {
        covered * 10_000 / telling_total
    } else {
        text * 10
    };
    let pairs = pairs(entry, wish);
    let name = name_asked_for(entry, wish, vocabulary);
    let passage = best_passage(entry, &present, wish, vocabulary, weights);
    let mut score = (text * weights.text
        + passage * weights.passage
        + in_name * weights.name_recall
        + name * in_name.min(500) * 2 / 1000 * weights.name
        + pairs * weights.pairs)
        / 1000;
    score = score * (1000 - weights.coverage + weights.coverage * coverage_bp.min(10_000) / 10_000) / 1000;
    if exact {
        score += weights.exact;
    }
    Rating {
        score: score * kept(entry, wish, weights) / 1_000_000,
        coverage_bp: coverage_bp.clamp(0, 10_000),
        name,
        exact,
    }
}

/// The best that stands for a concept here.
fn find(entry: &Entry, concept: &Concept) -> Option<Found> {
    let mut best: Option<Found> = None;
    for alternative in &concept.alternatives {
        if best.as_ref().is_some_and(|b| b.worth >= alternative.quality * 1000) {
            break;
        }
        let Some((strength, in_name)) = strength(entry, alternative) else { continue };
        let worth = alternative.quality * strength;
        if best.as_ref().is_none_or(|b| worth > b.worth) {
            best = Some(Found {
                worth,
                quality: alternative.quality,
                in_name: if in_name { alternative.quality } else { 0 },
            });
        }
    }
    best
}

/// The weakest strength among an alternative's terms, and whether all stand in the name.
fn strength(entry: &Entry, alternative: &Alternative) -> Option<(i64, bool)> {
    let mut least = 1000i64;
    let mut in_name = true;
    for term in &alternative.terms {
        let posting = entry.posting(*term)?;
        least = least.min(i64::from(posting.strength));
        in_name &= posting.in_name;
    }
    Some((least, in_name))
}

/// The share of neighbouring words that are neighbours here, thousandths.
fn pairs(entry: &Entry, wish: &Wish) -> i64 {
    if wish.pair_total == 0 {
        return 0;
    }
    let found: i64 = wish
        .pairs
        .iter()
        .filter_map(|(term, weight)| entry.posting(*term).map(|p| weight * i64::from(p.strength) / 1000))
        .sum();
    found * 1000 / wish.pair_total
}

/// The share of the name's (or the title's, whichever is better) telling words that were asked for, by rarity, thousandths.
fn name_asked_for(entry: &Entry, wish: &Wish, vocabulary: &Vocabulary) -> i64 {
    let mut best = 0;
    for name in &entry.names {
        let mut total = 0i64;
        let mut asked = 0i64;
        for term in name {
            let rarity = vocabulary.name_rarity(*term);
            total += rarity;
            let quality = wish
                .concepts
                .iter()
                .flat_map(|c| &c.alternatives)
                .filter(|a| a.terms.contains(term))
                .map(|a| a.quality)
                .max();
            asked += rarity * quality.unwrap_or(0) / 1000;
        }
        if total > 0 {
            best = best.max(asked * 1000 / total);
        }
    }
    best
}

/// The best single sentence, thousandths.
fn best_passage(
    entry: &Entry,
    present: &[(&Concept, bool)],
    wish: &Wish,
    vocabulary: &Vocabulary,
    weights: &Weights,
) -> i64 {
    let mut best = 0;
    for passage in &entry.passages {
        let mut matched = 0i64;
        let mut used = 0i64;
        for (concept, _) in present {
            let found =
                concept.alternatives.iter().find(|a| a.terms.iter().all(|t| passage.terms.binary_search(t).is_ok()));
            if let Some(alternative) = found {
                matched += concept.weight * alternative.quality / 1000;
                used += alternative.terms.iter().map(|t| vocabulary.rarity(*t)).sum::<i64>();
            }
        }
        if matched == 0 {
            continue;
        }
        let recall = matched * 1000 / wish.total;
        let precision = (used * 1000 / passage.weight).min(1000);
        let mut value =
            recall * (1000 - weights.passage_precision + weights.passage_precision * precision / 1000) / 1000;
        let changes = wish.access.is_some_and(|a| a > AccessLevel::Read);
        if changes && passage.level == Some(AccessLevel::Read) {
            value = value * weights.passage_reads_only / 1000;
        }
        best = best.max(value);
    }
    best
}

/// What is kept of the words' score after access, reach, purpose and system, in millionths.
fn kept(entry: &Entry, wish: &Wish, weights: &Weights) -> i64 {
    let mut kept = 1_000_000i64;
    let mut keep = |thousandths: i64| kept = kept * thousandths / 1000;
    if entry.ladder.is_none() {
        match (wish.access, entry.access) {
            (Some(AccessLevel::Read), AccessLevel::Write) => keep(weights.read_offered_write),
            (Some(AccessLevel::Read), AccessLevel::Admin) => keep(weights.read_offered_admin),
            (Some(AccessLevel::Write | AccessLevel::Admin), AccessLevel::Read) => keep(weights.write_offered_read),
            (Some(AccessLevel::Write | AccessLevel::Admin), AccessLevel::Use) => keep(weights.write_offered_use),
            _ => {}
        }
    }
    if !wish.wants_broad {
        if entry.broad {
            keep(weights.broad);
        }
        if entry.privileged {
            keep(weights.privileged);
        }
    }
    keep(1000 - weights.privilege_step * i64::from(entry.power));
    if entry.for_program && !wish.program {
        keep(weights.for_program);
    }
    if entry.api_scope && !wish.api {
        keep(weights.api_scope);
    }
    if !wish.systems.is_empty() && !wish.systems.contains(&entry.system_number) {
        keep(weights.other_system);
    }
    if entry.all && wish.wants_own {
        keep(weights.own_offered_all);
    }
    let breadth = i64::try_from(entry.passages.len().min(40)).unwrap_or(40);
    keep(1000 - weights.breadth * breadth / 40);
    kept
}
