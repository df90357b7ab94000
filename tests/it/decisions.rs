//! The worked examples as whole facts: score, route, people, time, and the words that go with them.

use claviger::domain::decision::{Decision, Level, Obligation, Outcome, Slot};
use claviger::domain::entitlement::{DataClass, Privilege};
use claviger::domain::facts::{DecisionFacts, SodException};
use claviger::domain::person::RiskLevel;
use claviger::domain::window::{AccessWindow, Seconds};
use claviger::routing::rules::{Rules, decide};

use crate::facts::*;

fn rules() -> Rules {
    Rules::from_texts(&Rules::default_texts()).unwrap()
}

fn decided(facts: &DecisionFacts) -> Decision {
    decide(&rules(), facts)
}

fn slots(decision: &Decision) -> Vec<Slot> {
    decision.route.outcome.steps().iter().map(|s| s.slot).collect()
}

fn asked(decision: &Decision, step: usize) -> Vec<&str> {
    decision.route.outcome.steps()[step].candidates.iter().map(|c| c.person.as_str()).collect()
}

fn says(decision: &Decision, rule: &str) -> String {
    let found = decision.route.findings.iter().find(|f| f.rule.as_str() == rule);
    found.unwrap_or_else(|| panic!("{rule} not in {:#?}", decision.route.findings)).text.clone()
}

#[test]
fn a_sales_analyst_gets_the_reports_at_24_points_without_anybody() {
    let d = decided(&sales_report());
    assert_eq!(d.assessment.score.points(), 24);
    assert_eq!(d.route.outcome, Outcome::Automatic);
    assert_eq!(d.route.level, Level::Automatic);
    assert_eq!(d.assessment.confidence_bp, 10_000);
    assert_eq!(says(&d, "R8"), "The score is 24; below 30 it asks for nobody.");
    assert!(d.verdict.errors.is_empty());
}

#[test]
fn a_marketing_analyst_goes_to_her_manager_at_61_points() {
    let d = decided(&marketing_analyst());
    assert_eq!(d.assessment.score.points(), 61);
    assert_eq!(slots(&d), [Slot::Manager]);
    assert_eq!(asked(&d, 0), ["line.manager"]);
    let step = &d.route.outcome.steps()[0];
    assert_eq!(step.candidates[0].because, "you are their line manager");
    assert_eq!(step.escalate_after, Seconds::hours(24));
    assert_eq!(step.escalate_to[0].person, id("head.up"));
    let first = &d.assessment.contributions[0];
    assert_eq!((first.factor.as_str(), first.tenths), ("peer.rare", 348));
    assert_eq!(first.evidence, "2 of 30 people in Marketing / marketing_analyst hold it.");
}

#[test]
fn a_data_scientist_reaches_security_for_production_and_gets_30_days() {
    let mut f = data_scientist();
    let d = decided(&f);
    assert_eq!(d.assessment.score.points(), 74);
    assert_eq!(d.assessment.contributions[0].factor.as_str(), "peer.rare");
    assert_eq!(slots(&d), [Slot::Security]);
    assert_eq!(d.route.max_ttl, Some(Seconds::days(30)));
    assert_eq!(d.route.review_after, Some(Seconds::days(30)));
    // Regulated data for thirty days instead.
    f.entitlement.data = DataClass::Regulated;
    f.window = AccessWindow::lasting(now(), Seconds::days(30));
    let d = decided(&f);
    assert_eq!(d.assessment.score.points(), 75);
    assert_eq!(d.route.level, Level::Security);
}

#[test]
fn an_intern_needs_two_people_for_the_production_administrator() {
    let d = decided(&intern());
    assert_eq!(d.assessment.score.points(), 86);
    assert_eq!(d.route.level, Level::TwoPerson);
    assert_eq!(d.route.persons, 2);
    assert_eq!(slots(&d), [Slot::Manager, Slot::Security]);
    assert_eq!(d.route.max_ttl, Some(Seconds::days(30)));
}

#[test]
fn a_clerk_who_makes_vendors_is_stopped_by_name_of_the_rule() {
    let d = decided(&clerk());
    assert_eq!(d.assessment.score.points(), 94);
    assert_eq!(d.route.outcome, Outcome::Denied);
    assert_eq!(d.route.level, Level::TwoPerson);
    let said = says(&d, "SOD-FI-001");
    assert!(said.starts_with("Maintain vendors and run payments: it is refused"), "{said}");
    assert!(said.contains("held: vendor_maintenance by sap:vendors"), "{said}");
}

#[test]
fn duties_in_another_scope_do_not_meet_and_pending_ones_do() {
    let mut f = clerk();
    f.entitlement.scope = "1000".to_owned();
    f.functions[0].scope = "2000".to_owned();
    assert!(decided(&f).verdict.conflicts.is_empty());
    f.functions[0].scope = "1000".to_owned();
    f.functions[0].pending = true;
    let d = decided(&f);
    assert_eq!(d.route.outcome, Outcome::Denied);
    assert!(says(&d, "SOD-FI-001").contains("asked for: vendor_maintenance"));
    // Both sides inside one entitlement.
    f.functions.clear();
    f.entitlement.functions.push("vendor_maintenance".parse().unwrap());
    assert_eq!(decided(&f).route.outcome, Outcome::Denied);
}

#[test]
fn an_exception_carries_a_critical_conflict_until_it_ends() {
    let mut f = clerk();
    let until = Seconds::days(20).after(now());
    let control = "every run is looked at by the controller".to_owned();
    f.exceptions = vec![SodException { rule: "SOD-FI-001".parse().unwrap(), control, until }];
    let d = decided(&f);
    assert_eq!(slots(&d), [Slot::Manager, Slot::Compliance, Slot::Security]);
    assert_eq!(d.route.max_ttl, Some(Seconds::days(20)));
    assert!(d.route.obligations.contains(&Obligation::DetectiveControl));
    f.exceptions[0].until = now();
    assert_eq!(decided(&f).route.outcome, Outcome::Denied);
}

#[test]
fn a_contractor_never_gets_an_open_end() {
    let d = decided(&contractor());
    assert_eq!(d.route.max_ttl, Some(Seconds::days(60)));
    assert_eq!(slots(&d), [Slot::Sponsor], "sponsor and line manager are one person, who says yes once");
    assert!(d.route.outcome.steps()[0].candidates[0].because.contains("sponsor and line manager"));
    let mut f = contractor();
    f.beneficiary.contract_ends = None;
    assert_eq!(decided(&f).route.max_ttl, Some(Seconds::days(90)));
    f.beneficiary.contract_ends = Some(now());
    let d = decided(&f);
    assert_eq!(d.route.outcome, Outcome::Denied);
    assert_eq!(says(&d, "R1"), "Their contract is over before the access would begin.");
}

#[test]
fn whoever_has_left_or_asks_for_what_cannot_be_given_is_refused() {
    let mut f = sales_report();
    f.beneficiary.employed = false;
    assert_eq!(decided(&f).route.outcome, Outcome::Denied);
    let mut f = sales_report();
    f.entitlement.assignable = false;
    assert_eq!(decided(&f).route.outcome, Outcome::Denied);
    let mut f = marketing_analyst();
    f.entitlement.requestable_by = vec!["Sales".to_owned()];
    assert_eq!(says(&decided(&f), "ELIG-DEPARTMENT"), "Only people in Sales may have this.");
}

#[test]
fn guardrails_beat_the_score() {
    // Nobody outside Finance releases payments, at any score.
    let mut f = sales_report();
    f.entitlement.functions = vec!["payment_release".parse().unwrap()];
    let d = decided(&f);
    assert_eq!(d.route.outcome, Outcome::Denied);
    assert_eq!(says(&d, "GR-PAY-01"), "Only people in Finance may release payments.");
    // Regulated data of another company needs compliance.
    let mut f = sales_report();
    f.entitlement.data = DataClass::Regulated;
    f.entitlement.company = "Fabrikam".to_owned();
    let d = decided(&f);
    assert_eq!(slots(&d), [Slot::Manager, Slot::Owner, Slot::Compliance]);
    assert!(d.route.outcome.steps()[2].candidates[0].because.contains("GR-PRIVACY-01"));
    // Dangerous sign-ins bring security in.
    let mut f = sales_report();
    f.beneficiary.risk = RiskLevel::High;
    assert_eq!(decided(&f).route.level, Level::Security);
}

#[test]
fn crown_jewels_and_keys_to_everything_take_two() {
    let mut f = sales_report();
    f.entitlement.data = DataClass::Crown;
    let d = decided(&f);
    assert_eq!(slots(&d), [Slot::Manager, Slot::Owner, Slot::Security]);
    assert_eq!(d.assessment.score.points(), 71, "floor F-R4");
    let mut f = sales_report();
    f.entitlement.privilege = Privilege::Tier0;
    assert_eq!(decided(&f).route.level, Level::TwoPerson);
}

#[test]
fn little_to_compare_with_brings_a_human() {
    let mut f = sales_report();
    f.peers = peers(5, 8, 400_000);
    let d = decided(&f);
    assert_eq!(d.assessment.confidence_bp, 8_000);
    assert_eq!(d.assessment.limited_by, "a peer group of 8");
    assert_eq!(d.route.outcome.steps()[0].escalate_after, Seconds::hours(4));
    f.peers = None;
    let d = decided(&f);
    assert_eq!(d.assessment.confidence_bp, 0);
    assert_eq!(slots(&d), [Slot::Manager]);
}

/// What a rule says stands beside what stricter rules say: it may not claim that its own people have the last word.
#[test]
fn a_rules_words_stay_true_when_a_stricter_rule_wins() {
    // Its class asks for the manager, the doubt for somebody, the score for security.
    let mut f = data_scientist();
    f.peers.as_mut().unwrap().peers = 8;
    f.entitlement.owners.clear();
    f.organisation.manual_fulfilment = true;
    f.organisation.automatic_enabled = false;
    let d = decided(&f);
    assert!(d.route.level >= Level::Security, "{:?}", d.route);
    assert!(says(&d, "R5").ends_with("it takes the manager at least."), "{}", says(&d, "R5"));
    for finding in &d.route.findings {
        for claim in
            ["manager decides", "security decides", "manager looks", "manager has", "manager agrees", "has to look"]
        {
            assert!(!finding.text.contains(claim), "{} claims the last word: {}", finding.rule, finding.text);
        }
    }
    assert!(says(&d, "R8").contains("at least") && says(&d, "R9").contains("somebody"), "{:#?}", d.route.findings);
}

#[test]
fn breakers_switch_the_machine_off() {
    for trip in 0..4 {
        let mut f = sales_report();
        match trip {
            0 => f.organisation.automatic_enabled = false,
            1 => f.history.automatic_person_today = 5,
            2 => f.history.automatic_entitlement_today = 20,
            _ => f.history.automatic_all_today = 200,
        }
        let d = decided(&f);
        assert_eq!(slots(&d), [Slot::Manager], "{trip}");
        assert!(says(&d, "R10").starts_with("A human decides because"));
    }
}

#[test]
fn the_emergency_path_opens_only_when_everything_is_there() {
    let mut f = data_scientist();
    declare_emergency(&mut f);
    let d = decided(&f);
    assert_eq!(d.route.outcome, Outcome::BreakGlass);
    assert_eq!(d.route.max_ttl, Some(Seconds::hours(4)));
    assert!(d.route.obligations.contains(&Obligation::AfterReview));

    let close: [(&str, fn(&mut DecisionFacts)); 7] = [
        ("may not use it", |f| f.emergency.as_mut().unwrap().eligible = false),
        ("signed in again", |f| f.emergency.as_mut().unwrap().step_up = false),
        ("no incident", |f| f.emergency.as_mut().unwrap().incident.clear()),
        ("no reason", |f| f.reason_given = false),
        ("not part of it", |f| f.entitlement.break_glass = false),
        ("too often", |f| f.history.break_glass_7_days = 2),
        ("GR-EMERGENCY-01 closes it", |f| f.beneficiary.notice = true),
    ];
    for (why, change) in close {
        let mut f = f.clone();
        change(&mut f);
        let d = decided(&f);
        assert!(says(&d, "R2").contains(why), "{why}: {}", says(&d, "R2"));
        assert!(matches!(d.route.outcome, Outcome::Steps { .. }), "{why}");
    }
    // What nothing can pass.
    f.beneficiary.employed = false;
    assert_eq!(decided(&f).route.outcome, Outcome::Denied);
}

#[test]
fn whoever_is_away_is_stood_in_for() {
    let mut f = marketing_analyst();
    f.approvers.managers[0].present = false;
    f.approvers.managers[0].delegate = Some(id("stand.in"));
    let d = decided(&f);
    let candidate = &d.route.outcome.steps()[0].candidates[0];
    assert_eq!(candidate.person, id("stand.in"));
    assert_eq!(candidate.in_place_of, Some(id("line.manager")));
    // A delegate who is the asker cannot: then the next in line.
    f.approvers.managers[0].delegate = Some(f.requester.id.clone());
    assert_eq!(asked(&decided(&f), 0), ["head.up"]);
    f.approvers.managers.truncate(1);
    assert_eq!(asked(&decided(&f), 0), ["fall.one", "fall.two"]);
    f.approvers.fallback.clear();
    let d = decided(&f);
    assert_eq!(d.route.outcome, Outcome::Denied);
    assert!(says(&d, "R0").contains("a manager"));
}

#[test]
fn two_people_do_not_report_to_each_other() {
    let mut f = intern();
    f.approvers.security = vec![approver("sec.under", &["line.manager", "head.up"]), approver("sec.free", &["ciso"])];
    assert_eq!(asked(&decided(&f), 1), ["sec.free"]);
    f.approvers.security.truncate(1);
    assert_eq!(asked(&decided(&f), 1), ["fall.one", "fall.two"]);
    // The manager who is also in security takes one part only.
    f.approvers.security = vec![approver("line.manager", &["head.up"]), approver("sec.free", &["ciso"])];
    let d = decided(&f);
    assert_eq!((asked(&d, 0), asked(&d, 1)), (vec!["line.manager"], vec!["sec.free"]));
}

#[test]
fn the_rule_book_comes_back_from_its_artifact() {
    let book = rules();
    let again = Rules::from_artifact(book.to_artifact()).unwrap();
    assert_eq!(again.digest(), book.digest());
    for facts in [sales_report(), clerk(), intern(), contractor()] {
        let (a, b) = (decide(&book, &facts), decide(&again, &facts));
        assert_eq!(serde_json::to_vec(&a).unwrap(), serde_json::to_vec(&b).unwrap());
    }
    assert!(Rules::from_artifact(b"{}").is_err());
}

#[test]
fn every_mistake_in_guardrails_is_told_with_its_line() {
    let text = r#"@id("GR-A") @reason("a") forbid (principal, action == Action::"auto_approve", resource) when { resource.datta == Data::"crown" };
@id("GR-B") @reason("b") forbid (principal, action == Action::"auto_approve", resource) when { resource.data == Data::"cown" };
permit (principal, action, resource);
@id("GR-D") @reason("d") @demand("boss") @max_ttl("soon") forbid (principal, action == Action::"skip_security", resource);
@id("GR-D") @reason("d") forbid (principal, action == Action::"skip_security", resource);
@id("GR-F") @reson("f") forbid (principal, action == Action::"request", resource);
@id("GR-G") @reason("g") @demand("owner") forbid (principal, action == Action::"request", resource);
"#;
    let defaults = Rules::default_texts();
    let problems = Rules::load(text, &[], defaults.risk, defaults.routing).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        (1, "datta"),
        (2, "cown"),
        (3, "can only `forbid`"),
        (3, "name the action"),
        (3, "the id is missing"),
        (3, "the sentence is missing"),
        (4, "boss"),
        (4, "soon"),
        (5, "used twice"),
        (6, "@reson"),
        (6, "the sentence is missing"),
        (7, "demands more people"),
    ] {
        let (line, what) = expected;
        let at = format!("guardrails.cedar:{line}: ");
        assert!(said.iter().any(|s| s.contains(&at) && s.contains(what)), "{expected:?} in {said:#?}");
    }
    let broken = Rules::load("forbid (principal", &[], defaults.risk, "").unwrap_err();
    assert!(broken.iter().any(|p| p.file.contains("guardrails") && p.line == Some(1)), "{broken:?}");
    assert!(broken.iter().any(|p| p.file.contains("routing")));
}
