//! What the index keeps of one document: its words with their strengths, its passages, and the facts the ranking asks for.

use std::collections::HashMap;

use crate::catalog::search::access::{given, wished};
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::language::Language;
use crate::catalog::search::passage::passages;
use crate::catalog::search::text::{Stems, Word, words};
use crate::catalog::search::vocabulary::{PAIR, Vocabulary};
use crate::catalog::search::weights::Weights;
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::{EntitlementId, SystemId};

/// The fields of a document, by how much a word in them counts.
pub const FIELDS: usize = 5;

/// Name and title, aliases.
pub const NAME: usize = 0;
/// Description.
pub const DESCRIPTION: usize = 1;
/// Long text.
pub const DETAILS: usize = 2;
/// Surroundings.
pub const CONTEXT: usize = 3;

/// What lives where it leads to.
pub const CONTENTS: usize = 4;

/// One word of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// Which term.
    pub term: u32,
    /// How strongly it stands there, 0 to 1000.
    pub strength: u16,
    /// True where it stands in the name or title.
    pub in_name: bool,
}

/// One sentence or bullet.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Its terms, sorted.
    pub terms: Vec<u32>,
    /// What it lets one do, where it says so.
    pub level: Option<AccessLevel>,
    /// Sum of its terms' rarities.
    pub weight: i64,
}

/// One document of the index.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which entitlement.
    pub id: EntitlementId,
    /// Where it lives.
    pub system: SystemId,
    /// What sort it is.
    pub kind: String,
    /// False for what cannot be asked for.
    pub assignable: bool,
    /// What it lets one do.
    pub access: AccessLevel,
    /// How strong, 0 to 5.
    pub power: u8,
    /// One of the keys to everything.
    pub privileged: bool,
    /// Its name says that it reaches very far.
    pub broad: bool,
    /// Everybody's, not only one's own (`….All`).
    pub all: bool,
    /// Made for programs.
    pub for_program: bool,
    /// A programming interface's scope.
    pub api_scope: bool,
    /// Which ladder, and the step in thousandths.
    pub ladder: Option<(usize, u16)>,
    /// The number of its system.
    pub system_number: usize,
    /// Its words, sorted by term.
    pub postings: Vec<Posting>,
    /// The telling words of its name and of its title, apart.
    pub names: [Vec<u32>; 2],
    /// Its sentences.
    pub passages: Vec<Passage>,
}

impl Entry {
    /// How strongly a term stands here; `None` where it does not.
    #[must_use]
    pub fn posting(&self, term: u32) -> Option<&Posting> {
        self.postings.binary_search_by_key(&term, |p| p.term).ok().and_then(|i| self.postings.get(i))
    }
}

/// A document with its words counted, before the collection's averages are known.
#[derive(Debug)]
pub struct Counted {
    /// Everything but the strengths.
    pub entry: Entry,
    /// Count of each term by field.
    pub counts: HashMap<u32, [u16; FIELDS]>,
    /// Length of each field in words.
    pub lengths: [u32; FIELDS],
}

/// A word cache: raw word to the number of its stem.
#[derive(Debug, Default)]
pub struct Numbers {
    known: HashMap<String, u32>,
    stems: Stems,
}

impl Numbers {
    fn number(&mut self, raw: &str, vocabulary: &mut Vocabulary) -> u32 {
        if let Some(n) = self.known.get(raw) {
            return *n;
        }
        let stem = self.stems.stem(raw);
        let n = vocabulary.intern(&stem);
        self.known.insert(raw.to_owned(), n);
        n
    }
}

/// Counts the words of a document. `more` is further long text (what a ladder's other steps say), `contents` what lives where it leads to;
/// `ladder` its ladder and step.
#[must_use]
#[expect(
    clippy::too_many_arguments,
    reason = "one document's parts and the three tables it is counted into; a struct would be made to be taken apart"
)]
pub fn count(
    doc: &SearchDoc,
    more: &str,
    contents: &[String],
    ladder: Option<(usize, u16)>,
    system_number: usize,
    language: &Language,
    vocabulary: &mut Vocabulary,
    numbers: &mut Numbers,
) -> Counted {
    let mut counts: HashMap<u32, [u16; FIELDS]> = HashMap::new();
    let mut lengths = [0u32; FIELDS];
    let mut add = |text: &str, field: usize, vocabulary: &mut Vocabulary, numbers: &mut Numbers| -> Vec<u32> {
        let list = words(text);
        add_words(&list, field, language, vocabulary, numbers, &mut counts, &mut lengths)
    };
    let telling_name = telling(&doc.name, language, vocabulary, numbers);
    let telling_title = telling(&doc.title, language, vocabulary, numbers);
    add(&doc.title, NAME, vocabulary, numbers);
    if text_differs(&doc.name, &doc.title) {
        add(&doc.name, NAME, vocabulary, numbers);
    }
    for alias in &doc.aliases {
        add(alias, NAME, vocabulary, numbers);
    }
    for text in [doc.context.as_str(), doc.system.as_str(), doc.kind.as_str()]
        .into_iter()
        .chain(doc.system_names.iter().map(String::as_str))
    {
        add(text, CONTEXT, vocabulary, numbers);
    }
    let mut kept = Vec::new();
    for (text, field) in [(doc.description.as_str(), DESCRIPTION), (doc.details.as_str(), DETAILS), (more, DETAILS)] {
        for passage in passages(text) {
            let mut terms = add(&passage, field, vocabulary, numbers);
            terms.sort_unstable();
            terms.dedup();
            if !terms.is_empty() && field != CONTEXT {
                kept.push(Passage { terms, level: wished(&words(&passage), language), weight: 0 });
            }
        }
    }
    for phrase in contents {
        let mut terms = add(phrase, CONTENTS, vocabulary, numbers);
        terms.sort_unstable();
        terms.dedup();
        kept.push(Passage { terms, level: None, weight: 0 });
    }
    // A title is a sentence too: "Read and write risky user information".
    let mut title_terms = telling_title.clone();
    title_terms.sort_unstable();
    title_terms.dedup();
    let access = doc.access.unwrap_or_else(|| given(&doc.name, &doc.title, &doc.description, language));
    kept.push(Passage { terms: title_terms, level: Some(access), weight: 0 });
    let lower = format!("{} {} {}", doc.kind.replace('_', " "), doc.title, doc.description).to_lowercase();
    let name_words = words(&doc.title);
    let is_scope = doc.kind.contains("permission") || doc.kind.contains("scope");
    let entry = Entry {
        id: doc.id.clone(),
        system: doc.system.clone(),
        kind: doc.kind.clone(),
        assignable: doc.assignable,
        access,
        power: power(doc, access),
        privileged: doc.privileged,
        broad: name_words.iter().any(|w| language.broad.contains(&w.raw)) && !is_scope,
        all: words(&doc.name).iter().any(|w| w.raw == "all"),
        for_program: language.for_programs.iter().any(|p| lower.contains(p.as_str())),
        api_scope: is_scope,
        ladder,
        system_number,
        postings: Vec::new(),
        names: [telling_name, telling_title],
        passages: kept,
    };
    Counted { entry, counts, lengths }
}

fn text_differs(name: &str, title: &str) -> bool {
    !name.eq_ignore_ascii_case(title)
}

/// Where no vendor said how strong something is, the access says it.
fn power(doc: &SearchDoc, access: AccessLevel) -> u8 {
    if doc.strength > 0 {
        return doc.strength.min(5);
    }
    let base = match access {
        AccessLevel::Read => 1,
        AccessLevel::Use => 2,
        AccessLevel::Write => 3,
        AccessLevel::Admin => 4,
    };
    base + u8::from(doc.privileged)
}

/// The telling words of a name: without those that only say how much it lets one do.
fn telling(name: &str, language: &Language, vocabulary: &mut Vocabulary, numbers: &mut Numbers) -> Vec<u32> {
    let list = words(name);
    let mut out: Vec<u32> = list
        .iter()
        .filter(|w| {
            !w.whole
                && !language.is_stop(&w.raw)
                && w.raw != "all"
                && (w.raw == "user" || w.raw == "users" || !language.names.contains_key(&w.raw))
        })
        .map(|w| numbers.number(&w.raw, vocabulary))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Counts words and pairs of neighbours into one field; gives the single words' numbers.
fn add_words(
    list: &[Word],
    field: usize,
    language: &Language,
    vocabulary: &mut Vocabulary,
    numbers: &mut Numbers,
    counts: &mut HashMap<u32, [u16; FIELDS]>,
    lengths: &mut [u32; FIELDS],
) -> Vec<u32> {
    let mut out = Vec::with_capacity(list.len());
    let mut before: Option<(u32, u32)> = None;
    let mut bump = |term: u32| {
        if let Some(slot) = counts.entry(term).or_insert([0; FIELDS]).get_mut(field) {
            *slot = slot.saturating_add(1);
        }
    };
    for word in list {
        if !word.whole && language.is_stop(&word.raw) {
            continue;
        }
        let number = numbers.number(&word.raw, vocabulary);
        bump(number);
        out.push(number);
        if word.whole {
            continue;
        }
        if let Some(length) = lengths.get_mut(field) {
            *length = length.saturating_add(1);
        }
        if let Some((previous, place)) = before
            && word.place.saturating_sub(place) <= 2
        {
            let pair = format!("{}{PAIR}{}", vocabulary.text(previous), vocabulary.text(number));
            bump(vocabulary.intern(&pair));
        }
        before = Some((number, word.place));
    }
    out
}

/// Finishes the entries once every document is counted: strengths after BM25F (Robertson, Zaragoza and Taylor 2004), passages' weights.
#[must_use]
pub fn finish(counted: Vec<Counted>, vocabulary: &Vocabulary, weights: &Weights) -> Vec<Entry> {
    let number = i64::try_from(counted.len()).unwrap_or(1).max(1);
    let mut averages = [1i64; FIELDS];
    for (field, average) in averages.iter_mut().enumerate() {
        let sum: i64 = counted.iter().map(|c| i64::from(c.lengths.get(field).copied().unwrap_or(0))).sum();
        *average = (sum * 1000 / number).max(1000);
    }
    let field_weights = [
        weights.field_name,
        weights.field_description,
        weights.field_details,
        weights.field_context,
        weights.field_contents,
    ];
    counted
        .into_iter()
        .map(|c| {
            let mut norms = [1000i64; FIELDS];
            for (field, norm) in norms.iter_mut().enumerate() {
                let length = i64::from(c.lengths.get(field).copied().unwrap_or(0)) * 1000;
                let average = averages.get(field).copied().unwrap_or(1000);
                *norm = (1000 - weights.b + weights.b * length / average).max(100);
            }
            let mut postings: Vec<Posting> = c
                .counts
                .iter()
                .map(|(term, by_field)| {
                    let weighted: i64 = (0..FIELDS)
                        .map(|f| {
                            let (n, w, norm) = (by_field.get(f), field_weights.get(f), norms.get(f));
                            i64::from(n.copied().unwrap_or(0)) * w.copied().unwrap_or(0) * 1000
                                / norm.copied().unwrap_or(1000)
                        })
                        .sum();
                    let strength = weighted * 1000 / (weighted + weights.k1).max(1);
                    let in_name = by_field.first().is_some_and(|n| *n > 0);
                    Posting { term: *term, strength: u16::try_from(strength).unwrap_or(1000), in_name }
                })
                .collect();
            postings.sort_unstable_by_key(|p| p.term);
            let mut entry = c.entry;
            entry.postings = postings;
            for passage in &mut entry.passages {
                passage.weight = passage.terms.iter().map(|t| vocabulary.rarity(*t)).sum::<i64>().max(1);
            }
            entry
        })
        .collect()
}
