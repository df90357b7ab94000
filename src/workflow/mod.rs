//! The use cases, one file each; the only place where state changes.
//!
//! Every one of them goes the same way: read, decide purely, hand one [`crate::ports::store::Batch`] to the store. What has to happen
//! outside (tell somebody, call a connector) is a job in that batch and runs later, perhaps twice.
//!
//! Invariant: nothing is shown as active before a connector confirmed it, and no connector is called before the end is stored.

pub mod accounts;
pub mod adopt;
pub mod afterwards;
pub mod amend;
pub mod answers;
pub mod cards;
pub mod cases;
pub mod change;
pub mod converse;
pub mod decide;
pub mod deeds;
pub mod desk;
pub mod desk_asks;
pub mod directories;
pub mod drafts;
pub mod error;
pub mod evaluate;
pub mod evidence;
pub mod facts;
pub mod follow;
pub mod give_back;
pub mod handler;
pub mod house;
pub mod identity;
pub mod inquiries;
pub mod linking;
pub mod lockouts;
pub mod looks;
pub mod matters;
pub mod names;
pub mod news;
pub mod notices;
pub mod passkeys;
pub mod preview;
pub mod provision;
pub mod refused;
pub mod report;
pub mod slips;
pub mod standing;
pub mod step_up;
pub mod submit;
pub mod surfaces;
pub mod sweep;
pub mod tasks;
pub mod tickets;
pub mod timers;
pub mod unlocks;
pub mod visibility;
pub mod whys;
