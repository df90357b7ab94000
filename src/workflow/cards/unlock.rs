//! What is said about taking a lock off: the button, the confirming page, how it went, why not.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::card::{Badge, Card, Section, Tone, text};
use crate::domain::request::Confirmed;
use crate::domain::unlock::{A_DAY, Refusal, UnlockStep};
use crate::workflow::cards::words;

/// What stands above the button.
pub const OFFERED: &str = "This lock can be taken off with the button below. It asks for a proof that it is you; a message alone never unlocks anything.";

/// A paragraph.
#[must_use]
pub fn para(words: &str) -> Section {
    Section::Para { text: text(words.to_owned()) }
}

/// What the button says.
#[must_use]
pub fn label(own: bool, directory: &str, several: bool) -> String {
    let whose = if own { "my" } else { "their" };
    if several {
        format!("Unlock {whose} account in “{directory}”…")
    } else {
        format!("Unlock {whose} account…")
    }
}

/// Why it is confirmed, and what to do where signing in again is what does not work.
#[must_use]
pub fn why(own: bool, helpers: &str) -> String {
    let asks = "An account is not unlocked on a message's or an open session's word alone.";
    if own {
        format!(
            "{asks} If you sign in at the provider with the very account that is locked, signing in again does not work now: use a passkey, \
             in a browser where you are still signed in here. If you have none, call the helpdesk, who can do it once they have made sure that it is you: {helpers}."
        )
    } else {
        format!("{asks} You unlock somebody else's account: make sure first that it is they who asked you.")
    }
}

/// What the confirming page shows.
#[must_use]
pub fn asked(owner: &str, directory: &str, since: Timestamp, zone: &TimeZone) -> Card {
    let mut card = Card::note("Unlock an account")
        .fact("Whose", text(owner.to_owned()))
        .fact("Directory", text(directory.to_owned()))
        .fact("Locked since", vec![words::instant(since, zone)])
        .para("Only this lock is taken off. The password stays as it is, and its owner is told.");
    card.badge = Some(Badge { word: "Nothing done yet".into(), tone: Tone::Warning });
    card
}

/// What is said once it was confirmed.
#[must_use]
pub fn ordered(directory: &str) -> Card {
    let mut card = Card::note("Unlocking").para(format!(
        "You confirmed it. The directory “{directory}” is being told now; you hear of it in our conversation once it says itself how the \
         account stands."
    ));
    card.badge = Some(Badge { word: "Under way".into(), tone: Tone::Info });
    card
}

/// What stands where the lock is no longer the one that was shown.
#[must_use]
pub fn changed(helpers: &str) -> Card {
    Card::note("Ask again").para(format!(
        "Ask “why was I locked out?” again to see how it stands now, or write to the helpdesk: {helpers}."
    ))
}

/// Why it is not done, and what to do instead, for whose account it is or for a helper.
#[must_use]
pub fn refused(why: Refusal, own: bool, helpers: &str) -> (String, String) {
    let said = match why {
        Refusal::NotByPolicy => "Policy does not let you unlock this account from here.".to_owned(),
        Refusal::Open => "The account is not locked any more.".to_owned(),
        Refusal::AnotherLock => "Another lock stands there than the one you were shown.".to_owned(),
        Refusal::Shut(shut) => format!("It is not unlocked from here, because {}.", shut.words()),
        Refusal::Danger => "This lock is not taken off from here: the security team looks at it first.".to_owned(),
        Refusal::Held => "This account is not unlocked from here just now.".to_owned(),
        Refusal::TooOften => format!("An account is unlocked from here {A_DAY} times a day at most."),
        Refusal::Unanswered => "The directory does not answer just now.".to_owned(),
        Refusal::Directory => "The directory refused.".to_owned(),
    };
    let next = match why {
        Refusal::Open => "Sign in once, with care for the keyboard and the capital lock.".to_owned(),
        Refusal::AnotherLock => "Ask again to see how it stands now.".to_owned(),
        Refusal::Danger if own => "Write to the security team; they can look and open it.".to_owned(),
        Refusal::Danger | Refusal::Held if !own => "Ask the security team before anybody opens it.".to_owned(),
        Refusal::Unanswered if own => format!("Try again in a few minutes, or call the helpdesk: {helpers}."),
        Refusal::Unanswered => "Try again in a few minutes.".to_owned(),
        _ if own => format!("The helpdesk can look at it: {helpers}."),
        _ => "Where it has to be opened all the same, the directory's own administrators can.".to_owned(),
    };
    (said, next)
}

/// How it went, for one reader.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// How.
    pub step: &'a UnlockStep,
    /// In which directory.
    pub directory: &'a str,
    /// Whose account, where it is not the reader's.
    pub owner: Option<&'a str>,
    /// Who wanted it, where that was not the owner.
    pub by: Option<&'a str>,
    /// How it was confirmed.
    pub how: &'a Confirmed,
    /// The people of the helpdesk.
    pub helpers: &'a str,
}

/// Tells how it went.
#[must_use]
pub fn outcome(about: &Outcome<'_>) -> Card {
    let whose = about.owner.map_or_else(|| "Your account".to_owned(), |owner| format!("The account of {owner}"));
    let (headline, badge, tone) = match about.step {
        UnlockStep::Done { by_us: true } => (format!("{whose} is unlocked"), "Unlocked", Tone::Good),
        UnlockStep::Done { by_us: false } => (format!("{whose} is open already"), "Open", Tone::Info),
        _ => (format!("{whose} was not unlocked"), "Not done", Tone::Warning),
    };
    let mut card = Card::note(headline).fact("Directory", text(about.directory.to_owned()));
    card.badge = Some(Badge { word: badge.into(), tone });
    let who = match (about.owner, about.by) {
        (None, Some(by)) => by.to_owned(),
        _ => "You".to_owned(),
    };
    card = card.para(format!("{who} asked for it and confirmed it {}.", about.how.words()));
    match about.step {
        UnlockStep::Refused { why } => {
            let (said, next) = refused(*why, about.owner.is_none(), about.helpers);
            card = card.para(said).para(next);
        }
        UnlockStep::Done { .. } if about.owner.is_none() => {
            card = card
                .para("The directory says itself that no lock stands. Update saved passwords on your devices before they lock it again.")
                .para("If you did not want this, say “that wasn't me”: security looks at once.");
        }
        UnlockStep::Done { .. } => {
            card = card.para("The directory says itself that no lock stands. The owner is told.")
        }
        UnlockStep::Asked | UnlockStep::Ordered { .. } => {}
    }
    card
}
