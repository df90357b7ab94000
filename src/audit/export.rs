//! The record as JSON lines: one line an event, with its place and its leaf's hash, so that whoever reads the lines can rebuild the
//! tree and hold it against a checkpoint.
//!
//! `{"seq":17,"leaf_hash":"9f…","event":{…}}` — the `event` part is the leaf's exact bytes.

use crate::audit::tree::leaf_hash;

/// One line, without its line break. The bytes have to be a parsed event's canonical form.
#[must_use]
pub fn json_line(seq: u64, leaf: &[u8]) -> String {
    // The leaf is JSON already; writing it anew could only change it.
    format!("{{\"seq\":{seq},\"leaf_hash\":\"{}\",\"event\":{}}}", leaf_hash(leaf), String::from_utf8_lossy(leaf))
}
