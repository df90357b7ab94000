//! The record's mathematics: leaves, tree, checkpoints, proofs, verification, export. Pure.
