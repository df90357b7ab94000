//! The index: built once in memory, asked many times, by any number of threads.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use tantivy::directory::RamDirectory;
use tantivy::query::{BooleanQuery, BoostQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Searcher, SingleSegmentIndexWriter, TantivyDocument, Term};

use crate::catalog::search::confidence;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::entry::{Counted, Entry, Numbers, count, finish};
use crate::catalog::search::ladder;
use crate::catalog::search::language::{Language, language};
use crate::catalog::search::query::{SystemPhrases, Wish, read};
use crate::catalog::search::rank::{Rating, rate};
use crate::catalog::search::text::{Stems, bare, words};
use crate::catalog::search::vocabulary::Vocabulary;
use crate::catalog::search::weights::Weights;
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::{EntitlementId, SystemId};

/// Where at most this many documents may be answered, all of them are weighed and the full-text index is not asked.
const SMALL: usize = 64;

/// From this coverage on (basis points) an entitlement counts as doing what was asked.
const SATISFIED_BP: i64 = 5_000;

/// Memory the full-text index may use while it is built, in bytes.
const BUILD_MEMORY: usize = 64 * 1024 * 1024;

/// Why an index could not be built.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The full-text engine failed.
    #[error("the search index could not be built: {0}")]
    Engine(#[from] tantivy::TantivyError),
}

/// What may be answered.
#[derive(Clone, Copy, Default)]
pub struct SearchFilter<'a> {
    /// Only these systems; empty means every system.
    pub systems: &'a [SystemId],
    /// Only these kinds; empty means every kind.
    pub kinds: &'a [String],
    /// Also what cannot be asked for.
    pub unassignable_too: bool,
    /// What the asker may see; `None` means everything.
    pub visible: Option<&'a dyn Fn(&EntitlementId) -> bool>,
}

impl std::fmt::Debug for SearchFilter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchFilter")
            .field("systems", &self.systems)
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which entitlement.
    pub id: EntitlementId,
    /// Its score, thousandths; comparable within one answer only.
    pub score_milli: u32,
    /// The share of the wish's telling words it covers, by rarity, basis points.
    pub coverage_bp: u16,
    /// The telling words that were found.
    pub matched: Vec<String>,
    /// The telling words that were not.
    pub unmatched: Vec<String>,
    /// What it lets one do.
    pub access: AccessLevel,
}

/// The answers to one wish.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// How sure the first is, basis points; 9000 and more only where it is clearly the one.
    pub confidence_bp: u16,
    /// The access the words ask for.
    pub access: Option<AccessLevel>,
    /// The systems that were called by a name that is theirs alone.
    pub called: Vec<SystemId>,
}

/// The index.
pub struct Index {
    entries: Vec<Entry>,
    vocabulary: Vocabulary,
    searcher: Searcher,
    fields: [Field; 2],
    /// Spelled-out names (letters and digits only) to entries.
    spelled: HashMap<String, Vec<u32>>,
    systems: Vec<SystemPhrases>,
    ladders: Vec<Vec<u32>>,
    /// A broad entitlement and the one of the same name without the broad word.
    siblings: Vec<(u32, u32)>,
    stems: Stems,
    weights: Weights,
    language: &'static Language,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Index {
    /// Builds the index of these documents.
    ///
    /// # Errors
    /// [`SearchError`] where the full-text engine fails.
    pub fn build(docs: impl IntoIterator<Item = SearchDoc>) -> Result<Self, SearchError> {
        Self::build_with(docs, Weights::default())
    }

    /// Builds the index with weights of one's own, for measuring.
    ///
    /// # Errors
    /// [`SearchError`] where the full-text engine fails.
    pub fn build_with(docs: impl IntoIterator<Item = SearchDoc>, weights: Weights) -> Result<Self, SearchError> {
        let language = language();
        let mut docs: Vec<SearchDoc> = docs.into_iter().collect();
        // The order of the documents must not matter.
        docs.sort_by(|a, b| a.id.cmp(&b.id));
        docs.dedup_by(|a, b| a.id == b.id);
        let mut stems = Stems::default();
        let (mut systems, system_numbers) = name_systems(&docs, language, &mut stems);
        let (ladder_of, ladders) = group_ladders(&docs);
        let mut vocabulary = Vocabulary::default();
        let mut numbers = Numbers::default();
        let mut counted = Vec::with_capacity(docs.len());
        let mut spelled: HashMap<String, Vec<u32>> = HashMap::new();
        for (i, doc) in docs.iter().enumerate() {
            let number = u32::try_from(i).unwrap_or(u32::MAX);
            let ladder = ladder_of.get(&number).copied();
            let more = ladder.map_or_else(String::new, |(group, _)| {
                ladders
                    .get(group)
                    .into_iter()
                    .flatten()
                    .filter(|n| **n != number)
                    .filter_map(|n| docs.get(*n as usize))
                    .map(|d| d.description.as_str())
                    .collect::<Vec<_>>()
                    .join("\n")
            });
            let contents = ladder.and_then(|_| language.system_contents.get(doc.system.as_str()));
            let contents = contents.map_or(&[][..], Vec::as_slice);
            let system = system_numbers.get(doc.system.as_str()).copied().unwrap_or(0);
            let one = count(doc, &more, contents, ladder, system, language, &mut vocabulary, &mut numbers);
            for (term, by_field) in &one.counts {
                vocabulary.count(*term);
                if by_field.first().is_some_and(|n| *n > 0) {
                    vocabulary.count_name(*term);
                }
            }
            for name in
                [doc.id.as_str(), &doc.name, &doc.title].into_iter().chain(doc.aliases.iter().map(String::as_str))
            {
                let list = spelled.entry(bare(name)).or_default();
                if list.last() != Some(&number) {
                    list.push(number);
                }
            }
            counted.push(one);
        }
        vocabulary.weigh(counted.len());
        keep_own_names(&mut systems, &counted, &vocabulary);
        let siblings = pair_siblings(&docs, language);
        let entries = finish(counted, &vocabulary, &weights);
        let (searcher, fields) = full_text(&entries, &vocabulary)?;
        Ok(Self {
            entries,
            vocabulary,
            searcher,
            fields,
            spelled,
            systems,
            ladders,
            siblings,
            stems,
            weights,
            language,
        })
    }

    /// How many entitlements it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True where it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entitlements nearest to these words, best first, at most `limit`.
    #[must_use]
    pub fn search(&self, words: &str, filter: &SearchFilter<'_>, limit: usize) -> Answer {
        let wish = read(words, self.language, &self.vocabulary, &self.systems, &self.weights, &mut self.stems.clone());
        let allowed: Vec<bool> = self.entries.iter().map(|e| admits(e, filter)).collect();
        let exact: BTreeSet<u32> = wish.spelled.iter().filter_map(|s| self.spelled.get(s)).flatten().copied().collect();
        let mut candidates = self.candidates(&wish, &allowed, limit.max(1));
        candidates.extend(exact.iter().filter(|n| allowed.get(**n as usize) == Some(&true)));
        let mut rated: BTreeMap<u32, Rating> = BTreeMap::new();
        for number in candidates {
            let Some(entry) = self.entries.get(number as usize) else { continue };
            let rating = rate(entry, &wish, exact.contains(&number), &self.vocabulary, &self.weights);
            rated.insert(number, rating);
        }
        self.climb(&wish, &allowed, &mut rated);
        self.settle_siblings(&wish, &mut rated);
        let mut order: Vec<(u32, Rating)> = rated.into_iter().filter(|r| r.1.score > 0).collect();
        // The better score; of equals the less powerful; of those the smaller id (entries stand in the order of their ids).
        order.sort_by_key(|(number, rating)| {
            (Reverse(rating.score), self.entries.get(*number as usize).map_or(u8::MAX, |e| e.power), *number)
        });
        self.prefer_narrower(&wish, &mut order);
        let confidence_bp = order.first().map_or(0, |first| {
            let second = order.get(1).map_or(0, |s| s.1.score);
            confidence::of_first(first.1.score, second, first.1.coverage_bp, first.1.name)
        });
        let hits = order.iter().take(limit).filter_map(|(number, rating)| self.hit(*number, rating, &wish)).collect();
        let system =
            |number: &usize| self.entries.iter().find(|e| e.system_number == *number).map(|e| e.system.clone());
        Answer { hits, confidence_bp, access: wish.access, called: wish.called.iter().filter_map(system).collect() }
    }

    /// The candidates: everything where little may be answered, else what the full-text index finds.
    fn candidates(&self, wish: &Wish, allowed: &[bool], limit: usize) -> BTreeSet<u32> {
        let few: Vec<u32> = allowed.iter().zip(0u32..).filter(|(a, _)| **a).map(|(_, n)| n).take(SMALL + 1).collect();
        if few.len() <= SMALL {
            return few.into_iter().collect();
        }
        let wanted = self.weights.candidates.max(limit.saturating_mul(2));
        let mut found: Vec<(f32, u32)> = Vec::new();
        let query = self.full_text_query(wish);
        let Ok(weight) = query.weight(EnableScoring::enabled_from_searcher(&self.searcher)) else {
            return BTreeSet::new();
        };
        for reader in self.searcher.segment_readers() {
            // A segment that cannot be read offers nothing; the answer is then poorer, never wrong.
            let _ = weight.for_each(reader, &mut |doc, score| {
                if allowed.get(doc as usize) == Some(&true) {
                    found.push((score, doc));
                }
            });
        }
        if found.len() > wanted {
            found.select_nth_unstable_by(wanted, |a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            found.truncate(wanted);
        }
        found.into_iter().map(|f| f.1).collect()
    }

    /// The wish as a full-text query: any word will do; telling words weigh more.
    fn full_text_query(&self, wish: &Wish) -> BooleanQuery {
        let any_telling = wish.concepts.iter().any(|c| c.telling && !c.alternatives.is_empty());
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut boosts: BTreeMap<u32, u32> = BTreeMap::new();
        for concept in wish.concepts.iter().filter(|c| c.telling || !any_telling) {
            for alternative in &concept.alternatives {
                let share = alternative.quality / i64::try_from(alternative.terms.len()).unwrap_or(1).max(1);
                for term in &alternative.terms {
                    let slot = boosts.entry(*term).or_default();
                    *slot = (*slot).max(u32::try_from(share).unwrap_or(0));
                }
            }
        }
        for (term, _) in &wish.pairs {
            boosts.entry(*term).or_insert(500);
        }
        for (term, boost) in boosts {
            for (field, weight) in self.fields.iter().zip([2u32, 1]) {
                let term = Term::from_field_text(*field, self.vocabulary.text(term));
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "small whole numbers; only picks candidates, never orders answers"
                )]
                let boost = (boost * weight) as f32 / 1000.0;
                clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(query), boost))));
            }
        }
        BooleanQuery::new(clauses)
    }

    /// Puts ladders in order: the words say which ladder, the step asked for says which of its roles.
    fn climb(&self, wish: &Wish, allowed: &[bool], rated: &mut BTreeMap<u32, Rating>) {
        for members in &self.ladders {
            let members: Vec<u32> =
                members.iter().copied().filter(|n| allowed.get(*n as usize) == Some(&true)).collect();
            let best = members.iter().filter_map(|n| rated.get(n)).copied().max_by_key(|r| r.score);
            // Where nothing but this ladder may be answered, the step alone decides.
            let alone = members.len() == rated.len() && !rated.is_empty();
            let Some(mut best) = best else { continue };
            // One word in passing does not call for a ladder: what the wish is about has to be found there.
            if !alone {
                best.score = best.score * best.coverage_bp / 10_000;
            }
            if best.score == 0 && alone && wish.step.is_some() {
                best.score = 100;
            }
            if best.score == 0 {
                continue;
            }
            for number in members {
                let Some((_, step)) = self.entries.get(number as usize).and_then(|e| e.ladder) else { continue };
                let own = rated.get(&number).map_or(0, |r| r.score);
                let rating = match wish.step {
                    Some(wanted) => {
                        let kept = ladder::kept(step, wanted, self.weights.ladder_above, self.weights.ladder_below);
                        // A tenth of the role's own words, so that they may settle what the steps leave open.
                        Rating { score: (best.score * 9 + own) / 10 * kept / 1000, ..best }
                    }
                    None => Rating { score: own, ..rated.get(&number).copied().unwrap_or_default() },
                };
                rated.insert(number, rating);
            }
        }
    }

    /// "Privileged X" after "X", "Global X" after "X", unless the broad one was asked for or does more of what was asked.
    fn settle_siblings(&self, wish: &Wish, rated: &mut BTreeMap<u32, Rating>) {
        if wish.wants_broad {
            return;
        }
        for (broad, narrow) in &self.siblings {
            let (Some(b), Some(n)) = (rated.get(broad).copied(), rated.get(narrow).copied()) else { continue };
            if b.score >= n.score && n.score > 0 && n.coverage_bp >= b.coverage_bp && !b.exact {
                rated.insert(*broad, Rating { score: n.score, ..b });
                rated.insert(*narrow, Rating { score: b.score.max(n.score + 1), ..n });
            }
        }
    }

    /// Among those as good as the first, the least powerful goes first, and of those the one that does the least besides.
    fn prefer_narrower(&self, wish: &Wish, order: &mut [(u32, Rating)]) {
        let Some((first, top)) = order.first().copied() else { return };
        let Some(leader) = self.entries.get(first as usize) else { return };
        if wish.wants_broad || leader.ladder.is_some() || top.exact {
            return;
        }
        let least = top.score * self.weights.near_tie / 1000;
        let better = order
            .iter()
            .take_while(|(_, r)| r.score >= least)
            .enumerate()
            .filter_map(|(place, (number, rating))| {
                let entry = self.entries.get(*number as usize)?;
                let satisfies = rating.coverage_bp >= top.coverage_bp.max(SATISFIED_BP)
                    && entry.access >= wish.access.unwrap_or(AccessLevel::Read).min(AccessLevel::Write);
                (satisfies && entry.system == leader.system).then_some((
                    entry.power,
                    entry.privileged,
                    entry.passages.len(),
                    place,
                ))
            })
            .min();
        if let Some((.., place)) = better
            && let Some(part) = order.get_mut(..=place)
        {
            part.rotate_right(1);
        }
    }

    fn hit(&self, number: u32, rating: &Rating, wish: &Wish) -> Option<Hit> {
        let entry = self.entries.get(number as usize)?;
        let mut matched = Vec::new();
        let mut unmatched = Vec::new();
        for concept in wish.concepts.iter().filter(|c| c.telling) {
            let here = concept.alternatives.iter().any(|a| a.terms.iter().all(|t| entry.posting(*t).is_some()));
            if here { matched.push(concept.word.clone()) } else { unmatched.push(concept.word.clone()) }
        }
        Some(Hit {
            id: entry.id.clone(),
            score_milli: u32::try_from(rating.score.max(0)).unwrap_or(u32::MAX),
            coverage_bp: u16::try_from(rating.coverage_bp.clamp(0, 10_000)).unwrap_or(0),
            matched,
            unmatched,
            access: entry.access,
        })
    }
}

/// True where the filter lets an entry through.
fn admits(entry: &Entry, filter: &SearchFilter<'_>) -> bool {
    (entry.assignable || filter.unassignable_too)
        && (filter.systems.is_empty() || filter.systems.contains(&entry.system))
        && (filter.kinds.is_empty() || filter.kinds.contains(&entry.kind))
        && filter.visible.is_none_or(|visible| visible(&entry.id))
}

/// The phrases that name each system: what its documents call it, and what the language knows for the words of its id.
fn name_systems(
    docs: &[SearchDoc],
    language: &Language,
    stems: &mut Stems,
) -> (Vec<SystemPhrases>, BTreeMap<String, usize>) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for doc in docs {
        let entry = names.entry(doc.system.as_str()).or_default();
        entry.extend(doc.system_names.iter().map(String::as_str));
    }
    let mut numbers = BTreeMap::new();
    let mut out = Vec::new();
    for (number, (system, known)) in names.into_iter().enumerate() {
        let mut stem_all = |text: &str| -> Vec<String> {
            words(text).iter().filter(|w| !w.whole && !language.is_stop(&w.raw)).map(|w| stems.stem(&w.raw)).collect()
        };
        // What is written like a name, or is one to the machine, calls the system; "passwords" and "source code" say what it is about.
        let like_names = known.iter().filter(|name| name.chars().any(char::is_uppercase)).copied().chain([system]);
        let mut phrases =
            SystemPhrases { own_names: like_names.map(&mut stem_all).collect(), ..SystemPhrases::default() };
        phrases.names.extend(known.into_iter().map(&mut stem_all));
        phrases.names.push(stem_all(system));
        let of_system = |list: &[(String, Vec<Vec<String>>)]| {
            list.iter().filter(|(key, _)| key == system).flat_map(|(_, p)| p.clone()).collect::<Vec<_>>()
        };
        phrases.names.extend(of_system(&language.systems));
        phrases.own_names.extend(of_system(&language.systems));
        phrases.things.extend(of_system(&language.system_things));
        numbers.insert(system.to_owned(), number);
        out.push(phrases);
    }
    (out, numbers)
}

/// Keeps of the systems' own names those that stand for one system alone. Every text of a system has the system's names, so a name is its own where few other
/// texts have its rarest word: at most a fifth of all that do.
fn keep_own_names(systems: &mut [SystemPhrases], counted: &[Counted], vocabulary: &Vocabulary) {
    let mut sizes = vec![0u32; systems.len()];
    for one in counted {
        if let Some(size) = sizes.get_mut(one.entry.system_number) {
            *size += 1;
        }
    }
    for (phrases, size) in systems.iter_mut().zip(sizes) {
        let rarest = |name: &[String]| {
            name.iter().map(|stem| vocabulary.number(stem).map_or(0, |term| vocabulary.documents(term))).min()
        };
        phrases.own_names.retain(|name| rarest(name).is_some_and(|texts| u64::from(texts) * 4 <= u64::from(size) * 5));
    }
}

/// Pairs of one system and kind whose titles are the same but for broad words: the broad one first.
fn pair_siblings(docs: &[SearchDoc], language: &Language) -> Vec<(u32, u32)> {
    let mut by_title: HashMap<(&str, &str, Vec<String>), u32> = HashMap::new();
    let titles: Vec<Vec<String>> =
        docs.iter().map(|d| words(&d.title).into_iter().filter(|w| !w.whole).map(|w| w.raw).collect()).collect();
    for ((doc, title), number) in docs.iter().zip(&titles).zip(0u32..) {
        by_title.entry((doc.system.as_str(), doc.kind.as_str(), title.clone())).or_insert(number);
    }
    let mut out = Vec::new();
    for ((doc, title), number) in docs.iter().zip(&titles).zip(0u32..) {
        let rest: Vec<String> = title.iter().filter(|w| !language.broad.contains(*w)).cloned().collect();
        if rest.len() < title.len()
            && let Some(narrow) = by_title.get(&(doc.system.as_str(), doc.kind.as_str(), rest))
        {
            out.push((number, *narrow));
        }
    }
    out.extend(said_to_be_narrower(docs));
    out
}

/// Pairs of one system of which the second's text says that it is the first but for something: "the same permissions as the X role, excluding …".
fn said_to_be_narrower(docs: &[SearchDoc]) -> Vec<(u32, u32)> {
    const SAME: &str = "same permissions as ";
    const LESS: [&str; 6] = ["exclud", "except", "exception", "but not", "but cannot", "without"];
    let mut titles: HashMap<(&str, String), u32> = HashMap::new();
    for (doc, number) in docs.iter().zip(0u32..) {
        titles.insert((doc.system.as_str(), doc.title.to_lowercase()), number);
    }
    let mut out = Vec::new();
    for (doc, narrow) in docs.iter().zip(0u32..) {
        for text in [&doc.description, &doc.details] {
            let Some(at) = find_ignoring_case(text, SAME) else { continue };
            let rest = text.get(at + SAME.len()..).unwrap_or("");
            let sentence = rest.split(['.', '\n']).next().unwrap_or("").to_lowercase();
            let name = sentence.trim_start_matches("the ").split(" role").next().unwrap_or("");
            let broad = titles.get(&(doc.system.as_str(), name.trim_end_matches([',', ' ']).to_owned()));
            if let Some(broad) = broad.filter(|b| **b != narrow && LESS.iter().any(|less| sentence.contains(less))) {
                out.push((*broad, narrow));
            }
        }
    }
    out
}

/// Where an ASCII phrase in lower case begins in a text of any case.
fn find_ignoring_case(text: &str, phrase: &str) -> Option<usize> {
    text.as_bytes().windows(phrase.len()).position(|w| w.eq_ignore_ascii_case(phrase.as_bytes()))
}

/// Which ladder a document stands on and at which step, by the document's number.
type LadderSteps = HashMap<u32, (usize, u16)>;

/// The ladders among the documents: which document stands on which, at which step; and the members of each.
fn group_ladders(docs: &[SearchDoc]) -> (LadderSteps, Vec<Vec<u32>>) {
    let mut groups: BTreeMap<(&str, &str, u8), Vec<u32>> = BTreeMap::new();
    for (doc, number) in docs.iter().zip(0u32..) {
        if let Some(step) = doc.ladder {
            groups.entry((doc.system.as_str(), doc.kind.as_str(), step.of)).or_default().push(number);
        }
    }
    let mut steps = HashMap::new();
    let mut members = Vec::new();
    for (group, list) in groups.into_values().enumerate() {
        for number in &list {
            if let Some(step) = docs.get(*number as usize).and_then(|d| d.ladder) {
                steps.insert(*number, (group, step.height()));
            }
        }
        members.push(list);
    }
    (steps, members)
}

/// Writes the full-text index: names apart from everything else, in one segment, in memory.
fn full_text(entries: &[Entry], vocabulary: &Vocabulary) -> Result<(Searcher, [Field; 2]), SearchError> {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::WithFreqs)
        .set_fieldnorms(true);
    let options = TextOptions::default().set_indexing_options(indexing);
    let names = schema.add_text_field("names", options.clone());
    let text = schema.add_text_field("text", options);
    let builder = tantivy::Index::builder().schema(schema.build());
    let mut writer: SingleSegmentIndexWriter =
        builder.single_segment_index_writer(RamDirectory::create(), BUILD_MEMORY)?;
    for entry in entries {
        let mut document = TantivyDocument::default();
        let in_names = entry.postings.iter().filter(|p| p.in_name).map(|p| p.term);
        document.add_pre_tokenized_text(names, pre_tokenized(in_names, vocabulary));
        document.add_pre_tokenized_text(text, pre_tokenized(entry.postings.iter().map(|p| p.term), vocabulary));
        writer.add_document(document)?;
    }
    let index = writer.finalize()?;
    let reader = index.reader()?;
    Ok((reader.searcher(), [names, text]))
}

fn pre_tokenized(terms: impl Iterator<Item = u32>, vocabulary: &Vocabulary) -> PreTokenizedString {
    let tokens = terms
        .enumerate()
        .map(|(position, term)| Token {
            offset_from: 0,
            offset_to: 0,
            position,
            text: vocabulary.text(term).to_owned(),
            position_length: 1,
        })
        .collect();
    PreTokenizedString { text: String::new(), tokens }
}
