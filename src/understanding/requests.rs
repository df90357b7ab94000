//! Reading a request for access: what is asked for or to be done, why, and whether it is for this desk at all.

use std::collections::BTreeSet;

use crate::domain::entitlement::AccessLevel;
use crate::domain::ids::EntitlementId;
use crate::understanding::asks::{self, Thing};
use crate::understanding::embedded::Reader;
use crate::understanding::followup;
use crate::understanding::ground::content_words;
use crate::understanding::intent;
use crate::understanding::normalise::{Gap, Token, fold};
use crate::understanding::rules::PLAIN;
use crate::understanding::slots::{self, Cue, Span};
use crate::understanding::types::{Ask, Intent, Understanding};
use crate::understanding::vocabulary::{self, CUE_WORDS, says};

impl Reader<'_> {
    /// A request for access.
    pub(super) fn request(&self, points: u16, insisted: bool) -> Understanding {
        let message = &self.message;
        let mut used = self.used.clone();
        let cue_end = self.mark_cues(&mut used, &[Intent::RequestAccess, Intent::BreakGlass]);
        let before = used.clone();
        let reason = self.reason(&mut used, cue_end);
        // The tokens that only the reason took.
        let said_why: Vec<bool> = used.iter().zip(&before).map(|(after, before)| *after && !*before).collect();
        let mut u = self.base(Intent::RequestAccess, points);
        u.scope = self.scope().map(|at| message.span(at.0, at.1).chars().take(200).collect());
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
                let end = message.sentence_end(from);
                // Each time that is said for something of its own ends what it is said for.
                let mut begin = from;
                let mut found = Vec::new();
                for to in self.windows.iter().map(|(at, _)| at.0).filter(|n| (from..end).contains(n)).chain([end]) {
                    let phrase = self.task_phrase((begin, to), &taken);
                    let phrase =
                        ["and ", "also ", "to "].iter().fold(phrase.as_str(), |p, w| p.strip_prefix(w).unwrap_or(p));
                    if !content_words(phrase).is_empty() {
                        let window = self.window_at((begin, to));
                        let asks = asks::tasks(phrase, &self.ground)
                            .into_iter()
                            .map(|p| self.reaching(&p, u.scope.as_deref()));
                        found.extend(asks.map(|ask| Ask { window: window.clone(), ..ask }));
                    }
                    begin = to;
                }
                found
            }
            None => things
                .iter()
                .map(|t| (t, self.ground.ask_thing(&t.phrase, t.level.or(overall))))
                .map(|(t, ask)| Ask { window: self.window_at(t.at), ..ask })
                .collect(),
        };
        if !self.windows.is_empty() {
            u.window = None;
        }
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
        // One thing has one time, whichever of the times said it is.
        let mut known = u.asks.iter_mut().filter(|a| !a.candidates.is_empty());
        if let (Some(only), None, false) = (known.next(), known.next(), self.windows.is_empty()) {
            u.window = only.window.take().or_else(|| self.window.clone());
        }
        let best = u.asks.iter().map(|a| a.confidence_bp).max().unwrap_or(0);
        let topic_only = u.asks.is_empty() && self.says_it();
        if let Some(topic) = self.turn.topic.filter(|_| topic_only && !self.table.draft) {
            u.asks.push(followup::one("it", topic.clone(), 8_500, "what we last spoke of"));
        }
        let technical = self.is_task() && (0..message.tokens.len()).any(|n| self.is_technical(n));
        let elsewhere = intent::is_elsewhere(message) && !technical;
        let found = u.asks.iter().any(|a| !a.candidates.is_empty());
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
            let least = if self.is_task() { 4_500 } else { 6_500 };
            let ours = proper || topic_only || self.speaks_of_the_desk() || (technical && found);
            // Whoever says in which of our systems it is speaks of something of ours.
            best < least && !ours && !u.asks.iter().any(|a| self.ground.is_placed(a))
        };
        if out {
            return self.base(Intent::OutOfScope, if elsewhere { 8_500 } else { 7_000 });
        }
        let asked = u.asks.iter().map(|a| a.confidence_bp).min().unwrap_or(0);
        u.confidence_bp = points.max(7_500).min(asked.max(3_000));
        u
    }

    /// Marks the words of cue phrases at the places where they stand; returns where the first ends.
    pub(super) fn mark_cues(&self, used: &mut [bool], intents: &[Intent]) -> usize {
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
    pub(super) fn reason(&self, used: &mut [bool], from: usize) -> Option<Span> {
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
                // Whom it is to reach is part of what is done; of a thing it says nothing the search could use.
                Cue::For
                    if slots::is_scope(message, reason.at) && !task && !self.part_of_thing(reason.at, used, task) =>
                {
                    used[reason.at.0..reason.at.1].iter_mut().for_each(|u| *u = true);
                }
                Cue::For if slots::is_scope(message, reason.at) => {}
                // What is done "for an accessPackage" is done to it.
                Cue::For if task && (reason.words.0..reason.words.1).any(|n| self.is_technical(n)) => {}
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
    pub(super) fn is_task(&self) -> bool {
        self.task().is_some()
    }

    /// Where what is to be done begins: the verb behind "I need to", "I have to", "I must".
    pub(super) fn task(&self) -> Option<usize> {
        const HAVING: &str =
            " get have be request ask obtain receive access gain know see talk speak apply join be- able ";
        const NEED: &str =
            " need needs want wants like able love got ought supposed asked going have has required allowed ";
        let tokens = &self.message.tokens;
        let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.cue.as_str());
        // "I need to get a list of …" is about reading; "to get the wiki" is about having.
        const TOLD: &str = " list lists detail details property properties collection count number information trends metadata \
            summary history members ";
        let fetches = |n: usize| {
            word(n) == "get"
                && (n + 1..n + 4)
                    .map(word)
                    .find(|w| !matches!(*w, "a" | "an" | "the" | "all"))
                    .is_some_and(|w| says(TOLD, w))
        };
        let must = |n: usize| matches!(word(n), "must" | "should") && n > 0 && matches!(word(n - 1), "i" | "we");
        (1..tokens.len().saturating_sub(1)).rev().map(|n| n + 1).find(|next| {
            let n = next - 1;
            let begins = word(n) == "to" && says(NEED, word(n - 1)) || must(n);
            let verb = word(*next);
            let does = (!vocabulary::is_stop(verb)
                || matches!(verb, "add" | "set" | "assign" | "enable" | "provision" | "grant"))
                && !says(HAVING, verb)
                && tokens[*next].gap == Gap::Space;
            begins && (does || fetches(*next)) && !self.used[*next]
        })
    }

    /// What is to be done, found by all its words, or more surely without those that say whom it is to reach.
    fn reaching(&self, phrase: &str, scope: Option<&str>) -> Ask {
        let whole = self.ground.ask(phrase, None);
        let Some(bare) = scope.filter(|s| phrase.contains(*s)).map(|s| phrase.replace(s, "")) else { return whole };
        let bare = self.ground.ask(&bare, None);
        if bare.confidence_bp > whole.confidence_bp { Ask { phrase: phrase.to_owned(), ..bare } } else { whole }
    }

    /// True where a word is written as programs write names: "accessReviewStage", "user_id".
    fn is_technical(&self, n: usize) -> bool {
        let t = &self.message.tokens[n];
        let written = self.message.clean.get(t.start..t.end).unwrap_or("");
        let lower = |c: char| c.is_lowercase();
        t.word.contains('_') || written.starts_with(lower) && written.chars().any(char::is_uppercase)
    }

    /// Whom or what it is to reach, where "for …" says so.
    pub(super) fn scope(&self) -> Option<Span> {
        let tokens = &self.message.tokens;
        let ends = |n: usize| {
            self.used[n]
                || tokens[n].gap >= Gap::Comma
                || matches!(
                    tokens[n].cue.as_str(),
                    "until" | "because" | "please" | "so" | "since" | "thanks" | "to" | "for"
                )
        };
        (1..tokens.len()).filter(|n| tokens[*n].cue == "for" && !self.used[*n]).find_map(|n| {
            let end = (n + 1..tokens.len()).find(|k| ends(*k)).unwrap_or(tokens.len());
            slots::is_scope(&self.message, (n, end)).then_some((n, end))
        })
    }

    /// What is to be done, as said within these tokens, without what says when, for whom and why.
    pub(super) fn task_phrase(&self, (from, end): Span, used: &[bool]) -> String {
        let tokens = &self.message.tokens;
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
    pub(super) fn part_of_thing(&self, (from, to): Span, used: &[bool], task: bool) -> bool {
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
    pub(super) fn reason_sentence(&self, used: &mut [bool]) -> Option<Span> {
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
    pub(super) fn overall_level(&self) -> Option<AccessLevel> {
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
    pub(super) fn merge_asks(&self, asks: &mut Vec<Ask>) {
        let mut seen = BTreeSet::new();
        asks.retain(|a| a.candidates.first().is_none_or(|c| seen.insert(c.entitlement.clone())));
    }

    /// A name with a capital inside a sentence: something particular, even if the catalog does not know it.
    pub(super) fn is_proper(&self, thing: &Thing) -> bool {
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
}

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
