//! Reading questions and instructions about something held, asked for or in the catalog, and messages in which no cue was heard.

use crate::domain::conversation::DraftState;
use crate::domain::ids::EntitlementId;
use crate::understanding::asks;
use crate::understanding::embedded::Reader;
use crate::understanding::followup;
use crate::understanding::ground::{MOST, content_words};
use crate::understanding::intent;
use crate::understanding::normalise::Gap;
use crate::understanding::rules::PLAIN;
use crate::understanding::slots::{self, Cue};
use crate::understanding::types::{Ask, Candidate, Intent, Understanding};
use crate::understanding::vocabulary::{self, CUE_WORDS, says};

impl Reader<'_> {
    /// True where "what for?" was asked and others' trouble is what it is for: "because customers cannot log in". Whoever speaks of their own
    /// has turned to something else.
    pub(super) fn tells_what_for(&self) -> bool {
        let tokens = &self.message.tokens;
        let says = |list: &[&str]| tokens.iter().any(|t| list.contains(&t.cue.as_str()));
        let leads = tokens
            .first()
            .is_some_and(|t| matches!(t.cue.as_str(), "because" | "since" | "to" | "so" | "for" | "as" | "due"));
        let others = says(&[
            "customers",
            "customer",
            "users",
            "clients",
            "colleagues",
            "people",
            "employees",
            "staff",
            "they",
            "team",
        ]);
        self.table.asked_reason && (leads || others && !says(&["i", "my", "me", "mine"])) && !self.asks_something()
    }

    /// Giving back or keeping longer: about something held, said or meant.
    pub(super) fn about_held(&self, intent: Intent, points: u16) -> Understanding {
        let phrase = self.subject(&[intent, Intent::GiveBack, Intent::Extend, Intent::RequestAccess]);
        let mut u = self.base(intent, points);
        u.justification = self.plain_reason();
        if content_words(&phrase).is_empty() {
            if let Some(ask) = self.meant_without_words() {
                u.asks.push(ask);
            }
            return u;
        }
        let held = self.ground.among(&phrase, self.turn.holds, "you hold it");
        if let Some((_, best)) = held.first().filter(|(_, share)| *share >= 4_000) {
            let clear = held.get(1).is_none_or(|(_, next)| next * 10 < best * 9);
            let confidence = if clear { 9_300 } else { 6_500 };
            u.asks.push(Ask::new(phrase, held.into_iter().map(|(c, _)| c).collect(), confidence));
            return u;
        }
        let ask = self.ground.ask(&phrase, None);
        if ask.confidence_bp < 6_500
            && (intent::is_elsewhere(&self.message) || !self.speaks_of_the_desk())
            && !self.says_it()
        {
            return self.base(Intent::OutOfScope, 7_500);
        }
        u.asks.push(ask);
        u
    }

    /// "It": the topic, the only thing held, or the newest draft's.
    pub(super) fn meant_without_words(&self) -> Option<Ask> {
        if let Some(topic) = self.turn.topic {
            return Some(followup::one("it", topic.clone(), 9_000, "what we last spoke of"));
        }
        if let [only] = self.turn.holds {
            return Some(followup::one("it", only.clone(), 9_000, "the only access you hold"));
        }
        if !self.turn.holds.is_empty() {
            let candidates = self
                .turn
                .holds
                .iter()
                .rev()
                .take(MOST)
                .map(|id| Candidate { entitlement: id.clone(), score_milli: 0, evidence: vec!["you hold it".into()] })
                .collect();
            return Some(Ask::new("it", candidates, 4_000));
        }
        let draft = self.turn.drafts.iter().rev().find(|d| !matches!(d.state, DraftState::Dropped))?;
        draft.entitlement.clone().map(|id| followup::one("it", id, 8_000, "what you asked for last"))
    }

    /// A question or an instruction about something named or meant.
    pub(super) fn question(&self, intent: Intent, points: u16) -> Understanding {
        let phrase = self.subject(&[intent]);
        let mut u = self.base(intent, points);
        let content = content_words(&phrase);
        let mut nearness = 0;
        if content.is_empty() {
            if matches!(
                intent,
                Intent::WhoApproves
                    | Intent::WhyDecision
                    | Intent::RequestStatus
                    | Intent::Appeal
                    | Intent::CancelRequest
            ) && let Some(topic) = self.topic()
            {
                u.asks.push(followup::one("it", topic, 8_500, "what we last spoke of"));
            }
        } else {
            let ask = self.ground.ask(&phrase, None);
            nearness = ask.confidence_bp;
            if nearness >= 5_000 || matches!(intent, Intent::WhoApproves | Intent::HowTo) {
                u.asks.push(ask);
            }
        }
        if matches!(intent, Intent::Appeal | Intent::DecideByWords | Intent::CancelRequest) {
            u.justification = self.plain_reason();
        }
        let elsewhere = intent::is_elsewhere(&self.message);
        let known = nearness >= 7_000 || self.speaks_of_the_desk() || self.reference.is_some();
        let whose = self.whom.is_some();
        let scoped = match intent {
            Intent::WhyLockedOut | Intent::DecideByWords | Intent::Appeal => !elsewhere,
            Intent::HowTo => {
                let topics = content.iter().filter(|w| self.house.known_topics.contains(*w)).count();
                let near = u.asks.first().is_some_and(|a| a.confidence_bp >= 7_000 && self.ground.share(a) >= 6_000);
                // "My phone is lost" is all cue; an article has to speak of it all the same.
                let is_topic = |w: &str| self.house.known_topics.contains(w);
                let all_cue = content.is_empty() && self.message.tokens.iter().any(|t| !t.data && is_topic(&t.word));
                let known = topics * 2 >= content.len().max(1) || near || all_cue || self.speaks_of_the_desk();
                known && !elsewhere || near && nearness >= 8_500
            }
            Intent::WhatDoIHave => (known || whose || content.is_empty()) && !elsewhere || nearness >= 8_500,
            _ => (known || content.is_empty() || self.is_capitalised()) && !elsewhere || nearness >= 8_500,
        };
        if scoped { u } else { self.base(Intent::OutOfScope, 8_000) }
    }

    pub(super) fn is_capitalised(&self) -> bool {
        self.message
            .tokens
            .iter()
            .any(|t| (t.capital || t.data) && t.gap != Gap::Sentence && !vocabulary::is_stop(&t.word))
    }

    pub(super) fn topic(&self) -> Option<EntitlementId> {
        self.turn.topic.cloned().or_else(|| {
            let open = self.turn.drafts.iter().rev().find(|d| !matches!(d.state, DraftState::Dropped));
            open.and_then(|d| d.entitlement.clone())
        })
    }

    /// Nothing was heard: a bare name of something, or talk of other things.
    pub(super) fn unheard(&self) -> Understanding {
        let words = self.free_content();
        if words.is_empty() {
            return if self.window.is_some() || self.whom.is_some() || self.reference.is_some() {
                self.bare_reference()
            } else {
                self.base(Intent::Unclear, 1_000)
            };
        }
        if self.reference.is_some() && words.len() <= 2 {
            return self.bare_reference();
        }
        // "When will it end for Ana?", "who decided that?": whatever they mean, they ask for nothing to be given.
        let first = self.message.tokens.iter().find(|t| !vocabulary::says(vocabulary::OPENERS, &t.cue));
        let asks_for_nothing = first.is_some_and(|t| !t.data && says(" when who whom whose why ", &t.cue));
        let elsewhere = intent::is_elsewhere(&self.message);
        let mut u = self.request(PLAIN, true);
        let best = u.asks.iter().map(|a| a.confidence_bp).max().unwrap_or(0);
        let question = self.message.clean.contains('?') || self.opens_a_question();
        let bundled = asks::bundle(&self.message, self.house.catalog.bundles.values()).is_some();
        let spoken_of = bundled || u.asks.iter().all(|a| self.ground.share(a) >= 7_500);
        let wanted = if elsewhere || question { 9_000 } else { 7_500 };
        // A name that several things have ("Q3 sales reports") is no less a name: which of them is asked.
        let shared = !elsewhere && !question && u.asks.iter().all(|a| self.ground.nearness(&a.phrase) >= 9_000);
        let best = if shared { best.max(wanted) } else { best };
        if !asks_for_nothing && !u.asks.is_empty() && best >= wanted && spoken_of && words.len() <= 8 {
            // Nobody said "I need": shown beside its neighbours, or asked about.
            u.asks.iter_mut().for_each(|a| a.confidence_bp = a.confidence_bp.min(8_900));
            u.confidence_bp = u.confidence_bp.min(7_000);
            return u;
        }
        if elsewhere || words.len() >= 3 || self.message.tokens.len() >= 4 {
            return self.base(Intent::OutOfScope, if elsewhere { 8_500 } else { 6_000 });
        }
        self.base(Intent::Unclear, 2_000)
    }

    /// True where the message begins like a question.
    pub(super) fn opens_a_question(&self) -> bool {
        const OPEN: &str = " what who when where why how which is are was were do does did should will would tell has have whose if you ";
        let first = self.message.tokens.iter().find(|t| !vocabulary::says(vocabulary::OPENERS, &t.cue));
        first.is_some_and(|t| says(OPEN, &t.cue))
    }

    /// A reference and nothing else asks how it stands.
    pub(super) fn bare_reference(&self) -> Understanding {
        if self.reference.is_some() {
            self.base(Intent::RequestStatus, 8_000)
        } else {
            self.base(Intent::Unclear, 2_000)
        }
    }

    /// True where the words are of access, requests, approvals or sign-in.
    pub(super) fn speaks_of_the_desk(&self) -> bool {
        const DESK: &str = " access permission permissions request requests requested approval approvals approve approved approver \
    approvers role roles entitlement entitlements license licenses password passwords mfa vpn sso login denied rejected \
    declined refused grant grants granted admin system systems app apps application applications tool tools locked \
    manager security compliance authenticator laptop database server rights group groups contractor bundle catalog \
    decision deny refusal review delegate delegation expire expires guardrail policy token repo repository intern \
    emergency score risk onboarding leaver joiner ";
        self.message.tokens.iter().filter(|t| !t.data).any(|t| says(DESK, &t.cue))
    }

    /// What a question is about: the words left once cue phrases, people, times and references are taken out.
    pub(super) fn subject(&self, intents: &[Intent]) -> String {
        let mut used = self.used.clone();
        self.mark_cues(&mut used, intents);
        let tokens = &self.message.tokens;
        for reason in slots::reasons(&self.message, &used, 0) {
            if reason.by == Cue::Plain {
                used[reason.at.0..reason.at.1].iter_mut().for_each(|u| *u = true);
            }
        }
        let mut words: Vec<&str> = Vec::new();
        for (n, t) in tokens.iter().enumerate() {
            let of_the_route = intents == [Intent::WhyDecision] && ROUTE_WORDS.contains(&t.cue.as_str());
            let cue =
                of_the_route || says(QUESTION_WORDS, &t.cue) || says(CUE_WORDS, &t.cue) || vocabulary::is_stop(&t.cue);
            if !used[n] && (t.data || !cue) {
                words.push(self.message.clean.get(t.start..t.end).unwrap_or(""));
            }
        }
        let phrase = words.join(" ");
        phrase.trim().chars().take(300).collect()
    }

    /// A reason introduced without doubt.
    pub(super) fn plain_reason(&self) -> Option<String> {
        let found = slots::reasons(&self.message, &self.used, 0)
            .into_iter()
            .find(|r| matches!(r.by, Cue::Plain | Cue::Ticket))?;
        slots::reason_text(&self.message, found.words)
    }

    /// True where "it", "that" or "the access" stands for something.
    pub(super) fn says_it(&self) -> bool {
        self.message.tokens.iter().any(|t| matches!(t.cue.as_str(), "it" | "that" | "this" | "them"))
    }
}

/// Words about the way a request goes, which name nothing in "why did it go to security?".
const ROUTE_WORDS: &[&str] = &[
    "security",
    "compliance",
    "manager",
    "review",
    "score",
    "scored",
    "risk",
    "risky",
    "points",
    "high",
    "two",
    "boss",
];
/// Words of questions that name nothing.
const QUESTION_WORDS: &str = " locked lock sign log signing logging able unable blocked who whom whose what why how where when which approve \
    approves approver approvers approval approvals approved owner owners owns own manages grants granted happened \
    happening status denied rejected declined refused refusal denial decision decided go went sent routed requests \
    long wait waiting pending stuck deny reject decline tell show list check know reason explain responsible \
    charge contact talk speak decides decide yet news update updates progress steps process way guide work works \
    latest current been anybody person people much many come got hold currently already mine application ticket \
    say says asked tomorrow ";
