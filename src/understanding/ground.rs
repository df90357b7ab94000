//! From a phrase to entitlements that exist. Every id comes out of this turn's search; nothing near is said so, never papered over.
//!
//! Least privilege: of steps of one ladder that satisfy the words, the narrowest is proposed and the wider ones stand beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::engine::{Answer, Hit, Index, SearchFilter};
use crate::catalog::search::language::language;
use crate::domain::entitlement::{AccessLevel, Entitlement, System};
use crate::domain::ids::{EntitlementId, SystemId};
use crate::understanding::normalise::fold;
use crate::understanding::types::{Ask, Candidate};
use crate::understanding::vocabulary;

/// At most so many candidates an ask.
pub const MOST: usize = 5;
/// Where the first hits all cover less of the phrase than this, nothing is near, basis points.
const NEAR: u16 = 3_000;
/// From this coverage on an entitlement of a named system is what was meant there, basis points.
const HALF: u16 = 5_000;
/// A system with at most so many entitlements is shown from its narrowest on.
const FEW: usize = 12;
/// A confidence with which choices are shown, basis points.
const ASKED_ABOUT: u16 = 6_500;
/// How many hits are looked at.
const LOOK: usize = 24;

/// Grounds phrases for one turn.
pub struct Ground<'a> {
    /// The catalog whose entitlements are meant.
    pub catalog: &'a Catalog,
    /// Its search.
    pub index: &'a Index,
    /// What the person may see.
    pub may_see: &'a dyn Fn(&EntitlementId) -> bool,
}

impl Ground<'_> {
    /// The entitlements nearest to a phrase, unfiltered by level.
    #[must_use]
    pub fn find(&self, phrase: &str) -> Vec<Hit> {
        self.answer(phrase).hits
    }

    fn answer(&self, phrase: &str) -> Answer {
        if !has_content(phrase) {
            return Answer::default();
        }
        let filter = SearchFilter { visible: Some(self.may_see), ..SearchFilter::default() };
        let mut answer = self.index.search(phrase, &filter, LOOK);
        // The catalog has the last word on what exists and who may see it.
        answer.hits.retain(|h| self.catalog.entitlement(&h.id).is_some() && (self.may_see)(&h.id));
        // The search may step along a ladder from what the words were found in to what they need, so the first few count together.
        // What the search puts before something near, it puts there for a reason of its own: what is to be done, and with how much power.
        let near = |h: &Hit| h.coverage_bp >= NEAR || self.on_ladder(&h.id);
        let before = answer.hits.iter().take(5).rposition(near).map_or(0, |last| last + 1);
        let mut place = 0;
        answer.hits.retain(|h| {
            place += 1;
            before > 0 && (place <= before || near(h))
        });
        answer
    }

    /// True for a step of a ladder that its maker numbered: the steps share their words, so how many are covered says little.
    fn on_ladder(&self, id: &EntitlementId) -> bool {
        self.catalog.entitlement(id).is_some_and(|e| e.ladder.is_some())
    }

    /// How much of the phrase its nearest entitlement covers, basis points; zero where nothing is near.
    #[must_use]
    pub fn nearness(&self, phrase: &str) -> u32 {
        self.find(phrase).first().map_or(0, |h| u32::from(h.coverage_bp))
    }

    /// True where the phrase is, letter for letter, what something is called.
    #[must_use]
    pub fn is_name(&self, phrase: &str) -> bool {
        let wanted = name_words(phrase);
        !wanted.is_empty()
            && self
                .find(phrase)
                .iter()
                .take(3)
                .filter_map(|h| self.catalog.entitlement(&h.id))
                .any(|e| goes_by(e, &wanted))
    }

    /// What a phrase may mean, best first, with a confidence that says whether to show one card, choices, or a question.
    #[must_use]
    pub fn ask(&self, phrase: &str, level: Option<AccessLevel>) -> Ask {
        let said = phrase.trim();
        let query = match level {
            Some(level) if !mentions_level(said) => format!("{} {said}", level_word(level)),
            _ => said.to_owned(),
        };
        let answer = self.answer(&query);
        if let Some(ask) = self.where_it_was_said_to_be(said, level, &answer) {
            return ask;
        }
        let hits = &answer.hits;
        let empty = Ask { level, ..Ask::new(said, Vec::new(), 0) };
        let Some(top) = hits.first() else { return empty };
        let known: Vec<(&Hit, &Arc<Entitlement>)> =
            hits.iter().filter_map(|h| Some((h, self.catalog.entitlement(&h.id)?))).collect();
        let Some((_, first)) = known.first() else { return empty };
        let wanted = name_words(said);
        let exact = |e: &Entitlement| !wanted.is_empty() && goes_by(e, &wanted);
        let core = core(first);
        let is_step = |f: &Hit, e: &Entitlement| {
            let other = self::core(e);
            let related = other.iter().all(|w| core.contains(w)) || core.iter().all(|w| other.contains(w));
            let near = if other == core { 3 } else { 7 };
            e.system == first.system && related && u64::from(f.score_milli) * 10 >= u64::from(top.score_milli) * near
        };
        // The ladder the nearest stands on, narrowest first.
        let mut ladder: Vec<(&Hit, &Arc<Entitlement>)> = known.iter().copied().filter(|(f, e)| is_step(f, e)).collect();
        ladder.sort_by_key(|(f, e)| (e.access, e.privileged, e.privilege, std::cmp::Reverse(f.score_milli)));
        let fits = |e: &Entitlement| level.is_none_or(|l| e.access >= l);
        let chosen = if level.is_none() {
            // Where a verb says what is to be done, the search has weighed it; where none does, the narrowest step of just this ladder is meant.
            let narrowest = ladder.iter().copied().find(|(_, e)| e.access <= first.access);
            let verbless = answer.access.is_none() && !exact(first) && first.ladder.is_none();
            narrowest.filter(|_| verbless).unwrap_or(known[0])
        } else {
            // A step too far down the list for the ladder still is what was asked for, where no nearer one allows as much.
            let further = |(f, e): &(&Hit, &Arc<Entitlement>)| {
                e.system == first.system && fits(e) && u64::from(f.score_milli) * 2 >= u64::from(top.score_milli)
            };
            let on_ladder = ladder.iter().copied().find(|(_, e)| fits(e));
            on_ladder.or_else(|| known.iter().copied().find(further)).unwrap_or(known[0])
        };
        let mut evidence = Vec::new();
        if !chosen.0.matched.is_empty() {
            evidence.push(format!("found by {}", list(&chosen.0.matched)));
        }
        let covered = hits.iter().take(3).map(|h| h.coverage_bp).max().unwrap_or(0);
        let mut confidence = from_coverage(covered);
        if first.ladder.is_some() {
            // Enough to be asked about, whatever share of the words stands in its text.
            confidence = confidence.max(5_000);
        }
        let steps = ladder.len();
        if steps > 1 {
            let narrower = ladder.iter().any(|(_, e)| e.access < chosen.1.access && fits(e));
            if !narrower {
                evidence.push(format!("the narrowest of {steps} that {}", level.map_or("fit", satisfies)));
            }
            if level.is_none() && !exact(chosen.1) {
                confidence = confidence.min(8_800);
            }
            // Where everything is asked for, the narrower steps are shown beside it.
            if chosen.1.access == AccessLevel::Admin && ladder.iter().any(|(_, e)| e.access < AccessLevel::Admin) {
                confidence = confidence.min(8_900);
            }
        }
        if exact(chosen.1) && fits(chosen.1) {
            confidence = confidence.max(9_500);
            evidence.push("called just that".into());
        }
        if !fits(chosen.1) {
            confidence = confidence.min(6_900);
            evidence.push(format!("nothing near it {}", level.map_or("fits", satisfies)));
        }
        // How close the next best comes that is something else.
        let rival = known.iter().find(|(_, e)| e.id != chosen.1.id && !ladder.iter().any(|(_, l)| l.id == e.id));
        if let Some((f, e)) = rival {
            let ratio = u64::from(f.score_milli) * 100 / u64::from(top.score_milli.max(1));
            let both_exact = exact(chosen.1) && exact(e);
            if !exact(chosen.1) || both_exact {
                confidence = confidence.min(match ratio {
                    97.. => 6_800,
                    90.. => 7_900,
                    80.. => 8_900,
                    _ => 10_000,
                });
            }
        }
        let mut candidates = vec![candidate(chosen.0, evidence)];
        let rest = ladder.iter().chain(known.iter()).filter(|(_, e)| e.id != chosen.1.id);
        let mut seen: BTreeSet<&EntitlementId> = BTreeSet::new();
        for (f, e) in rest {
            if candidates.len() >= MOST {
                break;
            }
            if seen.insert(&e.id) && u64::from(f.score_milli) * 2 >= u64::from(top.score_milli) {
                let why = if ladder.iter().any(|(_, l)| l.id == e.id) {
                    format!("another step of the same ladder: {}", level_word(e.access))
                } else {
                    format!("found by {}", list(&f.matched))
                };
                candidates.push(candidate(f, vec![why]));
            }
        }
        Ask { level, ..Ask::new(said, candidates, confidence) }
    }

    /// What there is in the system that was named, where nothing of it is near the rest of the words: "the payments repo on GitHub" means GitHub,
    /// even where only the ledger speaks of payments. It is asked about, never proposed.
    fn where_it_was_said_to_be(&self, said: &str, level: Option<AccessLevel>, answer: &Answer) -> Option<Ask> {
        let places = self.places(said, answer);
        let there = |e: &Entitlement| places.contains(&e.system);
        let wanted = name_words(said);
        let known: Vec<(&Hit, &Arc<Entitlement>)> =
            answer.hits.iter().filter_map(|h| Some((h, self.catalog.entitlement(&h.id)?))).collect();
        let found = known.iter().any(|(h, e)| there(e) && h.coverage_bp >= HALF || goes_by(e, &wanted));
        if places.is_empty() || found {
            return None;
        }
        let fits = |e: &Entitlement| level.is_none_or(|l| e.access >= l);
        let all = self.catalog.entitlements.values().filter(|e| there(e) && e.assignable && (self.may_see)(&e.id));
        let mut all: Vec<&Arc<Entitlement>> = all.collect();
        // Of a large system only what the words found is worth showing.
        let place = |e: &Entitlement| known.iter().position(|(h, _)| h.id == e.id);
        if all.len() > FEW {
            all.retain(|e| place(e).is_some());
        }
        all.sort_by_key(|e| {
            (e.privileged, !fits(e), place(e).unwrap_or(usize::MAX), e.access, e.privilege, e.id.clone())
        });
        let score = |e: &Entitlement| known.iter().find(|(h, _)| h.id == e.id).map_or(0, |(h, _)| h.score_milli);
        let candidates: Vec<Candidate> = all
            .into_iter()
            .take(MOST)
            .map(|e| {
                let system = self.catalog.systems.get(&e.system).map_or(e.system.as_str(), |s| s.title.as_str());
                let why = format!("in {system}, which you named");
                Candidate { entitlement: e.id.clone(), score_milli: score(e), evidence: vec![why] }
            })
            .collect();
        (!candidates.is_empty()).then(|| Ask { level, ..Ask::new(said, candidates, ASKED_ABOUT) })
    }

    /// The systems a phrase says its thing is in: those called by a name that is theirs alone, else those that what stands behind its last "on" or
    /// "in" is just the name of ("the roadmap on the wiki").
    fn places(&self, said: &str, answer: &Answer) -> Vec<SystemId> {
        if !answer.called.is_empty() {
            return answer.called.clone();
        }
        let said = format!(" {} ", fold(said));
        let behind = |word: &&str| said.rsplit_once(&format!(" {word} ")).map(|(_, behind)| behind);
        let tails = ["on", "in", "at", "inside", "within"].iter().filter_map(behind);
        let Some(named) = tails.min_by_key(|t| t.len()).map(name_words).filter(|n| !n.is_empty()) else {
            return Vec::new();
        };
        let goes_by = |s: &System| {
            std::iter::once(s.title.as_str())
                .chain([s.id.as_str()])
                .chain(s.aliases.iter().map(String::as_str))
                .any(|name| name_words(name) == named)
        };
        self.catalog.systems.values().filter(|s| goes_by(s)).map(|s| s.id.clone()).collect()
    }

    /// True where the first candidate is in the system that the phrase says it is in.
    #[must_use]
    pub fn is_placed(&self, ask: &Ask) -> bool {
        let first = ask.candidates.first().and_then(|c| self.catalog.entitlement(&c.entitlement));
        first.is_some_and(|e| self.places(&ask.phrase, &self.answer(&ask.phrase)).contains(&e.system))
    }

    /// What the name of a thing may mean, where no level was said: a verb that only stands in the name ("contract archive") asks for nothing, so
    /// the narrowest step of the same ladder is the one proposed.
    #[must_use]
    pub fn ask_thing(&self, phrase: &str, level: Option<AccessLevel>) -> Ask {
        let ask = self.ask(phrase, level);
        let first_word = fold(phrase).split_whitespace().next().unwrap_or("").to_owned();
        if level.is_some() || language().verb(&first_word).is_some() {
            return ask;
        }
        let of = |ask: &Ask| ask.candidates.first().and_then(|c| self.catalog.entitlement(&c.entitlement)).cloned();
        let Some(found) = of(&ask).filter(|e| e.access > AccessLevel::Read && !goes_by(e, &name_words(phrase))) else {
            return ask;
        };
        let mut narrow = Ask { level: None, ..self.ask(phrase, Some(AccessLevel::Read)) };
        match of(&narrow) {
            Some(e) if e.system == found.system && e.access < found.access && core(&e) == core(&found) => {
                let wider = ask.candidates.into_iter().find(|c| c.entitlement == found.id);
                let known = narrow.candidates.iter().any(|c| c.entitlement == found.id);
                narrow.candidates.extend(wider.filter(|_| !known));
                narrow.candidates.truncate(MOST);
                narrow.confidence_bp = narrow.confidence_bp.min(8_800);
                narrow
            }
            _ => ask,
        }
    }

    /// The other steps of the ladder this stands on: of the same system and about the same thing, narrowest first. Where nothing is about
    /// just the same, what is about a part of it or more.
    #[must_use]
    pub fn family(&self, of: &Entitlement) -> Vec<Arc<Entitlement>> {
        let own = core(of);
        let near: Vec<(Vec<String>, &Arc<Entitlement>)> = self
            .catalog
            .entitlements
            .values()
            .filter(|e| e.system == of.system && e.id != of.id && e.kind == of.kind && (self.may_see)(&e.id))
            .map(|e| (core(e), e))
            .collect();
        let same: Vec<&Arc<Entitlement>> = near.iter().filter(|(c, _)| *c == own).map(|(_, e)| *e).collect();
        let related = |c: &Vec<String>| {
            !c.is_empty() && (c.iter().all(|w| own.contains(w)) || !own.is_empty() && own.iter().all(|w| c.contains(w)))
        };
        let wider = near.iter().filter(|(c, _)| *c != own && related(c)).map(|(_, e)| *e);
        let mut out: Vec<(bool, &Arc<Entitlement>)> =
            same.into_iter().map(|e| (false, e)).chain(wider.map(|e| (true, e))).collect();
        out.sort_by_key(|(wider, e)| (*wider, e.access, e.privileged, e.privilege));
        out.into_iter().map(|(_, e)| Arc::clone(e)).collect()
    }

    /// How many of an ask's content words its first candidate speaks of, basis points: a check on weak words, where a single rare word found
    /// somewhere is not enough.
    #[must_use]
    pub fn share(&self, ask: &Ask) -> u16 {
        let said = content_words(&ask.phrase);
        let Some(id) = ask.candidates.first().map(|c| &c.entitlement) else { return 0 };
        let Some(e) = self.catalog.entitlement(id) else { return 0 };
        if said.is_empty() {
            return 0;
        }
        let hits = self.find(&ask.phrase);
        let matched = hits.iter().find(|h| h.id == *id).map(|h| h.matched.clone()).unwrap_or_default();
        let mut texts: BTreeSet<String> = matched.iter().map(|w| fold(w)).collect();
        let system = self.catalog.systems.get(&e.system);
        for text in [&e.title, &e.name, &e.description].into_iter().chain(&e.aliases) {
            texts.extend(content_words(text));
        }
        if let Some(system) = system {
            texts.extend(content_words(&system.title));
            texts.extend(system.aliases.iter().flat_map(|a| content_words(a)));
        }
        // Several telling words found, and little else said: that the words stand in a technical name does not matter.
        let told = hits.iter().find(|h| h.id == *id).is_some_and(|h| h.matched.len() >= 2 && h.coverage_bp >= 7_000);
        if told {
            return 7_500;
        }
        let met = said.iter().filter(|w| texts.iter().any(|t| same_word(t, w))).count();
        u16::try_from(met * 10_000 / said.len()).unwrap_or(10_000)
    }

    /// Which of a few known entitlements (choices, held access) the words mean, best first; none where no word of theirs is said.
    #[must_use]
    pub fn among(&self, words: &str, ids: &[EntitlementId], why: &str) -> Vec<(Candidate, u32)> {
        let said: Vec<String> = content_words(words);
        if said.is_empty() {
            return Vec::new();
        }
        let mut scored: Vec<(Candidate, u32)> = Vec::new();
        for id in ids {
            let Some(e) = self.catalog.entitlement(id) else { continue };
            let system = self.catalog.systems.get(&e.system);
            let mut strong: BTreeSet<String> = content_words(&e.title).into_iter().collect();
            strong.extend(e.aliases.iter().flat_map(|a| content_words(a)));
            strong.extend(content_words(&e.name.replace(['_', '.', '/', ':', '-'], " ")));
            strong.insert(level_word(e.access).to_owned());
            let mut weak: BTreeSet<String> = content_words(&e.description).into_iter().collect();
            weak.extend(content_words(system.map_or("", |s| s.title.as_str())));
            weak.extend(system.iter().flat_map(|s| s.aliases.iter().flat_map(|a| content_words(a))));
            let points: u32 = said
                .iter()
                .map(|w| {
                    let near = |set: &BTreeSet<String>| set.iter().any(|t| same_word(t, w));
                    if near(&strong) { 10 } else { u32::from(near(&weak)) * 5 }
                })
                .sum();
            let share = points * 1_000 / u32::try_from(said.len()).unwrap_or(1).max(1);
            if share >= 3_000 {
                scored.push((
                    Candidate { entitlement: id.clone(), score_milli: share / 10, evidence: vec![why.to_owned()] },
                    share,
                ));
            }
        }
        scored.sort_by_key(|(_, share)| std::cmp::Reverse(*share));
        scored.truncate(MOST);
        scored
    }
}

fn candidate(found: &Hit, evidence: Vec<String>) -> Candidate {
    Candidate { entitlement: found.id.clone(), score_milli: found.score_milli, evidence }
}

fn from_coverage(coverage_bp: u16) -> u16 {
    // A straight line: all of the phrase covered is 9500, half of it 6250.
    u16::try_from(3_000 + u32::from(coverage_bp.min(10_000)) * 65 / 100).unwrap_or(9_500)
}

fn satisfies(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::Read => "can read",
        AccessLevel::Use => "can use",
        AccessLevel::Write => "can write",
        AccessLevel::Admin => "can administer",
    }
}

/// The word for an access level.
#[must_use]
pub fn level_word(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::Read => "read",
        AccessLevel::Use => "use",
        AccessLevel::Write => "write",
        AccessLevel::Admin => "admin",
    }
}

fn list(words: &[String]) -> String {
    let shown: Vec<String> = words.iter().take(8).map(|w| w.chars().take(40).collect()).collect();
    shown.join(", ")
}

/// Words that say a level and nothing about the thing.
const LEVELS: &[&str] = &[
    "read",
    "reader",
    "readers",
    "view",
    "viewer",
    "viewers",
    "viewing",
    "write",
    "writer",
    "writers",
    "edit",
    "editor",
    "editors",
    "admin",
    "admins",
    "administrator",
    "administrators",
    "owner",
    "user",
    "users",
    "use",
    "member",
    "only",
    "full",
    "manager",
    "contributor",
    "maintainer",
    "maintain",
    "triage",
    "commenter",
    "guest",
    "change",
    "manage",
    "browse",
    "see",
    "look",
    "at",
    "contribute",
    "run",
    "reading",
    "editing",
    "writing",
    "work",
    "full-access",
];

fn mentions_level(phrase: &str) -> bool {
    fold(phrase).split(|c: char| !c.is_alphanumeric()).any(|w| LEVELS.contains(&w))
}

/// What an entitlement is about, its level's words taken out: the same for all steps of one ladder.
fn core(e: &Entitlement) -> Vec<String> {
    let mut words: Vec<String> = fold(&e.title)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !LEVELS.contains(w) && !vocabulary::is_stop(w))
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

fn name_words(phrase: &str) -> Vec<String> {
    fold(phrase)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| {
            !w.is_empty() && !matches!(*w, "the" | "a" | "an" | "access" | "to" | "our" | "my" | "role" | "for" | "on")
        })
        .map(str::to_owned)
        .collect()
}

fn goes_by(e: &Entitlement, wanted: &[String]) -> bool {
    name_words(&e.title) == wanted
        || name_words(&e.name) == wanted
        || fold(e.id.as_str()) == wanted.join(":")
        || e.aliases.iter().any(|a| name_words(a) == wanted)
}

/// The words of a phrase that carry content.
#[must_use]
pub fn content_words(phrase: &str) -> Vec<String> {
    fold(phrase)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !vocabulary::is_stop(w))
        .map(|w| match w {
            "view" | "viewer" | "reader" | "viewing" => "read".to_owned(),
            "edit" | "editor" | "writer" => "write".to_owned(),
            "administrator" => "admin".to_owned(),
            "prod" => "production".to_owned(),
            other => other.to_owned(),
        })
        .collect()
}

fn has_content(phrase: &str) -> bool {
    phrase.split(|c: char| !c.is_alphanumeric()).any(|w| !w.is_empty() && !vocabulary::is_stop(&fold(w)))
}

/// The same word but for an ending or, in longer words, one slip.
fn same_word(a: &str, b: &str) -> bool {
    let singular = |w: &str| w.strip_suffix('s').filter(|s| s.len() > 2).unwrap_or(w).to_owned();
    a == b
        || singular(a) == singular(b)
        || (a.len() > 5 && b.len() > 5 && a.is_ascii() && b.is_ascii() && strsim::osa_distance(a, b) <= 1)
        || (b.len() >= 4 && a.starts_with(b) && a.len() <= b.len() + 4)
}
