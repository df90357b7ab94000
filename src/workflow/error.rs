//! What can go wrong in a use case, and the one translation into what a person reads.

use crate::domain::card::Card;
use crate::domain::digest::NotCanonical;
use crate::domain::ids::{ConnectorId, EntitlementId, PersonId};
use crate::domain::request::IllegalStep;
use crate::ports::desk::{DeskError, DeskErrorKind};
use crate::ports::jobs::JobFault;
use crate::ports::store::StoreError;

/// What can go wrong in a use case.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    /// The directory does not know this person (any more).
    #[error("`{0}` is not in the directory")]
    UnknownPerson(PersonId),
    /// The person's account is switched off.
    #[error("`{0}` no longer works here")]
    NotEmployed(PersonId),
    /// The catalog does not hold this entitlement (any more).
    #[error("`{0}` is not in the catalog")]
    UnknownEntitlement(EntitlementId),
    /// No connector of this name is set up.
    #[error("connector `{0}` is not set up")]
    NoConnector(ConnectorId),
    /// There is no such thing, or it is not for this person to know.
    #[error("there is no such {0}, or it is not for you to see")]
    NotFound(&'static str),
    /// This person may not do this.
    #[error("{said}")]
    Forbidden {
        /// Why, for the person.
        said: String,
        /// What to do instead.
        next: String,
    },
    /// The button is forged or too old.
    #[error("the button cannot be used")]
    BadButton(#[from] crate::domain::action::TokenError),
    /// What they saw no longer stands.
    #[error("{said}")]
    Stale {
        /// What happened meanwhile.
        said: String,
        /// The card as it stands now.
        fresh: Box<Card>,
    },
    /// They have to prove once more that it is them; nothing was done yet.
    #[error("it has to be confirmed")]
    StepUp {
        /// Where, for them alone.
        card: Box<Card>,
    },
    /// What was filled in cannot be used.
    #[error("{said}")]
    Invalid {
        /// What is wrong.
        said: String,
        /// What to do.
        next: String,
    },
    /// The event does not fit the state: somebody else was faster.
    #[error(transparent)]
    Illegal(#[from] IllegalStep),
    /// A value has no canonical form.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WorkflowError {
    /// True where reading and deciding again may succeed.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict(_)))
    }

    /// For whoever asked: what happened, what to do next, a reference. The detail goes to the log, once, here.
    #[must_use]
    pub fn for_person(self, reference: String) -> DeskError {
        let say = |kind, said: String, next: &str| DeskError {
            kind,
            said,
            next: next.to_owned(),
            reference: reference.clone(),
            fresh: None,
        };
        match self {
            Self::UnknownPerson(_) => say(
                DeskErrorKind::NotFound,
                "I do not find that person in the directory.".into(),
                "Check the name, or ask the helpdesk whether the account exists.",
            ),
            Self::NotEmployed(_) => say(
                DeskErrorKind::Forbidden,
                "This account is switched off.".into(),
                "Ask your manager or the helpdesk to have it switched on again.",
            ),
            Self::UnknownEntitlement(_) => say(
                DeskErrorKind::NotFound,
                "That is no longer in the catalog.".into(),
                "Tell me in your words what you need and I will look again.",
            ),
            Self::NotFound(what) => say(
                DeskErrorKind::NotFound,
                format!("There is no such {what}, or it is not for you to see."),
                "Check the link, or ask “what happened to my request?”.",
            ),
            Self::Forbidden { said, next } => say(DeskErrorKind::Forbidden, said, &next),
            Self::BadButton(error) => say(
                DeskErrorKind::BadButton,
                match error {
                    crate::domain::action::TokenError::Forged => {
                        "That button does not work: it was not made here or was altered."
                    }
                    crate::domain::action::TokenError::Expired => "That button is too old.",
                }
                .into(),
                "Open your inbox or ask again; you will get a fresh one. Nothing was done.",
            ),
            Self::Stale { said, fresh } => DeskError {
                kind: DeskErrorKind::Stale,
                said,
                next: "Here is how it stands now. Nothing was done.".into(),
                reference,
                fresh: Some(fresh),
            },
            Self::StepUp { card } => DeskError {
                kind: DeskErrorKind::StepUp,
                said: "This has to be confirmed first: is it you?".into(),
                next: "Follow the link; it works once, and for a few minutes. Nothing was decided yet.".into(),
                reference,
                fresh: Some(card),
            },
            Self::Invalid { said, next } => say(DeskErrorKind::Invalid, said, &next),
            Self::Illegal(_) | Self::Store(StoreError::Conflict(_)) => say(
                DeskErrorKind::Stale,
                "Somebody else was faster; this has changed meanwhile.".into(),
                "Look at it again and decide anew. Nothing was done.",
            ),
            Self::Store(StoreError::AlreadyDone(_)) => {
                say(DeskErrorKind::Stale, "That was done already.".into(), "There is nothing more to do.")
            }
            error @ (Self::NoConnector(_) | Self::NotCanonical(_) | Self::Store(_)) => {
                tracing::error!(reference, error = &error as &dyn std::error::Error, "a use case failed");
                say(
                    DeskErrorKind::Unavailable,
                    "Something on our side is not working.".into(),
                    "Try again in a minute. If it stays, give the helpdesk the reference.",
                )
            }
        }
    }

    /// For the job queue: later or never.
    #[must_use]
    pub fn for_job(&self) -> JobFault {
        match self {
            Self::Store(StoreError::Conflict(_) | StoreError::Unavailable(_))
            | Self::Illegal(_)
            | Self::NoConnector(_) => JobFault::Later(self.to_string()),
            _ => JobFault::Never(self.to_string()),
        }
    }
}
