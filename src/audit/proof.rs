//! The proof that one event stands in the record, as one JSON document that can be handed to an auditor and checked without the
//! database: the event's exact bytes, its place, its siblings up the tree (RFC 9162 §2.1.3) and a signed checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::checkpoint::{Checkpoint, NoteError};
use crate::audit::key::PublicKey;
use crate::audit::tree::{includes, inclusion, leaf_hash};
use crate::audit::verify::parse;
use crate::domain::digest::Digest;
use crate::domain::event::Event;

/// The form's name; it changes when the form does.
pub const FORM: &str = "claviger inclusion proof v1";

/// A proof as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// [`FORM`].
    pub form: String,
    /// The event's place in the log, from 0.
    pub index: u64,
    /// The event's exact bytes, base64.
    pub leaf: String,
    /// The siblings from the leaf up, hexadecimal.
    pub path: Vec<Digest>,
    /// The signed checkpoint whose tree it is in.
    pub checkpoint: String,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Of a form this program does not know.
    #[error("this is not an inclusion proof of the form this program writes")]
    Form,
    /// The checkpoint is not good.
    #[error("the checkpoint is not good: {0}")]
    Note(#[from] NoteError),
    /// The hashes do not lead to the signed root.
    #[error("the event's bytes do not lead to the signed root: this event, at this place, was not in that record")]
    NotIncluded,
    /// Proved, but not an event.
    #[error("the proved bytes are not an event: {0}")]
    NotAnEvent(String),
}

impl Proof {
    /// The proof for an event among the leaves up to the checkpoint's size; `None` where it is not among them.
    #[must_use]
    pub fn make(leaves: &[Digest], index: u64, leaf: &[u8], checkpoint: String) -> Option<Self> {
        let path = inclusion(leaves, usize::try_from(index).ok()?)?;
        Some(Self { form: FORM.to_owned(), index, leaf: STANDARD.encode(leaf), path, checkpoint })
    }

    /// Checks it with nothing but the public key; answers the checkpoint and the event.
    ///
    /// # Errors
    /// [`ProofError`] where it does not hold.
    pub fn check(&self, key: &PublicKey) -> Result<(Checkpoint, Event), ProofError> {
        if self.form != FORM {
            return Err(ProofError::Form);
        }
        let leaf = STANDARD.decode(&self.leaf).map_err(|_| ProofError::Form)?;
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        if !includes(&checkpoint.root, checkpoint.size, self.index, &leaf_hash(&leaf), &self.path) {
            return Err(ProofError::NotIncluded);
        }
        let event = parse(&leaf).map_err(|(_, what)| ProofError::NotAnEvent(what))?;
        Ok((checkpoint, event))
    }
}
