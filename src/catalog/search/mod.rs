//! Search over everything that can be asked for: words in, entitlements out, best and least powerful first.
//!
//! How a wish finds its entitlement:
//!
//! 1. [`text`] cuts names and sentences into words: `accessPackage`, `access-package` and "access packages" meet in the same two stems, and
//!    a whole identifier is kept beside its parts.
//! 2. [`language`] is reviewed data (`catalog/language/words.yaml`): which verbs look and which change, what abbreviations stand for, which
//!    words say nothing.
//! 3. [`query`] turns a wish into *concepts* (a word with everything that may stand for it: synonyms, a misspelt word's neighbours, the parts of a
//!    compound), the access it asks for, and hints about reach and system.
//! 4. [`engine`] takes candidates from a full-text index (tantivy, BM25, in memory) and hands them to [`rank`].
//! 5. [`rank`] weighs each candidate in whole numbers: matched words by rarity, the best single sentence, how much of the name was asked for,
//!    neighbouring words, then the access wished for, the reach, and who it is for. Ladders of roles are stepped by [`ladder`].
//!    Ties go to the less powerful, then to the smaller id.
//! 6. [`confidence`] says how sure the first answer is.
//!
//! Invariant: the same documents and the same words give the same answer, bit for bit, and no input makes it fail.

pub mod access;
pub mod confidence;
pub mod doc;
pub mod engine;
pub mod entry;
pub mod ladder;
pub mod language;
pub mod passage;
pub mod query;
pub mod rank;
pub mod text;
pub mod vocabulary;
pub mod weights;
