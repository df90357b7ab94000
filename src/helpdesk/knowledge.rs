//! Answers from the catalog's knowledge articles: the section that fits best, as it was written, with the file it stands in. Where none
//! fits, none is given; nothing is ever put together from several.
//!
//! Sections are weighed in whole numbers: every word of the question counts by its rarity, more where the title or the article's own keywords
//! say it, little where it is one of the verbs that any question may have. A section answers only where it covers three fifths of the question
//! and nearly half of it stands in the title, a keyword or a heading: an article that merely mentions a word of the question is no answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::model::Catalog;
use crate::domain::ids::EntitlementId;
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
    let asked: BTreeSet<String> = stems(words).into_iter().take(MOST_WORDS).collect();
    if asked.is_empty() {
        return None;
    }
    let articles: Vec<(&String, Article)> =
        catalog.knowledge.iter().map(|(file, text)| (file, Article::read(text))).collect();
    let mut spread: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, article) in &articles {
        let all = article.words();
        for word in &asked {
            if all.contains(word) {
                *spread.entry(word).or_default() += 1;
            }
        }
    }
    let count = u64::try_from(articles.len()).unwrap_or(u64::MAX);
    let light: BTreeSet<String> = stems(LIGHT).into_iter().collect();
    // Rarity as the whole part of eight times a logarithm; a word no article has weighs most, and tells against an answer.
    let rarity = |word: &str| -> u64 {
        let held = spread.get(word).copied().unwrap_or(0);
        let rare = 8 * u64::from(((count + 1) * 4 / (held + 1)).max(1).ilog2()).max(1);
        if light.contains(word) { rare / 4 } else { rare }
    };
    let whole: u64 = asked.iter().map(|w| rarity(w)).sum();
    let mut best: Option<(u64, &String, &Article, usize)> = None;
    for (file, article) in &articles {
        let subject: BTreeSet<String> = stems(&format!("{} {}", article.title, article.keywords)).into_iter().collect();
        for (n, section) in article.sections.iter().enumerate() {
            let heading: BTreeSet<String> = stems(&section.heading).into_iter().collect();
            let body: BTreeSet<String> = stems(&section.text).into_iter().collect();
            let mut points = 0;
            let mut covered = 0;
            let mut named = 0;
            for word in &asked {
                let weight = if subject.contains(word) {
                    6
                } else if heading.contains(word) {
                    5
                } else if body.contains(word) {
                    2
                } else {
                    0
                };
                named += if weight >= 5 { rarity(word) } else { 0 };
                covered += if weight > 0 { rarity(word) } else { 0 };
                points += weight * rarity(word) + u64::from(weight == 6 && body.contains(word)) * rarity(word);
            }
            let answers = covered * 5 >= whole * 3 && named * 20 >= whole * 9;
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
    let folded = fold(words);
    let mut said = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let courtesy =
        |w: &&str| matches!(*w, "hi" | "hello" | "hey" | "please" | "and" | "so" | "ok" | "okay" | "claviger");
    let first = said.find(|w| !courtesy(w));
    let (second, third) = (said.next(), said.next());
    // "How do you do?" is courtesy as well.
    first.is_some_and(|w| HOW.contains(&w))
        && second.is_some_and(|w| HELPERS.contains(&w))
        && third.is_some_and(|w| w != "you")
}

/// True where these words name what a text is called: every word of `name` stands in it, whatever its ending, and most of what the whole
/// question says.
#[must_use]
pub fn names(text: &str, name: &str, question: &str) -> bool {
    let (text, name) = (stems(text), stems(name));
    let light = stems(LIGHT);
    let said: BTreeSet<String> = stems(question).into_iter().filter(|w| !light.contains(w)).collect();
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
    keywords: String,
    entitlements: Vec<EntitlementId>,
    sections: Vec<Section>,
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
        Self { title, keywords: field("keywords").unwrap_or("").to_owned(), entitlements, sections }
    }

    fn words(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = stems(&format!("{} {}", self.title, self.keywords)).into_iter().collect();
        for section in &self.sections {
            all.extend(stems(&section.heading));
            all.extend(stems(&section.text));
        }
        all
    }
}

/// Words that every question has.
const EMPTY: &str = " a an the to of for in on at into with by from and or my our your i we you me us it is are am be do does did can could \
    would will should how what where when which who why get got have has this that need want please use if not no so one there here as \
    about up out way make go know tell show me find someone somebody anyone anybody people person something anything ";
/// Verbs that say little about what is to be done, but something: "request leave" is about leave.
const LIGHT: &str = "set setup request ask work change become replace take start begin use access help";

/// The words of a text, folded, without empty ones and without their commonest endings.
fn stems(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.len() > 1 && !EMPTY.contains(&format!(" {w} ")))
        .map(|w| {
            let long = |s: &&str| s.chars().count() >= 3;
            let cut = ["ement", "ing", "ies", "es", "ed", "s"].iter().find_map(|end| w.strip_suffix(end).filter(long));
            cut.unwrap_or(w).trim_end_matches(['e', 'y']).to_owned()
        })
        .filter(|w| !w.is_empty())
        .collect()
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
    fn what_is_named_is_told_from_what_shares_a_word() {
        let repositories = "Product repositories (read) product-read read source code GitHub organisation";
        assert!(names(repositories, "product repositories", "How do I request access to product repositories?"));
        assert!(!names("Device operator laptops phones", "phone", "how do I order a new phone?"));
        assert!(!names(repositories, "", "how do I?"));
    }
}
