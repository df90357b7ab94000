//! Whether a phrased answer says what the evidence says, no more and nothing else.
//!
//! The vocabulary is closed: apart from a short list of words that carry no claim, every word, number, time, day, address, name and code of a
//! phrased sentence has to stand in *one* sentence of the answer it was made from, said or denied in the same way, with the same hedge, and
//! numbers and times in the same order. Each sentence of that answer has to be there. What is not surely faithful counts as a miss; then the
//! template is sent. So the checker errs on one side only.

use std::collections::BTreeSet;

use crate::helpdesk::lockout::claim::Sentence;

/// The longest phrased answer that is looked at, in bytes.
pub const LONGEST: usize = 4_000;

/// Why a phrased answer is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Miss {
    /// There are no words, or too many.
    #[error("the phrased answer is empty or too long")]
    Size,
    /// A sentence says something that no sentence of the answer says.
    #[error("a sentence says what the evidence does not: {0}")]
    Added(String),
    /// A sentence of the answer is missing.
    #[error("a sentence of the answer is missing: {0}")]
    LeftOut(String),
}

/// Compares.
///
/// # Errors
/// The first [`Miss`].
pub fn check(answer: &[Sentence], phrased: &str) -> Result<(), Miss> {
    if phrased.trim().is_empty() || phrased.len() > LONGEST {
        return Err(Miss::Size);
    }
    let said: Vec<Reading> = answer.iter().map(|s| Reading::of(s.text())).collect();
    let mut covered = vec![false; said.len()];
    for sentence in split(phrased) {
        let reading = Reading::of(&sentence);
        if reading.is_empty() {
            continue;
        }
        let mut found = false;
        for (n, of) in said.iter().enumerate() {
            if reading.follows_from(of) {
                covered[n] = true;
                found = true;
            }
        }
        if !found {
            return Err(Miss::Added(sentence));
        }
    }
    match covered.iter().position(|c| !c) {
        Some(n) => Err(Miss::LeftOut(answer[n].text().to_owned())),
        None => Ok(()),
    }
}

/// How a sentence hedges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hedge {
    None,
    Likely,
    Possible,
}

/// What a sentence claims.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    /// Words and facts, each with whether it is denied.
    content: BTreeSet<(String, bool)>,
    /// Numbers in order.
    numbers: Vec<String>,
    /// Times in order.
    times: Vec<String>,
    /// Days in order.
    days: Vec<String>,
    /// Addresses, codes and whatever else holds a digit, in order.
    exact: Vec<String>,
    hedge: Hedge,
    /// True where it offers alternatives.
    either: bool,
}

impl Reading {
    fn of(sentence: &str) -> Self {
        let tokens = tokens(sentence);
        let mut reading = Self {
            content: BTreeSet::new(),
            numbers: Vec::new(),
            times: Vec::new(),
            days: Vec::new(),
            exact: Vec::new(),
            hedge: Hedge::None,
            either: false,
        };
        for clause in tokens.split(|t| *t == Token::Break) {
            // Denied twice is said.
            let denials =
                clause.iter().filter(|t| matches!(t, Token::Word(w) if DENIALS.contains(&w.as_str()))).count();
            let denied = denials % 2 == 1;
            let mut at = 0;
            while at < clause.len() {
                at += reading.take(&clause[at..], denied);
            }
        }
        reading
    }

    /// Takes the first thing of what is left, and says how many tokens it was.
    fn take(&mut self, rest: &[Token], denied: bool) -> usize {
        match rest {
            [Token::Number(day), Token::Word(month), Token::Number(year), ..] if is_month(month) && year.len() == 4 => {
                self.day(day, month, Some(year), denied);
                3
            }
            [Token::Number(day), Token::Word(month), ..] if is_month(month) => {
                self.day(day, month, None, denied);
                2
            }
            [Token::Word(month), Token::Number(day), Token::Number(year), ..] if is_month(month) && year.len() == 4 => {
                self.day(day, month, Some(year), denied);
                3
            }
            [Token::Word(month), Token::Number(day), ..] if is_month(month) => {
                self.day(day, month, None, denied);
                2
            }
            [Token::Time(time), Token::Word(half), ..] if half == "am" || half == "pm" => {
                self.time(&clock(time, half == "pm"), denied);
                2
            }
            [Token::Time(time), ..] => {
                self.time(time, denied);
                1
            }
            [Token::Number(n), ..] => {
                self.numbers.push(n.clone());
                self.content.insert((format!("#{n}"), denied));
                1
            }
            [Token::Exact(word), ..] => {
                self.exact.push(word.clone());
                self.content.insert((format!("={word}"), denied));
                1
            }
            [Token::Word(first), Token::Word(second), ..] if pair(first, second).is_some() => {
                if let Some(concept) = pair(first, second) {
                    self.content.insert((concept.to_owned(), denied));
                }
                2
            }
            [Token::Word(word), ..] => {
                self.word(word, denied);
                1
            }
            _ => 1,
        }
    }

    fn day(&mut self, day: &str, month: &str, year: Option<&String>, denied: bool) {
        let text = format!("{day} {}", &month[..3]);
        self.content.insert((format!("@{text}"), denied));
        self.days.push(text);
        if let Some(year) = year {
            self.content.insert((format!("@{year}"), denied));
        }
    }

    fn time(&mut self, time: &str, denied: bool) {
        self.times.push(time.to_owned());
        self.content.insert((time.to_owned(), denied));
    }

    fn word(&mut self, word: &str, denied: bool) {
        if LIKELY.contains(&word) {
            self.hedge = self.hedge.max(Hedge::Likely);
        } else if POSSIBLE.contains(&word) {
            self.hedge = self.hedge.max(Hedge::Possible);
        } else if word == "or" {
            self.either = true;
        } else if !EMPTY.contains(&word) && !DENIALS.contains(&word) {
            self.content.insert((concept(word), denied));
        }
    }

    fn is_empty(&self) -> bool {
        self.content.is_empty() && self.hedge == Hedge::None
    }

    /// True where everything this says is said by the other, and no alternative was dropped.
    fn follows_from(&self, of: &Self) -> bool {
        let whole = !of.either || (self.either && of.content.is_subset(&self.content));
        !self.content.is_empty()
            && self.content.is_subset(&of.content)
            && self.hedge == of.hedge
            && self.either == of.either
            && whole
            && in_order(&self.numbers, &of.numbers)
            && in_order(&self.times, &of.times)
            && in_order(&self.days, &of.days)
            && in_order(&self.exact, &of.exact)
    }
}

/// True where the parts come in the order of the whole.
fn in_order(parts: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    parts.iter().all(|part| rest.any(|w| w == part))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Number(String),
    Time(String),
    Exact(String),
    Break,
}

/// The sentences of a text: cut after a full stop, question or exclamation mark that ends a word.
fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        sentence.push(c);
        let ends = matches!(c, '.' | '!' | '?')
            && letters.peek().is_none_or(|next| next.is_whitespace() || *next == '”' || *next == '"');
        if ends || c == '\n' {
            sentences.push(std::mem::take(&mut sentence));
        }
    }
    sentences.push(sentence);
    sentences.retain(|s| s.chars().any(char::is_alphanumeric));
    sentences
}

fn tokens(sentence: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let plain = sentence
        .replace(['“', '”', '"', '(', ')', '[', ']', '*', '`'], " ")
        .replace('’', "'")
        .replace(['—', '–'], " , ");
    for piece in plain.split_whitespace() {
        let word = piece.trim_matches(|c: char| ",;:.!?'…".contains(c)).to_lowercase();
        let breaks = piece.ends_with([',', ';', ':']);
        match word.as_str() {
            "" => {}
            "and" | "but" | "because" | "while" | "then" | "although" => found.push(Token::Break),
            "cannot" | "can't" => {
                found.push(Token::Word("able".to_owned()));
                found.push(Token::Word("not".to_owned()));
            }
            "won't" => found.push(Token::Word("not".to_owned())),
            _ => match word.strip_suffix("n't") {
                Some(start) => {
                    found.push(Token::Word(start.to_owned()));
                    found.push(Token::Word("not".to_owned()));
                }
                None => found.push(token(&word)),
            },
        }
        if breaks {
            found.push(Token::Break);
        }
    }
    // `November 20, 2026` is one day.
    let is_day = |w: &[Token]| match w {
        [Token::Word(month), Token::Number(_), Token::Break, Token::Number(year)] => is_month(month) && year.len() == 4,
        _ => false,
    };
    while let Some(at) = found.windows(4).position(is_day) {
        found.remove(at + 2);
    }
    found
}

fn token(word: &str) -> Token {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if digits(word) {
        let bare = word.trim_start_matches('0');
        return Token::Number(if bare.is_empty() { "0" } else { bare }.to_owned());
    }
    if let Some((hours, minutes)) = word.split_once(':')
        && digits(hours)
        && hours.len() <= 2
        && minutes.len() == 2
        && digits(minutes)
    {
        return Token::Time(format!("{hours:0>2}:{minutes}"));
    }
    for half in ["am", "pm"] {
        if let Some(time) = word.strip_suffix(half)
            && let Token::Time(time) = token_of_time(time)
        {
            return Token::Time(clock(&time, half == "pm"));
        }
    }
    if let Some(n) = NUMBERS.iter().position(|name| *name == word) {
        return Token::Number(n.to_string());
    }
    if let Some(day) = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).filter(|d| digits(d)) {
        return Token::Number(day.to_owned());
    }
    if word.bytes().any(|b| b.is_ascii_digit() || b == b'_') {
        return Token::Exact(word.to_owned());
    }
    Token::Word(word.to_owned())
}

fn token_of_time(text: &str) -> Token {
    if text.contains(':') { token(text) } else { Token::Break }
}

/// A time of the twelve-hour clock on the other one.
fn clock(time: &str, afternoon: bool) -> String {
    let (hours, minutes) = time.split_once(':').unwrap_or((time, "00"));
    let hours: u8 = hours.parse().unwrap_or(99);
    let hours = match (hours, afternoon) {
        (12, false) => 0,
        (12, true) => 12,
        (h, true) => h.saturating_add(12),
        (h, false) => h,
    };
    format!("{hours:02}:{minutes}")
}

const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|m| *m == word || (word.len() == 3 && m.starts_with(word)))
}

const DENIALS: &[&str] =
    &["not", "no", "never", "none", "nothing", "nobody", "without", "neither", "nor", "isn", "aren", "wasn", "cannot"];
const LIKELY: &[&str] = &["likely", "probably", "presumably", "mostly", "usually", "often"];
const POSSIBLE: &[&str] = &["possibly", "perhaps", "maybe", "might", "may", "could"];

/// Words that claim nothing.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "the",
    "of",
    "to",
    "for",
    "in",
    "on",
    "at",
    "by",
    "with",
    "from",
    "into",
    "as",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "it",
    "its",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "you",
    "your",
    "yours",
    "i",
    "me",
    "we",
    "has",
    "have",
    "had",
    "do",
    "does",
    "did",
    "will",
    "would",
    "which",
    "who",
    "what",
    "when",
    "how",
    "so",
    "also",
    "most",
    "hello",
    "hi",
    "sorry",
    "unfortunately",
    "just",
    "please",
    "happened",
    "they",
    "them",
    "their",
    "came",
    "come",
    "let",
    "know",
    "know,",
    "about",
    "made",
    "s",
    "exactly",
];

/// Two words that mean one thing.
fn pair(first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, second) {
        ("too", "old") | ("ran", "out") => "expired",
        ("switched" | "turned", "off") => "disabled",
        ("sign" | "signing" | "signed" | "log" | "logging" | "logged", "in" | "on") => "signin",
        ("by", "itself") | ("on", "its") => "itself",
        ("somebody" | "someone", "else") => "somebody",
        _ => return None,
    })
}

/// What a word stands for: one of a few groups of words that mean the same here, else its stem.
fn concept(word: &str) -> String {
    let same: &[(&str, &[&str])] = &[
        ("signin", &["sign-in", "sign-ins", "signin", "signins", "login", "logins", "logon", "logons"]),
        ("try", &["try", "tries", "tried", "attempt", "attempts", "attempted"]),
        ("wrong", &["wrong", "incorrect", "invalid", "bad"]),
        ("refused", &["refused", "rejected", "denied", "failed", "refuse", "refusal", "refuses"]),
        ("expired", &["expired"]),
        ("disabled", &["disabled", "deactivated"]),
        ("lock", &["lock", "locked", "locks", "lockout"]),
        ("unlock", &["unlock", "unlocked", "unlocks"]),
        ("record", &["record", "records", "recorded", "log", "logs", "logged"]),
        ("say", &["say", "says", "said", "tell", "tells", "show", "shows", "shown"]),
        ("saved", &["saved", "stored", "remembered"]),
        ("change", &["change", "changed", "changes"]),
        ("able", &["can", "able", "could"]),
        ("somebody", &["somebody", "someone"]),
        ("name", &["name", "username", "names"]),
        ("company", &["company", "organisation", "organization", "company's", "organisation's"]),
        ("even", &["even", "regular", "steady"]),
        ("interval", &["interval", "intervals"]),
    ];
    if let Some((group, _)) = same.iter().find(|(_, words)| words.contains(&word)) {
        return (*group).to_owned();
    }
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .find(|d| word.starts_with(**d) && (word.len() == 3 || word.ends_with("day")));
    if let Some(day) = day {
        return format!("day:{day}");
    }
    let word = word.strip_suffix("'s").unwrap_or(word);
    let cut = ["ing", "ed", "es", "s"].iter().find_map(|end| word.strip_suffix(end).filter(|s| s.chars().count() >= 3));
    cut.unwrap_or(word).trim_end_matches('e').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::{Provider, SigninEvent};
    use crate::helpdesk::lockout::claim::{Evidence, NotKnown};

    fn claim(text: &str) -> Sentence {
        let event = SigninEvent {
            id: "e1".into(),
            provider: Provider::Okta,
            event: "user.session.start".into(),
            at: None,
            time: None,
            actor: None,
            subject: None,
            outcome: None,
            reason_code: None,
            reason_class: None,
            reason_text: None,
            ip: None,
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
            raw_digest: Digest::of(b""),
        };
        Sentence::claim(text, Evidence::of(&event))
    }

    fn answer() -> Vec<Sentence> {
        vec![
            claim("Your Okta account was locked on Fri 20 Nov 2026 at 09:14 (CET)."),
            claim(
                "12 refused sign-ins with a wrong name or password are recorded on Fri 20 Nov 2026 between 09:02 and 09:14 (CET), all from the address 10.0.0.7 and the device “Mail”.",
            ),
            claim("This is most likely an old password saved on a device: the tries come at even intervals."),
            Sentence::not_known(NotKnown::WhenItEnds),
        ]
    }

    #[test]
    fn faithful_words_pass() {
        let own = answer().iter().map(Sentence::text).collect::<Vec<_>>().join(" ");
        let other = "On Friday 20 November 2026 at 9:14 (CET) your Okta account was locked. Recorded are twelve refused logins with an \
             incorrect name or password, between 9:02 and 9:14 (CET) on Friday, November 20, 2026, all from the address 10.0.0.7 and the \
             device Mail. It is probably an old password stored on a device: the attempts come at regular intervals. The log doesn't say \
             when it ends by itself.";
        for phrased in [own.as_str(), other] {
            assert_eq!(check(&answer(), phrased), Ok(()), "{phrased}");
        }
    }

    #[test]
    fn what_is_added_left_out_or_turned_round_is_caught() {
        let whole = answer().iter().map(Sentence::text).collect::<Vec<_>>().join(" ");
        for (from, to) in [
            ("12 refused", "13 refused"),
            ("09:02", "09:03"),
            ("between 09:02 and 09:14", "between 09:14 and 09:02"),
            ("at 09:14", "at 09:02"),
            ("10.0.0.7", "10.0.0.8"),
            ("Okta", "Google"),
            ("20 Nov 2026 at", "21 Nov 2026 at"),
            ("Fri 20 Nov 2026 at", "Thu 20 Nov 2026 at"),
            ("locked", "unlocked"),
            ("was locked", "was not locked"),
            ("does not say", "does not not say"),
            ("wrong", "expired"),
            ("most likely", "certainly"),
            ("most likely ", ""),
            ("does not say", "does say"),
            ("“Mail”", "“Phone”"),
            ("name or password", "password"),
            ("The record does not say when it ends by itself.", ""),
            ("by itself.", "by itself. Call 555-0100."),
            ("by itself.", "by itself. Your manager knows."),
        ] {
            let mutated = whole.replacen(from, to, 1);
            assert_ne!(mutated, whole, "{from}");
            assert!(check(&answer(), &mutated).is_err(), "{from} → {to}");
        }
        assert_eq!(check(&answer(), " "), Err(Miss::Size));
    }
}
