//! The whole program with a hand-set clock and seeded randomness: conversations as people have them. Nothing is mocked but time: the
//! database, the rules, the interpreter, the connectors and the job queue are the product's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use claviger::app::data_dir::DataDir;
use claviger::app::house::{Built, Parts, build_house};
use claviger::catalog::source::Source;
use claviger::connectors::local::LocalDoors;
use claviger::domain::action::{ActionToken, Subject};
use claviger::domain::card::{Card, CardKey, Section, View};
use claviger::domain::clock::{Clock, Entropy};
use claviger::domain::conversation::{MessageBody, Surface};
use claviger::domain::ids::{EntitlementId, PersonId};
use claviger::domain::inquiry::Matter;
use claviger::jobs::runner::Runner;
use claviger::ports::desk::{Desk, DeskError, Reply};
use claviger::ports::store::{GrantQuery, RequestQuery, SharedStore};
use claviger::workflow::change::Change;
use claviger::workflow::converse::Table;
use claviger::workflow::desk::FrontDesk;
use claviger::workflow::handler::HouseJobs;
use claviger::workflow::house::{House, Outside, StepUp};
use claviger::workflow::inquiries::{self, Given};
use claviger::workflow::news;
use jiff::{SignedDuration, Timestamp};

/// A clock set by hand.
pub struct HandClock(Mutex<Timestamp>);

impl HandClock {
    pub fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().unwrap())))
    }

    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Randomness that is the same in every run.
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // SplitMix64 (Steele, Lea and Flood 2014): plenty for ids in tests.
        let mut state = self.0.lock().unwrap();
        for byte in buffer {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (z ^ (z >> 31)) as u8;
        }
    }
}

/// What was counted while words were said. But for the turns, none of it may ever be more than nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Messages that were answered.
    pub turns: usize,
    /// Entitlements named in an understanding that the catalog does not hold.
    pub ungrounded: usize,
    /// Requests and grants that came of words, without a click.
    pub filed: usize,
}

/// The program, held in one hand.
pub struct TestBot {
    pub house: Arc<House>,
    pub desk: FrontDesk,
    pub clock: Arc<HandClock>,
    pub doors: Arc<LocalDoors>,
    runner: Runner,
    said: Mutex<Said>,
    last: Mutex<BTreeMap<PersonId, Vec<Card>>>,
    _folder: tempfile::TempDir,
}

/// Saturday morning in Europe, like the day the example company was written for.
pub const START: &str = "2026-11-18T09:00:00Z";

impl TestBot {
    /// On a fresh SQLite database in memory.
    pub async fn start() -> Self {
        Self::with(claviger::store::open::open_memory().await.unwrap(), Vec::new(), None)
    }

    /// On a database that exists, with vendors' catalogs beside the example company's and a language model reading along, where given.
    pub fn with(
        store: SharedStore,
        vendors: Vec<std::path::PathBuf>,
        model: Option<Arc<dyn claviger::ports::language_model::LanguageModel>>,
    ) -> Self {
        Self::built(store, vendors, model, Outside::default(), |_| {})
    }

    /// On a fresh database, with desks outside, and the house changed before it opens.
    pub async fn with_outside(outside: Outside, change: impl FnOnce(&mut House)) -> Self {
        let store = claviger::store::open::open_memory().await.unwrap();
        Self::built(store, Vec::new(), None, outside, change)
    }

    /// On a database that exists, with desks outside.
    pub fn over_with(store: SharedStore, outside: Outside) -> Self {
        Self::built(store, Vec::new(), None, outside, |_| {})
    }

    fn built(
        store: SharedStore,
        vendors: Vec<std::path::PathBuf>,
        model: Option<Arc<dyn claviger::ports::language_model::LanguageModel>>,
        outside: Outside,
        change: impl FnOnce(&mut House),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let clock = HandClock::at(START);
        let parts = Parts {
            source: Source::Example,
            vendors,
            model,
            prompts: None,
            step_up: StepUp::Demo,
            outside,
            clock: clock.clone(),
        };
        let Built { house, doors } = build_house(parts, store, &data).unwrap();
        let mut house = Arc::into_inner(house).unwrap();
        change(&mut house);
        let house = Arc::new(house);
        let runner = Runner::new(
            Arc::clone(&house.store),
            Arc::new(HouseJobs(Arc::clone(&house))),
            clock.clone(),
            Arc::new(SeededEntropy::new(7)),
        );
        let desk = FrontDesk(Arc::clone(&house));
        Self { house, desk, clock, doors, runner, said: Mutex::default(), last: Mutex::default(), _folder: folder }
    }

    /// Somebody says something; the cards that come back, or the refusal.
    pub async fn try_say(&self, who: &str, words: &str) -> Result<Reply, DeskError> {
        let who = person(who);
        let before = self.filed().await;
        let reply = self.desk.say(&who, Surface::Web, words, None).await;
        let after = self.filed().await;
        {
            let mut said = self.said.lock().unwrap();
            said.filed += after.saturating_sub(before);
            if let Ok(reply) = &reply {
                said.turns += 1;
                said.ungrounded += self.ungrounded(&reply.understanding);
            }
        }
        let reply = reply?;
        self.last.lock().unwrap().insert(who, reply.cards.clone());
        Ok(reply)
    }

    /// What was counted so far.
    pub fn said(&self) -> Said {
        *self.said.lock().unwrap()
    }

    /// How many requests and grants there are.
    async fn filed(&self) -> usize {
        let store = &self.house.store;
        let grants = store.grants(&GrantQuery { limit: 100_000, ..GrantQuery::default() }).await.unwrap().len();
        usize::try_from(store.count_requests(&RequestQuery::default()).await.unwrap()).unwrap() + grants
    }

    /// How many entitlements an understanding names that do not exist.
    fn ungrounded(&self, understanding: &serde_json::Value) -> usize {
        let asks = understanding["asks"].as_array().into_iter().flatten();
        let named = asks.flat_map(|ask| ask["candidates"].as_array().into_iter().flatten());
        let exists = |id: &str| id.parse().is_ok_and(|id| self.house.catalog.entitlement(&id).is_some());
        named.filter(|candidate| !exists(candidate["entitlement"].as_str().unwrap())).count()
    }

    /// What was asked for, and everything that was decided about it: scores with their contributions, routes with their people.
    pub async fn decided(&self) -> Vec<String> {
        let all = RequestQuery { limit: 100_000, ..RequestQuery::default() };
        let requests = self.house.store.requests(&all).await.unwrap();
        let mut decided: Vec<String> = requests
            .iter()
            .map(|r| {
                let (content, decision) = (&r.content, &r.decision);
                format!(
                    "{} {} {:?} {}",
                    content.beneficiary,
                    content.entitlement,
                    content.window,
                    serde_json::json!({ "assessment": decision.assessment, "verdict": decision.verdict, "route": decision.route })
                )
            })
            .collect();
        decided.sort();
        decided
    }

    /// Somebody says something and is answered.
    pub async fn say(&self, who: &str, words: &str) -> Vec<Card> {
        self.try_say(who, words).await.unwrap_or_else(|e| panic!("{who} said “{words}”: {e:?}")).cards
    }

    /// Somebody presses the button of this label on the last card they were shown.
    pub async fn press(&self, who: &str, label: &str) -> Vec<Card> {
        self.fill(who, label, &[]).await
    }

    /// The same with a form filled in.
    pub async fn fill(&self, who: &str, label: &str, fields: &[(&str, &str)]) -> Vec<Card> {
        let cards =
            self.try_fill(who, label, fields).await.unwrap_or_else(|e| panic!("{who} pressed “{label}”: {e:?}"));
        self.settle().await;
        cards
    }

    /// The same, where a refusal is expected.
    pub async fn try_fill(&self, who: &str, label: &str, fields: &[(&str, &str)]) -> Result<Vec<Card>, DeskError> {
        let who = person(who);
        let token = self.token(&who, label);
        self.click(&who, &token, fields).await
    }

    /// Presses a button by its token.
    pub async fn click(
        &self,
        who: &PersonId,
        token: &ActionToken,
        fields: &[(&str, &str)],
    ) -> Result<Vec<Card>, DeskError> {
        let inputs = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let reply = self.desk.click(who, Surface::Web, token, &inputs).await?;
        self.last.lock().unwrap().insert(who.clone(), reply.cards.clone());
        Ok(reply.cards)
    }

    /// The token of the button of this label on the last cards shown.
    pub fn token(&self, who: &PersonId, label: &str) -> ActionToken {
        let last = self.last.lock().unwrap();
        let cards = last.get(who).unwrap_or_else(|| panic!("{who} was shown nothing"));
        cards
            .iter()
            .rev()
            .flat_map(|c| c.actions.iter())
            .find(|b| b.label == label)
            .unwrap_or_else(|| panic!("{who} sees no button “{label}” on {cards:#?}"))
            .token
            .clone()
    }

    /// What waits for somebody: requests first, then tasks. They become the last cards shown.
    pub async fn inbox(&self, who: &str) -> Vec<Card> {
        let who = person(who);
        let inbox = self.desk.inbox(&who).await.unwrap();
        let cards: Vec<Card> = inbox.decisions.into_iter().chain(inbox.tasks).collect();
        self.last.lock().unwrap().insert(who, cards.clone());
        cards
    }

    /// What somebody has and asked for. They become the last cards shown.
    pub async fn mine(&self, who: &str) -> (Vec<Card>, Vec<Card>) {
        let who = person(who);
        let mine = self.desk.mine(&who).await.unwrap();
        let all = mine.access.iter().chain(&mine.requests).cloned().collect();
        self.last.lock().unwrap().insert(who, all);
        (mine.access, mine.requests)
    }

    /// Headlines of everything said to somebody, oldest first.
    pub async fn heard(&self, who: &str) -> Vec<String> {
        let shown = self.desk.messages(&person(who), Surface::Web, None).await.unwrap();
        shown.into_iter().filter_map(|s| s.card.map(|c| c.headline)).collect()
    }

    /// The last card said to somebody, as it stands now.
    pub async fn desk_last(&self, who: &str) -> Card {
        let shown = self.desk.messages(&person(who), Surface::Web, None).await.unwrap();
        shown.into_iter().rev().find_map(|s| s.card).unwrap()
    }

    /// A ticket as somebody sees it, where they may.
    pub async fn desk_draw_ticket(&self, who: &str, id: claviger::domain::ids::TicketId) -> Result<Card, DeskError> {
        let key = CardKey { subject: Subject::Ticket(id), view: View::Own };
        self.desk.draw(&person(who), key).await
    }

    /// Makes this the last card somebody was shown.
    pub fn show(&self, who: &str, card: Card) {
        self.last.lock().unwrap().insert(person(who), vec![card]);
    }

    /// An answer of the helpdesk, recorded as its use case records it.
    pub async fn answered(&self, who: &str, matter: Matter, evidence: Vec<String>) -> Card {
        let who = person(who);
        let conversation = news::conversation(&self.house, &who, Surface::Web).await.unwrap();
        let mut change = Change::by_person(&self.house, &who);
        let text = change.text(&who, "why was I locked out?");
        let mut table = Table {
            house: &self.house,
            who: &who,
            words: "why was I locked out?",
            conversation,
            said: Vec::new(),
            ending: Vec::new(),
            text: text.id,
            commitment: text.commitment,
            change,
        };
        inquiries::answer(&mut table, Card::note("You were locked out"), Given::new(matter, evidence)).unwrap();
        let Table { mut conversation, said, mut change, .. } = table;
        conversation.version += 1;
        change.conversation(conversation);
        change.commit().await.unwrap();
        match said.into_iter().next_back() {
            Some(MessageBody::Said { card }) => *card,
            other => panic!("{other:?}"),
        }
    }

    /// Everything that is due happens.
    pub async fn settle(&self) {
        self.runner.run_due_once().await.unwrap();
    }

    /// Time passes, then everything that is due happens.
    pub async fn pass(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Whether the demo's door opens.
    pub fn door(&self, who: &str, entitlement: &EntitlementId) -> bool {
        self.doors.may(&person(who), entitlement, self.clock.now()).unwrap()
    }

    /// The entitlement with this title.
    pub fn entitlement(&self, title: &str) -> EntitlementId {
        let found = self.house.catalog.entitlements.values().find(|e| e.title == title);
        found.unwrap_or_else(|| panic!("no entitlement is called “{title}”")).id.clone()
    }

    /// Nothing is left undone and nothing went wrong.
    pub async fn is_at_rest(&self) {
        let dead = self.house.store.dead().await.unwrap();
        assert!(dead.is_empty(), "jobs were given up: {dead:?}");
        let due = self.house.store.next_due().await.unwrap();
        assert!(due.is_none_or(|at| at > self.clock.now()), "something is still due at {due:?}");
        self.is_on_record().await;
    }
}

impl TestBot {
    /// What happened is signed, proves itself, and every decision in it comes out the same again.
    async fn is_on_record(&self) {
        let keeper = claviger::app::record::Keeper::new(crate::audit::key());
        keeper.checkpoint(self.house.store.as_ref()).await.unwrap();
        let proved = claviger::app::verify::examine(self.house.store.as_ref(), keeper.public(), Vec::new()).await;
        assert!(proved.is_sound(), "{:#?}", proved.faults);
        let said = self.said();
        assert_eq!((said.ungrounded, said.filed), (0, 0), "words alone did something");
        let again = claviger::app::replay::replay(self.house.store.as_ref()).await.unwrap();
        assert_eq!(again.identical, again.decisions, "{:#?}", again.differences);
    }
}

/// A person by id.
pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// The value of a fact, as plain words.
pub fn fact(card: &Card, label: &str) -> String {
    let fact = card.facts.iter().find(|f| f.label == label).unwrap_or_else(|| panic!("no fact “{label}” on {card:#?}"));
    fact.value.iter().map(|i| i.plain()).collect()
}

/// The score on a card and its first bar's factor.
pub fn score(card: &Card) -> (u8, String) {
    card.body
        .iter()
        .find_map(|s| match s {
            Section::Factors { score, bars, .. } => {
                Some((*score, bars.first().map(|b| b.factor.clone()).unwrap_or_default()))
            }
            _ => None,
        })
        .unwrap_or_else(|| panic!("no score on {card:#?}"))
}

/// The word on a card's badge.
pub fn badge(card: &Card) -> &str {
    card.badge.as_ref().map_or("", |b| b.word.as_str())
}
