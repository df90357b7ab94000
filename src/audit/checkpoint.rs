//! Checkpoints: the tree's size and root, signed. C2SP `tlog-checkpoint` (<https://c2sp.org/tlog-checkpoint>) inside a C2SP
//! `signed-note` (<https://c2sp.org/signed-note>):
//!
//! ```text
//! claviger.example/record
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — claviger.example/record Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::audit::key::{PublicKey, SecretKey};
use crate::domain::digest::Digest;

/// The longest checkpoint read, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;

/// Why a note is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note.
    #[error("this is not a signed note")]
    Form,
    /// No signature of the key that is trusted.
    #[error("it is not signed by `{0}`")]
    Unsigned(String),
    /// The signature does not hold.
    #[error("the signature of `{0}` does not hold")]
    Signature(String),
    /// Signed, but not what was expected.
    #[error("{0}")]
    Content(&'static str),
}

/// How large the record was and what its root was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose record; the key's name.
    pub origin: String,
    /// How many events.
    pub size: u64,
    /// The tree's root.
    pub root: Digest,
}

impl Checkpoint {
    /// The signed note.
    #[must_use]
    pub fn sign(size: u64, root: Digest, key: &SecretKey) -> String {
        sign_note(&format!("{}\n{size}\n{}\n", key.public().name(), STANDARD.encode(root.0)), key)
    }

    /// Reads a signed note and holds it against the key.
    ///
    /// # Errors
    /// [`NoteError`] where it is not a checkpoint of this key's record.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Form);
        }
        let text = open_note(note, key)?;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Content("a checkpoint has three lines"));
        };
        if origin != key.name() {
            return Err(NoteError::Content("the checkpoint is of another record"));
        }
        let size = decimal(size).ok_or(NoteError::Content("the checkpoint's size is not a number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Digest)
            .ok_or(NoteError::Content("the checkpoint's root is not a hash"))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// A number without sign or leading zeros.
#[must_use]
pub fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if plain { text.parse().ok() } else { None }
}

/// A signed note over this text, which has to end with a line break.
#[must_use]
pub fn sign_note(text: &str, key: &SecretKey) -> String {
    let mut signature = key.public().id().to_vec();
    signature.extend(key.sign(text.as_bytes()));
    format!("{text}\n\u{2014} {} {}\n", key.public().name(), STANDARD.encode(signature))
}

/// The text of a signed note, where this key signed it.
///
/// # Errors
/// [`NoteError`] where it did not.
pub fn open_note<'a>(note: &'a str, key: &PublicKey) -> Result<&'a str, NoteError> {
    let seam = note.rfind("\n\n").ok_or(NoteError::Form)?;
    let (text, signatures) = (&note[..=seam], &note[seam + 2..]);
    if !signatures.ends_with('\n') || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(NoteError::Form);
    }
    let mut signed = false;
    for line in signatures.lines() {
        let (name, data) = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' ')).ok_or(NoteError::Form)?;
        let bytes = STANDARD.decode(data).map_err(|_| NoteError::Form)?;
        let Some((id, signature)) = bytes.split_first_chunk::<4>() else { return Err(NoteError::Form) };
        // Signatures of other keys (witnesses, for instance) are none of our business.
        if name != key.name() || *id != key.id() {
            continue;
        }
        let signature = signature.try_into().map_err(|_| NoteError::Form)?;
        if !key.verifies(text.as_bytes(), signature) {
            return Err(NoteError::Signature(name.to_owned()));
        }
        signed = true;
    }
    if signed { Ok(text) } else { Err(NoteError::Unsigned(key.name().to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::from_seed("claviger.example/record", &[3; 32]).unwrap()
    }

    /// The example of the `golang.org/x/mod/sumdb/note` documentation.
    #[test]
    fn the_reference_note_holds() {
        let key = PublicKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert!(open_note(note, &key).is_ok());
        let altered = note.replacen("answer", "Answer", 1);
        assert_eq!(open_note(&altered, &key), Err(NoteError::Signature("PeterNeumann".into())));
    }

    #[test]
    fn a_checkpoint_reads_back_and_no_flipped_bit_does() {
        let note = Checkpoint::sign(42, Digest::of(b"root"), &key());
        let read = Checkpoint::open(&note, key().public()).unwrap();
        assert_eq!((read.size, read.root), (42, Digest::of(b"root")));
        for n in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[n] ^= 1 << bit;
                let Ok(altered) = String::from_utf8(bytes) else { continue };
                assert!(Checkpoint::open(&altered, key().public()).is_err(), "byte {n}, bit {bit}: {altered}");
            }
        }
        let other = SecretKey::from_seed("claviger.example/record", &[4; 32]).unwrap();
        assert_eq!(Checkpoint::open(&note, other.public()), Err(NoteError::Unsigned("claviger.example/record".into())));
    }
}
