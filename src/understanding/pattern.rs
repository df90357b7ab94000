//! A small language for cue phrases: `^ who (can|could)? @approve * ~`.
//!
//! A word stands for itself; `(a|b c)` for one of several; a trailing `?` makes it optional; `@class` for a class of words
//! ([`vocabulary::CLASSES`]); `_` for any one word; `*` for a few words; `^` for the beginning of a sentence, greetings aside;
//! `$` for its end, thanks aside. Nothing matches across the end of a sentence, and words inside quotation marks match nothing but `_` and `*`.

use crate::understanding::normalise::{Gap, Token};
use crate::understanding::vocabulary;

/// How many words `*` may stand for.
const GAP: usize = 7;

#[derive(Debug, Clone)]
enum Part {
    OneOf { options: Vec<Vec<String>>, optional: bool },
    Any,
    Skip,
    Start,
    End,
}

/// One compiled cue phrase.
#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Part>,
}

/// Where sentences begin and end for patterns: greetings and thanks aside.
#[derive(Debug)]
pub struct Edges {
    starts: Vec<bool>,
    ends: Vec<bool>,
}

impl Edges {
    /// The edges of a message.
    #[must_use]
    pub fn of(tokens: &[Token]) -> Self {
        let mut starts = Vec::with_capacity(tokens.len());
        for (n, token) in tokens.iter().enumerate() {
            let after_opener = n > 0
                && starts[n - 1]
                && vocabulary::says(vocabulary::OPENERS, &tokens[n - 1].cue)
                && !tokens[n - 1].data;
            starts.push(token.gap == Gap::Sentence || after_opener);
        }
        let mut ends = vec![false; tokens.len() + 1];
        ends[tokens.len()] = true;
        for n in (0..tokens.len()).rev() {
            let closer = vocabulary::says(vocabulary::CLOSERS, &tokens[n].cue) && ends[n + 1];
            ends[n] = (n > 0 && tokens[n].gap == Gap::Sentence) || closer;
        }
        Self { starts, ends }
    }
}

impl Pattern {
    /// Compiles a cue phrase. What cannot be read is a word like any other; the table's test finds misspelt classes.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = source.trim();
        while !rest.is_empty() {
            let (piece, after) = if rest.starts_with('(') {
                let close = rest.find(')').map_or(rest.len(), |n| n + 1);
                let close = close + usize::from(rest[close..].starts_with('?'));
                rest.split_at(close)
            } else {
                rest.split_at(rest.find(' ').unwrap_or(rest.len()))
            };
            parts.push(Self::part(piece));
            rest = after.trim_start();
        }
        Self { parts }
    }

    fn part(piece: &str) -> Part {
        match piece {
            "^" => return Part::Start,
            "$" => return Part::End,
            "*" => return Part::Skip,
            "_" => return Part::Any,
            _ => {}
        }
        let optional = piece.ends_with('?');
        let body = piece.trim_end_matches('?').trim_start_matches('(').trim_end_matches(')');
        let mut options = Vec::new();
        for option in body.split('|') {
            match option.strip_prefix('@') {
                Some(class) => {
                    let words =
                        vocabulary::CLASSES.iter().find(|(name, _)| *name == class).map_or("", |(_, words)| words);
                    options.extend(words.split('|').map(split));
                }
                None => options.push(split(option)),
            }
        }
        // Longer options first, so that "would like to get" wins over "would like"; whatever takes any word comes last, shortest first.
        options.sort_by_key(|o| {
            let open = o.iter().any(|w| w == "_");
            (open, if open { o.len() } else { usize::MAX - o.len() })
        });
        Part::OneOf { options, optional }
    }

    /// The first place it matches: the first token and one past the last.
    #[must_use]
    pub fn find(&self, tokens: &[Token], edges: &Edges) -> Option<(usize, usize)> {
        (0..tokens.len()).find_map(|n| self.at(tokens, edges, n).map(|end| (n, end)))
    }

    /// One past the last token, where it matches here.
    #[must_use]
    pub fn at(&self, tokens: &[Token], edges: &Edges, from: usize) -> Option<usize> {
        step(&self.parts, tokens, edges, from, from)
    }
}

fn split(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn step(parts: &[Part], tokens: &[Token], edges: &Edges, from: usize, at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(at) };
    // The token at `at` continues the sentence that the match began in.
    let continues = |n: usize| n < tokens.len() && (n == from || tokens[n].gap != Gap::Sentence);
    match part {
        Part::Start => {
            edges.starts.get(at).copied().unwrap_or(false).then(|| step(rest, tokens, edges, from, at)).flatten()
        }
        Part::End => {
            edges.ends.get(at).copied().unwrap_or(false).then(|| step(rest, tokens, edges, from, at)).flatten()
        }
        Part::Any => continues(at).then(|| step(rest, tokens, edges, from, at + 1)).flatten(),
        Part::Skip => {
            for n in 0..=GAP {
                if n > 0 && !continues(at + n - 1) {
                    return None;
                }
                if let Some(end) = step(rest, tokens, edges, from, at + n) {
                    return Some(end);
                }
            }
            None
        }
        Part::OneOf { options, optional } => {
            for option in options {
                let fits = option.iter().enumerate().all(|(n, word)| {
                    continues(at + n) && (word == "_" || !tokens[at + n].data && tokens[at + n].cue == *word)
                });
                if fits && let Some(end) = step(rest, tokens, edges, from, at + option.len()) {
                    return Some(end);
                }
            }
            if *optional { step(rest, tokens, edges, from, at) } else { None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::normalise::Message;

    fn found(pattern: &str, text: &str) -> Option<(usize, usize)> {
        let m = Message::read(text);
        Pattern::new(pattern).find(&m.tokens, &Edges::of(&m.tokens))
    }

    #[test]
    fn parts_do_what_they_say() {
        assert_eq!(found("^ who (can|could)? @approve", "Hi, who approves that?"), Some((1, 3)));
        assert_eq!(found("^ who @approve", "tell me who approves"), None);
        assert_eq!(found("give * access", "give Ana Kovac some access"), Some((0, 5)));
        assert_eq!(found("give * access", "give up. access"), None);
        assert_eq!(found("never mind $", "never mind, thanks"), Some((0, 2)));
        assert_eq!(found("approve it", "he wrote \"approve it\""), None);
        assert_eq!(found("@i @need", "we would like to get Figma"), Some((0, 5)));
    }
}
