//! How much is told to whom (RISK.md §5.6): nothing to somebody not signed in, the reason to the person it is about, everything to an
//! operator. Between colleagues nothing is told, unless the table in `policy/disclosure.yaml` names what the one is to the other.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::ids::PersonId;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing but how to get help: the same bytes for every name.
    #[serde(rename = "nothing")]
    Generic,
    /// What happened, when it ends, what to do. Not from where, with what device, or to which application.
    Staff,
    /// What the person themselves is told. No details of what detected a danger.
    Person,
    /// Everything.
    Operator,
}

impl Level {
    /// The level in one word, as the table writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "nothing",
            Self::Staff => "staff",
            Self::Person => "person",
            Self::Operator => "operator",
        }
    }

    /// What is told at this level, for people to read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Generic => "nothing",
            Self::Staff => "what happened and when it ends; not from where or with which device",
            Self::Person => "what the person reads themselves",
            Self::Operator => "everything the log says",
        }
    }
}

/// What one person can be to another, so that policy may let them see the other's sign-ins. The first that allows most is the one named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Works at the helpdesk.
    Helpdesk,
    /// Decides as security.
    Security,
    /// Works at the security desk.
    Soc,
    /// Reads the whole record.
    Auditors,
    /// Is their line manager.
    Manager,
    /// Stands further above them in the line.
    ManagersAbove,
    /// Answers for them: a contractor's or agent's sponsor.
    Sponsor,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 7] =
        [Self::Helpdesk, Self::Security, Self::Soc, Self::Auditors, Self::Manager, Self::ManagersAbove, Self::Sponsor];

    /// The part in one word, as the table writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Helpdesk => "helpdesk",
            Self::Security => "security",
            Self::Soc => "soc",
            Self::Auditors => "auditors",
            Self::Manager => "manager",
            Self::ManagersAbove => "managers_above",
            Self::Sponsor => "sponsor",
        }
    }

    /// The part of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// What somebody is who has it, after "works" or "is": `works at the helpdesk`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Helpdesk => "works at the helpdesk",
            Self::Security => "belongs to security",
            Self::Soc => "works at the security desk",
            Self::Auditors => "may read the whole record",
            Self::Manager => "is the manager",
            Self::ManagersAbove => "stands above in the line",
            Self::Sponsor => "is the sponsor",
        }
    }

    /// True for parts that hang on a group, and not on whom one asks about.
    #[must_use]
    pub fn is_group(self) -> bool {
        matches!(self, Self::Helpdesk | Self::Security | Self::Soc | Self::Auditors)
    }
}

/// Who is told how much. Made from `policy/disclosure.yaml` only; without that file nobody is told anything of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What each part is told of others' sign-ins. A part that is missing is told nothing.
    pub tell: BTreeMap<Part, Level>,
    /// True where contractors, third parties and agents are told nothing of others, whatever part they have.
    pub employees_only: bool,
    /// Whose part opens the helpdesk's page.
    pub page: BTreeSet<Part>,
}

impl Default for Policy {
    fn default() -> Self {
        let page = [Part::Helpdesk, Part::Security, Part::Soc, Part::Auditors].into();
        Self { tell: BTreeMap::new(), employees_only: true, page }
    }
}

/// Who asks about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking<'a> {
    /// Who asks; `None` where nobody is signed in.
    pub asker: Option<&'a PersonId>,
    /// About whom.
    pub subject: &'a PersonId,
}

/// What the asker is to the subject, as the directory says. Words said in a conversation are no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Their parts.
    pub parts: BTreeSet<Part>,
    /// True where the asker is on the payroll and here.
    pub employee: bool,
}

/// What may be told, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disclosure {
    /// How much.
    pub level: Level,
    /// What allows it, where it is about somebody else.
    pub because: Option<Part>,
    /// True for looks at somebody else's events: they are recorded, refused ones too.
    pub record: bool,
}

/// What may be told. Everything that is not allowed is [`Level::Generic`].
#[must_use]
pub fn of(asking: Asking<'_>, standing: &Standing, policy: &Policy) -> Disclosure {
    let Some(asker) = asking.asker else {
        return Disclosure { level: Level::Generic, because: None, record: false };
    };
    if asker == asking.subject {
        return Disclosure { level: Level::Person, because: None, record: false };
    }
    let mut best = Disclosure { level: Level::Generic, because: None, record: true };
    if policy.employees_only && !standing.employee {
        return best;
    }
    for part in &standing.parts {
        let level = policy.tell.get(part).copied().unwrap_or(Level::Generic);
        if level > best.level {
            best = Disclosure { level, because: Some(*part), record: true };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> PersonId {
        PersonId::parse(name).unwrap()
    }

    fn standing(parts: &[Part]) -> Standing {
        Standing { parts: parts.iter().copied().collect(), employee: true }
    }

    #[test]
    fn one_sees_oneself_and_others_only_by_policy() {
        let (ana, ben) = (id("ana"), id("ben"));
        let policy = Policy {
            tell: [(Part::Helpdesk, Level::Operator), (Part::Manager, Level::Staff), (Part::Soc, Level::Operator)]
                .into(),
            ..Policy::default()
        };
        let told = |asker: Option<&PersonId>, s: &Standing| of(Asking { asker, subject: &ana }, s, &policy);
        let nobody = standing(&[]);
        assert_eq!(told(None, &standing(&Part::ALL)).level, Level::Generic);
        assert_eq!(told(Some(&ana), &nobody), Disclosure { level: Level::Person, because: None, record: false });
        assert_eq!(told(Some(&ben), &nobody), Disclosure { level: Level::Generic, because: None, record: true });
        assert_eq!(told(Some(&ben), &standing(&[Part::Manager])).level, Level::Staff);
        // The part that allows most is the one that counts; of two that allow the same, the first.
        let both = told(Some(&ben), &standing(&[Part::Manager, Part::Soc, Part::Helpdesk]));
        assert_eq!(both, Disclosure { level: Level::Operator, because: Some(Part::Helpdesk), record: true });
        // Parts that the table does not name are told nothing.
        for part in [Part::Security, Part::Auditors, Part::ManagersAbove, Part::Sponsor] {
            assert_eq!(told(Some(&ben), &standing(&[part])).level, Level::Generic, "{part:?}");
        }
        let contractor = Standing { employee: false, ..standing(&[Part::Helpdesk]) };
        assert_eq!(told(Some(&ben), &contractor).level, Level::Generic);
        let open = Policy { employees_only: false, ..policy.clone() };
        assert_eq!(of(Asking { asker: Some(&ben), subject: &ana }, &contractor, &open).level, Level::Operator);
    }

    #[test]
    fn without_a_table_nobody_is_told_of_others() {
        let (ana, ben) = (id("ana"), id("ben"));
        let asking = Asking { asker: Some(&ben), subject: &ana };
        assert_eq!(of(asking, &standing(&Part::ALL), &Policy::default()).level, Level::Generic);
    }

    #[test]
    fn parts_have_one_name() {
        for part in Part::ALL {
            assert_eq!(Part::named(part.name()), Some(part));
            assert_eq!(serde_json::to_value(part).unwrap(), part.name());
        }
        for level in [Level::Generic, Level::Staff, Level::Person, Level::Operator] {
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
        }
    }
}
