//! Sentences and what they rest on. A claim cannot be made without an event; what is not known is one of a few fixed sentences.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::signin::{ReasonClass, SigninEvent};

/// How sure the reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The record does not tell.
    Unknown,
    /// The record fits, and fits other reasons too.
    Possible,
    /// The record speaks for it.
    Likely,
    /// The record says so.
    Certain,
}

/// Ids of events: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    first: String,
    rest: Vec<String>,
}

impl Evidence {
    /// One event.
    #[must_use]
    pub fn of(event: &SigninEvent) -> Self {
        Self { first: event.id.clone(), rest: Vec::new() }
    }

    /// All of these events; `None` where there is none.
    pub fn all<'a>(events: impl IntoIterator<Item = &'a SigninEvent>) -> Option<Self> {
        let mut ids = events.into_iter().map(|e| e.id.clone());
        let first = ids.next()?;
        let mut evidence = Self { first, rest: Vec::new() };
        ids.for_each(|id| evidence.add(id));
        Some(evidence)
    }

    /// The same with one more event.
    #[must_use]
    pub fn and(mut self, event: &SigninEvent) -> Self {
        self.add(event.id.clone());
        self
    }

    fn add(&mut self, id: String) {
        if id != self.first && !self.rest.contains(&id) {
            self.rest.push(id);
        }
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_str()).chain(self.rest.iter().map(String::as_str))
    }
}

/// What the record does not tell. Each is one fixed sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotKnown {
    /// There is no event of this person.
    NoEvents,
    /// There is no lock.
    NoLock,
    /// There is nothing wrong in the record.
    NoTrouble,
    /// There is no attempt at the application that was named.
    NoAttempt,
    /// There is no trouble at the time that was named.
    NothingThen,
    /// There is no failed second factor.
    NoFactor,
    /// There is no refused password.
    NoPassword,
    /// There is no question for a new sign-in.
    NoAgain,
    /// What led to the lock.
    WhatLed,
    /// The event of the lock itself.
    LockRecord,
    /// When it ends by itself.
    WhenItEnds,
    /// Whether it is over: nothing since says so.
    StillShut,
    /// Who or what typed it.
    WhoTyped,
    /// Which of several meanings of a code applies.
    WhichMeaning,
    /// What a code means.
    CodeMeaning,
    /// Which rule it was.
    WhichRule,
    /// The order of records of two logs.
    Order,
    /// Whether what a log dates a moment after the time asked about happened before it.
    ClockAhead,
    /// Some records contradict others or cannot be right.
    SetAside,
    /// What is kept for the security team.
    Withheld,
    /// From where and with what, for readers who are not to know it.
    NotShown,
}

impl NotKnown {
    /// The sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoEvents => "I find no sign-in event of yours in the record, so I cannot say what happened.",
            Self::NoLock => "The record shows no lock of your account.",
            Self::NoTrouble => "The record shows nothing that kept you out.",
            Self::NoAttempt => "The record holds no attempt to sign in to what you named.",
            Self::NothingThen => {
                "The record shows no trouble at the time you named; what follows is what lies nearest to it."
            }
            Self::NoFactor => "The record shows no second factor that failed.",
            Self::NoPassword => "The record shows no password that was refused.",
            Self::NoAgain => "The record does not show why you were asked again.",
            Self::WhatLed => "What led to the lock is not in the record: no failed sign-ins stand shortly before it.",
            Self::LockRecord => "The moment of the lock itself is not in the record.",
            Self::WhenItEnds => "The record does not say when it ends by itself.",
            Self::StillShut => "Since then the record shows no unlock and no sign-in that worked.",
            Self::WhoTyped => "Whether you, a program or somebody else sent these passwords, the record does not say.",
            Self::WhichMeaning => "The code has more than one meaning, and the record does not tell which applies.",
            Self::CodeMeaning => "I do not know what that code means, and I will not guess.",
            Self::WhichRule => "Which rule it was, the record does not say.",
            Self::Order => "The clocks of the two logs seem to differ, so the order is not certain.",
            Self::ClockAhead => {
                "Some of these records are dated a moment after the time asked about; I take it that their clock runs ahead."
            }
            Self::SetAside => "Some records contradict others or carry impossible times; I left them out.",
            Self::Withheld => "What exactly led to it is not shown here; the security team sees the whole record.",
            Self::NotShown => "From where and with which device that was is not shown here.",
        }
    }
}

/// One sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    text: String,
    basis: Basis,
}

/// What a sentence rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// These events.
    Events(Evidence),
    /// Nothing: it says what is not known.
    Nothing(NotKnown),
}

impl Sentence {
    /// Something the events say.
    #[must_use]
    pub fn claim(text: impl Into<String>, evidence: Evidence) -> Self {
        Self { text: text.into(), basis: Basis::Events(evidence) }
    }

    /// Something the record does not say.
    #[must_use]
    pub fn not_known(what: NotKnown) -> Self {
        Self { text: what.sentence().to_owned(), basis: Basis::Nothing(what) }
    }

    /// The words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same in other words, resting on the same.
    #[must_use]
    pub fn retold(self, words: impl FnOnce(&str) -> String) -> Self {
        Self { text: words(&self.text), basis: self.basis }
    }

    /// What it rests on.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    /// The ids it rests on; none for what is not known.
    #[must_use]
    pub fn cites(&self) -> Vec<&str> {
        match &self.basis {
            Basis::Events(evidence) => evidence.ids().collect(),
            Basis::Nothing(_) => Vec::new(),
        }
    }
}

/// What the reader can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextStep {
    /// In words.
    pub words: String,
    /// The provider's own page for it, where there is one for everybody.
    pub link: Option<String>,
}

/// A record that was not used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetAside {
    /// Its id.
    pub id: String,
    /// Why.
    pub why: Oddity,
}

/// Why a record was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// It has no time.
    NoTime,
    /// Its time cannot be right.
    ImpossibleTime,
    /// Another record with the same id says something else.
    SameIdOtherContent,
    /// It claims to be of a provider that has no such events.
    NotThisProvider,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The sentences, in order.
    pub sentences: Vec<Sentence>,
    /// The class of the reason; `None` where the record does not tell.
    pub reason_class: Option<ReasonClass>,
    /// How sure that class is.
    pub certainty: Certainty,
    /// What the reader can do.
    pub next_steps: Vec<NextStep>,
    /// When it ends by itself, where that is known.
    pub ends_at: Option<Timestamp>,
    /// Records not used.
    pub set_aside: Vec<SetAside>,
    /// How many records are dated later than the moment asked about. They were not looked at.
    pub later: usize,
    /// True where the security team has to see it.
    pub to_security: bool,
    /// Events that whoever looks into it needs beside those cited.
    pub behind: Vec<String>,
}

impl Explanation {
    /// The answer in one piece.
    #[must_use]
    pub fn answer(&self) -> String {
        self.sentences.iter().map(Sentence::text).collect::<Vec<_>>().join(" ")
    }

    /// Every event the answer rests on, once, in the order of the sentences.
    #[must_use]
    pub fn cited(&self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for id in self.sentences.iter().flat_map(Sentence::cites) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// What whoever looks into it is given: what is cited, and what lies behind it.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        let mut ids = self.cited();
        ids.extend(self.behind.iter().filter(|id| !ids.contains(id)).cloned().collect::<Vec<_>>());
        ids
    }

    /// True where it answers what was asked for, and not something else that the record holds instead.
    #[must_use]
    pub fn is_what_was_asked(&self) -> bool {
        use NotKnown as N;
        let missing = [
            N::NoEvents,
            N::NoLock,
            N::NoTrouble,
            N::NoAttempt,
            N::NothingThen,
            N::NoFactor,
            N::NoPassword,
            N::NoAgain,
        ];
        !self.not_known().iter().any(|n| missing.contains(n))
    }

    /// What is said not to be known.
    #[must_use]
    pub fn not_known(&self) -> Vec<NotKnown> {
        let what = |s: &Sentence| match s.basis() {
            Basis::Nothing(what) => Some(*what),
            Basis::Events(_) => None,
        };
        self.sentences.iter().filter_map(what).collect()
    }
}
