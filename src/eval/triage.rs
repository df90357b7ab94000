//! Tickets and what they are: our own, each with the category and the priority a person gave it, hard ones among them. What is measured is
//! the suggestion of [`crate::helpdesk::triage`], with the intent that the words were understood as, as a ticket gets it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::ticket::{Category, Priority};
use crate::eval::intents::Scene;
use crate::eval::report::{Confusion, Figure, Report, lines};
use crate::helpdesk::triage::suggest;
use crate::understanding::understander::Understander;

const SUITE: &str = "triage";

#[derive(Deserialize)]
struct Labelled {
    id: String,
    subject: String,
    body: String,
    category: Category,
    priority: Priority,
    /// True where no plain word gives it away.
    #[serde(default)]
    hard: bool,
    /// True for the second half: each two dozen of it were written before the rules they were first met by were looked at, and the rules were
    /// mended after. At first sight 18, 15 and 15 priorities of 24 were right; 2 of 7, 2 of 6 and 2 of 6 urgent ones.
    #[serde(default)]
    held_out: bool,
}

/// So many right ones of so many.
#[derive(Default, Clone, Copy)]
struct Count(u64, u64);

impl Count {
    fn add(&mut self, right: bool) {
        self.0 += u64::from(right);
        self.1 += 1;
    }
}

/// Measures our own tickets. A line that is none counts as wrong.
pub async fn run(text: &str, understander: &Understander, scene: Scene<'_>, report: &mut Report) {
    let (cases, bad) = lines::<Labelled>(text);
    let (mut category, mut priority, mut near) = (Count(0, bad), Count(0, bad), Count(0, bad));
    let (mut hard, mut plain) = (Count::default(), Count::default());
    let mut halves: BTreeMap<String, Count> = BTreeMap::new();
    let mut by_category: BTreeMap<Category, Count> = BTreeMap::new();
    let mut by_priority: BTreeMap<Priority, Count> = BTreeMap::new();
    let mut confused: BTreeMap<(&'static str, &'static str, &'static str), u64> = BTreeMap::new();
    for case in &cases {
        let words = format!("{}\n{}", case.subject, case.body);
        let intent = scene.hear(understander, &words).await.intent;
        let got = suggest(&words, Some(intent), None);
        let right = (got.category == case.category, got.priority == case.priority);
        category.add(right.0);
        priority.add(right.1);
        near.add(rank(got.priority).abs_diff(rank(case.priority)) <= 1);
        by_category.entry(case.category).or_default().add(right.0);
        by_priority.entry(case.priority).or_default().add(right.1);
        let half = if case.held_out { "second half" } else { "first half" };
        halves.entry(format!("category, {half}")).or_default().add(right.0);
        halves.entry(format!("priority, {half}")).or_default().add(right.1);
        if case.priority == Priority::Urgent {
            halves.entry(format!("priority urgent, {half}")).or_default().add(right.1);
        }
        if case.hard { &mut hard } else { &mut plain }.add(right.0);
        if !right.0 {
            *confused.entry(("category", case.category.name(), got.category.name())).or_default() += 1;
        }
        if !right.1 {
            *confused.entry(("priority", case.priority.name(), got.priority.name())).or_default() += 1;
        }
        if right != (true, true) {
            let because: Vec<&str> = got.because.iter().map(|b| b.rule.as_str()).collect();
            report.misses.push(format!(
                "triage: {} `{}` is {} {}, suggested {} {} ({})",
                case.id,
                case.subject,
                case.category.name(),
                case.priority.name(),
                got.category.name(),
                got.priority.name(),
                because.join(", ")
            ));
        }
    }
    let mut put = |name: String, Count(right, all): Count| report.figures.push(Figure::right(SUITE, name, right, all));
    put("category".to_owned(), category);
    put("category, plain ones".to_owned(), plain);
    put("category, hard ones".to_owned(), hard);
    for (of, count) in by_category {
        put(format!("category {}", of.name()), count);
    }
    put("priority".to_owned(), priority);
    put("priority, at most one step off".to_owned(), near);
    for (of, count) in by_priority {
        put(format!("priority {}", of.name()), count);
    }
    for (name, count) in halves {
        put(name, count);
    }
    report.confusions.extend(confused.into_iter().map(|((what, is, taken_for), count)| Confusion {
        suite: SUITE,
        what,
        is: is.to_owned(),
        taken_for: taken_for.to_owned(),
        count,
    }));
    report.confusions.sort_by_key(|c| (c.what, std::cmp::Reverse(c.count)));
}

fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_set_is_large_and_balanced() {
        let (cases, bad) = lines::<Labelled>(include_str!("../../evals/triage.jsonl"));
        assert!(cases.len() >= 60 && bad == 0, "{} {bad}", cases.len());
        let mut categories: BTreeMap<Category, usize> = BTreeMap::new();
        let mut priorities: BTreeMap<Priority, usize> = BTreeMap::new();
        for case in &cases {
            *categories.entry(case.category).or_default() += 1;
            *priorities.entry(case.priority).or_default() += 1;
        }
        assert!(Category::ALL.iter().all(|c| categories[c] >= 6), "{categories:?}");
        assert!(priorities.len() == 4 && priorities.values().all(|n| *n >= 10), "{priorities:?}");
        assert!(cases.iter().filter(|c| c.hard).count() >= 20);
        assert!(cases.iter().filter(|c| c.held_out).count() >= 24);
    }
}
