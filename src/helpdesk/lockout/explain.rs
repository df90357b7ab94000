//! The answer: which event the question is about, what led to it, what came after, what can be done, and what the record does not say.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::signin::{Provider, ReasonClass, SigninEvent};
use crate::domain::window::Seconds;
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::causes::{self, Around, Cause, What};
use crate::helpdesk::lockout::chain;
use crate::helpdesk::lockout::claim::{Certainty, Evidence, Explanation, NotKnown, Sentence};
use crate::helpdesk::lockout::danger;
use crate::helpdesk::lockout::kind::Kind;
use crate::helpdesk::lockout::question::Question;
use crate::helpdesk::lockout::steps::{self, Lock};
use crate::helpdesk::lockout::subject::{self, Found, LOCK_REACH, related};
use crate::helpdesk::lockout::timeline::{CLOCK_TOLERANCE, Moment, Timeline};
use crate::helpdesk::lockout::words;

/// Prompts refused within this time are one salvo (RISK.md §3.1, `cred.mfa_fatigue`).
const SALVO: SignedDuration = SignedDuration::from_mins(10);
/// How many prompts make a salvo.
const SALVO_SIZE: usize = 3;

/// How long locks last, as the operator declares it, by provider. What is not declared is not known.
pub type Lasting = BTreeMap<Provider, Seconds>;

/// What an explanation is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The events of the person it is about, and of nobody else.
    pub events: &'a [SigninEvent],
    /// When it is asked.
    pub now: Timestamp,
    /// The reader's zone.
    pub zone: &'a TimeZone,
    /// What is asked.
    pub question: &'a Question,
    /// How much may be told.
    pub level: Level,
    /// How long locks last.
    pub lasting: &'a Lasting,
    /// How many other accounts were refused from the same addresses.
    pub around: &'a Around,
}

/// Explains.
#[must_use]
pub fn explain(inquiry: Inquiry<'_>) -> Explanation {
    let timeline = Timeline::of(inquiry.events, inquiry.now);
    let mut draft = Draft {
        inquiry,
        timeline: &timeline,
        said: Vec::new(),
        class: None,
        certainty: Certainty::Unknown,
        cause: None,
        ends_at: None,
        open: false,
        provider: None,
        to_security: false,
        behind: Vec::new(),
    };
    draft.write();
    draft.finish()
}

struct Draft<'a> {
    inquiry: Inquiry<'a>,
    timeline: &'a Timeline<'a>,
    said: Vec<Sentence>,
    class: Option<ReasonClass>,
    certainty: Certainty,
    cause: Option<Cause>,
    ends_at: Option<Timestamp>,
    /// True where the record shows that it is over.
    open: bool,
    provider: Option<Provider>,
    to_security: bool,
    /// What security should see beside what is cited.
    behind: Vec<String>,
}

impl<'a> Draft<'a> {
    fn claim(&mut self, text: String, evidence: Evidence) {
        self.said.push(Sentence::claim(text, evidence));
    }

    fn not_known(&mut self, what: NotKnown) {
        self.said.push(Sentence::not_known(what));
    }

    fn write(&mut self) {
        if self.timeline.moments.is_empty() {
            self.not_known(NotKnown::NoEvents);
        } else {
            match subject::find(self.timeline, self.inquiry.question) {
                Found::Trouble(place) => self.trouble(place, true),
                Found::Instead(missing, place) => {
                    self.not_known(missing);
                    self.trouble(place, false);
                }
                Found::Worked(missing, place) => {
                    self.not_known(missing);
                    self.worked(place);
                }
                Found::Nothing(missing) => self.not_known(missing),
            }
        }
        let cites = |m: &Moment<'_>| self.said.iter().any(|s| s.cites().contains(&m.event.id.as_str()));
        if self.timeline.moments.iter().any(|m| m.at > self.inquiry.now && cites(m)) {
            self.not_known(NotKnown::ClockAhead);
        }
        if !self.timeline.set_aside.is_empty() {
            self.not_known(NotKnown::SetAside);
        }
    }

    fn trouble(&mut self, place: usize, asked: bool) {
        let Some(moment) = self.timeline.moments.get(place).copied() else { return };
        self.provider = Some(moment.event.provider);
        self.class = moment.why.class;
        self.certainty = match (moment.why.class, moment.why.vague) {
            (None, _) => Certainty::Unknown,
            (Some(_), false) => Certainty::Certain,
            (Some(ReasonClass::BadCredentials), true) => Certainty::Likely,
            (Some(_), true) => Certainty::Possible,
        };
        if !asked && self.inquiry.question.unknown_application {
            self.certainty = self.certainty.min(Certainty::Possible);
        }
        let is_lock = moment.kind == Kind::Lock
            || (moment.kind == Kind::Refused && moment.why.class == Some(ReasonClass::LockedOut));
        let near = danger::around(self.timeline, place);
        self.to_security = !near.is_empty();
        self.behind = near.iter().map(|m| m.event.id.clone()).collect();
        let itself = near.iter().any(|m| m.event.id == moment.event.id);
        let shut = is_lock || moment.kind == Kind::SwitchedOff;
        if itself || (shut && !near.is_empty()) {
            self.danger(place, &moment, &near);
            return;
        }
        if is_lock {
            self.lock(place, &moment);
        } else if moment.kind == Kind::SwitchedOff {
            self.switched_off(place, &moment);
        } else {
            self.refusal(place, &moment);
        }
        if !near.is_empty() {
            self.beside(&near);
        }
        self.afterwards(place);
        if self.inquiry.question.when && !self.open {
            self.not_known(NotKnown::StillShut);
        }
        if is_lock && !self.open {
            self.ending(&moment);
        }
    }

    /// A danger near a refusal that was none itself.
    fn beside(&mut self, near: &[Moment<'a>]) {
        let zone = self.inquiry.zone;
        if self.inquiry.level == Level::Operator {
            self.said.extend(danger::told(near, zone));
        } else if let Some((evidence, last)) = Evidence::all(near.iter().map(|m| m.event)).zip(near.last()) {
            let when = words::on(last.at, zone);
            self.claim(format!("Something around your account looked dangerous {when}."), evidence);
            self.not_known(NotKnown::Withheld);
        }
    }

    /// A lock or refusal for safety: that it happened, and who can see more. What noticed it only whoever looks into it is told.
    fn danger(&mut self, place: usize, moment: &Moment<'a>, near: &[Moment<'a>]) {
        let zone = self.inquiry.zone;
        self.class = Some(ReasonClass::Risk);
        self.certainty = Certainty::Certain;
        let when = words::on(moment.at, zone);
        let system = words::system(moment.event.provider);
        let wrong = matches!(moment.why.class, Some(ReasonClass::BadCredentials | ReasonClass::MfaFailed));
        let itself = near.iter().any(|m| m.event.id == moment.event.id);
        let what = match moment.kind {
            Kind::Lock | Kind::SwitchedOff => format!("Your {system} account was closed for safety {when}."),
            Kind::Danger => format!("{system} raised a safety notice about your account {when}."),
            _ if !itself => format!("{} because the account is locked.", self.refused(moment)),
            _ if wrong => format!("{}, and it looked dangerous.", self.refused(moment)),
            _ => format!("A sign-in to your {system} account was stopped for safety {when}."),
        };
        self.claim(what, Evidence::of(moment.event));
        let mut others = near.iter().filter(|m| m.event.id != moment.event.id);
        if let Some((evidence, last)) = Evidence::all(others.clone().map(|m| m.event)).zip(others.next_back()) {
            let when = words::on(last.at, zone);
            self.claim(format!("Something around your account looked dangerous {when}."), evidence);
        }
        let led = chain::leading_to(self.timeline, place, Moment::is_wrong_password);
        self.behind.extend(led.iter().map(|m| m.event.id.clone()));
        if self.inquiry.level == Level::Operator {
            self.said.extend(danger::told(near, zone));
            let what =
                ("refused sign-in with a wrong name or password", "refused sign-ins with a wrong name or password");
            self.said.extend(chain::tell(&led, what, zone));
            self.said.extend(chain::listed(&led));
        } else {
            self.not_known(NotKnown::Withheld);
        }
    }

    fn lock(&mut self, place: usize, lock: &Moment<'a>) {
        let zone = self.inquiry.zone;
        let system = words::system(lock.event.provider);
        if lock.kind == Kind::Lock {
            let when = words::on(lock.at, zone);
            self.claim(format!("Your {system} account was locked {when}."), Evidence::of(lock.event));
        } else {
            let refused = self.refused(lock);
            match (lock.why.vague, lock.why.meaning) {
                (true, Some(meaning)) => {
                    self.claim(format!("{refused}: the log says {meaning}."), Evidence::of(lock.event));
                }
                _ => self.claim(format!("{refused} because the account is locked."), Evidence::of(lock.event)),
            }
        }
        let mine = |m: &Moment<'_>| {
            let wrong = m.is_wrong_password()
                || (m.kind == Kind::Refused && m.why.class == Some(ReasonClass::MfaFailed))
                || (m.kind == Kind::Refused && m.why.class == Some(ReasonClass::Throttled));
            wrong && related(m.event.provider, lock.event.provider)
        };
        let failures = chain::leading_to(self.timeline, place, mine);
        if failures.is_empty() {
            self.without_failures(place, lock);
        } else {
            let wrong: Vec<Moment<'a>> = failures.iter().filter(|m| m.is_wrong_password()).copied().collect();
            let factors: Vec<Moment<'a>> = failures.iter().filter(|m| !m.is_wrong_password()).copied().collect();
            self.said.extend(chain::tell(
                &wrong,
                ("refused sign-in with a wrong name or password", "refused sign-ins with a wrong name or password"),
                zone,
            ));
            self.said.extend(chain::tell(&factors, ("refused second factor", "refused second factors"), zone));
            if self.inquiry.level == Level::Operator {
                self.said.extend(chain::listed(&failures));
            }
            if lock.why.vague {
                self.certainty = if wrong.len() >= 3 { Certainty::Likely } else { Certainty::Possible };
            }
            self.counted(&wrong);
            self.name_cause(&wrong);
        }
        if lock.kind != Kind::Lock && !lock.why.vague {
            self.not_known(NotKnown::LockRecord);
        }
        if lock.why.vague {
            self.not_known(NotKnown::WhichMeaning);
        }
        let shut = self.timeline.opened(place).map_or(self.inquiry.now, |m| m.at);
        let later: Vec<Moment<'a>> = self
            .timeline
            .after(place)
            .iter()
            .filter(|m| m.kind == Kind::Refused && m.at < shut && related(m.event.provider, lock.event.provider))
            .filter(|m| {
                matches!(
                    m.why.class,
                    Some(ReasonClass::LockedOut | ReasonClass::LockedOrDisabled | ReasonClass::BadCredentials)
                )
            })
            .copied()
            .collect();
        if let (Some(last), Some(evidence)) = (later.last(), Evidence::all(later.iter().map(|m| m.event))) {
            let counted = words::count(later.len(), "more try was", "more tries were");
            let text =
                format!("{} refused after that, the last {}.", words::capital(&counted), words::on(last.at, zone));
            self.claim(text, evidence);
        }
    }

    /// What the directory itself counted, where it keeps the last wrong password only.
    fn counted(&mut self, wrong: &[Moment<'a>]) {
        for moment in wrong {
            let text = moment.event.reason_text.as_deref().and_then(|t| t.strip_prefix("badPwdCount: "));
            if let Some(n) = text.and_then(|n| n.parse::<u32>().ok()).filter(|n| *n > 1) {
                self.claim(format!("The directory counts {n} wrong passwords in a row."), Evidence::of(moment.event));
            }
        }
    }

    /// A lock before which no failure stands: said so; failures that another log dates shortly after it hint at clocks that differ.
    fn without_failures(&mut self, place: usize, lock: &Moment<'a>) {
        let close = |m: &&Moment<'a>| {
            let other = m.event.provider != lock.event.provider;
            m.is_wrong_password() && other && m.at.duration_since(lock.at) <= CLOCK_TOLERANCE * 2
        };
        let skewed: Vec<Moment<'a>> = self.timeline.after(place).iter().filter(close).copied().collect();
        if skewed.len() >= 2 {
            let told = chain::tell(
                &skewed,
                ("refused sign-in with a wrong name or password", "refused sign-ins with a wrong name or password"),
                self.inquiry.zone,
            );
            self.said.extend(told);
            self.not_known(NotKnown::Order);
            self.certainty = self.certainty.min(Certainty::Likely);
        } else if !lock.why.vague {
            self.not_known(NotKnown::WhatLed);
        }
    }

    fn name_cause(&mut self, wrong: &[Moment<'a>]) {
        if self.inquiry.level == Level::Staff {
            // The marks that tell causes apart were taken out before: they are not for this reader.
            return self.not_known(NotKnown::NotShown);
        }
        let cause = causes::of(self.timeline, wrong, self.inquiry.around, self.inquiry.zone);
        match cause {
            Some(cause) => {
                self.to_security |= cause.what == What::SomebodyElse;
                self.said.push(cause.sentence.clone());
                self.cause = Some(cause);
            }
            None if wrong.len() >= 2 => self.not_known(NotKnown::WhoTyped),
            None => {}
        }
    }

    fn switched_off(&mut self, place: usize, moment: &Moment<'a>) {
        let zone = self.inquiry.zone;
        self.class = Some(ReasonClass::AccountDisabled);
        self.certainty = Certainty::Certain;
        let system = words::system(moment.event.provider);
        let when = words::on(moment.at, zone);
        self.claim(format!("Your {system} account was switched off {when}."), Evidence::of(moment.event));
        let later: Vec<Moment<'a>> =
            self.timeline.after(place).iter().filter(|m| m.kind == Kind::Refused).copied().collect();
        if let (Some(last), Some(evidence)) = (later.last(), Evidence::all(later.iter().map(|m| m.event))) {
            let counted = words::count(later.len(), "try was", "tries were");
            let text =
                format!("{} refused after that, the last {}.", words::capital(&counted), words::on(last.at, zone));
            self.claim(text, evidence);
        }
    }

    /// `A sign-in to “Mail” on … was refused`.
    fn refused(&self, moment: &Moment<'_>) -> String {
        let when = words::on(moment.at, self.inquiry.zone);
        match words::application(moment.event) {
            Some(application) => format!("A sign-in to {application} {when} was refused"),
            None => format!("A sign-in to your {} account {when} was refused", words::system(moment.event.provider)),
        }
    }

    fn refusal(&mut self, place: usize, moment: &Moment<'a>) {
        let zone = self.inquiry.zone;
        let code = words::code(moment.event).map_or_else(String::new, |c| format!(" (code {c})"));
        let asked = moment.kind == Kind::Asked || matches!(moment.why.class, Some(ReasonClass::Interrupt));
        let what = if moment.kind == Kind::State {
            let system = words::system(moment.event.provider);
            format!("The directory's record dated {} speaks of your {system} account", dated(moment.at, zone))
        } else if asked {
            let when = words::on(moment.at, zone);
            match words::application(moment.event) {
                Some(application) => format!("At the sign-in to {application} {when} you were asked for more"),
                None => {
                    format!(
                        "At the sign-in to your {} account {when} you were asked for more",
                        words::system(moment.event.provider)
                    )
                }
            }
        } else {
            self.refused(moment)
        };
        match (moment.why.meaning, moment.why.class) {
            (Some(meaning), _) => {
                self.claim(format!("{what}: the log says {meaning}{code}."), Evidence::of(moment.event))
            }
            (None, Some(class)) => {
                self.claim(format!("{what}: {}{code}.", words::plainly(class)), Evidence::of(moment.event));
            }
            (None, None) => {
                let given = if code.is_empty() { "; the log gives no reason".to_owned() } else { code.clone() };
                self.claim(format!("{what}{given}."), Evidence::of(moment.event));
                if !code.is_empty() {
                    self.not_known(NotKnown::CodeMeaning);
                }
            }
        }
        match moment.why.class {
            Some(ReasonClass::BadCredentials) => self.wrong_passwords(place, moment),
            Some(ReasonClass::MfaFailed) => self.prompts(place, moment),
            Some(ReasonClass::SessionExpired | ReasonClass::MfaRequired) => self.new_password(place, moment),
            Some(ReasonClass::ConditionalAccess | ReasonClass::PolicyBlock) => self.not_known(NotKnown::WhichRule),
            Some(ReasonClass::LockedOrDisabled) => self.not_known(NotKnown::WhichMeaning),
            _ => {}
        }
    }

    fn wrong_passwords(&mut self, place: usize, moment: &Moment<'a>) {
        let here = |m: &Moment<'_>| m.is_wrong_password() && related(m.event.provider, moment.event.provider);
        let mut failures = chain::leading_to(self.timeline, place, here);
        failures.push(*moment);
        if failures.len() > 1 {
            let told = chain::tell(
                &failures,
                ("refused sign-in of this kind", "refused sign-ins of this kind"),
                self.inquiry.zone,
            );
            self.said.extend(told);
        }
        self.name_cause(&failures);
        if self.cause.is_none() {
            self.new_password(place, moment);
        }
    }

    /// A new password shortly before: it ends sessions and makes stored passwords wrong.
    fn new_password(&mut self, place: usize, moment: &Moment<'a>) {
        let near = |m: &&Moment<'_>| m.kind == Kind::NewPassword && moment.at.duration_since(m.at) <= LOCK_REACH * 7;
        let Some(renewed) = self.timeline.before(place).iter().rev().find(near) else { return };
        let when = words::on(renewed.at, self.inquiry.zone);
        self.claim(format!("Your password was changed {when}."), Evidence::of(renewed.event));
        if moment.why.class == Some(ReasonClass::SessionExpired) {
            let text = "This is most likely a session from before the new password.";
            self.claim(text.to_owned(), Evidence::of(renewed.event).and(moment.event));
        }
    }

    /// Second factors refused: how many, and whether they came in a salvo.
    fn prompts(&mut self, place: usize, moment: &Moment<'a>) {
        let failed = |m: &Moment<'_>| m.why.class == Some(ReasonClass::MfaFailed) && m.is_trouble();
        let mut all = chain::leading_to(self.timeline, place, failed);
        all.push(*moment);
        if all.len() > 1 {
            let told = chain::tell(&all, ("refused second factor", "refused second factors"), self.inquiry.zone);
            self.said.extend(told);
        }
        let salvo = all.windows(SALVO_SIZE).any(|w| match w {
            [first, .., last] => last.at.duration_since(first.at) <= SALVO,
            _ => false,
        });
        if salvo {
            self.to_security = true;
            if let Some(evidence) = Evidence::all(all.iter().map(|m| m.event)) {
                self.claim(
                    "If you did not cause these prompts, somebody else may know your password.".to_owned(),
                    evidence,
                );
            }
        }
    }

    /// What came after: an unlock, a sign-in that worked.
    fn afterwards(&mut self, place: usize) {
        let zone = self.inquiry.zone;
        let Some(moment) = self.timeline.moments.get(place) else { return };
        let after = self.timeline.after(place);
        let same = |m: &&Moment<'_>| m.event.provider == moment.event.provider;
        if matches!(moment.kind, Kind::Lock | Kind::SwitchedOff) || moment.why.class == Some(ReasonClass::LockedOut) {
            let opened = |m: &&Moment<'_>| same(m) && matches!(m.kind, Kind::Unlock | Kind::SwitchedOn);
            if let Some(unlock) = after.iter().find(|m| opened(m)) {
                let word = if unlock.kind == Kind::Unlock { "unlocked" } else { "switched on again" };
                self.open = true;
                let (when, evidence) = (words::on(unlock.at, zone), Evidence::of(unlock.event));
                self.claim(format!("It was {word} {when}."), evidence);
            }
        }
        let application = moment.event.application.as_deref();
        let named = self.inquiry.question.application.is_some();
        let worked = |m: &&Moment<'_>| {
            let there = !named || m.event.application.as_deref() == application;
            m.kind == Kind::SignedIn && same(m) && there
        };
        if let Some(success) = after.iter().find(|m| worked(m)) {
            self.open = true;
            let from = words::device(success.event).map_or_else(String::new, |d| format!(", with {d}"));
            let when = words::on(success.at, zone);
            let evidence = Evidence::of(success.event);
            self.claim(format!("You have been able to sign in since: the record shows it {when}{from}."), evidence);
        }
    }

    /// When it ends by itself: only where the operator declared how long locks last.
    fn ending(&mut self, lock: &Moment<'_>) {
        let lasts = self.inquiry.lasting.get(&lock.event.provider).filter(|_| lock.kind == Kind::Lock);
        let Some(end) = lasts.map(|lasts| lasts.after(lock.at)) else {
            return self.not_known(NotKnown::WhenItEnds);
        };
        self.ends_at = Some(end);
        let when = words::on(end, self.inquiry.zone);
        let opens = if end > self.inquiry.now { "opens" } else { "should have opened" };
        self.claim(format!("By the settings here it {opens} by itself {when}."), Evidence::of(lock.event));
    }

    fn worked(&mut self, place: usize) {
        let Some(moment) = self.timeline.moments.get(place) else { return };
        let when = words::on(moment.at, self.inquiry.zone);
        let system = words::system(moment.event.provider);
        self.claim(format!("Your last recorded sign-in to {system} worked {when}."), Evidence::of(moment.event));
    }

    fn finish(self) -> Explanation {
        let cause = self.cause.as_ref().map(|c| c.what);
        let lock = match self.ends_at {
            _ if self.open => Lock::Open,
            Some(end) if end > self.inquiry.now => Lock::Waits,
            Some(_) => Lock::Passed,
            None => Lock::Stands,
        };
        let next_steps = if self.provider.is_none() {
            steps::for_nothing()
        } else {
            steps::for_reason(self.class, self.provider, cause, lock)
        };
        Explanation {
            sentences: self.said,
            reason_class: self.class,
            certainty: self.certainty,
            next_steps,
            ends_at: self.ends_at,
            set_aside: self.timeline.set_aside.clone(),
            later: self.timeline.later,
            to_security: self.to_security,
            behind: self.behind,
        }
    }
}

/// A moment as a date: `Fri 20 Nov 2026, 09:14 (CET)`.
fn dated(at: Timestamp, zone: &TimeZone) -> String {
    words::on(at, zone).trim_start_matches("on ").to_owned()
}
