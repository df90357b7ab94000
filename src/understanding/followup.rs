//! What a short word is about when something is on the table: one of the choices shown, another step of the same ladder, another thing of the
//! same name.

use crate::domain::conversation::{Draft, DraftState, Question};
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::EntitlementId;
use crate::understanding::ground::{Ground, content_words, level_word};
use crate::understanding::normalise::Message;
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

/// The entitlement a correction names, against the draft on the table; `None` where the words name none.
#[must_use]
pub fn entitlement(message: &Message, rest: &str, draft: &Draft, ground: &Ground<'_>) -> Option<Ask> {
    let listed: Vec<EntitlementId> = draft.choices.iter().filter(|id| (ground.may_see)(id)).cloned().collect();
    if let Some(n) = ordinal(message, listed.len()) {
        let id = listed.get(n)?.clone();
        return Some(one(message.clean.trim(), id, 10_000, "the choice you named"));
    }
    let level = slots::level(message, (0, message.tokens.len()));
    let wants_less = message.tokens.iter().any(|t| matches!(t.word.as_str(), "less" | "narrower" | "smaller"));
    let level = level.or(wants_less.then_some(AccessLevel::Read));
    let said: Vec<String> = content_words(rest).into_iter().filter(|w| !FILLER.contains(&w.as_str())).collect();
    let said_thing: Vec<&String> =
        said.iter().filter(|w| !matches!(w.as_str(), "read" | "write" | "admin" | "level")).collect();
    if said_thing.is_empty() {
        return level
            .and_then(|level| listed_step(draft, &listed, level, ground).or_else(|| step(draft, level, ground)));
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
            return Some(Ask { phrase: rest.trim().to_owned(), candidates, confidence_bp: confidence });
        }
    }
    // Then like what is on the table, but as said: "the staging one" beside the production one.
    let current = draft.entitlement.as_ref().and_then(|id| ground.catalog.entitlement(id));
    let alone = ground.ask(&phrase, level);
    let beside = current.map(|e| ground.ask(&format!("{phrase} {}", unlike(&e.title, &phrase)), level));
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

/// The other step of the ladder the draft stands on: "write actually".
fn step(draft: &Draft, level: AccessLevel, ground: &Ground<'_>) -> Option<Ask> {
    let current = ground.catalog.entitlement(draft.entitlement.as_ref()?)?;
    if current.access == level {
        return None;
    }
    let phrase = format!("{} {}", level_word(level), unlike(&current.title, ""));
    let ask = ground.ask(&phrase, Some(level));
    let mut fits: Vec<(&Candidate, AccessLevel)> = ask
        .candidates
        .iter()
        .filter_map(|c| Some((c, ground.catalog.entitlement(&c.entitlement)?)))
        .filter(|(_, e)| e.system == current.system && e.id != current.id && e.access >= level)
        .map(|(c, e)| (c, e.access))
        .collect();
    fits.sort_by_key(|(_, access)| *access);
    let (best, _) = fits.first()?;
    let mut candidates = vec![(*best).clone()];
    candidates.extend(fits.iter().skip(1).map(|(c, _)| (*c).clone()));
    Some(Ask { phrase: level_word(level).to_owned(), candidates, confidence_bp: ask.confidence_bp.clamp(7_500, 9_200) })
}

/// A title without its level's words and without environments, which the words replace.
fn unlike(title: &str, said: &str) -> String {
    const ENVIRONMENTS: &[&str] = &["production", "staging", "test", "development", "dev", "sandbox", "qa", "live"];
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
    let phrase = phrase.chars().take(200).collect();
    Ask {
        phrase,
        candidates: vec![Candidate { entitlement: id, score_milli: 1_000, evidence: vec![why.to_owned()] }],
        confidence_bp,
    }
}
