//! Turns a wish into concepts and hints.

use std::collections::HashMap;

use crate::catalog::search::access::wished;
use crate::catalog::search::ladder::wanted_step;
use crate::catalog::search::language::Language;
use crate::catalog::search::text::{Stems, Word, bare, words};
use crate::catalog::search::vocabulary::{PAIR, Vocabulary};
use crate::catalog::search::weights::Weights;
use crate::domain::entitlement::AccessLevel;

/// Longest wish read, in bytes; what comes after is not looked at.
pub const LONGEST_QUERY: usize = 4_000;

/// Most concepts taken from one wish.
const MOST_CONCEPTS: usize = 48;

/// One thing that may stand for a word: all these terms together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The terms; all have to be there.
    pub terms: Vec<u32>,
    /// How good a stand-in it is, thousandths.
    pub quality: i64,
}

/// A word of the wish with all that may stand for it.
#[derive(Debug, Clone)]
pub struct Concept {
    /// The word as written.
    pub word: String,
    /// Its stem.
    pub stem: String,
    /// Its place.
    pub place: u32,
    /// Its weight: rarity, held back where the word says little.
    pub weight: i64,
    /// Its weight in a name.
    pub name_weight: i64,
    /// True where the word says something about the thing wished for.
    pub telling: bool,
    /// What may stand for it, best first.
    pub alternatives: Vec<Alternative>,
}

/// A wish, ready for ranking.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Its words.
    pub concepts: Vec<Concept>,
    /// Neighbouring words: the pair's term and weight.
    pub pairs: Vec<(u32, i64)>,
    /// Sum of the concepts' weights.
    pub total: i64,
    /// Sum of the concepts' weights in a name.
    pub name_total: i64,
    /// Sum of all pairs' weights, those nobody wrote included.
    pub pair_total: i64,
    /// The access asked for.
    pub access: Option<AccessLevel>,
    /// The ladder step asked for.
    pub step: Option<u16>,
    /// Broad is meant.
    pub wants_broad: bool,
    /// The asker's own is meant.
    pub wants_own: bool,
    /// A program is spoken of.
    pub program: bool,
    /// Identifiers, an interface or scopes are spoken of.
    pub api: bool,
    /// Which systems were named, by their number; empty where none was.
    pub systems: Vec<usize>,
    /// Those of them that were called by a name of their own.
    pub called: Vec<usize>,
    /// Names that were written out, letters and digits only.
    pub spelled: Vec<String>,
}

/// Words that show that an interface's scopes are meant.
const API_WORDS: [&str; 8] = ["api", "scope", "scopes", "graph", "sdk", "endpoint", "oauth", "permission"];

/// How a system is spoken of; phrases are stems.
#[derive(Debug, Clone, Default)]
pub struct SystemPhrases {
    /// Its names: they say where, not what.
    pub names: Vec<Vec<String>>,
    /// Those of its names that stand for it alone: hardly any text of another system has them.
    pub own_names: Vec<Vec<String>>,
    /// Things found there mostly.
    pub things: Vec<Vec<String>>,
}

/// Reads a wish.
#[must_use]
pub fn read(
    text: &str,
    language: &Language,
    vocabulary: &Vocabulary,
    systems: &[SystemPhrases],
    weights: &Weights,
    stems: &mut Stems,
) -> Wish {
    let text = cut(text);
    let mut list = words(text);
    drop_exceptions(&mut list);
    let mut wish =
        Wish { access: wished(&list, language), step: wanted_step(&list, language, stems), ..Wish::default() };
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut sequence: Vec<(String, u32)> = Vec::new();
    for word in &list {
        hints(word, language, &mut wish);
        if word.whole || language.is_stop(&word.raw) || wish.concepts.len() >= MOST_CONCEPTS {
            continue;
        }
        let stem = stems.stem(&word.raw);
        sequence.push((stem.clone(), word.place));
        if places.contains_key(&stem) {
            continue;
        }
        for concept in concepts_of(word, &stem, language, vocabulary, weights, stems) {
            places.entry(concept.stem.clone()).or_insert(wish.concepts.len());
            wish.concepts.push(concept);
        }
        places.entry(stem).or_insert(wish.concepts.len().saturating_sub(1));
    }
    for word in list.iter().filter(|w| w.whole) {
        // The whole of an identifier counts like a pair: it is a bonus, never a condition.
        let stem = stems.stem(&word.raw);
        if let Some(term) = vocabulary.number(&stem) {
            wish.pairs.push((term, vocabulary.rarity(term)));
        }
    }
    add_synonyms(&sequence, &places, language, vocabulary, weights, &mut wish.concepts);
    add_pairs(&sequence, &places, vocabulary, &mut wish);
    for concept in &mut wish.concepts {
        concept.alternatives.sort_by(|a, b| b.quality.cmp(&a.quality).then_with(|| a.terms.cmp(&b.terms)));
        concept.alternatives.dedup();
    }
    point_at_systems(&sequence, &places, systems, weights, &mut wish);
    wish.pair_total = wish.pairs.iter().map(|p| p.1).sum::<i64>().max(wish.pair_total);
    wish.total = wish.concepts.iter().map(|c| c.weight).sum::<i64>().max(1);
    wish.name_total = wish.concepts.iter().map(|c| c.name_weight).sum::<i64>().max(1);
    wish.spelled = spelled(text, language);
    wish
}

/// Drops parentheses that take something out again: "(except guests)", "(without the code)".
fn drop_exceptions(list: &mut Vec<Word>) {
    const TAKES_OUT: [&str; 6] = ["except", "without", "excluding", "not", "unless", "other"];
    // A parenthesis leaves a gap of four places to the one before it, a comma inside one of two.
    let (mut before, mut out) = (None::<u32>, false);
    list.retain(|word| {
        if !word.aside {
            before = None;
            return true;
        }
        if before.is_none_or(|place| word.place.saturating_sub(place) >= 4) {
            out = TAKES_OUT.contains(&word.raw.as_str());
        }
        before = Some(word.place);
        !out
    });
}

/// Finds the systems that are spoken of. Their names say where and no longer what, so they count little as words.
fn point_at_systems(
    sequence: &[(String, u32)],
    places: &HashMap<String, usize>,
    systems: &[SystemPhrases],
    weights: &Weights,
    wish: &mut Wish,
) {
    let said = |phrase: &Vec<String>| {
        !phrase.is_empty() && sequence.windows(phrase.len()).any(|w| w.iter().zip(phrase).all(|(a, b)| a.0 == *b))
    };
    for (number, phrases) in systems.iter().enumerate() {
        let names: Vec<&Vec<String>> = phrases.names.iter().filter(|p| said(p)).collect();
        if names.is_empty() && !phrases.things.iter().any(said) {
            continue;
        }
        wish.systems.push(number);
        if phrases.own_names.iter().any(said) {
            wish.called.push(number);
        }
        for stem in names.into_iter().flatten() {
            if let Some(concept) = places.get(stem).and_then(|i| wish.concepts.get_mut(*i)).filter(|c| c.telling) {
                concept.telling = false;
                concept.weight = (concept.weight * weights.filler / 1000).max(1);
                concept.name_weight = (concept.name_weight * weights.filler / 1000).max(1);
            }
        }
    }
    if wish.concepts.iter().all(|c| !c.telling) {
        // Nothing but a system was named: then it is what is wished for.
        for concept in &mut wish.concepts {
            concept.telling |= systems.iter().flat_map(|s| &s.names).flatten().any(|s| *s == concept.stem);
        }
    }
}

/// The text up to the longest length, whole characters only.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_QUERY);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

fn hints(word: &Word, language: &Language, wish: &mut Wish) {
    wish.wants_broad |= !word.aside && language.wants_broad.contains(&word.raw);
    wish.wants_own |= !word.aside && language.wants_own.contains(&word.raw);
    wish.program |= language.programs.contains(&word.raw);
    wish.api |= word.identifier || API_WORDS.contains(&word.raw.as_str());
}

/// The concepts of one word: usually one; the parts of a compound that nobody wrote in one piece.
fn concepts_of(
    word: &Word,
    stem: &str,
    language: &Language,
    vocabulary: &Vocabulary,
    weights: &Weights,
    stems: &mut Stems,
) -> Vec<Concept> {
    let weak = language.is_weak(&word.raw);
    // "Administrators" in a wish says as little about the thing as "read" does.
    let verb = language.common_verbs.contains(&word.raw) || names_a_holder(&word.raw, language);
    let role = if verb {
        weights.verb
    } else if weak {
        weights.filler
    } else {
        1000
    };
    let role = if word.aside { role * weights.aside / 1000 } else { role };
    let make = |text: &str, stem: String, alternatives: Vec<Alternative>, rarity: i64| {
        let terms = alternatives.iter().flat_map(|a| &a.terms);
        let names = terms.map(|t| vocabulary.name_rarity(*t)).max().unwrap_or(rarity);
        Concept {
            word: text.to_owned(),
            stem,
            place: word.place,
            // A word that every text has is still worth something where few names have it.
            weight: (rarity.max(names / 2) * role / 1000).max(1),
            name_weight: (names * role / 1000).max(1),
            telling: !weak && !verb,
            alternatives,
        }
    };
    if let Some(term) = vocabulary.number(stem).filter(|t| vocabulary.documents(*t) > 0) {
        let whole = vec![Alternative { terms: vec![term], quality: 1000 }];
        return vec![make(&word.raw, stem.to_owned(), whole, vocabulary.rarity(term))];
    }
    if let Some(parts) = decompose(&word.raw, vocabulary, stems) {
        return parts
            .into_iter()
            .map(|(part, term)| {
                let alternatives = vec![Alternative { terms: vec![term], quality: weights.compound }];
                make(&part, vocabulary.text(term).to_owned(), alternatives, vocabulary.rarity(term))
            })
            .collect();
    }
    let near: Vec<Alternative> = vocabulary
        .near(stem)
        .into_iter()
        .map(|term| Alternative { terms: vec![term], quality: weights.fuzzy })
        .collect();
    let rarity = near
        .iter()
        .flat_map(|a| a.terms.first())
        .map(|t| vocabulary.rarity(*t))
        .max()
        .unwrap_or_else(|| vocabulary.unknown_rarity());
    vec![make(&word.raw, stem.to_owned(), near, rarity)]
}

/// True for words that name who holds a role: "administrators", "reader".
fn names_a_holder(raw: &str, language: &Language) -> bool {
    let one = raw.strip_suffix('s').unwrap_or(raw);
    let agent = one.ends_with("er") || one.ends_with("or");
    language
        .names
        .get(raw)
        .or_else(|| language.names.get(one))
        .is_some_and(|level| *level == AccessLevel::Admin || (agent && *level != AccessLevel::Use))
}

/// Splits a compound into two or three words the catalog knows: `plannertask` into `planner` and `task`. The split with the longest
/// shortest part wins.
fn decompose(raw: &str, vocabulary: &Vocabulary, stems: &mut Stems) -> Option<Vec<(String, u32)>> {
    if raw.len() < 7 || raw.len() > 40 || !raw.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let mut known = |part: &str| -> Option<u32> {
        if part.len() < 3 {
            return None;
        }
        let stem = stems.stem(part);
        vocabulary.number(&stem).filter(|t| vocabulary.documents(*t) > 1)
    };
    let mut best: Option<(usize, Vec<(String, u32)>)> = None;
    let mut offer = |parts: Vec<(String, u32)>| {
        let shortest = parts.iter().map(|p| p.0.len()).min().unwrap_or(0) * 4 / parts.len();
        if best.as_ref().is_none_or(|b| shortest > b.0) {
            best = Some((shortest, parts));
        }
    };
    for i in 3..=raw.len().saturating_sub(3) {
        let (Some(head), Some(tail)) = (raw.get(..i), raw.get(i..)) else { continue };
        let Some(first) = known(head) else { continue };
        if let Some(second) = known(tail) {
            offer(vec![(head.to_owned(), first), (tail.to_owned(), second)]);
        }
        for j in 3..=tail.len().saturating_sub(3) {
            let (Some(middle), Some(end)) = (tail.get(..j), tail.get(j..)) else { continue };
            if let (Some(second), Some(third)) = (known(middle), known(end)) {
                offer(vec![(head.to_owned(), first), (middle.to_owned(), second), (end.to_owned(), third)]);
            }
        }
    }
    best.map(|b| b.1)
}

/// Adds what the language says means the same.
fn add_synonyms(
    sequence: &[(String, u32)],
    places: &HashMap<String, usize>,
    language: &Language,
    vocabulary: &Vocabulary,
    weights: &Weights,
    concepts: &mut [Concept],
) {
    for start in 0..sequence.len() {
        let Some(first) = sequence.get(start) else { continue };
        for (group, member) in language.synonyms_from(&first.0) {
            let Some(phrases) = language.synonyms.get(*group) else { continue };
            let Some(phrase) = phrases.get(*member) else { continue };
            let here = sequence.get(start..start + phrase.len());
            if here.is_none_or(|h| h.iter().zip(phrase).any(|(a, b)| a.0 != *b)) {
                continue;
            }
            for other in phrases.iter().filter(|p| *p != phrase) {
                let terms: Option<Vec<u32>> =
                    other.iter().map(|s| vocabulary.number(s).filter(|t| vocabulary.documents(*t) > 0)).collect();
                let Some(terms) = terms else { continue };
                for word in phrase {
                    if let Some(concept) = places.get(word).and_then(|i| concepts.get_mut(*i)) {
                        concept.alternatives.push(Alternative { terms: terms.clone(), quality: weights.synonym });
                    }
                }
            }
        }
    }
}

/// Adds neighbouring words, and what they are when written together.
fn add_pairs(sequence: &[(String, u32)], places: &HashMap<String, usize>, vocabulary: &Vocabulary, wish: &mut Wish) {
    for two in sequence.windows(2) {
        let (Some(a), Some(b)) = (two.first(), two.get(1)) else { continue };
        if b.1.saturating_sub(a.1) > 2 || a.0 == b.0 {
            continue;
        }
        let telling = |s: &String| places.get(s).and_then(|i| wish.concepts.get(*i)).is_some_and(|c| c.telling);
        if !telling(&a.0) && !telling(&b.0) {
            continue;
        }
        let term = vocabulary
            .number(&format!("{}{PAIR}{}", a.0, b.0))
            .or_else(|| vocabulary.number(&format!("{}{}", a.0, b.0)));
        if let Some(term) = term {
            wish.pairs.push((term, vocabulary.rarity(term)));
        } else {
            wish.pair_total += vocabulary.unknown_rarity();
        }
    }
    wish.pair_total += wish.pairs.iter().map(|p| p.1).sum::<i64>();
    wish.pairs.sort_unstable();
    wish.pairs.dedup();
}

/// Names that may have been written out: the whole wish, each run without spaces, and up to five neighbouring words.
fn spelled(text: &str, language: &Language) -> Vec<String> {
    let chunks: Vec<&str> = text.split_whitespace().take(60).collect();
    let mut out = Vec::new();
    for length in 1..=5usize {
        for run in chunks.windows(length) {
            let joined = bare(&run.concat());
            // A single common word ("read", "owner") is a word, not a name that was spelled out.
            let common = language.verbs.contains_key(&joined)
                || language.names.contains_key(&joined)
                || language.is_weak(&joined);
            // One word alone is a name only where it is written like one: "Mail.Read", "ReadOnlyAccess".
            let like_a_name = length > 1
                || run.iter().any(|c| c.contains(['.', '_', ':']) || c.chars().skip(1).any(char::is_uppercase));
            if joined.len() >= 4 && !common && like_a_name {
                out.push(joined);
            }
        }
    }
    // The whole wish is a name even when it is a common word.
    out.push(bare(text));
    out
}
