//! The seal on a database file: the SHA-256 of every page, signed together with the log's size and root, written when the database is
//! closed. While nobody works on the file, any byte of it that changes is found, also where no row uses it, and its page is named.
//!
//! The form is a signed note (see [`crate::audit::checkpoint`]) whose text is: the line `claviger database seal v1`, the origin, the file's
//! length in bytes, the page length in bytes, the log's size, the log's root in base64, and then one line of base64 for each page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::audit::checkpoint::{NoteError, decimal, open_note, sign_note};
use crate::audit::fault::Fault;
use crate::audit::key::{PublicKey, SecretKey};
use crate::domain::digest::Digest;

/// A page's length in bytes: SQLite's own default (<https://www.sqlite.org/pgszchng2016.html>).
pub const PAGE: usize = 4096;

const TITLE: &str = "claviger database seal v1";

/// What a file looked like, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The file's length in bytes.
    pub length: u64,
    /// The hash of every page; the last may be shorter.
    pub pages: Vec<Digest>,
    /// How many events the log held.
    pub log_size: u64,
    /// The log's root.
    pub log_root: Digest,
}

/// Hashes a file page by page, fed in pieces of any size.
#[derive(Default)]
pub struct PageHasher {
    length: u64,
    within: usize,
    page: Sha256,
    pages: Vec<Digest>,
}

impl PageHasher {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the file.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(PAGE - self.within));
            self.page.update(now);
            self.within += now.len();
            bytes = rest;
            if self.within == PAGE {
                self.pages.push(Digest(self.page.finalize_reset().into()));
                self.within = 0;
            }
        }
    }

    /// The file's length and pages, sealed together with the log's size and root.
    #[must_use]
    pub fn seal(mut self, log_size: u64, log_root: Digest) -> Seal {
        if self.within > 0 {
            self.pages.push(Digest(self.page.finalize().into()));
        }
        Seal { length: self.length, pages: self.pages, log_size, log_root }
    }
}

impl Seal {
    /// The signed form.
    #[must_use]
    pub fn sign(&self, key: &SecretKey) -> String {
        let mut text = format!(
            "{TITLE}\n{}\n{}\n{PAGE}\n{}\n{}\n",
            key.public().name(),
            self.length,
            self.log_size,
            STANDARD.encode(self.log_root.0)
        );
        for page in &self.pages {
            text.push_str(&STANDARD.encode(page.0));
            text.push('\n');
        }
        sign_note(&text, key)
    }

    /// Reads the signed form and holds it against the key.
    ///
    /// # Errors
    /// [`NoteError`] where it is not a seal by this key.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        const BAD: NoteError = NoteError::Content("the seal is not of the form this program writes");
        let mut lines = open_note(note, key)?.lines();
        if lines.next() != Some(TITLE) || lines.next() != Some(key.name()) {
            return Err(NoteError::Content("this is not a seal of this record's database"));
        }
        let length = lines.next().and_then(decimal).ok_or(BAD)?;
        if lines.next().and_then(decimal) != Some(PAGE as u64) {
            return Err(BAD);
        }
        let log_size = lines.next().and_then(decimal).ok_or(BAD)?;
        let log_root = lines.next().and_then(hash).ok_or(BAD)?;
        let pages = lines.map(hash).collect::<Option<Vec<_>>>().ok_or(BAD)?;
        if pages.len() as u64 != length.div_ceil(PAGE as u64) {
            return Err(BAD);
        }
        Ok(Self { length, pages, log_size, log_root })
    }

    /// Where a file differs from what was sealed. Neighbouring pages are told together.
    #[must_use]
    pub fn differences(&self, now: &Self, file: &str) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let count = self.pages.len().min(now.pages.len());
        let mut n = 0;
        while n < count {
            if self.pages[n] == now.pages[n] {
                n += 1;
                continue;
            }
            let first = n;
            while n < count && self.pages[n] != now.pages[n] {
                n += 1;
            }
            let row =
                if n - first == 1 { format!("page {}", first + 1) } else { format!("pages {} to {n}", first + 1) };
            let (from, to) = ((first * PAGE) as u64, ((n * PAGE) as u64).min(self.length.max(now.length)));
            faults.push(Fault::bytes(file, row, from, to, "not the bytes that were sealed"));
        }
        if self.length != now.length {
            let what = format!("the file has {} bytes; {} were sealed", now.length, self.length);
            faults.push(Fault::row(file, String::new(), what));
        }
        faults
    }
}

fn hash(text: &str) -> Option<Digest> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: &[u8], piece: usize) -> Seal {
        let mut hasher = PageHasher::new();
        bytes.chunks(piece).for_each(|c| hasher.update(c));
        hasher.seal(5, Digest::of(b"root"))
    }

    #[test]
    fn any_flipped_byte_is_found_in_its_page() {
        let key = SecretKey::from_seed("claviger.example/record", &[3; 32]).unwrap();
        let file: Vec<u8> = (0..3 * PAGE + 100).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let seal = Seal::open(&sealed(&file, 1000).sign(&key), key.public()).unwrap();
        assert_eq!(seal, sealed(&file, PAGE));
        assert!(seal.differences(&sealed(&file, 7), "db").is_empty());
        for at in (0..file.len()).step_by(61) {
            let mut altered = file.clone();
            altered[at] ^= 1;
            let found = seal.differences(&sealed(&altered, PAGE), "db");
            let [fault] = &found[..] else { panic!("byte {at}: {found:?}") };
            let (from, to) = (fault.place.byte.unwrap(), fault.place.byte_end.unwrap());
            assert!((from..to).contains(&(at as u64)) && to - from <= PAGE as u64, "byte {at}: {fault}");
        }
        assert_eq!(seal.differences(&sealed(&file[..file.len() - 1], PAGE), "db").len(), 2);
        let note = seal.sign(&key);
        assert!(Seal::open(&note.replacen("12388", "12389", 1), key.public()).is_err());
    }
}
