//! Which event a question is about: the latest that fits it, or the lock or switching off that a refusal speaks of.

use jiff::SignedDuration;

use crate::domain::signin::{Provider, ReasonClass};
use crate::domain::signin_factor;
use crate::helpdesk::lockout::claim::NotKnown;
use crate::helpdesk::lockout::kind::Kind;
use crate::helpdesk::lockout::question::{Question, Topic};
use crate::helpdesk::lockout::timeline::{Moment, Timeline};
use crate::helpdesk::lockout::when::Stretch;

/// How long before a refusal a lock may lie and still be what it speaks of.
pub const LOCK_REACH: SignedDuration = SignedDuration::from_hours(24);

/// What the question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// This event.
    Trouble(usize),
    /// What was asked for is not there; this is.
    Instead(NotKnown, usize),
    /// Nothing wrong is there; this is the last sign-in that worked.
    Worked(NotKnown, usize),
    /// Nothing.
    Nothing(NotKnown),
}

/// Which event the question is about.
#[must_use]
pub fn find(line: &Timeline<'_>, question: &Question) -> Found {
    if let Some(name) = &question.application {
        let here = |m: &Moment<'_>| m.event.application.as_deref() == Some(name.as_str());
        let asked = question.topic != Topic::Locked;
        let then = |m: &Moment<'_>| question.then.is_none_or(|(from, to)| from <= m.at && m.at < to);
        if asked && let Some(place) = line.last(|m| here(m) && then(m) && m.is_trouble()) {
            return Found::Trouble(behind(line, place));
        }
    }
    let fits = |m: &Moment<'_>| match question.topic {
        Topic::Locked => {
            let shut = matches!(
                m.why.class,
                Some(ReasonClass::LockedOut | ReasonClass::LockedOrDisabled | ReasonClass::Throttled)
            );
            m.kind == Kind::Lock || (m.kind == Kind::Refused && shut)
        }
        Topic::SignIn | Topic::Any => m.is_trouble() || m.kind == Kind::Danger,
        Topic::Password => {
            m.kind == Kind::Refused
                && matches!(
                    m.why.class,
                    Some(
                        ReasonClass::BadCredentials
                            | ReasonClass::PasswordExpired
                            | ReasonClass::PasswordChangeRequired
                            | ReasonClass::PasswordChangeFailed
                    )
                )
        }
        Topic::Factor => {
            let factor = matches!(m.why.class, Some(ReasonClass::MfaFailed | ReasonClass::MfaEnrollment));
            let on_the_way = m.event.provider == Provider::DuoAuth && m.is_trouble();
            // Where a code stands for the password and the factor alike, it may be what is meant.
            let code = m.event.reason_code.as_deref().or(m.event.reason_text.as_deref()).unwrap_or_default();
            let either = m.is_wrong_password() && signin_factor::could_be(m.event.provider, code);
            factor || on_the_way || either
        }
        Topic::Again => {
            let again = matches!(
                m.why.class,
                Some(ReasonClass::SessionExpired | ReasonClass::MfaRequired | ReasonClass::Interrupt)
            );
            m.kind == Kind::Asked || again
        }
    };
    let missing = match question.topic {
        Topic::Locked => NotKnown::NoLock,
        Topic::SignIn | Topic::Any => NotKnown::NoTrouble,
        Topic::Password => NotKnown::NoPassword,
        Topic::Factor => NotKnown::NoFactor,
        Topic::Again => NotKnown::NoAgain,
    };
    let trouble = |m: &Moment<'_>| m.is_trouble() || m.kind == Kind::Danger;
    let stretch = question.then;
    let then = |m: &Moment<'_>| stretch.is_none_or(|(from, to)| from <= m.at && m.at < to);
    if question.unknown_application {
        // Whatever else kept them out may be why, and is told as what it is.
        let found = line.last(|m| then(m) && fits(m)).or_else(|| line.last(|m| then(m) && trouble(m)));
        return match found.or_else(|| stretch.and_then(|s| nearest(line, s, trouble))) {
            Some(place) => Found::Instead(NotKnown::NoAttempt, behind(line, place)),
            None => Found::Nothing(NotKnown::NoAttempt),
        };
    }
    if let Some(place) = line.last(|m| then(m) && fits(m)) {
        return Found::Trouble(led_to(line, place).unwrap_or_else(|| behind(line, place)));
    }
    // No factor failed, but one was asked for and nobody got past it.
    let wanted = |m: &Moment<'_>| {
        question.topic == Topic::Factor
            && matches!(m.kind, Kind::Asked | Kind::Refused)
            && m.why.class == Some(ReasonClass::MfaRequired)
    };
    if let Some(place) = line.last(|m| then(m) && wanted(m)) {
        return Found::Trouble(behind(line, place));
    }
    if let Some(stretch) = stretch {
        if let Some(place) = line.last(|m| then(m) && trouble(m)) {
            return Found::Instead(missing, behind(line, place));
        }
        return match (nearest(line, stretch, trouble), nearest(line, stretch, |m| m.kind == Kind::SignedIn)) {
            (Some(place), _) => Found::Instead(NotKnown::NothingThen, place),
            (None, Some(place)) => Found::Worked(NotKnown::NothingThen, place),
            (None, None) => Found::Nothing(missing),
        };
    }
    match (line.last(trouble), line.last(|m| m.kind == Kind::SignedIn)) {
        (Some(place), _) => Found::Instead(missing, behind(line, place)),
        (None, Some(place)) => Found::Worked(missing, place),
        (None, None) => Found::Nothing(missing),
    }
}

/// The moment of this sort that lies nearest to a stretch of time; of equally near ones the earlier.
fn nearest(line: &Timeline<'_>, (from, to): Stretch, fits: impl Fn(&Moment<'_>) -> bool) -> Option<usize> {
    let away = |m: &Moment<'_>| if m.at < from { from.duration_since(m.at) } else { m.at.duration_since(to) };
    let found = line.moments.iter().enumerate().filter(|(_, m)| fits(m));
    found.min_by_key(|(n, m)| (away(m), *n)).map(|(n, _)| n)
}

/// The event behind a refusal: the lock or the switching off that it speaks of, where that is in the record and still stands.
fn behind(line: &Timeline<'_>, place: usize) -> usize {
    let Some(refusal) = line.moments.get(place) else { return place };
    if refusal.kind != Kind::Refused {
        return place;
    }
    let speaks_of: &[Kind] = match refusal.why.class {
        Some(ReasonClass::LockedOut) => &[Kind::Lock],
        Some(ReasonClass::BadCredentials | ReasonClass::MfaFailed) | None => &[Kind::Lock, Kind::SwitchedOff],
        Some(ReasonClass::LockedOrDisabled) => &[Kind::Lock, Kind::SwitchedOff],
        Some(ReasonClass::AccountDisabled) => &[Kind::SwitchedOff],
        _ => return place,
    };
    let near = |m: &Moment<'_>| refusal.at.duration_since(m.at) <= LOCK_REACH;
    let same = |m: &Moment<'_>| related(m.event.provider, refusal.event.provider);
    let found = line.before(place).iter().rposition(|m| speaks_of.contains(&m.kind) && near(m) && same(m));
    found.filter(|p| line.opened(*p).is_none_or(|m| m.at > refusal.at)).unwrap_or(place)
}

/// The lock that wrong passwords led to, where it still stands: whoever hears that their password is wrong has to know of it first.
fn led_to(line: &Timeline<'_>, place: usize) -> Option<usize> {
    let refusal = line.moments.get(place).filter(|m| m.is_wrong_password())?;
    let is_led_to = |m: &Moment<'_>| {
        m.kind == Kind::Lock
            && m.at.duration_since(refusal.at) <= LOCK_REACH
            && related(m.event.provider, refusal.event.provider)
    };
    let after = line.moments.iter().enumerate().skip(place + 1);
    after.filter(|(n, m)| is_led_to(m) && line.still_stands(*n)).map(|(n, _)| n).next_back()
}

/// True where one provider's refusals may be about the other's lock: the same one, or two views of one directory.
#[must_use]
pub fn related(one: Provider, other: Provider) -> bool {
    let family = |p: Provider| match p {
        Provider::EntraSignin | Provider::EntraAudit => 1,
        Provider::WindowsSecurity | Provider::ActiveDirectory => 2,
        _ => 0,
    };
    one == other || (family(one) != 0 && family(one) == family(other))
}
