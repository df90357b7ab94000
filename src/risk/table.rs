//! The risk tables as values: points, families, mitigations, floors, bands, conditions. Made from `catalog/policy/risk.yaml` only.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::digest::Digest;
use crate::domain::problem::Problem;
use crate::risk::table_text;

/// Which of the two scores is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Of a sign-in.
    Signin,
    /// Of an access request.
    Request,
}

/// Everything the score is made with, and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskTable {
    /// Factors of access requests.
    pub request: KindTable,
    /// Factors of sign-ins.
    pub signin: KindTable,
    /// What the score of a sign-in recommends.
    pub signin_bands: SigninBands,
    /// When the facts of a request count.
    pub conditions: Conditions,
    /// What makes a score sure.
    pub confidence: ConfidenceTable,
    /// Digest of the text this was read from.
    pub digest: Digest,
}

/// The factors of one kind of score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindTable {
    /// The most a family can give, in millinats.
    pub caps: BTreeMap<String, u64>,
    /// Factors by id.
    pub factors: BTreeMap<String, Factor>,
    /// What speaks in favour, in millinats.
    pub mitigations: BTreeMap<String, u64>,
    /// Least scores by the rule's id.
    pub floors: BTreeMap<String, u8>,
}

/// One factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// Stand-alone points, in tenths.
    pub tenths: u16,
    /// Set where the points follow a share.
    pub graded: Option<Graded>,
    /// Set where it counts in full only once there are so many confirmed sign-ins.
    pub ramp: Option<u32>,
}

/// Points that follow a share; shares in parts per million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// All points here and beyond.
    pub full_at: u32,
    /// None here and beyond.
    pub nothing_at: u32,
    /// The share is drawn towards the organisation's as by so many more people.
    #[serde(default)]
    pub shrink: u32,
}

/// The least score for each recommendation on a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigninBands {
    /// From here a second factor.
    pub mfa: u8,
    /// From here the attempt is refused.
    pub block: u8,
    /// From here security is called.
    pub soc: u8,
}

/// When the facts of a request count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// When people work.
    pub working_hours: WorkingHours,
    /// Somebody here for fewer days is new.
    pub new_starter_days: i64,
    /// Somebody who changed jobs fewer days ago is a mover.
    pub mover_days: i64,
    /// From this share of unused entitlements on it is a pile, in parts per million.
    pub unused_share_ppm: u32,
    /// More requests than this in an hour are a burst.
    pub burst_per_hour: u32,
    /// Access no longer than this, in hours, is just in time.
    pub short_use_hours: u64,
    /// Longer than this is long, in days.
    pub long_days: u64,
    /// Longer than this is very long, in days.
    pub very_long_days: u64,
    /// Longer than this counts as having no end, in days.
    pub as_good_as_open_days: u64,
    /// Peers commonly hold it when Wilson's lower bound reaches this.
    pub common_share_percent: u32,
    /// And there are at least so many peers.
    pub common_peers: u32,
    /// An entitlement younger than this, in days, cannot have holders yet.
    pub new_entitlement_days: i64,
}

/// Working hours in the person's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingHours {
    /// First minute of the working day.
    pub from_minute: u16,
    /// First minute after it.
    pub until_minute: u16,
    /// The last working day of the week, Monday 1 to Sunday 7.
    pub last_weekday: u8,
}

/// What makes a score sure (RISK.md §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceTable {
    /// So many peers make a baseline.
    pub full_peers: u32,
    /// A class agreed on longer ago than this, in days, is overdue.
    pub class_review_days: i64,
    /// How sure an overdue catalogue entry is, in basis points.
    pub overdue_catalogue_bp: u16,
}

impl RiskTable {
    /// Reads the tables from their text.
    ///
    /// # Errors
    /// Every mistake in it, with its line.
    pub fn parse(yaml: &str) -> Result<Self, Vec<Problem>> {
        table_text::parse(yaml)
    }

    /// The factors of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &KindTable {
        match kind {
            Kind::Signin => &self.signin,
            Kind::Request => &self.request,
        }
    }
}

impl Factor {
    /// How far a ramp is up after so many confirmed sign-ins, in basis points.
    #[must_use]
    pub fn ramp_bp(&self, confirmed: u32) -> u16 {
        let whole = u64::from(self.ramp.unwrap_or(1).max(1));
        u16::try_from((u64::from(confirmed) * 10_000 / whole).min(10_000)).unwrap_or(10_000)
    }
}
