//! How soon something presses: fixed rules over words, each with its reason. After ITIL's impact and urgency: how many are stopped, by what,
//! and how long there is left. Nothing here knows a company, a person or a ticket.

use crate::domain::ticket::{Because, Category, Priority};
use crate::helpdesk::cues::first;
use crate::helpdesk::urgency_words::{
    DEADLINE, DOWN, FAR, LATER, LEADERS, MANY, MONEY, NOT_STUCK, PRODUCTION, SAFETY, SOON, STOPPED, THANKS, TRAVELLING,
    UNDER_WAY,
};

/// A priority with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// How soon somebody has to look.
    pub priority: Priority,
    /// Why.
    pub because: Vec<Because>,
}

/// How soon it presses, for what it is about. `text` as [`crate::helpdesk::cues::plain`] gives it.
#[must_use]
pub fn of(category: Category, text: &str) -> Urgency {
    let mut because = Vec::new();
    let mut note = |rule: &str, text: String| because.push(Because { rule: format!("priority.{rule}"), text });
    let far = first(text, FAR).filter(|_| category != Category::Account);
    let later = first(text, LATER).or(far);
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
    let none = none_can(text);
    let stopped = first(text, STOPPED).or_else(|| none.clone());
    let many = none
        .or_else(|| first(text, MANY))
        .or_else(|| whole_group(text))
        .or_else(|| all_of(text))
        .filter(|_| stopped.is_some() && later.is_none());
    let down = first(text, DOWN).or_else(|| nothing_works(text));
    let production = first(text, PRODUCTION).filter(|_| down.is_some() && later.is_none());
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
    } else if let Some(word) = first(text, DEADLINE).or_else(|| by_day(text)) {
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
                // "All my mails" are one person's.
                let own = matches!(words.get(n + 1), Some(&("my" | "mine" | "i" | "it" | "this" | "that" | "day")));
                let goes = |k: &usize| {
                    let verbs =
                        ["are", "were", "have", "had", "stand", "show", "went", "got", "lost", "cannot", "cant"];
                    words.get(*k).is_some_and(|w| verbs.contains(w))
                };
                (n + 2..n + 10).find(goes).filter(|_| !own)
            }
            // "Every clerk lost it"; "every morning" says how often.
            "every" => {
                const OFTEN: &str =
                    " time day morning evening night week month year now other hour minute second page two three few ";
                let often = words.get(n + 1).is_none_or(|next| OFTEN.contains(&format!(" {next} ")));
                let goes = |k: &usize| {
                    words.get(*k).is_some_and(|w| ["is", "has", "gets", "sees", "lost", "cannot", "cant"].contains(w))
                };
                (n + 2..n + 9).find(goes).filter(|_| !often)
            }
            "no" => (n + 2..n + 4).find(|k| matches!(words.get(*k), Some(&("can" | "gets" | "could" | "has")))),
            _ => None,
        }?;
        Some(words[n..=to].join(" "))
    })
}

/// "Nobody can open it", "none of the nurses get in", "not one may see it": what is said to be possible for nobody is not.
fn none_can(text: &str) -> Option<String> {
    const DOES: &str = " can could may gets get receives sees starts reaches able ";
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(n, word)| {
        let none = match *word {
            "nobody" | "none" => true,
            "no" => words.get(n + 1) == Some(&"one"),
            "one" => n > 0 && words[n - 1] == "not",
            _ => false,
        };
        let to = (n + 1..n + 8).find(|k| words.get(*k).is_some_and(|w| DOES.contains(&format!(" {w} "))));
        to.filter(|_| none).map(|to| words[n..=to].join(" "))
    })
}

/// "No printer in the hall works": what is said of not one of them.
fn nothing_works(text: &str) -> Option<String> {
    const WORKS: &str =
        " works work starts start prints print opens open responds respond arrives arrive runs run rings ring ";
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(n, word)| {
        let to = (n + 2..n + 7).find(|k| words.get(*k).is_some_and(|w| WORKS.contains(&format!(" {w} "))));
        to.filter(|_| *word == "no").map(|to| words[n..=to].join(" "))
    })
}

/// "By Wednesday", "by the end of the week": an end that is named by its day.
fn by_day(text: &str) -> Option<String> {
    const DAYS: [&str; 9] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow", "the end of"];
    DAYS.iter().map(|day| format!("by {day}")).find(|said| text.contains(&format!(" {said} ")))
}

/// "It has to be handed in today": an end that is today.
fn due_today(text: &str) -> Option<String> {
    let ends = [" today ", " tonight "].iter().any(|t| text.contains(t));
    first(text, &["must", "has to", "have to", "due", "closes", "by noon", "until", "before"]).filter(|_| ends)
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
    fn what_only_sounds_like_many_or_like_danger_is_not_urgent() {
        use Category as C;
        for (category, words) in [
            (C::Other, "Nobody answers my mails about the mouse mat"),
            (C::Device, "The explorer opens the wrong folder"),
            (C::Device, "All my windows are gone after the update, an error says so"),
            (C::Other, "There is a flood of spam in the newsletter inbox"),
            (C::Device, "Every morning my laptop is slow and an error comes up"),
            (C::Device, "No pen in the drawer works"),
        ] {
            assert!(of(category, words) < Priority::Urgent, "{words}");
        }
        for (category, words) in [
            (C::Access, "Not one of the four clerks may open the ledger"),
            (C::SignIn, "All our drivers were signed out at once"),
            (C::Device, "The booking page shows every visitor an error"),
            (C::Access, "Every translator in the agency lost access to the glossary"),
            (C::Device, "No scanner in the warehouse works"),
        ] {
            assert_eq!(of(category, words), Priority::Urgent, "{words}");
        }
        assert_eq!(of(C::Account, "She joins us on the second of next month"), Priority::Normal);
        assert_eq!(of(C::HowTo, "How do I send it? They want it by Thursday"), Priority::Normal);
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
