//! How much is told to whom (RISK.md §5.6): nothing to somebody not signed in, the reason to the person it is about, everything to an operator.

use std::collections::BTreeSet;

use crate::domain::ids::PersonId;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing but how to get help: the same bytes for every name.
    Generic,
    /// What happened, when it ends, what to do. No details of what detected a danger.
    Person,
    /// Everything.
    Operator,
}

/// Who asks about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking<'a> {
    /// Who asks; `None` where nobody is signed in.
    pub asker: Option<&'a PersonId>,
    /// About whom.
    pub subject: &'a PersonId,
}

/// What the asker is to the subject, as the directory and the policy say. Words said in a conversation are no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// People who report to the asker and whose manager may see their sign-ins by policy.
    pub reports: BTreeSet<PersonId>,
    /// True where the asker works at the helpdesk.
    pub helpdesk: bool,
    /// True where the asker works in security.
    pub security: bool,
}

/// What may be told, and whether the look is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disclosure {
    /// How much.
    pub level: Level,
    /// True for looks at somebody else's events: they are recorded, refused ones too.
    pub record: bool,
}

/// What may be told. Everything that is not allowed is [`Level::Generic`].
#[must_use]
pub fn of(asking: Asking<'_>, standing: &Standing) -> Disclosure {
    let Some(asker) = asking.asker else { return Disclosure { level: Level::Generic, record: false } };
    if asker == asking.subject {
        return Disclosure { level: Level::Person, record: false };
    }
    let level = if standing.security || standing.helpdesk {
        Level::Operator
    } else if standing.reports.contains(asking.subject) {
        Level::Person
    } else {
        Level::Generic
    };
    Disclosure { level, record: true }
}

/// What somebody who may not see anything reads. The reference has to come from randomness, not from the name that was asked about.
#[must_use]
pub fn generic(reference: &str) -> String {
    format!(
        "I can explain sign-ins only to the person they belong to. Sign in and ask again, or write to the helpdesk and name reference {reference}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> PersonId {
        PersonId::parse(name).unwrap()
    }

    #[test]
    fn one_sees_oneself_and_others_only_by_standing() {
        let (ana, ben) = (id("ana"), id("ben"));
        let nobody = Standing::default();
        let level = |asker: Option<&PersonId>, subject: &PersonId, s: &Standing| of(Asking { asker, subject }, s);
        assert_eq!(level(None, &ana, &nobody).level, Level::Generic);
        assert_eq!(level(Some(&ana), &ana, &nobody), Disclosure { level: Level::Person, record: false });
        assert_eq!(level(Some(&ben), &ana, &nobody), Disclosure { level: Level::Generic, record: true });
        let manager = Standing { reports: [ana.clone()].into(), ..Standing::default() };
        assert_eq!(level(Some(&ben), &ana, &manager), Disclosure { level: Level::Person, record: true });
        let desk = Standing { helpdesk: true, ..Standing::default() };
        assert_eq!(level(Some(&ben), &ana, &desk), Disclosure { level: Level::Operator, record: true });
        assert_eq!(level(None, &ana, &desk).level, Level::Generic);
    }
}
