//! The embedded interpreter: search and grammar, no network, the same answer for the same words every time. It does the whole job; a
//! language model, where there is one, is compared with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::model::Catalog;
use crate::catalog::search::engine::Index;
use crate::domain::conversation::DraftState;
use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::EntitlementId;
use crate::domain::person::Person;
use crate::understanding::asks::{self, Thing};
use crate::understanding::followup;
use crate::understanding::ground::{Ground, content_words};
use crate::understanding::intent::{self, Reading, Table};
use crate::understanding::normalise::{Gap, Message, Token, fold};
use crate::understanding::people::{Names, Whom};
use crate::understanding::rules::PLAIN;
use crate::understanding::slots::{self, Cue, Span};
use crate::understanding::time;
use crate::understanding::types::{
    Ask, ForWhom, Intent, Interpreter, MAX_WORDS, Missing, SaidEnd, SaidWindow, Turn, Understanding,
};
use crate::understanding::vocabulary;

/// Search and grammar.
pub struct EmbeddedInterpreter {
    catalog: Arc<Catalog>,
    index: Arc<Index>,
    names: Names,
    /// Words of the knowledge articles' titles and headings: what can be asked "how".
    known_topics: BTreeSet<String>,
}

/// One turn being read.
struct Reader<'a> {
    house: &'a EmbeddedInterpreter,
    turn: &'a Turn<'a>,
    message: Message,
    reading: Reading,
    table: Table,
    /// Tokens that said something already: time, people, references.
    used: Vec<bool>,
    window: Option<SaidWindow>,
    whom: Option<Whom>,
    reference: Option<String>,
    ground: Ground<'a>,
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
            whom: None,
            reference: None,
            ground,
        };
        reader.read()
    }
}

impl Reader<'_> {
    fn read(&mut self) -> Understanding {
        if let Some((text, at)) = slots::reference(&self.message) {
            self.reference = Some(text);
            self.mark(at);
        }
        self.window = time::window::said_window(&self.message.masked, self.turn.now, &self.turn.speaker.time_zone());
        if let Some(at) = self.window.as_ref().and_then(|w| self.tokens_of(&w.phrase)) {
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
    fn by_table(&self, intent: Intent, points: u16) -> Option<Understanding> {
        let draft = followup::draft(self.turn);
        let firm = points >= 8_900 && !matches!(intent, Intent::Correct | Intent::SmallTalk | Intent::BreakGlass);
        if self.table.asked_reason && !firm && !self.only_time() {
            let mut u = self.base(Intent::Correct, 9_000);
            u.justification = slots::bounded(&self.message.clean);
            return Some(u);
        }
        if self.table.asked_what && !firm && intent != Intent::SmallTalk {
            let u = self.request(9_000, true);
            return Some(u);
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
    fn correction(
        &self,
        draft: &crate::domain::conversation::Draft,
        intent: Intent,
        points: u16,
    ) -> Option<Understanding> {
        let reason = slots::reasons(&self.message, &self.used, 0)
            .into_iter()
            .find(|r| matches!(r.by, Cue::Plain | Cue::Ticket) || (r.by != Cue::Sentence && r.at.0 <= 3));
        let lead_reason = self.lead_reason();
        let mut used = self.used.clone();
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
        let ask = followup::entitlement(&self.message, &rest.join(" "), draft, &self.ground);
        let said_something = self.window.is_some() || self.whom.is_some() || reason_words.is_some() || ask.is_some();
        if !said_something {
            return None;
        }
        // A question or a full new request that happens to hold a date is not a correction.
        let leftover = content_words(&rest.join(" ")).len();
        if intent != Intent::Correct && ask.is_none() && leftover > 2 {
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

    /// "It's for the audit", "for the audit" as a whole message: a reason where a draft waits.
    fn lead_reason(&self) -> Option<Span> {
        let tokens = &self.message.tokens;
        let at = tokens.iter().take(4).position(|t| t.word == "for" || t.word == "to")?;
        let before_is_filler = tokens[..at].iter().all(|t| vocabulary::is_stop(&t.word));
        let end = self.message.sentence_end(at);
        let free = (at..end).filter(|n| !self.used[*n]).count() == end - at;
        let purpose = tokens[at].word == "for"
            || tokens.get(at + 1).is_some_and(|t| vocabulary::PURPOSE_VERBS.contains(&t.cue.as_str()));
        let content = (at + 1..end).any(|n| !vocabulary::is_stop(&tokens[n].word));
        (before_is_filler && free && purpose && content && end - at > 1).then_some((at, end))
    }

    /// True where the message is a time and nothing else.
    fn only_time(&self) -> bool {
        self.window.is_some() && self.free_content().is_empty()
    }

    fn by_words(&self, intent: Intent, points: u16) -> Understanding {
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

    /// A request for access.
    fn request(&self, points: u16, insisted: bool) -> Understanding {
        let message = &self.message;
        let mut used = self.used.clone();
        let cue_end = self.mark_cues(&mut used, &[Intent::RequestAccess, Intent::BreakGlass]);
        let before = used.clone();
        let reason = self.reason(&mut used, cue_end);
        // The tokens that only the reason took.
        let said_why: Vec<bool> = used.iter().zip(&before).map(|(after, before)| *after && !*before).collect();
        let mut u = self.base(Intent::RequestAccess, points);
        u.justification = reason.and_then(|at| slots::reason_text(message, at));
        if let Some(bundle) = asks::bundle(message, self.house.catalog.bundles.values()) {
            u.asks = asks::bundle_asks(bundle, self.ground.may_see);
            if !u.asks.is_empty() {
                return u;
            }
        }
        let overall = self.overall_level();
        let things = asks::things(message, &used, &self.ground);
        u.asks = match self.task() {
            // What is to be done is asked for as it was said: its small words belong to it.
            Some(from) => {
                let taken: Vec<bool> = self.used.iter().zip(&said_why).map(|(a, b)| *a || *b).collect();
                let phrase = self.task_phrase(from, &taken);
                asks::tasks(&phrase, &self.ground).iter().map(|p| self.ground.ask(p, None)).collect()
            }
            None => things.iter().map(|t| self.ground.ask_thing(&t.phrase, t.level.or(overall))).collect(),
        };
        // Words that name nothing beside words that do are talk; a short name that is not known stays, so that it is said.
        if u.asks.iter().any(|a| a.confidence_bp >= 6_000) {
            let brief = |a: &Ask| (1..=2).contains(&content_words(&a.phrase).len());
            u.asks.retain(|a| {
                !a.candidates.is_empty() && a.confidence_bp >= 4_500 || names_something(&a.phrase) || brief(a)
            });
        }
        self.merge_asks(&mut u.asks);
        if !insisted && points < PLAIN || intent::is_elsewhere(message) {
            // Said weakly: most of what is named has to be spoken of by what was found.
            u.asks
                .iter_mut()
                .filter(|a| self.ground.share(a) < 5_000)
                .for_each(|a| a.confidence_bp = a.confidence_bp.min(6_000));
        }
        let best = u.asks.iter().map(|a| a.confidence_bp).max().unwrap_or(0);
        let topic_only = u.asks.is_empty() && self.says_it();
        if let Some(topic) = self.turn.topic.filter(|_| topic_only && !self.table.draft) {
            u.asks.push(followup::one("it", topic.clone(), 8_500, "what we last spoke of"));
        }
        let elsewhere = intent::is_elsewhere(message);
        let proper = things.len() <= 3
            && things
                .iter()
                .any(|t| self.is_proper(t) && (content_words(&t.phrase).len() <= 4 || best >= 4_500 && self.is_task()));
        let plain = points >= PLAIN;
        let out = if insisted {
            false
        } else if elsewhere && best < 8_000 {
            true
        } else if plain {
            false
        } else {
            best < (if self.is_task() { 4_500 } else { 6_500 }) && !proper && !topic_only
        };
        if out {
            return self.base(Intent::OutOfScope, if elsewhere { 8_500 } else { 7_000 });
        }
        let asked = u.asks.iter().map(|a| a.confidence_bp).min().unwrap_or(0);
        u.confidence_bp = points.max(7_500).min(asked.max(3_000));
        u
    }

    /// Marks the words of cue phrases at the places where they stand; returns where the first ends.
    fn mark_cues(&self, used: &mut [bool], intents: &[Intent]) -> usize {
        let tokens = &self.message.tokens;
        let mut first = tokens.len();
        for (intent, from, to) in &self.reading.cues {
            if !intents.contains(intent) {
                continue;
            }
            first = first.min(*from);
            // "Production is down" says that it is one, not what is asked for.
            if *intent == Intent::BreakGlass && to - from <= 5 {
                used[*from..*to].iter_mut().for_each(|u| *u = true);
                continue;
            }
            for n in *from..*to {
                // A gap inside a cue phrase may hold the thing itself ("give me Figma access"); only words of the language are cues.
                let t = &tokens[n];
                let cue = vocabulary::is_stop(&t.cue) || says(CUE_WORDS, &t.cue);
                if cue && !t.data {
                    used[n] = used[n] || !keeps(tokens, n);
                }
            }
        }
        if first == tokens.len() { 0 } else { first }
    }

    /// The reason, its tokens marked as used.
    fn reason(&self, used: &mut [bool], from: usize) -> Option<Span> {
        let message = &self.message;
        let all = slots::reasons(message, used, from);
        let after_comma = |n: usize| message.tokens.get(n).is_some_and(|t| t.gap == Gap::Comma);
        // "I have to reset passwords for people in Sales": what is done, and to whom, is the thing.
        let task = self.is_task();
        let mut found = None;
        for reason in &all {
            let free = (reason.at.0..reason.at.1).any(|n| !used[n]);
            match reason.by {
                Cue::Plain | Cue::Purpose if free => {
                    if reason.by == Cue::Purpose && self.part_of_thing(reason.at, used, task) {
                        continue;
                    }
                    used[reason.at.0..reason.at.1].iter_mut().for_each(|u| *u = true);
                    found = found.or(Some(reason.words));
                }
                Cue::For if free && (after_comma(reason.at.0) || !self.part_of_thing(reason.at, used, task)) => {
                    used[reason.at.0..reason.at.1].iter_mut().for_each(|u| *u = true);
                    found = found.or(Some(reason.words));
                }
                Cue::Ticket => {
                    used[reason.at.0..reason.at.1].iter_mut().for_each(|u| *u = true);
                    found = found.or(Some(reason.words));
                }
                _ => {}
            }
        }
        found.or_else(|| self.reason_sentence(used))
    }

    /// True where the words name something to be done rather than something to be had.
    fn is_task(&self) -> bool {
        self.task().is_some()
    }

    /// Where what is to be done begins: the verb behind "I need to", "I have to", "I must".
    fn task(&self) -> Option<usize> {
        const HAVING: &str =
            " get have be request ask obtain receive access gain know see talk speak apply join be- able ";
        const NEED: &str =
            " need needs want wants like able love got ought supposed asked going have has required allowed ";
        let tokens = &self.message.tokens;
        let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.cue.as_str());
        let must = |n: usize| matches!(word(n), "must" | "should") && n > 0 && matches!(word(n - 1), "i" | "we");
        (1..tokens.len().saturating_sub(1)).rev().map(|n| n + 1).find(|next| {
            let n = next - 1;
            let begins = word(n) == "to" && says(NEED, word(n - 1)) || must(n);
            let verb = word(*next);
            let does = (!vocabulary::is_stop(verb)
                || matches!(verb, "add" | "set" | "assign" | "enable" | "provision" | "grant"))
                && !says(HAVING, verb)
                && tokens[*next].gap == Gap::Space;
            begins && does && !self.used[*next]
        })
    }

    /// What is to be done, as said: from the verb to the end of the sentence, without what says when, for whom and why.
    fn task_phrase(&self, from: usize, used: &[bool]) -> String {
        let tokens = &self.message.tokens;
        let end = self.message.sentence_end(from);
        let mut pieces: Vec<&str> = Vec::new();
        let mut n = from;
        while n < end {
            let run = (n..end).take_while(|k| !used[*k]).count();
            if run > 0 {
                // A closing bracket belongs to what it closes.
                let to = tokens[n + run - 1].end;
                let to = to + usize::from(self.message.clean[to..].starts_with(')'));
                pieces.push(self.message.clean.get(tokens[n].start..to).unwrap_or(""));
            }
            n += run.max(1);
        }
        let said = pieces.join(" ");
        let last = tokens[from..end].iter().rev().find(|t| !t.data).map_or("", |t| t.cue.as_str());
        let said = if matches!(last, "please" | "thanks") {
            said.rsplit_once(' ').map_or(said.as_str(), |(a, _)| a)
        } else {
            &said
        };
        said.trim().chars().take(400).collect()
    }

    /// True where "for …" or "to …" belongs to the name of what is asked for: with it the search finds its words, too.
    fn part_of_thing(&self, (from, to): Span, used: &[bool], task: bool) -> bool {
        let message = &self.message;
        let comma = message.tokens.get(from).is_some_and(|t| t.gap == Gap::Comma);
        let start = message.sentence_start(from);
        let base: Vec<&str> =
            (start..from).filter(|n| !used[*n]).map(|n| message.span(n, n + 1)).filter(|w| !w.is_empty()).collect();
        let base = base.join(" ");
        let tail = message.span(from + 1, to);
        let tail_words = content_words(tail);
        if comma || tail_words.is_empty() || content_words(&base).is_empty() {
            return false;
        }
        let alone = self.ground.find(&base);
        let both = self.ground.find(&format!("{base} {tail}"));
        let (Some(a), Some(b)) = (alone.first(), both.first()) else { return false };
        let title = |id: &EntitlementId| {
            self.house
                .catalog
                .entitlement(id)
                .map(|e| content_words(&format!("{} {}", e.title, e.aliases.join(" "))))
                .unwrap_or_default()
        };
        if task {
            // What is done "for people in Sales" is part of the task where what was found speaks of it at all.
            let text = self.house.catalog.entitlement(&b.id).map(|e| content_words(&e.description)).unwrap_or_default();
            return tail_words
                .iter()
                .any(|w| text.contains(w) || title(&b.id).contains(w) || b.matched.iter().any(|m| fold(m) == *w));
        }
        let named = title(&b.id);
        let hits = tail_words.iter().filter(|w| named.contains(w)).count();
        hits * 2 > tail_words.len() || (hits > 0 && a.id != b.id && hits * 2 >= tail_words.len())
    }

    /// A sentence of its own that is no ask, no greeting and no time: "We are redesigning the app."
    fn reason_sentence(&self, used: &mut [bool]) -> Option<Span> {
        let tokens = &self.message.tokens;
        let mut n = 0;
        let mut first_ask = None;
        let mut sentences = Vec::new();
        while n < tokens.len() {
            let end = self.message.sentence_end(n);
            let cue = self.reading.cues.iter().any(|(_, from, _)| n <= *from && *from < end);
            if cue && first_ask.is_none() {
                first_ask = Some(n);
            }
            sentences.push((n, end, cue));
            n = end;
        }
        if sentences.len() < 2 || first_ask.is_none() {
            return None;
        }
        let (from, to, _) = sentences.into_iter().find(|(from, to, cue)| {
            let content = (*from..*to).filter(|n| !used[*n] && !vocabulary::is_stop(&tokens[*n].word)).count();
            let joins = matches!(tokens[*from].word.as_str(), "also" | "and" | "plus");
            !cue && to - from >= 3 && content >= 2 && !joins
        })?;
        used[from..to].iter_mut().for_each(|u| *u = true);
        Some((from, to))
    }

    /// The level said anywhere outside the things ("read only please").
    fn overall_level(&self) -> Option<AccessLevel> {
        let tokens = &self.message.tokens;
        let stands = |n: usize| {
            tokens.get(n + 1).is_some_and(|t| {
                matches!(
                    t.cue.as_str(),
                    "access" | "only" | "permission" | "permissions" | "rights" | "role" | "license"
                )
            }) || tokens.get(n + 1).is_some_and(|t| t.cue == "and" || t.cue == "or")
                && tokens
                    .get(n + 3)
                    .is_some_and(|t| matches!(t.cue.as_str(), "access" | "permission" | "permissions" | "rights"))
        };
        let places: Vec<usize> = (0..tokens.len()).filter(|n| stands(*n)).collect();
        match places.as_slice() {
            [one] => slots::level(&self.message, (*one, self.message.tokens.len().min(one + 4))),
            // Two levels for two things are each thing's own.
            _ => None,
        }
    }

    /// Two asks whose best is the same entitlement are one.
    fn merge_asks(&self, asks: &mut Vec<Ask>) {
        let mut seen = BTreeSet::new();
        asks.retain(|a| a.candidates.first().is_none_or(|c| seen.insert(c.entitlement.clone())));
    }

    /// A name with a capital inside a sentence: something particular, even if the catalog does not know it.
    fn is_proper(&self, thing: &Thing) -> bool {
        let tokens = &self.message.tokens;
        (thing.at.0..thing.at.1).any(|n| {
            let t = &tokens[n];
            (t.capital || t.data) && t.gap != Gap::Sentence && t.word.len() > 1 && !vocabulary::is_stop(&t.word)
                || t.word.contains(['/', '_'])
                || self
                    .message
                    .clean
                    .get(t.start..t.end)
                    .is_some_and(|w| w.chars().skip(1).any(char::is_uppercase) && !t.acronym)
        }) && !intent::is_elsewhere(&self.message)
    }

    /// Giving back or keeping longer: about something held, said or meant.
    fn about_held(&self, intent: Intent, points: u16) -> Understanding {
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
            u.asks.push(Ask {
                phrase,
                candidates: held.into_iter().map(|(c, _)| c).collect(),
                confidence_bp: confidence,
            });
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
    fn meant_without_words(&self) -> Option<Ask> {
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
                .take(crate::understanding::ground::MOST)
                .map(|id| crate::understanding::types::Candidate {
                    entitlement: id.clone(),
                    score_milli: 0,
                    evidence: vec!["you hold it".into()],
                })
                .collect();
            return Some(Ask { phrase: "it".into(), candidates, confidence_bp: 4_000 });
        }
        let draft = self.turn.drafts.iter().rev().find(|d| !matches!(d.state, DraftState::Dropped))?;
        draft.entitlement.clone().map(|id| followup::one("it", id, 8_000, "what you asked for last"))
    }

    /// A question or an instruction about something named or meant.
    fn question(&self, intent: Intent, points: u16) -> Understanding {
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
                let known = topics * 2 >= content.len().max(1) || near || self.speaks_of_the_desk();
                known && !elsewhere || near && nearness >= 8_500
            }
            Intent::WhatDoIHave => (known || whose || content.is_empty()) && !elsewhere || nearness >= 8_500,
            _ => (known || content.is_empty() || self.is_capitalised()) && !elsewhere || nearness >= 8_500,
        };
        if scoped { u } else { self.base(Intent::OutOfScope, 8_000) }
    }

    fn is_capitalised(&self) -> bool {
        self.message
            .tokens
            .iter()
            .any(|t| (t.capital || t.data) && t.gap != Gap::Sentence && !vocabulary::is_stop(&t.word))
    }

    fn topic(&self) -> Option<EntitlementId> {
        self.turn.topic.cloned().or_else(|| {
            let open = self.turn.drafts.iter().rev().find(|d| !matches!(d.state, DraftState::Dropped));
            open.and_then(|d| d.entitlement.clone())
        })
    }

    /// Nothing was heard: a bare name of something, or talk of other things.
    fn unheard(&self) -> Understanding {
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
        let elsewhere = intent::is_elsewhere(&self.message);
        let mut u = self.request(PLAIN, true);
        let best = u.asks.iter().map(|a| a.confidence_bp).max().unwrap_or(0);
        let question = self.message.clean.contains('?') || self.opens_a_question();
        let bundled = asks::bundle(&self.message, self.house.catalog.bundles.values()).is_some();
        let spoken_of = bundled || u.asks.iter().all(|a| self.ground.share(a) >= 7_500);
        let wanted = if elsewhere || question { 9_000 } else { 7_500 };
        if !u.asks.is_empty() && best >= wanted && spoken_of && words.len() <= 8 {
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
    fn opens_a_question(&self) -> bool {
        const OPEN: &str = " what who when where why how which is are was were do does did should will would tell has have whose if you ";
        let first = self.message.tokens.iter().find(|t| !vocabulary::OPENERS.contains(&t.cue.as_str()));
        first.is_some_and(|t| says(OPEN, &t.cue))
    }

    /// A reference and nothing else asks how it stands.
    fn bare_reference(&self) -> Understanding {
        if self.reference.is_some() {
            self.base(Intent::RequestStatus, 8_000)
        } else {
            self.base(Intent::Unclear, 2_000)
        }
    }

    /// True where the words are of access, requests, approvals or sign-in.
    fn speaks_of_the_desk(&self) -> bool {
        const DESK: &str = " access permission permissions request requests requested approval approvals approve approved approver \
    approvers role roles entitlement entitlements license licenses password mfa vpn sso login denied rejected \
    declined refused grant grants granted admin system systems app apps application applications tool tools locked \
    manager security compliance authenticator laptop database server rights group groups contractor bundle catalog \
    decision deny refusal review delegate delegation expire expires guardrail policy token repo repository intern \
    emergency score risk onboarding leaver joiner ";
        self.message.tokens.iter().filter(|t| !t.data).any(|t| says(DESK, &t.cue))
    }

    /// What a question is about: the words left once cue phrases, people, times and references are taken out.
    fn subject(&self, intents: &[Intent]) -> String {
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
    fn plain_reason(&self) -> Option<String> {
        let found = slots::reasons(&self.message, &self.used, 0)
            .into_iter()
            .find(|r| matches!(r.by, Cue::Plain | Cue::Ticket))?;
        slots::reason_text(&self.message, found.words)
    }

    /// True where "it", "that" or "the access" stands for something.
    fn says_it(&self) -> bool {
        self.message.tokens.iter().any(|t| matches!(t.cue.as_str(), "it" | "that" | "this" | "them"))
    }

    /// Content words that said nothing yet.
    fn free_content(&self) -> Vec<&str> {
        self.message
            .tokens
            .iter()
            .zip(&self.used)
            .filter(|(t, used)| !**used && (t.data || !vocabulary::is_stop(&t.word)))
            .map(|(t, _)| t.word.as_str())
            .collect()
    }

    fn mark(&mut self, (from, to): Span) {
        if let Some(range) = self.used.get_mut(from..to) {
            range.iter_mut().for_each(|u| *u = true);
        }
    }

    /// The tokens a phrase was made of, found by its text.
    fn tokens_of(&self, phrase: &str) -> Option<Span> {
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

    fn base(&self, intent: Intent, points: u16) -> Understanding {
        Understanding {
            intent,
            for_whom: self.whom.as_ref().map_or(ForWhom::Speaker, |w| w.who.clone()),
            asks: Vec::new(),
            window: self.window.clone(),
            justification: None,
            reference: self.reference.clone(),
            missing: Vec::new(),
            confidence_bp: points,
            by: Interpreter::Embedded,
            disagreements: Vec::new(),
        }
    }

    fn finish(&self, mut u: Understanding) -> Understanding {
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
        if changes && u.window.as_ref().is_some_and(|w| matches!(w.end, SaidEnd::Past { .. })) {
            u.missing.push(Missing::End);
        }
        u
    }
}

/// True where a list of words, spaces around each, has this word.
fn says(list: &str, word: &str) -> bool {
    list.match_indices(word).any(|(at, _)| {
        let bytes = list.as_bytes();
        !word.is_empty()
            && at.checked_sub(1).and_then(|n| bytes.get(n)) == Some(&b' ')
            && bytes.get(at + word.len()) == Some(&b' ')
    })
}

/// Words of cue phrases beside the empty ones.
const CUE_WORDS: &str = " requesting requested requires require required provide assign missing lack obtain receive granted given \
    emergency extend extended extension prolong renew remove revoke drop return back done finished through keep \
    longer help apply allow open reach anymore must order usual down everything love hand handing giving take off \
    cancel withdraw retract delete appeal hook sign become join time exactly ";

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

/// True for a word of a cue phrase that belongs to the thing after all: a capital or an acronym inside a sentence.
fn keeps(tokens: &[Token], n: usize) -> bool {
    let t = &tokens[n];
    (t.acronym && t.word != "i")
        || (t.capital && t.gap != Gap::Sentence && n > 0 && t.word != "i" && tokens[n - 1].gap != Gap::Sentence)
}

/// True for a phrase with a capital or a technical name in it.
fn names_something(phrase: &str) -> bool {
    phrase.chars().any(char::is_uppercase) || phrase.contains(['/', '_'])
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
