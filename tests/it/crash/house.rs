//! The whole journey on the whole program: two people ask in their own words, one is decided by the rules and one by her manager, both
//! get their access, one gives it back and the other's ends by itself. Only time and the target system are the test's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use claviger::app::data_dir::DataDir;
use claviger::app::house::{Parts, build_house};
use claviger::audit::key::SecretKey;
use claviger::audit::verify::{Kept, Verifier};
use claviger::catalog::source::Source;
use claviger::domain::card::Card;
use claviger::domain::clock::Clock as _;
use claviger::domain::conversation::Surface;
use claviger::domain::event::Stream;
use claviger::domain::ids::PersonId;
use claviger::domain::request::Request;
use claviger::jobs::runner::Runner;
use claviger::ports::connector::Connector;
use claviger::ports::desk::Desk as _;
use claviger::ports::store::{
    Conversations as _, GrantQuery, Jobs as _, Record as _, RequestQuery, Requests as _, SharedStore,
};
use claviger::store::database::Database;
use claviger::store::open::{Prepare, open_sqlite};
use claviger::workflow::desk::FrontDesk;
use claviger::workflow::handler::HouseJobs;
use claviger::workflow::house::{House, Outside, StepUp};
use jiff::SignedDuration;

use crate::bot::{START, person};
use crate::crash::harness::{DOWN, LastingClock, ProcessEntropy};
use crate::crash::store::{Aborts, CrashingStore};
use crate::crash::target::{Target, effects};

const WORDS: &str = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
/// Decided by the rules; her access ends by itself.
const ANA: &str = "ana.kovac";
/// Decided by her manager; she gives her access back.
const MIRA: &str = "mira.okafor";

/// The program after a start, on what the one before it left.
struct Program {
    house: Arc<House>,
    desk: FrontDesk,
    runner: Runner,
    clock: Arc<LastingClock>,
}

impl Program {
    async fn start(folder: &Path) -> Self {
        let data = DataDir::open(&folder.join("data")).unwrap();
        let database = open_sqlite(&data.database(), Prepare::Migrate).await.unwrap();
        let store: SharedStore = Arc::new(CrashingStore(database, Arc::new(Aborts)));
        let clock = Arc::new(LastingClock::wake(folder, START.parse().unwrap()));
        let parts = Parts {
            source: Source::Example,
            vendors: Vec::new(),
            model: None,
            prompts: None,
            step_up: StepUp::Demo,
            outside: Outside::default(),
            clock: clock.clone(),
        };
        let built = build_house(parts, store.clone(), &data).unwrap();
        let mut house = Arc::into_inner(built.house).unwrap();
        for (id, connector) in &mut house.connectors {
            let target: Arc<dyn Connector> = Arc::new(Target::new(id.as_str(), folder, clock.clone()));
            *connector = target;
        }
        let house = Arc::new(house);
        let jobs = Arc::new(HouseJobs(house.clone()));
        let runner = Runner::new(store, jobs, clock.clone(), Arc::new(ProcessEntropy(0.into())));
        Self { desk: FrontDesk(house.clone()), house, runner, clock }
    }

    async fn request(&self, who: &str) -> Option<Request> {
        let theirs = RequestQuery { requester: Some(person(who)), ..RequestQuery::default() };
        self.house.store.requests(&theirs).await.unwrap().pop()
    }

    async fn settle(&self) {
        self.runner.run_due_once().await.unwrap();
    }

    /// Presses the button of this label on the last of these cards that has one; `false` where none has.
    async fn press(&self, who: &PersonId, cards: &[Card], label: &str) -> bool {
        let Some(button) = cards.iter().rev().flat_map(|c| &c.actions).find(|b| b.label == label) else { return false };
        let said = self.desk.click(who, Surface::Web, &button.token, &BTreeMap::new()).await;
        said.unwrap_or_else(|error| panic!("{who} pressed {label}: {error:?}"));
        true
    }

    /// Asks, unless she has; files what was read back, unless she has.
    async fn ask(&self, who: &str) {
        let id = person(who);
        for _ in 0..2 {
            if self.request(who).await.is_some() {
                return;
            }
            let shown = self.desk.messages(&id, Surface::Web, None).await.unwrap();
            let cards: Vec<Card> = shown.into_iter().filter_map(|s| s.card).collect();
            if !self.press(&id, &cards, "Submit").await {
                // The surface delivers a message again that was not acknowledged; it has the same id.
                self.desk.say(&id, Surface::Web, WORDS, Some(&format!("message of {who}"))).await.unwrap();
            }
        }
        assert!(self.request(who).await.is_some(), "{who} asked and cannot file");
    }
}

/// Goes on from wherever things stand to the end.
pub async fn travel(folder: &Path) {
    let program = Program::start(folder).await;
    program.runner.sweep().await;
    program.settle().await;
    program.ask(ANA).await;
    program.ask(MIRA).await;
    program.settle().await;
    let asked = program.request(MIRA).await.unwrap();
    if let Some((_, step)) = asked.open_step() {
        let manager = step.candidates[0].person.clone();
        let inbox = program.desk.inbox(&manager).await.unwrap();
        assert!(program.press(&manager, &inbox.decisions, "Approve").await, "{inbox:?}");
        program.settle().await;
    }
    // Where she has pressed it already and the process was killed before the door was closed, the job does the rest.
    let held = GrantQuery { beneficiary: Some(person(MIRA)), open: true, ..GrantQuery::default() };
    let held = program.house.store.grants(&held).await.unwrap();
    if held.iter().any(|grant| grant.state.name() == "active") {
        let access = program.desk.mine(&person(MIRA)).await.unwrap().access;
        assert!(program.press(&person(MIRA), &access, "I'm done with it").await, "{access:?}");
        program.settle().await;
    }
    while !program.request(ANA).await.unwrap().state.is_final() {
        program.clock.set(program.house.store.next_due().await.unwrap().unwrap_or(program.clock.now() + DOWN));
        program.settle().await;
        program.runner.sweep().await;
    }
    program.settle().await;
}

/// What a journey leaves for people and in the record: what the uninterrupted one leaves, every other has to leave, too.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    events: BTreeMap<&'static str, Vec<String>>,
    log_size: u64,
    messages: BTreeMap<PersonId, Vec<String>>,
}

async fn left(store: &Database) -> Left {
    let mut events = BTreeMap::new();
    let mut people = vec![person(ANA), person(MIRA)];
    for who in [ANA, MIRA] {
        let theirs = RequestQuery { requester: Some(person(who)), ..RequestQuery::default() };
        let requests = store.requests(&theirs).await.unwrap();
        assert_eq!(requests.len(), 1, "one request each");
        let request = &requests[0];
        assert_eq!(request.state.name(), "ended");
        let grant = request.grant().unwrap();
        let mut names = Vec::new();
        for stream in [Stream::Request(request.id), Stream::Grant(grant)] {
            for stored in store.events_of(&stream).await.unwrap() {
                let body = serde_json::to_value(&stored.event.body).unwrap();
                names.push(body["what"]["event"].as_str().unwrap().to_owned());
            }
        }
        events.insert(who, names);
        let steps = request.decision.route.outcome.steps();
        people.extend(steps.iter().flat_map(|s| s.candidates.iter().map(|c| c.person.clone())));
    }
    let mut messages = BTreeMap::new();
    for who in people {
        let Some(conversation) = store.conversation_of(&who, Surface::Web).await.unwrap() else { continue };
        let said = store.messages(conversation.id, None).await.unwrap();
        let kinds = said.iter().map(|m| {
            let body = serde_json::to_value(&m.body).unwrap();
            format!("{} {} {}", body["is"], body["key"]["subject"]["of"], body["card"]["headline"])
        });
        messages.insert(who, kinds.collect());
    }
    Left { events, log_size: store.log_size().await.unwrap(), messages }
}

/// Nothing is lost, nothing was done twice, and no access outlived its end.
pub fn check(folder: &Path, kills: usize) {
    static UNINTERRUPTED: OnceLock<Left> = OnceLock::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let data = DataDir::open(&folder.join("data")).unwrap();
        let store = open_sqlite(&data.database(), Prepare::AsItIs).await.unwrap();
        let here = left(&store).await;
        assert_eq!(*UNINTERRUPTED.get_or_init(|| here), left(&store).await);

        let held = store.held().await.unwrap();
        let done = effects(folder);
        assert_eq!(held.grants.len(), 2);
        for grant in &held.grants {
            let verbs: Vec<_> = done.iter().filter(|e| e.grant == grant.id.to_string()).collect();
            assert_eq!(verbs.iter().map(|e| e.verb.as_str()).collect::<Vec<_>>(), ["open", "close"]);
            // Every kill costs the time until the next start and until a lease runs out.
            let most = DOWN * (2 * i32::try_from(kills).unwrap() + 1);
            let late = verbs[1].at.duration_since(grant.order.window.end().unwrap());
            assert!(late <= most, "{late:#} after {kills} kills");
            // Hers ends at its end and not before; the other was given back.
            let by_itself = grant.order.beneficiary == person(ANA);
            assert_eq!(late >= SignedDuration::ZERO, by_itself, "{late:#}");
        }
        assert_eq!(done.len(), 4);
        assert!(store.dead().await.unwrap().is_empty());

        let key = SecretKey::from_seed("claviger.example/record", &[3; 32]).unwrap();
        let mut verifier = Verifier::new(key.public(), &[]);
        for (seq, leaf) in store.leaves(0, 10_000).await.unwrap() {
            verifier.leaf(seq, &leaf);
        }
        let kept = Kept {
            requests: held.requests,
            grants: held.grants,
            tasks: held.tasks,
            tickets: held.tickets,
            links: held.links,
            artifacts: held.artifacts.into_iter().map(|(digest, a)| (digest, a.kind, a.bytes)).collect(),
            texts: held.texts.iter().map(|t| (t.id, t.commitment())).collect(),
            broken: held.broken,
        };
        let report = verifier.finish(&kept);
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!((report.events, report.texts_erased), (store.log_size().await.unwrap(), 0));
        assert_eq!(store.soundness().await.unwrap(), Vec::<String>::new());
        store.close().await;
    });
}
