//! What a "why" about access is after: why it ends, why it still waits, why somebody else has it.

use crate::helpdesk::phrases::plain;

/// What a "why" about access is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyOf {
    /// Why it ends, or ended.
    Ending,
    /// Why it is not decided yet.
    Waiting,
    /// Why somebody else has it and the speaker has not.
    Others,
}

/// The most words of a "why" that are looked at.
const MOST_WHY: usize = 40;

const ENDING: &[&str] = &[
    "expire",
    "expires",
    "expired",
    "expiring",
    "end",
    "ends",
    "ended",
    "ending",
    "run out",
    "runs out",
    "running out",
    "taken away",
    "lose",
    "losing",
    "lost",
    "gone",
];
const WAITING: &[&str] = &[
    "waiting",
    "wait",
    "pending",
    "stuck",
    "so long",
    "not approved yet",
    "not decided",
    "no decision",
    "nothing happened",
    "no answer",
    "not granted yet",
];
const MINE_NOT: &[&str] = &[
    "and i dont",
    "and i do not",
    "but i dont",
    "but i do not",
    "and not me",
    "but not me",
    "and i cant",
    "but i cant",
    "and i cannot",
    "but i cannot",
    "and i havent",
    "but i havent",
    "while i dont",
    "while i do not",
    "and i have not",
    "but i have not",
    "when i dont",
    "when i cant",
];

/// What a "why" about access is after; `None` where it is no such question, or one the interpreter reads by itself (why denied, why so
/// routed).
#[must_use]
pub fn why(words: &str) -> Option<WhyOf> {
    let plain = plain(words);
    let padded = format!(" {plain} ");
    let first = plain.split(' ').next().unwrap_or_default();
    let asks = matches!(first, "why" | "how") && (first == "why" || padded.starts_with(" how come "));
    let asks = asks || padded.contains(" why ");
    if !asks || plain.split(' ').count() > MOST_WHY {
        return None;
    }
    let says = |list: &[&str]| list.iter().any(|phrase| padded.contains(&format!(" {phrase} ")));
    let others = [" does ", " do ", " has ", " have ", " did ", " can ", " is "].iter().any(|v| padded.contains(v));
    if says(MINE_NOT) && others {
        return Some(WhyOf::Others);
    }
    // Passwords, sessions and accounts end as well, but that is a matter of signing in.
    if says(&[
        "password",
        "session",
        "account",
        "token",
        "sign in",
        "log in",
        "locked out",
        "mfa",
        "code",
        "certificate",
    ]) {
        return None;
    }
    if says(WAITING) {
        return Some(WhyOf::Waiting);
    }
    says(ENDING).then_some(WhyOf::Ending)
}

/// What somebody else is said to have: the words between the verb and "and I don't".
#[must_use]
pub fn thing_of_others(words: &str) -> Option<&str> {
    const VERBS: &[&str] = &[" have ", " has ", " got ", " get ", " gets ", " see ", " use ", " access "];
    const ENDS: &[&str] = &[" and i ", " but i ", " and not me", " but not me", " while i ", " when i "];
    // Only ASCII letters change, so that places in the lower-case copy are places in the words.
    let lower = words.to_ascii_lowercase();
    let (at, verb) = VERBS.iter().filter_map(|v| Some((lower.find(v)?, v.len()))).min()?;
    let start = at + verb;
    let rest = lower.get(start..)?;
    let end = ENDS.iter().filter_map(|e| rest.find(e)).min()?;
    let thing = words.get(start..start + end)?.trim().trim_end_matches(',').trim();
    (!thing.is_empty()).then_some(thing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whys_about_access_are_told_apart() {
        for (words, of) in [
            ("why does Mira have the sales reports and I don't?", Some(WhyOf::Others)),
            ("How come she can see the CRM but I can’t", Some(WhyOf::Others)),
            ("why is my request still waiting?", Some(WhyOf::Waiting)),
            ("why does it take so long", Some(WhyOf::Waiting)),
            ("why does my access end on Friday?", Some(WhyOf::Ending)),
            ("why has my password expired?", None),
            ("why was I denied?", None),
            ("how do I end my access?", None),
            ("I need access until the end of the week", None),
        ] {
            assert_eq!(why(words), of, "{words}");
        }
        let thing = thing_of_others("Why does Zoë have the Q3 sales reports, but I don't?");
        assert_eq!(thing, Some("the Q3 sales reports"));
        assert_eq!(thing_of_others("why does she have and I don't"), None);
    }
}
