//! A house on two platforms, held in one hand: people say and press things there, time passes, and what stands there can be looked at.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use claviger::app::data_dir::DataDir;
use claviger::app::house::{Parts, build_house};
use claviger::catalog::source::Source;
use claviger::domain::account::{Account, Posted};
use claviger::domain::action::{ActionToken, Subject};
use claviger::domain::card::{Card, Section};
use claviger::domain::clock::Clock as _;
use claviger::domain::conversation::Surface;
use claviger::domain::ids::PersonId;
use claviger::domain::posting::Standing as Stand;
use claviger::jobs::runner::Runner;
use claviger::ports::store::SharedStore;
use claviger::ports::surface::{Back, ChatDoor as _, ChatSurface, Incoming, Now, Standing, Taken, What};
use claviger::workflow::error::WorkflowError;
use claviger::workflow::handler::HouseJobs;
use claviger::workflow::house::{House, IdentityRules, Outside, StepUp};
use claviger::workflow::step_up::Weighs;
use claviger::workflow::surfaces::door::Door;
use claviger::workflow::surfaces::draw;
use claviger::workflow::surfaces::known::{GroupChannel, Surfaces};
use claviger::workflow::surfaces::people::People;
use jiff::SignedDuration;

use crate::bot::{HandClock, START, SeededEntropy, person};
use crate::platform::fake::{Fake, Stands, account, direct};

/// Accounts and whose they are: in tests the account's id is the person's, unless said otherwise here.
#[derive(Default)]
pub struct Table(pub Mutex<BTreeMap<Account, PersonId>>);

impl Table {
    pub fn link(&self, surface: Surface, id: &str, who: &str) {
        self.0.lock().unwrap().insert(account(surface, id), person(who));
    }
}

#[async_trait]
impl People for Table {
    async fn person_of(&self, _: &House, back: &Back, _: Option<Standing>) -> Result<PersonId, Box<Card>> {
        let known = self.0.lock().unwrap().get(&back.account).cloned();
        known.ok_or_else(|| Box::new(Card::note("I do not know who you are here")))
    }

    async fn accounts_of(&self, _: &House, who: &PersonId, on: Surface) -> Result<Vec<Account>, WorkflowError> {
        let all = self.0.lock().unwrap();
        Ok(all.iter().filter(|(a, p)| *p == who && a.surface == on).map(|(a, _)| a.clone()).collect())
    }
}

/// What several houses share: the platforms, the people, the clock, the keys.
#[derive(Clone)]
pub struct Ground {
    pub slack: Arc<Fake>,
    pub teams: Arc<Fake>,
    pub table: Arc<Table>,
    pub clock: Arc<HandClock>,
    pub channels: Vec<GroupChannel>,
    /// A house without database and platforms, to be copied: the catalog is read once.
    base: Arc<House>,
    _folder: Arc<tempfile::TempDir>,
}

impl Ground {
    pub async fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = DataDir::open(folder.path()).unwrap();
        let clock = HandClock::at(START);
        let parts = Parts {
            source: Source::Example,
            vendors: Vec::new(),
            model: None,
            prompts: None,
            step_up: StepUp::Demo,
            // Weighty decisions are clicks here, too; `identity.rs` and its neighbours try the confirmation.
            outside: Outside {
                identity: IdentityRules { step_up: Weighs::none(), ..IdentityRules::default() },
                ..Outside::default()
            },
            clock: clock.clone(),
        };
        let nowhere = claviger::store::open::open_memory().await.unwrap();
        let base = build_house(parts, nowhere, &data).unwrap().house;
        let (slack, teams) = (Fake::new(Surface::Slack), Fake::new(Surface::Teams));
        Self { slack, teams, table: Arc::default(), clock, channels: Vec::new(), base, _folder: folder }
    }

    /// The same company with fresh platforms.
    pub fn again(&self) -> Self {
        let (slack, teams) = (Fake::new(Surface::Slack), Fake::new(Surface::Teams));
        Self { slack, teams, ..self.clone() }
    }

    /// Gives people accounts: `ana.kovac` on Slack has the id `ana.kovac` there.
    pub fn with(self, accounts: &[(Surface, &str)]) -> Self {
        for (surface, who) in accounts {
            self.table.link(*surface, who, who);
        }
        self
    }

    pub fn fake(&self, surface: Surface) -> &Arc<Fake> {
        if surface == Surface::Slack { &self.slack } else { &self.teams }
    }
}

/// One process of it.
pub struct Town {
    pub ground: Ground,
    pub house: Arc<House>,
    pub door: Door,
    pub runner: Runner,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Town {
    /// A process over a database.
    pub fn over(ground: &Ground, store: SharedStore) -> Self {
        let platforms: Vec<Arc<dyn ChatSurface>> = vec![ground.slack.clone(), ground.teams.clone()];
        let surfaces = Surfaces::new(platforms, ground.table.clone(), ground.channels.clone());
        let (wake, changes) = (Arc::default(), tokio::sync::broadcast::channel(64).0);
        Self::of(ground, Arc::new(House { store, surfaces, wake, changes, ..House::clone(&ground.base) }))
    }

    /// A process of this house.
    pub fn of(ground: &Ground, house: Arc<House>) -> Self {
        let seed = u64::from(NUMBER.fetch_add(1, Ordering::Relaxed));
        let runner = Runner::new(
            Arc::clone(&house.store),
            Arc::new(HouseJobs(Arc::clone(&house))),
            ground.clock.clone(),
            Arc::new(SeededEntropy::new(seed)),
        );
        Self { ground: ground.clone(), door: Door(Arc::clone(&house)), house, runner }
    }

    /// Something said or pressed in private.
    pub fn incoming(surface: Surface, id: &str, what: What) -> Incoming {
        let account = account(surface, id);
        let once = format!("delivery {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let back = Back { place: direct(&account), account, ticket: Some("ticket".into()) };
        Incoming { once, back, private: true, standing: None, what }
    }

    /// Somebody's delivery is taken, acknowledged and dealt with.
    pub async fn deliver(&self, incoming: &Incoming) -> Now {
        match self.door.take(incoming).await.unwrap() {
            Taken::New => self.door.deal(incoming).await,
            Taken::Before => Now::Nothing,
        }
    }

    /// Somebody says something in private, and everything that follows happens.
    pub async fn say(&self, surface: Surface, who: &str, words: &str) -> Now {
        let now = self.deliver(&Self::incoming(surface, who, What::Said { words: words.into() })).await;
        self.settle().await;
        now
    }

    /// What somebody sees with a button of this label on it, newest first; and that button's token.
    pub fn button(&self, surface: Surface, who: &str, label: &str) -> Option<(Stands, ActionToken)> {
        let stands = self.ground.fake(surface).direct_of(who);
        stands.into_iter().rev().find_map(|s| Some((s.clone(), token(&s.card, label)?)))
    }

    /// Pressing a button in private, as a delivery.
    pub fn pressed(surface: Surface, who: &str, on: &Stands, token: &ActionToken, fields: &[(&str, &str)]) -> Incoming {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let on = Some(Posted { place: on.place.clone(), message: on.id.clone() });
        Self::incoming(surface, who, What::Clicked { token: token.clone(), fields, on })
    }

    /// Somebody presses a button in private, and everything that follows happens.
    pub async fn press(&self, surface: Surface, who: &str, label: &str, fields: &[(&str, &str)]) -> Now {
        let (on, token) = self.button(surface, who, label).unwrap_or_else(|| {
            let stands = self.ground.fake(surface).direct_of(who);
            let seen: Vec<_> = stands.iter().map(|s| (&s.card.headline, labels(&s.card))).collect();
            panic!("{who} sees no “{label}” on {}: {seen:#?}", surface.name())
        });
        let now = self.deliver(&Self::pressed(surface, who, &on, &token, fields)).await;
        self.settle().await;
        now
    }

    /// Everything that is due happens.
    pub async fn settle(&self) {
        self.runner.run_due_once().await.unwrap();
    }

    /// Time passes, with everything that is due on the way.
    pub async fn pass(&self, by: SignedDuration) {
        self.ground.clock.advance(by);
        self.runner.sweep().await;
        self.settle().await;
    }

    /// Time passes until nothing lags any more.
    pub async fn calm(&self) {
        for _ in 0..100 {
            if self.house.store.lag().await.unwrap().is_empty() {
                return;
            }
            self.pass(SignedDuration::from_secs(61)).await;
        }
        panic!("after a hundred minutes something still lags: {:?}", self.house.store.lag().await.unwrap());
    }

    /// Everything that stands there shows how things are: the last revision, no button that is dead, nothing twice.
    pub async fn all_is_right(&self) {
        let store = &self.house.store;
        assert_eq!(store.lag().await.unwrap(), Vec::new());
        assert_eq!(store.undealt(self.ground.clock.now()).await.unwrap(), 0);
        for fake in [&self.ground.slack, &self.ground.teams] {
            let stands = fake.world.lock().unwrap().stands.clone();
            assert_eq!(fake.world.lock().unwrap().doubled, 0, "posted twice");
            for s in &stands {
                let posting = store.posting_on(fake.surface(), &s.place, &s.id).await.unwrap();
                let posting = posting.unwrap_or_else(|| panic!("nobody knows of “{}”", s.card.headline));
                if posting.standing == Stand::Gone {
                    continue;
                }
                assert!(s.revisions.is_sorted(), "{:?} went back: {}", s.revisions, s.card.headline);
                let Some(drawing) = draw::draw(&self.house, &posting).await.unwrap() else { continue };
                if matches!(posting.key().map(|key| key.subject), Some(Subject::Draft(_))) {
                    // What a draft's card says of how it would go is as of when it was shown; its buttons are what has to be right.
                    assert_eq!(labels(&s.card), labels(&drawing.card), "{}", s.card.headline);
                } else {
                    let digest = |card: &Card| draw::digest(&self.house, fake.as_ref(), card);
                    assert_eq!(digest(&drawing.card), digest(&s.card), "{:#?}\nis not\n{:#?}", s.card, drawing.card);
                }
                for button in &s.card.actions {
                    let open = self.house.tokens.open(&button.token, self.ground.clock.now());
                    assert!(open.is_ok(), "“{}” on “{}” is dead", button.label, s.card.headline);
                }
            }
        }
        let dead = store.dead().await.unwrap();
        assert!(dead.is_empty(), "jobs were given up: {dead:?}");
    }
}

/// The token of a button or choice.
pub fn token(card: &Card, label: &str) -> Option<ActionToken> {
    let button = card.actions.iter().find(|b| b.label == label).map(|b| b.token.clone());
    let choice = card.body.iter().find_map(|s| match s {
        Section::Choices { options, .. } => options.iter().find(|o| o.title == label).map(|o| o.token.clone()),
        _ => None,
    });
    button.or(choice)
}

/// What can be pressed on a card.
pub fn labels(card: &Card) -> Vec<&str> {
    card.actions.iter().map(|b| b.label.as_str()).collect()
}

/// The headlines of what stands there, in order.
pub fn headlines(stands: &[Stands]) -> Vec<&str> {
    stands.iter().map(|s| s.card.headline.as_str()).collect()
}
