//! Which things are asked for: the words that are left once time, people, reasons and cue phrases are taken out, split where several things
//! are named and kept together where "and" is part of a name.

use std::collections::BTreeSet;

use crate::domain::entitlement::{AccessLevel, Bundle};
use crate::domain::ids::EntitlementId;
use crate::understanding::ground::Ground;
use crate::understanding::normalise::{Gap, Message, fold};
use crate::understanding::slots::{self, Span};
use crate::understanding::types::{Ask, Candidate};
use crate::understanding::vocabulary;

/// At most so many asks a message.
pub const MOST_ASKS: usize = 8;
/// A part of a list stands for itself from this much coverage on, basis points.
const STANDS: u32 = 5_000;

/// One thing named: its words and the level said for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The words.
    pub phrase: String,
    /// Whether to read, write or administer, where said.
    pub level: Option<AccessLevel>,
    /// The tokens.
    pub at: Span,
}

/// The stretches of unused tokens, one a sentence.
fn stretches(message: &Message, used: &[bool]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut n = 0;
    while n < message.tokens.len() {
        if used[n] {
            n += 1;
            continue;
        }
        let from = n;
        n += 1;
        while n < message.tokens.len() && !used[n] && message.tokens[n].gap != Gap::Sentence {
            n += 1;
        }
        out.push((from, n));
    }
    out
}

/// Cuts a stretch at "and", "plus", commas and the like.
fn parts(message: &Message, (from, to): Span) -> Vec<Span> {
    let tokens = &message.tokens;
    let mut out = Vec::new();
    let mut begin = from;
    let mut n = from;
    while n < to {
        let t = &tokens[n];
        let word = if t.data { "" } else { t.word.as_str() };
        let next = tokens.get(n + 1).map_or("", |t| t.word.as_str());
        let width = match (word, next) {
            ("as", "well") => 2 + usize::from(tokens.get(n + 2).is_some_and(|t| t.word == "as")),
            ("along" | "together", "with") => 2,
            ("and" | "plus" | "also", _) => 1,
            _ => 0,
        };
        // Brackets explain; they begin no new thing.
        let between = n.checked_sub(1).and_then(|before| message.clean.get(tokens[before].end..t.start)).unwrap_or("");
        let comma = n > begin && t.gap == Gap::Comma && !between.contains(['(', ')', '[', ']']);
        let ampersand = n > begin
            && t.gap == Gap::Space
            && message.clean.get(tokens[n - 1].end..t.start).is_some_and(|g| g.contains('&') || g.contains('+'));
        if width > 0 {
            out.push((begin, n));
            begin = (n + width).min(to);
            n = begin;
            continue;
        }
        if comma || ampersand {
            out.push((begin, n));
            begin = n;
        }
        n += 1;
    }
    out.push((begin, to));
    out.retain(|(a, b)| a < b);
    out
}

/// A stretch without the empty words at its ends; `None` where nothing is left.
fn trimmed(message: &Message, (mut from, mut to): Span) -> Option<Span> {
    let empty = |n: usize| {
        let t = &message.tokens[n];
        !t.data && !t.acronym && vocabulary::is_stop(&t.word)
    };
    while from < to && empty(from) {
        from += 1;
    }
    while to > from && empty(to - 1) {
        to -= 1;
    }
    (from < to).then_some((from, to))
}

/// The things named in the unused words, grounded where that decides how to split.
#[must_use]
pub fn things(message: &Message, used: &[bool], ground: &Ground<'_>) -> Vec<Thing> {
    let mut out: Vec<Thing> = Vec::new();
    // A level said before its thing ("read access to …"), waiting for it.
    let mut waiting: Option<AccessLevel> = None;
    for stretch in stretches(message, used) {
        let pieces: Vec<Span> = parts(message, stretch);
        let whole = trimmed(message, stretch);
        let kept: Vec<(Span, Span)> = pieces.iter().filter_map(|p| Some((*p, trimmed(message, *p)?))).collect();
        let text = |(a, b): Span| message.span(a, b).to_owned();
        if kept.len() > 1 && whole.is_some_and(|w| ground.is_name(&text(w))) {
            if let Some(at) = whole {
                out.push(Thing { phrase: text(at), level: slots::level(message, stretch), at });
            }
            continue;
        }
        let mut group: Vec<Thing> = Vec::new();
        for (raw, at) in kept {
            let level = level_before(message, raw, at);
            let bare = without_level(message, at);
            let thing = Thing { phrase: text(bare.unwrap_or(at)), level, at };
            let Some(last) = group.last() else {
                group.push(thing);
                continue;
            };
            let joined = message.span(last.at.0, at.1).to_owned();
            let apart = ground.nearness(&thing.phrase);
            let before = ground.nearness(&last.phrase);
            let together = ground.is_name(&joined)
                || (apart < STANDS || before < STANDS) && ground.nearness(&joined) >= apart.max(before).max(1);
            // A bare "and write" behind "read" belongs to the same thing.
            let only_level = bare.is_none();
            let last_only_level = without_level(message, last.at).is_none();
            if only_level || last_only_level || together {
                let at = (last.at.0, at.1);
                let level = last.level.max(level);
                let phrase = if only_level {
                    last.phrase.clone()
                } else if last_only_level {
                    thing.phrase
                } else {
                    joined
                };
                group.pop();
                group.push(Thing { phrase, level, at });
            } else {
                group.push(thing);
            }
        }
        // "Read", with the words around it taken out, names a level and no thing.
        if let [only] = group.as_slice()
            && without_level(message, only.at).is_none()
        {
            waiting = only.level.or(waiting);
            continue;
        }
        if let Some(thing) = group.first_mut() {
            thing.level = thing.level.or(waiting.take());
        }
        // "Read access to Figma and the wiki": what was said for the first holds for those that say nothing.
        let first = group.first().and_then(|t| t.level);
        for thing in &mut group {
            thing.level = thing.level.or(first);
        }
        out.extend(group);
    }
    out.retain(|t| !t.phrase.trim().is_empty());
    out.truncate(MOST_ASKS);
    out
}

/// What is to be done, taken apart where each part is clearly an entitlement of its own; else it is one thing, however many objects it has.
#[must_use]
pub fn tasks(phrase: &str, ground: &Ground<'_>) -> Vec<String> {
    let parts: Vec<String> =
        phrase.split(" and ").flat_map(|p| p.split(" plus ")).map(|p| p.trim().to_owned()).collect();
    let many = (2..=MOST_ASKS).contains(&parts.len()) && parts.iter().all(|p| !p.is_empty());
    if many && stand_apart(&parts, ground) { parts } else { vec![phrase.to_owned()] }
}

/// True where every part is clear and lives in a system of its own.
fn stand_apart(parts: &[String], ground: &Ground<'_>) -> bool {
    let mut systems = BTreeSet::new();
    parts.iter().all(|part| {
        let ask = ground.ask(part, None);
        let system = ask.candidates.first().and_then(|c| ground.catalog.entitlement(&c.entitlement)).map(|e| &e.system);
        ask.confidence_bp >= 8_500 && ground.share(&ask) >= 7_500 && system.is_some_and(|s| systems.insert(s.clone()))
    })
}

/// The level said in a part, its leading cue words included ("read on", "write access to the").
fn level_before(message: &Message, raw: Span, at: Span) -> Option<AccessLevel> {
    slots::level(message, (raw.0.min(at.0), at.1.max(raw.1)))
}

/// The part without level words and prepositions at its beginning; `None` where nothing is left.
fn without_level(message: &Message, (from, to): Span) -> Option<Span> {
    const LEVEL: &[&str] = &[
        "read",
        "write",
        "view",
        "edit",
        "only",
        "reading",
        "writing",
        "editing",
        "viewing",
        "or",
        "admin",
        "administrator",
        "owner",
        "editor",
        "viewer",
        "reader",
        "writer",
        "full",
    ];
    let mut n = from;
    while n < to {
        let t = &message.tokens[n];
        let next_links = message.tokens.get(n + 1).is_none_or(|t| {
            n + 1 >= to
                || matches!(
                    t.word.as_str(),
                    "on" | "to"
                        | "for"
                        | "in"
                        | "only"
                        | "access"
                        | "the"
                        | "permission"
                        | "permissions"
                        | "rights"
                        | "and"
                        | "or"
                        | "of"
                        | "over"
                )
        });
        let links = matches!(
            t.word.as_str(),
            "on" | "to"
                | "for"
                | "in"
                | "of"
                | "over"
                | "the"
                | "access"
                | "permission"
                | "permissions"
                | "rights"
                | "and"
        );
        if !t.data && (LEVEL.contains(&t.word.as_str()) && next_links || links) {
            n += 1;
        } else {
            break;
        }
    }
    trimmed(message, (n, to))
}

/// The bundle the words name, by its title or another name it goes by.
#[must_use]
pub fn bundle<'a>(message: &Message, bundles: impl Iterator<Item = &'a Bundle>) -> Option<&'a Bundle> {
    let said: Vec<String> = message.tokens.iter().map(|t| t.word.clone()).collect();
    bundles
        .filter_map(|b| {
            let names = std::iter::once(&b.title).chain(&b.aliases);
            let longest = names.filter_map(|name| {
                let parts: Vec<String> = fold(name)
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect();
                let here = !parts.is_empty() && said.windows(parts.len()).any(|w| w == parts.as_slice());
                here.then_some(parts.len())
            });
            longest.max().map(|len| (len, b))
        })
        .max_by_key(|(len, _)| *len)
        .map(|(_, b)| b)
}

/// A bundle's entitlements as asks; what the person may not see is left out.
#[must_use]
pub fn bundle_asks(bundle: &Bundle, may_see: &dyn Fn(&EntitlementId) -> bool) -> Vec<Ask> {
    bundle
        .entitlements
        .iter()
        .filter(|id| may_see(id))
        .take(MOST_ASKS)
        .map(|id| {
            let evidence = vec![format!("part of the bundle {}", bundle.title)];
            let only = Candidate { entitlement: id.clone(), score_milli: 1_000, evidence };
            Ask::new(bundle.title.clone(), vec![only], 9_200)
        })
        .collect()
}
