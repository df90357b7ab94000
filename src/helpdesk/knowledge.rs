//! Answers from the catalog's knowledge articles: the section that fits best, as it was written, with the file it stands in. Where none
//! fits, none is given; nothing is ever put together from several.
//!
//! Sections are weighed in whole numbers: every word of the question counts by its rarity, little where it is one of the verbs that any question
//! may have, or one of a sort with a verb of the article. It counts for the article's subject in full where it stands in a keyword or a part of
//! the title that the question says whole, by a third where the question says only a part of that ("server room" is not about every room). A
//! section answers only where it covers three fifths of the question and two fifths of it are its subject: an article that merely mentions a word
//! of the question is no answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::model::Catalog;
use crate::domain::ids::EntitlementId;
use crate::helpdesk::topics::{is_light, is_verb, same_sort, words as words_of};
use crate::understanding::normalise::fold;

/// The longest extract, in characters.
const LONGEST_EXTRACT: usize = 1_200;
/// How many words of a question are looked at.
const MOST_WORDS: usize = 40;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The article's title.
    pub title: String,
    /// The file it stands in.
    pub file: String,
    /// The section that answers, as written, its heading first where it has one.
    pub extract: String,
    /// What the article says one may have to ask for.
    pub entitlements: Vec<EntitlementId>,
    /// Of these, what the extract itself links to (`entitlement:…`), in its order.
    pub linked: Vec<EntitlementId>,
}

/// The section that answers these words best; `None` where no article does.
#[must_use]
pub fn find(catalog: &Catalog, words: &str) -> Option<Found> {
    let asked: BTreeSet<String> = words_of(words).into_iter().take(MOST_WORDS).collect();
    if asked.is_empty() {
        return None;
    }
    let articles: Vec<(&String, Article)> =
        catalog.knowledge.iter().map(|(file, text)| (file, Article::read(text))).collect();
    let mut spread: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, article) in &articles {
        for word in asked.iter().filter(|word| article.words.contains(*word)) {
            *spread.entry(word).or_default() += 1;
        }
    }
    let count = u64::try_from(articles.len()).unwrap_or(u64::MAX);
    // Rarity as the whole part of eight times a logarithm; a word no article has weighs most, and tells against an answer.
    let rarity = |word: &str| -> u64 {
        let held = spread.get(word).copied().unwrap_or(0);
        8 * u64::from(((count + 1) * 4 / (held + 1)).max(1).ilog2()).max(1)
    };
    let mut best: Option<(u64, &String, &Article, usize)> = None;
    for (file, article) in &articles {
        let subject = article.subject(&asked);
        for (n, section) in article.sections.iter().enumerate() {
            let heading: BTreeSet<String> = words_of(&section.heading).into_iter().collect();
            let body: BTreeSet<String> = words_of(&section.text).into_iter().collect();
            let (mut whole, mut covered, mut named, mut points) = (0, 0, 0, 0);
            for word in &asked {
                let alike = same_sort(word, &article.words);
                let weight = if is_light(word) || alike { rarity(word) / 4 } else { rarity(word) };
                let level = if subject.whole.contains(word) {
                    6
                } else if heading.contains(word) {
                    5
                } else if subject.part.contains(word) {
                    4
                } else if body.contains(word) {
                    2
                } else {
                    u64::from(alike)
                };
                whole += weight;
                covered += if level > 0 { weight } else { 0 };
                named += match level {
                    5.. => weight,
                    4 => weight / 3,
                    _ => 0,
                };
                points += level * weight + u64::from(level == 6 && body.contains(word)) * weight;
            }
            let answers = covered * 5 >= whole * 3 && named * 5 >= whole * 2;
            if answers && best.as_ref().is_none_or(|(top, ..)| points > *top) {
                best = Some((points, *file, article, n));
            }
        }
    }
    let (_, file, article, n) = best?;
    let section = article.sections.get(n)?;
    let mut extract = String::new();
    if !section.heading.is_empty() {
        extract.push_str(&section.heading);
        extract.push('\n');
    }
    extract.push_str(section.text.trim());
    if extract.chars().count() > LONGEST_EXTRACT {
        extract = extract.chars().take(LONGEST_EXTRACT - 1).collect();
        extract.push('…');
    }
    let entitlements = article.entitlements.iter().filter(|id| catalog.entitlement(id).is_some()).cloned().collect();
    let linked = links(&extract).into_iter().filter(|id| catalog.entitlement(id).is_some()).collect();
    Some(Found { title: article.title.clone(), file: file.clone(), extract, entitlements, linked })
}

/// True where words ask how something is done, whatever it is.
#[must_use]
pub fn asks_how(words: &str) -> bool {
    const HOW: &[&str] = &["how", "where"];
    const HELPERS: &[&str] = &["do", "does", "did", "can", "could", "should", "would", "must", "may", "to"];
    const LEADS: &[&str] = &[
        "what do i do",
        "what do we do",
        "what should i do",
        "what should we do",
        "what shall i do",
        "what must i do",
        "what to do",
        "what do i have to do",
        "what do i need to do",
        "what do we have to do",
    ];
    const TELL: &[&str] = &[
        "tell me how to",
        "tell me how i",
        "show me how to",
        "show me how i",
        "explain how to",
        "explain to me how to",
        "teach me how to",
    ];
    let plain = plain(words);
    let courtesy = |w: &&str| {
        matches!(
            *w,
            "hi" | "hello" | "hey" | "please" | "and" | "so" | "ok" | "okay" | "claviger" | "can" | "could" | "you"
        )
    };
    let said: Vec<&str> = plain.split(' ').filter(|w| !w.is_empty()).collect();
    let lead: Vec<&str> = said.iter().copied().skip_while(courtesy).collect();
    let starts = lead.join(" ");
    if LEADS
        .iter()
        .chain(TELL)
        .any(|l| starts.strip_prefix(l).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    {
        return true;
    }
    let mut lead = lead.into_iter().filter(|w| *w != "often");
    let (first, second, third) = (lead.next(), lead.next(), lead.next());
    // "How do you do?" is courtesy as well.
    first.is_some_and(|w| HOW.contains(&w))
        && second.is_some_and(|w| HELPERS.contains(&w))
        && third.is_some_and(|w| w != "you")
}

/// True where somebody tells of something and asks what to do: "…, what now?", "… and how do I get it?".
#[must_use]
pub fn asks_what_now(words: &str) -> bool {
    const ENDS: &[&str] = &[
        "what now",
        "now what",
        "what do i do",
        "what do i do now",
        "what should i do",
        "what can i do",
        "what to do",
        "what shall i do",
    ];
    const INSIDE: &[&str] =
        &[" and how do i ", " and how do we ", " and how can i ", " and how do they ", " and how to "];
    let padded = format!(" {} ", plain(words));
    ENDS.iter().any(|end| padded.ends_with(&format!(" {end} "))) || INSIDE.iter().any(|inside| padded.contains(inside))
}

fn plain(words: &str) -> String {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// True where these words name what a text is called: every word of `name` stands in it, whatever its ending, and most of what the whole
/// question says.
#[must_use]
pub fn names(text: &str, name: &str, question: &str) -> bool {
    let (text, name) = (words_of(text), words_of(name));
    let said: BTreeSet<String> = words_of(question).into_iter().filter(|w| !is_light(w)).collect();
    let found = said.iter().filter(|w| text.contains(w)).count();
    !name.is_empty() && name.iter().all(|word| text.contains(word)) && found * 2 > said.len()
}

/// The entitlements a Markdown text links to: `[words](entitlement:id)`, each once.
fn links(markdown: &str) -> Vec<EntitlementId> {
    let mut found: Vec<EntitlementId> = Vec::new();
    for rest in markdown.split("](entitlement:").skip(1) {
        let id = rest.split(')').next().and_then(|id| EntitlementId::parse(id.trim()).ok());
        if let Some(id) = id.filter(|id| !found.contains(id)) {
            found.push(id);
        }
    }
    found
}

/// An article taken apart.
struct Article {
    title: String,
    entitlements: Vec<EntitlementId>,
    sections: Vec<Section>,
    /// What it is about: the keywords and the parts of the title, each a phrase, and whether one word of the question is enough to say it.
    phrases: Vec<(BTreeSet<String>, bool)>,
    /// All its words.
    words: BTreeSet<String>,
}

/// The words of a question that are what an article is about.
#[derive(Default)]
struct Subject {
    /// In phrases that the question says whole.
    whole: BTreeSet<String>,
    /// In phrases of which it says a part.
    part: BTreeSet<String>,
}

#[derive(Default)]
struct Section {
    heading: String,
    text: String,
}

impl Article {
    /// Reads an article: a head between two lines of `---` and Markdown below it. The loader has refused what is malformed; whatever is
    /// still odd here is read as text.
    fn read(text: &str) -> Self {
        let head_and_body = text.strip_prefix("---").and_then(|rest| rest.split_once("\n---"));
        let (head, body) = head_and_body.unwrap_or(("", text));
        let field = |name: &str| {
            head.lines()
                .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
                .map(|v| v.trim().trim_matches(['[', ']', '"']))
        };
        let entitlements = field("entitlements")
            .unwrap_or("")
            .split(',')
            .filter_map(|id| EntitlementId::parse(id.trim().trim_matches('"')).ok())
            .collect();
        let mut sections = vec![Section::default()];
        let mut heading_title = None;
        for line in body.lines() {
            let hashes = line.bytes().take_while(|b| *b == b'#').count();
            let is_heading = (1..=6).contains(&hashes) && line[hashes..].starts_with(' ');
            if is_heading && hashes == 1 && heading_title.is_none() {
                heading_title = Some(line[hashes..].trim().to_owned());
            } else if is_heading {
                sections.push(Section { heading: line[hashes..].trim().to_owned(), text: String::new() });
            } else if let Some(section) = sections.last_mut() {
                section.text.push_str(line);
                section.text.push('\n');
            }
        }
        sections.retain(|s| !s.text.trim().is_empty());
        let title = field("title").map(str::to_owned).or(heading_title).unwrap_or_default();
        let keywords = field("keywords").unwrap_or("").split(',').map(|keyword| (keyword, true));
        // Behind a preposition stands what the title is about only by the way: "Install software on your laptop" is about software.
        let parts = parts(&title).into_iter().enumerate().map(|(n, part)| (part, n == 0)).collect::<Vec<_>>();
        let phrases: Vec<(BTreeSet<String>, bool)> = keywords
            .map(|(phrase, alone)| (phrase.to_owned(), alone))
            .chain(parts)
            .map(|(phrase, alone)| (words_of(&phrase).into_iter().collect::<BTreeSet<_>>(), alone))
            .filter(|(phrase, _)| !phrase.is_empty())
            .collect();
        let mut words: BTreeSet<String> = phrases.iter().flat_map(|(phrase, _)| phrase.iter().cloned()).collect();
        for section in &sections {
            words.extend(words_of(&section.heading));
            words.extend(words_of(&section.text));
        }
        Self { title, entitlements, sections, phrases, words }
    }

    /// What of a question is what this article is about.
    fn subject(&self, asked: &BTreeSet<String>) -> Subject {
        let mut subject = Subject::default();
        for (phrase, alone) in &self.phrases {
            // What is done to it need not be said.
            let little = |w: &&String| is_light(w) || (phrase.len() > 1 && is_verb(w));
            let mut needed: Vec<&String> = phrase.iter().filter(|w| !little(w)).collect();
            if needed.is_empty() {
                needed = phrase.iter().collect();
            }
            let whole = needed.iter().all(|w| asked.contains(*w)) && (*alone || needed.len() > 1);
            if whole { &mut subject.whole } else { &mut subject.part }.extend(phrase.iter().cloned());
        }
        subject
    }
}

/// A title taken apart at its prepositions; the particle of a first verb ("hand in") is none.
fn parts(title: &str) -> Vec<String> {
    const BETWEEN: &[&str] = &["in", "on", "to", "for", "with", "from", "at", "of", "before", "and", "or"];
    let mut parts = vec![String::new()];
    for (n, word) in title.split_whitespace().enumerate() {
        let joins = BETWEEN.contains(&word.to_lowercase().as_str());
        if joins && n > 1 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut().filter(|_| !joins) {
            part.push(' ');
            part.push_str(word);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::samples::catalog;

    #[test]
    fn the_section_that_answers_is_quoted_and_nothing_else() {
        let catalog = catalog();
        let found = find(&catalog, "how do I install the VPN client?").unwrap();
        assert_eq!((found.title.as_str(), found.file.as_str()), ("Connect to the VPN", "vpn.md"));
        assert!(found.extract.contains("software centre") && !found.extract.contains("company address"), "{found:?}");
        assert_eq!(found.entitlements.iter().map(EntitlementId::as_str).collect::<Vec<_>>(), ["wiki:reader"]);
        assert_eq!(find(&catalog, "adding printers").unwrap().file, "printers.md");
    }

    #[test]
    fn no_article_is_said_so() {
        let catalog = catalog();
        for words in ["", "how do I", "how do I bake bread", "expense report for a client dinner", "the of and", "🦀"]
        {
            assert_eq!(find(&catalog, words), None, "{words}");
        }
    }

    /// The example company's articles, asked as people ask: each question that one of them answers finds it, and no other finds any.
    #[test]
    fn unrelated_questions_find_no_article() {
        let catalog = crate::catalog::model::Catalog::load(
            &crate::catalog::source::Source::Example,
            jiff::civil::date(2026, 11, 21),
        )
        .unwrap();
        for (words, file) in [
            ("How do I request VPN access?", "vpn.md"),
            ("how do I connect to the VPN from home", "vpn.md"),
            ("how can I change my password", "password-reset.md"),
            ("I forgot my password", "password-reset.md"),
            ("how do I move mfa to a new phone", "new-phone.md"),
            ("how do I hand in expenses", "expenses.md"),
            ("how do I get my travel costs reimbursed", "expenses.md"),
            ("how do I get a weekend badge", "badge.md"),
            ("how do I replace a lost badge?", "badge.md"),
            ("how do I install software on my laptop", "local-admin.md"),
            ("how do I request access on behalf of somebody", "new-colleague.md"),
            ("how do contractors get access", "contractors.md"),
            ("how do I get customer data for a test?", "production-data.md"),
            ("how does break glass work", "break-glass.md"),
            ("how do I report phishing", "security-contact.md"),
            ("how do I take vacation", "leave.md"),
            ("how do I share a password with my team", "passwords.md"),
            ("how do I book vacation?", "leave.md"),
            ("how do I claim expenses?", "expenses.md"),
            ("how do I get a new phone enrolled", "new-phone.md"),
            ("I lost my phone, what now?", "new-phone.md"),
            ("how to set up VPN on my mac", "vpn.md"),
        ] {
            assert_eq!(find(&catalog, words).map(|f| f.file).as_deref(), Some(file), "{words}");
        }
        for words in [
            "how do I get a badge for a visitor?",
            "how do I book a meeting room?",
            "how do I request a new laptop?",
            "how do I order a new phone?",
            "how do I change my phone number?",
            "how do I get a desk in the office",
            "how do I connect a second screen to my laptop",
            "how do I share a document with a customer",
            "how do I open a new vendor account",
            "how do I get a new password manager extension",
            "how do I reset the coffee machine",
            "how do I get a visitor wifi password",
            "how do I report a broken chair",
            "how do I leave the company",
            "how do I get an emergency contact changed",
            "how do I set up the printer",
            "where can I see my payslip",
            "how do I book a room",
            "how do I request a laptop",
        ] {
            assert_eq!(find(&catalog, words).map(|f| f.file), None, "{words}");
        }
    }

    #[test]
    fn asking_how_is_told_from_everything_else() {
        for words in [
            "how do I book a meeting room?",
            "Hi, how can I park here",
            "where can I find the cafeteria?",
            "how to bake bread",
            "can you tell me how to bake bread",
            "what do I do when I lose my phone",
            "how often may I ask",
        ] {
            assert!(asks_how(words), "{words}");
        }
        for words in [
            "",
            "how",
            "how are you?",
            "how do you do?",
            "how long does it take",
            "I know how to do it",
            "where is my request",
        ] {
            assert!(!asks_how(words), "{words}");
        }
    }

    #[test]
    fn whoever_tells_of_something_and_asks_what_now_is_told_from_whoever_tells() {
        for words in [
            "I lost my phone, what now?",
            "My badge is gone. What should I do?",
            "is there a vault and how do I get it",
        ] {
            assert!(asks_what_now(words), "{words}");
        }
        for words in ["I lost my phone", "what now is the time", "I need access and that is how it is"] {
            assert!(!asks_what_now(words), "{words}");
        }
    }

    #[test]
    fn what_is_named_is_told_from_what_shares_a_word() {
        let repositories = "Product repositories (read) product-read read source code GitHub organisation";
        assert!(names(repositories, "product repositories", "How do I request access to product repositories?"));
        assert!(!names("Device operator laptops phones", "phone", "how do I order a new phone?"));
        assert!(!names(repositories, "", "how do I?"));
    }
}
