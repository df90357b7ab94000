//! The policy set: guardrails and duty separation, checked together and parsed once.

use crate::domain::entitlement::SodRule;
use crate::domain::problem::Problem;
use crate::policy::conflicts::Duties;
use crate::policy::guardrails::Guardrails;
use crate::policy::sod_text;

/// What requests are held against.
#[derive(Debug, Clone)]
pub struct PolicySet {
    /// Guardrails in the Cedar language.
    pub guardrails: Guardrails,
    /// Duty-separation rules.
    pub duties: Duties,
}

impl PolicySet {
    /// Reads the guardrails and takes the duty-separation rules.
    ///
    /// # Errors
    /// Every mistake in either, with file and, for the guardrails, line.
    pub fn load(guardrails: &str, sod_rules: &[SodRule]) -> Result<Self, Vec<Problem>> {
        let mut problems = sod_text::check(sod_rules.iter().map(|rule| (None, rule)));
        match Guardrails::parse(guardrails) {
            Ok(guardrails) if problems.is_empty() => Ok(Self { guardrails, duties: Duties::new(sod_rules.to_vec()) }),
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                problems.sort();
                Err(problems)
            }
        }
    }
}
