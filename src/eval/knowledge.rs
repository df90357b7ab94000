//! Questions how something is done, said to a whole house of the example company: was the article that answers shown, another one, none, or was
//! a request started that nobody asked for.
//!
//! Every question is marked for one of two halves: `tune` may be looked at while the search is improved, `held_out` is only measured.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::action::Subject;
use crate::domain::card::{Card, Inline};
use crate::domain::conversation::Surface;
use crate::domain::ids::PersonId;
use crate::eval::report::{Figure, Report, lines};
use crate::ports::desk::Desk;

const SUITE: &str = "knowledge";

/// Where it is asked; with every person it is another conversation.
const SURFACES: [Surface; 5] = [Surface::Web, Surface::Terminal, Surface::Slack, Surface::Teams, Surface::Discord];

#[derive(Deserialize)]
struct Labelled {
    id: String,
    text: String,
    /// The article's file; absent where none answers.
    #[serde(default)]
    article: Option<String>,
    half: Half,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Half {
    Tune,
    HeldOut,
}

impl Half {
    fn words(self) -> &'static str {
        match self {
            Self::Tune => "tuning half",
            Self::HeldOut => "held-out half",
        }
    }
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    /// An article.
    Article(String),
    /// A draft of a request.
    Started,
    /// It was said that no article answers.
    NoArticle,
    /// Something else.
    Other(String),
}

#[derive(Default)]
struct Counts {
    answered: u64,
    right: u64,
    wrong: u64,
    none: u64,
    honest: u64,
    invented: u64,
    started: u64,
    all: u64,
}

/// Asks every question, each in a conversation of its own.
pub async fn run(text: &str, desk: &dyn Desk, people: &[PersonId], report: &mut Report) {
    let (cases, bad) = lines::<Labelled>(text);
    let mut rooms = people.iter().flat_map(|who| SURFACES.into_iter().map(move |on| (who, on)));
    let mut halves: BTreeMap<Half, Counts> = BTreeMap::new();
    let mut unasked = bad;
    for case in &cases {
        let Some((who, on)) = rooms.next() else {
            unasked += 1;
            continue;
        };
        let got = match desk.say(who, on, &case.text, None).await {
            Ok(reply) => read(&reply.cards),
            Err(error) => Got::Other(error.said),
        };
        let count = halves.entry(case.half).or_default();
        count.all += 1;
        count.started += u64::from(got == Got::Started);
        let well = match &case.article {
            Some(file) => {
                count.answered += 1;
                count.right += u64::from(got == Got::Article(file.clone()));
                count.wrong += u64::from(matches!(&got, Got::Article(other) if other != file));
                got == Got::Article(file.clone())
            }
            None => {
                count.none += 1;
                count.honest += u64::from(got == Got::NoArticle);
                count.invented += u64::from(matches!(got, Got::Article(_)));
                got == Got::NoArticle
            }
        };
        if !well {
            let wanted = case.article.as_deref().unwrap_or("no article");
            report.misses.push(format!(
                "{SUITE}: {} ({}) `{}` is {wanted}, got {got:?}",
                case.id,
                case.half.words(),
                case.text
            ));
        }
    }
    for (half, c) in halves {
        let mut put = |what: &str, count, of| {
            report.figures.push(Figure::right(SUITE, format!("{}: {what}", half.words()), count, of));
        };
        put("right article", c.right, c.answered);
        put("wrong article", c.wrong, c.answered);
        put("said honestly that there is none", c.honest, c.none);
        put("an article where there is none", c.invented, c.none);
        report.figures.push(Figure::faults(SUITE, format!("{}: a request started", half.words()), c.started, c.all));
    }
    if unasked > 0 {
        report.figures.push(Figure::faults(
            SUITE,
            "questions that could not be asked",
            unasked,
            cases.len() as u64 + bad,
        ));
    }
}

fn read(cards: &[Card]) -> Got {
    if cards.iter().any(|c| matches!(c.key.map(|k| k.subject), Some(Subject::Draft(_)))) {
        return Got::Started;
    }
    let footer = |card: &Card| card.footer.as_ref().map(|f| f.iter().map(Inline::plain).collect::<String>());
    let named = |card: &Card| Some(footer(card)?.strip_prefix("From the article ")?.to_owned());
    if let Some(file) = cards.iter().find_map(named) {
        return Got::Article(file);
    }
    match cards.last() {
        Some(card) if card.headline.contains("no article") => Got::NoArticle,
        Some(card) => Got::Other(card.headline.clone()),
        None => Got::Other("nothing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_large_and_both_halves_are_alike() {
        let (cases, bad) = lines::<Labelled>(include_str!("../../evals/knowledge.jsonl"));
        let of = |half, some: bool| cases.iter().filter(|c| c.half == half && c.article.is_some() == some).count();
        assert_eq!(bad, 0);
        for half in [Half::Tune, Half::HeldOut] {
            assert!(of(half, true) >= 40 && of(half, false) >= 14, "{} {}", of(half, true), of(half, false));
        }
    }
}
