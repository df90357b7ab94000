//! How soon something presses: fixed rules over words, each with its reason. After ITIL's impact and urgency: how many are stopped, by what,
//! and how long there is left. Nothing here knows a company, a person or a ticket.

use crate::domain::ticket::{Because, Category, Priority};
use crate::helpdesk::cues::first;

/// A priority with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// How soon somebody has to look.
    pub priority: Priority,
    /// Why.
    pub because: Vec<Because>,
}

/// People may be hurt, or the building.
const SAFETY: &[&str] = &[
    "fire",
    "fires",
    "fire alarm",
    "smoke",
    "burning",
    "burns",
    "gas leak",
    "smell* of gas",
    "smells of gas",
    "flood*",
    "explo*",
    "sparks",
    "electric shock",
    "injured",
    "injury",
    "ambulance",
    "evacuat*",
    "bleeding",
    "unconscious",
];
/// More than one.
const MANY: &[&str] = &[
    "everyone",
    "everybody",
    "nobody",
    "no one",
    "none of",
    "of us",
    "whole team",
    "entire team",
    "whole department",
    "entire department",
    "whole office",
    "entire office",
    "whole floor",
    "entire floor",
    "whole company",
    "entire company",
    "whole site",
    "whole building",
    "whole shift",
    "whole branch",
    "all users",
    "all staff",
    "all colleagues",
    "all employees",
    "all customers",
    "hundred people",
    "hundreds of",
    "dozens of",
    "thousand*",
    "outage",
    "all of them",
];
/// Work stands still.
const STOPPED: &[&str] = &[
    "cannot",
    "cant",
    "unable",
    "nobody",
    "no one",
    "none",
    "down",
    "stopped",
    "stop working",
    "stands still",
    "stand still",
    "standing still",
    "stands around",
    "stand around",
    "stands outside",
    "stand outside",
    "offline",
    "outage",
    "locked out",
    "lost the",
    "lost their",
    "lost all",
    "stuck",
    "stalled",
    "waiting",
    "customers wait",
    "broken",
    "dead",
    "not work*",
    "does not work",
    "no internet",
    "no network",
    "error",
    "errors",
    "refused",
    "blocked",
    "halted",
    "idle",
];
/// What earns the money.
const PRODUCTION: &[&str] = &[
    "production",
    "prod",
    "live system",
    "assembly line",
    "production line",
    "the line",
    "plant",
    "factory",
    "warehouse",
    "shops",
    "the shop",
    "webshop",
    "checkout",
    "website",
    "customers cannot",
    "customers cant",
    "shipping",
];
/// What is said of it where it stands still.
const DOWN: &[&str] = &[
    "down",
    "stands still",
    "stand still",
    "stopped",
    "dead",
    "offline",
    "halted",
    "not work*",
    "does not work",
    "crashed",
    "waiting",
    "broken",
    "none",
];
/// An attack that goes on, or has taken something.
const UNDER_WAY: &[&str] = &[
    "right now",
    "at this moment",
    "at this very moment",
    "as i type",
    "as i write",
    "while i write",
    "is still",
    "are still",
    "still going",
    "keeps happening",
    "being encrypted",
    "ransom*",
    "going out",
    "being sent",
    "already paid",
    "have paid",
    "was paid",
    "transferred",
    "money is gone",
];
/// Pay and books, where a day late is too late.
const MONEY: &[&str] = &[
    "payroll",
    "pay run",
    "payment run",
    "salar*",
    "wage*",
    "payday",
    "quarter end",
    "year end",
    "month end",
    "closing the books",
    "tax return",
];
/// The end is near.
const SOON: &[&str] = &[
    "asap",
    "immediately",
    "at once",
    "right now",
    "urgent*",
    "due today",
    "deadline today",
    "deadline is today",
    "deadline tonight",
    "until tonight",
    "by tonight",
    "by noon",
    "at noon",
    "until noon",
    "before noon",
    "this afternoon",
    "in an hour",
    "within the hour",
    "half an hour",
    "starts tomorrow",
    "tomorrow morning",
    "tomorrow at",
    "today at",
    "closes today",
    "ends today",
    "meets at",
    "meets today",
    "about to board",
    "blocked until",
    "cannot start",
    "cannot work",
    "cant work",
    "unable to work",
    "get no work done",
    "production is down",
    "prod is down",
];
/// Who speaks for the company.
const LEADERS: &[&str] = &[
    "ceo",
    "cfo",
    "coo",
    "cto",
    "cio",
    "ciso",
    "chief executive",
    "chief financial",
    "chief operating",
    "managing director",
    "vice president",
    "president",
    "board member",
    "member of the board",
    "executive",
    "executives",
];
/// Under way, where nobody can come by.
const TRAVELLING: &[&str] = &[
    "airport",
    "flight",
    "flies",
    "flying",
    "fly",
    "boards",
    "travel*",
    "hotel",
    "on the road",
    "abroad",
    "lands",
    "train",
    "business trip",
    "customers site",
    "customer site",
];
/// It can wait.
const LATER: &[&str] = &[
    "no rush",
    "not urgent",
    "no hurry",
    "when you have time",
    "when you get a chance",
    "when there is time",
    "next month",
    "next year",
    "low priority",
    "can wait",
    "need to hurry",
    "whenever",
    "for convenience",
    "small thing",
    "nice to have",
    "some time next",
    "if possible some day",
    "only cosmetic",
    "no pressure",
];
/// It works meanwhile, or is not needed yet.
const NOT_STUCK: &[&str] = &[
    "works fine",
    "still works",
    "work fine",
    "do not need it before",
    "dont need it before",
    "do not need it until",
    "dont need it until",
    "next week",
    "in two weeks",
    "in three weeks",
    "some day this",
    "some time this",
    "this month",
    "second key",
    "spare",
];
/// An end that is named, and not near.
const DEADLINE: &[&str] = &["deadline", "before the end of", "due on", "at the latest", "no later than"];
/// Nothing is asked for.
const THANKS: &[&str] = &["thank you for", "thanks for the", "many thanks for"];

/// How soon it presses, for what it is about. `text` as [`crate::helpdesk::cues::plain`] gives it.
#[must_use]
pub fn of(category: Category, text: &str) -> Urgency {
    let mut because = Vec::new();
    let mut note = |rule: &str, text: String| because.push(Because { rule: format!("priority.{rule}"), text });
    let later = first(text, LATER);
    let not_stuck = first(text, NOT_STUCK);
    let soon = first(text, SOON).or_else(|| minutes_left(text)).or_else(|| due_today(text));
    let mut priority = match category {
        Category::Security => {
            note("security", "security looks at once".into());
            Priority::High
        }
        Category::SignIn | Category::Mfa if not_stuck.is_none() => {
            note("cannot_work", "somebody who cannot sign in cannot work".into());
            Priority::High
        }
        Category::HowTo => {
            note("how_to", "a question that can wait".into());
            Priority::Low
        }
        _ => {
            note("ordinary", "nothing speaks for another priority".into());
            Priority::Normal
        }
    };
    if category == Category::Security {
        if let Some(word) = first(text, UNDER_WAY).or_else(|| first(text, MANY)).or_else(|| whole_group(text)) {
            note("under_way", format!("it goes on, or has reached others: “{word}”"));
            priority = Priority::Urgent;
        }
        // Nobody talks a security case down.
        return Urgency { priority, because };
    }
    if let Some(word) = first(text, SAFETY) {
        note("safety", format!("somebody may be hurt: “{word}”"));
        return Urgency { priority: Priority::Urgent, because };
    }
    let stopped = first(text, STOPPED);
    let many = first(text, MANY)
        .or_else(|| whole_group(text))
        .or_else(|| all_of(text))
        .filter(|_| stopped.is_some() && later.is_none());
    let production = first(text, PRODUCTION).filter(|_| first(text, DOWN).is_some() && later.is_none());
    let money = first(text, MONEY);
    if let Some(word) = many {
        note("many", format!("several people are stopped: “{word}”"));
        priority = if category == Category::HowTo { priority.raised() } else { Priority::Urgent };
    } else if let Some(word) = production {
        note("production", format!("what the company lives on stands still: “{word}”"));
        priority = Priority::Urgent;
    } else if let Some(word) = later {
        note("later", format!("it can wait: “{word}”"));
        priority = Priority::Low;
    } else if let Some(word) = first(text, LEADERS).filter(|_| first(text, TRAVELLING).is_some()) {
        note("travelling", format!("somebody who speaks for the company is under way: “{word}”"));
        priority = priority.max(Priority::High);
    } else if let Some(word) =
        money.filter(|_| soon.is_some() || first(text, &["today", "tonight", "tomorrow"]).is_some())
    {
        note("money", format!("pay or books are due: “{word}”"));
        priority = priority.max(Priority::High);
    } else if let Some(word) = soon.filter(|_| not_stuck.is_none()) {
        note("pressing", format!("it presses: “{word}”"));
        priority = if category == Category::HowTo { Priority::Normal } else { priority.max(Priority::High) };
    } else if let Some(word) = first(text, DEADLINE) {
        note("deadline", format!("there is an end: “{word}”"));
        priority = priority.max(Priority::Normal);
    } else if let Some(word) = first(text, THANKS).filter(|_| stopped.is_none()) {
        note("thanks", format!("nothing is asked for: “{word}”"));
        priority = Priority::Low;
    } else if let Some(word) = not_stuck.filter(|_| matches!(category, Category::SignIn | Category::Mfa)) {
        note("not_stuck", format!("it works meanwhile, or is not needed yet: “{word}”"));
    }
    Urgency { priority, because }
}

/// "The whole accounting group", "our entire night shift".
fn whole_group(text: &str) -> Option<String> {
    const GROUPS: &str = " team group department office floor shift branch crew class ward unit site plant company school staff division region ";
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(n, word)| {
        let group = |k: &usize| words.get(*k).is_some_and(|w| GROUPS.contains(&format!(" {w} ")));
        let to = (n + 1..n + 4).find(group).filter(|_| matches!(*word, "whole" | "entire"))?;
        Some(words[n..=to].join(" "))
    })
}

/// "All scanners are offline", "no customer can pay": what is stopped is all there is of it.
fn all_of(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(n, word)| {
        let to = match *word {
            "all" => {
                (n + 2..n + 10).find(|k| matches!(words.get(*k), Some(&("are" | "have" | "stand" | "show" | "went"))))
            }
            "no" => (n + 2..n + 4).find(|k| matches!(words.get(*k), Some(&("can" | "gets" | "could")))),
            _ => None,
        }?;
        Some(words[n..=to].join(" "))
    })
}

/// "It has to be handed in today": an end that is today.
fn due_today(text: &str) -> Option<String> {
    let ends = [" today ", " tonight "].iter().any(|t| text.contains(t));
    first(text, &["must", "has to", "have to", "due", "closes", "by noon", "until"]).filter(|_| ends)
}

/// "In forty minutes", "ten minutes before the call": what is left is counted in minutes. "For ten minutes" and "an hour ago" are past.
fn minutes_left(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(n, word)| {
        if !matches!(*word, "minutes" | "minute" | "hour" | "hours") {
            return None;
        }
        let next = words.get(n + 1).copied().unwrap_or_default();
        let led = (n.saturating_sub(3)..n).any(|k| matches!(words[k], "in" | "within"));
        let past = matches!(next, "ago" | "late" | "long");
        ((led && !past) || matches!(next, "before" | "left")).then(|| words[n.saturating_sub(2)..=n].join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helpdesk::cues::plain;

    fn of(category: Category, words: &str) -> Priority {
        let urgency = super::of(category, &plain(words));
        assert!(!urgency.because.is_empty());
        urgency.priority
    }

    #[test]
    fn what_stops_many_or_the_business_is_urgent() {
        use Category as C;
        for (category, words) in [
            (C::SignIn, "Nobody in the branch can log on"),
            (C::Device, "The whole shift stands around, the scanners are offline"),
            (C::Other, "There is smoke in the hallway"),
            (C::Password, "Production is down since the service password changed"),
            (C::Security, "They are in my account right now"),
            (C::Security, "Several of us opened the attachment"),
        ] {
            assert_eq!(of(category, words), Priority::Urgent, "{words}");
        }
    }

    #[test]
    fn what_is_due_soon_is_high_and_what_waits_is_low() {
        use Category as C;
        for (category, words) in [
            (C::Device, "The projector is dark and I speak in twenty minutes"),
            (C::Password, "Our COO sits at the airport and has forgotten her password"),
            (C::Access, "I cannot see the payroll folder and the run is tomorrow"),
            (C::SignIn, "I cannot log in"),
        ] {
            assert_eq!(of(category, words), Priority::High, "{words}");
        }
        for (category, words) in [
            (C::Device, "A bigger monitor, whenever there is one"),
            (C::Access, "Everybody calls it something else; no need to hurry"),
            (C::HowTo, "How do I change my picture?"),
        ] {
            assert_eq!(of(category, words), Priority::Low, "{words}");
        }
        for (category, words) in [
            (C::Mfa, "Please add a second key, the first works fine"),
            (C::Device, "My mouse stopped an hour ago"),
            (C::HowTo, "How do I hand it in? The deadline is in May."),
        ] {
            assert_eq!(of(category, words), Priority::Normal, "{words}");
        }
    }
}
