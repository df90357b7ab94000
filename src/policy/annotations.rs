//! What a guardrail demands when it applies, read from its annotations.

use std::collections::BTreeSet;

use crate::domain::decision::{Level, Obligation, Requirement, Slot};
use crate::domain::window::Seconds;

/// The six things a guardrail can forbid (RISK.md §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardedAction {
    /// The person may ask at all.
    Request,
    /// Nobody has to look.
    AutoApprove,
    /// The security team may be left out.
    SkipSecurity,
    /// One approver is enough.
    SkipSecondPerson,
    /// The emergency path may be used.
    BreakGlass,
    /// This approver may decide.
    Approve,
}

impl GuardedAction {
    /// All of them, in order of precedence.
    pub const ALL: [Self; 6] =
        [Self::Request, Self::AutoApprove, Self::SkipSecurity, Self::SkipSecondPerson, Self::BreakGlass, Self::Approve];

    /// The action's name in the guardrail language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::AutoApprove => "auto_approve",
            Self::SkipSecurity => "skip_security",
            Self::SkipSecondPerson => "skip_second_person",
            Self::BreakGlass => "break_glass",
            Self::Approve => "approve",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// What follows from forbidding it, without any annotation.
    #[must_use]
    pub fn requirement(self) -> Requirement {
        let none = Requirement::default();
        match self {
            Self::Request => Requirement { deny: true, ..none },
            Self::AutoApprove => Requirement { level: Level::Manager, ..none },
            Self::SkipSecurity => Requirement { level: Level::Security, ..none },
            Self::SkipSecondPerson => Requirement { level: Level::Manager, persons: 2, ..none },
            Self::BreakGlass | Self::Approve => none,
        }
    }

    /// True where forbidding it asks for more people, so that a guardrail may demand which.
    #[must_use]
    pub fn takes_demands(self) -> bool {
        matches!(self, Self::AutoApprove | Self::SkipSecurity | Self::SkipSecondPerson)
    }
}

/// Annotations that demand something.
pub const DEMANDS: [&str; 5] = ["demand", "persons", "max_ttl", "review", "obligation"];

/// All annotations a guardrail may carry.
pub const KNOWN: [&str; 9] =
    ["id", "reason", "control", "absolute", "demand", "persons", "max_ttl", "review", "obligation"];

/// Reads one demanding annotation into a requirement.
///
/// # Errors
/// What is wrong with the value, and what would be right.
pub fn demand(key: &str, value: &str) -> Result<Requirement, String> {
    let none = Requirement::default();
    Ok(match key {
        "demand" => {
            let slots: BTreeSet<Slot> = words(value).map(slot).collect::<Result<_, _>>()?;
            Requirement { slots, level: Level::Manager, ..none }
        }
        "persons" => match value.trim().parse::<u8>() {
            Ok(persons @ 2..=4) => Requirement { persons, level: Level::Manager, ..none },
            _ => return Err(format!("`{value}` persons cannot be asked for; write a number from 2 to 4")),
        },
        "max_ttl" => Requirement { max_ttl: Some(span(value)?), ..none },
        "review" => Requirement { review_after: Some(span(value)?), ..none },
        "obligation" => {
            let obligations: BTreeSet<Obligation> = words(value).map(obligation).collect::<Result<_, _>>()?;
            Requirement { obligations, ..none }
        }
        _ => return Err(format!("`@{key}` is not known")),
    })
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split([' ', ',']).map(str::trim).filter(|word| !word.is_empty())
}

fn slot(word: &str) -> Result<Slot, String> {
    Ok(match word {
        "manager" => Slot::Manager,
        "sponsor" => Slot::Sponsor,
        "owner" => Slot::Owner,
        "compliance" => Slot::Compliance,
        "security" => Slot::Security,
        "second_person" => Slot::SecondPerson,
        _ => {
            let known = "manager, sponsor, owner, compliance, security, second_person";
            return Err(format!("nobody plays the part `{word}`; there are {known}"));
        }
    })
}

fn obligation(word: &str) -> Result<Obligation, String> {
    Ok(match word {
        "ticket" => Obligation::Ticket,
        "training" => Obligation::Training,
        "detective_control" => Obligation::DetectiveControl,
        "notify_owner" => Obligation::NotifyOwner,
        "notify_soc" => Obligation::NotifySoc,
        "after_review" => Obligation::AfterReview,
        _ => {
            let known = "ticket, training, detective_control, notify_owner, notify_soc, after_review";
            return Err(format!("the obligation `{word}` is not known; there are {known}"));
        }
    })
}

/// `90m`, `8h`, `30d`: a whole number of minutes, hours or days, up to ten years.
///
/// # Errors
/// What would be right.
pub fn span(text: &str) -> Result<Seconds, String> {
    let text = text.trim();
    let wrong = || format!("`{text}` is no length of time; write `90m`, `8h` or `30d`, ten years at most");
    let (unit, number) = match text.char_indices().next_back() {
        Some((at, unit)) => (unit, &text[..at]),
        None => return Err(wrong()),
    };
    let number: u64 = number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    let each = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    number.checked_mul(each).map(Seconds).filter(|s| *s <= Seconds::days(3653)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_exactly() {
        assert_eq!(span("30d"), Ok(Seconds::days(30)));
        assert_eq!(span(" 90m "), Ok(Seconds::minutes(90)));
        for wrong in ["", "d", "0d", "-1d", "30", "30 d", "1w", "99999999999999999999d", "4000d", "3ü"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn demands_name_what_is_right_when_they_are_wrong() {
        assert_eq!(demand("demand", "owner, security").unwrap().slots, BTreeSet::from([Slot::Owner, Slot::Security]));
        assert!(demand("demand", "boss").unwrap_err().contains("sponsor"));
        assert!(demand("persons", "1").is_err());
        assert!(demand("obligation", "tickets").unwrap_err().contains("ticket,"));
    }
}
