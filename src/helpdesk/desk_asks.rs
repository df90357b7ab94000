//! A few plain things people ask of a helpdesk beside sign-ins and access: their own tickets, who the helpdesk is, a thing that is broken, a
//! thing that was stolen, and all their sign-ins. Each is heard by the grammar of a short sentence.

use crate::helpdesk::lockout::whose_words::among;
use crate::understanding::normalise::fold;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskAsk {
    /// How their tickets stand.
    Tickets,
    /// Who works at the helpdesk.
    Helpers,
    /// Something they work with is broken.
    Broken,
    /// Something they sign in with was stolen.
    Stolen,
    /// What the record holds of their sign-ins.
    Signins,
}

/// The most words of such a sentence.
const MOST_WORDS: usize = 16;

/// Things people work with that no words can mend.
const THINGS: &str = " screen monitor display keyboard mouse laptop computer pc desktop headset headphones microphone webcam camera printer scanner dock docking \
    charger adapter cable battery projector beamer phone mobile tablet trackpad touchpad speaker speakers desk chair telephone ";
/// Things that open doors for whoever has them.
const KEYS: &str = " laptop computer phone mobile smartphone iphone ipad tablet macbook notebook badge keycard token yubikey key keys handbag bag backpack \
    wallet pc device ";
/// Said of what is broken.
const BROKEN: &[&str] = &[
    "broken",
    "broke",
    "dead",
    "cracked",
    "smashed",
    "defective",
    "faulty",
    "damaged",
    "black",
    "flickers",
    "flickering",
    "stopped working",
    "wont turn on",
    "will not turn on",
    "doesnt turn on",
    "does not turn on",
    "wont start",
    "doesnt start",
    "does not start",
    "wont charge",
    "doesnt charge",
    "fell down",
    "fell off",
    "makes noises",
];
const STOLEN: &[&str] = &[
    "stole",
    "stolen",
    "was snatched",
    "got snatched",
    "was robbed",
    "got robbed",
    "were robbed",
    "theft of",
    "been nicked",
    "pickpocketed",
];

/// What is asked; `None` where it is something else.
#[must_use]
pub fn read(words: &str) -> Option<DeskAsk> {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    let all: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if all.is_empty() || all.len() > MOST_WORDS {
        return None;
    }
    let said = format!(" {} ", all.join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|p| said.contains(&format!(" {p} ")));
    let says = |list: &str| all.iter().any(|w| among(list, w));
    let wishes = says(" need want access request permission role order buy how ")
        || has(&["give me", "i would like", "can i have", "can i get"]);
    let mine = says(" my our ") || has(&["the"]);
    if has(STOLEN) && says(KEYS) && says(" my our i me ") && !says(" how ") {
        return Some(DeskAsk::Stolen);
    }
    if wishes {
        return None;
    }
    if says(" ticket tickets ") && !says(" open raise create file log ") {
        let own = has(&["my ticket", "my tickets", "my open tickets", "my open ticket", "my last ticket"]);
        let asks = says(" news update updates progress status happened happening when where what any about ");
        let bare = all.iter().all(|w| among(" my open own all show list me the see ticket tickets please current ", w));
        if own && (asks || bare || says(" show list see "))
            || bare
            || asks && has(&["the ticket", "that ticket", "on ticket"])
        {
            return Some(DeskAsk::Tickets);
        }
    }
    // "Show my open tickets": "open" is no verb there.
    if has(&["my open tickets", "my open ticket", "any open tickets", "open tickets of mine"]) {
        return Some(DeskAsk::Tickets);
    }
    let desk = has(&[
        "helpdesk",
        "help desk",
        "service desk",
        "it support",
        "it helpdesk",
        "support team",
        "it desk",
        "me with it",
    ]);
    if desk
        && (says(" who whos ") || has(&["how do i reach", "where is", "phone number", "contact"]))
        && !says(" approves approve owns owner has ")
    {
        return Some(DeskAsk::Helpers);
    }
    let signins = has(&[
        "sign ins",
        "signins",
        "logins",
        "sign in history",
        "login history",
        "signin history",
        "sign in events",
        "sign in attempts",
        "login attempts",
        "sign in record",
    ]);
    let shows = says(" show list see display give view what which recent last latest all ") && says(" my ");
    if signins && shows && !says(" who why looked looks looking seen saw team teams colleagues reports ") {
        return Some(DeskAsk::Signins);
    }
    let begins = all.iter().position(|w| among(THINGS, w)).is_some_and(|n| n <= 4);
    (mine && begins && has(BROKEN) && !says(" locked password sign login log screen_lock ")).then_some(DeskAsk::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_asks_are_told_apart() {
        for (words, ask) in [
            ("what about my ticket?", Some(DeskAsk::Tickets)),
            ("show my open tickets", Some(DeskAsk::Tickets)),
            ("any progress on my ticket", Some(DeskAsk::Tickets)),
            ("who works at the helpdesk?", Some(DeskAsk::Helpers)),
            ("my headset is broken", Some(DeskAsk::Broken)),
            ("the monitor stopped working", Some(DeskAsk::Broken)),
            ("somebody stole my laptop on the train", Some(DeskAsk::Stolen)),
            ("my phone was stolen", Some(DeskAsk::Stolen)),
            ("list my recent logins", Some(DeskAsk::Signins)),
            ("please open a ticket for me", None),
            ("I need access to the ticket system", None),
            ("give me a new keyboard", None),
            ("I need to see the sign-in logs of our team", None),
            ("who looked at my sign-ins?", None),
            ("how do I report a stolen phone?", None),
            ("the dashboards are broken", None),
            ("who approves helpdesk access?", None),
            ("laptop admin rights for a day", None),
        ] {
            assert_eq!(read(words), ask, "{words}");
        }
    }
}
