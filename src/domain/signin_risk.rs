//! What a provider itself says of danger in a sign-in: a level, what was noticed, and whether somebody has called it safe since. It is
//! kept beside the reason of a refusal, because the two need not agree: a rule refuses, and why the rule was there stands here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How dangerous a provider calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Hardly.
    Low,
    /// Somewhat.
    Medium,
    /// Very.
    High,
}

/// What was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskSign {
    /// The account counts as at risk.
    AtRisk,
    /// The account counts as taken over.
    Compromised,
    /// The address hides its origin.
    AnonymousAddress,
    /// The address is known for attacks.
    BadAddress,
    /// Two places too far apart for the time between.
    Travel,
    /// The password is known from a theft.
    LeakedPassword,
    /// The session or token looks stolen.
    StolenSession,
    /// The owner says that it was not them.
    Reported,
    /// The provider suspects an attack and does not say more.
    Suspected,
}

impl RiskSign {
    /// What was noticed, in a few plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AtRisk => "the account counts as at risk",
            Self::Compromised => "the account counts as taken over",
            Self::AnonymousAddress => "the address hides its origin",
            Self::BadAddress => "the address is known for attacks",
            Self::Travel => "the places are too far apart for the time between",
            Self::LeakedPassword => "the password is known from a theft",
            Self::StolenSession => "the session looks stolen",
            Self::Reported => "the owner reported it as not their own",
            Self::Suspected => "an attack is suspected",
        }
    }
}

/// What the provider says of danger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// How dangerous, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<RiskLevel>,
    /// What was noticed, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<RiskSign>,
    /// True where somebody (or the provider) has looked and called it safe or dealt with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
}

impl Risk {
    /// True where a person has to look: nobody has called it safe, and the level is not low or something was noticed.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.settled && (self.level >= Some(RiskLevel::Medium) || !self.signs.is_empty())
    }

    /// Nothing where nothing was said.
    #[must_use]
    pub fn said(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// Notes something once.
    pub fn notice(&mut self, sign: RiskSign) {
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }

    /// The higher of two levels.
    pub fn raise(&mut self, level: Option<RiskLevel>) {
        self.level = self.level.max(level);
    }

    /// In words: `risk high; the address hides its origin`.
    #[must_use]
    pub fn words(&self) -> String {
        let level = self.level.map(|level| match level {
            RiskLevel::Low => "risk low",
            RiskLevel::Medium => "risk medium",
            RiskLevel::High => "risk high",
        });
        let settled = self.settled.then_some("called safe since");
        let parts: Vec<&str> = level.into_iter().chain(self.signs.iter().map(|s| s.words())).chain(settled).collect();
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_and_what_does_not() {
        let of = |level, signs: &[RiskSign], settled| Risk { level, signs: signs.to_vec(), settled }.counts();
        assert!(of(Some(RiskLevel::Medium), &[], false));
        assert!(of(Some(RiskLevel::Low), &[RiskSign::Travel], false));
        assert!(of(None, &[RiskSign::Reported], false));
        assert!(!of(Some(RiskLevel::Low), &[], false));
        assert!(!of(Some(RiskLevel::High), &[RiskSign::AtRisk], true));
        assert!(!of(None, &[], false) && Risk::default().said().is_none());
    }

    #[test]
    fn words_say_all_of_it() {
        let mut risk = Risk { level: Some(RiskLevel::High), ..Risk::default() };
        risk.notice(RiskSign::AnonymousAddress);
        risk.notice(RiskSign::AnonymousAddress);
        assert_eq!(risk.words(), "risk high; the address hides its origin");
    }
}
