//! What became of the questions people asked, counted so that it cannot flatter.
//!
//! Every question ends in exactly one of six ways, looked at in this order:
//!
//! | way | definition |
//! |---|---|
//! | handed over | a person took over with a ticket |
//! | reopened | they said it helped and later that it did not, or asked about the same matter again within seven days |
//! | not helped | they said it did not help, and took no ticket |
//! | helpful | they pressed "That helped", and nothing above happened |
//! | pending | answered less than a day ago, and nothing was heard since |
//! | abandoned | nothing was heard for a day. It counts as no success, whatever the answer was |
//!
//! A notice that nobody asked for and a look at somebody else's sign-ins are no questions of this kind and are not counted. *Answered* says only that there was an answer with evidence; it is no way to end. The share of questions that were confirmed to be
//! settled here is `helpful / (all − pending)`, in basis points, rounded down.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::event::{Event, EventBody, Stream};
use crate::domain::ids::{InquiryId, TextId};
use crate::domain::inquiry::{Inquiry, InquiryState, Matter};
use crate::domain::request::IllegalStep;

/// After so long without a word a question is abandoned.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(24);
/// Asking about the same matter again within this time opens it again.
pub const AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// They say it helped.
    Helpful,
    /// It came back.
    Reopened,
    /// They say it did not help.
    NotHelped,
    /// A person took over.
    HandedOver,
    /// Nothing was heard again.
    Abandoned,
    /// Too early to say.
    Pending,
}

/// Counts of one sort of question, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// All questions.
    pub questions: u64,
    /// Of these: there was an answer with evidence.
    pub answered: u64,
    /// Confirmed helpful.
    pub helpful: u64,
    /// Came back.
    pub reopened: u64,
    /// Said not to help.
    pub not_helped: u64,
    /// Went to a person.
    pub handed_over: u64,
    /// Never heard of again.
    pub abandoned: u64,
    /// Too early to say.
    pub pending: u64,
    /// `helpful / (questions − pending)`, basis points.
    pub confirmed_bp: u64,
}

impl Tally {
    fn count(&mut self, matter: &Matter, ending: Ending) {
        self.questions += 1;
        self.answered += u64::from(matter.is_answer());
        *match ending {
            Ending::Helpful => &mut self.helpful,
            Ending::Reopened => &mut self.reopened,
            Ending::NotHelped => &mut self.not_helped,
            Ending::HandedOver => &mut self.handed_over,
            Ending::Abandoned => &mut self.abandoned,
            Ending::Pending => &mut self.pending,
        } += 1;
        let settled = self.questions - self.pending;
        self.confirmed_bp = (self.helpful * 10_000).checked_div(settled).unwrap_or(0);
    }
}

/// What became of the questions of a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deflection {
    /// Everything.
    pub all: Tally,
    /// By what the question was about.
    pub by_matter: BTreeMap<String, Tally>,
    /// Questions no article answered, oldest first: their words, while they are kept.
    pub gaps: Vec<TextId>,
}

/// The questions that these events make, in the order they were asked. Events of other streams are passed over.
///
/// # Errors
/// [`IllegalStep`] where the events do not follow one another.
pub fn questions<'e>(events: impl IntoIterator<Item = &'e Event>) -> Result<Vec<Inquiry>, IllegalStep> {
    let mut all: BTreeMap<InquiryId, Inquiry> = BTreeMap::new();
    for event in events {
        let (Stream::Inquiry(id), EventBody::Inquiry(what)) = (event.stream, &event.body) else { continue };
        let next = match all.remove(&id) {
            None => Inquiry::open(id, what, event.at)?,
            Some(old) => old.apply(what, event.at)?,
        };
        all.insert(id, next);
    }
    let mut all: Vec<Inquiry> = all.into_values().collect();
    all.sort_by_key(|i| (i.at, i.id));
    Ok(all)
}

/// How each question ended, as seen at this moment, in the order given. `asked` has to be in the order of asking.
#[must_use]
pub fn endings(asked: &[Inquiry], now: Timestamp) -> Vec<Ending> {
    let mut endings: Vec<Ending> = asked
        .iter()
        .map(|question| match question.state {
            InquiryState::HandedOver { .. } => Ending::HandedOver,
            InquiryState::NotHelped if question.helped_once => Ending::Reopened,
            InquiryState::NotHelped => Ending::NotHelped,
            InquiryState::Helped => Ending::Helpful,
            InquiryState::Answered if now.duration_since(question.changed_at) < SILENCE => Ending::Pending,
            InquiryState::Answered => Ending::Abandoned,
        })
        .collect();
    // Asked again about the same matter: the earlier answer did not last, whatever was said about it.
    let mut latest: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (n, question) in asked.iter().enumerate() {
        let Some(same) = same_matter(question) else { continue };
        let before = latest.insert((question.answer.person.as_str(), same), n);
        if let Some(before) = before
            && question.at.duration_since(asked[before].at) <= AGAIN
            && matches!(endings[before], Ending::Helpful | Ending::Abandoned | Ending::Pending)
        {
            endings[before] = Ending::Reopened;
        }
    }
    endings
}

/// What makes two questions of one person the same; `None` where nothing tells.
fn same_matter(question: &Inquiry) -> Option<String> {
    match &question.answer.matter {
        Matter::Article { file } => Some(format!("article {file}")),
        Matter::Access { entitlement } => Some(format!("access {entitlement}")),
        Matter::Lockout { class } => Some(format!("lockout {class:?}")),
        Matter::Decision { request } => Some(format!("decision {request}")),
        Matter::Refused { entitlement } => Some(format!("refused {entitlement}")),
        Matter::Others { entitlement: Some(id) } => Some(format!("others {id}")),
        Matter::NoArticle
        | Matter::LockoutUnexplained
        | Matter::Others { entitlement: None }
        | Matter::Person
        | Matter::Notice
        | Matter::Colleague { .. } => None,
    }
}

/// Counts questions, as seen at this moment.
#[must_use]
pub fn measure(asked: &[Inquiry], now: Timestamp) -> Deflection {
    let mut out = Deflection::default();
    for (question, ending) in asked.iter().zip(endings(asked, now)) {
        let matter = &question.answer.matter;
        if !matter.is_own_question() {
            continue;
        }
        out.all.count(matter, ending);
        out.by_matter.entry(matter.name().to_owned()).or_default().count(matter, ending);
        if *matter == Matter::NoArticle {
            out.gaps.push(question.answer.question);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Actor;
    use crate::domain::ids::{ConversationId, EventId, PersonId, TicketId};
    use crate::domain::inquiry::{Answer, InquiryEvent};

    fn hours(n: i64) -> Timestamp {
        Timestamp::from_second(n * 3_600).unwrap()
    }

    fn event(n: u8, at: i64, version: u64, what: InquiryEvent) -> Event {
        let id = InquiryId::from_bytes([n; 16]);
        Event {
            id: EventId::from_bytes([n; 16]),
            at: hours(at),
            actor: Actor::System,
            stream: Stream::Inquiry(id),
            version,
            body: EventBody::Inquiry(what),
        }
    }

    fn asked(n: u8, at: i64, who: &str, matter: Matter) -> Event {
        let answer = Answer {
            person: PersonId::parse(who).unwrap(),
            conversation: ConversationId::from_bytes([1; 16]),
            question: TextId::from_bytes([n; 16]),
            matter,
            evidence: vec![],
            offers: vec![],
        };
        event(n, at, 1, InquiryEvent::Answered { answer: Box::new(answer) })
    }

    fn vpn() -> Matter {
        Matter::Article { file: "vpn.md".into() }
    }

    #[test]
    fn each_question_ends_in_one_way_and_silence_is_no_success() {
        let ticket = TicketId::from_bytes([1; 16]);
        let events = [
            asked(1, 0, "ana", vpn()),
            event(1, 1, 2, InquiryEvent::Helped),
            asked(2, 0, "ben", vpn()),
            asked(3, 0, "cyd", Matter::NoArticle),
            event(3, 1, 2, InquiryEvent::HandedOver { ticket }),
            asked(4, 0, "dan", vpn()),
            event(4, 1, 2, InquiryEvent::NotHelped),
            asked(5, 0, "eve", vpn()),
            event(5, 1, 2, InquiryEvent::Helped),
            event(5, 2, 3, InquiryEvent::NotHelped),
            asked(6, 30, "fay", vpn()),
            asked(7, 0, "gus", vpn()),
            event(7, 1, 2, InquiryEvent::Helped),
            asked(8, 48, "gus", vpn()),
        ];
        let all = questions(&events).unwrap();
        let seen = measure(&all, hours(49));
        let Tally { helpful, abandoned, handed_over, not_helped, reopened, pending, questions, .. } = seen.all;
        assert_eq!((helpful, abandoned, handed_over, not_helped, reopened, pending), (1, 1, 1, 1, 2, 2));
        assert_eq!(questions, 8);
        assert_eq!(seen.all.confirmed_bp, 1_666);
        assert_eq!((seen.all.answered, seen.gaps.len()), (7, 1));
        // A day later the two that were pending are abandoned, and the share only falls.
        let later = measure(&all, hours(200));
        assert_eq!((later.all.abandoned, later.all.pending, later.all.confirmed_bp), (3, 0, 1_250));
    }

    #[test]
    fn the_same_question_after_a_week_is_a_new_one() {
        let events = [
            asked(1, 0, "ana", vpn()),
            event(1, 1, 2, InquiryEvent::Helped),
            asked(2, 24 * 8, "ana", vpn()),
            asked(3, 1, "ben", vpn()),
        ];
        assert_eq!(measure(&questions(&events).unwrap(), hours(24 * 8)).all.helpful, 1);
    }
}
