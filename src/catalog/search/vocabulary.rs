//! The words of the catalog: numbered, counted, and found again when misspelt.

use std::collections::HashMap;

/// Every stem, compound and pair of neighbours of the catalog, by number.
#[derive(Debug, Default)]
pub struct Vocabulary {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
    /// In how many documents a term stands.
    document_count: Vec<u32>,
    /// In how many names a term stands.
    name_count: Vec<u32>,
    /// How rare among names.
    name_rarity: Vec<i64>,
    /// Which letters a term has, one bit each: a quick way to see that two words cannot be near.
    letters: Vec<u32>,
    /// How rare, in thousandths of BM25's natural logarithm.
    rarity: Vec<i64>,
    /// Rarity of a word nobody wrote.
    unknown: i64,
}

/// Between the two words of a pair; cannot stand in a word.
pub const PAIR: char = '+';

impl Vocabulary {
    /// The number of a term, new where needed.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        self.document_count.push(0);
        self.name_count.push(0);
        self.letters.push(if text.contains(PAIR) { u32::MAX } else { letters(text) });
        number
    }

    /// The number of a term, where it is known.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a term.
    #[must_use]
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// Counts one more document for a term.
    pub fn count(&mut self, number: u32) {
        if let Some(count) = self.document_count.get_mut(number as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Counts one more name for a term.
    pub fn count_name(&mut self, number: u32) {
        if let Some(count) = self.name_count.get_mut(number as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How rare a term is among names, in thousandths: what every text says ("users with this role") may still be what a name is about. Where
    /// no name has it, as rare as in the texts.
    #[must_use]
    pub fn name_rarity(&self, number: u32) -> i64 {
        self.name_rarity.get(number as usize).copied().unwrap_or(self.unknown)
    }

    /// In how many documents a term stands.
    #[must_use]
    pub fn documents(&self, number: u32) -> u32 {
        self.document_count.get(number as usize).copied().unwrap_or(0)
    }

    /// Works out how rare each term is among this many documents: ln(1 + (N − n + ½)/(n + ½)), Robertson and Spärck Jones 1976 as BM25 uses it.
    pub fn weigh(&mut self, documents: usize) {
        self.rarity = self.document_count.iter().map(|n| rarity(documents, *n)).collect();
        self.unknown = rarity(documents, 1);
        let both = self.name_count.iter().zip(&self.rarity);
        self.name_rarity = both.map(|(n, text)| if *n == 0 { *text } else { rarity(documents, *n) }).collect();
    }

    /// How rare a term is, in thousandths.
    #[must_use]
    pub fn rarity(&self, number: u32) -> i64 {
        self.rarity.get(number as usize).copied().unwrap_or(self.unknown)
    }

    /// How rare a word is that nobody wrote, in thousandths.
    #[must_use]
    pub fn unknown_rarity(&self) -> i64 {
        self.unknown
    }

    /// Words at most one letter (from 4 letters) or two (from 8) away, nearest first, at most four. Neighbour swaps count as one.
    #[must_use]
    pub fn near(&self, word: &str) -> Vec<u32> {
        let length = word.chars().count();
        let reach = match length {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            _ => 2,
        };
        if length > 40 || word.contains(PAIR) {
            return Vec::new();
        }
        let mine = letters(word);
        let mut found: Vec<(usize, std::cmp::Reverse<u32>, u32)> = Vec::new();
        for (number, theirs) in self.letters.iter().enumerate() {
            if *theirs == u32::MAX || (mine ^ theirs).count_ones() > 2 * reach {
                continue;
            }
            let Some(text) = self.texts.get(number) else { continue };
            if text.len().abs_diff(word.len()) > reach as usize || text.len() < 3 {
                continue;
            }
            let distance = strsim::osa_distance(word, text);
            if distance <= reach as usize {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                found.push((distance, std::cmp::Reverse(self.documents(number)), number));
            }
        }
        found.sort_unstable();
        let best = found.first().map_or(0, |f| f.0);
        found.into_iter().filter(|f| f.0 == best).map(|f| f.2).take(4).collect()
    }
}

/// One bit a letter; digits share five bits.
fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |bits, b| match b {
        b'a'..=b'z' => bits | (1 << (b - b'a')),
        b'0'..=b'9' => bits | (1 << (26 + (b - b'0') % 5)),
        _ => bits,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "catalogs are far below 2^52 documents and the logarithm is below 100"
)]
fn rarity(documents: usize, n: u32) -> i64 {
    let total = documents as f64;
    let n = f64::from(n);
    // Rounded to thousandths at once, so that order never hangs on a float.
    ((1.0 + ((total - n).max(0.0) + 0.5) / (n + 0.5)).ln() * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_neighbours() {
        let mut v = Vocabulary::default();
        for w in ["database", "datastore", "warehouse", "sale"] {
            let n = v.intern(w);
            v.count(n);
        }
        v.weigh(4);
        let near = v.near("databsae");
        assert_eq!(near.iter().map(|n| v.text(*n)).collect::<Vec<_>>(), ["database"]);
        assert!(v.near("sal").is_empty());
        assert!(v.near("zzzzzzzz").is_empty());
    }

    #[test]
    fn rarer_is_heavier() {
        let mut v = Vocabulary::default();
        let (a, b) = (v.intern("a"), v.intern("b"));
        v.count(a);
        for _ in 0..9 {
            v.count(b);
        }
        v.weigh(10);
        assert!(v.rarity(a) > v.rarity(b));
    }
}
