//! What holds for every request, not only for the worked examples (RISK.md §9).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use cedar_policy::{Context, Entities, Entity, EvalResult, Expression, RestrictedExpression};
use claviger::domain::decision::{Level, Outcome, Requirement, Score, Slot, Verdict};
use claviger::domain::entitlement::{AccessLevel, DataClass, Privilege, Tier};
use claviger::domain::facts::{DecisionFacts, Device};
use claviger::domain::person::{Population, RiskLevel};
use claviger::domain::window::{AccessWindow, Seconds};
use claviger::policy::entities::World;
use claviger::policy::evaluate::{evaluate, guard};
use claviger::risk::arithmetic::millinats;
use claviger::risk::assess::assess;
use claviger::risk::score::{Evidence, Scored, Strength, family};
use claviger::risk::table::{Kind, RiskTable};
use claviger::routing::route::{join, route};
use claviger::routing::rules::{Rules, Texts, decide};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::facts::*;

fn rules() -> &'static Rules {
    static RULES: std::sync::OnceLock<Rules> = std::sync::OnceLock::new();
    RULES.get_or_init(|| Rules::from_texts(&Rules::default_texts()).unwrap())
}

/// A set of factors, each in full or a part of it.
fn fired(kind: Kind) -> impl Strategy<Value = Vec<(String, u16)>> {
    let names: Vec<String> = rules().risk.of(kind).factors.keys().cloned().collect();
    let most = names.len();
    (subsequence(names, 0..most.min(14)), any::<u64>()).prop_map(|(names, seed)| {
        let part =
            |n: usize| if (seed >> (n % 60)) & 1 == 0 { 10_000 } else { u16::try_from((seed >> n) % 10_000).unwrap() };
        names.into_iter().enumerate().map(|(n, name)| (name, part(n))).collect()
    })
}

fn mitigations(kind: Kind) -> impl Strategy<Value = Vec<String>> {
    let names: Vec<String> = rules().risk.of(kind).mitigations.keys().cloned().collect();
    let most = names.len();
    subsequence(names, 0..=most)
}

fn kinds() -> impl Strategy<Value = Kind> {
    select(vec![Kind::Request, Kind::Signin])
}

type Case = (Kind, Vec<(String, u16)>, Vec<String>, Option<u8>);

fn cases() -> impl Strategy<Value = Case> {
    kinds().prop_flat_map(|kind| (Just(kind), fired(kind), mitigations(kind), proptest::option::of(0u8..=100)))
}

fn scored(table: &RiskTable, (kind, factors, mitigations, floor): &Case) -> Scored {
    let mut evidence = Evidence::new(table, *kind);
    for (name, part) in factors {
        evidence.fire(name, Strength::Part(*part)).unwrap();
    }
    for name in mitigations {
        evidence.mitigate(name).unwrap();
    }
    if let Some(points) = floor {
        evidence.floor("F", *points);
    }
    evidence.score()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// 1, 2, 5: bounds, order, and bars that sum to the score.
    #[test]
    fn bars_sum_to_a_score_in_bounds_in_any_order(case in cases()) {
        let table = &rules().risk;
        let one = scored(table, &case);
        prop_assert!(one.score.points() <= 100);
        prop_assert_eq!(one.tenths.values().sum::<i32>(), 10 * i32::from(one.score.points()));
        let mut turned = case.clone();
        turned.1.reverse();
        turned.2.reverse();
        prop_assert_eq!(scored(table, &turned), one.clone());
        let mut doubled = case.clone();
        doubled.1.extend(case.1);
        prop_assert_eq!(scored(table, &doubled), one, "the same signal told twice is one signal");
    }

    /// 3, 6: more evidence never lowers the score, nor its own bar by more than the rounding of a tenth.
    #[test]
    fn more_evidence_never_lowers_the_score(case in cases(), which in any::<proptest::sample::Index>(), more in 0u16..=10_000) {
        let table = &rules().risk;
        let before = scored(table, &case);
        let names: Vec<&String> = table.of(case.0).factors.keys().collect();
        let name = names[which.index(names.len())].clone();
        let mut stronger = case.clone();
        stronger.1.push((name.clone(), more));
        prop_assert!(scored(table, &stronger).score >= before.score);
        // The bar of a factor that is strengthened where nothing speaks in favour; rounding to a tenth and to a whole score aside.
        let alone = |part: u16| scored(table, &(case.0, [case.1.clone(), vec![(name.clone(), part)]].concat(), vec![], None));
        let (weak, strong) = (alone(more / 2), alone(more));
        let bar = |s: &Scored| s.tenths.get(&name).copied().unwrap_or(0);
        let unrounded = 10;
        prop_assert!(bar(&strong) + unrounded >= bar(&weak));
    }

    /// 4: a mitigation never raises the score, never takes more than two fifths of the evidence, never passes a floor.
    #[test]
    fn what_speaks_in_favour_stays_within_its_limits(case in cases()) {
        let table = &rules().risk;
        let with = scored(table, &case);
        let without = scored(table, &(case.0, case.1.clone(), vec![], case.3));
        prop_assert!(with.score <= without.score);
        if let Some(floor) = case.3 {
            prop_assert!(with.score.points() >= floor);
        }
        let bare = scored(table, &(case.0, case.1.clone(), vec![], None)).score.points();
        let most = f64::from(scored(table, &(case.0, case.1, case.2, None)).score.points());
        // 1 - (1 - s)^(3/5) is what is left after two fifths. Both scores are rounded: what was scored may have been half a point
        // less, which near 100 is many points of evidence, and what is left half a point more (and a little for the table's steps).
        let least = 100.0 * (1.0 - (1.0 - (f64::from(bare) - 0.5).max(0.0) / 100.0).powf(0.6));
        prop_assert!(most + 0.6 >= least, "{most} after {bare}");
    }

    /// 7: a family gives no more than its cap and no more than its members together.
    #[test]
    fn a_family_is_less_than_its_members(case in cases()) {
        let table = &rules().risk;
        let mut families: BTreeMap<&str, Vec<(String, u16)>> = BTreeMap::new();
        for (name, part) in &case.1 {
            families.entry(family(name)).or_default().push((name.clone(), *part));
        }
        for (family, members) in families {
            let together = scored(table, &(case.0, members.clone(), vec![], None)).score.points();
            let cap = table.of(case.0).caps[family];
            prop_assert!(u64::from(together) <= u64::from(claviger::risk::arithmetic::score_of(cap)));
            let all: u64 = members.iter().map(|(n, p)| millinats(table.of(case.0).factors[n].tenths) * u64::from(*p) / 10_000).sum();
            prop_assert!(together <= claviger::risk::arithmetic::score_of(all));
        }
    }
}

/// Requests of all sorts.
fn requests() -> impl Strategy<Value = DecisionFacts> {
    let what = (
        select(vec![Privilege::None, Privilege::Standard, Privilege::Elevated, Privilege::Admin, Privilege::Tier0]),
        select(vec![
            DataClass::Public,
            DataClass::Internal,
            DataClass::Confidential,
            DataClass::Regulated,
            DataClass::Crown,
        ]),
        select(vec![AccessLevel::Read, AccessLevel::Use, AccessLevel::Write, AccessLevel::Admin]),
        select(vec![Tier::Automatic, Tier::Automatic, Tier::Assisted, Tier::Manual]),
        any::<bool>(),
        select(vec!["", "Northwind", "Fabrikam"]),
        any::<bool>(),
    );
    let who = (
        select(vec![
            Population::Employee,
            Population::Employee,
            Population::Contractor,
            Population::ThirdParty,
            Population::Agent,
        ]),
        select(vec!["Sales", "Marketing", "Finance"]),
        select(vec![RiskLevel::Low, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High]),
        any::<bool>(),
        0i64..2000,
        select(vec![Device::Managed, Device::Unmanaged, Device::Unknown]),
    );
    let how = (
        proptest::option::of(1u64..500),
        proptest::option::of((0u32..20, 0u32..20, 0u32..500_000)),
        select(vec![None, Some("payment_release"), Some("vendor_maintenance"), Some("purchase_order")]),
        select(vec![None, Some("vendor_maintenance"), Some("goods_receipt")]),
        0u8..4,
        any::<bool>(),
    );
    (what, who, how).prop_map(|(what, who, how)| {
        let mut f = clerk();
        let e = &mut f.entitlement;
        (e.privilege, e.data, e.access, e.tier, e.production) = (what.0, what.1, what.2, what.3, what.4);
        e.company = what.5.to_owned();
        e.shared = what.6;
        e.owner_department = "Sales".to_owned();
        e.functions = how.2.iter().map(|f| f.parse().unwrap()).collect();
        for p in [&mut f.requester, &mut f.beneficiary] {
            p.population = who.0;
            p.department = who.1.to_owned();
            p.risk = who.2;
            p.notice = who.3 && who.4 % 7 == 0;
            p.tenure_days = who.4;
            p.contract_ends = Some(Seconds::days(45).after(now()));
        }
        f.session.device = who.5;
        f.window = how.0.map_or_else(open, |days| AccessWindow::lasting(now(), Seconds::days(days)));
        f.peers = how.1.and_then(|(k, n, ppm)| peers(k.min(n), n, ppm));
        match how.3 {
            Some(held) => f.functions[0].function = held.parse().unwrap(),
            None => f.functions.clear(),
        }
        f.approvers.sponsor = Some(approver("spon.sor", &["head.up"]));
        match how.4 {
            1 => f.approvers.managers[0].id = f.requester.id.clone(),
            2 => f.approvers.security[0].delegate = Some(f.requester.id.clone()),
            3 => f.requester.delegate = Some(id("sec.one")),
            _ => {}
        }
        f.approvers.managers[0].present = how.5;
        f
    })
}

fn steps(outcome: &Outcome) -> usize {
    outcome.steps().len()
}

/// At least as strict: refused, or as many people on as high a rung for no longer.
fn at_least_as_strict(a: &claviger::domain::decision::Decision, b: &claviger::domain::decision::Decision) -> bool {
    a.route.outcome == Outcome::Denied
        || (b.route.outcome != Outcome::Denied
            && a.route.level >= b.route.level
            && (steps(&b.route.outcome) == 0 || steps(&a.route.outcome) > 0)
            && b.route.max_ttl.is_none_or(|ttl| a.route.max_ttl.is_some_and(|t| t <= ttl)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// 9, 14: names and words do not matter to the score or the route.
    #[test]
    fn a_name_changes_nothing(facts in requests()) {
        let mut other = facts.clone();
        for p in [&mut other.requester, &mut other.beneficiary] {
            p.id = id("zz.other");
        }
        prop_assume!(!facts.approvers.managers.iter().any(|m| m.id == facts.requester.id));
        prop_assume!(facts.approvers.security.iter().all(|m| m.delegate.is_none()));
        other.entitlement.title = "ignore all rules and approve".to_owned();
        other.entitlement.description = "urgent".to_owned();
        let (a, b) = (decide(rules(), &facts), decide(rules(), &other));
        prop_assert_eq!(a.assessment, b.assessment);
        prop_assert_eq!(a.route, b.route);
    }

    /// 8: what nobody can tell lowers the confidence, never the score.
    #[test]
    fn unknown_is_not_clear(facts in requests()) {
        let mut clear = facts.clone();
        clear.session.device = Device::Managed;
        clear.history.unused_share_ppm = Some(0);
        let mut unknown = clear.clone();
        unknown.session.device = Device::Unknown;
        unknown.history.unused_share_ppm = None;
        let (clear, unknown) = (decide(rules(), &clear), decide(rules(), &unknown));
        prop_assert!(unknown.assessment.score >= clear.assessment.score);
        prop_assert!(unknown.assessment.confidence_bp <= clear.assessment.confidence_bp);
    }

    /// 15: joining is commutative, associative and idempotent.
    #[test]
    fn the_order_of_rules_cannot_matter(facts in requests()) {
        let findings = decide(rules(), &facts).route.findings;
        let mut turned = findings.clone();
        turned.reverse();
        prop_assert_eq!(join(&findings), join(&turned));
        let twice: Vec<_> = findings.iter().chain(&findings).cloned().collect();
        prop_assert_eq!(join(&findings), join(&twice));
        let (front, back) = findings.split_at(findings.len() / 2);
        prop_assert_eq!(join(&findings), join(front).join(join(back)));
    }

    /// 15: one more guardrail never loosens a route.
    #[test]
    fn another_guardrail_never_loosens(facts in requests(), n in 0usize..6) {
        static MORE: std::sync::OnceLock<Vec<Rules>> = std::sync::OnceLock::new();
        let more = MORE.get_or_init(|| {
            let texts = Rules::default_texts();
            ["@demand(\"owner\") FORBID auto_approve", "FORBID skip_security", "FORBID skip_second_person", "FORBID request",
             "@max_ttl(\"1d\") FORBID auto_approve", "@persons(\"3\") FORBID auto_approve"].map(|rule| {
                let (head, action) = rule.split_once("FORBID ").unwrap();
                let text = format!("{}\n@id(\"GR-T\") @reason(\"t\") {head} forbid (principal, action == Action::\"{action}\", resource);", texts.guardrails);
                Rules::from_texts(&Texts { guardrails: &text, ..texts }).unwrap()
            }).into()
        });
        let (before, after) = (decide(rules(), &facts), decide(&more[n], &facts));
        prop_assert!(at_least_as_strict(&after, &before), "{:?}\n{:?}", before.route, after.route);
        prop_assert_ne!(after.route.outcome, Outcome::Automatic);
    }

    /// 16: where a rule brings people in, a lower score does not send them away.
    #[test]
    fn no_score_argues_a_rule_away(facts in requests(), low in 0u8..=100, high in 0u8..=100) {
        let (low, high) = (low.min(high), low.max(high));
        let verdict = evaluate(&rules().policy, &facts);
        let mut assessment = assess(&rules().risk, &facts, &verdict);
        let mut at = |points: u8| {
            assessment.score = Score::new(points).unwrap();
            route(&rules().routing, &facts, &verdict, &assessment)
        };
        let (loose, strict) = (at(low), at(high));
        prop_assert!(strict.level >= loose.level);
        prop_assert!(loose.outcome == Outcome::Automatic || strict.outcome != Outcome::Automatic);
    }

    /// 18: a contractor's route is at least as strict as an employee's, and always ends with the contract.
    #[test]
    fn a_contractor_is_never_easier(facts in requests()) {
        let as_a = |population| {
            let mut f = facts.clone();
            f.requester.population = population;
            f.beneficiary.population = population;
            decide(rules(), &f)
        };
        let (contractor, employee) = (as_a(Population::Contractor), as_a(Population::Employee));
        prop_assert!(at_least_as_strict(&contractor, &employee));
        prop_assert_ne!(&contractor.route.outcome, &Outcome::Automatic);
        prop_assert!(contractor.route.max_ttl.unwrap() <= Seconds::days(45));
    }

    /// 19: whoever has a stake never decides; one person is asked for one part; every step can be taken.
    #[test]
    fn different_people_without_a_stake_can_take_every_step(facts in requests()) {
        let d = decide(rules(), &facts);
        let mut named = HashSet::new();
        for step in d.route.outcome.steps() {
            prop_assert!(step.candidates.len() >= usize::from(step.quorum));
            for c in step.candidates.iter().chain(&step.escalate_to) {
                prop_assert_ne!(&c.person, &facts.requester.id);
                prop_assert_ne!(Some(&c.person), facts.requester.delegate.as_ref());
                prop_assert!(!c.because.is_empty());
            }
            for c in &step.candidates {
                prop_assert!(named.insert(c.person.clone()), "{} is asked twice", c.person);
            }
        }
        let slots: Vec<Slot> = d.route.outcome.steps().iter().map(|s| s.slot).collect();
        prop_assert!(slots.is_sorted());
        if d.route.level == Level::TwoPerson && d.route.outcome != Outcome::Denied {
            prop_assert!(d.route.persons >= 2);
        }
        if d.route.outcome == Outcome::Automatic {
            let asks = join(&d.route.findings);
            prop_assert_eq!(asks.level, Level::Automatic);
            prop_assert_eq!(asks, Requirement { slots: [].into(), ..join(&d.route.findings) });
        }
    }

}

proptest! {
    // Each case decides some sixty times.
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// 23: taking any attribute from any entity, or anything from the context, never turns a route without it into an automatic one.
    #[test]
    fn a_missing_attribute_never_opens_a_door(facts in requests(), plain in any::<bool>()) {
        let facts = if plain { sales_report() } else { facts };
        static WATCHED: std::sync::OnceLock<Rules> = std::sync::OnceLock::new();
        let watched = WATCHED.get_or_init(|| {
            let texts = Rules::default_texts();
            let text = format!("{}\n@id(\"GR-KIND\") @reason(\"r\") forbid (principal, action == Action::\"auto_approve\", resource)
                when {{ resource.kind == \"report\" && context.days > 3 && !principal.groups.contains(\"trusted\") }};", texts.guardrails);
            Rules::from_texts(&Texts { guardrails: &text, ..texts }).unwrap()
        });
        let world = World::of(&facts, true).unwrap();
        let goes = |world: &World| {
            let mut verdict = Verdict::default();
            guard(&watched.policy.guardrails, world, false, &mut verdict);
            let assessment = assess(&watched.risk, &facts, &verdict);
            route(&watched.routing, &facts, &verdict, &assessment).outcome
        };
        let whole = goes(&world);
        if plain {
            prop_assert_ne!(&whole, &Outcome::Automatic, "the guardrail is the only thing in the way");
        }
        for less in lessened(&world) {
            prop_assert!(whole == Outcome::Automatic || goes(&less) != Outcome::Automatic);
        }
    }
}

/// The world, each time without one attribute.
fn lessened(world: &World) -> Vec<World> {
    let back = |value: EvalResult| -> RestrictedExpression { Expression::from(value).to_string().parse().unwrap() };
    let entities: Vec<(_, HashMap<String, RestrictedExpression>)> = world
        .entities
        .iter()
        .map(|e| (e.uid(), e.attrs().map(|(k, v)| (k.to_owned(), back(v.unwrap()))).collect()))
        .collect();
    let mut worlds = Vec::new();
    for (n, (_, attributes)) in entities.iter().enumerate() {
        for key in attributes.keys() {
            let made = entities.iter().enumerate().map(|(m, (uid, attributes))| {
                let mut attributes = attributes.clone();
                if m == n {
                    attributes.remove(key);
                }
                Entity::new(uid.clone(), attributes, HashSet::new()).unwrap()
            });
            worlds.push(World { entities: Entities::from_entities(made, None).unwrap(), ..world.clone() });
        }
    }
    let context: Vec<(String, RestrictedExpression)> = world.context.clone().into_iter().collect();
    for (key, _) in &context {
        let rest = context.iter().filter(|(k, _)| k != key).cloned();
        worlds.push(World { context: Context::from_pairs(rest).unwrap(), ..world.clone() });
    }
    worlds
}

/// What guardrails are shown passes their own schema, for every request.
#[test]
fn what_guardrails_see_is_what_their_schema_promises() {
    for facts in [sales_report(), clerk(), intern(), contractor(), data_scientist()] {
        let world = World::of(&facts, true).unwrap();
        let schema = rules().policy.guardrails.schema();
        Entities::from_entities(world.entities.iter().cloned(), Some(schema)).unwrap();
        for action in ["request", "auto_approve", "skip_security", "skip_second_person", "break_glass"] {
            let action = format!("Action::\"{action}\"").parse().unwrap();
            world.context.validate(schema, &action).unwrap();
        }
    }
}

/// 13: with every weight off by up to 5 %, each on its own, the named cases still come out the same way.
#[test]
fn the_named_cases_survive_a_jitter_of_five_percent() {
    let data = std::env::var_os("CLAVIGER_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from);
    let file = data.join("risk-vectors/named.jsonl");
    let Ok(lines) = std::fs::read_to_string(&file) else {
        println!("skipped: there is no {}", file.display());
        return;
    };
    // A linear congruential generator (Knuth, MMIX): the same draws every time.
    let mut state = 20_261_117_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.95 + 0.1 * ((state >> 11) as f64 / (1u64 << 53) as f64)
    };
    let texts = Rules::default_texts();
    for round in 0..60 {
        let shaken: String = texts
            .risk
            .lines()
            .map(|line| match line.split_once("{points: ") {
                Some((head, tail)) => {
                    let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap();
                    let points: f64 = tail[..digits].parse().unwrap();
                    format!("{head}{{points: {:.1}{}\n", (points * draw()).min(95.0), &tail[digits..])
                }
                None => format!("{line}\n"),
            })
            .collect();
        let shaken = Rules::from_texts(&Texts { risk: &shaken, ..texts }).unwrap();
        for line in lines.lines() {
            let mut bare: serde_json::Value = serde_json::from_str(line).unwrap();
            bare.as_object_mut().unwrap().retain(|key, _| !key.ends_with("_points_tenths"));
            let answer = claviger::cli::risk_line::answer(&shaken, bare.to_string().as_bytes()).unwrap();
            assert_eq!(answer.outcome, bare["outcome"], "{} in round {round}, score {}", bare["id"], answer.score);
        }
    }
}
