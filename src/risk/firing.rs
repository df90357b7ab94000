//! Which factors of an access request fire, each with the recorded fact it rests on in one plain sentence (RISK.md §3.2).

use std::collections::BTreeMap;

use crate::domain::decision::{Conflict, Verdict};
use crate::domain::entitlement::{DataClass, Privilege, Severity};
use crate::domain::facts::{DecisionFacts, Device, PeerFacts};
use crate::domain::person::{Population, RiskLevel};
use crate::domain::window::Seconds;
use crate::risk::peers::{rarity_tenths, wilson_at_least};
use crate::risk::score::Strength;
use crate::risk::table::RiskTable;

/// Every factor of a request that the code can fire; a table without one of them is refused.
pub const REQUEST_FACTORS: &[&str] = &[
    "priv.standard",
    "priv.elevated",
    "priv.admin",
    "priv.tier0",
    "data.internal",
    "data.confidential",
    "data.regulated",
    "data.crown",
    "data.production",
    "peer.rare",
    "hist.predicted_denial",
    "sod.low",
    "sod.medium",
    "sod.high",
    "sod.critical",
    "who.contractor",
    "who.third_party",
    "who.nonhuman_agent",
    "who.new_starter",
    "who.mover_recent",
    "who.leaver_notice",
    "who.risk_medium",
    "who.risk_high",
    "who.recent_denial",
    "who.unused_pile",
    "ctx.cross_department",
    "ctx.off_hours",
    "ctx.unmanaged_device",
    "ctx.request_burst",
    "ctx.session_elevated",
    "ctx.no_justification",
    "dur.over_30d",
    "dur.over_90d",
    "dur.permanent",
];

/// Every mitigation of a request.
pub const REQUEST_MITIGATIONS: &[&str] = &["peer_common", "jit_8h", "prior_clean_use"];

/// Every floor of a request (RISK.md §2.3).
pub const REQUEST_FLOORS: &[&str] = &["F-R1", "F-R2", "F-R3", "F-R4"];

/// What the facts say for and against.
#[derive(Debug, Default)]
pub struct Signals {
    /// Factors that fired, with strength and sentence.
    pub fired: BTreeMap<&'static str, (Strength, String)>,
    /// Factors nobody could tell.
    pub unknown: Vec<&'static str>,
    /// What speaks in favour, with its sentence.
    pub mitigations: BTreeMap<&'static str, String>,
    /// Least scores, with the sentence.
    pub floors: BTreeMap<&'static str, String>,
}

impl Signals {
    fn fire(&mut self, factor: &'static str, evidence: impl Into<String>) {
        self.fired.insert(factor, (Strength::Full, evidence.into()));
    }

    fn fire_if(&mut self, condition: bool, factor: &'static str, evidence: impl Into<String>) {
        if condition {
            self.fire(factor, evidence);
        }
    }
}

/// Looks at everything.
#[must_use]
pub fn signals(table: &RiskTable, facts: &DecisionFacts, verdict: &Verdict) -> Signals {
    let mut signals = Signals::default();
    what(facts, &mut signals);
    peers(table, facts, &mut signals);
    duties(&verdict.conflicts, &mut signals);
    who(table, facts, &mut signals);
    context(table, facts, &mut signals);
    duration(table, facts, &mut signals);
    floors(table, facts, &mut signals);
    signals
}

fn what(facts: &DecisionFacts, signals: &mut Signals) {
    let entitlement = &facts.entitlement;
    match entitlement.privilege {
        Privilege::None => {}
        Privilege::Standard => signals.fire("priv.standard", "It is ordinary access to an application."),
        Privilege::Elevated => {
            signals.fire("priv.elevated", "It is elevated access: shared writing, production reading or bulk export.");
        }
        Privilege::Admin => signals.fire("priv.admin", format!("It administers `{}`.", entitlement.system)),
        Privilege::Tier0 => {
            signals.fire(
                "priv.tier0",
                "It is one of the keys to everything: root, domain or tenant administration, or keys.",
            );
        }
    }
    match entitlement.data {
        DataClass::Public => {}
        DataClass::Internal => signals.fire("data.internal", "It opens internal data."),
        DataClass::Confidential => signals.fire("data.confidential", "It opens confidential data."),
        DataClass::Regulated => {
            signals.fire("data.regulated", "It opens regulated data: personal, health, card or financial records.");
        }
        DataClass::Crown => signals.fire("data.crown", "It opens the crown jewels."),
    }
    signals.fire_if(entitlement.production, "data.production", "It reaches production.");
}

/// `3 of 14 people in Marketing / marketing_analyst hold it`.
fn share_in_words(peers: &PeerFacts) -> String {
    let (k, n, group) = (peers.holders, peers.peers, &peers.group);
    match (k, n) {
        (_, 0) => format!("There is nobody else in {group} to compare with"),
        (0, 1) => format!("The one other person in {group} does not hold it"),
        (_, 1) => format!("The one other person in {group} holds it"),
        (0, n) => format!("None of the {n} people in {group} hold it"),
        (1, n) => format!("1 of {n} people in {group} holds it"),
        (k, n) => format!("{k} of {n} people in {group} hold it"),
    }
}

fn peers(table: &RiskTable, facts: &DecisionFacts, signals: &mut Signals) {
    let Some(peers) = &facts.peers else {
        signals.unknown.push("peer.rare");
        return;
    };
    if let Some((factor, graded)) = table.request.factors.get("peer.rare").and_then(|f| Some((f, f.graded?))) {
        let tenths = rarity_tenths(peers, &graded, factor.tenths);
        if tenths > 0 {
            signals.fired.insert("peer.rare", (Strength::Tenths(tenths), format!("{}.", share_in_words(peers))));
        }
    }
    let limits = &table.conditions;
    if peers.peers >= limits.common_peers && wilson_at_least(peers.holders, peers.peers, limits.common_share_percent) {
        signals.mitigations.insert("peer_common", format!("{}: it is common among them.", share_in_words(peers)));
    }
}

/// A conflict covered by an exception in force counts as one with a detective control.
fn duties(conflicts: &[Conflict], signals: &mut Signals) {
    let mut by_factor: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for conflict in conflicts {
        let factor = match conflict.severity {
            _ if conflict.excepted => "sod.low",
            Severity::Low => "sod.low",
            Severity::Medium => "sod.medium",
            Severity::High => "sod.high",
            Severity::Critical => "sod.critical",
        };
        let covered = if conflict.excepted { ", covered by an exception" } else { "" };
        let said = format!("{} `{}` ({}{covered})", conflict.rule, conflict.name, conflict.with);
        by_factor.entry(factor).or_default().push(said);
    }
    for (factor, said) in by_factor {
        signals.fire(factor, format!("Duties that have to stay apart would meet: {}.", said.join("; ")));
    }
    let critical: Vec<String> = conflicts
        .iter()
        .filter(|c| c.severity == Severity::Critical && !c.excepted)
        .map(|c| c.rule.to_string())
        .collect();
    if !critical.is_empty() {
        signals.floors.insert("F-R2", format!("A critical duty conflict would arise: {}.", critical.join(", ")));
    }
}

fn who(table: &RiskTable, facts: &DecisionFacts, signals: &mut Signals) {
    let (person, limits) = (&facts.beneficiary, &table.conditions);
    match person.population {
        Population::Employee => {}
        Population::Contractor => signals.fire("who.contractor", "The access is for a contractor."),
        Population::ThirdParty => {
            signals.fire("who.third_party", "The access is for a vendor's or partner's identity.")
        }
        Population::Agent => signals.fire("who.nonhuman_agent", "The access is for an agent, not a human."),
    }
    let days = |n: i64| format!("{n} day{}", if n == 1 { "" } else { "s" });
    if person.tenure_days < limits.new_starter_days {
        let said = match person.tenure_days {
            n if n < 0 => "They have not started yet.".to_owned(),
            n => format!("They started {} ago.", days(n)),
        };
        signals.fire("who.new_starter", said);
    }
    if let Some(moved) = person.moved_days_ago.filter(|&n| n < limits.mover_days) {
        signals.fire("who.mover_recent", format!("They changed jobs {} ago.", days(moved.max(0))));
    }
    signals.fire_if(person.notice, "who.leaver_notice", "They are in their notice period.");
    match person.risk.max(facts.requester.risk) {
        RiskLevel::Low => {}
        RiskLevel::Medium => signals.fire("who.risk_medium", "Their sign-ins look odd right now."),
        RiskLevel::High => {
            signals.fire("who.risk_high", "Their sign-ins look dangerous right now.");
            signals.floors.insert("F-R1", "The current sign-in risk is high.".to_owned());
        }
    }
    let again = "The same access was denied to them in the last 30 days.";
    signals.fire_if(facts.history.denied_in_30_days, "who.recent_denial", again);
    match facts.history.unused_share_ppm {
        None => signals.unknown.push("who.unused_pile"),
        Some(ppm) if ppm >= limits.unused_share_ppm => {
            signals.fire("who.unused_pile", format!("{} % of what they hold went unused for 90 days.", ppm / 10_000));
        }
        Some(_) => {}
    }
    if facts.history.held_before {
        let said = "They held it before and gave it back without incident.";
        signals.mitigations.insert("prior_clean_use", said.to_owned());
    }
}

fn context(table: &RiskTable, facts: &DecisionFacts, signals: &mut Signals) {
    let limits = &table.conditions;
    if facts.crosses_departments() {
        let said = format!(
            "It belongs to {}; the person works in {}.",
            facts.entitlement.owner_department, facts.beneficiary.department
        );
        signals.fire("ctx.cross_department", said);
    }
    let (minute, hours) = (facts.requester.local_minute, limits.working_hours);
    let working = (hours.from_minute..hours.until_minute).contains(&minute)
        && (1..=hours.last_weekday).contains(&facts.requester.local_weekday);
    if !working {
        let day = ["", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let day = day.get(usize::from(facts.requester.local_weekday)).copied().unwrap_or_default();
        let said =
            format!("It was asked outside working hours, {day} {:02}:{:02} local time.", minute / 60, minute % 60);
        signals.fire("ctx.off_hours", said);
    }
    match facts.session.device {
        Device::Managed => {}
        Device::Unmanaged => signals.fire("ctx.unmanaged_device", "It was asked from a device nobody manages."),
        Device::Unknown => signals.unknown.push("ctx.unmanaged_device"),
    }
    if facts.history.requests_last_hour > limits.burst_per_hour {
        let said = format!("It is request number {} within an hour.", facts.history.requests_last_hour);
        signals.fire("ctx.request_burst", said);
    }
    let step_up = "The session needed a step-up in the last hour.";
    signals.fire_if(facts.session.elevated, "ctx.session_elevated", step_up);
    let silent = facts.entitlement.reason_required && !facts.reason_given;
    signals.fire_if(silent, "ctx.no_justification", "A reason is needed for this and none was given.");
}

fn duration(table: &RiskTable, facts: &DecisionFacts, signals: &mut Signals) {
    let limits = &table.conditions;
    match facts.window.length() {
        None => signals.fire("dur.permanent", "No end was asked for."),
        Some(length) if length > Seconds::days(limits.as_good_as_open_days) => {
            signals.fire("dur.permanent", format!("It is asked for {length}, as good as without an end."));
        }
        Some(length) if length > Seconds::days(limits.very_long_days) => {
            signals.fire("dur.over_90d", format!("It is asked for {length}."));
        }
        Some(length) if length > Seconds::days(limits.long_days) => {
            signals.fire("dur.over_30d", format!("It is asked for {length}."));
        }
        Some(length) if length <= Seconds::hours(limits.short_use_hours) => {
            signals.mitigations.insert("jit_8h", format!("It is asked for {length} only."));
        }
        Some(_) => {}
    }
}

fn floors(table: &RiskTable, facts: &DecisionFacts, signals: &mut Signals) {
    let entitlement = &facts.entitlement;
    let age = {
        let today = facts.asked_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        i64::from((today - entitlement.created).get_days())
    };
    let strong = entitlement.privilege >= Privilege::Elevated || entitlement.production;
    let nobody = facts.peers.as_ref().is_some_and(|p| p.holders == 0);
    if strong && nobody && age >= table.conditions.new_entitlement_days {
        let said = "Nobody in the peer group holds it, and it is elevated or reaches production.";
        signals.floors.insert("F-R3", said.to_owned());
    }
    if entitlement.privilege == Privilege::Tier0 || entitlement.data == DataClass::Crown {
        signals.floors.insert("F-R4", "It is a key to everything or a crown jewel.".to_owned());
    }
}
