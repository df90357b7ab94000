//! What a sign-in's score recommends (RISK.md §3.1). The score itself comes from the same kernel as a request's.

use crate::domain::decision::Score;
use crate::domain::person::RiskLevel;
use crate::risk::table::RiskTable;

/// What to do about a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recommendation {
    /// Let it through.
    Allow,
    /// Ask for a second factor.
    MfaChallenge,
    /// Refuse this attempt; a stronger one may follow. Security hears of it.
    BlockAndStepUp,
    /// The same, all sessions end, and security is called.
    BlockAndAlert,
}

impl Recommendation {
    /// What a score recommends.
    #[must_use]
    pub fn of(table: &RiskTable, score: Score) -> Self {
        let bands = &table.signin_bands;
        match score.points() {
            s if s < bands.mfa => Self::Allow,
            s if s < bands.block => Self::MfaChallenge,
            s if s < bands.soc => Self::BlockAndStepUp,
            _ => Self::BlockAndAlert,
        }
    }

    /// The written form in vectors and JSON lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::MfaChallenge => "mfa",
            Self::BlockAndStepUp => "block+stepup",
            Self::BlockAndAlert => "block+stepup+SOC",
        }
    }

    /// The level other systems hear (CAEP 1.0 `current_level`).
    #[must_use]
    pub fn level(self) -> RiskLevel {
        match self {
            Self::Allow => RiskLevel::Low,
            Self::MfaChallenge => RiskLevel::Medium,
            Self::BlockAndStepUp | Self::BlockAndAlert => RiskLevel::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::table::RiskTable;

    #[test]
    fn bands_begin_where_the_table_says() {
        let table = RiskTable::parse(include_str!("../../catalog/policy/risk.yaml")).unwrap();
        let said = [29, 30, 69, 70, 84, 85].map(|s| Recommendation::of(&table, Score::new(s).unwrap()).name());
        assert_eq!(said, ["allow", "mfa", "mfa", "block+stepup", "block+stepup", "block+stepup+SOC"]);
    }
}
