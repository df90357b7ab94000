//! What is to be done with a ticket that somebody wrote elsewhere: what it is, how soon it presses and why, and whether an article, the
//! catalog or the sign-in record answers it.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::system::{OsEntropy, SystemClock};
use crate::catalog::model::Catalog;
use crate::domain::clock::Clock as _;
use crate::domain::event::{Actor, Event, EventBody, HouseEvent, Stream};
use crate::domain::ids::{EntitlementId, EventId, GroupId, PersonId};
use crate::domain::person::Person;
use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::{Because, Category, Priority};
use crate::helpdesk::deeds::{self, Deed};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::knowledge;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation, NextStep};
use crate::helpdesk::lockout::explain::Lasting;
use crate::helpdesk::lockout::matter;
use crate::helpdesk::lockout::whose::{self, Whose};
use crate::helpdesk::sender::{self, Sender};
use crate::helpdesk::triage::suggest;
use crate::ports::signin::{SigninLog as _, SigninQuery};
use crate::ports::store::{Batch, Store as _};
use crate::store::database::Database;
use crate::understanding::types::{Intent, MAX_WORDS, Turn};
use crate::understanding::understander::Understander;

/// How far back the record is looked at.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 2_000;
/// The most people named who see to a ticket.
pub const MOST_NAMED: usize = 3;
/// From this confidence on an entitlement is named (basis points): below it several are as likely.
const NAMED_BP: u16 = 7_000;

/// One ticket as it was written.
#[derive(Debug, Deserialize)]
pub struct Written {
    /// Any JSON text or number; given back as it came.
    pub id: serde_json::Value,
    /// Its subject.
    #[serde(default)]
    pub subject: String,
    /// Its text.
    #[serde(default)]
    pub body: Option<String>,
    /// Who wrote it: an id or a mail address.
    #[serde(default)]
    pub from: Option<String>,
}

/// What is said of a ticket.
#[derive(Debug, Serialize)]
pub struct Sorted<'a> {
    /// The ticket's.
    pub id: &'a serde_json::Value,
    /// What it is about.
    pub category: Category,
    /// How soon somebody has to look.
    pub priority: Priority,
    /// What it was understood as.
    pub intent: Intent,
    /// What it asks for, where one thing is named clearly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<EntitlementId>,
    /// `answer` with the article's words, `suggest` a request, or `route` it to people.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Why all that.
    pub reasons: Vec<Because>,
}

/// What is to be done with a ticket.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// An article answers it.
    Answer {
        /// Its file.
        article: String,
        /// The section that answers, as written.
        extract: String,
    },
    /// It asks for something the catalog holds; the person can ask for it here.
    Suggest {
        /// What to say.
        say: String,
    },
    /// The sign-in record says why its writer could not sign in.
    Explain {
        /// Whose sign-ins: those of the person `from` names, and nobody else's.
        person: PersonId,
        /// Where to send it: the directory's address of that person.
        send_to: String,
        /// In words, each sentence from the record.
        answer: String,
        /// How sure the reason is.
        certainty: Certainty,
        /// Ids of the events it rests on.
        cited: Vec<String>,
        /// What they can do.
        next_steps: Vec<String>,
        /// When it ends by itself, where that is known.
        ends_at: Option<Timestamp>,
    },
    /// People have to look.
    Route {
        /// The group.
        to: String,
        /// Who that is: the first few by name.
        people: Vec<String>,
    },
}

/// Where sign-in events are looked up.
pub enum Record {
    /// Nowhere.
    None,
    /// Among these, of anybody.
    Events(Vec<SigninEvent>),
    /// In a database.
    Store(Arc<Database>),
}

/// Sorts tickets.
pub struct Desk {
    /// Whose people, articles and entitlements.
    pub catalog: Arc<Catalog>,
    /// Reads the words.
    pub understander: Understander,
    /// When the tickets are read; later events are not looked at.
    pub now: Timestamp,
    /// Where sign-ins are looked up.
    pub record: Record,
}

impl Desk {
    /// What a ticket is and what is to be done with it.
    ///
    /// # Errors
    /// Where the sign-in record cannot be read.
    pub async fn sort<'a>(&self, written: &'a Written) -> anyhow::Result<Sorted<'a>> {
        let whole = format!("{}\n{}", written.subject.trim(), written.body.as_deref().unwrap_or_default().trim());
        // The subject often is the question; the text begins with it where it does not.
        let words: String = truncated(whole.trim(), MAX_WORDS).to_owned();
        let sender = sender::of(written.from.as_deref(), &self.catalog.directory);
        let writer = match &sender {
            Sender::Known(person) => Some(Arc::clone(person)),
            _ => None,
        };
        let speaker = writer.clone().or_else(|| self.catalog.directory.iter().find(|p| p.is_employed()).cloned());
        let read = match &speaker {
            Some(speaker) => self.read(speaker, &words).await,
            None => Reading { intent: Intent::Unclear, asked: None, others: false },
        };
        let Reading { intent, asked, others } = read;
        let suggestion = suggest(&whole, Some(intent), None);
        // Whoever writes that they cannot get in is answered from the record, whatever else the words could be taken for.
        let shut_out = matter::complains_of_signing_in(&words) && intent != Intent::HowTo;
        let about_signing_in = intent == Intent::WhyLockedOut || shut_out;
        let asked = asked.filter(|_| !about_signing_in);
        let mut reasons = suggestion.because;
        let mut note = |rule: &str, text: String| reasons.push(Because { rule: rule.to_owned(), text });
        note("intent", format!("it was understood as `{}`", name_of(intent)));
        if let Some((id, confidence)) = &asked {
            note("entitlement", format!("it names “{}” ({} % sure)", self.catalog.title(id), confidence / 100));
        }
        if sender == Sender::Left && !about_signing_in {
            note(sender.rule(), "the directory says that whoever wrote it has left".to_owned());
        }
        let mut explained = None;
        if others {
            note(
                "about.other",
                "it speaks of somebody else's sign-ins; those are explained to whom they belong".to_owned(),
            );
        } else if about_signing_in {
            match (&writer, &self.record) {
                (None, _) => note(sender.rule(), sender.words().to_owned()),
                (Some(_), Record::None) => {
                    note("record.none", "no sign-in record was given (--data, --database or --events)".to_owned());
                }
                (Some(writer), _) => {
                    explained = self.explained(writer, &words).await?;
                    // What was not asked for does not answer a ticket whose matter is only guessed from its words.
                    if intent != Intent::WhyLockedOut {
                        explained = explained.filter(|(_, found)| found.is_what_was_asked());
                    }
                    if explained.is_none() {
                        note("record.silent", "the sign-in record holds nothing of theirs that tells why".to_owned());
                    }
                }
            }
        }
        let asked_id = asked.as_ref().map(|(id, _)| id);
        let read = Grasped { words: &whole, category: suggestion.category, intent, asked: asked_id, others, shut_out };
        let outcome = self.outcome(&read, explained, &mut note);
        if let Outcome::Explain { person, .. } = &outcome {
            self.record_look(person).await?;
        }
        Ok(Sorted {
            id: &written.id,
            category: suggestion.category,
            priority: suggestion.priority,
            intent,
            entitlement: asked.map(|(id, _)| id),
            outcome,
            reasons,
        })
    }

    /// What a ticket says. Where it speaks of signing in, that and of whose is told from the sentence alone, as in a conversation: whether a
    /// name is somebody's makes no difference.
    async fn read(&self, speaker: &Arc<Person>, words: &str) -> Reading {
        let settled = matter::of(speaker, words, &self.catalog, false);
        let others = matches!(whose::asked_by(speaker, words, &self.catalog), Whose::Other(_));
        let deed = deeds::asked(words, false).is_some() || deeds::unlocks_somebody(words);
        if settled.is_some() || (deed && others) {
            return Reading { intent: Intent::WhyLockedOut, asked: None, others };
        }
        let turn = Turn { words, now: self.now, speaker, drafts: &[], topic: None, question: None, holds: &[] };
        let understood = self.understander.understand(&turn).await;
        let best = understood
            .asks
            .iter()
            .filter(|a| a.confidence_bp >= NAMED_BP)
            .max_by_key(|a| a.confidence_bp)
            .and_then(|a| a.candidates.first().map(|c| (c.entitlement.clone(), a.confidence_bp)));
        let others = others && (understood.intent == Intent::WhyLockedOut || matter::complains_of_signing_in(words));
        Reading { intent: understood.intent, asked: best, others }
    }

    /// What the record says of a person's sign-ins; `None` where there is no record or it does not tell.
    async fn explained(&self, person: &Arc<Person>, words: &str) -> anyhow::Result<Option<(Arc<Person>, Explanation)>> {
        let whose = Aliases::of(person, &self.catalog.directory, &[]);
        let from = self.now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
        let events = match &self.record {
            Record::None => return Ok(None),
            Record::Events(events) => events.iter().filter(|e| e.at.is_none_or(|at| at >= from)).cloned().collect(),
            Record::Store(log) => {
                let query = SigninQuery { whose: whose.clone(), from, until: self.now, limit: MOST_EVENTS };
                log.signins(&query).await.context("the sign-in record cannot be read")?
            }
        };
        let (zone, lasting) = (person.time_zone(), Lasting::new());
        let asked = Asked { whose: &whose, words, now: self.now, zone: &zone, level: Level::Person, lasting: &lasting };
        let explanation = answer(events, asked);
        Ok((explanation.certainty > Certainty::Unknown).then(|| (Arc::clone(person), explanation)))
    }

    /// Notes in the record that somebody's sign-ins were told to whoever runs this: they see it when they ask who looked.
    async fn record_look(&self, of: &PersonId) -> anyhow::Result<()> {
        let Record::Store(store) = &self.record else { return Ok(()) };
        let at = SystemClock.now();
        let told = HouseEvent::SigninsTold {
            of: of.clone(),
            level: Level::Person.name().to_owned(),
            because: "triage".to_owned(),
        };
        let event = Event {
            id: EventId::mint(at, &OsEntropy),
            at,
            actor: Actor::Operator,
            stream: Stream::House,
            version: 0,
            body: EventBody::House(told),
        };
        let batch = Batch { events: vec![event], at: Some(at), ..Batch::default() };
        store.commit(batch).await.context("the look could not be recorded, so nothing is shown")
    }

    /// To the people of a group, by name; to those who are asked last where it has nobody.
    fn route(&self, group: &GroupId) -> Outcome {
        let of = |group: &GroupId| -> Vec<String> {
            let members = self.catalog.directory.members(group).filter(|p| p.is_employed());
            members.take(MOST_NAMED).map(|p| format!("{} <{}>", p.name, p.email)).collect()
        };
        let (mut group, mut people) = (group, of(group));
        if people.is_empty() {
            group = &self.catalog.roles.fallback;
            people = of(group);
        }
        Outcome::Route { to: group.to_string(), people }
    }

    fn outcome(
        &self,
        read: &Grasped<'_>,
        explained: Option<(Arc<Person>, Explanation)>,
        note: &mut impl FnMut(&str, String),
    ) -> Outcome {
        let Grasped { words, category, intent, asked, others, shut_out } = *read;
        // What may be an attack is never answered by an article: people look.
        if category == Category::Security {
            note("route.security", "security looks at it; no answer is sent by itself".to_owned());
            return self.route(&self.catalog.roles.security);
        }
        if let Some((person, explanation)) = explained {
            if explanation.to_security {
                note("route.record", "the sign-in record looks like an attack; security looks at it".to_owned());
                return self.route(&self.catalog.roles.security);
            }
            let cited = explanation.cited();
            note("explain.record", format!("the sign-in record says why, in {} events", cited.len()));
            return Outcome::Explain {
                person: person.id.clone(),
                send_to: person.email.clone(),
                answer: explanation.answer(),
                certainty: explanation.certainty,
                cited,
                next_steps: explanation.next_steps.iter().map(step).collect(),
                ends_at: explanation.ends_at,
            };
        }
        let asks_how = matches!(intent, Intent::HowTo) || category == Category::HowTo;
        let asks_article = asks_how || matches!(category, Category::Password | Category::Mfa);
        let found = knowledge::find(&self.catalog, words)
            .or_else(|| words.lines().next().and_then(|first| knowledge::find(&self.catalog, first)))
            // "Reset my password" says nothing that an article's words would be found by; what is to be done says it.
            .or_else(|| deeds::asked(words, false).and_then(|deed| knowledge::find(&self.catalog, deed.topic())))
            .or_else(|| {
                (category == Category::Password)
                    .then(|| knowledge::find(&self.catalog, Deed::Password.topic()))
                    .flatten()
            });
        // "Account locked" is no question for an article; "forgot my password" is.
        let asks_article = asks_article && !(shut_out && category == Category::SignIn);
        if let Some(found) = found.filter(|_| asks_article && !others) {
            note("answer.article", format!("the article {} answers it", found.file));
            return Outcome::Answer { article: found.file, extract: found.extract };
        }
        if let Some(id) = asked.filter(|_| matches!(intent, Intent::RequestAccess | Intent::BreakGlass)) {
            note("suggest.request", "the catalog holds it, so it can be asked for here".to_owned());
            return Outcome::Suggest { say: format!("I need {}", self.catalog.title(id)) };
        }
        let why = match intent {
            _ if shut_out => "people have to make sure who it is and look at the account",
            Intent::WhyLockedOut => "people have to make sure who it is and look at the account",
            _ => "no article answers it and nothing in the catalog is named clearly",
        };
        note("route.people", why.to_owned());
        self.route(self.catalog.roles.helpdesk())
    }
}

/// What a ticket was understood as.
struct Reading {
    intent: Intent,
    asked: Option<(EntitlementId, u16)>,
    /// True where it speaks of somebody else's sign-ins.
    others: bool,
}

/// What was read of a ticket.
#[derive(Clone, Copy)]
struct Grasped<'a> {
    words: &'a str,
    category: Category,
    intent: Intent,
    asked: Option<&'a EntitlementId>,
    others: bool,
    /// True where it says that somebody cannot get in.
    shut_out: bool,
}

fn step(step: &NextStep) -> String {
    match &step.link {
        Some(link) => format!("{} {link}", step.words),
        None => step.words.clone(),
    }
}

fn name_of(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The first so many bytes, whole characters only.
fn truncated(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}
