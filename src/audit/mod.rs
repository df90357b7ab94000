//! The record's mathematics: leaves, tree, checkpoints, proofs, verification, export. Pure.
//!
//! Every event's canonical JSON is a leaf of an append-only Merkle tree ([`tree`], RFC 6962 and RFC 9162). From time to time the tree's
//! size and root are signed ([`checkpoint`], C2SP `tlog-checkpoint` in a signed note), with a key of its own ([`key`]). Whoever has an
//! old checkpoint and the public key can prove with [`verify`] that nothing was rewritten since, and with [`proof`] that one event
//! stands in the record without seeing any other. [`seal`] vouches for the database file itself, byte by byte, while nobody works on it.
//! [`export`] and [`ocsf`] write the record for other programs.
//!
//! Invariant: nothing here reaches a file, a clock or the network, and no input whatever makes it panic.

pub mod checkpoint;
pub mod export;
pub mod fault;
pub mod finding;
pub mod fold;
pub mod key;
pub mod ocsf;
pub mod proof;
pub mod seal;
pub mod tree;
pub mod verify;
