//! A small company in memory: a desk, sessions and doors without any of the real rules, so that pages can be tested and looked at alone.
//! It files what it is told, asks one manager, and opens the door at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::domain::action::{Action, ActionToken, Subject, TokenKey, Verb};
use claviger::domain::card::{
    Badge, Bar, Button, Card, CardKey, Choice, Fact, Form, Inline, Input, InputKind, Section, Style, TimelineEntry,
    Tone, View, text,
};
use claviger::domain::clock::{Clock, Entropy};
use claviger::domain::conversation::{Author, Surface};
use claviger::domain::digest::Digest;
use claviger::domain::ids::{ConversationId, DraftId, EntitlementId, MessageId, PersonId, RequestId};
use claviger::domain::person::{Directory, Person, Population, Presence, RiskLevel};
use claviger::ports::desk::{Change, Desk, DeskError, DeskErrorKind, Inbox, Mine, Reply, Shown};
use claviger::ports::store::{Shared, StoreError};
use claviger::server::doors::{Door, DoorKeeper};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;

/// A clock that stands until it is moved.
pub struct HandClock(Mutex<Timestamp>);

impl HandClock {
    pub fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().unwrap())))
    }

    pub fn forward(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Bytes that never repeat and are the same every time.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(32) {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            let digest = Digest::of(&n.to_be_bytes());
            let bytes = hex::decode(digest.to_string().rsplit(':').next().unwrap()).unwrap();
            piece.copy_from_slice(&bytes[..piece.len()]);
        }
    }
}

/// Sessions in memory.
#[derive(Default)]
pub struct Sessions {
    kept: Mutex<BTreeMap<String, (String, Timestamp)>>,
    pub down: std::sync::atomic::AtomicBool,
}

impl Sessions {
    fn check(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::Relaxed) { Err(StoreError::Unavailable("down".into())) } else { Ok(()) }
    }

    pub fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }
}

#[async_trait]
impl Shared for Sessions {
    async fn lock_version(&self, _: &str) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn session(&self, id: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        self.check()?;
        Ok(self.kept.lock().unwrap().get(id).filter(|(_, ends)| now < *ends).map(|(data, _)| data.clone()))
    }
    async fn put_session(&self, id: &str, data: &str, expires: Timestamp) -> Result<(), StoreError> {
        self.check()?;
        self.kept.lock().unwrap().insert(id.into(), (data.into(), expires));
        Ok(())
    }
    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        self.kept.lock().unwrap().remove(id);
        Ok(())
    }
    async fn sweep_sessions(&self, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.check()
    }
}

pub fn id(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn person(slug: &str, name: &str, job: &str, department: &str, manager: Option<&str>) -> Person {
    Person {
        id: id(slug),
        name: name.into(),
        email: format!("{slug}@example.test"),
        department: department.into(),
        job_code: job.to_lowercase().replace(' ', "-"),
        job_title: job.into(),
        job_family: String::new(),
        manager: manager.map(id),
        company: "Example".into(),
        zone: "Europe/Berlin".into(),
        population: Population::Employee,
        started: "2021-01-04".parse().unwrap(),
        contract_end: None,
        moved: None,
        notice: false,
        presence: Presence::Active,
        sponsor: None,
        groups: Vec::new(),
        risk: RiskLevel::Low,
        delegation: None,
    }
}

/// A dozen people.
pub fn people() -> Directory {
    let mut away = person("lena.vogt", "Lena Vogt", "Account executive", "Sales", Some("otto.hahn"));
    away.presence = Presence::OnLeave { until: "2099-01-04".parse().unwrap() };
    let mut contractor = person("raj.patel", "Raj Patel", "Data engineer", "Engineering", Some("iris.meier"));
    contractor.population = Population::Contractor;
    let mut gone = person("gone.girl", "Gina Gone", "Analyst", "Sales", Some("otto.hahn"));
    gone.presence = Presence::Departed;
    Directory::new([
        away,
        contractor,
        gone,
        person("ana.kovac", "Ana Kovač", "Sales analyst", "Sales", Some("otto.hahn")),
        person("otto.hahn", "Otto Hahn", "Head of sales", "Sales", None),
        person("mara.lindt", "Mara Lindt", "Marketing analyst", "Marketing", Some("tom.berg")),
        person("tom.berg", "Tom Berg", "Head of marketing", "Marketing", None),
        person("iris.meier", "Iris Meier", "Head of engineering", "Engineering", None),
        person("jun.sato", "Jun Sato", "Data scientist", "Engineering", Some("iris.meier")),
        person("eva.stein", "Eva Stein", "Security lead", "Security", None),
        person("paul.weiss", "Paul Weiss", "Accounts payable clerk", "Finance", Some("ruth.klein")),
        person("ruth.klein", "Ruth Klein", "Head of finance", "Finance", None),
    ])
}

struct Asked {
    id: RequestId,
    who: PersonId,
    manager: Option<PersonId>,
    words: String,
    state: &'static str,
    note: String,
    revision: u64,
}

/// A message: id, author, words, the card's key where it is drawn anew each time, the card where it stands as it was.
type Said = (MessageId, Author, Option<String>, Option<CardKey>, Option<Card>);

#[derive(Default)]
struct Book {
    said: BTreeMap<(PersonId, Surface), Vec<Said>>,
    once: BTreeSet<String>,
    drafts: BTreeMap<DraftId, (PersonId, String, Option<RequestId>)>,
    asked: Vec<Asked>,
    next: u8,
}

/// The desk.
pub struct FakeDesk {
    clock: Arc<dyn Clock>,
    directory: Directory,
    key: TokenKey,
    book: Mutex<Book>,
    changes: broadcast::Sender<Change>,
}

impl FakeDesk {
    pub fn new(clock: Arc<dyn Clock>, directory: Directory) -> Arc<Self> {
        let changes = broadcast::channel(16).0;
        Arc::new(Self { clock, directory, key: TokenKey::new([7; 32]), book: Mutex::default(), changes })
    }

    fn token(&self, verb: Verb, subject: Subject, argument: u16) -> ActionToken {
        let until = self.clock.now() + SignedDuration::from_hours(24);
        self.key.seal(&Action::new(verb, subject, Digest::of(b"seen"), argument, until))
    }

    fn button(&self, verb: Verb, label: &str, style: Style, subject: Subject) -> Button {
        Button { verb, label: label.into(), style, token: self.token(verb, subject, 0), confirm: None, form: None }
    }

    fn factors() -> Section {
        let bar = |factor: &str, label: &str, tenths| Bar { factor: factor.into(), label: label.into(), tenths };
        Section::Factors {
            score: 31,
            bars: vec![
                bar("peer.rare", "1 of 14 colleagues in the same job has it", 180),
                bar("data.confidential", "It opens confidential figures", 120),
                bar("dept.other", "It belongs to another department", 60),
                bar("window.short", "It ends within a week", -30),
                bar("read.only", "It is for reading only", -20),
            ],
            confidence: String::new(),
        }
    }

    fn draft_card(&self, draft: DraftId, words: &str, filed: Option<RequestId>) -> Card {
        let subject = Subject::Draft(draft);
        let mut card = Card::note("Sales reports EMEA: read");
        card.key = Some(CardKey { subject, view: View::Own });
        card.facts = vec![
            Fact {
                label: "What".into(),
                value: vec![Inline::Strong { text: "Read the quarterly sales reports for EMEA".into() }],
            },
            Fact {
                label: "Until".into(),
                value: vec![Inline::Time {
                    at: "2026-11-27T22:59:59Z".parse().unwrap(),
                    shown: "Fri 27 Nov 2026, 23:59 CET".into(),
                }],
            },
            Fact { label: "What for".into(), value: text("the board deck") },
            Fact {
                label: "Who says yes".into(),
                value: vec![
                    Inline::Person { id: id("otto.hahn"), name: "Otto Hahn".into() },
                    Inline::Text { text: ", because he manages you".into() },
                ],
            },
        ];
        card.body = vec![
            Section::Quote { by: "You".into(), text: words.into() },
            Self::factors(),
            Section::Choices {
                lead: "Or did you mean".into(),
                options: vec![Choice {
                    title: "Sales reports EMEA: edit".into(),
                    detail: "Wider: also lets you change the reports others see.".into(),
                    token: self.token(Verb::Choose, subject, 1),
                }],
            },
        ];
        match filed {
            None => {
                card.badge = Some(Badge { word: "Not asked for yet".into(), tone: Tone::Neutral });
                let mut end = self.button(Verb::SetEnd, "Change the end", Style::Plain, subject);
                end.form = Some(Form {
                    title: "Until when do you need it?".into(),
                    inputs: vec![Input {
                        id: "until".into(),
                        label: "Until".into(),
                        required: true,
                        max: 100,
                        value: String::new(),
                        kind: InputKind::Time,
                    }],
                    send: "Change".into(),
                });
                let mut drop = self.button(Verb::Discard, "Drop it", Style::Danger, subject);
                drop.confirm = Some("Drop this draft? Nothing has been asked for yet.".into());
                card.actions = vec![self.button(Verb::Submit, "Submit", Style::Primary, subject), end, drop];
            }
            Some(request) => {
                card.revision = 1;
                card.badge = Some(Badge { word: "Filed".into(), tone: Tone::Info });
                card.footer = Some(vec![Inline::Link { text: request.short(), path: format!("/requests/{request}") }]);
                card.body.pop();
            }
        }
        card
    }

    fn request_card(&self, asked: &Asked, view: View) -> Card {
        let name = self.directory.name(&asked.who);
        let subject = Subject::Request(asked.id);
        let mut card = Card::note(match view {
            View::Own => "Sales reports EMEA: read".to_owned(),
            View::Deciding => format!("{name} asks to read the sales reports EMEA"),
        });
        card.key = Some(CardKey { subject, view });
        card.revision = asked.revision;
        let (word, tone) = match asked.state {
            "pending" => ("Waiting for a yes", Tone::Info),
            "active" => ("Active", Tone::Good),
            "denied" => ("Denied", Tone::Danger),
            _ => ("Given back", Tone::Neutral),
        };
        card.badge = Some(Badge { word: word.into(), tone });
        card.facts = vec![
            Fact { label: "Who".into(), value: vec![Inline::Person { id: asked.who.clone(), name }] },
            Fact { label: "What".into(), value: vec![Inline::Code { text: "insight:sales-emea.read".into() }] },
            Fact { label: "Until".into(), value: text("Fri 27 Nov 2026, 23:59 CET") },
        ];
        if view == View::Deciding {
            card.facts.push(Fact { label: "Why you".into(), value: text("You are their manager.") });
        }
        card.body = vec![Section::Quote { by: "In their words".into(), text: asked.words.clone() }, Self::factors()];
        if !asked.note.is_empty() {
            card.body.push(Section::Para { text: text(asked.note.clone()) });
        }
        if view == View::Deciding && asked.state == "pending" {
            let mut deny = self.button(Verb::Deny, "Deny", Style::Danger, subject);
            deny.form = Some(Form {
                title: "Deny, and say why".into(),
                inputs: vec![Input {
                    id: "reason".into(),
                    label: "Reason, shown to whoever asked".into(),
                    required: true,
                    max: 500,
                    value: String::new(),
                    kind: InputKind::Lines,
                }],
                send: "Deny".into(),
            });
            let mut shorter = self.button(Verb::ApproveShorter, "Approve for less time", Style::Plain, subject);
            shorter.form = Some(Form {
                title: "Until when is it all right?".into(),
                inputs: vec![Input {
                    id: "until".into(),
                    label: "Until".into(),
                    required: true,
                    max: 100,
                    value: "Wednesday".into(),
                    kind: InputKind::Time,
                }],
                send: "Approve until then".into(),
            });
            card.actions = vec![self.button(Verb::Approve, "Approve", Style::Primary, subject), shorter, deny];
        }
        if view == View::Own && asked.state == "active" {
            let mut back = self.button(Verb::GiveBack, "Give it back", Style::Plain, subject);
            back.confirm = Some("Give this access back now?".into());
            card.actions = vec![back];
        }
        card
    }

    fn fail(kind: DeskErrorKind, said: &str, next: &str) -> DeskError {
        DeskError { kind, said: said.into(), next: next.into(), reference: String::new(), fresh: None }
    }

    fn not_found() -> DeskError {
        Self::fail(
            DeskErrorKind::NotFound,
            "There is no such request, or it is not yours to see.",
            "Look in My access.",
        )
    }

    fn put(
        book: &mut Book,
        who: &PersonId,
        on: Surface,
        author: Author,
        words: Option<&str>,
        key: Option<CardKey>,
        card: Option<Card>,
    ) {
        book.next += 1;
        let mut bytes = [0; 16];
        bytes[15] = book.next;
        let entry = (MessageId::from_bytes(bytes), author, words.map(str::to_owned), key, card);
        book.said.entry((who.clone(), on)).or_default().push(entry);
    }

    fn drawn(&self, book: &Book, who: &PersonId, key: CardKey) -> Option<Card> {
        match key.subject {
            Subject::Draft(draft) => {
                let (owner, words, filed) = book.drafts.get(&draft).filter(|(owner, _, _)| owner == who)?;
                let _ = owner;
                Some(self.draft_card(draft, words, *filed))
            }
            Subject::Request(request) => {
                let asked = book.asked.iter().find(|a| a.id == request)?;
                (asked.who == *who || asked.manager.as_ref() == Some(who)).then(|| self.request_card(asked, key.view))
            }
            _ => None,
        }
    }

    fn tell(&self, people: Vec<PersonId>) {
        let _ = self.changes.send(Change { people });
    }
}

#[async_trait]
impl Desk for FakeDesk {
    async fn say(&self, who: &PersonId, on: Surface, words: &str, once: Option<&str>) -> Result<Reply, DeskError> {
        let mut book = self.book.lock().unwrap();
        if let Some(once) = once
            && !book.once.insert(format!("{who}:{once}"))
        {
            return Ok(Reply::default());
        }
        if words.contains("too much") {
            return Err(Self::fail(DeskErrorKind::Unavailable, "The desk is <b>closed</b>.", "Come back later."));
        }
        Self::put(&mut book, who, on, Author::Person, Some(words), None, None);
        let card = if words.contains("need") {
            let mut bytes = [9; 16];
            bytes[15] = book.next;
            let draft = DraftId::from_bytes(bytes);
            book.drafts.insert(draft, (who.clone(), words.to_owned(), None));
            let card = self.draft_card(draft, words, None);
            Self::put(&mut book, who, on, Author::Claviger, None, card.key, None);
            card
        } else {
            let card = Card::note("That I did not understand")
                .para("Say what you need, until when and what for. Or ask what you have, or who gives something.");
            Self::put(&mut book, who, on, Author::Claviger, None, None, Some(card.clone()));
            card
        };
        drop(book);
        self.tell(vec![who.clone()]);
        Ok(Reply {
            conversation: Some(ConversationId::from_bytes([1; 16])),
            cards: vec![card],
            understanding: serde_json::Value::Null,
        })
    }

    async fn click(
        &self,
        who: &PersonId,
        on: Surface,
        token: &ActionToken,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Reply, DeskError> {
        let action = self.key.open(token, self.clock.now()).map_err(|_| {
            Self::fail(DeskErrorKind::BadButton, "That button was not made here or is too old.", "Load the page again.")
        })?;
        let mut book = self.book.lock().unwrap();
        let mut told = vec![who.clone()];
        let reply = match (action.verb, action.subject) {
            (Verb::Submit, Subject::Draft(draft)) => {
                let mut bytes = [4; 16];
                bytes[15] = u8::try_from(book.asked.len()).unwrap();
                let request = RequestId::from_bytes(bytes);
                let entry =
                    book.drafts.get_mut(&draft).filter(|(owner, _, _)| owner == who).ok_or_else(Self::not_found)?;
                if entry.2.is_some() {
                    return Err(Self::fail(DeskErrorKind::Stale, "That was filed already.", "Nothing more to do."));
                }
                entry.2 = Some(request);
                let words = entry.1.clone();
                let manager = self.directory.get(who).and_then(|p| p.manager.clone());
                told.extend(manager.clone());
                let asked = Asked {
                    id: request,
                    who: who.clone(),
                    manager,
                    words,
                    state: "pending",
                    note: String::new(),
                    revision: 1,
                };
                let card = self.request_card(&asked, View::Own);
                book.asked.push(asked);
                Self::put(&mut book, who, on, Author::Claviger, None, card.key, None);
                card
            }
            (verb, Subject::Request(request)) => {
                let name = self.directory.name(who);
                let asked = book.asked.iter_mut().find(|a| a.id == request).ok_or_else(Self::not_found)?;
                let decides = asked.manager.as_ref() == Some(who);
                match verb {
                    Verb::Approve | Verb::ApproveShorter if decides && asked.state == "pending" => {
                        asked.state = "active";
                        asked.note = format!("{name} said yes.");
                    }
                    Verb::Deny if decides && asked.state == "pending" => {
                        asked.state = "denied";
                        asked.note = format!("{name} said no: {}", inputs.get("reason").cloned().unwrap_or_default());
                    }
                    Verb::GiveBack if asked.who == *who => asked.state = "ended",
                    _ if decides => {
                        let fresh = Box::new(self.request_card(asked, View::Deciding));
                        let mut error =
                            Self::fail(DeskErrorKind::Stale, "This was decided meanwhile.", "See how it stands now.");
                        error.fresh = Some(fresh);
                        return Err(error);
                    }
                    _ => return Err(Self::not_found()),
                }
                asked.revision += 1;
                told.push(asked.who.clone());
                told.extend(asked.manager.clone());
                Card::note(format!("Done: {}", asked.note))
            }
            _ => return Err(Self::fail(DeskErrorKind::Invalid, "That cannot be used.", "Try other words.")),
        };
        drop(book);
        self.tell(told);
        Ok(Reply { conversation: None, cards: vec![reply], understanding: serde_json::Value::Null })
    }

    async fn messages(&self, who: &PersonId, on: Surface, after: Option<MessageId>) -> Result<Vec<Shown>, DeskError> {
        let book = self.book.lock().unwrap();
        let all = book.said.get(&(who.clone(), on)).map_or(&[][..], Vec::as_slice);
        Ok(all
            .iter()
            .filter(|(id, ..)| after.is_none_or(|after| *id > after))
            .map(|(id, author, words, key, card)| Shown {
                id: *id,
                at: self.clock.now(),
                author: *author,
                words: words.clone(),
                card: card.clone().or_else(|| key.and_then(|key| self.drawn(&book, who, key))),
            })
            .collect())
    }

    async fn draw(&self, who: &PersonId, key: CardKey) -> Result<Card, DeskError> {
        self.drawn(&self.book.lock().unwrap(), who, key).ok_or_else(Self::not_found)
    }

    async fn inbox(&self, who: &PersonId) -> Result<Inbox, DeskError> {
        let book = self.book.lock().unwrap();
        let open = book.asked.iter().filter(|a| a.state == "pending" && a.manager.as_ref() == Some(who));
        Ok(Inbox { decisions: open.map(|a| self.request_card(a, View::Deciding)).collect(), tasks: Vec::new() })
    }

    async fn mine(&self, who: &PersonId) -> Result<Mine, DeskError> {
        let book = self.book.lock().unwrap();
        let own = || book.asked.iter().rev().filter(|a| a.who == *who);
        Ok(Mine {
            access: own().filter(|a| a.state == "active").map(|a| self.request_card(a, View::Own)).collect(),
            requests: own().map(|a| self.request_card(a, View::Own)).collect(),
        })
    }

    async fn request(&self, who: &PersonId, id: RequestId) -> Result<Card, DeskError> {
        let key = CardKey { subject: Subject::Request(id), view: View::Own };
        let mut card = self.draw(who, key).await?;
        let entry =
            |text_: &str| TimelineEntry { at: self.clock.now(), shown: "Mon 23 Nov, 11:00".into(), text: text(text_) };
        card.body.push(Section::Timeline { entries: vec![entry("Filed"), entry("The manager was asked")] });
        Ok(card)
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

#[async_trait]
impl DoorKeeper for FakeDesk {
    fn doors(&self) -> Vec<Door> {
        let door = |id: &str, title: &str, about: &str| Door {
            entitlement: EntitlementId::parse(id).unwrap(),
            title: title.into(),
            about: about.into(),
        };
        vec![
            door(
                "insight:sales-emea.read",
                "Sales reports EMEA: read",
                "Quarterly sales figures for Europe, the Middle East and Africa.",
            ),
            door("insight:reports/all", "All reports", "Every report there is."),
        ]
    }

    async fn may(&self, person: &PersonId, entitlement: &EntitlementId) -> bool {
        entitlement.as_str() == "insight:sales-emea.read"
            && self.book.lock().unwrap().asked.iter().any(|a| a.who == *person && a.state == "active")
    }
}
