//! Time expressions: "until Friday", "for two weeks", "tomorrow 9 to 5", as absolute times.
//!
//! A hand-written grammar over tokens, in layers: [`token`] cuts the words, [`number`] and [`span`] read amounts, [`day`], [`period`],
//! [`clock`] and [`range`] read times, [`find`] takes the longest reading at each place, and [`window`] says what of it is meant as the
//! window of an access request. All pure: the present moment and the zone are arguments.
//!
//! Invariant: for every text there is an answer (possibly none) and no panic; every range lies on character boundaries.

pub mod anchor;
pub mod calendar;
pub mod cases;
pub mod clock;
pub mod day;
pub mod find;
pub mod holiday;
pub mod number;
pub mod period;
pub mod range;
pub mod relative;
pub mod role;
pub mod span;
pub mod token;
pub mod window;
