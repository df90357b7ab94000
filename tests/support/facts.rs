//! Facts for tests of the rules: an ordinary request, to be changed where a test needs it.

use claviger::domain::digest::Digest;
use claviger::domain::entitlement::{AccessLevel, DataClass, Entitlement, Privilege, Tier};
use claviger::domain::facts::{
    ApproverFact, ApproverFacts, DecisionFacts, Device, EmergencyFacts, HeldFunction, HistoryFacts, OrganisationFacts,
    PeerFacts, PersonFacts, SessionFacts,
};
use claviger::domain::ids::PersonId;
use claviger::domain::person::{Population, RiskLevel};
use claviger::domain::window::{AccessWindow, Seconds, WindowEnd};
use jiff::Timestamp;

/// A Tuesday morning.
pub fn now() -> Timestamp {
    "2026-11-17T09:30:00Z".parse().unwrap()
}

pub fn id(person: &str) -> PersonId {
    PersonId::parse(person).unwrap()
}

pub fn person(name: &str, department: &str, job: &str) -> PersonFacts {
    PersonFacts {
        id: id(name),
        population: Population::Employee,
        department: department.to_owned(),
        job_code: job.to_owned(),
        company: "Northwind".to_owned(),
        present: true,
        employed: true,
        tenure_days: 700,
        moved_days_ago: None,
        contract_ends: None,
        notice: false,
        risk: RiskLevel::Low,
        local_minute: 630,
        local_weekday: 2,
        groups: Vec::new(),
        delegate: None,
    }
}

pub fn approver(name: &str, managers: &[&str]) -> ApproverFact {
    ApproverFact { id: id(name), present: true, delegate: None, managers: managers.iter().map(|m| id(m)).collect() }
}

/// Ordinary access to confidential data of the asker's own department.
pub fn entitlement(name: &str) -> Entitlement {
    Entitlement {
        id: name.parse().unwrap(),
        system: "reports".parse().unwrap(),
        kind: "report".to_owned(),
        name: name.to_owned(),
        title: name.to_owned(),
        description: String::new(),
        details: String::new(),
        aliases: Vec::new(),
        access: AccessLevel::Read,
        privilege: Privilege::Standard,
        data: DataClass::Confidential,
        production: false,
        tier: Tier::Automatic,
        class_reviewed: "2026-10-20".parse().unwrap(),
        created: "2024-01-01".parse().unwrap(),
        owners: vec![id("owner.one")],
        owner_department: "Sales".to_owned(),
        shared: false,
        company: String::new(),
        default_window: Seconds::days(14),
        longest_window: None,
        review_after: None,
        reason_required: true,
        connector: "local".parse().unwrap(),
        functions: Vec::new(),
        scope: String::new(),
        assignable: true,
        break_glass: false,
        requestable_by: Vec::new(),
        privileged: false,
        ladder: None,
    }
}

pub fn peers(holders: u32, peers: u32, ppm: u32) -> Option<PeerFacts> {
    Some(PeerFacts { group: "Marketing / marketing_analyst".to_owned(), holders, peers, organisation_share_ppm: ppm })
}

/// `asker` of `department` asks for `entitlement` for ten days.
pub fn facts(asker: PersonFacts, entitlement: Entitlement) -> DecisionFacts {
    DecisionFacts {
        asked_at: now(),
        requester: asker.clone(),
        beneficiary: asker,
        entitlement,
        window: AccessWindow::lasting(now(), Seconds::days(10)),
        reason_given: true,
        // Half of them hold it: neither rare, nor common beyond doubt.
        peers: peers(8, 12, 100_000),
        functions: Vec::new(),
        exceptions: Vec::new(),
        history: HistoryFacts { unused_share_ppm: Some(0), requests_last_hour: 1, ..HistoryFacts::default() },
        session: SessionFacts { device: Device::Managed, elevated: false, confirmed: true },
        approvers: ApproverFacts {
            managers: vec![approver("line.manager", &["head.up"]), approver("head.up", &[])],
            owners: vec![approver("owner.one", &["other.boss"])],
            security: vec![approver("sec.one", &["ciso"]), approver("sec.two", &["ciso"])],
            compliance: vec![approver("comp.one", &["counsel"])],
            sponsor: None,
            fallback: vec![approver("fall.one", &[]), approver("fall.two", &[])],
        },
        emergency: None,
        organisation: OrganisationFacts {
            automatic_enabled: true,
            merger_freeze: Vec::new(),
            manual_fulfilment: false,
        },
        policy: Digest::of(b"any"),
    }
}

pub fn sales_report() -> DecisionFacts {
    facts(person("sam.sales", "Sales", "sales_analyst"), entitlement("reports:q3-emea"))
}

pub fn marketing_analyst() -> DecisionFacts {
    let mut f = facts(person("mara.marketing", "Marketing", "marketing_analyst"), entitlement("reports:q3-emea"));
    f.peers = peers(2, 30, 50_000);
    f
}

/// A data scientist asks for the production database: elevated, confidential, production, no end.
pub fn data_scientist() -> DecisionFacts {
    let mut e = entitlement("postgres:prod-read");
    e.privilege = Privilege::Elevated;
    e.production = true;
    e.owner_department = "Data".to_owned();
    let mut f = facts(person("dana.data", "Data", "data_scientist"), e);
    f.peers = peers(0, 14, 20_000);
    f.window = open();
    f
}

pub fn intern() -> DecisionFacts {
    let mut f = data_scientist();
    f.entitlement.privilege = Privilege::Admin;
    f.entitlement.access = AccessLevel::Admin;
    f.entitlement.data = DataClass::Regulated;
    for p in [&mut f.requester, &mut f.beneficiary] {
        p.tenure_days = 12;
    }
    f.peers = peers(0, 25, 10_000);
    f
}

/// A clerk who maintains vendors asks to release payments.
pub fn clerk() -> DecisionFacts {
    let mut e = entitlement("sap:payment-release");
    e.data = DataClass::Regulated;
    e.owner_department = "Finance".to_owned();
    e.functions = vec!["payment_release".parse().unwrap()];
    let mut f = facts(person("fay.finance", "Finance", "ap_clerk"), e);
    f.peers = peers(3, 10, 20_000);
    f.functions = vec![HeldFunction {
        function: "vendor_maintenance".parse().unwrap(),
        entitlement: "sap:vendors".parse().unwrap(),
        scope: String::new(),
        pending: false,
    }];
    f
}

/// A contractor asks for the wiki, without an end.
pub fn contractor() -> DecisionFacts {
    let mut e = entitlement("wiki:reader");
    e.data = DataClass::Internal;
    e.shared = true;
    let mut who = person("cleo.contractor", "Engineering", "engineer");
    who.population = Population::Contractor;
    who.contract_ends = Some(Seconds::days(60).after(now()));
    let mut f = facts(who, e);
    f.window = open();
    f.approvers.sponsor = Some(approver("line.manager", &["head.up"]));
    f
}

pub fn open() -> AccessWindow {
    AccessWindow::new(now(), WindowEnd::Open).unwrap()
}

pub fn declare_emergency(f: &mut DecisionFacts) {
    f.entitlement.break_glass = true;
    f.emergency = Some(EmergencyFacts { incident: "INC-1".to_owned(), step_up: true, eligible: true });
}
