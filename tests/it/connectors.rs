//! What every connector has to do alike, over each that works by itself; and what the manual and the local one do besides.

use std::collections::BTreeMap;
use std::sync::Arc;

use claviger::connectors::build::{Settings, Surroundings, build};
use claviger::connectors::local::{Local, LocalDoors};
use claviger::connectors::manual::Manual;
use claviger::connectors::outgoing::Limits;
use claviger::connectors::webhook::WebhookSettings;
use claviger::domain::clock::Clock;
use claviger::domain::entitlement::{AccessLevel, DataClass, Entitlement, Privilege, Tier};
use claviger::domain::grant::GrantOrder;
use claviger::domain::ids::{ConnectorId, EntitlementId, GrantId, PersonId, RequestId, SystemId};
use claviger::domain::person::{Directory, Person, Population, Presence, RiskLevel};
use claviger::domain::window::{AccessWindow, Seconds};
use claviger::ports::connector::{Connector, ConnectorError, Errand, Holding, Receipt};
use jiff::Timestamp;
use jiff::civil::date;

/// A clock that stands still.
pub struct Still(pub i64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap()
    }
}

pub const NOW: i64 = 1_790_000_000;

pub fn person(id: &str, presence: Presence) -> Person {
    Person {
        id: PersonId::parse(id).unwrap(),
        name: format!("{id} of the example"),
        email: format!("{id}@example.org"),
        department: "Sales".into(),
        job_code: "sales_analyst".into(),
        job_title: "Sales analyst".into(),
        job_family: "sales".into(),
        manager: None,
        company: "Example".into(),
        zone: "Europe/Berlin".into(),
        population: Population::Employee,
        started: date(2020, 1, 1),
        contract_end: None,
        moved: None,
        notice: false,
        presence,
        sponsor: None,
        groups: vec![],
        risk: RiskLevel::Low,
        delegation: None,
    }
}

/// Everything an errand points at.
pub struct Case {
    pub grant: GrantId,
    pub order: GrantOrder,
    pub person: Person,
    pub entitlement: Entitlement,
}

impl Case {
    pub fn new(n: u8) -> Self {
        let entitlement = Entitlement {
            id: EntitlementId::parse("crm:reports.read").unwrap(),
            system: SystemId::parse("crm").unwrap(),
            kind: "role".into(),
            name: "reports.read".into(),
            title: "Reports, read".into(),
            description: "Look at the reports.".into(),
            details: String::new(),
            aliases: vec![],
            access: AccessLevel::Read,
            privilege: Privilege::Standard,
            data: DataClass::Internal,
            production: false,
            tier: Tier::Automatic,
            class_reviewed: date(2026, 1, 1),
            created: date(2025, 1, 1),
            owners: vec![],
            owner_department: "Sales".into(),
            shared: false,
            company: String::new(),
            default_window: Seconds::days(7),
            longest_window: None,
            review_after: None,
            reason_required: false,
            connector: ConnectorId::parse("c").unwrap(),
            functions: vec![],
            scope: String::new(),
            assignable: true,
            break_glass: false,
            requestable_by: vec![],
            privileged: false,
            ladder: None,
        };
        let person = person("ana", Presence::Active);
        let order = GrantOrder {
            request: RequestId::from_bytes([n; 16]),
            revision: 1,
            beneficiary: person.id.clone(),
            entitlement: entitlement.id.clone(),
            connector: entitlement.connector.clone(),
            window: AccessWindow::lasting(Timestamp::from_second(NOW).unwrap(), Seconds::days(3)),
            review_after: None,
        };
        Self { grant: GrantId::from_bytes([n; 16]), order, person, entitlement }
    }

    pub fn errand(&self) -> Errand<'_> {
        Errand { grant: self.grant, order: &self.order, person: &self.person, entitlement: &self.entitlement }
    }
}

/// What every connector that works by itself does.
pub async fn contract(connector: &dyn Connector, case: &Case) {
    let errand = case.errand();
    assert_eq!(connector.check().await, Ok(()));
    assert_eq!(connector.holds(&errand).await.unwrap(), Holding::NotHeld, "before");
    let opened = connector.open(&errand).await.unwrap();
    assert!(matches!(&opened, Receipt::Confirmed { evidence } if !evidence.is_empty()), "{opened:?}");
    assert_eq!(connector.open(&errand).await.unwrap(), opened, "a second call says the same");
    assert_eq!(connector.holds(&errand).await.unwrap(), Holding::Held);
    let closed = connector.close(&errand).await.unwrap();
    assert_eq!(connector.close(&errand).await.unwrap(), closed, "a second call says the same");
    assert_eq!(connector.holds(&errand).await.unwrap(), Holding::NotHeld, "after");
    // A late call does not open again what was closed.
    assert!(connector.open(&errand).await.is_err(), "a closed grant was opened again");
    assert_eq!(connector.holds(&errand).await.unwrap(), Holding::NotHeld, "after a late call");
}

fn local(doors: &Arc<LocalDoors>) -> Local {
    Local::new(ConnectorId::parse("local").unwrap(), Arc::clone(doors), Arc::new(Still(NOW)))
}

#[tokio::test]
async fn the_local_doors_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let doors = Arc::new(LocalDoors::new(folder.path().join("doors.json")));
    contract(&local(&doors), &Case::new(1)).await;
    // A close that comes before its open keeps the door shut for good.
    let early = Case::new(2);
    local(&doors).close(&early.errand()).await.unwrap();
    assert!(matches!(local(&doors).open(&early.errand()).await, Err(ConnectorError::Refused { .. })));
}

#[tokio::test]
async fn a_door_opens_for_its_window_and_stays_open_until_the_last_grant_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doors.json");
    let doors = Arc::new(LocalDoors::new(&path));
    let (first, mut longer) = (Case::new(1), Case::new(2));
    let start = Timestamp::from_second(NOW).unwrap();
    longer.order.window = AccessWindow::lasting(start, Seconds::days(14));
    let (ana, door) = (&first.person.id, &first.entitlement.id);
    // Each look is through a new reader: nothing is kept in memory.
    let may =
        |seconds: i64| LocalDoors::new(&path).may(ana, door, Timestamp::from_second(NOW + seconds).unwrap()).unwrap();
    assert!(!may(10));
    local(&doors).open(&first.errand()).await.unwrap();
    let day = 86_400;
    assert!(may(0) && may(3 * day - 1), "open inside its window");
    assert!(!may(-1) && !may(3 * day), "shut before its start and from its end on, though nobody closed it");
    local(&doors).open(&longer.errand()).await.unwrap();
    local(&doors).close(&first.errand()).await.unwrap();
    assert!(may(10) && may(4 * day), "the longer grant keeps the door open");
    assert!(!LocalDoors::new(&path).may(&PersonId::parse("eve").unwrap(), door, start).unwrap());
    local(&doors).close(&longer.errand()).await.unwrap();
    assert!(!may(10));
}

#[tokio::test]
async fn a_door_list_that_cannot_be_used_keeps_doors_shut_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doors.json");
    std::fs::write(&path, b"{\"open\": 3}").unwrap();
    let doors = Arc::new(LocalDoors::new(&path));
    let case = Case::new(1);
    let error = local(&doors).open(&case.errand()).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Refused { what } if what.contains("cannot be understood")), "{error}");
    assert!(doors.may(&case.person.id, &case.entitlement.id, Timestamp::from_second(NOW).unwrap()).is_err());
    assert!(local(&doors).check().await.is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"{\"open\": 3}", "a list that cannot be read is not overwritten");
    let nowhere = Arc::new(LocalDoors::new(folder.path().join("no such folder/doors.json")));
    assert!(matches!(local(&nowhere).open(&case.errand()).await, Err(ConnectorError::Unavailable { .. })), "down");
}

#[tokio::test]
async fn many_doors_at_once_lose_none() {
    let folder = tempfile::tempdir().unwrap();
    let doors = Arc::new(LocalDoors::new(folder.path().join("doors.json")));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 1..=40 {
        let connector = local(&doors);
        tasks.spawn(async move { connector.open(&Case::new(n).errand()).await.map(drop) });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    for n in 1..=40 {
        assert!(doors.holds(Case::new(n).grant).unwrap(), "{n}");
    }
}

#[tokio::test]
async fn work_by_hand_goes_to_whoever_is_here_and_never_to_the_beneficiary() {
    let away = Presence::OnLeave { until: date(2030, 1, 1) };
    let hand = |people: Vec<Person>, names: &[&str]| {
        let directory = Directory::new(people);
        let assignees = names.iter().map(|n| PersonId::parse(*n).unwrap()).collect();
        Manual::new(
            ConnectorId::parse("by-hand").unwrap(),
            assignees,
            Arc::new(move || directory.clone()),
            Arc::new(Still(NOW)),
        )
    };
    let case = Case::new(1);
    let everybody = || {
        vec![
            person("ana", Presence::Active),
            person("kim", away),
            person("lee", Presence::Active),
            person("gone", Presence::Departed),
        ]
    };
    let names = |receipt: Receipt| match receipt {
        Receipt::ByHand { assignees } => assignees.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Receipt::Confirmed { .. } => panic!("nothing was confirmed"),
    };
    let open = async |all: &[&str]| hand(everybody(), all).open(&case.errand()).await;
    assert_eq!(names(open(&["kim", "lee", "ana"]).await.unwrap()), "lee");
    assert_eq!(names(open(&["kim", "gone"]).await.unwrap()), "kim", "nobody is here: whoever will be back");
    assert!(matches!(open(&["ana", "gone", "nobody"]).await, Err(ConnectorError::Refused { .. })));
    assert_eq!(hand(everybody(), &["lee"]).holds(&case.errand()).await.unwrap(), Holding::Unknown);
    assert!(hand(everybody(), &["gone"]).check().await.is_err());
}

#[test]
fn connectors_are_built_and_every_mistake_is_told_at_once() {
    let webhook = |url: &str, secret: &str| {
        Settings::Webhook(WebhookSettings {
            url: url.into(),
            secret: secret.into(),
            allow_private: false,
            ends_sessions: false,
            limits: Limits::default(),
        })
    };
    let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let around = Surroundings {
        clock: Arc::new(Still(NOW)),
        directory: Arc::new(Directory::default),
        doors: Arc::new(LocalDoors::new("unused.json")),
    };
    let id = |text: &str| ConnectorId::parse(text).unwrap();
    let fine = BTreeMap::from([
        (id("a"), Settings::Local),
        (id("b"), Settings::Manual { assignees: vec![] }),
        (id("c"), webhook("https://hooks.example.org/x", good)),
    ]);
    let made = build(fine, &around).map_err(|e| format!("{e:?}")).unwrap();
    assert_eq!(made.iter().map(|(id, c)| (id, c.id())).filter(|(a, b)| a == b).count(), 3);
    let wrong = BTreeMap::from([
        (id("a"), webhook("http://hooks.example.org/x", good)),
        (id("b"), webhook("https://127.0.0.1/x", good)),
        (id("c"), webhook("https://hooks.example.org/x", "not a secret")),
        (id("d"), webhook("https://user:pw@hooks.example.org/x", good)),
        (id("e"), webhook("ftp://hooks.example.org/x", good)),
        (id("f"), webhook("no address", good)),
        (id("g"), webhook("https://[::ffff:10.0.0.1]/x", good)),
    ]);
    let errors = build(wrong, &around).err().unwrap();
    assert_eq!(errors.len(), 7);
    assert!(!format!("{errors:?}").contains("not a secret") && !format!("{errors:?}").contains("user:pw"));
}
