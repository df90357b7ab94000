//! Numbers in digits and words: cardinals, ordinals, years, and amounts such as "two and a half".

use crate::understanding::time::anchor::{Grammar, Hit};

fn small(word: &str) -> Option<u32> {
    Some(match word {
        "zero" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "twenty" => 20,
        "thirty" => 30,
        "forty" | "fourty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

fn small_ordinal(word: &str) -> Option<u32> {
    Some(match word {
        "first" => 1,
        "second" => 2,
        "third" => 3,
        "fourth" => 4,
        "fifth" => 5,
        "sixth" => 6,
        "seventh" => 7,
        "eighth" => 8,
        "ninth" => 9,
        "tenth" => 10,
        "eleventh" => 11,
        "twelfth" => 12,
        "thirteenth" => 13,
        "fourteenth" => 14,
        "fifteenth" => 15,
        "sixteenth" => 16,
        "seventeenth" => 17,
        "eighteenth" => 18,
        "nineteenth" => 19,
        "twentieth" => 20,
        "thirtieth" => 30,
        _ => return None,
    })
}

impl Grammar<'_> {
    /// Below a hundred, in words: "seven", "twenty", "twenty-one", "twenty and four".
    fn below_hundred(&self, i: usize) -> Hit<u32> {
        if let Some(n) = small(self.text(i)) {
            return Some((n, i + 1));
        }
        let n = tens(self.text(i))?;
        let after = self.skip(i + 1, &["-", "and"]);
        match small(self.text(after)) {
            Some(unit @ 1..=9) => Some((n + unit, after + 1)),
            _ => Some((n, i + 1)),
        }
    }

    /// A cardinal in words, below a million.
    #[must_use]
    pub fn cardinal_words(&self, i: usize) -> Hit<u32> {
        let (mut total, mut at) = (0_u32, i);
        let (first, mut next) = match self.below_hundred(i) {
            Some(hit) => hit,
            None if self.is_any(i, &["hundred", "thousand"]) => (1, i),
            None => return None,
        };
        let mut group = first;
        let mut scaled = false;
        loop {
            if self.is(next, "hundred") && group < 100 {
                group *= 100;
                scaled = true;
            } else if self.is(next, "thousand") && group < 1000 {
                total += group * 1000;
                group = 0;
                scaled = true;
            } else {
                break;
            }
            next += 1;
            at = next;
            let rest = self.skip(next, &["and"]);
            if let Some((n, end)) = self.below_hundred(rest) {
                if self.is(end, "hundred") && n < 10 && group == 0 {
                    group = n;
                } else {
                    group += n;
                    at = end;
                }
                next = end;
            }
        }
        if scaled { Some((total + group, at.max(next))) } else { Some((first, next)) }
    }

    /// A whole number in digits or words.
    #[must_use]
    pub fn cardinal(&self, i: usize) -> Hit<u32> {
        match self.digits(i) {
            Some(n) => Some((n, i + 1)),
            None => self.cardinal_words(i),
        }
    }

    /// An ordinal: "21st", "first", "twenty-second".
    #[must_use]
    pub fn ordinal(&self, i: usize) -> Hit<u32> {
        if let Some(n) = self.digits(i) {
            let suffix = self.is_any(i + 1, &["st", "nd", "rd", "th"]) && self.glued(i + 1);
            return suffix.then_some((n, i + 2));
        }
        if let Some(n) = small_ordinal(self.text(i)) {
            return Some((n, i + 1));
        }
        let n = tens(self.text(i))?;
        let after = self.skip(i + 1, &["-"]);
        match small_ordinal(self.text(after)) {
            Some(unit @ 1..=9) => Some((n + unit, after + 1)),
            _ => None,
        }
    }

    /// A day of a month in any dress: "2", "2nd", "second", "twenty one".
    #[must_use]
    pub fn month_day(&self, i: usize) -> Hit<i8> {
        let (n, end) = self.longest([self.ordinal(i), self.cardinal(i)])?;
        let short = self.tokens.get(i).is_some_and(|t| t.number.is_none() || t.text.len() <= 2);
        match i8::try_from(n) {
            Ok(day @ 1..=31) if short => Some((day, end)),
            _ => None,
        }
    }

    /// A year of four digits, or in words ("nineteen seventy eight", "two thousand and eighteen", "twenty twenty-six").
    #[must_use]
    pub fn year(&self, i: usize) -> Hit<i16> {
        if let Some(n) = self.digits(i) {
            let four = self.text(i).len() == 4 && (1000..=2999).contains(&n);
            return if four { i16::try_from(n).ok().map(|y| (y, i + 1)) } else { None };
        }
        let pair = || {
            let (century, at) = self.below_hundred(i).filter(|(n, _)| (10..=29).contains(n))?;
            let at = self.skip(at, &["-"]);
            if self.is_any(at, &["zero", "oh", "o"]) {
                let n = small(self.text(at + 1)).filter(|n| (1..=9).contains(n))?;
                return Some((century * 100 + n, at + 2));
            }
            if self.is(at, "hundred") {
                return None;
            }
            let (rest, end) = self.below_hundred(at).filter(|(n, _)| (10..=99).contains(n))?;
            Some((century * 100 + rest, end))
        };
        // "twenty one" is a number, not the year 2001: a pair needs two full halves, a plain number a thousand.
        let (n, end) = pair().or_else(|| self.cardinal_words(i).filter(|(n, _)| (1000..=2999).contains(n)))?;
        i16::try_from(n).ok().map(|y| (y, end))
    }

    /// An amount, in thousandths: "3", "2.5", "a", "half a", "two and a half", "a couple of", "a few".
    #[must_use]
    pub fn amount(&self, i: usize) -> Hit<u64> {
        if self.is(i, "another") {
            return Some(self.amount(i + 1).filter(|(_, end)| self.unit(*end).is_some()).unwrap_or((1000, i + 1)));
        }
        if let Some(n) = self.digits(i) {
            if let (true, Some(parts @ 2..=4)) = (self.is(i + 1, "/") && n < 4, self.digits(i + 2)) {
                return Some((
                    u64::from(n) * 1000 / u64::from(parts),
                    self.skip(self.skip(i + 3, &["of"]), &["a", "an"]),
                ));
            }
            if self.is_any(i + 1, &[".", ","])
                && self.glued(i + 1)
                && self.glued(i + 2)
                && let Some(token) = self.tokens.get(i + 2).filter(|t| t.number.is_some() && t.text.len() <= 3)
            {
                let fraction: u64 = format!("{:0<3}", token.text).parse().unwrap_or(0);
                return Some((u64::from(n) * 1000 + fraction, i + 3));
            }
            return Some(self.and_a_half(u64::from(n) * 1000, i + 1));
        }
        if self.is_any(i, &["half"]) {
            let at = self.skip(self.skip(i + 1, &["-", "of"]), &["a", "an", "the"]);
            return Some((500, at));
        }
        if self.are(i, &["a", "half"]) {
            return Some((500, self.skip(i + 2, &["-"])));
        }
        let vague = self.skip(i, &["a", "an", "the"]);
        let many = match self.text(vague) {
            "couple" => Some(2_000),
            "few" | "several" => Some(3_000),
            "dozen" => Some(12_000),
            _ => None,
        };
        if let Some(n) = many {
            return Some((n, self.skip(vague + 1, &["of"])));
        }
        if let Some((n, end)) = self.cardinal_words(i) {
            return Some(self.and_a_half(u64::from(n) * 1000, end));
        }
        self.is_any(i, &["a", "an"]).then(|| (1000, self.skip(i + 1, &["full", "whole", "single"])))
    }

    fn and_a_half(&self, milli: u64, i: usize) -> (u64, usize) {
        if self.are(i, &["and", "a", "half"]) {
            (milli + 500, i + 3)
        } else if self.are(i, &["and", "half"]) && !self.is_any(i + 2, &["a", "an"]) {
            (milli + 500, i + 2)
        } else if self.is(i, "½") {
            (milli + 500, i + 1)
        } else {
            (milli, i)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::time::token::tokens;
    use jiff::civil::date;

    fn with<T>(words: &str, read: impl Fn(&Grammar<'_>) -> T) -> T {
        let tokens = tokens(words);
        read(&Grammar { tokens: &tokens, now: date(2026, 1, 1).at(0, 0, 0, 0) })
    }

    #[test]
    fn cardinals() {
        for (words, n) in [
            ("twenty", 20),
            ("twenty-one", 21),
            ("twenty and four", 24),
            ("two thousand and eighteen", 2018),
            ("two hundred and sixty seven", 267),
            ("one thousand two hundred and five", 1205),
            ("a", 0),
        ] {
            let read = with(words, |g| g.cardinal(0));
            assert_eq!(read.map_or(0, |(n, _)| n), n, "{words}");
        }
    }

    #[test]
    fn years() {
        for (words, n) in [
            ("nineteen seventy eight", 1978),
            ("nineteen zero one", 1901),
            ("two thousand", 2000),
            ("twenty twenty-six", 2026),
            ("2018", 2018),
        ] {
            assert_eq!(with(words, |g| g.year(0)).map(|(n, _)| n), Some(n), "{words}");
        }
        assert_eq!(with("twenty one", |g| g.year(0)), None);
    }

    #[test]
    fn amounts() {
        for (words, n) in [("two and a half", 2500), ("123.45", 123_450), ("a couple of", 2000), ("half a", 500)] {
            assert_eq!(with(words, |g| g.amount(0)).map(|(n, _)| n), Some(n), "{words}");
        }
    }
}
