//! Whom it is for: names of the directory in the words, with or without accents, by first name, full name, address or id; reports and
//! managers by their place in the line. A name that fits several people or nobody is said so, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::PersonId;
use crate::domain::person::{Directory, Person};
use crate::understanding::normalise::{Gap, Message, Token, fold};
use crate::understanding::types::ForWhom;
use crate::understanding::vocabulary;

/// At most so many people are named where a name fits several.
const MOST: usize = 5;

/// First names that are also everyday words: as names they need their capital letter.
const EVERYDAY: &[&str] = &[
    "will", "mark", "grace", "rose", "may", "art", "bill", "frank", "drew", "june", "april", "august", "hope", "joy",
    "faith", "dawn", "iris", "ivy", "lily", "olive", "ruby", "amber", "jade", "pearl", "rich", "rob", "sue", "pat",
    "gene", "dean", "chase", "grant", "miles", "max", "ray", "victor", "guy", "jack", "page", "case", "wade", "mason",
    "carter", "cook", "baker", "king", "bell", "young", "long", "short", "brown", "green", "black", "white", "gray",
    "stone", "wood", "banks", "field", "price", "read", "reader", "day", "summer", "an", "in", "so", "do", "my", "le",
    "van", "de", "van", "park", "bush", "west", "north",
];

/// Words after "for" that begin with a capital and name nobody.
const NOT_NAMES: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "christmas",
    "easter",
    "q1",
    "q2",
    "q3",
    "q4",
    "project",
    "operation",
    "team",
    "department",
    "black",
    "the",
    "a",
    "an",
    "my",
    "our",
    "this",
    "that",
    "i",
    "new",
    "internal",
    "all",
];

/// The directory's names, ready for looking up.
#[derive(Debug)]
pub struct Names {
    directory: Directory,
    /// Folded parts of every name, in order.
    parts: Vec<(Vec<String>, PersonId)>,
    /// People by a folded part of their name.
    by_part: BTreeMap<String, Vec<usize>>,
    /// Addresses, the part before the `@`, and ids.
    handles: BTreeMap<String, PersonId>,
    /// Folded department names, by their words.
    departments: BTreeSet<Vec<String>>,
}

/// A name found in the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// One past the last token.
    pub to: usize,
    /// Whom it fits.
    pub people: Vec<PersonId>,
}

/// What the words say about whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// Who.
    pub who: ForWhom,
    /// The tokens that said so: first, one past last.
    pub at: (usize, usize),
}

impl Names {
    /// The names of a directory.
    #[must_use]
    pub fn new(directory: &Directory) -> Self {
        let mut parts = Vec::new();
        let mut by_part: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut handles = BTreeMap::new();
        let mut departments = BTreeSet::new();
        for person in directory.iter() {
            let name: Vec<String> = fold(&person.name)
                .split(|c: char| !c.is_alphanumeric() && c != '\'')
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect();
            for part in &name {
                by_part.entry(part.clone()).or_default().push(parts.len());
            }
            parts.push((name, person.id.clone()));
            handles.insert(fold(&person.email), person.id.clone());
            handles.insert(fold(person.id.as_str()), person.id.clone());
            departments.insert(fold(&person.department).split_whitespace().map(str::to_owned).collect());
        }
        Self { directory: directory.clone(), parts, by_part, handles, departments }
    }

    /// The person or people named at this token.
    #[must_use]
    pub fn at(&self, tokens: &[Token], at: usize) -> Option<Named> {
        let first = tokens.get(at)?;
        if first.data {
            return None;
        }
        if let Some(id) = self.handles.get(first.word.trim_start_matches('@')) {
            return Some(Named { to: at + 1, people: vec![id.clone()] });
        }
        let entries = self.by_part.get(&first.word)?;
        if !first.capital && (EVERYDAY.contains(&first.word.as_str()) || vocabulary::is_stop(&first.word)) {
            return None;
        }
        // As many words of a name as stand here, in the order of the name.
        let run = |parts: &[String]| {
            let begin = parts.iter().position(|p| *p == first.word)?;
            let same = parts[begin..]
                .iter()
                .enumerate()
                .take_while(|(n, p)| {
                    tokens.get(at + n).is_some_and(|t| (*n == 0 || t.gap == Gap::Space) && t.word == **p && !t.data)
                })
                .count();
            Some(same)
        };
        let best = entries.iter().filter_map(|n| run(&self.parts[*n].0)).max()?;
        // "Ana Horvat" is nobody where there is only an Ana Kovač: a capital follows that is no part of the name.
        let next = tokens.get(at + best);
        let surname_follows = next.is_some_and(|t| {
            t.gap == Gap::Space
                && t.capital
                && !t.acronym
                && !t.data
                && first.capital
                && !self.is_department(tokens, at + best)
                && t.word.chars().all(char::is_alphabetic)
                && t.word != "'s"
        });
        let mut people: Vec<PersonId> = entries
            .iter()
            .filter(|n| run(&self.parts[**n].0) == Some(best))
            .map(|n| self.parts[*n].1.clone())
            .collect();
        people.dedup();
        let mut to = at + best;
        if let Some((department, after)) = self.department_after(tokens, to) {
            let there: Vec<PersonId> = people
                .iter()
                .filter(|id| self.directory.get(id).is_some_and(|p| fold(&p.department) == department))
                .cloned()
                .collect();
            if !there.is_empty() {
                people = there;
                to = after;
            }
        } else if surname_follows && best == 1 {
            people.retain(|_| false);
            to += 1;
        }
        Some(Named { to, people })
    }

    fn is_department(&self, tokens: &[Token], at: usize) -> bool {
        self.departments
            .iter()
            .any(|d| d.iter().enumerate().all(|(n, w)| tokens.get(at + n).is_some_and(|t| t.word == *w)))
    }

    /// "in Sales", "from the Sales team", "(Sales)" after a name: the department, and one past the last token.
    fn department_after(&self, tokens: &[Token], at: usize) -> Option<(String, usize)> {
        let mut n = at;
        let bracket = tokens.get(n).is_some_and(|t| t.gap == Gap::Comma);
        if tokens.get(n).is_some_and(|t| matches!(t.word.as_str(), "in" | "from" | "of" | "at")) {
            n += 1;
            if tokens.get(n).is_some_and(|t| t.word == "the") {
                n += 1;
            }
        } else if !bracket {
            return None;
        }
        let found = self
            .departments
            .iter()
            .filter(|d| d.iter().enumerate().all(|(k, w)| tokens.get(n + k).is_some_and(|t| t.word == *w)))
            .max_by_key(|d| d.len())?;
        let mut after = n + found.len();
        if tokens.get(after).is_some_and(|t| matches!(t.word.as_str(), "team" | "department")) {
            after += 1;
        }
        Some((found.join(" "), after))
    }

    /// Whom the words are about, where they say so. `anywhere` takes any name, as in "what does Ana have"; else a name has to stand where
    /// whom it is for stands. `is_thing` tells of a word that names something in the catalog.
    #[must_use]
    pub fn whom(
        &self,
        message: &Message,
        speaker: &Person,
        anywhere: bool,
        is_thing: &dyn Fn(&str) -> bool,
    ) -> Option<Whom> {
        let tokens = &message.tokens;
        let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.cue.as_str());
        let mut for_me = None;
        for n in 0..tokens.len() {
            let lead = match (word(n), word(n + 1), word(n + 2)) {
                ("on", "behalf", "of") => 3,
                ("for", _, _) => 1,
                (
                    "give" | "grant" | "assign" | "add" | "get" | "let" | "set" | "provide" | "make" | "appoint",
                    _,
                    _,
                ) => 1,
                _ => 0,
            };
            let at = n + lead;
            if lead > 0 && matches!(word(at), "me" | "myself" | "us") {
                if word(n) == "for" {
                    for_me = Some(Whom { who: ForWhom::Speaker, at: (n, at + 1) });
                }
                continue;
            }
            let from = if matches!(word(n), "for" | "on") { n } else { at };
            if lead > 0
                && let Some((who, to)) = self.relation(tokens, at, speaker)
            {
                return Some(Whom { who, at: (from, to) });
            }
            if lead > 0
                && let Some(named) = self.at(tokens, at)
            {
                return Some(self.conclude(message, named, at, from, speaker));
            }
            // A name before "needs".
            if lead == 0
                && let Some(named) = self.at(tokens, n)
            {
                let after = word(named.to);
                let needs = matches!(
                    after,
                    "needs"
                        | "wants"
                        | "requires"
                        | "should"
                        | "will"
                        | "has"
                        | "is"
                        | "lacks"
                        | "'s"
                        | "must"
                        | "cannot"
                        | "can"
                        | "does"
                );
                let before = n.checked_sub(1).map_or("", word);
                // Inside a reason or a condition ("because Ana is away") nobody is asked for.
                let aside = matches!(
                    before,
                    "with"
                        | "from"
                        | "by"
                        | "and"
                        | "to"
                        | "because"
                        | "since"
                        | "while"
                        | "when"
                        | "as"
                        | "if"
                        | "that"
                        | "until"
                );
                if needs && !aside || anywhere {
                    let to = named.to + usize::from(after == "'s");
                    let whom = self.conclude(message, Named { to, ..named }, n, n, speaker);
                    return Some(whom);
                }
            }
            if (anywhere || matches!(word(n.wrapping_sub(1)), "" | "and" | "hi" | "hello" | "please"))
                && word(n) == "my"
                && let Some((who, to)) = self.relation(tokens, n, speaker)
                && (anywhere || matches!(word(to), "needs" | "wants" | "requires"))
            {
                return Some(Whom { who, at: (n, to) });
            }
        }
        for_me.or_else(|| self.stranger(message, is_thing))
    }

    fn conclude(&self, message: &Message, named: Named, at: usize, from: usize, speaker: &Person) -> Whom {
        let name = message.span(at, named.to).chars().take(80).collect::<String>();
        let name = name.trim_end_matches("'s").trim_end_matches("’s").to_owned();
        let who = match named.people.as_slice() {
            [] => ForWhom::Unknown { name },
            [one] if *one == speaker.id => ForWhom::Speaker,
            [one] => ForWhom::Person { id: one.clone() },
            many => ForWhom::Ambiguous { name, people: many.iter().take(MOST).cloned().collect() },
        };
        Whom { who, at: (from, named.to) }
    }

    /// "my report", "my manager", "my colleague Ana" at this token.
    fn relation(&self, tokens: &[Token], at: usize, speaker: &Person) -> Option<(ForWhom, usize)> {
        let word = |n: usize| tokens.get(n).filter(|t| !t.data).map_or("", |t| t.cue.as_str());
        let mut n = at;
        if matches!((word(n), word(n + 1)), ("one" | "all", "of")) {
            n += 2;
        }
        if !matches!(word(n), "my" | "our" | "a" | "the") {
            return None;
        }
        let own = word(n) == "my" || word(n) == "our";
        n += 1;
        while matches!(word(n), "new" | "direct" | "team" | "dear" | "junior" | "senior") {
            n += 1;
        }
        let role = word(n);
        let after = n + 1;
        if let Some(named) = self.at(tokens, after)
            && matches!(
                role,
                "colleague"
                    | "coworker"
                    | "teammate"
                    | "report"
                    | "manager"
                    | "boss"
                    | "intern"
                    | "contractor"
                    | "member"
                    | "peer"
                    | "hire"
                    | "assistant"
                    | "analyst"
                    | "mate"
            )
        {
            let name = tokens[after..named.to].iter().map(|t| t.word.as_str()).collect::<Vec<_>>().join(" ");
            let who = match named.people.as_slice() {
                [] => ForWhom::Unknown { name },
                [one] => ForWhom::Person { id: one.clone() },
                many => ForWhom::Ambiguous { name, people: many.iter().take(MOST).cloned().collect() },
            };
            return Some((who, named.to));
        }
        let reports = || -> Vec<&Person> {
            self.directory
                .iter()
                .filter(|p| p.manager.as_ref() == Some(&speaker.id) && p.is_employed())
                .map(AsRef::as_ref)
                .collect()
        };
        let said = tokens[at..after.min(tokens.len())].iter().map(|t| t.word.as_str()).collect::<Vec<_>>().join(" ");
        let of = |people: Vec<&Person>| match people.as_slice() {
            [] => ForWhom::Unknown { name: said.clone() },
            [one] => ForWhom::Person { id: one.id.clone() },
            many => ForWhom::Ambiguous {
                name: said.clone(),
                people: many.iter().take(MOST).map(|p| p.id.clone()).collect(),
            },
        };
        // "My report" on the sales is a document; whose report it is does not follow.
        let person_like = !matches!(word(after), "on" | "for" | "about" | "from" | "builder" | "server" | "data");
        match role {
            "report" | "reports" | "subordinate" | "employee" if own && person_like => Some((of(reports()), after)),
            "intern" | "contractor" | "trainee" | "assistant" | "analyst" if own => {
                let fits = reports()
                    .into_iter()
                    .filter(|p| {
                        fold(&p.job_title).contains(role)
                            || (role == "contractor" && p.population == crate::domain::person::Population::Contractor)
                    })
                    .collect();
                Some((of(fits), after))
            }
            "manager" | "boss" | "lead" | "supervisor" if own => {
                let who = speaker
                    .manager
                    .clone()
                    .map_or(ForWhom::Unknown { name: said.clone() }, |id| ForWhom::Person { id });
                Some((who, after))
            }
            "colleague" | "coworker" | "teammate" | "hire" | "member" | "peer" | "friend" | "colleagues"
            | "somebody"
                if own || role != "member" =>
            {
                Some((ForWhom::Unknown { name: said }, after))
            }
            _ => None,
        }
    }

    /// "for Zoltan": one or two capitalised words where a person could stand, that name neither anybody here nor anything.
    fn stranger(&self, message: &Message, is_thing: &dyn Fn(&str) -> bool) -> Option<Whom> {
        let tokens = &message.tokens;
        for n in 0..tokens.len() {
            let behalf = tokens[n].word == "of" && n >= 2 && tokens[n - 1].word == "behalf";
            let lead = tokens[n].word == "for" && n > 0 && !tokens[n].data;
            if !(behalf || lead) {
                continue;
            }
            if let Some(t) = tokens.get(n + 1)
                && t.word.contains('@')
                && !t.data
            {
                let name = message.span(n + 1, n + 2).chars().take(80).collect();
                return Some(Whom { who: ForWhom::Unknown { name }, at: (n, n + 2) });
            }
            let like = |t: &Token| {
                t.capital
                    && !t.acronym
                    && !t.data
                    && t.gap == Gap::Space
                    && t.word.chars().all(|c| c.is_alphabetic() || c == '\'')
                    && t.word.chars().count() >= 3
                    && !NOT_NAMES.contains(&t.word.as_str())
            };
            let run = tokens[n + 1..].iter().take(3).take_while(|t| like(t)).count();
            if run == 0 || run > 2 || self.is_department(tokens, n + 1) {
                continue;
            }
            let to = n + 1 + run;
            // What follows has to let the name end: a pause, a time, a reason.
            let ends = tokens.get(to).is_none_or(|t| {
                t.gap >= Gap::Comma
                    || matches!(
                        t.word.as_str(),
                        "until"
                            | "till"
                            | "for"
                            | "because"
                            | "so"
                            | "as"
                            | "please"
                            | "from"
                            | "starting"
                            | "in"
                            | "instead"
                            | "too"
                            | "who"
                            | "to"
                    )
            });
            let name = message.span(n + 1, to);
            if ends && (behalf || !is_thing(name)) {
                let from = if behalf { n - 2 } else { n };
                return Some(Whom { who: ForWhom::Unknown { name: name.to_owned() }, at: (from, to) });
            }
        }
        None
    }
}
