//! The smaller things words say: why, which reference, which ticket, and whether to read or to write.

use crate::domain::entitlement::AccessLevel;
use crate::understanding::normalise::{Gap, Message};
use crate::understanding::vocabulary;

/// The longest reason kept, in bytes.
const LONGEST_REASON: usize = 600;

/// A stretch of tokens: first, one past last.
pub type Span = (usize, usize);

/// A short reference as `R-7K3QF9` (Crockford's alphabet, six signs), upper case.
#[must_use]
pub fn reference(message: &Message) -> Option<(String, Span)> {
    let tokens = &message.tokens;
    tokens.windows(2).enumerate().find_map(|(n, pair)| {
        let [a, b] = pair else { return None };
        let glued = message.clean.get(a.end..b.start) == Some("-");
        let letter = matches!(a.word.as_str(), "r" | "g" | "k");
        let code = b.word.to_ascii_uppercase();
        let fits = code.len() == 6
            && code.bytes().all(|c| c.is_ascii_digit() || (c.is_ascii_uppercase() && !b"ILOU".contains(&c)));
        (glued && letter && fits).then(|| (format!("{}-{code}", a.word.to_ascii_uppercase()), (n, n + 2)))
    })
}

/// A ticket or incident number: `INC-123`, `OPS-4711`, `CHG0012345`, with "ticket" or "incident" before it where it stands there.
#[must_use]
pub fn ticket(message: &Message) -> Option<Span> {
    let tokens = &message.tokens;
    for n in 0..tokens.len() {
        let t = &tokens[n];
        let letters = t.word.len() >= 2 && t.word.len() <= 10 && t.word.bytes().all(|c| c.is_ascii_alphabetic());
        let next = tokens.get(n + 1);
        let glued = next.is_some_and(|d| {
            message.clean.get(t.end..d.start) == Some("-")
                && d.word.bytes().all(|c| c.is_ascii_digit())
                && (2..=10).contains(&d.word.len())
        });
        let upper = message.clean.get(t.start..t.end).is_some_and(|s| s.bytes().all(|c| c.is_ascii_uppercase()));
        let split =
            letters && glued && (upper || matches!(t.word.as_str(), "inc" | "chg" | "req" | "ticket" | "tkt" | "prb"));
        let digits = t.word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let whole = digits.len() >= 4
            && digits.len() < t.word.len()
            && t.word.len() - digits.len() <= 4
            && digits.bytes().all(|c| c.is_ascii_digit())
            && ["inc", "chg", "req", "tkt", "prb", "case", "task"].iter().any(|p| t.word.starts_with(p));
        if split || whole {
            let lead =
                n > 0 && matches!(tokens[n - 1].word.as_str(), "ticket" | "incident" | "case" | "change" | "issue");
            return Some((n - usize::from(lead), if split { n + 2 } else { n + 1 }));
        }
    }
    None
}

/// Which level a word speaks of.
fn level_of(word: &str) -> Option<AccessLevel> {
    Some(match word {
        "read" | "reader" | "view" | "viewer" | "viewing" | "reading" => AccessLevel::Read,
        "comment" | "commenter" | "triage" | "run" | "execute" => AccessLevel::Use,
        "write" | "writer" | "edit" | "editor" | "editing" | "modify" | "writing" | "contributor" | "push" => {
            AccessLevel::Write
        }
        "admin" | "administrator" | "owner" | "administer" | "admins" | "administrate" | "superuser" => {
            AccessLevel::Admin
        }
        _ => return None,
    })
}

/// The access level said within these tokens, where a word stands for the level rather than for what is done.
#[must_use]
pub fn level(message: &Message, within: Span) -> Option<AccessLevel> {
    const AFTER: &[&str] = &[
        "access",
        "only",
        "permission",
        "permissions",
        "rights",
        "right",
        "role",
        "license",
        "to",
        "on",
        "for",
        "in",
        "the",
        "and",
        "or",
        "actually",
        "instead",
        "please",
        "is",
        "will",
        "would",
        "privileges",
        "privilege",
        "account",
        "level",
        "rather",
        "of",
        "over",
        "one",
        "version",
        "option",
        "step",
    ];
    let tokens = &message.tokens[within.0.min(message.tokens.len())..within.1.min(message.tokens.len())];
    let mut found = None;
    for (n, token) in tokens.iter().enumerate() {
        let Some(level) = level_of(&token.cue).filter(|_| !token.data) else { continue };
        let next = tokens.get(n + 1);
        let stands = n == 0
            || next.is_none_or(|t| t.gap >= Gap::Comma || AFTER.contains(&t.cue.as_str()))
            || matches!(tokens[n - 1].cue.as_str(), "as" | "an" | "a" | "and" | "or" | "to" | "not");
        if !stands || (n > 0 && matches!(tokens[n - 1].cue.as_str(), "not" | "no" | "than")) {
            continue;
        }
        // "Read and write" is write: the wider of the two was asked for.
        found = found.max(Some(level));
    }
    found
}

/// True where "for …" says whom or what it is to reach ("for people in my department", "for the customers") rather than why: the words
/// behind "for" are a group of people or things, and nothing that these are part of ("the customer demo").
#[must_use]
pub fn is_scope(message: &Message, (from, to): Span) -> bool {
    const GROUPS: &str = " team teams department departments people persons users user customers customer clients group groups \
        division divisions unit units staff employees everyone everybody anyone company organisation organization office \
        offices region regions contractors guests members suppliers vendors partners students teachers devices branch \
        subsidiary tenant site sites tenants ";
    const BEFORE: &str = " all the my our every each some other any these those both of a an new external internal whole entire \
        your their single certain specific several many ";
    const BEHIND: &str =
        " in of from at on who that with under across only there here and or as within inside outside ";
    let word = |n: usize| message.tokens.get(n).filter(|t| n < to && !t.data).map_or("", |t| t.cue.as_str());
    if word(from) != "for" {
        return false;
    }
    let mut n = from + 1;
    while vocabulary::says(BEFORE, word(n)) {
        n += 1;
    }
    // "for Sales people": a name may stand before the group.
    let named = message.tokens.get(n).is_some_and(|t| t.capital) && vocabulary::says(GROUPS, word(n + 1));
    let head = n + usize::from(named);
    vocabulary::says(GROUPS, word(head)) && (head + 1 >= to || vocabulary::says(BEHIND, word(head + 1)))
}

/// A reason found in the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The tokens it took, cue word included.
    pub at: Span,
    /// The tokens that are the reason.
    pub words: Span,
    /// How it was introduced.
    pub by: Cue,
}

/// How a reason was introduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// "because", "so that", "reason:": there is no doubt.
    Plain,
    /// "to prepare …".
    Purpose,
    /// "for the …": may belong to the name of the thing.
    For,
    /// A ticket's number.
    Ticket,
    /// A sentence that stands by itself.
    Sentence,
}

/// All reasons that may be in the words, surest first. `used` marks tokens that say something else (time, people, cue phrases);
/// `from` is where the name of the thing may begin.
#[must_use]
pub fn reasons(message: &Message, used: &[bool], from: usize) -> Vec<Reason> {
    let tokens = &message.tokens;
    let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.cue.as_str());
    let mut out = Vec::new();
    for n in 0..tokens.len() {
        let plain = match (word(n), word(n + 1), word(n + 2)) {
            ("because", "of", _) | ("due", "to", _) => Some((n + 2, false)),
            ("in", "order", "to") => Some((n, true)),
            ("because", _, _) => Some((n + 1, false)),
            ("so", "that", _) | ("so", "i" | "we" | "they" | "she" | "he", _) if n > 0 || word(n + 1) == "that" => {
                Some((n, true))
            }
            ("since", "i" | "we" | "the" | "my" | "our" | "they", _) => Some((n + 1, false)),
            ("as", "i" | "we" | "part", _) if n > 0 => Some((n, true)),
            ("reason", "is" | "being", _) => Some((n + 2, false)),
            ("reason", _, _) if tokens.get(n + 1).is_some_and(|t| t.gap == Gap::Comma) => Some((n + 1, false)),
            ("justification", _, _) if tokens.len() > n + 1 => Some((n + 1, false)),
            ("needed", "for", _) => Some((n + 1, true)),
            // "…, we move desks": a clause that tells something.
            ("we" | "i" | "our" | "my", next, _)
                if n > 1
                    && tokens[n].gap == Gap::Comma
                    && !matches!(
                        next,
                        "need"
                            | "want"
                            | "would"
                            | "require"
                            | "can"
                            | "could"
                            | "must"
                            | "have"
                            | "also"
                            | "request"
                            | "should"
                            | "hope"
                            | "do"
                            | "will"
                            | "think"
                    ) =>
            {
                Some((n, true))
            }
            _ => None,
        };
        if let Some((begin, _)) = plain {
            let end = end_of(message, used, begin, Cue::Plain);
            if end > begin {
                out.push(Reason { at: (n, end), words: (begin, end), by: Cue::Plain });
            }
        }
    }
    let content_before = |n: usize| {
        (from..n).any(|k| !used.get(k).copied().unwrap_or(false) && !vocabulary::is_stop(word(k)) || tokens[k].data)
    };
    for n in 0..tokens.len() {
        if used.get(n).copied().unwrap_or(false) || out.iter().any(|r: &Reason| r.at.0 <= n && n < r.at.1) {
            continue;
        }
        let purpose =
            word(n) == "to" && vocabulary::says(vocabulary::PURPOSE_VERBS, word(n + 1)) && n > 0 && content_before(n);
        let aim = word(n) == "for" && n > 0 && content_before(n);
        if purpose || aim {
            let by = if purpose { Cue::Purpose } else { Cue::For };
            let end = end_of(message, used, n + 1, by);
            if end > n + 1 && (n + 1..end).any(|k| !vocabulary::is_stop(word(k))) {
                out.push(Reason { at: (n, end), words: (n, end), by });
            }
        }
    }
    if let Some(at) = ticket(message) {
        out.push(Reason { at, words: at, by: Cue::Ticket });
    }
    out
}

/// Where a reason ends: at the sentence's end, at what says when or whom, at a pause before a new ask.
fn end_of(message: &Message, used: &[bool], begin: usize, by: Cue) -> usize {
    let tokens = &message.tokens;
    let mut n = begin;
    while n < tokens.len() {
        let t = &tokens[n];
        if n > begin && t.gap == Gap::Sentence || used.get(n).copied().unwrap_or(false) && by != Cue::Plain {
            break;
        }
        if n > begin && t.gap == Gap::Comma {
            let ask = matches!(
                t.cue.as_str(),
                "i" | "we" | "can" | "could" | "please" | "until" | "for" | "from" | "because" | "so"
            );
            if by == Cue::For || ask {
                break;
            }
        }
        if n > begin
            && by != Cue::Plain
            && matches!(t.cue.as_str(), "because" | "until" | "till" | "please" | "thanks" | "starting" | "asap")
        {
            break;
        }
        n += 1;
    }
    // "… on Saturday": the time belongs to what is told.
    let told = |n: usize| {
        by == Cue::Plain && matches!(tokens[n].word.as_str(), "on" | "in" | "at" | "before" | "after" | "by")
    };
    let last_said = (begin..n).rev().find(|k| !used.get(*k).copied().unwrap_or(false));
    if last_said.is_some_and(told) {
        return n;
    }
    // What says when, and thanks, at the very end are not part of the reason.
    while n > begin
        && (used.get(n - 1).copied().unwrap_or(false)
            || matches!(tokens[n - 1].cue.as_str(), "please" | "thanks" | "until" | "for" | "and" | "thank" | "cheers"))
    {
        n -= 1;
    }
    n
}

/// The words of a reason as they were typed, at most 600 bytes.
#[must_use]
pub fn reason_text(message: &Message, span: Span) -> Option<String> {
    bounded(message.span(span.0, span.1))
}

/// A reason made of a whole message.
#[must_use]
pub fn bounded(text: &str) -> Option<String> {
    let text = text.trim();
    let cut = (0..=text.len().min(LONGEST_REASON)).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    let text = text[..cut].trim();
    (!text.is_empty()).then(|| text.to_owned())
}
