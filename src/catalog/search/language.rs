//! What words mean: reviewed data, `catalog/language/words.yaml`, read once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::search::text::{Stems, words};
use crate::domain::entitlement::AccessLevel;

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    stop: Vec<String>,
    filler: Vec<String>,
    verbs: BTreeMap<AccessLevel, Vec<String>>,
    common_verbs: Vec<String>,
    names: BTreeMap<AccessLevel, Vec<String>>,
    broad: Vec<String>,
    wants_broad: Vec<String>,
    wants_own: Vec<String>,
    programs: Vec<String>,
    for_programs: Vec<String>,
    systems: BTreeMap<String, Vec<String>>,
    system_things: BTreeMap<String, Vec<String>>,
    system_contents: BTreeMap<String, Vec<String>>,
    synonyms: Vec<Vec<String>>,
    ladder: LadderFile,
}

/// The ladder's words as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LadderFile {
    verbs: BTreeMap<u16, Vec<String>>,
    objects: BTreeMap<u16, Vec<String>>,
    sensitive: BTreeMap<u16, Vec<String>>,
    own: Vec<String>,
}

/// What words mean, ready for use. Words are raw lower-case forms unless the field says stems.
#[derive(Debug, Default)]
pub struct Language {
    /// Dropped everywhere.
    pub stop: HashSet<String>,
    /// Say little.
    pub filler: HashSet<String>,
    /// What a verb asks for.
    pub verbs: HashMap<String, AccessLevel>,
    /// Verbs that say nothing about the thing.
    pub common_verbs: HashSet<String>,
    /// What a word in a name lets one do.
    pub names: HashMap<String, AccessLevel>,
    /// Names that reach far.
    pub broad: HashSet<String>,
    /// The asker means broad.
    pub wants_broad: HashSet<String>,
    /// The asker means their own.
    pub wants_own: HashSet<String>,
    /// The asker speaks of a program.
    pub programs: HashSet<String>,
    /// Phrases of texts that are for programs, lower case.
    pub for_programs: Vec<String>,
    /// Words that point at a system: the system's word and phrases as stems.
    pub systems: Vec<(String, Vec<Vec<String>>)>,
    /// Words that point at a system and are wished for as well.
    pub system_things: Vec<(String, Vec<Vec<String>>)>,
    /// What lives in a system and is not named by its roles: phrases as written, by the system's word.
    pub system_contents: BTreeMap<String, Vec<String>>,
    /// Synonym groups, each a list of phrases of stems.
    pub synonyms: Vec<Vec<Vec<String>>>,
    /// Where a first stem leads: group and phrase in [`Self::synonyms`].
    pub synonym_starts: HashMap<String, Vec<(usize, usize)>>,
    /// A ladder step by verb.
    pub ladder_verbs: HashMap<String, u16>,
    /// A ladder step by object: phrases of stems.
    pub ladder_objects: Vec<(Vec<String>, u16)>,
    /// A ladder step by object that is only looked at: phrases of stems.
    pub ladder_sensitive: Vec<(Vec<String>, u16)>,
    /// "Their own".
    pub ladder_own: HashSet<String>,
}

/// The embedded file.
const WORDS: &str = include_str!("../../../catalog/language/words.yaml");

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| parse(WORDS).unwrap_or_default());

/// The language everybody uses.
#[must_use]
pub fn language() -> &'static Language {
    &LANGUAGE
}

/// Reads the file. The embedded one is checked by a test, so that an unreadable one never ships.
fn parse(text: &str) -> Result<Language, String> {
    let file: File = serde_saphyr::from_str(text).map_err(|e| e.to_string())?;
    let mut stems = Stems::default();
    // Phrases lose the words that texts lose, so that "on premises" meets what is left of it there.
    let stop: HashSet<String> = file.stop.iter().cloned().collect();
    let mut phrase = |text: &String| -> Vec<String> {
        words(text).iter().filter(|w| !w.whole && !stop.contains(&w.raw)).map(|w| stems.stem(&w.raw)).collect()
    };
    let systems =
        file.systems.iter().map(|(key, list)| (key.clone(), list.iter().map(&mut phrase).collect())).collect();
    let system_things =
        file.system_things.iter().map(|(key, list)| (key.clone(), list.iter().map(&mut phrase).collect())).collect();
    let synonyms: Vec<Vec<Vec<String>>> =
        file.synonyms.iter().map(|group| group.iter().map(&mut phrase).collect()).collect();
    let mut synonym_starts: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    for (g, group) in synonyms.iter().enumerate() {
        for (m, member) in group.iter().enumerate() {
            if let Some(first) = member.first() {
                synonym_starts.entry(first.clone()).or_default().push((g, m));
            }
        }
    }
    let mut steps = |map: &BTreeMap<u16, Vec<String>>| -> Vec<(Vec<String>, u16)> {
        map.iter()
            .flat_map(|(step, list)| list.iter().map(|p| (p, *step)).collect::<Vec<_>>())
            .map(|(p, step)| (phrase(p), step))
            .collect()
    };
    let ladder_objects = steps(&file.ladder.objects);
    let ladder_sensitive = steps(&file.ladder.sensitive);
    Ok(Language {
        stop: file.stop.into_iter().collect(),
        filler: file.filler.into_iter().collect(),
        verbs: invert(file.verbs),
        common_verbs: file.common_verbs.into_iter().collect(),
        names: invert(file.names),
        broad: file.broad.into_iter().collect(),
        wants_broad: file.wants_broad.into_iter().collect(),
        wants_own: file.wants_own.into_iter().collect(),
        programs: file.programs.into_iter().collect(),
        for_programs: file.for_programs,
        systems,
        system_things,
        system_contents: file.system_contents,
        synonyms,
        synonym_starts,
        ladder_verbs: invert(file.ladder.verbs),
        ladder_objects,
        ladder_sensitive,
        ladder_own: file.ladder.own.into_iter().collect(),
    })
}

/// From "level: words" to "word: level"; the lowest level wins where a word is listed twice.
fn invert<L: Copy + Ord>(map: BTreeMap<L, Vec<String>>) -> HashMap<String, L> {
    let mut out = HashMap::new();
    for (level, list) in map {
        for word in list {
            out.entry(word).or_insert(level);
        }
    }
    out
}

/// The base form of a verb's `-ing`, where the table has it.
fn base_of<L: Copy>(table: &HashMap<String, L>, raw: &str) -> Option<L> {
    if let Some(level) = table.get(raw) {
        return Some(*level);
    }
    let stem = raw.strip_suffix("ing")?;
    if let Some(level) = table.get(stem).or_else(|| table.get(&format!("{stem}e"))) {
        return Some(*level);
    }
    // Doubled consonant: "resetting".
    let mut chars = stem.chars();
    let last = chars.next_back()?;
    let short = chars.as_str();
    if short.ends_with(last) { table.get(short).copied() } else { None }
}

impl Language {
    /// What this verb asks for; `None` where the word is no verb.
    #[must_use]
    pub fn verb(&self, raw: &str) -> Option<AccessLevel> {
        base_of(&self.verbs, raw)
    }

    /// The ladder step of this verb.
    #[must_use]
    pub fn ladder_verb(&self, raw: &str) -> Option<u16> {
        base_of(&self.ladder_verbs, raw)
    }

    /// The synonym phrases that begin with this stem: group and phrase.
    #[must_use]
    pub fn synonyms_from(&self, stem: &str) -> &[(usize, usize)] {
        self.synonym_starts.get(stem).map_or(&[], Vec::as_slice)
    }

    /// True where the word is dropped.
    #[must_use]
    pub fn is_stop(&self, raw: &str) -> bool {
        self.stop.contains(raw) || raw.chars().count() < 2
    }

    /// True where the word says little about the thing itself.
    #[must_use]
    pub fn is_weak(&self, raw: &str) -> bool {
        self.filler.contains(raw) || raw.strip_suffix('s').is_some_and(|one| self.filler.contains(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_words_are_readable_and_complete() {
        let language = parse(WORDS).unwrap();
        assert_eq!(language.verb("view"), Some(AccessLevel::Read));
        assert_eq!(language.verb("resetting"), Some(AccessLevel::Write));
        assert_eq!(language.verb("creating"), Some(AccessLevel::Write));
        assert_eq!(language.verb("settings"), None);
        assert!(language.is_stop("the"));
        assert!(language.is_weak("objects"));
        assert!(language.synonyms.iter().all(|g| g.len() > 1 && g.iter().all(|p| !p.is_empty())));
        assert_eq!(language.ladder_verb("transfer"), Some(1000));
    }
}
