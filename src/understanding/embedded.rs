//! The embedded interpreter: search and grammar, no network, the same answer for the same words every time. It does the whole job; a
//! language model, where there is one, is compared with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::engine::Index;
use crate::domain::ids::EntitlementId;
use crate::domain::person::Person;
use crate::understanding::followup;
use crate::understanding::ground::{Ground, content_words};
use crate::understanding::intent::{self, Reading, Table};
use crate::understanding::normalise::{Gap, Message, fold};
use crate::understanding::people::{Names, Whom};
use crate::understanding::rules::PLAIN;
use crate::understanding::slots::{self, Cue, Span};
use crate::understanding::time;
use crate::understanding::types::{ForWhom, Intent, Interpreter, MAX_WORDS, Missing, SaidWindow, Turn, Understanding};
use crate::understanding::vocabulary;

/// Search and grammar.
pub struct EmbeddedInterpreter {
    pub(super) catalog: Arc<Catalog>,
    pub(super) index: Arc<Index>,
    pub(super) names: Names,
    /// Words of the knowledge articles' titles and headings: what can be asked "how".
    pub(super) known_topics: BTreeSet<String>,
}

/// One turn being read.
pub(super) struct Reader<'a> {
    pub(super) house: &'a EmbeddedInterpreter,
    pub(super) turn: &'a Turn<'a>,
    pub(super) message: Message,
    pub(super) reading: Reading,
    pub(super) table: Table,
    /// Tokens that said something already: time, people, references.
    pub(super) used: Vec<bool>,
    pub(super) window: Option<SaidWindow>,
    /// Where several things are each given a time of their own: the times and where they stand, in order. Else empty.
    pub(super) windows: Vec<(Span, SaidWindow)>,
    pub(super) whom: Option<Whom>,
    pub(super) reference: Option<String>,
    pub(super) ground: Ground<'a>,
}

impl EmbeddedInterpreter {
    /// An interpreter over a catalog and its search.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, index: Arc<Index>) -> Self {
        let names = Names::new(&catalog.directory);
        let known_topics = catalog
            .knowledge
            .values()
            .flat_map(|text| {
                text.lines().filter(|l| l.starts_with('#') || l.starts_with("title:") || l.starts_with("keywords:"))
            })
            .flat_map(content_words)
            .filter(|w| w.len() > 2)
            .collect();
        Self { catalog, index, names, known_topics }
    }

    /// True where this person may ask for this entitlement at all: it can be asked for, is open to their department and belongs to their
    /// company or to every one.
    #[must_use]
    pub fn may_ask(&self, person: &Person, id: &EntitlementId) -> bool {
        self.catalog.entitlement(id).is_some_and(|e| {
            e.assignable
                && (e.requestable_by.is_empty() || e.requestable_by.contains(&person.department))
                && (e.company.is_empty() || e.company == person.company)
        })
    }

    /// Understands one turn.
    #[must_use]
    pub fn interpret(&self, turn: &Turn<'_>) -> Understanding {
        let may_see = |id: &EntitlementId| self.may_ask(turn.speaker, id) || turn.holds.contains(id);
        self.interpret_seeing(turn, &may_see)
    }

    /// Understands one turn of somebody who may see just these entitlements.
    #[must_use]
    pub fn interpret_seeing(&self, turn: &Turn<'_>, may_see: &dyn Fn(&EntitlementId) -> bool) -> Understanding {
        if turn.words.len() > MAX_WORDS {
            return Understanding::unclear();
        }
        let message = Message::read(turn.words);
        if message.tokens.is_empty() {
            return Understanding::unclear();
        }
        let reading = intent::hear(&message);
        let table = Table::of(turn);
        let ground = Ground { catalog: &self.catalog, index: &self.index, may_see };
        let mut reader = Reader {
            house: self,
            turn,
            used: vec![false; message.tokens.len()],
            message,
            reading,
            table,
            window: None,
            windows: Vec::new(),
            whom: None,
            reference: None,
            ground,
        };
        reader.read()
    }
}

/// True for questions that are never about the draft on the table, unless they name it.
fn is_aside(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::WhyLockedOut
            | Intent::HowTo
            | Intent::WhatDoIHave
            | Intent::WhoApproves
            | Intent::WhyDecision
            | Intent::RequestStatus
            | Intent::BrowseCatalog
            | Intent::Help
            | Intent::Human
    )
}

impl Reader<'_> {
    pub(super) fn read(&mut self) -> Understanding {
        if let Some((text, at)) = slots::reference(&self.message) {
            self.reference = Some(text);
            self.mark(at);
        }
        self.window = time::window::said_window(&self.message.masked, self.turn.now, &self.turn.speaker.time_zone());
        if let Some(at) = self.window.as_ref().and_then(|w| self.tokens_of(&w.phrase)) {
            self.mark(at);
        }
        self.windows = self.windows_apart();
        for at in self.windows.iter().map(|(at, _)| *at).collect::<Vec<_>>() {
            self.mark(at);
        }
        let (intent, points) = intent::decide(&self.message, &self.reading, self.table);
        let anywhere = matches!(
            intent,
            Intent::WhatDoIHave
                | Intent::WhyDecision
                | Intent::WhyLockedOut
                | Intent::RequestStatus
                | Intent::WhoApproves
        );
        let is_thing = |name: &str| self.ground.nearness(name) >= 6_000;
        self.whom = self.house.names.whom(&self.message, self.turn.speaker, anywhere, &is_thing);
        if let Some(at) = self.whom.as_ref().map(|w| w.at) {
            self.mark(at);
        }
        let understood = self.by_table(intent, points).unwrap_or_else(|| self.by_words(intent, points));
        self.finish(understood)
    }

    /// What an open question or draft makes of it, where it is about that.
    pub(super) fn by_table(&self, intent: Intent, points: u16) -> Option<Understanding> {
        let draft = followup::draft(self.turn);
        // A question about something else leaves the draft alone, whatever times and words it holds; so do thanks.
        let aside = is_aside(intent) && points >= 8_800 && !(intent == Intent::WhyLockedOut && self.tells_what_for());
        if aside || intent == Intent::SmallTalk && self.is_brief_courtesy(points) {
            return None;
        }
        let told = intent == Intent::WhyLockedOut && self.tells_what_for();
        let firm =
            points >= 8_900 && !told && !matches!(intent, Intent::Correct | Intent::SmallTalk | Intent::BreakGlass);
        if let Some(draft) = draft.filter(|_| !firm)
            && let Some(u) = self.anew(intent, points, draft)
        {
            return Some(u);
        }
        if self.table.asked_reason && !firm && !self.only_time() && !self.asks_something() {
            // "No, the edit one" answers no question: it changes what is on the table.
            let short = self.message.tokens.len() <= 8;
            if intent == Intent::Correct
                && points >= 9_100
                && short
                && let Some(u) = draft.and_then(|d| self.correction(d, intent, points))
                && u.justification.is_none()
                && (!u.asks.is_empty() || u.window.is_some() || self.whom.is_some())
            {
                return Some(u);
            }
            // Nor is it an answer where nothing like it is found: then the person is asked what to change.
            if intent == Intent::Correct && short && self.takes_back() {
                return Some(self.base(Intent::Correct, 5_000));
            }
            let mut u = self.base(Intent::Correct, 9_000);
            u.justification = slots::bounded(&self.message.clean);
            return Some(u);
        }
        if self.table.asked_what && !firm && self.may_say_what(intent, points) {
            return Some(self.request(9_000, true));
        }
        let draft = draft?;
        let about_draft =
            intent == Intent::Correct || points < 7_000 || (intent == Intent::RequestAccess && points < PLAIN);
        // A choice named in words beats a weak reading of them.
        if (self.table.asked_which || about_draft)
            && let Some(u) = self.correction(draft, intent, points)
        {
            return Some(u);
        }
        if intent == Intent::Correct {
            return Some(self.base(Intent::Correct, 5_000));
        }
        None
    }

    /// A change to the draft, where the words name one.
    pub(super) fn correction(
        &self,
        draft: &crate::domain::conversation::Draft,
        intent: Intent,
        points: u16,
    ) -> Option<Understanding> {
        let reason = slots::reasons(&self.message, &self.used, 0)
            .into_iter()
            .find(|r| matches!(r.by, Cue::Plain | Cue::Ticket) || (r.by != Cue::Sentence && r.at.0 <= 3));
        let lead_reason = self.lead_reason(&draft.choices);
        let shunned = followup::unwanted(&self.message);
        let mut used = self.used.clone();
        used.iter_mut().zip(&shunned).for_each(|(used, shunned)| *used |= *shunned);
        let reason_words = reason.as_ref().map(|r| r.words).or(lead_reason);
        if let Some((from, to)) = reason.as_ref().map(|r| r.at).or(lead_reason) {
            used[from..to].iter_mut().for_each(|u| *u = true);
        }
        let rest: Vec<&str> = self
            .message
            .tokens
            .iter()
            .zip(&used)
            .filter(|(_, u)| !**u)
            .map(|(t, _)| self.message.clean.get(t.start..t.end).unwrap_or(""))
            .filter(|w| !w.is_empty())
            .collect();
        let ask = followup::entitlement(&self.message, &rest.join(" "), &shunned, draft, &self.ground);
        let said_something = self.window.is_some() || self.whom.is_some() || reason_words.is_some() || ask.is_some();
        if !said_something {
            return None;
        }
        // A question or a full new request that happens to hold a date is not a correction.
        let leftover = content_words(&rest.join(" ")).len();
        let most = if self.asks_something() { 0 } else { 2 };
        if intent != Intent::Correct && ask.is_none() && leftover > most {
            return None;
        }
        if intent == Intent::RequestAccess && points >= 7_000 && ask.is_none() && leftover > 0 {
            return None;
        }
        let confidence = if intent == Intent::Correct { points } else { 8_500 };
        let mut u = self.base(Intent::Correct, confidence);
        u.justification = reason_words.and_then(|at| slots::reason_text(&self.message, at));
        if self.whom.is_none() && draft.beneficiary != self.turn.speaker.id {
            u.for_whom = ForWhom::Person { id: draft.beneficiary.clone() };
        }
        u.asks.extend(ask);
        Some(u)
    }

    /// "It's for the audit", "for the audit", "until Friday, for the audit" as a whole message: a reason where a draft waits. What a time or
    /// a person was read from is no part of it; nor is it one where it names a choice that is shown.
    pub(super) fn lead_reason(&self, choices: &[EntitlementId]) -> Option<Span> {
        let tokens = &self.message.tokens;
        let unread = |n: &usize| !self.used[*n];
        let at = (0..tokens.len()).filter(unread).take(4).find(|n| matches!(tokens[*n].word.as_str(), "for" | "to"))?;
        let before_is_filler = (0..at).filter(unread).all(|n| vocabulary::is_stop(&tokens[n].word));
        let end = self.message.sentence_end(at);
        let end = (at..end).find(|n| self.used[*n]).unwrap_or(end);
        let purpose = tokens[at].word == "for"
            || tokens.get(at + 1).is_some_and(|t| vocabulary::says(vocabulary::PURPOSE_VERBS, &t.cue));
        let content = (at + 1..end).any(|n| !vocabulary::is_stop(&tokens[n].word));
        if !(before_is_filler && purpose && content) {
            return None;
        }
        let words = self.message.clean.get(tokens[at + 1].start..tokens[end - 1].end).unwrap_or("");
        let named = self.ground.among(words, choices, "").first().is_some_and(|(_, share)| *share >= 8_000);
        (!named).then_some((at, end))
    }

    /// True where the message is a time or a person and nothing else.
    pub(super) fn only_time(&self) -> bool {
        (self.window.is_some() || self.whom.is_some()) && self.free_content().is_empty()
    }

    /// A full request for something else than what is on the table: it begins anew and takes nothing over.
    pub(super) fn anew(
        &self,
        intent: Intent,
        points: u16,
        draft: &crate::domain::conversation::Draft,
    ) -> Option<Understanding> {
        let asked_for = intent == Intent::RequestAccess && points >= 7_000;
        let named = intent == Intent::Unclear && self.free_content().len() >= 2;
        // "I need to …" behind "what for?" says what for.
        let answers = self.table.asked_reason && self.is_task();
        if !(asked_for && points < PLAIN || named && !self.table.asked_reason)
            || answers
            || intent::corrects(&self.message)
        {
            return None;
        }
        let u = if asked_for { self.request(points, false) } else { self.unheard() };
        let ask = u.asks.first().filter(|_| u.intent == Intent::RequestAccess)?;
        let id = &ask.candidates.first()?.entitlement;
        let of = |id: &EntitlementId| self.house.catalog.entitlement(id).map(|e| e.system.clone());
        let known = draft.entitlement.iter().chain(&draft.choices);
        let other = known.clone().all(|k| k != id) && known.clone().all(|k| of(k) != of(id));
        // One word alone may be a correction; with what is to be done beside it ("edit the wiki") it is a wish of its own.
        let brief = content_words(&ask.phrase).len() < 2 && points < 7_500 && ask.level.is_none();
        (other && !brief && ask.confidence_bp >= 6_000 && self.ground.share(ask) >= 6_000).then_some(u)
    }

    /// The times of a message that gives several things a time each: "the wiki for a week and the CRM until Friday". Empty where there
    /// are not several, or nothing is named between them.
    pub(super) fn windows_apart(&self) -> Vec<(Span, SaidWindow)> {
        let zone = self.turn.speaker.time_zone();
        let said = time::window::said_windows(&self.message.masked, self.turn.now, &zone);
        let tokens = &self.message.tokens;
        let place = |range: &std::ops::Range<usize>| {
            let inside = |t: &crate::understanding::normalise::Token| t.start < range.end && range.start < t.end;
            let first = tokens.iter().position(inside)?;
            let last = tokens.iter().rposition(inside)?;
            Some((first, last + 1))
        };
        // A time inside the reason belongs to what is told there.
        let told: Vec<Span> = slots::reasons(&self.message, &self.used, 0)
            .into_iter()
            .filter(|r| r.by == Cue::Plain)
            .map(|r| r.at)
            .collect();
        let said = said.into_iter().filter(|(range, _)| {
            place(range).is_none_or(|(from, _)| !told.iter().any(|(begin, end)| (*begin..=*end).contains(&from)))
        });
        let placed: Vec<(Span, SaidWindow)> = said.filter_map(|(at, said)| Some((place(&at)?, said))).collect();
        let apart = placed.windows(2).all(|pair| {
            let [((_, from), _), ((to, _), _)] = pair else { return false };
            let between = *from..*to;
            let named = between.clone().any(|n| tokens[n].data || !vocabulary::is_stop(&tokens[n].word));
            let joined = between
                .clone()
                .any(|n| matches!(tokens[n].word.as_str(), "and" | "plus" | "also") || tokens[n].gap >= Gap::Comma);
            named && joined
        });
        if placed.len() >= 2 && apart { placed } else { Vec::new() }
    }

    /// The time that was said for what stands here: the next behind it, or, where the times stand before their things, the last before it.
    pub(super) fn window_at(&self, (from, to): Span) -> Option<SaidWindow> {
        let leads = self.windows.first().is_some_and(|(first, _)| {
            (0..first.0).all(|n| self.used[n] || vocabulary::is_stop(&self.message.tokens[n].word))
        });
        let found = if leads {
            self.windows.iter().rev().find(|(at, _)| at.1 <= from)
        } else {
            self.windows.iter().find(|(at, _)| at.0 >= to)
        };
        found.map(|(_, said)| said.clone())
    }

    pub(super) fn by_words(&self, intent: Intent, points: u16) -> Understanding {
        match intent {
            Intent::RequestAccess => self.request(points, false),
            Intent::BreakGlass => {
                let mut u = self.request(points, true);
                if u.asks.iter().all(|a| a.candidates.is_empty())
                    && self.reading.points(Intent::RequestAccess) == 0
                    && intent::is_elsewhere(&self.message)
                {
                    return self.base(Intent::OutOfScope, 8_000);
                }
                u.intent = Intent::BreakGlass;
                u.confidence_bp = u.confidence_bp.max(7_000);
                if u.justification.is_none() {
                    u.justification = slots::bounded(&self.message.clean);
                }
                u
            }
            Intent::Unclear => self.unheard(),
            Intent::Correct => self.base(Intent::Unclear, 2_000),
            Intent::GiveBack | Intent::Extend => self.about_held(intent, points),
            Intent::Confirm
            | Intent::Discard
            | Intent::Help
            | Intent::SmallTalk
            | Intent::Human
            | Intent::OutOfScope
            | Intent::BrowseCatalog => self.base(intent, points),
            Intent::RequestStatus
            | Intent::CancelRequest
            | Intent::WhatDoIHave
            | Intent::WhoApproves
            | Intent::WhyDecision
            | Intent::WhyLockedOut
            | Intent::HowTo
            | Intent::Appeal
            | Intent::DecideByWords => self.question(intent, points),
        }
    }

    /// Content words that said nothing yet.
    pub(super) fn free_content(&self) -> Vec<&str> {
        self.message
            .tokens
            .iter()
            .zip(&self.used)
            .filter(|(t, used)| !**used && (t.data || !vocabulary::is_stop(&t.word)))
            .map(|(t, _)| t.word.as_str())
            .collect()
    }

    pub(super) fn mark(&mut self, (from, to): Span) {
        if let Some(range) = self.used.get_mut(from..to) {
            range.iter_mut().for_each(|u| *u = true);
        }
    }

    /// The tokens a phrase was made of, found by its text.
    pub(super) fn tokens_of(&self, phrase: &str) -> Option<Span> {
        let phrase = phrase.trim();
        if phrase.is_empty() {
            return None;
        }
        let from = self.message.masked.find(phrase).or_else(|| fold(&self.message.masked).find(&fold(phrase)))?;
        let to = from + phrase.len();
        let tokens = &self.message.tokens;
        let first = tokens.iter().position(|t| t.start >= from && t.start < to)?;
        let last = tokens.iter().rposition(|t| t.start < to && t.start >= from)?;
        Some((first, last + 1))
    }

    pub(super) fn base(&self, intent: Intent, points: u16) -> Understanding {
        Understanding {
            intent,
            for_whom: self.whom.as_ref().map_or(ForWhom::Speaker, |w| w.who.clone()),
            asks: Vec::new(),
            window: self.window.clone(),
            justification: None,
            scope: None,
            reference: self.reference.clone(),
            missing: Vec::new(),
            confidence_bp: points,
            by: Interpreter::Embedded,
            disagreements: Vec::new(),
        }
    }

    pub(super) fn finish(&self, mut u: Understanding) -> Understanding {
        if self.message.steered {
            // Words that talk to a machine take away trust: nothing is clear any more, so the person is asked.
            u.asks.iter_mut().for_each(|a| a.confidence_bp = a.confidence_bp.min(6_900));
            u.confidence_bp = u.confidence_bp.min(6_900);
        }
        let wants = matches!(u.intent, Intent::RequestAccess | Intent::BreakGlass);
        if wants && (u.asks.is_empty() || u.asks.iter().any(|a| a.candidates.is_empty())) {
            u.missing.push(Missing::Entitlement);
        }
        let changes = wants || u.intent == Intent::Correct;
        if changes && matches!(u.for_whom, ForWhom::Ambiguous { .. } | ForWhom::Unknown { .. }) {
            u.missing.push(Missing::Person);
        }
        let needs_reason = u
            .asks
            .iter()
            .filter_map(|a| a.candidates.first())
            .any(|c| self.house.catalog.entitlement(&c.entitlement).is_some_and(|e| e.reason_required));
        if wants && needs_reason && u.justification.is_none() {
            u.missing.push(Missing::Reason);
        }
        let said = u.window.iter().chain(u.asks.iter().filter_map(|a| a.window.as_ref()));
        if changes && said.into_iter().any(|w| w.end.is_unusable()) {
            u.missing.push(Missing::End);
        }
        u
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::samples::{catalog, interpreter, now, pid};

    fn say(words: &str) -> Understanding {
        let house = interpreter();
        let catalog = catalog();
        let speaker = catalog.directory.get(&pid("lena.fischer")).unwrap();
        house.interpret(&Turn { words, now: now(), speaker, drafts: &[], topic: None, question: None, holds: &[] })
    }

    fn first(u: &Understanding) -> Vec<&str> {
        u.asks.iter().map(|a| a.candidates.first().map_or("-", |c| c.entitlement.as_str())).collect()
    }

    /// A message, its intent, the entitlements it should come to, the reason.
    const CASES: &[(&str, Intent, &[&str], Option<&str>)] = &[
        (
            "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck",
            Intent::RequestAccess,
            &["reports:sales-emea-q3-read"],
            Some("for the board deck"),
        ),
        ("can I get Figma please", Intent::RequestAccess, &["figma:viewer"], None),
        (
            "I need edit access to Figma because we redesign the app",
            Intent::RequestAccess,
            &["figma:editor"],
            Some("we redesign the app"),
        ),
        ("need figma and the wiki", Intent::RequestAccess, &["figma:viewer", "wiki:reader"], None),
        ("I need read on CRM and write on Jira", Intent::RequestAccess, &["crm:read", "jira:member"], None),
        ("please give me access to the Research and Development wiki", Intent::RequestAccess, &["wiki:rnd"], None),
        ("please give Ana Kovac access to the CRM", Intent::RequestAccess, &["crm:read"], None),
        (
            "pls add me to jira to track the launch",
            Intent::RequestAccess,
            &["jira:viewer"],
            Some("to track the launch"),
        ),
        ("how do I get access to Figma?", Intent::HowTo, &["figma:viewer"], None),
        (
            "I have to reset MFA for people in my department until Friday",
            Intent::RequestAccess,
            &["idp:mfa-reset"],
            None,
        ),
        (
            "I'd like the usual engineer access for Will Stone",
            Intent::RequestAccess,
            &["git:repo-write", "jira:member", "wiki:reader"],
            None,
        ),
        ("who approves the production database?", Intent::WhoApproves, &["db:prod-read"], None),
        ("what do I have?", Intent::WhatDoIHave, &[], None),
        ("what does Ana Silva have access to?", Intent::WhatDoIHave, &[], None),
        ("what happened to my request?", Intent::RequestStatus, &[], None),
        ("why was I denied?", Intent::WhyDecision, &[], None),
        ("why did it go to security", Intent::WhyDecision, &[], None),
        ("why am I locked out?", Intent::WhyLockedOut, &[], None),
        ("I can't sign in", Intent::WhyLockedOut, &[], None),
        ("is my account locked?", Intent::WhyLockedOut, &[], None),
        ("is my account locked right now?", Intent::WhyLockedOut, &[], None),
        ("my account has been blocked", Intent::WhyLockedOut, &[], None),
        ("is my account still locked?", Intent::WhyLockedOut, &[], None),
        ("why does it ask me again?", Intent::WhyLockedOut, &[], None),
        ("someone tried to log in as me", Intent::WhyLockedOut, &[], None),
        ("I think I was hacked", Intent::WhyLockedOut, &[], None),
        ("why is it asking for a code every time", Intent::WhyLockedOut, &[], None),
        ("can somebody call me", Intent::Human, &[], None),
        ("who tried to sign in as me?", Intent::WhyLockedOut, &[], None),
        ("someone else is using my account", Intent::WhyLockedOut, &[], None),
        ("I got an MFA prompt I didn't request", Intent::WhyLockedOut, &["idp:mfa-reset"], None),
        ("approve R-7K3QF9", Intent::DecideByWords, &[], None),
        ("what can I ask for?", Intent::BrowseCatalog, &[], None),
        ("help", Intent::Help, &[], None),
        ("hello there", Intent::SmallTalk, &[], None),
        ("I want to talk to a human", Intent::Human, &[], None),
        ("my bank account is blocked", Intent::OutOfScope, &[], None),
        ("what's the weather like in Oslo", Intent::OutOfScope, &[], None),
        (
            "production is down, I need admin on the production database now, INC-123",
            Intent::BreakGlass,
            &["db:prod-admin"],
            Some("INC-123"),
        ),
        ("please cancel my request", Intent::CancelRequest, &[], None),
        ("I want to appeal the decision", Intent::Appeal, &[], None),
    ];

    #[test]
    fn messages_are_understood() {
        let mut wrong = Vec::new();
        for (words, intent, ids, reason) in CASES {
            let u = say(words);
            if u.intent != *intent || first(&u) != *ids || u.justification.as_deref() != *reason {
                wrong.push(format!(
                    "{words}\n   {:?} {:?} {:?} {}",
                    u.intent,
                    first(&u),
                    u.justification,
                    u.confidence_bp
                ));
            }
        }
        assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    }
}
