//! What a read-back said of the way a request would go, small enough to travel in its button. Where it is pressed later and things have
//! changed meanwhile (the catalog, the person's other access, the time of day), it is filed as things stand, and the person is told what
//! changed, wherever they pressed.

use crate::domain::card::{Badge, Card, Tone, text};
use crate::domain::decision::{Decision, Level, Outcome};
use crate::workflow::cards::words;
use crate::workflow::house::House;

/// How far a score has to move to be worth a word where the way stays the same.
const NOTABLE: u8 = 5;
/// Set wherever something was shown, so that nothing shown is nothing.
const SHOWN: u16 = 1 << 15;

/// What is kept of a decision: 7 bits of the score, 2 each of the outcome, the rung and the people.
#[must_use]
pub fn of(decision: &Decision) -> u16 {
    let route = &decision.route;
    let outcome = match route.outcome {
        Outcome::Automatic => 0,
        Outcome::BreakGlass => 1,
        Outcome::Denied => 2,
        Outcome::Steps { .. } => 3,
    };
    let level = match route.level {
        Level::Automatic => 0,
        Level::Manager => 1,
        Level::Security => 2,
        Level::TwoPerson => 3,
    };
    let score = u16::from(decision.assessment.score.points().min(100));
    SHOWN | score | (outcome << 7) | (level << 9) | (u16::from(route.persons.min(3)) << 11)
}

/// What to tell whoever files something that was shown like this and is decided like that; `None` where it went as shown.
#[must_use]
pub fn changed(house: &House, shown: u16, decision: &Decision) -> Option<Card> {
    let now = of(decision);
    let score = |kept: u16| u8::try_from(kept & 0x7F).unwrap_or(u8::MAX);
    let way = |kept: u16| kept >> 7;
    let rerouted = way(shown) != way(now);
    if shown & SHOWN == 0 || (!rerouted && score(shown).abs_diff(score(now)) < NOTABLE) {
        return None;
    }
    let mut card = Card::note("Things have changed since I showed you this");
    card.badge = Some(Badge { word: "Changed".into(), tone: Tone::Warning });
    if score(shown) != score(now) {
        let risk = format!("{} of 100 now, {} when I showed it", score(now), score(shown));
        card = card.fact("Risk", text(risk));
    }
    if rerouted {
        card = card.fact("Who decides", words::way(house, decision)).fact("Before", text(before(shown)));
    }
    Some(match decision.route.outcome {
        Outcome::Denied => card.para("It is on record as refused; nothing was given. Its card says why."),
        _ => {
            card.para("It was filed as things stand now. If you no longer want it like that, take it back on its card.")
        }
    })
}

/// Who would have decided.
fn before(shown: u16) -> &'static str {
    match ((shown >> 7) & 3, (shown >> 9) & 3) {
        (0, _) => "Nobody had to approve it.",
        (1, _) => "It would have opened at once, as an emergency.",
        (2, _) => "The rules did not allow it.",
        (_, 2) => "Security had to approve it.",
        (_, 3) => "Two people had to approve it.",
        _ => "One person had to approve it.",
    }
}
