//! What people say about signing in, said to a whole house whose record holds a lock of everybody: was it taken for what it is, or did it start a
//! request that nobody asked for. Beside them stand real requests, which have to stay requests.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::action::Subject;
use crate::domain::card::{Card, Inline, Section};
use crate::domain::conversation::Surface;
use crate::domain::digest::Digest;
use crate::domain::event::EventBody;
use crate::domain::ids::PersonId;
use crate::domain::inquiry::{InquiryEvent, Matter};
use crate::domain::person::Person;
use crate::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use crate::eval::report::{Figure, Report, lines};
use crate::ports::desk::Desk;
use crate::ports::store::{Store, StoreError};

const SUITE: &str = "sayings";

/// Where it is said; with every person it is another conversation.
const SURFACES: [Surface; 5] = [Surface::Web, Surface::Terminal, Surface::Slack, Surface::Teams, Surface::Discord];

/// From where everybody's account was locked.
const FROM: &str = "203.0.113.9";

#[derive(Deserialize)]
struct Labelled {
    id: String,
    /// What was said before, in order.
    #[serde(default)]
    before: Vec<String>,
    text: String,
    is: Is,
}

/// What a saying is to be taken for.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "snake_case")]
enum Is {
    /// A question about the speaker's sign-ins: answered from the record.
    Signin,
    /// The same, where it used to be taken for somebody else's.
    Own,
    /// The same, with what was named said not to be in the record.
    Names,
    /// Anything but a draft.
    NoDraft,
    /// A person is offered.
    Person,
    /// Security is offered, or told.
    Security,
    /// Being told of lockouts.
    Notices,
    /// Who can help, by name and address.
    People,
    /// The speaker's own tickets.
    Tickets,
    /// A request: no answer about sign-ins.
    NotSignin,
    /// The reason that was asked for.
    Kept,
}

impl Is {
    fn words(self) -> &'static str {
        match self {
            Self::Signin => "sign-ins explained",
            Self::Own => "the speaker's own matter",
            Self::Names => "what was named said not to be there",
            Self::NoDraft => "no draft without cause",
            Self::Person => "a person offered",
            Self::Security => "security offered",
            Self::Notices => "notices set",
            Self::People => "helpers named",
            Self::Tickets => "own tickets",
            Self::NotSignin => "requests that stayed requests",
            Self::Kept => "reasons kept",
        }
    }
}

/// What came back.
struct Got {
    drafts: bool,
    matters: Vec<Matter>,
    said: String,
    buttons: String,
}

impl Got {
    fn signin(&self) -> bool {
        let about = |m: &Matter| matches!(m, Matter::Lockout { .. } | Matter::LockoutUnexplained);
        !self.drafts && self.matters.iter().any(about)
    }

    fn is(&self, is: Is, text: &str) -> bool {
        let says = |part: &str| self.said.contains(part);
        match is {
            Is::Signin | Is::Own => self.signin(),
            Is::Names => self.signin() && says("no attempt to sign in to what you named"),
            Is::NoDraft => !self.drafts,
            Is::Person => !self.drafts && (self.buttons.contains("person") || says("person")),
            Is::Security => !self.drafts && (self.buttons.contains("security") || says("ecurity")) && !self.signin(),
            Is::Notices => says("tell you"),
            Is::People => !self.drafts && says("@"),
            Is::Tickets => !self.drafts && says("icket"),
            Is::NotSignin => !self.signin(),
            Is::Kept => self.drafts && says(text),
        }
    }
}

/// A lock of this person's account an hour ago, after five wrong passwords.
#[must_use]
pub fn lock(person: &Person, now: Timestamp) -> Vec<SigninEvent> {
    let event = |n: i64, class: ReasonClass, name: &str| {
        let at = now.checked_sub(SignedDuration::from_secs(3_600 - 20 * n)).unwrap_or(now);
        let id = format!("{}:{n}", person.id);
        SigninEvent {
            raw_digest: Digest::of(id.as_bytes()),
            id,
            provider: Provider::Okta,
            event: name.to_owned(),
            at: Some(at),
            time: None,
            actor: Some(person.email.clone()),
            subject: None,
            outcome: Some(SigninOutcome::Failure),
            reason_code: None,
            reason_class: Some(class),
            reason_text: None,
            ip: Some(FROM.to_owned()),
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
        }
    };
    let mut all: Vec<_> = (0..5).map(|n| event(n, ReasonClass::BadCredentials, "user.session.start")).collect();
    all.push(event(5, ReasonClass::LockedOut, "user.account.lock"));
    all
}

/// Says everything, each in a conversation of its own.
///
/// # Errors
/// Where the records cannot be read.
pub async fn run(
    text: &str,
    desk: &dyn Desk,
    store: &dyn Store,
    people: &[PersonId],
    report: &mut Report,
) -> Result<(), StoreError> {
    let (cases, bad) = lines::<Labelled>(text);
    let mut rooms = people.iter().flat_map(|who| SURFACES.into_iter().map(move |on| (who, on)));
    let mut counts: BTreeMap<Is, (u64, u64)> = BTreeMap::new();
    let (mut unasked, mut started, mut asked_for) = (bad, 0, (0, 0));
    let mut seen = matters(store).await?.len();
    for case in &cases {
        let Some((who, on)) = rooms.next() else {
            unasked += 1;
            continue;
        };
        for before in &case.before {
            // What it led to is shown by what follows.
            let _ = desk.say(who, on, before, None).await;
        }
        seen = seen.max(matters(store).await?.len());
        let cards = match desk.say(who, on, &case.text, None).await {
            Ok(reply) => reply.cards,
            Err(error) => vec![Card::note(error.said)],
        };
        let all = matters(store).await?;
        let got = read(&cards, all.get(seen..).unwrap_or_default());
        seen = all.len();
        let right = got.is(case.is, &case.text);
        let (well, of) = counts.entry(case.is).or_default();
        *well += u64::from(right);
        *of += 1;
        match case.is {
            Is::NotSignin => {
                asked_for.0 += u64::from(got.drafts);
                asked_for.1 += 1;
            }
            Is::Kept => {}
            _ => started += u64::from(got.drafts),
        }
        if !right {
            let drafts = if got.drafts { " (a draft)" } else { "" };
            report.misses.push(format!(
                "{SUITE}: {} `{}` is {:?}, got{drafts} {}",
                case.id,
                case.text,
                case.is,
                got.said.chars().take(120).collect::<String>()
            ));
        }
    }
    let troubles = counts.iter().filter(|(is, _)| !matches!(is, Is::NotSignin | Is::Kept)).map(|(_, (_, of))| of).sum();
    for (is, (well, of)) in counts {
        report.figures.push(Figure::right(SUITE, is.words(), well, of));
    }
    report.figures.push(Figure::right(SUITE, "requests drafted", asked_for.0, asked_for.1));
    report.figures.push(Figure::right(SUITE, "drafts nobody asked for", started, troubles));
    if unasked > 0 {
        report.figures.push(Figure::faults(SUITE, "cases that could not be said", unasked, cases.len() as u64 + bad));
    }
    Ok(())
}

/// What all questions to the helpdesk were about, in order.
async fn matters(store: &dyn Store) -> Result<Vec<Matter>, StoreError> {
    let all = store.inquiries(Timestamp::UNIX_EPOCH).await?;
    Ok(all
        .into_iter()
        .filter_map(|stored| match stored.event.body {
            EventBody::Inquiry(InquiryEvent::Answered { answer }) => Some(answer.matter),
            _ => None,
        })
        .collect())
}

fn read(cards: &[Card], matters: &[Matter]) -> Got {
    let plain = |rich: &[Inline]| rich.iter().map(Inline::plain).collect::<String>();
    let mut got = Got {
        drafts: cards.iter().any(|c| c.key.is_some_and(|k| matches!(k.subject, Subject::Draft(_)))),
        matters: matters.to_vec(),
        said: String::new(),
        buttons: String::new(),
    };
    for card in cards {
        got.said.push_str(&card.headline);
        for fact in &card.facts {
            got.said.push_str(&format!(" | {}: {}", fact.label, plain(&fact.value)));
        }
        for section in &card.body {
            match section {
                Section::Para { text } => got.said.push_str(&format!(" | {}", plain(text))),
                Section::List { items } => items.iter().for_each(|i| got.said.push_str(&format!(" | {}", plain(i)))),
                _ => {}
            }
        }
        card.actions.iter().for_each(|b| got.buttons.push_str(&format!("{}; ", b.label)));
    }
    got
}
