//! What a short word is about when something is on the table: one of the choices shown, another step of the same ladder, another thing of the
//! same name.

use crate::domain::conversation::{Draft, DraftState, Question};
use crate::domain::entitlement::{AccessLevel, Entitlement};
use crate::domain::ids::EntitlementId;
use crate::understanding::ground::{Ground, MOST, content_words, level_word};
use crate::understanding::normalise::{Gap, Message};
use crate::understanding::slots;
use crate::understanding::types::{Ask, Candidate, Turn};

/// The draft the words are about: the one we asked about, else the newest open one.
#[must_use]
pub fn draft<'a>(turn: &Turn<'a>) -> Option<&'a Draft> {
    let asked = match turn.question {
        Some(Question::Which { draft } | Question::Reason { draft }) => Some(*draft),
        _ => None,
    };
    let open = |d: &&Draft| d.state == DraftState::Open;
    turn.drafts.iter().filter(open).find(|d| Some(d.id) == asked).or_else(|| turn.drafts.iter().rev().find(open))
}

/// The place in the list that the words name, counting from zero ("the second", "option 2", "the last one").
#[must_use]
pub fn ordinal(message: &Message, len: usize) -> Option<usize> {
    if len == 0 || message.tokens.len() > 7 {
        return None;
    }
    const NAMED: &[(&str, usize)] = &[
        ("first", 0),
        ("1st", 0),
        ("former", 0),
        ("second", 1),
        ("2nd", 1),
        ("third", 2),
        ("3rd", 2),
        ("fourth", 3),
        ("4th", 3),
        ("fifth", 4),
        ("5th", 4),
    ];
    let words: Vec<&str> = message.tokens.iter().filter(|t| !t.data).map(|t| t.word.as_str()).collect();
    const LEADS: &[&str] = &["option", "number", "choice", "nr"];
    let found = words.iter().enumerate().find_map(|(at, w)| {
        if matches!(*w, "last" | "latter") {
            return Some(len - 1);
        }
        if let Some((_, n)) = NAMED.iter().find(|(name, _)| name == w) {
            return Some(*n);
        }
        let number = match *w {
            "one" => Some(1),
            "two" => Some(2),
            "three" => Some(3),
            "four" => Some(4),
            "five" => Some(5),
            w => w.parse::<usize>().ok(),
        }?;
        // A number counts choices where it stands alone or behind "option"; "the staging one" and "two weeks" count nothing.
        let before = at.checked_sub(1).and_then(|n| words.get(n)).copied().unwrap_or("");
        let counts = words.len() == 1 || LEADS.contains(&before) || (before == "no" && w.parse::<usize>().is_ok());
        number.checked_sub(1).filter(|_| counts)
    });
    found.filter(|n| *n < len)
}

/// The words that say what is not wanted: those behind "not", "instead of" and "rather than", these included.
#[must_use]
pub fn unwanted(message: &Message) -> Vec<bool> {
    const HELPERS: &[&str] =
        &["do", "does", "did", "can", "could", "will", "would", "should", "may", "must", "have", "has"];
    let tokens = &message.tokens;
    let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.word.as_str());
    let mut out = vec![false; tokens.len()];
    for n in 0..tokens.len() {
        let lead = match (word(n), word(n + 1)) {
            ("instead", "of") | ("rather", "than") => 2,
            ("not", _) if n == 0 || !HELPERS.contains(&word(n - 1)) => 1,
            _ => 0,
        };
        if lead == 0 {
            continue;
        }
        let begin = n + lead;
        let ends = |k: usize| {
            tokens[k].gap >= Gap::Comma && k > begin
                || matches!(word(k), "but" | "and" | "please" | "instead" | "rather" | "until" | "for" | "because")
        };
        let end = (begin..tokens.len().min(begin + 5)).find(|k| ends(*k)).unwrap_or(tokens.len().min(begin + 5));
        out[n..end].iter_mut().for_each(|u| *u = true);
    }
    out
}

/// The words of a correction that name something, level words aside.
fn names(rest: &str) -> Vec<String> {
    content_words(rest).into_iter().filter(|w| !FILLER.contains(&w.as_str())).collect()
}

fn is_level(word: &str) -> bool {
    matches!(word, "read" | "write" | "admin" | "level" | "use" | "run" | "owner")
}

/// The entitlement a correction names, against the draft on the table; `None` where the words name none. `shunned` marks the tokens that
/// say what is not wanted, `rest` is what else the words may name.
#[must_use]
pub fn entitlement(message: &Message, rest: &str, shunned: &[bool], draft: &Draft, ground: &Ground<'_>) -> Option<Ask> {
    let no: Vec<&str> = message.tokens.iter().zip(shunned).filter(|(_, s)| **s).map(|(t, _)| t.word.as_str()).collect();
    let no: Vec<String> = names(&no.join(" "));
    let shuns = |id: &EntitlementId| {
        let things: Vec<&str> = no.iter().map(String::as_str).filter(|w| !is_level(w)).collect();
        !things.is_empty()
            && ground.among(&things.join(" "), std::slice::from_ref(id), "").first().is_some_and(|f| f.1 >= 8_000)
    };
    let listed: Vec<EntitlementId> =
        draft.choices.iter().filter(|id| (ground.may_see)(id) && !shuns(id)).cloned().collect();
    if no.is_empty()
        && let Some(n) = ordinal(message, listed.len())
    {
        let id = listed.get(n)?.clone();
        return Some(one(message.clean.trim(), id, 10_000, "the choice you named"));
    }
    let level = wanted_level(message, shunned);
    let wants_less = message.tokens.iter().any(|t| matches!(t.word.as_str(), "less" | "narrower" | "smaller"));
    let not_so_much = level.is_none() && no.iter().any(|w| is_level(w)) && no.iter().all(|w| is_level(w));
    let level = level.or((wants_less || not_so_much).then_some(AccessLevel::Read));
    let said: Vec<String> = names(rest);
    let said_thing: Vec<&String> = said.iter().filter(|w| !is_level(w)).collect();
    if said_thing.is_empty() {
        let stepped =
            level.and_then(|level| step(draft, level, ground).or_else(|| listed_step(draft, &listed, level, ground)));
        return stepped.or_else(|| other_than(draft, &listed, &no, &shuns, ground));
    }
    let phrase = said.join(" ");
    // Among what is shown first: "the staging one".
    let close = ground.among(&phrase, &listed, "among the choices shown");
    if let Some((best, share)) = close.first() {
        let clear = close.get(1).is_none_or(|(_, next)| next * 10 < share * 9);
        if *share >= 5_000 {
            let confidence = if clear && *share >= 8_000 {
                9_300
            } else if clear {
                8_500
            } else {
                6_500
            };
            let candidates = close.iter().map(|(c, _)| c.clone()).collect();
            let _ = best;
            return Some(Ask::new(rest.trim(), candidates, confidence));
        }
    }
    // Then like what is on the table, but as said: "the staging one" beside the production one.
    let current = draft.entitlement.as_ref().and_then(|id| ground.catalog.entitlement(id));
    let alone = ground.ask(&phrase, level);
    // The level stays what it is on the table where no other is said.
    let beside = current
        .map(|e| ground.ask(&format!("{phrase} {}", unlike(&e.title, &phrase)), level.or(Some(e.access))))
        .map(|ask| Ask { level, ..ask });
    let names_it = |ask: &Ask| {
        ask.candidates
            .first()
            .is_some_and(|c| !ground.among(&phrase, std::slice::from_ref(&c.entitlement), "").is_empty())
    };
    let mut ask = match beside {
        Some(b) if names_it(&b) && (!names_it(&alone) || alone.confidence_bp < 9_000) => b,
        _ if names_it(&alone) => alone,
        _ => return None,
    };
    if current.is_some_and(|e| ask.candidates.first().is_some_and(|c| c.entitlement == e.id)) {
        return None;
    }
    rest.trim().clone_into(&mut ask.phrase);
    Some(ask)
}

/// Words of corrections that name nothing.
const FILLER: &[&str] = &[
    "make",
    "change",
    "switch",
    "mean",
    "meant",
    "rather",
    "wait",
    "oops",
    "correction",
    "hold",
    "enough",
    "sufficient",
    "fine",
    "suffices",
    "less",
    "until",
    "sorry",
    "version",
    "environment",
    "env",
    "option",
    "take",
    "choose",
    "pick",
    "prefer",
    "wrong",
    "correct",
    "update",
    "set",
    "different",
    "better",
    "that",
    "hmm",
    "i",
    "till",
    "through",
];

/// The choice shown that has this level, where just one has: "the administrator".
fn listed_step(draft: &Draft, listed: &[EntitlementId], level: AccessLevel, ground: &Ground<'_>) -> Option<Ask> {
    let current = draft.entitlement.as_ref().and_then(|id| ground.catalog.entitlement(id));
    let mut fits = listed.iter().filter(|id| {
        let Some(e) = ground.catalog.entitlement(id) else { return false };
        e.access == level && current.is_none_or(|c| c.id != e.id && c.system == e.system)
    });
    let only = fits.next()?;
    fits.next().is_none().then(|| one(level_word(level), only.clone(), 9_200, "among the choices shown"))
}

/// The level said, in the words that say what is wanted.
fn wanted_level(message: &Message, shunned: &[bool]) -> Option<AccessLevel> {
    let mut found = None;
    let mut n = 0;
    while n < message.tokens.len() {
        let run = shunned[n..].iter().take_while(|s| !**s).count();
        if run > 0 {
            found = found.max(slots::level(message, (n, n + run)));
        }
        n += run.max(1);
    }
    found
}

/// The other step of the ladder the draft stands on: "write actually", "no, the edit one".
fn step(draft: &Draft, level: AccessLevel, ground: &Ground<'_>) -> Option<Ask> {
    let current = ground.catalog.entitlement(draft.entitlement.as_ref()?)?;
    if current.access == level {
        return None;
    }
    // Upwards the narrowest that allows as much; downwards never something that allows more than what is on the table.
    let up = level > current.access;
    let fits = |e: &Entitlement| e.id != current.id && e.access >= level && (up || e.access < current.access);
    let family: Vec<_> = ground.family(current).into_iter().filter(|e| fits(e)).collect();
    let evidence = || vec!["another step of the same ladder".to_owned()];
    let mut candidates: Vec<Candidate> = family
        .iter()
        .take(MOST)
        .map(|e| Candidate { entitlement: e.id.clone(), score_milli: 1_000, evidence: evidence() })
        .collect();
    let mut confidence = 9_200;
    if candidates.is_empty() {
        let ask = ground.ask(&format!("{} {}", level_word(level), unlike(&current.title, "")), Some(level));
        let known = ask.candidates.into_iter().filter_map(|c| Some((ground.catalog.entitlement(&c.entitlement)?, c)));
        let mut near: Vec<_> = known.filter(|(e, _)| e.system == current.system && fits(e)).collect();
        near.sort_by_key(|(e, _)| e.access);
        candidates = near.into_iter().map(|(_, c)| c).collect();
        confidence = ask.confidence_bp.clamp(7_500, 9_200);
    }
    (!candidates.is_empty()).then(|| Ask { level: Some(level), ..Ask::new(level_word(level), candidates, confidence) })
}

/// Something like what is on the table that does not go by the words that were turned down: "not production".
fn other_than(
    draft: &Draft,
    listed: &[EntitlementId],
    no: &[String],
    shuns: &dyn Fn(&EntitlementId) -> bool,
    ground: &Ground<'_>,
) -> Option<Ask> {
    let current = draft.entitlement.as_ref().and_then(|id| ground.catalog.entitlement(id));
    if no.is_empty() || current.is_some_and(|e| !shuns(&e.id)) {
        return None;
    }
    let mut found: Vec<EntitlementId> = Vec::new();
    if let Some(current) = current {
        let kept: Vec<String> =
            content_words(&unlike(&current.title, "")).into_iter().filter(|w| !no.contains(w)).collect();
        let kept: Vec<String> = kept.into_iter().filter(|w| !ENVIRONMENTS.contains(&w.as_str())).collect();
        let about_it = |id: &EntitlementId| {
            let words = ground.catalog.entitlement(id).map(|e| content_words(&e.title)).unwrap_or_default();
            kept.iter().any(|w| words.contains(w))
        };
        let as_much = |id: &EntitlementId| ground.catalog.entitlement(id).is_some_and(|e| e.access == current.access);
        let near = ground.find(&format!("{} {}", level_word(current.access), kept.join(" "))).into_iter().map(|h| h.id);
        found.extend(near.filter(|id| *id != current.id && !shuns(id) && about_it(id) && as_much(id)));
    }
    found.extend(listed.iter().filter(|id| Some(*id) != draft.entitlement.as_ref()).cloned());
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|id| seen.insert(id.clone()));
    found.truncate(MOST);
    let why = || vec!["like it, but not what you turned down".to_owned()];
    let candidates: Vec<Candidate> =
        found.into_iter().map(|id| Candidate { entitlement: id, score_milli: 1_000, evidence: why() }).collect();
    let confidence = if candidates.len() == 1 { 7_500 } else { 6_500 };
    (!candidates.is_empty()).then(|| Ask::new(format!("not {}", no.join(" ")), candidates, confidence))
}

/// Words for where something runs.
const ENVIRONMENTS: &[&str] = &["production", "staging", "test", "development", "dev", "sandbox", "qa", "live"];

/// A title without its level's words and without environments, which the words replace.
fn unlike(title: &str, said: &str) -> String {
    let names_environment = content_words(said).iter().any(|w| ENVIRONMENTS.contains(&w.as_str()));
    content_words(title)
        .into_iter()
        .filter(|w| !matches!(w.as_str(), "read" | "write" | "admin" | "use"))
        .filter(|w| !(names_environment && ENVIRONMENTS.contains(&w.as_str())))
        .collect::<Vec<_>>()
        .join(" ")
}

/// An ask for one known entitlement.
#[must_use]
pub fn one(phrase: &str, id: EntitlementId, confidence_bp: u16, why: &str) -> Ask {
    let phrase: String = phrase.chars().take(200).collect();
    let only = Candidate { entitlement: id, score_milli: 1_000, evidence: vec![why.to_owned()] };
    Ask::new(phrase, vec![only], confidence_bp)
}
